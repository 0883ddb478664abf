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
    Redact,
    SecretFile,
)
from analyzer.cli.output import check_output, write_output
from analyzer.cli.progress import ProgressLine
from analyzer.cli.settings import Color, Format, coloured, language, width

if TYPE_CHECKING:
    from analyzer.model.report import Report
    from analyzer.model.secrets import Secret, SecretBook
    from analyzer.report.view import View

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
    redact: bool


def analyze_command(
    captures: Captures,
    format: FormatOption = Format.TEXT,
    output: Output = None,
    force: Force = False,
    lang: LanguageOption = None,
    keylog: KeyLogs = None,
    secret_file: SecretFile = None,
    color: ColorOption = Color.AUTO,
    redact: Redact = False,
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
    typed = _Run(captures, format, output, force, language(lang), tuple(keylog or ()), secret_file, color, redact)
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
        write_output((_rendered(report, secrets, logs, typed),), typed.output, typed.force)
    return code_of(report)


def _rendered(report: Report, secrets: SecretBook, logs: tuple[Secret, ...], typed: _Run) -> str:
    if typed.redact:
        return _redacted(report, secrets, logs, typed)

    from analyzer.report.gate import check_secrets
    from analyzer.report.view import local_view

    text = _presented(local_view(report), typed)
    logs += tuple(log for capture in report.captures for log in capture.facts.secrets)
    check_secrets(text.encode("utf-8", "backslashreplace"), typed.format.value, secrets.values(), logs)
    return text


def _redacted(report: Report, secrets: SecretBook, logs: tuple[Secret, ...], typed: _Run) -> str:
    from analyzer.report.redaction import redact, redacted_view

    redacted = redact(report, secrets=secrets.values(), key_logs=logs)
    text = _presented(redacted_view(redacted), typed)
    redacted.gate.check(text.encode("utf-8", "backslashreplace"), typed.format.value)
    return text


def _presented(view: View, typed: _Run) -> str:
    from analyzer.cli.rendering import render

    to_file = typed.output not in (None, "-")
    return render(view, typed.format, typed.language, width=width(to_file), colour=coloured(typed.color, to_file))
