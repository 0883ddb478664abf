"""OSS signature version 4: a canonical request is hashed into four lines, HMAC-SHA256 under a derived key, hex.

Source: help pages "Signature version 4 (recommended)" for headers and URLs, the signers of the official SDKs. Signed
headers are implicit: ``content-type``, ``content-md5`` and every ``x-oss-*`` that is there, plus those listed as
additional; ``host`` only where listed. ::

    METHOD \\n CanonicalURI \\n CanonicalQuery \\n CanonicalHeaders \\n AdditionalHeaderNames \\n HashedPayload
    OSS4-HMAC-SHA256 \\n timestamp \\n yyyymmdd/region/product/aliyun_v4_request \\n hex(sha256(CanonicalRequest))
"""

from __future__ import annotations

import hmac
from functools import lru_cache
from hashlib import sha256

from analyzer.model.signing import ServerRules, SignedText, SigningInputs
from analyzer.oss.canonical import encoded_query, header_block, header_piece, path_bytes, resource_frames, single
from analyzer.oss.pieces import NEWLINE, Piece, encode, signed_text, text_of

__all__ = [
    "ALGORITHM",
    "TERMINATOR",
    "additional_names",
    "canonical_headers",
    "canonical_query",
    "canonical_request",
    "canonical_request_bytes",
    "canonical_uri",
    "hashed_payload",
    "pieces",
    "request_pieces",
    "scope",
    "signature",
    "signing_key",
    "string_to_sign",
    "string_to_sign_bytes",
    "timestamp",
]

ALGORITHM = b"OSS4-HMAC-SHA256"
TERMINATOR = b"aliyun_v4_request"

_IMPLICIT = frozenset({b"content-type", b"content-md5"})


def canonical_uri(inputs: SigningInputs, rules: ServerRules) -> Piece:
    """``/bucket/key`` with the key decoded and encoded once more, slashes kept; resource names of vector buckets and
    table buckets instead of the bucket where the host is theirs."""
    return ("resource", encode(_resource(inputs, rules), keep_slash=True), resource_frames(inputs))


def _resource(inputs: SigningInputs, rules: ServerRules) -> bytes:
    key = path_bytes(inputs.raw_key, rules)
    host = inputs.host or b""
    if b".oss-vectors." in host or b".oss-tables." in host:
        return _resource_name(inputs, key, b".oss-vectors." in host)
    if inputs.bucket is None:
        return b"/" + key
    slash = b"/" if key or rules.bucket_trailing_slash else b""
    return b"/" + inputs.bucket + slash + key


def _resource_name(inputs: SigningInputs, key: bytes, vectors: bool) -> bytes:
    """Source: ``signer/vectors_v4`` and ``signer/tables_v4`` of the Go and Python SDKs v2. The bucket label of a
    vector bucket is ``name-accountid``."""
    region = inputs.credentials.region or b""
    if not vectors:
        return b"/acs:osstables:" + region + b"::bucket//" + key
    name, _, account = (inputs.bucket or b"").rpartition(b"-")
    owner = account + b":" + name + b"/" if inputs.bucket is not None else b":/"
    return b"/acs:ossvector:" + region + b":" + owner + key


def canonical_query(inputs: SigningInputs, rules: ServerRules) -> list[Piece]:
    """Every parameter but ``x-oss-signature`` of a signed URL, encoded, sorted by encoded name."""
    if not inputs.variant.in_query:
        return encoded_query(inputs.query)
    return encoded_query([pair for pair in inputs.query if pair.name != b"x-oss-signature"])


def additional_names(inputs: SigningInputs) -> list[bytes]:
    """Listed additional headers: lower case, sorted, each once."""
    return sorted({name.strip().lower() for name in inputs.credentials.additional_headers if name.strip()})


def canonical_headers(inputs: SigningInputs, rules: ServerRules) -> list[Piece]:
    """Implicit and listed headers, ``name:value\\n`` each, sorted."""
    listed = frozenset(additional_names(inputs))
    return header_block(
        inputs.headers, lambda name: name.startswith(b"x-oss-") or name in _IMPLICIT or name in listed, rules
    )


