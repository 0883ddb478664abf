"""Causes that hold for S3 clients otherwise than for OSS signatures."""

from __future__ import annotations

import pytest

from analyzer.model.findings import Finding
from tests.diagnosis.exchanges import KEY_ID, exchange, explained

QUERY = (
    b"X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=%s%%2F20240514%%2Fus-east-1%%2Fs3%%2Faws4_request"
    b"&X-Amz-Date=20240514T032107Z&X-Amz-Expires=60&X-Amz-SignedHeaders=%s&X-Amz-Signature=%s"
)
REFUSED = b"<Error><Code>SignatureDoesNotMatch</Code><EC>0002-00000429</EC></Error>"
ANSWER = b"HTTP/1.1 403 Forbidden\r\nServer: AliyunOSS\r\nContent-Length: %d\r\n\r\n%s" % (len(REFUSED), REFUSED)


def upload(listed: bytes, headers: bytes) -> Finding:
    """A refused upload with a signed URL."""
    target = b"/a.txt?" + QUERY % (KEY_ID, listed.replace(b";", b"%3B"), b"ab" * 32)
    lines = b"Host: pictures.oss-cn-hangzhou.aliyuncs.com\r\n" + headers + b"Content-Length: 1\r\n\r\nx"
    (finding,) = explained(exchange(b"PUT " + target + b" HTTP/1.1\r\n" + lines, ANSWER))
    return finding


@pytest.mark.parametrize(
    ("headers", "listed", "cause"),
    [
        (b"Content-Type: image/png\r\n", b"content-type", "content-type-after-signing"),
        (b"Content-MD5: 0123456789abcdef0123456789abcdef\r\n", b"content-md5", "content-md5-wrong"),
        (b"", b"content-type", "content-type-not-sent"),
    ],
)
def test_headers_that_are_not_listed_are_not_signed(headers: bytes, listed: bytes, cause: str) -> None:
    assert cause in [c.id for c in upload(listed + b";host", headers).causes]
    assert cause not in [c.id for c in upload(b"host", headers).causes]


def scoped(scheme: bytes, day: bytes, region: bytes, stamp: bytes, ec: bytes) -> tuple[str, list[str]]:
    """How sure it is that the scope is wrong, and by what."""
    vendor, product, end = (b"amz", b"s3", b"aws4") if scheme == b"AWS4" else (b"oss", b"oss", b"aliyun_v4")
    scope = b"/".join((KEY_ID, day, region, product, end + b"_request"))
    asked = (
        b"GET /a.txt HTTP/1.1\r\nHost: pictures.oss-cn-hangzhou.aliyuncs.com\r\nx-%s-date: %s\r\nAuthorization: "
        b"%s-HMAC-SHA256 Credential=%s, SignedHeaders=host, Signature=%s\r\n\r\n"
    ) % (vendor, stamp, scheme, scope, b"ab" * 32)
    body = b"<Error><Code>InvalidArgument</Code><EC>%s</EC></Error>" % ec
    (finding,) = explained(exchange(asked, b"HTTP/1.1 400 Bad Request\r\n\r\n" + body))
    (cause,) = (cause for cause in finding.causes if cause.id == "v4-scope")
    told = [note.key.removeprefix("cause.v4-scope.") for note in cause.evidence if "v4-scope" in note.key]
    return cause.certainty.value, told


@pytest.mark.parametrize(
    ("scheme", "day", "region", "stamp", "ec", "wanted"),
    [
        (b"AWS4", b"20240514", b"us-east-1", b"20240515T000000Z", b"0002-00000409", ("proven", ["date-differs"])),
        (b"AWS4", b"20240514", b"us-east-1", b"20240514T000000Z", b"0002-00000409", ("likely", [])),
        (b"OSS4", b"20240514", b"us-east-1", b"20240514T000000Z", b"0002-00000212", ("likely", [])),
        (b"OSS4", b"2024-05-14", b"us-east-1", b"20240514T000000Z", b"0002-00000212", ("proven", ["date-form"])),
        (b"OSS4", b"20240513", b"us-east-1", b"20240514T000000Z", b"0002-00000226", ("proven", ["region-differs"])),
        (b"OSS4", b"20240513", b"cn-hangzhou", b"20240514T000000Z", b"0002-00000226", ("likely", [])),
    ],
)
def test_a_scope_is_wrong_in_what_the_answer_speaks_of(
    scheme: bytes, day: bytes, region: bytes, stamp: bytes, ec: bytes, wanted: tuple[str, list[str]]
) -> None:
    assert scoped(scheme, day, region, stamp, ec) == wanted
