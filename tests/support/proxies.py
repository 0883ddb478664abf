"""Proxies for tests: one that passes a tunnel on as it is, and one that ends TLS in it with a certificate of its own.

Whatever name a client asks for, the tunnel leads to ``target``.
"""

from __future__ import annotations

import contextlib
import socket
import ssl
import tempfile
import threading
from pathlib import Path
from types import TracebackType

from tests.support.tlspair import certificate

__all__ = ["Proxy"]


class Proxy:
    """A CONNECT proxy on a port of its own; a context manager. ``ends_tls``: it decrypts and encrypts anew."""

    def __init__(self, target: tuple[str, int], *, ends_tls: bool = False) -> None:
        self._target = target
        self._ends_tls = ends_tls
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._threads: list[threading.Thread] = []
        self.address = ("127.0.0.1", int(self._listener.getsockname()[1]))

    def __enter__(self) -> Proxy:
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for thread in self._threads:
            thread.join(5)

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:  # closed: the test is over
                return
            self._threads.append(threading.Thread(target=self._serve, args=(client,), daemon=True))
            self._threads[-1].start()

    def _serve(self, client: socket.socket) -> None:
        asked = b""
        while not asked.endswith(b"\r\n\r\n"):
            asked += client.recv(1)
        assert asked.startswith(b"CONNECT ")
        near, far = client, socket.create_connection(self._target, 10)
        near.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
        with contextlib.suppress(OSError):  # a client that does not like the certificate is gone
            if self._ends_tls:
                near, far = _server_side(near), _client_side(far)
            back = threading.Thread(target=_pass_on, args=(far, near), daemon=True)
            back.start()
            _pass_on(near, far)
            back.join(10)
        for end in (near, far):
            end.close()


def _pass_on(source: socket.socket, to: socket.socket) -> None:
    with contextlib.suppress(OSError):
        while data := source.recv(65536):
            to.sendall(data)
    with contextlib.suppress(OSError):
        to.shutdown(socket.SHUT_WR)


def _server_side(near: socket.socket) -> socket.socket:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    with tempfile.TemporaryDirectory() as folder:
        pem = Path(folder) / "pem"
        pem.write_bytes(certificate("ec"))
        context.load_cert_chain(pem)
    return context.wrap_socket(near, server_side=True)


def _client_side(far: socket.socket) -> socket.socket:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    return context.wrap_socket(far)
