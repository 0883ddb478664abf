"""Forms of which the capture lacks a part: what is not there says nothing."""

from __future__ import annotations

from base64 import b64encode
from dataclasses import replace

import pytest

from analyzer.http.plain import exchange_from_bytes
from analyzer.model.findings import Certainty, Finding
from analyzer.model.signing import SignedExchange
from analyzer.oss import read
from tests.diagnosis.exchanges import BOOK, HOST, KEY_ID, explained, refusal, sign

TEMPORARY = b"STS.NUmadeUpForTests01"
POLICY = b64encode(b'{"expiration":"2030-01-01T00:00:00Z","conditions":[["content-length-range",0,1048576]]}')


def form(key_id: bytes = KEY_ID, secret: bytes = b"another", token: bytes | None = None) -> SignedExchange:
    """A refused form, signed with ``secret``."""
    signature = sign(POLICY, secret)
    fields = {b"key": b"a.txt", b"OSSAccessKeyId": key_id, b"policy": POLICY, b"Signature": signature}
    fields |= {b"x-oss-meta-note": b"n" * 50} | ({b"x-oss-security-token": token} if token is not None else {})
    parts = [b'--zz\r\nContent-Disposition: form-data; name="%s"\r\n\r\n%s\r\n' % pair for pair in fields.items()]
    parts.append(b'--zz\r\nContent-Disposition: form-data; name="file"; filename="a.txt"\r\n\r\nhello\r\n--zz--\r\n')
    body = b"".join(parts)
    head = b"POST / HTTP/1.1\r\nHost: %s\r\nContent-Type: multipart/form-data; boundary=zz\r\n" % HOST
    asked = head + b"Content-Length: %d\r\n\r\n" % len(body) + body
    return read(exchange_from_bytes(asked, refusal(POLICY, signature).replace(KEY_ID, key_id)))


def cut_before(signed: SignedExchange, mark: bytes, more: int = 0) -> SignedExchange:
    """The same, captured up to this mark of its body."""
    asked = signed.exchange.request
    assert asked is not None
    assert asked.body.data is not None
    data = asked.body.data[: asked.body.data.index(mark) + more]
    body = replace(asked.body, data=data, captured=len(data), complete=False, digests=None)
    return read(replace(signed.exchange, request=replace(asked, body=body), complete=False))


def certainties(finding: Finding) -> dict[str, Certainty]:
    return {cause.id: cause.certainty for cause in finding.causes}


def test_a_token_may_stand_in_what_was_lost() -> None:
    for whole in (form(TEMPORARY, token=b"CAISmadeup"), form(TEMPORARY)):
        (finding,) = explained(cut_before(whole, b"nnnn"))
        assert "security-token" not in certainties(finding)
        assert Certainty.PROVEN not in certainties(finding).values()


@pytest.mark.parametrize(("mark", "more"), [(POLICY, 20), (POLICY, len(POLICY) - 4), (b'name="policy"', 0)])
def test_a_cut_policy_is_compared_with_nothing(mark: bytes, more: int) -> None:
    signed = cut_before(form(), mark, more)
    assert signed.string_to_sign is None
    assert "oss.form-field-missing" not in [told.key for told in signed.credentials.notes]
    for book in (None, BOOK):
        (finding,) = explained(signed, book=book)
        assert finding.comparison.match is None
        assert "altered-in-transit" not in certainties(finding)
        assert certainties(finding).get("post-policy", Certainty.POSSIBLE) is Certainty.POSSIBLE


def test_what_a_secret_shows_of_a_cut_form_is_likely_at_most() -> None:
    signed = form(secret=b"made-up-secret-of-thirty-bytes\n")
    (whole,) = explained(signed, book=BOOK)
    assert certainties(whole)["wrong-secret"] is Certainty.PROVEN
    (cut,) = explained(cut_before(signed, b"nnnn"), book=BOOK)
    assert certainties(cut)["wrong-secret"] is Certainty.LIKELY
    assert "cause.form-cut" in [told.key for told in cut.causes[0].against]


def test_a_file_that_was_not_captured_is_no_loss() -> None:
    signed = form(secret=b"made-up-secret-of-thirty-bytes\n")
    (finding,) = explained(cut_before(signed, b"hello"), book=BOOK)
    assert certainties(finding)["wrong-secret"] is Certainty.PROVEN
