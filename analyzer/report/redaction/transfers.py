"""The report on transfers for others: every captured value in it is a ``Wire``, an address or a note.

So the report is walked by type and made anew, under one memory of pseudonyms. As with findings, the result is searched
for what was to be removed, and made again with other alphabets where a pseudonym happens to be somebody's value.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import fields, is_dataclass, replace
from typing import Any, TypeVar

from analyzer.model.findings import Cause
from analyzer.model.notes import Note, Wire, note
from analyzer.model.report import CaptureSummary
from analyzer.model.secrets import Secret
from analyzer.model.streams import Endpoint
from analyzer.model.transfers import Lookup, TransferReport
from analyzer.report.gate import Gate
from analyzer.report.redaction.bodies import Bodies
from analyzer.report.redaction.documents import Documents
from analyzer.report.redaction.exchanges import Exchanges
from analyzer.report.redaction.findings import Findings
from analyzer.report.redaction.policy import REDACT, RedactedReport
from analyzer.report.redaction.redact import redacted_capture, redacted_view, until_clean
from analyzer.report.redaction.texts import Texts
from analyzer.report.redaction.values import Values
from analyzer.report.transfers.view import TransferView

__all__ = ["redact_transfers"]

T = TypeVar("T")


def redact_transfers(report: TransferReport, key_logs: Iterable[Secret] = ()) -> tuple[TransferView, Gate]:
    """What presenters for others see, and the gate that their output has to pass. ``key_logs`` are what the user gave;
    the gate looks for them, and for those inside the captures. Raises ``OutputRefused``."""
    logs = (*key_logs, *(log for capture in report.run.captures for log in capture.facts.secrets))
    made, gate, _ = until_clean(lambda values: _Walk(values).report(report), key_logs=logs)
    run = redacted_view(RedactedReport(made.run, REDACT, (), gate))
    return TransferView(run, made), gate


class _Walk:
    """One redaction."""

    def __init__(self, values: Values) -> None:
        texts = Texts(values)
        self._values = values
        self._findings = Findings(values, texts, Exchanges(values, Bodies(Documents(texts))))

    def report(self, report: TransferReport) -> TransferReport:
        """Everything, stamped as redacted."""
        made = self._made(report)
        return replace(made, run=replace(made.run, notes=(note("redaction.on"), *made.run.notes)))

    def _made(self, value: T) -> T:
        made: Any = self._any(value)
        return made  # type: ignore[no-any-return]

    def _any(self, value: object) -> object:
        """By type; whatever holds no captured value comes back as it is."""
        if isinstance(value, Wire):
            return self._findings.wire(value)
        if isinstance(value, Note):
            return self._findings.note(value)
        if isinstance(value, Endpoint):
            return replace(value, address=self._values.addresses.packed(value.address))
        if isinstance(value, CaptureSummary):
            return redacted_capture(value, self._values, self._findings)
        if isinstance(value, Cause):
            return self._findings.cause(value)
        if isinstance(value, Lookup):
            addresses = tuple(map(self._values.addresses.packed, value.addresses))
            return replace(value, name=self._findings.wire(value.name), addresses=addresses)
        if isinstance(value, tuple):
            return value if _is_plain(value) else tuple(map(self._any, value))
        if is_dataclass(value) and not isinstance(value, type):
            return replace(value, **{field.name: self._any(getattr(value, field.name)) for field in fields(value)})
        return value


def _is_plain(value: tuple[object, ...]) -> bool:
    """Numbers only: series are long."""
    return all(isinstance(item, int) for item in value)
