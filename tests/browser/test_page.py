"""The HTML report in a real browser: read, clicked, printed, at three widths, light and dark, without scripts."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from analyzer.model.findings import Finding
from analyzer.model.streams import SegmentKind
from analyzer.report.html import render_html
from analyzer.report.messages import LANGUAGES, Catalogue
from analyzer.report.view import local_view
from tests.browser.chromium import Chromium, browser_path
from tests.report import samples
from tests.report.test_html import listed, moments
from tests.report.test_text import EVIL, evil_finding

WIDTHS = (360, 768, 1280)
PATH = browser_path()

pytestmark = pytest.mark.skipif(PATH is None, reason="no Chromium on this machine")


@pytest.fixture(scope="module")
def browser() -> Iterator[Chromium]:
    with Chromium(PATH or "") as found:
        yield found


def in_trouble() -> Finding:
    """A failure whose request was sent again, in part too late, in part never captured."""
    new, again, late, lost = SegmentKind
    found = samples.finding()
    exchange = listed(
        (new, 0, 500, 0), (again, 0, 500, 200), (new, 900, 600, 201), (late, 500, 300, 202), (lost, 800, 100, 202)
    )
    return replace(found, signed=replace(found.signed, exchange=exchange))


@pytest.fixture(scope="module", params=LANGUAGES)
def pages(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Pages by name, in one language: one failure, many, none, and one whose values try to act."""
    folder = tmp_path_factory.mktemp("pages")
    many = [samples.finding(i, group="g" if i % 2 else None) for i in range(1, 29)]
    markup = b"</code></style><script>document.title='owned'</script><img src=http://evil.example/x>" + EVIL
    reports = {
        "one": samples.report(samples.finding(check=samples.CHECK)),
        "many": replace(samples.report(*many), context=moments(0, 9, failed=(1,)).context),
        "none": replace(samples.report(), findings=()),
        "trouble": samples.report(in_trouble()),
        "hostile": samples.report(evil_finding(markup), replace(evil_finding(EVIL), id="F2")),
    }
    found = {}
    for name, report in reports.items():
        found[name] = folder / f"{name}.html"
        found[name].write_text(render_html(local_view(report), Catalogue(request.param), "1.2.3"), "utf-8")
    return found


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_every_page_fits_every_width_and_fetches_nothing(
    browser: Chromium, pages: dict[str, Path], width: int, dark: bool
) -> None:
    for name in ("one", "hostile") if dark else pages:
        path = pages[name]
        browser.open(path, width, dark=dark)
        browser.run("document.querySelectorAll('details').forEach(d => d.open = true)")
        assert browser.run("document.documentElement.scrollWidth") <= width, name
        assert browser.complaints() == []
        assert browser.requests() == [path.as_uri()]
        assert browser.run("document.title") in ("ossig report", "ossig 报告")
    assert browser.screenshot().startswith(b"\x89PNG")


def test_letters_and_paper_are_far_enough_apart(browser: Chromium, pages: dict[str, Path]) -> None:
    for name in ("one", "trouble"):
        for dark in (False, True):
            browser.open(pages[name], dark=dark)
            browser.run("document.querySelectorAll('details').forEach(d => d.open = true)")
            assert browser.run(CONTRAST) == []


#: Elements with text of their own whose contrast with the nearest painted ground is below 4.5 (WCAG 2.2, 1.4.3 AA).
CONTRAST = """
(() => {
  const numbers = c => c.match(/[\\d.]+/g).map(Number);
  const linear = v => (v /= 255) <= .04045 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4;
  const light = c => { const [r, g, b] = numbers(c).map(linear); return .2126 * r + .7152 * g + .0722 * b; };
  const ground = e => { for (; e; e = e.parentElement) { const c = getComputedStyle(e).backgroundColor;
    const n = numbers(c); if (n.length < 4 || n[3] > 0) return c; } return 'rgb(255, 255, 255)'; };
  const bad = [];
  for (const e of document.body.querySelectorAll('*')) {
    if (![...e.childNodes].some(n => n.nodeType === 3 && n.data.trim())) continue;
    const style = getComputedStyle(e);
    if (e.closest('.vh, title, desc') || style.display === 'none') continue;
    const ink = e instanceof SVGElement ? style.fill : style.color;
    const [a, b] = [light(ink), light(ground(e))].sort((x, y) => y - x);
    const ratio = (a + .05) / (b + .05);
    if (ratio < 4.5) bad.push(`${e.tagName}.${e.getAttribute('class')} ${ratio.toFixed(2)} ${ink} on ${ground(e)}`);
  }
  return bad;
})()
"""


