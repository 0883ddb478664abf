"""Words for the enumerations of a comparison: one row each."""

from __future__ import annotations

from analyzer.model.comparison import Change, ChangeKind, Evidence, How, Trait
from analyzer.model.notes import Note, Wire, note
from analyzer.report import speech

__all__ = ["AT_LENGTH", "CERTAINTY", "EVIDENCE", "HOW", "MARKS", "REASONS", "aspect_note", "signed_note"]

CERTAINTY = speech.CERTAINTY

MARKS = {ChangeKind.ADDED: "+", ChangeKind.REMOVED: "−", ChangeKind.CHANGED: "≠", ChangeKind.REORDERED: "↕"}

EVIDENCE: dict[Evidence, str] = {
    Evidence.REQUEST_ID: "compare.evidence.request-id",
    Evidence.SIGNATURE: "compare.evidence.signature",
    Evidence.DATE: "compare.evidence.date",
    Evidence.CONTENT: "compare.evidence.content",
    Evidence.TARGET: "compare.evidence.target",
    Evidence.BODY: "compare.evidence.body",
    Evidence.SHAPE: "compare.evidence.shape",
}

HOW: dict[How, str] = {
    How.VALUE: "compare.how.value",
    How.CASE: "compare.how.case",
    How.NAME_CASE: "compare.how.name-case",
    How.BLANKS: "compare.how.blanks",
    How.FOLDING: "compare.how.folding",
    How.LINE_END: "compare.how.line-end",
    How.JOINED: "compare.how.joined",
    How.SPLIT: "compare.how.split",
    How.ESCAPES: "compare.how.escapes",
    How.FORM: "compare.how.form",
    How.LENGTH: "compare.how.length",
    How.CONTENT: "compare.how.content",
    How.CODING: "compare.how.coding",
}

#: What a reader could overlook in the values.
AT_LENGTH = frozenset(HOW) - {How.VALUE, How.CONTENT, How.LENGTH}

REASONS: dict[str, str] = {
    "outside": "compare.reason.outside",
    "answered-on-the-way": "compare.reason.answered-on-the-way",
    "left-out": "compare.reason.left-out",
    "taken": "compare.reason.taken",
    "gaps": "compare.reason.gaps",
    "not-found": "compare.reason.not-found",
    "no-request": "compare.reason.no-request",
}


def signed_note(change: Change) -> Note | None:
    """Whether the signature covers what changed; nothing where nothing can be said."""
    if change.answer or change.signed is None:
        return None
    if change.breaks:
        return note("compare.signed.breaks")
    return note("compare.signed.covered" if change.signed else "compare.signed.not")


def aspect_note(trait: Trait) -> Note:
    """What sets the failing requests apart."""
    field = Wire(trait.field.encode("utf-8", "backslashreplace"))
    counts = {
        "failing": trait.failing[0],
        "all_failing": trait.failing[1],
        "working": trait.working[0],
        "all_working": trait.working[1],
    }
    value = Wire(trait.value or b"")
    if trait.aspect == "presence":
        key = "compare.trait.present" if trait.failing[0] else "compare.trait.missing"
        return note(key, field=field, value=value, **counts)
    if trait.aspect in _COMPARED:
        return note(_COMPARED[trait.aspect], field=field, value=value, other=Wire(trait.kept_value or b"?"), **counts)
    key = "compare.trait.mark" if trait.failing[0] else "compare.trait.no-mark"
    return note(key, field=field, mark=trait.aspect, **counts)


_COMPARED = {"value": "compare.trait.value", "spelling": "compare.trait.spelling", "order": "compare.trait.order"}
