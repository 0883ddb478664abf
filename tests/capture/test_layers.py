"""Every link layer and tunnel leads to the same TCP segment, on the fast path and off it."""

from __future__ import annotations

import struct
from pathlib import Path

import pytest

from tests.support.captured import read_all
from tests.support.packets import ethernet, ipv4, ipv6, link_header, tcp_packet, tcp_segment, udp
from tests.support.pcapfile import write_pcap

A4, B4, A6, B6 = "10.1.2.3", "10.4.5.6", "2001:db8::1", "2001:db8::2"
PAYLOAD = b"GET / HTTP/1.1\r\n\r\n"
SEGMENT4 = tcp_segment(A4, B4, 40000, 80, 1000, 2000, 24, PAYLOAD)
SEGMENT6 = tcp_segment(A6, B6, 40000, 80, 1000, 2000, 24, PAYLOAD)
INNER4, INNER6 = ipv4(A4, B4, 6, SEGMENT4), ipv6(A6, B6, 6, SEGMENT6)
FRAME4 = ethernet(INNER4, 0x0800)


def outer(proto: int, payload: bytes) -> bytes:
    return ethernet(ipv4("192.0.2.1", "192.0.2.2", proto, payload), 0x0800)


def in_udp(port: int, payload: bytes) -> bytes:
    return outer(17, udp("192.0.2.1", "192.0.2.2", 50000, port, payload))


def gre(kind: int, payload: bytes, flags: int = 0, extra: bytes = b"") -> bytes:
    return struct.pack(">HH", flags, kind) + extra + payload


def label(number: int, bottom: bool) -> bytes:
    return struct.pack(">I", number << 12 | (0x100 if bottom else 0) | 64)


