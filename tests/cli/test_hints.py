"""What is said to somebody who typed nearly the right thing."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from analyzer.cli.main import likely_command
from tests.cli.test_output import FAILD, ossig


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        (["analyze", "compre", "a", "b"], "compare"),
        (["analyze", "analyse"], "analyze"),
        (["analyze", "transfer"], "transfers"),
        (["analyze", "help"], "--help"),
        (["analyze", "diff"], "compare"),
        (["analyze", "compre.pcap"], None),
        (["analyze", "./compre"], None),
        (["analyze", "mydump"], None),
        (["analyze", "-"], None),
        (["analyze"], None),
        (["report", "compre"], None),
    ],
)
def test_a_word_that_reads_like_a_command(typed: list[str], meant: str | None) -> None:
    assert likely_command(typed) == meant


def test_a_file_of_that_name_is_a_capture(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("compre").write_bytes(b"")
    assert likely_command(["analyze", "compre"]) is None


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (["compre", "a", "b"], 2, "did you mean `ossig compare`?"),
        (["README.md"], 3, "`ossig explain README.md`"),
        (["live", str(FAILD)], 2, f"`ossig {FAILD}`"),
        (["live", "-i", "lo", "--duration", "abc"], 2, "abc is no number of seconds."),
        (["live", "-i", "lo", "--duration", "-1"], 2, "-1 is no number of seconds."),
        (["doctor", "--python", "/no/such/python"], 2, "/no/such/python, named by --python, could not be run: no such"),
        (["doctor", "--python", "/bin/echo"], 2, "does not answer as a Python does"),
    ],
)
def test_a_hint_names_what_would_work(words: list[str], code: int, said: str) -> None:
    done = ossig(*words)
    assert done.returncode == code
    assert said in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_an_empty_directory_is_said_to_be_empty(tmp_path: Path) -> None:
    done = ossig(tmp_path)
    assert (done.returncode, done.stderr) == (3, f"ossig: {tmp_path}: the directory is empty.\n")


@pytest.mark.parametrize("form", ["text", "markdown", "html"])
def test_a_missing_file_is_said_once_and_was_not_read(form: str) -> None:
    page = ossig(FAILD, "/no-such.pcap", "--format", form).stdout
    assert page.count("/no-such.pcap") == 1
    assert "0 packets" not in page


@pytest.mark.skipif(not hasattr(os, "openpty"), reason="no terminals of our own here")
@pytest.mark.parametrize("words", [["-"], ["exchanges", "-"], ["live", "-"], ["compare", "-", str(FAILD)]])
def test_who_is_to_type_a_capture_is_told_so(words: list[str]) -> None:
    master, terminal = os.openpty()
    run = subprocess.Popen([sys.executable, "-m", "analyzer", *words], stdin=terminal, stderr=subprocess.PIPE)
    os.close(terminal)
    assert run.stderr is not None
    first = run.stderr.readline()
    os.close(master)
    run.communicate(timeout=60)
    assert b"waiting for a packet capture on standard input" in first


@pytest.mark.parametrize("words", ["-", "explain", "live -"])
def test_a_standard_input_that_is_closed(words: str) -> None:
    command = f"{sys.executable} -m analyzer {words} <&-"
    done = subprocess.run(command, shell=True, capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 3
    assert done.stderr == "ossig: Standard input (-) was asked for, but there is none here.\n"


@pytest.mark.parametrize(("language", "said"), [("en", "reading a capture from standard input"), ("zh", "标准输入")])
def test_live_says_that_it_reads_standard_input(language: str, said: str) -> None:
    assert said in ossig("live", "-", "--lang", language, stdin=FAILD.read_bytes()).stderr.splitlines()[0]
