"""The evidence bundle: one zip with everything a support desk needs and nothing it must not see.

``report.html``, ``report.md`` (with a message to paste on top), ``report.json``, ``redacted.pcapng`` with the
exchanges of the findings, and ``MANIFEST.json``. Every file passes the last gate before it is packed; the manifest
holds the digests of what passed. No clock is read: the same report gives the same bytes.

Exchanges of a finding are the refused one and those that carried its signature: they are the same signed request, and
what a cause proves by them it proves by their bytes. Of the successes with the same access key the capture only says
in a comment that they were (``diagnosis.statements``).
"""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from analyzer.diagnosis.statements import statement
from analyzer.model.findings import Certainty, Finding
from analyzer.model.http import Exchange, Message, Request
from analyzer.model.notes import Kind, Wire
from analyzer.model.report import Report
from analyzer.model.signing import SignedExchange
from analyzer.oss import read
from analyzer.report.frames import FrameBook
from analyzer.report.markdown import Writer
from analyzer.report.messages import LANGUAGES, Catalogue
from analyzer.report.redaction import RedactedReport
from analyzer.report.synthesis import capture_of
from analyzer.report.values import clock, visible
from analyzer.report.view import Subject, View, local_view

__all__ = ["CAPTURE", "MANIFEST", "SCHEMA", "Cited", "cited", "redacted_capture", "ticket_message", "write_bundle"]

SCHEMA = "ossig.manifest/1"
CAPTURE = "redacted.pcapng"
MANIFEST = "MANIFEST.json"
_MARKDOWN = "report.md"
_HOLDS = (
    "the exchanges of the findings: refused ones, and those that carried the same signature; no other exchange. Of "
    "successes with the same access key its comments say that they were: without these a diagnosis of this capture "
    "would list causes that they rule out"
)
_SAID = (
    "Made anew from redacted messages: the exchanges of the findings and no others. Of successful requests with the "
    "same access key that the findings cite, the comments behind this one tell."
)
#: The first moment a zip can hold.
_TIME = (1980, 1, 1, 0, 0, 0)
_CERTAINTY = {
    Certainty.PROVEN: "redaction.certainty.proven",
    Certainty.LIKELY: "redaction.certainty.likely",
    Certainty.POSSIBLE: "redaction.certainty.possible",
}
#: Failures that the message to paste lists.
_LISTED = 20


def write_bundle(redacted: RedactedReport, documents: Mapping[str, str], version: str) -> bytes:
    """The zip. ``documents``: file name → what a presenter made of the redacted view (``report.html``, ...);
    ``report.md`` gets the message to paste on top.

    Raises ``OutputRefused`` when the gate finds something in any file.
    """
    files = {name: text.encode("utf-8", "backslashreplace") for name, text in documents.items()}
    message = ticket_message(redacted).encode("utf-8", "backslashreplace")
    files[_MARKDOWN] = message + files.get(_MARKDOWN, b"")
    told = cited(redacted.report)
    files[CAPTURE] = _capture(redacted, told)
    manifest = _manifest(redacted, told, files, version)
    files[MANIFEST] = (json.dumps(manifest, indent=2, ensure_ascii=False) + "\n").encode("utf-8")
    for name, data in files.items():
        redacted.gate.check(data, name)
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for name in sorted(files):
            entry = zipfile.ZipInfo(name, _TIME)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = 0o644 << 16
            entry.create_system = 3
            archive.writestr(entry, files[name])
    return packed.getvalue()


def redacted_capture(redacted: RedactedReport) -> bytes:
    """A pcapng with the exchanges of the findings, made anew, and no other. Guilty frames carry a comment."""
    return _capture(redacted, cited(redacted.report))


def _capture(redacted: RedactedReport, told: Cited) -> bytes:
    report = redacted.report
    frames = FrameBook(report.captures)
    words = Catalogue("en")
    comments: dict[int, str] = {}
    refused = [finding.signed.exchange for finding in report.findings]
    for finding in report.findings:
        for frame, text in _comments(finding, told.again, frames, words):
            comments.setdefault(frame, text)
    stated = told.statements
    return capture_of((*refused, *told.again), comments, (_SAID, *stated) if stated else ())


class Cited(NamedTuple):
    """What findings cite of the exchanges that are none."""

    again: list[Exchange]  #: those that carried the signature of a finding
    others: list[SignedExchange]

    @property
    def statements(self) -> list[str]:
        """What the capture says of the others."""
        return [said for one in self.others if (said := statement(one)) is not None]


