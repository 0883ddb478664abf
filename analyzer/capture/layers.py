"""Headers of links and tunnels, one small function each: where does the next layer begin, and which is it?

A function is given the place of a layer in the buffer and answers with the next one, or None where the packet carries
nothing we follow. ``cap`` is where the captured bytes end, ``wire`` where the packet ended on the wire; both only
shrink from layer to layer. A header that is not wholly captured ends the walk. Nothing is copied: positions are the
result, which is why these are not dpkt's classes (those slice the payload, hide its position and refuse packets that
the snap length cut).
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Mapping
from enum import Enum, auto
from typing import NamedTuple

__all__ = ["ETHERTYPES", "HEADERS", "LOOPBACK_FAMILIES", "UDP_TUNNELS", "Buffer", "Layer", "Spot", "u2", "u4"]

Buffer = bytes | bytearray


class Layer(Enum):
    """What a stretch of a packet is."""

    ARCNET_LINUX = auto()
    AYIYA = auto()
    CISCO_HDLC = auto()
    ENC = auto()
    ERSPAN2 = auto()
    ERSPAN3 = auto()
    ETHERNET = auto()
    ETHER_IP = auto()
    ETAG = auto()
    GENEVE = auto()
    GRE = auto()
    GTP_U = auto()
    IP = auto()  #: version 4 or 6 by its first four bits
    L2TP = auto()
    LLC = auto()
    LOOPBACK = auto()
    MPLS = auto()
    NFLOG = auto()
    PFLOG = auto()
    PPI = auto()
    PPP = auto()
    PPPOE = auto()
    PPP_HDLC = auto()
    RADIOTAP = auto()
    SLL = auto()
    SLL2 = auto()
    TCP = auto()
    TEREDO = auto()
    UDP = auto()
    VLAN = auto()
    VN_TAG = auto()
    VXLAN = auto()
    WLAN = auto()


class Spot(NamedTuple):
    """A layer's place in the buffer."""

    layer: Layer
    at: int
    cap: int  #: end of the captured bytes
    wire: int  #: end of the bytes on the wire


def _big2(buf: Buffer, at: int) -> int:
    value: int = struct.unpack_from(">H", buf, at)[0]
    return value


def _big4(buf: Buffer, at: int) -> int:
    value: int = struct.unpack_from(">I", buf, at)[0]
    return value


u2, u4 = _big2, _big4

#: Ethertype → layer. Source: IEEE 802 numbers at IANA; 0x9100 and 0x9200 are older QinQ types, 0x0004 is Linux's mark
#: for 802.2 frames in cooked captures, 0x88BE and 0x22EB are ERSPAN's types inside GRE.
ETHERTYPES: dict[int, Layer] = {
    0x0004: Layer.LLC,
    0x0800: Layer.IP,
    0x86DD: Layer.IP,
    0x8100: Layer.VLAN,
    0x88A8: Layer.VLAN,
    0x9100: Layer.VLAN,
    0x9200: Layer.VLAN,
    0x8847: Layer.MPLS,
    0x8848: Layer.MPLS,
    0x8864: Layer.PPPOE,
    0x880B: Layer.PPP_HDLC,
    0x6558: Layer.ETHERNET,
    0x88BE: Layer.ERSPAN2,
    0x22EB: Layer.ERSPAN3,
    0x8926: Layer.VN_TAG,
    0x893F: Layer.ETAG,
}

#: UDP port → what it tunnels. Source: IANA's port numbers; 8472 is Linux's older VXLAN port, which flannel and Cilium
#: still use, 5072 is AYIYA's.
UDP_TUNNELS: dict[int, Layer] = {
    1701: Layer.L2TP,
    2152: Layer.GTP_U,
    3544: Layer.TEREDO,
    4754: Layer.GRE,
    4789: Layer.VXLAN,
    5072: Layer.AYIYA,
    6081: Layer.GENEVE,
    6635: Layer.MPLS,
    8472: Layer.VXLAN,
}

#: Address families in front of loopback packets: IPv4, and IPv6 on Linux, BSD/OS, NetBSD, FreeBSD, macOS, Windows.
#: Source: the entry for LINKTYPE_NULL at tcpdump.org/linktypes.html.
LOOPBACK_FAMILIES = frozenset({2, 10, 23, 24, 28, 30})

#: PPP protocol → layer. Source: IANA's PPP numbers.
_PPP: dict[int, Layer] = {0x0021: Layer.IP, 0x0057: Layer.IP, 0x0281: Layer.MPLS, 0x0283: Layer.MPLS}

