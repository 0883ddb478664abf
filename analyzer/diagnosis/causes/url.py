"""Causes in signed URLs and query strings."""

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
    when_named,
    when_proven,
)
from analyzer.diagnosis.causes.guides import HEADER_SIGNING, PARAMETER_CODE, PLUS_CODE, URL_SIGNING, V4_URL_SIGNING
from analyzer.diagnosis.facts import parse_time
from analyzer.diagnosis.signature_shape import may_be_cut, shapes_of, written_length
from analyzer.model.findings import Cause
from analyzer.model.notes import Kind, Note, Wire, note
from analyzer.model.signing import QueryPair, Variant
from analyzer.oss import subresources

__all__ = ["ROWS"]

_PLUS = Explained(
    "plus-in-signature",
    note("cause.plus-in-signature.title"),
    note("cause.plus-in-signature.remedy"),
    PLUS_CODE,
    (URL_SIGNING, "guide.error-40"),
)
_DAMAGED = Explained(
    "url-damaged",
    note("cause.url-damaged.title"),
    note("cause.url-damaged.remedy"),
    PLUS_CODE,
    (URL_SIGNING, V4_URL_SIGNING),
)
_PARAMETER = Explained(
    "parameter-after-signing",
    note("cause.parameter-after-signing.title"),
    note("cause.parameter-after-signing.remedy"),
    PARAMETER_CODE,
    (URL_SIGNING, V4_URL_SIGNING),
)
_LIST = Explained(
    "subresource-list",
    note("cause.subresource-list.title"),
    note("cause.subresource-list.remedy"),
    PARAMETER_CODE,
    (HEADER_SIGNING, URL_SIGNING),
)
_EXPIRED = Explained(
    "url-expired",
    note("cause.url-expired.title"),
    note("cause.url-expired.remedy"),
    (("oss2", "url = bucket.sign_url('GET', 'KEY', 3600)    # seconds from now; sign shortly before use"),),
    (URL_SIGNING, V4_URL_SIGNING),
)

#: Parameters that carry a signed URL's credentials, in any variant.
_CREDENTIALS = subresources.AUTHENTICATION | frozenset(
    b"security-token x-oss-signature-version x-oss-credential x-oss-date x-oss-expires x-oss-signature "
    b"x-oss-access-key-id x-oss-additional-headers x-oss-security-token X-Amz-Algorithm X-Amz-Credential X-Amz-Date "
    b"X-Amz-Expires X-Amz-SignedHeaders X-Amz-Signature X-Amz-Security-Token X-Amz-Content-Sha256".split()
)
_SIGNATURES = frozenset({b"Signature", b"x-oss-signature", b"X-Amz-Signature"})

#: Characters of a signature that nobody has by chance (48 bits at least).
_TELLING = 12

#: Parameters that people append to finished URLs (issues of flutter_oss_aliyun and ali-oss; image processing guides).
_APPENDED = (b"x-oss-process", b"response-", b"versionId", b"callback", b"x-oss-traffic-limit", b"x-oss-async-process")


def plus_in_signature(case: Case) -> Cause | None:
    """C5. The signature holds a blank where ``+`` stood; with ``+`` put back it is a digest of the right length."""
    signature, frames = case.credentials.signature, case.credentials.frames
    proven = when_proven(case, _PLUS, frames=frames)
    if proven is not None or not case.presigned or not case.is_mismatch or signature is None:
        return proven
    fits = any(shape.cause == "plus-in-signature" for shape in shapes_of(signature, case.variant))
    if not fits:
        return None
    evidence = [note("cause.plus-in-signature.blank", value=shown(signature, Kind.SIGNATURE))]
    echoed = (case.error.signature_provided or b"").strip()
    if b" " in echoed:
        evidence.append(note("cause.plus-in-signature.echoed", value=shown(echoed, Kind.SIGNATURE)))
    return _PLUS.cause(PROVEN, *evidence, frames=frames)


def url_damaged(case: Case) -> Cause | None:
    """C6. HTML-escaped ampersands, a signature escaped twice or cut, blanks inside the credential."""
    damage = _escaped_separators(case) or _escaped_twice(case) or _cut(case)
    if damage is not None and _fits_damage(case) and (case.presigned or case.named_cause is not None):
        told, certain = damage
        row = case.code_row
        meaning = (row.meaning,) if row is not None and row.cause == "url-damaged" else ()
        return _DAMAGED.cause(PROVEN if certain else LIKELY, told, *meaning, frames=case.target_frames)
    return when_proven(case, _DAMAGED, frames=case.target_frames) or when_named(
        case, _DAMAGED, frames=case.target_frames
    )


