"""What a client did otherwise is told without the values that redaction takes away, its id likewise."""

from __future__ import annotations

from dataclasses import replace

import pytest

from analyzer.diagnosis.secret_check import bases_of
from analyzer.model.findings import Change, SecretCheck
from analyzer.model.notes import Kind, Value, Wire, note
from analyzer.model.report import Report
from analyzer.report.gate import Gate
from analyzer.report.html import render_html
from analyzer.report.json_ import render_json
from analyzer.report.markdown import render_markdown
from analyzer.report.messages import LANGUAGES, Catalogue
from analyzer.report.redaction import RedactedReport, redact, redacted_view
from analyzer.report.text import render_text
from tests.report.redaction import cases

NAMES = sorted(cases.requests())

#: The client used what belongs to an id that is in no capture.
OTHER = Change("another", note("change.secret-of-another", id=Wire(b"LTAI5tAnotherOwner77", Kind.ACCESS_KEY_ID)))


def with_changes(report: Report, *changes: Change) -> Report:
    """The first finding with these changes, in its evidence and in what the secret proved."""
    finding = report.findings[0]
    told: tuple[Value, ...] = tuple(change.told for change in changes)
    proven = replace(finding.causes[0], evidence=(note("cause.proven-by-search", changes=told),))
    check = SecretCheck((), False, False, b"x", changes)
    return replace(report, findings=(replace(finding, causes=(proven,), secret_check=check), *report.findings[1:]))


def outputs(redacted: RedactedReport) -> list[str]:
    """Everything that the report is shown as."""
    view, pages = redacted_view(redacted), []
    for words in map(Catalogue, LANGUAGES):
        pages += [render_json(view, words, "0"), render_html(view, words, "0"), render_markdown(view, words, "0")]
        pages.append(render_text(view, words))
    return pages


@pytest.mark.parametrize("name", NAMES)
def test_no_change_tells_a_planted_value(name: str) -> None:
    report = cases.report(cases.exchange(name))
    changes = [edit.change for base in bases_of(report.findings[0].signed) for edit in base.edits]
    assert len(changes) > 40
    redacted = redact(with_changes(report, *changes, OTHER))
    gate = Gate({Kind.TOKEN: (*cases.PLANTED, b"LTAI5tAnotherOwner77")})
    for page in outputs(redacted):
        assert gate.find(page.encode()) is None
        redacted.gate.check(page.encode(), "report")


def test_a_private_parameter_is_replaced_in_the_id_too() -> None:
    name = Wire(b"zebra", Kind.PARAMETER)
    known, private = (
        Change("drop query {name}", note("change.parameter-left-out", name=wire))
        for wire in (Wire(b"x-oss-date", Kind.PARAMETER), name)
    )
    finding = redact(with_changes(cases.report(cases.exchange("v4-query")), known, private)).report.findings[0]
    assert finding.secret_check is not None
    first, second = finding.secret_check.changes
    assert first.id == "drop query x-oss-date"
    now = second.told.get("name")
    assert isinstance(now, Wire)
    assert now.raw != name.raw
    assert second.id == f"drop query {now.raw.decode()}"
    assert finding.signed.inputs is not None
    assert now.raw in [pair.name for pair in finding.signed.inputs.query]
    assert finding.causes[0].evidence == (note("cause.proven-by-search", changes=(first.told, second.told)),)
