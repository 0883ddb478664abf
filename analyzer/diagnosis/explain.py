"""What can be said without a capture: a pasted XML, the text of an exception, a request, a line of a log.

Where the request is there it is read like one off the wire. Where only its answer is, what the answer says of the
request stands in for it: the server's string in fields, the key id and the signature that it echoes. Causes that need
the request itself stay silent. What a client's log says it signed is a voice of its own.
"""

from __future__ import annotations

import re
from dataclasses import replace
from urllib.parse import quote_from_bytes

from analyzer.diagnosis.budget import Budget
from analyzer.diagnosis.diagnoser import Diagnoser
from analyzer.model.findings import Finding
from analyzer.model.http import Exchange
from analyzer.model.notes import Note, note
from analyzer.model.pasted import ClientString, Pasted, PastedCase
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
from analyzer.oss import read, signer
from analyzer.oss.errors import read_error

__all__ = ["explain_error", "explain_pasted", "signed_from_case", "signed_from_error", "with_client"]

_NOWHERE = Endpoint(b"\0\0\0\0", 0)
_NOTHING = Exchange(Connection(0, _NOWHERE, _NOWHERE, handshake=False), None, None)
_HASH = re.compile(rb"[0-9a-f]{64}|UNSIGNED-PAYLOAD")
_SECONDS = re.compile(rb"\d{9,14}")


def explain_error(
    error: ServerError, secrets: SecretBook | None = None, *, budget: Budget | None = None
) -> Finding | None:
    """The finding for an error answer; None when the answer is not about signatures."""
    diagnoser = Diagnoser(secrets, budget=budget)
    signed = signed_from_error(error)
    diagnoser.add(signed)
    return diagnoser.finding_now(signed)


def explain_pasted(
    pasted: Pasted, secrets: SecretBook | None = None, *, budget: Budget | None = None
) -> tuple[tuple[Finding, ...], tuple[Note, ...]]:
    """A finding for each case of a pasted text that was refused for its signature; where none was, one for each
    signed request and each logged string, so that the reader sees how it was read. And what is to be said of cases that
    failed for another reason."""
    diagnoser = Diagnoser(secrets, budget=budget)
    cases = [signed_from_case(case) for case in pasted.cases]
    for signed in cases:
        diagnoser.add(signed)
    findings = diagnoser.findings()
    if findings or any(signed.error is not None for signed in cases):
        return findings, tuple(diagnoser.others.notes())
    examined = tuple(
        diagnoser.examined(signed, number)
        for number, signed in enumerate((s for s in cases if s.is_signed and s.exchange.response is None), 1)
    )
    return examined, ()


def signed_from_case(case: PastedCase) -> SignedExchange:
    """A pasted case as OSS reads it, with what the client's log says it signed."""
    exchange = case.exchange
    error = read_error(None, exchange.response) if exchange.request is None and exchange.response is not None else None
    if error is not None:
        signed = signed_from_error(error, exchange)
    elif exchange.request is None and case.client is not None:
        signed = _signed_from_string(case.client, exchange)
    else:
        signed = read(exchange)
    return with_client(signed, case.client) if case.client is not None else signed


def with_client(signed: SignedExchange, client: ClientString) -> SignedExchange:
    """The exchange with the client's strings cut into the fields of its variant."""
    variant = signed.credentials.variant
    if variant is Variant.NONE:
        variant = _variant_of(client.told, ())
        creds = replace(signed.credentials, variant=variant)
        inputs = signed.inputs
        if inputs is None and not variant.is_v4:
            inputs = _inputs(creds, signer(variant).split(client.told))
        signed = replace(signed, credentials=creds, inputs=inputs)
    row = signer(variant)
    names = frozenset(pair.name for pair in signed.inputs.query) if signed.inputs is not None else frozenset[bytes]()
    text = row.split(client.text, names) if client.text is not None else None
    server = signed.server_string
    if text is not None and server is not None and not client.exact and _same_but_blanks(text, server):
        text = server  # a log swallows blank lines; nothing else sets the two apart
        signed = replace(signed, notes=(*signed.notes, note("paste.log-lines-restored")))
    canonical = row.split_canonical(client.canonical) if client.canonical is not None else None
    return replace(signed, client_string=text, client_canonical=canonical)


def _same_but_blanks(a: SignedText, b: SignedText) -> bool:
    lost = a.data.count(b"\n") < b.data.count(b"\n")
    return lost and b"".join(a.data.split()) == b"".join(b.data.split())


def _signed_from_string(client: ClientString, exchange: Exchange) -> SignedExchange:
    """A logged string with nothing beside it."""
    variant = _variant_of(client.told, ())
    return SignedExchange(exchange, Credentials(variant, None, None), None, None, None)


def signed_from_error(error: ServerError, exchange: Exchange = _NOTHING) -> SignedExchange:
    """The exchange as far as its error answer tells it: no request, the server's texts in fields."""
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
    text = error.signed_text
    return Variant.NONE if text is None else _variant_of(text, error.elements)


def _variant_of(text: bytes, elements: tuple[tuple[bytes, bytes], ...]) -> Variant:
    """By the looks of a string to sign, or of a canonical request; header and URL are told apart by the date line."""
    lines = text.split(b"\n")
    if lines[0].startswith(b"OSS4-"):
        return Variant.V4_HEADER
    if lines[0].startswith(b"AWS4-"):
        return Variant.S3_V4_HEADER
    if _HASH.fullmatch(lines[-1]):
        return Variant.V4_HEADER
    in_url = any(_SECONDS.fullmatch(line) for line in lines[:4])
    if lines[-1].startswith(b"%2F"):
        return Variant.V2_QUERY if in_url else Variant.V2_HEADER
    if any(name == b"AWSAccessKeyId" for name, _ in elements):
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
