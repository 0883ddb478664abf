"""An error answer alone, without any capture: a pasted XML, the text of an exception, a line of a log.

What the answer says of the request stands in for the request: the server's string in fields, the key id and the
signature that it echoes. Causes that need the request itself stay silent.
"""

from __future__ import annotations

import re
from urllib.parse import quote_from_bytes

from analyzer.diagnosis.budget import Budget
from analyzer.diagnosis.diagnoser import Diagnoser
from analyzer.model.findings import Finding
from analyzer.model.http import Exchange
from analyzer.model.secrets import SecretBook
from analyzer.model.signing import (
    Credentials,
    ServerError,
    SignedExchange,
    SignedHeader,
    SignedText,
    SigningInputs,
    Variant,
)
from analyzer.model.streams import Connection, Endpoint
from analyzer.oss import signer

__all__ = ["explain_error", "signed_from_error"]

_NOWHERE = Endpoint(b"\0\0\0\0", 0)
_SECONDS = re.compile(rb"\d{9,14}")


def explain_error(
    error: ServerError, secrets: SecretBook | None = None, *, budget: Budget | None = None
) -> Finding | None:
    """The finding for an error answer; None when the answer is not about signatures."""
    diagnoser = Diagnoser(secrets, budget=budget)
    signed = signed_from_error(error)
    diagnoser.add(signed)
    return diagnoser.finding_now(signed)


def signed_from_error(error: ServerError) -> SignedExchange:
    """The exchange as far as its error answer tells it: no request, no response, the server's texts in fields."""
    exchange = Exchange(Connection(0, _NOWHERE, _NOWHERE, handshake=False), None, None)
    variant = _variant(error)
    key_id = (error.access_key_id or b"").strip() or None
    signature = (error.signature_provided or b"").strip() or None
    creds = Credentials(variant, key_id, signature, frames=error.frames)
    if variant is Variant.NONE or error.signed_text is None:
        return SignedExchange(exchange, creds, None, None, error)
    row = signer(variant)
    text = row.split(error.signed_text)
    canonical = error.canonical_request_bytes or error.canonical_request
    return SignedExchange(
        exchange,
        creds,
        _inputs(creds, text) if not variant.is_v4 else None,
        None,
        error,
        server_string=text,
        server_canonical=row.split_canonical(canonical) if canonical is not None else None,
    )


def _variant(error: ServerError) -> Variant:
    """By the looks of the server's string; header and URL are told apart by the date line."""
    text = error.signed_text
    if text is None:
        return Variant.NONE
    lines = text.split(b"\n")
    if lines[0].startswith(b"OSS4-"):
        return Variant.V4_HEADER
    if lines[0].startswith(b"AWS4-"):
        return Variant.S3_V4_HEADER
    in_url = any(_SECONDS.fullmatch(line) for line in lines[:4])
    if lines[-1].startswith(b"%2F"):
        return Variant.V2_QUERY if in_url else Variant.V2_HEADER
    if any(name == b"AWSAccessKeyId" for name, _ in error.elements):
        return Variant.S3_V2_QUERY if in_url else Variant.S3_V2_HEADER
    return Variant.V1_QUERY if in_url else Variant.V1_HEADER


def _inputs(creds: Credentials, text: SignedText) -> SigningInputs:
    """Method, resource and headers as the server's string has them."""
    fields: dict[str, bytes] = {}
    for part in text.parts:
        fields.setdefault(part.field, part.data)
    resource = fields.get("resource", b"/")
    bucket, _, key = resource.lstrip(b"/").partition(b"/")
    headers = [
        SignedHeader(name, fields[field], creds.frames)
        for field, name in (("content-type", b"Content-Type"), ("content-md5", b"Content-MD5"))
        if fields.get(field)
    ]
    return SigningInputs(
        creds.variant,
        fields.get("method", b""),
        quote_from_bytes(resource, "/").encode(),
        (),
        tuple(headers),
        None,
        bucket or None,
        quote_from_bytes(key, "/").encode(),
        creds,
    )
