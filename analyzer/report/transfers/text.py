"""Transfers for a terminal: what is wrong first, then uploads, speed and the wire. Eighty columns, also in a pipe."""

from __future__ import annotations

from rich.table import Table as Grid
from rich.text import Text

from analyzer.model.transfers import State, Trouble, Upload
from analyzer.report import speech
from analyzer.report.messages import Catalogue
from analyzer.report.text import Sheet
from analyzer.report.transfers import tables
from analyzer.report.transfers.tables import Table
from analyzer.report.transfers.view import TransferView

__all__ = ["render_text"]

MAX_UPLOADS, MAX_PARTS, MAX_TRANSFERS, MAX_LINES = 20, 12, 20, 12
_SPARK = 16
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
        spark = _SPARK if self.console.width < 100 else 2 * _SPARK
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
        if not table.rows:
            return
        grid = Grid(box=None, padding=(0, 1, 0, 0), pad_edge=False, header_style="dim")
        for index, key in enumerate(table.columns):
            numeric = index in table.right
            grid.add_column(
                self.words.say(key), justify="right" if numeric else "left", no_wrap=numeric, overflow="fold"
            )
        for row in table.rows:
            grid.add_row(*(Text(cell, overflow="fold") for cell in row))
        self.put(grid, indent)
        if table.more > 0:
            self.put(Text(self.words.say("transfers.more-rows", count=table.more), style="dim"), indent)
