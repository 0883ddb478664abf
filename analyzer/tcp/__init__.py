"""Batches of segments become streams: data, explicit gaps, overlaps, with frame numbers."""

from __future__ import annotations

from analyzer.tcp.events import events

__all__ = ["events"]
