"""Ampersands of a signed URL in the escapes of HTML and JSON: when they are to blame."""

from __future__ import annotations

import pytest

from analyzer.model.secrets import SecretBook
from tests.diagnosis.exchanges import BOOK, HOST, KEY_ID, exchange, explained, refusal, sign

SERVER = b"GET\n\n\n1715660467\n/pictures/a.txt"
TYPED = b"GET\n\ntext/plain\n1715660467\n/pictures/a.txt"
DENIED = b"HTTP/1.1 403 Forbidden\r\nServer: AliyunOSS\r\n\r\n<Error><Code>AccessDenied</Code><EC>%s</EC></Error>"
PERMISSION, NO_EXPIRES, EXPIRED = (DENIED % ec for ec in (b"0003-00000001", b"0002-00000067", b"0002-00000069"))


def url(more: bytes, between: bytes = b"&") -> bytes:
    signature = sign(SERVER).replace(b"+", b"%2B").replace(b"=", b"%3D").replace(b"/", b"%2F")
    return b"/a.txt?OSSAccessKeyId=%s%sExpires=1715660467&Signature=%s%s" % (KEY_ID, between, signature, more)


def damage(target: bytes, answer: bytes, headers: bytes = b"", book: SecretBook | None = None) -> str | None:
    """How sure it is that the URL was damaged."""
    asked = b"GET %s HTTP/1.1\r\nHost: %s\r\n%s\r\n" % (target, HOST, headers)
    causes = {c.id: c.certainty.value for found in explained(exchange(asked, answer), book=book) for c in found.causes}
    return causes.get("url-damaged")


MISMATCH = refusal(TYPED, sign(SERVER))


@pytest.mark.parametrize(
    ("target", "answer", "wanted"),
    [
        (url(b"&amp;from=mail"), PERMISSION, None),  # the signature was accepted
        (url(b"&amp;from=mail"), EXPIRED, None),
        (url(b"&amp;from=mail"), MISMATCH, None),  # nobody signs it
        (url(b"&amp;response-content-type=a"), MISMATCH, "likely"),
        (url(b"", b"&amp;"), NO_EXPIRES, "proven"),
        (url(b"&amp;security-token=CAIS"), MISMATCH, "proven"),
        (url(b"", b"\\u0026"), NO_EXPIRES, "proven"),
        (url(b"\\u0026from=mail"), MISMATCH, "likely"),
        (url(b"\\u0026from=mail"), PERMISSION, None),
    ],
)
def test_only_what_the_server_misses_is_to_blame(target: bytes, answer: bytes, wanted: str | None) -> None:
    assert damage(target, answer) == wanted


@pytest.mark.parametrize("more", [b"&amp;from=mail", b"&amp;response-content-type=a", b"&x=a\\u0026from=mail"])
def test_what_the_client_signed_explains_it(more: bytes) -> None:
    asked = url(more)
    answer = refusal(TYPED, sign(SERVER))
    assert damage(asked, answer, b"Content-Type: text/plain\r\n", BOOK) is None