#: Link types that PPI and the like name inside; a second table would be the first one in a circle.
_INNER_LINKS: dict[int, Layer] = {
    1: Layer.ETHERNET,
    9: Layer.PPP_HDLC,
    101: Layer.IP,
    105: Layer.WLAN,
    127: Layer.RADIOTAP,
}


def _typed(kind: int, at: int, cap: int, wire: int) -> Spot | None:
    """What an ethertype at the end of a header leads to; up to 1500 it is a length and LLC follows (IEEE 802.3)."""
    layer = ETHERTYPES.get(kind)
    if layer is not None:
        return Spot(layer, at, cap, wire)
    if 8 <= kind <= 1500:
        return Spot(Layer.LLC, at, min(cap, at + kind), min(wire, at + kind))
    return None


def _ethertype_at(distance: int) -> Callable[[Buffer, int, int, int], Spot | None]:
    """A header that is constant up to an ethertype in its last two bytes."""

    def step(buf: Buffer, at: int, cap: int, wire: int) -> Spot | None:
        after = at + distance + 2
        return _typed(u2(buf, at + distance), after, cap, wire) if after <= cap else None

    return step


def _sll2(buf: Buffer, at: int, cap: int, wire: int) -> Spot | None:
    return _typed(u2(buf, at), at + 20, cap, wire) if at + 20 <= cap else None


def _loopback(buf: Buffer, at: int, cap: int, wire: int) -> Spot | None:
    if at + 4 > cap:
        return None
    family = u4(buf, at)
    swapped = int.from_bytes(buf[at : at + 4], "little")
    known = family in LOOPBACK_FAMILIES or swapped in LOOPBACK_FAMILIES
    return Spot(Layer.IP, at + 4, cap, wire) if known else None


def _llc(buf: Buffer, at: int, cap: int, wire: int) -> Spot | None:
    """802.2 with SNAP (RFC 1042), or LSAP 6, which is IP itself."""
    if at + 8 <= cap and buf[at : at + 3] == b"\xaa\xaa\x03" and buf[at + 3 : at + 6] in (b"\0\0\0", b"\0\0\xf8"):
        return _typed(u2(buf, at + 6), at + 8, cap, wire)
    if at + 3 <= cap and buf[at : at + 3] == b"\x06\x06\x03":
        return Spot(Layer.IP, at + 3, cap, wire)
    return None


def _ppp(buf: Buffer, at: int, cap: int, wire: int) -> Spot | None:
    """The protocol field, one byte when compressed (RFC 1661 section 6.5)."""
    if at + 2 > cap:
        return None
    width = 1 if buf[at] & 1 else 2
    layer = _PPP.get(buf[at] if width == 1 else u2(buf, at))
    return Spot(layer, at + width, cap, wire) if layer else None


def _ppp_hdlc(buf: Buffer, at: int, cap: int, wire: int) -> Spot | None:
    """Address and control may be left out (RFC 1662, RFC 1661 section 6.6)."""
    skip = 2 if buf[at : min(at + 2, cap)] == b"\xff\x03" else 0
    if at + 4 <= cap and buf[at] == 0x0F:  # Cisco HDLC on the same kind of line
        return _typed(u2(buf, at + 2), at + 4, cap, wire)
    return _ppp(buf, at + skip, cap, wire)


def _pppoe(buf: Buffer, at: int, cap: int, wire: int) -> Spot | None:
    """RFC 2516 section 4: version and type 1, code 0 for session data, a length."""
    if at + 6 > cap or buf[at] != 0x11 or buf[at + 1] != 0:
        return None
    end = at + 6 + u2(buf, at + 4)
    return Spot(Layer.PPP, at + 6, min(cap, end), min(wire, end))


def _mpls(buf: Buffer, at: int, cap: int, wire: int) -> Spot | None:
    """Labels down to the bottom of the stack (RFC 3032); then IP, or a control word with Ethernet (RFC 4448)."""
    while at + 4 < cap:
        bottom = buf[at + 2] & 1
        at += 4
        if bottom:
            first = buf[at] >> 4
            if first in (4, 6):
                return Spot(Layer.IP, at, cap, wire)
            return Spot(Layer.ETHERNET, at + 4, cap, wire) if first == 0 else None
    return None


