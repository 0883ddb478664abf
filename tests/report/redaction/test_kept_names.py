"""With ``--keep-names`` bucket, key and host stay, and nothing that stands inside them and is none."""

from __future__ import annotations

from base64 import b64decode, b64encode
from urllib.parse import quote_from_bytes

import pytest

from analyzer.model.notes import Kind
from analyzer.report.gate import Gate
from analyzer.report.redaction import KEEP_NAMES, REDACT, RedactionPolicy
from tests.report.redaction import cases
from tests.report.redaction.outputs import of_exchange

KEY_ID = b"LTAI5tPlantedKeyId0042"
SIGNATURE = b"qT+LcPMLrAyiFgyLs2PeWbiAAsE="
TOKEN = b"CAISTokenZq81xPlnv7RrWk92mmQd"
PASSWORD = b"Zq81xPlnv7Rr"
#: A signed URL's query, and the same as somebody's escaping swallowed it.
QUERY = b"?OSSAccessKeyId=%s&Expires=1704164645&Signature=%s&security-token=%s" % (
    KEY_ID,
    quote_from_bytes(SIGNATURE, "").encode(),
    TOKEN,
)
SWALLOWED = quote_from_bytes(QUERY, "").encode()


def request(target: bytes, host: bytes = cases.HOST, authorization: bytes = cases.V1) -> bytes:
    """A GET with a signature in its header, too."""
    headers = {b"Host": host, **cases.DATE, b"Authorization": authorization}
    return cases.http(b"GET " + target + b" HTTP/1.1", headers)


#: Where a credential came into a name → request, and what of the name stays.
PLACES: dict[str, tuple[bytes, bytes]] = {
    "query escaped": (request(b"/some/key.txt" + SWALLOWED), b"/some/key.txt"),
    "query escaped twice": (request(b"/some/key.txt" + SWALLOWED.replace(b"%", b"%25")), b"/some/key.txt"),
    "query without its question mark": (request(b"/some/key.txt&" + QUERY[1:]), b"/some/key.txt"),
    "query of a copied source": (
        request(b"/some/key.txt").replace(
            b"\r\nDate", b"\r\nx-oss-copy-source: /bucket-2/from" + SWALLOWED + b"\r\nDate"
        ),
        b"/bucket-2/from",
    ),
    "password in the target": (request(b"http://user:" + PASSWORD + b"@" + cases.HOST + b"/k.txt"), cases.HOST),
    "password with a comma": (request(b"http://user:a," + PASSWORD + b"@" + cases.HOST + b"/k.txt"), cases.HOST),
    "password escaped": (request(b"http://user%3A" + PASSWORD + b"%40" + cases.HOST + b"/k.txt"), cases.HOST),
    "password in Host": (request(b"/some/key.txt", b"user:" + PASSWORD + b"@" + cases.HOST), cases.HOST),
    "password in a key": (request(b"/proxied/http://user:" + PASSWORD + b"@far.example/k.txt"), b"@far.example/k.txt"),
    "password where no host is": (request(b"/a.txt", b"user:" + PASSWORD), b"/a.txt"),
    "key id in the key": (request(b"/users/" + KEY_ID + b"/a.txt"), b"/a.txt"),
    "key id in the type": (
        request(b"/users/a.txt").replace(b"\r\nDate", b"\r\nContent-Type: text/" + KEY_ID + b"\r\nDate"),
        b"/users/a.txt",
    ),
    "signature in the key": (request(b"/k/" + SIGNATURE, authorization=b"OSS %s:%s" % (KEY_ID, SIGNATURE)), b"/k/"),
}


@pytest.mark.parametrize("policy", [REDACT, KEEP_NAMES], ids=["redact", "keep-names"])
@pytest.mark.parametrize("place", PLACES)
def test_no_credential_hides_in_a_name(place: str, policy: RedactionPolicy) -> None:
    asked, name = PLACES[place]
    redacted, made = of_exchange(asked, cases.answer(asked), policy)
    gate = Gate({Kind.TOKEN: [KEY_ID, SIGNATURE, TOKEN, PASSWORD]})
    for file, data in made.items():
        assert gate.find(data) is None, file
    kept = redacted.report.findings[0].signed.exchange.request
    assert kept is not None
    assert (name in kept.head.raw) is policy.keep_names


def form(*fields: tuple[bytes, bytes]) -> bytes:
    """A PostObject request."""
    parts = [b'--edge\r\nContent-Disposition: form-data; name="%s"\r\n\r\n%s\r\n' % field for field in fields]
    file = b'--edge\r\nContent-Disposition: form-data; name="file"; filename="%s.txt"\r\n\r\nbody\r\n' % PASSWORD
    headers = {b"Host": cases.HOST, b"Content-Type": b"multipart/form-data; boundary=edge"}
    return cases.http(b"POST / HTTP/1.1", headers, b"".join(parts) + file + b"--edge--\r\n")


#: Conditions of a policy, each with what has to stay of it.
CONDITIONS = (
    (b'{"x-oss-security-token":"%s"}' % TOKEN, b"x-oss-security-token"),
    (b'{"X-OSS-Security-Token" : "%s"}' % TOKEN.replace(b"T", b"\\u0054"), b"X-OSS-Security-Token"),
    (b'["eq","$x-oss-security-token","%s"]' % TOKEN, b"$x-oss-security-token"),
    (b'["in","$x-oss-security-token",["%s"]]' % TOKEN, b"$x-oss-security-token"),
    (b'{"bucket":"secret-bucket"},"%s"' % TOKEN, b"secret-bucket"),
    (b'{"bucket":"secret-bucket"},{"%s":"%s"}' % (TOKEN, TOKEN), b"secret-bucket"),
    (b'["starts-with","$key","user/"],["eq","$x-oss-meta-a","%s"]' % TOKEN, b"user/"),
    (b'["in","$key",["user/a"]],{"x-oss-signature":"%s"}' % SIGNATURE, b"user/a"),
    (b'{"x-oss-credential":"%s/20240102/cn-hangzhou/oss/aliyun_v4_request"}' % KEY_ID, b"/20240102/cn-hangzhou/oss/"),
    (b'["content-length-range",1,5368709120],{"security-token":700123456789}', b"5368709120"),
)


@pytest.mark.parametrize(("condition", "stays"), CONDITIONS, ids=[stays.decode() for _, stays in CONDITIONS])
def test_a_policy_gives_no_credential_away(condition: bytes, stays: bytes) -> None:
    text = b'{"expiration":"2024-01-02T03:04:05.000Z","conditions":[%s]}' % condition
    fields = (b"key", b"user/a"), (b"OSSAccessKeyId", KEY_ID), (b"policy", b64encode(text)), (b"Signature", SIGNATURE)
    asked = form(*fields)
    redacted, made = of_exchange(asked, cases.answer(asked), KEEP_NAMES)
    gate = Gate({Kind.TOKEN: [KEY_ID, SIGNATURE, TOKEN, PASSWORD, b"700123456789"]})
    for file, data in made.items():
        assert gate.find(data) is None, file
    signed = redacted.report.findings[0].signed.string_to_sign
    assert signed is not None
    assert stays in b64decode(signed.data)
    assert redacted.report.findings[0].comparison.match is True
