"""A capture made anew from redacted exchanges; nothing is copied from the original packets.

Kept: the connections and their order; of every message its segments as they were captured, each with its time, its
place in the stream and its length, those that came again and those that came late where they came, and holes where
bytes are missing; whether the handshake was captured. Of exchanges without such a list (those kept for comparison, and
pasted ones) kept are which bytes each frame carried, and the first and the last time of every message. Made up: MAC
addresses, sequence numbers from round starts, windows, pure acknowledgements. A frame that carries part of a finding
says so in a packet comment, with its number in the original capture.

Bytes that were on the wire and are not in the report (the rest of a long body) are packets cut behind their headers,
as by a snap length: the capture has to fit into a ticket.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from analyzer.model.http import Exchange, Message, Request
from analyzer.model.packets import ACK, FIN, PSH, SYN
from analyzer.model.streams import Connection, Endpoint, Segment, SegmentKind
from analyzer.report.packets import Packet, packet, pcapng

__all__ = ["MAX_BODY", "capture_of"]

MAX_BODY = 4 << 20
MAX_FILLER = 1 << 20
MAX_SEGMENT = 64_000
MSS = 1460

_START_CLIENT, _START_SERVER = 1_000_000, 2_000_000
_STEP = 1_000  #: nanoseconds between packets whose time is not known


def capture_of(exchanges: Iterable[Exchange], comments: Mapping[int, str], said: Sequence[str] = ()) -> bytes:
    """A pcapng file with these exchanges. ``comments``: frame number in the original → packet comment; ``said``:
    comments on the file."""
    flows: dict[tuple[int, Endpoint, Endpoint], list[Exchange]] = defaultdict(list)
    for exchange in exchanges:
        connection = exchange.connection
        flows[connection.stream, connection.client, connection.server].append(exchange)
    packets: list[Packet] = []
    for same in flows.values():
        packets += _ascending(_flow(same, comments))
    packets.sort(key=lambda one: one.time)
    return pcapng(packets, said)


# Messages: what goes over the wire, and in which segments ------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Planned:
    """A message with its place in the stream of its direction. ``data`` are its bytes as far as they are known."""

    message: Message
    from_client: bool
    start: int
    data: bytes
    length: int
    segments: tuple[Segment, ...]


def _planned(exchanges: Iterable[Exchange]) -> list[_Planned]:
    """All messages of a connection, one behind the other in each direction."""
    messages = [(m, isinstance(m, Request)) for exchange in exchanges for m in _messages(exchange)]
    messages.sort(key=lambda pair: (pair[0].first_time, not pair[1]))
    reached = {True: 0, False: 0}
    out = []
    for message, from_client in messages:
        data, length = _bytes_of(message)
        segments = message.segments or tuple(_assumed(message, data, length))
        filled = tuple(_filled(segments, length, message.last_time))
        out.append(_Planned(message, from_client, reached[from_client], data, length, filled))
        reached[from_client] += length
    return out


def _messages(exchange: Exchange) -> Iterator[Message]:
    if exchange.request is not None:
        yield exchange.request
    yield from exchange.interim
    if exchange.response is not None:
        yield exchange.response


def _bytes_of(message: Message) -> tuple[bytes, int]:
    """(what is known from the first byte on, length on the wire). A chunked body becomes one chunk. Behind a hole the
    report keeps nothing, although packets carried it: filler stands there."""
    known = (message.body.data or b"")[:MAX_BODY]
    if message.segments and not message.body.complete:
        known += bytes(max(min(message.body.length, MAX_FILLER) - len(known), 0))
    missing = max(message.body.length - len(known), 0)
    raw = message.head.raw
    if not _is_chunked(message):
        return raw + known, len(raw) + len(known) + missing
    if not known and not missing:
        data = raw + b"0\r\n\r\n"
        return data, len(data)
    data = raw + b"%x\r\n" % (len(known) + missing) + known
    if missing:
        return data, len(data) + missing + len(_LAST_CHUNK)
    return data + _LAST_CHUNK, len(data) + len(_LAST_CHUNK)


_LAST_CHUNK = b"\r\n0\r\n\r\n"


def _is_chunked(message: Message) -> bool:
    return any(b"chunked" in header.value.lower() for header in message.head.all(b"transfer-encoding"))


def _filled(segments: tuple[Segment, ...], length: int, time: int) -> Iterator[Segment]:
    """The segments cut to the message's length, and one more for what none of them holds at its end."""
    reached = 0
    for one in segments:
        start, end = min(one.offset, length), min(one.end, length)
        yield replace(one, offset=start, length=end - start)
        reached = max(reached, end)
    if reached < length:
        yield Segment(None, time, reached, length - reached)


