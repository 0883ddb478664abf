"""The page of a comparison, in blocks: the verdict, each kind of change once, the strings to sign, what is left over.

All words of a comparison are chosen here and nowhere else; the three renderers of blocks only set them.
"""

from __future__ import annotations

from collections.abc import Iterator

from analyzer.model.comparison import Change, ChangeKind, Pair, Sighting, Strings, Trait, Unmatched, Way
from analyzer.model.findings import Certainty
from analyzer.model.http import Body
from analyzer.model.notes import Kind, Note, Wire, note
from analyzer.oss import read
from analyzer.report import speech
from analyzer.report.blocks import Block, Bullets, Code, Content, Heading, Page, Pairs, Paragraph, Section, Table, Tone
from analyzer.report.comparison.labels import (
    AT_LENGTH,
    CERTAINTY,
    EVIDENCE,
    HOW,
    MARKS,
    REASONS,
    aspect_note,
    signed_note,
)
from analyzer.report.comparison.view import CompareView, GroupedPairs
from analyzer.report.frames import Frames, ranges
from analyzer.report.values import address, clock

__all__ = ["page_of"]

MAX_GROUPS = 40
MAX_LISTED = 20
MAX_UNMATCHED = 40

_SIDES = (note("compare.side.first"), note("compare.side.second"))
_ENDS = (note("compare.side.client"), note("compare.side.server"))
#: Verdicts on requests of which something signed, or the body, was changed.
_BROKEN = frozenset({"signed-changed", "signed-anew", "body-changed"})
_TONES = {Certainty.PROVEN: Tone.GOOD, Certainty.LIKELY: Tone.WARN, Certainty.POSSIBLE: Tone.STRONG}


def page_of(view: CompareView) -> Page:
    """Everything that a reader is told."""
    report = view.report
    blocks = [*_opening(view), *(_runs(view) if report.way is Way.RUNS else ()), *_groups(view), *_closing(view)]
    return Page(_verdict(view), tuple(_seen(view)), report.errors, tuple(blocks), view.redacted)


def _verdict(view: CompareView) -> Note:
    report = view.report
    if report.way is Way.RUNS:
        failing = sum(agent.failing for agent in report.agents)
        if not failing:
            return note("compare.run.none-failed")
        return note("compare.run.found", failing=failing, traits=len(report.traits))
    changed = sum(bool(pair.changes) for pair in report.pairs) + report.more
    pairs = changed + report.same
    verdicts = [pair.verdict.id for pair in report.pairs]
    broken = sum(verdict in _BROKEN for verdict in verdicts)
    if not pairs:
        return note("compare.run.nothing-matched")
    if broken:
        return note("compare.run.signed", broken=broken, changed=changed, pairs=pairs)
    if changed:
        return note("compare.run.unsigned", changed=changed, pairs=pairs)
    if "not-whole" in verdicts or "unchanged-so-far" in verdicts:
        return note("compare.run.same-so-far", pairs=pairs)
    return note("compare.run.same", pairs=pairs)


def _seen(view: CompareView) -> Iterator[Note]:
    for side, summary in enumerate(view.report.sides):
        if len(summary.captures) == 1:
            facts = summary.captures[0].facts
            counts = {"packets": facts.packets, "exchanges": summary.exchanges}
            yield note(_SEEN[view.report.way][side], path=view.path(side), **counts)
        else:
            packets = sum(capture.facts.packets for capture in summary.captures)
            counts = {"files": len(summary.captures), "packets": packets, "exchanges": summary.exchanges}
            yield note("report.seen.many", **counts)


_SEEN = {
    Way.TRAFFIC: ("compare.seen.client", "compare.seen.server"),
    Way.RUNS: ("compare.seen.first", "compare.seen.second"),
}


