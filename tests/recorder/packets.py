"""Turns a conversation's bytes into the packets that would have carried them.

A ``Connection`` knows sequence numbers, acknowledgements and time stamps and yields ``Segment``s, as a capture on the
client's machine sees them; addresses and link layer come later, in ``frames``, so that one recording can be written as
IPv4 or IPv6, Ethernet or Linux cooked, pcap or pcapng. Nothing here uses the readers that the captures test.
"""

from __future__ import annotations

import ipaddress
import struct
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

FIN, SYN, RST, PSH, ACK = 0x01, 0x02, 0x04, 0x08, 0x10
MICROSECOND = 1_000
GAP = 12 * MICROSECOND  #: between two segments of one burst: 1,460 bytes at about a gigabit a second
ACK_AFTER = 30 * MICROSECOND  #: how long the client's kernel takes to acknowledge
MSS = 1460
WINDOW_SHIFT = 7
ETHERNET, SLL2 = 1, 276  #: link types of https://www.tcpdump.org/linktypes.html


@dataclass(frozen=True, slots=True)
class Segment:
    """One TCP segment. ``time`` is in nanoseconds since 1970, ``outgoing`` from the client's point of view."""

    time: int
    outgoing: bool
    seq: int
    ack: int
    flags: int
    options: bytes
    payload: bytes


@dataclass(slots=True)
class _Side:
    """What one end has sent and heard. Sequence numbers are absolute and wrap only when written."""

    next_seq: int
    heard: int = 0  #: next sequence number expected from the peer
    stamp_heard: int = 0
    owed: list[tuple[int, int]] = field(default_factory=list)  #: (due, acknowledgement number)


