"""Renegotiation in TLS 1.2, which only the openssl program can be made to do; a relay in between records it."""

from __future__ import annotations

import contextlib
import shutil
import socket
import subprocess
import threading
import time
from pathlib import Path

import pytest

from analyzer.model.streams import Data, Direction
from analyzer.tls import KeyLog
from tests.support.tlsfeed import from_pieces
from tests.support.tlspair import certificate
from tests.tls.test_sessions import plaintext, run

CLIENT, SERVER = Direction.CLIENT_TO_SERVER, Direction.SERVER_TO_CLIENT


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def connected(port: int) -> socket.socket:
    for _ in range(100):
        try:
            return socket.create_connection(("127.0.0.1", port), 5)
        except OSError:
            time.sleep(0.05)
    raise TimeoutError


@pytest.fixture(scope="module")
def recorded(tmp_path_factory: pytest.TempPathFactory) -> tuple[list[tuple[Direction, bytes]], bytes]:
    """Pieces and key log of a session in which the client says one, renegotiates, and says two."""
    if shutil.which("openssl") is None:
        pytest.skip("no openssl program")
    folder: Path = tmp_path_factory.mktemp("tls")
    (folder / "pem").write_bytes(certificate("rsa"))
    port, pieces = free_port(), []
    serve = ["openssl", "s_server", "-accept", str(port), "-cert", "pem", "-key", "pem", "-tls1_2", "-naccept", "1"]
    with (
        subprocess.Popen(
            [*serve, "-client_renegotiation", "-quiet"],
            cwd=folder,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        ) as server,
        socket.create_server(("127.0.0.1", 0)) as door,
    ):
        to_server = connected(port)
        ask = ["openssl", "s_client", "-connect", f"127.0.0.1:{door.getsockname()[1]}", "-keylogfile", "keys"]
        with subprocess.Popen(
            ask, cwd=folder, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        ) as client:
            to_client, _ = door.accept()

            def relay(source: socket.socket, target: socket.socket, way: Direction) -> None:
                with contextlib.suppress(OSError):  # the other relay closed its end first
                    while data := source.recv(65536):
                        pieces.append((way, data))
                        target.sendall(data)
                    target.close()

            for row in ((to_client, to_server, CLIENT), (to_server, to_client, SERVER)):
                threading.Thread(target=relay, args=row, daemon=True).start()
            assert client.stdin is not None
            assert server.stdout is not None
            for typed in (b"one\n", b"R\n", b"two\n"):
                time.sleep(0.4)
                client.stdin.write(typed)
                client.stdin.flush()
            said = server.stdout.readline() + server.stdout.readline()
            assert said == b"one\ntwo\n"
            client.terminate()
        server.terminate()
    return pieces, (folder / "keys").read_bytes()


def test_data_goes_on_under_the_new_keys(recorded: tuple[list[tuple[Direction, bytes]], bytes]) -> None:
    pieces, keys = recorded
    keylog = KeyLog([keys])
    assert len(keylog) == 2
    out, outcome = run(from_pieces(pieces), keylog)
    assert plaintext(out, CLIENT) == b"one\ntwo\n"
    assert outcome.why_not is None
    assert outcome.lost_records == 0


def test_without_the_new_key_the_rest_stays_closed(recorded: tuple[list[tuple[Direction, bytes]], bytes]) -> None:
    pieces, keys = recorded
    first = next(line for line in keys.split(b"\n") if line.startswith(b"CLIENT_RANDOM"))
    out, outcome = run(from_pieces(pieces), KeyLog([first]))
    assert b"".join(event.data for event in out if isinstance(event, Data) and event.direction is CLIENT) == b"one\n"
    assert outcome.opened
    assert outcome.why_not is not None
    assert outcome.why_not.key == "tls.renegotiated-without-key"
