"""Pictures of an exchange and of a run, as geometry.

Nothing is drawn here: a template turns these values into inline SVG. Positions across are percent of the picture's
width, positions down are pixels, so that a picture stretches with the page and its letters keep their size. What the
capture does not tell is not drawn: only the first and the last segment of a message have a time, the ones between are
counted; retransmissions are known for the connection, not for the message.
"""

from __future__ import annotations

import unicodedata
from bisect import bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import accumulate, pairwise

from analyzer.model.http import Exchange, Message, Request, Response
from analyzer.model.notes import Kind, Wire
from analyzer.report.frames import FrameBook, ranges
from analyzer.report.messages import Catalogue, Show
from analyzer.report.speech import duration
from analyzer.report.values import address, clock
from analyzer.report.view import FindingView, View

__all__ = ["Lane", "Mark", "Sequence", "Step", "Timeline", "sequence", "timeline"]

#: Letters of a label: on a wide page, on a narrow one.
WIDE, NARROW = 62, 29
#: Height of a step by what it shows.
_HEIGHTS = {"request": 46, "answer": 46, "interim": 46, "more": 34, "wait": 34, "hole": 44, "trouble": 34}
_TOP = 52
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
#: Interim answers that are drawn.
_MAX_INTERIM = 4


@dataclass(frozen=True, slots=True)
class Step:
    """One row of a sequence picture. ``kind``: ``request``, ``answer`` and ``interim`` are segments (arrows), ``more``
    counts segments between two of them, ``wait`` is time without any (``rightward``: the client was to speak),
    ``hole`` is bytes that the capture lacks, ``trouble`` what TCP had to repair. ``y`` is where its line stands."""

    kind: str
    y: int
    rightward: bool | None  #: client to server; None where it has no direction
    long: str
    short: str
    below: str = ""
    failed: bool = False


@dataclass(frozen=True, slots=True)
class Sequence:
    """Client on the left, server on the right, time downwards."""

    client: str
    server: str
    steps: tuple[Step, ...]
    height: int
    title: str
    description: str

    @property
    def stacked(self) -> bool:
        """The two names would meet on a narrow page."""
        return len(self.client) + len(self.server) > 40


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
    """All exchanges of the run that are known one by one, a lane a connection."""

    lanes: tuple[Lane, ...]
    breaks: tuple[tuple[float, str], ...]  #: where idle time was squeezed, and how long it was
    begin: str
    end: str
    height: int
    title: str
    description: str


@dataclass(frozen=True, slots=True)
class _Event:
    """A step before it has a place. Times of messages built from pasted text are zero: those have none."""

    kind: str
    time: int
    rightward: bool | None
    text: str
    below: str = ""
    failed: bool = False


