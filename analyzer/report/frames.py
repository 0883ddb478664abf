"""Frame numbers as Wireshark shows them when the file is opened.

Floors below count frames through all files of a set. A reader opens one file, so every number is turned back into
(file, number in that file) here, once.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass

from analyzer.model.report import CaptureSummary

__all__ = ["FrameBook", "Frames", "ranges"]


@dataclass(frozen=True, slots=True)
class Frames:
    """Frames of one message: which capture file, and their numbers there, ascending. ``elsewhere`` holds those that
    lie in later files of the set, as (file index, number)."""

    capture: int
    numbers: tuple[int, ...]
    elsewhere: tuple[tuple[int, int], ...] = ()

    def __bool__(self) -> bool:
        return bool(self.numbers)


class FrameBook:
    """Running frame number → file and local number, for the files of one run."""

    __slots__ = ("_first", "_framed")

    def __init__(self, captures: Iterable[CaptureSummary], *, framed: bool = True) -> None:
        self._first = tuple(max(1, c.facts.first_frame) for c in captures) or (1,)
        self._framed = framed  #: without a capture there are no frames: all numbers vanish

    def place(self, frame: int) -> tuple[int, int]:
        """(index of the file, number in it) of one running number."""
        at = max(0, bisect_right(self._first, frame) - 1)
        return at, frame - self._first[at] + 1

    def locate(self, frames: Iterable[int]) -> Frames:
        """The file that holds the first of ``frames``, and their numbers."""
        placed = [self.place(frame) for frame in frames] if self._framed else []
        if not placed:
            return Frames(0, ())
        home = placed[0][0]
        return Frames(
            home,
            tuple(number for capture, number in placed if capture == home),
            tuple(place for place in placed if place[0] != home),
        )

    def local(self, frames: Iterable[int]) -> tuple[int, ...]:
        """Numbers alone, each as its own file counts."""
        return tuple(self.place(frame)[1] for frame in frames) if self._framed else ()


def ranges(numbers: Iterable[int], limit: int = 12) -> str:
    """``4-6, 9``: ascending numbers with neighbours joined; beyond ``limit`` stretches the middle is left out."""
    stretches: list[list[int]] = []
    for number in numbers:
        if stretches and number == stretches[-1][1] + 1:
            stretches[-1][1] = number
        elif not stretches or number != stretches[-1][1]:
            stretches.append([number, number])
    words = [str(a) if a == b else f"{a}-{b}" for a, b in stretches]
    if len(words) > limit:
        words = [*words[: limit - 1], "…", words[-1]]
    return ", ".join(words)
