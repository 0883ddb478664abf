"""What a terminal shows while a capture runs: how much passes, what was refused and why, what was lost.

One screen that is drawn anew several times a second; it decides nothing and keeps nothing. Every value off the wire
goes through ``shown`` and ``tame`` as in the text report, and nothing is taken for markup.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from rich.cells import cell_len
from rich.console import Group, RenderableType
from rich.text import Text

from analyzer.model.notes import Kind, Note, Wire
from analyzer.report import speech
from analyzer.report.messages import Catalogue
from analyzer.report.values import shown, tame
from analyzer.report.view import FindingView

__all__ = ["LiveState", "render_live"]


@dataclass(frozen=True, slots=True)
class LiveState:
    """A live run at one moment. Counts are since its beginning, rates of the last moments."""

    name: str  #: what is captured on
    engine: str  #: who captures
    filter: str  #: what is let through, in a few words
    seconds: float
    packets: int
    packet_rate: float  #: a second
    byte_rate: float
    connections: int
    exchanges: int
    refused: int
    kernel_drops: int | None
    interface_drops: int | None
    waiting: int  #: bytes that are not analysed yet
    saved: str | None  #: the file being written
    kept: int  #: files kept for their findings
    causes: Sequence[tuple[int, str, Note]]  #: how often, id, title; the most frequent first
    last: Sequence[FindingView]  #: the newest last


def render_live(state: LiveState, words: Catalogue) -> RenderableType:
    """The whole screen."""
    parts: list[RenderableType] = [_head(state, words), _counts(state, words), _losses(state, words)]
    if state.saved is not None:
        path = Wire(state.saved.encode("utf-8", "surrogateescape"), Kind.PATH)
        parts.append(Text(tame(words.say("live.view.saving", path=path, kept=state.kept)), style="dim"))
    if state.causes:
        parts += [Text(), Text(words.say("live.view.causes"), style="bold"), *_causes(state, words)]
    if state.last:
        parts += [Text(), Text(words.say("live.view.last"), style="bold"), *_last(state, words)]
    parts += [Text(), Text(words.say("live.view.end"), style="dim")]
    return Group(*parts)


def _head(state: LiveState, words: Catalogue) -> Text:
    minutes, seconds = divmod(int(state.seconds), 60)
    line = Text("ossig live  ", style="bold", no_wrap=True, overflow="ellipsis")
    line.append(tame(state.name), style="cyan")
    for part in (state.engine, state.filter, f"{minutes // 60:02d}:{minutes % 60:02d}:{seconds:02d}"):
        line.append("  ")
        line.append(tame(part), style="dim")
    return line


def _counts(state: LiveState, words: Catalogue) -> Text:
    line = Text(
        words.say(
            "live.view.counts",
            packets=f"{state.packets:,}",
            rate=f"{state.packet_rate:,.0f}",
            megabytes=f"{state.byte_rate / 1e6:,.1f}",
            connections=f"{state.connections:,}",
            exchanges=f"{state.exchanges:,}",
        )
    )
    line.append("  ")
    line.append(words.say("live.view.refused", count=f"{state.refused:,}"), style="bold red" if state.refused else "")
    return line


def _losses(state: LiveState, words: Catalogue) -> Text:
    counts = [
        words.say("live.view.unknown") if count is None else f"{count:,}"
        for count in (state.kernel_drops, state.interface_drops)
    ]
    lost = bool(state.kernel_drops or state.interface_drops)
    line = Text(
        words.say("live.view.drops", kernel=counts[0], interface=counts[1]), style="bold yellow" if lost else "dim"
    )
    if state.waiting > 1 << 20:
        line.append("  ")
        line.append(words.say("live.view.waiting", megabytes=f"{state.waiting / 1e6:,.1f}"), style="yellow")
    return line


def _causes(state: LiveState, words: Catalogue) -> Iterator[Text]:
    rows = [(f"{count:,}", name, tame(words.text(title, shown))) for count, name, title in state.causes]
    return _lines(rows, ("bold", "red", ""))


def _last(state: LiveState, words: Catalogue) -> Iterator[Text]:
    rows = []
    for view in state.last:
        _, time, line, _ = (tame(cell) for cell in speech.short_row(view.subject, words, shown))
        cause = view.causes[0]
        rows.append((view.id, time, f"{speech.CERTAINTY_MARK[cause.certainty]} {cause.id}", line))
    return _lines(rows, ("bold", "", "red", ""))


def _lines(rows: Sequence[Sequence[str]], styles: Sequence[str]) -> Iterator[Text]:
    """Columns as wide as their widest cell; what does not fit in the line is cut at its end."""
    widths = [max(cell_len(row[column]) for row in rows) for column in range(len(styles))]
    for row in rows:
        line = Text(no_wrap=True, overflow="ellipsis")
        for cell, width, style in zip(row, widths, styles, strict=True):
            line.append(cell + " " * (width - cell_len(cell) + 2), style=style)
        line.rstrip()
        yield line
