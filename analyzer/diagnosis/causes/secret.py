"""Causes in who signed: the secret, the access key id, the token, the form of the signature, its version."""

from __future__ import annotations

import re
from dataclasses import replace

from analyzer.diagnosis.case import Case
from analyzer.diagnosis.causes.base import (
    LIKELY,
    POSSIBLE,
    PROVEN,
    Explained,
    Row,
    shown,
    strongest,
    when_named,
    when_proven,
)
from analyzer.diagnosis.causes.guides import (
    FAQ,
    HEADER_SIGNING,
    SECRET_CODE,
    SIGNATURE_CODE,
    STS_CODE,
    V4_CODE,
    V4_HEADER_SIGNING,
)
from analyzer.diagnosis.facts import form_cut
from analyzer.diagnosis.signature_shape import UNPADDED, expected_length, may_be_cut, shapes_of
from analyzer.model.findings import Cause
from analyzer.model.notes import Kind, Note, Wire, note
from analyzer.model.signing import Variant

__all__ = ["ROWS"]

_SECRET = Explained(
    "wrong-secret",
    note("cause.wrong-secret.title"),
    note("cause.wrong-secret.remedy"),
    SECRET_CODE,
    (FAQ, "guide.access-key-pair"),
)
_KEY = Explained(
    "access-key",
    note("cause.access-key.title"),
    note("cause.access-key.remedy"),
    SECRET_CODE,
    ("guide.error-902", "guide.access-key-pair"),
)
_TOKEN = Explained(
    "security-token",
    note("cause.security-token.title"),
    note("cause.security-token.remedy"),
    STS_CODE,
    ("guide.sts", HEADER_SIGNING),
)
_ENCODING = Explained(
    "signature-encoding",
    note("cause.signature-encoding.title"),
    note("cause.signature-encoding.remedy"),
    SIGNATURE_CODE,
    (HEADER_SIGNING, V4_HEADER_SIGNING),
)
_VERSION = Explained(
    "signature-version",
    note("cause.signature-version.title"),
    note("cause.signature-version.remedy"),
    V4_CODE,
    ("guide.v1-to-v4", V4_HEADER_SIGNING),
)

_MAY_BE_CUT = note("cause.signature-encoding.may-be-cut")

#: What an access key id consists of; temporary ids have a dot behind their prefix.
_ID = re.compile(rb"(?:STS\.|TMP\.)?[A-Za-z0-9_-]{4,128}")
_TEMPORARY = (b"STS.", b"TMP.")


def wrong_secret(case: Case) -> Cause | None:
    """C4. Proven when a variant of the given secret signs, or when the given one signs the server's own text and is
    refused. Without a secret it is what remains; one success of the same key refutes it."""
    if not case.is_mismatch:
        return None
    return strongest(_secret_by_check(case), _secret_without(case))


def _secret_by_check(case: Case) -> Cause | None:
    proven = case.proven("wrong-secret")
    if proven:
        return _SECRET.cause(PROVEN, note("cause.wrong-secret.variant-signs", variant=proven[0].told))
    check = case.check
    if check is None:
        return None
    if check.signs_server:
        return _refused_although_signed(case)
    comparable = check.tried and not _cut_short(case)
    if comparable and case.hit is None and not check.signs_wire and not case.acquitted:
        told = note("cause.wrong-secret.nothing-fits", tried=check.tried)
        return _SECRET.cause(LIKELY, told, against=_others_succeed(case))
    return None


def _refused_although_signed(case: Case) -> Cause | None:
    """The secret signs the server's own text to the signature sent. That the server refuses this very signature it
    says itself, or the answer is all there is; else it may have been changed on the way."""
    if case.echoed_same is False:
        return None
    told = note("cause.wrong-secret.signs-server-text")
    if case.neighbours.secret_verified is True:
        return _SECRET.cause(POSSIBLE, told, against=(note("diagnosis.secret-verified"),))
    if case.echoed_same is True or case.request is None:
        return _SECRET.cause(PROVEN, told)
    return _SECRET.cause(LIKELY, told, against=(note("cause.wrong-secret.no-echo"),))


def _cut_short(case: Case) -> bool:
    """The signature may be the first part of the right one: that no text gives it says nothing of the secret."""
    signature, variant = case.credentials.signature or b"", case.variant
    shapes = shapes_of(signature, variant)
    return bool(shapes) and all(may_be_cut(signature, shape, variant) for shape in shapes)


