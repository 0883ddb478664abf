"""Causes in headers that are signed for being there: added behind the signer, or left out by it."""

from __future__ import annotations

from analyzer.diagnosis.case import Case
from analyzer.diagnosis.causes.base import LIKELY, POSSIBLE, Explained, Row, when_proven
from analyzer.diagnosis.causes.guides import EXTRA_HEADER_CODE, HEADER_SIGNING, URL_SIGNING
from analyzer.diagnosis.header_names import ANSWER_HEADERS, implied_prefixes
from analyzer.diagnosis.memory import trait_word
from analyzer.model.findings import Cause
from analyzer.model.http import distinct
from analyzer.model.notes import Note, Wire, note
from analyzer.model.signing import SignedHeader

__all__ = ["ROWS"]

_HEADER = Explained(
    "header-after-signing",
    note("cause.header-after-signing.title"),
    note("cause.header-after-signing.remedy"),
    EXTRA_HEADER_CODE,
    (HEADER_SIGNING, URL_SIGNING, "guide.error-40"),
)

#: Headers that every signer knows, or that have a cause of their own.
_KNOWN = ANSWER_HEADERS | frozenset(
    b"x-oss-date x-amz-date x-oss-security-token x-amz-security-token x-oss-content-sha256 x-amz-content-sha256".split()
)
#: What CDNs put on the requests that they pass on (page of error 0002-00000040).
_OF_CDNS = b"x-oss-range-behavior"


def header_after_signing(case: Case) -> Cause | None:
    """D12 and C13 before the capture point. A signed URL cannot know of headers that its user adds; a CDN's header, or
    one that no success has, is suspected, too."""
    extra = _extra_headers(case)
    frames = distinct(frame for header in extra for frame in header.frames)
    proven = when_proven(case, _HEADER, frames=frames)
    if proven is not None or not case.is_mismatch or not extra:
        return proven
    signs = _signs(case, extra)
    told = note("cause.header-after-signing.signed", names=_names(extra))
    if signs:
        return _HEADER.cause(LIKELY, told, *signs, frames=frames)
    if case.client is not None and case.client.kind == "sdk":
        return None  # an SDK signs the headers that it sets
    return _HEADER.cause(POSSIBLE, told, frames=frames)


def _extra_headers(case: Case) -> list[SignedHeader]:
    implied = implied_prefixes(case.variant)
    if case.inputs is None:
        return []
    named = [(header.name.lower(), header) for header in case.inputs.headers]
    return [header for name, header in named if name.startswith(implied) and name not in _KNOWN]


def _signs(case: Case, extra: list[SignedHeader]) -> list[Note]:
    names = {header.name.lower() for header in extra}
    signs: list[Note] = []
    if _OF_CDNS in names:
        signs.append(note("cause.header-after-signing.of-cdns", name=Wire(_OF_CDNS)))
    if case.presigned:
        signs.append(note("cause.header-after-signing.presigned"))
    if all(f"header {trait_word(name)}" in case.apart for name in names):
        signs.append(note("cause.header-after-signing.success-without"))
    return signs


def _names(headers: list[SignedHeader]) -> tuple[Wire, ...]:
    return tuple(dict.fromkeys(Wire(header.name[:64]) for header in headers[:6]))


ROWS = (Row("header-after-signing", header_after_signing, 24, "signing reference, C13 and D12", by_search=True),)
