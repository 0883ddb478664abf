"""Records what a client and the stand-in exchange, without any privilege.

A relay stands between the two. Whatever it passes on it also hands to a ``Connection``, which makes the packets that a
capture on the client's machine would hold. Bytes and times are real; addresses are pretended, and each direction is
held back for a moment, as if the server were some distance away. ``redirected`` makes every HTTP library of this
process reach the relay under the names of OSS.
"""

from __future__ import annotations

import os
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from types import TracebackType
from typing import Any
from unittest import mock

from tests.recorder.ends import hang_up
from tests.recorder.packets import Connection, Segment

ROUND_TRIP = 8_000_000  #: nanoseconds


class Wiretap:
    """A relay to ``target`` on a port of its own; a context manager. Leave it before reading ``connections``."""

    def __init__(self, target: tuple[str, int]) -> None:
        self._target = target
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._connections: list[Connection] = []
        self._relays: list[tuple[socket.socket, threading.Thread]] = []
        self._thread = threading.Thread(target=self._accept, daemon=True)

    @property
    def port(self) -> int:
        """Where clients connect."""
        return int(self._listener.getsockname()[1])

    @property
    def connections(self) -> list[list[Segment]]:
        """The segments of each connection, in order of time."""
        return [connection.segments for connection in self._connections]

    def __enter__(self) -> Wiretap:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._thread.join()
        for client, relay in self._relays:
            with suppress(OSError):  # a connection kept alive ends as it would with the client's process
                client.shutdown(socket.SHUT_RD)
            relay.join(timeout=10)
        for connection in self._connections:
            connection.close()

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:  # the listener was closed: the recording is over
                return
            number = len(self._connections)
            connection = Connection(2_864_434_397 + number * 7_654_321, 1_297_110_851 + number * 9_876_543, ROUND_TRIP)
            self._connections.append(connection)
            relay = threading.Thread(target=_relay, args=(client, self._target, connection), daemon=True)
            self._relays.append((client, relay))
            relay.start()


#: Seconds until the other direction has told that it was reset.
_SAID_SOON = 0.01


def _relay(client: socket.socket, target: tuple[str, int], connection: Connection) -> None:
    connection.open(time.time_ns())
    _travel(2)
    lock, broken = threading.Lock(), threading.Event()
    with client, socket.create_connection(target) as server:
        for end in (client, server):
            end.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        back = threading.Thread(target=_pass_on, args=(server, client, connection, False, lock, broken), daemon=True)
        back.start()
        _pass_on(client, server, connection, True, lock, broken)
        back.join()


def _pass_on(
    source: socket.socket,
    to: socket.socket,
    connection: Connection,
    outgoing: bool,
    lock: threading.Lock,
    broken: threading.Event,
) -> None:
    """One direction until its end. ``broken``: the server has reset the connection, and the sending side was told: a
    system tells it only once, to whoever asks first."""
    try:
        while data := source.recv(65536):
            if not outgoing:
                _travel(2)  # to the server and back; the capture sees the answer when it arrives
            with lock:
                connection.send(time.time_ns(), outgoing, data)
            try:
                to.sendall(data)
            except OSError as gone:  # who does not like what it got may be gone
                if outgoing and isinstance(gone, ConnectionResetError):
                    broken.set()
        if not outgoing and broken.wait(_SAID_SOON):
            raise ConnectionResetError
    except ConnectionResetError:
        with lock:
            connection.reset(time.time_ns(), outgoing)
        hang_up(to)
        return
    except OSError:  # the other direction has hung up
        return
    if not outgoing:
        _travel(2)
    with lock:
        connection.finish(time.time_ns(), outgoing)
    with suppress(OSError):  # the other end may have closed already
        to.shutdown(socket.SHUT_WR)


def _travel(times: int) -> None:
    time.sleep(times * ROUND_TRIP / 2 / 1e9)


@contextmanager
def redirected(port: int, address: str = "127.0.0.1") -> Iterator[None]:
    """While this is open, names under ``aliyuncs.com`` resolve to the relay on this machine (or whatever listens at
    ``address``), and no proxy is used."""
    resolve = socket.getaddrinfo

    def here(host: Any, service: Any, *args: Any, **kwargs: Any) -> Any:
        name = host.decode() if isinstance(host, bytes) else host
        if name and name.endswith(".aliyuncs.com"):
            return [(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP, "", (address, port))]
        return resolve(host, service, *args, **kwargs)

    proxies = [name for name in os.environ if name.lower().endswith("_proxy")]
    with mock.patch.object(socket, "getaddrinfo", here), mock.patch.dict(os.environ):
        for name in proxies:
            del os.environ[name]
        yield
