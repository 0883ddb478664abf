"""The command ``ossig``: its commands, and which one an argument list means.

``analyze`` is the default: an argument list that does not begin with the name of a command, or with an option of
ossig itself, is its. A capture that is called like a command can be given as ``./exchanges``.
"""

from __future__ import annotations

import atexit
import gc
import os
import sys
from collections.abc import Sequence
from typing import NoReturn

__all__ = ["COMMANDS", "likely_command", "run", "with_command"]

#: In the order of the help.
COMMANDS = ("analyze", "doctor", "explain", "exchanges", "live", "report", "compare", "transfers")
DEFAULT = "analyze"
#: Words that are no commands → what they mean.
_MEANT = {"help": "--help", "version": "--version", "diff": "compare", "capture": "live", "sniff": "live"}
#: How alike a word must be to be taken for a command.
_LIKE = 0.75
_OWN_OPTIONS = frozenset({"-h", "--help", "--version", "--install-completion", "--show-completion"})


def with_command(arguments: Sequence[str], commands: Sequence[str]) -> list[str]:
    """The arguments with the command's name in front, where they leave it out."""
    if not arguments or arguments[0] in _OWN_OPTIONS or arguments[0] in commands:
        return list(arguments)
    return [DEFAULT, *arguments]


def likely_command(typed: Sequence[str]) -> str | None:
    """What was meant where the first word was taken for a capture, is none, and reads like a command; else None."""
    if typed[:1] != [DEFAULT] or len(typed) < 2:
        return None
    word = typed[1]
    if not word.isalpha() or os.path.lexists(word):
        return None
    from difflib import get_close_matches

    near = get_close_matches(word.lower(), (*COMMANDS, *_MEANT), 1, _LIKE)
    return _MEANT.get(near[0], near[0]) if near else None


def run(arguments: Sequence[str] | None = None) -> NoReturn:
    """Entry point of the command; ends the process with its exit code."""
    # Nearly everything here is freed by counting; looking for cycles as often as Python does costs a tenth of the time,
    # and looking once more when all is done costs as much again. What is imported makes 50,000 objects that stay.
    gc.set_threshold(100_000, 20, 20)
    atexit.register(gc.freeze)
    # numpy's linear algebra starts threads when it is imported; nothing here uses it.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

    from analyzer.cli.application import application  # late: after what is set above

    typed = with_command(sys.argv[1:] if arguments is None else arguments, COMMANDS)
    if typed[:1] == ["live"]:
        from analyzer.cli.live import spelled_out

        typed = spelled_out(typed)
    if (better := likely_command(typed)) is not None:
        from analyzer.cli.exits import USAGE, say
        from analyzer.cli.settings import language
        from analyzer.model.notes import note

        say(note("cli.no-such-command", word=typed[1], better=better), language(None))
        sys.exit(USAGE)
    meant = typed[:1] if typed and typed[0] in COMMANDS else COMMANDS
    application(meant)(args=typed, prog_name="ossig")
    sys.exit(0)
