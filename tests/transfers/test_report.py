"""The report on transfers in every form: schema, languages, width; harmless, and silent when redacted."""

from __future__ import annotations

import json
import re
import xml.etree.ElementTree as ET
from dataclasses import fields, is_dataclass, replace
from importlib.resources import files
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from rich.cells import cell_len

from analyzer.cli.rendering import render_transfers
from analyzer.cli.settings import Format
from analyzer.model.notes import Wire
from analyzer.model.transfers import TransferReport
from analyzer.pipeline import Options, analyze_transfers
from analyzer.report.messages import LANGUAGES, Catalogue
from analyzer.report.redaction.transfers import redact_transfers
from analyzer.report.transfers import TransferView, local_transfers, tables
from analyzer.report.transfers.plot import plot
from analyzer.report.transfers.tables import moving, size
from tests.report.test_text import EVIL
from tests.transfers.test_causes import BODY, answered, browser, paused_upload, silent, upload
from tests.transfers.wire import HOST, Talk, answer, dns, dns_packet, report, request

CAPTURES = Path(__file__).parents[2] / "captures"
SAMPLES = sorted(CAPTURES.glob("*.pcap*"))


@pytest.fixture(scope="module")
def rich_report(tmp_path_factory: pytest.TempPathFactory) -> TransferReport:
    """Much at once: uploads in all states, a proxy, CORS, silence, names."""
    talks = [
        answered(upload(target="/a?partNumber=1&uploadId=FRAGMENT", port=41001), 'ETag: "00"', "Via: 1.1 box"),
        browser("OPTIONS", "/b", ("Origin: https://a.example", "Access-Control-Request-Method: PUT"), answer(403)),
        paused_upload("aliyun-sdk-python/2.19.1(Linux/6.1/x86_64;3.11.7)", 2.6e6, 41003),
        paused_upload("ossutil/2.0", 9e7, 41004),
        silent(Talk(41005)),
    ]
    names = [dns_packet(0.01, dns(1, HOST), True), dns_packet(4.0, dns(1, HOST, code=2), False)]
    return report(tmp_path_factory.mktemp("rich"), *talks, names)


def schema() -> Any:
    return json.loads(files("analyzer.report").joinpath("schema", "ossig.transfers.1.json").read_text("utf-8"))


def validated(view: TransferView, language: str = "en") -> Any:
    value = json.loads(render_transfers(view, Format.JSON, language))
    jsonschema.validate(value, schema(), jsonschema.Draft202012Validator)
    return value


@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: path.name)
def test_samples_follow_the_schema_and_do_not_depend_on_batches(path: Path) -> None:
    whole = analyze_transfers([path])
    validated(local_transfers(whole))
    assert analyze_transfers([path], Options(batch_packets=3)) == whole
    with path.open("rb") as pipe:
        piped = analyze_transfers(["-"], stdin=pipe)
    assert (piped.uploads, piped.transfers, piped.lines) == (whole.uploads, whole.transfers, whole.lines)


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_full_report_follows_the_schema(rich_report: TransferReport, language: str) -> None:
    value = validated(local_transfers(rich_report), language)
    assert value["schema"] == "ossig.transfers/1"
    assert value["redacted"] is False
    assert {"cors", "proxy", "dns-trouble", "connect-failed", "client-idle", "fragments-left"} <= {
        trouble["id"] for trouble in value["troubles"]
    }
    assert [row["program"] for row in value["clients"]][:2] == ["oss2 on Python 3", "ossutil"]
    lines = render_transfers(local_transfers(rich_report), Format.JSONL, language).splitlines()
    assert [json.loads(line).get("kind", "run") for line in lines].count("transfer") == len(rich_report.transfers)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("width", [80, 120])
def test_text_keeps_to_its_width(rich_report: TransferReport, language: str, width: int) -> None:
    text = render_transfers(local_transfers(rich_report), Format.TEXT, language, width=width)
    assert max(cell_len(line) for line in text.splitlines()) <= width
    assert "\x1b" not in text
    assert not re.search(r"transfers\.[a-z]", text), "a sentence is missing"


