"""Generated dialogues: read as independent parsers read them, whatever the batches, the paths and the input are."""

from __future__ import annotations

import io
import random
from dataclasses import replace
from pathlib import Path

import h11
import httptools
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analyzer.capture import open_captures
from analyzer.http import Engine, Want
from analyzer.model.http import Exchange
from analyzer.model.packets import PacketSource
from analyzer.model.streams import TcpTiming
from tests.support.batches import Dialogue, Segment, Tuples
from tests.support.numbered import CLIENTS, numbered
from tests.support.packets import tcp_packet
from tests.support.pcapfile import pcap_bytes

CAPTURES = sorted((Path(__file__).parents[2] / "captures").glob("*.pcap*"))
SIZES = (1, 2, 3, 5, 16, None)
DECOYS = (
    b"HTTP/1.1 403 Forbidden\r\nContent-Length: 3\r\n\r\nabc",
    b"GET /decoy HTTP/1.1\r\nHost: x\r\n\r\n",
    b"\xd4\xc3\xb2\xa1\x02\x00\x04\x00",
    b"0\r\n\r\n",
    b"\r\n\r\n",
)


def body(rng: random.Random) -> bytes:
    parts = [rng.choice([*DECOYS, b"x" * rng.randrange(200)]) for _ in range(rng.randrange(5))]
    return b"".join(parts)


def framed(rng: random.Random, start: bytes, data: bytes) -> bytes:
    """A message with its body: Content-Length or chunked, the latter sometimes with a trailer."""
    if rng.random() < 0.6:
        return start + b"Content-Length: %d\r\n\r\n" % len(data) + data
    out, at = start + b"Transfer-Encoding: chunked\r\n\r\n", 0
    while at < len(data):
        step = rng.randint(1, 150)
        piece = data[at : at + step]
        out += b"%x\r\n" % len(piece) + piece + b"\r\n"
        at += step
    return out + rng.choice([b"0\r\n\r\n", b"0\r\nX-Sum: 1\r\n\r\n"])


#: (method, target, request body, status, answer body)
Planned = tuple[bytes, bytes, bytes, int, bytes]


def dialogue(seed: int) -> tuple[list[Planned], bytes, bytes, list[Segment]]:
    """A conversation of all regular kinds: what was meant, both byte streams, the segments."""
    rng = random.Random(seed)
    talk = Dialogue(mss=rng.choice([1, 17, 200, 1448]) if seed % 4 else 1448).open()
    plan: list[Planned] = []
    waiting: list[bytes] = []
    said: list[list[bytes]] = [[], []]
    count = rng.randint(1, 8)
    for number in range(count):
        method = rng.choice([b"GET", b"PUT", b"HEAD", b"POST", b"DELETE"])
        target = b"/%d-%d" % (seed, number)
        sent = body(rng) if method in (b"PUT", b"POST") else b""
        status = rng.choice([200, 200, 204, 304, 403])
        got = b"" if method == b"HEAD" or status in (204, 304) else body(rng)
        expects = bool(sent) and rng.random() < 0.4
        start = method + b" " + target + b" HTTP/1.1\r\nHost: bucket.example\r\n"
        start += b"Expect: 100-continue\r\n" if expects else b""
        ask = framed(rng, start, sent) if sent else start + b"\r\n"
        head = b"HTTP/1.1 %d Said\r\nX-Number: %d\r\n" % (status, number)
        if number == count - 1 and got and rng.random() < 0.5:
            tell = head + b"Connection: close\r\n\r\n" + got
        elif method == b"HEAD":
            tell = head + b"Content-Length: %d\r\n\r\n" % rng.randrange(500)
        elif status in (204, 304):
            tell = head + b"\r\n"
        else:
            tell = framed(rng, head, got)
        if expects:
            tell = b"HTTP/1.1 100 Continue\r\n\r\n" + tell
        plan.append((method, target, sent, status, got))
        talk.says(0, ask)
        waiting.append(tell)
        said[0].append(ask)
        said[1].append(tell)
        if rng.random() < 0.6 or number == count - 1:  # else: pipelined
            talk.says(1, b"".join(waiting))
            waiting.clear()
    talk.close(1)
    return plan, b"".join(said[0]), b"".join(said[1]), talk.segments


def exchanges(source: PacketSource) -> list[Exchange]:
    """All of a source. Timing tells about the moment at which an exchange was given, so it is left out."""
    found = [
        replace(e, connection=replace(e.connection, timing=TcpTiming())) for e in Engine(source, Want(all=True)).run()
    ]
    return sorted(found, key=lambda e: (e.connection.stream, e.frames, e.request.target if e.request else b""))


def read(found: list[Exchange]) -> list[Planned]:
    out = []
    for exchange in found:
        request, response = exchange.request, exchange.response
        assert request is not None
        assert response is not None
        assert exchange.complete
        sent, got = request.body.data or b"", response.body.data or b""
        out.append((request.method, request.target, sent, response.status, got))
    return out


def in_order(found: list[Exchange]) -> list[Exchange]:
    return sorted(found, key=lambda e: int(e.request.target.rpartition(b"-")[2]) if e.request else -1)


