"""The whole report, once: exchanges first, then what is told about them, then a look at the result.

The result is searched for what was to be removed before anybody sees it. A pseudonym can come out as somebody's real
value by chance, and what is kept can hold a value that is met later; then all is done again with the alphabets
shuffled otherwise, and knowing what was met. Several chances are given, no more.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import fields, is_dataclass, replace
from typing import Any, TypeVar

from analyzer.model.errors import OutputRefused
from analyzer.model.http import Exchange
from analyzer.model.notes import Note, note
from analyzer.model.report import Activity, CaptureSummary, PasteSummary, Report
from analyzer.model.secrets import Secret
from analyzer.oss.endpoints import read_host
from analyzer.report.gate import Gate
from analyzer.report.redaction.bodies import Bodies
from analyzer.report.redaction.documents import Documents
from analyzer.report.redaction.exchanges import Exchanges
from analyzer.report.redaction.findings import Findings
from analyzer.report.redaction.policy import REDACT, RedactedReport, RedactionPolicy, Removed
from analyzer.report.redaction.texts import Texts
from analyzer.report.redaction.values import Met, Values
from analyzer.report.view import RedactedView, local_view

__all__ = [
    "decrypted",
    "every_bytes",
    "host_prefixes",
    "redact",
    "redacted_capture",
    "redacted_view",
    "until_clean",
]

Made = TypeVar("Made")

TURNS = 8


def redact(
    report: Report,
    policy: RedactionPolicy = REDACT,
    secrets: Iterable[Secret] = (),
    key_logs: Iterable[Secret] = (),
) -> RedactedReport:
    """The report for others. ``secrets`` and ``key_logs`` are what the user gave; they are in no report, and the gate
    looks for them, and for the key logs inside the captures.

    Raises ``OutputRefused`` when a value that was to be removed is still found in the result.
    """
    hidden, logs = tuple(secrets), (*key_logs, *(log for capture in report.captures for log in capture.facts.secrets))
    if not policy.redact:
        captures = tuple(replace(c, facts=replace(c.facts, secrets=())) for c in report.captures)
        told = (note("redaction.off"), *decrypted(_exchanges(report)), *report.notes)
        stamped = replace(report, captures=captures, notes=told)
        return RedactedReport(stamped, policy, (), Gate({}, secrets=hidden, key_logs=logs))
    result, gate, values = until_clean(
        lambda values: _stamped(_redacted(report, values), policy),
        policy,
        host_prefixes(_exchanges(report)),
        hidden,
        logs,
    )
    removed = (Removed(kind, len(values.removed[kind])) for kind in values.removed)
    return RedactedReport(result, policy, tuple(sorted(removed, key=lambda r: r.kind.value)), gate)


def until_clean(
    make: Callable[[Values], Made],
    policy: RedactionPolicy = REDACT,
    prefixes: tuple[str, ...] = (),
    secrets: tuple[Secret, ...] = (),
    key_logs: tuple[Secret, ...] = (),
) -> tuple[Made, Gate, Values]:
    """What ``make`` makes with values in which nothing that was to be removed is found any more, in as many turns as
    that takes; the gate for its outputs, and those values. Raises ``OutputRefused`` where it takes too many."""
    found: str | None = None
    met: Met | None = None
    for turn in range(TURNS):
        values = Values(policy, turn, prefixes, met)
        made = make(values)
        gate = Gate(values.removed, values.issued, values.kept, secrets, key_logs)
        found = gate.find(b"\n".join(dict.fromkeys(every_bytes(made))), plainly=True)
        if found is None:
            return made, gate, values
        met = values.met()
    raise OutputRefused(note("redaction.failed", kind=found or ""))


def redacted_view(redacted: RedactedReport) -> RedactedView:
    """What presenters for others see."""
    local = local_view(redacted.report)
    parts = {field.name: getattr(local, field.name) for field in fields(local)}
    return RedactedView(**{**parts, "redacted": redacted.policy.redact})


def every_bytes(value: object) -> Iterator[bytes]:
    """Every bytes value inside dataclasses and tuples, and every text."""
    places: dict[Any, tuple[str, ...]] = {}
    waiting = [value]
    while waiting:
        value = waiting.pop()
        if isinstance(value, bytes):
            yield value
        elif isinstance(value, str):
            yield value.encode("utf-8", "surrogatepass")
        elif isinstance(value, tuple):
            waiting.extend(value)
        else:
            kind: Any = type(value)
            names = places.get(kind)
            if names is None:
                names = places[kind] = _places(kind)
            waiting.extend([getattr(value, name) for name in names])


def _places(kind: Any) -> tuple[str, ...]:
    """Fields of a dataclass that can hold bytes or text."""
    if not is_dataclass(kind):
        return ()
    return tuple(field.name for field in fields(kind) if field.type not in _NUMBERS)


_NUMBERS = ("int", "int | None", "bool", "bool | None", "tuple[int, ...]")


def _stamped(report: Report, policy: RedactionPolicy) -> Report:
    kept = (note("redaction.names-kept"),) if policy.keep_names else ()
    return replace(report, notes=(note("redaction.on"), *kept, *decrypted(_exchanges(report)), *report.notes))


def decrypted(exchanges: Iterable[Exchange]) -> tuple[Note, ...]:
    """Said where what is passed on was encrypted on the wire."""
    opened = any(one.key == "tls.decrypted" for exchange in exchanges for one in exchange.notes)
    return (note("redaction.decrypted"),) if opened else ()


def _redacted(report: Report, values: Values) -> Report:
    texts = Texts(values)
    documents = Documents(texts)
    exchanges = Exchanges(values, Bodies(documents))
    findings = Findings(values, texts, exchanges)
    signed = [findings.reread(finding.signed) for finding in report.findings]
    context = [exchanges.rewritten(exchange) for exchange in report.context]
    return replace(
        report,
        captures=tuple(redacted_capture(capture, values, findings) for capture in report.captures),
        findings=tuple(map(findings.retold, report.findings, signed)),
        errors=findings.notes(report.errors),
        context=tuple(map(findings.exchange_notes, context)),
        activity=tuple(_activity(one, exchanges) for one in report.activity),
        notes=findings.notes(report.notes),
        paste=_paste(report.paste, values, findings) if report.paste is not None else None,
    )


def _activity(activity: Activity, exchanges: Exchanges) -> Activity:
    if activity.ends is None:
        return activity
    client, server = map(exchanges.endpoint, activity.ends)
    return replace(activity, ends=(client, server))


def _paste(paste: PasteSummary, values: Values, findings: Findings) -> PasteSummary:
    path = paste.path if paste.path == "-" else values.file(paste.path.encode("utf-8", "surrogateescape")).decode()
    return replace(paste, path=path, took=findings.notes(paste.took))


def redacted_capture(capture: CaptureSummary, values: Values, findings: Findings) -> CaptureSummary:
    """What is told of a capture file: its name numbered, its key logs gone."""
    facts = replace(
        capture.facts,
        path=values.file(capture.facts.path.encode("utf-8", "surrogateescape")).decode(),
        secrets=(),
        notes=findings.notes(capture.facts.notes),
    )
    return replace(capture, facts=facts, notes=findings.notes(capture.notes))


def _exchanges(report: Report) -> Iterator[Exchange]:
    yield from (finding.signed.exchange for finding in report.findings)
    yield from report.context


def host_prefixes(exchanges: Iterable[Exchange]) -> tuple[str, ...]:
    """How host labels begin by which the table of endpoints tells a store from a bucket."""
    found: dict[str, None] = {}
    for exchange in exchanges:
        request = exchange.request
        host = request.head.first(b"host") if request is not None else None
        if host and read_host(host).kind == "other":
            starts = map(_STORE.match, host.lower().split(b".")[:2])
            found.update({start[0].decode(): None for start in starts if start is not None})
    return tuple(found)


#: Beginnings of host labels that mark a store rather than a bucket (``analyzer.oss.endpoints``).
_STORE = re.compile(rb"oss|s3|obs|cos|storage|minio|rgw|ceph")
