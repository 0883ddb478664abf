"""``--format html`` from the command line to the file."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

CAPTURE = Path(__file__).parents[2] / "captures" / "faild.pcap"


@pytest.mark.parametrize(("language", "said"), [("en", "What to do"), ("zh", "解决方法")])
def test_a_capture_becomes_a_page(tmp_path: Path, language: str, said: str) -> None:
    target = tmp_path / "report.html"
    command = [
        sys.executable,
        "-m",
        "analyzer",
        str(CAPTURE),
        "--format",
        "html",
        "--lang",
        language,
        "-o",
        str(target),
    ]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 1, done.stderr
    page = target.read_text("utf-8")
    assert page.lstrip().startswith("<!DOCTYPE html>")
    assert "SignatureDoesNotMatch" in page
    assert "<mark>-ops-model</mark>" in page
    assert said in page


def test_the_page_goes_to_standard_output_too() -> None:
    command = [sys.executable, "-m", "analyzer", str(CAPTURE), "--format", "html"]
    done = subprocess.run(command, capture_output=True, timeout=120, check=False)
    assert done.returncode == 1
    assert done.stdout.rstrip().endswith(b"</html>")
