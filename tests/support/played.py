"""Servers and clients for live captures, in this process or as programs in a network namespace.

``python -m tests.support.played serve ADDRESS`` prints the port and serves until its input ends; ``... play ADDRESS
PORT SCENE...`` plays scenes of the recorder. A ``HeaderProxy`` is the middlebox of many a ticket: it adds a header to
what passes.
"""

from __future__ import annotations

import socket
import sys
import threading
from types import TracebackType

from tests.recorder.scenes import SCENES, SECRETS
from tests.recorder.standin import Standin
from tests.recorder.wiretap import redirected

__all__ = ["HeaderProxy", "play"]

_PLAYS = {scene.name: scene.play for scene in SCENES}


def play(*names: str) -> None:
    """Play scenes by the names of their captures."""
    for name in names:
        _PLAYS[name]()


class HeaderProxy:
    """Passes on what comes and adds a header to the first head of each connection; a context manager."""

    def __init__(self, target: tuple[str, int], line: bytes) -> None:
        self._target = target
        self._line = line
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._thread = threading.Thread(target=self._accept, daemon=True)

    @property
    def port(self) -> int:
        """Where clients connect."""
        return int(self._listener.getsockname()[1])

    def __enter__(self) -> HeaderProxy:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._thread.join()

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._pass_on, args=(client,), daemon=True).start()

    def _pass_on(self, client: socket.socket) -> None:
        with client, socket.create_connection(self._target) as server:
            first = client.recv(65536)
            server.sendall(first.replace(b"\r\n\r\n", b"\r\n" + self._line + b"\r\n\r\n", 1))
            back = threading.Thread(target=_copy, args=(server, client), daemon=True)
            back.start()
            _copy(client, server)
            back.join()


def _copy(source: socket.socket, to: socket.socket) -> None:
    try:
        while data := source.recv(65536):
            to.sendall(data)
        to.shutdown(socket.SHUT_WR)
    except OSError:
        return


def main(arguments: list[str]) -> None:
    """Entry point."""
    if arguments[0] == "serve":
        with Standin(SECRETS, host=arguments[1]) as server:
            print(server.address[1], flush=True)
            sys.stdin.read()
    else:
        with redirected(int(arguments[2]), arguments[1]):
            play(*arguments[3:])


if __name__ == "__main__":
    main(sys.argv[1:])
