"""Passing over plain exchanges finds what the framer finds, one message at a time."""

from __future__ import annotations

import random
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analyzer.http import Engine, Want
from analyzer.http.draft import Draft, Pair
from analyzer.http.framing import Framer
from analyzer.http.heads import ASKS, ASKS_HEAD, TELLS, TELLS_HEAD, kinds_of
from analyzer.http.regular import idle
from analyzer.http.rows import row_of
from analyzer.model.http import Exchange
from analyzer.model.listing import Row
from analyzer.model.streams import Data, Direction, TcpTiming
from analyzer.tcp.pieces import Piece
from tests.support.batches import Dialogue, Segment, Tuples, after_one_another

ASK = b"GET /a HTTP/1.1\r\nHost: b.example\r\n\r\n"
TELL = b"HTTP/1.1 200 OK\r\nServer: AliyunOSS\r\nContent-Length: 3\r\n\r\nabc"
BARE = b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\n"

#: segment → what it is
TABLE: list[tuple[bytes, int | np.uint8]] = [
    (ASK, ASKS),
    (ASK.replace(b"GET", b"DELETE"), ASKS),
    (ASK.replace(b"GET", b"HEAD"), ASKS_HEAD),
    (ASK.replace(b"1.1", b"1.0"), ASKS),
    (ASK.replace(b"/a", b"/" + b"a" * 300), ASKS),
    (ASK.replace(b"/a", b"/a b \xe4\xb8\xad"), ASKS),
    (b"PUT /a HTTP/1.1\r\ncontent-length: 2\r\n\r\nxy", ASKS),
    (TELL, TELLS),
    (TELL.replace(b"200 OK", b"403 Forbidden"), TELLS),
    (TELL.replace(b"200 OK", b"200"), TELLS),
    (TELL.replace(b"Content-Length", b"CONTENT-LENGTH"), TELLS),
    (BARE, TELLS_HEAD),
    (BARE.replace(b": 3", b": 0"), TELLS | TELLS_HEAD),
    (b"HTTP/1.1 204 No Content\r\nServer: x\r\n\r\n", TELLS | TELLS_HEAD),
    (b"HTTP/1.1 304 Not Modified\r\nContent-Length: 9\r\n\r\n", TELLS | TELLS_HEAD),
    (b"HTTP/1.1 200 OK\r\nServer: x\r\n\r\n", TELLS_HEAD),
    # less plain than that
    (ASK[:-2], 0),
    (ASK + ASK, 0),
    (ASK + b"x", 0),
    (b"\r\n" + ASK, 0),
    (ASK.replace(b"\r\n", b"\n"), 0),
    (ASK.replace(b"/a", b"/a\x00"), 0),
    (ASK.replace(b"/a", b"/a\rb"), 0),
    (ASK.replace(b"/a", b""), 0),
    (ASK.replace(b"HTTP/1.1", b"HTTP/2"), 0),
    (ASK.replace(b"GET", b"CONNECT"), 0),
    (ASK.replace(b"/a", b"/" + b"a" * 3000), 0),
    (ASK.replace(b"Host", b"Upgrade"), 0),
    (ASK.replace(b"Host: b.example", b"Transfer-Encoding: chunked"), 0),
    (ASK.replace(b"b.example", b"b\r\n folded"), 0),
    (ASK.replace(b"Host: b.example", b"Content-Length: 2\r\nContent-Length: 2") + b"xy", 0),
    (ASK.replace(b"Host: b.example", b"Content-Length : 0"), 0),
    (ASK.replace(b"Host: b.example", b"Content-Length: +0"), 0),
    (TELL + b"d", 0),
    (TELL[:-1], 0),
    (TELL.replace(b"200", b"100"), 0),
    (TELL.replace(b"200", b"2x0"), 0),
    (TELL.replace(b"HTTP/1.1", b"HTTP/1.2"), 0),
    (TELL.replace(b" 3\r\n", b" 3 \r\n"), 0),
    (TELL.replace(b" 3\r\n", b" 0000000003\r\n"), 0),
    (TELL.replace(b"Server:", b"transfer-encoding:"), 0),
]


def kind_of(*segments: bytes) -> list[int]:
    """Each segment's kind, other bytes between them as packet headers are."""
    buffer, places = bytearray(b"\x0a\x0d" * 40), []
    for segment in segments:
        places.append(len(buffer))
        buffer += segment + b"\x00" * 54
    offsets, lengths = np.array(places, np.int64), np.array([len(s) for s in segments], np.int64)
    kinds: list[int] = kinds_of(buffer + bytes(64), offsets, lengths, np.ones(len(places), np.bool_)).kind.tolist()
    return kinds


