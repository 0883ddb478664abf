"""The Markdown as renderers read it: a plain CommonMark one, and one that knows what GitHub adds."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from markdown_it.token import Token

from analyzer.report.markdown import render_markdown
from analyzer.report.messages import LANGUAGES, Catalogue
from analyzer.report.view import local_view
from tests.report import samples
from tests.report.test_text import EVIL, evil_finding

RENDERERS = {
    "basic": MarkdownIt("commonmark"),
    "with tables and more": MarkdownIt("commonmark").enable(["table", "strikethrough"]),
}
#: All that a report is made of. No tables, links, pictures, HTML, rules, quotes.
PARTS = {"heading", "paragraph", "bullet_list", "list_item", "strong", "inline", "text", "code_inline", "fence"}
#: Where a value may stand.
CODE = {"code_inline", "fence"}


def tokens(page: str, renderer: str) -> Iterator[Token]:
    for block in RENDERERS[renderer].parse(page):
        yield block
        yield from block.children or ()


def kinds(page: str, renderer: str) -> set[str]:
    return {token.type.removesuffix("_open").removesuffix("_close") for token in tokens(page, renderer)}


def rendered(value: bytes, language: str = "en") -> str:
    return render_markdown(local_view(samples.report(evil_finding(value))), Catalogue(language), "1")


@pytest.mark.parametrize("renderer", RENDERERS)
@pytest.mark.parametrize("language", LANGUAGES)
def test_a_report_is_headings_lists_and_code(renderer: str, language: str) -> None:
    page = render_markdown(local_view(samples.report(samples.finding(check=samples.CHECK))), Catalogue(language), "1")
    assert kinds(page, renderer) <= PARTS
    levels = [int(token.tag[1]) for token in tokens(page, renderer) if token.type == "heading_open"]
    assert levels[:2] == [1, 2]
    assert all(after - before <= 1 for before, after in pairwise(levels))


@pytest.mark.parametrize("renderer", RENDERERS)
def test_both_sides_of_a_difference_hang_under_its_field(renderer: str) -> None:
    page = render_markdown(local_view(samples.report()), Catalogue("en"), "1")
    field = page[page.index("- ≠ **`resource`**") :].splitlines()[:3]
    assert [line.partition(":")[0] for line in field[1:]] == ["    - wire", "    - server"]
    assert "<ul>" in RENDERERS[renderer].render("\n".join(field)).partition("</strong>")[2]


@settings(max_examples=30, deadline=None)
@given(
    st.binary(max_size=60)
    | st.text("`*_[]()!<>#|~-+\\\n\t @:/ahtps.&;\"'1", max_size=60).map(str.encode)
    | st.text(max_size=40).map(lambda text: text.encode("utf-8", "replace"))
    | st.just(EVIL)
)
def test_values_stand_in_code_and_nowhere_else(value: bytes) -> None:
    """The headings and paragraphs are those of a harmless value."""
    page, harmless = rendered(b"zq" + value), rendered(b"zq")
    for renderer in RENDERERS:
        assert kinds(page, renderer) <= PARTS
        outside = "".join(t.content for t in tokens(page, renderer) if t.type == "text")
        assert "zq" not in outside
        words = [t.content for t in tokens(page, renderer) if t.type == "heading_open"]
        assert words == [t.content for t in tokens(harmless, renderer) if t.type == "heading_open"]
