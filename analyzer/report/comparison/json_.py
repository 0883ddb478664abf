"""A comparison for programs: schema ``ossig.compare/1`` (``schema/ossig.compare.1.json``).

The same rules as for the report: ids and enumerations never change with the language, bytes in hex stand under keys
that end in ``_hex``, what is unknown is null.
"""

from __future__ import annotations

from analyzer.model.comparison import (
    Agent,
    Change,
    Pair,
    SideSummary,
    Sighting,
    Strings,
    Trait,
    Unmatched,
    Verdict,
    Way,
)
from analyzer.model.findings import Difference
from analyzer.model.http import Message
from analyzer.oss import read
from analyzer.report.comparison.view import CompareView
from analyzer.report.json_ import (
    Object,
    capture_object,
    dumps,
    request_object,
    response_object,
    sentences,
    string_object,
    text_value,
)
from analyzer.report.messages import Catalogue
from analyzer.report.values import address, exact_value, instant

__all__ = ["SCHEMA", "compare_object", "render_json", "render_jsonl"]

SCHEMA = "ossig.compare/1"

_ROLES = {Way.TRAFFIC: ("client", "server"), Way.RUNS: ("first", "second")}


def render_json(view: CompareView, words: Catalogue, version: str) -> str:
    """The whole comparison as one JSON text, indented, with a line end."""
    return dumps(compare_object(view, words, version), indent=2) + "\n"


def render_jsonl(view: CompareView, words: Catalogue, version: str) -> str:
    """One line for the run (the comparison without its pairs), then one line a pair."""
    whole = compare_object(view, words, version)
    pairs = whole.pop("pairs")
    return "".join(dumps(line) + "\n" for line in (whole, *pairs))


def compare_object(view: CompareView, words: Catalogue, version: str) -> Object:
    """The comparison as plain dictionaries, lists, text and numbers."""
    report = view.report
    offset = report.offset
    roles = _ROLES[report.way]
    return {
        "schema": SCHEMA,
        "tool": {"name": "ossig", "version": version},
        "redacted": view.redacted,
        "way": report.way.value,
        "decided_by": words.text(report.decided, exact_value),
        "sides": [_side(side, role, words) for side, role in zip(report.sides, roles, strict=True)],
        "clock_offset": None
        if offset is None
        else {"median_ns": offset.median, "spread_ns": offset.spread, "pairs": offset.pairs},
        "pairs": [_pair(pair, view, words) for pair in report.pairs],
        "unchanged": report.same,
        "more_pairs": report.more,
        "unmatched": [_unmatched(one, view) for one in report.unmatched],
        "more_unmatched": report.more_unmatched,
        "runs": _runs(view) if report.way is Way.RUNS else None,
        "found": report.found,
        "incomplete": report.incomplete,
        "interrupted": report.interrupted,
        "errors": sentences(report.errors, words),
        "notes": sentences((*report.notes, *(told for side in report.sides for told in side.notes)), words),
    }


def _side(side: SideSummary, role: str, words: Catalogue) -> Object:
    return {
        "role": role,
        "captures": [capture_object(capture, words) for capture in side.captures],
        "exchanges": side.exchanges,
        "compared": side.kept,
        "left_out": side.left_out,
        "first_time": instant(side.first_time),
        "last_time": instant(side.last_time),
    }


def _pair(pair: Pair, view: CompareView, words: Catalogue) -> Object:
    return {
        "id": pair.id,
        "group": pair.group,
        "evidence": [kind.value for kind in pair.evidence],
        "rivals": pair.rivals,
        "client_side": _sighting(pair.near, view),
        "server_side": _sighting(pair.far, view),
        "same_content": {"request": pair.content_same[0], "response": pair.content_same[1]},
        "changes": [_change(change, pair, view) for change in pair.changes],
        "more_changes": pair.more_changes,
        "string_to_sign": None if pair.strings is None else _strings(pair.strings),
        "verdict": _verdict(pair.verdict, words),
    }


