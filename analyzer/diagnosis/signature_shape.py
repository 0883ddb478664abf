"""What a signature says by its looks: which digest it holds, and how that was written.

A V1 signature is base64 of 20 bytes, a V2 signature base64 of 32, a V4 signature 64 lower-case hex digits. A client
that hex-encodes, takes another hash or another alphabet leaves a text of another shape; every reading that yields the
bytes of a known digest is kept, the expected one first. The search then compares digests, and no encoding costs an
HMAC of its own.
"""

from __future__ import annotations

import binascii
import re
from base64 import b64decode
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from urllib.parse import unquote_to_bytes

from analyzer.model.findings import Change
from analyzer.model.notes import Note, note
from analyzer.model.signing import Variant

__all__ = ["UNPADDED", "Shape", "expected_length", "is_well_formed", "may_be_cut", "shapes_of", "written_length"]

#: Digest length in bytes → hash of the HMAC.
HASHES: dict[int, str] = {20: "sha1", 32: "sha256", 16: "md5", 64: "sha512"}

#: The change that is also what cutting one character off makes.
UNPADDED = Change("signature without padding", note("change.signature-no-padding"))

_HEX = re.compile(rb"(?:[0-9A-Fa-f]{2})+")
_BASE64 = re.compile(rb"[A-Za-z0-9+/]+={0,2}")


@dataclass(frozen=True, slots=True)
class Shape:
    """One reading of a signature."""

    digest: bytes
    hash: str  #: ``sha1``, ``sha256``, ...
    change: Change | None  #: how it differs from what the variant asks for; None: it does not
    cause: str | None = None  #: the cause that this difference points to


@dataclass(frozen=True, slots=True)
class _Reading:
    change: Change | None
    cause: str
    read: Callable[[bytes], bytes | None]
    source: str


def _base64(text: bytes) -> bytes | None:
    if not _BASE64.fullmatch(text) or len(text) % 4:
        return None
    try:
        return b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return None


def _hex(text: bytes) -> bytes | None:
    return bytes.fromhex(text.decode("ascii")) if _HEX.fullmatch(text) else None


def _unpadded(text: bytes) -> bytes | None:
    return None if text.endswith(b"=") or len(text) % 4 in (0, 1) else _base64(text + b"=" * (-len(text) % 4))


def _hex_in_base64(text: bytes) -> bytes | None:
    inner = _base64(text)
    return _hex(inner) if inner is not None and len(inner) in (40, 64) else None


def _twice_base64(text: bytes) -> bytes | None:
    inner = _base64(text)
    return _base64(inner) if inner is not None else None


def _percent(text: bytes) -> bytes | None:
    return _base64(unquote_to_bytes(text)) if b"%" in text else None


def _blanks(text: bytes) -> bytes | None:
    return _base64(text.replace(b" ", b"+")) if b" " in text else None


def _url_safe(text: bytes) -> bytes | None:
    if b"-" not in text and b"_" not in text:
        return None
    plain = text.translate(bytes.maketrans(b"-_", b"+/"))
    return _base64(plain + b"=" * (-len(plain) % 4))


def _stripped(text: bytes) -> bytes | None:
    return _base64(text.strip()) if text != text.strip() else None


def _lower_hex(text: bytes) -> bytes | None:
    return _hex(text) if text == text.lower() else None


def _upper_hex(text: bytes) -> bytes | None:
    return _hex(text) if text != text.lower() else None


_SOURCE = 'causes C5 and C20: "Add signatures to URLs", failures of hand-made signers'

_OF_HEX = Change("signature as base64 of hex", note("change.signature-base64-of-hex"))


def _odd(change: str, told: Note, read: Callable[[bytes], bytes | None], cause: str = "signature-encoding") -> _Reading:
    return _Reading(Change(change, told), cause, read, _SOURCE)


_AS_BASE64: tuple[_Reading, ...] = (
    _Reading(None, "signature-encoding", _base64, "signature pages"),
    _odd("signature with blanks where + stood", note("change.signature-plus"), _blanks, "plus-in-signature"),
    _odd("signature percent-encoded twice", note("change.signature-percent-encoded-twice"), _percent, "url-damaged"),
    _odd("signature as hex instead of base64", note("change.signature-hex"), _hex),
    _Reading(_OF_HEX, "signature-encoding", _hex_in_base64, _SOURCE),
    _odd("signature as base64 of base64", note("change.signature-base64-twice"), _twice_base64),
    _odd("signature as URL-safe base64", note("change.signature-url-safe"), _url_safe),
    _Reading(UNPADDED, "signature-encoding", _unpadded, _SOURCE),
    _odd("signature with blanks around it", note("change.signature-blanks-around"), _stripped),
)
_AS_HEX: tuple[_Reading, ...] = (
    _Reading(None, "signature-encoding", _lower_hex, "signature version 4 page"),
    _odd("signature in upper-case hex", note("change.signature-upper-case"), _upper_hex),
    _odd("signature as base64 instead of hex", note("change.signature-base64"), _base64),
    _Reading(_OF_HEX, "signature-encoding", _hex_in_base64, _SOURCE),
)

_HEX_VARIANTS = frozenset(
    {Variant.V4_HEADER, Variant.V4_QUERY, Variant.S3_V4_HEADER, Variant.S3_V4_QUERY, Variant.POST_V4}
)
_SHA256 = _HEX_VARIANTS | {Variant.V2_HEADER, Variant.V2_QUERY}


def expected_length(variant: Variant) -> int:
    """Bytes of the digest that the variant asks for."""
    return 32 if variant in _SHA256 else 20


def written_length(variant: Variant) -> int:
    """Characters of a signature of the variant."""
    size = expected_length(variant)
    return 2 * size if variant in _HEX_VARIANTS else (size + 2) // 3 * 4


def may_be_cut(signature: bytes, shape: Shape, variant: Variant) -> bool:
    """A signature of which the end is missing looks like this, too: shorter, and without the padding at its end."""
    if len(signature) >= written_length(variant) or signature.endswith(b"="):
        return False
    return shape.hash != HASHES[expected_length(variant)] or shape.change == UNPADDED


def shapes_of(signature: bytes, variant: Variant) -> tuple[Shape, ...]:
    """Every reading that gives a digest of known length, the expected reading first. Empty: no signature at all."""
    return tuple(_shapes(signature[:1024], variant))


def is_well_formed(signature: bytes, variant: Variant) -> bool:
    """The signature has the shape its variant asks for."""
    return any(shape.change is None for shape in shapes_of(signature, variant))


def _shapes(signature: bytes, variant: Variant) -> Iterator[Shape]:
    wanted = HASHES[expected_length(variant)]
    for reading in _AS_HEX if variant in _HEX_VARIANTS else _AS_BASE64:
        digest = reading.read(signature)
        name = HASHES.get(len(digest)) if digest is not None else None
        if digest is None or name is None:
            continue
        if name == wanted:
            yield Shape(digest, name, reading.change, reading.cause if reading.change else None)
        else:
            yield Shape(digest, name, _of_other_hash(name, wanted, reading.change), "signature-encoding")


def _of_other_hash(name: str, wanted: str, form: Change | None) -> Change:
    """The digest of another HMAC, and that in another form maybe."""
    pattern, values = "HMAC-{hash} instead of HMAC-{wanted}", {"hash": name.upper(), "wanted": wanted.upper()}
    if form is None:
        return Change(pattern, note("change.hash", **values))
    return Change(f"{pattern}, {form.pattern}", note("change.hash-in-form", form=form.told, **values))
