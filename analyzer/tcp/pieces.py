"""Pieces: stretches of one direction's bytes that know their segments.

A piece is a range of stream offsets over ``Rows``. It costs nothing to make or to trim, bytes are copied only when
somebody reads them. A piece over a batch's columns is good until the assembler says that they go (``Consumer.outlive``;
many batches later where the file can be read again, at once where it cannot); ``kept`` makes one that lasts, by
remembering where in the file the bytes stand, or by copying them.
"""

from __future__ import annotations

from array import array
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence

import numpy as np

from analyzer.model.streams import Data, Direction
from analyzer.tcp.columns import Fetch, Ints, Rows

__all__ = ["Piece", "bare", "event_of", "joined", "kept", "merged", "piece_of", "prolonged"]


class Piece:
    """Bytes ``[start, end)`` of a direction, in rows ``[low, high)``.

    ``base`` is the stream offset of row ``low``'s first byte. ``ack`` is what the last row acknowledges, as a stream
    offset of the other direction; None where that is not known.
    """

    __slots__ = ("ack", "base", "end", "high", "low", "origin", "rows", "start")

    def __init__(self, rows: Rows, low: int, high: int, base: int, start: int, end: int, ack: int | None) -> None:
        self.rows, self.low, self.high = rows, low, high
        self.base, self.start, self.end, self.ack = base, start, end, ack
        self.origin = base - rows.cum[low]  #: stream offset that stands for cum == 0

    def part(self, start: int, end: int) -> Piece:
        """The same bytes, only ``[start, end)`` of them."""
        return Piece(self.rows, self.low, self.high, self.base, start, end, self.ack)

    def until(self, end: int) -> Piece:
        """The first bytes, as if nothing had come behind them yet."""
        high = self.row(end - 1) + 1
        return Piece(self.rows, self.low, high, self.base, self.start, end, self.acknowledged(end - 1))

    def row(self, offset: int) -> int:
        """The row that carries the byte at ``offset``."""
        if self.high - self.low == 1:
            return self.low
        return bisect_right(self.rows.cum, offset - self.origin, self.low + 1, self.high) - 1

    def segment_end(self, offset: int) -> int:
        """Offset behind the segment that carries ``offset``, or the piece's end."""
        if self.high - self.low == 1:
            return self.end
        return min(self.end, self.origin + self.rows.cum[self.row(offset) + 1])

    def read(self, start: int, end: int) -> bytes:
        """The bytes ``[start, end)``, which must lie inside the piece."""
        rows, row, origin = self.rows, self.row(start), self.origin
        cum, place, fetch = rows.cum, rows.place, rows.fetch
        begin = origin + cum[row]
        stop = origin + cum[row + 1]
        if end <= stop:
            return fetch(place[row] + start - begin, end - start)
        parts = [fetch(place[row] + start - begin, stop - start)]
        while stop < end:
            row += 1
            begin, stop = stop, origin + cum[row + 1]
            if stop > begin:
                parts.append(fetch(place[row], min(stop, end) - begin))
        return b"".join(parts)

    def frames(self, start: int, end: int) -> Iterator[tuple[int, int, int]]:
        """(first offset, offset behind the last, frame) of the segments that carry ``[start, end)``."""
        row, origin = self.row(start), self.origin
        cum, frame = self.rows.cum, self.rows.frame
        while start < end:
            stop = min(end, origin + cum[row + 1])
            if stop > start:
                yield start, stop, frame[row]
                start = stop
            row += 1

    @property
    def is_bare(self) -> bool:
        """Its bytes were given up."""
        return self.rows.fetch is _gone

    @property
    def segments(self) -> int:
        """How many segments carry the piece."""
        if self.end <= self.start or self.high - self.low == 1:
            return int(self.end > self.start)
        low, high = self.row(self.start), self.row(self.end - 1) + 1
        cum = np.asarray(self.rows.cum[low : high + 1])
        return int(np.count_nonzero(cum[1:] > cum[:-1]))

    def time(self, offset: int) -> int:
        """When the byte at ``offset`` was captured, nanoseconds."""
        return self.rows.time[self.row(offset)]

    def acknowledged(self, offset: int) -> int | None:
        """What the segment that carries ``offset`` acknowledges: an offset of the other direction."""
        if self.ack is None:
            return None
        return _nearest(self.rows.ack[self.row(offset)], self.rows.ack[self.high - 1], self.ack)

    def advances(self, at: int, acked: int | None) -> Iterator[tuple[int, int]]:
        """(offset, what the segment before acknowledges) of the segments from ``at`` on that acknowledge more than that
        one. ``acked``: of the segment before ``at``."""
        low, rows = self.row(at), self.rows
        cum = np.asarray(rows.cum[low : self.high + 1])
        places = np.flatnonzero(cum[1:] > cum[:-1])
        places = places[(cum[places] + self.origin >= at) & (cum[places] + self.origin < self.end)]
        told = np.asarray(rows.ack[low : self.high])[places]
        more = (told[1:] - told[:-1]).astype(np.int32) > 0
        if not len(places) or self.ack is None:
            return
        first = self.origin + int(cum[places[0]])
        here = self.acknowledged(first)
        if acked is not None and here is not None and here > acked:
            yield first, acked
        for index in np.flatnonzero(more).tolist():
            before = self.acknowledged(self.origin + int(cum[places[index]]))
            if before is not None:
                yield self.origin + int(cum[places[index + 1]]), before

    def boundaries(self) -> Iterator[int]:
        """Stream offsets inside the piece at which a segment begins, the piece's own start included."""
        offset = self.start
        row, origin, cum = self.row(offset), self.origin, self.rows.cum
        while offset < self.end:
            yield offset
            offset = origin + cum[row + 1]
            row += 1
            while offset < self.end and cum[row + 1] == cum[row]:
                row += 1

    def begins(self) -> Iterator[int]:
        """Stream offsets at which a segment really begins: without a start that lies inside one."""
        return (offset for offset in self.boundaries() if self.begins_at(offset))

    def begins_at(self, offset: int) -> bool:
        """A segment begins there."""
        return offset == self.origin + self.rows.cum[self.row(offset)]


