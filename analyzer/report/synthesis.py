"""A capture made anew from redacted exchanges: pcapng, Ethernet, nothing copied from the original packets.

Kept: the connections and their order, which bytes each frame carried (from the spans of the heads and the frames of
the bodies), first and last time of every message, how many segments came twice, holes, and whether the handshake was
captured. Made up: MAC addresses, sequence numbers from round starts, windows. Checksums are right. A frame that
carries part of a finding says so in a packet comment, with its number in the original capture.

Bodies beyond ``MAX_BODY`` bytes become a hole: the capture has to fit into a ticket.
"""

from __future__ import annotations

import struct
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace

from analyzer.model.http import Exchange, Message, Request
from analyzer.model.packets import ACK, FIN, PSH, SYN
from analyzer.model.streams import Connection, Endpoint

__all__ = ["MAX_BODY", "capture_of"]

MAX_BODY = 4 << 20
MAX_SEGMENT = 64_000
MAX_RETRANSMITTED = 64
MSS = 1460

_MAC_CLIENT, _MAC_SERVER = b"\x02\0\0\0\0\x01", b"\x02\0\0\0\0\x02"  # locally administered
_START_CLIENT, _START_SERVER = 1_000_000, 2_000_000
_STEP = 1_000  #: nanoseconds between packets whose time is not known

_SECTION, _INTERFACE, _PACKET = 0x0A0D0D0A, 1, 6
_COMMENT, _RESOLUTION = 1, 9


@dataclass(frozen=True, slots=True)
class _Packet:
    time: int
    data: bytes
    comment: str | None


@dataclass(frozen=True, slots=True)
class _Segment:
    """A stretch of a message as one frame carried it; None: these bytes are in no frame."""

    length: int
    data: bytes | None
    frame: int | None


@dataclass(slots=True)
class _Flow:
    """One connection while it is being written."""

    connection: Connection
    comments: Mapping[int, str]
    next: dict[bool, int] = field(default_factory=lambda: {True: _START_CLIENT, False: _START_SERVER})
    packets: list[_Packet] = field(default_factory=list)
    again: int = 0  #: retransmissions still to be written

    def send(self, from_client: bool, flags: int, payload: bytes, time: int, comment: str | None = None) -> None:
        """One packet; sequence numbers move on."""
        source, target = self.connection.client, self.connection.server
        if not from_client:
            source, target = target, source
        seq, ack = self.next[from_client], self.next[not from_client] if flags & ACK else 0
        frame = _frame(source, target, seq, ack, flags, payload, from_client)
        self.packets.append(_Packet(time, frame, comment))
        self.next[from_client] = (seq + len(payload) + bool(flags & (SYN | FIN))) & 0xFFFFFFFF

    def skip(self, from_client: bool, length: int) -> None:
        """Bytes that no packet carries."""
        self.next[from_client] = (self.next[from_client] + length) & 0xFFFFFFFF


def capture_of(exchanges: Iterable[Exchange], comments: Mapping[int, str]) -> bytes:
    """A pcapng file with these exchanges. ``comments``: frame number in the original → packet comment."""
    flows: dict[tuple[int, Endpoint, Endpoint], list[Exchange]] = defaultdict(list)
    for exchange in exchanges:
        connection = exchange.connection
        flows[connection.stream, connection.client, connection.server].append(exchange)
    packets: list[_Packet] = []
    for same in flows.values():
        packets += _flow(same, comments)
    packets.sort(key=lambda packet: packet.time)
    return _pcapng(packets)


# Connections and messages -------------------------------------------------------------------------------------------


