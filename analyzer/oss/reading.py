"""One exchange as OSS reads it: the order in which everything else of this floor is asked.

target and credentials → error answer → endpoint and bucket → signing inputs → the rules that the server's own bytes
or hash decide → the rebuilt texts, and the server's cut into the same fields.
"""

from __future__ import annotations

from dataclasses import replace

from analyzer.model.http import Exchange, Request
from analyzer.model.notes import Note, note
from analyzer.model.signing import (
    Addressing,
    BucketReason,
    Credentials,
    ServerError,
    ServerRules,
    SignedExchange,
    SignedHeader,
    SignedText,
    SigningInputs,
    Variant,
    VerdictOfRules,
)
from analyzer.oss import authentication, post
from analyzer.oss.endpoints import addressing
from analyzer.oss.errors import read_error
from analyzer.oss.pieces import percent_decode
from analyzer.oss.provenance import FrameMap
from analyzer.oss.rules import EQUAL, decide
from analyzer.oss.signers import Signer, signer
from analyzer.oss.targets import Target, read_target

__all__ = ["read", "signing_inputs", "under"]

_FORM_BYTES = 1024 * 1024


def read(exchange: Exchange) -> SignedExchange:
    """Everything OSS reads in ``exchange``. Never raises on captured input; what is missing is None."""
    error = read_error(exchange.request, exchange.response) if exchange.response is not None else None
    if exchange.request is None:
        return SignedExchange(exchange, authentication.NO_CREDENTIALS, None, None, error)
    inputs, place, notes = signing_inputs(exchange.request, error)
    creds = inputs.credentials
    if creds.variant is Variant.NONE:
        return SignedExchange(exchange, creds, inputs, place, error, notes=notes)
    row = signer(creds.variant)
    names = frozenset(pair.name for pair in inputs.query)
    text = error.whole_text if error is not None else None
    server = row.split(text, names) if text is not None else None
    server_canonical = _server_canonical(row, error)
    if _bucket_unknown(inputs, place) or _policy_lost(inputs, notes):
        return SignedExchange(
            exchange, creds, inputs, place, error, None, None, None, server, server_canonical, notes=notes
        )
    verdict = decide(row, inputs, server, server_canonical)
    return SignedExchange(
        exchange,
        creds,
        inputs,
        place,
        error,
        verdict,
        row.string_to_sign(inputs, verdict.rules),
        row.canonical_request(inputs, verdict.rules),
        server,
        server_canonical,
        notes=notes,
    )


def under(signed: SignedExchange, rules: ServerRules) -> SignedExchange | None:
    """The exchange with its texts laid anew under other rules of the server; None where nothing could be rebuilt, or
    where they come out the same."""
    inputs, verdict = signed.inputs, signed.rules
    if inputs is None or verdict is None or signed.string_to_sign is None or verdict.rules == rules:
        return None
    row = signer(inputs.variant)
    text = row.string_to_sign(inputs, rules)
    if text.data == signed.string_to_sign.data:
        return None
    notes = tuple(told for told in verdict.notes if told.key not in EQUAL)
    return replace(
        signed,
        rules=VerdictOfRules(rules, "default", notes),
        string_to_sign=text,
        canonical_request=row.canonical_request(inputs, rules),
    )


def signing_inputs(request: Request, error: ServerError | None) -> tuple[SigningInputs, Addressing, tuple[Note, ...]]:
    """The inputs of every variant from the request; of the answer only what chooses among readings of the address."""
    frames = FrameMap(request.head)
    target = read_target(request, frames)
    headers = tuple(SignedHeader(h.name, h.value, frames.of_header(h)) for h in request.head.headers)
    form, form_notes = _form(request)
    creds = authentication.read_credentials(request.method, headers, target.query, form, form_cut=bool(form_notes))
    host_header = next((h for h in headers if h.name.lower() == b"host"), None)
    host = host_header.value if host_header is not None else target.authority
    place = addressing(host, target.path, _server_path(creds, error, target))
    best = place.candidates[0] if place.candidates else None
    inputs = SigningInputs(
        variant=creds.variant,
        method=request.method,
        path=target.path,
        query=target.query,
        headers=headers,
        host=host,
        bucket=best.bucket if best is not None else None,
        raw_key=best.raw_key if best is not None else target.path[1:],
        credentials=creds,
        method_frames=frames.of(0, len(request.method)),
        target_frames=target.frames,
        host_frames=host_header.frames if host_header is not None else target.frames,
        form=form,
        body_sha256=request.body.digests.sha256 if request.body.digests is not None else None,
    )
    return inputs, place, (*target.notes, *form_notes, *_authority_note(target, host_header))


def _authority_note(target: Target, host: SignedHeader | None) -> tuple[Note, ...]:
    if target.authority is None or host is None or target.authority.lower() == host.value.lower():
        return ()
    return (note("oss.authority-differs-from-host"),)


def _form(request: Request) -> tuple[tuple[tuple[bytes, bytes], ...], tuple[Note, ...]]:
    if request.method != b"POST" or request.body.data is None:
        return (), ()
    boundary = post.boundary_of(request.head.first(b"content-type") or b"")
    data, body = request.body.data[:_FORM_BYTES], request.body
    whole = body.complete and len(data) >= body.length
    return post.form_fields(data, boundary, whole=whole) if boundary is not None else ((), ())


#: Their texts hold no bucket, or only where the path sent names it.
_NO_BUCKET = frozenset({Variant.NONE, Variant.POST_V1, Variant.POST_V4, Variant.S3_V4_HEADER, Variant.S3_V4_QUERY})


def _server_path(creds: Credentials, error: ServerError | None, target: Target) -> bytes | None:
    """Path of the server's resource, decoded; None where the server's texts do not hold one that names the bucket."""
    if error is None or creds.variant in _NO_BUCKET:
        return None
    row = signer(creds.variant)
    if creds.variant.is_v4:
        text = error.whole_canonical
        cut = row.split_canonical(text) if text else None
    else:
        text = error.whole_text
        cut = row.split(text, frozenset(pair.name for pair in target.query)) if text else None
    resource = next((p.data for p in cut.parts if p.field == "resource"), None) if cut is not None else None
    if not resource or resource[:1] not in (b"/", b"%"):
        return None
    encoded = creds.variant not in (Variant.V1_HEADER, Variant.V1_QUERY)
    return percent_decode(resource) if encoded else resource


def _server_canonical(row: Signer, error: ServerError | None) -> SignedText | None:
    text = error.whole_canonical if error is not None else None
    return row.split_canonical(text) if text is not None else None


def _policy_lost(inputs: SigningInputs, notes: tuple[Note, ...]) -> bool:
    """A form that was not captured up to the end of its policy: what it signs is not known."""
    cut = any(told.key == "oss.form-cut" for told in notes)
    return cut and inputs.variant.is_form and post.field(inputs.form, b"policy") is None


def _bucket_unknown(inputs: SigningInputs, place: Addressing) -> bool:
    """A custom domain whose bucket nobody named: nothing true can be rebuilt. Forms and S3 version 4 do not sign it."""
    signs_bucket = inputs.variant not in _NO_BUCKET
    best = place.candidates[0] if place.candidates else None
    return signs_bucket and best is not None and best.reason is BucketReason.CNAME and best.bucket is None
