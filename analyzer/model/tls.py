"""tls → http, report: what became of an encrypted connection.

The plaintext itself goes up as ordinary stream events; these two types carry what is to be said about it.
"""

from __future__ import annotations

from dataclasses import dataclass

from analyzer.model.notes import Note
from analyzer.model.streams import Direction

__all__ = ["TlsFact", "TlsOutcome"]


@dataclass(frozen=True, slots=True)
class TlsFact:
    """Something seen on the way, at its place in the stream: an alert, records that could not be opened."""

    stream: int
    direction: Direction
    frame: int | None  #: of the record it is about
    time: int  #: nanoseconds since 1970
    note: Note


@dataclass(frozen=True, slots=True)
class TlsOutcome:
    """A TLS connection, looked back upon. Values that the handshake did not show are None."""

    stream: int
    version: str | None  #: ``TLS 1.2``
    suite: str | None  #: IANA's name
    server_name: bytes | None  #: what the client asked for (SNI)
    alpn: bytes | None  #: protocol the server chose
    client_random: bytes | None  #: of the first ClientHello; the name under which a key log keeps the secrets
    time: int | None  #: of the first ClientHello, nanoseconds since 1970
    opened: bool  #: application data, or at least the protected handshake, was decrypted
    why_not: Note | None  #: the reason where nothing was opened, or where opening had to stop
    remedy: Note | None  #: what to do about it
    notes: tuple[Note, ...]  #: further remarks: HTTP/2, alerts, records lost
    lost_records: int  #: protected records that a hole or damage took, as far as their numbers tell
    decrypted: tuple[int, int]  #: plaintext bytes handed up, client to server and back