@dataclass(slots=True)
class Connection:
    """One TCP connection seen at the client. ``round_trip`` in nanoseconds; ``timestamps`` turns RFC 7323's option on,
    which leaves 1,448 of the 1,460 bytes for payload."""

    client_isn: int
    server_isn: int
    round_trip: int
    timestamps: bool = True
    segments: list[Segment] = field(default_factory=list)
    _sides: dict[bool, _Side] = field(init=False)
    _now: int = field(default=0, init=False)

    def __post_init__(self) -> None:
        self._sides = {True: _Side(self.client_isn), False: _Side(self.server_isn)}

    def open(self, at: int) -> None:
        """The three packets of the handshake, the first at ``at``."""
        self._emit(at, True, SYN)
        self._emit(at + self.round_trip, False, SYN | ACK)
        self._emit(self._now + ACK_AFTER, True, ACK)

    def send(self, at: int, outgoing: bool, data: bytes) -> None:
        """Segments for ``data``; the receiver owes an acknowledgement after every second one and after the last."""
        size = MSS - (12 if self.timestamps else 0)
        starts = range(0, len(data), size)
        for count, start in enumerate(starts, start=1):
            last = count == len(starts)
            self._settle(at)
            self._emit(at, outgoing, ACK | (PSH if last else 0), data[start : start + size])
            if last or count % 2 == 0:
                self._owe(not outgoing)
            at = self._now + GAP

    def finish(self, at: int, outgoing: bool) -> None:
        """One end says that it sends no more."""
        self._settle(at)
        self._emit(at, outgoing, FIN | ACK)
        self._owe(not outgoing)

    def reset(self, at: int, outgoing: bool) -> None:
        """One end hangs up; nothing that was owed is acknowledged any more."""
        self._settle(at)
        self._emit(at, outgoing, RST | ACK)
        for side in self._sides.values():
            side.owed = []

    def close(self) -> None:
        """Writes the acknowledgements still owed; the connection is over."""
        self._settle(None)

    def _owe(self, outgoing: bool) -> None:
        side = self._sides[outgoing]
        side.owed.append((self._now + (ACK_AFTER if outgoing else self.round_trip), side.heard))

    def _settle(self, until: int | None) -> None:
        due = sorted((when, outgoing, ack) for outgoing, side in self._sides.items() for when, ack in side.owed)
        for when, outgoing, ack in due:
            if until is None or when <= until:
                self._emit(when, outgoing, ACK, ack=ack)

    def _emit(self, at: int, outgoing: bool, flags: int, payload: bytes = b"", ack: int | None = None) -> None:
        side, peer = self._sides[outgoing], self._sides[not outgoing]
        self._now = max(at, self._now + MICROSECOND)
        number = (side.heard if ack is None else ack) if flags & ACK else 0
        side.owed = [(due, owed) for due, owed in side.owed if owed > number]
        stamp = self._now // 1_000_000 & 0xFFFFFFFF
        options = self._options(flags, stamp, side.stamp_heard)
        self.segments.append(Segment(self._now, outgoing, side.next_seq, number, flags, options, payload))
        side.next_seq += len(payload) + bool(flags & SYN) + bool(flags & FIN)
        peer.heard, peer.stamp_heard = side.next_seq, stamp

    def _options(self, flags: int, stamp: int, echo: int) -> bytes:
        if flags & SYN:
            times = struct.pack("!BBII", 8, 10, stamp, echo) if self.timestamps else b"\x01" * 10
            return struct.pack("!BBH", 2, 4, MSS) + b"\x04\x02" + times + b"\x01" + bytes((3, 3, WINDOW_SHIFT))
        return b"\x01\x01" + struct.pack("!BBII", 8, 10, stamp, echo) if self.timestamps else b""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a conversation pretends to happen. Addresses of one family; the hardware addresses are locally
    administered ones."""

    client: str = "10.0.0.5"
    server: str = "118.31.219.217"
    client_port: int = 51822
    server_port: int = 80
    client_mac: bytes = bytes.fromhex("020000000005")
    gateway_mac: bytes = bytes.fromhex("020000000001")


def frames(segments: Iterable[Segment], place: Place, link: int = ETHERNET) -> list[tuple[int, bytes]]:
    """The segments as packets of ``link`` between the ends of ``place``, with their times; checksums valid."""
    return [(s.time, _link(s, place, link) + _network(s, place, count)) for count, s in enumerate(segments)]


def _link(segment: Segment, place: Place, link: int) -> bytes:
    kind = 0x86DD if ":" in place.client else 0x0800
    if link == SLL2:
        sender = place.client_mac if segment.outgoing else place.gateway_mac
        return struct.pack("!HHIHBB8s", kind, 0, 2, 1, 4 if segment.outgoing else 0, 6, sender)
    ends = (place.gateway_mac, place.client_mac)
    to, sender = ends if segment.outgoing else ends[::-1]
    return to + sender + struct.pack("!H", kind)


def _network(segment: Segment, place: Place, count: int) -> bytes:
    ends = [ipaddress.ip_address(place.client).packed, ipaddress.ip_address(place.server).packed]
    ports = [place.client_port, place.server_port]
    if not segment.outgoing:
        ends, ports = ends[::-1], ports[::-1]
    tcp = _tcp(segment, ports, ends)
    hops = 64 if segment.outgoing else 52
    if len(ends[0]) == 16:
        return struct.pack("!IHBB", 6 << 28, len(tcp), 6, hops) + ends[0] + ends[1] + tcp
    identity = (place.client_port * 7 + count * (1 if segment.outgoing else 3)) & 0xFFFF
    head = struct.pack("!BBHHHBBH", 0x45, 0, 20 + len(tcp), identity, 0x4000, hops, 6, 0) + ends[0] + ends[1]
    return head[:10] + struct.pack("!H", _checksum(head)) + head[12:] + tcp


def _tcp(segment: Segment, ports: Sequence[int], ends: Sequence[bytes]) -> bytes:
    length = 20 + len(segment.options)
    window = 64240 if segment.flags & SYN else 32000
    numbers = (segment.seq & 0xFFFFFFFF, segment.ack & 0xFFFFFFFF)
    head = struct.pack("!HHIIBBHHH", *ports, *numbers, length // 4 << 4, segment.flags, window, 0, 0)
    whole = head + segment.options + segment.payload
    pseudo = ends[0] + ends[1] + struct.pack("!II", len(whole), 6)
    return whole[:16] + struct.pack("!H", _checksum(pseudo + whole)) + whole[18:]


def _checksum(data: bytes) -> int:
    """RFC 1071."""
    total: int = sum(struct.unpack(f"!{(len(data) + 1) // 2}H", data + b"\0" * (len(data) % 2)))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF
