"""Encrypted streams and a key log become plain streams, or the reason why not."""
