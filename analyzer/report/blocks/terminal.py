"""Blocks for a terminal: eighty columns, no boxes, every value printed rather than obeyed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from rich import table as rich_table
from rich.text import Text

from analyzer.model.notes import Note, Wire
from analyzer.report.blocks import Bullets, Code, Content, Heading, Page, Pairs, Paragraph, Section, Table, Tone, gap
from analyzer.report.messages import Catalogue
from analyzer.report.text import Sheet
from analyzer.report.values import shown, tame

__all__ = ["render_page"]

_STYLE = {
    Tone.PLAIN: "",
    Tone.STRONG: "bold",
    Tone.DIM: "dim",
    Tone.BAD: "bold red",
    Tone.GOOD: "bold green",
    Tone.WARN: "bold yellow",
}


def render_page(page: Page, words: Catalogue, *, width: int = 80, colour: bool = False, unbroken: bool = False) -> str:
    """The page as text of ``width`` columns, with terminal colours where ``colour`` is true, lines of
    code whole where ``unbroken`` is."""
    sheet = _Blocks(words, max(40, width), colour, unbroken)
    sheet.page(page)
    return sheet.text()


class _Blocks(Sheet):
    """One rendering of a page."""

    def page(self, page: Page) -> None:
        self.put(self.sentence(page.verdict, "bold"))
        for note in page.seen:
            self.put(self.sentence(note, "dim"))
        for note in page.errors:
            self.put(self.sentence(note, "red"))
        sections = 0
        for block in page.blocks:
            if isinstance(block, Section):
                sections += 1
                if sections > 1:
                    self.put()
                    self.console.rule(style="dim")
            _SET[type(block)](self, block)

    def content(self, content: Content | None, style: str = "") -> Text:
        if content is None:
            return Text()
        if isinstance(content, Note):
            return self.sentence(content, style)
        text = shown(content) if isinstance(content, Wire) else tame(content)
        if isinstance(content, Wire) and not text:
            return Text(self.words.say("report.empty"), style="dim")
        return Text(text, style=style, overflow="fold")

    def line(self, contents: tuple[Content, ...], style: str = "") -> Text:
        text = Text()
        for number, content in enumerate(contents):
            piece = self.content(content, style)
            text.append(gap(piece.plain) if number else "").append_text(piece)
        return text

    def section(self, block: Section) -> None:
        self.put()
        title = Text(f"{block.mark}  " if block.mark else "", style="bold")
        title.append_text(self.line(block.title, _STYLE[block.tone]))
        self.put(title)

    def heading_block(self, block: Heading) -> None:
        self.put()
        title = self.sentence(block.title, "bold")
        if block.remark is not None:
            title.append("  ")
            title.append_text(self.sentence(block.remark, "dim"))
        self.put(title)

    def paragraph(self, block: Paragraph) -> None:
        self.put(self.sentence(block.content, _STYLE[block.tone]), 2 if block.indent else 0)

    def pairs_block(self, block: Pairs) -> None:
        self.put()
        self.pairs((self.words.text(label, shown), self.line(contents)) for label, contents in block.rows)

    def bullets_block(self, block: Bullets) -> None:
        grid = rich_table.Table.grid(padding=(0, 1))
        grid.add_column(no_wrap=True)
        grid.add_column(overflow="fold")
        for mark, tone, contents in block.items:
            grid.add_row(Text(mark, style=_STYLE[tone]), self.line(contents))
        self.put(grid, 4 if block.deeper else 2)

    def table(self, block: Table) -> None:
        grid = rich_table.Table(
            box=None, padding=(0, 2, 0, 0), show_header=block.headed, header_style="dim", pad_edge=False
        )
        if block.marks:
            grid.add_column()
        for column in block.columns:
            name = self.words.text(column, shown) if column is not None else ""
            grid.add_column(Text(name), overflow="fold")
        for number, row in enumerate(block.rows):
            style = "bold" if number in block.loud else ""
            cells = [self.content(cell, style if place == 0 else "") for place, cell in enumerate(row)]
            grid.add_row(*([Text(block.marks[number], style=style)] if block.marks else []), *cells)
        self.put(grid, 2)

    def code(self, block: Code) -> None:
        self.put(Text(self.words.say("report.label-of-code", label=block.label), style="dim"), 2)
        self.code_lines(self.words.code(block.text), 4)


_SET: dict[type, Callable[[_Blocks, Any], None]] = {
    Section: _Blocks.section,
    Heading: _Blocks.heading_block,
    Paragraph: _Blocks.paragraph,
    Pairs: _Blocks.pairs_block,
    Bullets: _Blocks.bullets_block,
    Table: _Blocks.table,
    Code: _Blocks.code,
}
