"""How long is a message's body? RFC 9112, section 6.3, as a table of rules tried in order.

Each row names its sentence in the RFC. A rule looks at what is known about the message and answers with a ``Plan`` or
None; the first answer counts. The tables are total: their last rows always answer.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum

from analyzer.model.http import Head
from analyzer.model.notes import Kind, Note, Wire, note

__all__ = ["Ending", "Plan", "Rule", "answer_plan", "content_length", "request_plan"]


class Ending(Enum):
    """What ends the body."""

    NONE = "none"  #: there is no body
    LENGTH = "length"
    CHUNKED = "chunked"
    CLOSE = "close"
    TUNNEL = "tunnel"  #: what follows is another protocol


@dataclass(frozen=True, slots=True)
class Plan:
    """What ends the body, and after how many bytes (LENGTH only)."""

    ending: Ending
    length: int = 0
    declared: int | None = None
    notes: tuple[Note, ...] = ()


@dataclass(frozen=True, slots=True)
class _Known:
    """What the rules may look at."""

    head: Head
    status: int = 0
    method: bytes | None = None  #: of the request that is answered, None where it is not known


@dataclass(frozen=True, slots=True)
class Rule:
    """One row: where it stands and what it says."""

    source: str
    decide: Callable[[_Known], Plan | None]


#: Beyond this a Content-Length is no number that anybody means.
_MAX_LENGTH = 1 << 62


def content_length(head: Head) -> tuple[int | None, tuple[Note, ...]]:
    """The declared length and what is odd about it. Several equal values count as one (RFC 9110, section 8.6); of
    differing ones the first is taken; no number at all is None."""
    values = [part.strip(b" \t") for h in head.all(b"content-length") for part in h.value.split(b",")]
    if not values:
        return None, ()
    numbers = [int(v) for v in values if v.isdigit() and len(v) < 20]
    notes: list[Note] = []
    if len(set(values)) > 1:
        kind = Kind.PUBLIC if all(value.isdigit() for value in values) else Kind.HEADER_VALUE
        shown = Wire(b", ".join(values)[:200], kind)
        notes.append(note("http.several-content-lengths", values=shown))
    if not numbers or numbers[0] > _MAX_LENGTH:
        notes.append(note("http.content-length-unreadable", value=Wire(values[0][:80], Kind.HEADER_VALUE)))
        return None, tuple(notes)
    return numbers[0], tuple(notes)


def _last_coding(head: Head) -> bytes | None:
    """The last transfer coding, lower case; None without the header."""
    fields = head.all(b"transfer-encoding")
    if not fields:
        return None
    codings = [c.strip(b" \t\r\n") for f in fields for c in f.value.lower().split(b",")]
    named = [c for c in codings if c]
    return named[-1] if named else None


def _bodiless(known: _Known) -> Plan | None:
    if known.method == b"HEAD" or 100 <= known.status < 200 or known.status in (204, 304):
        return Plan(Ending.NONE, 0, content_length(known.head)[0])
    return None


def _switched(known: _Known) -> Plan | None:
    return Plan(Ending.TUNNEL) if known.status == 101 else None


def _tunnel(known: _Known) -> Plan | None:
    return Plan(Ending.TUNNEL) if known.method == b"CONNECT" and 200 <= known.status < 300 else None


def _chunked(known: _Known) -> Plan | None:
    if _last_coding(known.head) != b"chunked":
        return None
    declared, notes = content_length(known.head)
    if declared is not None:
        notes = (*notes, note("http.length-and-chunked", declared=declared))
    return Plan(Ending.CHUNKED, 0, declared, notes)


def _other_coding(known: _Known) -> Plan | None:
    """Until close; a list like ``gzip, identity`` from lenient servers falls back to the length when there is one."""
    coding = _last_coding(known.head)
    if coding in (None, b"identity") or content_length(known.head)[0] is not None:
        return None
    return Plan(Ending.CLOSE)


def _length(known: _Known) -> Plan | None:
    declared, notes = content_length(known.head)
    return Plan(Ending.LENGTH, declared, declared, notes) if declared is not None else None


def _until_close(known: _Known) -> Plan:
    return Plan(Ending.CLOSE, 0, None, content_length(known.head)[1])


def _no_body(known: _Known) -> Plan:
    return Plan(Ending.NONE, 0, None, content_length(known.head)[1])


_ANSWERS: tuple[Rule, ...] = (
    Rule("RFC 9110, section 15.2.2: 101 hands the connection to another protocol", _switched),
    Rule("RFC 9112, section 6.3, item 1: HEAD, 1xx, 204, 304", _bodiless),
    Rule("RFC 9112, section 6.3, item 2: 2xx to CONNECT", _tunnel),
    Rule("RFC 9112, section 6.3, item 4: chunked is the last coding; it overrides Content-Length (item 3)", _chunked),
    Rule("RFC 9112, section 6.3, item 4: another last coding ends with the connection", _other_coding),
    Rule("RFC 9112, section 6.3, item 6: Content-Length", _length),
    Rule("RFC 9112, section 6.3, item 8: until the connection closes", _until_close),
)

_REQUESTS: tuple[Rule, ...] = (
    Rule("RFC 9112, section 6.3, item 4: chunked is the last coding", _chunked),
    Rule("RFC 9112, section 6.3, item 6: Content-Length", _length),
    Rule("RFC 9112, section 6.3, item 7: a request without either has no body", _no_body),
)


def _decide(rules: tuple[Rule, ...], known: _Known) -> Plan:
    return next(plan for rule in rules if (plan := rule.decide(known)) is not None)


def request_plan(head: Head) -> Plan:
    """How the body of a request ends."""
    return _decide(_REQUESTS, _Known(head))


def answer_plan(head: Head, status: int, method: bytes | None) -> Plan:
    """How the body of an answer ends; ``method`` is that of its request, None where it is not known."""
    return _decide(_ANSWERS, _Known(head, status, method))
