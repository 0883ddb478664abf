"""Where lines of text for a terminal are broken.

Rich breaks at blanks, which Chinese does not have: its lines would end early, a closing mark could begin one, and ids
joined by ``，`` would be one word that is cut anywhere. Here Chinese may be broken between any two characters, only not
before a closing mark nor behind an opening one, and a Latin word is left whole where it fits into a line of its own.
Widths are terminal cells; text without Chinese is broken as Rich breaks it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from itertools import pairwise
from typing import Any

from rich.cells import cell_len
from rich.console import Console, ConsoleOptions, RenderableType
from rich.containers import Lines
from rich.segment import Segment
from rich.text import Text

__all__ = ["Paper", "breaks"]

#: Han, kana, and punctuation of full width.
_CHINESE = re.compile(r"[\u2e80-\u303f\u3041-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\uff01-\uff60]")
#: Marks that begin no line, and marks that end none.
_CLOSING = frozenset("，。；：！？、）」』》】〕”’…—·,.;:!?)]}%")
_OPENING = frozenset("（「『《【〔“‘([{")
#: What Rich takes for a word: blanks behind it belong to it.
_WORD = re.compile(r"\s*\S+\s*")


class Paper(Console):
    """A console that breaks lines of Chinese as Chinese is broken."""

    def render(self, renderable: RenderableType, options: ConsoleOptions | None = None) -> Iterable[Segment]:
        """As Rich does it; everything that is printed, cells of tables too, comes through here."""
        if isinstance(renderable, Text) and _CHINESE.search(renderable.plain):
            renderable = _Chinese.of(renderable)
        return super().render(renderable, options)


class _Chinese(Text):
    """A text with Chinese in it."""

    @classmethod
    def of(cls, text: Text) -> _Chinese:
        return cls(
            text.plain, text.style, justify=text.justify, overflow=text.overflow, no_wrap=text.no_wrap, end=text.end,
            tab_size=text.tab_size, spans=text.spans,
        )  # fmt: skip

    def wrap(self, console: Console, width: int, **how: Any) -> Lines:
        """Broken here first; Rich finds lines that fit and only sets them."""
        if how.get("no_wrap") or how.get("overflow") == "ignore":
            return super().wrap(console, width, **how)
        broken = (part for line in self.split(allow_blank=True) for part in line.divide(breaks(line.plain, width)))
        lines = Lines()
        for part in broken:
            part.rstrip_end(width)
            lines.extend(part.wrap(console, width, **how))
        return lines


def breaks(text: str, width: int) -> list[int]:
    """Offsets at which a line of text is broken so that no part has more than ``width`` cells, blanks at its end left
    aside."""
    found: list[int] = []
    used = 0
    for start, unit in _units(text):
        wide = cell_len(unit.rstrip())
        if used + wide <= width:
            used += cell_len(unit)
            continue
        if start:
            found.append(start)
        cuts = list(_cuts(unit, width)) if wide > width else []
        found += [start + cut for cut in cuts]
        used = cell_len(unit[cuts[-1] if cuts else 0 :])
    return found


def _units(text: str) -> Iterator[tuple[int, str]]:
    """(offset, letters) of what is not broken where it can be helped."""
    for word in _WORD.finditer(text):
        letters = word[0]
        ends = [at for at, (a, b) in enumerate(pairwise(letters), 1) if _may_break(a, b)]
        for begin, end in pairwise((0, *ends, len(letters))):
            yield word.start() + begin, letters[begin:end]


def _may_break(before: str, after: str) -> bool:
    if before.isspace() or after.isspace() or after in _CLOSING or before in _OPENING:
        return False
    return bool(_CHINESE.match(before) or _CHINESE.match(after)) and cell_len(after) > 0


def _cuts(unit: str, width: int) -> Iterator[int]:
    """Offsets that cut a unit which is too wide for any line; a closing mark takes the letter before it along."""
    begin = used = 0
    for at, letter in enumerate(unit):
        if letter.isspace():
            continue
        wide = cell_len(letter)
        if used + wide <= width or at == begin:
            used += wide
            continue
        along = letter in _CLOSING and at - 1 > begin and cell_len(unit[at - 1 : at + 1]) <= width
        begin = at - 1 if along else at
        used = cell_len(unit[begin : at + 1])
        yield begin
