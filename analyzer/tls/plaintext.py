"""What goes up: the plaintext of one direction as stream events with offsets of its own.

Offsets count plaintext bytes from 0. Content and ciphertext have the same order and, for AEAD, the same length, so a
plaintext byte belongs to the frame that carried the ciphertext byte at its place (for CBC: its cipher block).
"""

from __future__ import annotations

from bisect import bisect_right

from analyzer.model.notes import Note
from analyzer.model.streams import Data, Direction, Gap, StreamEvent
from analyzer.model.tls import TlsFact
from analyzer.tls.records import Carried

__all__ = ["Plaintext"]

_BATCH = 1 << 20  #: plaintext bytes handed up in one piece
_MARKS = 1 << 16  #: records whose ends are remembered, so that acknowledgements can be understood


class Plaintext:
    """Gathers the content of records and hands it up in pieces.

    Every record begins a row of its own in ``Data.frames``, as senders begin a message with a record. ``Data.acks`` are
    offsets of the other direction's ciphertext; ``reached`` tells which plaintext offset such a one stands for.
    """

    __slots__ = (
        "_acks",
        "_direction",
        "_ends",
        "_frames",
        "_offsets",
        "_out",
        "_parts",
        "_size",
        "_stream",
        "_times",
        "decrypted",
        "offset",
        "time",
    )

    def __init__(self, stream: int, direction: Direction, out: list[StreamEvent | TlsFact]) -> None:
        self._stream, self._direction, self._out = stream, direction, out
        self.offset = 0  #: of the next byte
        self.decrypted = 0  #: bytes handed up
        self.time = 0  #: of the last segment worked on
        self._parts: list[bytes] = []
        self._size = 0
        self._frames: list[tuple[int, int]] = []
        self._times: list[int] = []
        self._acks: list[int] = []
        self._ends: list[int] = []  #: where records end in the ciphertext ...
        self._offsets: list[int] = []  #: ... and their content in the plaintext

    def emit(self, data: bytes, start: int, end: int, carried: list[Carried]) -> None:
        """Append content whose ciphertext began at stream offset ``start``, of a record that ended at ``end``."""
        shift = self.offset - start
        for offset, frame, time, ack in carried:
            self._frames.append((offset + shift, frame))
            self._times.append(time)
            if ack is not None:
                self._acks.append(ack)
        self._parts.append(data)
        self._size += len(data)
        self.offset += len(data)
        self._mark(end)
        if self._size >= _BATCH:
            self.flush()

    def flush(self) -> None:
        """Hand up what was gathered."""
        if self._size:
            data, frames, times = b"".join(self._parts), tuple(self._frames), tuple(self._times)
            acks = tuple(self._acks) if len(self._acks) == len(frames) else ()
            start, last = self.offset - self._size, times[-1] if times else self.time
            self._out.append(Data(self._stream, self._direction, start, data, frames, last, times, acks))
            self.decrypted += self._size
        self._parts, self._size, self._frames, self._times, self._acks = [], 0, [], [], []

    def missing(self, length: int, after_frame: int, snapped: bool, end: int | None) -> None:
        """Bytes that could not be had, up to stream offset ``end``; the offset goes on behind them. Without one what
        is acknowledged of them is not known."""
        if length > 0:
            self.flush()
            self._out.append(Gap(self._stream, self._direction, self.offset, length, after_frame, snapped))
            self.offset += length
            if end is not None:
                self._mark(end)

    def _mark(self, end: int) -> None:
        if len(self._ends) > _MARKS:
            del self._ends[: _MARKS // 2], self._offsets[: _MARKS // 2]
        self._ends.append(end)
        self._offsets.append(self.offset)

    def reached(self, end: int) -> int:
        """How much content is complete at this stream offset."""
        found = bisect_right(self._ends, end) - 1
        return self._offsets[found] if found >= 0 else 0

    def fact(self, said: Note, frame: int) -> None:
        """Something to say at this place."""
        self.flush()
        self._out.append(TlsFact(self._stream, self._direction, frame or None, self.time, said))
