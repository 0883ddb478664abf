"""Every sample capture: redacted, packed, read again from its redacted capture, with the same outcome."""

from __future__ import annotations

from pathlib import Path

import pytest

from analyzer.pipeline import analyze
from analyzer.report.bundle import cited, redacted_capture
from analyzer.report.redaction import redact
from tests.report.redaction.cases import outline

CAPTURES = sorted((Path(__file__).parents[3] / "captures").glob("*.pcap*"))


@pytest.mark.parametrize("capture", CAPTURES, ids=lambda path: path.name)
def test_the_redacted_capture_leads_to_the_same_causes(capture: Path, tmp_path: Path) -> None:
    before = analyze([capture])
    redacted = redact(before)
    assert outline(redacted.report.findings) == outline(before.findings)
    path = tmp_path / "redacted.pcapng"
    path.write_bytes(redacted_capture(redacted))
    again = analyze([path])
    assert again.captures[0].exchanges == len(before.findings) + len(cited(redacted.report))
    assert outline(again.findings) == outline(before.findings)
    assert not again.errors


def test_of_the_other_exchanges_only_those_that_findings_cite_are_in_it() -> None:
    before = analyze([next(path for path in CAPTURES if path.name == "multipart-one-part-fails.pcap")])
    report = redact(before).report
    (kept,) = cited(report)
    assert len(before.context) == 3
    assert kept.request is not None
    fact = next(fact for fact in before.findings[0].facts if fact.statement.key == "diagnosis.key-works")
    assert set(fact.frames) <= set(kept.request.frames)
