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
