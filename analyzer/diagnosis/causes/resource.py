"""Causes in the address: bucket, Host, and the coding of the object key."""

from __future__ import annotations

import re
import unicodedata

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
from analyzer.diagnosis.causes.guides import BUCKET_CODE, FAQ, HEADER_SIGNING, KEY_CODE, V4_HEADER_SIGNING
from analyzer.model.findings import Cause, Difference
from analyzer.model.http import distinct
from analyzer.model.notes import Kind, Note, note
from analyzer.model.signing import BucketReason
from analyzer.oss.pieces import percent_decode

__all__ = ["ROWS", "bucket_of"]

_BUCKET = Explained(
    "wrong-bucket",
    note("cause.wrong-bucket.title"),
    note("cause.wrong-bucket.remedy"),
    BUCKET_CODE,
    (FAQ, "guide.domain-names", "guide.custom-domains"),
)
_HOST = Explained(
    "host-changed",
    note("cause.host-changed.title"),
    note("cause.host-changed.remedy"),
    BUCKET_CODE,
    (V4_HEADER_SIGNING, "guide.custom-domains"),
)
_KEY = Explained(
    "key-encoding",
    note("cause.key-encoding.title"),
    note("cause.key-encoding.remedy"),
    KEY_CODE,
    (HEADER_SIGNING, "guide.object-names"),
)

_FIRST_SEGMENT = re.compile(rb"/([^/?]+)(?:/|\Z)")
#: Answers that are about the address alone: they speak of a bucket wherever they come; the rest needs a second sign.
_ADDRESS_CODES = frozenset({b"SecondLevelDomainForbidden", b"NonStandardHostForbidden", b"CnameDenied"})


def bucket_of(resource: bytes | None) -> bytes | None:
    """First segment of a resource, decoded or encoded; None for ``/``."""
    if resource is None:
        return None
    found = _FIRST_SEGMENT.match(percent_decode(resource) if resource[:1] == b"%" else resource)
    return found[1] if found is not None else None


def wrong_bucket(case: Case) -> Cause | None:
    """C9. The server's resource names another bucket than the Host; or Host and path show a known mix-up."""
    frames = _address_frames(case)
    proven = when_proven(case, _BUCKET, frames=frames)
    if proven is not None:
        return proven
    return strongest(_server_names_another(case), _refused_address(case), _mixed_up(case))


def _address_frames(case: Case) -> tuple[int, ...]:
    return distinct((*case.inputs.host_frames, *case.inputs.target_frames)) if case.inputs is not None else ()


def _server_names_another(case: Case) -> Cause | None:
    difference = case.difference("resource")
    if difference is None or not case.is_mismatch or not case.resource_has_bucket or not _only_bucket(difference):
        return None
    theirs, ours = bucket_of(difference.server), bucket_of(difference.rebuilt)
    host = case.inputs.host if case.inputs is not None else None
    if theirs is None:
        return None
    evidence = [_names_in_strings(theirs, ours, host)]
    against: list[Note] = []
    if case.text_contradicts:
        against.append(note("cause.wrong-bucket.text-contradicts"))
    if host is not None and (case.error.host_id or b"").strip().lower() == host.strip().lower():
        against.append(note("cause.wrong-bucket.host-id-same", host=shown(host, Kind.HOST)))
    certainty = POSSIBLE if case.text_contradicts else LIKELY
    if case.check is not None and case.check.signs_wire:
        certainty, against = PROVEN, []
        evidence.append(note("cause.wrong-bucket.wire-signed"))
    frames = distinct((*_address_frames(case), *case.error.frames))
    return _BUCKET.cause(certainty, *evidence, against=tuple(against), frames=frames)


def _names_in_strings(theirs: bytes, ours: bytes | None, host: bytes | None) -> Note:
    server = shown(theirs, Kind.BUCKET)
    if host is None:
        return note("cause.wrong-bucket.server-names", server=server)
    if ours is None:
        return note("cause.wrong-bucket.host-without", server=server, host=shown(host, Kind.HOST))
    return note(
        "cause.wrong-bucket.host-differs", server=server, wire=shown(ours, Kind.BUCKET), host=shown(host, Kind.HOST)
    )


def _only_bucket(difference: Difference) -> bool:
    """Both resources have the same key behind another bucket."""
    if difference.rebuilt is None or difference.server is None:
        return False
    ours, theirs = bucket_of(difference.rebuilt), bucket_of(difference.server)
    return ours != theirs and _behind_bucket(difference.rebuilt) == _behind_bucket(difference.server)


def _behind_bucket(resource: bytes) -> bytes:
    plain = percent_decode(resource) if resource[:1] == b"%" else resource
    return plain[1:].partition(b"/")[2]


def _refused_address(case: Case) -> Cause | None:
    certain = case.error.code in _ADDRESS_CODES
    if not certain and not _bucket_twice(case):
        return None
    return when_named(case, _BUCKET, LIKELY, frames=_address_frames(case))


def _bucket_twice(case: Case) -> bytes | None:
    """The bucket that stands in the Host and again as first segment of the path."""
    place, inputs = case.signed.addressing, case.inputs
    bucket = place.endpoint.bucket if place is not None else None
    if bucket is None or inputs is None:
        return None
    return bucket if percent_decode(inputs.path).startswith(b"/" + bucket + b"/") else None