def _nearest(number: int, known: int, offset: int) -> int:
    """The stream offset that a 32-bit number stands for, by a number whose offset is known."""
    return offset + ((number - known + 0x80000000) & 0xFFFFFFFF) - 0x80000000


def kept(piece: Piece) -> Piece:
    """A piece with the same bytes that outlives its batch."""
    old = piece.rows
    if not old.borrowed:
        return piece
    first, last = piece.row(piece.start), piece.row(piece.end - 1) + 1
    cum = _copied(old.cum[first : last + 1])
    if old.later is None:
        shift = piece.start - piece.origin
        data = piece.read(piece.start, piece.end)
        place = array("q", [at - shift for at in cum[:-1]])  # negative where the piece begins inside a segment
        fetch = _slicer(data)
    else:
        fetch, base = old.later
        place = array("q", [base + at for at in old.place[first:last]])
    frame, time = _copied(old.frame[first:last]), _copied(old.time[first:last])
    rows = Rows(cum, place, frame, time, _copied(old.ack[first:last]), fetch)
    acknowledged = piece.acknowledged(piece.end - 1)
    return Piece(rows, 0, last - first, piece.origin + cum[0], piece.start, piece.end, acknowledged)


def prolonged(old: Piece, new: Piece) -> Piece | None:
    """One kept piece for two, where the second (kept or not) goes on exactly where the first, kept, ends; else None.

    The columns of the first grow: a body of any length is one piece, 40 bytes a segment.
    """
    rows, more, later = old.rows, new.rows, new.rows.later
    if rows.borrowed or later is None or rows.fetch is not later[0] or new.start != old.end:
        return None
    first, last = new.row(new.start), new.row(new.end - 1) + 1
    begin, stop = more.cum[first], more.cum[last]
    if new.origin + begin != new.start or new.origin + stop != new.end or old.origin + rows.cum[-1] != old.end:
        return None
    if old.high != len(rows.place) or not isinstance(rows.cum, array):
        return None
    shift = rows.cum[-1] - begin
    rows.cum.extend([at + shift for at in more.cum[first + 1 : last + 1]])
    rows.place.extend([later[1] + at for at in more.place[first:last]])  # type: ignore[union-attr]
    for column, added in ((rows.frame, more.frame), (rows.time, more.time), (rows.ack, more.ack)):
        column.frombytes(added[first:last].tobytes())  # type: ignore[union-attr]
    acknowledged = new.acknowledged(new.end - 1)
    return Piece(rows, old.low, len(rows.place), old.base, old.start, new.end, acknowledged)