def _assumed(message: Message, data: bytes, length: int) -> Iterator[Segment]:
    """Segments of a message that lists none: the head by its spans, the body spread over its frames, times between
    the first and the last. What is missing of an incomplete body is missing at its end."""
    places = list(_head_places(message))
    frames = [frame for frame in message.body.frames if all(frame != s.frame for s in message.head.spans)]
    at, end = len(message.head.raw), length if message.body.complete else len(data)
    count = len(frames) or -(-(end - at) // MSS)
    size = -(-(end - at) // count) if count else 0
    for index in range(count):
        stop = min(at + size, end)
        if stop > at:
            places.append((frames[index] if index < len(frames) else None, at, stop))
        at = stop
    duration = max(message.last_time - message.first_time, 0)
    for index, (frame, start, stop) in enumerate(places):
        yield Segment(frame, message.first_time + duration * index // max(len(places) - 1, 1), start, stop - start)
    if end < length:
        yield Segment(None, message.last_time, end, length - end, SegmentKind.LOST)


def _head_places(message: Message) -> Iterator[tuple[int | None, int, int]]:
    at, end = 0, len(message.head.raw)
    for span in sorted(message.head.spans, key=lambda s: (s.start, s.end)):
        if span.end <= at:
            continue
        if span.start > at:
            yield None, at, span.start
        yield span.frame, max(at, span.start), min(span.end, end)
        at = span.end
    if at < end:
        yield None, at, end


# Connections ---------------------------------------------------------------------------------------------------------


@dataclass(slots=True)
class _Part:
    """A stretch of a direction as one frame carried it. ``data`` may be shorter; ``ends``: behind the message whose
    last captured segment this is."""

    from_client: bool
    time: int
    frame: int | None
    start: int
    end: int
    data: bytes
    ends: int | None = None

    def goes_on(self, part: _Part) -> bool:
        """``part`` stood behind this one in the same frame."""
        whole = len(self.data) == self.end - self.start
        same = (self.frame, self.from_client, self.end) == (part.frame, part.from_client, part.start)
        return self.frame is not None and same and whole


@dataclass(slots=True)
class _Way:
    """One direction while it is written, in offsets of its stream."""

    sent: int = 0  #: behind the last byte that was sent
    whole: int = 0  #: up to here nothing is outstanding: what the other side acknowledges
    ahead: list[tuple[int, int]] = field(default_factory=list)  #: stretches behind a hole
    lost: list[tuple[int, int]] = field(default_factory=list)  #: stretches that no packet carries

    def put(self, start: int, end: int) -> None:
        """A packet carried ``[start, end)``."""
        self.ahead.append((start, end))
        self.reach(end)

    def reach(self, end: int) -> None:
        """The sender is known to have come to ``end``."""
        self.sent = max(self.sent, end)
        self._settle()

    def _settle(self) -> None:
        """Move on over what has come, and over what is lost once something behind it has come."""
        moved = True
        while moved:
            moved = False
            for stretches in (self.ahead, self.lost):
                for start, end in [s for s in stretches if s[0] <= self.whole]:
                    if stretches is self.lost and self.sent < end and end > self.whole:
                        continue
                    stretches.remove((start, end))
                    moved = moved or end > self.whole
                    self.whole = max(self.whole, end)


@dataclass(slots=True)
class _Flow:
    """One connection while it is being written."""

    connection: Connection
    comments: Mapping[int, str]
    packets: list[Packet] = field(default_factory=list)
    ways: dict[bool, _Way] = field(default_factory=lambda: {True: _Way(), False: _Way()})

    def send(
        self, from_client: bool, flags: int, time: int, number: int, payload: bytes = b"", cut: int = 0,
        frame: int | None = None,
    ) -> None:  # fmt: skip
        """One packet; ``number`` is its place in the stream."""
        start, peer = (_START_CLIENT, _START_SERVER) if from_client else (_START_SERVER, _START_CLIENT)
        ack = peer + 1 + self.ways[not from_client].whole if flags & ACK else 0
        ends = self.connection.client, self.connection.server
        data, wire = packet(ends, from_client, (start + 1 + number, ack), flags, payload, cut)
        comment = self.comments.get(frame) if frame is not None else None
        self.packets.append(Packet(time, data, wire, comment))

    def acknowledge(self, from_client: bool, time: int) -> None:
        """A packet without data."""
        self.send(from_client, ACK, time, self.ways[from_client].sent)


def _flow(exchanges: list[Exchange], comments: Mapping[int, str]) -> list[Packet]:
    """All packets of one connection in the order of the capture."""
    connection = _with_ends(exchanges[0].connection)
    flow = _Flow(connection, comments)
    messages = _planned(exchanges)
    first = messages[0].message.first_time if messages else 0
    if connection.handshake:
        _handshake(flow, first - 4 * _STEP - (connection.timing.handshake_rtt or 0))
    for planned in messages:
        lost = [s for s in planned.segments if s.kind is SegmentKind.LOST]
        flow.ways[planned.from_client].lost += [(planned.start + s.offset, planned.start + s.end) for s in lost]
    for part in _joined(_in_order(messages)):
        _write(flow, part)
    last = flow.packets[-1].time if flow.packets else first
    _goodbye(flow, last)
    return flow.packets


def _with_ends(connection: Connection) -> Connection:
    """A pasted exchange has no addresses: documentation's are taken (RFC 5737). What was decrypted stands in plain
    text where readers look for HTTP: at port 443 they would take it for broken TLS."""
    if connection.client != connection.server:
        server = connection.server
        return replace(connection, server=replace(server, port=80)) if server.port == 443 else connection
    return replace(connection, client=Endpoint(b"\xc0\0\2\1", 50_000), server=Endpoint(b"\xcb\0\x71\1", 80))


def _in_order(messages: Iterable[_Planned]) -> list[_Part]:
    """Every segment that was captured, by time. A message that has no times stays where it is."""
    parts: list[_Part] = []
    time = 0
    for planned in messages:
        carried = [s for s in planned.segments if s.kind is not SegmentKind.LOST and s.length]
        for segment in carried:
            time = segment.time or time
            data = planned.data[segment.offset : segment.end]
            start = planned.start + segment.offset
            parts.append(_Part(planned.from_client, time, segment.frame, start, start + segment.length, data))
        if carried:
            parts[-1].ends = planned.start + planned.length
    parts.sort(key=lambda part: part.time)
    return parts


def _joined(parts: Iterable[_Part]) -> Iterator[_Part]:
    """What one frame carried in one piece is one packet: old bytes and new ones, the end of a message and the next."""
    before: _Part | None = None
    for part in parts:
        if before is not None and before.goes_on(part):
            before = replace(before, end=part.end, data=before.data + part.data, ends=part.ends or before.ends)
            continue
        if before is not None:
            yield before
        before = part
    if before is not None:
        yield before


def _write(flow: _Flow, part: _Part) -> None:
    """One packet, or several where one cannot carry all of it."""
    for at in range(part.start, part.end, MAX_SEGMENT):
        stop = min(at + MAX_SEGMENT, part.end)
        payload = part.data[at - part.start : stop - part.start]
        flags = ACK | PSH if part.ends is not None and stop == part.end else ACK
        flow.send(part.from_client, flags, part.time, at, payload, stop - at - len(payload), part.frame)
    flow.ways[part.from_client].put(part.start, part.end)
    if part.ends is not None:
        flow.ways[part.from_client].reach(part.ends)
        flow.acknowledge(not part.from_client, part.time + 1)


def _handshake(flow: _Flow, time: int) -> None:
    """A SYN stands one before the first byte, and acknowledges as much."""
    flow.send(True, SYN, time, -1)
    flow.send(False, SYN | ACK, time + _STEP, -1)
    flow.acknowledge(True, time + 2 * _STEP + (flow.connection.timing.handshake_rtt or 0))


def _goodbye(flow: _Flow, time: int) -> None:
    """Both sides end; a FIN counts as a byte."""
    for from_client in (True, False):
        time += _STEP
        way = flow.ways[from_client]
        flow.send(from_client, FIN | ACK, time, way.sent)
        way.put(way.sent, way.sent + 1)
    flow.acknowledge(True, time + _STEP)


def _ascending(packets: list[Packet]) -> Iterator[Packet]:
    """Packets stay in the order in which they were written; times that would go back stand still."""
    now = 0
    for one in packets:
        now = max(now, one.time)
        yield replace(one, time=now)
