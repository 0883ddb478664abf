"""Cuts one direction of the stream into records, and knows what to do about holes.

Bytes are kept only until the record they belong to is whole. The reader knows where in the stream every byte stood, so
a record can be traced to its frames, and a hole inside a record whose header was seen costs just that record: the next
one begins where the header said. Only when a header itself is missing, the place is unknown and ``candidates`` offers
every position that looks like a header; whether it is one, the keys decide.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator
from typing import NamedTuple

from analyzer.model.streams import Data
from analyzer.tls.detect import looks_like_record

__all__ = ["Carried", "Record", "RecordReader"]

_HEADER = 5
_LOOKBACK = 64  #: bytes kept behind the reading position: a cipher block (the next IV in TLS 1.0) and a MAC behind it
_LAST = 1 << 62  #: above every frame number, for looking up pairs by their offset
Carried = tuple[int, int, int, int | None]  #: stream offset, frame from there on, its time, what it acknowledges
_START = re.compile(rb"[\x14-\x17]\x03[\x00-\x04]")


class Record(NamedTuple):
    """A whole record; ``start`` is the stream offset of its header."""

    kind: int
    header: bytes
    fragment: bytes
    start: int

    @property
    def end(self) -> int:
        """Stream offset behind the record."""
        return self.start + _HEADER + len(self.fragment)


class RecordReader:
    """The bytes of one direction that are not yet records."""

    __slots__ = ("_base", "_buffer", "_frames", "_later", "_later_size", "_pos", "_skip_to", "_wanted", "astray")

    def __init__(self) -> None:
        self._buffer = b""
        self._base = 0  #: stream offset of the buffer's first byte
        self._pos = 0  #: reading position in the buffer
        self._later: list[bytes] = []  #: pieces behind the buffer, joined when a record is whole
        self._later_size = 0
        self._wanted = 0  #: bytes from the position that the next step needs
        self._frames: list[Carried] = []
        self.astray = False  #: what stands at the position is no record
        self._skip_to = 0  #: stream offset up to which everything belongs to a record that is lost

    @property
    def position(self) -> int:
        """Stream offset of what is read next."""
        return self._base + self._pos

    @property
    def held(self) -> int:
        """Bytes waiting."""
        return len(self._buffer) - self._pos + self._later_size

    def add(self, data: Data) -> None:
        """Append bytes; they continue what is there unless nothing is there."""
        if not self._buffer and not self._later:
            self._base, self._pos = data.offset, 0
        self._note_frames(data)
        if self.held == 0:
            keep = self._buffer[-_LOOKBACK:] if self._pos else b""
            self._buffer = keep + data.data if len(data.data) < 4096 and keep else data.data
            self._base = data.offset - (len(self._buffer) - len(data.data))
            self._pos = len(self._buffer) - len(data.data)
        else:
            self._later.append(data.data)
            self._later_size += len(data.data)
        if self._skip_to > self.position:
            self._discard(self._skip_to - self.position)

    def _note_frames(self, data: Data) -> None:
        if len(self._frames) > 64:
            done = bisect_right(self._frames, (self.position, _LAST)) - 1
            if done > 0:
                del self._frames[:done]
        times = data.times or (data.time,) * len(data.frames)
        acks = data.acks or (None,) * len(data.frames)
        self._frames.extend(
            (offset, frame, time, ack) for (offset, frame), time, ack in zip(data.frames, times, acks, strict=True)
        )

    def _discard(self, size: int) -> None:
        self._join()
        self._pos = min(self._pos + size, len(self._buffer))

    def _join(self) -> None:
        if self._later:
            keep = max(0, self._pos - _LOOKBACK)
            self._buffer = b"".join([self._buffer[keep:], *self._later])
            self._base += keep
            self._pos -= keep
            self._later, self._later_size = [], 0

    def _has(self, size: int) -> bool:
        if len(self._buffer) - self._pos >= size:
            return True
        if self.held < size:
            return False
        self._join()
        return True

    def next(self) -> Record | None:
        """The record at the position, None while it is not whole. The position stays: ``advance`` moves it."""
        if self._wanted and not self._has(self._wanted):
            return None
        self._wanted = _HEADER
        if not self._has(_HEADER):
            return None
        header = self._buffer[self._pos : self._pos + _HEADER]
        if not looks_like_record(header):
            self._wanted, self.astray = 0, True
            return None
        size = _HEADER + (header[3] << 8 | header[4])
        self._wanted = size
        if not self._has(size):
            return None
        self._wanted = 0
        return self._at(self._pos, size)

    def _at(self, pos: int, size: int) -> Record:
        buffer = self._buffer
        return Record(buffer[pos], buffer[pos : pos + _HEADER], buffer[pos + _HEADER : pos + size], self._base + pos)

    def advance(self, record: Record) -> None:
        """Go behind this record."""
        self._pos = record.end - self._base
        self._wanted = 0
        self.astray = False

    def before(self, record: Record) -> bytes:
        """Up to 64 bytes that stand before the record, as far as they are known."""
        at = record.start - self._base
        return self._buffer[max(0, at - _LOOKBACK) : at]

    def skips(self, offset: int) -> bool:
        """Whether the byte at this stream offset belongs to a record that is given up."""
        return self._skip_to > offset

    def hole(self, offset: int, length: int) -> bool:
        """A hole begins at stream ``offset``. True when the next record's place is still known: the position moves
        there, over one record. False when it is not; the position is behind the hole, and ``candidates`` search."""
        end = offset + length
        self._join()
        header = self._buffer[self._pos : self._pos + _HEADER]
        follows = self.position + _HEADER + int.from_bytes(header[3:5], "big")
        if self._skip_to > offset:
            known, follows = self._skip_to >= end, self._skip_to
        else:
            known = len(header) == _HEADER and looks_like_record(header) and follows >= end
        self._buffer, self._base, self._pos, self._wanted = b"", end, 0, 0
        self.astray = False
        self._skip_to = follows if known else end
        return known

    def candidates(self) -> Iterator[Record | None]:
        """Records at every position behind the reading position that looks like a header. None stands for one whose
        bytes are not all there yet; who stops at it finds it again when more bytes have come."""
        self._join()
        pos = self._pos
        while True:
            found = _START.search(self._buffer, pos)
            if found is None or found.start() + _HEADER > len(self._buffer):
                self._pos = found.start() if found else max(pos, len(self._buffer) - 2)
                return
            pos = found.start()
            size = _HEADER + int.from_bytes(self._buffer[pos + 3 : pos + 5], "big")
            if looks_like_record(self._buffer[pos : pos + _HEADER]):
                if pos + size > len(self._buffer):
                    self._pos = pos
                    yield None
                else:
                    yield self._at(pos, size)
            pos += 1

    def clear(self) -> None:
        """Let go of everything held."""
        self._join()
        self._pos = len(self._buffer)
        self._frames.clear()
        self._buffer, self._pos, self._base = b"", 0, self._base + self._pos

    def frames(self, start: int, end: int) -> list[Carried]:
        """Which frames carried the stream's bytes ``[start, end)``; the first at ``start``."""
        pairs = self._frames
        first = max(bisect_right(pairs, (start, _LAST)) - 1, 0)
        out: list[Carried] = []
        for index in range(first, len(pairs)):
            offset, frame, time, ack = pairs[index]
            if offset >= end and out:
                break
            out.append((max(offset, start), frame, time, ack))
        return out
