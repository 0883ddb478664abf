"""No input makes reading fail, and none makes it slow."""

from __future__ import annotations

import time

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.oss.wire import HOST, signed

_heads = st.lists(
    st.sampled_from(
        [
            b"Host: " + HOST.encode(),
            b"Host: a.b",
            b"Authorization: OSS a:b",
            b"Authorization: OSS4-HMAC-SHA256 Credential=a/b",
            b"Authorization: OSS2 AccessKeyId:a,Signature",
            b"Authorization: AWS4-HMAC-SHA256 =,;=",
            b"x-oss-a: 1",
            b"x-oss-a:",
            b"Authorization: AWS x",
            b"Content-Type: multipart/form-data; boundary=B",
            b"Content-Length: 20",
            b"Date: x",
        ]
    )
    | st.binary(max_size=24),
    max_size=6,
)
_targets = st.lists(
    st.sampled_from(
        [
            b"/",
            b"?",
            b"&",
            b"=",
            b"%",
            b"+",
            b"Signature=",
            b"OSSAccessKeyId=a",
            b"x-oss-signature-version=OSS2",
            b"//",
            b"x-oss-credential=a/b",
            b"X-Amz-Algorithm=",
            b"http://h",
            b"acl",
            b"AWSAccessKeyId",
        ]
    )
    | st.binary(max_size=8),
    max_size=8,
).map(b"".join)
_bodies = st.lists(
    st.sampled_from(
        [
            b"<Error>",
            b"<Code>",
            b"</Code>",
            b"<StringToSign>",
            b"</StringToSign>",
            b"<StringToSignBytes>",
            b"47 45 ",
            b"&#x;",
            b"&amp;",
            b"</Error>",
            b"<![CDATA[",
            b"]]>",
            b'{"Error":',
            b"\n",
            b"/b/k?acl&",
            b"<CanonicalRequest>",
        ]
    )
    | st.binary(max_size=12),
    max_size=12,
).map(b"".join)


@given(st.sampled_from([b"GET", b"POST", b"HEAD", b"CONNECT", b"x"]), _targets, _heads, _bodies, _bodies)
@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_reading_never_raises(method: bytes, target: bytes, head: list[bytes], body: bytes, answer: bytes) -> None:
    request = method + b" " + target + b" HTTP/1.1\r\n" + b"".join(line + b"\r\n" for line in head) + b"\r\n" + body
    response = b"HTTP/1.1 403 Forbidden\r\nContent-Length: %d\r\n\r\n" % len(answer) + answer
    found = signed(request, response)
    for text in (found.server_string, found.string_to_sign):
        assert text is None or all(isinstance(part.data, bytes) for part in text.parts)
    if found.server_string is not None and found.error is not None:
        assert found.server_string.data == found.error.signed_text


_START = b" HTTP/1.1\r\nHost: " + HOST.encode() + b"\r\nAuthorization: OSS a:b\r\n"
_WORK = 200_000


@pytest.mark.parametrize(
    ("request_text", "body"),
    [
        (b"GET /k?" + b"&".join(b"x-oss-p%d=1" % i for i in range(100_000)) + _START + b"\r\n", b""),
        (b"GET /k" + _START + b"x-oss-a: 1\r\n" * 10_000 + b"\r\n", b""),
        (b"GET /k" + _START + b"x-oss-a: a" + b" " * _WORK + b"\r\n b\r\n\r\n", b""),
        (b"GET /k" + _START + b"\r\n", b"<Error>" + b"".join(b"<A%d>" % i for i in range(_WORK // 4))),
        (b"GET /k" + _START + b"\r\n", b"<StringToSign>" + b"a\n" * _WORK + b"</StringToSign>"),
        (b"GET /k" + _START + b"\r\n", b"<StringToSign>G\n\n\nx\n" + b"x-oss-a:b\n" * 50_000 + b"/</StringToSign>"),
        (b"GET /k" + _START + b"\r\n", b"<StringToSign>G\n\n\nx\n/b?a" + b"&a" * _WORK + b"</StringToSign>"),
        (b"GET /k" + _START + b"\r\n", b'{"Error":' * 50_000),
    ],
    ids=["parameters", "headers", "blanks", "tags", "lines", "header-lines", "pairs", "json"],
)
def test_bombs_are_bounded(request_text: bytes, body: bytes) -> None:
    response = b"HTTP/1.1 403 Forbidden\r\nContent-Length: %d\r\n\r\n" % len(body) + body
    begin = time.process_time()
    found = signed(request_text, response)
    assert time.process_time() - begin < 3
    assert found.exchange.request is not None