def test_kinds() -> None:
    assert kind_of(*(segment for segment, _ in TABLE)) == [int(kind) for _, kind in TABLE]


@pytest.mark.parametrize("segment", [ASK, TELL, BARE])
def test_kinds_at_the_end_of_a_buffer(segment: bytes) -> None:
    """Nothing is read behind the buffer, and what cannot be judged there is nothing."""
    whole = np.ones(1, np.bool_)
    for slack in range(64):
        buffer = bytearray(64) + segment + bytes(slack)
        kind = kinds_of(buffer, np.array([64]), np.array([len(segment)]), whole).kind
        assert int(kind[0]) in (0, kind_of(segment)[0])


def test_segments_of_any_length_at_the_end_of_a_buffer() -> None:
    for segment in (b"GET /", TELL, ASK):
        for size in range(1, len(segment) + 1):
            buffer = bytearray(b"\r\n" * 40) + segment[:size]
            kind = kinds_of(buffer, np.array([80]), np.array([size]), np.ones(1, np.bool_)).kind
            assert int(kind[0]) == 0 or size == len(segment)


class _Taker:
    def __init__(self) -> None:
        self.pairs: list[Pair] = []

    def wants(self, status: int) -> bool:
        return False

    def pair(self, framer: Framer, pair: Pair) -> None:
        self.pairs.append(pair)

    def tunnelled(self, framer: Framer, side: int, piece: Piece) -> None:
        pass

    def gather(self, draft: Draft) -> None:
        pass

    def ended(self, framer: Framer, side: int, how: str) -> None:
        pass


def framed(ask: bytes, tell: bytes) -> Pair | None:
    """The one whole pair that the framer finds, with nothing left over."""
    taker = _Taker()
    framer = Framer(taker, 0, ordered=False)
    framer.feed(Data(0, Direction.CLIENT_TO_SERVER, 0, ask, ((0, 1),), 0))
    framer.feed(Data(0, Direction.SERVER_TO_CLIENT, 0, tell, ((0, 2),), 0))
    framer.settle()
    if len(taker.pairs) != 1 or not idle(framer):
        return None
    pair = taker.pairs[0]
    whole = pair.request is not None and pair.response is not None
    return pair if whole and pair.certain else None


HEADERS = st.sampled_from(
    [b"Host: x", b"Content-Length: 2", b"content-length: 0", b"Content-Length:2", b"Transfer-Encoding: chunked",
     b" fold", b"Upgrade: h2c", b"no colon", b"Connection: close", b"Content-Length-X: 4", b"\x00: \xff"]
)  # fmt: skip
LINE_ENDS = st.sampled_from([b"\r\n"] * 9 + [b"\n", b"\r\r\n"])


@st.composite
def messages(draw: Any, starts: list[bytes]) -> bytes:
    """A message, often a little off."""
    parts = [draw(st.sampled_from(starts)), *draw(st.lists(HEADERS, max_size=4)), b""]
    text: bytes = b"".join(part + draw(LINE_ENDS) for part in parts)
    rest: bytes = draw(st.sampled_from([b"", b"", b"xy", b"xyz", b"\r\n\r\n", ASK]))
    return text + rest


STARTS_ASK = [b"GET /a HTTP/1.1", b"HEAD / HTTP/1.0", b"PUT  /b HTTP/1.1", b"POST /\x7f\t HTTP/1.1", b"GET / HTTP/1.1 ",
              b"get / HTTP/1.1", b"GET  HTTP/1.1", b"GET /\x0b HTTP/1.1"]  # fmt: skip
STARTS_TELL = [b"HTTP/1.1 200 OK", b"HTTP/1.0 404", b"HTTP/1.1 204 ", b"HTTP/1.1 304 N", b"HTTP/1.1 100 C",
               b"HTTP/1.1 2000 OK", b"HTTP/1.1 200OK", b"HTTP/1.1 101 Up", b"HTTP/1.1 206 \xe4"]  # fmt: skip


