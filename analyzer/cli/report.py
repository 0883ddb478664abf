"""``ossig report CAPTURE... -o ticket.html``: the diagnosis for others, redacted."""

from __future__ import annotations

import os
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated

import typer

from analyzer.cli.exits import code_of, ended, say, say_written
from analyzer.cli.forms import BUNDLE, form_of, told_form
from analyzer.cli.incoming import standard_input
from analyzer.cli.keys import read_key_logs, read_secrets
from analyzer.cli.options import Captures, Force, KeyLogs, LanguageOption, SecretFile
from analyzer.cli.output import STANDARD_OUTPUT, check_output, path_value, write_output
from analyzer.cli.progress import ProgressLine
from analyzer.cli.settings import Format, language
from analyzer.model.errors import OutputRefused
from analyzer.model.notes import note

if TYPE_CHECKING:
    from analyzer.model.report import Report
    from analyzer.model.secrets import Secret, SecretBook

__all__ = ["report_command"]

#: File in a bundle → its form.
_BUNDLED: dict[str, Format] = {
    "report.html": Format.HTML,
    "report.md": Format.MARKDOWN,
    "report.json": Format.JSON,
}


@dataclass(frozen=True, slots=True)
class _Run:
    """What was typed. ``format`` None: a bundle."""

    captures: list[str]
    output: str
    format: Format | None
    force: bool
    language: str
    keylogs: tuple[str, ...]
    secret_file: str | None
    redact: bool
    keep_names: bool


def report_command(
    captures: Captures,
    output: Annotated[
        str,
        typer.Option(
            "--output",
            "-o",
            metavar="FILE",
            help="Where to write: .html, .md, .json, .txt, or .zip for the bundle of all; - is standard output.",
        ),
    ],
    format: Annotated[
        Format | None,
        typer.Option("--format", "-f", help="Form, where the name of FILE does not tell it.", show_default=False),
    ] = None,
    no_redact: Annotated[
        bool, typer.Option("--no-redact", help="Show everything as it was sent. The report says so; do not share it.")
    ] = False,
    keep_names: Annotated[
        bool, typer.Option("--keep-names", help="Leave the names of bucket, key and host readable.")
    ] = False,
    force: Force = False,
    lang: LanguageOption = None,
    keylog: KeyLogs = None,
    secret_file: SecretFile = None,
) -> None:
    """Write the redacted report for a support ticket.

    Names, ids, signatures, tokens, addresses and bodies become others of the same shape; request ids, dates, sizes and
    header names stay. The .zip holds the report in three forms and a redacted capture that leads to the same causes.

    \b
    Examples:
      ossig report faild.pcap -o ticket.html
      ossig report faild.pcap -o ticket.zip --keep-names
      ossig report faild.pcap -o - --format markdown

    Exit codes: as for ossig CAPTURE; 2 also when a value that had to go was still found, and nothing was written.
    """
    spoken = language(lang)
    typed = _Run(captures, output, format, force, spoken, tuple(keylog or ()), secret_file, not no_redact, keep_names)
    raise typer.Exit(ended(lambda: _run(typed), spoken))


def _run(typed: _Run) -> int:
    form = _form(typed)
    check_output(typed.output, typed.force, (*typed.captures, *typed.keylogs, typed.secret_file))
    secrets, warnings = read_secrets(typed.secret_file, os.environ)
    for warning in warnings:
        say(warning, typed.language)
    logs = read_key_logs(typed.keylogs, os.environ)

    from analyzer.pipeline import Options, analyze

    with ProgressLine(typed.language) as progress:
        options = Options(secrets=secrets, keylogs=logs, clock=time.monotonic, search=progress.search)
        report = analyze(
            typed.captures, options, progress=progress, stdin=standard_input(typed.captures, typed.language)
        )
    for error in report.errors:
        say(error, typed.language)
    write_output((_rendered(report, secrets, logs, form, typed),), typed.output, typed.force)
    say_written(typed.output, report, typed.language)
    if not typed.redact:
        say(note("redaction.off"), typed.language)
    return code_of(report)


def _form(typed: _Run) -> Format | None:
    """The form asked for; None is the bundle."""
    if typed.format is None and told_form(typed.output) == BUNDLE:
        return None
    form = form_of(Format, typed.format, typed.output)
    if form is None and typed.output != STANDARD_OUTPUT:
        raise OutputRefused(note("redaction.unknown-form", path=path_value(typed.output)))
    return form or Format.MARKDOWN


def _rendered(
    report: Report, secrets: SecretBook, logs: tuple[Secret, ...], form: Format | None, typed: _Run
) -> str | bytes:
    from analyzer.cli.rendering import render
    from analyzer.cli.version import version
    from analyzer.report.redaction import RedactionPolicy, redact, redacted_view

    policy = RedactionPolicy(keep_names=typed.keep_names, redact=typed.redact)
    redacted = redact(report, policy, secrets.values(), logs)
    view = redacted_view(redacted)
    if form is None:
        from analyzer.report.bundle import write_bundle

        documents = {name: render(view, kind, typed.language) for name, kind in _BUNDLED.items()}
        return write_bundle(redacted, documents, version())
    text = render(view, form, typed.language)
    redacted.gate.check(text.encode("utf-8", "backslashreplace"), form.value)
    return text
