"""Batches that have been worked through: how their bytes are read, and what is still needed of their columns.

A batch's buffer is reused at once, its columns stay a while: most of what points into them is done with by then, and
nothing has to be copied.
"""

from __future__ import annotations

from collections import deque

from analyzer.model.packets import PacketBatch, PacketSource
from analyzer.tcp.columns import Fetch, Later, Rows
from analyzer.tcp.connection import Conn, Half
from analyzer.tcp.pieces import joined, kept
from analyzer.tcp.reassembly import COMPARED

__all__ = ["Past"]

#: Rows of past batches whose columns stay: 40 bytes each.
RETIRED_ROWS = 3 << 15


class Past:
    """The last batches of a source."""

    def __init__(self, source: PacketSource) -> None:
        self._source = source
        self._batches: deque[tuple[Rows, list[Conn]]] = deque()
        self._rows = 0
        self._files: dict[int, Fetch] = {}

    def fetch(self, batch: PacketBatch) -> Fetch:
        """How to read a batch's bytes while it lasts: from the buffer, and from the file what stands before it."""
        view = memoryview(batch.buffer)
        file, base, read_at = batch.file, batch.base or 0, self._source.read_at

        def fetch(place: int, length: int) -> bytes:
            if place < 0:
                return read_at(file, base + place, length)
            return bytes(view[place : place + length])

        return fetch

    def add(self, batch: PacketBatch, rows: Rows, touched: list[Conn]) -> None:
        """The batch's buffer is reused from here on. Its columns stay only where the file can be read again."""
        later = self._later(batch)
        if later is not None:
            rows.reread(later)
        self._batches.append((rows, touched))
        self._rows += len(rows.frame)
        while self._batches and (later is None or self._rows > RETIRED_ROWS):  # in the order in which they came
            old, conns = self._batches.popleft()
            self._rows -= len(old.frame)
            for conn in conns:
                _let_go(old, conn)

    def _later(self, batch: PacketBatch) -> Later | None:
        """How to read the batch's bytes when it is gone; None where they do not all stand in a file."""
        if batch.base is None or not batch.rereadable:
            return None
        fetch = self._files.get(batch.file)
        if fetch is None:
            file, source = batch.file, self._source

            def fetch(place: int, length: int) -> bytes:
                return source.read_at(file, place, length)

            self._files[batch.file] = fetch
        return fetch, batch.base


def _let_go(rows: Rows, conn: Conn) -> None:
    """Take out of a batch's columns what is still needed."""
    for half in conn.halves:
        half.again.trim()
        for held in half.held:
            if held.piece.rows is rows and held.piece.end > held.piece.start:
                held.piece = kept(held.piece)
        for piece in half.recent:
            if piece.rows is rows:
                _keep_recent(half, rows)
                break
    conn.consumer.outlive(rows)


def _keep_recent(half: Half, rows: Rows) -> None:
    """Of the last bytes handed on, keep those that retransmissions are compared with."""
    low = half.recent[-1].end - COMPARED
    last = [piece.part(max(piece.start, low), piece.end) for piece in half.recent if piece.end > low]
    whole = joined(last)
    half.recent = [whole] if whole else [kept(piece) if piece.rows is rows else piece for piece in last]
