"""``ossig compare`` as a user types it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

CAPTURES = Path(__file__).parents[2] / "captures"
NEAR, FAR = CAPTURES / "proxy-client-side.pcap", CAPTURES / "proxy-server-side.pcap"
WORKS, FAILS = CAPTURES / "works-on-centos.pcap", CAPTURES / "fails-on-ubuntu.pcap"
SECRET = "LTAI4SampleKeyOfOssig001:MadeUpSecretOfTheFirstSample01\n"


def ossig(*arguments: str | Path, stdin: bytes | None = None) -> subprocess.CompletedProcess[bytes]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("OSS_")}
    return subprocess.run(
        [sys.executable, "-m", "analyzer", "compare", *map(str, arguments)],
        capture_output=True,
        check=False,
        timeout=60,
        input=stdin,
        env=kept | {"LC_ALL": "C.UTF-8"},
    )


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        ((NEAR, FAR), 1),
        ((WORKS, FAILS), 1),
        ((NEAR, NEAR), 0),
        ((WORKS, WORKS), 0),
        ((NEAR, WORKS, "--mode", "traffic"), 4),
        ((NEAR, "no-such-file.pcap"), 3),
        (("no-such-file.pcap", NEAR), 3),
        ((NEAR,), 2),
        ((NEAR, FAR, "--mode", "both"), 2),
        (("-", "-"), 2),
    ],
)
def test_exit_codes(arguments: tuple[str | Path, ...], code: int) -> None:
    done = ossig(*arguments)
    assert done.returncode == code, done.stderr
    assert b"Traceback" not in done.stderr


def test_forms_and_standard_input(tmp_path: Path) -> None:
    value = json.loads(ossig(NEAR, "-", "--format", "json", stdin=FAR.read_bytes()).stdout)
    assert (value["schema"], value["way"], value["found"]) == ("ossig.compare/1", "same-traffic", True)
    assert value["sides"][1]["captures"][0]["path"] == "-"
    lines = ossig(NEAR, FAR, "--format", "jsonl").stdout.splitlines()
    assert len(lines) == 1 + len(value["pairs"])
    target = tmp_path / "hop.html"
    assert ossig(NEAR, FAR, "--format", "html", "-o", target).returncode == 1
    assert target.read_text("utf-8").startswith("<!DOCTYPE html>")
    assert ossig(NEAR, FAR, "-o", target).returncode == 2
    assert "请求".encode() in ossig(NEAR, FAR, "--lang", "zh").stdout


def test_a_directory_is_a_side(tmp_path: Path) -> None:
    side = tmp_path / "near"
    side.mkdir()
    (side / "near.pcap").write_bytes(NEAR.read_bytes())
    value = json.loads(ossig(side, FAR, "--format", "json").stdout)
    assert len(value["pairs"]) == 4


def test_the_mode_can_be_forced() -> None:
    value = json.loads(ossig(WORKS, FAILS, "--mode", "traffic", "--format", "json").stdout)
    assert value["way"] == "same-traffic"
    assert json.loads(ossig(NEAR, FAR, "--mode", "runs", "--format", "json").stdout)["way"] == "runs"


def test_redacted_and_secret(tmp_path: Path) -> None:
    keys = tmp_path / "keys"
    keys.write_text(SECRET)
    keys.chmod(0o600)
    plain = ossig(NEAR, FAR, "--format", "json", "--secret-file", keys)
    value = json.loads(plain.stdout)
    strings = value["pairs"][1]["string_to_sign"]
    assert (strings["secret_signs_client_side"], strings["secret_signs_server_side"]) == (True, False)
    for form in ("json", "text", "markdown", "html"):
        done = ossig(NEAR, FAR, "--format", form, "--secret-file", keys, "--redact")
        assert done.returncode == 1, done.stderr
        for removed in (b"ossig-samples", b"SampleKeyOfOssig001", b"118.31.219.217", b"proxy-client-side"):
            assert removed not in done.stdout
        assert b"MadeUpSecret" not in done.stdout + plain.stdout