def _arcnet_linux(buf: Buffer, at: int, cap: int, wire: int) -> Spot | None:
    """tcpdump.org/linktypes, LINKTYPE_ARCNET_LINUX: RFC 1051's packet types have a 5-byte header, RFC 1201's 8."""
    if at + 8 > cap:
        return None
    head = {0xF0: 5, 0xD4: 8, 0xC4: 8}.get(buf[at + 4])
    return Spot(Layer.IP, at + head, cap, wire) if head else None


def _nflog(buf: Buffer, at: int, cap: int, wire: int) -> Spot | None:
    """Attributes in the host's byte order (either one is tried); number 9 is the packet."""
    at += 4
    while at + 4 <= cap:
        order = "<" if buf[at + 3] == 0 else ">"
        length, kind = struct.unpack_from(order + "HH", buf, at)
        if length < 4:
            return None
        if kind & 0x7FFF == 9:
            return Spot(Layer.IP, at + 4, min(cap, at + length), min(wire, at + length))
        at += (length + 3) & ~3
    return None


def _radiotap(buf: Buffer, at: int, cap: int, wire: int) -> Spot | None:
    """radiotap.org: version 0, total length, then fields by a chain of bit maps; here only the length matters."""
    if at + 8 > cap or buf[at] != 0:
        return None
    length = int.from_bytes(buf[at + 2 : at + 4], "little")
    return Spot(Layer.WLAN, at + length, cap, wire) if length >= 8 else None


def _ppi(buf: Buffer, at: int, cap: int, wire: int) -> Spot | None:
    """Per-packet information header: length and inner link type, little-endian."""
    if at + 8 > cap:
        return None
    length, link = struct.unpack_from("<HI", buf, at + 2)
    layer = _INNER_LINKS.get(link)
    return Spot(layer, at + length, cap, wire) if layer and length >= 8 else None


def _wlan(buf: Buffer, at: int, cap: int, wire: int) -> Spot | None:
    """An unencrypted data frame (IEEE 802.11, section 9.2): address 4, QoS and HT control are optional."""
    if at + 24 > cap:
        return None
    control, flags = buf[at], buf[at + 1]
    if control & 0x0F != 0x08 or control & 0x40 or flags & 0x40:  # not data, no payload, encrypted
        return None
    length = 24 + (6 if flags & 3 == 3 else 0)
    if control & 0x80:
        aggregated = at + length < cap and buf[at + length] & 0x80
        length += 2 + (4 if flags & 0x80 else 0) + (14 if aggregated else 0)
    inside = at + length
    if buf[inside : min(inside + 2, cap)] != b"\xaa\xaa" and buf[inside + 2 : min(inside + 4, cap)] == b"\xaa\xaa":
        inside += 2  # headers padded to four bytes
    return Spot(Layer.LLC, inside, cap, wire)


def _gre(buf: Buffer, at: int, cap: int, wire: int) -> Spot | None:
    """RFC 2784, 2890 and, version 1, RFC 2637 (PPTP)."""
    if at + 4 > cap:
        return None
    flags, kind = u2(buf, at), u2(buf, at + 2)
    length = 4 + (4 if flags & 0xC000 else 0) + (4 if flags & 0x2000 else 0) + (4 if flags & 0x1000 else 0)
    if flags & 7 == 1:
        length += 4 if flags & 0x80 else 0
    if flags & 0x4000:
        return None  # source routing, which nobody sends
    if kind == 0x88BE and not flags & 0x1000:
        return Spot(Layer.ETHERNET, at + length, cap, wire)  # ERSPAN type I has no header of its own
    return _typed(kind, at + length, cap, wire)


def _constant(layer: Layer, distance: int) -> Callable[[Buffer, int, int, int], Spot | None]:
    """A header of one length with one thing behind it."""

    def step(_buf: Buffer, at: int, cap: int, wire: int) -> Spot | None:
        return Spot(layer, at + distance, cap, wire) if at + distance <= cap else None

    return step


def _erspan3(buf: Buffer, at: int, cap: int, wire: int) -> Spot | None:
    """draft-foschiano-erspan-03: 12 bytes, 8 more where the O bit says so."""
    if at + 12 > cap:
        return None
    return Spot(Layer.ETHERNET, at + (20 if buf[at + 11] & 1 else 12), cap, wire)


def _vxlan(buf: Buffer, at: int, cap: int, wire: int) -> Spot | None:
    """RFC 7348 section 5: the I flag is set."""
    return Spot(Layer.ETHERNET, at + 8, cap, wire) if at + 8 <= cap and buf[at] & 0x08 else None