@settings(max_examples=15, deadline=None)
@given(seed=st.integers(0, 2**32))
def test_dialogues_whatever_the_batches(seed: int) -> None:
    plan, _, _, segments = dialogue(seed)
    whole = exchanges(Tuples(segments))
    assert read(in_order(whole)) == plan
    for size in SIZES:
        for file in (True, False):
            assert exchanges(Tuples(segments, size, file)) == whole


@settings(max_examples=15, deadline=None)
@given(seed=st.integers(0, 2**32))
def test_h11_reads_the_same_answers(seed: int) -> None:
    plan, asked, told, segments = dialogue(seed)
    assert by_h11(asked, told) == read(in_order(exchanges(Tuples(segments, 3)))) == plan


def by_h11(asked: bytes, told: bytes) -> list[Planned]:
    """What h11's server and client read in the two byte streams, request by request."""
    out: list[Planned] = []
    server_input = asked
    client_input = told
    while server_input:
        server, client = h11.Connection(h11.SERVER), h11.Connection(h11.CLIENT)
        request, sent, server_input = _message(server, server_input, h11.Request)
        assert isinstance(request, h11.Request)
        # The client has to be told what was asked; how its body was framed does not matter for the answer.
        client.send(h11.Request(method=request.method, target=request.target, headers=[("Host", "x")]))
        client.send(h11.EndOfMessage())
        response, got, client_input = _message(client, client_input, h11.Response)
        assert isinstance(response, h11.Response)
        out.append((request.method, request.target, sent, response.status_code, got))
    assert not client_input
    return out


def _message(connection: h11.Connection, data: bytes, kind: type) -> tuple[object, bytes, bytes]:
    """(head, body, bytes behind the message)."""
    connection.receive_data(data)
    head: object = None
    parts: list[bytes] = []
    ended = False
    while True:
        event = connection.next_event()
        if isinstance(event, kind):
            head = event
        elif isinstance(event, h11.Data):
            parts.append(bytes(event.data))
        elif isinstance(event, h11.EndOfMessage):
            return head, b"".join(parts), b"" if ended else connection.trailing_data[0]
        elif event is h11.NEED_DATA:
            assert not ended
            connection.receive_data(b"")  # read until close
            ended = True


class _Requests:
    """httptools' callbacks: collects targets, methods and bodies."""

    def __init__(self) -> None:
        self.found: list[tuple[bytes, bytes, bytes]] = []
        self.target = self.data = b""
        self.parser = httptools.HttpRequestParser(self)

    def on_message_begin(self) -> None:
        self.target = self.data = b""

    def on_url(self, url: bytes) -> None:
        self.target += url

    def on_body(self, data: bytes) -> None:
        self.data += data

    def on_message_complete(self) -> None:
        self.found.append((self.parser.get_method(), self.target, self.data))


@settings(max_examples=15, deadline=None)
@given(seed=st.integers(0, 2**32))
def test_httptools_reads_the_same_requests(seed: int) -> None:
    _, asked, _, segments = dialogue(seed)
    oracle = _Requests()
    oracle.parser.feed_data(asked)
    assert [entry[:3] for entry in read(in_order(exchanges(Tuples(segments, 5))))] == oracle.found


def capture(segments: list[Segment]) -> bytes:
    packets = []
    for s in segments:
        ends = [".".join(str(b) for b in end[0].to_bytes(4, "big")) for end in (s.src, s.dst)]
        packets.append((s.time, tcp_packet(ends[0], ends[1], s.src[1], s.dst[1], s.seq, s.ack, s.flags, s.payload)))
    return pcap_bytes(packets, nanos=True)


def all_ways(path: Path) -> None:
    """One capture through every batch size, the fast and the slow path, as a file and as a pipe."""
    whole = exchanges(open_captures([path]))
    assert whole
    for size in SIZES:
        for fast in (True, False):
            assert exchanges(open_captures([path], batch_packets=size, fast=fast)) == whole
            pipe = io.BytesIO(path.read_bytes())
            assert exchanges(open_captures(["-"], stdin=pipe, batch_packets=size, fast=fast)) == whole


@pytest.mark.parametrize("path", CAPTURES, ids=lambda p: p.name)
def test_sample_captures_all_ways(path: Path) -> None:
    if path.name == "https.pcapng":
        pytest.skip("encrypted; opened through the pipeline")
    all_ways(path)


@pytest.mark.parametrize("seed", range(8))
def test_generated_captures_all_ways(seed: int, tmp_path: Path) -> None:
    plan, _, _, segments = dialogue(seed)
    path = tmp_path / "generated.pcap"
    path.write_bytes(capture(segments))
    assert read(in_order(exchanges(open_captures([path])))) == plan
    all_ways(path)


@pytest.mark.parametrize("client", CLIENTS)
def test_lossy_captures_all_ways(client: str, tmp_path: Path) -> None:
    rng = random.Random(client)
    path = tmp_path / "lossy.pcap"
    path.write_bytes(capture([s for s in numbered(rng, client, 12, 2).segments if rng.random() >= 0.05]))
    all_ways(path)
