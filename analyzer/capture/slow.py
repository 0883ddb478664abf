"""One packet at a time: whatever the fast path leaves over, from the link header down to TCP.

The walk is a loop over ``Spot``s with a table of header functions (``layers``); IP and TCP are here, since they know
addresses, fragments and the end of a packet. The rules are those of the fast path, so that both give the same rows:

- an IP packet ends where its length field says, never behind the end of what holds it; a length of 0 is segmentation
  offload and means "to the end" (Linux leaves it so; RFC 2675 too, for IPv6);
- a TCP header must be captured up to its urgent pointer; options may be cut; the payload's length on the wire counts.
"""

from __future__ import annotations

import struct
from typing import NamedTuple

from analyzer.capture.fragments import Fragment, Fragments
from analyzer.capture.layers import HEADERS, Buffer, Layer, Spot, u2

__all__ = ["IP_PROTOCOLS", "Row", "Walker"]

_DEPTH = 24  #: layers a packet may have; more is a bomb

#: IP protocol → layer. Source: IANA's protocol numbers. Authentication headers and IPv6 extension headers are skipped
#: before this is asked.
IP_PROTOCOLS: dict[int, Layer] = {
    4: Layer.IP,
    6: Layer.TCP,
    17: Layer.UDP,
    41: Layer.IP,
    47: Layer.GRE,
    97: Layer.ETHER_IP,
    137: Layer.MPLS,
}

_AUTHENTICATION = 51
_FRAGMENT = 44
#: IPv6 extension headers with a length in units of 8 bytes (RFC 8200 section 4, RFC 6275, RFC 7401, RFC 5533).
_EXTENSIONS = frozenset({0, 43, 60, 135, 139, 140})


class Row(NamedTuple):
    """A TCP segment, fields as in ``PacketBatch``; addresses packed."""

    src: bytes
    dst: bytes
    ports: int
    seq: int
    ack: int
    flags: int
    window: int
    offset: int
    length: int
    captured: int


