"""An HTTP proxy with opinions: whatever passes may be edited, byte by byte, in both directions.

It reads requests and answers as bytes and repairs nothing; an ``Edit`` gets start line, header lines and body and gives
what goes on instead. With a ``Wiretap`` on either side both sides of it are recorded at once.
"""

from __future__ import annotations

import socket
import socketserver
from collections.abc import Callable
from dataclasses import dataclass, replace
from io import BufferedIOBase

from tests.recorder.serving import Serving
from tests.recorder.standin import server_context

__all__ = ["Edit", "Middlebox", "Passing", "added", "removed", "replaced", "unchanged"]


@dataclass(frozen=True, slots=True)
class Passing:
    """A message on its way. Lines are without their line ends; ``body`` as framed on the wire."""

    line: bytes
    headers: tuple[bytes, ...]
    body: bytes

    def value(self, name: bytes) -> bytes | None:
        """First value of that lower-case name."""
        for header in self.headers:
            key, _, value = header.partition(b":")
            if key.strip().lower() == name:
                return value.strip()
        return None

    @property
    def wire(self) -> bytes:
        return b"\r\n".join((self.line, *self.headers, b"", b"")) + self.body


Edit = Callable[[Passing], Passing]


def unchanged(message: Passing) -> Passing:
    """Passes on what came."""
    return message


def added(*lines: bytes) -> Edit:
    """Header lines behind the others."""
    return lambda message: replace(message, headers=(*message.headers, *lines))


def removed(name: bytes) -> Edit:
    """Without the headers of that lower-case name."""
    return lambda message: replace(
        message, headers=tuple(h for h in message.headers if h.partition(b":")[0].lower() != name)
    )


def replaced(name: bytes, line: bytes) -> Edit:
    """Another line in place of the header of that lower-case name."""
    return lambda message: replace(
        message, headers=tuple(line if h.partition(b":")[0].lower() == name else h for h in message.headers)
    )


class Middlebox(Serving):
    """The proxy, in front of ``target``; a context manager. ``address`` is where it listens. ``tls``: clients speak TLS
    to it, and it speaks plainly to the target, as a load balancer does."""

    def __init__(
        self, target: tuple[str, int], asked: Edit = unchanged, answered: Edit = unchanged, *, tls: bool = False
    ) -> None:
        super().__init__(_Server(target, asked, answered), server_context() if tls else None)


class _Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True

    def __init__(self, target: tuple[str, int], asked: Edit, answered: Edit) -> None:
        self.target, self.asked, self.answered = target, asked, answered
        super().__init__(("127.0.0.1", 0), _Handler)


class _Handler(socketserver.StreamRequestHandler):
    disable_nagle_algorithm = True

    def handle(self) -> None:
        box = self.server
        assert isinstance(box, _Server)
        with socket.create_connection(box.target) as server, server.makefile("rb") as answers:
            server.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            while (request := read_message(self.rfile)) is not None:
                passed = box.asked(request)
                server.sendall(passed.wire)
                answer = read_message(answers, passed.line.partition(b" ")[0])
                if answer is None:
                    return
                self.wfile.write(box.answered(answer).wire)
                self.wfile.flush()


def read_message(stream: BufferedIOBase, asked: bytes | None = None) -> Passing | None:
    """The next message; None at the end. ``asked``: of an answer, the method it answers."""
    line = stream.readline()
    if not line.strip():
        return None
    headers = []
    while (raw := stream.readline()).strip():
        headers.append(raw.rstrip(b"\r\n"))
    message = Passing(line.rstrip(b"\r\n"), tuple(headers), b"")
    bodiless = asked is not None and (asked == b"HEAD" or message.line.split()[1] in (b"204", b"304"))
    if bodiless:
        return message
    if (message.value(b"transfer-encoding") or b"").lower() == b"chunked":
        return replace(message, body=_chunks(stream))
    return replace(message, body=stream.read(int(message.value(b"content-length") or b"0")))


def _chunks(stream: BufferedIOBase) -> bytes:
    """A chunked body with its framing."""
    read = []
    while True:
        line = stream.readline()
        size = int(line.partition(b";")[0], 16)
        read += [line, stream.read(size), stream.readline()]
        if not size:
            return b"".join(read)
