"""Whole conversations through tcp and http: what comes out, whatever the batches are and whatever is missing."""

from __future__ import annotations

import random
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analyzer.http import Engine, Want
from analyzer.model.http import Exchange
from analyzer.model.streams import TcpTiming
from tests.support.batches import A, Dialogue, Segment, Tuples

DECOY = b"HTTP/1.1 403 Forbidden\r\nContent-Length: 9\r\n\r\n<Error/>\r\n"
ERROR = b"<?xml version='1.0'?><Error><Code>SignatureDoesNotMatch</Code></Error>"


def request(method: bytes, target: bytes, body: bytes | None = None, *more: bytes) -> bytes:
    lines = [method + b" " + target + b" HTTP/1.1", b"Host: b.oss-cn-hangzhou.aliyuncs.com", *more]
    lines += [] if body is None else [b"Content-Length: %d" % len(body)]
    return b"\r\n".join([*lines, b"", body or b""])


def answer(status: int, body: bytes = b"", *more: bytes, length: int | None = None) -> bytes:
    size = len(body) if length is None else length
    return b"\r\n".join([b"HTTP/1.1 %d X" % status, b"Content-Length: %d" % size, *more, b"", body])


def run(segments: list[Segment], size: int | None = None, again: bool = True, **want: object) -> list[Exchange]:
    engine = Engine(Tuples(segments, size, again), Want(**({"all": True} | want)))  # type: ignore[arg-type]

    def place(one: Exchange) -> tuple[int, int, bytes]:
        return one.connection.stream, one.frames[0], one.request.target if one.request else b""

    return sorted(engine.run(), key=place)


def plain(exchanges: list[Exchange]) -> list[Exchange]:
    """Without the timing, which tells about the whole batch."""
    return [replace(e, connection=replace(e.connection, timing=TcpTiming())) for e in exchanges]


def briefly(exchanges: list[Exchange]) -> list[tuple[bytes | None, int | None, bytes | None, bool]]:
    return [
        (
            e.request.target if e.request else None,
            e.response.status if e.response else None,
            e.response.body.data if e.response else None,
            e.complete,
        )
        for e in exchanges
    ]


CHUNKED = b"HTTP/1.1 403 X\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nabcd\r\n0\r\nX-A: 1\r\n\r\n"

#: what each side says in turn → what must be read
TABLE: dict[str, tuple[list[tuple[int, bytes]], list[tuple[bytes, int | None, bytes | None, bool]]]] = {
    "keep-alive": (
        [(0, request(b"GET", b"/1")), (1, answer(200, b"x")), (0, request(b"GET", b"/2")), (1, answer(403, ERROR))],
        [(b"/1", 200, b"x", True), (b"/2", 403, ERROR, True)],
    ),
    "pipelined": (
        [(0, request(b"GET", b"/1") + request(b"HEAD", b"/2")), (1, answer(200, b"x") + answer(404, length=99))],
        [(b"/1", 200, b"x", True), (b"/2", 404, b"", True)],
    ),
    "interim": (
        [
            (0, request(b"PUT", b"/1", b"", b"Expect: 100-continue")),
            (1, b"HTTP/1.1 100 Continue\r\n\r\n"),
            (1, answer(403, ERROR)),
        ],
        [(b"/1", 403, ERROR, True)],
    ),
    "chunked": ([(0, request(b"GET", b"/1")), (1, CHUNKED)], [(b"/1", 403, b"abcd", True)]),
    "decoy": (
        [
            (0, request(b"PUT", b"/1", DECOY * 200)),
            (1, answer(200, DECOY * 99)),
            (0, request(b"GET", b"/2")),
            (1, CHUNKED),
        ],
        [(b"/1", 200, DECOY * 99, True), (b"/2", 403, b"abcd", True)],
    ),
    "until close": (
        [(0, request(b"GET", b"/1")), (1, b"HTTP/1.1 403 X\r\n\r\n" + ERROR)],
        [(b"/1", 403, ERROR, True)],
    ),
    "no body": (
        [(0, request(b"GET", b"/1")), (1, answer(304, length=5)), (0, request(b"GET", b"/2")), (1, answer(204))],
        [(b"/1", 304, b"", True), (b"/2", 204, b"", True)],
    ),
    "unanswered": ([(0, request(b"GET", b"/1"))], [(b"/1", None, None, False)]),
    "tunnel": (
        [
            (0, b"CONNECT h:443 HTTP/1.1\r\nHost: h\r\n\r\n"),
            (1, b"HTTP/1.1 200 OK\r\n\r\n"),
            (0, request(b"GET", b"/in")),
            (1, answer(403, ERROR)),
        ],
        [(b"h:443", 200, b"", True), (b"/in", 403, ERROR, True)],
    ),
}


