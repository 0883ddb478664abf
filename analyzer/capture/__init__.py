"""Bytes of files, pipes and interfaces become batches of TCP segments in columns."""
