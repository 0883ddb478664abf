"""What goes up: the plaintext of one direction as stream events with offsets of its own.

Offsets count plaintext bytes from 0. Content and ciphertext have the same order and, for AEAD, the same length, so a
plaintext byte belongs to the frame that carried the ciphertext byte at its place (for CBC: its cipher block).
"""

from __future__ import annotations

from analyzer.model.notes import Note
from analyzer.model.streams import Data, Direction, Gap, StreamEvent
from analyzer.model.tls import TlsFact

__all__ = ["Plaintext"]

_BATCH = 1 << 20  #: plaintext bytes handed up in one piece


class Plaintext:
    """Gathers the content of records and hands it up in pieces."""

    __slots__ = ("_direction", "_frames", "_out", "_parts", "_size", "_stream", "_times", "decrypted", "offset", "time")

    def __init__(self, stream: int, direction: Direction, out: list[StreamEvent | TlsFact]) -> None:
        self._stream, self._direction, self._out = stream, direction, out
        self.offset = 0  #: of the next byte
        self.decrypted = 0  #: bytes handed up
        self.time = 0  #: of the last segment worked on
        self._parts: list[bytes] = []
        self._size = 0
        self._frames: list[tuple[int, int]] = []
        self._times: list[int] = []

    def emit(self, data: bytes, start: int, frames: list[tuple[int, int, int]]) -> None:
        """Append content whose ciphertext began at stream offset ``start`` and was carried by ``frames``, which are
        (offset, frame, time)."""
        shift = self.offset - start
        last = self._frames[-1][1] if self._frames else None
        for offset, frame, time in frames:
            if frame != last:
                self._frames.append((offset + shift, frame))
                self._times.append(time)
                last = frame
        self._parts.append(data)
        self._size += len(data)
        self.offset += len(data)
        if self._size >= _BATCH:
            self.flush()

    def flush(self) -> None:
        """Hand up what was gathered."""
        if self._size:
            start, frames, times = self.offset - self._size, tuple(self._frames), tuple(self._times)
            data, last = b"".join(self._parts), times[-1] if times else self.time
            self._out.append(Data(self._stream, self._direction, start, data, frames, last, times))
            self.decrypted += self._size
        self._parts, self._size, self._frames, self._times = [], 0, [], []

    def missing(self, length: int, after_frame: int, snapped: bool) -> None:
        """Bytes that could not be had; the offset goes on behind them."""
        if length > 0:
            self.flush()
            self._out.append(Gap(self._stream, self._direction, self.offset, length, after_frame, snapped))
            self.offset += length

    def fact(self, said: Note, frame: int) -> None:
        """Something to say at this place."""
        self.flush()
        self._out.append(TlsFact(self._stream, self._direction, frame or None, self.time, said))
