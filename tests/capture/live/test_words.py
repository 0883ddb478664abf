"""What the capture programs say, the filters they get, and the commands that are advised."""

from __future__ import annotations

import shlex
import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest

from analyzer.capture.live import permission
from analyzer.capture.live.children import Wanted, dumpcap_command, remote_command, tcpdump_command
from analyzer.capture.live.feeds import Drops
from analyzer.capture.live.filters import MAX_LEARNED, PortsLearned, default_filter, ports_filter
from analyzer.capture.live.words import Refusal, Why, drops_in, is_ready, refusal_in
from tests.support.batches import A, Segment, Tuples

NO_RIGHT = b"lo: You don't have permission to perform this capture on that device"
DUMPCAP_FILTER = (
    b"Capturing on 'Loopback: lo'\ndumpcap: Invalid capture filter \"tcp prt 80\" for interface 'lo'.\n\n"
    b"That string isn't a valid capture filter (can't parse filter expression: syntax error).\n"
)

REFUSALS = (
    (b"tcpdump: " + NO_RIGHT + b"\n(socket: Operation not permitted)\n", Why.PERMISSION, NO_RIGHT.decode()),
    (b"dumpcap: You do not have permission to capture on device \"lo\".\n(socket: Operation not permitted)\n",
     Why.PERMISSION, 'You do not have permission to capture on device "lo".'),
    (b"tcpdump: eth0: socket: Operation not permitted\n", Why.PERMISSION, "eth0: socket: Operation not permitted"),
    (b"tcpdump: can't parse filter expression: syntax error\n",
     Why.FILTER, "can't parse filter expression: syntax error"),
    (b"tcpdump: illegal port number 99999999 > 65535\n", Why.FILTER, "illegal port number 99999999 > 65535"),
    (b"tcpdump: unknown host 'nowhere'\n", Why.FILTER, "unknown host 'nowhere'"),
    (DUMPCAP_FILTER, Why.FILTER, "can't parse filter expression: syntax error"),
    (b"tcpdump: nosuch: No such device exists\n(No such device exists)\n",
     Why.INTERFACE, "nosuch: No such device exists"),
    (b"Capturing on 'nosuch'\ndumpcap: There is no device named \"nosuch\".\n(No such device exists)\n",
     Why.INTERFACE, 'There is no device named "nosuch".'),
    (b"tcpdump: ifb0: That device is not up\n", Why.INTERFACE, "ifb0: That device is not up"),
    (b"user@host: Permission denied (publickey,password).\n",
     Why.OTHER, "user@host: Permission denied (publickey,password)."),
    (b"ssh: Could not resolve hostname host: Name or service not known\n",
     Why.OTHER, "Could not resolve hostname host: Name or service not known"),
    (b"", Why.OTHER, "?"),
)  # fmt: skip


@pytest.mark.parametrize(("said", "why", "words"), REFUSALS)
def test_why_a_program_does_not_capture(said: bytes, why: Why, words: str) -> None:
    assert refusal_in(said) == Refusal(why, words)
    assert not is_ready(said)


def test_when_it_captures() -> None:
    assert is_ready(b"tcpdump: listening on lo, link-type EN10MB (Ethernet), snapshot length 262144 bytes\n")
    assert is_ready(b"tcpdump: data link type LINUX_SLL2\ntcpdump: listening on any, link-type LINUX_SLL2 ...\n")
    assert is_ready(b"Capturing on 'Loopback: lo'\nFile: -\n")


LOST = b"Packets received/dropped on interface '%s': 12/%d (pcap:%d/dumpcap:%d/flushed:%d/ps_ifdrop:%d) (80.0%%)\n"
TCPDUMP_NOW = b"tcpdump: 5 packets captured, 9 packets received by filter, 2 packets dropped by kernel\n"
TCPDUMP_END = b"8 packets captured\n9 packets received by filter\n%d %s dropped by kernel\n"
DROPS = (
    (TCPDUMP_END % (0, b"packets"), Drops(0, 0)),
    (TCPDUMP_END % (1, b"packet") + b"7 packets dropped by interface\n", Drops(1, 7)),
    (TCPDUMP_NOW, Drops(2, 0)),
    (TCPDUMP_NOW + TCPDUMP_END % (4, b"packets"), Drops(4, 0)),
    (b"Packets captured: 12\n" + LOST % (b"Loopback: lo", 3, 1, 2, 0, 4), Drops(3, 4)),
    (LOST % (b"a", 1, 1, 0, 0, 0) + LOST % (b"b", 2, 0, 0, 2, 0), Drops(3, 0)),
    (b"tcpdump: listening on lo\n", None),
)


@pytest.mark.parametrize(("said", "drops"), DROPS)
def test_what_was_lost(said: bytes, drops: Drops | None) -> None:
    assert drops_in(said) == drops


# Commands


def test_the_commands_of_the_children() -> None:
    wanted = Wanted(("eth0", "any"), "tcp port 80", 32)
    assert tcpdump_command("/t", "eth0", wanted) == [
        "/t", "-i", "eth0", "-n", "-s", "0", "-B", "32768", "-U", "-w", "-", "--", "tcp port 80",
    ]  # fmt: skip
    assert dumpcap_command("/d", wanted) == [
        "/d", "-q", "-n", "-B", "32", "-w", "-", "-f", "tcp port 80", "-i", "eth0", "-i", "any",
    ]  # fmt: skip


