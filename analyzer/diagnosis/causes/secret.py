"""Causes in who signed: the secret, the access key id, the token, the form of the signature, its version."""

from __future__ import annotations

import re

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
from analyzer.diagnosis.signature_shape import expected_length, shapes_of
from analyzer.model.findings import Cause
from analyzer.model.notes import Kind, Note, note
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
    if check.signs_server and case.echoed_same is not False:
        return _SECRET.cause(PROVEN, note("cause.wrong-secret.signs-server-text"))
    if case.hit is None and not check.signs_wire and case.neighbours.secret_verified is not True:
        return _SECRET.cause(LIKELY, note("cause.wrong-secret.nothing-fits", tried=check.tried))
    return None


def _secret_without(case: Case) -> Cause | None:
    near = case.neighbours
    if case.acquitted or near.secret_verified is True or case.comparison.match is False:
        return None
    if case.comparison.voice == "client" and case.comparison.match:
        return _SECRET.cause(LIKELY, note("cause.wrong-secret.log-is-server"))
    told = note("cause.wrong-secret.same-text") if case.arrived_as_sent else note("cause.wrong-secret.not-excluded")
    if near.failures > 1:
        certainty = LIKELY if near.failures >= 3 else POSSIBLE
        return _SECRET.cause(certainty, told, note("cause.wrong-secret.all-fail", failures=near.failures))
    return _SECRET.cause(POSSIBLE, told)


def access_key(case: Case) -> Cause | None:
    """The id is malformed (decided by its bytes), or the server says that it knows none such."""
    key_id = case.credentials.access_key_id or (case.error.access_key_id or b"").strip() or None
    if key_id is not None and (case.error.access_key_id or b"").strip(b" \t").count(b"*"):
        key_id = case.credentials.access_key_id
    told = _malformed_id(key_id)
    if told is not None and (case.is_mismatch or case.named_cause in ("access-key", None)):
        return _KEY.cause(PROVEN, told, frames=case.credentials.frames)
    if case.named_cause != "access-key" or _is_temporary(key_id):
        return None
    return when_named(case, _KEY)


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
    if case.credentials.token is not None:
        return None
    evidence = [note("cause.security-token.temporary-id-without-token")]
    if case.header(b"security-token") is not None:
        evidence.append(note("cause.security-token.misnamed-header"))
    return _TOKEN.cause(PROVEN, *evidence, frames=case.credentials.frames)


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
        return proven
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
