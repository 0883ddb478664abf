"""Tests of ``analyzer.capture``."""
