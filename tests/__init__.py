"""Tests; they mirror the tree of ``analyzer``."""