def _opening(view: CompareView) -> Iterator[Block]:
    report = view.report
    yield Paragraph(report.decided, Tone.DIM, indent=False)
    if report.offset is not None and abs(report.offset.median) >= 1_000_000:
        seconds = report.offset.median / 1e9
        key = "compare.offset.ahead" if seconds >= 0 else "compare.offset.behind"
        yield Paragraph(note(key, seconds=f"{abs(seconds):.3f}", pairs=report.offset.pairs), Tone.DIM, indent=False)


def _closing(view: CompareView) -> Iterator[Block]:
    report = view.report
    if report.unmatched:
        yield Section("", (note("compare.heading.unmatched"),), Tone.STRONG)
        yield _unmatched(view, report.unmatched[:MAX_UNMATCHED])
        left = len(report.unmatched) + report.more_unmatched - MAX_UNMATCHED
        if left > 0:
            yield Paragraph(note("compare.more-unmatched", count=left))
    remarks = [*report.notes]
    for side in report.sides:
        remarks += [told for capture in side.captures for told in (*capture.facts.notes, *capture.notes)]
        remarks += side.notes
    if report.interrupted:
        remarks.insert(0, note("report.interrupted"))
    if report.more:
        remarks.append(note("compare.more-pairs", count=report.more))
    if remarks:
        yield Section("", (note("report.heading.notes"),), Tone.STRONG)
        yield Bullets(tuple(("·", Tone.PLAIN, (told,)) for told in dict.fromkeys(remarks)))


# Pairs ----------------------------------------------------------------------------------------------------------------


def _groups(view: CompareView) -> Iterator[Block]:
    shown = [group for group in view.groups if group.leader.changes or group.leader.verdict.remedy is not None]
    for group in shown[:MAX_GROUPS]:
        yield from _group(view, group)
    if len(shown) > MAX_GROUPS:
        yield Paragraph(note("compare.more-groups", count=len(shown) - MAX_GROUPS))


def _group(view: CompareView, group: GroupedPairs) -> Iterator[Block]:
    pair = group.leader
    yield Section(pair.id, tuple(_title(pair)), Tone.BAD if _is_bad(pair) else Tone.STRONG)
    yield Pairs(tuple(_subject(view, pair)))
    if view.report.way is Way.TRAFFIC:
        yield from _told(view, pair)
    yield from _changes(view, pair)
    if pair.strings is not None and (pair.strings.server is not None or pair.strings.differences):
        yield from _strings(pair, pair.strings)
    if group.others:
        yield Heading(note("compare.heading.others", count=len(group.others)))
        rows = tuple(_short(view, other) for other in group.others[:MAX_LISTED])
        columns = ("compare.label.pair", "report.label.frames", "report.label.request", "report.label.request-id")
        yield Table(tuple(map(note, columns)), rows, headed=False)
        if len(group.others) > MAX_LISTED:
            yield Paragraph(note("report.more-failures", count=len(group.others) - MAX_LISTED))


def _is_bad(pair: Pair) -> bool:
    """It was refused or failed, or what arrived is not what was signed."""
    answers = (pair.near.exchange.response, pair.far.exchange.response)
    return pair.verdict.id in _BROKEN or any(answer is not None and answer.status >= 400 for answer in answers)


def _title(pair: Pair) -> Iterator[Content]:
    request = pair.near.exchange.request or pair.far.exchange.request
    if request is None:
        yield note("report.no-request")
        return
    yield Wire(request.method, Kind.METHOD)
    yield Wire(request.target, Kind.RESOURCE)
    yield "→"
    yield from _outcome(pair.near if _apart(pair) else pair.far)
    if _apart(pair):
        yield "/"
        yield from _outcome(pair.far)


def _outcome(sighting: Sighting) -> Iterator[Content]:
    yield _status(sighting)
    code = _code(sighting)
    if code is not None:
        yield Wire(code)


def _apart(pair: Pair) -> bool:
    return _status(pair.near) != _status(pair.far)


def _status(sighting: Sighting) -> str:
    response = sighting.exchange.response
    return "?" if response is None else str(response.status)


def _code(sighting: Sighting) -> bytes | None:
    error = read(sighting.exchange).error
    return error.code if error is not None else None


