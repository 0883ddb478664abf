"""Access key ids that look odd: to blame only where the server does not know them."""

from __future__ import annotations

import pytest

from tests.diagnosis.exchanges import DATE, HOST, KEY_ID, exchange, explained, refusal, sign, text

UNKNOWN = b"<Error><Code>InvalidAccessKeyId</Code><EC>0002-00000901</EC></Error>"
REFUSED = b"HTTP/1.1 403 Forbidden\r\nServer: AliyunOSS\r\nContent-Length: %d\r\n\r\n%s" % (len(UNKNOWN), UNKNOWN)


@pytest.mark.parametrize("code", [b"NoSuchKey", b"AccessDenied", b"InternalError"])
def test_answers_from_behind_the_check_say_nothing_of_the_id(code: bytes) -> None:
    asked = b"GET /a.txt HTTP/1.1\r\nHost: %s\r\nDate: %s\r\nAuthorization: OSS a@b.example:%s\r\n\r\n"
    answer = b"HTTP/1.1 403 Forbidden\r\n\r\n<Error><Code>%s</Code></Error>" % code
    assert explained(exchange(asked % (HOST, DATE, sign(text())), answer)) == ()


@pytest.mark.parametrize(
    ("key_id", "refused", "compared"),
    [
        (b"user@example.com", "proven", None),
        (b"tenant:user", "proven", None),
        (b"export KEY=LTAI5tMadeUpForTests01", "proven", "possible"),
        (b'"LTAI5tMadeUpForTests01"', "proven", "possible"),
        (KEY_ID, "likely", None),
    ],
)
def test_who_compares_signatures_knows_the_id(key_id: bytes, refused: str, compared: str | None) -> None:
    asked = b"GET /a.txt HTTP/1.1\r\nHost: %s\r\nDate: %s\r\nAuthorization: OSS %s:%s\r\n\r\n"
    asked %= (HOST, DATE, key_id, sign(text(), b"another"))
    answer = refusal(text(), sign(text(), b"another")).replace(KEY_ID, key_id)
    for given, wanted in ((REFUSED, refused), (answer, compared)):
        (finding,) = explained(exchange(asked, given))
        found = {cause.id: cause.certainty.value for cause in finding.causes}
        assert found.get("access-key") == wanted
