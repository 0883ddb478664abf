"""The bytes around each difference: hex and text, offsets, and which bytes are the guilty ones.

A difference names two fields; inside them only the bytes that differ are marked. Rows are sixteen bytes wide at
offsets that are multiples of sixteen, so that two dumps of the same text line up; the first and last guilty rows are
kept, with one row around them, and a long middle is left out.
"""

from __future__ import annotations

from dataclasses import dataclass

from analyzer.diagnosis.compare import byte_diff
from analyzer.model.findings import Comparison, Difference
from analyzer.report.frames import FrameBook

__all__ = ["WIDTH", "DifferenceView", "HexRow", "difference_views"]

WIDTH = 16
#: Rows of one side of one difference.
MAX_ROWS = 6
#: Differences laid out byte by byte; the field table holds them all.
MAX_DIFFERENCES = 64


@dataclass(frozen=True, slots=True)
class HexRow:
    """Up to sixteen bytes at ``offset``; ``marked`` holds the indexes inside the row that differ. ``skipped`` bytes
    stand between the row before and this one."""

    offset: int
    data: bytes
    marked: frozenset[int]
    skipped: int = 0


@dataclass(frozen=True, slots=True)
class DifferenceView:
    """One difference with its surroundings on both sides. Offsets are of the first differing byte."""

    difference: Difference
    rebuilt_at: int | None
    server_at: int | None
    rebuilt_rows: tuple[HexRow, ...]
    server_rows: tuple[HexRow, ...]
    frames: tuple[int, ...]  #: local numbers
    ours: str = "wire"  #: voice of the rebuilt side


def difference_views(comparison: Comparison, frames: FrameBook) -> tuple[DifferenceView, ...]:
    """One view a difference, in the comparison's order."""
    return tuple(_view(difference, comparison, frames) for difference in comparison.differences[:MAX_DIFFERENCES])


def _view(difference: Difference, comparison: Comparison, frames: FrameBook) -> DifferenceView:
    ours, theirs = _guilty(difference.rebuilt or b"", difference.server or b"")
    left = _side(comparison.rebuilt, difference.rebuilt_offset, ours)
    right = _side(comparison.server, difference.server_offset, theirs)
    carried = frames.local(difference.frames)
    return DifferenceView(difference, left[0], right[0], left[1], right[1], carried, comparison.voice)


def _guilty(ours: bytes, theirs: bytes) -> tuple[list[tuple[int, int]], list[tuple[int, int]]]:
    """Extents inside both fields that differ; an empty extent marks where the other side has more."""
    left: list[tuple[int, int]] = []
    right: list[tuple[int, int]] = []
    for segment in byte_diff(ours, theirs):
        if segment.kind != "equal":
            left.append((segment.a_start, segment.a_end))
            right.append((segment.b_start, segment.b_end))
    return left, right


def _side(
    text: bytes | None, offset: int | None, extents: list[tuple[int, int]]
) -> tuple[int | None, tuple[HexRow, ...]]:
    if text is None or offset is None or not extents:
        return (None if offset is None else offset), ()
    first = offset + extents[0][0]
    last = max(first, offset + extents[-1][1] - 1)
    begin = max(0, first // WIDTH - (1 if first % WIDTH < 4 else 0))
    end = min(max(0, len(text) - 1), last + (4 if last % WIDTH > 11 else 0)) // WIDTH + 1
    numbers = list(range(begin, max(end, begin + 1)))
    if len(numbers) > MAX_ROWS:
        numbers = numbers[: MAX_ROWS - 2] + numbers[-2:]
    rows: list[HexRow] = []
    expected = numbers[0]
    for number in numbers:
        at = number * WIDTH
        data = text[at : at + WIDTH]
        marks = frozenset(
            i
            for i in range(len(data))
            if any(offset + a <= at + i < offset + b for a, b in _near(extents, at - offset))
        )
        rows.append(HexRow(at, data, marks, (number - expected) * WIDTH))
        expected = number + 1
    return first, tuple(rows)


def _near(extents: list[tuple[int, int]], at: int) -> list[tuple[int, int]]:
    """Extents that touch the row at ``at`` (relative to the field)."""
    return [(a, b) for a, b in extents if a < at + WIDTH and b > at]
