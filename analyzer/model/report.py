"""Everything that one run found, before anyone chooses language, colour or format."""

from __future__ import annotations

from dataclasses import dataclass

from analyzer.model.findings import Finding
from analyzer.model.http import Exchange
from analyzer.model.notes import Note
from analyzer.model.packets import CaptureFacts
from analyzer.model.streams import Endpoint

__all__ = ["Activity", "CaptureSummary", "PasteSummary", "Report"]


@dataclass(frozen=True, slots=True)
class CaptureSummary:
    """A capture file and what was seen in it."""

    facts: CaptureFacts
    streams: int
    exchanges: int
    gaps: int
    notes: tuple[Note, ...] = ()


@dataclass(frozen=True, slots=True)
class Activity:
    """When the exchanges of a connection began, in a bounded number of places. Findings are not among them."""

    ends: tuple[Endpoint, Endpoint] | None  #: client and server; None: of several connections together
    connections: int
    moments: tuple[tuple[int, int], ...]  #: (time in nanoseconds, number of exchanges that began about then), ascending


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
    activity: tuple[Activity, ...] = ()  #: all exchanges that are no findings, of how many connections it may be
    notes: tuple[Note, ...] = ()
    paste: PasteSummary | None = None  #: instead of captures: frames and connections mean nothing then
