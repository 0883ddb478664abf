"""OSS signature version 1: HMAC-SHA1 over six lines and a resource, base64.

Source: help pages "Include signatures in the Authorization header" and "Add signatures to URLs" (V1), the signers of
the official SDKs, and real answers of the server. The text is::

    VERB \\n Content-MD5 \\n Content-Type \\n (Date | Expires) \\n CanonicalizedOSSHeaders CanonicalizedResource
"""

from __future__ import annotations

import hmac
from base64 import b64encode

from analyzer.model.signing import QueryPair, ServerRules, SignedText, SigningInputs
from analyzer.oss import subresources
from analyzer.oss.canonical import header_block, header_piece, opening, path_bytes, resource_frames, single
from analyzer.oss.pieces import Piece, label, signed_text, text_of

__all__ = [
    "canonical_headers",
    "canonical_resource",
    "date_slot",
    "pieces",
    "signature",
    "signed_parameters",
    "string_to_sign",
    "string_to_sign_bytes",
]

_TABLE = subresources.table()


def date_slot(inputs: SigningInputs, rules: ServerRules) -> Piece:
    """``Expires`` of a signed URL; else ``x-oss-date`` where present, which wins over ``Date``; else nothing."""
    if inputs.variant.in_query:
        pair = inputs.parameter(b"Expires")
        return ("date", pair.value, pair.frames) if pair is not None else ("date", b"", ())
    return header_piece("date", single(inputs, b"x-oss-date", rules) or single(inputs, b"date", rules))


def canonical_headers(inputs: SigningInputs, rules: ServerRules) -> list[Piece]:
    """Every ``x-oss-*`` header, ``x-oss-date`` included even where it also fills the date slot."""
    return header_block(inputs.headers, _is_oss_header, rules)


def signed_parameters(inputs: SigningInputs, rules: ServerRules) -> list[QueryPair]:
    """Parameters that count as sub-resources, sorted by name: the union of all lists, corrected by ``rules``."""
    corrected = dict(rules.uncertain_subresources)
    union = _TABLE.union
    unknown = rules.sign_unknown_oss_parameters
    found = [
        pair
        for pair in inputs.query
        if corrected.get(pair.name, pair.name in union or (unknown and pair.name.startswith(b"x-oss-")))
    ]
    found.sort(key=_name)
    return found


def canonical_resource(inputs: SigningInputs, rules: ServerRules) -> list[Piece]:
    """``/``, ``/bucket/`` or ``/bucket/key`` (key decoded once), then the sub-resources with decoded values."""
    pieces: list[Piece] = [("resource", resource_path(inputs, rules), resource_frames(inputs))]
    separator = b"?"
    for pair in signed_parameters(inputs, rules):
        pieces.append(("", separator, ()))
        text = pair.name + b"=" + pair.value if pair.value else pair.name
        pieces.append((f"query:{label(pair.name)}", text, pair.frames))
        separator = b"&"
    return pieces


def resource_path(inputs: SigningInputs, rules: ServerRules) -> bytes:
    """The resource without sub-resources."""
    if inputs.bucket is None:
        return b"/" + path_bytes(inputs.raw_key, rules)
    key = path_bytes(inputs.raw_key, rules)
    if key or rules.bucket_trailing_slash:
        return b"/" + inputs.bucket + b"/" + key
    return b"/" + inputs.bucket


def pieces(inputs: SigningInputs, rules: ServerRules) -> list[Piece]:
    """The whole string to sign."""
    return [
        *opening(inputs, rules, date_slot(inputs, rules)),
        *canonical_headers(inputs, rules),
        *canonical_resource(inputs, rules),
    ]


def string_to_sign_bytes(inputs: SigningInputs, rules: ServerRules) -> bytes:
    """The string to sign, bytes only."""
    return text_of(pieces(inputs, rules))


def string_to_sign(inputs: SigningInputs, rules: ServerRules) -> SignedText:
    """The string to sign with its memory."""
    return signed_text(pieces(inputs, rules))


def signature(secret: bytes, inputs: SigningInputs, string_to_sign: bytes) -> bytes:
    """base64(HMAC-SHA1(secret, string to sign)), 28 characters."""
    return b64encode(hmac.digest(secret, string_to_sign, "sha1"))


def _is_oss_header(name: bytes) -> bool:
    return name.startswith(b"x-oss-")


def _name(pair: QueryPair) -> bytes:
    return pair.name
