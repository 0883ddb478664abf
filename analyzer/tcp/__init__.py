"""Batches of segments become streams: data, explicit gaps, overlaps, with frame numbers."""