def hashed_payload(inputs: SigningInputs, rules: ServerRules) -> Piece:
    """The value of ``x-oss-content-sha256``; ``UNSIGNED-PAYLOAD`` without it."""
    header = single(inputs, b"x-oss-content-sha256", rules)
    return ("payload-hash", b"UNSIGNED-PAYLOAD", ()) if header is None else header_piece("payload-hash", header)


def request_pieces(inputs: SigningInputs, rules: ServerRules) -> list[Piece]:
    """The canonical request."""
    return [
        ("method", inputs.method, inputs.method_frames),
        NEWLINE,
        canonical_uri(inputs, rules),
        NEWLINE,
        *canonical_query(inputs, rules),
        NEWLINE,
        *canonical_headers(inputs, rules),
        NEWLINE,
        ("additional-headers", b";".join(additional_names(inputs)), inputs.credentials.frames),
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
    """``x-oss-date`` (parameter or header), else ``Date``; a GMT date becomes ISO 8601 basic as the C and Android
    SDKs sign it. What is no date stays as it is."""
    if inputs.variant.in_query:
        pair = inputs.parameter(b"x-oss-date")
        return ("date", pair.value, pair.frames) if pair is not None else ("date", b"", ())
    header = single(inputs, b"x-oss-date", rules) or single(inputs, b"date", rules)
    if header is None:
        return ("date", b"", ())
    return ("date", _iso_basic(header.value), header.frames)


@lru_cache(maxsize=256)
def _iso_basic(value: bytes) -> bytes:
    if b"," not in value or len(value) > 64:
        return value
    from email.utils import parsedate_to_datetime  # late: rare, and a large package

    try:
        return parsedate_to_datetime(value.decode("ascii")).strftime("%Y%m%dT%H%M%SZ").encode()
    except (ValueError, TypeError, IndexError, OverflowError):
        return value


def scope(inputs: SigningInputs) -> Piece:
    """``yyyymmdd/region/product/aliyun_v4_request`` as the Credential names it."""
    creds = inputs.credentials
    text = b"/".join([creds.date or b"", creds.region or b"", creds.product or b"", creds.terminator or TERMINATOR])
    return ("scope", text, creds.frames)


def pieces(inputs: SigningInputs, rules: ServerRules) -> list[Piece]:
    """The four lines."""
    digest = sha256(canonical_request_bytes(inputs, rules)).hexdigest().encode()
    return [
        ("algorithm", ALGORITHM, ()),
        NEWLINE,
        timestamp(inputs, rules),
        NEWLINE,
        scope(inputs),
        NEWLINE,
        ("request-hash", digest, ()),
    ]


def string_to_sign_bytes(inputs: SigningInputs, rules: ServerRules) -> bytes:
    """The string to sign, bytes only."""
    return text_of(pieces(inputs, rules))


def string_to_sign(inputs: SigningInputs, rules: ServerRules) -> SignedText:
    """The string to sign with its memory."""
    return signed_text(pieces(inputs, rules))


def signing_key(
    secret: bytes,
    date: bytes,
    region: bytes,
    product: bytes,
    *,
    prefix: bytes = b"aliyun_v4",
    terminator: bytes = TERMINATOR,
) -> bytes:
    """32 bytes: four HMACs in a chain, from ``prefix + secret``."""
    key = hmac.digest(prefix + secret, date, "sha256")
    for step in (region, product, terminator):
        key = hmac.digest(key, step, "sha256")
    return key


def signature(secret: bytes, inputs: SigningInputs, string_to_sign: bytes) -> bytes:
    """64 lower-case hex digits."""
    creds = inputs.credentials
    key = signing_key(secret, creds.date or b"", creds.region or b"", creds.product or b"")
    return hmac.digest(key, string_to_sign, "sha256").hex().encode()