class Walker:
    """Walks packets of one capture. ``extra`` collects payloads put together from fragments, for the batch's end."""

    __slots__ = ("_dst", "_extra_at", "_src", "extra", "fragments")

    def __init__(self, fragments: Fragments) -> None:
        self.fragments = fragments
        self.extra = bytearray()
        self._extra_at = 0
        self._src = self._dst = b""

    def begin(self, extra_at: int) -> None:
        """A new batch whose own bytes end at ``extra_at``."""
        self.extra = bytearray()
        self._extra_at = extra_at

    def row(self, buf: Buffer, layer: Layer, at: int, cap: int, wire: int, time: int) -> Row | None:
        """The TCP segment in the packet, None where there is none (or a fragment of one)."""
        spot: Spot | None = Spot(layer, at, cap, wire)
        shift: int | None = None  # distance from positions in ``buf`` to the batch's, once fragments were joined
        for _ in range(_DEPTH):
            if spot is None or spot.at > spot.cap:
                return None
            if spot.layer is Layer.TCP:
                return self._tcp(buf, spot, shift)
            if spot.layer is Layer.IP:
                found = self._ip(buf, spot, time)
                if isinstance(found, tuple) and not isinstance(found, Spot):
                    buf, spot = found
                    shift = 0
                else:
                    spot = found
            else:
                spot = HEADERS[spot.layer](buf, *spot[1:])
        return None

    def _ip(self, buf: Buffer, spot: Spot, time: int) -> Spot | tuple[bytes, Spot] | None:
        version = buf[spot.at] >> 4 if spot.at < spot.cap else 0
        if version == 4:
            return self._ip4(buf, spot, time)
        return self._ip6(buf, spot, time) if version == 6 else None

    def _ip4(self, buf: Buffer, spot: Spot, time: int) -> Spot | tuple[bytes, Spot] | None:
        at = spot.at
        if at + 20 > spot.cap:
            return None
        header = (buf[at] & 15) * 4
        total = u2(buf, at + 2) or spot.wire - at
        if header < 20 or total < header:
            return None
        self._src, self._dst = bytes(buf[at + 12 : at + 16]), bytes(buf[at + 16 : at + 20])
        inside = Spot(Layer.IP, at + header, min(spot.cap, at + total), min(spot.wire, at + total))
        word, proto = u2(buf, at + 6), buf[at + 9]
        if not word & 0x3FFF:
            return self._carried(buf, proto, inside)
        key = (self._src, self._dst, bytes(buf[at + 4 : at + 6]), bytes((proto,)))
        return self._fragment(buf, key, inside, (word & 0x1FFF) * 8, bool(word & 0x2000), proto, time)

    def _ip6(self, buf: Buffer, spot: Spot, time: int) -> Spot | tuple[bytes, Spot] | None:
        at = spot.at
        if at + 40 > spot.cap:
            return None
        self._src, self._dst = bytes(buf[at + 8 : at + 24]), bytes(buf[at + 24 : at + 40])
        length = u2(buf, at + 4) or spot.wire - at - 40
        end = at + 40 + length
        cap, wire = min(spot.cap, end), min(spot.wire, end)
        proto, at = buf[at + 6], at + 40
        for _ in range(_DEPTH):
            if proto in _EXTENSIONS:
                if at + 8 > cap:
                    return None
                proto, at = buf[at], at + (buf[at + 1] + 1) * 8
            elif proto == _FRAGMENT:
                if at + 8 > cap:
                    return None
                word, ident = u2(buf, at + 2), bytes(buf[at + 4 : at + 8])
                inside = Spot(Layer.IP, at + 8, cap, wire)
                if not word & 0xFFF9:  # a packet in one "fragment" (RFC 6946)
                    proto, at = buf[at], at + 8
                    continue
                key = (self._src, self._dst, ident)
                return self._fragment(buf, key, inside, word & 0xFFF8, bool(word & 1), buf[at], time)
            else:
                return self._carried(buf, proto, Spot(Layer.IP, at, cap, wire))
        return None

    def _carried(self, buf: Buffer, proto: int, inside: Spot) -> Spot | None:
        """What IP protocol ``proto`` at ``inside`` is, behind authentication headers (RFC 4302 section 2)."""
        at = inside.at
        for _ in range(_DEPTH):
            if proto != _AUTHENTICATION:
                break
            if at + 12 > inside.cap:
                return None
            proto, at = buf[at], at + (buf[at + 1] + 2) * 4
        layer = IP_PROTOCOLS.get(proto)
        return Spot(layer, at, inside.cap, inside.wire) if layer and at <= inside.cap else None

    def _fragment(
        self, buf: Buffer, key: tuple[bytes, ...], inside: Spot, offset: int, more: bool, proto: int, time: int
    ) -> tuple[bytes, Spot] | None:
        if inside.at > inside.cap:
            return None
        data, length = bytes(buf[inside.at : inside.cap]), inside.wire - inside.at
        whole = self.fragments.add(key, Fragment(offset, more, data, length, proto, time))
        if whole is None:
            return None
        spot = self._carried(whole.data, whole.proto, Spot(Layer.IP, 0, len(whole.data), whole.length))
        return (whole.data, spot) if spot else None

    def _tcp(self, buf: Buffer, spot: Spot, shift: int | None) -> Row | None:
        at = spot.at
        if at + 20 > spot.cap:
            return None
        ports, seq, ack, bits, flags, window = struct.unpack_from(">IIIBBH", buf, at)
        header = (bits >> 4) * 4
        length = spot.wire - at - header
        if header < 20 or length < 0:
            return None
        offset = at + header
        captured = min(length, max(spot.cap - offset, 0))
        if shift is not None:
            place = self._extra_at + len(self.extra)
            self.extra += buf[offset : offset + captured]
            offset = place
        return Row(self._src, self._dst, ports, seq, ack, flags, window, offset, length, captured)
