"""S3's signatures, as OSS and other object stores accept them from S3 clients: version 2 and version 4.

Source: Amazon S3 API reference, "Signing and authenticating REST requests" (version 2) and "Authenticating requests:
using the Authorization header" / "using query parameters" (version 4). Version 2 signs the path as sent, not decoded;
version 4 signs exactly the headers that are listed and keeps ``=`` behind parameters without a value.
"""

from __future__ import annotations

import hmac
from hashlib import sha256

from analyzer.model.signing import QueryPair, ServerRules, SignedHeader, SignedText, SigningInputs
from analyzer.oss import subresources, v1, v4
from analyzer.oss.canonical import (
    encoded_query,
    header_block,
    header_piece,
    normal_path,
    opening,
    path_bytes,
    resource_frames,
    single,
)
from analyzer.oss.pieces import NEWLINE, Piece, encode, label, signed_text, text_of

__all__ = [
    "ALGORITHM",
    "TERMINATOR",
    "canonical_headers_v4",
    "canonical_query_v4",
    "canonical_request",
    "canonical_request_bytes",
    "canonical_resource_v2",
    "canonical_uri_v4",
    "date_slot_v2",
    "hashed_payload",
    "pieces_v2",
    "pieces_v4",
    "request_pieces",
    "signature_v2",
    "signature_v4",
    "string_to_sign_v2",
    "string_to_sign_v2_bytes",
    "string_to_sign_v4",
    "string_to_sign_v4_bytes",
]

ALGORITHM = b"AWS4-HMAC-SHA256"
TERMINATOR = b"aws4_request"

#: base64(HMAC-SHA1), as in OSS version 1.
signature_v2 = v1.signature


def date_slot_v2(inputs: SigningInputs, rules: ServerRules) -> Piece:
    """``Expires`` of a signed URL; empty where ``x-amz-date`` is sent (it is signed as a header then); ``Date``."""
    if inputs.variant.in_query:
        return v1.date_slot(inputs, rules)
    if single(inputs, b"x-amz-date", rules) is not None:
        return ("date", b"", ())
    return header_piece("date", single(inputs, b"date", rules))


def canonical_resource_v2(inputs: SigningInputs, rules: ServerRules) -> list[Piece]:
    """Bucket of a virtual host, path as sent, then the sub-resources of S3's list with decoded values."""
    corrected = dict(rules.uncertain_subresources)
    listed = subresources.S3_SUBRESOURCES
    chosen = sorted((p for p in inputs.query if corrected.get(p.name, p.name in listed)), key=_name)
    pieces: list[Piece] = [("resource", _resource_v2(inputs, rules), resource_frames(inputs))]
    separator = b"?"
    for pair in chosen:
        text = pair.name if pair.raw_value is None else pair.name + b"=" + pair.value
        pieces += [("", separator, ()), (f"query:{label(pair.name)}", text, pair.frames)]
        separator = b"&"
    return pieces


def _resource_v2(inputs: SigningInputs, rules: ServerRules) -> bytes:
    virtual_host = inputs.bucket is not None and inputs.path_is_key
    path = normal_path(inputs.path, rules)
    path = b"/" + (inputs.bucket or b"") + path if virtual_host else path
    return path if rules.bucket_trailing_slash or inputs.raw_key else path.rstrip(b"/") or b"/"


def pieces_v2(inputs: SigningInputs, rules: ServerRules) -> list[Piece]:
    """The string to sign of version 2."""
    return [
        *opening(inputs, rules, date_slot_v2(inputs, rules)),
        *header_block(inputs.headers, _is_amz_header, rules),
        *canonical_resource_v2(inputs, rules),
    ]


def string_to_sign_v2_bytes(inputs: SigningInputs, rules: ServerRules) -> bytes:
    """The string to sign of version 2, bytes only."""
    return text_of(pieces_v2(inputs, rules))


def string_to_sign_v2(inputs: SigningInputs, rules: ServerRules) -> SignedText:
    """The string to sign of version 2 with its memory."""
    return signed_text(pieces_v2(inputs, rules))


def canonical_uri_v4(inputs: SigningInputs, rules: ServerRules) -> Piece:
    """The path as sent, decoded and encoded once; S3 does not normalise it."""
    return ("resource", encode(path_bytes(inputs.path, rules), keep_slash=True), inputs.target_frames)


