"""Causes in Content-Type and Content-MD5: lines 2 and 3 of a V1 or V2 string, headers of a V4 request."""

from __future__ import annotations

from dataclasses import replace

from analyzer.diagnosis.case import Case
from analyzer.diagnosis.causes.base import LIKELY, POSSIBLE, PROVEN, Explained, Row, shown, when_proven
from analyzer.diagnosis.causes.guides import (
    FAQ,
    HEADER_SIGNING,
    HEADER_TYPE_CODE,
    MD5_CODE,
    NO_TYPE_CODE,
    URL_SIGNING,
    URL_TYPE_CODE,
)
from analyzer.diagnosis.clients import generic_content_type
from analyzer.model.findings import Cause, DifferenceKind
from analyzer.model.notes import Kind, Note, Wire, note
from analyzer.model.signing import Variant

__all__ = ["ROWS"]

_AFTER = Explained(
    "content-type-after-signing",
    note("cause.content-type-after-signing.title"),
    note("cause.content-type-after-signing.remedy"),
    HEADER_TYPE_CODE,
    (FAQ, URL_SIGNING, HEADER_SIGNING),
)
_NOT_SENT = Explained(
    "content-type-not-sent",
    note("cause.content-type-not-sent.title"),
    note("cause.content-type-not-sent.remedy"),
    NO_TYPE_CODE,
    (FAQ, HEADER_SIGNING),
)
_MD5 = Explained(
    "content-md5-wrong",
    note("cause.content-md5-wrong.title"),
    note("cause.content-md5-wrong.remedy"),
    MD5_CODE,
    ("guide.error-503", HEADER_SIGNING),
)


#: Of hints that the nearest success gives.
_OF_ANOTHER = note("cause.success-of-another")
_SUMMED = note("cause.content-md5-wrong.success-with")


def content_type_after_signing(case: Case) -> Cause | None:
    """C1, with the code that fits: signed URLs are made and used by different programs."""
    found = _content_type_after_signing(case)
    return replace(found, remedy_code=URL_TYPE_CODE) if found is not None and case.presigned else found


def _content_type_after_signing(case: Case) -> Cause | None:
    """The strongest keyless signs: a signed URL with a type, a stack that is known to add this type, a success
    of the same key without one."""
    frames = case.header_frames(b"content-type")
    value = case.content_type()
    proven = when_proven(case, _AFTER, frames=frames)
    if proven is not None or value is None or not case.is_mismatch or not _signs(case, b"content-type"):
        return proven
    told = _in_signed_string(case, value)
    signs = _signs_of_adding(case, value)
    if signs:
        return _AFTER.cause(LIKELY, told, *signs, against=_against_adding(case), frames=frames)
    if case.client is not None and case.client.kind == "sdk":
        return None  # an SDK signs the type it chose itself
    return _AFTER.cause(POSSIBLE, told, against=_against_adding(case), frames=frames)


def _signs(case: Case, name: bytes) -> bool:
    """The signature covers this header, where it is sent. (S3 V4 covers those it lists; forms cover none.)"""
    if case.variant in (Variant.S3_V4_HEADER, Variant.S3_V4_QUERY) and case.request is not None:
        return name in (listed.strip().lower() for listed in case.credentials.signed_headers)
    return not case.variant.is_form


def _in_signed_string(case: Case, value: bytes) -> Note:
    wire = shown(value, Kind.PUBLIC)
    if case.server_field("content-type") or case.server_field("header:content-type"):
        return note("cause.content-type-after-signing.in-server-string", value=wire)
    return note("cause.content-type-after-signing.on-wire", value=wire)


def _signs_of_adding(case: Case, value: bytes) -> list[Note]:
    signs: list[Note] = []
    wire = shown(value, Kind.PUBLIC)
    client = case.client
    if client is not None and client.adds_type(value):
        if client.kind == "sdk":
            signs.append(_sdk_sign(case, client.name, wire))
        else:
            signs.append(note("cause.content-type-after-signing.client-adds", client=client.name, value=wire))
    if case.presigned and case.method in (b"PUT", b"POST"):
        signs.append(note("cause.content-type-after-signing.presigned"))
    if generic_content_type(value) and not signs:
        signs.append(note("cause.content-type-after-signing.generic", value=wire))
    if "header content-type" in case.apart:
        signs.append(note("cause.content-type-after-signing.success-without"))
    if any(other.content_type != case.header(b"content-type") for other in case.neighbours.same_signature):
        signs.append(note("cause.content-type-after-signing.same-signature-other-type"))
    return signs


