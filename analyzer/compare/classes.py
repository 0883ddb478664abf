"""What a request looks like, apart from the values that differ in every request anyway.

A header's presence, the way its name is written, the class of its value, the parameters, the order of the headers:
each is a trait that one run may have and another not. A class keeps what can matter to a signature and drops the rest:
of a date its form, of free text whether it has odd bytes, of words of the protocol the words.
"""

from __future__ import annotations

import re

from analyzer.diagnosis.memory import key_marks
from analyzer.model.http import Request
from analyzer.model.signing import SignedExchange

__all__ = ["AS_IT_STANDS", "order_of", "shape", "traits"]

#: (field, aspect) → value
Traits = dict[tuple[str, str], bytes]

MAX_HEADERS = 128
LONG = 160

#: Headers whose value is told as it stands: words of the protocol, media types, products.
AS_IT_STANDS = frozenset(
    b"user-agent x-oss-user-agent x-amz-user-agent content-type accept accept-encoding accept-language accept-charset "
    b"connection proxy-connection keep-alive transfer-encoding content-encoding te expect cache-control pragma upgrade "
    b"via x-oss-acl x-oss-object-acl x-oss-storage-class x-oss-forbid-overwrite x-oss-server-side-encryption "
    b"x-oss-metadata-directive x-oss-additional-headers".split()
)
#: Headers of which only the form is told.
_FORM_ONLY = frozenset(
    b"date x-oss-date x-amz-date expires if-modified-since if-unmodified-since range content-length content-md5 "
    b"x-oss-content-sha256 x-amz-content-sha256 etag if-match if-none-match x-oss-hash-crc64ecma "
    b"x-oss-security-token x-amz-security-token cookie".split()
)
_RUN = re.compile(rb"[A-Za-z]+|[0-9]+|[\x80-\xff]+")
_SCHEME = re.compile(rb"[A-Za-z0-9-]+")


def traits(request: Request, signed: SignedExchange) -> Traits:
    """Everything that may set this request apart."""
    found: Traits = {
        ("method", "value"): request.method[:32],
        ("version", "value"): request.version,
        ("signature", "value"): signed.credentials.variant.value.encode(),
    }
    for header in request.head.headers[:MAX_HEADERS]:
        field = f"header:{_word(header.lower)}"
        found[field, "presence"] = b""
        found.setdefault((field, "spelling"), header.name[:64])
        found.setdefault((field, "value"), _class(header.lower, header.value, signed))
    if signed.inputs is not None:
        for pair in signed.inputs.query[:MAX_HEADERS]:
            found[f"query:{_word(pair.name)}", "presence"] = b""
        for mark in key_marks(signed.inputs.raw_key):
            found["path", mark] = b""
    return found


def order_of(request: Request) -> tuple[bytes, ...]:
    """The headers' names in lower case, each once."""
    return tuple(dict.fromkeys(header.lower[:64] for header in request.head.headers[:MAX_HEADERS]))


def shape(text: bytes) -> bytes:
    """Letters, digits and bytes beyond ASCII each as one sign: ``Tue, 14 May`` is ``A, 9 A``."""
    return _RUN.sub(_sign, text[:512])


def _sign(found: re.Match[bytes]) -> bytes:
    first = found[0][:1]
    return b"9" if first.isdigit() else b"A" if first < b"\x80" else b"\xc3\xa9"


def _class(name: bytes, value: bytes, signed: SignedExchange) -> bytes:
    if name in AS_IT_STANDS:
        return value[:LONG]
    if name == b"authorization":
        scheme = _SCHEME.match(value)
        return scheme[0] if scheme is not None else b"?"
    if name == b"host":
        place = signed.addressing
        return place.endpoint.kind.encode() if place is not None else b"?"
    if name == b"content-md5":
        return b"%d bytes" % len(value)
    if name in _FORM_ONLY:
        return shape(value)
    return _text_class(value)


def _text_class(value: bytes) -> bytes:
    """Free text by what can go wrong with it."""
    if not value:
        return b"empty"
    found = [
        word
        for word, holds in (
            (b"bytes beyond ASCII", any(byte >= 0x80 for byte in value)),
            (b"folded", b"\n" in value),
            (b"blanks in a row", b"  " in value or b"\t" in value),
        )
        if holds
    ]
    return b", ".join(found) or b"plain"


def _word(name: bytes) -> str:
    return name[:64].decode("utf-8", "backslashreplace")
