"""Segments as tuples, and a source that gives them as batches of any size.

``Segment`` is one TCP segment; ``Tuples`` is a ``PacketSource`` over a list of them, with or without a file to read
again, so that tests of the floors above need no capture.
"""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from analyzer.model.packets import CaptureFacts, PacketBatch

__all__ = [
    "ACK",
    "FIN",
    "MS",
    "PSH",
    "RST",
    "SYN",
    "A",
    "B",
    "Dialogue",
    "Segment",
    "Tuples",
    "after_one_another",
    "side_by_side",
]

FIN, SYN, RST, PSH, ACK = 1, 2, 4, 8, 16
A, B = (0x0A000005, 40000), (0x761FDBD9, 80)
MS = 1_000_000


@dataclass(frozen=True, slots=True)
class Segment:
    """One segment; ``length`` is what was on the wire when the snap length cut ``payload``."""

    src: tuple[int, int]
    dst: tuple[int, int]
    seq: int
    ack: int
    flags: int = ACK
    payload: bytes = b""
    time: int = 0
    length: int | None = None


class _Book:
    def packed(self, number: int) -> bytes:
        return number.to_bytes(4, "big")

    def text(self, number: int) -> str:
        return ".".join(str(b) for b in number.to_bytes(4, "big"))


class Tuples:
    """A source over segments. ``again``: the bytes can be read a second time, as from a file."""

    def __init__(self, segments: Sequence[Segment], size: int | None = None, again: bool = True) -> None:
        self.segments = list(segments)
        self.size = size or max(1, len(self.segments))
        self.again = again
        self.addresses = _Book()
        self._all = b"".join(s.payload for s in self.segments)

    def batches(self) -> Iterator[PacketBatch]:
        at = 0
        buffer = bytearray(len(self._all))
        for low in range(0, len(self.segments), self.size):
            part = self.segments[low : low + self.size]
            lengths = [len(s.payload) for s in part]
            buffer[:] = b"\xee" * len(buffer)  # the buffer is reused: whoever still looks at old bytes fails
            data = b"".join(s.payload for s in part)
            buffer[: len(data)] = data
            starts = np.cumsum([0, *lengths[:-1]]).astype(np.int64)
            wire = [len(s.payload) if s.length is None else s.length for s in part]
            yield PacketBatch(
                buffer=buffer,
                file=0,
                base=at if self.again else None,
                file_bytes=len(data) if self.again else 0,
                frame=np.arange(low + 1, low + 1 + len(part), dtype=np.int64),
                time=np.array([s.time for s in part], np.int64),
                src=np.array([s.src[0] for s in part], np.uint32),
                dst=np.array([s.dst[0] for s in part], np.uint32),
                ports=np.array([s.src[1] << 16 | s.dst[1] for s in part], np.uint32),
                seq=np.array([s.seq % 2**32 for s in part], np.uint32),
                ack=np.array([s.ack % 2**32 for s in part], np.uint32),
                flags=np.array([s.flags for s in part], np.uint8),
                window=np.full(len(part), 65535, np.uint16),
                offset=starts,
                length=np.array(wire, np.int64),
                captured=np.array(lengths, np.int64),
                addresses=self.addresses,
                last_frame=low + len(part),
                last_time=max(s.time for s in part),
            )
            at += len(data)

    def facts(self) -> tuple[CaptureFacts, ...]:
        return ()

    def read_at(self, file: int, position: int, length: int) -> bytes:
        return self._all[position : position + length]

    def close(self) -> None:
        pass


class Dialogue:
    """Writes a conversation: who says what, in segments of a size, with acknowledgements that fit."""

    def __init__(
        self,
        client: tuple[int, int] = A,
        server: tuple[int, int] = B,
        isn: tuple[int, int] = (1000, 9000),
        mss: int = 1448,
        start: int = 0,
    ) -> None:
        self.ends = (client, server)
        self.next = [isn[0], isn[1]]
        self.mss = mss
        self.time = start
        self.segments: list[Segment] = []

    def _put(self, side: int, flags: int, payload: bytes = b"") -> None:
        self.time += MS
        ack = self.next[1 - side] if flags & ACK else 0
        self.segments.append(
            Segment(self.ends[side], self.ends[1 - side], self.next[side], ack, flags, payload, self.time)
        )
        self.next[side] += len(payload) + bool(flags & SYN) + bool(flags & FIN)

    def open(self) -> Dialogue:
        """SYN, SYN-ACK, ACK."""
        self._put(0, SYN)
        self._put(1, SYN | ACK)
        self._put(0, ACK)
        return self

    def says(self, side: int, data: bytes, answered: bool = True) -> Dialogue:
        """Data of a side (0: client), acknowledged at the end."""
        for at in range(0, len(data), self.mss):
            self._put(side, ACK | PSH, data[at : at + self.mss])
        if answered:
            self._put(1 - side, ACK)
        return self

    def close(self, side: int = 0) -> Dialogue:
        """FIN of one side, FIN of the other, ACK."""
        self._put(side, FIN | ACK)
        self._put(1 - side, FIN | ACK)
        self._put(side, ACK)
        return self


def after_one_another(segments: Iterable[Segment]) -> list[Segment]:
    """A millisecond between any two."""
    return [replace(segment, time=at * MS) for at, segment in enumerate(segments)]


def side_by_side(rng: random.Random, talks: Iterable[Sequence[Segment]], often: float) -> list[Segment]:
    """Conversations that begin in this order, several at a time: ``often`` a further one, each in its own order."""
    coming = [list(talk)[::-1] for talk in talks if talk][::-1]
    running: list[list[Segment]] = []
    out: list[Segment] = []
    while running or coming:
        if coming and (not running or rng.random() < often):
            running.append(coming.pop())
        talking = rng.choice(running)
        out.append(talking.pop())
        if not talking:
            running.remove(talking)
    return out