def _fits_damage(case: Case) -> bool:
    """Refused for how it was signed, as far as the answer tells: not for permissions, the address or the time."""
    row = case.code_row
    if row is None:
        return case.error.status in (400, 403)
    return row.cause == "url-damaged" or row.group in ("mismatch", "syntax", "token", "key", "version", "scope")


def _escaped_separators(case: Case) -> tuple[Note, bool] | None:
    """Ampersands in the escapes of HTML or JSON. Behind one stands a parameter that the server cannot find under its
    name: decided where it is one of the credentials. Others matter where they are signed. Where it is known what the
    client signed, the escapes were among it."""
    if case.inputs is None or case.request is None or case.text_known:
        return None
    behind = [(pair, pair.name.removeprefix(b"amp;")) for pair in case.inputs.query if pair.name.startswith(b"amp;")]
    lost = next((pair for pair, name in behind if name in _CREDENTIALS), None)
    signed = next((pair for pair, name in behind if _is_signed(case, name)), None)
    found = lost or signed
    if found is not None:
        return note("cause.url-damaged.html-escaped", name=Wire(found.name[:64])), lost is not None
    name = next((found[1] for found in _JSON_AMPERSAND.finditer(case.request.target)), None)
    return (note("cause.url-damaged.json-escaped"), name in _CREDENTIALS) if name is not None else None


_JSON_AMPERSAND = re.compile(rb"(?:\\|%5[Cc])u0026([^=&\\%]*)")


def _is_signed(case: Case, name: bytes) -> bool:
    """A parameter of that name counts for the signature: every one in V2 and V4, those of the list in V1."""
    if case.variant is Variant.V1_QUERY:
        return name in subresources.table().union
    return name in subresources.S3_SUBRESOURCES if case.variant is Variant.S3_V2_QUERY else case.is_mismatch


def _escaped_twice(case: Case) -> tuple[Note, bool] | None:
    raw, read = case.credentials.signature_raw, case.credentials.signature
    if raw is None or read is None or not case.presigned or b"%25" not in raw or b"%" not in read:
        return None
    certain = any(shape.cause == _DAMAGED.id for shape in shapes_of(read, case.variant))
    return note("cause.url-damaged.escaped-twice", value=shown(raw, Kind.SIGNATURE)), certain


def _cut(case: Case) -> tuple[Note, bool] | None:
    signature = case.credentials.signature
    if not case.presigned or signature is None or b"*" in signature:
        return None
    shapes = shapes_of(signature, case.variant)
    if shapes and not all(may_be_cut(signature, shape, case.variant) for shape in shapes):
        return None
    if signature.strip() != signature or b"\n" in signature:
        return note("cause.url-damaged.blanks"), False
    wanted = written_length(case.variant)
    if b" " in signature or b"%" in signature or len(signature) >= wanted:
        return None
    known = _is_first_part(case, signature)
    key = "cause.url-damaged.cut-short" if known else "cause.url-damaged.cut"
    return note(key, length=len(signature), wanted=wanted), known


def _is_first_part(case: Case, signature: bytes) -> bool:
    """The secret gives this signature and more. (Padding alone may have been left out by the client.)"""
    if case.check is None or len(signature) < _TELLING:
        return False
    made = [row.signature for row in case.check.computed]
    return any(one.startswith(signature) and one.rstrip(b"=") != signature for one in made)


def parameter_after_signing(case: Case) -> Cause | None:
    """C7. In V2 and V4 every parameter is signed, in V1 those of the list; what stands behind the signature, or is
    known to be appended, is suspected."""
    proven = when_proven(case, _PARAMETER, frames=case.target_frames)
    if proven is not None:
        return proven
    named = when_named(case, _PARAMETER, frames=case.target_frames)
    if named is not None or not case.is_mismatch or not case.presigned or case.inputs is None:
        return named
    suspects = [pair for pair in case.inputs.query if _counts(case, pair)]
    if not suspects:
        return None
    behind = _behind_signature(case.inputs.query, suspects)
    frames = tuple(frame for pair in (behind or suspects) for frame in pair.frames)
    if behind:
        told = note("cause.parameter-after-signing.behind-signature", names=_names(behind))
        return _PARAMETER.cause(LIKELY, told, frames=frames)
    certainty = LIKELY if any(pair.name.startswith(_APPENDED) for pair in suspects) else POSSIBLE
    return _PARAMETER.cause(
        certainty, note("cause.parameter-after-signing.signed", names=_names(suspects)), frames=frames
    )


