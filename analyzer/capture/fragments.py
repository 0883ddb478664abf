"""Puts fragmented IP packets together again (RFC 791 section 3.2, RFC 8200 section 4.5), in bounded memory.

Fragments may come in any order and overlap. As in Wireshark, the fragment with the lower offset wins, and of two with
the same offset the first; bytes that differ under an overlap are counted. A fragment whose end the snap length cut
counts with its length on the wire: the packet is then whole in length, and captured up to the first missing byte.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple

__all__ = ["Fragment", "Fragments", "Whole"]

_PATIENCE = 30 * 10**9  #: nanoseconds of capture time; Linux's ipfrag_time is 30 seconds
_ROOM = 4 << 20  #: bytes held in all
_PARTS = 4096  #: fragments of one packet
_KNOWN = 1024  #: packets remembered that became whole: copies of their fragments may follow
_OVERHEAD = 200  #: bytes that a held fragment costs beside its data


class Fragment(NamedTuple):
    """One fragment."""

    offset: int  #: bytes, of its data in the packet
    more: bool
    data: bytes  #: as captured
    length: int  #: on the wire
    proto: int  #: of what is inside; only the first fragment's counts
    time: int  #: nanoseconds


class Whole(NamedTuple):
    """A packet's payload, put together."""

    data: bytes  #: captured up to the first missing byte
    length: int  #: on the wire
    proto: int


@dataclass(slots=True)
class _Packet:
    started: int
    parts: list[Fragment] = field(default_factory=list)
    total: int | None = None  #: known when the last fragment came
    sum: int = 0  #: lengths of all parts: below ``total`` it cannot be complete
    held: int = 0


class Fragments:
    """Packets that wait for their fragments. ``given_up`` and ``conflicts`` count for the capture's facts."""

    __slots__ = ("_held", "_packets", "_whole", "conflicts", "given_up")

    def __init__(self) -> None:
        self._packets: dict[tuple[bytes, ...], _Packet] = {}
        self._whole: dict[tuple[bytes, ...], None] = {}
        self._held = 0
        self.given_up = 0  #: packets that never became whole
        self.conflicts = 0  #: overlaps with differing bytes

    def __len__(self) -> int:
        return len(self._packets)

    @property
    def missing(self) -> int:
        """Packets that never became whole, those that wait yet included."""
        return self.given_up + sum(key not in self._whole for key in self._packets)

    def add(self, key: tuple[bytes, ...], part: Fragment) -> Whole | None:
        """The packet where ``part`` was the last one missing. ``key``: addresses, identification, protocol."""
        self._expire(part.time)
        packet = self._packets.get(key)
        if packet is None:
            packet = self._packets[key] = _Packet(part.time)
        packet.parts.append(part)
        packet.sum += part.length
        cost = len(part.data) + _OVERHEAD
        packet.held += cost
        self._held += cost
        if not part.more:
            end = part.offset + part.length
            packet.total = end if packet.total is None else min(end, packet.total)
        if packet.total is not None and packet.sum >= packet.total:
            whole = self._joined(packet)
            if whole is not None:
                self._drop(key)
                self._whole[key] = None
                if len(self._whole) > _KNOWN:
                    del self._whole[next(iter(self._whole))]
                return whole
        if len(packet.parts) >= _PARTS:
            self._give_up(key)
        while self._held > _ROOM:
            self._give_up(next(iter(self._packets)))
        return None

    def _expire(self, now: int) -> None:
        while self._packets:
            key = next(iter(self._packets))
            if now - self._packets[key].started <= _PATIENCE:
                break
            self._give_up(key)

    def _give_up(self, key: tuple[bytes, ...]) -> None:
        """It does not become whole, unless it was before: then these were copies, as of packets seen on two links."""
        self._drop(key)
        self.given_up += key not in self._whole

    def _drop(self, key: tuple[bytes, ...]) -> None:
        self._held -= self._packets.pop(key).held

    def _joined(self, packet: _Packet) -> Whole | None:
        """All bytes in order, None while some are missing."""
        parts = sorted(packet.parts, key=lambda part: part.offset)
        reach = 0
        for part in parts:
            if part.offset > reach:
                return None
            reach = max(reach, part.offset + part.length)
        if packet.total is None or reach < packet.total:
            return None
        out = bytearray()
        for part in parts:
            if part.offset > len(out):
                break  # the snap length cut what lies between
            known = out[part.offset :]
            overlap = min(len(known), len(part.data))
            self.conflicts += known[:overlap] != part.data[:overlap]
            out += part.data[len(known) :]
        return Whole(bytes(out[: packet.total]), packet.total, parts[0].proto)
