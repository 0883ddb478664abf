"""The catalogue of causes: one row each, asked in turn, ranked by certainty and then by how often they are it.

A function takes a ``Case`` and gives a ``Cause`` or None; it does no work beyond looking. Where the search with the
secret found what the client signed, guesses about what the client signed are over; where it searched in vain, they
are weakened and say so.
"""

from __future__ import annotations

from dataclasses import replace

from analyzer.diagnosis.case import Case
from analyzer.diagnosis.causes import content, dates, headers, query, resource, secret, transit, url, v4
from analyzer.diagnosis.causes.base import LIKELY, POSSIBLE, PROVEN, Explained, Row
from analyzer.diagnosis.causes.guides import FAQ, SECRET_CODE
from analyzer.diagnosis.open_rules import rules_of_cause
from analyzer.model.findings import Cause, Certainty
from analyzer.model.notes import Note, note

__all__ = ["REGISTRY", "UNKNOWN", "explain"]

REGISTRY: tuple[Row, ...] = tuple(
    sorted(
        (
            *content.ROWS,
            *dates.ROWS,
            *headers.ROWS,
            *query.ROWS,
            *resource.ROWS,
            *secret.ROWS,
            *transit.ROWS,
            *url.ROWS,
            *v4.ROWS,
        ),
        key=lambda row: row.prior,
    )
)

UNKNOWN = Explained("unknown", note("cause.unknown.title"), note("cause.unknown.remedy"), SECRET_CODE, (FAQ,))

#: Possible causes shown at most; behind these a list is noise.
MAX_POSSIBLE = 4

_RANK: dict[Certainty, int] = {PROVEN: 0, LIKELY: 1, POSSIBLE: 2}


def explain(case: Case) -> tuple[Cause, ...]:
    """The causes that fit, best first; ``unknown`` alone where none does."""
    found = [(row, cause) for row in REGISTRY if (cause := row.function(case)) is not None]
    judged = [(row, _judged(case, row, cause)) for row, cause in found if not _overruled(case, row, cause)]
    judged.sort(key=lambda pair: (_RANK[pair[1].certainty], pair[0].prior))
    ranked = [cause for _, cause in judged]
    sure = [cause for cause in ranked if cause.certainty is not POSSIBLE]
    kept = sure + [cause for cause in ranked if cause.certainty is POSSIBLE][:MAX_POSSIBLE]
    return tuple(kept) or (_unknown(case),)


def _overruled(case: Case, row: Row, cause: Cause) -> bool:
    """Once it is known what the client signed, other guesses about that are wrong."""
    if cause.certainty is PROVEN or (case.hit is not None and row.id in case.hit.causes):
        return False
    if case.rules.signed_by_default and case.rules.shown is None and rules_of_cause(case.rules, row.id):
        return False  # it is about the server, not about what the client signed
    if row.id == "wrong-secret" and case.check is not None and case.check.signs_server:
        return case.echoed_same is False  # the text is known, and it is the right one
    return case.text_known and case.is_mismatch and not row.on_the_way


def _judged(case: Case, row: Row, cause: Cause) -> Cause:
    """A guess that the search could not confirm is weaker for it, and so is one about a request that nobody has; and
    nothing is proven of what was not captured."""
    check = case.check
    if case.loss is not None and cause.certainty is PROVEN:
        return replace(cause, certainty=LIKELY, against=(*cause.against, case.loss))
    guessed = row.by_search and cause.certainty is LIKELY and case.is_mismatch
    if guessed and case.request is None and case.hit is None:
        return replace(cause, certainty=POSSIBLE, against=(*cause.against, note("cause.without-request")))
    if not row.by_search or cause.certainty is PROVEN or check is None or not check.tried:
        return cause
    if case.hit is not None or check.signs_wire or check.signs_server:
        return cause
    told = note("cause.search-did-not-confirm", tried=check.tried)
    return replace(cause, certainty=POSSIBLE, against=(*cause.against, told))


def _unknown(case: Case) -> Cause:
    return UNKNOWN.cause(POSSIBLE, *_ruled_out(case), frames=case.frames)


def _ruled_out(case: Case) -> tuple[Note, ...]:
    told: list[Note] = []
    if case.arrived_as_sent:
        told.append(note("cause.unknown.nothing-altered"))
    if case.acquitted:
        told.append(note("cause.unknown.secret-works", successes=case.neighbours.successes))
    if case.echoed_same is True:
        told.append(note("cause.unknown.signature-arrived"))
    if case.check is not None:
        told.extend(case.check.excluded)
    if case.code_row is not None and case.code_row.group != "mismatch":
        told.append(case.code_row.meaning)
    return tuple(told) or (note("cause.unknown.too-little"),)
