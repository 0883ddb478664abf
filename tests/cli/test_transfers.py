"""``ossig transfers``: exit codes, options, forms."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

CAPTURES = Path(__file__).parents[2] / "captures"
UPLOADS = CAPTURES / "multipart-uploads.pcap"


def ossig(*arguments: str | Path, stdin: bytes | None = None) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "analyzer", "transfers", *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, check=False, timeout=60, input=stdin)
    return subprocess.CompletedProcess(command, done.returncode, done.stdout.decode(), done.stderr.decode())


def test_exit_codes(tmp_path: Path) -> None:
    cut = tmp_path / "cut.pcap"
    cut.write_bytes((CAPTURES / "upload-download.pcap").read_bytes()[:-10])
    (tmp_path / "notes.txt").write_text("no capture")
    assert ossig(UPLOADS).returncode == 1
    assert ossig(CAPTURES / "upload-download.pcap").returncode == 0
    assert ossig(cut).returncode == 4
    assert ossig(tmp_path / "notes.txt").returncode == 3
    assert ossig().returncode == 2


def test_standard_input() -> None:
    done = ossig("-", "--format", "json", stdin=UPLOADS.read_bytes())
    assert [upload["state"] for upload in json.loads(done.stdout)["uploads"]] == ["completed", "aborted", "fragments"]


@pytest.mark.parametrize("form", ["text", "html"])
def test_forms_and_files(tmp_path: Path, form: str) -> None:
    target = tmp_path / "out"
    done = ossig(UPLOADS, "--format", form, "-o", target)
    assert (done.returncode, done.stdout) == (1, "")
    assert "0000000000000000000000000000000F" in target.read_text("utf-8")
    redacted = ossig(UPLOADS, "--format", form, "--redact").stdout
    assert "backup" not in redacted
    assert "ossig-samples" not in redacted


def test_checks_can_be_left_out() -> None:
    done = ossig(UPLOADS, "--no-checks", "--format", "json")
    report = json.loads(done.stdout)
    assert report["checked"] is False
    assert {part["etag"] for upload in report["uploads"] for part in upload["parts"]} == {"not-made"}
    assert "--no-checks" in ossig(UPLOADS, "--no-checks").stdout


def test_chinese() -> None:
    assert "遗留碎片" in ossig(UPLOADS, "--lang", "zh").stdout
