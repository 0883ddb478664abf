"""``ossig live -i list``: the machine's interfaces."""

from __future__ import annotations

from typing import TYPE_CHECKING

from analyzer.cli.exits import CLEAN
from analyzer.cli.output import write_output
from analyzer.cli.settings import Format

if TYPE_CHECKING:
    from analyzer.capture.live.interfaces import Interface

__all__ = ["show_interfaces"]


def show_interfaces(form: Format | None, language: str) -> int:
    """A line each: name, whether it is up, addresses, description."""
    from analyzer.capture.live.interfaces import interfaces

    found = interfaces()
    lines = _objects(found) if form in (Format.JSON, Format.JSONL) else _table(found, language)
    write_output(lines, None, False)
    return CLEAN


def _objects(found: tuple[Interface, ...]) -> list[str]:
    from analyzer.report.json_ import dumps

    return [
        dumps({"name": i.name, "up": i.up, "addresses": list(i.addresses), "description": i.description or None}) + "\n"
        for i in found
    ]


def _table(found: tuple[Interface, ...], language: str) -> list[str]:
    from analyzer.report.messages import Catalogue
    from analyzer.report.values import tame

    words = Catalogue(language)
    width = max((len(i.name) for i in found), default=0)
    states = {up: words.say("live.interface.up" if up else "live.interface.down") for up in (True, False)}
    return [
        tame(f"{i.name:{width}}  {states[i.up]:4}  {', '.join(i.addresses) or '-'}  {i.description}".rstrip()) + "\n"
        for i in found
    ]
