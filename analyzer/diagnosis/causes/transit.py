"""Causes between the signing and the server: middleboxes, another method, requests sent again, doubled headers."""

from __future__ import annotations

import re

from analyzer.diagnosis.case import Case, Sighting
from analyzer.diagnosis.causes.base import LIKELY, POSSIBLE, PROVEN, Explained, Row, shown, strongest, when_proven
from analyzer.diagnosis.causes.echoes import SIGNED_ANEW, certainty_of_echoes, differing_echoes, other_key_id
from analyzer.diagnosis.causes.guides import FAQ, HEADER_SIGNING, METHOD_CODE, TRANSIT_CODE, URL_SIGNING
from analyzer.diagnosis.causes.resource import bucket_of
from analyzer.diagnosis.header_names import ANSWER_HEADERS
from analyzer.model.findings import Cause, Difference
from analyzer.model.http import distinct
from analyzer.model.notes import Kind, Note, Wire, note

__all__ = ["ROWS"]

_ALTERED = Explained(
    "altered-in-transit",
    note("cause.altered-in-transit.title"),
    note("cause.altered-in-transit.remedy"),
    TRANSIT_CODE,
    (FAQ, "guide.error-40"),
)
_METHOD = Explained(
    "method-mismatch",
    note("cause.method-mismatch.title"),
    note("cause.method-mismatch.remedy"),
    METHOD_CODE,
    (URL_SIGNING, FAQ),
)
_STALE = Explained(
    "stale-request",
    note("cause.stale-request.title"),
    note("cause.stale-request.remedy"),
    (("oss2", "# let the SDK retry: it signs each attempt anew"),),
    (HEADER_SIGNING,),
)
_DOUBLED = Explained(
    "duplicate-headers",
    note("cause.duplicate-headers.title"),
    note("cause.duplicate-headers.remedy"),
    (("oss2", "headers = {'x-oss-meta-name': 'one value'}    # each name once"),),
    (HEADER_SIGNING,),
)

_MASK = re.compile(rb"\*{3,}")


def altered(case: Case) -> Cause | None:
    """C13: by what the answer repeats of the request, else by what the server signed of it."""
    return strongest(_other_credentials(case), altered_in_transit(case))


def _other_credentials(case: Case) -> Cause | None:
    """The signature or the id that the server read is not the one sent; whatever it is made of was not compared."""
    told = differing_echoes(case)
    if not told or not (case.is_mismatch or case.named_cause == "access-key"):
        return None
    remedy = SIGNED_ANEW if other_key_id(case) else None
    certainty = certainty_of_echoes(case)
    frames = distinct((*case.credentials.frames, *case.error.frames))
    return _ALTERED.cause(certainty, *told, *_traces(case), frames=frames, remedy=remedy)


def altered_in_transit(case: Case) -> Cause | None:
    """C13. The server's bytes hold something else than the wire. With the secret it is proven which of the two the
    client signed."""
    told = _differing(case)
    if case.rules.deviations:
        return _beside_open_rule(case, told) if case.is_mismatch else None
    if not case.is_mismatch or not told:
        return None
    if case.comparison.voice == "client":
        return _log_differs(case, told)
    frames = distinct(frame for d in told for frame in d.frames)
    check = case.check
    if check is not None and check.signs_wire:
        signed = note("cause.altered-in-transit.wire-signed")
        unsettled = all(_unsettled(case, d) for d in told)
        against = (note("cause.altered-in-transit.may-be-rule"),) if unsettled else ()
        certainty = LIKELY if unsettled else PROVEN
        return _ALTERED.cause(certainty, signed, *_described(told), *_traces(case), against=against, frames=frames)
    if check is not None and check.signs_server:
        return None  # the client signed what the server has: the difference is no reason to refuse
    if all(d.field == "request-hash" for d in told):
        return _ALTERED.cause(POSSIBLE, note("cause.altered-in-transit.hash-differs"), *_traces(case), frames=frames)
    logged = case.signed.client_string
    if logged is not None and logged.data == case.comparison.rebuilt:
        signed = note("cause.altered-in-transit.log-is-wire")
        return _ALTERED.cause(LIKELY, signed, *_described(told), *_traces(case), frames=frames)
    against = () if case.proxies else (note("cause.altered-in-transit.no-proxy-seen"),)
    source = case.comparison.server_source
    certainty = LIKELY if source == "bytes" else POSSIBLE
    return _ALTERED.cause(certainty, *_described(told), *_traces(case), against=against, frames=frames)


_MALFORMED = re.compile(rb"%(?![0-9A-Fa-f]{2})|%00")


def _unsettled(case: Case, difference: Difference) -> bool:
    """No document states what the server makes of such a thing: a parameter that is there twice, a path with escapes
    that are none, or with a NUL."""
    if case.inputs is None:
        return False
    if difference.field == "resource":
        return _MALFORMED.search(case.inputs.path) is not None
    kind, _, name = difference.field.partition(":")
    raw = name.encode("utf-8", "surrogateescape")
    return kind == "query" and sum(pair.name == raw for pair in case.inputs.query) > 1


