"""Live captures, piece by piece; the whole is tested in tests/cli/test_live.py."""
