"""Transfers as one HTML file, by the rules of ``analyzer.report.html``: no script, nothing fetched, values escaped."""

from __future__ import annotations

from markupsafe import Markup

from analyzer.model.transfers import Trouble, Upload
from analyzer.report.html import Page, language_tag, style
from analyzer.report.messages import Catalogue
from analyzer.report.transfers import tables
from analyzer.report.transfers.plot import Plot, plot
from analyzer.report.transfers.tables import Table
from analyzer.report.transfers.view import TransferView

__all__ = ["render_html"]

MAX_UPLOADS, MAX_PARTS, MAX_TRANSFERS, MAX_LINES = 100, 200, 400, 200
_SPARK = 24

#: Name in the template → what is said there.
_WORDS = {
    "title": "transfers.title",
    "uploads": "transfers.heading.uploads",
    "request_ids": "transfers.label.request-ids",
    "plot": "transfers.plot.title",
    "key": "transfers.plot.key",
}


def render_html(view: TransferView, words: Catalogue, version: str) -> str:
    """The whole report as one HTML document."""
    writer = _Page(view, words)
    sections = [
        ("transfers.heading.programs", tables.clients(view, words)),
        ("transfers.heading.transfers", tables.transfers(view, words, MAX_TRANSFERS, _SPARK)),
        ("transfers.heading.connections", tables.lines(view, words, MAX_LINES)),
        ("transfers.heading.names", tables.lookups(view, words)),
    ]
    text: str = writer.template("transfers.html.j2").render(
        lang=language_tag(words),
        **style(),
        footer=words.say("html.footer", version=version),
        word={name: words.say(key) for name, key in _WORDS.items()},
        troubles=view.report.troubles,
        uploads=view.report.uploads[:MAX_UPLOADS],
        more_uploads=max(0, len(view.report.uploads) - MAX_UPLOADS),
        plot=writer.plot(),
        sections=[(words.say(heading), table) for heading, table in sections if table.rows],
    )
    return text


class _Page(Page):
    """What the template may ask for."""

    def __init__(self, view: TransferView, words: Catalogue) -> None:
        super().__init__(view.run, words)
        self.transfers = view

    def verdict(self) -> Markup:
        return self.sentence(tables.verdict(self.transfers))

    def stamp(self) -> Markup:
        return self.counted("html.redacted" if self.view.redacted else "transfers.local")

    def say(self, key: str) -> str:
        return self.words.say(key)

    def filter_of(self, trouble: Trouble) -> str:
        return self.transfers.filter_of(trouble)

    def request_ids(self, trouble: Trouble) -> str:
        return tables.request_ids(trouble.request_ids, 50)

    def upload_title(self, upload: Upload) -> str:
        return tables.text_of(upload.upload_id)

    def upload_pairs(self, upload: Upload) -> list[tuple[str, str]]:
        return tables.upload_pairs(upload, self.transfers, self.words)

    def unchecked(self, upload: Upload) -> list[Markup]:
        return [self.sentence(note) for note in tables.unchecked(upload)]

    def parts(self, upload: Upload) -> Table:
        return tables.parts(upload, self.words, MAX_PARTS)

    def state(self, upload: Upload) -> str:
        return upload.state.value

    def more_rows(self, count: int) -> str:
        return self.words.say("transfers.more-rows", count=count)

    def more_uploads(self, count: int) -> str:
        return self.words.say("transfers.more-uploads", count=count)

    def plot(self) -> Plot | None:
        """Lanes of all that moved bytes, in order of time."""
        return plot(tables.drawn(self.transfers, self.words), self.words)

    def plot_words(self, drawn: Plot) -> str:
        rate = f"{tables.size(drawn.most)}/s"
        return self.words.say("transfers.plot.description", count=len(drawn.lanes), time=drawn.span, rate=rate)
