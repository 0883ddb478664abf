"""Where output goes: never over an input, in the form its name tells, and what happens where it cannot be written."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

CAPTURES = Path(__file__).resolve().parents[2] / "captures"
FAILD = CAPTURES / "faild.pcap"


def ossig(*arguments: str | Path, stdin: bytes | None = None) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "analyzer", *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, input=stdin, check=False, timeout=60)
    return subprocess.CompletedProcess(command, done.returncode, done.stdout.decode(), done.stderr.decode())


@pytest.fixture
def own(tmp_path: Path) -> Path:
    """A capture of which there is no other copy."""
    (tmp_path / "in").mkdir()
    path = tmp_path / "in" / "own.pcap"
    path.write_bytes(FAILD.read_bytes())
    return path


@pytest.mark.parametrize("command", ["analyze", "report", "exchanges", "transfers", "explain"])
@pytest.mark.parametrize("named", ["itself", "link", "hard link"])
def test_an_input_is_never_overwritten(command: str, named: str, own: Path) -> None:
    output = own
    if named != "itself":
        output = own.with_name("other.pcap")
        output.symlink_to(own) if named == "link" else os.link(own, output)
    done = ossig(command, own, "-o", output, "--force", "--format", "text")
    assert done.returncode == 2
    assert f"{output} is one of the inputs" in done.stderr
    assert own.read_bytes() == FAILD.read_bytes()


def test_nor_is_what_a_directory_a_pattern_or_standard_input_brings(own: Path) -> None:
    text = ("--format", "text", "--force", "-o", own)
    with own.open("rb") as stream:
        piped = subprocess.run(
            [sys.executable, "-m", "analyzer", "-", *map(str, text)], stdin=stream, capture_output=True, check=False
        )
    for code in (
        ossig(own.parent, *text).returncode,
        ossig(own.parent / "*.pcap", *text).returncode,
        ossig("compare", FAILD, own, *text).returncode,
        piped.returncode,
    ):
        assert code == 2
    assert own.read_bytes() == FAILD.read_bytes()


def test_secrets_and_key_logs_are_inputs_too(own: Path) -> None:
    keys = own.with_name("keys.txt")
    keys.write_text("LTAI:secret\n")
    for option in ("--secret-file", "--keylog"):
        assert ossig(own, option, keys, "-o", keys, "--force").returncode == 2
    assert keys.read_text() == "LTAI:secret\n"
