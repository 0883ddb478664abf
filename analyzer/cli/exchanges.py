"""``ossig exchanges CAPTURE...``: every HTTP exchange, refused or not, a line each."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated

import typer

from analyzer.cli.exits import code_of, ended, say
from analyzer.cli.forms import form_of
from analyzer.cli.incoming import standard_input
from analyzer.cli.keys import read_key_logs
from analyzer.cli.options import Captures, Force, KeyLogs, LanguageOption, Output
from analyzer.cli.output import check_output, write_output
from analyzer.cli.settings import ListFormat, language

if TYPE_CHECKING:
    from analyzer.model.listing import Row
    from analyzer.pipeline import Listing

__all__ = ["exchanges_command"]

ListFormatOption = Annotated[
    ListFormat | None,
    typer.Option(
        "--format",
        "-f",
        help="Form of the list. When not given, the ending of FILE tells it (.jsonl), else text.",
        show_default=False,
    ),
]


def exchanges_command(
    captures: Captures,
    format: ListFormatOption = None,
    output: Output = None,
    force: Force = False,
    lang: LanguageOption = None,
    keylog: KeyLogs = None,
) -> None:
    """List every HTTP exchange of the captures, refused or not.

    Columns: frames of request and answer, time, client and server, status, method and URL, body bytes sent and
    received, and what is odd about the exchange; before them the file, where there may be several.

    What could not be read, encrypted connections above all, is told on standard error.

    Example: ossig exchanges faild.pcap --format jsonl
    """
    chosen = language(lang)
    raise typer.Exit(ended(lambda: _run(captures, format, output, force, tuple(keylog or ()), chosen), chosen))


def _run(
    captures: list[str],
    chosen: ListFormat | None,
    output: str | None,
    force: bool,
    keylogs: tuple[str, ...],
    language: str,
) -> int:
    form = form_of(ListFormat, chosen, output) or ListFormat.TEXT
    check_output(output, force, (*captures, *keylogs))
    logs = read_key_logs(keylogs, os.environ)

    from analyzer.pipeline import Options, list_rows

    listing = list_rows(captures, Options(keylogs=logs), stdin=standard_input(captures, language))
    write_output(_lines(listing, form, language), output, force)
    report = listing.report()
    for message in (*report.errors, *report.notes):
        say(message, language)
    return code_of(report)


def _lines(listing: Listing[Row], form: ListFormat, language: str) -> Iterator[str]:
    """One line an exchange, as they are found."""
    from analyzer.report.frames import FrameBook
    from analyzer.report.json_ import dumps
    from analyzer.report.listing import ListText, exchange_line
    from analyzer.report.messages import Catalogue

    words = Catalogue(language)
    frames, files = FrameBook(()), 0
    text = ListText(frames, words)
    for row in listing:
        captures = listing.captures()
        if len(captures) != files:
            frames, files = FrameBook(captures), len(captures)
            text = ListText(frames, words, () if listing.alone else [one.facts.path for one in captures])
        if form is ListFormat.JSONL:
            yield dumps(exchange_line(row, frames, words)) + "\n"
        else:
            yield text.line(row) + "\n"
