"""The floors joined: sources in, report out.

Nothing is computed here. ``analyze`` opens the sources, lets the engine hand up exchanges, has each read by the oss
floor and explained by diagnosis, and gathers the report. Exchanges flow one at a time, so memory does not grow with
the capture; only what failed, and a bounded sample of successes to compare with, is kept.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from analyzer.model.secrets import SecretBook

__all__ = ["Options", "Progress"]


@dataclass(frozen=True, slots=True)
class Options:
    """What a caller may choose; everything has a sensible default."""

    secrets: SecretBook = field(default_factory=SecretBook)
    keylogs: tuple[str, ...] = ()  #: paths of NSS key logs
    body_limit: int = 1 << 20  #: bytes of a failing exchange's bodies that are kept
    max_findings: int = 10_000  #: failures explained one by one; the rest is counted


@dataclass(frozen=True, slots=True)
class Progress:
    """How far reading has come."""

    bytes_read: int
    bytes_total: int | None  #: None for pipes
    packets: int
    exchanges: int
    failures: int


ProgressListener = Callable[[Progress], None]