def _flow(exchanges: list[Exchange], comments: Mapping[int, str]) -> list[_Packet]:
    """All packets of one connection, times ascending."""
    connection = _with_ends(exchanges[0].connection)
    flow = _Flow(connection, comments, again=min(connection.timing.retransmitted, MAX_RETRANSMITTED))
    messages = [(m, isinstance(m, Request)) for exchange in exchanges for m in _messages(exchange)]
    messages.sort(key=lambda pair: (pair[0].first_time, not pair[1]))
    first = messages[0][0].first_time if messages else 0
    if connection.handshake:
        _handshake(flow, first - 4 * _STEP - (connection.timing.handshake_rtt or 0))
    else:
        # a reader without the handshake tells client from server by who sends the first request
        flow.next = {True: _START_CLIENT + 1, False: _START_SERVER + 1}
    for message, from_client in messages:
        _message(flow, message, from_client)
    last = flow.packets[-1].time if flow.packets else first
    for from_client in (True, False):
        last += _STEP
        flow.send(from_client, FIN | ACK, b"", last)
    flow.send(True, ACK, b"", last + _STEP)
    return _ascending(flow.packets)


def _with_ends(connection: Connection) -> Connection:
    """A pasted exchange has no addresses: documentation's are taken (RFC 5737)."""
    if connection.client != connection.server:
        return connection
    return replace(connection, client=Endpoint(b"\xc0\0\2\1", 50_000), server=Endpoint(b"\xcb\0\x71\1", 80))


def _messages(exchange: Exchange) -> Iterator[Message]:
    if exchange.request is not None:
        yield exchange.request
    yield from exchange.interim
    if exchange.response is not None:
        yield exchange.response


def _handshake(flow: _Flow, time: int) -> None:
    flow.send(True, SYN, b"", time)
    flow.send(False, SYN | ACK, b"", time + _STEP)
    flow.send(True, ACK, b"", time + 2 * _STEP + (flow.connection.timing.handshake_rtt or 0))


def _message(flow: _Flow, message: Message, from_client: bool) -> None:
    segments = list(_segments(message))
    duration = max(message.last_time - message.first_time, 0)
    for index, segment in enumerate(segments):
        time = message.first_time + (duration * index // max(len(segments) - 1, 1))
        if segment.data is None:
            flow.skip(from_client, segment.length)
            continue
        comment = flow.comments.get(segment.frame) if segment.frame is not None else None
        flow.send(from_client, ACK | PSH if index == len(segments) - 1 else ACK, segment.data, time, comment)
        if flow.again:
            flow.again -= 1
            flow.skip(from_client, -len(segment.data))
            flow.send(from_client, ACK | PSH, segment.data, time + 1, comment)
    flow.send(not from_client, ACK, b"", flow.packets[-1].time + 1 if flow.packets else message.last_time)


def _segments(message: Message) -> Iterator[_Segment]:
    """Head by its spans, body by its frames; what no frame carried is a hole."""
    raw = message.head.raw
    at = 0
    for span in sorted(message.head.spans, key=lambda s: (s.start, s.end)):
        if span.end <= at:
            continue
        if span.start > at:
            yield from _cut(raw[at : span.start], None)
        yield from _cut(raw[max(at, span.start) : span.end], span.frame)
        at = span.end
    if at < len(raw):
        yield from _cut(raw[at:], None)
    yield from _body_segments(message)


def _body_segments(message: Message) -> Iterator[_Segment]:
    data = (message.body.data or b"")[:MAX_BODY]
    missing = message.body.length - len(data)
    chunked = _is_chunked(message)
    if chunked:
        data = _chunks(data, missing)
    frames = [frame for frame in message.body.frames if all(frame != s.frame for s in message.head.spans)]
    count = max(len(frames), -(-len(data) // MAX_SEGMENT), 1)
    if not frames and len(data) > MSS:
        count = -(-len(data) // MSS)
    size = -(-len(data) // count) if data else 0
    for index in range(count if data else 0):
        piece = data[index * size : (index + 1) * size]
        if piece:
            yield _Segment(len(piece), piece, frames[index] if index < len(frames) else None)
    if missing > 0:
        yield _Segment(missing, None, None)
        if chunked:
            yield _Segment(7, b"\r\n0\r\n\r\n", None)


def _is_chunked(message: Message) -> bool:
    return any(b"chunked" in header.value.lower() for header in message.head.all(b"transfer-encoding"))


def _chunks(data: bytes, missing: int) -> bytes:
    """One chunk that is declared whole, and the last one; behind a hole the end is written by the caller."""
    if not data and not missing:
        return b"0\r\n\r\n"
    start = b"%x\r\n" % (len(data) + missing) + data
    return start if missing else start + b"\r\n0\r\n\r\n"


def _cut(data: bytes, frame: int | None) -> Iterator[_Segment]:
    for at in range(0, len(data), MAX_SEGMENT):
        piece = data[at : at + MAX_SEGMENT]
        yield _Segment(len(piece), piece, frame)


def _ascending(packets: list[_Packet]) -> list[_Packet]:
    """Packets stay in the order in which they were written; times that would go back stand still."""
    out: list[_Packet] = []
    now = 0
    for packet in packets:
        now = max(now, packet.time)
        out.append(_Packet(now, packet.data, packet.comment))
    return out


# Packets ------------------------------------------------------------------------------------------------------------


def _frame(source: Endpoint, target: Endpoint, seq: int, ack: int, flags: int, payload: bytes, up: bool) -> bytes:
    macs = _MAC_SERVER + _MAC_CLIENT if up else _MAC_CLIENT + _MAC_SERVER
    tcp = struct.pack(
        ">HHIIBBHHH", source.port, target.port, seq & 0xFFFFFFFF, ack & 0xFFFFFFFF, 5 << 4, flags, 65535, 0, 0
    )
    ends = source.address + target.address
    length = len(tcp) + len(payload)
    wide = len(source.address) == 16
    pseudo = ends + (struct.pack(">IHBB", length, 0, 0, 6) if wide else struct.pack(">BBH", 0, 6, length))
    tcp = tcp[:16] + struct.pack(">H", _checksum(pseudo + tcp + payload)) + tcp[18:]
    if wide:
        return macs + b"\x86\xdd" + struct.pack(">IHBB", 6 << 28, length, 6, 64) + ends + tcp + payload
    head = struct.pack(">BBHHHBBH", 0x45, 0, 20 + length, 0, 0x4000, 64, 6, 0)
    head = head[:10] + struct.pack(">H", _checksum(head + ends))
    return macs + b"\x08\0" + head + ends + tcp + payload


def _checksum(data: bytes) -> int:
    """RFC 1071: the ones' complement sum of 16-bit words, which is the number modulo 65535."""
    if len(data) % 2:
        data += b"\0"
    total = int.from_bytes(data, "big")
    rest = total % 0xFFFF or (0xFFFF if total else 0)
    return 0xFFFF - rest


def _pcapng(packets: list[_Packet]) -> bytes:
    """Section, an Ethernet interface with nanoseconds, an enhanced block a packet (pcapng draft, section 4)."""
    out = [
        _block(_SECTION, struct.pack("<IHHq", 0x1A2B3C4D, 1, 0, -1)),
        _block(_INTERFACE, struct.pack("<HHI", 1, 0, 0) + _option(_RESOLUTION, b"\x09") + _option(0, b"")),
    ]
    for packet in packets:
        time = max(packet.time, 0)
        size = len(packet.data)
        body = struct.pack("<IIIII", 0, time >> 32, time & 0xFFFFFFFF, size, size) + _padded(packet.data)
        if packet.comment:
            body += _option(_COMMENT, packet.comment.encode("utf-8")[:4000]) + _option(0, b"")
        out.append(_block(_PACKET, body))
    return b"".join(out)


def _block(kind: int, body: bytes) -> bytes:
    size = len(body) + 12
    return struct.pack("<II", kind, size) + body + struct.pack("<I", size)


def _option(code: int, value: bytes) -> bytes:
    return struct.pack("<HH", code, len(value)) + _padded(value)


def _padded(data: bytes) -> bytes:
    return data + bytes(-len(data) % 4)
