"""``ossig CAPTURE...``: diagnose every refused request in the captures."""

from __future__ import annotations

import os
import time
from dataclasses import dataclass

import typer

from analyzer.cli.exits import code_of, ended, say, say_written
from analyzer.cli.incoming import standard_input
from analyzer.cli.keys import read_key_logs, read_secrets
from analyzer.cli.options import (
    Captures,
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
from analyzer.cli.presenting import Showing, presented, showing
from analyzer.cli.progress import ProgressLine
from analyzer.cli.settings import Color, Format, language

__all__ = ["analyze_command"]


@dataclass(frozen=True, slots=True)
class _Run:
    """What was typed."""

    captures: list[str]
    keylogs: tuple[str, ...]
    secret_file: str | None
    how: Showing


def analyze_command(
    captures: Captures,
    format: FormatOption = None,
    output: Output = None,
    force: Force = False,
    lang: LanguageOption = None,
    keylog: KeyLogs = None,
    secret_file: SecretFile = None,
    color: ColorOption = Color.AUTO,
    redact: Redact = False,
) -> None:
    """Say why requests were refused, and what to do.

    This is the default command: ossig faild.pcap is ossig analyze faild.pcap.

    \b
    Examples:
      ossig faild.pcap
      ossig faild.pcap --secret-file keys.txt
      tcpdump -i any -s0 -U -w - port 80 | ossig - --format json

    Exit codes: 0 nothing wrong found, 1 failures found, 2 wrong usage, 3 an input could not be read, 4 not everything
    could be seen and no failure found.
    """
    spoken = language(lang)

    def run() -> int:
        how = showing(format, output, force, spoken, color, redact)
        return _run(_Run(captures, tuple(keylog or ()), secret_file, how))

    raise typer.Exit(ended(run, spoken))


def _run(typed: _Run) -> int:
    how = typed.how
    check_output(how.output, how.force, (*typed.captures, *typed.keylogs, typed.secret_file))
    secrets, warnings = read_secrets(typed.secret_file, os.environ)
    for warning in warnings:
        say(warning, how.language)
    logs = read_key_logs(typed.keylogs, os.environ)

    from analyzer.pipeline import KEPT_BODY, Options, analyze

    with ProgressLine(how.language) as progress:
        options = Options(
            secrets=secrets,
            keylogs=logs,
            clock=time.monotonic,
            search=progress.search,
            kept_body=KEPT_BODY,
            segments=how.format is Format.HTML,
        )
        report = analyze(typed.captures, options, progress=progress, stdin=standard_input(typed.captures, how.language))
    nothing_read = not any(capture.facts.packets for capture in report.captures)
    if how.format is not Format.TEXT or (report.errors and nothing_read):
        for error in report.errors:
            say(error, how.language)
    if not (how.format is Format.TEXT and report.errors and nothing_read):
        write_output((presented(report, secrets, how, logs),), how.output, how.force)
        say_written(how.output, report, how.language)
    return code_of(report)
