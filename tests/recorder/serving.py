"""A server of ours in a thread of its own, for as long as a ``with`` lasts."""

from __future__ import annotations

import socketserver
import ssl
import threading
from types import TracebackType
from typing import Self

__all__ = ["Serving"]


class Serving:
    """``address`` is where it listens; with a ``context`` it speaks TLS."""

    def __init__(self, server: socketserver.TCPServer, context: ssl.SSLContext | None) -> None:
        self._server = server
        if context is not None:
            server.socket = context.wrap_socket(server.socket, server_side=True)
        self._thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)

    @property
    def address(self) -> tuple[str, int]:
        """Host and port."""
        host, port = self._server.server_address[:2]
        return str(host), int(port)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()
