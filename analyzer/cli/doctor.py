"""``ossig doctor``: what on this machine slows uploads down or makes requests fail."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

import typer

from analyzer.cli.exits import CLEAN, FAILURES, ended
from analyzer.cli.forms import form_of
from analyzer.cli.options import ColorOption, Force, LanguageOption, Output
from analyzer.cli.output import STANDARD_OUTPUT, check_output, write_output
from analyzer.cli.settings import Color, coloured, language, width
from analyzer.cli.version import version

__all__ = ["DoctorFormat", "doctor_command"]


class DoctorFormat(StrEnum):
    """Output formats."""

    TEXT = "text"
    JSON = "json"


def doctor_command(
    python: Annotated[
        str | None,
        typer.Option(
            "--python",
            metavar="PYTHON",
            help="The Python that runs your program, where that is another than ossig's own.",
            show_default=False,
        ),
    ] = None,
    endpoint: Annotated[
        str, typer.Option("--endpoint", metavar="HOST", help="Where your requests go: proxies are judged for it.")
    ] = "oss-cn-hangzhou.aliyuncs.com",
    clock: Annotated[
        str | None,
        typer.Option(
            "--clock",
            metavar="URL",
            help="Ask this server for its Date and compare the clocks. Without it no connection is opened.",
            show_default=False,
        ),
    ] = None,
    format: Annotated[
        DoctorFormat | None,
        typer.Option(
            "--format",
            "-f",
            help="Form of the result. When not given, the ending of FILE tells it (.json), else text.",
            show_default=False,
        ),
    ] = None,
    output: Output = None,
    force: Force = False,
    lang: LanguageOption = None,
    color: ColorOption = Color.AUTO,
) -> None:
    """Look for what makes requests slow or fail on this machine.

    Examined are crcmod, versions, proxies, netrc, clock, right to capture and fork safety. Nothing is changed, and
    no connection is opened unless --clock names a server.

    \b
    Examples:
      ossig doctor
      ossig doctor --python /srv/app/venv/bin/python --clock https://oss-cn-hangzhou.aliyuncs.com

    Exit codes: 0 nothing wrong, 1 something is wrong.
    """
    spoken = language(lang)

    def run() -> int:
        form = form_of(DoctorFormat, format, output)
        check_output(output, force)

        from analyzer.cli.machine import machine
        from analyzer.doctor import examine
        from analyzer.report.doctor import render_health, render_health_json
        from analyzer.report.messages import Catalogue

        health = examine(machine(python, endpoint, clock))
        words, to_file = Catalogue(spoken), output not in (None, STANDARD_OUTPUT)
        if form is DoctorFormat.JSON:
            text = render_health_json(health, words, version())
        else:
            text = render_health(health, words, width=width(to_file), colour=coloured(color, to_file))
        write_output((text,), output, force)
        return FAILURES if health.wrong else CLEAN

    raise typer.Exit(ended(run, spoken))