def cited(report: Report) -> Cited:
    """See ``Cited``."""
    frames = frozenset[int]().union(*(finding.cited for finding in report.findings))
    signatures = {finding.signed.credentials.signature for finding in report.findings} - {None}
    again: list[Exchange] = []
    others: list[SignedExchange] = []
    for one in report.context:
        if one.request is not None and not frames.isdisjoint(one.request.frames):
            signed = read(one)
            if signed.credentials.signature in signatures:
                again.append(one)
            else:
                others.append(signed)
    return Cited(again, others)


def ticket_message(redacted: RedactedReport) -> str:
    """A short message to paste into a ticket, in both languages, request ids first."""
    view = local_view(redacted.report)
    return "\n".join([_message(view, Catalogue(language), redacted) for language in LANGUAGES]) + "\n---\n\n"


def _message(view: View, words: Catalogue, redacted: RedactedReport) -> str:
    """The ids come first: without them nobody at the other end finds the request."""
    ids = dict.fromkeys(f.subject.request_id for f in view.findings if f.subject.request_id)
    lines = []
    if ids:
        listed = ", ".join(f"`{visible(one)}`" for one in list(ids)[:_LISTED])
        lines.append(words.say("redaction.ticket.ids") + listed)
    if not view.findings:
        lines.append(words.say("redaction.ticket.none"))
    for group in view.groups[:_LISTED]:
        cause = group.leader.causes[0]
        lines.append(_failure(group.leader.subject, words))
        certainty, name = words.say(_CERTAINTY[cause.certainty]), words.say("redaction.ticket.cause-id", id=cause.id)
        lines.append(certainty + Writer(words).sentence(cause.title) + name)
    lines.append(words.say("redaction.on" if redacted.policy.redact else "redaction.off"))
    return "\n>\n".join(f"> {line}" for line in lines) + "\n"


def _failure(subject: Subject, words: Catalogue) -> str:
    told = {
        "method": Wire(subject.method or b"?", Kind.METHOD),
        "status": subject.status if subject.status is not None else "?",
        "code": Wire(subject.code or subject.reason or b"?"),
        "time": clock(subject.time) or "?",
    }
    if subject.ec is None:
        return words.say("redaction.ticket.failure-without-ec", **told)
    return words.say("redaction.ticket.failure", ec=Wire(subject.ec), **told)


def _comments(
    finding: Finding, again: Iterable[Exchange], frames: FrameBook, words: Catalogue
) -> Iterator[tuple[int, str]]:
    """The frames of a cause and of the differences are guilty, the others of the exchange are evidence. ``again``:
    exchanges in which some of the former may stand, too."""
    guilty = {f for cause in finding.causes[:1] for f in cause.frames}
    guilty.update(f for difference in finding.comparison.differences for f in difference.frames)
    own = finding.signed.exchange
    for exchange in (own, *again):
        for message in filter(None, (exchange.request, exchange.response)):
            shown = message.frames if exchange is own else guilty.intersection(message.frames)
            for frame in shown:
                yield frame, _comment(finding, message, frame in guilty, frames.place(frame)[1], words)


def _comment(finding: Finding, message: Message, guilty: bool, number: int, words: Catalogue) -> str:
    key = "redaction.frame.request" if isinstance(message, Request) else "redaction.frame.response"
    text = words.say(key, finding=finding.id, number=number)
    if not guilty:
        return text
    fields = [d.field for d in finding.comparison.differences if message.frames and set(d.frames) & set(message.frames)]
    return text + words.say("redaction.frame.guilty", cause=finding.causes[0].id, fields=", ".join(fields) or "-")


def _manifest(redacted: RedactedReport, told: Cited, files: Mapping[str, bytes], version: str) -> dict[str, object]:
    """What is in the bundle, and what was taken out: kinds and counts, no values."""
    return {
        "schema": SCHEMA,
        "tool": {"name": "ossig", "version": version},
        "redacted": redacted.policy.redact,
        "names_kept": redacted.policy.keep_names,
        "removed": [{"kind": removed.kind.value, "count": removed.count} for removed in redacted.removed],
        "capture": {
            "name": CAPTURE,
            "exchanges_of_findings": len(redacted.report.findings) + len(told.again),
            "successes_told_of": len(told.statements),
            "holds": _HOLDS,
        },
        "files": [
            {"name": name, "bytes": len(files[name]), "sha256": hashlib.sha256(files[name]).hexdigest()}
            for name in sorted(files)
        ],
    }
