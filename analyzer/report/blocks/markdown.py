"""Blocks as Markdown that every ticket system knows; captured values stand in code spans and nowhere else."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from analyzer.model.notes import Note, Wire
from analyzer.report.blocks import Bullets, Code, Content, Heading, Page, Pairs, Paragraph, Section, Table, gap
from analyzer.report.markdown import NESTED, Writer, code_span, fenced
from analyzer.report.messages import Catalogue
from analyzer.report.values import shown

__all__ = ["render_page"]


def render_page(page: Page, words: Catalogue, version: str) -> str:
    """The page as Markdown."""
    return "\n".join(_Blocks(words).page(page, version)).rstrip() + "\n"


class _Blocks(Writer):
    """One rendering of a page."""

    def page(self, page: Page, version: str) -> Iterator[str]:
        yield f"# ossig: {self.sentence(page.verdict)}"
        yield ""
        for note in (*page.seen, *page.errors):
            yield f"- {self.sentence(note)}"
        for block in page.blocks:
            yield ""
            yield from _SET[type(block)](self, block)
        yield ""
        yield f"ossig {code_span(version)}"

    def content(self, content: Content | None) -> str:
        if content is None:
            return ""
        if isinstance(content, Note):
            return self.sentence(content)
        return code_span(shown(content)) if isinstance(content, Wire) else self.escaped(content)

    def line(self, contents: tuple[Content, ...]) -> str:
        pieces = [*map(self.content, contents)]
        return "".join(gap(piece) + piece if number else piece for number, piece in enumerate(pieces))

    def section(self, block: Section) -> Iterator[str]:
        yield f"## {block.mark}: {self.line(block.title)}" if block.mark else f"## {self.line(block.title)}"

    def heading(self, block: Heading) -> Iterator[str]:
        yield f"### {self.sentence(block.title)}"
        if block.remark is not None:
            yield ""
            yield self.sentence(block.remark)

    def paragraph(self, block: Paragraph) -> Iterator[str]:
        yield self.sentence(block.content)

    def pairs(self, block: Pairs) -> Iterator[str]:
        for label, contents in block.rows:
            yield f"- **{self.sentence(label)}**: {self.line(contents)}"

    def bullets(self, block: Bullets) -> Iterator[str]:
        for _, _, contents in block.items:
            yield f"{NESTED if block.deeper else '- '}{self.line(contents)}"

    def table(self, block: Table) -> Iterator[str]:
        """A list: tables are not Markdown everywhere. A row with a mark holds the rows behind it that have none."""
        names = [self.sentence(column) if column is not None and block.headed else "" for column in block.columns]
        for number, row in enumerate(block.rows):
            first, *rest = map(self.content, row)
            labelled = (f"{name}: {cell}" if name else cell for name, cell in zip(names[1:], rest, strict=True) if cell)
            told = (": " if block.marks else ", ").join(labelled)
            mark = self.escaped(block.marks[number]).replace("+", "\\+") if block.marks else ""
            start = f"- {mark} **{first}**" if mark else f"{NESTED if block.marks else '- '}{first}"
            yield f"{start}{': ' if first and told else ''}{told}"

    def code(self, block: Code) -> Iterator[str]:
        yield self.words.say("report.label-of-code", label=code_span(self.words.name(block.label)))
        yield ""
        yield from fenced(self.words.code(block.text).splitlines())


_SET: dict[type, Callable[[_Blocks, Any], Iterator[str]]] = {
    Section: _Blocks.section,
    Heading: _Blocks.heading,
    Paragraph: _Blocks.paragraph,
    Pairs: _Blocks.pairs,
    Bullets: _Blocks.bullets,
    Table: _Blocks.table,
    Code: _Blocks.code,
}
