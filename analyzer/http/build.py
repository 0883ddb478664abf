"""Drafts become results: header lists, frames, bodies and digests, for the exchanges that are shown.

Bytes are read here and only here, from the batch while it lasts or from the file again. What is odd about a message
is said here, too, so that messages nobody asks for cost nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial

from analyzer.http.digests import digests_of
from analyzer.http.draft import Draft, Pair, Slice
from analyzer.http.head import RequestLine, StatusLine, oddities, read_head, request_oddities
from analyzer.http.segments import segments_of
from analyzer.http.trimming import Due, messages, tells_crc
from analyzer.model.http import Body, Digests, Exchange, Head, Message, Request, Response, Span
from analyzer.model.notes import Note, note
from analyzer.model.streams import Connection
from analyzer.tcp.repeats import Repeats

__all__ = ["Builder", "Conflict"]

_READ = 1 << 20
#: Answers whose exchanges list their segments: refusals, and those whose status line is not in the capture. Of the many
#: that are no findings (404) the list would be made in vain.
_REPORTED = frozenset({0, 400, 403})


@dataclass(frozen=True, slots=True)
class Conflict:
    """A range of a direction that came twice with different bytes."""

    side: int
    start: int
    end: int
    frame: int


@dataclass(frozen=True, slots=True)
class Builder:
    """Makes messages. ``body_limit``: bytes of a body kept as data; None keeps no body at all. ``due``: digests of
    bodies longer than that. ``segments``: messages list theirs."""

    body_limit: int | None
    due: Due
    segments: bool = False

    def exchange(
        self,
        connection: Connection,
        client: int,
        pair: Pair,
        conflicts: Sequence[Conflict] = (),
        again: tuple[Repeats, Repeats] | None = None,
        sealed: bool = False,
    ) -> Exchange:
        """The whole pair. ``again``: what came once more, from the client and from the server; ``sealed``: the pair
        stood inside TLS."""
        drafts = messages(pair)
        last = max(_last_frame(d) for d in drafts)
        seen = [c for c in conflicts if c.frame <= last]
        crc = any(map(tells_crc, drafts))
        asked = answer = None
        if pair.request is not None:
            asked = self.request(pair.request, [c for c in seen if c.side == client], crc)
        if pair.response is not None:
            answer = self.response(pair.response, [c for c in seen if c.side != client], crc)
        interim = tuple(self.response(d, (), False) for d in pair.interim)
        if self.segments and (pair.response is None or pair.response.status in _REPORTED):
            listed = partial(segments_of, last=last, sealed=sealed)
            ours, theirs = again or (Repeats(), Repeats())
            asked = replace(asked, segments=listed(pair.request, ours)) if asked and pair.request else asked
            answer = replace(answer, segments=listed(pair.response, theirs)) if answer and pair.response else answer
            interim = tuple(
                replace(one, segments=listed(d, theirs)) for one, d in zip(interim, pair.interim, strict=True)
            )
        whole = asked is not None and answer is not None and asked.body.complete and answer.body.complete
        return Exchange(
            connection,
            asked,
            answer,
            interim,
            complete=whole and pair.certain,
            certain=pair.certain,
            notes=(*pair.notes, *_remarks(pair)),
        )

    def request(self, draft: Draft, conflicts: Sequence[Conflict] = (), crc: bool = False) -> Request:
        """A draft that holds a request."""
        line = draft.line
        assert isinstance(line, RequestLine)
        parts = self._message(
            draft, line.version, (*request_oddities(line.target), *_conflicting(draft, conflicts)), crc
        )
        return Request(
            parts.head, parts.body, parts.version, parts.first_time, parts.last_time, parts.frames, parts.trailers,
            parts.notes, method=line.method, target=line.target,
        )  # fmt: skip

    def response(self, draft: Draft, conflicts: Sequence[Conflict] = (), crc: bool = False) -> Response:
        """A draft that holds an answer; status 0 where its status line is not in the capture."""
        line = draft.line if isinstance(draft.line, StatusLine) else StatusLine(b"", 0, b"")
        parts = self._message(draft, line.version, _conflicting(draft, conflicts), crc)
        return Response(
            parts.head, parts.body, parts.version, parts.first_time, parts.last_time, parts.frames, parts.trailers,
            parts.notes, status=line.status, reason=line.reason,
        )  # fmt: skip

    def _message(self, draft: Draft, version: bytes, more: tuple[Note, ...], crc: bool) -> Message:
        spans = []
        at = 0
        for piece, start, end in draft.head:
            for a, b, frame in piece.frames(start, end):
                spans.append(Span(at + a - start, at + b - start, frame))
            at += end - start
        _, head = read_head(draft.raw, tuple(spans))
        if draft.line is None:
            head = Head(draft.raw, head.headers, tuple(spans))
        inside = dict(one for part in draft.body for one in _carriers(part))
        around = dict(one for part in (*draft.head, *draft.coding) for one in _carriers(part))
        frames, times = tuple(sorted(inside.keys() | around.keys())), (*inside.values(), *around.values())
        trailers = draft.chunks.trailers if draft.chunks is not None else ()
        missing = draft.length - draft.captured
        notes = [*(oddities(head) if draft.line is not None else ()), *more, *draft.notes]
        if draft.gap:
            notes.append(note("http.bytes-missing", missing=missing) if missing else note("http.cut-by-gap"))
        first, last = (min(times), max(times)) if times else (0, 0)
        return Message(
            head, self._body(draft, crc, tuple(sorted(inside))), version, first, last, frames, trailers, tuple(notes)
        )

    def _body(self, draft: Draft, crc: bool, frames: tuple[int, ...]) -> Body:
        data = self._data(draft)
        return Body(
            draft.length,
            draft.captured,
            draft.plan.declared,
            draft.complete,
            data,
            self._digests(draft, data, crc),
            frames,
        )

    def _data(self, draft: Draft) -> bytes | None:
        """From the start up to the limit and the first gap."""
        if self.body_limit is None or draft.dropped:
            return None
        left = min(self.body_limit, draft.captured if draft.solid is None else draft.solid)
        parts: list[bytes] = []
        for piece, start, end in draft.body:
            if left <= 0:
                break
            take = min(left, end - start)
            parts.append(piece.read(start, start + take))
            left -= take
        return b"".join(parts)

    def _digests(self, draft: Draft, data: bytes | None, crc: bool) -> Digests | None:
        """Of whole bodies; of those longer than the limit only where the head claims a digest."""
        if self.due.none or data is None or not draft.complete or draft.length != draft.captured:
            return None
        if len(data) == draft.length:
            return digests_of((data,), crc)
        due, crc = self.due.of(draft, crc)
        if not due:
            return None
        if draft.trimmed:
            return draft.running.finished(draft.body, crc) if draft.running is not None else None
        return digests_of(_read(draft.body), crc)


def _read(slices: list[Slice]) -> Iterator[bytes]:
    for piece, start, end in slices:
        for at in range(start, end, _READ):
            yield piece.read(at, min(end, at + _READ))


def _carriers(part: Slice) -> list[tuple[int, int]]:
    """Frames that carried bytes of the slice, and their times; acknowledgements without data in between do not count.
    (All times are needed, not the first and the last: in a capture clocks may step back.)"""
    piece, start, end = part
    if end <= start:
        return []
    low, high = piece.row(start), piece.row(end - 1) + 1
    rows = piece.rows
    if high - low == 1:
        return [(rows.frame[low], rows.time[low])]
    cum, frames, times = rows.cum[low : high + 1].tolist(), rows.frame[low:high].tolist(), rows.time[low:high].tolist()
    return [(frame, time) for frame, time, at, end in zip(frames, times, cum, cum[1:], strict=False) if end > at]


def _last_frame(draft: Draft) -> int:
    lasts = [s for s in (draft.head[-1:] + draft.body[-1:] + draft.coding[-1:]) if s[2] > s[1]]
    return max((piece.rows.frame[piece.row(end - 1)] for piece, _, end in lasts), default=0)


def _conflicting(draft: Draft, conflicts: Sequence[Conflict]) -> tuple[Note, ...]:
    return tuple(
        note("tcp.conflicting-retransmission", frame=c.frame, length=c.end - c.start)
        for c in conflicts
        if c.start < draft.end and draft.start < c.end
    )


def _remarks(pair: Pair) -> Iterator[Note]:
    """What there is to say about the pairing."""
    if pair.response is None:
        yield note("http.no-answer")
    elif pair.request is None:
        yield note("http.no-request")
    elif not pair.certain:
        yield note("http.pairing-uncertain")