def _secret_without(case: Case) -> Cause | None:
    near = case.neighbours
    if case.acquitted or case.comparison.match is False:
        return None
    if case.comparison.voice == "client" and case.comparison.match:
        return _SECRET.cause(LIKELY, note("cause.wrong-secret.log-is-server"))
    told = note("cause.wrong-secret.same-text") if case.arrived_as_sent else note("cause.wrong-secret.not-excluded")
    if near.failures > 1 and not near.successes:
        certainty = LIKELY if near.failures >= 3 else POSSIBLE
        return _SECRET.cause(certainty, told, note("cause.wrong-secret.all-fail", failures=near.failures))
    return _SECRET.cause(POSSIBLE, told, against=_others_succeed(case))


def _others_succeed(case: Case) -> tuple[Note, ...]:
    """The secret of another client is right. That of this one may be another."""
    if not case.others_succeed:
        return ()
    return (note("cause.wrong-secret.others-succeed", successes=case.neighbours.successes),)


def access_key(case: Case) -> Cause | None:
    """The id is malformed (decided by its bytes), or the server says that it knows none such."""
    key_id = case.credentials.access_key_id or (case.error.access_key_id or b"").strip() or None
    if key_id is not None and (case.error.access_key_id or b"").strip(b" \t").count(b"*"):
        key_id = case.credentials.access_key_id
    told = _malformed_id(key_id)
    if told is not None and case.is_mismatch:
        return _oddly_written_id(case, told)
    if told is not None and (case.named_cause == "access-key" or _says_nothing_else(case)):
        return _KEY.cause(PROVEN, told, frames=case.credentials.frames)
    if case.named_cause != "access-key" or _is_temporary(key_id):
        return None
    return when_named(case, _KEY)


def _says_nothing_else(case: Case) -> bool:
    """Part of an answer that was pasted, or a refusal without a word. (Any other answer has its own reason; many come
    behind the check of the signature.)"""
    silent = case.error.form == "none" and case.error.status in (400, 403)
    return case.code_row is None and (silent or (case.request is None and case.error.code is None))


def _oddly_written_id(case: Case, told: Note) -> Cause | None:
    """A store that computed another signature knows the id, however odd it looks: ids of other stores are mail
    addresses or have a tenant in front. Blanks and quotes around an id are read differently by servers."""
    if told.key == "cause.access-key.characters":
        return None
    against = (note("cause.access-key.known"),)
    return _KEY.cause(POSSIBLE, told, against=against, frames=case.credentials.frames)


def _malformed_id(key_id: bytes | None) -> Note | None:
    if key_id is None or _ID.fullmatch(key_id) or b"*" in key_id:
        return None
    value = shown(key_id, Kind.ACCESS_KEY_ID)
    if b"=" in key_id:
        return note("cause.access-key.assignment", value=value)
    if key_id.strip() != key_id or any(byte <= 0x20 for byte in key_id):
        return note("cause.access-key.blanks", value=value)
    if key_id[:1] in (b'"', b"'", b"<", b"$"):
        return note("cause.access-key.placeholder", value=value)
    return note("cause.access-key.characters", value=value)


def _is_temporary(key_id: bytes | None) -> bool:
    return key_id is not None and key_id.startswith(_TEMPORARY)


def security_token(case: Case) -> Cause | None:
    """C15. A temporary id without a token is decided on the wire; the rest is what the server says or hints."""
    key_id = case.credentials.access_key_id or (case.error.access_key_id or b"").strip()
    proven = when_proven(case, _TOKEN, frames=case.credentials.frames)
    return strongest(proven, _token_missing(case, key_id), when_named(case, _TOKEN), _token_hints(case, key_id))


def _token_missing(case: Case, key_id: bytes) -> Cause | None:
    refused = case.is_mismatch or case.named_cause in ("access-key", "security-token")
    if not _is_temporary(key_id) or not refused:
        return None
    if case.request is None:
        if case.named_cause != "access-key":
            return None
        return _TOKEN.cause(LIKELY, note("cause.security-token.temporary-id-unknown"), frames=case.error.frames)
    if case.credentials.token is not None or form_cut(case.signed):
        return None
    told = _misplaced(case) or (note("cause.security-token.temporary-id-without-token"),)
    if case.is_mismatch:
        # who compares signatures has let the id pass (order of the checks: signing reference, section 3.3)
        against = (note("cause.security-token.let-pass"),)
        return _TOKEN.cause(LIKELY, *told, against=against, frames=case.credentials.frames)
    return _TOKEN.cause(LIKELY if len(told) > 1 else PROVEN, *told, frames=case.credentials.frames)


