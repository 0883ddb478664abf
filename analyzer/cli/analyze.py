"""``ossig CAPTURE...``: diagnose every refused request in the captures."""

from __future__ import annotations

import os
import sys
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

import typer

from analyzer.cli.exits import code_of, ended, say
from analyzer.cli.keys import read_key_logs, read_secrets
from analyzer.cli.options import (
    Captures,
    ColorOption,
    Force,
    FormatOption,
    KeyLogs,
    LanguageOption,
    Output,
    SecretFile,
)
from analyzer.cli.output import check_output, write_output
from analyzer.cli.progress import ProgressLine
from analyzer.cli.settings import Color, Format, coloured, language, width

if TYPE_CHECKING:
    from analyzer.model.report import Report

__all__ = ["analyze_command"]


@dataclass(frozen=True, slots=True)
class _Run:
    """What was typed."""

    captures: list[str]
    format: Format
    output: str | None
    force: bool
    language: str
    keylogs: tuple[str, ...]
    secret_file: str | None
    color: Color


def analyze_command(
    captures: Captures,
    format: FormatOption = Format.TEXT,
    output: Output = None,
    force: Force = False,
    lang: LanguageOption = None,
    keylog: KeyLogs = None,
    secret_file: SecretFile = None,
    color: ColorOption = Color.AUTO,
) -> None:
    """Say why requests were refused: what failed, why, and what to do.

    This is the default command: ossig faild.pcap is ossig analyze faild.pcap.

    Examples:

    ossig faild.pcap

    ossig faild.pcap --secret-file keys.txt

    tcpdump -i any -s0 -U -w - port 80 | ossig - --format json

    Exit codes: 0 nothing wrong found, 1 failures found, 2 wrong usage, 3 an input could not be read, 4 not everything
    could be seen and no failure found.
    """
    typed = _Run(captures, format, output, force, language(lang), tuple(keylog or ()), secret_file, color)
    raise typer.Exit(ended(lambda: _run(typed), typed.language))


def _run(typed: _Run) -> int:
    check_output(typed.output, typed.force)
    secrets, warnings = read_secrets(typed.secret_file, os.environ)
    for warning in warnings:
        say(warning, typed.language)
    logs = read_key_logs(typed.keylogs, os.environ)

    from analyzer.pipeline import Options, analyze

    with ProgressLine(typed.language) as progress:
        options = Options(secrets=secrets, keylogs=logs, clock=time.monotonic, search=progress.search)
        report = analyze(typed.captures, options, progress=progress, stdin=sys.stdin.buffer)
    nothing_read = not any(capture.facts.packets for capture in report.captures)
    if typed.format is not Format.TEXT or (report.errors and nothing_read):
        for error in report.errors:
            say(error, typed.language)
    if not (typed.format is Format.TEXT and report.errors and nothing_read):
        write_output((_rendered(report, typed),), typed.output, typed.force)
    return code_of(report)


def _rendered(report: Report, typed: _Run) -> str:
    from analyzer.cli.rendering import render
    from analyzer.report.view import local_view

    to_file = typed.output not in (None, "-")
    return render(
        local_view(report),
        typed.format,
        typed.language,
        width=width(to_file),
        colour=coloured(typed.color, to_file),
    )
