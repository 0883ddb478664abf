"""One connection between tcp and the engine: HTTP as it comes, inside TLS, or inside a tunnel.

Bytes go to a framer. Bytes that it cannot read are looked at: a TLS session is decrypted with the key log and what
comes out goes to a framer of its own, HTTP behind CONNECT likewise; everything else is left alone. A session that is
already under way when its bytes begin is known by its records, so that it can be named in the report.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import takewhile
from typing import TYPE_CHECKING, Protocol

from analyzer.http.activity import Moments
from analyzer.http.build import Conflict
from analyzer.http.draft import Draft, Pair, Slices
from analyzer.http.framing import Framer
from analyzer.http.head import HTTP2
from analyzer.http.regular import Glimpse, worth_a_look
from analyzer.http.resync import begins_request
from analyzer.http.side import Ends
from analyzer.model.packets import Addresses
from analyzer.model.streams import Closed, Data, Direction, Gap, Opened, StreamEvent
from analyzer.tcp.columns import Rows
from analyzer.tcp.connection import Conn
from analyzer.tcp.pieces import Piece, event_of, kept
from analyzer.tls.detect import LONGEST_RECORD, holds_records, is_tls

if TYPE_CHECKING:
    from analyzer.model.tls import TlsFact
    from analyzer.tls import KeyLog, TlsStream

__all__ = ["Owner", "Stream"]

#: Bytes of a server that wait for the client's first, inside a tunnel.
_EARLY = 64 << 10
#: Bytes of a client's first segment that tell what it speaks; bytes in which it may still talk to a proxy; of a TLS
#: session, as many as tell it for sure.
_WORDS, _PROXIED, _SURE = 64, 4096, 6
#: Bytes of each direction in which the records of a running session are looked for: two of the longest are in them.
_RUNNING = 2 * LONGEST_RECORD + 5
#: Decrypted bytes of a connection that wait for what they acknowledge, which may be behind a hole.
_LATE = 16 << 20
#: Conflicts remembered of one connection.
_CONFLICTS = 64


def _size(event: StreamEvent) -> int:
    return len(event.data) if isinstance(event, Data) else 0


def _over(framer: Framer) -> bool:
    """Both sides have ended, and all they held was worked off."""
    return all(side.ended is not None and not side.inbox for side in framer.sides)


def _client_hello(piece: Piece, limit: int) -> int | None:
    """Where a client begins a TLS session with a segment before ``limit``, after it has spoken to a proxy (SOCKS, RFC
    1928) in a few bytes of another protocol."""
    for at in takewhile(lambda offset: offset < limit, piece.begins()):
        if piece.segment_end(at) - at > _SURE and is_tls(piece.read(at, at + _SURE)):
            return at
    return None


class Owner(Protocol):
    """The engine, as a stream sees it."""

    keylog: KeyLog
    addresses: Addresses
    room: int  #: bytes that all streams together may still keep to look for records in

    def wants(self, status: int) -> bool: ...

    def trim(self, draft: Draft) -> None: ...

    def gather(self, draft: Draft) -> None: ...

    def found(self, stream: Stream, client: int, pair: Pair) -> None: ...

    def missing(self, length: int) -> None: ...

    def differing(self) -> None: ...

    def unfit(self, segments: int) -> None: ...

    def version2(self) -> None: ...

    def pass_over(self, stream: Stream) -> None: ...

    def encrypted(self, stream: Stream, tls: TlsStream) -> None: ...

    def settled(self, stream: Stream, tls: TlsStream) -> None: ...


class Stream:
    """Consumer of one connection, taker of its framers."""

    __slots__ = (
        "_base",
        "_early",
        "_known",
        "_owner",
        "_plain",
        "_running",
        "_spent",
        "_tls",
        "_whole",
        "conflicts",
        "conn",
        "first",
        "inner",
        "last",
        "moments",
        "outer",
        "wait",
    )

    def __init__(self, conn: Conn, owner: Owner) -> None:
        self.conn = conn
        self._owner = owner
        self.outer = Framer(self, conn.client, conn.handshake, likely=self._client_by_ports())
        self.inner: Framer | None = None
        self._tls: TlsStream | None = None
        self._plain: list[StreamEvent] = []  #: what came out of it since the last pause
        self._early = Slices()  #: the server's first bytes inside a tunnel
        self._base: tuple[int, bool] | None = None  #: where the client's unread bytes begin, and whether in a tunnel
        self._known = 0  #: what the server said before this offset was a proxy's word, not the session's
        self._running: tuple[bytearray, bytearray] | None = None  #: what may be records, while that is open
        self._spent = False  #: nothing follows, and nothing is left of it but conflicts
        self._whole = True  #: no gap before anything was recognised
        self.conflicts: list[Conflict] = []
        self.last: Pair | Glimpse | None = None  #: the last success, for comparing
        self.moments: Moments | None = None  #: when its exchanges began
        self.first = True  #: no success yet
        self.wait = False  #: the next success is wanted

    @property
    def sealed(self) -> bool:
        """The exchanges are those inside a TLS session."""
        return self._tls is not None

    # tcp's side

    def data(self, side: int, piece: Piece) -> None:
        if self._tls is not None:
            self._sealed()
            self._encrypted(side, piece)
        else:
            self.outer.data(side, piece)

    def gap(self, side: int, start: int, end: int, after_frame: int, snapped: bool) -> None:
        self._owner.missing(end - start)
        if self._tls is not None:
            self._sealed()
            self._decrypt(Gap(self.conn.stream, self._direction(side), start, end - start, after_frame, snapped))
        elif self.inner is not None:
            self.inner.gap(side, start, end)
        else:
            self._whole = self._whole and self.outer.http
            self.outer.gap(side, start, end)

    def overlap(self, side: int, offset: int, old: bytes, new: bytes, frame: int) -> None:
        self._owner.differing()
        if self._tls is not None:
            self._tls.differing(1)
        elif not self._spent and len(self.conflicts) < _CONFLICTS:
            self.conflicts.append(Conflict(side, offset, offset + len(old), frame))

    def unfit(self, segments: int) -> None:
        self._owner.unfit(segments)

    def closed(self, side: int, how: str, frame: int, time: int) -> None:
        if self._tls is not None:
            self._sealed()
            self._decrypt(Closed(self.conn.stream, self._direction(side), how, frame, time))
        else:
            self._forget()
            self.outer.closed(side, how)

    def settle(self) -> None:
        if self._spent:
            return
        if self.outer.client is None:
            self.outer.client = self.conn.client if self.conn.client is not None else self._client_by_records()
        if worth_a_look(self.outer):
            self._owner.pass_over(self)
        self.outer.settle()
        if self._tls is not None:
            self._sealed()
            self._settle_inner(self._tls)
        elif self.inner is not None:
            self.inner.settle()

    def over(self) -> None:
        """Give back what only more bytes would need; nothing refers to itself any more."""
        if self._spent:
            return
        tls = self._tls
        ended = _over(self.outer) if tls is None else tls.over and not tls.waits and not self._plain
        if ended and (self.inner is None or _over(self.inner)):
            self._spent = True
            self.last = self.moments = self.inner = self._tls = None
            del self.outer, self.conn

    def resume(self) -> None:
        """The key log has grown, or will not grow any more."""
        if self._tls is not None:
            self._take(self._tls.resume())
            self._settle_inner(self._tls)
            self.over()

    def _settle_inner(self, tls: TlsStream) -> None:
        """Work off what came out of the encryption: a request before its answer, whichever was opened first."""
        plain, self._plain = self._plain, []
        urgent = sum(map(_size, plain)) > _LATE
        late: set[Direction] = set()  #: directions that wait for the other one
        for event in plain:
            if isinstance(event, Opened):
                continue
            if event.direction not in late and not self._read(event, urgent):
                late.add(event.direction)
            if event.direction in late:
                self._plain.append(event)
        if self.inner is not None:
            self.inner.settle()
        self._owner.settled(self, tls)

    def _read(self, event: StreamEvent, urgent: bool) -> bool:
        """An event of the plaintext; False where it answers something that is not here yet, unless it is urgent.
        HTTP/2 is told by the outcome of the session, and not read."""
        assert self._tls is not None
        if isinstance(event, Data):
            if event.offset == 0 and event.data.startswith(HTTP2):
                self._tls.speaks(b"h2")
            understood = self._tls.understood(event)
            if understood is None and not urgent:
                return False
            event = understood or replace(event, acks=())
        if self._tls.protocol == b"h2":
            return True
        if self.inner is None:
            self.inner = Framer(self, Direction.CLIENT_TO_SERVER.value, ordered=False)
        self.inner.feed(event)
        return True

    def _client_by_records(self) -> int | None:
        """Who is the client, where the first bytes are records of a session that is already under way: the ports tell,
        the lower one is the server's."""
        for side in self.outer.sides:
            first = next((item for item in side.inbox if isinstance(item, Piece)), None)
            if first is not None:
                sample = first.read(first.start, min(first.end, first.start + 16))
                if holds_records(sample) and not is_tls(sample):
                    return self._client_by_ports()
        return None

    def _client_by_ports(self) -> int:
        ports = self.conn.halves[0].key[2]
        return 0 if ports >> 16 > ports & 0xFFFF else 1

    def outlive(self, rows: Rows) -> None:
        if self._spent:
            return
        for framer in (self.outer, self.inner):
            if framer is None:
                continue
            for draft in framer.drafts():
                if rows.later is None:
                    self._owner.trim(draft)
                for slices in (draft.head, draft.body, draft.coding):
                    if len(slices) > slices.fixed:
                        slices.outlive(rows)
            for side in framer.sides:
                if side.parts:
                    side.parts.outlive(rows)
                for index, item in enumerate(side.inbox):
                    if isinstance(item, Piece) and item.rows is rows:
                        side.inbox[index] = kept(item)
        if self._early:
            self._early.outlive(rows)
        if isinstance(self.last, Glimpse):
            self.last.outlive(rows)
        elif self.last is not None:
            for message in (self.last.request, self.last.response):
                if message is not None:
                    message.head.outlive(rows)

    def _encrypted(self, side: int, piece: Piece) -> None:
        assert self._tls is not None
        direction = self._direction(side)
        if side != self.outer.client and piece.start < self._known:
            if piece.end <= self._known:
                return
            piece = piece.part(self._known, piece.end)
        if not self._tls.deaf(direction):
            self._decrypt(event_of(self.conn.stream, direction, piece))

    def _sealed(self, *sides: int) -> None:
        """Once the connection is known to be encrypted, the outer framer has no say in it: what still waits in its
        queues goes to the decryption first, everything after that passes it by."""
        for side in (self.outer.sides[index] for index in sides or (0, 1)):
            while side.inbox:
                item = side.inbox.popleft()
                if isinstance(item, Piece):
                    self._encrypted(side.index, item)
                elif isinstance(item, Ends):
                    self.ended(self.outer, side.index, item.how)
                else:
                    gap = Gap(self.conn.stream, self._direction(side.index), item.start, item.end - item.start, 0)
                    self._decrypt(gap)

    # the framers' side

    def wants(self, status: int) -> bool:
        return self._owner.wants(status)

    def pair(self, framer: Framer, pair: Pair) -> None:
        if framer is self.inner and self._tls is not None:
            pair.notes.append(self._tls.cover)
        self._owner.found(self, framer.client or 0, pair)

    def gather(self, draft: Draft) -> None:
        self._owner.gather(draft)

    def tunnelled(self, framer: Framer, side: int, piece: Piece) -> None:
        """Bytes that the outer framer cannot read (an inner framer's are of no use to anybody)."""
        if framer is not self.outer:
            return
        if self._tls is None and self.inner is None:
            start = self._look(framer, side, piece)
            if start is None:
                return
            piece = piece.part(start, piece.end)
        self._inside(side, piece)
        if self._tls is not None:
            self._sealed(1 - side)  # this side's queue is being worked off

    def _inside(self, side: int, piece: Piece) -> None:
        """Bytes for what was found inside."""
        if self._tls is not None:
            self._encrypted(side, piece)
        elif self.inner is not None:
            self.inner.data(side, piece)

    def ended(self, framer: Framer, side: int, how: str) -> None:
        """A side of a framer has ended; the layer inside has to know."""
        if framer is not self.outer:
            return
        if self._tls is not None:
            self._decrypt(Closed(self.conn.stream, self._direction(side), how, 0, 0))
        elif self.inner is not None:
            self.inner.closed(side, how)

    def _look(self, framer: Framer, side: int, piece: Piece) -> int | None:
        """Bytes that are not HTTP: from where on are they TLS, or HTTP inside a tunnel? What the server sent before the
        client waits a while."""
        start, early_side = piece.start, 1 - (framer.client or 0)
        words, hello = self._said(framer, piece) if side == framer.client else (b"", None)
        if hello is not None:
            start, self._known = hello, piece.acknowledged(hello) or 0
            self._begin_tls()
        elif framer.tunnel and words and begins_request(words):
            self.inner = Framer(self, framer.client)
        elif words.startswith(HTTP2):
            self._owner.version2()
            return None
        elif self._under_way(side, piece):
            framer.client = self._client_by_ports() if self.conn.client is None else self.conn.client
            self._begin_tls()
        else:
            if side == early_side and sum(end - start for _, start, end in self._early) < _EARLY:
                self._early.append((piece, piece.start, piece.end))
            return None
        early, self._early = self._early, Slices()
        for old, first, end in early:
            self._inside(early_side, old.part(first, end))
        return start

    def _said(self, framer: Framer, piece: Piece) -> tuple[bytes, int | None]:
        """(what a client's first segment that is not HTTP begins with, none of a later one; where it begins TLS). Empty
        lines before it say nothing."""
        start, words = piece.start, b""
        if self._base is None or framer.tunnel != self._base[1]:
            while not words and start < piece.end:
                stop = piece.segment_end(start)
                words = piece.read(start, min(stop, start + _WORDS)).lstrip(b"\r\n")
                start = start if words else stop
            if not words:
                return b"", None
            self._base = start, framer.tunnel
            if is_tls(words):
                return words, start
        return words, _client_hello(piece, self._base[0] + _PROXIED)

    def _begin_tls(self) -> None:
        from analyzer.tls.stream import TlsStream  # late: it brings cryptography

        self._tls = TlsStream(self.conn.described(self.outer.client or 0, self._owner.addresses), self._owner.keylog)
        self._forget()
        self._tls.differing(len(self.conflicts))
        self.conflicts.clear()  # their places are not those of the plaintext
        self._owner.encrypted(self, self._tls)

    def _under_way(self, side: int, piece: Piece) -> bool:
        """Whether this direction's bytes are records of a session whose beginning is not there. Looked at again each
        time twice as much has come, up to a limit for each connection and for all."""
        if self.conn.handshake and self._whole:
            return False
        if self._running is None:
            self._running = (bytearray(), bytearray())
        seen = self._running[side]
        before = len(seen)
        room = min(_RUNNING - before, self._owner.room, piece.end - piece.start)
        if room <= 0:
            return False
        self._owner.room -= room
        seen += piece.read(piece.start, piece.start + room)
        grown = before == 0 or len(seen).bit_length() > before.bit_length() or len(seen) >= _RUNNING
        return grown and holds_records(bytes(seen))

    def _forget(self) -> None:
        """Give back what was kept to look for records in."""
        if self._running is not None:
            self._owner.room += sum(map(len, self._running))
            self._running = None

    def _decrypt(self, event: StreamEvent) -> None:
        assert self._tls is not None
        self._take(self._tls.feed(event))

    def _take(self, events: Iterator[StreamEvent | TlsFact]) -> None:
        from analyzer.model.tls import TlsFact  # late: only TLS gives any

        self._plain.extend(plain for plain in events if not isinstance(plain, TlsFact))

    def _direction(self, side: int) -> Direction:
        return Direction.CLIENT_TO_SERVER if side == (self.outer.client or 0) else Direction.SERVER_TO_CLIENT
