"""What the environment says: language, colour, width, the key pair.

Options win over the environment. Read once a command, handed on as values.
"""

from __future__ import annotations

import os
import shutil
import sys
from enum import StrEnum

__all__ = ["Color", "Format", "Language", "coloured", "language", "on_screen", "width"]


class Format(StrEnum):
    """Output formats of a report."""

    TEXT = "text"
    JSON = "json"
    JSONL = "jsonl"
    MARKDOWN = "markdown"
    HTML = "html"


class ListFormat(StrEnum):
    """Output formats of a listing."""

    TEXT = "text"
    JSONL = "jsonl"


class Language(StrEnum):
    """Languages of reports and messages."""

    EN = "en"
    ZH = "zh"


class Color(StrEnum):
    """When text is coloured."""

    AUTO = "auto"
    ALWAYS = "always"
    NEVER = "never"


def language(chosen: Language | None) -> str:
    """The chosen language, else the locale's (first of LC_ALL, LC_MESSAGES, LANG that is set), else English."""
    if chosen is not None:
        return chosen.value
    locale = next((os.environ[name] for name in ("LC_ALL", "LC_MESSAGES", "LANG") if os.environ.get(name)), "")
    return "zh" if locale.lower().startswith("zh") else "en"


def coloured(chosen: Color, to_file: bool = False) -> bool:
    """Whether text gets terminal colours. NO_COLOR (no-color.org), FORCE_COLOR and a dumb terminal are honoured."""
    if chosen is not Color.AUTO:
        return chosen is Color.ALWAYS
    if os.environ.get("NO_COLOR") or to_file:
        return False
    if os.environ.get("FORCE_COLOR"):
        return True
    return sys.stdout.isatty() and os.environ.get("TERM") != "dumb"


def on_screen(to_file: bool = False) -> bool:
    """Whether somebody looks at the text as it is printed, rather than at what a pipe or a file makes of it."""
    return not to_file and sys.stdout is not None and sys.stdout.isatty()


def width(to_file: bool = False) -> int:
    """Columns for text: the terminal's up to 120, else 80."""
    return 80 if to_file else min(120, shutil.get_terminal_size((80, 24)).columns)
