"""The JSON report against its schema and against the contract's words."""

from __future__ import annotations

import json
from importlib.resources import files
from typing import Any

import jsonschema
import pytest

from analyzer.http.rows import row_of
from analyzer.model.report import Report
from analyzer.report.frames import FrameBook
from analyzer.report.json_ import render_json, render_jsonl
from analyzer.report.listing import exchange_line
from analyzer.report.messages import LANGUAGES, Catalogue
from analyzer.report.view import local_view
from tests.report import samples


def schema(name: str) -> Any:
    return json.loads(files("analyzer.report").joinpath("schema", name).read_text("utf-8"))


def rendered(report: Report, language: str = "en") -> Any:
    value = json.loads(render_json(local_view(report), Catalogue(language), "1.2.3"))
    jsonschema.validate(value, schema("ossig.report.1.json"), jsonschema.Draft202012Validator)
    return value


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_full_report_follows_the_schema(language: str) -> None:
    value = rendered(samples.report(samples.finding(check=samples.CHECK)), language)
    finding = value["findings"][0]
    assert value["schema"] == "ossig.report/1"
    assert value["redacted"] is False
    assert value["tool"] == {"name": "ossig", "version": "1.2.3"}
    assert finding["request"]["frames"] == [4]
    assert finding["request"]["method"] == "POST"
    assert finding["request"]["body_length"] == finding["request"]["body_captured"] == len(samples.BODY)
    assert finding["response"]["error"]["code"] == "SignatureDoesNotMatch"
    assert finding["signature"]["on_wire"] == samples.SIGNATURE.decode()
    assert finding["signature"]["same"] is True
    assert finding["string_to_sign"]["server"]["hex"] == samples.SERVER.hex()
    assert finding["string_to_sign"]["rebuilt"]["text"] == samples.WIRE.decode()
    assert finding["string_to_sign"]["differences"][0]["field"] == "resource"
    assert finding["secret_check"]["signs_server"] is True
    assert [cause["id"] for cause in finding["causes"]] == ["content-type-after-signing", "wrong-bucket"]
    assert finding["filter"] == "tcp.stream eq 0"


def test_an_empty_report_follows_the_schema() -> None:
    value = rendered(Report((), ()))
    assert value["findings"] == []
    assert value["captures"] == []


def test_frames_are_those_of_the_file_that_holds_them() -> None:
    report = Report(
        (samples.capture("a.pcap", 1, 11), samples.capture("b.pcap", 12, 11)), (samples.finding(1), samples.finding(2))
    )
    first, second = rendered(report)["findings"]
    assert (first["capture"], first["request"]["frames"], first["response"]["frames"]) == (0, [4], [5])
    assert (second["capture"], second["request"]["frames"], second["response"]["frames"]) == (1, [3], [4])
    assert "tcp.stream" not in second["filter"]


def test_jsonl_is_the_run_and_then_a_line_a_finding() -> None:
    text = render_jsonl(local_view(samples.report(samples.finding(1), samples.finding(2))), Catalogue("en"), "1")
    run, *findings = [json.loads(line) for line in text.splitlines()]
    assert run["schema"] == "ossig.report/1"
    assert [finding["id"] for finding in findings] == ["F1", "F2"]


def test_a_listed_exchange_follows_its_schema() -> None:
    line = exchange_line(row_of(samples.exchange()), FrameBook((samples.capture(),)), Catalogue("en"))
    jsonschema.validate(line, schema("ossig.exchanges.1.json"), jsonschema.Draft202012Validator)
    assert line["request"]["target"].startswith("/ttsservice%2Fpasswd")
    assert line["response"]["body_length"] == len(samples.ANSWER_BODY)
    assert line["complete"] is True


def test_text_values_are_exact_where_bytes_are_no_utf8() -> None:
    odd = samples.exchange(request=b"GET /a\xff\x1b[31m HTTP/1.1\r\nHost: h\r\n\r\n")
    line = exchange_line(row_of(odd), FrameBook(()), Catalogue("en"))
    assert line["request"]["target"] == "/a\\xff\x1b[31m"