@pytest.mark.skipif(shutil.which("sh") is None, reason="there is no sh")
@pytest.mark.parametrize("connection", ["", "192.0.2.9 40000 192.0.2.1 22"])
@pytest.mark.parametrize("wished", ["", "host 'a' or $(touch owned) or `touch owned`; touch owned"])
def test_the_script_for_the_other_machine_takes_words_as_words(tmp_path: Path, wished: str, connection: str) -> None:
    tcpdump = tmp_path / "tcpdump"
    tcpdump.write_text('#!/bin/sh\nprintf "%s\\n" "$@"\n', "utf-8")
    tcpdump.chmod(0o755)
    *ssh, host, command = remote_command("ssh", "eth 0;touch owned", Wanted((), wished, remote="user@host"))
    assert (ssh, host) == (["ssh", "-T", "--"], "user@host")
    environment = {"PATH": f"{tmp_path}:/usr/bin:/bin", "SSH_CONNECTION": connection}
    with subprocess.Popen(
        ["sh", "-c", command],
        stdin=subprocess.PIPE,  # open until all is read: its end is an order
        stdout=subprocess.PIPE,
        text=True,
        cwd=tmp_path,
        env=environment,
    ) as shell:
        assert shell.stdout is not None
        lines = shell.stdout.read().splitlines()
    assert lines[lines.index("-i") + 1] == "eth 0;touch owned"
    own = "host 192.0.2.9 and tcp port 40000 and tcp port 22"
    expected = {
        (True, True): f"({wished}) and not ({own})",
        (True, False): wished,
        (False, True): f"not ({own})",
        (False, False): "",
    }
    assert lines[-1] == expected[bool(wished), bool(connection)]
    assert not (tmp_path / "owned").exists()


def test_the_advice_is_what_fits_the_machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    found = {"tcpdump": "/usr/bin/tcpdump", "dumpcap": "/usr/bin/dumpcap"}
    monkeypatch.setattr(permission, "find_program", lambda name, executable: found.get(name))
    monkeypatch.setattr(permission, "own_command", lambda: ["/opt/ossig"])
    monkeypatch.setattr("os.path.realpath", lambda path: path)
    wanted = Wanted(("eth0",), "tcp port 80")
    arguments = ["live", "-i", "eth0"]

    monkeypatch.setattr(permission, "_group_of", lambda program: "wireshark")
    assert list(permission.commands_that_work(wanted, arguments)) == [
        'sudo usermod -a -G wireshark "$USER"',
        "sudo setcap cap_net_raw,cap_net_admin=eip /usr/bin/tcpdump",
        "sudo /usr/bin/tcpdump -i eth0 -n -s 0 -B 65536 -U -w - -- 'tcp port 80' | /opt/ossig live -",
        "sudo /opt/ossig live -i eth0",
    ]
    monkeypatch.setattr(permission, "_group_of", lambda program: None)
    assert "sudo setcap cap_net_raw,cap_net_admin=eip /usr/bin/dumpcap" in permission.commands_that_work(
        wanted, arguments
    )
    found.clear()
    assert list(permission.commands_that_work(wanted, arguments)) == ["sudo /opt/ossig live -i eth0"]


# Filters and learned ports


def test_the_filters() -> None:
    assert ports_filter([80, 8080]) == "tcp port 80 or tcp port 8080"
    assert default_filter([80]).startswith("tcp port 80 or (tcp and (tcp[")


@pytest.mark.skipif(shutil.which("tcpdump") is None, reason="tcpdump is not installed")
@pytest.mark.parametrize("link", ["EN10MB", "LINUX_SLL2", "RAW", "NULL"])
def test_libpcap_takes_the_default_filter(link: str) -> None:
    many = default_filter(range(80, 80 + MAX_LEARNED + 1))
    done = subprocess.run(["tcpdump", "-y", link, "-d", many], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def look(learned: PortsLearned, *messages: tuple[int, int, bytes]) -> bool:
    """Source port, target port, payload; whether a port was learned."""
    before = learned.ports
    segments = [Segment((A[0], source), (A[0] + 1, to), 1, 1, payload=data) for source, to, data in messages]
    (batch, *_) = Tuples(segments).batches()
    learned.look(batch)
    return learned.ports != before


def test_a_port_is_learned_from_a_request_and_an_answer() -> None:
    learned = PortsLearned([80])
    assert not look(learned, (40000, 8080, b"GET / HTTP/1.1\r\n\r\n"))
    assert not look(learned, (9090, 40000, b"HTTP/1.1 200 OK\r\n\r\n"))  # nobody asked there
    assert not look(learned, (40000, 80, b"GET / HTTP/1.1\r\n\r\n"), (80, 40000, b"HTTP/1.1 200 OK\r\n\r\n"))
    assert look(learned, (8080, 40000, b"HTTP/1.1 200 OK\r\n\r\n"), (8080, 40001, b"HTTP/1.1 200 OK\r\n\r\n"))
    assert learned.ports == (80, 8080)
    assert not look(learned, (40000, 8080, b"PUT /"), (8080, 40000, b"HTTP/1.1 403"))


def test_learning_has_an_end() -> None:
    learned = PortsLearned([80])
    for port in range(1000, 1100):
        look(learned, (40000, port, b"HEAD / HTTP/1.1"), (port, 40000, b"HTTP/1.0 200"))
    assert learned.ports == (80, *range(1000, 1000 + MAX_LEARNED))


def test_short_and_other_payloads_teach_nothing() -> None:
    learned = PortsLearned([80])
    for data in (b"", b"GE", b"\x16\x03\x01\x02", b"SSH-2.0-OpenSSH"):
        assert not look(learned, (40000, 22, data), (22, 40000, b"HTTP"))
    assert np.array_equal(learned.ports, (80,))
    assert shlex.quote(ports_filter(learned.ports)) == "'tcp port 80'"