@pytest.mark.parametrize("language", LANGUAGES)
def test_html_is_one_piece_and_has_the_plot(rich_report: TransferReport, language: str) -> None:
    page = render_transfers(local_transfers(rich_report), Format.HTML, language)
    assert "<script" not in page
    assert not re.search(r"(?:src|href)=\"http", page)
    drawing = page[page.index('<svg role="img"') : page.rindex("</svg>") + 6]
    tree = ET.fromstring(drawing)
    assert len(tree.findall(".//text")) == len(moving(local_transfers(rich_report)))
    assert tree.findall(".//path[@class='flow']")


def test_lanes_hold_every_byte_in_order(rich_report: TransferReport) -> None:
    view = local_transfers(rich_report)
    drawn = plot(tables.drawn(view, Catalogue("en")), Catalogue("en"))
    assert drawn is not None
    assert len(drawn.lanes) == len(moving(view))
    assert [lane.begin for lane in drawn.lanes] == sorted(lane.begin for lane in drawn.lanes)
    assert all(0 <= lane.begin <= lane.end <= 100 for lane in drawn.lanes)


@pytest.mark.parametrize(
    ("count", "text"),
    [(0, "0 B"), (999, "999 B"), (1000, "1.0 kB"), (20_480, "20.5 kB"), (3e8, "300 MB"), (5e13, "50.0 TB")],
)
def test_sizes(count: float, text: str) -> None:
    assert size(count) == text


def wires(value: object) -> set[bytes]:
    if isinstance(value, Wire):
        return {value.raw}
    if isinstance(value, tuple):
        return set().union(*map(wires, value)) if value else set()
    if is_dataclass(value) and not isinstance(value, type):
        return set().union(*(wires(getattr(value, field.name)) for field in fields(value)))
    return set()


@pytest.mark.parametrize("form", list(Format))
def test_redacted_output_holds_nothing_of_the_capture(rich_report: TransferReport, form: Format) -> None:
    view, gate = redact_transfers(rich_report)
    text = render_transfers(view, form, "en")
    gate.check(text.encode(), form.value)
    for value in (HOST, "10.0.0.5", "118.31.219", "FRAGMENT", "a.example", "talk.pcap"):
        assert value not in text
    assert "5C2723573183A12D" in text  # request ids stay: the ticket needs them
    assert HOST.encode() in wires(rich_report)
    assert HOST.encode() not in wires(view.report)
    assert validated(view)["redacted"] is True


@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: path.name)
def test_samples_can_be_redacted(path: Path) -> None:
    found = analyze_transfers([path])
    view, gate = redact_transfers(found)
    text = render_transfers(view, Format.JSON, "en")
    gate.check(text.encode(), "json")
    assert [t.cause.id for t in view.report.troubles] == [t.cause.id for t in found.troubles]
    assert "ossig-samples" not in text


def test_values_off_the_wire_are_tamed_everywhere(tmp_path: Path) -> None:
    evil = "/" + "".join(f"%{byte:02X}" for byte in EVIL) + "?partNumber=1&uploadId=%3Cscript%3E%1B%5B31m"
    talk = Talk().open()
    talk.say(0.1, 0, request("PUT", evil, len(BODY)) + BODY)
    talk.say(0.2, 1, answer(200, "Via: <script>\x1b[31m", "X-Cache: `|*_"))
    view = local_transfers(report(tmp_path, talk))
    for form in Format:
        text = render_transfers(view, form, "en")
        assert "\x1b" not in text
        assert "\u202e" not in text
    assert "<script>" not in render_transfers(view, Format.HTML, "en")


def test_an_empty_report(tmp_path: Path) -> None:
    empty = local_transfers(report(tmp_path, [dns_packet(0.1, dns(1, "example.com"), True)]))
    assert validated(empty)["troubles"] == []
    assert "No transfer" in render_transfers(empty, Format.TEXT, "en")
    interrupted = replace(empty.report, run=replace(empty.report.run, interrupted=True))
    assert "interrupted" in render_transfers(local_transfers(interrupted), Format.TEXT, "en")