def extension(following: int, size: int = 8) -> bytes:
    return bytes((following, size // 8 - 1)) + bytes(size - 2)


WLAN = b"\x08\x01\0\0" + bytes(20)
QOS = b"\x88\x01\0\0" + bytes(20) + b"\0\0"
SNAP = b"\xaa\xaa\x03\0\0\0\x08\x00"
NFLOG_MARK = struct.pack("<HH", 8, 1) + bytes(4)
RADIOTAP = struct.pack("<BBHI", 0, 0, 12, 0) + bytes(4)

#: name → (link type, packet, IP version of the segment)
CASES: dict[str, tuple[int, bytes, int]] = {
    **{f"link{n}-4": (n, link_header(n, False) + INNER4, 4) for n in (0, 1, 9, 12, 14, 101, 104, 108, 113, 228, 276)},
    **{f"link{n}-6": (n, link_header(n, True) + INNER6, 6) for n in (0, 1, 9, 12, 101, 104, 108, 113, 229, 276)},
    "null-other-order": (0, struct.pack(">I", 2) + INNER4, 4),
    "null-macos-6": (0, struct.pack("<I", 30) + INNER6, 6),
    "vlan": (1, ethernet(INNER4, 0x0800, vlan=[7]), 4),
    "vlan-6": (1, ethernet(INNER6, 0x86DD, vlan=[7]), 6),
    "qinq": (1, ethernet(INNER4, 0x0800, vlan=[7, 8]), 4),
    "802.1ad": (1, ethernet(INNER4, 0x0800, vlan=[7, 8], tpids=[0x88A8, 0x8100]), 4),
    "802.1ad-one-tag": (1, ethernet(INNER4, 0x0800, vlan=[7], tpids=[0x88A8]), 4),
    "three-tags": (1, ethernet(INNER4, 0x0800, vlan=[1, 2, 3]), 4),
    "llc-snap": (1, ethernet(SNAP + INNER4, len(SNAP + INNER4)), 4),
    "llc-snap-vlan": (1, ethernet(SNAP + INNER4, len(SNAP + INNER4), vlan=[5]), 4),
    "pppoe": (1, ethernet(struct.pack(">BBHHH", 0x11, 0, 1, len(INNER4) + 2, 0x21) + INNER4, 0x8864), 4),
    "pppoe-6": (1, ethernet(struct.pack(">BBHHH", 0x11, 0, 1, len(INNER6) + 2, 0x57) + INNER6, 0x8864), 6),
    "qinq-pppoe": (
        1,
        ethernet(struct.pack(">BBHHH", 0x11, 0, 1, len(INNER4) + 2, 0x21) + INNER4, 0x8864, vlan=[1, 2]),
        4,
    ),
    "ppp-bare": (9, b"\x00\x21" + INNER4, 4),
    "ppp-compressed": (9, b"\x21" + INNER4, 4),
    "mpls": (1, ethernet(label(16, True) + INNER4, 0x8847), 4),
    "mpls-two": (1, ethernet(label(16, False) + label(17, True) + INNER6, 0x8847), 6),
    "mpls-ethernet": (1, ethernet(label(16, True) + bytes(4) + FRAME4, 0x8847), 4),
    "vlan-mpls": (1, ethernet(label(16, True) + INNER4, 0x8847, vlan=[9]), 4),
    "ip-in-ip": (1, outer(4, INNER4), 4),
    "6in4": (1, outer(41, INNER6), 6),
    "4in6": (1, ethernet(ipv6(A6, B6, 4, INNER4), 0x86DD), 4),
    "gre": (1, outer(47, gre(0x0800, INNER4)), 4),
    "gre-key-sum-seq": (1, outer(47, gre(0x86DD, INNER6, 0xB000, bytes(12))), 6),
    "gre-ethernet": (1, outer(47, gre(0x6558, FRAME4)), 4),
    "gre-pptp": (1, outer(47, gre(0x880B, b"\xff\x03\0\x21" + INNER4, 0x3001, bytes(8))), 4),
    "erspan1": (1, outer(47, gre(0x88BE, FRAME4)), 4),
    "erspan2": (1, outer(47, gre(0x88BE, bytes(8) + FRAME4, 0x1000, bytes(4))), 4),
    "erspan3": (1, outer(47, gre(0x22EB, bytes(12) + FRAME4, 0x1000, bytes(4))), 4),
    "gre-udp": (1, in_udp(4754, gre(0x0800, INNER4)), 4),
    "vxlan": (1, in_udp(4789, b"\x08" + bytes(7) + FRAME4), 4),
    "vxlan-8472": (1, in_udp(8472, b"\x08" + bytes(7) + FRAME4), 4),
    "vxlan-vlan": (1, in_udp(4789, b"\x08" + bytes(7) + ethernet(INNER6, 0x86DD, vlan=[4])), 6),
    "geneve": (1, in_udp(6081, struct.pack(">BBHI", 0x02, 0, 0x6558, 0) + bytes(8) + FRAME4), 4),
    "geneve-ip": (1, in_udp(6081, struct.pack(">BBHI", 0, 0, 0x0800, 0) + INNER4), 4),
    "gtp-u": (1, in_udp(2152, struct.pack(">BBHI", 0x30, 255, len(INNER4), 1) + INNER4), 4),
    "gtp-u-extension": (
        1,
        in_udp(2152, struct.pack(">BBHI", 0x34, 255, 0, 1) + b"\0\0\0\x85" + b"\x01\0\0\0" + INNER4),
        4,
    ),
    "l2tp": (1, in_udp(1701, struct.pack(">HHH", 2, 1, 1) + b"\xff\x03\0\x21" + INNER4), 4),
    "chdlc-6in4": (104, b"\x0f\0\x08\0" + ipv4("192.0.2.1", "192.0.2.2", 41, INNER6), 6),
    "arcnet": (129, b"\1\2\0\0\xf0" + INNER4, 4),
    "nflog": (
        239,
        b"\x02\0\0\0" + struct.pack("<HH", 8, 1) + bytes(4) + struct.pack("<HH", 4 + len(INNER4), 9) + INNER4,
        4,
    ),
    "wlan": (105, WLAN + SNAP + INNER4, 4),
    "wlan-qos": (105, QOS + SNAP + INNER4, 4),
    "radiotap": (127, RADIOTAP + QOS + SNAP + INNER4, 4),
    "radiotap-padded": (127, RADIOTAP + QOS + bytes(2) + SNAP + INNER4, 4),
    "ppi": (192, struct.pack("<BBHI", 0, 0, 8, 105) + WLAN + SNAP + INNER4, 4),
    "ip-options": (1, ethernet(ipv4(A4, B4, 6, SEGMENT4, options=b"\x94\x04\0\0"), 0x0800), 4),
    "ip-authentication": (1, ethernet(ipv4(A4, B4, 51, b"\x06\x04" + bytes(22) + SEGMENT4), 0x0800), 4),
    "hop-by-hop": (1, ethernet(ipv6(A6, B6, 0, extension(6) + SEGMENT6), 0x86DD), 6),
    "three-extensions": (
        1,
        ethernet(ipv6(A6, B6, 0, extension(43) + extension(60, 24) + extension(6) + SEGMENT6), 0x86DD),
        6,
    ),
    "atomic-fragment": (1, ethernet(ipv6(A6, B6, 44, b"\x06" + bytes(7) + SEGMENT6), 0x86DD), 6),
    "padding": (1, tcp_packet(A4, B4, 40000, 80, 1000, 2000, 24, PAYLOAD, pad=30), 4),
    "padding-6": (1, tcp_packet(A6, B6, 40000, 80, 1000, 2000, 24, PAYLOAD, pad=30), 6),
    "tso": (1, tcp_packet(A4, B4, 40000, 80, 1000, 2000, 24, PAYLOAD, tso=True), 4),
    "tso-6": (1, tcp_packet(A6, B6, 40000, 80, 1000, 2000, 24, PAYLOAD, tso=True), 6),
    "tcp-options": (1, tcp_packet(A4, B4, 40000, 80, 1000, 2000, 24, PAYLOAD, options=bytes(39) + b"\1"), 4),
    "class-e": (1, tcp_packet("240.0.0.1", "255.1.2.3", 40000, 80, 1000, 2000, 24, PAYLOAD), 0),
}


@pytest.mark.parametrize("fast", [True, False], ids=["fast", "slow"])
@pytest.mark.parametrize("name", CASES)
def test_leads_to_the_segment(name: str, fast: bool, tmp_path: Path) -> None:
    link, packet, version = CASES[name]
    path = write_pcap(tmp_path / "x.pcap", [(10**18, packet)], linktype=link)
    outcome = read_all([path], fast=fast)
    assert len(outcome.segments) == 1, outcome.facts
    one = outcome.segments[0]
    assert (one.src, one.dst) == {4: (A4, B4), 6: (A6, B6), 0: ("240.0.0.1", "255.1.2.3")}[version]
    assert one[4:9] == (40000, 80, 1000, 2000, 24)
    assert one.payload == PAYLOAD
    assert outcome.facts[0].tcp_segments == 1
    assert not outcome.facts[0].notes


NO_SEGMENT: dict[str, tuple[int, bytes]] = {
    "arp": (1, ethernet(bytes(28), 0x0806)),
    "udp": (1, in_udp(53, b"x" * 30)),
    "icmp-quoting-tcp": (1, outer(1, b"\x03\x01\0\0\0\0\0\0" + INNER4)),
    "encrypted-wlan": (105, b"\x08\x41\0\0" + bytes(20) + SNAP + INNER4),
    "header-cut": (1, FRAME4[: 14 + 20 + 19]),
    "tcp-header-length-4": (1, ethernet(ipv4(A4, B4, 6, SEGMENT4[:12] + b"\x40" + SEGMENT4[13:]), 0x0800)),
    "tcp-header-beyond-packet": (1, ethernet(ipv4(A4, B4, 6, SEGMENT4[:12] + b"\xf0" + SEGMENT4[13:24]), 0x0800)),
    "total-below-header": (1, ethernet(ipv4(A4, B4, 6, SEGMENT4, total=12), 0x0800)),
    "labels-without-end": (1, ethernet(label(1, False) * 300, 0x8847)),
    "tags-without-end": (1, ethernet(INNER4, 0x0800, vlan=[1] * 60)),
    "tunnels-without-end": (1, outer(4, ipv4(A4, B4, 4, b"") * 60)),
    "empty": (1, b""),
}


@pytest.mark.parametrize("fast", [True, False], ids=["fast", "slow"])
@pytest.mark.parametrize("name", NO_SEGMENT)
def test_holds_no_segment_and_still_counts(name: str, fast: bool, tmp_path: Path) -> None:
    link, packet = NO_SEGMENT[name]
    path = write_pcap(tmp_path / "x.pcap", [(10**18, packet)], linktype=link)
    outcome = read_all([path], fast=fast)
    assert outcome.segments == []
    assert outcome.facts[0].packets == outcome.last_frame == 1


def test_the_snap_length_leaves_the_length_on_the_wire(tmp_path: Path) -> None:
    packet = tcp_packet(A4, B4, 1, 2, 3, 4, 24, b"x" * 1000)
    path = write_pcap(tmp_path / "x.pcap", [(0, packet)], snaplen=100)
    outcome = read_all([path])
    assert (outcome.segments[0].length, outcome.segments[0].captured) == (1000, 46)
    assert outcome.facts[0].snapped == 1
    assert outcome.keys == ["capture.snapped"]
