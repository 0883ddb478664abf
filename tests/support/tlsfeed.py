"""Stream events for tests of the tls floor, made without the floors below it.

``from_capture`` reads a small capture with dpkt and puts segments in order the simple way (no holes, Ethernet or raw
IPv4/IPv6); ``from_pieces`` turns bytes of the two directions into events, one a segment.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import dpkt

from analyzer.model.streams import Closed, Connection, Data, Direction, Endpoint, Opened, StreamEvent

__all__ = ["connection", "from_capture", "from_pieces"]

CLIENT, SERVER = Direction.CLIENT_TO_SERVER, Direction.SERVER_TO_CLIENT


def connection(stream: int = 0, *, handshake: bool = True) -> Connection:
    """A connection between addresses of documentation."""
    return Connection(stream, Endpoint(b"\xc0\x00\x02\x01", 50000), Endpoint(b"\xc0\x00\x02\x02", 443), handshake)


def from_pieces(pieces: Iterable[tuple[Direction, bytes]], *, close: bool = True) -> Iterator[StreamEvent]:
    """Events of pieces in their order; each piece is a frame of its own, numbered from 1."""
    offsets = {CLIENT: 0, SERVER: 0}
    frame = 0
    yield Opened(connection(), 0)
    for frame, (direction, data) in enumerate(pieces, 1):
        offset = offsets[direction]
        yield Data(0, direction, offset, data, ((offset, frame),), frame * 1_000_000)
        offsets[direction] += len(data)
    if close:
        for direction in Direction:
            yield Closed(0, direction, "fin", frame, (frame + 1) * 1_000_000)


@dataclass
class _Flow:
    stream: int
    ends: tuple[tuple[bytes, int], tuple[bytes, int]]  #: client, server
    next_seq: dict[Direction, int] = field(default_factory=dict)
    first: dict[Direction, int] = field(default_factory=dict)
    early: dict[Direction, dict[int, tuple[int, int, bytes]]] = field(default_factory=lambda: {CLIENT: {}, SERVER: {}})


def _packets(path: Path) -> Iterator[tuple[int, int, Any]]:
    with path.open("rb") as file:
        reader = dpkt.pcap.UniversalReader(file)
        link = reader.datalink()
        for frame, (time, raw) in enumerate(reader, 1):
            if link == 1:
                ip = dpkt.ethernet.Ethernet(raw).data
            else:
                ip = dpkt.ip.IP(raw) if raw[0] >> 4 == 4 else dpkt.ip6.IP6(raw)
            if isinstance(getattr(ip, "data", None), dpkt.tcp.TCP):
                yield frame, int(time * 10**9), ip


def from_capture(path: Path) -> Iterator[StreamEvent]:
    """Events of all connections of a capture without holes, in capture order."""
    flows: dict[frozenset[tuple[bytes, int]], _Flow] = {}
    for frame, time, ip in _packets(path):
        tcp = ip.data
        source, target = (ip.src, tcp.sport), (ip.dst, tcp.dport)
        key = frozenset((source, target))
        if key not in flows:
            answers = tcp.flags & dpkt.tcp.TH_SYN and tcp.flags & dpkt.tcp.TH_ACK
            flows[key] = _Flow(len(flows), (target, source) if answers else (source, target))
            ends = [Endpoint(address, port) for address, port in flows[key].ends]
            yield Opened(Connection(flows[key].stream, ends[0], ends[1], bool(tcp.flags & dpkt.tcp.TH_SYN)), time)
        yield from _segment(flows[key], CLIENT if source == flows[key].ends[0] else SERVER, frame, time, tcp)
    for flow in flows.values():
        for direction in Direction:
            yield Closed(flow.stream, direction, "end", 0, 0)


def _segment(flow: _Flow, direction: Direction, frame: int, time: int, tcp: Any) -> Iterator[StreamEvent]:
    seq = tcp.seq + (1 if tcp.flags & dpkt.tcp.TH_SYN else 0)
    first = flow.first.setdefault(direction, seq)
    flow.next_seq.setdefault(direction, seq)
    if tcp.data:
        flow.early[direction].setdefault(seq, (frame, time, bytes(tcp.data)))
    for start in sorted(flow.early[direction]):
        expected = flow.next_seq[direction]
        if start > expected:
            break
        held_frame, held_time, data = flow.early[direction].pop(start)
        fresh = data[expected - start :]
        if fresh:
            offset = expected - first
            yield Data(flow.stream, direction, offset, fresh, ((offset, held_frame),), held_time)
            flow.next_seq[direction] = expected + len(fresh)