def _sighting(sighting: Sighting, view: CompareView) -> Object:
    exchange, frames = sighting.exchange, view.frames[sighting.side]
    first = exchange.request or exchange.response
    request = request_object(exchange.request, frames)
    response = response_object(exchange.response, read(exchange).error, frames)
    for message, written in ((exchange.request, request), (exchange.response, response)):
        if written is not None and message is not None:
            written.update(_body(message))
    return {
        "side": sighting.side,
        "capture": frames.locate(first.frames if first is not None else ()).capture,
        "stream": exchange.connection.stream,
        "client": address(exchange.connection.client),
        "server": address(exchange.connection.server),
        "request": request,
        "response": response,
        "complete": exchange.complete,
    }


def _body(message: Message) -> Object:
    digests = message.body.digests
    return {
        "body_captured": message.body.captured,
        "body_md5_hex": digests.md5.hex() if digests is not None else None,
        "body_sha256_hex": digests.sha256.hex() if digests is not None else None,
    }


def _change(change: Change, pair: Pair, view: CompareView) -> Object:
    sides = view.sides(pair)
    before, after = sides[::-1] if change.answer else sides
    return {
        "message": "response" if change.answer else "request",
        "field": change.field,
        "kind": change.kind.value,
        "how": [how.value for how in change.how],
        "before": string_object(change.before),
        "after": string_object(change.after),
        "before_offset": change.before_offset,
        "after_offset": change.after_offset,
        "before_frames": list(view.frames[before].local(change.before_frames)),
        "after_frames": list(view.frames[after].local(change.after_frames)),
        "moved": [text_value(name) for name in change.names],
        "signed": change.signed,
        "breaks_signature": change.breaks,
        "matters": change.matters,
    }


def _strings(strings: Strings) -> Object:
    return {
        "subject": strings.subject,
        "client_side": string_object(strings.near),
        "server_side": string_object(strings.far),
        "server": string_object(strings.server),
        "server_source": strings.server_source,
        "client_side_is_server": strings.near_is_server,
        "server_side_is_server": strings.far_is_server,
        "secret_signs_client_side": strings.signs_near,
        "secret_signs_server_side": strings.signs_far,
        "differences": [_difference(difference) for difference in strings.differences],
    }


def _difference(difference: Difference) -> Object:
    return {
        "field": difference.field,
        "kind": difference.kind.value,
        "client_side": text_value(difference.rebuilt),
        "server_side": text_value(difference.server),
        "client_side_offset": difference.rebuilt_offset,
        "server_side_offset": difference.server_offset,
    }


def _verdict(verdict: Verdict, words: Catalogue) -> Object:
    return {
        "id": verdict.id,
        "certainty": verdict.certainty.value,
        "title": words.text(verdict.title, exact_value),
        "evidence": sentences(verdict.evidence, words),
        "remedy": None if verdict.remedy is None else words.text(verdict.remedy, exact_value),
        "remedy_code": [{"for": name, "code": words.code(code)} for name, code in verdict.remedy_code],
    }


def _unmatched(one: Unmatched, view: CompareView) -> Object:
    return {
        **_sighting(one.sighting, view),
        "reason": one.reason,
        "missing": one.missing,
        "candidates": one.candidates,
    }


def _runs(view: CompareView) -> Object:
    report = view.report
    return {
        "agents": [_agent(agent) for agent in report.agents],
        "traits": [_trait(trait, view) for trait in report.traits],
        "causes": [
            {"id": cause, "certainty": certainty.value, "failures": count} for cause, certainty, count in report.causes
        ],
    }


def _agent(agent: Agent) -> Object:
    return {
        "side": agent.side,
        "user_agent": text_value(agent.value),
        "client": agent.client,
        "works": agent.working,
        "fails": agent.failing,
    }


def _trait(trait: Trait, view: CompareView) -> Object:
    return {
        "field": trait.field,
        "aspect": trait.aspect,
        "failing_value": text_value(trait.value),
        "working_value": text_value(trait.kept_value),
        "failing": {"with": trait.failing[0], "of": trait.failing[1]},
        "working": {"with": trait.working[0], "of": trait.working[1]},
        "signed": trait.signed,
        "certainty": trait.certainty.value,
        "frames": [
            {"side": side, "frame": number}
            for side, frame in trait.frames
            for number in view.frames[side].local((frame,))
        ],
    }
