"""Every sample capture: redacted, packed, read again from its redacted capture, with the same outcome."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from analyzer.diagnosis.statements import PREFIX
from analyzer.model.findings import Certainty
from analyzer.model.notes import note
from analyzer.model.report import Report
from analyzer.pipeline import analyze
from analyzer.report.bundle import cited, redacted_capture
from analyzer.report.packets import pcapng
from analyzer.report.redaction import RedactedReport, redact
from tests.report.redaction.cases import outline
from tests.support.packets import dialogue
from tests.support.pcapfile import write_pcap

PROVEN = Certainty.PROVEN
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
    assert again.captures[0].exchanges == len(before.findings) + len(cited(redacted.report)[0])
    assert outline(again.findings) == outline(before.findings)
    assert not again.errors


def of_sample(name: str, tmp_path: Path) -> tuple[RedactedReport, bytes, Report]:
    """The redacted report of a sample capture, its capture, and the report on that."""
    redacted = redact(analyze([next(path for path in CAPTURES if path.name == name)]))
    path = tmp_path / "redacted.pcapng"
    path.write_bytes(redacted_capture(redacted))
    return redacted, path.read_bytes(), analyze([path])


def test_a_success_that_acquits_the_secret_is_told_of_and_not_in_it(tmp_path: Path) -> None:
    redacted, capture, again = of_sample("multipart-one-part-fails.pcap", tmp_path)
    same, others = cited(redacted.report)
    assert not same
    (other,) = others
    fact = next(f for f in redacted.report.findings[0].facts if f.statement.key == "diagnosis.key-works")
    assert other.exchange.request is not None
    assert set(fact.frames) <= set(other.exchange.request.frames)
    assert other.exchange.request.target not in capture
    assert other.credentials.signature is not None
    assert other.credentials.signature not in capture
    assert again.captures[0].exchanges == 1
    assert "diagnosis.key-works-stated" in [f.statement.key for f in again.findings[0].facts]
    assert not again.incomplete


def test_an_exchange_with_the_signature_of_a_finding_is_in_it(tmp_path: Path) -> None:
    """What it proves it proves by its bytes."""
    redacted, capture, again = of_sample("presigned-get-used-as-put.pcap", tmp_path)
    same, others = cited(redacted.report)
    assert (len(same), len(others)) == (1, 0)
    assert PREFIX not in capture
    assert again.captures[0].exchanges == 2
    assert same[0].request is not None
    (frame,) = same[0].request.frames
    said = b"F1: request, frame %d of the original capture; carries the evidence for method-mismatch" % frame
    assert said in capture
    assert (again.findings[0].causes[0].id, again.findings[0].causes[0].certainty) == ("method-mismatch", PROVEN)


def test_a_comment_that_cannot_be_read_is_told(tmp_path: Path) -> None:
    path = tmp_path / "odd.pcapng"
    path.write_bytes(pcapng([], [PREFIX.decode() + "{}", "somebody else's"]))
    assert note("pipeline.statements-unread", count=1) in analyze([path]).notes
