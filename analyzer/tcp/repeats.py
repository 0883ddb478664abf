"""Bytes that came once more, remembered one by one as long as there are not too many.

Of a lossy connection there are many and of a large capture there are many such connections, so they are numbers in a
row until somebody wants to see them.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterator
from typing import NamedTuple

__all__ = ["MAX_AGAIN", "Again", "Repeats"]

#: Retransmissions of one direction that are remembered one by one.
MAX_AGAIN = 128
_WIDTH = 5
_FORGOTTEN = -1


class Again(NamedTuple):
    """Bytes ``[start, end)`` came once more. ``first``: the frame that had brought them, None where it is forgotten."""

    start: int
    end: int
    frame: int
    time: int
    first: int | None


class Repeats:
    """What came once more in one direction, in order of capture."""

    __slots__ = ("_numbers",)

    def __init__(self) -> None:
        self._numbers = array("q")

    def add(self, start: int, end: int, frame: int, time: int, first: int | None) -> None:
        """See ``Again``."""
        self._numbers.extend((start, end, frame, time, _FORGOTTEN if first is None else first))

    def trim(self) -> None:
        """Keep the last ones."""
        if len(self._numbers) > MAX_AGAIN * _WIDTH:
            del self._numbers[: -MAX_AGAIN * _WIDTH]

    def __len__(self) -> int:
        return len(self._numbers) // _WIDTH

    def __iter__(self) -> Iterator[Again]:
        numbers = iter(self._numbers)
        for start, end, frame, time, first in zip(*[numbers] * _WIDTH, strict=True):
            yield Again(start, end, frame, time, None if first == _FORGOTTEN else first)
