"""What DNS said: questions and answers by name, read leniently and in bounded time (RFC 1035, section 4).

A name counts once whatever its record type; a question without an answer, an answer with an error code and the time it
took are what is asked for later. Messages that are cut or make no sense are left out.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass, field

from analyzer.capture.datagrams import Datagram
from analyzer.model.notes import Kind, Wire
from analyzer.model.transfers import Lookup

__all__ = ["CODES", "PORT", "Resolver"]

PORT = 53
MAX_NAMES = 4096
_MANY = 16
_POINTERS = 16

#: Response codes by their names (RFC 1035, section 4.1.1; IANA's registry).
CODES = {1: "FORMERR", 2: "SERVFAIL", 3: "NXDOMAIN", 4: "NOTIMP", 5: "REFUSED"}


@dataclass(slots=True)
class _Name:
    asked: int = 0
    answered: int = 0
    codes: dict[int, None] = field(default_factory=dict)
    addresses: dict[bytes, None] = field(default_factory=dict)
    slowest: int | None = None
    frames: list[int] = field(default_factory=list)
    open: dict[tuple[bytes, int, int, int], int] = field(default_factory=dict)  #: who, port, id, type → when


class Resolver:
    """Takes datagrams in capture order."""

    def __init__(self) -> None:
        self._names: dict[bytes, _Name] = {}

    def take(self, datagram: Datagram) -> None:
        """One datagram of port 53."""
        data = datagram.payload
        if len(data) < 12:
            return
        ident, flags, questions, answers = struct.unpack_from(">HHHH", data)
        if questions != 1 or flags & 0x7800:
            return
        question = _name(data, 12)
        if question is None or question[1] + 4 > len(data):
            return
        name, at = question
        kind = int.from_bytes(data[at : at + 2], "big")
        known = self._names.get(name)
        if known is None:
            if len(self._names) >= MAX_NAMES:
                return
            known = self._names[name] = _Name()
        if len(known.frames) < _MANY:
            known.frames.append(datagram.frame)
        if not flags & 0x8000:
            known.asked += 1
            if len(known.open) < _MANY:
                known.open.setdefault((datagram.src, datagram.sport, ident, kind), datagram.time)
            return
        known.answered += 1
        asked = known.open.pop((datagram.dst, datagram.dport, ident, kind), None)
        if asked is not None:
            known.slowest = max(known.slowest or 0, datagram.time - asked)
        if flags & 15:
            known.codes[flags & 15] = None
        for address in _addresses(data, at + 4, answers):
            if len(known.addresses) < _MANY:
                known.addresses[address] = None

    def lookups(self) -> tuple[Lookup, ...]:
        """All names, in the order in which they were first asked for."""
        return tuple(
            Lookup(
                Wire(name, Kind.HOST),
                one.asked,
                one.answered,
                tuple(one.codes),
                tuple(one.addresses),
                one.slowest,
                tuple(one.frames),
            )
            for name, one in self._names.items()
        )


def _name(data: bytes, at: int) -> tuple[bytes, int] | None:
    """The name at ``at`` in lower case, and where it ends; None where it is damaged."""
    labels: list[bytes] = []
    end: int | None = None
    for _ in range(128 + _POINTERS):
        if at >= len(data):
            return None
        size = data[at]
        if size >= 0xC0:
            if at + 1 >= len(data):
                return None
            end = at + 2 if end is None else end
            at = (size & 0x3F) << 8 | data[at + 1]
        elif size == 0:
            return b".".join(labels).lower(), at + 1 if end is None else end
        elif size > 63 or len(labels) > 127:
            return None
        else:
            labels.append(data[at + 1 : at + 1 + size])
            at += 1 + size
    return None


def _addresses(data: bytes, at: int, count: int) -> list[bytes]:
    """A and AAAA records of the answer section."""
    found = []
    for _ in range(min(count, 32)):
        owner = _name(data, at)
        if owner is None or owner[1] + 10 > len(data):
            break
        at = owner[1]
        kind, _, _, size = struct.unpack_from(">HHIH", data, at)
        value = data[at + 10 : at + 10 + size]
        if (kind, len(value)) in ((1, 4), (28, 16)):
            found.append(value)
        at += 10 + size
    return found
