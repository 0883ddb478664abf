"""Answers that repeat another signature, or another access key id, than was sent."""

from __future__ import annotations

from dataclasses import replace

import pytest

from analyzer.model.findings import Cause, Finding
from analyzer.model.signing import SignedExchange
from analyzer.model.streams import Connection, Endpoint
from analyzer.oss import read
from tests.diagnosis.exchanges import BOOK, HOST, KEY_ID, exchange, explained, refusal, request, sign, text

ITS_OWN = b"STS.NTCdnOwnId0001"
OTHER = b"AAAAAAAAAAAAAAAAAAAAAAAAAAA="
SERVER = b"GET\n\n\n%d\n/pictures/a.txt"


def cdn(key_id: bytes = ITS_OWN, server: bytes | None = None) -> SignedExchange:
    """A CDN that signs for itself."""
    answer = refusal(server or text(), OTHER).replace(KEY_ID, key_id)
    return exchange(request(sign(text())), answer)


def captured(signed: SignedExchange) -> SignedExchange:
    """The same off a wire, not out of a pasted text."""
    ends = Endpoint(b"\x0a\0\0\x05", 50_000), Endpoint(b"\x0a\0\0\x01", 80)
    return read(replace(signed.exchange, connection=Connection(0, *ends, handshake=True)))


def altered(finding: Finding) -> Cause:
    (cause,) = (cause for cause in finding.causes if cause.id == "altered-in-transit")
    return cause


def keys(cause: Cause) -> list[str]:
    return [told.key.removeprefix("cause.altered-in-transit.") for told in cause.evidence]


@pytest.mark.parametrize("secret", [False, True])
def test_who_signs_for_itself_replaces_the_signature(secret: bool) -> None:
    (finding,) = explained(captured(cdn()), book=BOOK if secret else None)
    cause = altered(finding)
    assert finding.causes[0] is cause
    assert cause.certainty.value == "proven"
    assert keys(cause) == ["other-signature", "other-key-id"]
    assert cause.remedy.key == "cause.altered-in-transit.remedy-signed-anew"
    if secret:
        assert len(finding.causes) == 1


def test_another_id_is_told_of_answers_that_do_not_know_it_too() -> None:
    body = b"<Error><Code>InvalidAccessKeyId</Code><OSSAccessKeyId>%s</OSSAccessKeyId><EC>0002-00000902</EC></Error>"
    answer = b"HTTP/1.1 403 Forbidden\r\nServer: AliyunOSS\r\n\r\n" + body % ITS_OWN
    (finding,) = explained(captured(exchange(request(sign(text())), answer)))
    assert (altered(finding).certainty.value, keys(altered(finding))) == ("proven", ["other-key-id"])


def test_pasted_texts_may_be_of_two_attempts() -> None:
    dated = text().replace(b"14 May", b"15 May")
    (pasted,), (seen,) = explained(cdn(server=dated)), explained(captured(cdn(server=dated)))
    assert (altered(pasted).certainty.value, altered(seen).certainty.value) == ("likely", "proven")
    assert keys(altered(pasted)) == ["other-signature"]
    masked = refusal(text(), sign(text())[:6] + b"x" * 22).replace(KEY_ID, KEY_ID[:6] + b"xxxx")
    (finding,) = explained(exchange(request(sign(text())), masked))
    assert "altered-in-transit" not in [cause.id for cause in finding.causes]


def test_a_proxy_that_undoes_escapes() -> None:
    moment = next(n for n in range(1715660000, 1715660999) if b"+" in sign(SERVER % n))
    signature = sign(SERVER % moment)
    escaped = signature.replace(b"+", b"%2B").replace(b"=", b"%3D")
    target = b"/a.txt?OSSAccessKeyId=%s&Expires=%d&Signature=%s" % (KEY_ID, moment, escaped)
    asked = b"GET %s HTTP/1.1\r\nHost: %s\r\n\r\n" % (target, HOST)
    answer = refusal(SERVER % moment, signature.replace(b"+", b" "))
    (finding,) = explained(captured(exchange(asked, answer)), book=BOOK)
    assert (altered(finding).certainty.value, keys(altered(finding))) == ("proven", ["plus-unescaped"])


def test_what_was_sent_as_well_was_not_exchanged() -> None:
    twice = request(sign(text())).replace(b"\r\n\r\n", b"\r\nAuthorization: OSS %s:%s\r\n\r\n" % (KEY_ID, OTHER))
    masked = refusal(text(), sign(text())[:4] + b"****").replace(KEY_ID, KEY_ID[:4] + b"****")
    for signed in (exchange(twice, refusal(text(), OTHER)), exchange(request(sign(text())), masked)):
        (finding,) = explained(captured(signed))
        assert "altered-in-transit" not in [cause.id for cause in finding.causes]
    edited = exchange(request(sign(text())), refusal(text(), sign(text())).replace(KEY_ID, b"LTAXXX"))
    (finding,) = explained(captured(edited))
    assert "altered-in-transit" not in [cause.id for cause in finding.causes]
    unsure = captured(cdn())
    unsure = replace(unsure, exchange=replace(unsure.exchange, certain=False))
    (finding,) = explained(unsure)
    assert "altered-in-transit" not in [cause.id for cause in finding.causes]
