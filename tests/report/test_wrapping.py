"""Where lines are broken: Chinese between characters, but never before a closing mark, and words stay whole."""

from __future__ import annotations

import re
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len
from rich.text import Text

from analyzer.report.messages import Catalogue
from analyzer.report.text import Sheet
from analyzer.report.wrapping import breaks

TEXTS = st.lists(
    st.sampled_from(
        ["抓包", "正在传的分片", "。", "，", "（", "）", "：", "6B08A6610000000000000001", "a/b", " ", "…", "x"]
    ),
    max_size=40,
).map("".join)

#: Words with a mark before or behind them, none of them as wide as a line.
MARKED = st.lists(
    st.tuples(
        st.sampled_from(["", "（"]),
        st.sampled_from(["抓包", "正在传的分片", "6B08A6610000000000000001"]),
        st.sampled_from(["", "。", "，", "）", "：", "…", " "]),
    ).map("".join),
    max_size=30,
).map("".join)


def parts(text: str, width: int) -> list[str]:
    ends = [0, *breaks(text, width), len(text)]
    return [text[a:b] for a, b in pairwise(ends)]


@pytest.mark.parametrize(
    ("text", "width", "lines"),
    [
        ("这样只会损失正在传的分片。", 24, ["这样只会损失正在传的分", "片。"]),
        ("加上 application/x-www-form-urlencoded。", 36, ["加上 ", "application/x-www-form-urlencoded。"]),
        ("AB0000000001，AB0000000002，AB0000000003", 20, ["AB0000000001，", "AB0000000002，", "AB0000000003"]),
        ("见（第 163 帧）之后", 12, ["见（第 163 ", "帧）之后"]),
        ("一二（三", 6, ["一二", "（三"]),
        ("所在 0123456789012 帧", 10, ["所在 ", "0123456789", "012 帧"]),
        ("没有汉字 at all", 80, ["没有汉字 at all"]),
    ],
)
def test_chinese_is_broken_between_characters(text: str, width: int, lines: list[str]) -> None:
    assert parts(text, width) == lines


@given(TEXTS, st.integers(2, 60))
def test_every_line_fits(text: str, width: int) -> None:
    lines = parts(text, width)
    assert "".join(lines) == text
    assert all(cell_len(line.rstrip()) <= width for line in lines)


@given(MARKED, st.integers(30, 60))
def test_no_line_begins_with_a_closing_mark_or_ends_with_an_opening_one(text: str, width: int) -> None:
    first, *rest = parts(text, width)
    assert not any(line[0] in "，。：）…" for line in rest)
    assert not any(line.rstrip().endswith("（") for line in (first, *rest))


@given(TEXTS)
def test_ids_stay_whole(text: str) -> None:
    for word in re.findall(r"[0-9A-Za-z/]+", text):
        if cell_len(word) <= 26:
            assert any(word in line for line in parts(text, 30))


@given(st.text(st.sampled_from("ab ,.()é"), max_size=60), st.integers(1, 30))
def test_other_texts_are_broken_as_rich_does(text: str, width: int) -> None:
    sheet = Sheet(Catalogue("en"), width, False)
    plain = Text(text).wrap(sheet.console, width)
    sheet.put(Text(text))
    assert sheet.out.getvalue().split("\n")[:-1] == [line.plain for line in plain]
