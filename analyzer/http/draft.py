"""Messages while they are being read: cheap to make, complete enough to frame by, turned into results on demand.

Most messages of a capture are never shown to anybody. A draft keeps the head's bytes and where the body's bytes
stand; header lists, frames, bodies and digests are made by ``analyzer.http.build`` for those exchanges that are.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from analyzer.http.chunked import ChunkedReader
from analyzer.http.head import RequestLine, StatusLine, read_head
from analyzer.http.rules import Ending, Plan, answer_plan, request_plan
from analyzer.model.http import Head
from analyzer.model.notes import Note, note
from analyzer.tcp.columns import Rows
from analyzer.tcp.pieces import Piece, kept, prolonged

if TYPE_CHECKING:
    from analyzer.http.trimming import Running

__all__ = ["Draft", "Hole", "Pair", "Slice", "Slices", "with_partners"]

#: (piece, first offset, offset behind the last)
Slice = tuple[Piece, int, int]


class Slices(list[Slice]):
    """Slices in stream order; the first ``fixed`` of them outlive their batches."""

    __slots__ = ("fixed",)

    def __init__(self, *slices: Slice) -> None:
        super().__init__(slices)
        self.fixed = 0

    def outlive(self, rows: Rows) -> None:
        """The columns ``rows`` go (in the order in which they came): keep what points into them."""
        at = index = self.fixed
        while index < len(self) and (self[index][0].rows is rows or not self[index][0].rows.borrowed):
            piece, start, end = self[index]
            index += 1
            if end <= start:
                continue
            piece = piece.part(start, end)
            longer = prolonged(self[at - 1][0], piece) if at else None
            if longer is not None:
                self[at - 1] = (longer, self[at - 1][1], end)
            else:
                self[at] = (kept(piece), start, end)
                at += 1
        del self[at:index]
        self.fixed = at


#: Bytes of a chunked body that are looked at in one go: there may be as many chunks in them.
_AT_ONCE = 64 << 10
#: Headers that decide how long a body is, or whether the connection changes hands.
_FRAMING = re.compile(rb"\n(content-length|transfer-encoding|upgrade)[ \t]*:[ \t]*([^\r\n]*)", re.I)


class Draft:
    """One message, growing. Offsets are those of its direction."""

    __slots__ = (
        "ack",
        "answer",
        "body",
        "captured",
        "chunks",
        "coding",
        "complete",
        "dropped",
        "end",
        "ended",
        "gap",
        "gathered",
        "head",
        "keep",
        "length",
        "line",
        "notes",
        "peer",
        "plan",
        "raw",
        "running",
        "solid",
        "start",
        "torn",
        "trimmed",
        "upgrade",
        "waited",
    )

    def __init__(self, raw: bytes, line: RequestLine | StatusLine | None, start: int) -> None:
        self.raw = raw  #: the head up to and including the empty line
        self.line = line  #: None: the start line is not in the capture
        self.start = start
        self.end = start + len(raw)  #: behind the last byte seen
        self.head = Slices()  #: the head's segments
        self.body = Slices()  #: the body's captured segments, chunk framing left out
        self.coding = Slices()  #: of a chunked body: all its segments, framing included
        self.keep = True  #: the body's bytes may be asked for
        self.dropped = False  #: they were not kept
        self.trimmed = False  #: only the first of them were kept
        self.running: Running | None = None  #: digests of a trimmed body, where the head claims one
        self.solid: int | None = None  #: body bytes before the first gap, None without one
        self.length = 0  #: body bytes seen, gaps included
        self.captured = 0
        self.gathered = 0  #: slices of the body that were made of very many
        self.gap = False  #: bytes are missing
        self.torn = False  #: the head is not whole
        self.complete = False
        self.ended = False
        self.chunks: ChunkedReader | None = None
        self.notes: list[Note] = []
        self.plan = Plan(Ending.NONE)
        self.upgrade = False
        self.waited = -1  #: its body was held back until the peer's bytes from this offset on are read
        self.peer: int | None = None  #: what the message's first segment acknowledges: offset of the other direction
        self.ack: int | None = None  #: the same of an answer: it answers something that was sent before this offset
        self.answer: Pair | None = None  #: what it is paired with, until both have ended

    @property
    def method(self) -> bytes | None:
        """Method of a request."""
        return self.line.method if isinstance(self.line, RequestLine) else None

    @property
    def status(self) -> int:
        """Status of an answer, 0 where the status line is not in the capture."""
        return self.line.status if isinstance(self.line, StatusLine) else 0

    def decide(self, method: bytes | None = None) -> None:
        """Find out how the body ends. The usual single Content-Length goes a short way to the same result."""
        found = _FRAMING.findall(self.raw)
        self.upgrade = any(name.lower() == b"upgrade" for name, _ in found)
        if isinstance(self.line, RequestLine):
            if not found:
                return
            if len(found) == 1 and self._single(found[0]):
                return
            self.plan = request_plan(self.parsed())
            return
        status = self.status
        usual = status >= 200 and status not in (204, 304) and method not in (b"HEAD", b"CONNECT")
        if usual and len(found) == 1 and self._single(found[0]):
            return
        self.plan = answer_plan(self.parsed(), status, method)

    def _single(self, header: tuple[bytes, bytes]) -> bool:
        """Exactly one framing header, and it is a plain Content-Length."""
        name, value = header[0], header[1].rstrip(b" \t")
        if len(name) != 14 or not value.isdigit() or len(value) > 18 or b"\n " in self.raw or b"\n\t" in self.raw:
            return False
        length = int(value)
        self.plan = Plan(Ending.LENGTH, length, length)
        return True

    def add(self, piece: Piece, start: int, end: int) -> None:
        """Body bytes."""
        if end > start:
            if self.keep:
                self.body.append((piece, start, end))
            self.length += end - start
            self.captured += end - start
            self.end = end

    def unchunk(self, piece: Piece, at: int) -> int:
        """Bytes of a chunked body; the offset behind those that were taken."""
        assert self.chunks is not None
        extents: list[tuple[int, int]] = []
        some = piece if piece.end - at <= _AT_ONCE else piece.part(piece.start, at + _AT_ONCE)
        stop = self.chunks.advance(some, at, extents)
        for start, end in extents:
            self.add(piece, start, end)
        if self.keep and stop > at:
            self.coding.append((piece, at, stop))
        self.end = stop
        return stop

    def stands(self, parts: Slices) -> None:
        """Where the head's bytes are."""
        self.head, self.end = parts, parts[-1][2]
        self.peer = parts[0][0].acknowledged(parts[0][1])

    def lacks(self, length: int, end: int) -> None:
        """So many of its bytes are missing, up to ``end``."""
        self.gap = True
        self.solid = self.captured if self.solid is None else self.solid
        self.length += length
        self.end = end

    def stops(self, how: str) -> None:
        """The message ends before its framing says so."""
        if self.chunks is not None:
            self.notes.append(note("http.chunked-cut"))
        elif self.plan.ending is Ending.LENGTH and not self.gap and how != "end":
            self.notes.append(note("http.content-length-lies", declared=self.plan.length, seen=self.length))

    def parsed(self) -> Head:
        """The head without frames."""
        return read_head(self.raw, ())[1]