def _subject(view: CompareView, pair: Pair) -> Iterator[tuple[Note, tuple[Content, ...]]]:
    runs = view.report.way is Way.RUNS
    labels = _SIDES if runs else _ENDS
    if not runs:
        for label, value, kind in _names(pair):
            if value is not None:
                yield label, (Wire(value, kind),)
    for label, sighting in zip(labels, (pair.near, pair.far), strict=True):
        yield label, (note("compare.sighting", **_sighting(view, sighting)),)
    yield note("compare.label.matched"), _matched(pair)


def _names(pair: Pair) -> Iterator[tuple[Note, bytes | None, Kind]]:
    signed = read(pair.near.exchange)
    request = pair.near.exchange.request
    yield note("report.label.host"), request.head.first(b"host") if request is not None else None, Kind.HOST
    yield note("report.label.access-key"), signed.credentials.access_key_id, Kind.ACCESS_KEY_ID
    for sighting in (pair.far, pair.near):
        response = sighting.exchange.response
        found = response.head.first(b"x-oss-request-id") if response is not None else None
        if found is not None:
            yield note("report.label.request-id"), found, Kind.PUBLIC
            return


def _sighting(view: CompareView, sighting: Sighting) -> dict[str, Wire | str]:
    asked, answered = view.frames_of(sighting)
    first = sighting.exchange.request or sighting.exchange.response
    connection = sighting.exchange.connection
    return {
        "frames": f"{_frames(asked)} → {_frames(answered)}",
        "client": address(connection.client),
        "server": address(connection.server),
        "time": clock(first.first_time if first is not None else None) or "?",
    }


def _frames(frames: Frames) -> str:
    return ranges(frames.numbers, 4) or "?"


def _matched(pair: Pair) -> tuple[Content, ...]:
    said: list[Content] = []
    for kind in pair.evidence[:2]:
        said += ["·"] if said else []
        said.append(note(EVIDENCE[kind]))
    return (*said, note("compare.ambiguous-pair", count=pair.rivals)) if pair.rivals else tuple(said)


def _told(view: CompareView, pair: Pair) -> Iterator[Block]:
    """The verdict, which hop it was, and what to do."""
    verdict = pair.verdict
    yield Heading(note("compare.heading.verdict"))
    mark, word = speech.CERTAINTY_MARK[verdict.certainty], note(CERTAINTY[verdict.certainty])
    yield Bullets(((mark, _TONES[verdict.certainty], (word, verdict.title)),))
    evidence = [(_hop(view, pair), "·")] if pair.changes else []
    evidence += [(told, "+") for told in verdict.evidence]
    if evidence:
        yield Bullets(tuple((sign, Tone.PLAIN, (told,)) for told, sign in evidence), deeper=True)
    if verdict.remedy is not None:
        yield Heading(note("report.heading.remedy"))
        yield Paragraph(verdict.remedy)
        for name, code in verdict.remedy_code:
            yield Code(name, code)


def _hop(view: CompareView, pair: Pair) -> Note:
    near, far = pair.near.exchange.connection, pair.far.exchange.connection
    ends = {"near": address(near.server), "far": address(far.client)}
    if pair.in_one_capture:
        return note("compare.hop.legs", path=view.path(pair.near.side), **ends)
    if (near.client, near.server) == (far.client, far.server):
        return note("compare.hop.same-connection", client=address(near.client), server=address(near.server))
    return note("compare.hop.between", first=view.path(0), second=view.path(1), **ends)


