"""The report for programs: schema ``ossig.report/1`` (``schema/ossig.report.1.json``).

Text values are UTF-8 with ``backslashreplace`` and otherwise exactly as on the wire; ids, field names and enumerations
never change with the language, only sentences do. What is unknown is null. Characters that a terminal or a reader
could obey are written as ``\\uXXXX``, which is the same JSON.
"""

from __future__ import annotations

import json
import re
from dataclasses import replace
from typing import Any

from analyzer.model.findings import Cause, Difference, Finding, SecretCheck
from analyzer.model.http import Header, Message, Request, Response
from analyzer.model.notes import Note
from analyzer.model.report import CaptureSummary, PasteSummary
from analyzer.model.signing import ServerError
from analyzer.report.frames import FrameBook
from analyzer.report.messages import Catalogue
from analyzer.report.values import exact, exact_value, instant
from analyzer.report.view import FindingView, View

__all__ = [
    "SCHEMA",
    "Object",
    "capture_object",
    "cause_object",
    "dumps",
    "finding_line",
    "render_json",
    "render_jsonl",
    "report_object",
    "request_object",
    "response_object",
    "run_line",
    "sentences",
    "string_object",
    "text_value",
]

SCHEMA = "ossig.report/1"

#: Legal inside JSON strings, but not to be let out: DEL, C1, every format and separator character, lone surrogates.
_UNSAFE = re.compile(
    "[\x7f-\x9f\u00ad\u0600-\u0605\u061c\u06dd\u070f\u180e\u200b-\u200f\u2028-\u202f\u205f-\u206f\ufeff\ufff9-\ufffb"
    "\ud800-\udfff\U000e0000-\U000e0fff]"
)

Object = dict[str, Any]


def render_json(view: View, words: Catalogue, version: str) -> str:
    """The whole report as one JSON text, indented, with a line end."""
    return dumps(report_object(view, words, version), indent=2) + "\n"


def render_jsonl(view: View, words: Catalogue, version: str) -> str:
    """One line for the run (the report without findings), then one line a finding."""
    findings = (finding_line(finding, view, words) for finding in view.findings)
    return "".join(dumps(line) + "\n" for line in (run_line(view, words, version), *findings))


def run_line(view: View, words: Catalogue, version: str) -> Object:
    """The report without its findings."""
    whole = report_object(replace(view, findings=()), words, version)
    del whole["findings"]
    return whole


def finding_line(finding: FindingView, view: View, words: Catalogue) -> Object:
    """One finding of ``view``."""
    return _finding(finding, view.frames, words)


def dumps(value: object, indent: int | None = None) -> str:
    """JSON that is readable in any language and harmless on any terminal."""
    text = json.dumps(value, ensure_ascii=False, indent=indent)
    return text if text.isascii() and "\x7f" not in text else _UNSAFE.sub(_escape, text)


def _escape(match: re.Match[str]) -> str:
    return json.dumps(match[0])[1:-1] if match[0] != "\x7f" else "\\u007f"


def report_object(view: View, words: Catalogue, version: str) -> Object:
    """The report as plain dictionaries, lists, text and numbers."""
    return {
        "schema": SCHEMA,
        "tool": {"name": "ossig", "version": version},
        "redacted": view.redacted,
        "captures": [capture_object(capture, words) for capture in view.captures],
        "findings": [_finding(finding, view.frames, words) for finding in view.findings],
        "incomplete": view.incomplete,
        "interrupted": view.interrupted,
        "errors": sentences(view.errors, words),
        "notes": sentences(view.notes, words),
        "paste": None if view.paste is None else _paste(view.paste, words),
    }


def _paste(paste: PasteSummary, words: Catalogue) -> Object:
    return {
        "path": paste.path,
        "requests": paste.requests,
        "took": sentences(paste.took, words),
        "missing": None if paste.missing is None else words.text(paste.missing, exact_value),
    }


def capture_object(capture: CaptureSummary, words: Catalogue) -> Object:
    facts = capture.facts
    return {
        "path": facts.path,
        "format": facts.format,
        "link_types": list(facts.link_types),
        "packets": facts.packets,
        "bytes": facts.bytes,
        "first_time": instant(facts.first_time),
        "last_time": instant(facts.last_time),
        "streams": capture.streams,
        "exchanges": capture.exchanges,
        "truncated": facts.truncated,
        "snapped": facts.snapped,
        "drops": facts.drops,
        "gaps": capture.gaps,
        "notes": sentences((*facts.notes, *capture.notes), words),
    }


def _finding(view: FindingView, frames: FrameBook, words: Catalogue) -> Object:
    return {
        "id": view.id,
        "group": view.finding.group,
        "capture": None if view.filter is None else view.subject.home,
        "stream": view.subject.stream,
        "filter": view.filter,
        "client": view.subject.client,
        "server": view.subject.server,
        "bucket": text_value(view.subject.bucket),
        "key": text_value(view.subject.key),
        "request": request_object(view.exchange.request, frames),
        "response": response_object(view.exchange.response, view.error, frames),
        "signature": {
            "variant": None if view.signature.variant is None else view.signature.variant.value,
            "access_key_id": text_value(view.subject.access_key_id),
            "on_wire": text_value(view.signature.on_wire),
            "echoed_by_server": text_value(view.signature.echoed),
            "same": view.signature.same,
        },
        "string_to_sign": _comparison(view, frames),
        "secret_check": None if view.secret_check is None else _secret_check(view.secret_check, words),
        "clocks": {
            "client": instant(view.clocks.client),
            "server": instant(view.clocks.server),
            "capture": instant(view.clocks.capture),
        },
        "facts": [
            {"text": words.text(fact.statement, exact_value), "frames": list(frames.local(fact.frames))}
            for fact in view.facts
        ],
        "causes": [cause_object(cause, frames, words) for cause in view.causes],
        "notes": sentences(_finding_notes(view.finding), words),
    }