@pytest.mark.parametrize("name", TABLE)
@pytest.mark.parametrize("handshake", [True, False])
def test_conversations(name: str, handshake: bool) -> None:
    turns, expected = TABLE[name]
    talk = Dialogue(mss=100)
    talk = talk.open() if handshake else talk
    for side, data in turns:
        talk.says(side, data)
    talk.close(1)
    if name == "pipelined" and not handshake:  # there may have been more requests, of which the first was answered
        assert [row[:3] for row in briefly(run(talk.segments))] == [row[:3] for row in expected]
        assert not any(e.certain for e in run(talk.segments))
        return
    assert briefly(run(talk.segments)) == expected


def test_length_that_lies() -> None:
    lying = request(b"POST", b"/1", b"x" * 137)[:-7]
    talk = Dialogue().open().says(0, lying).says(1, answer(403, ERROR)).close(0)
    (found,) = run(talk.segments)
    assert found.request is not None
    assert found.response is not None
    assert found.response.status == 403
    assert found.certain
    (said,) = found.request.notes
    assert said.key == "http.content-length-lies"
    assert (said.get("declared"), said.get("seen")) == (137, 130)


def test_next_request_inside_a_length_that_lies() -> None:
    lying = request(b"POST", b"/1", b"x" * 137)[:-7]
    talk = Dialogue().open().says(0, lying).says(1, answer(403, ERROR)).says(0, request(b"GET", b"/2"))
    talk.says(1, answer(200)).close(0)
    assert [row[:2] for row in briefly(run(talk.segments))] == [(b"/1", 403), (b"/2", 200)]


def test_early_answer_while_the_upload_goes_on() -> None:
    upload = request(b"PUT", b"/1", b"y" * 5000)
    talk = Dialogue(mss=500).open().says(0, upload[:1000]).says(1, answer(403, ERROR)).says(0, upload[1000:])
    talk.says(0, request(b"GET", b"/2")).says(1, answer(200)).close(0)
    assert briefly(run(talk.segments)) == [(b"/1", 403, ERROR, True), (b"/2", 200, b"", True)]


def test_failing_mode_gives_failures_and_their_neighbours() -> None:
    talk = Dialogue().open()
    for number in range(20):
        talk.says(0, request(b"GET", b"/%d" % number)).says(1, answer(403 if number == 10 else 200, ERROR))
    found = run(talk.close(0).segments, all=False, context=0)
    assert [e.request.target for e in found if e.request] == [b"/9", b"/10", b"/11"]
    sampled = run(talk.segments, all=False, context=1)
    assert [e.request.target for e in sampled if e.request] == [b"/0", b"/9", b"/10", b"/11"]


def test_conflicting_retransmission_is_told_and_the_first_sighting_kept() -> None:
    talk = Dialogue().open().says(0, request(b"GET", b"/1")).says(1, answer(403, ERROR))
    original = next(s for s in talk.segments if s.src != A and s.payload)
    place = talk.segments.index(original)
    forged = replace(original, payload=original.payload.replace(b"403", b"200"))
    talk.segments.insert(place + 1, forged)
    (found,) = run(talk.close(0).segments)
    assert found.response is not None
    assert found.response.status == 403
    talk.segments[place], talk.segments[place + 1] = forged, original
    (found,) = run(talk.segments)
    assert found.response is not None
    assert found.response.status == 200


