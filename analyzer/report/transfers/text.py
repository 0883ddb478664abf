"""Transfers for a terminal: what is wrong first, then uploads, speed and the wire. Eighty columns, also in a pipe."""

from __future__ import annotations

from dataclasses import dataclass

from rich.cells import cell_len
from rich.table import Table as Grid
from rich.text import Text

from analyzer.model.transfers import State, Trouble, Upload
from analyzer.report import speech
from analyzer.report.messages import Catalogue
from analyzer.report.text import Sheet
from analyzer.report.transfers import tables
from analyzer.report.transfers.tables import Table
from analyzer.report.transfers.view import TransferView

__all__ = ["Column", "Columns", "render_text"]

MAX_UPLOADS, MAX_PARTS, MAX_TRANSFERS, MAX_LINES = 20, 12, 20, 12
#: Width of a terminal → cells for the bars of one transfer.
_SPARKS = ((100, 32), (80, 16), (0, 8))
#: Cells up to which a column of words is not broken.
_SIDE_BY_SIDE = 16
_STYLE = {State.COMPLETED: "green", State.ABORTED: "yellow", State.FRAGMENTS: "bold red"}


def render_text(
    view: TransferView, words: Catalogue, *, width: int = 80, colour: bool = False, unbroken: bool = False
) -> str:
    """The whole report as text of ``width`` columns, with terminal colours where ``colour`` is true, lines of
    code whole where ``unbroken`` is."""
    page = _Page(words, max(40, width), colour, unbroken)
    page.transfers(view)
    return page.text()


class _Page(Sheet):
    """One rendering."""

    def transfers(self, view: TransferView) -> None:
        self.put(self.sentence(tables.verdict(view), "bold"))
        for note in (*speech.seen(view.run), *view.run.errors):
            self.put(self.sentence(note, "dim"))
        for trouble in view.report.troubles:
            self.trouble(trouble, view)
        self.uploads(view)
        self.titled("transfers.heading.programs", tables.clients(view, self.words))
        spark = next(bars for least, bars in _SPARKS if self.console.width >= least)
        self.titled("transfers.heading.transfers", tables.transfers(view, self.words, MAX_TRANSFERS, spark))
        self.titled("transfers.heading.connections", tables.lines(view, self.words, MAX_LINES))
        self.titled("transfers.heading.names", tables.lookups(view, self.words))
        remarks = speech.remarks(view.run)
        if remarks:
            self.heading("report.heading.notes")
            self.bullets((("·", self.sentence(note)) for note in remarks), 2)

    def trouble(self, trouble: Trouble, view: TransferView) -> None:
        cause = trouble.cause
        self.put()
        self.cause_title(cause)
        self.cause_evidence(cause)
        self.remedy(cause, 4)
        pairs = [("report.heading.wireshark", view.filter_of(trouble))]
        pairs.append(("transfers.label.request-ids", tables.request_ids(trouble.request_ids)))
        self.pairs(((self.words.say(key), Text(text, overflow="fold")) for key, text in pairs if text), 4)

    def uploads(self, view: TransferView) -> None:
        uploads = view.report.uploads
        if not uploads:
            return
        self.heading("transfers.heading.uploads")
        for upload in uploads[:MAX_UPLOADS]:
            self.upload(upload, view)
        if len(uploads) > MAX_UPLOADS:
            self.put(Text(self.words.say("transfers.more-uploads", count=len(uploads) - MAX_UPLOADS)), 2)

    def upload(self, upload: Upload, view: TransferView) -> None:
        self.put()
        title = self.value(upload.upload_id.raw, upload.upload_id.kind, _STYLE.get(upload.state, "bold"))
        self.put(title, 2)
        self.pairs(
            ((label, Text(text, overflow="fold")) for label, text in tables.upload_pairs(upload, view, self.words)), 4
        )
        for note in tables.unchecked(upload):
            self.put(self.sentence(note, "dim"), 4)
        self.grid(tables.parts(upload, self.words, MAX_PARTS), 4)

    def titled(self, heading: str, table: Table) -> None:
        if table.rows:
            self.heading(heading)
            self.grid(table, 2)

    def grid(self, table: Table, indent: int) -> None:
        """The rows under their names; where they do not fit side by side, without what can be spared, else row by row
        below each other. Numbers are never broken."""
        if not table.rows:
            return
        columns, left_out = Columns.of(table, self.words).fitting(self.console.width - indent)
        if columns:
            self.abreast(columns, indent)
        else:
            self.stacked(table, indent)
        if left_out:
            names = tuple(self.words.say(key) for key in left_out)
            self.put(Text(self.words.say("transfers.columns-left-out", names=names), style="dim"), indent)
        if table.more > 0:
            self.put(Text(self.words.say("transfers.more-rows", count=table.more), style="dim"), indent)

    def abreast(self, columns: tuple[Column, ...], indent: int) -> None:
        grid = Grid(box=None, padding=(0, 1, 0, 0), pad_edge=False, header_style="dim")
        for column in columns:
            grid.add_column(
                column.texts[0],
                justify="right" if column.numbers else "left",
                no_wrap=column.numbers,
                overflow="fold",
                min_width=column.least,
            )
        for row in zip(*(column.texts[1:] for column in columns), strict=True):
            grid.add_row(*(Text(cell, overflow="fold") for cell in row))
        self.put(grid, indent)

    def stacked(self, table: Table, indent: int) -> None:
        for number, row in enumerate(table.rows):
            if number:
                self.put()
            named = zip(table.columns, row, strict=True)
            self.pairs(((self.words.say(key), Text(cell, overflow="fold")) for key, cell in named), indent)


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a table as it is printed."""

    key: str
    texts: tuple[str, ...]  #: its name, then its cells
    numbers: bool

    @property
    def least(self) -> int:
        """Cells that it needs: numbers and words are not broken, a few words stay side by side."""
        whole = max(map(cell_len, self.texts))
        if self.numbers:
            return whole
        return min(whole, max(_SIDE_BY_SIDE, *(cell_len(word) for text in self.texts for word in text.split())))


@dataclass(frozen=True, slots=True)
class Columns:
    """All columns of a table, and the keys of those that are left out first."""

    every: tuple[Column, ...]
    spare: tuple[str, ...]

    @classmethod
    def of(cls, table: Table, words: Catalogue) -> Columns:
        cells = zip(*table.rows, strict=True)
        named = enumerate(zip(table.columns, cells, strict=True))
        return cls(
            tuple(Column(key, (words.say(key), *held), at in table.right) for at, (key, held) in named), table.spare
        )

    def fitting(self, room: int) -> tuple[tuple[Column, ...], tuple[str, ...]]:
        """Columns that fit side by side into ``room`` cells, and the keys of those left out for them; nothing where
        that does not help."""
        for count in range(len(self.spare) + 1):
            left_out = self.spare[:count]
            kept = tuple(column for column in self.every if column.key not in left_out)
            if sum(column.least + 1 for column in kept) - 1 <= room:
                return kept, left_out
        return (), ()
