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


BEGINS = {"html": "<!DOCTYPE html>", "md": "# ", "json": "{\n", "jsonl": '{"schema"', "txt": "", "log": ""}


@pytest.mark.parametrize("ending", BEGINS)
@pytest.mark.parametrize("command", [["analyze", FAILD], ["transfers", FAILD], ["explain", CAPTURES / "exception.txt"]])
def test_the_ending_tells_the_form(command: list[str | Path], ending: str, tmp_path: Path) -> None:
    target = tmp_path / f"out.{ending.upper()}"
    done = ossig(*command, "-o", target)
    assert done.returncode in (0, 1), done.stderr
    written = target.read_text()
    assert written.startswith(BEGINS[ending])
    assert bool(BEGINS[ending]) == written.startswith(("<", "#", "{"))


def test_every_command_that_writes_a_form_takes_it_from_the_name(tmp_path: Path) -> None:
    sides = CAPTURES / "proxy-client-side.pcap", CAPTURES / "proxy-server-side.pcap"
    commands: list[tuple[tuple[str | Path, ...], str, str]] = [
        (("compare", *sides), "c.html", "<!DOCTYPE"),
        (("exchanges", FAILD), "e.jsonl", '{"capture"'),
        (("doctor",), "d.json", "{\n"),
    ]
    for command, name, begins in commands:
        ossig(*command, "-o", tmp_path / name)
        assert (tmp_path / name).read_text().startswith(begins)
    with FAILD.open("rb") as stream:
        live = [sys.executable, "-m", "analyzer", "live", "-", "-o", str(tmp_path / "l.html")]
        subprocess.run(live, stdin=stream, capture_output=True, check=False, timeout=60)
    assert (tmp_path / "l.html").read_text().startswith("<!DOCTYPE")


@pytest.mark.parametrize(
    ("command", "name", "said"),
    [
        (("analyze", FAILD, "--format", "text"), "t.html", "another form than `--format text`"),
        (("report", FAILD, "--format", "html"), "t.zip", "another form than `--format html`"),
        (("transfers", FAILD, "--format", "json"), "t.md", "another form than `--format json`"),
        (("analyze", FAILD), "t.zip", "`ossig report` writes .zip"),
        (("exchanges", FAILD), "t.html", "it writes text, jsonl"),
        (("doctor",), "t.html", "it writes text, json"),
    ],
)
def test_a_name_that_contradicts_the_form_is_refused(
    command: tuple[str | Path, ...], name: str, said: str, tmp_path: Path
) -> None:
    done = ossig(*command, "-o", tmp_path / name)
    assert done.returncode == 2
    assert said in done.stderr
    assert not list(tmp_path.iterdir())


SHELL = f"{sys.executable} -m analyzer"


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no such device here")
@pytest.mark.parametrize("words", [f"{FAILD}", f"exchanges {FAILD}", "doctor", f"live - < {FAILD}"])
@pytest.mark.parametrize(
    ("end", "said"),
    [(">/dev/full", "standard output could not be written: no space left on device."), (">&-", "it is closed.")],
)
def test_standard_output_that_takes_nothing(words: str, end: str, said: str) -> None:
    done = subprocess.run(f"{SHELL} {words} {end}", shell=True, capture_output=True, check=False, text=True, timeout=60)
    assert done.returncode == 2
    assert done.stderr.splitlines()[-1].endswith(said)
    assert "this should not have happened" not in done.stderr


def test_nobody_needs_standard_error(tmp_path: Path) -> None:
    for words, code in (
        (f"{FAILD} -o {tmp_path}/a.txt >&- 2>&-", 1),
        (f"live - -o {tmp_path}/b.txt < {FAILD} >&- 2>&-", 1),
        (f"{tmp_path}/no-such 2>&-", 3),
    ):
        assert subprocess.run(f"{SHELL} {words}", shell=True, capture_output=True, check=False).returncode == code
    assert all("SignatureDoesNotMatch" in (tmp_path / name).read_text() for name in ("a.txt", "b.txt"))


CODE = "    bucket.complete_multipart_upload('KEY', upload_id, parts, headers={'Content-Type': 'application/xml'})\n"


def test_lines_of_code_are_whole_where_they_are_copied_from(tmp_path: Path) -> None:
    assert CODE in ossig(FAILD, "--lang", "en").stdout
    ossig(FAILD, "--lang", "en", "-o", tmp_path / "a.txt")
    assert CODE in (tmp_path / "a.txt").read_text()
    sides = CAPTURES / "proxy-client-side.pcap", CAPTURES / "proxy-server-side.pcap"
    https = "    bucket = oss2.Bucket(auth, 'https://oss-cn-hangzhou.aliyuncs.com', 'BUCKET')    # HTTPS: "
    assert https in ossig("compare", *sides, "--lang", "en").stdout


@pytest.mark.skipif(not hasattr(os, "openpty"), reason="no terminals of our own here")
def test_a_terminal_gets_lines_that_fit() -> None:
    master, terminal = os.openpty()
    environment = {**os.environ, "COLUMNS": "80", "NO_COLOR": "1", "TERM": "xterm"}
    command = [sys.executable, "-m", "analyzer", str(FAILD), "--lang", "en"]
    run = subprocess.Popen(command, stdout=terminal, env=environment)
    os.close(terminal)
    page = b""
    while b"Wireshark filter" not in page:
        page += os.read(master, 1 << 16)
    run.wait(timeout=60)
    os.close(master)
    assert max(map(len, page.decode(errors="replace").splitlines())) <= 80


@pytest.mark.parametrize("command", [["analyze", FAILD], ["report", FAILD], ["explain", CAPTURES / "exception.txt"]])
def test_what_was_written_is_said_on_standard_error(command: list[str | Path], tmp_path: Path) -> None:
    target = tmp_path / "t.html"
    done = ossig(*command, "-o", target, "--lang", "en")
    assert (done.returncode, done.stdout, done.stderr) == (1, "", f"ossig: {target} written, 1 finding.\n")
    assert not ossig(*command, "-o", "-", "--format", "text").stderr