_TOKEN_NAMES = (b"x-oss-security-token", b"security-token", b"x-amz-security-token")
_IN_HEADER = note("cause.security-token.belongs-in-header", name="x-oss-security-token")
_IN_QUERY = note("cause.security-token.belongs-in-query", name="security-token")
_IN_FORM = note("cause.security-token.belongs-in-form", name="x-oss-security-token")
#: Where a variant takes the token from (signing reference, section 1.7).
_PLACES = {
    Variant.V1_HEADER: _IN_HEADER,
    Variant.V2_HEADER: _IN_HEADER,
    Variant.V4_HEADER: _IN_HEADER,
    Variant.V1_QUERY: _IN_QUERY,
    Variant.V2_QUERY: _IN_QUERY,
    Variant.V4_QUERY: note("cause.security-token.belongs-in-query", name="x-oss-security-token"),
    Variant.POST_V1: _IN_FORM,
    Variant.POST_V4: _IN_FORM,
    Variant.S3_V2_HEADER: note("cause.security-token.belongs-in-header", name="x-amz-security-token"),
    Variant.S3_V4_HEADER: note("cause.security-token.belongs-in-header", name="x-amz-security-token"),
    Variant.S3_V2_QUERY: note("cause.security-token.belongs-in-query", name="x-amz-security-token"),
    Variant.S3_V4_QUERY: note("cause.security-token.belongs-in-query", name="X-Amz-Security-Token"),
}


def _misplaced(case: Case) -> tuple[Note, ...]:
    """A token that stands where this variant does not look for it, and where it belongs."""
    wanted = _PLACES.get(case.variant)
    if wanted is None or case.inputs is None:
        return ()
    header = next((name for name in _TOKEN_NAMES if case.header(name)), None)
    if header is not None:
        return note("cause.security-token.in-header", name=Wire(header)), wanted
    pair = next((pair for pair in case.inputs.query if pair.name.lower() in _TOKEN_NAMES and pair.value), None)
    return () if pair is None else (note("cause.security-token.in-query", name=Wire(pair.name)), wanted)


def _token_hints(case: Case, key_id: bytes) -> Cause | None:
    if not case.is_mismatch or case.request is None:
        return None
    creds = case.credentials
    if creds.token is None or (case.client is not None and case.client.kind == "sdk"):
        return None
    if not _is_temporary(key_id):
        return _TOKEN.cause(POSSIBLE, note("cause.security-token.token-of-other-id"), frames=creds.frames)
    if creds.variant.in_query and creds.token_place == "header":
        return _TOKEN.cause(LIKELY, note("cause.security-token.header-of-signed-url"), frames=creds.frames)
    return _TOKEN.cause(POSSIBLE, note("cause.security-token.may-be-unsigned"), frames=creds.frames)


def signature_encoding(case: Case) -> Cause | None:
    """C20. A digest of another length or alphabet can never be what the server computes: its bytes decide."""
    frames = case.credentials.frames
    proven = when_proven(case, _ENCODING, frames=frames)
    if proven is not None:
        cut = case.presigned and case.proven("signature-encoding") == (UNPADDED,)
        return replace(proven, certainty=LIKELY, against=(_MAY_BE_CUT,)) if cut else proven
    return strongest(_shape(case), when_named(case, _ENCODING, LIKELY, frames=frames))


def _shape(case: Case) -> Cause | None:
    signature, variant = case.credentials.signature, case.variant
    if signature is None or not case.is_mismatch or variant is Variant.NONE or b"*" in signature:
        return None
    shapes = shapes_of(signature, variant)
    if any(shape.change is None for shape in shapes):
        return None
    told = next((shape for shape in shapes if shape.cause == "signature-encoding"), None)
    if told is not None and told.change is not None:
        evidence = note("cause.signature-encoding.shape", shape=told.change.told, variant=variant.value)
        if may_be_cut(signature, told, variant):
            return _ENCODING.cause(LIKELY, evidence, against=(_MAY_BE_CUT,), frames=case.credentials.frames)
        return _ENCODING.cause(PROVEN, evidence, frames=case.credentials.frames)
    if shapes or b" " in signature:
        return None
    wanted = expected_length(variant)
    evidence = note("cause.signature-encoding.length", length=len(signature), wanted=wanted, variant=variant.value)
    return _ENCODING.cause(LIKELY, evidence, frames=case.credentials.frames)


def signature_version(case: Case) -> Cause | None:
    """C22. The answer says so."""
    return when_named(case, _VERSION, frames=case.credentials.frames)


ROWS = (
    Row("wrong-secret", wrong_secret, 90, "signing reference, C4", by_search=False),
    Row("access-key", access_key, 12, "errors 0002-00000901 to 904; ids as users sent them"),
    Row("security-token", security_token, 30, "signing reference, C15 and 1.7", by_search=True),
    Row("signature-encoding", signature_encoding, 14, "signing reference, C20", by_search=True),
    Row("signature-version", signature_version, 13, "signing reference, C22 and 1.10"),
)
