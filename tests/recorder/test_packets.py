"""The packets that the recorder writes, read back by dpkt."""

from __future__ import annotations

import ipaddress
import struct
from typing import Any

import dpkt
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.recorder.packets import ETHERNET, MSS, SLL2, Connection, Place, Segment, frames

IPV4 = Place()
IPV6 = Place(client="2001:db8::5", server="2001:db8::219")
START = 1_546_068_754_000_000_000
MILLISECOND = 1_000_000

sends = st.lists(st.tuples(st.booleans(), st.binary(min_size=1, max_size=9000), st.integers(0, 20)), max_size=8)


def connection(what: list[tuple[bool, bytes, int]], timestamps: bool = True) -> Connection:
    made = Connection(0xFFFFF000, 77, 8 * MILLISECOND, timestamps)
    made.open(START)
    now = START + 8 * MILLISECOND
    for outgoing, data, wait in what:
        now += wait * MILLISECOND
        made.send(now, outgoing, data)
    made.finish(now + MILLISECOND, True)
    made.finish(now + 9 * MILLISECOND, False)
    made.close()
    return made


def tcp_of(data: bytes, link: int) -> Any:
    return (dpkt.sll2.SLL2 if link == SLL2 else dpkt.ethernet.Ethernet)(data).data


def checksum(data: bytes) -> int:
    total = sum(struct.unpack(f"!{len(data) // 2}H", data[: len(data) // 2 * 2]))
    total += data[-1] << 8 if len(data) % 2 else 0
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return int(total)


@settings(max_examples=40, deadline=None)
@given(sends, st.booleans(), st.sampled_from([(IPV4, ETHERNET), (IPV4, SLL2), (IPV6, ETHERNET), (IPV6, SLL2)]))
def test_packets_carry_the_bytes(
    what: list[tuple[bool, bytes, int]], timestamps: bool, where: tuple[Place, int]
) -> None:
    place, link = where
    seen = {True: b"", False: b""}
    for _, packet in frames(connection(what, timestamps).segments, place, link):
        ip = tcp_of(packet, link)
        outgoing = ip.src == ipaddress.ip_address(place.client).packed
        seen[outgoing] += ip.data.data
        assert (ip.data.sport, ip.data.dport) == ((51822, 80) if outgoing else (80, 51822))
        assert len(ip.data.data) + (12 if timestamps else 0) <= MSS
        raw = bytes(ip.data)
        assert checksum(ip.src + ip.dst + struct.pack("!II", len(raw), 6) + raw) == 0xFFFF
        if place is IPV4:
            assert checksum(bytes(ip)[:20]) == 0xFFFF
    assert seen == {side: b"".join(data for outgoing, data, _ in what if outgoing == side) for side in (True, False)}


@settings(max_examples=40, deadline=None)
@given(sends)
def test_numbers_and_times_hold_together(what: list[tuple[bool, bytes, int]]) -> None:
    """Times rise; each side goes on where it stopped and acknowledges neither backwards nor what was not sent; at the
    end everything is acknowledged."""
    sent: dict[bool, int] = {}
    heard = {True: 0, False: 0}
    last = 0
    for segment in connection(what).segments:
        assert segment.time > last
        assert segment.seq == sent.get(segment.outgoing, segment.seq)
        assert heard[segment.outgoing] <= segment.ack <= sent.get(not segment.outgoing, 0)
        sent[segment.outgoing] = segment.seq + len(segment.payload) + _counted(segment)
        heard[segment.outgoing], last = segment.ack, segment.time
    assert heard == {True: sent[False], False: sent[True]}


def _counted(segment: Segment) -> int:
    return bool(segment.flags & dpkt.tcp.TH_SYN) + bool(segment.flags & dpkt.tcp.TH_FIN)