def _sdk_sign(case: Case, client: str, value: Wire) -> Note:
    """The SDK sets no type for this call; old ``requests`` on Python 3 adds the one of a form to a bytes body."""
    if case.parameter(b"uploadId") is not None and case.method == b"POST":
        return note("cause.content-type-after-signing.sdk-completes-upload", client=client, value=value)
    return note("cause.content-type-after-signing.sdk-adds", client=client, value=value)


def _against_adding(case: Case) -> tuple[Note, ...]:
    near = case.neighbours.success
    if near is not None and near.content_type is not None and near.content_type == case.content_type():
        return (note("cause.content-type-after-signing.success-with"),)
    return ()


def content_type_not_sent(case: Case) -> Cause | None:
    """C2. Without a secret only a hint: an upload without a type, where a library drops it with an empty body."""
    proven = when_proven(case, _NOT_SENT, frames=case.frames)
    if proven is not None or not case.is_mismatch or case.request is None or case.content_type() is not None:
        return proven
    if not _signs(case, b"content-type"):
        return None
    if "header content-type" in case.neighbours.success_apart and case.method in (b"PUT", b"POST"):
        told = note("cause.content-type-not-sent.success-with")
        if not case.own_habit:
            return _NOT_SENT.cause(POSSIBLE, told, against=(_OF_ANOTHER,), frames=case.frames)
        return _NOT_SENT.cause(LIKELY, told, frames=case.frames)
    if case.method == b"PUT" and (case.presigned or case.request.body.length == 0):
        key = "empty" if case.request.body.length == 0 else "presigned"
        return _NOT_SENT.cause(POSSIBLE, _NOT_SENT_SIGNS[key], frames=case.frames)
    return None


_NOT_SENT_SIGNS = {
    "empty": note("cause.content-type-not-sent.empty-body"),
    "presigned": note("cause.content-type-not-sent.presigned"),
}


def content_md5_wrong(case: Case) -> Cause | None:
    """C3. ``InvalidDigest`` is decided by the body itself; in a mismatch a malformed value is a strong hint."""
    frames = case.header_frames(b"content-md5")
    proven = when_proven(case, _MD5, frames=frames)
    if proven is not None:
        return proven
    value = case.header(b"content-md5")
    evidence = _md5_evidence(case, value)
    if case.error.code == b"InvalidDigest":
        certainty = PROVEN if case.claims.md5 in ("wrong", "malformed") else LIKELY
        return _MD5.cause(certainty, note("cause.content-md5-wrong.refused"), *evidence, frames=frames)
    if not case.is_mismatch or not evidence or not _signs(case, b"content-md5"):
        return None
    foreign = evidence == (_SUMMED,) and not case.own_habit
    strong = (case.claims.md5 == "malformed" or value is None) and not foreign
    against = (_OF_ANOTHER,) if foreign else ()
    return _MD5.cause(LIKELY if strong else POSSIBLE, *evidence, against=against, frames=frames)


def _md5_evidence(case: Case, value: bytes | None) -> tuple[Note, ...]:
    if value is not None and case.claims.md5 == "malformed":
        return (note("cause.content-md5-wrong.malformed", value=shown(value, Kind.HEADER_VALUE)),)
    if value is not None and case.claims.md5 == "wrong" and case.claims.body_md5 is not None:
        computed = shown(case.claims.body_md5, Kind.HEADER_VALUE)
        return (note("cause.content-md5-wrong.differs", value=shown(value, Kind.HEADER_VALUE), body=computed),)
    difference = case.difference("content-md5")
    if difference is not None and difference.kind is DifferenceKind.ADDED and value is None:
        return (note("cause.content-md5-wrong.server-has-one"),)
    if "header content-md5" in case.neighbours.success_apart and _alike(case):
        return (_SUMMED,)
    return ()


def _alike(case: Case) -> bool:
    """The nearest success is an upload like this one."""
    near = case.neighbours.success
    return near is not None and near.method == case.method and case.method in (b"PUT", b"POST")


ROWS = (
    Row("content-type-after-signing", content_type_after_signing, 10, "signing reference, C1", by_search=True),
    Row("content-type-not-sent", content_type_not_sent, 75, "signing reference, C2", by_search=True),
    Row(
        "content-md5-wrong",
        content_md5_wrong,
        45,
        "signing reference, C3; errors 0017-00000502 and 503",
        by_search=True,
    ),
)
