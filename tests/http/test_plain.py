"""Raw HTTP text to exchange: a table of texts and what must be read in them."""

from __future__ import annotations

import gzip
import hashlib

import pytest

from analyzer.http import decoded, exchange_from_bytes

GET = b"GET /key HTTP/1.1\r\nHost: b.oss-cn-hangzhou.aliyuncs.com\r\n\r\n"
XML = b"<Error><Code>SignatureDoesNotMatch</Code></Error>"


def answer(body: bytes, *headers: bytes, status: bytes = b"403 Forbidden") -> bytes:
    return b"\r\n".join([b"HTTP/1.1 " + status, *headers, b"", body])


@pytest.mark.parametrize(
    ("response", "body", "complete"),
    [
        (answer(XML, b"Content-Length: %d" % len(XML)), XML, True),
        (answer(XML, b"Content-Length: 500"), XML, False),
        (answer(XML), XML, True),
        (
            answer(b"5\r\n<Erro\r\n3;x=y\r\nr/>\r\n0\r\nX-T: 1\r\n\r\n", b"Transfer-Encoding: chunked"),
            b"<Error/>",
            True,
        ),
        (answer(b"5\r\n<Err", b"Transfer-Encoding: chunked"), b"<Err", False),
        (answer(b"zz\r\n", b"Transfer-Encoding: chunked"), b"", False),
        (b"HTTP/1.1 100 Continue\r\n\r\n" + answer(XML), XML, True),
        (answer(b"", status=b"204 No Content"), b"", True),
    ],
)
def test_body_of_the_answer(response: bytes, body: bytes, complete: bool) -> None:
    exchange = exchange_from_bytes(GET, response)
    assert exchange.response is not None
    assert exchange.response.body.data == body
    assert exchange.response.body.complete is complete is exchange.complete


def test_digests_are_those_of_the_body_without_chunks() -> None:
    request = b"PUT / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n9\r\n123456789\r\n0\r\n\r\n"
    exchange = exchange_from_bytes(request, None)
    assert exchange.request is not None
    digests = exchange.request.body.digests
    assert digests is not None
    assert digests.md5 == hashlib.md5(b"123456789").digest()
    assert digests.crc64 == 0x995DC9BBDF1939FA  # check value of CRC-64/XZ
    assert exchange.response is None


def test_head_keeps_order_and_bytes() -> None:
    request = b"GET /\xe4\xb8\xad a?x=1 HTTP/1.1\nX-B:  2 \r\nx-a: 1\r\n folded\r\nX-B: 3\r\nodd\r\n\r\n"
    exchange = exchange_from_bytes(request, None, frame=7, time=5)
    asked = exchange.request
    assert asked is not None
    assert asked.target == b"/\xe4\xb8\xad a?x=1"
    assert [(h.name, h.value) for h in asked.head.headers] == [
        (b"X-B", b"2"),
        (b"x-a", b"1\r\n folded"),
        (b"X-B", b"3"),
    ]
    assert all(asked.head.raw[h.start : h.end] == h.value for h in asked.head.headers)
    assert asked.frames == (7,)
    assert {n.key for n in asked.notes} == {
        "http.bare-line-feed",
        "http.folded-header",
        "http.repeated-header",
        "http.line-without-colon",
        "http.raw-bytes-in-target",
        "http.blank-in-target",
    }


def test_what_is_not_http_is_missing() -> None:
    exchange = exchange_from_bytes(b"\x16\x03\x01", b"garbage")
    assert exchange.request is None
    assert exchange.response is None


def test_decoding_stops_at_the_limit() -> None:
    packed = gzip.compress(b"0" * 1_000_000)
    exchange = exchange_from_bytes(GET, answer(packed, b"Content-Encoding: gzip"))
    assert exchange.response is not None
    assert decoded(exchange.response, 1000) == b"0" * 1000
    assert decoded(exchange.response) == b"0" * 1_000_000
