"""Exchanges written anew: heads with their values replaced, bodies as ``bodies`` makes them.

A head is edited in place, value by value, and read again by the reader of heads, so that nothing about it is known
twice. Offsets move with the edits: which frame carried which byte stays true.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import replace

from analyzer.http.head import read_head, request_line
from analyzer.model.http import Body, Exchange, Head, Header, Message, Request, Response, Span
from analyzer.model.notes import Kind
from analyzer.model.streams import Connection, Endpoint, Segment
from analyzer.report.redaction.bodies import Bodies
from analyzer.report.redaction.values import Values
from analyzer.report.redaction.vocabulary import SENTENCE_WORDS

__all__ = ["Exchanges"]

_LENGTH = re.compile(rb"\d{1,19}")  #: what the reader of messages takes for a length
#: Bytes ``[start, end)`` of a head become the bytes.
_Edit = tuple[int, int, bytes]


class Exchanges:
    """Rewrites exchanges. Notes on them are left as they are; they are replaced when all values are known."""

    def __init__(self, values: Values, bodies: Bodies) -> None:
        self._values = values
        self._bodies = bodies

    def rewritten(self, exchange: Exchange) -> Exchange:
        """The exchange with pseudonyms. Both bodies come first: headers name their digests."""
        request, response = exchange.request, exchange.response
        self._values.names.update(h.lower for m in (request, response) if m is not None for h in m.head.headers)
        asked = self._bodies.replaced(request) if request is not None else None
        answered = self._bodies.replaced(response) if response is not None else None
        return replace(
            exchange,
            connection=self.connection(exchange.connection),
            request=self._request(request, asked) if request is not None and asked is not None else None,
            response=self._response(response, answered) if response is not None and answered is not None else None,
            interim=tuple(self._response(answer, self._bodies.replaced(answer)) for answer in exchange.interim),
        )

    def connection(self, connection: Connection) -> Connection:
        """The connection between the addresses that stand there now."""
        return replace(connection, client=self.endpoint(connection.client), server=self.endpoint(connection.server))

    def endpoint(self, end: Endpoint) -> Endpoint:
        """Another address, the same port."""
        return Endpoint(self._values.addresses.packed(end.address), end.port)

    def _request(self, request: Request, body: Body) -> Request:
        raw = request.head.raw
        method = self._values.method(request.method)
        target = self._values.target(request.target)
        at = raw.find(request.target, len(request.method)) if request.target else -1
        edits: list[_Edit] = [(0, len(request.method), method)]
        if at >= 0:
            edits.append((at, at + len(request.target), target))
        line, head, segments = self._head(request, body, edits)
        parts = request_line(line)
        return replace(
            request,
            head=head,
            body=body,
            method=parts.method if parts is not None else method,
            target=parts.target if parts is not None else target,
            trailers=self._trailers(request.trailers),
            segments=segments,
        )

    def _response(self, response: Response, body: Body) -> Response:
        reason = self._reason(response.reason)
        at = response.head.raw.find(response.reason, len(response.version) + 4) if response.reason else -1
        edits = [(at, at + len(response.reason), reason)] if at >= 0 else []
        _, head, segments = self._head(response, body, edits)
        return replace(
            response,
            head=head,
            body=body,
            reason=reason,
            trailers=self._trailers(response.trailers),
            segments=segments,
        )

    def _head(self, message: Message, body: Body, edits: list[_Edit]) -> tuple[bytes, Head, tuple[Segment, ...]]:
        """Start line, head, and the segments that carry them now."""
        head = message.head
        edits += self._header_edits(head, body.length - message.body.length)
        edits += self._stray_edits(head)
        edits.sort()
        raw, moved = _edited(head.raw, edits)
        line, new = read_head(raw, tuple(Span(moved(s.start), moved(s.end), s.frame) for s in head.spans))
        return line, new, tuple(_moved_segments(message, body.length - message.body.length, moved, len(raw)))

    def _header_edits(self, head: Head, growth: int) -> Iterator[_Edit]:
        for header in head.headers:
            yield header.line_start, header.line_start + len(header.name), self._values.name(header.name)
            if header.lower == b"content-length" and growth and _LENGTH.fullmatch(header.value):
                yield header.start, header.end, b"%d" % max(int(header.value) + growth, 0)
            else:
                yield header.start, header.end, self._values.header(header.name, header.value)

    def _stray_edits(self, head: Head) -> Iterator[_Edit]:
        """Lines that are no header: whatever they are, they are replaced."""
        raw = head.raw
        at = raw.find(b"\n") + 1 or len(raw)
        for header in head.headers:
            yield from self._stray(raw, at, header.line_start)
            at = header.end
        yield from self._stray(raw, at, len(raw))

    def _stray(self, raw: bytes, start: int, end: int) -> Iterator[_Edit]:
        if raw[start:end].strip():
            yield start, end, self._values.replaced(Kind.HEADER_VALUE, raw[start:end])

    def _trailers(self, trailers: tuple[Header, ...]) -> tuple[Header, ...]:
        value, name = self._values.header, self._values.name
        return tuple(replace(t, name=name(t.name), value=value(t.name, t.value)) for t in trailers)

    def _reason(self, reason: bytes) -> bytes:
        words = reason.decode("latin-1").lower().split()
        if all(word in SENTENCE_WORDS or word in _REASONS for word in words):
            return reason
        return self._values.replaced(Kind.HEADER_VALUE, reason)


#: Words of reason phrases (RFC 9110, section 15) that error messages do not use.
_REASON_WORDS = (
    "ok accepted partial multi-status moved permanently temporarily redirect payment acceptable timeout conflict gone "
    "unsupported media satisfiable implemented gateway unavailable reset multiple choices unprocessable"
)
_REASONS = frozenset(_REASON_WORDS.split())


def _moved_segments(message: Message, growth: int, moved: _Moved, head: int) -> Iterator[Segment]:
    """The same segments over the new bytes: the body has moved with the head's end, the last one takes its growth."""
    old_head = len(message.head.raw)
    old_end = max((segment.end for segment in message.segments), default=0)
    end = max(head, old_end + head - old_head + growth) if old_end > old_head else head

    def place(offset: int) -> int:
        if offset >= old_end:
            return end
        return min(moved(offset), head) if offset <= old_head else min(head + offset - old_head, end)

    for segment in message.segments:
        start = place(segment.offset)
        yield replace(segment, offset=start, length=place(segment.end) - start)


def _edited(raw: bytes, edits: list[_Edit]) -> tuple[bytes, _Moved]:
    out: list[bytes] = []
    marks: list[tuple[int, int]] = [(0, 0)]
    at = shift = 0
    for start, end, new in edits:
        if start < at:
            continue
        out += [raw[at:start], new]
        if len(new) != end - start:
            shift += len(new) - (end - start)
            marks.append((end, shift))
        at = end
    out.append(raw[at:])
    return b"".join(out), _Moved(marks)


class _Moved:
    """Old offset → new offset."""

    __slots__ = ("_at", "_shifts")

    def __init__(self, marks: list[tuple[int, int]]) -> None:
        self._at = [at for at, _ in marks]
        self._shifts = [shift for _, shift in marks]

    def __call__(self, offset: int) -> int:
        return max(offset + self._shifts[bisect_right(self._at, offset) - 1], 0)
