"""Requests with and without their answers: raw HTTP, curl -v, HAR."""

from __future__ import annotations

import json

import pytest

from analyzer.model.http import Exchange
from analyzer.oss import read
from analyzer.pasted import read_pasted
from tests.pasted import texts

BOTH = {
    "raw": texts.REQUEST + b"\r\n" + texts.RESPONSE,
    "raw, line feeds": (texts.REQUEST + b"\n" + texts.RESPONSE).replace(b"\r\n", b"\n"),
    "in a fence": b"```http\n" + (texts.REQUEST + b"\n" + texts.RESPONSE).replace(b"\r\n", b"\n") + b"```\n",
    "curl": texts.CURL,
    "har": texts.HAR,
    "request and XML": texts.REQUEST + b"\n\nand the answer was\n\n" + texts.XML,
    "request and exception": texts.REQUEST + b"\n\n" + texts.OSS2,
}


def last(text: bytes) -> Exchange:
    return read_pasted(text).cases[-1].exchange


@pytest.mark.parametrize("name", BOTH)
def test_request_and_answer_come_out_whole(name: str) -> None:
    signed = read(last(BOTH[name]))
    assert signed.exchange.request is not None
    assert signed.exchange.request.target == b"/a.txt"
    assert len(signed.exchange.request.head.headers) == 7
    assert signed.credentials.signature == texts.SIGNATURE
    assert signed.error is not None
    assert (signed.error.status, signed.error.request_id) == (403, texts.ID)
    assert signed.string_to_sign is not None
    assert signed.server_string is not None
    assert signed.string_to_sign.data == signed.server_string.data == texts.SERVER


@pytest.mark.parametrize("name", ["raw", "curl", "har"])
def test_bodies_that_a_tool_decoded_are_taken_as_they_are(name: str) -> None:
    """The head says chunked, the text is not; lengths of printed bodies are no evidence."""
    exchange = last(BOTH[name])
    assert exchange.request is not None
    assert exchange.response is not None
    assert exchange.response.body.data is not None
    assert exchange.response.body.data.strip().endswith(b"</Error>")
    assert not exchange.response.body.complete
    assert not [told.key for m in (exchange.request, exchange.response) for told in m.notes]


def test_a_request_alone() -> None:
    exchange = last(texts.REQUEST.partition(b"hello")[0])
    assert exchange.request is not None
    assert exchange.response is None
    assert (exchange.request.body.length, exchange.request.body.captured) == (5, 0)  # it had a body, which is not here


def test_an_answer_alone() -> None:
    exchange = last(texts.RESPONSE)
    assert exchange.request is None
    assert exchange.response is not None
    assert exchange.response.status == 403


def test_several_exchanges_stay_apart() -> None:
    twice = texts.CURL + b"* next try\n" + texts.CURL
    assert len(read_pasted(twice).cases) == 2
    assert len(read_pasted(BOTH["raw"] + b"\n" + BOTH["raw"]).cases) == 2


def test_a_har_keeps_successes_and_times() -> None:
    cases = read_pasted(texts.HAR).cases
    assert [case.exchange.response.status for case in cases if case.exchange.response is not None] == [200, 403]
    assert cases[0].exchange.request is not None
    assert cases[0].exchange.request.first_time == 1_715_656_867_250_000_000


@pytest.mark.parametrize(
    "change",
    [
        {"request": None},
        {"request": {"method": 5, "url": []}},
        {"request": {"method": "GET", "url": "http://[broken"}},
        {"response": {"status": 0}},
        {"response": {"status": "403"}},
        {"response": {"status": 403, "content": {"text": "not base64", "encoding": "base64"}, "headers": 7}},
        {"startedDateTime": "yesterday"},
    ],
)
def test_a_damaged_har_entry_costs_only_itself(change: dict[str, object]) -> None:
    entries = [{**texts.har_entry(), **change}, texts.har_entry()]
    cases = read_pasted(json.dumps({"log": {"entries": entries}}).encode()).cases
    assert read(cases[-1].exchange).error is not None


def test_headers_of_a_har_cannot_make_new_lines() -> None:
    entry = texts.har_entry()
    entry["request"] = {
        "method": "GET",
        "url": "http://b.example/",
        "headers": [{"name": "X", "value": "a\r\nHost: evil"}],
    }
    (case,) = read_pasted(json.dumps({"log": {"entries": [entry]}}).encode()).cases
    assert case.exchange.request is not None
    assert [h.value for h in case.exchange.request.head.all(b"host")] == [b"b.example"]
