"""What stands on the HTML page, as plain values.

Templates only set these into tags. Every captured value has been through ``shown`` or ``tame`` here, is escaped by the
template, and is bounded: long values are cut in the middle, long lists end with a count of what is left out.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from analyzer.model.http import Header, Message, Request, Response
from analyzer.model.notes import Kind, Wire
from analyzer.report import speech
from analyzer.report.differences import WIDTH, DifferenceView, HexRow
from analyzer.report.fields import FieldRow, FieldTable
from analyzer.report.frames import FrameBook, ranges
from analyzer.report.messages import Catalogue
from analyzer.report.values import exact, opaque, shown, tame
from analyzer.report.view import FindingView, Subject

__all__ = [
    "Cell",
    "HeadView",
    "HexLine",
    "Line",
    "Run",
    "TableRow",
    "head_view",
    "hex_lines",
    "sides",
    "status_line",
    "table_rows",
]

#: Bytes of a body, and headers of a message, that are printed.
MAX_BODY = 4096
MAX_HEADERS = 100
#: Rows of a field table; a longer one is cut, differing rows first of all kept.
MAX_ROWS = 150

#: A stretch of text and how it is marked: not at all, as different, or as the place where the other side has more.
Run = tuple[str, str]
PLAIN, DIFFERS, CARET = "", "differs", "caret"


@dataclass(frozen=True, slots=True)
class Cell:
    """A value in a table. ``word`` stands instead of a value that is absent or empty."""

    voices: str
    runs: tuple[Run, ...] = ()
    word: str | None = None


@dataclass(frozen=True, slots=True)
class TableRow:
    """One field. One cell where all voices say the same, else one a voice."""

    field: str
    same: bool | None
    cells: tuple[Cell, ...]
    frames: str


@dataclass(frozen=True, slots=True)
class HexLine:
    """Sixteen bytes in two halves, hex and text. ``skipped`` bytes are left out above."""

    offset: str
    hex: tuple[tuple[Run, ...], ...]
    text: tuple[tuple[Run, ...], ...]
    skipped: int


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a head: the frames that carried it, a header's name (None for the start line), the text."""

    frames: str
    name: str | None
    text: str
    differs: bool = False


@dataclass(frozen=True, slots=True)
class HeadView:
    """A message as it stood on the wire."""

    title: str
    lines: tuple[Line, ...]
    more: int  #: headers left out
    body: tuple[str, ...]  #: lines of the body's text, none where it is empty or not kept
    body_cut: int | None  #: bytes shown, where that is not all
    length: int
    captured: int


def status_line(subject: Subject, words: Catalogue) -> tuple[str, str]:
    """(status, code or what stands for it): the title of a failure."""
    status = "" if subject.status is None else str(subject.status)
    code = subject.code if subject.code is not None else subject.reason
    if code:
        return status, shown(Wire(code))
    return status, words.say("report.no-error-body" if status else "report.no-answer")


# ── field tables ────────────────────────────────────────────────────────────────────────────────────────────────────


def table_rows(table: FieldTable, words: Catalogue) -> tuple[tuple[TableRow, ...], int]:
    """The rows to print, and how many are left out; rows that differ are kept before others."""
    rows = list(enumerate(table.rows))
    if len(rows) > MAX_ROWS:
        rows.sort(key=lambda item: (item[1].same is not False, item[0]))
        rows = sorted(rows[:MAX_ROWS])
    printed = tuple(_row(row, table.voices, words) for _, row in rows)
    return printed, table.cut + len(table.rows) - len(printed)


def _row(row: FieldRow, voices: tuple[str, ...], words: Catalogue) -> TableRow:
    values = [speech.value_of_field(row.field, value) for value in row.values]
    frames = ranges(row.frames, 3)
    field = shown(Wire(row.field.encode("utf-8", "backslashreplace")), 120)
    if row.same is not False:
        value = next((v for v in values if v is not None), None)
        name = words.say(speech.VOICE[voices[0]]) if len(voices) == 1 else ""
        return TableRow(field, row.same, (_cell(name, value, row.kind, None, words),), frames)
    texts = [shown(Wire(v, row.kind)) for v in values if v]
    ends = _common(texts) if len(texts) > 1 else None
    cells = (
        _cell(words.say(speech.VOICE[voice]), value, row.kind, ends, words)
        for voice, value in zip(voices, values, strict=True)
    )
    return TableRow(field, False, tuple(cells), frames)


def _cell(voices: str, value: bytes | None, kind: Kind, ends: tuple[int, int] | None, words: Catalogue) -> Cell:
    if value is None:
        return Cell(voices, word=words.say("report.absent"))
    if not value:
        return Cell(voices, word=words.say("report.empty"))
    text = shown(Wire(value, kind))
    if ends is None:
        return Cell(voices, ((text, PLAIN),))
    head, tail = ends
    end = len(text) - tail
    pieces = ((text[:head], PLAIN), (text[head:end], DIFFERS), (text[end:], PLAIN))
    return Cell(voices, tuple(piece for piece in pieces if piece[0]))


def _common(texts: list[str]) -> tuple[int, int]:
    """Letters that all texts share at their start and at their end, not overlapping."""
    shortest = min(map(len, texts))
    head = next((i for i in range(shortest) if len({t[i] for t in texts}) > 1), shortest)
    tail = next((i for i in range(shortest - head) if len({t[-1 - i] for t in texts}) > 1), shortest - head)
    return head, tail


