"""What is remembered of a connection and of each of its directions.

Sequence numbers become 64-bit stream offsets here and nowhere else: an offset is the distance to the next expected
byte, read as a signed 32-bit number, added to that byte's offset.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from heapq import heappop
from typing import Protocol

from analyzer.model.packets import Addresses
from analyzer.model.streams import Connection, Endpoint, TcpTiming
from analyzer.tcp.columns import Key, Rows
from analyzer.tcp.pieces import Piece
from analyzer.tcp.repeats import Repeats

__all__ = ["NOTHING_HELD", "Conn", "Consumer", "Half", "Held", "signed"]

#: Acknowledged before anything is: before every offset.
_NOTHING = -2


def signed(difference: int) -> int:
    """A difference of two sequence numbers as a number from -2^31 to 2^31 - 1 (RFC 9293, section 3.4)."""
    return ((difference + 0x80000000) & 0xFFFFFFFF) - 0x80000000


class Consumer(Protocol):
    """Who takes a connection's bytes. ``side`` is 0 for the direction of the connection's first packet, else 1.

    Calls of one side come in stream order; the sides are independent of each other until ``settle``.
    """

    def data(self, side: int, piece: Piece) -> None:
        """The next bytes; the piece is good until ``outlive`` is called with its rows."""
        ...

    def gap(self, side: int, start: int, end: int, after_frame: int, snapped: bool) -> None:
        """The bytes ``[start, end)`` are not in the capture."""
        ...

    def overlap(self, side: int, offset: int, old: bytes, new: bytes, frame: int) -> None:
        """A range came again with other bytes; the first sighting was kept."""
        ...

    def unfit(self, segments: int) -> None:
        """So many segments carry bytes that have no place in their stream: behind its end, or far from it."""
        ...

    def closed(self, side: int, how: str, frame: int, time: int) -> None:
        """Nothing follows on this side: ``fin``, ``rst`` or ``end``."""
        ...

    def settle(self) -> None:
        """All that the batch holds for this connection has been told."""
        ...

    def over(self) -> None:
        """Nothing follows on either side. May be said more than once."""
        ...

    def outlive(self, rows: Rows) -> None:
        """These columns of a batch go: keep what is still needed of them."""
        ...


@dataclass(slots=True)
class Held:
    """Bytes that arrived behind a hole."""

    start: int
    piece: Piece
    captured: int  #: offset behind the last captured byte; smaller than ``end`` when the snap length cut it
    end: int
    time: int  #: the capture's clock
    cost: int = 0  #: bytes, counting what a segment costs beside its own


#: Nothing waits: one for all directions, to which nothing can be added. (An empty deque takes 760 bytes.)
NOTHING_HELD: deque[Held] = deque(maxlen=0)


class Half:
    """One direction: where it stands, what waits behind a hole, what its peer has acknowledged."""

    __slots__ = (
        "acked",
        "again",
        "arrivals",
        "beyond",
        "calm",
        "closed",
        "conn",
        "fin",
        "heard",
        "held",
        "held_bytes",
        "key",
        "mark",
        "next",
        "out_of_order",
        "recent",
        "retransmitted",
        "seen",
        "side",
        "spoke",
        "syn",
        "told",
        "upto",
        "zero",
    )

    def __init__(self, conn: Conn, side: int, key: Key) -> None:
        self.conn, self.side, self.key = conn, side, key
        self.zero: int | None = None  #: sequence number of offset 0
        self.seen = False  #: a segment of this direction was captured
        self.heard = False  #: the same, as far as its peer is accounted for
        self.syn = False  #: its SYN was worked off
        self.spoke = False  #: one with bytes, that were not simply the next
        self.next = 0  #: offset of the next byte to hand on
        self.held = NOTHING_HELD  #: in stream order
        self.held_bytes = 0
        self.arrivals: list[tuple[int, int]] = []  #: heap of (the clock, where it begins) of what was held
        self.told = _NOTHING  #: highest offset that the peer acknowledges in the rows that were worked off
        self.acked = _NOTHING  #: the same, as far as it is accounted for (see ``patience``)
        self.upto = 0  #: row of the batch up to which it is
        self.beyond: int | None = None  #: since when the peer acknowledges more than came, and nothing comes
        self.calm: bool | None = None  #: nothing can be given up in this batch; None while nobody has looked
        self.mark = 0  #: the clock before which nothing can be overdue is this and ``PATIENCE``
        self.fin: tuple[int, int, int] | None = None  #: (offset, frame, time)
        self.closed = False
        self.recent: list[Piece] = []  #: last bytes handed on, to compare retransmissions with
        self.again = Repeats()  #: bytes that came once more
        self.retransmitted = 0
        self.out_of_order = 0

    @property
    def peer(self) -> Half:
        """The other direction."""
        return self.conn.halves[1 - self.side]

    @property
    def since(self) -> int:
        """The clock when the first of what waits came."""
        arrivals, first = self.arrivals, self.held[0].start
        while arrivals[0][1] < first:
            heappop(arrivals)
        return arrivals[0][0]

    def offset(self, sequence: int) -> int:
        """The sequence number as stream offset."""
        if self.zero is None:
            self.zero = sequence
        return self.next + signed(sequence - self.zero - self.next)

    def begin(self) -> None:
        """The first bytes come one behind what the first segment said. Where that was no SYN it was a keep-alive probe
        (RFC 9293, section 3.8.4): nothing is missing before them."""
        if not (self.syn or self.held or self.conn.handshake):
            self.next = 1

    def base(self) -> int | None:
        """Sequence number before the first byte, the SYN's; None before anything is known."""
        return None if self.zero is None else (self.zero - 1) & 0xFFFFFFFF


