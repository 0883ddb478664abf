"""Throughput over time as pictures: spark lines for a terminal, lanes for a page.

Both are geometry only. A spark line is as wide as its transfer, so shape is compared, not length; lanes share one axis
of time and one scale of throughput, so transfers can be compared with each other.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from analyzer.model.transfers import Series, Transfer
from analyzer.report.messages import Catalogue
from analyzer.report.speech import duration
from analyzer.report.values import clock

__all__ = ["Drawn", "Lane", "Plot", "plot", "spark"]

_BARS = " ▁▂▃▄▅▆▇█"
#: Lanes of a plot; pixels from one to the next, of a full outline, and above the first base line.
MAX_LANES, LANE, FULL, ROOM = 40, 52, 26, 44
#: Columns into which the axis of time is cut.
_COLUMNS = 240


def spark(transfer: Transfer, width: int) -> str:
    """``▁▃▇▇▂ ▆``: new bytes over the transfer's time in ``width`` columns, the fullest one full."""
    speed = transfer.speed
    if speed is None or not speed.series.new:
        return ""
    columns = _columns(speed.series, transfer.begin, max(1, transfer.end - transfer.begin), width)[0]
    most = max(columns, default=0)
    if not most:
        return ""
    return "".join(_BARS[-(-column * 8 // most)] for column in columns)


def _columns(series: Series, begin: int, span: int, width: int) -> tuple[list[int], list[int]]:
    """The slots spread over ``width`` columns of the time from ``begin`` on: new bytes, bytes again.

    A slot that covers several columns is shared out among them, remainders to the first.
    """
    new, again = [0] * width, [0] * width
    for slot, (fresh, repeated) in enumerate(zip(series.new, series.again, strict=True)):
        if not fresh and not repeated:
            continue
        at = series.start + slot * series.width - begin
        low = min(width - 1, max(0, at * width // span))
        high = min(width - 1, max(low, (at + series.width - 1) * width // span))
        for target, amount in ((new, fresh), (again, repeated)):
            share, rest = divmod(amount, high - low + 1)
            for column in range(low, high + 1):
                target[column] += share
            target[low] += rest
    return new, again


@dataclass(frozen=True, slots=True)
class Drawn:
    """Something that moved bytes: a transfer, or a direction of an encrypted connection."""

    label: str
    begin: int
    end: int
    series: Series
    wait: tuple[int, int] | None = None  #: from the request's last byte to the answer's first
    failed: bool = False


@dataclass(frozen=True, slots=True)
class Lane:
    """One of them: its label, its outline as SVG path data, ticks where bytes were sent again, and its wait."""

    y: int
    label: str
    path: str
    again: tuple[float, ...]  #: percent of the width
    begin: float
    end: float
    wait: tuple[float, float] | None
    failed: bool


@dataclass(frozen=True, slots=True)
class Plot:
    """All lanes over one axis of time; x from 0 to 100, y in pixels."""

    lanes: tuple[Lane, ...]
    height: int
    begin: str
    end: str
    most: float  #: bytes a second at a lane's full height
    more: int
    span: str


def plot(things: Sequence[Drawn], words: Catalogue) -> Plot | None:
    """In the order given, as far as there is room; None where nothing moved."""
    drawn = things[:MAX_LANES]
    if not drawn:
        return None
    begin, end = min(one.begin for one in drawn), max(one.end for one in drawn)
    span = max(1, end - begin)
    columns = [_columns(one.series, begin, span, _COLUMNS) for one in drawn]
    most = max((max(new) for new, _ in columns), default=0)
    if not most:
        return None
    lanes = tuple(
        _lane(one, LANE * row + ROOM, found, most, begin, span)
        for row, (one, found) in enumerate(zip(drawn, columns, strict=True))
    )
    rate = most * _COLUMNS * 1e9 / span
    return Plot(
        lanes, LANE * (len(lanes) - 1) + ROOM + 12, clock(begin) or "", clock(end) or "", rate,
        len(things) - len(drawn), duration(span, words),
    )  # fmt: skip


def _lane(one: Drawn, y: int, found: tuple[list[int], list[int]], most: int, begin: int, span: int) -> Lane:
    new, again = found
    wait = None if one.wait is None else (_percent(one.wait[0] - begin, span), _percent(one.wait[1] - begin, span))
    return Lane(
        y,
        one.label,
        _outline(new, most, y),
        tuple(round(100 * at / _COLUMNS, 2) for at, count in enumerate(again) if count),
        _percent(one.begin - begin, span),
        _percent(one.end - begin, span),
        wait,
        one.failed,
    )


def _percent(part: int, span: int) -> float:
    return round(100 * part / span, 2)


def _outline(new: Sequence[int], most: int, y: int) -> str:
    """Steps up from the lane's base line; empty stretches are left out."""
    pieces: list[str] = []
    for at, count in enumerate(new):
        if not count:
            continue
        left, right = round(100 * at / _COLUMNS, 2), round(100 * (at + 1) / _COLUMNS, 2)
        top = round(y - max(1.0, FULL * count / most), 1)
        pieces.append(f"M{left} {y}V{top}H{right}V{y}z")
    return "".join(pieces)
