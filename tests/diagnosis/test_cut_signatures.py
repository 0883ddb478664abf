"""Signatures of which the end is missing, and signatures that were written otherwise."""

from __future__ import annotations

import hmac
from base64 import b64encode

import pytest

from analyzer.diagnosis.signature_shape import may_be_cut, shapes_of, written_length
from analyzer.model.findings import Finding
from analyzer.model.secrets import SecretBook
from analyzer.model.signing import Variant
from tests.diagnosis.exchanges import BOOK, HOST, KEY_ID, SECRET, exchange, explained, refusal, sign

SERVER = b"GET\n\n\n1715660467\n/pictures/a.txt"

CUT, WRITTEN = ("url-damaged", "likely"), ("signature-encoding", "likely")


def refused(signature: bytes, book: SecretBook | None) -> Finding:
    """A signed URL with this signature."""
    escaped = signature.replace(b"+", b"%2B").replace(b"=", b"%3D").replace(b"/", b"%2F")
    target = b"/a.txt?OSSAccessKeyId=%s&Expires=1715660467&Signature=%s" % (KEY_ID, escaped)
    asked = b"GET %s HTTP/1.1\r\nHost: %s\r\n\r\n" % (target, HOST)
    (finding,) = explained(exchange(asked, refusal(SERVER, signature)), book=book)
    return finding


def told(finding: Finding) -> list[tuple[str, str]]:
    return [(cause.id, cause.certainty.value) for cause in finding.causes if cause.certainty.value != "possible"]


@pytest.mark.parametrize(
    ("length", "keyless", "with_secret"),
    [
        (22, [CUT, WRITTEN], [("url-damaged", "proven")]),
        (27, [CUT, WRITTEN], [CUT, WRITTEN]),  # only the padding is missing: who left it out?
        (20, [CUT, WRITTEN], [("url-damaged", "proven"), WRITTEN]),
    ],
)
def test_a_cut_url_is_no_other_hash(
    length: int, keyless: list[tuple[str, str]], with_secret: list[tuple[str, str]]
) -> None:
    cut = sign(SERVER)[:length]
    assert told(refused(cut, None)) == keyless
    assert told(refused(cut, BOOK)) == with_secret


def test_a_cut_signature_of_another_secret_says_nothing_of_the_secret() -> None:
    assert ("wrong-secret", "likely") not in told(refused(sign(SERVER, b"another")[:22], BOOK))


@pytest.mark.parametrize(
    ("digest", "write"),
    [("sha256", b64encode), ("md5", b64encode), ("sha1", lambda raw: raw.hex().encode()), ("sha512", b64encode)],
)
def test_what_cutting_cannot_make_is_proven(digest: str, write: object) -> None:
    assert callable(write)
    signature = write(hmac.digest(SECRET, SERVER, digest))
    assert told(refused(signature, None)) == [("signature-encoding", "proven")]


@pytest.mark.parametrize(
    ("signature", "variant", "cut"),
    [
        (b"ab" * 20, Variant.V4_QUERY, True),
        (b"ab" * 16, Variant.V4_HEADER, True),
        (b"ab" * 64, Variant.V4_QUERY, False),
        (b"AB" * 32, Variant.V4_QUERY, False),
        (b"A" * 27, Variant.V2_QUERY, True),
        (b"A" * 27 + b"=", Variant.V2_QUERY, False),
        (b"A" * 26 + b"-", Variant.V1_QUERY, False),  # URL-safe base64 without padding
        (b"A" * 27, Variant.V1_QUERY, True),
    ],
)
def test_which_shapes_may_be_cut(signature: bytes, variant: Variant, cut: bool) -> None:
    (shape,) = shapes_of(signature, variant)
    assert may_be_cut(signature, shape, variant) is cut


def test_lengths() -> None:
    wanted = {Variant.V1_QUERY: 28, Variant.V2_HEADER: 44, Variant.V4_QUERY: 64, Variant.POST_V4: 64}
    assert {variant: written_length(variant) for variant in wanted} == wanted
