"""What reports say of encrypted connections, and what no output may hold: session secrets."""

from __future__ import annotations

import json
import os
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from analyzer import Options, analyze
from analyzer.cli.main import run
from analyzer.model.secrets import Secret
from tests.recorder.packets import Place
from tests.recorder.record import placed
from tests.recorder.scenes import HOST
from tests.support.pcapfile import secrets, write_pcapng
from tests.tls.test_proxies import Scene, play, with_oss2

pytestmark = pytest.mark.filterwarnings("ignore::urllib3.exceptions.InsecureRequestWarning")

FAILD = Path(__file__).parents[2] / "captures" / "faild.pcap"


class Files:
    """An upload by oss2 over HTTPS that was refused, with its key log beside it and inside."""

    def __init__(self, scene: Scene, folder: Path) -> None:
        self.pcap = str(scene.far)
        self.keys = str(folder / "keys")
        log = Path(self.keys).read_bytes()
        self.words = [line.split()[2] for line in log.split(b"\n") if line and not line.startswith(b"#")]
        packets = placed(scene.connections, Place(server_port=443))
        self.pcapng = str(write_pcapng(folder / "a.pcapng", packets, after=[secrets(log)]))

    def leaks(self, data: bytes) -> bool:
        """Whether a secret is in there: in hex, upper or lower case, or as it is; the beginning is enough."""
        text = data.lower()
        return any(word[:24].lower() in text or bytes.fromhex(word.decode())[:12] in data for word in self.words)


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> Files:
    folder = tmp_path_factory.mktemp("tls")
    with pytest.MonkeyPatch.context() as patch:
        return Files(play(with_oss2, folder, patch), folder)


