"""Live captures for real: tcpdump, dumpcap and sockets on the loopback, oss2 as the client, the stand-in as the server.

What needs a program or a right that the machine lacks is skipped. No test depends on how long something takes: a
finding must come while nothing else comes, but not within a time.
"""

from __future__ import annotations

import json
import os
import pty
import select
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import oss2
import pytest

from analyzer import analyze
from analyzer.cli.rendering import render
from analyzer.cli.settings import Format
from analyzer.report.view import local_view
from tests.recorder.scenes import KEY_ID, OTHER_SECRET, SECRETS, TEXT, bucket
from tests.recorder.standin import Standin
from tests.recorder.wiretap import redirected
from tests.support.capturing import OSSIG, ROOT, LiveRun, may_capture, needs, unprivileged
from tests.support.played import HeaderProxy, play

Object = dict[str, Any]

ENGINES = [pytest.param(name, marks=needs("tcpdump" if name == "sockets" else name)) for name in ("dumpcap", "tcpdump")]
ENGINES.append(pytest.param("sockets", marks=needs("tcpdump")))
ANY_ENGINE = needs("tcpdump")


@pytest.fixture
def server() -> Iterator[Standin]:
    with Standin(SECRETS) as standin, redirected(standin.address[1]):
        yield standin


def findings_of(text: str) -> list[Object]:
    found: list[Object] = json.loads(text)["findings"]
    return found


def told(run: LiveRun) -> list[Object]:
    """Findings that came by now, one line each."""
    return [one for one in (json.loads(line) for _, line in list(run.lines)) if "schema" not in one]


def analysed(*paths: Path) -> list[Object]:
    view = local_view(analyze(paths))
    return findings_of(render(view, Format.JSON, "en"))


def refused() -> None:
    """One request, one refusal."""
    with pytest.raises(oss2.exceptions.ServerError):
        bucket(oss2.Auth(KEY_ID, OTHER_SECRET)).put_object("docs/a.txt", TEXT)


# What is found


@pytest.mark.parametrize("engine", ENGINES)
def test_findings_come_at_once_and_are_those_of_the_saved_capture(engine: str, server: Standin, tmp_path: Path) -> None:
    with ExitStack() as stack:
        proxy = stack.enter_context(HeaderProxy(server.address, b"x-oss-meta-via: a proxy"))
        ports = ["--port", str(server.address[1]), "--port", str(proxy.port)]
        saved, report = tmp_path / "saved", tmp_path / "report.json"
        options = ["--save", str(saved), "-o", str(report), "--format", "json"]
        run = stack.enter_context(LiveRun("-i", "lo", "--with", engine, *ports, *options))
        run.captures()
        play("upload-download", "wrong-secret", "content-type-after-signing")
        run.until(lambda: len(told(run)) >= 3)  # while nothing else happens
        with redirected(proxy.port), pytest.raises(oss2.exceptions.ServerError):
            bucket().put_object("docs/b.txt", TEXT)
        run.until(lambda: len(told(run)) >= 5)  # seen before the proxy and behind it
        run.signal(signal.SIGINT)
        assert run.ended() == 1
    at_the_end = findings_of(report.read_text("utf-8"))
    assert at_the_end == analysed(*saved.iterdir())
    assert [one["id"] for one in at_the_end] == ["F1", "F2", "F3", "F4", "F5"]
    assert at_the_end[2]["causes"][0]["id"] == "content-type-after-signing"
    assert "altered-in-transit" in {one["causes"][0]["id"] for one in at_the_end[3:]}
    latest = {one["id"]: one for one in told(run)}  # a later line stands for an earlier one of the same finding
    assert list(latest.values()) == at_the_end
    whole = json.loads(run.lines[-1][1])
    assert whole["schema"] == "ossig.report/1"
    assert whole["captures"][0]["drops"] == 0