class Conn:
    """Two halves and what is known of the whole."""

    __slots__ = (
        "client",
        "consumer",
        "ended",
        "gap_bytes",
        "gaps",
        "halves",
        "handshake",
        "last_time",
        "overlaps",
        "reset",
        "rtt",
        "stream",
        "syn_ack",
        "syn_time",
    )

    def __init__(self, stream: int, key: Key) -> None:
        src, dst, ports = key
        back = (dst, src, (ports & 0xFFFF) << 16 | ports >> 16)
        self.stream = stream
        self.halves = (Half(self, 0, key), Half(self, 1, back))
        self.handshake = False  #: it begins with a SYN, or with a SYN-ACK
        self.client: int | None = None  #: side of the client where the handshake tells
        self.consumer: Consumer
        self.ended = False  #: a FIN or RST was seen
        self.reset: tuple[int, int, int] | None = None  #: (frame, time, clock) of a RST that time will settle
        self.syn_time: int | None = None
        self.syn_ack = False
        self.rtt: int | None = None
        self.last_time = 0  #: the capture's clock at its last row
        self.gaps = self.gap_bytes = self.overlaps = 0

    @property
    def over(self) -> bool:
        """Both sides have ended."""
        one, other = self.halves
        return one.closed and other.closed

    @property
    def spoke(self) -> bool:
        """A byte has come, or is known to be missing."""
        return any(half.next or half.held for half in self.halves)

    def leave(self) -> None:
        """It is forgotten: nothing is compared any more, nothing refers to itself, memory is given back at once."""
        for half in self.halves:
            half.recent.clear()
            del half.conn

    def described(self, client: int, addresses: Addresses) -> Connection:
        """The connection as the floors above know it, as far as it is known now."""
        src, dst, ports = self.halves[client].key
        timing = TcpTiming(
            self.rtt,
            self.halves[0].retransmitted + self.halves[1].retransmitted,
            self.halves[0].out_of_order + self.halves[1].out_of_order,
            self.overlaps,
            self.gaps,
            self.gap_bytes,
        )
        return Connection(
            self.stream,
            Endpoint(addresses.packed(src), ports >> 16),
            Endpoint(addresses.packed(dst), ports & 0xFFFF),
            self.handshake,
            timing,
        )
