"""The words: one catalogue a language, one module an area.

``en`` and ``zh`` hold a module for every area, each with ``MESSAGES``: note key → template. A key begins with its area,
and an area is read when a key of it is first asked for. A template is a plain sentence; ``{name}`` stands for the
note's value of that name, ``{count:request|requests}`` for a number with its noun, and a stretch between backquotes is
code. A note among the values puts its own sentence there. ``Catalogue.runs`` cuts a note into runs, so that a presenter
can style and escape words and captured values each in its own way; ``text`` joins them where no style is wanted.
"""

from __future__ import annotations

import importlib
import re
import string
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache

from analyzer.model.notes import Note, Value, Wire

__all__ = ["AREAS", "LANGUAGES", "PASTED", "Catalogue", "Run", "Show", "areas"]

LANGUAGES = ("en", "zh")

#: Modules of each language.
AREAS = (
    "capture",
    "cause",
    "change",
    "cli",
    "compare",
    "diagnosis",
    "doctor",
    "guide",
    "html",
    "http",
    "live",
    "names",
    "oss",
    "paste",
    "pipeline",
    "redaction",
    "report",
    "tcp",
    "tls",
    "transfers",
)

#: How a presenter writes a captured value.
Show = Callable[[Wire], str]

#: Ending of a key whose sentence takes the place of another's in reports about pasted texts; all stand in ``paste``.
PASTED = ".pasted"

_FORMATTER = string.Formatter()
#: A remark in a line of code.
_REMARK = re.compile(r"\{(guide\.[a-z0-9-]+)\}")
_JOIN = {"en": ", ", "zh": "、"}
#: Between parts of a sentence: most of them, and the last two.
_JOINTS = {"en": (", ", " and "), "zh": ("；", "，并且")}


@dataclass(frozen=True, slots=True)
class Run:
    """A stretch of a sentence: our words, or a value put into them."""

    text: str
    is_value: bool = False  #: made from the note's values; whatever it holds must be escaped
    is_code: bool = False  #: stood between backquotes, or came off the wire


def areas(language: str) -> dict[str, dict[str, str]]:
    """Area → its templates, for all of them."""
    return {area: _area(language, area) for area in AREAS}


@cache
def _names() -> dict[str, str]:
    """English name → its key."""
    return {name: key for key, name in _area("en", "names").items()}


def _area(language: str, area: str) -> dict[str, str]:
    return dict(importlib.import_module(f"{__name__}.{language}.{area}").MESSAGES)


class Catalogue:
    """All sentences of one language.

    A key that the language lacks is written as the key with its values (a test keeps that from happening); a note is
    never a reason to fail.
    """

    __slots__ = ("_templates", "_unread", "language")

    def __init__(self, language: str, *, pasted: bool = False) -> None:
        """``pasted``: the report is about a text, not a capture; sentences that have a form for that take it."""
        self.language = language if language in LANGUAGES else "en"
        self._templates: dict[str, str] = {}
        self._unread = set(AREAS)
        if pasted:
            forms = _area(self.language, "paste")
            self._templates = {key.removesuffix(PASTED): text for key, text in forms.items() if key.endswith(PASTED)}

    def runs(self, note: Note, show: Show) -> tuple[Run, ...]:
        """The sentence in runs, captured values written by ``show``."""
        return tuple(_coded(self._sentence(note, show)))

    def text(self, note: Note, show: Show) -> str:
        """The sentence in one piece; code stands between backquotes, captured values stand bare."""
        return "".join(piece.text for piece in self._sentence(note, show))

    def say(self, key: str, **values: Value) -> str:
        """A label or sentence of our own that holds nothing off the wire but what ``values`` says."""
        return self.text(Note(key, tuple(values.items())), _plain)

    def title(self, link: str) -> str:
        """A link as a reader sees it: an address as it is, a key as the title of a page."""
        return self._template(link) or link

    def name(self, words: str) -> str:
        """Words of our own tables (a client, what an operating system says) in this language; without any of its own
        they stay as they are."""
        key = None if self.language == "en" else _names().get(words)
        return words if key is None else self._template(key) or words

    def code(self, lines: str) -> str:
        """Lines of code of ours, the remarks in them in this language."""
        return _REMARK.sub(lambda found: self._template(found[1]) or found[1], lines)

    def _template(self, key: str) -> str | None:
        area = key.partition(".")[0]
        if area in self._unread:
            self._unread.remove(area)
            self._templates = {**_area(self.language, area), **self._templates}  # what takes a place keeps it
        return self._templates.get(key)

    def _sentence(self, note: Note, show: Show) -> Iterator[Run]:
        template = self._template(note.key)
        return self._untranslated(note, show) if template is None else self._pieces(template, note, show)

    def _pieces(self, template: str, note: Note, show: Show) -> Iterator[Run]:
        values = dict(note.args)
        for literal, name, spec, _ in _FORMATTER.parse(template):
            if literal:
                yield Run(literal)
            if name is None:
                continue
            value = values.get(name)
            if value is None:
                yield Run("?", is_value=True)
            else:
                yield from self._put(value, spec or "", show)

    def _put(self, value: Value, spec: str, show: Show) -> Iterator[Run]:
        """A value in its place: parts of a sentence with their own words and values, all others as one run."""
        parts = value if isinstance(value, tuple) else (value,)
        if not any(isinstance(part, Note) for part in parts):
            yield Run(self._value(value, spec, show), True, isinstance(value, Wire))
            return
        between, last = _JOINTS[self.language]
        for at, part in enumerate(parts):
            if at:
                yield Run(last if at == len(parts) - 1 else between)
            if isinstance(part, Note):
                yield from self._sentence(part, show)
            else:
                yield from self._put(part, "", show)

    def _value(self, value: Value, spec: str, show: Show) -> str:
        if isinstance(value, Wire):
            return show(value)
        if isinstance(value, tuple):
            return _JOIN[self.language].join(self._value(item, "", show) for item in value)
        if isinstance(value, int) and "|" in spec:
            one, _, many = spec.partition("|")
            return f"{value:,} {one if value == 1 else many}"
        if isinstance(value, float):
            return f"{value:.3g}" if abs(value) < 1000 else f"{value:,.0f}"
        return self.name(value) if isinstance(value, str) else str(value)

    def _untranslated(self, note: Note, show: Show) -> Iterator[Run]:
        yield Run(note.key)
        for name, value in note.args:
            yield Run(f" {name}=")
            yield from self._put(value, "", show)


def _plain(wire: Wire) -> str:
    from analyzer.report.values import visible

    return visible(wire.raw)


def _coded(pieces: Iterator[Run]) -> Iterator[Run]:
    """Turns backquotes in our words into code runs; values keep theirs."""
    inside = False
    for piece in pieces:
        if piece.is_value:
            yield Run(piece.text, True, piece.is_code or inside)
            continue
        for index, words in enumerate(piece.text.split("`")):
            if index:
                inside = not inside
            if words:
                yield Run(words, False, inside)
