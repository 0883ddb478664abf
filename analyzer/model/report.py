"""Everything that one run found, before anyone chooses language, colour or format."""

from __future__ import annotations

from dataclasses import dataclass

from analyzer.model.findings import Finding
from analyzer.model.http import Exchange
from analyzer.model.notes import Note
from analyzer.model.packets import CaptureFacts

__all__ = ["CaptureSummary", "PasteSummary", "Report"]


@dataclass(frozen=True, slots=True)
class CaptureSummary:
    """A capture file and what was seen in it."""

    facts: CaptureFacts
    streams: int
    exchanges: int
    gaps: int
    notes: tuple[Note, ...] = ()


@dataclass(frozen=True, slots=True)
class PasteSummary:
    """A text that was read instead of a capture."""

    path: str
    requests: int  #: requests and answers that could be told apart in it
    took: tuple[Note, ...]  #: what could be taken from it
    missing: Note | None  #: what would tell more


@dataclass(frozen=True, slots=True)
class Report:
    """The result of ``analyze()``."""

    captures: tuple[CaptureSummary, ...]
    findings: tuple[Finding, ...]
    errors: tuple[Note, ...] = ()  #: inputs, or stretches of them, that could not be read
    incomplete: bool = False  #: gaps, encrypted streams without keys or limits left something unseen
    interrupted: bool = False
    context: tuple[Exchange, ...] = ()  #: other exchanges kept for comparison (nearest successes)
    notes: tuple[Note, ...] = ()
    paste: PasteSummary | None = None  #: instead of captures: frames and connections mean nothing then
