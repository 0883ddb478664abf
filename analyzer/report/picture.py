"""The picture of a run, as geometry: every exchange on a line of time, a lane a connection.

Nothing is drawn here: a template turns these values into inline SVG. Positions across are percent of the picture's
width, positions down are pixels, so that a picture stretches with the page and its letters keep their size. The picture
of one exchange is ``analyzer.report.sequence``.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import accumulate, pairwise

from analyzer.model.streams import Endpoint
from analyzer.report.messages import Catalogue
from analyzer.report.sequence import cut
from analyzer.report.speech import duration
from analyzer.report.values import address, clock
from analyzer.report.view import View

__all__ = ["Lane", "Mark", "Timeline", "timeline"]

#: Lanes of the timeline; connections beyond share the last one.
MAX_LANES = 12
#: Marks on the timeline; beyond, marks that would cover each other are drawn once.
_COLUMNS = 240
#: Height of a lane, and percent of the width that a failure's name needs.
_LANE, _LABEL = 48, 8.0
#: Letters of a connection's name on a narrow page.
_SHORT = 43
#: An idle stretch this many times longer than all the rest is squeezed; so many at most.
_IDLE, _MAX_BREAKS = 3, 3


@dataclass(frozen=True, slots=True)
class Mark:
    """One exchange on the timeline, or several that stand at the same place. ``x`` is percent of the width."""

    x: float
    failed: bool
    count: int
    label: str = ""  #: id of the first failure here


@dataclass(frozen=True, slots=True)
class Lane:
    """One connection; the last lane may hold several."""

    y: int
    label: str
    short: str
    marks: tuple[Mark, ...]


@dataclass(frozen=True, slots=True)
class Timeline:
    """All exchanges of the run, a lane a connection."""

    lanes: tuple[Lane, ...]
    breaks: tuple[tuple[float, str], ...]  #: where idle time was squeezed, and how long it was
    begin: str
    end: str
    height: int
    title: str
    description: str


@dataclass(frozen=True, slots=True)
class _Known:
    """Exchanges that began at a time. ``label`` is the id of a finding, empty for any others."""

    time: int
    count: int = 1
    label: str = ""


class _Scale:
    """Time → percent of the width. Idle stretches that would leave no room for anything else are squeezed."""

    def __init__(self, times: Iterable[int]) -> None:
        self.times = sorted(set(times))
        gaps = [b - a for a, b in pairwise(self.times)]
        rest = sum(gaps)
        idle: set[int] = set()
        for index in sorted(range(len(gaps)), key=lambda i: -gaps[i])[:_MAX_BREAKS]:
            if not 0 < (rest - gaps[index]) * _IDLE < gaps[index]:
                break
            rest -= gaps[index]
            idle.add(index)
        widths = [rest / 5 if index in idle else gap for index, gap in enumerate(gaps)]
        self.starts = list(accumulate(widths, initial=0.0))
        self.idle = tuple((index, gaps[index]) for index in sorted(idle))

    def at(self, time: int) -> float:
        return self._percent(self.starts[bisect_right(self.times, time) - 1])

    def breaks(self, words: Catalogue) -> tuple[tuple[float, str], ...]:
        """(middle of the squeezed stretch, how long it really is)."""
        middles = ((self.starts[i] + self.starts[i + 1]) / 2 for i, _ in self.idle)
        return tuple((self._percent(x), duration(gap, words)) for x, (_, gap) in zip(middles, self.idle, strict=True))

    def _percent(self, start: float) -> float:
        return round(2 + 96 * start / (self.starts[-1] or 1), 2)


def timeline(view: View, words: Catalogue) -> Timeline | None:
    """All exchanges on one line of time, the findings marked; None where there is nothing to compare."""
    lanes = _lanes(view, words)
    known = [one for _, points in lanes for one in points]
    count, failures = sum(one.count for one in known), sum(bool(one.label) for one in known)
    if count < 2:
        return None
    scale = _Scale(one.time for one in known)
    drawn = tuple(
        Lane(_LANE * index + 26, label, cut(label, _SHORT), _marks(points, scale))
        for index, (label, points) in enumerate(lanes)
    )
    begin, end = scale.times[0], scale.times[-1]
    spread = duration(end - begin, words)
    return Timeline(
        drawn,
        scale.breaks(words),
        clock(begin) or "",
        clock(end) or "",
        _LANE * len(drawn) + 18,
        words.say("html.timeline.title"),
        words.say("html.timeline.description", failures=failures, others=count - failures, time=spread),
    )


def _lanes(view: View, words: Catalogue) -> list[tuple[str, list[_Known]]]:
    """(name, what happened there): a lane a connection in order of time, those with findings before others where there
    are too many; the last lane holds what has none of its own."""
    own: dict[tuple[Endpoint, Endpoint], list[_Known]] = {}
    for finding in view.findings:
        connection, time = finding.exchange.connection, finding.exchange.began
        if time:
            own.setdefault((connection.client, connection.server), []).append(_Known(time, label=finding.id))
    rest: list[_Known] = []
    more = 0
    for one in view.activity:
        points = [_Known(time, count) for time, count in one.moments]
        if one.ends is not None:
            own.setdefault(one.ends, []).extend(points)
        else:
            more, rest = more + one.connections, rest + points
    ends = list(own)
    room = MAX_LANES if len(ends) <= MAX_LANES and not rest else MAX_LANES - 1
    lanes = [(f"{address(client)} → {address(server)}", own[client, server]) for client, server in ends[:room]]
    lanes.sort(key=lambda lane: min(point.time for point in lane[1]))
    more += len(ends[room:])
    rest += [point for end in ends[room:] for point in own[end]]
    if rest:
        lanes.append((words.say("html.timeline.more-connections", count=more), rest))
    return lanes


def _marks(points: Iterable[_Known], scale: _Scale) -> tuple[Mark, ...]:
    """One mark a column and kind; failures last, so that they lie on top. Names that would meet are left out."""
    columns: dict[tuple[bool, int], list[tuple[float, _Known]]] = {}
    for point in points:
        x = scale.at(point.time)
        columns.setdefault((bool(point.label), int(x * _COLUMNS / 100)), []).append((x, point))
    marks: list[Mark] = []
    taken = -100.0
    for (failed, _), places in sorted(columns.items(), key=lambda column: column[0]):
        x, first = places[0]
        named = failed and x - taken >= _LABEL
        taken = x if named else taken
        marks.append(Mark(x, failed, sum(point.count for _, point in places), first.label if named else ""))
    return tuple(marks)