@dataclass(slots=True)
class Hole:
    """Between requests: bytes that may have held requests."""

    start: int
    end: int
    owes: bool = False  #: a request begins in it whose answer has not come


@dataclass(slots=True)
class Pair:
    """A request and its answer, either of which may be missing."""

    request: Draft | None
    response: Draft | None
    interim: list[Draft] = field(default_factory=list)
    certain: bool = True
    notes: list[Note] = field(default_factory=list)

    def link(self) -> None:
        """Each of the two messages knows the other, as long as one of them goes on."""
        for draft in (self.request, self.response):
            if draft is not None:
                draft.answer = self

    def unlink(self) -> None:
        """Nothing refers to itself any more, so that memory is given back at once."""
        for draft in (self.request, self.response):
            if draft is not None:
                draft.answer = None

    def began(self) -> int:
        """When its first byte that is in the capture came, nanoseconds; 0 where that was not kept."""
        first = self.request or self.response
        slices = () if first is None else first.head or first.body
        return slices[0][0].time(slices[0][1]) if slices else 0


def with_partners(drafts: list[Draft]) -> list[Draft]:
    """These messages, and those that they are paired with."""
    pairs = [draft.answer for draft in drafts if draft.answer is not None]
    if not pairs:
        return drafts
    return drafts + [d for pair in pairs for d in (pair.request, pair.response, *pair.interim) if d is not None]
