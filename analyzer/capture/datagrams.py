"""UDP datagrams of one port, beside the TCP segments, for whoever asks: name look-ups explain what TCP cannot.

Only an ear that is given to the source costs anything. It looks at columns: link header of a constant length (one VLAN
tag allowed), IPv4 without fragments or IPv6 without extension headers, UDP, the port; the few packets that fit are
handed on one by one. Datagrams inside tunnels are not heard.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from analyzer.capture.decode import Packets
from analyzer.capture.links import LINKS, Tells

__all__ = ["Datagram", "Ear"]

I8 = npt.NDArray[np.int64]
U1 = npt.NDArray[np.uint8]

_NEED = 28  #: bytes of IPv4 and UDP headers


class Datagram(NamedTuple):
    """One datagram: addresses packed, payload as far as it was captured."""

    frame: int
    time: int
    src: bytes
    dst: bytes
    sport: int
    dport: int
    payload: bytes


class Ear:
    """Gives ``take`` every datagram from or to ``port``."""

    def __init__(self, port: int, take: Callable[[Datagram], None]) -> None:
        self._port, self._take = port, take

    def hear(self, buf: bytearray, packets: Packets) -> None:
        """Look through the packets of a batch."""
        numbers = [packets.link] if isinstance(packets.link, int) else np.unique(packets.link).tolist()
        found: list[tuple[int, int, int]] = []
        for number in numbers:
            link = LINKS.get(number)
            if link is None or link.tells is None:
                continue
            every = np.arange(len(packets))
            index = every if isinstance(packets.link, int) else every[packets.link == number]
            found += self._of_link(buf, packets, index, link.header, link.tells is Tells.ETHERTYPE)
        for place, at, version in sorted(found):
            self._give(buf, packets, place, at, version)

    def _of_link(
        self, buf: bytearray, packets: Packets, index: I8, header: int, tags: bool
    ) -> list[tuple[int, int, int]]:
        """(place, IP header, version) of the datagrams among the packets at ``index``."""
        index = index[packets.captured[index] >= header + _NEED]
        if not len(index):
            return []
        octets: U1 = np.frombuffer(buf, np.uint8)
        at = packets.data[index] + header
        if tags:
            tagged = (octets[at - 2] == 0x81) & (octets[at - 1] == 0)
            at = np.where(tagged & (packets.captured[index] >= header + 4 + _NEED), at + 4, at)
        first = octets[at]
        room = packets.data[index] + packets.captured[index] - at
        four = (first == 0x45) & (octets[at + 9] == 17) & (octets[at + 6] & 0x3F == 0) & (octets[at + 7] == 0)
        six = (first >> 4 == 6) & (octets[at + 6] == 17) & (room >= 48)
        udp = np.where(six, at + 40, at + 20)
        udp = np.where(four | six, udp, at)  # anything readable; not looked at
        high, low = self._port >> 8, self._port & 0xFF
        named = (octets[udp] == high) & (octets[udp + 1] == low) | (octets[udp + 2] == high) & (octets[udp + 3] == low)
        hits = np.flatnonzero((four | six) & named)
        return [(int(index[hit]), int(at[hit]), 4 if four[hit] else 6) for hit in hits.tolist()]

    def _give(self, buf: bytearray, packets: Packets, place: int, at: int, version: int) -> None:
        end = int(packets.data[place] + packets.captured[place])
        udp, addresses = (at + 20, at + 12) if version == 4 else (at + 40, at + 8)
        size = 4 if version == 4 else 16
        length = int.from_bytes(buf[udp + 4 : udp + 6], "big")
        self._take(
            Datagram(
                int(packets.frame[place]),
                int(packets.time[place]),
                bytes(buf[addresses : addresses + size]),
                bytes(buf[addresses + size : addresses + 2 * size]),
                int.from_bytes(buf[udp : udp + 2], "big"),
                int.from_bytes(buf[udp + 2 : udp + 4], "big"),
                bytes(buf[udp + 8 : min(end, udp + max(length, 8))]),
            )
        )