@needs("tcpdump")
@pytest.mark.parametrize("engine", ["tcpdump", "sockets"])
def test_several_interfaces_are_one_capture(engine: str, server: Standin, tmp_path: Path) -> None:
    port = str(server.address[1])
    options = ["--with", engine, "--port", port, "--save", str(tmp_path / "s"), "-o", str(tmp_path / "r.json")]
    second = "any" if engine == "tcpdump" else _another_interface()
    with LiveRun("-i", "lo", "-i", second, *options, "--format", "json") as run:
        run.captures()
        refused()
        run.until(lambda: bool(told(run)))
        run.signal(signal.SIGTERM)
        assert run.ended() == 1
    at_the_end = findings_of((tmp_path / "r.json").read_text("utf-8"))
    (file,) = (tmp_path / "s").iterdir()
    assert file.suffix == ".pcapng"
    assert at_the_end == analysed(file)
    whole = json.loads(run.lines[-1][1])["captures"][0]
    assert whole["path"] == f"lo,{second}"
    if engine == "tcpdump":
        assert set(whole["link_types"]) >= {"EN10MB"}
        assert len(whole["link_types"]) == 2


def _another_interface() -> str:
    from analyzer.capture.live.interfaces import interfaces

    found = [one.name for one in interfaces() if one.up and one.name != "lo"]
    if not found:
        pytest.skip("there is no second interface")
    return found[0]


def _filter_of(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/cmdline").read_text("utf-8").replace("\0", " ")
    except OSError:
        return ""


@ANY_ENGINE
def test_a_pipe_from_tcpdump_is_read_as_it_comes(server: Standin) -> None:
    port = str(server.address[1])
    with subprocess.Popen(
        ["tcpdump", "-i", "lo", "-U", "-w", "-", "tcp", "port", port], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as tcpdump:
        assert tcpdump.stderr is not None
        tcpdump.stderr.readline()
        live = subprocess.Popen(
            [*OSSIG, "live", "-"], stdin=tcpdump.stdout, stdout=subprocess.PIPE, text=True, cwd=ROOT
        )
        assert live.stdout is not None
        refused()
        first = json.loads(live.stdout.readline())  # comes while tcpdump still runs
        tcpdump.send_signal(signal.SIGINT)
        last = [json.loads(line) for line in live.stdout][-1]
        assert live.wait() == 1
        live.stdout.close()
        tcpdump.stderr.close()
    assert first["id"] == "F1"
    assert last["captures"][0]["path"] == "-"


@ANY_ENGINE
def test_remote_runs_tcpdump_over_ssh(server: Standin, tmp_path: Path) -> None:
    """ssh is a script here that runs the other side's command on this machine."""
    ssh = tmp_path / "ssh"
    ssh.write_text('#!/bin/sh\necho "$@" > "$0.args"\nfor last; do :; done\nexec sh -c "$last"\n', "utf-8")
    ssh.chmod(0o755)
    environment = {"PATH": f"{tmp_path}:{os.environ['PATH']}", "SSH_CONNECTION": "192.0.2.9 40000 192.0.2.1 22"}
    words = ("--remote", "user@host", "-i", "lo", "tcp port", str(server.address[1]))
    with LiveRun(*words, environment=environment) as run:
        run.captures()
        refused()
        run.until(lambda: bool(told(run)))
        filters = [_filter_of(pid) for pid in _offspring(run.pid)]
        run.signal(signal.SIGINT)
        assert run.ended() == 1
    assert any("not (host 192.0.2.9 and tcp port 40000 and tcp port 22)" in one for one in filters)
    whole = json.loads(run.lines[-1][1])["captures"][0]
    assert (whole["path"], whole["drops"]) == ("user@host:lo", 0)  # tcpdump's last words came through


@ANY_ENGINE
def test_a_remote_that_may_not_is_no_permission_either(tmp_path: Path) -> None:
    ssh = tmp_path / "ssh"
    ssh.write_text('#!/bin/sh\nfor last; do :; done\nexec sh -c "$last"\n', "utf-8")
    ssh.chmod(0o755)
    environment = {"PATH": f"{tmp_path}:{os.environ['PATH']}"}
    with LiveRun("--remote", "user@host", "-i", "lo", before=unprivileged(), environment=environment) as run:
        assert run.ended() == 5
    assert "    ssh -t user@host 'sudo setcap " in run.said


def _offspring(pid: int) -> list[int]:
    found = []
    try:
        children = [int(one) for one in Path(f"/proc/{pid}/task/{pid}/children").read_text("ascii").split()]
    except OSError:
        return []
    for child in children:
        found += [child, *_offspring(child)]
    return found


# Who may


@ANY_ENGINE
def test_without_the_right_the_command_that_works_is_said() -> None:
    run = subprocess.run(
        [*unprivileged(), *OSSIG, "live", "-i", "lo", "--duration", "5"],
        capture_output=True,
        text=True,
        cwd=ROOT,
        check=False,
    )
    assert run.returncode == 5, run.stderr
    assert not run.stdout
    lines = [line.strip() for line in run.stderr.splitlines()[1:]]
    if shutil.which("dumpcap") is None:
        assert f"sudo setcap cap_net_raw,cap_net_admin=eip {os.path.realpath(shutil.which('tcpdump') or '')}" in lines
    assert any(line.startswith(f"sudo {shutil.which('tcpdump')} -i lo ") and line.endswith(" live -") for line in lines)
    assert lines[-1] == f"sudo {sys.executable} -m analyzer live -i lo --duration 5"


@needs("dumpcap")
def test_the_child_holds_the_right_and_the_analyser_has_none(server: Standin, tmp_path: Path) -> None:
    """The very setcap line that is printed, without sudo, on a copy of dumpcap; ossig itself has no capability."""
    setpriv = shutil.which("setpriv")
    if os.geteuid() != 0 or setpriv is None or shutil.which("setcap") is None:
        pytest.skip("only root may give and take capabilities, and needs setpriv and setcap for it")
    dumpcap = tmp_path / "dumpcap"
    shutil.copy(shutil.which("dumpcap") or "", dumpcap)
    environment = {"PATH": f"{tmp_path}:{os.environ['PATH']}"}
    alone = [setpriv, "--securebits=+noroot", "--inh-caps=-all"]
    options = ("-i", "lo", "--with", "dumpcap", "--port", str(server.address[1]))
    with LiveRun(*options, before=alone, environment=environment) as run:
        assert run.ended() == 5
    line = next(line.strip() for line in run.said.splitlines() if "setcap" in line)
    assert line.endswith(str(dumpcap))
    subprocess.run(line.removeprefix("sudo ").split(), check=True)
    with LiveRun(*options, "--exit-on-finding", before=alone, environment=environment) as run:
        run.captures()
        assert "CapEff:\t0000000000000000" in Path(f"/proc/{run.pid}/status").read_text("ascii")
        refused()
        assert run.ended() == 1


@ANY_ENGINE
@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (["-i", "lo", "tcp", "prt", "80"], 2, "syntax error"),
        (["-i", "nosuch0"], 3, "`ossig live -i list`"),
        (["-i", "nosuch0,lo"], 3, "repeat -i"),
    ],
)
def test_what_cannot_be_captured_is_said(words: list[str], code: int, said: str) -> None:
    with LiveRun(*words) as run:
        assert run.ended() == code
    assert said in run.said


def test_what_is_no_capture_is_said() -> None:
    run = subprocess.run([*OSSIG, "live", "-"], input=b"hello " * 100, capture_output=True, cwd=ROOT, check=False)
    assert run.returncode == 3
    assert b"no packet capture" in run.stderr


def test_the_interfaces_are_listed() -> None:
    run = subprocess.run([*OSSIG, "live", "-i", "list"], capture_output=True, text=True, cwd=ROOT, check=False)
    assert run.returncode == 0
    rows = {line.split()[0]: line for line in run.stdout.splitlines()}
    assert "127.0.0.1" in rows["lo"]


# When it ends, and what stays


@ANY_ENGINE
@pytest.mark.parametrize("words", [["--exit-on-finding"], ["--exit-on-finding", "2"], ["--count", "12"]])
def test_it_ends_by_itself(words: list[str], server: Standin) -> None:
    with LiveRun("-i", "lo", "--port", str(server.address[1]), *words) as run:
        run.captures()
        for _ in range(3):
            refused()
        code = run.ended()
    whole = json.loads(run.lines[-1][1])["captures"][0]
    if words[0] == "--count":
        assert whole["packets"] == 12
    else:
        assert code == 1
        assert len(told(run)) >= int([*words, "1"][1])


@ANY_ENGINE
def test_the_ring_keeps_what_belongs_to_findings(server: Standin, tmp_path: Path) -> None:
    from analyzer.capture.live import ring  # the size in megabytes that the option takes is too much for a test

    assert ring.MAX_KEPT == 100
    sizes = ["--save-size", "1", "--save-files", "2"]
    with LiveRun("-i", "lo", "--port", str(server.address[1]), "--save", str(tmp_path), *sizes) as run:
        run.captures()
        refused()
        run.until(lambda: bool(told(run)))
        box = bucket()
        for number in range(4):
            box.put_object(f"docs/{number}", bytes(900_000))
        run.until(lambda: len(list(tmp_path.iterdir())) >= 3)
        run.signal(signal.SIGINT)
        assert run.ended() == 1
    kept = [path for path in tmp_path.iterdir() if path.stem.endswith("-finding")]
    assert len(kept) == 1
    assert len(list(tmp_path.iterdir())) == 3  # two of the ring, and that one
    assert [one["id"] for one in analysed(*kept)] == ["F1"]
    for path in tmp_path.iterdir():
        assert path.stat().st_mode & 0o077 == 0
        assert path.stat().st_size <= 1_000_000
        assert analysed(path) is not None  # each can be read alone
        if shutil.which("tcpdump"):
            subprocess.run(["tcpdump", "-r", str(path), "-w", "/dev/null"], check=True, capture_output=True)
    assert "stay" in json.loads(run.lines[-1][1])["notes"][-1]


