"""Causes of version 4, of S3 clients and of forms."""

from __future__ import annotations

import binascii
import re
from base64 import b64decode
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
    HEADER_SIGNING,
    POST_CODE,
    S3_CODE,
    SCOPE_CODE,
    URL_SIGNING,
    V4_CODE,
    V4_HEADER_SIGNING,
    V4_URL_SIGNING,
)
from analyzer.diagnosis.facts import form_cut
from analyzer.model.findings import Cause
from analyzer.model.notes import Kind, Note, Wire, note
from analyzer.model.signing import Variant
from analyzer.oss import post

__all__ = ["ROWS"]

_SCOPE = Explained(
    "v4-scope",
    note("cause.v4-scope.title"),
    note("cause.v4-scope.remedy"),
    SCOPE_CODE,
    ("guide.error-226", V4_HEADER_SIGNING),
)
_ALGORITHM = Explained(
    "v4-algorithm",
    note("cause.v4-algorithm.title"),
    note("cause.v4-algorithm.remedy"),
    V4_CODE,
    (V4_HEADER_SIGNING, V4_URL_SIGNING),
)
_ALGORITHM_V2 = replace(
    _ALGORITHM,
    title=note("cause.v4-algorithm.title-v2"),
    remedy=note("cause.v4-algorithm.remedy-v2"),
    links=(HEADER_SIGNING, URL_SIGNING),
)
_S3 = Explained(
    "s3-client",
    note("cause.s3-client.title"),
    note("cause.s3-client.remedy"),
    S3_CODE,
    ("guide.aws-sdks", "guide.s3-compatibility"),
)
_POST = Explained(
    "post-policy",
    note("cause.post-policy.title"),
    note("cause.post-policy.remedy"),
    POST_CODE,
    ("guide.post-object", "guide.form-upload"),
)

_S3_VARIANTS = frozenset({Variant.S3_V2_HEADER, Variant.S3_V2_QUERY, Variant.S3_V4_HEADER, Variant.S3_V4_QUERY})
_DATE8 = re.compile(rb"\d{8}")
_STAMP = re.compile(rb"\d{8}T\d{6}Z")


def v4_scope(case: Case) -> Cause | None:
    """C18. The answer names it. What the Credential says against the region in the Host makes it byte-exact."""
    frames = case.credentials.frames
    proven = when_proven(case, _SCOPE, frames=frames)
    if proven is not None:
        return proven
    wrong = _wrong_scope(case)
    named = when_named(case, _SCOPE, PROVEN if wrong else LIKELY, *wrong, frames=frames)
    if named is not None:
        argument = dict(case.error.elements).get(b"ArgumentValue")
        if argument and not wrong:
            told = note("cause.v4-scope.refused-value", value=shown(argument, Kind.ACCESS_KEY_ID))
            return when_named(case, _SCOPE, LIKELY, told, frames=frames)
    return named


def _wrong_scope(case: Case) -> tuple[Note, ...]:
    """What of the scope is wrong, of the parts that the answer speaks of."""
    if not case.variant.is_v4 and case.variant is not Variant.POST_V4:
        return ()
    spoken_of = _PARTS.get(case.error.ec or b"", (_wrong_region, _wrong_date, _wrong_product))
    return tuple(told for part in spoken_of if (told := part(case)) is not None)


def _wrong_region(case: Case) -> Note | None:
    """S3 clients may write any region: OSS does not compare it (signing reference, section 1.9)."""
    creds, place = case.credentials, case.signed.addressing
    region = place.endpoint.region if place is not None else None
    if region is None or creds.region is None or creds.region == region or case.variant in _S3_VARIANTS:
        return None
    return note("cause.v4-scope.region-differs", said=Wire(creds.region[:64]), wanted=Wire(region))


def _wrong_date(case: Case) -> Note | None:
    date = case.credentials.date
    if date is None:
        return None
    said = Wire(date[:32])
    if not _DATE8.fullmatch(date):
        return note("cause.v4-scope.date-form", said=said)
    stamp = _stamp(case)
    if stamp is None or not _STAMP.fullmatch(stamp) or stamp.startswith(date):
        return None
    return note("cause.v4-scope.date-differs", said=said, stamp=Wire(stamp[:32]))


def _stamp(case: Case) -> bytes | None:
    """The time of signing, as the request tells it beside the scope."""
    inputs = case.inputs
    if inputs is None:
        return None
    if inputs.form:
        return post.field(inputs.form, b"x-oss-date")
    name = b"amz" if case.variant in _S3_VARIANTS else b"oss"
    pair = case.parameter(b"X-Amz-Date" if name == b"amz" else b"x-oss-date") if case.presigned else None
    return pair.value if pair is not None else case.header(b"x-" + name + b"-date")


def _wrong_product(case: Case) -> Note | None:
    product = case.credentials.product
    if product is None or product in (b"oss", b"oss-cloudbox", b"s3", b"osstables", b"ossvector"):
        return None
    return note("cause.v4-scope.product", said=Wire(product[:32]))


#: Answers that speak of one part of the scope (error pages of these EC).
_PARTS = {
    b"0002-00000212": (_wrong_date,),
    b"0002-00000226": (_wrong_region,),
    b"0002-00000227": (_wrong_product,),
    b"0002-00000228": (_wrong_region,),
    b"0002-00000409": (_wrong_date,),
    b"0002-00000715": (_wrong_region,),
}