def ossig(capfd: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    """Exit code, standard output, standard error."""
    with pytest.raises(SystemExit) as ended:
        run(arguments)
    return (int(ended.value.code or 0), *capfd.readouterr())


VIEWS = [
    *([name, "--format", form] for name in ("analyze",) for form in ("text", "json", "jsonl", "markdown", "html")),
    ["analyze", "--redact", "--format", "json"],
    ["exchanges"],
    ["exchanges", "--format", "jsonl"],
    *(["report", "-o", "-", "--format", form] for form in ("text", "json", "markdown", "html")),
    ["report", "-o", "-", "--format", "json", "--no-redact"],
]


@pytest.mark.parametrize("view", VIEWS, ids=" ".join)
@pytest.mark.parametrize("inside", [False, True])
def test_no_session_secret_in_any_output(
    view: list[str], inside: bool, files: Files, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OSSIG_DEBUG", "1")
    source = [files.pcapng] if inside else [files.pcap, "--keylog", files.keys]
    code, out, err = ossig(capfd, *view, *source)
    assert code == (0 if view[0] == "exchanges" else 1), err
    assert "403" in out
    assert not files.leaks((out + err).encode())


def test_a_bundle_is_plain_http_and_says_so(files: Files, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    for lang, sentence in (("en", "as plain HTTP"), ("zh", "明文 HTTP")):
        target = tmp_path / f"{lang}.zip"
        assert ossig(capfd, "report", files.pcapng, "-o", str(target), "--lang", lang)[0] == 1
        with zipfile.ZipFile(target) as archive:
            for name in archive.namelist():
                data = archive.read(name)
                assert not files.leaks(data)
                assert b"TLSK" not in data
                assert b"KSLT" not in data
                if name.startswith("report."):
                    assert sentence in data.decode()
            (tmp_path / "redacted.pcapng").write_bytes(archive.read("redacted.pcapng"))
        again = analyze([tmp_path / "redacted.pcapng"])
        first = analyze([files.pcapng])
        assert [f.causes[0].id for f in again.findings] == [f.causes[0].id for f in first.findings]
        assert not again.findings[0].signed.exchange.notes


def _shows_what_it_got(*arguments: object) -> None:
    raise RuntimeError(f"got {arguments}")


def _shows_nothing(*arguments: object) -> None:
    raise RuntimeError


@pytest.mark.parametrize(
    ("place", "fault"),
    [
        ("analyzer.tls.session.KeyLog.secret", _shows_what_it_got),
        ("analyzer.tls.session.Session.ladder", _shows_what_it_got),
        ("analyzer.tls.session.opener13", _shows_nothing),
        ("analyzer.tls.keylog._lines", _shows_nothing),
    ],
)
@pytest.mark.parametrize("debug", ["", "1"])
def test_a_traceback_shows_no_secret(
    place: str,
    fault: Callable[..., None],
    debug: str,
    files: Files,
    capfd: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("OSSIG_DEBUG", debug)
    monkeypatch.setattr(place, fault)
    code, out, err = ossig(capfd, files.pcap, "--keylog", files.keys)
    assert code not in (0, 1)
    assert "RuntimeError" in err
    assert ("Traceback" in err) is bool(debug)
    assert not files.leaks((out + err).encode())


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_without_a_key_log_the_report_says_what_to_do(
    lang: str, files: Files, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("SSLKEYLOGFILE", raising=False)
    code, out, _ = ossig(capfd, files.pcap, "--lang", lang)
    assert code == 4
    assert HOST in out
    lines = [line.strip(" ·") for line in out.splitlines()]
    assert "`SSLKEYLOGFILE=keys.log python app.py`" in lines
    assert "`ossig capture.pcap --keylog keys.log`" in lines
    code, out, err = ossig(capfd, "exchanges", files.pcap, "--lang", lang)
    assert (code, out) == (4, "")
    assert HOST in err
    code, out, _ = ossig(capfd, files.pcap, "--lang", lang, "--format", "json")
    assert code == 4
    said = json.loads(out)
    assert said["incomplete"] is True
    assert any(HOST in sentence and "20" in sentence for sentence in said["notes"])


def test_the_key_log_of_the_environment_serves_without_any_option(
    files: Files, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSLKEYLOGFILE", files.keys)
    for view in (["analyze"], ["exchanges"], ["report", "-o", "-"]):
        code, out, err = ossig(capfd, *view, files.pcap)
        assert code == (0 if view[0] == "exchanges" else 1)
        assert "403" in out
        assert "key log" not in err


@pytest.mark.parametrize("kind", ["other session", "garbage", "empty", "missing", "folder"])
def test_a_stale_key_log_in_the_environment_does_no_harm(
    kind: str, files: Files, tmp_path: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    stale = tmp_path / "stale"
    contents = {
        "other session": b"CLIENT_RANDOM " + b"ab" * 32 + b" " + b"cd" * 48 + b"\n",
        "garbage": os.urandom(5000),
        "empty": b"",
    }
    if kind == "folder":
        stale.mkdir()
    elif kind in contents:
        stale.write_bytes(contents[kind])
    monkeypatch.setenv("SSLKEYLOGFILE", str(stale))
    code, out, err = ossig(capfd, str(FAILD))
    assert code == 1
    assert "key log" not in out + err
    assert ossig(capfd, files.pcap, "--keylog", files.keys)[0] == 1
    assert ossig(capfd, files.pcapng)[0] == 1
    code, out, err = ossig(capfd, files.pcap)
    assert code == 4
    assert HOST in out
    assert "`SSLKEYLOGFILE=keys.log python app.py`" in out


def test_a_key_log_costs_nothing_where_nothing_is_encrypted(monkeypatch: pytest.MonkeyPatch) -> None:
    def never(text: bytes) -> None:
        raise AssertionError("read")

    monkeypatch.setattr("analyzer.tls.keylog._lines", never)
    monkeypatch.setattr("analyzer.pipeline.watched.secrets_inside", never)
    for path in sorted(FAILD.parent.glob("*.pcap")):
        analyze([path], Options(keylogs=(Secret(b"CLIENT_RANDOM"),)))