def _changes(view: CompareView, pair: Pair) -> Iterator[Block]:
    runs = view.report.way is Way.RUNS
    changes = [change for change in pair.changes if change.matters or not runs]
    for answer in (False, True):
        part = [change for change in changes if change.answer is answer]
        if not part or (answer and runs):
            continue
        title = "compare.heading.answer" if answer else "compare.heading.request"
        remark = note("compare.direction.answer") if answer else None
        yield Heading(note(title, count=len(part)), remark)
        rows: list[tuple[Content | None, ...]] = []
        loud: set[int] = set()
        marks: list[str] = []
        for change in part:
            if change.breaks or (runs and change.signed):
                loud.add(len(rows))
            marks.append(MARKS[change.kind])
            rows += _rows(pair, change, runs)
            marks += [""] * (len(rows) - len(marks))
        # the second column holds what the change means, then a value a row: no name fits both
        columns = (note("compare.label.field"), None)
        yield Table(columns, tuple(rows), frozenset(loud), tuple(marks), headed=False)
    if pair.more_changes:
        yield Paragraph(note("compare.more-changes", count=pair.more_changes))


def _rows(pair: Pair, change: Change, runs: bool) -> Iterator[tuple[Content | None, ...]]:
    """What changed and what that means, then both sides."""
    field = Wire(change.field.encode("utf-8", "backslashreplace"))
    yield field, signed_note(change)
    if change.field == "body":
        values: tuple[Content, Content] = tuple(map(_body, _bodies(pair, change.answer)))  # type: ignore[assignment]
    elif change.kind is ChangeKind.REORDERED:
        moved = change.names[:12] or (change.before or b"",)
        names = tuple(Wire(name, Kind.HEADER_VALUE) for name in moved)
        yield note("compare.how.order"), note("compare.moved", names=names)
        return
    else:
        values = (_raw(change.before, change), _raw(change.after, change))
    labels = _SIDES if runs else (note("compare.label.before"), note("compare.label.after"))
    if change.kind is not ChangeKind.ADDED or change.field == "body":
        yield labels[0], values[0]
    if change.kind is not ChangeKind.REMOVED or change.field == "body":
        yield labels[1], values[1]
    how = [note(HOW[one]) for one in change.how if one in AT_LENGTH]
    if how:
        yield note("compare.label.how"), how[0]


def _raw(raw: bytes | None, change: Change) -> Content:
    if raw is None:
        return note("report.absent")
    kind = Kind.RESOURCE if change.field in ("path", "authority", "request-line") else Kind.HEADER_VALUE
    return Wire(raw, kind)


def _bodies(pair: Pair, answer: bool) -> tuple[Body | None, Body | None]:
    if answer:
        messages = pair.far.exchange.response, pair.near.exchange.response
        return tuple(m.body if m is not None else None for m in messages)  # type: ignore[return-value]
    asked = pair.near.exchange.request, pair.far.exchange.request
    return tuple(m.body if m is not None else None for m in asked)  # type: ignore[return-value]


def _body(body: Body | None) -> Note:
    if body is None:
        return note("report.unknown")
    if body.digests is None:
        return note("compare.body-unknown", length=body.length)
    return note("compare.body", length=body.length, md5=Wire(body.digests.md5.hex().encode(), Kind.BODY))


def _short(view: CompareView, pair: Pair) -> tuple[Content | None, ...]:
    request = pair.near.exchange.request or pair.far.exchange.request
    response = pair.far.exchange.response or pair.near.exchange.response
    asked = Wire(request.method + b" " + request.target, Kind.RESOURCE) if request is not None else None
    request_id = response.head.first(b"x-oss-request-id") if response is not None else None
    frames = " / ".join(_frames(view.frames_of(sighting)[0]) for sighting in (pair.near, pair.far))
    return pair.id, f"#{frames}", asked, Wire(request_id) if request_id is not None else None


# Strings to sign ------------------------------------------------------------------------------------------------------


