"""Streams of a source as plain events, for whoever wants bytes and no engine.

Strategy: a consumer for every connection writes down what the assembler tells it; after each batch the events go out.
Bytes are copied, so an event is good for as long as somebody keeps it. Within a direction events come in stream order
whatever the batches are; how the two directions interleave depends on them.
"""

from __future__ import annotations

from collections.abc import Iterator

from analyzer.model.packets import Addresses, PacketSource
from analyzer.model.streams import Closed, Direction, Gap, Opened, Overlap, StreamEvent
from analyzer.tcp.assembly import Assembler
from analyzer.tcp.columns import Rows
from analyzer.tcp.connection import Conn
from analyzer.tcp.pieces import Piece, event_of

__all__ = ["events"]


def events(source: PacketSource) -> Iterator[StreamEvent]:
    """Everything that the connections of ``source`` carried.

    ``Opened`` comes before the first event of a connection and ``Closed`` once for each direction, the last one at the
    end of the capture at the latest. The client is who sent the SYN, or was answered by the SYN-ACK; where neither had
    been captured by the first event, the sender of the connection's first packet. ``Opened.time`` is the SYN's, without
    one that of the first event.
    """
    out: list[StreamEvent] = []

    def consume(conn: Conn) -> _Scribe:
        return _Scribe(conn, source.addresses, out)

    for _ in Assembler(source, consume).run():
        ready = out[:]
        out.clear()
        yield from ready


class _Scribe:
    """Consumer of one connection: appends its events to a list that all share."""

    __slots__ = ("_addresses", "_client", "_conn", "_out")

    def __init__(self, conn: Conn, addresses: Addresses, out: list[StreamEvent]) -> None:
        self._conn, self._addresses, self._out = conn, addresses, out
        self._client: int | None = None

    def data(self, side: int, piece: Piece) -> None:
        direction = self._direction(side, piece.time(piece.start))
        self._out.append(event_of(self._conn.stream, direction, piece))

    def gap(self, side: int, start: int, end: int, after_frame: int, snapped: bool) -> None:
        direction = self._direction(side, self._conn.last_time)
        self._out.append(Gap(self._conn.stream, direction, start, end - start, after_frame, snapped))

    def overlap(self, side: int, offset: int, old: bytes, new: bytes, frame: int) -> None:
        direction = self._direction(side, self._conn.last_time)
        self._out.append(Overlap(self._conn.stream, direction, offset, old, new, frame))

    def unfit(self, segments: int) -> None:
        """No event: nothing of the stream."""

    def closed(self, side: int, how: str, frame: int, time: int) -> None:
        direction = self._direction(side, time)
        self._out.append(Closed(self._conn.stream, direction, how, frame, time))

    def settle(self) -> None:
        """Nothing is put off."""

    def over(self) -> None:
        """Nothing is kept."""

    def outlive(self, rows: Rows) -> None:
        """Nothing points into the batch."""

    def _direction(self, side: int, time: int) -> Direction:
        """Which way ``side`` sends; announces the connection before its first event."""
        conn = self._conn
        if self._client is None:
            self._client = conn.client or 0
            begun = time if conn.syn_time is None else conn.syn_time
            self._out.append(Opened(conn.described(self._client, self._addresses), begun))
        return Direction.CLIENT_TO_SERVER if side == self._client else Direction.SERVER_TO_CLIENT