def _geneve(buf: Buffer, at: int, cap: int, wire: int) -> Spot | None:
    """RFC 8926 section 3.4."""
    if at + 8 > cap or buf[at] & 0xC0:
        return None
    return _typed(u2(buf, at + 2), at + 8 + (buf[at] & 0x3F) * 4, cap, wire)


def _gtp_u(buf: Buffer, at: int, cap: int, wire: int) -> Spot | None:
    """3GPP TS 29.281 section 5: version 1, message type 255, optional fields and a chain of extension headers."""
    if at + 8 > cap or buf[at] & 0xF0 != 0x30 or buf[at + 1] != 255:
        return None
    inside = at + 8
    if buf[at] & 7:
        inside += 4
        more = inside <= cap and buf[inside - 1]
        while more:
            if inside >= cap or not buf[inside]:
                return None
            inside += buf[inside] * 4
            more = inside <= cap and buf[inside - 1]
    return Spot(Layer.IP, inside, cap, wire)


def _l2tp(buf: Buffer, at: int, cap: int, wire: int) -> Spot | None:
    """RFC 2661 section 3.1, data messages of version 2."""
    if at + 6 > cap or u2(buf, at) & 0x800F != 2:
        return None
    flags = u2(buf, at)
    inside = at + 6 + (2 if flags & 0x4000 else 0) + (4 if flags & 0x0800 else 0)
    if flags & 0x0200:
        if inside + 2 > cap:
            return None
        inside += 2 + u2(buf, inside)
    return Spot(Layer.PPP_HDLC, inside, cap, wire) if inside < cap else None


def _ayiya(buf: Buffer, at: int, cap: int, wire: int) -> Spot | None:
    """draft-massar-v6ops-ayiya-02 section 4; only IPv6 was ever carried."""
    if at + 8 > cap or buf[at + 3] != 41:
        return None
    return Spot(Layer.IP, at + 8 + (1 << (buf[at] >> 4)) + (buf[at + 1] >> 4) * 4, cap, wire)


def _pflog(buf: Buffer, at: int, cap: int, wire: int) -> Spot | None:
    """The header's first byte is its length without padding."""
    return Spot(Layer.IP, at + ((buf[at] + 3) & ~3), cap, wire) if at < cap else None


def _udp(buf: Buffer, at: int, cap: int, wire: int) -> Spot | None:
    """Only ports of tunnels are of interest."""
    if at + 8 > cap:
        return None
    layer = UDP_TUNNELS.get(u2(buf, at + 2)) or UDP_TUNNELS.get(u2(buf, at))
    return Spot(layer, at + 8, cap, wire) if layer else None


#: Layer → its function. IP and TCP are not here: they know addresses and fragments (``slow``).
HEADERS: Mapping[Layer, Callable[[Buffer, int, int, int], Spot | None]] = {
    Layer.ARCNET_LINUX: _arcnet_linux,
    Layer.AYIYA: _ayiya,
    Layer.CISCO_HDLC: _ethertype_at(2),
    Layer.ENC: _constant(Layer.IP, 12),
    Layer.ERSPAN2: _constant(Layer.ETHERNET, 8),
    Layer.ERSPAN3: _erspan3,
    Layer.ETAG: _ethertype_at(6),
    Layer.ETHERNET: _ethertype_at(12),
    Layer.ETHER_IP: _constant(Layer.ETHERNET, 2),
    Layer.GENEVE: _geneve,
    Layer.GRE: _gre,
    Layer.GTP_U: _gtp_u,
    Layer.L2TP: _l2tp,
    Layer.LLC: _llc,
    Layer.LOOPBACK: _loopback,
    Layer.MPLS: _mpls,
    Layer.NFLOG: _nflog,
    Layer.PFLOG: _pflog,
    Layer.PPI: _ppi,
    Layer.PPP: _ppp,
    Layer.PPPOE: _pppoe,
    Layer.PPP_HDLC: _ppp_hdlc,
    Layer.RADIOTAP: _radiotap,
    Layer.SLL: _ethertype_at(14),
    Layer.SLL2: _sll2,
    Layer.TEREDO: _constant(Layer.IP, 0),
    Layer.UDP: _udp,
    Layer.VLAN: _ethertype_at(2),
    Layer.VN_TAG: _ethertype_at(4),
    Layer.VXLAN: _vxlan,
    Layer.WLAN: _wlan,
}
