"""ossig doctor as a user types it, on this machine and on interpreters made up for it."""

from __future__ import annotations

import base64
import hashlib
import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from email.utils import formatdate
from http.server import BaseHTTPRequestHandler, HTTPServer
from importlib.resources import files
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from analyzer.cli.machine import machine, netrc_hosts
from analyzer.doctor import examine

OFFSETS = {"now": 0, "behind": 1800}


def doctor(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    clean = {name: value for name, value in os.environ.items() if not name.lower().endswith("_proxy")}
    command = [sys.executable, "-m", "analyzer", "doctor", *arguments]
    return subprocess.run(
        command, capture_output=True, text=True, check=False, timeout=120, env={**clean, **environment}
    )


def checks(done: subprocess.CompletedProcess[str]) -> dict[str, Any]:
    assert done.stdout, done.stderr
    value = json.loads(done.stdout)
    schema = json.loads(files("analyzer.report").joinpath("schema", "ossig.doctor.1.json").read_text("utf-8"))
    jsonschema.validate(value, schema, jsonschema.Draft202012Validator)
    assert done.returncode == (1 if value["wrong"] else 0)
    return {check["id"]: check for check in value["checks"]}


def test_this_machine() -> None:
    found = checks(doctor("--format", "json", "--lang", "en", HOME="/nonexistent"))
    assert found["packages"]["values"]["oss2"]
    assert found["crcmod"]["values"]["mb_per_second_without"] > 0
    assert found["proxy"]["verdict"] == "ok"
    assert "clock" not in found


def test_text_says_that_no_connection_was_opened() -> None:
    done = doctor("--lang", "en", HOME="/nonexistent")
    assert "No connection was opened" in done.stdout
    assert "Traceback" not in done.stderr


def fake_crcmod(folder: Path, owners: dict[str, bytes], standing: bytes) -> str:
    """An installed-looking crcmod in pure Python: ``owners`` claim its file with the content they brought."""
    package = folder / "crcmod"
    package.mkdir()
    (package / "__init__.py").write_text("from crcmod.crcmod import Crc, mkCrcFun\n")
    (package / "crcmod.py").write_bytes(standing)
    for name, brought in owners.items():
        info = folder / f"{name.replace('-', '_')}-9.9.dist-info"
        info.mkdir()
        (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 9.9\n")
        digest = base64.urlsafe_b64encode(hashlib.sha256(brought).digest()).rstrip(b"=").decode()
        (info / "RECORD").write_text(f"crcmod/crcmod.py,sha256={digest},{len(brought)}\n")
    return str(folder)


SLOW = b"""
_usingExtension = False
class Crc:
    def __init__(self, *a, **k): pass
    def update(self, data): pass
def mkCrcFun(*a): return len
"""
BROKEN = b"raise AttributeError('module has no attribute Crc')\n"


@pytest.mark.parametrize(
    ("owners", "standing", "verdicts"),
    [
        ({"crcmod": SLOW}, SLOW, {"crcmod": "wrong"}),
        ({"crcmod": b"", "crcmod-plus": SLOW}, SLOW, {"crcmod": "wrong", "crcmod-owner": "warning"}),
        ({"crcmod": b"", "crcmod-plus": b""}, SLOW, {"crcmod": "wrong", "crcmod-owner": "wrong"}),
        ({"crcmod": BROKEN}, BROKEN, {"crcmod": "wrong"}),
    ],
    ids=["no extension", "clobbered", "mixed", "broken"],
)
def test_an_interpreter_whose_crcmod_is_spoilt(
    tmp_path: Path, owners: dict[str, bytes], standing: bytes, verdicts: dict[str, str]
) -> None:
    place = fake_crcmod(tmp_path, owners, standing)
    path = os.pathsep.join((place, os.environ.get("PYTHONPATH", "")))
    before = sorted(str(p) for p in tmp_path.rglob("*"))
    done = doctor("--python", sys.executable, "--format", "json", PYTHONPATH=path, HOME="/nonexistent")
    assert done.returncode == 1
    found = checks(done)
    if "crcmod-owner" not in verdicts and "crcmod-plus" in found["packages"]["values"]:
        verdicts = {**verdicts, "crcmod-owner": found["crcmod-owner"]["verdict"]}  # this Python has the other one too
    assert {name: found[name]["verdict"] for name in verdicts} == verdicts
    assert sorted(str(p) for p in tmp_path.rglob("*")) == before, "something was changed"


def test_secrets_around_it_stay_out(tmp_path: Path) -> None:
    (tmp_path / ".netrc").write_text("machine oss-cn-hangzhou.aliyuncs.com login bob password hunter2\n")
    done = doctor("--format", "json", HOME=str(tmp_path), https_proxy="http://bob:hunter2@proxy.corp:3128")
    found = checks(done)
    assert found["netrc"]["verdict"] == "wrong"
    assert found["proxy"]["values"] == {
        "variable": "https_proxy",
        "proxy": "proxy.corp:3128",
        "credentials": True,
        "bypassed": False,
    }
    assert "hunter2" not in done.stdout + done.stderr
    assert "bob" not in done.stdout


@pytest.mark.parametrize(
    ("text", "hosts"),
    [
        ("", []),
        ("machine a.example login bob password machine", ["a.example"]),
        ("machine a.example\n  password default\nmachine b.example login x", ["a.example", "b.example"]),
        ("default login bob password x", ["default"]),
        ("machine", [""]),
    ],
)
def test_hosts_of_a_netrc(text: str, hosts: list[str]) -> None:
    assert list(netrc_hosts(text)) == hosts


def test_no_such_interpreter() -> None:
    done = doctor("--python", "/no/such/python")
    assert done.returncode == 2
    assert "Traceback" not in done.stderr


class _Dated(BaseHTTPRequestHandler):
    offset = 0

    def do_HEAD(self) -> None:
        self.send_response(403)
        self.end_headers()

    def date_time_string(self, timestamp: float | None = None) -> str:
        import time

        return formatdate(time.time() + self.offset, usegmt=True)

    def log_message(self, format: str, *args: object) -> None:
        pass


@pytest.fixture(params=OFFSETS)
def dated(request: pytest.FixtureRequest) -> Iterator[tuple[str, int]]:
    offset = OFFSETS[request.param]
    handler = type("Dated", (_Dated,), {"offset": offset})
    server = HTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_address[1]}/", offset
    server.shutdown()
    server.server_close()
    thread.join()


def test_the_clock_is_compared_where_asked(dated: tuple[str, int]) -> None:
    url, offset = dated
    (told,) = [one for one in examine(machine(None, "x.example", url)).checked if one.id == "clock"]
    assert told.verdict.value == ("wrong" if offset else "ok")
    assert abs(int(dict(told.values)["seconds"] or 0) + offset) <= 2


def test_a_clock_that_does_not_answer_is_no_fault() -> None:
    (told,) = [one for one in examine(machine(None, "x.example", "http://127.0.0.1:9/")).checked if one.id == "clock"]
    assert told.verdict.value == "unknown"
    assert dict(told.statement.args)["reason"] == "connection refused"
