"""What callers give to the pipeline, and what it tells them on the way."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from analyzer.model.secrets import Secret, SecretBook

if TYPE_CHECKING:
    from analyzer.diagnosis import SearchProgress

__all__ = ["Options", "Paths", "Progress", "ProgressListener"]

Paths = Sequence[str | os.PathLike[str]]


@dataclass(frozen=True, slots=True)
class Options:
    """What a caller may choose; everything has a sensible default."""

    secrets: SecretBook = field(default_factory=SecretBook)
    keylogs: tuple[Secret, ...] = ()  #: texts of NSS key logs
    body_limit: int = 1 << 20  #: bytes of a failing exchange's bodies that are read and digested
    kept_body: int | None = None  #: bytes of a request's body that a finding keeps; None: all that were read
    segments: bool = True  #: findings list their segments, as pictures and captures made anew need them
    max_findings: int = 10_000  #: failures explained one by one; the rest is counted
    context: int = 64  #: successes kept to compare failures with
    clock: Callable[[], float] | None = None  #: seconds that never run backwards, to bound the secret search in time
    search: Callable[[SearchProgress], None] | None = None  #: told how far the secret search has come
    batch_packets: int | None = None  #: at most so many packets at a time; results do not depend on it
    fast: bool = True  #: columns of packets and stretches of messages; results do not depend on it
    checks: bool = True  #: ``analyze_transfers``: checksums of bodies are computed


@dataclass(frozen=True, slots=True)
class Progress:
    """How far reading has come."""

    bytes_read: int
    bytes_total: int | None  #: None for pipes and compressed files
    packets: int
    exchanges: int
    failures: int
    streams: int = 0


ProgressListener = Callable[[Progress], None]
