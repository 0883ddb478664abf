"""Redaction keeps the diagnosis and loses the values."""

from __future__ import annotations

import hashlib
import re
from base64 import b64encode
from dataclasses import replace

import pytest

from analyzer.http.plain import exchange_from_bytes
from analyzer.model.findings import Fact
from analyzer.model.http import Exchange
from analyzer.model.notes import Kind, Wire, note
from analyzer.model.packets import CaptureFacts
from analyzer.model.report import Activity
from analyzer.model.secrets import Secret
from analyzer.model.streams import Endpoint
from analyzer.report.gate import Gate
from analyzer.report.html import render_html
from analyzer.report.json_ import render_json
from analyzer.report.messages import Catalogue
from analyzer.report.redaction import KEEP_NAMES, NO_REDACTION, RedactedReport, redact, redacted_view
from analyzer.report.redaction.redact import every_bytes
from analyzer.report.text import render_text
from tests.report.redaction import cases

NAMES = sorted(cases.requests())


@pytest.mark.parametrize("name", NAMES)
def test_diagnosis_is_the_same(name: str) -> None:
    before = cases.report(cases.exchange(name))
    assert before.findings, "the case must be a failure"
    after = redact(before).report
    again = cases.findings(*(finding.signed.exchange for finding in after.findings))
    assert cases.outline(after.findings) == cases.outline(before.findings)
    assert cases.outline(again) == cases.outline(before.findings)
    assert [f.comparison for f in again] == [f.comparison for f in after.findings]


@pytest.mark.parametrize("name", NAMES)
def test_planted_values_are_gone(name: str) -> None:
    redacted = redact(cases.report(cases.exchange(name)))
    gate = Gate({Kind.TOKEN: cases.PLANTED})
    for data in every_bytes(redacted.report):
        assert gate.find(data) is None, data
    view = redacted_view(redacted)
    for language in ("en", "zh"):
        words = Catalogue(language)
        for output in (render_json(view, words, "0"), render_text(view, words)):
            assert gate.find(output.encode()) is None
            redacted.gate.check(output.encode(), "report")


@pytest.mark.parametrize("name", NAMES)
def test_shape_is_kept(name: str) -> None:
    before = cases.exchange(name)
    after = redact(cases.report(before)).report.findings[0].signed.exchange
    assert before.request is not None
    assert after.request is not None
    assert [h.name for h in after.request.head.headers] == [h.name for h in before.request.head.headers]
    assert shape(after.request.target) == shape(before.request.target)
    assert after.request.body.length == before.request.body.length
    assert after.request.frames == before.request.frames
    assert after.response is not None
    assert before.response is not None
    assert after.response.body.length == len(after.response.body.data or b"")
    assert after.response.head.first(b"x-oss-request-id") == before.response.head.first(b"x-oss-request-id")


def shape(raw: bytes) -> bytes:
    """Classes of bytes, escapes kept as escapes."""
    plain = re.sub(rb"%[0-9A-Fa-f]{2}", b"%", raw)
    return bytes(0x30 if c in b"0123456789" else 0x61 if chr(c).isalpha() else c for c in plain)


def test_equal_values_stay_equal() -> None:
    reports = redact(cases.report(cases.exchange("v1-header"), cases.exchange("v1-bucket-differs"))).report
    one, two = reports.findings
    assert one.signed.credentials == two.signed.credentials
    assert one.signed.inputs is not None
    assert two.signed.inputs is not None
    assert one.signed.inputs.bucket == two.signed.inputs.bucket


def test_same_report_same_result() -> None:
    before = cases.report(*map(cases.exchange, NAMES))
    assert redact(before).report == redact(before).report


def test_digests_that_were_right_stay_right() -> None:
    data = b"the object itself"
    digest = b64encode(hashlib.md5(data).digest())
    good = cases.http(
        b"PUT /k HTTP/1.1",
        {
            b"Host": cases.HOST,
            b"Content-MD5": digest,
            b"Date": b"Tue, 02 Jan 2024 03:04:05 GMT",
            b"Authorization": cases.V1,
        },
        data,
    )
    after = redact(cases.report(exchange_from_bytes(good, cases.answer(good)))).report.findings[0]
    request = after.signed.exchange.request
    assert request is not None
    assert request.body.digests is not None
    assert request.body.data != data
    assert request.head.first(b"content-md5") == b64encode(request.body.digests.md5) != digest
    assert after.comparison.match is True


