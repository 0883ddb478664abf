"""Reads captures and lays the rows open as plain tuples, for comparing."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from analyzer.capture import open_captures
from analyzer.model.packets import CaptureFacts

__all__ = ["Outcome", "Segment", "read_all"]


class Segment(NamedTuple):
    """One row with its bytes."""

    frame: int
    time: int
    src: str
    dst: str
    sport: int
    dport: int
    seq: int
    ack: int
    flags: int
    window: int
    length: int
    captured: int
    payload: bytes


@dataclass(frozen=True, slots=True)
class Outcome:
    """All rows of a capture and what is known of its files."""

    segments: list[Segment]
    facts: tuple[CaptureFacts, ...]
    last_frame: int
    numbers: list[tuple[int, int]]  #: address columns

    @property
    def keys(self) -> list[str]:
        return [note.key for fact in self.facts for note in fact.notes]


def read_all(paths: Sequence[str | os.PathLike[str]], **options: Any) -> Outcome:
    """Everything that ``open_captures`` gives for ``paths``. Checks on the way what every batch promises."""
    source = open_captures(paths, **options)
    segments: list[Segment] = []
    numbers: list[tuple[int, int]] = []
    last = 0
    final = False
    for batch in source.batches():
        assert not final
        final = batch.final
        assert batch.last_frame >= last
        last = batch.last_frame
        for row in range(len(batch)):
            at, captured = int(batch.offset[row]), int(batch.captured[row])
            position = batch.position(row)
            if at < 0:
                assert position is not None
                payload = source.read_at(batch.file, position, captured)
            else:
                payload = bytes(batch.buffer[at : at + captured])
            assert len(payload) == captured <= int(batch.length[row])
            if position is not None:
                assert source.read_at(batch.file, position, captured) == payload
            ports = int(batch.ports[row])
            numbers.append((int(batch.src[row]), int(batch.dst[row])))
            segments.append(
                Segment(
                    int(batch.frame[row]),
                    int(batch.time[row]),
                    batch.addresses.text(int(batch.src[row])),
                    batch.addresses.text(int(batch.dst[row])),
                    ports >> 16,
                    ports & 0xFFFF,
                    int(batch.seq[row]),
                    int(batch.ack[row]),
                    int(batch.flags[row]),
                    int(batch.window[row]),
                    int(batch.length[row]),
                    captured,
                    payload,
                )
            )
    assert final
    facts = source.facts()
    source.close()
    return Outcome(segments, facts, last, numbers)