def cut(text: str, limit: int) -> str:
    """At most ``limit`` columns, the middle left out; East Asian letters take two."""
    wide = sum(map(_is_wide, text[: limit * 2]))
    if len(text) + wide <= limit:
        return text
    if wide:
        limit = max(8, limit * 5 // 8)
        if len(text) <= limit:
            return text
    half = (limit - 1) // 2
    return f"{text[: limit - 1 - half]}…{text[len(text) - half :]}"


def _is_wide(letter: str) -> bool:
    return not letter.isascii() and unicodedata.east_asian_width(letter) in "WF"


# ── one exchange ────────────────────────────────────────────────────────────────────────────────────────────────────


def sequence(view: FindingView, frames: FrameBook, words: Catalogue, show: Show) -> Sequence:
    """The picture of one failed exchange."""
    exchange = view.exchange
    events = [*_handshake(exchange, words), *_messages(exchange, frames, words, show), *_trouble(exchange, words)]
    steps: list[Step] = []
    y = _TOP
    for event in events:
        y += _HEIGHTS[event.kind]
        long, short = cut(event.text, WIDE), cut(event.text, NARROW)
        steps.append(Step(event.kind, y, event.rightward, long, short, event.below, event.failed))
    end = words.say("html.picture.sentence-end")
    description = "".join(f"{e.text}{f' ({e.below})' if e.below else ''}{end}" for e in events)
    pasted = exchange.connection.client.port == 0
    return Sequence(
        "" if pasted else address(exchange.connection.client),
        "" if pasted else address(exchange.connection.server),
        tuple(steps),
        y + 30,
        words.say("html.picture.sequence", id=view.id),
        description,
    )


def _messages(exchange: Exchange, frames: FrameBook, words: Catalogue, show: Show) -> list[_Event]:
    """Segments of all messages by time, and the wait between question and answer."""
    start = _start(exchange)
    events: list[_Event] = []
    if exchange.request is not None:
        text = (
            f"{show(Wire(exchange.request.method, Kind.METHOD))} {show(Wire(exchange.request.target, Kind.RESOURCE))}"
        )
        events += _segments("request", exchange.request, text, start, frames, words)
    for answer in exchange.interim[:_MAX_INTERIM]:
        events += _segments("interim", answer, _status(answer, show), start, frames, words)
    if exchange.response is not None:
        events += _segments("answer", exchange.response, _status(exchange.response, show), start, frames, words)
    events.sort(key=lambda event: event.time)
    return list(_with_waits(events, words))


def _start(exchange: Exchange) -> int:
    first = exchange.request or exchange.response
    return first.first_time if first is not None else 0


def _status(answer: Response, show: Show) -> str:
    return f"{answer.status} {show(Wire(answer.reason))}".strip()


def _segments(
    kind: str, message: Message, text: str, start: int, frames: FrameBook, words: Catalogue
) -> Iterator[_Event]:
    """First segment, how many between, last segment, and what is missing of the body."""
    rightward = isinstance(message, Request)
    failed = isinstance(message, Response) and message.status >= 400
    numbers = frames.local(message.frames)
    spread = len(numbers) > 1 and message.last_time > message.first_time
    first = numbers[:1] if spread else numbers
    yield _Event(kind, message.first_time, rightward, text, _below(first, message.first_time, start, words), failed)
    if spread:
        if len(numbers) > 2:
            between = words.say("html.picture.between", count=len(numbers) - 2)
            yield _Event("more", message.first_time, rightward, between)
        last = words.say("html.picture.last", bytes=message.body.length)
        yield _Event(
            kind, message.last_time, rightward, last, _below(numbers[-1:], message.last_time, start, words), failed
        )
    missing = message.body.length - message.body.captured
    if missing > 0:
        yield _Event("hole", message.last_time, rightward, words.say("html.picture.hole", count=missing))


def _below(numbers: tuple[int, ...], time: int, start: int, words: Catalogue) -> str:
    parts = []
    if numbers:
        parts.append(words.say("html.picture.frame", frames=ranges(numbers, 3)))
    stamp = clock(time or None)
    if stamp is not None:
        parts.append(stamp[11:23])
        if time != start:
            parts.append(f"{'+' if time > start else '-'}{duration(time - start, words)}")
    return " · ".join(parts)


def _with_waits(events: list[_Event], words: Catalogue) -> Iterator[_Event]:
    """Says how long nothing passed before the direction turned. While segments of unknown time are under way nothing
    is said; the wait belongs to the side that speaks next."""
    before: _Event | None = None
    under_way: set[bool | None] = set()
    for event in events:
        turned = before is not None and before.rightward != event.rightward
        if before is not None and turned and not under_way and event.time > before.time:
            said = words.say("html.picture.wait", time=duration(event.time - before.time, words))
            yield _Event("wait", event.time, event.rightward, said)
        yield event
        if event.kind == "more":
            under_way.add(event.rightward)
        elif event.kind != "hole":
            under_way.discard(event.rightward)
        before = event


def _handshake(exchange: Exchange, words: Catalogue) -> Iterator[_Event]:
    rtt = exchange.connection.timing.handshake_rtt
    if rtt is not None:
        yield _Event("trouble", 0, None, words.say("html.picture.round-trip", time=duration(rtt, words)))


def _trouble(exchange: Exchange, words: Catalogue) -> Iterator[_Event]:
    """What happened to the connection, counted."""
    timing = exchange.connection.timing
    for key, count in (
        ("html.picture.retransmitted", timing.retransmitted),
        ("html.picture.out-of-order", timing.out_of_order),
        ("html.picture.overlaps", timing.overlaps),
    ):
        if count:
            yield _Event("trouble", 0, None, words.say(key, count=count), failed=True)
    if timing.gaps:
        said = words.say("html.picture.gaps", count=timing.gaps, bytes=timing.gap_bytes)
        yield _Event("hole", 0, None, said, failed=True)


# ── the whole run ───────────────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class _Known:
    """An exchange with a time. ``label`` is the id of a failure, empty for any other exchange."""

    time: int
    ends: tuple[str, str]
    label: str


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
    """Failures and the exchanges kept beside them on one line of time; None where there is nothing to compare."""
    known = list(_known(view))
    if len(known) < 2:
        return None
    scale = _Scale(k.time for k in known)
    lanes: dict[tuple[str, str], list[_Known]] = {}
    for one in known:
        lanes.setdefault(one.ends, []).append(one)
    named = [(f"{a} → {b}", points) for (a, b), points in lanes.items()]
    if len(named) > MAX_LANES:
        rest = [point for _, points in named[MAX_LANES - 1 :] for point in points]
        count = len(named) - MAX_LANES + 1
        named = [*named[: MAX_LANES - 1], (words.say("html.timeline.more-connections", count=count), rest)]
    named.sort(key=lambda lane: min(point.time for point in lane[1]))
    drawn = tuple(
        Lane(_LANE * index + 26, label, cut(label, _SHORT), _marks(points, scale))
        for index, (label, points) in enumerate(named)
    )
    failures = sum(bool(k.label) for k in known)
    begin, end = scale.times[0], scale.times[-1]
    spread = duration(end - begin, words)
    return Timeline(
        drawn,
        scale.breaks(words),
        clock(begin) or "",
        clock(end) or "",
        _LANE * len(drawn) + 18,
        words.say("html.timeline.title"),
        words.say("html.timeline.description", failures=failures, others=len(known) - failures, time=spread),
    )


def _known(view: View) -> Iterator[_Known]:
    failed = [(finding.exchange, finding.id) for finding in view.findings]
    for exchange, label in (*failed, *((exchange, "") for exchange in view.context)):
        time = _start(exchange)
        if time:
            yield _Known(time, (address(exchange.connection.client), address(exchange.connection.server)), label)


def _marks(points: Iterable[_Known], scale: _Scale) -> tuple[Mark, ...]:
    """One mark a column and kind; failures last, so that they lie on top. Names that would meet are left out."""
    columns: dict[tuple[bool, int], tuple[float, list[str]]] = {}
    for point in points:
        x = scale.at(point.time)
        columns.setdefault((bool(point.label), int(x * _COLUMNS / 100)), (x, []))[1].append(point.label)
    marks: list[Mark] = []
    taken = -100.0
    for (failed, _), (x, labels) in sorted(columns.items()):
        named = failed and x - taken >= _LABEL
        taken = x if named else taken
        marks.append(Mark(x, failed, len(labels), labels[0] if named else ""))
    return tuple(marks)