def _finding_notes(finding: Finding) -> tuple[Note, ...]:
    """What was said along the way about the exchange, from the connection up to the rules of the server."""
    signed = finding.signed
    messages = (signed.exchange.request, signed.exchange.response)
    return (
        *signed.exchange.connection.notes,
        *signed.exchange.notes,
        *(note for message in messages if message is not None for note in message.notes),
        *signed.credentials.notes,
        *(signed.addressing.notes if signed.addressing else ()),
        *(signed.error.notes if signed.error else ()),
        *(signed.rules.notes if signed.rules else ()),
        *signed.notes,
    )


def _request_line(request: Request | None, frames: FrameBook) -> Object | None:
    if request is None:
        return None
    return {
        "frames": list(frames.local(request.frames)),
        "time": instant(request.first_time or None),
        "method": exact(request.method),
        "target": exact(request.target),
        "version": text_value(request.version or None),
        "host": text_value(request.head.first(b"host")),
        "body_length": request.body.length,
    }


def _response_line(response: Response | None, frames: FrameBook) -> Object | None:
    if response is None:
        return None
    return {
        "frames": list(frames.local(response.frames)),
        "time": instant(response.first_time or None),
        "status": response.status,
        "reason": exact(response.reason),
        "body_length": response.body.length,
    }


def request_object(request: Request | None, frames: FrameBook) -> Object | None:
    line = _request_line(request, frames)
    if line is None or request is None:
        return None
    length = line.pop("body_length")
    return {**line, "headers": _headers(request.head.headers), "body_length": length, **_body(request)}


def _body(message: Message) -> Object:
    digests = message.body.digests
    return {"body_captured": message.body.captured, "body_md5_hex": digests.md5.hex() if digests else None}


def response_object(response: Response | None, error: ServerError | None, frames: FrameBook) -> Object | None:
    line = _response_line(response, frames)
    if line is None or response is None:
        return None
    length = line.pop("body_length")
    answer = None if error is None else _error(error)
    return {**line, "headers": _headers(response.head.headers), "body_length": length, "error": answer}


def _headers(headers: tuple[Header, ...]) -> list[list[str]]:
    return [[exact(header.name), exact(header.value)] for header in headers]


def _error(error: ServerError) -> Object:
    return {
        "code": text_value(error.code),
        "message": text_value(error.message),
        "request_id": text_value(error.request_id),
        "host_id": text_value(error.host_id),
        "ec": text_value(error.ec),
        "access_key_id": text_value(error.access_key_id),
        "signature_provided": text_value(error.signature_provided),
        "recommend_doc": text_value(error.recommend_doc),
    }


def _comparison(view: FindingView, frames: FrameBook) -> Object:
    comparison = view.comparison
    return {
        "subject": comparison.subject,
        "rebuilt": string_object(comparison.rebuilt),
        "server": string_object(comparison.server),
        "client_log": string_object(_logged(view)),
        "rebuilt_from": None if comparison.rebuilt is None else comparison.voice,
        "server_source": comparison.server_source,
        "match": comparison.match,
        "differences": [_difference(difference, frames) for difference in comparison.differences],
    }


def _logged(view: FindingView) -> bytes | None:
    """What the client's log says it signed, in the form that was compared."""
    canonical = view.comparison.subject == "canonical_request"
    text = view.signed.client_canonical if canonical else view.signed.client_string
    return text.data if text is not None else None


def _difference(difference: Difference, frames: FrameBook) -> Object:
    return {
        "field": difference.field,
        "kind": difference.kind.value,
        "rebuilt": text_value(difference.rebuilt),
        "server": text_value(difference.server),
        "rebuilt_offset": difference.rebuilt_offset,
        "server_offset": difference.server_offset,
        "frames": list(frames.local(difference.frames)),
    }


def _secret_check(check: SecretCheck, words: Catalogue) -> Object:
    sdk = check.sdk
    return {
        "given": True,
        "signs_wire": check.signs_wire,
        "signs_server": check.signs_server,
        "client_signed": string_object(check.client_signed),
        "changes": [change.id for change in check.changes],
        "secret_variant": check.secret_variant.id if check.secret_variant is not None else "as given",
        "tried": check.tried,
        "computed": [
            {"over": one.over, "signature": exact(one.signature), "equals_sent": one.equals_sent}
            for one in check.computed
        ],
        "excluded": sentences(check.excluded, words),
        "sdk": None
        if sdk is None
        else {
            "name": sdk.sdk,
            "string": string_object(sdk.text),
            "signature": text_value(sdk.signature),
            "reason": None if sdk.reason is None else words.text(sdk.reason, exact_value),
        },
    }


def cause_object(cause: Cause, frames: FrameBook, words: Catalogue) -> Object:
    """A cause with its evidence and remedy."""
    return {
        "id": cause.id,
        "title": words.text(cause.title, exact_value),
        "certainty": cause.certainty.value,
        "evidence": sentences(cause.evidence, words),
        "against": sentences(cause.against, words),
        "remedy": words.text(cause.remedy, exact_value),
        "remedy_code": [{"for": name, "code": words.code(code)} for name, code in cause.remedy_code],
        "links": [words.title(link) for link in cause.links],
        "frames": list(frames.local(cause.frames)),
    }


def sentences(notes: tuple[Note, ...], words: Catalogue) -> list[str]:
    return [words.text(note, exact_value) for note in notes]


def text_value(raw: bytes | None) -> str | None:
    return None if raw is None else exact(raw)


def string_object(raw: bytes | None) -> Object | None:
    return None if raw is None else {"text": exact(raw), "hex": raw.hex()}
