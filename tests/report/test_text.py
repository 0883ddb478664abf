"""The text for terminals: what stands on the first screen, widths, and values that try to act."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analyzer.cli.rendering import render
from analyzer.cli.settings import Format
from analyzer.model.findings import Certainty, Comparison, Finding
from analyzer.model.notes import note
from analyzer.model.report import Report
from analyzer.report.json_ import render_json
from analyzer.report.markdown import render_markdown
from analyzer.report.messages import LANGUAGES, Catalogue, areas
from analyzer.report.text import render_text
from analyzer.report.view import local_view
from tests.report import samples

UNSAFE = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2066-\u2069\ufeff]")
EVIL = b"\x1b]0;owned\x07\x1b[2J\xe2\x80\xae|<script>alert(1)</script>`]()\r\n# title\x00\xff\xc2\x9b"


def text(report: Report, language: str = "en", width: int = 80, colour: bool = False) -> str:
    return render_text(local_view(report), Catalogue(language), width=width, colour=colour)


def test_the_first_screen_says_what_failed_why_and_what_to_do() -> None:
    screen = text(samples.report()).splitlines()[:24]
    page = "\n".join(screen)
    for said in (
        "SignatureDoesNotMatch",
        "POST",
        "rokid",
        "ttsservice/passwd",
        "5C2723573183A12D",
        "2018-12-29 07:32:34",
    ):
        assert said in page
    assert "Why" in screen
    assert "What to do" in screen
    assert "4 (request), 5 (answer)" in page


@pytest.mark.parametrize("language", LANGUAGES)
def test_eighty_columns_hold_every_line_and_every_byte(language: str) -> None:
    page = text(samples.report(samples.finding(check=samples.CHECK)), language)
    assert max(map(len, page.splitlines())) <= 80
    assert "34 20 47 4d 54 0a 2f 72 6f 6b 69 64 2d 6f 70 73  4 GMT·/rokid-ops" in page
    assert "\x1b" not in page


@pytest.mark.parametrize("language", LANGUAGES)
def test_sixty_columns_hold_every_signature(language: str) -> None:
    lines = text(samples.report(samples.finding(check=samples.CHECK)), language, width=60).splitlines()
    labels = [areas(language)["report"][f"report.label.{name}"] for name in ("sent", "over-wire", "over-server", "sdk")]
    for label in labels:
        assert len([line for line in lines if line.startswith(f"  {label}  ") and "…" in line]) == 1


def test_signatures_are_shortened_and_marked() -> None:
    page = text(samples.report(samples.finding(check=samples.CHECK)))
    assert samples.SIGNATURE.decode() not in page
    assert "r2KPR0…QQ4=" in page
    assert "≠" in page


def test_colour_changes_no_word() -> None:
    report = samples.report()
    coloured = text(report, colour=True)
    bare = re.sub(r"\x1b\[[0-9;]*m", "", coloured)
    assert "\x1b[" in coloured
    assert [line.rstrip() for line in bare.splitlines()] == text(report).splitlines()


@pytest.mark.parametrize("form", [Format.TEXT, Format.MARKDOWN, Format.HTML])
@pytest.mark.parametrize(
    ("links", "said"),
    [
        (("guide.sts", "https://help.aliyun.com/oss"), "Alibaba Cloud documentation, titles to search for:"),
        (("https://help.aliyun.com/oss",), "Read more:"),
        ((), None),
    ],
)
def test_titles_of_pages_are_said_to_be_titles(form: Format, links: tuple[str, ...], said: str | None) -> None:
    first = replace(samples.finding().causes[0], links=links)
    page = render(local_view(samples.report(replace(samples.finding(), causes=(first,)))), form, "en")
    places = [page.find(label) for label in ("titles to search for:", "Read more:")]
    assert [place >= 0 for place in places] == [bool(said and "titles" in said), bool(said and "Read" in said)]
    if said is not None:
        assert page.index(said) < page.index("help.aliyun.com/oss")


def test_the_first_line_says_that_all_is_encrypted() -> None:
    nothing = replace(samples.capture(), exchanges=0)
    report = Report((nothing,), (), incomplete=True, notes=(note("tls.closed", count=2),))
    assert text(report).startswith("No HTTP exchange could be read: 2 connections are encrypted.\n")
    assert text(replace(report, captures=(samples.capture(),))).startswith(
        "No refused signature in 1 HTTP exchange, but"
    )


def test_other_explanations_stand_under_their_heading() -> None:
    first = samples.finding().causes[0]
    others = [replace(first, id=name, certainty=Certainty.POSSIBLE) for name in ("wrong-bucket", "unknown")]
    lines = text(samples.report(replace(samples.finding(), causes=(first, *others)))).splitlines()
    assert lines[lines.index("Other explanations") + 1].startswith("  ○ possible")
    assert "Other explanations" not in text(samples.report(replace(samples.finding(), causes=(first,)))).splitlines()


def test_one_explanation_for_a_group() -> None:
    page = text(samples.report(*(samples.finding(i, group="g") for i in range(1, 40))))
    assert page.count("What to do") == 1
    assert "38 more failures" in page


def evil_finding(value: bytes) -> Finding:
    """A failure whose every captured value is ``value``."""
    found = samples.finding()
    request = samples.REQUEST.replace(b"uploadId=", b"uploadId=" + value.replace(b"\n", b"").replace(b" ", b""))
    signed = replace(
        found.signed,
        exchange=samples.exchange(request=request),
        error=replace(samples.ERROR, code=value, request_id=value, ec=value, signature_provided=value),
        credentials=replace(found.signed.credentials, access_key_id=value, signature=value),
    )
    difference = replace(samples.DIFFERENCE, rebuilt=value, server=value[::-1] + b"x")
    comparison = Comparison(
        "string_to_sign", samples.WIRE + value, samples.SERVER + value, False, (difference,), "bytes"
    )
    return replace(found, signed=signed, comparison=comparison)


@settings(max_examples=40, deadline=None)
@given(st.binary(max_size=60) | st.text(max_size=40).map(lambda t: t.encode("utf-8", "replace")) | st.just(EVIL))
def test_no_value_takes_effect_in_any_format(value: bytes) -> None:
    view = local_view(samples.report(evil_finding(value)))
    words = Catalogue("en")
    for page in (render_text(view, words), render_markdown(view, words, "1"), render_json(view, words, "1")):
        assert not UNSAFE.search(page)


def test_markdown_keeps_html_in_code() -> None:
    page = render_markdown(local_view(samples.report(evil_finding(EVIL))), Catalogue("en"), "1")
    outside = re.sub(r"(`+)(?!`).*?(?<!`)\1(?!`)", "", re.sub(r"(?ms)^(`{3,})text$.*?^\1$", "", page))
    assert "<script>" not in outside
