"""What a run has to say about its encrypted connections: few sentences, however many connections there are.

Connections that stayed closed are told by reason and server, the first of each with its time and the others as a
number; then what to do, once for each kind of reason; then remarks on connections that were opened.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from analyzer.model.notes import Note, Value, note
from analyzer.tls.keylog import KeyLog

if TYPE_CHECKING:
    from analyzer.model.tls import TlsOutcome

__all__ = ["Told", "told"]

_MOST = 8  #: reasons and servers, and remarks, told one by one
#: Remedy → the lines to type, each a sentence of its own so that it stands alone wherever it is shown.
_LINES: dict[str, tuple[Note, ...]] = {
    "tls.remedy-write-keylog": (
        note("tls.remedy-line-client"),
        note("tls.remedy-line-ossig"),
        note("tls.remedy-clients"),
    )
}
#: What is said of a key log as a whole → the reason for a connection that says the same.
_SAYS_ALREADY = {"tls.keylog-empty": "tls.keylog-holds-nothing"}
#: Remarks on opened connections that mean that something in them was not read.
_UNREAD = frozenset({"tls.http2", "tls.early-data-closed", "tls.lost-track"})


@dataclass(frozen=True, slots=True)
class Told:
    """Notes for the report, and whether something remained unread."""

    notes: tuple[Note, ...]
    incomplete: bool


def told(outcomes: Sequence[TlsOutcome], closed: int, keylog: KeyLog) -> Told:
    """``outcomes``: of the connections that are known one by one; ``closed``: how many in all could not be read."""
    shut = [outcome for outcome in outcomes if outcome.why_not is not None]
    remarks = _remarks(outcomes)
    unread = any(said.key in _UNREAD for outcome in outcomes for said in outcome.notes)
    lost = sum(outcome.lost_records for outcome in outcomes)
    count = max(closed, len(shut))
    out = [note("tls.closed", count=count)] if count else []
    out += _reasons(shut, count)
    out += remarks
    if lost:
        out.append(note("tls.records-lost", count=lost))
    if outcomes:
        said = {outcome.why_not.key for outcome in shut if outcome.why_not is not None}
        out += [one for one in keylog.notes if _SAYS_ALREADY.get(one.key) not in said]
    return Told(tuple(out), bool(count or unread or lost))


def _reasons(shut: Sequence[TlsOutcome], count: int) -> list[Note]:
    groups: dict[tuple[str, Value | None], list[TlsOutcome]] = {}
    for outcome in shut:
        if outcome.why_not is not None:
            groups.setdefault((outcome.why_not.key, outcome.why_not.get("server")), []).append(outcome)
    out: list[Note] = []
    for alike in list(groups.values())[:_MOST]:
        first = alike[0].why_not
        out += [first] if first is not None else []
        if len(alike) > 1:
            out.append(note("tls.closed-alike", count=len(alike) - 1, server=(first and first.get("server")) or "?"))
    rest = count - sum(len(alike) for alike in list(groups.values())[:_MOST])
    if rest:
        out.append(note("tls.closed-others", count=rest))
    for remedy in dict.fromkeys(outcome.remedy for outcome in shut if outcome.remedy is not None):
        out += [remedy, *_LINES.get(remedy.key, ())]
    return out


def _remarks(outcomes: Sequence[TlsOutcome]) -> list[Note]:
    """Each remark once for each server; beyond a number of a kind, only their number."""
    kinds: dict[str, dict[tuple[tuple[str, Value], ...], Note]] = {}
    for outcome in outcomes:
        for said in outcome.notes:
            if said.key != "tls.records-lost":
                same = tuple((name, value) for name, value in said.args if name != "time")
                kinds.setdefault(said.key, {}).setdefault(same, said)
    out: list[Note] = []
    for found in kinds.values():
        out += list(found.values())[:_MOST]
        if len(found) > _MOST:
            out.append(note("tls.remarks-others", count=len(found) - _MOST))
    return out
