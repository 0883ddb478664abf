"""The same exchanges, however a capture is cut into batches, from a file or a pipe, by the quick way or the plain."""

from __future__ import annotations

import random
from dataclasses import replace
from unittest import mock

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analyzer.http import Engine, Want
from analyzer.model.http import Exchange
from analyzer.model.streams import TcpTiming
from analyzer.tcp import assembly
from tests.http.test_regular import traffic
from tests.support.accidents import KINDS, befallen
from tests.support.batches import ACK, MS, PSH, A, B, Dialogue, Segment, Tuples, after_one_another, side_by_side
from tests.support.numbered import CLIENTS, numbered

SIZES = (1, 2, 3, 5, 16, None)
#: What an exchange counts as.
Outcome = tuple[list[Exchange], tuple[int, ...]]


def read(segments: list[Segment], size: int | None, again: bool = True, fast: bool = True, **want: int) -> Outcome:
    """All exchanges (timing tells about the moment at which an exchange was given, so it is left out), and counts."""
    engine = Engine(Tuples(segments, size, again), Want(**({"all": True, "body_limit": 400} | want)), fast=fast)  # type: ignore[arg-type]
    found = [replace(e, connection=replace(e.connection, timing=TcpTiming())) for e in engine.run()]
    stats = engine.stats
    counts = (
        stats.streams, stats.exchanges, stats.failures, stats.unanswered, stats.unasked, stats.uncertain, stats.gaps,
        stats.gap_bytes, stats.overlaps,
    )  # fmt: skip
    return sorted(found, key=_place), counts


def _place(one: Exchange) -> tuple[object, ...]:
    return one.connection.stream, one.frames, one.request.target if one.request else b"", one.response is None


def the_same(segments: list[Segment]) -> Outcome:
    """What all sizes of batches give, from a file and from a pipe."""
    want = read(segments, 1)
    for size in SIZES:
        for again in (True, False):
            assert read(segments, size, again) == want
    return want


@settings(max_examples=60, deadline=None)
@given(
    seed=st.integers(0, 2**32),
    client=st.sampled_from(CLIENTS),
    kinds=st.sets(st.sampled_from(KINDS)),
    handshake=st.booleans(),
)
def test_whatever_befalls_a_capture(seed: int, client: str, kinds: set[str], handshake: bool) -> None:
    rng = random.Random(seed)
    talk = numbered(rng, client, rng.choice([3, 6, 10]), rng.choice([1, 1, 2]), handshake)
    the_same(befallen(rng, talk.segments, "".join(sorted(kinds))))


@settings(max_examples=60, deadline=None)
@given(seed=st.integers(0, 2**32), kinds=st.sets(st.sampled_from(KINDS), max_size=4), again=st.booleans())
def test_whatever_befalls_many_small_exchanges(seed: int, kinds: set[str], again: bool) -> None:
    segments = befallen(random.Random(seed), traffic(seed), "".join(sorted(kinds)))
    want = read(segments, 1)
    for size in (40, 100, None):
        for fast in (True, False):
            assert read(segments, size, again, fast, all=False, context=0)[1] == want[1]


def get(number: int) -> bytes:
    return b"GET /%d HTTP/1.1\r\nHost: b\r\n\r\n" % number


def said(number: int, body: bytes = b"") -> bytes:
    return b"HTTP/1.1 403 N%d\r\nContent-Length: %d\r\n\r\n" % (number, len(body)) + body


def pairs(outcome: Outcome) -> list[tuple[bytes | None, bytes | None]]:
    """Targets and reason phrases, in the order of the frames."""
    found = sorted(outcome[0], key=lambda one: one.frames)
    return [(e.request.target if e.request else None, e.response.reason if e.response else None) for e in found]


