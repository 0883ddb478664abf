"""Pictures of an exchange and of a run, as geometry.

Nothing is drawn here: a template turns these values into inline SVG. Positions across are percent of the picture's
width, positions down are pixels, so that a picture stretches with the page and its letters keep their size. What the
capture does not tell is not drawn: only the first and the last segment of a message have a time, the ones between are
counted; retransmissions are known for the connection, not for the message.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from analyzer.model.http import Exchange, Message, Request, Response
from analyzer.model.notes import Kind, Wire
from analyzer.report.frames import FrameBook, ranges
from analyzer.report.messages import Catalogue, Show
from analyzer.report.speech import duration
from analyzer.report.values import address, clock
from analyzer.report.view import FindingView, View

__all__ = ["Lane", "Mark", "Sequence", "Step", "Timeline", "sequence", "timeline"]

#: Letters of a label: on a wide page, on a narrow one.
WIDE, NARROW = 72, 30
#: Height of a step by what it shows.
_HEIGHTS = {"request": 46, "answer": 46, "interim": 46, "more": 30, "wait": 34, "hole": 40, "trouble": 34}
_TOP = 52
#: Lanes of the timeline; connections beyond share the last one.
MAX_LANES = 12
#: Marks on the timeline; beyond, marks that would cover each other are drawn once.
_COLUMNS = 240
#: Interim answers that are drawn.
_MAX_INTERIM = 4


@dataclass(frozen=True, slots=True)
class Step:
    """One row of a sequence picture. ``kind``: ``request``, ``answer`` and ``interim`` are segments (arrows), ``more``
    counts segments between two of them, ``wait`` is time without any, ``hole`` is bytes that the capture lacks,
    ``trouble`` what TCP had to repair. ``y`` is where its line stands."""

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
    marks: tuple[Mark, ...]


@dataclass(frozen=True, slots=True)
class Timeline:
    """All exchanges of the run that are known one by one, a lane a connection."""

    lanes: tuple[Lane, ...]
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
    """At most ``limit`` letters, the middle left out."""
    if len(text) <= limit:
        return text
    half = (limit - 1) // 2
    return f"{text[: limit - 1 - half]}…{text[len(text) - half :]}"


# ── one exchange ────────────────────────────────────────────────────────────────────────────────────────────────────


def sequence(view: FindingView, frames: FrameBook, words: Catalogue, show: Show) -> Sequence:
    """The picture of one failed exchange."""
    exchange = view.exchange
    events = [*_messages(exchange, frames, words, show), *_trouble(exchange, words)]
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
    before: _Event | None = None
    for event in events:
        turned = before is not None and before.rightward != event.rightward
        if before is not None and turned and event.time > before.time:
            said = words.say("html.picture.wait", time=duration(event.time - before.time, words))
            yield _Event("wait", event.time, None, said)
        yield event
        before = event


def _trouble(exchange: Exchange, words: Catalogue) -> Iterator[_Event]:
    """What happened to the connection, counted."""
    timing = exchange.connection.timing
    if timing.handshake_rtt is not None:
        rtt = duration(timing.handshake_rtt, words)
        yield _Event("trouble", 0, None, words.say("html.picture.round-trip", time=rtt))
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


def timeline(view: View, words: Catalogue) -> Timeline | None:
    """Failures and the exchanges kept beside them on one line of time; None where there is nothing to compare."""
    known = list(_known(view))
    if len(known) < 2:
        return None
    begin, end = min(k[0] for k in known), max(k[0] for k in known)
    lanes: dict[tuple[str, str], list[tuple[int, bool, str]]] = {}
    for time, ends, failed, label in known:
        lanes.setdefault(ends, []).append((time, failed, label))
    named = [(f"{a} → {b}", points) for (a, b), points in lanes.items()]
    if len(named) > MAX_LANES:
        rest = [point for _, points in named[MAX_LANES - 1 :] for point in points]
        count = len(named) - MAX_LANES + 1
        named = [*named[: MAX_LANES - 1], (words.say("html.timeline.more-connections", count=count), rest)]
    drawn = tuple(
        Lane(44 + 46 * index, label, _marks(points, begin, end, len(known) <= 40))
        for index, (label, points) in enumerate(named)
    )
    failures = sum(failed for _, _, failed, _ in known)
    spread = duration(end - begin, words)
    return Timeline(
        drawn,
        clock(begin) or "",
        clock(end) or "",
        44 + 46 * len(drawn) + 16,
        words.say("html.timeline.title"),
        words.say("html.timeline.description", failures=failures, others=len(known) - failures, time=spread),
    )


def _known(view: View) -> Iterator[tuple[int, tuple[str, str], bool, str]]:
    failed = [(finding.exchange, finding.id) for finding in view.findings]
    for exchange, label in (*failed, *((exchange, "") for exchange in view.context)):
        time = _start(exchange)
        if time:
            ends = address(exchange.connection.client), address(exchange.connection.server)
            yield time, ends, bool(label), label


def _marks(points: Iterable[tuple[int, bool, str]], begin: int, end: int, labelled: bool) -> tuple[Mark, ...]:
    """One mark a column and kind; failures last, so that they lie on top."""
    columns: dict[tuple[bool, int], list[str]] = {}
    width = max(1, end - begin)
    for time, failed, label in points:
        columns.setdefault((failed, (time - begin) * _COLUMNS // width), []).append(label)
    return tuple(
        Mark(round(2 + 96 * column / _COLUMNS, 2), failed, len(labels), labels[0] if failed and labelled else "")
        for (failed, column), labels in sorted(columns.items())
    )
