"""DNS beside TCP: heard on every link type that the fast path knows, read without trust."""

from __future__ import annotations

import struct
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analyzer.capture import open_captures
from analyzer.capture.datagrams import Datagram, Ear
from analyzer.transfers.dns import PORT, Resolver
from tests.support.packets import ethernet, ipv4, ipv4_fragments, ipv6, link_header, udp
from tests.support.pcapfile import write_pcap
from tests.transfers.wire import HOST, SERVER, dns

MESSAGE = dns(7, HOST)
FOUR, SIX = ("10.0.0.5", "10.0.0.2"), ("2001:db8::5", "2001:db8::2")


def heard(path: Path, link: int, *packets: bytes, size: int | None = None) -> list[Datagram]:
    found: list[Datagram] = []
    write_pcap(path, [(10**9 * (n + 1), packet) for n, packet in enumerate(packets)], link)
    source = open_captures([path], batch_packets=size, ear=Ear(PORT, found.append))
    for _ in source.batches():
        pass
    return found


def datagram(ends: tuple[str, str], dport: int = 53, message: bytes = MESSAGE) -> bytes:
    packet = udp(*ends, 5353, dport, message)
    return ipv6(*ends, 17, packet) if ":" in ends[0] else ipv4(*ends, 17, packet)


@pytest.mark.parametrize("link", [0, 1, 12, 14, 101, 104, 108, 113, 276])
@pytest.mark.parametrize("ends", [FOUR, SIX], ids=["IPv4", "IPv6"])
@pytest.mark.parametrize("size", [None, 1])
def test_every_link_type(tmp_path: Path, link: int, ends: tuple[str, str], size: int | None) -> None:
    packet = link_header(link, ":" in ends[0]) + datagram(ends)
    other = link_header(link, ":" in ends[0]) + datagram(ends, 123)
    found = heard(tmp_path / "dns.pcap", link, other, packet, other, packet, size=size)
    assert [one.frame for one in found] == [2, 4]
    assert [one.payload for one in found] == [MESSAGE, MESSAGE]
    assert (found[0].sport, found[0].dport, len(found[0].src)) == (5353, 53, 16 if ":" in ends[0] else 4)


def test_behind_a_vlan_tag(tmp_path: Path) -> None:
    packets = [ethernet(datagram(FOUR), 0x0800, vlan=(5,)), ethernet(datagram(SIX), 0x86DD, vlan=(5,))]
    assert [one.payload for one in heard(tmp_path / "dns.pcap", 1, *packets)] == [MESSAGE, MESSAGE]


def test_fragments_and_cut_packets_are_left_alone(tmp_path: Path) -> None:
    whole = udp(*FOUR, 5353, 53, MESSAGE)
    packets = [ethernet(part, 0x0800) for part in ipv4_fragments(*FOUR, 17, whole, 16)]
    assert heard(tmp_path / "dns.pcap", 1, *packets, ethernet(datagram(FOUR), 0x0800)[:40], b"\1", b"") == []


def taken(*messages: tuple[float, bytes, bool]) -> Resolver:
    resolver = Resolver()
    for number, (time, message, asks) in enumerate(messages, start=1):
        ports = (5353, 53) if asks else (53, 5353)
        ends = (b"c", b"r") if asks else (b"r", b"c")
        resolver.take(Datagram(number, round(time * 1e9), *ends, *ports, message))
    return resolver


def test_questions_and_answers_meet(tmp_path: Path) -> None:
    resolver = taken(
        (1.0, dns(1, HOST), True), (1.5, dns(2, HOST), True), (1.7, dns(1, HOST, SERVER), False),
        (2.0, dns(3, "example.com"), True), (2.1, dns(3, "example.com", code=3), False),
    )  # fmt: skip
    one, other = resolver.lookups()
    assert (one.name.raw, one.asked, one.answered, one.codes, one.slowest) == (HOST.encode(), 2, 1, (), 700_000_000)
    assert one.addresses == (bytes((118, 31, 219, 217)),)
    assert (other.codes, other.addresses) == ((3,), ())


def test_names_that_point_in_circles() -> None:
    head = struct.pack(">6H", 1, 0x0100, 1, 0, 0, 0)
    assert taken((1.0, head + b"\xc0\x0c\0\1\0\1", True)).lookups() == ()
    assert taken((1.0, head + b"\1a\xc0\x0c\0\1\0\1", True)).lookups() == ()


@given(st.binary(max_size=200))
def test_any_bytes(data: bytes) -> None:
    assert len(taken((1.0, data, True), (2.0, struct.pack(">6H", 1, 0x8180, 1, 9, 0, 0) + data, False)).lookups()) <= 2
