"""``ossig explain [FILE]``: the diagnosis of what somebody pasted, without a capture."""

from __future__ import annotations

import os
import sys
import time
from typing import Annotated

import typer

from analyzer.cli.exits import code_of, ended, say, say_written
from analyzer.cli.incoming import STANDARD_INPUT
from analyzer.cli.keys import read_secrets
from analyzer.cli.options import ColorOption, Force, FormatOption, LanguageOption, Output, Redact, SecretFile
from analyzer.cli.output import check_output, path_value, write_output
from analyzer.cli.presenting import Showing, presented, showing
from analyzer.cli.progress import ProgressLine
from analyzer.cli.settings import Color, language
from analyzer.model.errors import CannotRead, reason_of
from analyzer.model.notes import note

__all__ = ["explain_command"]

PastedFile = Annotated[
    str,
    typer.Argument(
        metavar="[FILE]",
        help="What was pasted; standard input when not given. What it is need not be said.",
        show_default=False,
    ),
]


def explain_command(
    file: PastedFile = STANDARD_INPUT,
    format: FormatOption = None,
    output: Output = None,
    force: Force = False,
    lang: LanguageOption = None,
    secret_file: SecretFile = None,
    color: ColorOption = Color.AUTO,
    redact: Redact = False,
) -> None:
    """Say why a request was refused, from a pasted text.

    No capture is needed. Takes the error XML (also cut, or escaped for HTML), an exception of an SDK, curl -v
    output, a raw HTTP request with or without its answer, a HAR file, or a debug log with the string to sign;
    several of them at once as well. Says what it could take from it and what would tell more.

    \b
    Examples:
      ossig explain error.txt
      curl -v ... 2>&1 | ossig explain

    Exit codes: as for ossig CAPTURE; 3 when nothing in the text is of a known form.
    """
    spoken = language(lang)

    def run() -> int:
        return _run(file, secret_file, showing(format, output, force, spoken, color, redact))

    raise typer.Exit(ended(run, spoken))


def _run(path: str, secret_file: str | None, how: Showing) -> int:
    check_output(how.output, how.force, (path, secret_file))
    secrets, warnings = read_secrets(secret_file, os.environ)
    for warning in warnings:
        say(warning, how.language)

    from analyzer.pipeline import Options, explain

    data = _read(path, how.language)
    with ProgressLine(how.language) as progress:
        options = Options(secrets=secrets, clock=time.monotonic, search=progress.search)
        report = explain(data, options, path=path)
    write_output((presented(report, secrets, how),), how.output, how.force)
    say_written(how.output, report, how.language)
    return code_of(report)


def _read(path: str, spoken: str) -> bytes:
    from analyzer.pasted import MAX_PASTE

    if path == STANDARD_INPUT:
        if sys.stdin is None:
            raise CannotRead(note("capture.no-stdin"))
        if sys.stdin.isatty():
            say(note("cli.paste-here", keys="Ctrl-Z, Enter" if os.name == "nt" else "Ctrl-D"), spoken)
        return sys.stdin.buffer.read(MAX_PASTE + 1)
    try:
        with open(path, "rb") as file:
            return file.read(MAX_PASTE + 1)
    except OSError as fault:
        raise CannotRead(note("cli.paste-unreadable", path=path_value(path), reason=reason_of(fault))) from fault
