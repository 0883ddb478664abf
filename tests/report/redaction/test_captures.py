"""Every sample capture: redacted, packed, read again from its redacted capture, with the same outcome."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from analyzer.pipeline import analyze
from analyzer.report.bundle import cited, redacted_capture
from analyzer.report.redaction import redact
from tests.report.redaction.cases import outline
from tests.support.packets import dialogue
from tests.support.pcapfile import write_pcap

CAUSES = sorted((Path(__file__).parents[2] / "golden" / "causes").iterdir())
CAPTURES = sorted((Path(__file__).parents[3] / "captures").glob("*.pcap*"))


def golden(folder: Path, path: Path) -> Path:
    """The exchanges of a cause's golden folder as a capture."""
    asked = [*sorted(folder.glob("before-*.request.http")), folder / "request.http"]
    pairs = [(one.read_bytes(), one.with_name(one.name.replace("request", "response")).read_bytes()) for one in asked]
    return write_pcap(path, dialogue(pairs), nanos=True)


@pytest.mark.parametrize("folder", CAUSES, ids=lambda folder: folder.name)
def test_a_cause_is_found_again_in_the_redacted_capture(folder: Path, tmp_path: Path) -> None:
    path = golden(folder, tmp_path / "original.pcap")
    before = analyze([path])
    assert before.findings
    test_the_redacted_capture_leads_to_the_same_causes(path, tmp_path)


@pytest.mark.skipif(shutil.which("tshark") is None, reason="tshark is not installed")
def test_tshark_reads_the_redacted_captures_of_all_goldens_without_complaint(tmp_path: Path) -> None:
    """Malformed packets, wrong checksums, anything that its analysis of TCP remarks, errors of any dissector. But
    bodies are filler, and that no picture is to be found in one is not asked."""
    checks = ["-o", "tcp.check_checksum:TRUE", "-o", "ip.check_checksum:TRUE"]
    wrong = "tcp.checksum.status==0 || ip.checksum.status==0 || _ws.expert.severity==error"
    wrong += ' || (_ws.malformed && !(http.content_type contains "image"))'
    for number, path in enumerate((*CAPTURES, *(golden(folder, tmp_path / folder.name) for folder in CAUSES))):
        made = tmp_path / f"{number}.pcapng"
        made.write_bytes(redacted_capture(redact(analyze([path]))))
        command: list[str | Path] = ["tshark", "-r", made, *checks, "-Y", f"tcp.analysis.flags || {wrong}"]
        ran = subprocess.run(command, capture_output=True, text=True, timeout=60)
        assert (ran.returncode, ran.stdout) == (0, ""), path


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
