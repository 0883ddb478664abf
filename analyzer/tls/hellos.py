"""Reads the few handshake messages that decide about keys, and steps over all others.

Messages may be spread over records and share them; ``Handshake`` puts them together, keeps the bytes of hellos,
encrypted extensions, key updates and the server's certificate, and counts its way through the others. A message that
does not parse yields None: on a wire anything is possible, and nothing here raises.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

__all__ = [
    "CERTIFICATE",
    "CLIENT_HELLO",
    "ENCRYPTED_EXTENSIONS",
    "END_OF_EARLY_DATA",
    "FINISHED",
    "KEY_UPDATE",
    "SERVER_HELLO",
    "ClientHello",
    "Handshake",
    "ServerHello",
    "alpn_of",
    "client_hello",
    "extensions",
    "leaf_certificate",
    "server_hello",
]

# HandshakeType (RFC 8446, section 4).
CLIENT_HELLO: Final = 1
SERVER_HELLO: Final = 2
END_OF_EARLY_DATA: Final = 5
ENCRYPTED_EXTENSIONS: Final = 8
CERTIFICATE: Final = 11
FINISHED: Final = 20
KEY_UPDATE: Final = 24

# ExtensionType (IANA registry "TLS ExtensionType Values").
SERVER_NAME: Final = 0
ALPN: Final = 16
ENCRYPT_THEN_MAC: Final = 22
PRE_SHARED_KEY: Final = 41
EARLY_DATA: Final = 42
SUPPORTED_VERSIONS: Final = 43

#: A ServerHello with this random is a HelloRetryRequest (RFC 8446, section 4.1.3).
_RETRY = hashlib.sha256(b"HelloRetryRequest").digest()
_KEPT = frozenset({CLIENT_HELLO, SERVER_HELLO, ENCRYPTED_EXTENSIONS, CERTIFICATE, KEY_UPDATE})
_LONGEST = 1 << 17  #: of a message that is kept; hellos are a few hundred bytes, certificates a few thousand


@dataclass(frozen=True, slots=True)
class ClientHello:
    """What the client said first."""

    random: bytes
    server_name: bytes | None
    early_data: bool  #: application data follows before the server has answered


@dataclass(frozen=True, slots=True)
class ServerHello:
    """What the server chose."""

    random: bytes
    version: int  #: 0x0304 for TLS 1.3, wherever in the message it stood
    suite: int
    compression: int
    encrypt_then_mac: bool
    resumes: bool  #: TLS 1.3: a pre-shared key was accepted, without which there is no early data
    alpn: bytes | None  #: before TLS 1.3
    retry: bool  #: a HelloRetryRequest


class _Cursor:
    """Reads length-prefixed fields; ``take`` gives fewer bytes than asked for only by failing (``EOFError``)."""

    __slots__ = ("at", "data")

    def __init__(self, data: bytes) -> None:
        self.data, self.at = data, 0

    def take(self, size: int) -> bytes:
        end = self.at + size
        if end > len(self.data):
            raise EOFError
        piece = self.data[self.at : end]
        self.at = end
        return piece

    def number(self, size: int) -> int:
        return int.from_bytes(self.take(size), "big")

    def vector(self, prefix: int) -> bytes:
        return self.take(self.number(prefix))

    @property
    def left(self) -> int:
        return len(self.data) - self.at


def extensions(data: bytes) -> dict[int, bytes]:
    """Extension number → content, of a list without its length; what is cut off is left out."""
    found: dict[int, bytes] = {}
    cursor = _Cursor(data)
    try:
        while cursor.left:
            kind = cursor.number(2)
            found.setdefault(kind, cursor.vector(2))
    except EOFError:
        pass
    return found


def _server_name(data: bytes | None) -> bytes | None:
    """RFC 6066, section 3: a list, of which only host names (0) are defined."""
    if data is None:
        return None
    cursor = _Cursor(data)
    try:
        cursor.take(2)
        return cursor.vector(2) or None if cursor.number(1) == 0 else None
    except EOFError:
        return None


def alpn_of(data: bytes | None) -> bytes | None:
    """The one protocol in a server's answer (RFC 7301, section 3.1)."""
    if data is None:
        return None
    cursor = _Cursor(data)
    try:
        cursor.take(2)
        return cursor.vector(1) or None
    except EOFError:
        return None


def client_hello(body: bytes) -> ClientHello | None:
    """The message without its header, or None where it does not parse (RFC 8446, section 4.1.2)."""
    cursor = _Cursor(body)
    try:
        cursor.take(2)
        random = cursor.take(32)
        for prefix in (1, 2, 1):  # session id, suites, compression methods
            cursor.vector(prefix)
        listed = extensions(cursor.vector(2)) if cursor.left else {}
    except EOFError:
        return None
    return ClientHello(random, _server_name(listed.get(SERVER_NAME)), EARLY_DATA in listed)


def server_hello(body: bytes) -> ServerHello | None:
    """The message without its header, or None where it does not parse (RFC 8446, section 4.1.3)."""
    cursor = _Cursor(body)
    try:
        version = cursor.number(2)
        random = cursor.take(32)
        cursor.vector(1)
        suite, compression = cursor.number(2), cursor.number(1)
        listed = extensions(cursor.vector(2)) if cursor.left else {}
    except EOFError:
        return None
    chosen = listed.get(SUPPORTED_VERSIONS)
    return ServerHello(
        random=random,
        version=int.from_bytes(chosen, "big") if chosen else version,
        suite=suite,
        compression=compression,
        encrypt_then_mac=ENCRYPT_THEN_MAC in listed,
        resumes=PRE_SHARED_KEY in listed,
        alpn=alpn_of(listed.get(ALPN)),
        retry=random == _RETRY,
    )


def leaf_certificate(body: bytes, context: bool) -> bytes | None:
    """The first certificate of a Certificate message, in DER; ``context``: with the field that TLS 1.3 puts before the
    list (RFC 8446, section 4.4.2; RFC 5246, section 7.4.2)."""
    cursor = _Cursor(body)
    try:
        if context:
            cursor.vector(1)
        cursor.take(3)
        return cursor.vector(3) or None
    except EOFError:
        return None


class Handshake:
    """The handshake messages of one direction, put together from records."""

    __slots__ = ("_buffer", "_passing", "_skip")

    def __init__(self) -> None:
        self.reset()

    def reset(self) -> None:
        """Forget a message begun; what comes next is read as a new one."""
        self._buffer = b""
        self._skip = 0  #: bytes still to come of a message that is not kept
        self._passing = 0  #: its type

    def feed(self, data: bytes) -> Iterator[tuple[int, bytes]]:
        """Type and body of every message that ends in these bytes; the body is empty for types not kept."""
        data = self._buffer + data
        self._buffer = b""
        while True:
            if self._skip:
                if len(data) < self._skip:
                    self._skip -= len(data)
                    return
                data, self._skip = data[self._skip :], 0
                yield self._passing, b""
                continue
            if len(data) < 4:
                break
            kind, size = data[0], int.from_bytes(data[1:4], "big")
            if kind not in _KEPT or size > _LONGEST:
                data = data[4:]
                self._passing, self._skip = kind, size
                if not size:
                    yield kind, b""
                continue
            if len(data) < 4 + size:
                break
            yield kind, data[4 : 4 + size]
            data = data[4 + size :]
        self._buffer = data