def canonical_query_v4(inputs: SigningInputs, rules: ServerRules) -> list[Piece]:
    """Every parameter but ``X-Amz-Signature``, ``=`` always there."""
    return encoded_query([pair for pair in inputs.query if pair.name != b"X-Amz-Signature"], equals=True)


def canonical_headers_v4(inputs: SigningInputs, rules: ServerRules) -> list[Piece]:
    """The headers listed in SignedHeaders."""
    listed = frozenset(name.lower() for name in inputs.credentials.signed_headers)
    return header_block(inputs.headers, listed.__contains__, rules)


def hashed_payload(inputs: SigningInputs, rules: ServerRules) -> Piece:
    """``x-amz-content-sha256`` (header, else parameter); ``UNSIGNED-PAYLOAD`` of a signed URL; the body's SHA-256."""
    found: SignedHeader | QueryPair | None = single(inputs, b"x-amz-content-sha256", rules)
    if found is None:
        found = inputs.parameter(b"X-Amz-Content-Sha256")
    if found is not None:
        return ("payload-hash", found.value, found.frames)
    if inputs.variant.in_query or inputs.body_sha256 is None:
        return ("payload-hash", b"UNSIGNED-PAYLOAD", ())
    return ("payload-hash", inputs.body_sha256.hex().encode(), ())


def request_pieces(inputs: SigningInputs, rules: ServerRules) -> list[Piece]:
    """The canonical request."""
    names = b";".join(inputs.credentials.signed_headers).lower()
    return [
        ("method", inputs.method, inputs.method_frames),
        NEWLINE,
        canonical_uri_v4(inputs, rules),
        NEWLINE,
        *canonical_query_v4(inputs, rules),
        NEWLINE,
        *canonical_headers_v4(inputs, rules),
        NEWLINE,
        ("signed-headers", names, inputs.credentials.frames),
        NEWLINE,
        hashed_payload(inputs, rules),
    ]


def canonical_request_bytes(inputs: SigningInputs, rules: ServerRules) -> bytes:
    """The canonical request, bytes only."""
    return text_of(request_pieces(inputs, rules))


def canonical_request(inputs: SigningInputs, rules: ServerRules) -> SignedText:
    """The canonical request with its memory."""
    return signed_text(request_pieces(inputs, rules))


def timestamp(inputs: SigningInputs, rules: ServerRules) -> Piece:
    """``X-Amz-Date`` of the URL, else the header, else ``Date``."""
    if inputs.variant.in_query:
        pair = inputs.parameter(b"X-Amz-Date")
        return ("date", pair.value, pair.frames) if pair is not None else ("date", b"", ())
    return header_piece("date", single(inputs, b"x-amz-date", rules) or single(inputs, b"date", rules))


def pieces_v4(inputs: SigningInputs, rules: ServerRules) -> list[Piece]:
    """The four lines of version 4."""
    digest = sha256(canonical_request_bytes(inputs, rules)).hexdigest().encode()
    _, scope, frames = v4.scope(inputs)
    return [
        ("algorithm", ALGORITHM, ()),
        NEWLINE,
        timestamp(inputs, rules),
        NEWLINE,
        ("scope", scope, frames),
        NEWLINE,
        ("request-hash", digest, ()),
    ]


def string_to_sign_v4_bytes(inputs: SigningInputs, rules: ServerRules) -> bytes:
    """The string to sign of version 4, bytes only."""
    return text_of(pieces_v4(inputs, rules))


def string_to_sign_v4(inputs: SigningInputs, rules: ServerRules) -> SignedText:
    """The string to sign of version 4 with its memory."""
    return signed_text(pieces_v4(inputs, rules))


def signature_v4(secret: bytes, inputs: SigningInputs, string_to_sign: bytes) -> bytes:
    """64 lower-case hex digits under the key derived from ``AWS4`` + secret."""
    creds = inputs.credentials
    key = v4.signing_key(
        secret,
        creds.date or b"",
        creds.region or b"",
        creds.product or b"",
        prefix=b"AWS4",
        terminator=creds.terminator or TERMINATOR,
    )
    return hmac.digest(key, string_to_sign, "sha256").hex().encode()


def _is_amz_header(name: bytes) -> bool:
    return name.startswith(b"x-amz-")


def _name(pair: QueryPair) -> bytes:
    return pair.name