def short_ones(seed: int) -> list[Segment]:
    """Many short connections, several at a time, some without a beginning or an end; some segments come again."""
    rng = random.Random(seed)
    hosts = rng.choice([3, 9, 40])
    talks: list[list[Segment]] = []
    for number in range(rng.choice([12, 30, 60])):
        talk = Dialogue(client=(A[0] + number % hosts, A[1] + number // hosts))
        talk = talk.open() if rng.random() < 0.9 else talk
        for word in range(rng.randrange(1, 4)):
            talk.says(0, get(word)).says(1, said(word))
        talks.append(talk.close(rng.randrange(2)).segments if rng.random() < 0.8 else talk.segments)
    out: list[Segment] = []
    for segment in side_by_side(rng, talks, 0.15):
        out.append(segment)
        if rng.random() < 0.1:
            out.append(rng.choice(out))
    return after_one_another(out)


@settings(max_examples=60, deadline=None)
@given(seed=st.integers(0, 2**32))
def test_what_is_forgotten(seed: int) -> None:
    segments = short_ones(seed)
    with mock.patch.multiple(assembly, MAX_ENDED=3, SWEEP=2, MAX_NUMBERS=12, MAX_CONNECTIONS=20):
        the_same(segments)


def test_an_answer_that_is_none_takes_no_part() -> None:
    """Its request is not given to the next one for certain, and what it acknowledges is known of the next."""
    talk = Dialogue().open()
    talk.says(0, get(1), False).says(1, b"HTTP/1.1 2040N1\r\nServer: x\r\n\r\n")
    talk.says(0, get(2), False).says(1, said(2)).says(0, get(3), False).says(1, said(3))
    found, _ = the_same(talk.close().segments)
    certain = [(e.request and e.request.target, e.response and e.response.reason) for e in found if e.certain]
    assert (b"/1", b"N2") not in certain
    assert {(b"/2", b"N2"), (b"/3", b"N3")} <= set(certain)


@pytest.mark.parametrize("side", [0, 1], ids=["upload", "download"])
def test_a_capture_begins_in_the_middle_of_a_large_body(side: int) -> None:
    """Neither who sent much and nothing that means anything, nor how much, decides who asks."""
    talk = Dialogue()
    rng = random.Random(side)
    talk.says(side, rng.randbytes(400_000), False)
    if side == 0:
        talk.says(1, said(0))
    for number in (1, 2, 3):
        talk.says(0, get(number), False).says(1, said(number, b"x" * 2000))
    outcome = the_same(talk.close().segments)
    assert [pair for pair in pairs(outcome) if pair[0]] == [(b"/%d" % n, b"N%d" % n) for n in (1, 2, 3)]


@pytest.mark.parametrize("ports", [(40000, 80), (80, 40000)])
@pytest.mark.parametrize("mss", [1, 3, 1448])
def test_who_asks_is_told_by_a_whole_line(mss: int, ports: tuple[int, int]) -> None:
    """``H`` begins HEAD, and HTTP as well; and what is not told by bytes is told by ports, but only then."""
    talk = Dialogue((A[0], ports[0]), (B[0], ports[1]), mss=mss)
    for number in (1, 2):
        talk.says(0, b"HEAD /%d HTTP/1.1\r\nHost: b\r\n\r\n" % number).says(1, said(number)[:-2] + b"\r\n")
    assert pairs(the_same(talk.close().segments)) == [(b"/1", b"N1"), (b"/2", b"N2")]


def test_text_in_the_middle_of_a_body_is_no_request() -> None:
    talk = Dialogue()
    talk.says(1, b"some text of a body without any end of line " * 60, False)
    talk.says(0, get(1)).says(1, said(1))
    assert (b"/1", b"N1") in pairs(the_same(talk.close().segments))


def test_a_row_without_an_ack_counts_as_what_was_acknowledged_before() -> None:
    talk = Dialogue().open()
    for number in (1, 2, 3):
        talk.says(0, get(number), False).says(1, said(number), False)
    segments = [replace(s, flags=s.flags & ~ACK) if b"N2" in s.payload else s for s in talk.close().segments]
    found, _ = the_same(segments)
    certain = [e for e in found if e.certain and e.request and e.response]
    assert [(e.request.target, e.response.reason) for e in certain if e.request and e.response] == [(b"/1", b"N1")]


def test_times_of_a_message_are_those_of_all_its_segments() -> None:
    talk = Dialogue(mss=100).open().says(0, get(1)).says(1, said(1, b"x" * 450)).close()
    segments = [
        replace(s, time=s.time + 900 * MS) if len(s.payload) == 100 and at == 7 else s
        for at, s in enumerate(talk.segments)
    ]
    (one,), _ = the_same(segments)
    assert one.response is not None
    assert one.response.last_time == max(s.time for s in segments if s.src[1] == 80 and s.payload)


def test_what_had_waited_is_no_part_of_the_batch() -> None:
    """An answer comes late, in the next batch, and behind it what the batch before had brought already."""
    talk = Dialogue().open()
    for number in range(60):
        talk.says(0, get(number), False).says(1, b"HTTP/1.1 200 N%d\r\nContent-Length: 0\r\n\r\n" % number, False)
    segments = talk.close().segments
    late = segments.pop(next(at for at, s in enumerate(segments) if b" N20\r" in s.payload))
    segments.insert(next(at for at, s in enumerate(segments) if b" N30\r" in s.payload), late)
    segments = [replace(s, time=at * MS) for at, s in enumerate(segments)]
    want = read(segments, 1)
    for size in range(40, 70):
        for fast in (True, False):
            assert read(segments, size, fast=fast, all=False, context=0)[1] == want[1]


def test_small_exchanges_behind_more_than_two_gibibytes() -> None:
    talk = Dialogue().open().says(0, get(0), False)
    talk.says(1, b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % (5 << 29), False)
    for _ in range(160):  # of which the capture holds nothing
        talk.segments.append(Segment(B, A, talk.next[1], talk.next[0], ACK, b"", talk.time, 1 << 24))
        talk.next[1] += 1 << 24
        talk._put(0, ACK)
    for number in range(60):
        talk.says(0, get(number), False).says(1, b"HTTP/1.1 200 N%d\r\nContent-Length: 0\r\n\r\n" % number, False)
    segments = [replace(s, ack=s.ack % 2**32) for s in talk.segments]
    for size in (None, 100):
        for fast in (True, False):
            _, counts = read(segments, size, fast=fast, all=False, context=0)
            assert counts[:6] == (1, 61, 0, 0, 0, 0)


@pytest.mark.parametrize("lost", [1, 2, 4])
@pytest.mark.parametrize(("step", "count"), [(1 << 23, 400), (1 << 23, 600), ((1 << 24) - 1, 170)])
def test_a_client_acknowledges_gibibytes_and_nothing_else_between(step: int, count: int, lost: int) -> None:
    """In 32 bits the first acknowledgement of such a stretch is ahead of the last."""
    talk = Dialogue().open().says(0, get(0), False)
    talk.says(1, b"HTTP/1.1 200 N0\r\nContent-Length: %d\r\n\r\n" % (step * count), False)
    for _ in range(count):
        talk.segments.append(Segment(B, A, talk.next[1], talk.next[0], ACK, b"", talk.time, step))
        talk.next[1] += step
        talk._put(0, ACK)
    for number in range(1, 6):
        talk.says(0, get(number), False).says(1, said(number), False)
    gone = get(lost)
    segments = [replace(s, ack=s.ack % 2**32) for s in talk.segments if s.payload != gone]
    found, _ = the_same(segments)
    certain = [e.request.target for e in found if e.certain and e.request and e.response]
    assert certain == [b"/%d" % number for number in range(6) if number != lost]


def test_an_end_that_is_known_is_not_there_yet() -> None:
    """Half a head, whose rest is the next request, and the end of the connection in the same batch: its answer waits
    for the rest, also where what follows is going to be passed over."""
    talk = Dialogue().open().says(0, get(0)).says(1, said(0))
    talk.says(0, b"GET /1 HTTP/1.1\r\nHost: b\r\n-\n", False).says(1, said(1))
    for number in range(2, 40):
        talk.says(0, get(number), False)
        talk.says(1, b"HTTP/1.1 200 N%d\r\nContent-Length: 0\r\n\r\n" % number, False)
    segments = talk.close().segments
    want = read(segments, 1)
    for size in SIZES:
        for fast in (True, False):
            assert read(segments, size, fast=fast, all=False, context=0)[1] == want[1]


def test_a_copied_piece_begins_inside_a_segment() -> None:
    """Behind a damaged head another message begins in the middle of a segment, where nobody begins one."""
    broken = b"HTTP/1.1 2040N1\r\nServer: x\r\n\r\n"
    talk = Dialogue().open().says(0, get(1), False)
    talk.says(1, broken + b"x" + said(7), False).says(0, get(2), False).says(1, said(2))
    outcome = the_same(talk.close().segments)
    assert b"N7" not in [reason for _, reason in pairs(outcome)]


def test_what_follows_an_end_is_not_read() -> None:
    talk = Dialogue().open().says(0, get(1)).says(1, said(1)).close()
    late = Segment(A, B, talk.next[0], talk.next[1], ACK | PSH, get(2), talk.time + MS)
    assert pairs(the_same([*talk.segments, late])) == [(b"/1", b"N1")]
