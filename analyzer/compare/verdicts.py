"""The words of a verdict: one row for what a pair can show, with what to do about it.

``evidence`` is said in the order in which a reader would ask: what changed, what the strings to sign say, what the
secret says, and what speaks against it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from analyzer.diagnosis.causes.guides import TRANSIT_CODE
from analyzer.model.comparison import Change, ChangeKind, How, Strings, Verdict
from analyzer.model.findings import Certainty
from analyzer.model.notes import Kind, Note, Wire, note

__all__ = ["AT_FAULT", "Known", "field_value", "verdict_of"]

#: Codes that say the signature does not match, where no row of the code table does.
AT_FAULT = (b"SignatureDoesNotMatch",)
SHOWN = 6  #: changes told one by one in the evidence
LONG = 200  #: bytes of a value in a sentence


@dataclass(frozen=True, slots=True)
class Known:
    """What the verdict is made of."""

    asked: Sequence[Change]  #: of the request
    got: Sequence[Change]  #: of the answer
    strings: Strings | None
    refused: bool  #: the server says that the signature does not match
    answered: bool  #: the server took the request


@dataclass(frozen=True, slots=True)
class _Row:
    title: Note
    remedy: Callable[[Known], Note | None]
    evidence: tuple[Callable[[Known], Iterator[Note]], ...]
    code: tuple[tuple[str, str], ...] = ()


def verdict_of(name: str, certainty: Certainty, known: Known) -> Verdict:
    """The verdict called ``name``."""
    row = _ROWS[name]
    evidence = tuple(told for tell in row.evidence for told in tell(known))
    return Verdict(name, certainty, row.title, evidence, row.remedy(known), row.code)


def field_value(change: Change) -> Wire:
    """The name of the changed field as a note's value."""
    return Wire(change.field.encode("utf-8", "backslashreplace"))


def _guilty(known: Known) -> list[Change]:
    """What breaks the signature; where that cannot be told, what is signed."""
    breaking = [change for change in known.asked if change.breaks]
    return breaking or [change for change in known.asked if change.signed]


def _fields(changes: Sequence[Change]) -> tuple[Wire, ...]:
    return tuple(dict.fromkeys(field_value(change) for change in changes[:24]))


def _told(changes: Sequence[Change]) -> Iterator[Note]:
    for change in changes[:SHOWN]:
        yield _one(change)
    if len(changes) > SHOWN:
        yield note("compare.more-changes", count=len(changes) - SHOWN)


def _one(change: Change) -> Note:
    field = field_value(change)
    before, after = _values(change)
    if change.kind is ChangeKind.ADDED and change.after is not None:
        return note("compare.added", field=field, after=after)
    if change.kind is ChangeKind.REMOVED and change.before is not None:
        return note("compare.removed", field=field, before=before)
    if change.kind is ChangeKind.REORDERED:
        return note("compare.reordered", field=field, names=tuple(Wire(name) for name in change.names[:12]))
    if change.before is None or change.after is None:
        return note("compare.changed-body" if How.CODING not in change.how else "compare.coded-body", field=field)
    return note("compare.changed", field=field, before=before, after=after)


def _values(change: Change) -> tuple[Wire, Wire]:
    """What stood there; of headers and parameters the values alone where the names are spelled alike."""
    mark = {"header": b":", "query": b"="}.get(change.field.partition(":")[0])
    names = [raw.partition(mark)[0] for raw in (change.before, change.after) if raw is not None and mark is not None]
    if mark is None or len(set(names)) != 1:
        return _wire(change.before), _wire(change.after)
    values = [raw.partition(mark)[2].strip() if raw is not None else None for raw in (change.before, change.after)]
    if values[0] == values[1]:
        return _wire(change.before), _wire(change.after)
    return _wire(values[0]), _wire(values[1])


def _wire(raw: bytes | None) -> Wire:
    value = raw or b""
    return Wire(value if len(value) <= LONG else value[:LONG] + b"...", Kind.SIGNED_TEXT)


def _changes(known: Known) -> Iterator[Note]:
    yield from _told(_guilty(known))


def _harmless(known: Known) -> Iterator[Note]:
    yield from _told([change for change in known.asked if change.field != "body"])
    if known.strings is None:
        yield note("compare.no-signature")
    elif any(change.signed and change.breaks is None for change in known.asked):
        yield note("compare.signed-unknown")
    elif any(change.signed for change in known.asked):
        yield note("compare.signed-but-same")
    else:
        yield note("compare.nothing-signed")


