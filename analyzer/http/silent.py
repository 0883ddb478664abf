"""A connection that has said nothing yet.

Scans and floods open connections by the hundred thousand on which nobody ever speaks. Such a one costs next to nothing:
a ``Stream`` takes its place when the first byte comes, or is known to be missing.
"""

from __future__ import annotations

from analyzer.http.stream import Owner, Stream
from analyzer.tcp.columns import Rows
from analyzer.tcp.connection import Conn
from analyzer.tcp.pieces import Piece

__all__ = ["Silent"]


class Silent:
    """Consumer of a connection up to its first byte."""

    __slots__ = ("_conn", "_ended", "_owner")

    def __init__(self, conn: Conn, owner: Owner) -> None:
        self._conn: Conn | None = conn
        self._owner = owner
        self._ended: tuple[tuple[int, str, int, int], ...] = ()  #: sides that ended without a word

    def data(self, side: int, piece: Piece) -> None:
        self._begun().data(side, piece)

    def gap(self, side: int, start: int, end: int, after_frame: int, snapped: bool) -> None:
        self._begun().gap(side, start, end, after_frame, snapped)

    def overlap(self, side: int, offset: int, old: bytes, new: bytes, frame: int) -> None:
        self._begun().overlap(side, offset, old, new, frame)

    def closed(self, side: int, how: str, frame: int, time: int) -> None:
        self._ended += ((side, how, frame, time),)

    def settle(self) -> None:
        """Nothing has come."""

    def over(self) -> None:
        """Nothing will come: nothing refers to itself any more."""
        self._conn = None

    def outlive(self, rows: Rows) -> None:
        """Nothing points into them."""

    def _begun(self) -> Stream:
        assert self._conn is not None
        stream = self._conn.consumer = Stream(self._conn, self._owner)
        for ended in self._ended:
            stream.closed(*ended)
        return stream
