"""The live view: what it shows, at any width, and values that try to act."""

from __future__ import annotations

import re
from dataclasses import replace
from io import StringIO

import pytest
from rich.cells import cell_len
from rich.console import Console

from analyzer.model.findings import Finding
from analyzer.report.live import LiveState, render_live
from analyzer.report.messages import LANGUAGES, Catalogue
from analyzer.report.view import FindingView, local_view
from tests.report import samples

UNSAFE = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2066-\u2069\ufeff]")
EVIL = b"/\x1b]0;owned\x07\x1b[2J\xe2\x80\xae[bold]x[/bold]\r\n\xc2\x9b"


def evil() -> Finding:
    finding = samples.report().findings[0]
    exchange = finding.signed.exchange
    assert exchange.request is not None
    request = replace(exchange.request, target=EVIL, method=b"P\x1b[31mUT")
    return replace(finding, signed=replace(finding.signed, exchange=replace(exchange, request=request)))


def state(*views: FindingView) -> LiveState:
    causes = [(len(views), view.causes[0].id, view.causes[0].title) for view in views[:1]]
    return LiveState(
        "eth0\x1b[1m", "dumpcap", "tcp port 80", 3725.0, 1_234_567, 890.4, 2.5e6, 12, 345, len(views), None, 7,
        5 << 20, "/tmp/r\x1b[2Jing.pcap", 1, causes, views,
    )  # fmt: skip


def lines(shown: LiveState, language: str, width: int) -> list[str]:
    console = Console(width=width, file=StringIO(), markup=False, emoji=False, highlight=False)
    console.print(render_live(shown, Catalogue(language)))
    return console.file.getvalue().split("\n")  # type: ignore[attr-defined, no-any-return]


def test_it_shows_what_one_wants_to_know() -> None:
    (view,) = local_view(replace(samples.report(), findings=samples.report().findings[:1])).findings
    page = "\n".join(lines(state(view), "en", 120))
    for said in (
        "01:02:05",
        "1,234,567 packets (890/s, 2.5 MB/s)",
        "12 connections",
        "345 exchanges",
        "1 refused",
        "lost: kernel told at the end, interface 7",
        "5.2 MB wait",
        view.id,
        view.causes[0].id,
    ):
        assert said in page


@pytest.mark.parametrize("width", [40, 80, 200])
@pytest.mark.parametrize("language", LANGUAGES)
def test_nothing_from_the_wire_acts_and_no_line_is_too_long(language: str, width: int) -> None:
    views = local_view(replace(samples.report(), findings=(evil(),))).findings
    for line in lines(state(*views), language, width):
        assert not UNSAFE.search(line), repr(line)
        assert "[bold]" not in line or "x" in line
        assert cell_len(line) <= width
