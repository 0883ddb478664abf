"""Whose success says something of a signature, and whose does not."""

from __future__ import annotations

import pytest

from analyzer.diagnosis.acceptance import accepted
from analyzer.http.plain import exchange_from_bytes
from analyzer.model.findings import Certainty
from analyzer.model.signing import SignedExchange
from tests.diagnosis.exchanges import BOOK, KEY_ID, SECRET, exchange, explained, failure, refusal, request, sign, text

STORE = b"Server: AliyunOSS\r\nx-oss-request-id: 6642D7B5A1F0C83539D2E417\r\n"


def answer(status: int, headers: bytes) -> bytes:
    return b"HTTP/1.1 %d X\r\n%sContent-Length: 0\r\n\r\n" % (status, headers)


@pytest.mark.parametrize(
    ("method", "status", "headers", "wanted"),
    [
        (b"GET", 200, STORE, True),
        (b"PUT", 204, b"", True),  # a gateway without any name
        (b"GET", 304, STORE, True),
        (b"GET", 206, STORE + b"Via: 1.1 squid\r\nX-Cache: MISS from squid\r\n", True),
        (b"GET", 200, b"Server: nginx\r\nx-oss-request-id: 1\r\n", True),  # it passes on, under its own name
        (b"GET", 200, b"Server: MinIO\r\n", True),
        (b"OPTIONS", 200, STORE, False),
        (b"GET", 301, b"Server: nginx\r\nLocation: https://x/\r\n", False),
        (b"GET", 302, STORE, False),
        (b"GET", 403, STORE, False),
        (b"GET", 200, b"Server: nginx\r\nContent-Type: text/html\r\n", False),  # a portal
        (b"GET", 200, STORE + b"Age: 12\r\n", False),
        (b"GET", 200, STORE + b"X-Cache: HIT TCP_MEM_HIT dirn:-2:-2\r\n", False),
        (b"GET", 200, STORE + b"Cache-Status: edge; hit\r\n", False),
        (b"GET", 200, STORE + b"CF-Cache-Status: HIT\r\n", False),
        # a CDN may have signed the request itself
        (
            b"GET",
            200,
            b"Server: Tengine\r\nx-oss-request-id: 1\r\nVia: cache12.l2cn\r\nX-Cache: MISS TCP_MISS\r\n",
            False,
        ),
        (b"GET", 200, b"Via: cache12.l2cn\r\n", False),
    ],
)
def test_whose_answers_count(method: bytes, status: int, headers: bytes, wanted: bool) -> None:
    known = exchange_from_bytes(method + b" / HTTP/1.1\r\nHost: b\r\n\r\n", answer(status, headers))
    assert known.request is not None
    assert known.response is not None
    assert accepted(known.request, known.response) is wanted


@pytest.mark.parametrize(
    "foreign",
    [b"Server: nginx\r\nLocation: https://x/\r\n", STORE + b"X-Cache: HIT from squid\r\n", b"Via: 1.1 cdn\r\n"],
)
def test_what_others_answer_does_not_acquit_the_secret(foreign: bytes) -> None:
    status = 301 if b"Location" in foreign else 200
    other = exchange(request(sign(text())), answer(status, foreign))
    (finding,) = explained(other, failure(b"?", text(), frame=3))
    assert [cause.id for cause in finding.causes] == ["wrong-secret"]
    (finding,) = explained(exchange(request(sign(text())), answer(200, STORE)), failure(b"?", text(), frame=3))
    assert [cause.id for cause in finding.causes] == ["unknown"]


def presigned(method: bytes, signature: bytes, headers: bytes = b"", body: bytes = b"") -> bytes:
    target = b"/a.txt?OSSAccessKeyId=" + KEY_ID + b"&Expires=1715660467&Signature=" + signature.replace(b"+", b"%2B")
    lines = b"Host: pictures.oss-cn-hangzhou.aliyuncs.com\r\n%sContent-Length: %d\r\n\r\n" % (headers, len(body))
    return method + b" " + target.replace(b"=\r", b"%3D\r") + b" HTTP/1.1\r\n" + lines + body


def upload(secret: bytes, headers: bytes, content_type: bytes) -> tuple[SignedExchange, SignedExchange]:
    """A browser's preflight and its upload, which is refused."""
    signature = sign(b"PUT\n\n\n1715660467\n/pictures/a.txt", secret)
    asked = presigned(b"OPTIONS", signature, b"Origin: https://app.example\r\nAccess-Control-Request-Method: PUT\r\n")
    server = b"PUT\n\n" + content_type + b"\n1715660467\n/pictures/a.txt"
    return (
        exchange(asked, answer(200, STORE + b"Access-Control-Allow-Methods: PUT\r\n")),
        exchange(presigned(b"PUT", signature, headers, b"x"), refusal(server, signature), 3),
    )


def test_a_preflight_proves_no_method() -> None:
    typed = upload(SECRET, b"Content-Type: image/png\r\n", b"image/png")
    (finding,) = explained(*typed)
    assert (finding.causes[0].id, finding.causes[0].certainty) == ("content-type-after-signing", Certainty.LIKELY)
    (finding,) = explained(*typed, book=BOOK)
    proven = [cause.id for cause in finding.causes if cause.certainty is Certainty.PROVEN]
    assert proven == ["content-type-after-signing"]
    (finding,) = explained(*upload(b"another", b"", b""))
    assert all(cause.certainty is Certainty.POSSIBLE for cause in finding.causes)
    assert "wrong-secret" in [cause.id for cause in finding.causes]
