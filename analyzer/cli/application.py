"""The command line as typer sees it: ``ossig`` and those of its commands that are needed.

Commands are imported and built when they are meant or shown: all of them would take a tenth of the time of a small
capture.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from importlib import import_module
from typing import Annotated, Any

import typer
from typer.core import TyperCommand

__all__ = ["application"]


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

    Exit codes: 0 nothing wrong found, 1 failures found, 2 wrong usage, 3 an input could not be read, 4 not everything
    could be seen and no failure found, 5 no permission to capture.
    """


class _Command(TyperCommand):
    """Usage as manuals write it: what is required stands bare."""

    def collect_usage_pieces(self, ctx: Any) -> list[str]:
        pieces = super().collect_usage_pieces(ctx)
        return [piece[1:-1] if piece.startswith("{") and piece.endswith("}") else piece for piece in pieces]


def application(names: Iterable[str]) -> typer.Typer:
    """The command with these of its commands; ``name`` is ``name_command`` of ``analyzer.cli.name``."""
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
        app.command(name, cls=_Command)(command)
    return app