def test_keep_names() -> None:
    redacted = redact(cases.report(cases.exchange("v1-header")), KEEP_NAMES)
    request = redacted.report.findings[0].signed.exchange.request
    assert request is not None
    assert request.head.first(b"host") == cases.HOST
    assert request.target.startswith(b"/private%20dir/")
    assert b"LTAI5tPlanted" not in request.head.raw
    assert redacted.report.findings[0].comparison.match is True


def test_no_redaction_is_stamped() -> None:
    before = cases.report(cases.exchange("v1-header"))
    redacted = redact(before, NO_REDACTION)
    assert redacted.report.findings == before.findings
    assert redacted.report.notes == (note("redaction.off"),)
    assert redacted_view(redacted).redacted is False


def test_notes_follow_the_table() -> None:
    before = cases.report(cases.exchange("v1-header"))
    told = note(
        "x.y",
        a=Wire(b"secret-bucket", Kind.BUCKET),
        b=Wire(b"/secret-bucket/private dir/\xe5\x9b\xbe\xe7\x89\x87+1.jpg", Kind.RESOURCE),
        c=Wire(b"Tue, 02 Jan 2024 03:04:05 GMT", Kind.HEADER_VALUE),
        d=(Wire(b"/home/planted-user/tickets/faild.pcap", Kind.PATH),),
        e=Wire(b"secret-bucket", Kind.PUBLIC),
    )
    finding = replace(before.findings[0], facts=(Fact(told),))
    after = redact(replace(before, findings=(finding,))).report.findings[0]
    statement = after.facts[0].statement
    inputs = after.signed.inputs
    assert inputs is not None
    values = dict(statement.args)
    assert values["a"] == Wire(inputs.bucket or b"", Kind.BUCKET)
    assert values["e"] == Wire(inputs.bucket or b"", Kind.PUBLIC)
    assert isinstance(values["b"], Wire)
    assert values["b"].raw.startswith(b"/" + (inputs.bucket or b"") + b"/")
    assert values["c"] == Wire(b"Tue, 02 Jan 2024 03:04:05 GMT", Kind.HEADER_VALUE)
    assert values["d"] == (Wire(b"capture-1.pcap", Kind.PATH),)


def test_addresses_of_other_connections_are_replaced() -> None:
    report = cases.report(cases.exchange(NAMES[0]))
    connection = report.findings[0].signed.exchange.connection
    stranger = Endpoint(bytes((203, 0, 113, 77)), 51515)
    activity = (
        Activity((connection.client, connection.server), 1, ((1, 2),)),
        Activity((stranger, connection.server), 1, ((5, 1),)),
        Activity(None, 7, ((9, 9),)),
    )
    redacted = redact(replace(report, activity=activity))
    known, other, rest = redacted.report.activity
    again = redacted.report.findings[0].signed.exchange.connection
    assert known.ends == (again.client, again.server)
    assert other.ends is not None
    assert other.ends[0].address != stranger.address
    assert other.ends[0].port == stranger.port
    assert [one.moments for one in (known, other, rest)] == [one.moments for one in activity]
    assert "203.0.113.77" not in render_html(redacted_view(redacted), Catalogue("en"), "0")


def test_key_log_secrets_never_pass() -> None:
    log = Secret(b"CLIENT_RANDOM " + b"ab" * 32 + b" " + b"cd" * 48)
    facts = CaptureFacts("a.pcapng", "pcapng", ("EN10MB",), 1, 1, 1, None, None, False, secrets=(log,))
    before = cases.report(cases.exchange("v1-header"))
    captures = (replace(before.captures[0], facts=facts),)
    redacted: RedactedReport = redact(replace(before, captures=captures), NO_REDACTION)
    assert redacted.report.captures[0].facts.secrets == ()
    assert redacted.gate.find(b"x " + b"CD" * 48 + b" y") == "secret"


def test_request_alone_and_answer_alone() -> None:
    whole = cases.exchange("v1-header")
    for part in (replace(whole, response=None), replace(whole, request=None)):
        after = redact(replace(cases.report(whole), context=(part,))).report.context[0]
        assert isinstance(after, Exchange)
        assert (after.request is None, after.response is None) == (part.request is None, part.response is None)


@pytest.mark.parametrize("path", ["1.pcap", "/home/zhangwei/2.pcap", "3"])
def test_a_file_that_is_called_by_a_number_is_no_obstacle(path: str) -> None:
    report = cases.report(cases.exchange(NAMES[0]))
    captures = tuple(replace(one, facts=replace(one.facts, path=path)) for one in report.captures)
    redacted = redact(replace(report, captures=captures))
    assert redacted.report.captures[0].facts.path.startswith("capture-1")
    assert b"zhangwei" not in b"\n".join(every_bytes(redacted.report))
