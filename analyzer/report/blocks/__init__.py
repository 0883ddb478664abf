"""A page as a list of blocks: what stands on it, before anyone decides how it is set.

What a page says is chosen once, in blocks of notes and captured values; three short renderers set them for a terminal,
as Markdown and as HTML. Blocks hold notes, ``Wire`` values, and text of our own that holds nothing off the wire
(addresses, times, numbers of frames); renderers escape all of it.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from analyzer.model.notes import Note, Wire

__all__ = [
    "Block",
    "Bullets",
    "Code",
    "Content",
    "Heading",
    "Page",
    "Pairs",
    "Paragraph",
    "Section",
    "Table",
    "Tone",
    "gap",
]

#: A sentence, a captured value, or text of our own.
Content = Note | Wire | str


class Tone(Enum):
    """How loud something is said. Colour only repeats what words and marks say."""

    PLAIN = "plain"
    STRONG = "strong"
    DIM = "dim"
    BAD = "bad"
    GOOD = "good"
    WARN = "warn"


@dataclass(frozen=True, slots=True)
class Section:
    """A numbered part of the page: ``mark`` is its short name, ``title`` what it is about."""

    mark: str
    title: tuple[Content, ...]
    tone: Tone = Tone.BAD


@dataclass(frozen=True, slots=True)
class Heading:
    """Above the blocks that follow, with an explanation behind it."""

    title: Note
    remark: Note | None = None


@dataclass(frozen=True, slots=True)
class Paragraph:
    """One sentence."""

    content: Note
    tone: Tone = Tone.PLAIN
    indent: bool = True


@dataclass(frozen=True, slots=True)
class Pairs:
    """Labels, and what they stand for."""

    rows: tuple[tuple[Note, tuple[Content, ...]], ...]


@dataclass(frozen=True, slots=True)
class Bullets:
    """(mark, tone of the mark, what is said)."""

    items: tuple[tuple[str, Tone, tuple[Content, ...]], ...]
    deeper: bool = False


@dataclass(frozen=True, slots=True)
class Table:
    """Rows under column names. A cell is what stands in it, None for nothing; ``loud`` rows differ; a row may have a
    mark before it."""

    columns: tuple[Note | None, ...]
    rows: tuple[tuple[Content | None, ...], ...]
    loud: frozenset[int] = frozenset()
    marks: tuple[str, ...] = ()
    headed: bool = True  #: a terminal shows the column names, too


@dataclass(frozen=True, slots=True)
class Code:
    """Lines to copy, of our own; what the catalogue has to say in them stands in braces."""

    label: str
    text: str


Block = Section | Heading | Paragraph | Pairs | Bullets | Table | Code


@dataclass(frozen=True, slots=True)
class Page:
    """The whole: the verdict on the run, what was looked at, and the blocks."""

    verdict: Note
    seen: tuple[Note, ...]
    errors: tuple[Note, ...]
    blocks: tuple[Block, ...]
    redacted: bool


def gap(said: str) -> str:
    """What stands before ``said`` in a line: a blank, but none before a mark of full width."""
    return "" if said.startswith(("（", "，")) else " "