def _beside_open_rule(case: Case, differing: tuple[Difference, ...]) -> Cause | None:
    """A rule that no document states would give the server's text, and so would a change on the way."""
    rules, frames = case.rules, distinct(frame for d in differing for frame in d.frames)
    told = tuple(deviation.told for deviation in rules.deviations)
    if rules.shown == "default":
        seen = note("cause.open-rule.success-by-default")
        evidence = (note("cause.open-rule.signed-by-default"), *_described(differing), seen, *_traces(case))
        return _ALTERED.cause(PROVEN, *evidence, frames=(*frames, *rules.frames))
    if rules.shown == "deviating":
        return None
    against = (note("cause.open-rule.or-rule"),)
    if rules.signed_by_default:
        signed = note("cause.open-rule.signed-by-default")
        return _ALTERED.cause(LIKELY, signed, *told, *_traces(case), against=against, frames=frames)
    if case.hit is not None or (case.check is not None and case.check.signs_wire):
        return None  # the client signed by that rule
    return _ALTERED.cause(POSSIBLE, *told, *_traces(case), against=against, frames=frames)


def _log_differs(case: Case, told: tuple[Difference, ...]) -> Cause | None:
    """The client's log and the server's string differ, and no known change explains how."""
    if case.hit is not None:
        return None
    names = tuple(Wire(d.field.encode("utf-8", "backslashreplace")) for d in told[:4])
    return _ALTERED.cause(POSSIBLE, note("cause.altered-in-transit.log-differs", fields=names))


def _differing(case: Case) -> tuple[Difference, ...]:
    """What differs and is not explained otherwise: a bucket alone is a matter of the address; text without its bytes
    loses blanks and lines when pasted."""
    comparison = case.comparison
    if comparison.match is not False or comparison.rebuilt is None or comparison.server is None:
        return ()
    if comparison.server_source == "text":
        if b"".join(comparison.rebuilt.split()) == b"".join(comparison.server.replace(b"\\n", b"\n").split()):
            return ()
        if b"*" in comparison.server:
            return ()  # masked by whoever pasted it
    return tuple(
        d for d in comparison.differences if not _bucket_only(case, d) and not _hidden_host(case, d) and not _masked(d)
    )


def _masked(difference: Difference) -> bool:
    """Whoever pasted one side hid a part of it behind asterisks, and the rest agrees."""
    sides = difference.rebuilt or b"", difference.server or b""
    return any(_MASK.search(a) and _fits(a, b) for a, b in (sides, sides[::-1]))


def _fits(masked: bytes, whole: bytes) -> bool:
    first, *rest = _MASK.split(masked)
    if not whole.startswith(first):
        return False
    at = len(first)
    for piece in rest[:-1]:
        at = whole.find(piece, at) + len(piece)
        if at < len(piece):
            return False
    return whole.endswith(rest[-1]) and len(whole) - len(rest[-1]) >= at


def _bucket_only(case: Case, difference: Difference) -> bool:
    ours, theirs = difference.rebuilt, difference.server
    if difference.field != "resource" or ours is None or theirs is None or not case.resource_has_bucket:
        return False
    mine, other = bucket_of(ours), bucket_of(theirs)
    if not mine or not other:
        return False  # one side names no bucket at all, a cut answer for example
    return mine != other and ours.partition(mine)[2] == theirs.partition(other)[2]


def _hidden_host(case: Case, difference: Difference) -> bool:
    """A replaced Host that is signed has its own cause."""
    return difference.field == "header:host"


def _described(told: tuple[Difference, ...]) -> tuple[Note, ...]:
    return tuple(_describe(difference) for difference in told[:4])


def _describe(difference: Difference) -> Note:
    field = Wire(difference.field.encode("utf-8", "backslashreplace"))
    ours = shown(difference.rebuilt or b"", Kind.SIGNED_TEXT)
    theirs = shown(difference.server or b"", Kind.SIGNED_TEXT)
    if not difference.rebuilt:
        return note("cause.altered-in-transit.added", field=field, server=theirs)
    if not difference.server:
        return note("cause.altered-in-transit.removed", field=field, wire=ours)
    return note("cause.altered-in-transit.changed", field=field, wire=ours, server=theirs)


def _traces(case: Case) -> tuple[Note, ...]:
    return tuple(
        note("cause.altered-in-transit.trace", header=Wire(name), value=shown(value, Kind.HEADER_VALUE, 80))
        for name, value in case.proxies[:2]
    )


