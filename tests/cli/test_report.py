"""``ossig report``: forms, refusals, and that nothing leaks."""

from __future__ import annotations

import json
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

FAILD = Path(__file__).parents[2] / "captures" / "faild.pcap"
#: What the capture holds and no report for others may.
VALUES = (
    b"rokid",
    b"ttsservice",
    b"LTAIknFr",
    b"r2KPR0y4E0G5tnU",
    b"D468E486D1D94D90",
    b"118.31.219.217",
    b"faild.pcap",
)


def ossig(*arguments: str) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        [sys.executable, "-m", "analyzer", "report", *arguments], capture_output=True, check=False, timeout=60
    )


@pytest.mark.parametrize("ending", ["html", "md", "json", "txt"])
def test_forms(tmp_path: Path, ending: str) -> None:
    target = tmp_path / f"ticket.{ending}"
    done = ossig(str(FAILD), "-o", str(target))
    assert done.returncode == 1, done.stderr
    written = target.read_bytes()
    assert b"5C2723573183A12D" in written
    for value in VALUES:
        assert value not in written


def test_bundle(tmp_path: Path) -> None:
    one, two = tmp_path / "one.zip", tmp_path / "two.zip"
    assert ossig(str(FAILD), "-o", str(one)).returncode == 1
    assert ossig(str(FAILD), "-o", str(two)).returncode == 1
    assert one.read_bytes() == two.read_bytes()
    with zipfile.ZipFile(one) as archive:
        for name in archive.namelist():
            data = archive.read(name)
            for value in VALUES:
                assert value not in data, name


def test_standard_output_and_stamp() -> None:
    done = ossig(str(FAILD), "-o", "-", "--format", "json", "--no-redact")
    assert done.returncode == 1
    report = json.loads(done.stdout)
    assert report["redacted"] is False
    assert b"Not redacted" in done.stderr
    assert "Not redacted" in report["notes"][0]
    redacted = json.loads(ossig(str(FAILD), "-o", "-", "--format", "json").stdout)
    assert redacted["redacted"] is True


def test_keep_names() -> None:
    done = ossig(str(FAILD), "-o", "-", "--keep-names")
    assert b"rokid" in done.stdout
    assert b"LTAIknFr" not in done.stdout


def test_refusals(tmp_path: Path) -> None:
    target = tmp_path / "ticket.md"
    target.write_text("mine")
    assert ossig(str(FAILD), "-o", str(target)).returncode == 2
    assert target.read_text() == "mine"
    assert ossig(str(FAILD), "-o", str(target), "--force").returncode == 1
    assert target.read_text() != "mine"
    assert ossig(str(FAILD), "-o", str(tmp_path / "ticket.xyz")).returncode == 2
    assert ossig(str(FAILD)).returncode == 2


def test_analyze_redacts_when_asked() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "analyzer", str(FAILD), "--redact", "--format", "json"],
        capture_output=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == 1
    assert json.loads(done.stdout)["redacted"] is True
    for value in VALUES:
        assert value not in done.stdout