def _mixed_up(case: Case) -> Cause | None:
    if not case.is_mismatch or case.inputs is None or case.signed.addressing is None:
        return None
    twice = _bucket_twice(case)
    if twice is not None:
        told = note("cause.wrong-bucket.twice", bucket=shown(twice, Kind.BUCKET))
        return _BUCKET.cause(LIKELY, told, frames=_address_frames(case))
    endpoint, candidates = case.signed.addressing.endpoint, case.signed.addressing.candidates
    if candidates and candidates[0].reason is BucketReason.CNAME:
        told = note("cause.wrong-bucket.custom-domain", host=shown(endpoint.host, Kind.HOST))
        return _BUCKET.cause(POSSIBLE, told, frames=_address_frames(case))
    if endpoint.kind in ("public", "internal", "accelerate") and endpoint.bucket is None and case.key:
        told = note("cause.wrong-bucket.no-bucket-in-host", host=shown(endpoint.host, Kind.HOST))
        return _BUCKET.cause(LIKELY, told, frames=_address_frames(case))
    return None


def host_changed(case: Case) -> Cause | None:
    """C10. Only where ``host`` is a signed header."""
    frames = case.inputs.host_frames if case.inputs is not None else ()
    proven = when_proven(case, _HOST, frames=frames)
    if proven is not None or not case.is_mismatch or case.inputs is None:
        return proven
    listed = {name.strip().lower() for name in (*case.credentials.additional_headers, *case.credentials.signed_headers)}
    host, echoed = case.inputs.host, (case.error.host_id or b"").strip()
    if b"host" not in listed or host is None:
        return None
    difference = case.difference("header:host")
    if difference is not None and difference.server is not None:
        theirs = difference.server.partition(b":")[2]
        told = note("cause.host-changed.server-has", host=shown(host, Kind.HOST), server=shown(theirs, Kind.HOST))
        if case.check is not None and case.check.signs_wire:
            return _HOST.cause(PROVEN, told, note("cause.host-changed.wire-signed"), frames=frames)
        return _HOST.cause(LIKELY, told, frames=frames)
    if echoed and b"." in echoed and echoed.lower() != host.strip().lower():
        told = note("cause.host-changed.echoed", host=shown(host, Kind.HOST), echoed=shown(echoed, Kind.HOST))
        return _HOST.cause(LIKELY, told, frames=frames)
    if case.proxies:
        return _HOST.cause(POSSIBLE, note("cause.host-changed.proxies", host=shown(host, Kind.HOST)), frames=frames)
    return None


_TWICE_ESCAPED = re.compile(rb"%25[0-9A-Fa-f]{2}")


def key_encoding(case: Case) -> Cause | None:
    """C11. The bytes of the key that clients and servers read differently."""
    frames = case.target_frames
    proven = when_proven(case, _KEY, frames=frames)
    if proven is not None or not case.is_mismatch or not case.key or case.error.status == 404:
        return proven
    signs = [(told, strong) for told, strong, fits in _KEY_SIGNS if fits(case.key)]
    if not signs:
        return None
    apart = any("in the key" in trait for trait in case.neighbours.failures_apart)
    evidence = [told for told, _ in signs]
    if apart:
        evidence.append(note("cause.key-encoding.successes-plain"))
    certainty = LIKELY if apart or any(strong for _, strong in signs) else POSSIBLE
    sdk = case.client is not None and case.client.kind == "sdk"
    if sdk and certainty is POSSIBLE:
        return None  # an SDK codes such keys right
    return _KEY.cause(certainty, *evidence, frames=frames)


def _decomposed(raw: bytes) -> bool:
    """The key holds letters and accents apart (NFD), as macOS gives file names."""
    try:
        text = percent_decode(raw).decode("utf-8")
    except UnicodeDecodeError:
        return False
    return unicodedata.normalize("NFC", text) != text


def _raw_odd(raw: bytes) -> bool:
    return any(byte >= 0x80 or byte in b' "<>\\^`{|}' for byte in raw)


#: (what is told, strong by itself, test on the raw key). Source: rows of cause C11.
_KEY_SIGNS = (
    (note("cause.key-encoding.twice-escaped"), True, lambda raw: _TWICE_ESCAPED.search(raw) is not None),
    (note("cause.key-encoding.raw-bytes"), True, _raw_odd),
    (note("cause.key-encoding.decomposed"), True, _decomposed),
    (note("cause.key-encoding.leading-slash"), True, lambda raw: raw.startswith((b"/", b"%2F", b"%2f"))),
    (note("cause.key-encoding.double-slash"), False, lambda raw: b"//" in raw.lstrip(b"/")),
    (note("cause.key-encoding.plus"), False, lambda raw: b"+" in raw or b"%2b" in raw.lower()),
    (note("cause.key-encoding.blank"), False, lambda raw: b"%20" in raw),
    (note("cause.key-encoding.backslash"), False, lambda raw: b"%5c" in raw.lower()),
    (
        note("cause.key-encoding.beyond-ascii"),
        False,
        lambda raw: re.search(rb"%[89A-Fa-f][0-9A-Fa-f]", raw) is not None,
    ),
)

ROWS = (
    Row("wrong-bucket", wrong_bucket, 35, "signing reference, C9 and section 1.8", by_search=True),
    Row("host-changed", host_changed, 33, "signing reference, C10", by_search=True),
    Row("key-encoding", key_encoding, 25, "signing reference, C11", by_search=True),
)
