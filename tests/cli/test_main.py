"""Commands as a user types them: help, defaults, faults, files."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from analyzer.cli.exits import code_of, ended
from analyzer.cli.keys import read_secrets
from analyzer.cli.main import COMMANDS, with_command
from analyzer.cli.output import check_output, write_output
from analyzer.model.errors import CannotRead, Fault, OutputRefused
from analyzer.model.notes import note
from analyzer.model.report import Report
from tests.report import samples


def ossig(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "analyzer", *arguments], capture_output=True, text=True, check=False, timeout=60
    )


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        (["a.pcap"], ["analyze", "a.pcap"]),
        (["--format", "json", "a.pcap"], ["analyze", "--format", "json", "a.pcap"]),
        (["-"], ["analyze", "-"]),
        (["exchanges", "a.pcap"], ["exchanges", "a.pcap"]),
        (["./exchanges"], ["analyze", "./exchanges"]),
        (["--help"], ["--help"]),
        (["--version"], ["--version"]),
        ([], []),
    ],
)
def test_analyze_is_the_default_command(typed: list[str], meant: list[str]) -> None:
    assert with_command(typed, COMMANDS) == meant


@pytest.mark.parametrize("command", COMMANDS)
def test_a_command_shows_its_help_alone(command: str) -> None:
    done = ossig(command, "--help")
    assert done.returncode == 0
    assert done.stdout.lstrip().startswith(f"Usage: ossig {command} ")


@pytest.mark.parametrize(
    ("command", "usage"),
    [
        ("analyze", "[OPTIONS] CAPTURE..."),
        ("compare", "[OPTIONS] CLIENT SERVER"),
        ("explain", "[OPTIONS] [FILE]"),
        ("live", "[OPTIONS] [FILTER]"),
        ("doctor", "[OPTIONS]"),
    ],
)
def test_usage_is_written_as_manuals_do(command: str, usage: str) -> None:
    assert ossig(command, "--help").stdout.splitlines()[0] == f"Usage: ossig {command} {usage}"


def test_the_help_cuts_no_summary_and_breaks_no_example() -> None:
    page = ossig("--help").stdout
    assert "..." not in page[page.index("Commands:") :]
    assert "5 no permission" in page
    example = "  ossig doctor --python /srv/app/venv/bin/python --clock https://oss-cn-hangzhou.aliyuncs.com\n"
    assert example in ossig("doctor", "--help").stdout


def test_the_help_names_every_command_in_order() -> None:
    lines = ossig("--help").stdout.splitlines()
    listed = [
        line.split()[0] for line in lines[lines.index("Commands:") + 1 :] if line.startswith("  ") and line[2] != " "
    ]
    assert listed == list(COMMANDS)


ROOT = Path(__file__).resolve().parents[2]
#: What a plain run of ``analyze`` has no use for. To import any of it would cost every run milliseconds.
LEFT_OUT = (
    *("scapy", "oss2", "requests", "jinja2", "cryptography", "rapidfuzz", "brotli", "backports.zstd"),
    *("numpy.random", "numpy.ma", "numpy.fft", "numpy.polynomial", "numpy.testing"),
    *("asyncio", "email", "html", "http", "importlib.metadata", "importlib.resources", "json", "logging", "mimetypes"),
    *("pkgutil", "secrets", "socket", "ssl", "tempfile", "unittest", "xml", "zipfile"),
    *(f"analyzer.cli.{command}" for command in COMMANDS if command != "analyze"),
    *("analyzer.compare", "analyzer.doctor", "analyzer.pasted", "analyzer.transfers", "analyzer.capture.live"),
    *("analyzer.diagnosis.explain", "analyzer.diagnosis.logged", "analyzer.diagnosis.secret_check"),
    *("analyzer.model.comparison", "analyzer.model.pasted", "analyzer.model.tls", "analyzer.model.transfers"),
    *("analyzer.pipeline.comparing", "analyzer.pipeline.listing", "analyzer.pipeline.transferring"),
    *("analyzer.report.gate", "analyzer.report.html", "analyzer.report.json_", "analyzer.report.markdown"),
    *("analyzer.report.blocks", "analyzer.report.messages.en.transfers", "analyzer.report.messages.zh"),
    *("analyzer.report.redaction", "analyzer.tls.session", "analyzer.tls.stream"),
)


def test_a_plain_run_imports_only_what_it_shows() -> None:
    code = (
        "import sys, atexit, numpy, typer; before = set(sys.modules);"
        "atexit.register(lambda: print(*sorted(set(sys.modules) - before), file=sys.stderr));"
        "from analyzer.cli.main import run; run(['captures/faild.pcap', '--lang', 'en'])"
    )
    # Without site, where editable installs and the like import what they need themselves; without secrets.
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("OSS_", "SSLKEYLOG"))}
    environment["PYTHONPATH"] = os.pathsep.join(path for path in sys.path if path)
    done = subprocess.run(
        [sys.executable, "-S", "-c", code],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
        env=environment,
        cwd=ROOT,
    )
    assert done.returncode == 1, done.stderr
    imported = done.stderr.split()
    assert "analyzer.report.text" in imported
    assert [name for name in imported if name in LEFT_OUT] == []


def test_help_imports_nothing_heavy() -> None:
    code = (
        "import sys, atexit;"
        "heavy = ('numpy', 'dpkt', 'scapy', 'oss2', 'jinja2', 'cryptography', 'analyzer.report.view');"
        "atexit.register(lambda: print([m for m in heavy if m in sys.modules], file=sys.stderr));"
        "from analyzer.cli.main import run; run(['--help'])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 0
    assert done.stderr.strip() == "[]"
    assert "faild.pcap" in done.stdout


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("--version",), 0),
        (("--no-such-option", "x"), 2),
        (("x.pcap", "-o", os.path.join("no", "such", "place")), 2),
        (("x.pcap", "--secret-file", "no-such-file"), 3),
        (("x.pcap", "--keylog", "no-such-file"), 3),
    ],
)
def test_exit_codes_without_tracebacks(arguments: tuple[str, ...], code: int) -> None:
    done = ossig(*arguments)
    assert done.returncode == code
    assert "Traceback" not in done.stderr


def test_code_of_reports() -> None:
    assert code_of(Report((), ())) == 0
    assert code_of(samples.report()) == 1
    assert code_of(Report((), (), errors=(note("cli.interrupted"),))) == 3
    assert code_of(Report((), (), incomplete=True)) == 4
    assert code_of(Report((), (samples.finding(),), interrupted=True)) == 130


def test_an_unforeseen_fault_is_one_line_without_its_values(capsys: pytest.CaptureFixture[str]) -> None:
    def fails() -> int:
        raise ValueError("sk-very-secret")

    assert ended(fails, "en") == 3
    said = capsys.readouterr().err
    assert "ValueError at test_main.py" in said
    assert "sk-very-secret" not in said


def test_files_appear_whole_and_are_not_overwritten(tmp_path: Path) -> None:
    target = tmp_path / "out.txt"
    write_output(("a", "b\n"), str(target), force=False)
    with pytest.raises(OutputRefused):
        write_output(("c",), str(target), force=False)
    assert target.read_text() == "ab\n"
    write_output(("c",), str(target), force=True)
    assert target.read_text() == "c"
    assert os.listdir(tmp_path) == ["out.txt"]


def test_a_failing_run_leaves_no_file(tmp_path: Path) -> None:
    def chunks() -> Iterator[str]:
        yield "a"
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write_output(chunks(), str(tmp_path / "out.txt"), force=False)
    assert os.listdir(tmp_path) == []


def test_a_directory_is_no_output(tmp_path: Path) -> None:
    with pytest.raises(OutputRefused):
        check_output(str(tmp_path), force=True)


def test_secret_files_keep_blanks_and_warn_when_open(tmp_path: Path) -> None:
    path = tmp_path / "keys"
    path.write_bytes(b"# mine\n\nLTAI1:se:cret \r\nLTAI2:other\n")
    path.chmod(stat.S_IRUSR | stat.S_IROTH)
    book, warnings = read_secrets(str(path), {})
    assert book[b"LTAI1"].reveal() == b"se:cret "
    assert set(book) == {b"LTAI1", b"LTAI2"}
    assert [warning.key for warning in warnings] == ["cli.secret-file-open"]


@pytest.mark.parametrize("content", [b"", b"no colon\n", b":secret\n", b"LTAI:\n"])
def test_bad_secret_files_are_refused_without_showing_them(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "keys"
    path.write_bytes(content)
    with pytest.raises(Fault) as raised:
        read_secrets(str(path), {})
    assert not isinstance(raised.value, CannotRead)
    assert "secret\n" not in repr(raised.value.note)


def test_the_environments_key_pair_counts_only_whole() -> None:
    book, warnings = read_secrets(None, {"OSS_ACCESS_KEY_ID": "LTAI", "OSS_ACCESS_KEY_SECRET": "s"})
    assert set(book) == {b"LTAI"}
    assert not warnings
    book, warnings = read_secrets(None, {"OSS_ACCESS_KEY_ID": "LTAI"})
    assert not book
    assert [warning.key for warning in warnings] == ["cli.half-a-key-pair"]