def noisy(seed: int) -> list[Segment]:
    """Several connections at once, with duplicates, reordering inside a round trip, and sequence numbers that wrap."""
    rng = random.Random(seed)
    talks = []
    for number in range(rng.randrange(1, 5)):
        isn = (2**32 - rng.randrange(1, 5000), rng.randrange(2**32))
        talk = Dialogue((A[0], 40000 + number), isn=isn, mss=rng.choice([1, 7, 60, 1448]), start=rng.randrange(50))
        if rng.random() < 0.8:
            talk.open()
        for step in range(rng.randrange(1, 6)):
            body = rng.choice([None, b"", DECOY * 3, rng.randbytes(300)])
            method = b"GET" if body is None else b"PUT"
            talk.says(0, request(method, b"/%d/%d" % (number, step), body))
            talk.says(1, rng.choice([answer(403, ERROR), answer(200, DECOY), CHUNKED, answer(204)]))
        talks.append(talk.close(rng.randrange(2)).segments if rng.random() < 0.8 else talk.segments)
    merged: list[Segment] = []
    while any(talks):
        merged.append(rng.choice([t for t in talks if t]).pop(0))
    for _ in range(rng.randrange(6)):
        at = rng.randrange(len(merged))
        merged.insert(min(len(merged), at + rng.randrange(1, 9)), merged[at])
    for at in range(0, len(merged) - 1, 2):
        a, b = merged[at], merged[at + 1]
        if rng.random() < 0.2 and a.src == b.src and a.dst == b.dst and not (a.flags | b.flags) & 7:
            merged[at], merged[at + 1] = b, a
    return [replace(s, time=i * 1_000_000) for i, s in enumerate(merged)]


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 2**32))
def test_results_do_not_depend_on_batches(seed: int) -> None:
    segments = noisy(seed)
    expected = plain(run(segments))
    for size in (1, 2, 3, 5, 16):
        assert plain(run(segments, size, again=size % 2 == 0)) == expected


def marked(number: int, step: int) -> bytes:
    return b"/%d/%d" % (number, step)


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 2**32), st.sampled_from([0.005, 0.03, 0.1]))
def test_loss_never_gives_a_wrong_pairing(seed: int, rate: float) -> None:
    rng = random.Random(seed)
    segments: list[Segment] = []
    for number in range(3):
        talk = Dialogue((A[0], 40000 + number), mss=rng.choice([60, 200, 1448])).open()
        for step in range(20):
            name = marked(number, step)
            body = None if rng.random() < 0.5 else rng.randbytes(rng.randrange(900))
            method = rng.choice([b"GET", b"HEAD"]) if body is None else b"PUT"
            content = b"" if method == b"HEAD" else DECOY * rng.randrange(9)
            talk.says(0, request(method, name, body))
            status = rng.choice([200, 403])
            talk.says(1, answer(status, content, b"X-For: " + name, length=len(content) or 77 * (method == b"HEAD")))
        segments += talk.close(0).segments
    left = [replace(s, time=i * 10_000_000) for i, s in enumerate(segments) if rng.random() >= rate]
    for size in (None, 3):
        for found in run(left, size):
            if found.request is None or found.response is None or not found.certain:
                continue
            told = found.response.head.first(b"x-for")
            assert told is None or told == found.request.target


def test_answer_without_its_status_line_is_found() -> None:
    talk = Dialogue(mss=60).open().says(0, request(b"GET", b"/1")).says(1, answer(200, b"x" * 100))
    talk.says(0, request(b"GET", b"/2"))
    before = len(talk.segments)
    talk.says(1, answer(403, ERROR, b"x-oss-request-id: 5C1B138A109F4E405B2D8AEF"))
    del talk.segments[before]
    talk.close(0)
    found = run(talk.segments, all=False, context=0)
    lost = [e for e in found if e.response is not None and e.response.status == 0]
    assert len(lost) == 1
    assert lost[0].response is not None
    assert b"SignatureDoesNotMatch" in (lost[0].response.body.data or b"")
    assert lost[0].request is not None
    assert lost[0].request.target == b"/2"