def _counts(case: Case, pair: QueryPair) -> bool:
    """The server signs this parameter, and it is not one of the credentials."""
    if pair.name in _CREDENTIALS or pair.name.startswith(b"amp;"):
        return False
    if case.variant in (Variant.V1_QUERY, Variant.S3_V2_QUERY):
        text = case.signed.string_to_sign or case.signed.server_string
        field = f"query:{pair.name.decode('utf-8', 'backslashreplace')}"
        return text is not None and any(part.field == field for part in text.parts)
    return True


def _behind_signature(query: tuple[QueryPair, ...], suspects: list[QueryPair]) -> list[QueryPair]:
    at = next((index for index, pair in enumerate(query) if pair.name in _SIGNATURES), len(query))
    return [pair for pair in query[at + 1 :] if pair in suspects]


def _names(pairs: list[QueryPair]) -> tuple[Wire, ...]:
    return tuple(Wire(pair.name[:64]) for pair in pairs[:6])


def subresource_list(case: Case) -> Cause | None:
    """C8. A parameter is there on which the signers disagree; the client's own list, where known, tells more."""
    proven = when_proven(case, _LIST, frames=case.target_frames)
    if proven is not None or not case.is_mismatch or case.inputs is None:
        return proven
    if case.variant not in (Variant.V1_HEADER, Variant.V1_QUERY):
        return None
    table = subresources.table()
    present = [pair for pair in case.inputs.query if pair.name not in _CREDENTIALS]
    left_out = [pair for pair in present if _list_lacks(case, pair.name)]
    if left_out and case.client is not None:
        told = note("cause.subresource-list.client-lacks", client=case.client.name, names=_names(left_out))
        return _LIST.cause(LIKELY, told, frames=case.target_frames)
    open_names = [pair for pair in present if pair.name in table.uncertain and not _known_list(case)]
    if not open_names:
        return None
    told = note("cause.subresource-list.disagreement", names=_names(open_names))
    certainty = LIKELY if _apart(case, open_names) else POSSIBLE
    return _LIST.cause(certainty, told, frames=case.target_frames)


def _known_list(case: Case) -> bool:
    return case.client is not None and case.client.sdk_list is not None


def _list_lacks(case: Case, name: bytes) -> bool:
    """The server signs ``name`` and the client's list does not have it."""
    if not _known_list(case) or case.client is None:
        return False
    table = subresources.table()
    server_signs = case.server_field(f"query:{name.decode('utf-8', 'backslashreplace')}") is not None
    own = table.signed_by.get(name, ())
    if case.client.sdk_list in own or case.client.sdk_list in table.prefix_family(name):
        return False
    if any(source.startswith(str(case.client.sdk_list)) for source in own):
        return False  # the operation itself signs it
    return name in table.union and (server_signs or case.comparison.server is None)


def _apart(case: Case, pairs: list[QueryPair]) -> bool:
    """No success of this key and client had such a parameter."""
    return any(f"parameter {pair.name.decode('ascii', 'backslashreplace')}" in case.apart for pair in pairs)


_DIGITS = re.compile(rb"\d{1,12}")


def url_expired(case: Case) -> Cause | None:
    """The answer says expired; the ``Expires`` of the URL against the server's own Date makes it byte-exact."""
    named = when_named(case, _EXPIRED, frames=case.target_frames)
    if named is None:
        return None
    end, server = _end_of_url(case), case.clocks.server
    if end is None or server is None or end > server:
        return named
    late = (server - end) // 1_000_000_000
    told = note("cause.url-expired.by", seconds=late)
    return when_named(case, _EXPIRED, PROVEN, told, frames=case.target_frames)


def _end_of_url(case: Case) -> int | None:
    """When the URL stops being valid, nanoseconds; None where it does not say."""
    expires = case.credentials.expires
    if expires is None or not _DIGITS.fullmatch(expires):
        return None
    seconds = int(expires)
    if not case.variant.is_v4:
        return seconds * 1_000_000_000
    start = case.parameter(b"x-oss-date") or case.parameter(b"X-Amz-Date")
    begin = parse_time(start.value) if start is not None else None
    return None if begin is None else begin + seconds * 1_000_000_000


ROWS = (
    Row("plus-in-signature", plus_in_signature, 5, "signing reference, C5", by_search=True),
    Row("url-damaged", url_damaged, 8, "signing reference, C6", on_the_way=True),
    Row("parameter-after-signing", parameter_after_signing, 20, "signing reference, C7", by_search=True),
    Row("subresource-list", subresource_list, 22, "signing reference, C8 and section 2", by_search=True),
    Row("url-expired", url_expired, 9, "error 0002-00000069"),
)
