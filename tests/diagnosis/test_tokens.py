"""Tokens of temporary ids: missing, or in a place where the server does not look for them."""

from __future__ import annotations

import pytest

from analyzer.model.findings import Cause
from analyzer.model.secrets import Secret, SecretBook
from tests.diagnosis.exchanges import DATE, HOST, KEY_ID, SECRET, exchange, explained, refusal, sign

TEMPORARY = b"STS.NUmadeUpForTests01"
BOOK = SecretBook({TEMPORARY: Secret(SECRET)})
NO_TOKEN = (
    b"HTTP/1.1 403 Forbidden\r\nServer: AliyunOSS\r\n\r\n"
    b"<Error><Code>InvalidAccessKeyId</Code><EC>0002-00000003</EC></Error>"
)
MISMATCH = refusal(b"GET\n\ntext/plain\n%s\n/pictures/a.txt" % DATE, sign(b"?")).replace(KEY_ID, TEMPORARY)

V1_HEADER = b"GET /a.txt%s HTTP/1.1\r\nHost: %s\r\nDate: %s\r\n%sAuthorization: OSS %s:%s\r\n\r\n"
V1_QUERY = b"GET /a.txt?OSSAccessKeyId=%s&Expires=1715660467&Signature=%s%s HTTP/1.1\r\nHost: %s\r\n\r\n"
V4_QUERY = (
    b"GET /a.txt?x-oss-signature-version=OSS4-HMAC-SHA256&x-oss-credential=%s%%2F20240514%%2Fcn-hangzhou%%2Foss%%2F"
    b"aliyun_v4_request&x-oss-date=20240514T032107Z&x-oss-expires=60&x-oss-signature=%s%s HTTP/1.1\r\nHost: %s\r\n\r\n"
)


def by_header(query: bytes = b"", headers: bytes = b"") -> bytes:
    return V1_HEADER % (query, HOST, DATE, headers, TEMPORARY, sign(b"?"))


def by_url(form: bytes, signature: bytes, more: bytes) -> bytes:
    return form % (TEMPORARY, signature, more, HOST)


def blamed(asked: bytes, answer: bytes) -> Cause | None:
    (finding,) = explained(exchange(asked, answer))
    return next((cause for cause in finding.causes if cause.id == "security-token"), None)


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        (by_header(b"?security-token=CAIS"), ["in-query", "belongs-in-header"]),
        (by_header(headers=b"security-token: CAIS\r\n"), ["in-header", "belongs-in-header"]),
        (by_url(V1_QUERY, b"AAAA", b"&x-oss-security-token=CAIS"), ["in-query", "belongs-in-query"]),
        (by_url(V4_QUERY, b"ab" * 32, b"&security-token=CAIS"), ["in-query", "belongs-in-query"]),
    ],
)
@pytest.mark.parametrize("answer", [NO_TOKEN, MISMATCH])
def test_a_token_elsewhere_is_not_missing(asked: bytes, told: list[str], answer: bytes) -> None:
    cause = blamed(asked, answer)
    assert cause is not None
    assert cause.certainty.value == "likely"
    assert [note.key.removeprefix("cause.security-token.") for note in cause.evidence] == told


def test_who_compares_signatures_has_let_the_id_pass() -> None:
    refused, compared = blamed(by_header(), NO_TOKEN), blamed(by_header(), MISMATCH)
    assert refused is not None
    assert compared is not None
    assert (refused.certainty.value, compared.certainty.value) == ("proven", "likely")
    assert [note.key for note in compared.against] == ["cause.security-token.let-pass"]


def test_what_the_client_signed_leaves_no_room_for_guesses() -> None:
    text = b"GET\n\n\n%s\n/pictures/a.txt?security-token=CAIS" % DATE
    typed = text.replace(b"\n\n\n", b"\n\ntext/plain\n")
    more = b"Content-Type: text/plain\r\n"
    asked = V1_HEADER % (b"?security-token=CAIS", HOST, DATE, more, TEMPORARY, sign(text))
    answer = refusal(typed, sign(text)).replace(KEY_ID, TEMPORARY)
    (finding,) = explained(exchange(asked, answer), book=BOOK)
    assert [cause.id for cause in finding.causes] == ["content-type-after-signing"]
