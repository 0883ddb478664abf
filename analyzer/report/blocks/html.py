"""Blocks as one HTML file: the report's style sheet and policy, nothing fetched, everything escaped by jinja2."""

from __future__ import annotations

from collections.abc import Iterator

from markupsafe import Markup, escape

from analyzer.model.notes import Note, Wire, note
from analyzer.report import html
from analyzer.report.blocks import Block, Code, Content, Heading, Page, Section, Table, gap
from analyzer.report.messages import Catalogue
from analyzer.report.values import shown, tame

__all__ = ["render_page"]


def render_page(page: Page, words: Catalogue, version: str) -> str:
    """The page as an HTML document that needs nothing beside itself."""
    environment = html.environment()
    environment.globals.update(html=_Blocks(words), page=page)
    document: str = environment.get_template("blocks.html.j2").render(
        lang=html.language_tag(words),
        **html.style(),
        title=words.say("html.title"),
        skip=words.say("html.skip"),
        captures=words.say("html.captures"),
        errors=words.say("html.errors"),
        stamp=html.sentence(note("html.redacted" if page.redacted else "html.local-option"), words),
        footer=words.say("html.footer", version=version),
    )
    return document


class _Blocks:
    """What the template asks for."""

    def __init__(self, words: Catalogue) -> None:
        self.words = words

    def say(self, said: Note) -> Markup:
        return html.sentence(said, self.words)

    def content(self, content: Content | None) -> Markup:
        if content is None:
            return Markup("")
        if isinstance(content, Note):
            return self.say(content)
        if isinstance(content, str):
            return escape(tame(content))
        return Markup("<code>{}</code>").format(tame(shown(content)) or self.words.say("report.empty"))

    def marked(self, block: Table, row: int, cell: Content | None) -> Markup:
        """The first cell of a row with its mark."""
        mark = block.marks[row] if block.marks else ""
        text = self.content(cell)
        return Markup("<strong>{}</strong> {}").format(mark, text) if mark else text

    def line(self, contents: tuple[Content, ...]) -> Markup:
        pieces = [*map(self.content, contents)]
        return Markup().join(gap(piece) + piece if number else piece for number, piece in enumerate(pieces))

    def is_wire(self, content: Content | None) -> bool:
        return isinstance(content, Wire)

    def sections(
        self, blocks: tuple[Block, ...]
    ) -> Iterator[tuple[Section | None, list[tuple[Heading | None, list[Block]]]]]:
        """Blocks by section and, inside, by heading."""
        section: Section | None = None
        groups: list[tuple[Heading | None, list[Block]]] = [(None, [])]
        for block in blocks:
            if isinstance(block, Section):
                yield section, groups
                section, groups = block, [(None, [])]
            elif isinstance(block, Heading):
                groups.append((block, []))
            else:
                groups[-1][1].append(block)
        yield section, groups

    def kind(self, block: Block) -> str:
        return type(block).__name__.lower()

    def code_lines(self, block: Code) -> list[str]:
        return self.words.code(block.text).splitlines()

    def code_label(self, block: Code) -> str:
        return self.words.say("html.remedy-for", name=block.label)
