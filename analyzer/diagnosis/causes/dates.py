"""Causes in dates, metadata and the make-up of the signed string."""

from __future__ import annotations

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
from analyzer.diagnosis.causes.guides import HEADER_SIGNING, METADATA_CODE, SIGNATURE_CODE, URL_SIGNING
from analyzer.diagnosis.facts import SKEW_LIMIT, parse_time, skew_seconds
from analyzer.model.findings import Cause
from analyzer.model.http import distinct
from analyzer.model.notes import Kind, Note, Wire, note
from analyzer.model.signing import SignedHeader

__all__ = ["ROWS"]

_CLOCK = Explained(
    "clock-skew",
    note("cause.clock-skew.title"),
    note("cause.clock-skew.remedy"),
    (("shell", "date -u; timedatectl    # compare with the Date of any answer; Date headers are GMT"),),
    ("guide.error-504", HEADER_SIGNING),
)
_EXPIRY = replace(
    _CLOCK,
    title=note("cause.clock-skew.title-expiry"),
    remedy=note("cause.clock-skew.remedy-expiry"),
    code=(("oss2", "url = bucket.sign_url('GET', 'KEY', 3600)    # {guide.seconds-from-now}"),),
    links=(URL_SIGNING,),
)
_DATE = Explained(
    "date-header",
    note("cause.date-header.title"),
    note("cause.date-header.remedy"),
    (("curl", 'curl -H "Date: $(TZ=GMT date "+%a, %d %b %Y %H:%M:%S GMT")" ...    # the date that was signed'),),
    (HEADER_SIGNING,),
)
_META = Explained(
    "metadata-encoding",
    note("cause.metadata-encoding.title"),
    note("cause.metadata-encoding.remedy"),
    METADATA_CODE,
    ("guide.metadata", HEADER_SIGNING),
)
_FORMAT = Explained(
    "string-format",
    note("cause.string-format.title"),
    note("cause.string-format.remedy"),
    SIGNATURE_CODE,
    (HEADER_SIGNING, "guide.signature-errors"),
)


def clock_skew(case: Case) -> Cause | None:
    """C16. The answer names it; its RequestTime and ServerTime, or the Date headers of both sides, prove it. What the
    search finds is the unit of an expiry time."""
    frames = (*case.header_frames(b"date"), *case.header_frames(b"x-oss-date"))
    proven = when_proven(case, _EXPIRY, frames=case.target_frames)
    if proven is not None:
        return proven
    named = when_named(case, _CLOCK, frames=frames)
    if named is None:
        return None
    skew = _told_skew(case)
    if skew is None or abs(skew) <= SKEW_LIMIT:
        return named
    behind = note("cause.clock-skew.behind", minutes=skew // 60)
    ahead = note("cause.clock-skew.ahead", minutes=-skew // 60)
    return when_named(case, _CLOCK, PROVEN, behind if skew > 0 else ahead, frames=frames)


def _told_skew(case: Case) -> int | None:
    """Server minus client in seconds, from the answer's own elements first."""
    elements = dict(case.error.elements)
    request, server = parse_time(elements.get(b"RequestTime")), parse_time(elements.get(b"ServerTime"))
    if request is not None and server is not None:
        return (server - request) // 1_000_000_000
    return skew_seconds(case.clocks)


def date_header(case: Case) -> Cause | None:
    """C17. Both headers are there and differ; or the answer misses a date."""
    frames = (*case.header_frames(b"date"), *case.header_frames(b"x-oss-date"))
    found = when_proven(case, _DATE, frames=frames) or when_named(case, _DATE, frames=frames)
    if found is not None or not case.is_mismatch:
        return found
    date, own = case.header(b"date"), case.header(b"x-oss-date")
    if case.variant.is_v4 or case.presigned or date is None or own is None or date == own:
        return None
    told = note("cause.date-header.differ", date=shown(date, Kind.PUBLIC), own=shown(own, Kind.PUBLIC))
    return _DATE.cause(LIKELY, told, frames=frames)


def metadata_encoding(case: Case) -> Cause | None:
    """C14. Header values that clients and servers turn into bytes differently."""
    odd = _odd_headers(case)
    frames = distinct(frame for _, header, _ in odd for frame in header.frames)
    proven = when_proven(case, _META, frames=frames)
    if proven is not None or not case.is_mismatch or not odd:
        return proven
    evidence = tuple(told for told, _, _ in odd[:4])
    return _META.cause(LIKELY if any(strong for *_, strong in odd) else POSSIBLE, *evidence, frames=frames)


def _odd_headers(case: Case) -> list[tuple[Note, SignedHeader, bool]]:
    if case.inputs is None:
        return []
    found: list[tuple[Note, SignedHeader, bool]] = []
    for header in case.inputs.headers:
        if not header.name.lower().startswith((b"x-oss-", b"x-amz-meta-")):
            continue
        name = Wire(header.name)
        if any(byte >= 0x80 for byte in header.value):
            found.append((_charset(header, name), header, True))
        elif not header.value:
            found.append((note("cause.metadata-encoding.empty", name=name), header, False))
        elif b"  " in header.value or b"\t" in header.value:
            found.append((note("cause.metadata-encoding.blanks", name=name), header, False))
    return found


def _charset(header: SignedHeader, name: Wire) -> Note:
    try:
        header.value.decode("utf-8")
    except UnicodeDecodeError:
        return note("cause.metadata-encoding.not-utf8", name=name, value=shown(header.value, Kind.HEADER_VALUE))
    return note("cause.metadata-encoding.beyond-ascii", name=name, value=shown(header.value, Kind.HEADER_VALUE))


def string_format(case: Case) -> Cause | None:
    """C23. Shown by the search alone, except for a method in lower case, which is seen."""
    proven = when_proven(case, _FORMAT)
    if proven is not None or not case.is_mismatch or case.request is None:
        return proven
    method = case.request.method
    if method != method.upper():
        told = note("cause.string-format.lower-case-method", method=Wire(method[:16], Kind.METHOD))
        frames = case.inputs.method_frames if case.inputs is not None else ()
        return strongest(_FORMAT.cause(LIKELY, told, frames=frames))
    return None


ROWS = (
    Row("clock-skew", clock_skew, 9, "signing reference, C16; error 0002-00000504"),
    Row("date-header", date_header, 34, "signing reference, C17 and D13", by_search=True),
    Row("metadata-encoding", metadata_encoding, 26, "signing reference, C14", by_search=True),
    Row("string-format", string_format, 60, "signing reference, C23", by_search=True),
)
