"""Builds packets byte by byte, with valid lengths and checksums.

Every function takes bytes or text addresses and gives bytes; layers are put around each other by the caller:
``ethernet(ipv4("10.0.0.1", "10.0.0.2", 6, tcp_segment(...)))``. ``tcp_packet`` does the usual ones in one call.
"""

from __future__ import annotations

import ipaddress
import struct
from collections.abc import Sequence

__all__ = [
    "dialogue",
    "ethernet",
    "ipv4",
    "ipv4_fragments",
    "ipv6",
    "ipv6_fragments",
    "link_header",
    "tcp_packet",
    "tcp_segment",
    "udp",
]

FIN, SYN, RST, PSH, ACK, URG = 1, 2, 4, 8, 16, 32

MAC = bytes.fromhex("020000000002020000000001")


def checksum(data: bytes) -> int:
    """Internet checksum (RFC 1071)."""
    if len(data) % 2:
        data += b"\0"
    total: int = sum(struct.unpack(f">{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


def _pseudo(src: str, dst: str, proto: int, length: int) -> bytes:
    source, target = ipaddress.ip_address(src), ipaddress.ip_address(dst)
    if source.version == 4:
        return source.packed + target.packed + struct.pack(">BBH", 0, proto, length)
    return source.packed + target.packed + struct.pack(">IHBB", length, 0, 0, proto)


def tcp_segment(
    src: str,
    dst: str,
    sport: int,
    dport: int,
    seq: int,
    ack: int,
    flags: int,
    payload: bytes = b"",
    *,
    window: int = 64240,
    options: bytes = b"",
) -> bytes:
    """TCP header with options (padded to four bytes), checksum over the pseudo header of ``src`` and ``dst``."""
    options += b"\0" * (-len(options) % 4)
    offset = (5 + len(options) // 4) << 4
    head = struct.pack(">HHIIBBHHH", sport, dport, seq % 2**32, ack % 2**32, offset, flags, window, 0, 0) + options
    total = checksum(_pseudo(src, dst, 6, len(head) + len(payload)) + head + payload)
    return head[:16] + struct.pack(">H", total) + head[18:] + payload


def udp(src: str, dst: str, sport: int, dport: int, payload: bytes) -> bytes:
    """UDP header and payload; checksum 0 (none) for IPv4, computed for IPv6."""
    head = struct.pack(">HHHH", sport, dport, 8 + len(payload), 0)
    if ":" in src:
        total = checksum(_pseudo(src, dst, 17, len(head) + len(payload)) + head + payload) or 0xFFFF
        head = head[:6] + struct.pack(">H", total)
    return head + payload


def ipv4(
    src: str,
    dst: str,
    proto: int,
    payload: bytes,
    *,
    options: bytes = b"",
    ident: int = 1,
    offset: int = 0,
    more: bool = False,
    total: int | None = None,
) -> bytes:
    """IPv4 header (options padded) and payload.

    ``offset`` of a fragment counts bytes; ``total`` overrides the total length (0 under segmentation offload).
    """
    options += b"\0" * (-len(options) % 4)
    length = 20 + len(options) + len(payload) if total is None else total
    fragment = (0x2000 if more else 0) | offset // 8
    head = struct.pack(">BBHHHBBH", 0x45 + len(options) // 4, 0, length, ident & 0xFFFF, fragment, 64, proto, 0)
    head += ipaddress.IPv4Address(src).packed + ipaddress.IPv4Address(dst).packed + options
    return head[:10] + struct.pack(">H", checksum(head)) + head[12:] + payload


def ipv6(src: str, dst: str, proto: int, payload: bytes, *, length: int | None = None) -> bytes:
    """IPv6 header and payload; extension headers belong into ``payload``, ``proto`` names the first of them."""
    size = len(payload) if length is None else length
    head = struct.pack(">IHBB", 0x60000000, size, proto, 64)
    return head + ipaddress.IPv6Address(src).packed + ipaddress.IPv6Address(dst).packed + payload


def ipv4_fragments(src: str, dst: str, proto: int, payload: bytes, size: int, *, ident: int = 7) -> list[bytes]:
    """The packet cut into fragments of ``size`` payload bytes (a multiple of 8)."""
    cuts = range(0, len(payload), size)
    return [
        ipv4(src, dst, proto, payload[at : at + size], ident=ident, offset=at, more=at + size < len(payload))
        for at in cuts
    ]


def ipv6_fragments(src: str, dst: str, proto: int, payload: bytes, size: int, *, ident: int = 7) -> list[bytes]:
    """The same for IPv6, with fragment headers (RFC 8200, section 4.5)."""
    out = []
    for at in range(0, len(payload), size):
        word = at | (1 if at + size < len(payload) else 0)
        header = struct.pack(">BBHI", proto, 0, word, ident)
        out.append(ipv6(src, dst, 44, header + payload[at : at + size]))
    return out


def ethernet(payload: bytes, ethertype: int, *, vlan: Sequence[int] = (), tpids: Sequence[int] | None = None) -> bytes:
    """Ethernet II with VLAN tags from the outside in; the tags' types are 0x8100 unless ``tpids`` names them."""
    types = list(tpids or [0x8100] * len(vlan))
    tags = b"".join(struct.pack(">HH", kind, tag) for kind, tag in zip(types, vlan, strict=True))
    return MAC + tags + struct.pack(">H", ethertype) + payload


def link_header(link: int, six: bool, vlan: Sequence[int] = ()) -> bytes:
    """What stands before the IP header on link type ``link``: 0, 1, 9, 12, 14, 101, 104, 108, 113, 228, 229, 276."""
    kind = 0x86DD if six else 0x0800
    if link == 1:
        return ethernet(b"", kind, vlan=vlan)
    if link in (12, 14, 101, 228, 229):
        return b""
    table = {
        0: struct.pack("<I", 24 if six else 2),
        108: struct.pack(">I", 24 if six else 2),
        9: struct.pack(">BBH", 0xFF, 3, 0x57 if six else 0x21),
        104: struct.pack(">BBH", 0x0F, 0, kind),
        113: struct.pack(">HHH8sH", 0, 1, 6, MAC[:8], kind),
        276: struct.pack(">HHIHBB8s", kind, 0, 1, 1, 0, 6, MAC[:8]),
    }
    return table[link]


def tcp_packet(
    src: str,
    dst: str,
    sport: int,
    dport: int,
    seq: int,
    ack: int,
    flags: int,
    payload: bytes = b"",
    *,
    link: int = 1,
    ipv6: bool | None = None,
    vlan: Sequence[int] = (),
    window: int = 64240,
    options: bytes = b"",
    ip_options: bytes = b"",
    ident: int = 1,
    tso: bool = False,
    pad: int = 0,
) -> bytes:
    """One whole packet of link type ``link`` with valid checksums.

    ``ipv6`` follows the addresses unless given; ``tso`` writes the total length 0 that segmentation offload leaves
    behind; ``pad`` appends that many zero bytes behind the IP packet (Ethernet padding, FCS).
    """
    six = ":" in src if ipv6 is None else ipv6
    segment = tcp_segment(src, dst, sport, dport, seq, ack, flags, payload, window=window, options=options)
    if six:
        packet = _ipv6(src, dst, 6, segment, length=0 if tso else None)
    else:
        packet = ipv4(src, dst, 6, segment, options=ip_options, ident=ident, total=0 if tso else None)
    return link_header(link, six, vlan) + packet + b"\0" * pad


_ipv6 = ipv6


def dialogue(
    pairs: Sequence[tuple[bytes, bytes]], *, start: int = 1_704_164_645_000_000_000, size: int = 1400
) -> list[tuple[int, bytes]]:
    """(time, packet) of requests and answers, each pair on a connection of its own, a second apart, in segments of
    ``size`` bytes a millisecond apart."""
    packets: list[tuple[int, bytes]] = []
    for number, (request, answer) in enumerate(pairs):
        there = ("10.0.0.5", "118.31.219.217", 50_000 + number, 80)
        back = (there[1], there[0], there[3], there[2])
        time = start + number * 1_000_000_000
        asked, answered = 1001 + len(request), 9001 + len(answer)
        sent = [tcp_packet(*there, 1000, 0, SYN), tcp_packet(*back, 9000, 1001, SYN | ACK)]
        sent.append(tcp_packet(*there, 1001, 9001, ACK))
        for at in range(0, len(request), size):
            sent.append(tcp_packet(*there, 1001 + at, 9001, PSH | ACK, request[at : at + size]))
        for at in range(0, len(answer), size):
            sent.append(tcp_packet(*back, 9001 + at, asked, PSH | ACK, answer[at : at + size]))
        sent.append(tcp_packet(*there, asked, answered, FIN | ACK))
        sent.append(tcp_packet(*back, answered, asked + 1, FIN | ACK))
        sent.append(tcp_packet(*there, asked + 1, answered + 1, ACK))
        packets += [(time + index * 1_000_000, packet) for index, packet in enumerate(sent)]
    return packets