@ANY_ENGINE
def test_after_kill_9_the_files_are_there_and_whole(server: Standin, tmp_path: Path) -> None:
    with LiveRun("-i", "lo", "--port", str(server.address[1]), "--save", str(tmp_path)) as run:
        run.captures()
        refused()
        run.until(lambda: bool(told(run)))
        run.signal(signal.SIGKILL)
        run.ended()
        refused()  # its child finds nobody to write to, and ends
    (path,) = tmp_path.iterdir()
    assert [one["id"] for one in analysed(path)] == ["F1"]
    done = subprocess.run(["tcpdump", "-r", str(path), "-w", "/dev/null"], capture_output=True, text=True, check=False)
    assert done.returncode == 0
    assert "truncated" not in done.stderr


@ANY_ENGINE
def test_a_reader_that_goes_away_ends_it(server: Standin) -> None:
    port = str(server.address[1])
    live = subprocess.Popen(
        [*OSSIG, "live", "-i", "lo", "--port", port], stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=ROOT
    )
    assert live.stdout is not None
    assert live.stderr is not None
    assert b"capturing on" in live.stderr.readline()
    refused()
    assert b'"id": "F1"' in live.stdout.readline()
    live.stdout.close()
    refused()
    assert live.wait(30) == 0
    assert b"Traceback" not in live.stderr.read()
    live.stderr.close()


# On a terminal


@ANY_ENGINE
def test_a_terminal_gets_a_view_and_the_report(server: Standin) -> None:
    command = [*OSSIG, "live", "-i", "lo", "--port", str(server.address[1])]
    pid, terminal = pty.fork()
    if pid == 0:  # pragma: no cover - the other process
        os.chdir(ROOT)
        os.environ.update(TERM="xterm", COLUMNS="100", LINES="40", PYTHONPATH=str(ROOT), LC_ALL="C.UTF-8")
        os.execv(command[0], command)
    shown = b""

    def read_until(words: bytes) -> None:
        nonlocal shown
        while words not in shown:
            assert select.select([terminal], [], [], 30)[0], shown[-2000:]
            try:
                shown += os.read(terminal, 65536)
            except OSError:  # Linux's way to say that the other side has closed the terminal
                break
        assert words in shown, shown[-2000:]

    try:
        read_until(b"Ctrl-C")
        time.sleep(1)
        refused()
        read_until(b"1 refused")
        read_until(b"Last findings")
        assert b"wrong-secret" in shown
        os.write(terminal, b"\x03")
        read_until(b"What to do")
    finally:
        while select.select([terminal], [], [], 5)[0]:
            try:
                if not os.read(terminal, 65536):
                    break
            except OSError:
                break
        os.close(terminal)
        _, status = os.waitpid(pid, 0)
    assert os.waitstatus_to_exitcode(status) == 1


# In network namespaces


@dataclass(frozen=True, slots=True)
class Cable:
    """The client's machine is one network namespace, the server's another, a virtual cable between them."""

    here: list[str]  #: words before a command that run it on the client's machine
    port: str

    def play(self, *scenes: str) -> None:
        command = [*self.here, sys.executable, "-m", "tests.support.played", "play", "10.213.77.2", self.port, *scenes]
        subprocess.run(command, check=True, cwd=ROOT)


