"""Format name → presenter. Each presenter is imported only when its format is asked for."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from analyzer.cli.settings import Format
from analyzer.cli.version import version
from analyzer.report.messages import Catalogue

if TYPE_CHECKING:
    from analyzer.report.blocks import Page
    from analyzer.report.comparison import CompareView
    from analyzer.report.transfers import TransferView
    from analyzer.report.view import View

__all__ = ["render", "render_comparison", "render_page", "render_transfers"]


def render(
    view: View, form: Format, language: str, *, width: int = 80, colour: bool = False, unbroken: bool = False
) -> str:
    """The view in the wanted form. ``unbroken``: lines of code are left whole, to be copied."""
    return _PRESENTERS[form](view, Catalogue(language, pasted=view.paste is not None), width, colour, unbroken)


def _text(view: View, words: Catalogue, width: int, colour: bool, unbroken: bool) -> str:
    from analyzer.report.text import render_text

    return render_text(view, words, width=width, colour=colour, unbroken=unbroken)


def _json(view: View, words: Catalogue, width: int, colour: bool, unbroken: bool) -> str:
    from analyzer.report.json_ import render_json

    return render_json(view, words, version())


def _jsonl(view: View, words: Catalogue, width: int, colour: bool, unbroken: bool) -> str:
    from analyzer.report.json_ import render_jsonl

    return render_jsonl(view, words, version())


def _markdown(view: View, words: Catalogue, width: int, colour: bool, unbroken: bool) -> str:
    from analyzer.report.markdown import render_markdown

    return render_markdown(view, words, version())


def _html(view: View, words: Catalogue, width: int, colour: bool, unbroken: bool) -> str:
    from analyzer.report.html import render_html

    return render_html(view, words, version())


def render_comparison(
    view: CompareView, form: Format, language: str, *, width: int = 80, colour: bool = False, unbroken: bool = False
) -> str:
    """The comparison in the wanted form."""
    words = Catalogue(language)
    if form in (Format.JSON, Format.JSONL):
        from analyzer.report.comparison import json_

        return (json_.render_json if form is Format.JSON else json_.render_jsonl)(view, words, version())

    from analyzer.report.comparison.document import page_of

    return render_page(page_of(view), form, words, width, colour, unbroken)


def render_page(page: Page, form: Format, words: Catalogue, width: int, colour: bool, unbroken: bool = False) -> str:
    """A page of blocks in one of the forms for readers."""
    if form is Format.MARKDOWN:
        from analyzer.report.blocks import markdown

        return markdown.render_page(page, words, version())
    if form is Format.HTML:
        from analyzer.report.blocks import html

        return html.render_page(page, words, version())

    from analyzer.report.blocks import terminal

    return terminal.render_page(page, words, width=width, colour=colour, unbroken=unbroken)


_PRESENTERS: dict[Format, Callable[[View, Catalogue, int, bool, bool], str]] = {
    Format.TEXT: _text,
    Format.JSON: _json,
    Format.JSONL: _jsonl,
    Format.MARKDOWN: _markdown,
    Format.HTML: _html,
}


def render_transfers(
    view: TransferView, form: Format, language: str, *, width: int = 80, colour: bool = False, unbroken: bool = False
) -> str:
    """The view of a report on transfers in the wanted form."""
    words = Catalogue(language)
    match form:
        case Format.TEXT:
            from analyzer.report.transfers.text import render_text

            return render_text(view, words, width=width, colour=colour, unbroken=unbroken)
        case Format.MARKDOWN:
            from analyzer.report.transfers.markdown import render_markdown

            return render_markdown(view, words, version())
        case Format.HTML:
            from analyzer.report.transfers.html import render_html

            return render_html(view, words, version())
        case Format.JSON:
            from analyzer.report.transfers.json_ import render_json

            return render_json(view, words, version())
        case Format.JSONL:
            from analyzer.report.transfers.json_ import render_jsonl

            return render_jsonl(view, words, version())
