"""TLS sessions of the ``openssl`` program, recorded by a relay: what the ssl module cannot be made to do.

``conversations`` starts a server and one client after the other with the options asked for, passes their bytes on,
types lines at both ends (``K`` and ``R`` are commands to the client: update the keys of both directions, renegotiate),
and gives the flights and the clients' key logs.
"""

from __future__ import annotations

import contextlib
import shutil
import socket
import subprocess
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

from analyzer.model.streams import Direction
from tests.support.tlspair import certificate

__all__ = ["Line", "Recorded", "ciphers", "conversations"]

Line = tuple[Direction, bytes]  #: at which end something is typed, and what
CLIENT, SERVER = Direction.CLIENT_TO_SERVER, Direction.SERVER_TO_CLIENT
#: What the client prints when it has done what was typed.
_COMMANDS = {b"K\n": b"KEYUPDATE", b"R\n": b"RENEGOTIATING"}
PATIENCE = 10  #: seconds until something that does not happen is given up


@dataclass(frozen=True)
class Recorded:
    """A session as it was on the wire."""

    flights: tuple[tuple[Direction, bytes], ...]
    keylog: bytes
    typed: int  #: lines that arrived at the other end


def need_openssl() -> None:
    """Skip where the program is missing."""
    if shutil.which("openssl") is None:
        pytest.skip("no openssl program")


def ciphers(*options: str) -> list[str]:
    """Names of the suites that the program knows, in its own spelling."""
    if shutil.which("openssl") is None:
        return []
    done = subprocess.run(
        ["openssl", "ciphers", *options, "ALL:@SECLEVEL=0"], capture_output=True, text=True, check=True
    )
    return done.stdout.strip().split(":")


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class _End:
    """A running program: what it prints, and lines to type at it."""

    def __init__(self, folder: Path, command: Sequence[str]) -> None:
        self.program = subprocess.Popen(
            ["openssl", *command],
            cwd=folder,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            bufsize=0,
        )
        self._said = bytearray()
        self._arrived = threading.Condition()
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        assert self.program.stdout is not None
        while data := self.program.stdout.read(65536):
            with self._arrived:
                self._said.extend(data)
                self._arrived.notify_all()
        with self._arrived:
            self._arrived.notify_all()

    def type(self, line: bytes) -> None:
        assert self.program.stdin is not None
        with contextlib.suppress(BrokenPipeError):
            self.program.stdin.write(line)

    def prints(self, awaited: bytes) -> bool:
        """Whether it prints this before it ends or patience does; what was printed up to there is forgotten."""
        with self._arrived:
            self._arrived.wait_for(lambda: awaited in self._said or not self._reader.is_alive(), PATIENCE)
            found = self._said.find(awaited)
            del self._said[: found + len(awaited) if found >= 0 else 0]
            return found >= 0

    def stop(self) -> None:
        assert self.program.stdin is not None
        assert self.program.stdout is not None
        self.program.terminate()
        self.program.wait()
        self._reader.join(PATIENCE)
        self.program.stdin.close()
        self.program.stdout.close()


def conversations(
    folder: Path, typed: Sequence[Line], *, server: Sequence[str] = (), clients: Sequence[Sequence[str]] = ((),)
) -> list[Recorded]:
    """One session for each client, all with one server; each types the lines, the next once the one before has
    arrived. Where the two ends cannot agree, ``typed`` of the result is 0."""
    need_openssl()
    for kind in ("rsa", "ec", "dsa"):
        (folder / f"{kind}.pem").write_bytes(certificate(kind))
    port = free_port()
    serve = ["s_server", "-accept", str(port), "-naccept", str(len(clients)), "-cert", "rsa.pem", "-key", "rsa.pem"]
    serving = _End(folder, [*serve, "-dcert", "ec.pem", "-dkey", "ec.pem", *server])
    try:
        assert serving.prints(b"ACCEPT")
        return [_session(folder, typed, serving, port, options) for options in clients]
    finally:
        serving.stop()


def _session(folder: Path, typed: Sequence[Line], serving: _End, port: int, options: Sequence[str]) -> Recorded:
    keys = folder / "keys"
    keys.unlink(missing_ok=True)
    flights: list[Line] = []
    with socket.create_server(("127.0.0.1", 0)) as door:
        own = door.getsockname()[1]
        asking = _End(folder, ["s_client", "-connect", f"127.0.0.1:{own}", "-keylogfile", "keys", *options])
        to_client, _ = door.accept()
    to_server = socket.create_connection(("127.0.0.1", port), PATIENCE)
    relays = [
        threading.Thread(target=_relay, args=(*row, flights), daemon=True)
        for row in ((to_client, to_server, CLIENT), (to_server, to_client, SERVER))
    ]
    for relay in relays:
        relay.start()
    count = 0
    if asking.prints(b"Verify return code"):
        for way, line in typed:
            here, there = (asking, serving) if way is CLIENT else (serving, asking)
            here.type(line)
            command = _COMMANDS.get(line)
            if not (here.prints(command) if command else there.prints(line)):
                break
            count += 1
    asking.stop()
    for relay in relays:
        relay.join(PATIENCE)
    to_client.close()
    to_server.close()
    return Recorded(tuple(flights), keys.read_bytes() if keys.exists() else b"", count)


def _relay(source: socket.socket, target: socket.socket, way: Direction, flights: list[Line]) -> None:
    with contextlib.suppress(OSError):  # the other relay closed its end first
        while data := source.recv(65536):
            flights.append((way, data))
            target.sendall(data)
    with contextlib.suppress(OSError):
        target.shutdown(socket.SHUT_WR)