def method_mismatch(case: Case) -> Cause | None:
    """C12. A success of the same signature under another method is cryptographic: one signature signs one method."""
    frames = case.inputs.method_frames if case.inputs is not None else ()
    proven = when_proven(case, _METHOD, frames=frames)
    if proven is not None or case.request is None or not (case.is_mismatch or _silent(case)):
        return proven
    others = [other for other in case.neighbours.same_signature if other.method != case.request.method]
    accepted = next((other for other in others if other.succeeded), None)
    if accepted is not None:
        return _METHOD.cause(PROVEN, _seen(case, accepted, True), frames=(*frames, *accepted.frames))
    if others:
        return _METHOD.cause(LIKELY, _seen(case, others[0], False), frames=(*frames, *others[0].frames))
    if case.presigned and case.is_mismatch and case.request.method not in (b"GET", b"PUT"):
        told = note("cause.method-mismatch.presigned", method=Wire(case.request.method[:16], Kind.METHOD))
        certainty = LIKELY if case.request.method == b"HEAD" else POSSIBLE
        return _METHOD.cause(certainty, told, frames=frames)
    if case.presigned and case.is_mismatch and case.request.method == b"PUT" and case.request.body.length:
        told = note("cause.method-mismatch.may-be", method=Wire(case.request.method[:16], Kind.METHOD))
        return _METHOD.cause(POSSIBLE, told, frames=frames)
    return None


def _silent(case: Case) -> bool:
    """A refusal without any error text, as old servers answer HEAD."""
    return case.error.status == 403 and case.error.form == "none" and case.error.ec is None


def _seen(case: Case, other: Sighting, accepted: bool) -> Note:
    now = Wire(case.request.method[:16] if case.request is not None else b"", Kind.METHOD)
    before = Wire(other.method, Kind.METHOD)
    if accepted:
        return note("cause.method-mismatch.accepted", now=now, before=before, status=other.status)
    return note("cause.method-mismatch.seen", now=now, before=before, status=other.status)


def stale_request(case: Case) -> Cause | None:
    """C24. The signature was on another request before, with other dates; or the request carries answer headers."""
    proven = when_proven(case, _STALE, frames=case.frames)
    if proven is not None or case.request is None or not case.is_mismatch:
        return proven
    return strongest(_sent_before(case), _answer_headers(case))


def _sent_before(case: Case) -> Cause | None:
    if case.presigned or case.request is None:
        return None
    date = case.header(b"x-oss-date") or case.header(b"date")
    for other in case.neighbours.same_signature:
        same_request = other.method == case.request.method and other.target == case.request.target[: len(other.target)]
        if same_request and other.date != (date[:128] if date is not None else None):
            return _STALE.cause(LIKELY, note("cause.stale-request.other-date"), frames=(*case.frames, *other.frames))
        if not same_request and other.method == case.request.method:
            return _STALE.cause(LIKELY, note("cause.stale-request.other-target"), frames=(*case.frames, *other.frames))
    return None


def _answer_headers(case: Case) -> Cause | None:
    if case.inputs is None:
        return None
    copied = [h for h in case.inputs.headers if h.name.lower() in ANSWER_HEADERS]
    if not copied:
        return None
    names = tuple(Wire(header.name) for header in copied[:4])
    frames = distinct(frame for header in copied for frame in header.frames)
    return _STALE.cause(LIKELY, note("cause.stale-request.answer-headers", names=names), frames=frames)


def duplicate_headers(case: Case) -> Cause | None:
    """C26. Only headers that are signed count."""
    doubled = _doubled(case)
    frames = distinct(frame for name in doubled for frame in _frames_of(case, name))
    proven = when_proven(case, _DOUBLED, frames=frames)
    if proven is not None or not case.is_mismatch or case.inputs is None:
        return proven
    if doubled:
        told = note("cause.duplicate-headers.twice", names=tuple(Wire(name) for name in doubled[:4]))
        return _DOUBLED.cause(LIKELY, told, frames=frames)
    folded = next((h for h in case.inputs.headers if b"\n" in h.value and _is_signed(h.name.lower())), None)
    if folded is not None:
        return _DOUBLED.cause(
            LIKELY, note("cause.duplicate-headers.folded", name=Wire(folded.name)), frames=folded.frames
        )
    return None


def _is_signed(name: bytes) -> bool:
    return name in (b"content-type", b"content-md5", b"date") or name.startswith((b"x-oss-", b"x-amz-"))


def _doubled(case: Case) -> list[bytes]:
    if case.inputs is None:
        return []
    names = [h.name.lower() for h in case.inputs.headers]
    counted = dict.fromkeys(names, 0)
    for name in names:
        counted[name] += 1
    return [name for name, times in counted.items() if times > 1 and _is_signed(name)]


def _frames_of(case: Case, name: bytes) -> tuple[int, ...]:
    found = case.inputs.headers_named(name) if case.inputs is not None else ()
    return tuple(frame for header in found for frame in header.frames)


ROWS = (
    Row("altered-in-transit", altered, 15, "signing reference, C13", on_the_way=True),
    Row("method-mismatch", method_mismatch, 18, "signing reference, C12", by_search=True),
    Row("stale-request", stale_request, 28, "signing reference, C24"),
    Row("duplicate-headers", duplicate_headers, 32, "signing reference, C26", by_search=True),
)
