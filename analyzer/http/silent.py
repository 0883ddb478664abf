"""A connection at its beginning: nobody has spoken yet, or all that there is to it is one exchange.

Scans and floods open connections by the hundred thousand on which nobody ever speaks, and many clients make a new
connection for every request. Such a one costs next to nothing: what comes of it in one batch waits, and where that is a
plain request, its plain answer and both ends, it is only counted. In every other case a ``Stream`` takes its place.
"""

from __future__ import annotations

from typing import Protocol

from analyzer.http.stream import Owner, Stream
from analyzer.tcp.columns import Rows
from analyzer.tcp.connection import Conn
from analyzer.tcp.pieces import Piece

__all__ = ["Silent"]


class _Owner(Owner, Protocol):
    def lone(self, conn: Conn, asked: Piece, told: Piece) -> bool:
        """A connection that has ended held this and nothing else. True: no look at it is needed, it was counted."""
        ...


class Silent:
    """Consumer of a connection up to the end of the batch in which its first byte comes."""

    __slots__ = ("_conn", "_ended", "_owner", "_said")

    def __init__(self, conn: Conn, owner: _Owner) -> None:
        self._conn: Conn | None = conn  #: None: it was counted, or can say nothing any more
        self._owner = owner
        self._said: tuple[tuple[int, Piece], ...] = ()
        self._ended: tuple[tuple[int, str, int, int], ...] = ()

    def data(self, side: int, piece: Piece) -> None:
        if all(other != side for other, _ in self._said):
            self._said += ((side, piece),)
        else:
            self._begun().data(side, piece)

    def gap(self, side: int, start: int, end: int, after_frame: int, snapped: bool) -> None:
        self._begun().gap(side, start, end, after_frame, snapped)

    def overlap(self, side: int, offset: int, old: bytes, new: bytes, frame: int) -> None:
        if self._conn is None:
            self._owner.differing()
        else:
            self._begun().overlap(side, offset, old, new, frame)

    def unfit(self, segments: int) -> None:
        self._owner.unfit(segments)

    def closed(self, side: int, how: str, frame: int, time: int) -> None:
        self._ended += ((side, how, frame, time),)

    def settle(self) -> None:
        if not self._said or self._conn is None:
            return
        if len(self._said) == len(self._ended) == 2 and self._conn.client is not None:
            (_, asked), (_, told) = self._said if self._said[0][0] == self._conn.client else self._said[::-1]
            if self._owner.lone(self._conn, asked, told):
                self._conn, self._said = None, ()
                return
        self._begun().settle()

    def over(self) -> None:
        """Nothing will come: nothing refers to itself any more."""
        self._conn = None

    def outlive(self, rows: Rows) -> None:
        """Nothing points into them."""

    def _begun(self) -> Stream:
        assert self._conn is not None
        stream = self._conn.consumer = Stream(self._conn, self._owner)
        for side, piece in self._said:
            stream.data(side, piece)
        for ended in self._ended:
            stream.closed(*ended)
        return stream
