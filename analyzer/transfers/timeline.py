"""Bytes over time in a bounded number of slots.

A timeline begins with slots of a millisecond. When a time lies behind the last slot, neighbours are added up and the
slots become twice as wide, as often as needed. Sums do not mind in which order or in how many steps they are made, so
the result depends only on what happened, never on how the capture was cut into batches.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from analyzer.model.transfers import Series

__all__ = ["Timeline"]

I8 = npt.NDArray[np.int64]

SLOTS = 96
_WIDTH = 1_000_000
_NONE: I8 = np.zeros(0, np.int64)


class Timeline:
    """New bytes and bytes sent again, by time of capture. Room for slots is made as they are needed."""

    __slots__ = ("_again", "_new", "_start", "_width")

    def __init__(self, start: int) -> None:
        self._start, self._width = start, _WIDTH
        self._new = self._again = _NONE

    def add(self, time: I8, new: I8, again: I8) -> None:
        """Bytes that were seen at these times (nanoseconds)."""
        moved = new + again > 0
        if not moved.any():
            return
        time, new, again = time[moved], new[moved], again[moved]
        since = np.maximum(time - self._start, 0)
        last = int(since.max())
        while last // self._width >= SLOTS:
            self._width *= 2
            self._new, self._again = _halved(self._new), _halved(self._again)
        need = last // self._width + 1
        if need > len(self._new):
            room = min(SLOTS, 1 << (need - 1).bit_length())
            self._new, self._again = _grown(self._new, room), _grown(self._again, room)
        slot = since // self._width
        np.add.at(self._new, slot, new)
        np.add.at(self._again, slot, again)

    def series(self) -> Series:
        """What was counted, without the empty slots at the end."""
        used = np.flatnonzero(self._new + self._again)
        stop = int(used[-1]) + 1 if len(used) else 0
        return Series(self._start, self._width, tuple(self._new[:stop].tolist()), tuple(self._again[:stop].tolist()))


def _halved(slots: I8) -> I8:
    """Neighbours added up."""
    out: I8 = _grown(slots, len(slots) + len(slots) % 2).reshape(-1, 2).sum(axis=1)
    return out


def _grown(slots: I8, room: int) -> I8:
    out = np.zeros(room, np.int64)
    out[: len(slots)] = slots
    return out
