"""One direction of a connection while it is framed: what waits in its queue, and what its next byte is."""

from __future__ import annotations

from collections import deque
from enum import IntEnum
from typing import TYPE_CHECKING, Protocol

from analyzer.http.draft import Draft, Pair, Slices
from analyzer.tcp.pieces import Piece

if TYPE_CHECKING:
    from analyzer.http.framing import Framer

__all__ = ["Ends", "Lost", "Mode", "Side", "Taker"]


#: Bytes of an out-of-step direction that are searched for a lost answer.
_SEARCHED = 64 << 10
#: Bytes of answers that wait for the end of a head.
_PATIENT = 1 << 20


class Mode(IntEnum):
    """What a direction's next byte is."""

    HEAD = 0
    LENGTH = 1
    CHUNKED = 2
    CLOSE = 3
    TUNNEL = 4  #: another protocol's
    SEEK = 5  #: unknown: behind a gap, or not HTTP


class Lost:
    """A gap in a direction's queue."""

    __slots__ = ("end", "start")

    def __init__(self, start: int, end: int) -> None:
        self.start, self.end = start, end


class Ends:
    """A direction's end in its queue."""

    __slots__ = ("how",)

    def __init__(self, how: str) -> None:
        self.how = how


class Taker(Protocol):
    """Who gets what the framer found."""

    def wants(self, status: int) -> bool:
        """The bytes of an answer's body may be asked for."""
        ...

    def pair(self, framer: Framer, pair: Pair) -> None:
        """An exchange has ended."""
        ...

    def tunnelled(self, framer: Framer, side: int, piece: Piece) -> None:
        """Bytes that are not HTTP: encrypted, or another protocol behind CONNECT or Upgrade."""
        ...

    def gather(self, draft: Draft) -> None:
        """A body in very many parts: make few of them."""
        ...

    def ended(self, framer: Framer, side: int, how: str) -> None:
        """A side has ended, after all its bytes."""
        ...


class Side:
    """One direction's queue and state."""

    __slots__ = (
        "blocked",
        "draft",
        "ended",
        "failed",
        "finished",
        "inbox",
        "index",
        "last_ack",
        "mode",
        "need",
        "partial",
        "parts",
        "reach",
        "searched",
        "seen",
        "started",
        "torn",
        "unread",
    )  # fmt: skip

    def __init__(self, index: int) -> None:
        self.index = index
        self.inbox: deque[Piece | Lost | Ends] = deque()
        self.mode = Mode.HEAD
        self.draft: Draft | None = None
        self.need = 0  #: body bytes still to come
        self.partial = bytearray()  #: head bytes so far
        self.parts = Slices()  #: where they stand; in SEEK the unread bytes
        self.failed = -1  #: where the last head began that was none: it is not tried again
        self.reach = 0  #: offset behind the last byte put into the queue
        self.ended: str | None = None  #: how, once that was worked off
        self.finished = False  #: the end is known
        self.started = False  #: a message of this direction was read
        self.seen = False  #: a byte of this direction was read
        self.torn = False  #: bytes are missing before those that belong to no message
        self.blocked = False  #: waits for the answer to CONNECT or Upgrade
        self.last_ack: int | None = None  #: of the last segment looked at while out of step
        self.searched = 0  #: bytes of ``parts`` in SEEK
        self.unread = 0  #: bytes that belong to no message

    def awaited(self, answer: Piece, waiting: int) -> bool:
        """Bytes of this side are to be read before ``answer``: its sender had received them, they wait already, or
        half a head is there, whose end may be the next batch's. ``waiting``: bytes from the answer on."""
        half = bool(self.partial) and waiting < _PATIENT
        if not self.finished and (half or (answer.ack is not None and answer.ack > self.reach)):
            return True
        return not self.blocked and any(not isinstance(item, Ends) for item in self.inbox)

    @property
    def idle(self) -> bool:
        """Nothing waits, and the next byte begins a message."""
        busy = self.draft or self.partial or self.parts or self.blocked or self.inbox
        return self.mode is Mode.HEAD and self.ended is None and not busy

    def pass_over(self, piece: Piece, start: int, end: int) -> None:
        """Bytes that belong to no message; the first of them are searched for a lost answer later."""
        self.unread += end - start
        self.searched = self.searched if self.parts else 0
        if self.searched < _SEARCHED:
            self.parts.append((piece, start, end))
            self.searched += end - start

    def unaccounted(self, draft: Draft, length: int) -> int:
        """How many of so many missing bytes the framing of ``draft`` cannot step over."""
        if self.mode is Mode.LENGTH:
            return max(0, length - self.need)
        if self.mode is Mode.CHUNKED and draft.chunks is not None and draft.chunks.skip(length):
            return 0
        return 0 if self.mode is Mode.CLOSE else length
