"""An exchange from raw HTTP text: a pasted request, a pasted answer, or both, without any capture.

Each text counts as one pseudo frame: ``frame`` for the request, ``frame + 1`` for the answer. The text is read by
the same head reader and the same body rules as captured streams. Tools that print messages (curl, browsers) print
bodies after their coding was undone and never to the byte; such text is ``loose``: what follows the head is the body.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from analyzer.http.chunked import ChunkedReader
from analyzer.http.digests import digests_of
from analyzer.http.head import (
    head_end,
    oddities,
    read_head,
    request_line,
    request_oddities,
    skip_empty_lines,
    status_line,
)
from analyzer.http.rules import Ending, Plan, answer_plan, request_plan
from analyzer.model.http import Body, Exchange, Head, Header, Request, Response, Span
from analyzer.model.notes import Note, note
from analyzer.model.streams import Connection, Endpoint

__all__ = ["exchange_from_bytes", "exchange_of_document"]

_NOWHERE = Endpoint(b"\0\0\0\0", 0)
_UNSEEN = Connection(0, _NOWHERE, _NOWHERE, handshake=False)
_BY_PRINTING = frozenset({"http.bare-line-feed", "http.head-cut"})
#: Answers to one request in a pasted text: interim ones before the last.
_MAX_INTERIM = 16


class _Text:
    """Bytes that the chunked reader can look at."""

    __slots__ = ("data", "end", "start")

    def __init__(self, data: bytes, start: int) -> None:
        self.data, self.start, self.end = data, start, len(data)

    def read(self, start: int, end: int) -> bytes:
        return self.data[start:end]


def exchange_from_bytes(
    request: bytes | None, response: bytes | None, *, frame: int = 1, time: int = 0, loose: bool = False
) -> Exchange:
    """Read one request and one answer (either may be None, or not be HTTP: then that side is None).

    ``time`` is given to both messages, nanoseconds since 1970. Bodies are de-chunked and kept whole; where the text is
    ``loose`` they are what follows the head, complete only where Content-Length says so too.
    """
    asked = _request(request, frame, time, loose) if request else None
    answers = list(_answers(response, asked, frame + 1, time, loose)) if response else []
    final = answers.pop() if answers else None
    whole = asked is not None and final is not None and asked.body.complete and final.body.complete
    return Exchange(_UNSEEN, asked, final, tuple(answers), complete=whole, certain=True)


def exchange_of_document(document: bytes, status: int, *, asked: Request | None = None, frame: int = 2) -> Exchange:
    """An exchange of whose answer only the body is known: no status line, no header."""
    body = Body(len(document), len(document), None, False, document, None, (frame,))
    answer = Response(Head(b"", (), ()), body, b"", 0, 0, (frame,), (), (), status=status, reason=b"")
    return Exchange(_UNSEEN, asked, answer)


def _split(text: bytes, start: int, frame: int) -> tuple[bytes, Head, int]:
    """(start line, head, offset of the body)."""
    begin = skip_empty_lines(text, start)
    end = head_end(text, begin) or len(text)
    raw = text[begin:end]
    line, head = read_head(raw, (Span(0, len(raw), frame),))
    return line, head, end


def _oddities(head: Head, loose: bool) -> Iterator[Note]:
    """What is odd about a head; printed text lost its line ends, which says nothing of what was sent."""
    return (told for told in oddities(head) if not (loose and told.key in _BY_PRINTING))


def _request(text: bytes, frame: int, time: int, loose: bool) -> Request | None:
    line, head, at = _split(text, 0, frame)
    parts = request_line(line)
    if parts is None:
        return None
    plan = request_plan(head)
    body, trailers, notes, _ = _body(text, at, plan, frame, loose)
    said = (*_oddities(head, loose), *request_oddities(parts.target), *plan.notes, *notes)
    return Request(
        head, body, parts.version, time, time, (frame,), trailers, said, method=parts.method, target=parts.target
    )


def _answers(text: bytes, asked: Request | None, frame: int, time: int, loose: bool) -> list[Response]:
    """Interim answers and the final one."""
    found: list[Response] = []
    at = 0
    while len(found) < _MAX_INTERIM:
        line, head, at = _split(text, at, frame)
        parts = status_line(line)
        if parts is None:
            break
        plan = answer_plan(head, parts.status, asked.method if asked else None)
        body, trailers, notes, at = _body(text, at, plan, frame, loose)
        said = (*_oddities(head, loose), *plan.notes, *notes)
        frames = (frame,)
        found.append(
            Response(
                head, body, parts.version, time, time, frames, trailers, said, status=parts.status, reason=parts.reason
            )
        )
        if parts.status >= 200 or at >= len(text):
            break
    return found


def _body(
    text: bytes, at: int, plan: Plan, frame: int, loose: bool
) -> tuple[Body, tuple[Header, ...], tuple[Note, ...], int]:
    """(body, trailers, notes, offset behind it)."""
    if loose and plan.ending not in (Ending.NONE, Ending.TUNNEL):
        data = text[at:]
        sized = plan.ending is Ending.LENGTH
        body = _body_of(data, plan, sized and len(data) == plan.length, frame)
        return replace(body, length=max(plan.length, len(data)) if sized else len(data)), (), (), len(text)
    if plan.ending is Ending.CHUNKED:
        return _chunked_body(text, at, plan, frame)
    end = len(text)
    if plan.ending in (Ending.NONE, Ending.TUNNEL):
        end = at
    elif plan.ending is Ending.LENGTH:
        end = min(end, at + plan.length)
    data = text[at:end]
    whole = plan.ending is not Ending.LENGTH or len(data) == plan.length
    notes = () if whole else (note("http.content-length-lies", declared=plan.length, seen=len(data)),)
    return _body_of(data, plan, whole, frame), (), notes, end


def _chunked_body(
    text: bytes, at: int, plan: Plan, frame: int
) -> tuple[Body, tuple[Header, ...], tuple[Note, ...], int]:
    reader = ChunkedReader()
    extents: list[tuple[int, int]] = []
    end = reader.advance(_Text(text, at), at, extents)
    data = b"".join(text[a:b] for a, b in extents)
    notes = () if reader.done else (note("http.chunked-broken" if reader.broken else "http.chunked-cut"),)
    return _body_of(data, plan, reader.done, frame), reader.trailers, notes, end


def _body_of(data: bytes, plan: Plan, whole: bool, frame: int) -> Body:
    digests = digests_of((data,), crc=True) if whole else None
    frames = (frame,) if data else ()
    return Body(len(data), len(data), plan.declared, whole, data, digests, frames)
