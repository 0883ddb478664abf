"""The page on transfers in a real browser: it fits every width, fetches nothing and has its plot."""

from __future__ import annotations

from pathlib import Path

import pytest

from analyzer.cli.rendering import render_transfers
from analyzer.cli.settings import Format
from analyzer.pipeline import analyze_transfers
from analyzer.report.messages import LANGUAGES
from analyzer.report.transfers import local_transfers
from tests.browser.chromium import Chromium, browser_path

PATH = browser_path()
UPLOADS = Path(__file__).parents[2] / "captures" / "multipart-uploads.pcap"

pytestmark = pytest.mark.skipif(PATH is None, reason="no Chromium on this machine")


@pytest.mark.parametrize("language", LANGUAGES)
def test_it_fits_every_width_and_fetches_nothing(tmp_path: Path, language: str) -> None:
    page = tmp_path / "transfers.html"
    page.write_text(render_transfers(local_transfers(analyze_transfers([UPLOADS])), Format.HTML, language), "utf-8")
    with Chromium(PATH or "") as browser:
        for width in (360, 768, 1280):
            browser.open(page, width, dark=width == 768)
            assert browser.run("document.documentElement.scrollWidth") <= width
            assert browser.complaints() == []
            assert [url for url in browser.requests() if not url.startswith("file:")] == []
            assert browser.run("document.querySelector('path.flow').getBoundingClientRect().width") > 0