def joined(pieces: Sequence[Piece]) -> Piece | None:
    """One piece that lasts, with the bytes and frames of several that follow each other, without acknowledgements and
    times; None where a byte is missing between them, or where they cannot all be read from one file again."""
    cum, place, frames = array("q", [0]), array("q"), array("q")
    zero = end = pieces[0].start
    fetch = None
    for piece in pieces:
        rows = piece.rows
        read, base = rows.later or (None if rows.borrowed else rows.fetch, 0)
        if read is None or piece.start != end or read is not (fetch or read):
            return None
        fetch, end = read, piece.end
        first, last = piece.row(piece.start), piece.row(end - 1) + 1
        at, places = rows.cum[first : last + 1].tolist(), rows.place[first:last].tolist()
        numbers, shift = rows.frame[first:last].tolist(), piece.origin - zero
        places[0] += piece.start - piece.origin - at[0]  # at its start and its end a piece may lie inside a segment
        at[-1] = end - piece.origin
        full = [row for row in range(last - first) if at[row + 1] > at[row]]
        cum.extend([at[row + 1] + shift for row in full])
        place.extend([base + places[row] for row in full])
        frames.extend([numbers[row] for row in full])
    if fetch is None:
        return None
    return Piece(Rows(cum, place, frames, frames, frames, fetch), 0, len(place), zero, zero, end, None)


def bare(piece: Piece) -> Piece:
    """What is left of a piece whose bytes are given up: where its segments were, in which frames, and when."""
    first, last = piece.row(piece.start), piece.row(piece.end - 1) + 1
    old = piece.rows
    cum, frame, time = _copied(old.cum[first : last + 1]), _copied(old.frame[first:last]), _copied(old.time[first:last])
    rows = Rows(cum, cum, frame, time, frame, _gone)
    return Piece(rows, 0, last - first, piece.origin + cum[0], piece.start, piece.end, None)


def merged(parts: Sequence[tuple[Piece, int, int]]) -> Piece:
    """One piece that lasts for several (piece, first offset, offset behind the last) of a direction, whatever lies
    between them: a copy of their bytes (none where all were given up), a row for each segment. Its offsets begin at 0.
    """
    cum, frame, time = array("q", [0]), array("q"), array("q")
    for piece, start, end in parts:
        for first, stop, number in piece.frames(start, end):
            if frame and frame[-1] == number:
                cum[-1] += stop - first
            else:
                cum.append(cum[-1] + stop - first)
                frame.append(number)
                time.append(piece.time(first))
    fetch = _gone if parts[0][0].is_bare else _slicer(b"".join([p.read(start, end) for p, start, end in parts]))
    return Piece(Rows(cum, cum, frame, time, frame, fetch), 0, len(frame), 0, 0, cum[-1], None)


def _gone(place: int, length: int) -> bytes:
    return b""


def _copied(column: Ints) -> array[int]:
    """Numbers that do not change when the batch's columns go."""
    return array("q", column.tobytes())


def _slicer(data: bytes) -> Fetch:
    def fetch(place: int, length: int) -> bytes:
        return data[place : place + length]

    return fetch


def _ints(numbers: Iterable[int]) -> Ints:
    return memoryview(array("q", numbers))


def event_of(stream: int, direction: Direction, piece: Piece) -> Data:
    """A piece as an event with its own bytes."""
    rows, origin, ack = piece.rows, piece.origin, piece.ack
    first, behind = piece.row(piece.start), piece.row(piece.end - 1) + 1
    cum = rows.cum[first : behind + 1].tolist()
    full = [index for index in range(behind - first) if cum[index + 1] > cum[index]]
    frame, time = rows.frame[first:behind].tolist(), rows.time[first:behind].tolist()
    frames = tuple([(max(origin + cum[index], piece.start), frame[index]) for index in full])
    acks: tuple[int, ...] = ()
    if ack is not None:
        number, last = rows.ack[first:behind].tolist(), rows.ack[piece.high - 1]
        acks = tuple([_nearest(number[index], last, ack) for index in full])
    data, times = piece.read(piece.start, piece.end), tuple([time[index] for index in full])
    return Data(stream, direction, piece.start, data, frames, times[-1], times, acks)


def piece_of(event: Data) -> Piece:
    """A piece over an event's own bytes."""
    starts = [offset - event.offset for offset, _ in event.frames] or [0]
    cum = _ints((*starts, len(event.data)))
    frames = _ints([frame for _, frame in event.frames] or [0])
    times = _ints(event.times or [event.time] * len(starts))
    acks = _ints(event.acks or [0] * len(starts))
    rows = Rows(cum, _ints(starts), frames, times, acks, _slicer(event.data))
    end = event.offset + len(event.data)
    return Piece(rows, 0, len(starts), event.offset, event.offset, end, event.acks[-1] if event.acks else None)