@pytest.fixture
def cable() -> Iterator[Cable]:
    if shutil.which("ip") is None or os.geteuid() != 0 or not may_capture("tcpdump"):
        pytest.skip("network namespaces need root and iproute2, and the capture tcpdump")
    names = [f"ossig-{os.getpid()}-{side}" for side in ("client", "server")]
    with ExitStack() as stack:
        for name in names:
            if subprocess.run(["ip", "netns", "add", name], capture_output=True, check=False).returncode:
                pytest.skip("no network namespace can be made here")
            stack.callback(subprocess.run, ["ip", "netns", "del", name], check=True)
        here, there = (["ip", "netns", "exec", name] for name in names)
        link = ["ip", "link", "add", "away0", "netns", names[0], "type", "veth", "peer", "away1", "netns", names[1]]
        subprocess.run(link, check=True)
        for side, end, address in ((here, "away0", "10.213.77.1/30"), (there, "away1", "10.213.77.2/30")):
            subprocess.run([*side, "ip", "addr", "add", address, "dev", end], check=True)
            subprocess.run([*side, "ip", "link", "set", end, "up"], check=True)
        serving = stack.enter_context(
            subprocess.Popen(
                [*there, sys.executable, "-m", "tests.support.played", "serve", "10.213.77.2"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                cwd=ROOT,
            )
        )
        assert serving.stdout is not None
        assert serving.stdin is not None
        yield Cable(here, serving.stdout.readline().decode().strip())
        serving.stdin.close()
        serving.wait()


@pytest.mark.parametrize("interface", ["any", "away0"])
def test_between_two_machines(interface: str, cable: Cable, tmp_path: Path) -> None:
    save, report = tmp_path / "s", tmp_path / "r.json"
    options = ["--port", cable.port, "--save", str(save), "-o", str(report), "--format", "json"]
    with LiveRun("-i", interface, *options, before=cable.here) as run:
        run.captures()
        cable.play("upload-download", "key-encoding", "wrong-secret")
        run.until(lambda: len(told(run)) >= 3)
        run.signal(signal.SIGINT)
        assert run.ended() == 1
    at_the_end = findings_of(report.read_text("utf-8"))
    assert at_the_end == analysed(*save.iterdir())
    assert at_the_end[0]["server"] == f"10.213.77.2:{cable.port}"
    assert at_the_end[0]["causes"][0]["id"] == "key-encoding"


def test_a_port_on_which_http_is_seen_is_learned(cable: Cable, tmp_path: Path) -> None:
    with LiveRun("--save", str(tmp_path), before=cable.here) as run:
        run.captures()
        cable.play("upload-download")
        run.until(lambda: f"tcp port 80, {cable.port}" in run.said)
        cable.play("wrong-secret")
        run.until(lambda: len(told(run)) >= 2)
        run.signal(signal.SIGINT)
        assert run.ended() == 1
    latest = list({one["id"]: one for one in told(run)}.values())
    assert latest[0]["request"]["body_captured"] == len(TEXT)  # not the beginning of a message, but all of it
    assert latest == analysed(*tmp_path.iterdir())


# HTTPS


@ANY_ENGINE
def test_keys_that_are_written_meanwhile_open_https(tmp_path: Path) -> None:
    keys = tmp_path / "keys.log"
    with Standin(SECRETS, tls=True) as standin:
        options = ("-i", "lo", "--port", str(standin.address[1]), "--keylog", str(keys))
        with LiveRun(*options) as run:
            run.captures()
            client = (
                "import email.utils, requests, sys, urllib3; urllib3.disable_warnings();"
                "headers = {'Authorization': sys.argv[2], 'Date': email.utils.formatdate(usegmt=True)};"
                "requests.put(sys.argv[1], data=b'x', verify=False, headers=headers)"
            )
            url = f"https://127.0.0.1:{standin.address[1]}/key"
            for _ in range(2):
                subprocess.run(
                    [sys.executable, "-c", client, url, f"OSS {KEY_ID}:AAAA"],
                    check=True,
                    env={**os.environ, "SSLKEYLOGFILE": str(keys)},
                )
            run.until(lambda: len(told(run)) >= 2)
            run.signal(signal.SIGINT)
            assert run.ended() == 1

    assert not json.loads(run.lines[-1][1])["incomplete"]
