"""The sequence picture of one exchange, as geometry: client on the left, server on the right, time downwards.

Nothing is drawn here: a template turns these values into inline SVG. Positions down are pixels; across, the template
uses percent of the width, so that a picture stretches with the page and its letters keep their size. Segments stand in
the order in which they were captured, repetitions, late ones and holes among them; of a long row of plain ones the
first and the last are drawn and the others counted. What the capture does not tell is not drawn: an exchange without a
list of its segments has a first and a last one.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, replace

from analyzer.model.http import Exchange, Message, Request, Response
from analyzer.model.notes import Kind, Wire
from analyzer.model.streams import Segment, SegmentKind
from analyzer.report.frames import FrameBook, ranges
from analyzer.report.messages import Catalogue, Show
from analyzer.report.speech import duration
from analyzer.report.values import address, clock
from analyzer.report.view import FindingView

__all__ = ["Sequence", "Step", "cut", "sequence"]

#: Letters of a label: on a wide page, on a narrow one.
WIDE, NARROW = 62, 29
#: Height of a step by what it shows.
_HEIGHTS = {"more": 36, "wait": 38, "hole": 50, "trouble": 42}
_ARROW = 46
_TOP = 52
#: Interim answers that are drawn.
_MAX_INTERIM = 4
#: Plain segments in a row that are drawn one by one, and rows of a message.
_EACH, MAX_ROWS = 4, 60


@dataclass(frozen=True, slots=True)
class Step:
    """One row of a sequence picture. ``kind``: ``request``, ``answer`` and ``interim`` are segments (arrows), so are
    ``again`` and ``late``: one that came once more, one that came out of order; ``more`` counts segments between two of
    them, ``wait`` is time without any (``rightward``: the client was to speak), ``hole`` is bytes that the capture
    lacks, ``trouble`` what is told of the whole connection. ``y`` is where its line stands."""

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


def sequence(view: FindingView, frames: FrameBook, words: Catalogue, show: Show) -> Sequence:
    """The picture of one failed exchange."""
    exchange = view.exchange
    events = [*_handshake(exchange, words), *_messages(exchange, frames, words, show), *_elsewhere(exchange, words)]
    steps: list[Step] = []
    y = _TOP
    for event in events:
        y += _HEIGHTS.get(event.kind, _ARROW)
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


# ── messages ────────────────────────────────────────────────────────────────────────────────────────────────────────


def _messages(exchange: Exchange, frames: FrameBook, words: Catalogue, show: Show) -> list[_Event]:
    """Segments of all messages by time, and the wait between question and answer."""
    pen = _Pen(exchange.began, frames, words)
    events: list[_Event] = []
    if exchange.request is not None:
        text = (
            f"{show(Wire(exchange.request.method, Kind.METHOD))} {show(Wire(exchange.request.target, Kind.RESOURCE))}"
        )
        events += pen.message("request", exchange.request, text)
    for answer in exchange.interim[:_MAX_INTERIM]:
        events += pen.message("interim", answer, _status(answer, show))
    if exchange.response is not None:
        events += pen.message("answer", exchange.response, _status(exchange.response, show))
    events.sort(key=lambda event: event.time)
    return list(_with_waits(events, words))


def _status(answer: Response, show: Show) -> str:
    return f"{answer.status} {show(Wire(answer.reason))}".strip()


@dataclass(frozen=True, slots=True)
class _Pen:
    """Draws messages of one exchange. ``start``: its beginning, from which time is counted."""

    start: int
    frames: FrameBook
    words: Catalogue

    def message(self, kind: str, message: Message, text: str) -> Iterator[_Event]:
        """Rows of one message; the first arrow carries ``text``."""
        failed = isinstance(message, Response) and message.status >= 400
        rows = list(self._rows(kind, message) if message.segments else self._ends(kind, message))
        first = next((index for index, row in enumerate(rows) if row.kind == kind), None)
        for index, row in enumerate(rows):
            yield replace(row, text=text if index == first else row.text, failed=failed and row.kind == kind)

    def _rows(self, kind: str, message: Message) -> Iterator[_Event]:
        """The segments as they are listed; what is left of a long list is counted."""
        rightward = isinstance(message, Request)
        rows = list(self._listed(kind, rightward, message.segments))
        yield from rows[:MAX_ROWS]
        more = sum(row.kind != "more" for row in rows[MAX_ROWS:])
        if more:
            yield self._event("more", rows[MAX_ROWS].time, rightward, "html.picture.more", count=more)

    def _listed(self, kind: str, rightward: bool, segments: tuple[Segment, ...]) -> Iterator[_Event]:
        total = max(segment.end for segment in segments)
        plain: list[Segment] = []
        for segment in segments:
            if segment.kind is SegmentKind.NEW:
                plain.append(segment)
                continue
            yield from self._plain(kind, rightward, plain, total)
            plain = []
            yield self._repaired(rightward, segment)
        yield from self._plain(kind, rightward, plain, total)

    def _plain(self, kind: str, rightward: bool, run: list[Segment], total: int) -> Iterator[_Event]:
        """Segments with new bytes in a row: each, or the first and the last and how many between."""
        each = len(run) <= _EACH
        for index, segment in enumerate(run):
            if each or index in (0, len(run) - 1):
                key = "html.picture.end" if segment.end == total else "html.picture.bytes"
                yield self._arrow(kind, rightward, segment, key)
            elif index == 1:
                yield self._event("more", run[0].time, rightward, "html.picture.between", count=len(run) - 2)

    def _repaired(self, rightward: bool, segment: Segment) -> _Event:
        if segment.kind is SegmentKind.LOST:
            return self._event("hole", segment.time, rightward, "html.picture.hole", count=segment.length)
        if segment.kind is SegmentKind.RETRANSMITTED:
            return self._arrow("again", rightward, segment, "html.picture.again")
        return self._arrow("late", rightward, segment, "html.picture.late")

    def _arrow(self, kind: str, rightward: bool, segment: Segment, key: str) -> _Event:
        numbers = self.frames.local((segment.frame,)) if segment.frame is not None else ()
        event = self._event(kind, segment.time, rightward, key, bytes=segment.length)
        return replace(event, below=self._below(numbers, segment.time))

    def _event(self, kind: str, time: int, rightward: bool, key: str, **values: int) -> _Event:
        return _Event(kind, time, rightward, self.words.say(key, **values))

    def _ends(self, kind: str, message: Message) -> Iterator[_Event]:
        """A message without a list: its first segment, how many between, its last, and what is missing of the body."""
        rightward = isinstance(message, Request)
        numbers = self.frames.local(message.frames)
        spread = len(numbers) > 1 and message.last_time > message.first_time
        yield _Event(
            kind, message.first_time, rightward, "",
            self._below(numbers[:1] if spread else numbers, message.first_time),
        )  # fmt: skip
        if spread:
            if len(numbers) > 2:
                yield self._event("more", message.first_time, rightward, "html.picture.between", count=len(numbers) - 2)
            last = self._event(kind, message.last_time, rightward, "html.picture.last", bytes=message.body.length)
            yield replace(last, below=self._below(numbers[-1:], message.last_time))
        missing = message.body.length - message.body.captured
        if missing > 0:
            yield self._event("hole", message.last_time, rightward, "html.picture.hole", count=missing)

    def _below(self, numbers: tuple[int, ...], time: int) -> str:
        parts = []
        if numbers:
            parts.append(self.words.say("html.picture.frame", frames=ranges(numbers, 3)))
        stamp = clock(time or None)
        if stamp is not None:
            parts.append(stamp[11:23])
            if time != self.start:
                parts.append(f"{'+' if time > self.start else '-'}{duration(time - self.start, self.words)}")
        return " · ".join(parts)


def _with_waits(events: list[_Event], words: Catalogue) -> Iterator[_Event]:
    """Says how long nothing passed before the direction turned, or before something came once more. While segments of
    unknown time are under way nothing is said; the wait belongs to the side that speaks next."""
    before: _Event | None = None
    under_way: set[bool | None] = set()
    for event in events:
        turned = before is not None and (before.rightward != event.rightward or event.kind == "again")
        if before is not None and turned and not under_way and event.time > before.time:
            said = words.say("html.picture.wait", time=duration(event.time - before.time, words))
            yield _Event("wait", event.time, event.rightward, said)
        yield event
        if event.kind == "more":
            under_way.add(event.rightward)
        elif event.kind != "hole":
            under_way.discard(event.rightward)
        before = event


# ── the connection ──────────────────────────────────────────────────────────────────────────────────────────────────


def _handshake(exchange: Exchange, words: Catalogue) -> Iterator[_Event]:
    rtt = exchange.connection.timing.handshake_rtt
    if rtt is not None:
        yield _Event("trouble", 0, None, words.say("html.picture.round-trip", time=duration(rtt, words)))


def _elsewhere(exchange: Exchange, words: Catalogue) -> Iterator[_Event]:
    """What else happened to the connection, counted: all of it but what the picture shows."""
    timing = exchange.connection.timing
    messages = (exchange.request, exchange.response, *exchange.interim)
    drawn = [segment.kind for message in messages if message is not None for segment in message.segments]
    for key, count in (
        ("html.picture.retransmitted", timing.retransmitted - drawn.count(SegmentKind.RETRANSMITTED)),
        ("html.picture.out-of-order", 0 if SegmentKind.OUT_OF_ORDER in drawn else timing.out_of_order),
        ("html.picture.overlaps", timing.overlaps),
    ):
        if count > 0:
            yield _Event("trouble", 0, None, words.say(key, count=count), failed=True)
    if timing.gaps and SegmentKind.LOST not in drawn:
        said = words.say("html.picture.gaps", count=timing.gaps, bytes=timing.gap_bytes)
        yield _Event("hole", 0, None, said, failed=True)
