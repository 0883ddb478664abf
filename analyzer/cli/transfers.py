"""``ossig transfers CAPTURE...``: multipart uploads, why transfers failed, and whom they waited for."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated

import typer

from analyzer.cli.exits import CLEAN, FAILURES, INCOMPLETE, INTERRUPTED, UNREADABLE, ended, say
from analyzer.cli.incoming import standard_input
from analyzer.cli.keys import read_key_logs
from analyzer.cli.options import (
    Captures,
    ColorOption,
    Force,
    FormatOption,
    KeyLogs,
    LanguageOption,
    Output,
    Redact,
)
from analyzer.cli.output import check_output, write_output
from analyzer.cli.presenting import Showing, gated, local, showing
from analyzer.cli.progress import ProgressLine
from analyzer.cli.settings import Color, Format, language

if TYPE_CHECKING:
    from analyzer.model.secrets import Secret
    from analyzer.model.transfers import TransferReport
    from analyzer.report.transfers import TransferView

__all__ = ["transfers_command"]


@dataclass(frozen=True, slots=True)
class _Run:
    """What was typed."""

    captures: list[str]
    keylogs: tuple[str, ...]
    checks: bool
    how: Showing


def transfers_command(
    captures: Captures,
    format: FormatOption = None,
    output: Output = None,
    force: Force = False,
    lang: LanguageOption = None,
    keylog: KeyLogs = None,
    color: ColorOption = Color.AUTO,
    redact: Redact = False,
    checks: Annotated[
        bool,
        typer.Option(
            "--checks/--no-checks",
            help="Compare ETag and CRC-64 of the answers with the captured bodies; every body's bytes are read for it.",
        ),
    ] = True,
) -> None:
    """Say what became of uploads, and who was slow.

    Uploads with their parts, retries and fragments left behind; time-outs, resets, stalled windows, loss, DNS and TLS
    trouble, proxies and CORS; throughput over time and what each transfer waited for.

    \b
    Examples:
      ossig transfers slow.pcap
      ossig transfers slow.pcap -o slow.html

    Exit codes: 0 nothing wrong found, 1 something wrong found, 2 wrong usage, 3 an input could not be read, 4 not
    everything could be seen and nothing wrong found.
    """
    spoken = language(lang)

    def run() -> int:
        how = showing(format, output, force, spoken, color, redact)
        return _run(_Run(captures, tuple(keylog or ()), checks, how))

    raise typer.Exit(ended(run, spoken))


def _run(typed: _Run) -> int:
    how = typed.how
    check_output(how.output, how.force, (*typed.captures, *typed.keylogs))
    logs = read_key_logs(typed.keylogs, os.environ)

    from analyzer.pipeline import Options, analyze_transfers

    with ProgressLine(how.language) as progress:
        options = Options(keylogs=logs, checks=typed.checks)
        report = analyze_transfers(
            typed.captures, options, progress=progress, stdin=standard_input(typed.captures, how.language)
        )
    if how.format is not Format.TEXT:
        for error in report.run.errors:
            say(error, how.language)
    write_output((_rendered(report, logs, how),), how.output, how.force)
    return _code_of(report)


def _code_of(report: TransferReport) -> int:
    """What was found comes before what could not be seen."""
    verdicts = (
        (report.run.interrupted, INTERRUPTED),
        (bool(report.wrong), FAILURES),
        (bool(report.run.errors), UNREADABLE),
        (report.run.incomplete, INCOMPLETE),
    )
    return next((code for holds, code in verdicts if holds), CLEAN)


def _rendered(report: TransferReport, logs: tuple[Secret, ...], how: Showing) -> str:
    if how.redact:
        from analyzer.report.redaction.transfers import redact_transfers

        view, gate = redact_transfers(report, logs)
        return gated(_presented(view, how), how, gate)

    from analyzer.report.transfers import local_transfers

    logs += tuple(log for capture in report.run.captures for log in capture.facts.secrets)
    return local(_presented(local_transfers(report), how), how, (), logs)


def _presented(view: TransferView, how: Showing) -> str:
    from analyzer.cli.rendering import render_transfers

    return render_transfers(view, how.format, how.language, width=how.width, colour=how.coloured, unbroken=how.unbroken)
