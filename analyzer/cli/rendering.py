"""Format name → presenter. Each presenter is imported only when its format is asked for."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from analyzer.cli.settings import Format
from analyzer.cli.version import version
from analyzer.report.messages import Catalogue

if TYPE_CHECKING:
    from analyzer.report.view import View

__all__ = ["render"]


def render(view: View, form: Format, language: str, *, width: int = 80, colour: bool = False) -> str:
    """The view in the wanted form."""
    return _PRESENTERS[form](view, Catalogue(language), width, colour)


def _text(view: View, words: Catalogue, width: int, colour: bool) -> str:
    from analyzer.report.text import render_text

    return render_text(view, words, width=width, colour=colour)


def _json(view: View, words: Catalogue, width: int, colour: bool) -> str:
    from analyzer.report.json_ import render_json

    return render_json(view, words, version())


def _jsonl(view: View, words: Catalogue, width: int, colour: bool) -> str:
    from analyzer.report.json_ import render_jsonl

    return render_jsonl(view, words, version())


def _markdown(view: View, words: Catalogue, width: int, colour: bool) -> str:
    from analyzer.report.markdown import render_markdown

    return render_markdown(view, words, version())


def _html(view: View, words: Catalogue, width: int, colour: bool) -> str:
    from analyzer.report.html import render_html

    return render_html(view, words, version())


_PRESENTERS: dict[Format, Callable[[View, Catalogue, int, bool], str]] = {
    Format.TEXT: _text,
    Format.JSON: _json,
    Format.JSONL: _jsonl,
    Format.MARKDOWN: _markdown,
    Format.HTML: _html,
}
