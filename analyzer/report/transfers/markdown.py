"""Transfers as Markdown, to paste into a ticket."""

from __future__ import annotations

from collections.abc import Iterator

from analyzer.model.transfers import Trouble
from analyzer.report import speech
from analyzer.report.markdown import Writer, code_span
from analyzer.report.messages import Catalogue
from analyzer.report.transfers import tables
from analyzer.report.transfers.tables import Table
from analyzer.report.transfers.view import TransferView

__all__ = ["render_markdown"]

MAX_UPLOADS, MAX_PARTS, MAX_TRANSFERS, MAX_LINES = 50, 50, 100, 50
_SPARK = 24


def render_markdown(view: TransferView, words: Catalogue, version: str) -> str:
    """The whole report as one Markdown text."""
    return "\n".join(_Page(words).transfers(view, version)).rstrip() + "\n"


class _Page(Writer):
    """One rendering."""

    def transfers(self, view: TransferView, version: str) -> Iterator[str]:
        yield f"# ossig transfers: {self.sentence(tables.verdict(view))}"
        yield ""
        for note in (*speech.seen(view.run), *view.run.errors, *speech.remarks(view.run)):
            yield f"- {self.sentence(note)}"
        for trouble in view.report.troubles:
            yield ""
            yield from self.trouble(trouble, view)
        yield from self.uploads(view)
        yield from self.titled("transfers.heading.programs", tables.clients(view, self.words))
        table = tables.transfers(view, self.words, MAX_TRANSFERS, _SPARK)
        yield from self.titled("transfers.heading.transfers", table)
        yield from self.titled("transfers.heading.connections", tables.lines(view, self.words, MAX_LINES))
        yield from self.titled("transfers.heading.names", tables.lookups(view, self.words))
        yield ""
        yield f"ossig {code_span(version)}"

    def trouble(self, trouble: Trouble, view: TransferView) -> Iterator[str]:
        yield f"## {self.sentence(trouble.cause.title)}"
        yield ""
        yield from self.cause(trouble.cause)
        yield ""
        yield from self.remedy(trouble.cause)
        yield ""
        wanted = view.filter_of(trouble)
        if wanted:
            yield f"- **{self.plain('report.heading.wireshark')}**: {code_span(wanted)}"
        if trouble.request_ids:
            ids = code_span(tables.request_ids(trouble.request_ids, 50))
            yield f"- **{self.plain('transfers.label.request-ids')}**: {ids}"

    def uploads(self, view: TransferView) -> Iterator[str]:
        uploads = view.report.uploads
        if not uploads:
            return
        yield ""
        yield f"## {self.plain('transfers.heading.uploads')}"
        for upload in uploads[:MAX_UPLOADS]:
            yield ""
            yield f"### {code_span(tables.text_of(upload.upload_id))}"
            yield ""
            for label, text in tables.upload_pairs(upload, view, self.words):
                yield f"- **{label}**: {code_span(text)}"
            for note in tables.unchecked(upload):
                yield f"- {self.sentence(note)}"
            yield ""
            yield from self.grid(tables.parts(upload, self.words, MAX_PARTS))
        if len(uploads) > MAX_UPLOADS:
            yield ""
            yield self.words.say("transfers.more-uploads", count=len(uploads) - MAX_UPLOADS)

    def titled(self, heading: str, table: Table) -> Iterator[str]:
        if table.rows:
            yield ""
            yield f"## {self.plain(heading)}"
            yield ""
            yield from self.grid(table)

    def grid(self, table: Table) -> Iterator[str]:
        if not table.rows:
            return
        yield "| " + " | ".join(self.plain(key) for key in table.columns) + " |"
        yield "|" + "|".join(" ---: " if at in table.right else " --- " for at in range(len(table.columns))) + "|"
        for row in table.rows:
            yield "| " + " | ".join(code_span(cell) for cell in row) + " |"
        if table.more > 0:
            yield ""
            yield self.words.say("transfers.more-rows", count=table.more)