@settings(max_examples=500, deadline=None)
@given(messages(STARTS_ASK), messages(STARTS_TELL))
def test_what_is_taken_for_plain_the_framer_takes_too(ask: bytes, tell: bytes) -> None:
    asked, told = kind_of(ask, tell)
    if (asked == ASKS and told & TELLS) or (asked == ASKS_HEAD and told & TELLS_HEAD):
        pair = framed(ask, tell)
        assert pair is not None
        assert pair.request is not None
        assert pair.response is not None
        assert pair.request.complete
        assert pair.response.complete
        assert pair.response.status == int(tell[9:12])


HOSTS = [b"Host: b.oss-cn-hangzhou.aliyuncs.com"] * 9 + [
    b"host:  h ",
    b"X: y",
    b"Host : h",
    b"Host: a\r\nHOST: b",
    b"Host: a\rb",
]
ODD = [b"no colon\r\n", b": no name\r\n", b"A : b\r\n", b"A: b\nB: c\r\n", b"A: b\rc\r\n", b"Via: x\r\n" * 2]
ODD += [b""] * 30


def exchange(rng: random.Random, number: int) -> tuple[bytes, bytes]:
    """Mostly small and plain."""
    method = rng.choice([b"GET"] * 6 + [b"HEAD", b"PUT", b"DELETE"])
    draw = rng.random()
    target = b"/%d" % number if draw < 0.95 else rng.choice([b"/a b", b"/\xff", b"/\x00", b"/\rx"])
    sent = b"s" * rng.randrange(9) if method == b"PUT" else b""
    host = rng.choice(HOSTS)
    ask = b"%s %s HTTP/1.1\r\n%s\r\n" % (method, target, host)
    ask += (b"Content-Length: %d\r\n\r\n" % len(sent) if sent else rng.choice([b"\r\n"] * 20 + [b"\n"])) + sent
    status = rng.choice([200] * 30 + [204, 304, 206, 403, 404, 500])
    body = b"" if method == b"HEAD" or status in (204, 304) else b"b" * rng.randrange(200)
    odd = rng.choice(ODD)
    tell = b"HTTP/1.1 %d %s\r\nx-oss-request-id: %d\r\n%s" % (status, rng.choice([b"Said", b"", b" So "]), number, odd)
    if draw > 0.97 and body:
        tell += b"Transfer-Encoding: chunked\r\n\r\n%x\r\n%s\r\n0\r\n\r\n" % (len(body), body)
    else:
        end = b"\r\n\r\n" if draw < 0.9 else rng.choice([b"\n\n", b"\r\n\n", b"\n\r\n"])
        tell += b"Content-Length: %d%s" % (7 if method == b"HEAD" else len(body), end) + body
    if draw < 0.02:
        tell = b"HTTP/1.1 100 Continue\r\n\r\n" + tell
    return ask, tell


def traffic(seed: int) -> list[Segment]:
    """Connections with many small exchanges, some of them pipelined, cut, repeated, reordered or lost."""
    rng = random.Random(seed)
    talks: list[list[Segment]] = []
    for number in range(rng.randrange(1, 4)):
        talk = Dialogue(client=(0x0A000005, 40000 + number), mss=rng.choice([1448, 1448, 90]))
        if rng.random() < 0.8:
            talk.open()
        for step in range(rng.randrange(5, 40)):
            ask, tell = exchange(rng, number * 100 + step)
            if rng.random() < 0.03:
                again, answered = exchange(rng, number * 100 + 50 + step)
                ask, tell = ask + again, tell + answered
            quiet = rng.random() < 0.5
            talk.says(0, ask, answered=not quiet)
            talk.says(1, tell, answered=not quiet)
        segments = talk.close(rng.randrange(2)).segments if rng.random() < 0.8 else talk.segments
        if rng.random() < 0.1:  # its beginning is lost
            segments = [s for s in segments[:9] if not s.payload or rng.random() < 0.5] + segments[9:]
        talks.append(segments)
    merged: list[Segment] = []
    while any(talks):
        merged.append(rng.choice([t for t in talks if t]).pop(0))
    kind = rng.choice(["plain", "plain", "noisy", "lossy", "lying"])
    if kind == "noisy":
        for _ in range(rng.randrange(6)):
            at = rng.randrange(len(merged))
            merged.insert(min(len(merged), at + rng.randrange(1, 9)), merged[at])
        for at in range(0, len(merged) - 1, 2):
            if rng.random() < 0.05 and not (merged[at].flags | merged[at + 1].flags) & 7:
                merged[at], merged[at + 1] = merged[at + 1], merged[at]
    if kind == "lossy":
        merged = [s for s in merged if rng.random() > 0.02]
    if kind == "lying":  # acknowledgements of one direction change places
        for at, one in enumerate(merged):
            other = rng.randrange(len(merged))
            if rng.random() < 0.1 and merged[other].src == one.src and not (one.flags | merged[other].flags) & 7:
                merged[at], merged[other] = replace(one, ack=merged[other].ack), replace(merged[other], ack=one.ack)
    return [replace(s, time=i * 1_000_000) for i, s in enumerate(merged)]


