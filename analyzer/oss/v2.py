"""OSS signature version 2: HMAC-SHA256 over headers, additional header names and an encoded resource, base64.

Source: the signers of oss2, of the Java SDK, of opendal-reqsign and of alibabacloud-gateway (with the official
examples), and a real answer of the server. Differs from version 1: additional headers can be signed and are listed,
the resource is percent-encoded including its slashes, and every query parameter is signed.
"""

from __future__ import annotations

import hmac
from base64 import b64encode

from analyzer.model.signing import ServerRules, SignedText, SigningInputs
from analyzer.oss import v1
from analyzer.oss.canonical import encoded_query, header_block, opening, resource_frames
from analyzer.oss.pieces import NEWLINE, Piece, encode, signed_text, text_of

__all__ = [
    "additional_names",
    "canonical_headers",
    "canonical_resource",
    "date_slot",
    "pieces",
    "signature",
    "string_to_sign",
    "string_to_sign_bytes",
]


def date_slot(inputs: SigningInputs, rules: ServerRules) -> Piece:
    """``x-oss-expires`` of a signed URL, else ``x-oss-date`` or ``Date`` as in version 1."""
    if inputs.variant.in_query:
        pair = inputs.parameter(b"x-oss-expires")
        return ("date", pair.value, pair.frames) if pair is not None else ("date", b"", ())
    return v1.date_slot(inputs, rules)


def additional_names(inputs: SigningInputs) -> list[bytes]:
    """Names listed as additional headers: lower case, sorted, each once."""
    return sorted({name.strip().lower() for name in inputs.credentials.additional_headers if name.strip()})


def canonical_headers(inputs: SigningInputs, rules: ServerRules) -> list[Piece]:
    """``x-oss-*`` headers and the additional ones, sorted."""
    listed = frozenset(additional_names(inputs))
    return header_block(inputs.headers, lambda name: name.startswith(b"x-oss-") or name in listed, rules)


def canonical_resource(inputs: SigningInputs, rules: ServerRules) -> list[Piece]:
    """``urlencode(/bucket/key)`` with ``%2F`` for slashes, then every parameter but ``x-oss-signature``."""
    path = encode(v1.resource_path(inputs, rules))
    pieces: list[Piece] = [("resource", path, resource_frames(inputs))]
    query = encoded_query([pair for pair in inputs.query if pair.name != b"x-oss-signature"])
    if query:
        pieces.append(("", b"?", ()))
        pieces.extend(query)
    return pieces


def pieces(inputs: SigningInputs, rules: ServerRules) -> list[Piece]:
    """The whole string to sign."""
    return [
        *opening(inputs, rules, date_slot(inputs, rules)),
        *canonical_headers(inputs, rules),
        ("additional-headers", b";".join(additional_names(inputs)), inputs.credentials.frames),
        NEWLINE,
        *canonical_resource(inputs, rules),
    ]


def string_to_sign_bytes(inputs: SigningInputs, rules: ServerRules) -> bytes:
    """The string to sign, bytes only."""
    return text_of(pieces(inputs, rules))


def string_to_sign(inputs: SigningInputs, rules: ServerRules) -> SignedText:
    """The string to sign with its memory."""
    return signed_text(pieces(inputs, rules))


def signature(secret: bytes, inputs: SigningInputs, string_to_sign: bytes) -> bytes:
    """base64(HMAC-SHA256(secret, string to sign)), 44 characters."""
    return b64encode(hmac.digest(secret, string_to_sign, "sha256"))
