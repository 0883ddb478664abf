"""The cause in how parameters are written into the signed text."""

from __future__ import annotations

from analyzer.diagnosis.case import Case
from analyzer.diagnosis.causes.base import Explained, Row, when_proven
from analyzer.diagnosis.causes.guides import HEADER_SIGNING, QUERY_CODE, V4_HEADER_SIGNING
from analyzer.model.findings import Cause
from analyzer.model.notes import note

__all__ = ["ROWS"]

_ENCODING = Explained(
    "query-encoding",
    note("cause.query-encoding.title"),
    note("cause.query-encoding.remedy"),
    QUERY_CODE,
    (HEADER_SIGNING, V4_HEADER_SIGNING),
)


def query_encoding(case: Case) -> Cause | None:
    """D1, D2, D7 and D9: the same parameters in another form. Nothing but the search shows it."""
    return when_proven(case, _ENCODING, frames=case.target_frames)


ROWS = (Row("query-encoding", query_encoding, 42, "signing reference, D1, D2, D7 and D9", by_search=True),)
