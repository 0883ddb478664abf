"""``ossig compare CLIENT.pcap SERVER.pcap``: the same requests on two sides of a proxy, or two runs side by side."""

from __future__ import annotations

import os
import time
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from analyzer.cli.exits import code_of_comparison, ended, say
from analyzer.cli.incoming import standard_input
from analyzer.cli.keys import read_key_logs, read_secrets
from analyzer.cli.options import (
    ColorOption,
    Force,
    FormatOption,
    KeyLogs,
    LanguageOption,
    Output,
    Redact,
    SecretFile,
)
from analyzer.cli.output import check_output, write_output
from analyzer.cli.presenting import Showing, gated, local, showing
from analyzer.cli.progress import ProgressLine
from analyzer.cli.settings import Color, Format, language
from analyzer.model.errors import Fault
from analyzer.model.notes import note

if TYPE_CHECKING:
    from analyzer.model.comparison import CompareReport
    from analyzer.model.secrets import Secret, SecretBook
    from analyzer.report.comparison import CompareView

__all__ = ["compare_command"]


class Mode(StrEnum):
    """How the two captures belong together."""

    AUTO = "auto"
    TRAFFIC = "traffic"
    RUNS = "runs"


@dataclass(frozen=True, slots=True)
class _Run:
    """What was typed."""

    client: str
    server: str
    mode: Mode
    keylogs: tuple[str, ...]
    secret_file: str | None
    how: Showing


def compare_command(
    client: Annotated[
        str,
        typer.Argument(
            metavar="CLIENT", help="The capture nearer to the client, or the first run.", show_default=False
        ),
    ],
    server: Annotated[
        str,
        typer.Argument(
            metavar="SERVER", help="The capture nearer to the server, or the second run.", show_default=False
        ),
    ],
    mode: Annotated[
        Mode,
        typer.Option(
            "--mode",
            help="traffic: the same requests at two places. runs: one run that works, one that fails. auto: shared "
            "request ids and signatures decide.",
        ),
    ] = Mode.AUTO,
    format: FormatOption = None,
    output: Output = None,
    force: Force = False,
    lang: LanguageOption = None,
    keylog: KeyLogs = None,
    secret_file: SecretFile = None,
    color: ColorOption = Color.AUTO,
    redact: Redact = False,
) -> None:
    """Say what was changed on the way between two captures.

    Or what sets two runs apart: one that works, one that fails. CLIENT and SERVER are each a capture file, a
    directory or a quoted pattern (a rotated set), or - for standard input. Of the same requests seen in both, every
    byte is compared: what was added, removed, changed, reordered, and whether it was signed. Two runs that share no
    request are searched for what failing requests have in common.

    \b
    Examples:
      ossig compare client.pcap server.pcap
      ossig compare works-on-centos.pcap fails-on-ubuntu.pcap

    Exit codes: 0 nothing was changed, 1 something was, 2 wrong usage, 3 an input could not be read, 4 not everything
    could be seen, or nothing could be matched.
    """
    spoken = language(lang)

    def run() -> int:
        how = showing(format, output, force, spoken, color, redact)
        return _run(_Run(client, server, mode, tuple(keylog or ()), secret_file, how))

    raise typer.Exit(ended(run, spoken))


def _run(typed: _Run) -> int:
    if typed.client == typed.server == "-":
        raise Fault(note("cli.one-standard-input"))
    how = typed.how
    check_output(how.output, how.force, (typed.client, typed.server, *typed.keylogs, typed.secret_file))
    secrets, warnings = read_secrets(typed.secret_file, os.environ)
    for warning in warnings:
        say(warning, how.language)
    logs = read_key_logs(typed.keylogs, os.environ)

    from analyzer.model.comparison import Way
    from analyzer.pipeline import Options, compare_captures

    way = {Mode.AUTO: None, Mode.TRAFFIC: Way.TRAFFIC, Mode.RUNS: Way.RUNS}[typed.mode]
    with ProgressLine(how.language) as progress:
        options = Options(secrets=secrets, keylogs=logs, clock=time.monotonic, search=progress.search)
        report = compare_captures(
            [typed.client],
            [typed.server],
            options,
            way,
            progress=progress,
            stdin=standard_input((typed.client, typed.server), how.language),
        )
    if how.format is not Format.TEXT:
        for error in report.errors:
            say(error, how.language)
    write_output((_rendered(report, secrets, logs, how),), how.output, how.force)
    return code_of_comparison(report)


def _rendered(report: CompareReport, secrets: SecretBook, logs: tuple[Secret, ...], how: Showing) -> str:
    from analyzer.report.comparison import comparison_view

    if how.redact:
        from analyzer.report.comparison.redaction import redact_comparison

        redacted, gate = redact_comparison(report, secrets.values(), logs)
        return gated(_presented(comparison_view(redacted, redacted=True), how), how, gate)
    return local(_presented(comparison_view(report), how), how, secrets.values(), (*logs, *report.key_logs))


def _presented(view: CompareView, how: Showing) -> str:
    from analyzer.cli.rendering import render_comparison

    return render_comparison(
        view, how.format, how.language, width=how.width, colour=how.coloured, unbroken=how.unbroken
    )
