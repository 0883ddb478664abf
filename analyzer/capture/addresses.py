"""The book of addresses: 32-bit numbers in the columns, real addresses on demand.

An IPv4 address is its own number. IPv6 addresses get numbers from 240.0.0.0 upwards in the order in which they are
first seen, a range that no host uses (RFC 1112 section 4 keeps it back); an IPv4 address of that range gets a number of
the same kind, so that no two addresses share one. The book is bounded: a capture with more addresses than it holds
loses the packets of the surplus ones, and the capture's facts say so.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

__all__ = ["FIRST_INTERNED", "FULL", "AddressBook", "Pairs", "pairs_of", "pairs_of_six"]

U4 = npt.NDArray[np.uint32]
#: Rows of 40 bytes as five words: two addresses, IPv4 right-aligned, then the length of each (4 or 16) in one byte.
Pairs = npt.NDArray[np.uint64]

FIRST_INTERNED = 0xF0000000
FULL = 0xFFFFFFFF  #: given where the book has no room left

_ROOM = 1 << 20  #: interned addresses, about 200 bytes each


class AddressBook:
    """See ``analyzer.model.packets.Addresses``."""

    __slots__ = ("_numbers", "_packed", "_room", "refused")

    def __init__(self, room: int = _ROOM) -> None:
        self._numbers: dict[bytes, int] = {}
        self._packed: list[bytes] = []
        self._room = room
        self.refused = 0  #: times an address found no room

    def packed(self, number: int) -> bytes:
        """4 or 16 bytes, network order. Raises KeyError for a number that was never given out."""
        if number < FIRST_INTERNED:
            return int(number).to_bytes(4, "big")
        try:
            return self._packed[int(number) - FIRST_INTERNED]
        except IndexError:
            raise KeyError(number) from None

    def text(self, number: int) -> str:
        """``10.0.0.5`` or ``2001:db8::1`` (RFC 5952)."""
        return str(ipaddress.ip_address(self.packed(number)))

    def number(self, packed: bytes) -> int:
        """The number of an address of 4 or 16 bytes; ``FULL`` where the book has no room."""
        if len(packed) == 4 and packed[0] < FIRST_INTERNED >> 24:
            return int.from_bytes(packed, "big")
        known = self._numbers.get(packed)
        if known is not None:
            return known
        if len(self._packed) >= self._room:
            self.refused += 1
            return FULL
        fresh = FIRST_INTERNED + len(self._packed)
        self._numbers[packed] = fresh
        self._packed.append(packed)
        return fresh

    def numbers(self, pairs: Pairs) -> U4:
        """Numbers for rows of address pairs, as an (n, 2) array.

        Rows of a burst have the same pair, so only the places where the pair changes are looked up.
        """
        new = np.ones(len(pairs), np.bool_)
        new[1:] = (pairs[1:] != pairs[:-1]).any(axis=1)
        found: list[int] = []
        for row in pairs[new]:
            raw = row.tobytes()
            skip = 16 - raw[32]
            found += (self.number(raw[skip:16]), self.number(raw[16 + skip : 32]))
        table = np.array(found, np.uint32).reshape(-1, 2)
        out: U4 = table[np.cumsum(new) - 1]
        return out


def pairs_of(src: Sequence[bytes], dst: Sequence[bytes]) -> Pairs:
    """Rows for ``numbers`` from packed addresses."""
    raw = b"".join(
        a.rjust(16, b"\0") + b.rjust(16, b"\0") + bytes((len(a), 0, 0, 0, 0, 0, 0, 0))
        for a, b in zip(src, dst, strict=True)
    )
    return np.frombuffer(raw, np.uint64).reshape(-1, 5)


def pairs_of_six(words: npt.NDArray[np.uint32]) -> Pairs:
    """Rows for ``numbers`` from the eight address words of IPv6 headers."""
    out = np.empty((len(words), 5), np.uint64)
    out[:, :4] = np.ascontiguousarray(words).view(np.uint64)
    out[:, 4] = np.frombuffer(b"\x10\0\0\0\0\0\0\0", np.uint64)[0]
    return out