def v4_algorithm(case: Case) -> Cause | None:
    """C19. Signs of AWS rules in an OSS V4 request; hand-made signers are the ones that mix them up."""
    frames = case.credentials.frames
    about = _ALGORITHM_V2 if case.variant in (Variant.V2_HEADER, Variant.V2_QUERY) else _ALGORITHM
    found = when_proven(case, about, frames=frames) or when_named(case, about, frames=frames)
    if found is not None or not case.is_mismatch or case.variant not in (Variant.V4_HEADER, Variant.V4_QUERY):
        return found
    signs = tuple(_aws_signs(case))
    if signs:
        return _ALGORITHM.cause(LIKELY, *signs, frames=frames)
    if case.client is None or case.client.kind != "sdk":
        return _ALGORITHM.cause(POSSIBLE, note("cause.v4-algorithm.own-signer"), frames=frames)
    return None


def _aws_signs(case: Case) -> list[Note]:
    creds, signs = case.credentials, []
    if creds.signed_headers:
        signs.append(note("cause.v4-algorithm.signed-headers"))
    if creds.terminator is not None and creds.terminator != b"aliyun_v4_request":
        signs.append(note("cause.v4-algorithm.terminator", said=Wire(creds.terminator[:32])))
    payload = case.header(b"x-oss-content-sha256")
    if payload is not None and payload != b"UNSIGNED-PAYLOAD":
        signs.append(note("cause.v4-algorithm.payload", said=shown(payload, Kind.HEADER_VALUE)))
    if payload is None and case.variant is Variant.V4_HEADER and case.request is not None:
        signs.append(note("cause.v4-algorithm.no-payload-header"))
    return signs


def s3_client(case: Case) -> Cause | None:
    """C21. What S3 clients do by default and OSS does not take."""
    found = when_proven(case, _S3, frames=case.credentials.frames) or when_named(case, _S3)
    refused = case.is_mismatch or (case.error.status == 400 and case.error.code == b"InvalidArgument")
    if case.variant not in _S3_VARIANTS or not (refused or found is not None):
        return found
    features = tuple(_s3_features(case))
    if found is not None:
        return strongest(found) if not features else _S3.cause(found.certainty, *found.evidence, *features)
    if features:
        return _S3.cause(LIKELY, *features, frames=case.frames)
    if case.is_mismatch:
        return _S3.cause(POSSIBLE, note("cause.s3-client.s3-rules"), frames=case.credentials.frames)
    return None


def _s3_features(case: Case) -> list[Note]:
    if case.request is None or case.inputs is None:
        return []
    found: list[Note] = []
    payload = case.header(b"x-amz-content-sha256") or b""
    coding = case.header(b"content-encoding") or b""
    if payload.startswith(b"STREAMING-") or b"aws-chunked" in coding.lower():
        found.append(note("cause.s3-client.aws-chunked"))
    signed = {name.strip().lower() for name in case.credentials.signed_headers}
    headers = [h.name for h in case.inputs.headers if h.name.lower().startswith(b"x-amz-")]
    unsigned = [name for name in headers if name.lower() not in signed]
    if unsigned and case.variant is Variant.S3_V4_HEADER:
        found.append(note("cause.s3-client.unsigned-header", names=tuple(Wire(name) for name in unsigned[:4])))
    if any(h.lower().startswith((b"x-amz-checksum-", b"x-amz-sdk-checksum-", b"x-amz-trailer")) for h in headers):
        found.append(note("cause.s3-client.checksum"))
    return found


def post_policy(case: Case) -> Cause | None:
    """C25. A form's policy must be one line of base64, and that very line is what is signed."""
    frames = case.credentials.frames or case.frames
    found = when_proven(case, _POST, frames=frames)
    if found is not None:
        return found
    named = when_named(case, _POST, frames=frames)
    if not case.variant.is_form or not (case.is_mismatch or named is not None):
        return named
    policy = post.field(case.inputs.form, b"policy") if case.inputs is not None else None
    told = _policy_damage(policy) if policy is not None or not form_cut(case.signed) else None
    if told is not None:
        return _POST.cause(LIKELY, told, frames=frames)
    return named or _POST.cause(POSSIBLE, note("cause.post-policy.not-the-text"), frames=frames)


def _policy_damage(policy: bytes | None) -> Note | None:
    if policy is None:
        return note("cause.post-policy.missing")
    if b"\n" in policy or b"\r" in policy:
        return note("cause.post-policy.line-breaks")
    if b"%" in policy:
        return note("cause.post-policy.percent")
    if policy.lstrip().startswith(b"{"):
        return note("cause.post-policy.plain-json")
    try:
        document = b64decode(policy, validate=True)
    except (binascii.Error, ValueError):
        return note("cause.post-policy.not-base64")
    return None if document.lstrip().startswith(b"{") else note("cause.post-policy.not-json")


ROWS = (
    Row("v4-scope", v4_scope, 11, "signing reference, C18", by_search=True),
    Row("v4-algorithm", v4_algorithm, 40, "signing reference, C19", by_search=True),
    Row("s3-client", s3_client, 38, "signing reference, C21 and section 1.9", by_search=True),
    Row("post-policy", post_policy, 16, "signing reference, C25 and section 1.5", by_search=True),
)
