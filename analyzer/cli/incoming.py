"""Standard input, where a capture or a text comes from it."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import BinaryIO

from analyzer.cli.exits import say
from analyzer.cli.output import STANDARD_OUTPUT
from analyzer.model.notes import note

__all__ = ["STANDARD_INPUT", "standard_input"]

STANDARD_INPUT = STANDARD_OUTPUT


def standard_input(paths: Sequence[str], language: str) -> BinaryIO | None:
    """The bytes that come in, None where whoever started us closed it. Who is expected to type a capture is told so."""
    if sys.stdin is None:
        return None
    if STANDARD_INPUT in paths and sys.stdin.isatty():
        say(note("cli.waits-for-capture"), language)
    return sys.stdin.buffer