def _bodies(known: Known) -> Iterator[Note]:
    body = next((change for change in known.asked if change.field == "body"), None)
    yield note("compare.body-differs")
    if body is not None and body.signed:
        yield note("compare.body-digest-signed")
    yield from _told([change for change in known.asked if change.breaks])


def _answers(known: Known) -> Iterator[Note]:
    yield from _told([change for change in known.got if change.matters])


def _texts(known: Known) -> Iterator[Note]:
    """What the rebuilt strings say beside the server's own."""
    strings = known.strings
    if strings is None:
        return
    exact = {"bytes": "compare.far-is-server", "hash": "compare.far-is-server-hash", "text": "compare.far-is-text"}
    key = exact.get(strings.server_source or "")
    if key is not None and strings.far_is_server and strings.near_is_server is False:
        fields = tuple(Wire(d.field.encode("utf-8", "backslashreplace")) for d in strings.differences[:24])
        yield note(key, fields=fields)
    elif strings.far_is_server is False and strings.near_is_server:
        yield note("compare.near-is-server")
    elif strings.far_is_server is False:
        yield note("compare.neither-is-server")
    elif strings.far_is_server and strings.near_is_server:
        yield note("compare.both-are-server")


def _secret(known: Known) -> Iterator[Note]:
    strings = known.strings
    if strings is None or strings.signs_near is None or strings.signs_far is None:
        return
    if strings.signs_near and strings.signs_far:
        yield note("compare.secret-both")
    elif strings.signs_near:
        yield note("compare.secret-near")
    elif strings.signs_far:
        yield note("compare.secret-far")
    else:
        yield note("compare.secret-none")


def _accepted(known: Known) -> Iterator[Note]:
    if known.answered:
        yield note("compare.accepted-all-the-same")
    elif not known.refused:
        yield note("compare.not-a-mismatch")


def _not_guilty(known: Known) -> Iterator[Note]:
    if known.refused:
        yield note("compare.not-why-refused")


def _leave_alone(known: Known) -> Note:
    return note("compare.remedy.leave-alone", fields=_fields(_guilty(known)))


def _look_elsewhere(known: Known) -> Note | None:
    """Nothing happened between the two: where to look then."""
    if not known.refused:
        return None
    strings = known.strings
    if strings is not None and strings.far_is_server is False:
        return note("compare.remedy.behind")
    if strings is not None and strings.far_is_server:
        return note("compare.remedy.client")
    return note("compare.remedy.either")


def _nothing(known: Known) -> None:
    return None


def _always(said: Note) -> Callable[[Known], Note]:
    return lambda known: said


_ROWS: dict[str, _Row] = {
    "signed-changed": _Row(
        note("compare.verdict.signed-changed"), _leave_alone, (_changes, _texts, _secret, _accepted), TRANSIT_CODE
    ),
    "body-changed": _Row(
        note("compare.verdict.body-changed"),
        _always(note("compare.remedy.body")),
        (_bodies, _texts, _secret),
        TRANSIT_CODE,
    ),
    "signed-anew": _Row(
        note("compare.verdict.signed-anew"), _always(note("compare.remedy.anew")), (_changes, _texts, _secret)
    ),
    "unsigned-changed": _Row(
        note("compare.verdict.unsigned-changed"), _look_elsewhere, (_harmless, _texts, _secret, _not_guilty)
    ),
    "answer-changed": _Row(note("compare.verdict.answer-changed"), _always(note("compare.remedy.answer")), (_answers,)),
    "unchanged": _Row(note("compare.verdict.unchanged"), _look_elsewhere, (_texts, _secret)),
    "unchanged-so-far": _Row(note("compare.verdict.unchanged-so-far"), _look_elsewhere, (_texts, _secret)),
    "not-whole": _Row(note("compare.verdict.not-whole"), _always(note("compare.remedy.not-whole")), ()),
    "both-work": _Row(note("compare.verdict.both-work"), _nothing, ()),
    "both-fail": _Row(note("compare.verdict.both-fail"), _nothing, ()),
    "first-fails": _Row(note("compare.verdict.first-fails"), _nothing, ()),
    "second-fails": _Row(note("compare.verdict.second-fails"), _nothing, ()),
}
