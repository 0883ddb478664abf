"""Connections that go on after something unusual: every request with its own answer, however the capture is cut."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest

from analyzer.http import Engine, Want
from analyzer.model.http import Exchange
from tests.support.batches import Dialogue, Segment, Tuples

HOST = b"Host: b.oss-cn-hangzhou.aliyuncs.com\r\n"
ERROR = b'<?xml version="1.0"?><Error><Code>SignatureDoesNotMatch</Code></Error>'
UPGRADE = b"Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAM\r\n"
EXPECT = b"Expect: 100-continue\r\nContent-Length: 3000\r\n"


def ask(number: int, more: bytes = b"", method: bytes = b"GET") -> bytes:
    return b"%s /%d HTTP/1.1\r\n%s%s\r\n" % (method, number, HOST, more)


def tell(status: int = 200, body: bytes = b"ok") -> bytes:
    return b"HTTP/1.1 %d X\r\nServer: AliyunOSS\r\nContent-Length: %d\r\n\r\n%s" % (status, len(body), body)


Said = tuple[str | None, int | None, bool]


def said(exchange: Exchange) -> Said:
    """(method and target, status, paired for certain)."""
    request, response = exchange.request, exchange.response
    line = None if request is None else f"{request.method.decode('latin-1')} {request.target.decode('latin-1')}"
    return line, None if response is None else response.status, exchange.certain


def exchanges(segments: Sequence[Segment]) -> list[Exchange]:
    """All exchanges; the same ones in batches of any size."""
    found = [list(Engine(Tuples(segments, size), Want(all=True)).run()) for size in (None, 1, 2, 3, 7)]
    found = [sorted(one, key=lambda e: e.frames) for one in found]
    assert all([(said(e), e.frames) for e in one] == [(said(e), e.frames) for e in found[0]] for one in found)
    return found[0]


def listed(segments: Sequence[Segment]) -> list[Said]:
    return [said(exchange) for exchange in exchanges(segments)]


@pytest.mark.parametrize("every", [False, True])
def test_a_server_that_does_not_take_the_upgrade(every: bool) -> None:
    talk = Dialogue().open()
    for number in range(1, 5):
        talk.says(0, ask(number, UPGRADE if every or number == 1 else b""))
        talk.says(1, tell(403, ERROR) if number % 2 else tell())
    expected: list[Said] = [(f"GET /{number}", 403 if number % 2 else 200, True) for number in range(1, 5)]
    assert listed(talk.close().segments) == expected


def test_a_proxy_that_wants_to_know_who_asks() -> None:
    talk = Dialogue().open()
    line = b"CONNECT a:80 HTTP/1.1\r\nHost: a:80\r\n"
    talk.says(0, line + b"\r\n").says(1, tell(407, b"denied"))
    talk.says(0, line + b"Proxy-Authorization: Basic eDp5\r\n\r\n")
    talk.says(1, b"HTTP/1.1 200 Connection established\r\n\r\n")
    talk.says(0, ask(2)).says(1, tell(403, ERROR)).says(0, ask(3)).says(1, tell())
    assert listed(talk.close().segments) == [
        ("CONNECT a:80", 407, True), ("CONNECT a:80", 200, True), ("GET /2", 403, True), ("GET /3", 200, True),
    ]  # fmt: skip


@pytest.mark.parametrize("follows", [b"", b"Content-Length: 5\r\n"])
def test_a_body_that_was_not_wanted_is_not_sent(follows: bytes) -> None:
    """The client goes on with its next request at once."""
    talk = Dialogue().open()
    talk.says(0, ask(1, EXPECT, b"PUT")).says(1, tell(403, ERROR))
    talk.says(0, ask(2, follows, b"POST") + b"12345"[: 5 if follows else 0]).says(1, tell(403, ERROR))
    talk.says(0, ask(3)).says(1, tell())
    found = exchanges(talk.close().segments)
    assert [said(e) for e in found] == [("PUT /1", 403, True), ("POST /2", 403, True), ("GET /3", 200, True)]
    asked = found[0].request
    assert asked is not None
    assert not asked.body.complete
    assert "http.body-not-sent" in [note.key for note in asked.notes]


@pytest.mark.parametrize("between", [b"HTTP/1.1 100 Continue\r\n\r\n", tell(403, ERROR), b""])
@pytest.mark.parametrize("body", [bytes(3000), ask(9, b"Content-Length: 2900\r\n").ljust(3000, b"x")])
def test_a_body_that_is_sent_is_one(between: bytes, body: bytes) -> None:
    """After ``100 Continue``, before the answer came, or all the same; whatever it looks like before it was refused."""
    talk = Dialogue().open().says(0, ask(1, EXPECT, b"PUT"))
    if between.startswith(b"HTTP/1.1 403") and body[:1] == b"G":
        return  # nothing tells this from a next request
    if between:
        talk.says(1, between)
    talk.says(0, body)
    if not between.startswith(b"HTTP/1.1 403"):
        talk.says(1, tell(403, ERROR))
    talk.says(0, ask(2)).says(1, tell())
    found = exchanges(talk.close().segments)
    assert [said(e) for e in found] == [("PUT /1", 403, True), ("GET /2", 200, True)]
    assert found[0].request is not None
    assert found[0].request.body.length == 3000
    assert found[0].request.body.complete


def without(segments: list[Segment], at: int, kept: int) -> list[Segment]:
    """The segment is cut by the snap length."""
    one = segments[at]
    cut = replace(one, payload=one.payload[:kept], length=len(one.payload))
    return [*segments[:at], cut, *segments[at + 1 :]]


def test_a_head_that_is_cut_is_not_whole() -> None:
    """And the exchange behind it stays one."""
    talk = Dialogue().open()
    talk.says(0, ask(1, b"Authorization: OSS key:signature\r\n", b"PUT"), answered=False).says(1, tell(403, ERROR))
    talk.says(0, ask(2), answered=False).says(1, tell()).close()
    found = exchanges(without(talk.segments, 3, 60))
    assert [said(e) for e in found] == [("PUT /1", 403, True), ("GET /2", 200, False)]
    asked = found[0].request
    assert asked is not None
    assert not asked.body.complete
    assert not found[0].complete
    assert "http.cut-by-gap" in [note.key for note in asked.notes]


def test_captures_with_a_short_snap_length_show_their_exchanges() -> None:
    talk = Dialogue().open()
    for number in range(4):
        talk.says(0, ask(number, b"Authorization: OSS key:signature\r\n")).says(1, tell(403, ERROR))
    segments = talk.close().segments
    for at, one in enumerate(segments):
        if one.payload:
            segments = without(segments, at, 40)
    assert [line for line, status, _ in listed(segments) if status == 403] == [f"GET /{n}" for n in range(4)]


def test_an_answer_to_head_with_a_body_is_one_answer() -> None:
    """Its body belongs to no message; nothing is missing."""
    talk = Dialogue().open()
    talk.says(0, ask(1, method=b"HEAD")).says(1, tell(403, ERROR)).says(0, ask(2)).says(1, tell(403, ERROR))
    assert listed(talk.close().segments) == [("HEAD /1", 403, True), ("GET /2", 403, True)]


TEXT = b'[1, 2, 3], "text": "%s"' % (b"x" * 400)


def test_text_in_the_middle_of_which_a_capture_begins_is_no_request() -> None:
    """The last line of an upload has neither a version nor a header behind it."""
    talk = Dialogue().says(0, TEXT).says(1, tell(403, ERROR))
    assert [(line, status) for line, status, _ in listed(talk.segments)] == [(None, 403)]
    talk.says(0, ask(2)).says(1, tell(403, ERROR))
    assert [(line, status) for line, status, _ in listed(talk.close().segments)] == [(None, 403), ("GET /2", 403)]


@pytest.mark.parametrize("line", [b"QUIT\r\n", b"EHLO me\r\n", b"USER x\r\n", b"example.com\r\n", b"stats"])
def test_other_protocols_of_one_line_are_no_requests(line: bytes) -> None:
    assert listed(Dialogue().open().says(0, line).says(1, b"250 fine\r\n").close().segments) == []


def test_a_request_line_that_the_end_cuts_is_shown() -> None:
    talk = Dialogue().open().says(0, b"GET /a/long/key?Expires=1")
    assert listed(talk.segments) == [("GET /a/long/key?Expires=1", None, True)]


VERSION_2 = b"\r\n\r\n\x00\r\nQUIT\n\x21\x11\x00\x0c" + bytes([10, 0, 0, 5, 10, 0, 0, 6, 156, 64, 0, 80])


@pytest.mark.parametrize("proxy", [b"PROXY TCP4 10.0.0.5 10.0.0.6 40000 80\r\n", b"PROXY UNKNOWN\r\n", VERSION_2])
@pytest.mark.parametrize("apart", [False, True])
def test_a_proxy_says_first_who_the_client_is(proxy: bytes, apart: bool) -> None:
    talk = Dialogue().open()
    if apart:
        talk.says(0, proxy).says(0, ask(1))
    else:
        talk.says(0, proxy + ask(1))
    talk.says(1, tell(403, ERROR)).says(0, ask(2)).says(1, tell())
    assert listed(talk.close().segments) == [("GET /1", 403, True), ("GET /2", 200, True)]


PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"


@pytest.mark.parametrize("upgraded", [False, True])
def test_http_2_in_clear_is_told_and_not_misread(upgraded: bool) -> None:
    talk = Dialogue().open()
    if upgraded:
        talk.says(0, ask(1, UPGRADE)).says(1, b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: h2c\r\n\r\n")
    talk.says(0, PREFACE + bytes(30)).says(1, bytes(40)).says(0, b"\x00\x00\x10" * 9)
    segments = talk.close().segments
    assert listed(segments) == ([("GET /1", 101, True)] if upgraded else [])
    for size in (None, 1, 3):
        engine = Engine(Tuples(segments, size), Want())
        list(engine.run())
        assert engine.stats.version2 == 1
