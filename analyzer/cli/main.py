"""The command ``ossig``: its commands, and which one an argument list means.

``analyze`` is the default: an argument list that does not begin with the name of a command, or with an option of
ossig itself, is its. A capture that is called like a command can be given as ``./exchanges``. Commands are imported and
built when they are meant or shown: all of them would take a tenth of the time of a small capture.
"""

from __future__ import annotations

import atexit
import gc
import os
import sys
from collections.abc import Callable, Iterable, Sequence
from importlib import import_module
from typing import Annotated, NoReturn

import typer

__all__ = ["COMMANDS", "run", "with_command"]

#: In the order of the help. Command ``name`` is ``name_command`` of ``analyzer.cli.name``.
COMMANDS = ("analyze", "doctor", "explain", "exchanges", "live", "report", "compare", "transfers")
DEFAULT = "analyze"
_OWN_OPTIONS = frozenset({"-h", "--help", "--version", "--install-completion", "--show-completion"})


def _show_version(wanted: bool) -> None:
    if wanted:
        from analyzer.cli.version import version

        typer.echo(f"ossig {version()}")
        raise typer.Exit


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


def application(names: Iterable[str]) -> typer.Typer:
    """The command with these of its commands."""
    app = typer.Typer(
        name="ossig",
        no_args_is_help=True,
        pretty_exceptions_enable=False,
        context_settings={"help_option_names": ["-h", "--help"]},
        rich_markup_mode=None,
    )
    app.callback()(ossig)
    for name in names:
        command: Callable[..., None] = getattr(import_module(f"analyzer.cli.{name}"), f"{name}_command")
        app.command(name)(command)
    return app


def run(arguments: Sequence[str] | None = None) -> NoReturn:
    """Entry point of the command; ends the process with its exit code."""
    # Nearly everything here is freed by counting; looking for cycles as often as Python does costs a tenth of the time,
    # and looking once more when all is done costs as much again.
    gc.set_threshold(20_000, 20, 20)
    atexit.register(gc.freeze)
    # numpy's linear algebra starts threads when it is imported; nothing here uses it.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    typed = with_command(sys.argv[1:] if arguments is None else arguments, COMMANDS)
    if typed[:1] == ["live"]:
        from analyzer.cli.live import spelled_out

        typed = spelled_out(typed)
    meant = typed[:1] if typed and typed[0] in COMMANDS else COMMANDS
    application(meant)(args=typed, prog_name="ossig")
    sys.exit(0)
