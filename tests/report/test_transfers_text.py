"""Tables of transfers on narrow terminals: what can be spared goes, numbers stay whole."""

from __future__ import annotations

from pathlib import Path

import pytest
from rich.cells import cell_len

from analyzer import analyze_transfers
from analyzer.report.messages import LANGUAGES, Catalogue
from analyzer.report.transfers import local_transfers, tables
from analyzer.report.transfers.tables import Table
from analyzer.report.transfers.text import Columns, render_text
from analyzer.report.transfers.view import TransferView

UPLOADS = Path(__file__).resolve().parents[2] / "captures" / "multipart-uploads.pcap"


@pytest.fixture(scope="module")
def view() -> TransferView:
    return local_transfers(analyze_transfers([str(UPLOADS)]))


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("width", [40, 60, 80])
def test_numbers_and_addresses_are_never_cut(view: TransferView, language: str, width: int) -> None:
    words = Catalogue(language)
    page = render_text(view, words, width=width)
    assert max(map(cell_len, page.splitlines())) <= width
    for row in tables.transfers(view, words, 99, 8).rows:
        assert row[4] in page
        assert row[5] in page
    for row in tables.lines(view, words, 99).rows:
        assert row[1] in page
        assert row[3] in page
    for row in tables.clients(view, words).rows:
        assert row[0] in page
        assert row[-1] in page


def test_what_is_left_out_is_said(view: TransferView) -> None:
    assert "Left out" not in render_text(view, Catalogue("en"), width=80)
    assert "Left out, as the terminal is narrow: seen at, window" in render_text(view, Catalogue("en"), width=60)


def test_rows_stand_below_each_other_where_nothing_can_be_spared() -> None:
    table = Table(("transfers.label.name", "transfers.label.asked"), (("a" * 36, "123,456"),), frozenset({1}))
    columns = Columns.of(table, Catalogue("en"))
    assert columns.fitting(44) == (columns.every, ())
    assert columns.fitting(40) == ((), ())
