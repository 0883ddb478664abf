"""PostObject forms: the policy is the string to sign.

Source: API reference "PostObject"; ``calculatePostSignature`` and ``signPostObjectPolicyV4`` of the JavaScript SDK.
The signed text is the ``policy`` field (base64 of a JSON document) as sent. V1: base64(HMAC-SHA1); V4: hex of
HMAC-SHA256 under the derived key. The form is read up to its file part, which is never looked into.
"""

from __future__ import annotations

import hmac
import re

from analyzer.model.notes import Note, note
from analyzer.model.signing import ServerRules, SignedText, SigningInputs
from analyzer.oss import v1, v4
from analyzer.oss.pieces import Piece, signed_text, text_of

__all__ = [
    "MAX_FIELDS",
    "boundary_of",
    "field",
    "form_fields",
    "pieces",
    "signature_v1",
    "signature_v4",
    "string_to_sign",
    "string_to_sign_bytes",
]

MAX_FIELDS = 100
MAX_FIELD_BYTES = 64 * 1024

_BOUNDARY = re.compile(rb";\s*boundary=(?:\"([^\"]{1,200})\"|([^;\s]{1,200}))", re.IGNORECASE)
_NAME = re.compile(rb";[ \t]*name=(?:\"([^\"\r\n]{0,256})\"|([^;\s\"]{1,256}))", re.IGNORECASE)

Form = tuple[tuple[bytes, bytes], ...]

#: base64(HMAC-SHA1(secret, policy)).
signature_v1 = v1.signature


def boundary_of(content_type: bytes) -> bytes | None:
    """The boundary of ``multipart/form-data``; None for anything else."""
    if not content_type.lstrip().lower().startswith(b"multipart/form-data"):
        return None
    found = _BOUNDARY.search(content_type[:4096])
    return (found[1] or found[2]) if found is not None else None


def form_fields(body: bytes, boundary: bytes, *, whole: bool = True) -> tuple[Form, tuple[Note, ...]]:
    """Fields before the ``file`` part, in order, values raw. At most ``MAX_FIELDS`` fields are read. ``whole``: the
    body is all there; where it is not, a field without its end is left out, for nobody knows how it goes on."""
    delimiter = b"--" + boundary
    fields: list[tuple[bytes, bytes]] = []
    at = body.find(delimiter)
    while at >= 0 and len(fields) < MAX_FIELDS:
        at += len(delimiter)
        if body.startswith(b"--", at):
            return tuple(fields), ()
        head_end, value_start = _part_head(body, at)
        if head_end < 0:
            break
        found = _NAME.search(body, at, head_end)
        name = (found[1] if found[1] is not None else found[2]) if found is not None else b""
        if name.lower() == b"file":
            return tuple(fields), ()
        stop = body.find(delimiter, value_start)
        if stop < 0:
            last = ((name, body[value_start : value_start + MAX_FIELD_BYTES]),) if whole else ()
            return (*fields, *last), (note("oss.form-cut"),)
        value = body[value_start : min(stop, value_start + MAX_FIELD_BYTES)]
        fields.append((name, value.removesuffix(b"\n").removesuffix(b"\r")))
        at = stop
    return tuple(fields), (note("oss.form-cut"),)


def _part_head(body: bytes, at: int) -> tuple[int, int]:
    """End of the part's header lines and start of its value; (-1, -1) where neither is there."""
    ends = [
        (found, found + len(mark)) for mark in (b"\r\n\r\n", b"\n\n") if (found := body.find(mark, at, at + 8192)) >= 0
    ]
    return min(ends, default=(-1, -1))


def field(form: Form, name: bytes) -> bytes | None:
    """First field of that name, whatever its case; None when there is none."""
    wanted = name.lower()
    return next((value for key, value in form if key.lower() == wanted), None)


def pieces(inputs: SigningInputs, rules: ServerRules) -> list[Piece]:
    """The policy as sent."""
    return [("policy", field(inputs.form, b"policy") or b"", inputs.credentials.frames)]


def string_to_sign_bytes(inputs: SigningInputs, rules: ServerRules) -> bytes:
    """The policy, bytes only."""
    return text_of(pieces(inputs, rules))


def string_to_sign(inputs: SigningInputs, rules: ServerRules) -> SignedText:
    """The policy with its memory."""
    return signed_text(pieces(inputs, rules))


def signature_v4(secret: bytes, inputs: SigningInputs, string_to_sign: bytes) -> bytes:
    """64 lower-case hex digits."""
    creds = inputs.credentials
    key = v4.signing_key(secret, creds.date or b"", creds.region or b"", creds.product or b"")
    return hmac.digest(key, string_to_sign, "sha256").hex().encode()