def _strings(pair: Pair, strings: Strings) -> Iterator[Block]:
    title = note("report.heading.canonical-request" if strings.subject == "canonical_request" else _STRING)
    yield Heading(title, _strings_verdict(strings))
    rows: list[tuple[Content | None, ...]] = []
    for difference in strings.differences[:MAX_LISTED]:
        field = Wire(difference.field.encode("utf-8", "backslashreplace"))
        rows += [
            (field, _ENDS[0], _field(difference.field, difference.rebuilt)),
            (None, _ENDS[1], _field(difference.field, difference.server)),
        ]
    if rows:
        columns = (note("report.label.field"), note("compare.label.side"), note("compare.label.value"))
        marks = ("≠", "") * (len(rows) // 2)
        yield Table(columns, tuple(rows), frozenset(range(0, len(rows), 2)), marks, headed=False)


_STRING = "report.heading.string-to-sign"


def _field(field: str, raw: bytes | None) -> Content:
    value = speech.value_of_field(field, raw)
    return note("report.absent") if value is None else Wire(value, Kind.SIGNED_TEXT)


def _strings_verdict(strings: Strings) -> Note:
    if strings.near is None or strings.far is None:
        return note("compare.strings.unknown")
    same = strings.near == strings.far
    server = {True: "is", False: "not", None: "unknown"}[strings.far_is_server]
    return note(_STRINGS[same, server])


_STRINGS = {
    (True, "is"): "compare.strings.all-same",
    (True, "not"): "compare.strings.same-not-server",
    (True, "unknown"): "compare.strings.same",
    (False, "is"): "compare.strings.far-is-server",
    (False, "not"): "compare.strings.differ-not-server",
    (False, "unknown"): "compare.strings.differ",
}


# Runs -----------------------------------------------------------------------------------------------------------------


def _runs(view: CompareView) -> Iterator[Block]:
    report = view.report
    yield Heading(note("compare.heading.agents"))
    columns = ("compare.label.run", "compare.label.client", "compare.label.works", "compare.label.fails")
    rows = tuple(
        (
            _SIDES[agent.side],
            Wire(agent.value) if agent.value is not None else note("report.absent"),
            str(agent.working),
            str(agent.failing),
        )
        for agent in report.agents
    )
    yield Table(tuple(map(note, columns)), rows)
    if report.traits:
        yield Heading(note("compare.heading.traits"), note("compare.traits.caution"))
        yield Bullets(tuple(_trait(trait) for trait in report.traits[:MAX_LISTED]))
        if len(report.traits) > MAX_LISTED:
            yield Paragraph(note("compare.more-traits", count=len(report.traits) - MAX_LISTED))
    if report.causes:
        yield Heading(note("compare.heading.diagnosis"))
        yield Bullets(tuple(_cause(*cause) for cause in report.causes))
        yield Paragraph(note("compare.runs.see-diagnosis"))


def _trait(trait: Trait) -> tuple[str, Tone, tuple[Content, ...]]:
    said: list[Content] = [note(CERTAINTY[trait.certainty]), aspect_note(trait)]
    said.append(note("compare.trait.signed" if trait.signed else "compare.trait.not-signed"))
    return speech.CERTAINTY_MARK[trait.certainty], _TONES[trait.certainty], tuple(said)


def _cause(cause: str, certainty: Certainty, count: int) -> tuple[str, Tone, tuple[Content, ...]]:
    said = note("compare.runs.cause", cause=cause, count=count)
    return speech.CERTAINTY_MARK[certainty], _TONES[certainty], (note(CERTAINTY[certainty]), said)


# What only one capture holds ------------------------------------------------------------------------------------------


def _unmatched(view: CompareView, rows: tuple[Unmatched, ...]) -> Table:
    columns = ("compare.label.only-in", "report.label.frames", "report.label.request", "compare.label.reason")
    cells = tuple(_only(view, one) for one in rows)
    loud = frozenset(number for number, one in enumerate(rows) if one.missing)
    return Table(tuple(map(note, columns)), cells, loud)


def _only(view: CompareView, one: Unmatched) -> tuple[Content | None, ...]:
    request = one.sighting.exchange.request
    asked = Wire(request.method + b" " + request.target, Kind.RESOURCE) if request is not None else "?"
    frames = _frames(view.frames_of(one.sighting)[0])
    return _ENDS[one.sighting.side], frames, asked, note(REASONS[one.reason], count=one.candidates)
