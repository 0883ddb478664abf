"""The command ``ossig``: its commands, and which one an argument list means.

``analyze`` is the default: an argument list that does not begin with the name of a command, or with an option of
ossig itself, is its. A capture that is called like a command can be given as ``./exchanges``.
"""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import Sequence
from typing import Annotated, NoReturn

import typer

from analyzer.cli.analyze import analyze_command
from analyzer.cli.compare import compare_command
from analyzer.cli.doctor import doctor_command
from analyzer.cli.exchanges import exchanges_command
from analyzer.cli.explain import explain_command
from analyzer.cli.live import live_command, spelled_out
from analyzer.cli.report import report_command
from analyzer.cli.transfers import transfers_command

__all__ = ["app", "run", "with_command"]

app = typer.Typer(
    name="ossig",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
    rich_markup_mode=None,
)
app.command("analyze")(analyze_command)
app.command("doctor")(doctor_command)
app.command("explain")(explain_command)
app.command("exchanges")(exchanges_command)
app.command("live")(live_command)
app.command("report")(report_command)
app.command("compare")(compare_command)
app.command("transfers")(transfers_command)

_OWN_OPTIONS = frozenset({"-h", "--help", "--version", "--install-completion", "--show-completion"})
DEFAULT = "analyze"


def _show_version(wanted: bool) -> None:
    if wanted:
        from analyzer.cli.version import version

        typer.echo(f"ossig {version()}")
        raise typer.Exit


@app.callback()
def ossig(
    version: Annotated[
        bool, typer.Option("--version", help="Show the version.", is_eager=True, callback=_show_version)
    ] = False,
) -> None:
    """Why did object storage refuse this signature? ossig reads a packet capture and says so.

    ossig CAPTURE... diagnoses every refused request: what failed, why, what to do, and the evidence.

    Example: ossig faild.pcap
    """


def with_command(arguments: Sequence[str], commands: Sequence[str]) -> list[str]:
    """The arguments with the command's name in front, where they leave it out."""
    if not arguments or arguments[0] in _OWN_OPTIONS or arguments[0] in commands:
        return list(arguments)
    return [DEFAULT, *arguments]


def run(arguments: Sequence[str] | None = None) -> NoReturn:
    """Entry point of the command; ends the process with its exit code."""
    # Nearly everything here is freed by counting; looking for cycles as often as Python does costs a tenth of the time.
    gc.set_threshold(20_000, 20, 20)
    # numpy's linear algebra starts threads when it is imported; nothing here uses it.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    names = [command.name or "" for command in app.registered_commands]
    given = sys.argv[1:] if arguments is None else arguments
    app(args=spelled_out(with_command(given, names)), prog_name="ossig")
    sys.exit(0)