# ── bytes ───────────────────────────────────────────────────────────────────────────────────────────────────────────


def hex_lines(rows: Iterable[HexRow], at: int | None) -> tuple[HexLine, ...]:
    """Rows as runs of equal mark. A side on which no byte differs has a caret at ``at``: the other side has more."""
    found = tuple(rows)
    caret = None if any(row.marked for row in found) else at
    return tuple(_hex_line(row, caret) for row in found)


def _hex_line(row: HexRow, caret: int | None) -> HexLine:
    half, length = WIDTH // 2, len(row.data)
    marks = [DIFFERS if i in row.marked else CARET if row.offset + i == caret else PLAIN for i in range(length)]
    hexes = [f"{byte:02x}" for byte in row.data]
    letters = [chr(byte) if 32 <= byte < 127 else "·" for byte in row.data]
    halves = [(start, min(start + half, length)) for start in range(0, max(1, length), half)]
    return HexLine(
        f"{row.offset:04x}",
        tuple(_runs(hexes[a:b], marks[a:b], " ") for a, b in halves),
        tuple(_runs(letters[a:b], marks[a:b], "") for a, b in halves),
        row.skipped,
    )


def _runs(cells: list[str], marks: list[str], between: str) -> tuple[Run, ...]:
    runs: list[tuple[list[str], str]] = []
    for cell, mark in zip(cells, marks, strict=True):
        if runs and runs[-1][1] == mark:
            runs[-1][0].append(cell)
        else:
            runs.append(([cell], mark))
    return tuple(_spaced(runs, between))


def _spaced(runs: list[tuple[list[str], str]], between: str) -> Iterator[Run]:
    """Runs as text; what stands between two runs belongs to the one that is not marked."""
    lead = ""
    for index, (texts, mark) in enumerate(runs):
        text = lead + between.join(texts)
        lead = ""
        if index + 1 < len(runs):
            if mark == PLAIN or runs[index + 1][1] != PLAIN:
                text += between
            else:
                lead = between
        yield text, mark


# ── messages ────────────────────────────────────────────────────────────────────────────────────────────────────────


def head_view(message: Message, view: FindingView, frames: FrameBook, words: Catalogue) -> HeadView:
    """The message line by line; lines of a request whose field differs are marked."""
    asked = isinstance(message, Request)
    fields = {difference.field.lower() for difference in view.comparison.differences} if asked else set()
    head = message.head
    lines = [_start_line(message, fields, frames)] if head.raw else []
    lines += (_header_line(header, message, fields, frames, words) for header in head.headers[:MAX_HEADERS])
    body, shown_bytes = _body(message, view)
    title = "html.request-head" if asked else "html.answer-head"
    if isinstance(message, Response) and 100 <= message.status < 200:
        title = "html.interim-head"
    return HeadView(
        words.say(title),
        tuple(lines),
        max(0, len(head.headers) - MAX_HEADERS),
        body,
        shown_bytes,
        message.body.length,
        message.body.captured,
    )


def _start_line(message: Message, fields: set[str], frames: FrameBook) -> Line:
    raw = message.head.raw
    end = raw.find(b"\n") + 1 or len(raw)
    carried = ranges(frames.local(message.head.frames(0, end)), 3)
    differs = any(f in ("method", "resource") or f.startswith("query:") for f in fields)
    return Line(carried, None, shown(Wire(raw[:end].rstrip(b"\r\n"), Kind.RESOURCE)), differs)


def _header_line(header: Header, message: Message, fields: set[str], frames: FrameBook, words: Catalogue) -> Line:
    name = header.lower.decode("utf-8", "backslashreplace")
    carried = ranges(frames.local(message.head.frames(header.line_start, header.end)), 3)
    kind = Kind.TOKEN if name in _TOKENS else Kind.HEADER_VALUE
    label = shown(Wire(header.name), 120) or words.say("html.no-header-name")
    return Line(carried, label, shown(Wire(header.value, kind)), name in fields or f"header:{name}" in fields)


_TOKENS = frozenset({"x-oss-security-token", "x-amz-security-token", "security-token"})


def _body(message: Message, view: FindingView) -> tuple[tuple[str, ...], int | None]:
    """The answer's body as text; a request's body is no part of a signature and stays out of the page."""
    data = message.body.data
    if not data or isinstance(message, Request):
        return (), None
    text = exact(data[:MAX_BODY])
    if view.signature.echoed:
        echoed = exact(view.signature.echoed)
        text = text.replace(echoed, opaque(echoed))
    lines = tuple(tame(line) for line in _lines(text))
    return lines, MAX_BODY if len(data) > MAX_BODY else None


def _lines(text: str) -> Iterator[str]:
    """Lines at line feeds only; a carriage return before one is not shown."""
    return (line.removesuffix("\r") for line in text.split("\n"))


def sides(view: DifferenceView) -> tuple[tuple[str, tuple[HexLine, ...]], ...]:
    """Both sides of a difference: voice and its bytes."""
    return (
        (view.ours, hex_lines(view.rebuilt_rows, view.rebuilt_at)),
        ("server", hex_lines(view.server_rows, view.server_at)),
    )