def found(segments: list[Segment], size: int | None, again: bool, fast: bool) -> tuple[list[Exchange], object]:
    engine = Engine(Tuples(segments, size, again), Want(context=1), fast=fast)
    exchanges = [replace(e, connection=replace(e.connection, timing=TcpTiming())) for e in engine.run()]
    exchanges.sort(key=lambda e: (e.connection.stream, e.frames))
    stats = engine.stats
    counted = (stats.exchanges, stats.failures, stats.unanswered, stats.unasked, stats.uncertain, stats.unsynchronised)
    return exchanges, (counted, engine.activity.told((), 64))


@settings(max_examples=150, deadline=None)
@given(st.integers(0, 2**32), st.sampled_from([None, 40, 100]), st.booleans())
def test_passing_over_changes_nothing(seed: int, size: int | None, again: bool) -> None:
    segments = traffic(seed)
    assert found(segments, size, again, fast=True) == found(segments, size, again, fast=False)


def rows(segments: list[Segment], size: int | None, brief: bool) -> list[Row]:
    """Lines of all exchanges, without what tells about the whole batch."""
    engine = Engine(Tuples(segments, size), Want(all=True, brief=brief, body_limit=0), fast=brief)
    lines = list(engine.rows()) if brief else [row_of(exchange) for exchange in engine.run()]
    lines = [line._replace(connection=replace(line.connection, timing=TcpTiming())) for line in lines]
    return sorted(lines, key=lambda line: (line.connection.stream, line.last_frame))


@settings(max_examples=150, deadline=None)
@given(st.integers(0, 2**32), st.sampled_from([None, 40, 100]))
def test_lines_are_those_of_the_exchanges(seed: int, size: int | None) -> None:
    segments = traffic(seed)
    assert rows(segments, size, brief=True) == rows(segments, size, brief=False)


@pytest.fixture
def read(monkeypatch: pytest.MonkeyPatch) -> list[bytes]:
    """The heads that reach the framer."""
    heads: list[bytes] = []
    begin = Framer._begin

    def counted(self: Framer, side: Any, raw: bytes, *more: Any) -> bool:
        heads.append(raw)
        return begin(self, side, raw, *more)

    monkeypatch.setattr(Framer, "_begin", counted)
    return heads


def test_most_of_a_busy_connection_is_passed_over(read: list[bytes]) -> None:
    """A failure among many successes comes with its neighbours; the others never reach the framer."""
    talk = Dialogue().open()
    for number in range(500):
        status = 403 if number == 250 else 200
        talk.says(0, b"GET /%d HTTP/1.1\r\nHost: b\r\n\r\n" % number)
        talk.says(1, b"HTTP/1.1 %d X\r\nContent-Length: 1\r\n\r\nx" % status)
    engine = Engine(Tuples(talk.close().segments), Want(context=1))
    targets = [e.request.target for e in engine.run() if e.request]
    assert targets == [b"/249", b"/250", b"/251", b"/0"]
    assert engine.stats.exchanges == 500
    assert len(read) < 20


@pytest.mark.parametrize("side", [0, 1])
def test_what_comes_again_costs_one_look(read: list[bytes], side: int) -> None:
    """Behind a retransmission the exchanges are passed over as before."""
    talk = Dialogue().open()
    for number in range(100):
        talk.says(0, b"GET /%d HTTP/1.1\r\nHost: b\r\n\r\n" % number, answered=False)
        talk.says(1, b"HTTP/1.1 200 X\r\nContent-Length: 1\r\n\r\nx", answered=False)
    for at in (43 + side, 123 + side):
        talk.segments.insert(at + 1, talk.segments[at])
    engine = Engine(Tuples(after_one_another(talk.segments)), Want(context=1))
    assert len(list(engine.run())) == 1
    assert engine.stats.exchanges == 100
    assert len(read) <= 4