def test_folded_parts_open_by_mouse_and_key_without_scripts(browser: Chromium, pages: dict[str, Path]) -> None:
    browser.open(pages["one"], scripts=False)
    opened = "[...document.querySelectorAll('details.fold')].map(d => d.open)"
    assert browser.run(opened) == [False, False]
    browser.click("details.fold > summary")
    assert browser.run(opened) == [True, False]
    browser.run("document.querySelectorAll('details.fold > summary')[1].focus()")
    browser.press("Enter", 13, "\r")
    assert browser.run(opened) == [True, True]
    assert browser.run("document.querySelectorAll('details.fold')[1].innerText.includes('authorization')")


def test_the_first_key_reaches_the_link_past_the_head(browser: Chromium, pages: dict[str, Path]) -> None:
    browser.open(pages["many"], scripts=False)
    browser.press("Tab", 9)
    assert browser.run("document.activeElement.className") == "skip"
    assert browser.run("document.activeElement.getBoundingClientRect().top") >= 0
    browser.press("Enter", 13, "\r")
    assert browser.run("location.hash") == "#main"


def test_the_list_of_explanations_leads_to_each(browser: Chromium, pages: dict[str, Path]) -> None:
    browser.open(pages["many"], scripts=False)
    browser.click("nav.contents tbody tr:nth-child(3) a")
    assert browser.run("location.hash") == "#f3"
    assert browser.run("document.querySelector(':target h2 .number').textContent") == "F4"
    browser.click("details > summary")
    assert browser.run("document.querySelector('.others tbody tr').getBoundingClientRect().height") > 0


def test_pictures_and_tables_have_names_for_screen_readers(browser: Chromium, pages: dict[str, Path]) -> None:
    browser.open(pages["many"])
    nodes = browser.send("Accessibility.getFullAXTree")["nodes"]
    kept = [n for n in nodes if not n.get("ignored")]
    images = [n for n in kept if n["role"]["value"] in ("image", "img")]
    assert len(images) == 16
    assert all(n["name"]["value"].strip() and n["description"]["value"].strip() for n in images)
    headers = [n for n in kept if n["role"]["value"] in ("columnheader", "rowheader")]
    assert len(headers) > 100


def test_the_picture_shows_what_came_again_came_late_and_is_missing(browser: Chromium, pages: dict[str, Path]) -> None:
    browser.open(pages["trouble"])
    kinds = "[...document.querySelectorAll('svg.sequence > g')].map(g => g.getAttribute('class').split(' ')[0])"
    assert browser.run(kinds)[:6] == ["segment", "wait", "segment", "segment", "segment", "hole"]
    marks = "['again', 'late', 'hole'].map(c => document.querySelectorAll(`svg.sequence .${c}`).length)"
    assert browser.run(marks) == [1, 1, 1]
    dashes = (
        "['again', 'late', 'hole'].map(c => getComputedStyle(document.querySelector(`.${c} .shaft`)).strokeDasharray)"
    )
    assert len(set(browser.run(dashes))) == 3
    boxes = "[...document.querySelectorAll('svg.sequence text')].map(t => t.getBoundingClientRect())"
    meet = (
        "(b => b.flatMap((a, i) => b.slice(i + 1).filter(c => a.width && c.width && a.left < c.right"
        f" && c.left < a.right && a.top + 2 < c.bottom && c.top + 2 < a.bottom)).length)({boxes})"
    )
    for width in WIDTHS:
        browser.look(width)
        assert browser.run(meet) == 0, width


def test_print_holds_what_is_folded_on_the_screen(browser: Chromium, pages: dict[str, Path]) -> None:
    browser.open(pages["one"])
    height = "document.querySelector('details.fold .wire').getBoundingClientRect().height"
    browser.look(794, media="print")
    assert browser.run("document.querySelector('details.fold').open") is False
    assert browser.run("document.documentElement.scrollWidth") <= 794
    assert browser.run("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    assert browser.run(height.replace("details.fold .wire", "details.fold .cause")) > 0
    assert browser.pdf().startswith(b"%PDF-")


def test_hostile_values_do_nothing(browser: Chromium, pages: dict[str, Path]) -> None:
    browser.open(pages["hostile"])
    assert browser.run("document.title") in ("ossig report", "ossig 报告")
    assert browser.run("document.querySelectorAll('script, img, iframe, object, form, input').length") == 0
    assert browser.run("document.body.innerText.includes('<script>document.title')")
    assert (
        browser.run(r"/[\u200b-\u200f\u202a-\u202e\u2066-\u2069\u0000-\u0008]/.test(document.body.innerText)") is False
    )
    assert browser.complaints() == []
