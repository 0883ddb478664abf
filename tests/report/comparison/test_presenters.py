"""A comparison in every form: the schema, widths, both languages, and values that try to act."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from analyzer.model.comparison import CompareReport, Way
from analyzer.pipeline import compare_captures
from analyzer.report.blocks import Section, Tone, html, markdown, terminal
from analyzer.report.comparison import CompareView, comparison_view
from analyzer.report.comparison.document import page_of
from analyzer.report.comparison.json_ import render_json, render_jsonl
from analyzer.report.comparison.redaction import redact_comparison
from analyzer.report.messages import LANGUAGES, Catalogue
from tests.compare.sides import FAR, NEAR, answered, asked, compared, exchange, unsigned
from tests.report.test_html import assert_only_ours
from tests.report.test_text import EVIL, UNSAFE

CAPTURES = Path(__file__).parents[3] / "captures"
SCHEMA = json.loads(files("analyzer.report").joinpath("schema", "ossig.compare.1.json").read_text("utf-8"))


@cache
def hop() -> CompareReport:
    return compare_captures([CAPTURES / "proxy-client-side.pcap"], [CAPTURES / "proxy-server-side.pcap"])


@cache
def runs() -> CompareReport:
    return compare_captures([CAPTURES / "works-on-centos.pcap"], [CAPTURES / "fails-on-ubuntu.pcap"])


@cache
def mixed() -> CompareReport:
    """Everything that a comparison can hold at once: matched, ambiguous, legs, unmatched, bodies, answers."""
    body = b"some body"
    ours = [
        exchange(asked(b"/a?x=1", body=body), answered(b"ID1"), at=1, ends=NEAR),
        exchange(unsigned(b"/same"), None, at=2, ends=NEAR, stream=1),
        exchange(unsigned(b"/same"), None, at=3, ends=NEAR, stream=1),
        exchange(asked(b"/blocked", b"X" * 27 + b"="), answered(None, 502, b"squid"), at=4, ends=NEAR, stream=2),
    ]
    theirs = [
        exchange(
            asked(b"/a?x=%31&y", body=body + b"!", extra=b"via: p\r\n"),
            answered(b"ID1", extra=b"ETag: 1\r\n"),
            at=1,
            ends=FAR,
        ),
        exchange(asked(b"/a?x=%31&y", body=body), answered(b"ID1"), at=2, took=1_000, ends=FAR, stream=7),
        exchange(unsigned(b"/same"), None, at=3, ends=FAR, stream=1),
        exchange(unsigned(b"/same"), None, at=4, ends=FAR, stream=1),
        exchange(asked(b"/new", b"N" * 27 + b"="), answered(b"ID7"), at=9, ends=FAR, stream=1),
    ]
    return compared(ours, theirs)


REPORTS = {"hop": hop, "runs": runs, "mixed": mixed}


def views() -> list[Any]:
    return [
        pytest.param(make, redacted, id=f"{name}-{redacted}")
        for name, make in REPORTS.items()
        for redacted in (False, True)
    ]


def view(make: Callable[[], CompareReport], redacted: bool) -> CompareView:
    report = redact_comparison(make())[0] if redacted else make()
    return comparison_view(report, redacted=redacted)


def test_the_mixed_report_holds_what_it_should() -> None:
    report = mixed()
    assert report.way is Way.TRAFFIC
    assert {one.reason for one in report.unmatched} == {"answered-on-the-way", "not-found"}
    assert any(pair.in_one_capture for pair in report.pairs)
    assert any(pair.rivals for pair in report.pairs)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(("make", "redacted"), views())
def test_json_follows_its_schema(make: Callable[[], CompareReport], redacted: bool, language: str) -> None:
    value = json.loads(render_json(view(make, redacted), Catalogue(language), "1.2.3"))
    jsonschema.validate(value, SCHEMA, jsonschema.Draft202012Validator)
    assert value["redacted"] is redacted
    run, *pairs = map(json.loads, render_jsonl(view(make, redacted), Catalogue(language), "1.2.3").splitlines())
    assert "pairs" not in run
    assert pairs == value["pairs"]


def test_json_of_the_proxy() -> None:
    value = json.loads(render_json(view(hop, False), Catalogue("en"), "1"))
    pair = value["pairs"][1]
    change = pair["changes"][0]
    assert (change["field"], change["kind"], change["signed"], change["breaks_signature"]) == (
        "header:content-type",
        "changed",
        True,
        True,
    )
    assert bytes.fromhex(change["after"]["hex"]) == b"Content-Type: text/plain; charset=utf-8"
    assert pair["string_to_sign"]["server_side"] == pair["string_to_sign"]["server"]
    assert pair["client_side"]["server"] == "10.0.0.9:80"
    assert change["before_frames"][0] in pair["client_side"]["request"]["frames"]
    assert change["after_frames"][0] in pair["server_side"]["request"]["frames"]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(("make", "redacted"), views())
def test_eighty_columns_and_every_word_in_both_languages(
    make: Callable[[], CompareReport], redacted: bool, language: str
) -> None:
    from rich.cells import cell_len

    text = terminal.render_page(page_of(view(make, redacted)), Catalogue(language))
    assert max(map(cell_len, text.splitlines())) <= 80
    assert "compare." not in text
    assert "{guide" not in text
    assert "\x1b" not in text
    assert "\x1b[" in terminal.render_page(page_of(view(make, redacted)), Catalogue(language), colour=True)


def test_what_was_accepted_unharmed_is_not_titled_as_bad() -> None:
    sections = [block for block in page_of(view(hop, False)).blocks if isinstance(block, Section)]
    assert [(one.mark, one.tone) for one in sections] == [("P2", Tone.BAD), ("P1", Tone.STRONG)]
    page = html.render_page(page_of(view(hop, False)), Catalogue("en"), "1")
    assert re.findall(r'<h2 id="[^"]*"( class="calm")?>', page) == ["", ' class="calm"']


def test_no_column_of_changes_is_named_for_something_else() -> None:
    page = html.render_page(page_of(view(hop, False)), Catalogue("en"), "1")
    assert "signed, breaks the signature" in page
    assert not re.search(r'data-label="what stood there">(?:not )?signed', page)


def test_a_mark_of_full_width_stands_without_a_blank_before_it() -> None:
    page = page_of(view(runs, False))
    for text in (
        terminal.render_page(page, Catalogue("zh"), width=400),
        markdown.render_page(page, Catalogue("zh"), "1"),
    ):
        assert "个带有（已签名）" in text
    assert "failing, 0 of 3 working requests — signed" in terminal.render_page(page, Catalogue("en"), width=400)


def test_the_text_says_what_happened_where_and_what_to_do() -> None:
    text = terminal.render_page(page_of(view(hop, False)), Catalogue("en"), width=110)
    for said in (
        "2 of 4 requests had something signed, or the body, changed on the way",
        "● proven Something that is signed was changed on the way",
        "behind 10.0.0.9:80",
        "header:content-type: text/plain became text/plain; charset=utf-8",
        "is the server's StringToSignBytes, byte for byte",
        "Use HTTPS",
        "leave these alone: header:content-type",
        "Host moved",
        "2.417 s later",
    ):
        assert " ".join(said.split()) in " ".join(text.split())


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(("make", "redacted"), views())
def test_pages(make: Callable[[], CompareReport], redacted: bool, language: str) -> None:
    page = page_of(view(make, redacted))
    assert_only_ours(html.render_page(page, Catalogue(language), "1"))
    text = markdown.render_page(page, Catalogue(language), "1")
    assert text.startswith("# ossig: ")
    assert "compare." not in text
    assert "| --- |" not in text  # tables are not Markdown everywhere
    assert "{guide" not in text


def evil() -> CompareReport:
    value = EVIL.replace(b"\r\n", b"").replace(b"\0", b"")
    ours = exchange(asked(b"/" + value, extra=b"X-A: " + value + b"\r\n"), answered(b"ID1"), ends=NEAR)
    theirs = exchange(asked(b"/x" + value, extra=value + b": 1\r\nX-A: b\r\n"), answered(b"ID1"), ends=FAR)
    return compared([ours], [theirs])


def test_no_value_takes_effect() -> None:
    shown = comparison_view(evil())
    assert shown.report.pairs[0].changes
    page = page_of(shown)
    assert not UNSAFE.search(terminal.render_page(page, Catalogue("en")))
    assert not UNSAFE.search(render_json(shown, Catalogue("en"), "1"))
    assert_only_ours(html.render_page(page, Catalogue("en"), "1"))
    text = markdown.render_page(page, Catalogue("en"), "1")
    assert not UNSAFE.search(text)
    assert "\n# title" not in text


def test_empty_comparisons_are_pages_too() -> None:
    for way in Way:
        page = page_of(comparison_view(compared([], [], way)))
        assert terminal.render_page(page, Catalogue("en")).strip()
        assert_only_ours(html.render_page(page, Catalogue("zh"), "1"))
