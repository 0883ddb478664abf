"""Segments dropped at random: what is called certain is right, and failures are found whatever else is lost."""

from __future__ import annotations

import random
from dataclasses import replace

import pytest

from analyzer.http import Engine, Want
from analyzer.model.http import Exchange
from analyzer.model.packets import SYN
from analyzer.model.streams import TcpTiming
from tests.support.batches import MS, A, Dialogue, Segment, Tuples
from tests.support.numbered import CLIENTS, Numbered, number_of, numbered


def read(segments: list[Segment], size: int | None = None) -> list[Exchange]:
    """All exchanges. Timing tells about the moment at which an exchange was given, so it is left out."""
    found = Engine(Tuples(segments, size), Want(all=True)).run()
    found = (replace(e, connection=replace(e.connection, timing=TcpTiming())) for e in found)
    return sorted(found, key=lambda e: (e.connection.stream, e.frames, e.request is None))


def wrong(found: list[Exchange]) -> list[Exchange]:
    """Certain pairs whose numbers differ. A decoy has no number."""
    return [
        e
        for e in found
        if e.certain
        and e.request is not None
        and e.response is not None
        and number_of(e.request.target) != number_of(e.response.reason, -1)
    ]


def certain(found: list[Exchange]) -> int:
    return sum(e.certain and e.request is not None and e.response is not None for e in found)


def missed(talk: Numbered, kept: list[Segment], found: list[Exchange]) -> set[int]:
    """Failures whose status line is in the capture, and which are reported neither by it nor by their body."""
    here = set(kept)
    seen = {number_of(e.response.reason) for e in found if e.response is not None}
    text = b"".join(e.response.body.data or b"" for e in found if e.response is not None)
    there = {number for number, carriers in talk.failures.items() if here.issuperset(carriers)}
    return {number for number in there - seen if b">N%d<" % number not in text}


#: client, share of lost segments → least share of exchanges that must be paired for certain. (Of a connection whose
#: first request is lost none is.)
RATES = [
    ("waits", 0.0, 1.0), ("waits", 0.0005, 0.99), ("waits", 0.005, 0.97), ("waits", 0.02, 0.93),
    ("waits", 0.05, 0.85), ("waits", 0.2, 0.45),
    ("bursts", 0.0, 1.0), ("bursts", 0.0005, 0.99), ("bursts", 0.005, 0.9), ("bursts", 0.02, 0.8),
    ("bursts", 0.05, 0.65), ("bursts", 0.2, 0.15),
    ("window", 0.0, 1.0), ("window", 0.0005, 0.97), ("window", 0.005, 0.8), ("window", 0.02, 0.5),
]  # fmt: skip


@pytest.mark.parametrize(("client", "rate", "share"), RATES)
def test_certain_pairs_are_right(client: str, rate: float, share: float) -> None:
    sure = asked = 0
    for seed in range(8):
        rng = random.Random(seed)
        talk = numbered(rng, client, 20, 3)
        kept = [s for s in talk.segments if rng.random() >= rate]
        found = read(kept, (None, 1, 7, 64)[seed % 4])
        assert not wrong(found)
        if client == "waits":
            assert not missed(talk, kept, found)
        sure, asked = sure + certain(found), asked + len(talk.asked)
    assert sure >= share * asked


@pytest.mark.parametrize("client", CLIENTS)
@pytest.mark.parametrize("rate", [0.0, 0.005, 0.1])
def test_what_is_left_does_not_depend_on_batches(client: str, rate: float) -> None:
    for seed in range(3):
        rng = random.Random(seed)
        talk = numbered(rng, client, 6, 3, handshake=seed < 2)
        kept = [s for s in talk.segments if rng.random() >= rate]
        want = read(kept)
        for size in (1, 2, 3, 5, 16):
            assert read(kept, size) == want


def beginning_lost(rng: random.Random, segments: list[Segment], how: str) -> list[Segment]:
    """Without the first requests, or the first answers, or some of what comes first. The handshake stays."""
    said = [s for s in segments if s.payload]
    asked, told = ([s for s in said if (s.src[0] == A[0]) == client] for client in (True, False))
    lost = {
        "a request": set(asked[:1]),
        "two requests": set(asked[:2]),
        "an answer": set(told[:1]),
        "both": {asked[0], told[0]},
        "some": {s for s in segments[:12] if rng.random() < 0.3 and not s.flags & SYN},
    }[how]
    return [s for s in segments if s not in lost]


@pytest.mark.parametrize("how", ["a request", "two requests", "an answer", "both", "some"])
@pytest.mark.parametrize("client", CLIENTS)
def test_certain_pairs_are_right_when_the_beginning_is_lost(client: str, how: str) -> None:
    for seed in range(60):
        rng = random.Random(seed)
        talk = numbered(rng, client, rng.choice([3, 6, 20]), 1)
        kept = beginning_lost(rng, talk.segments, how)
        if rng.random() < 0.3:
            kept = [s for s in kept if rng.random() >= 0.02 or s.flags & SYN]
        assert not wrong(read(kept, (None, 1, 7)[seed % 3]))


def test_what_was_lost_behind_the_first_exchange_leaves_the_rest_certain() -> None:
    """A client that waits, nothing lost, or one request in the middle: what is marked is what was lost."""
    for seed in range(40):
        rng = random.Random(seed)
        talk = numbered(rng, "waits", 12, 1)
        assert certain(read(talk.segments)) == 12
        asked = [s for s in talk.segments if s.src[0] == A[0] and s.payload.startswith((b"GET /", b"HEAD /", b"DEL"))]
        middle = [s for s in asked if number_of(s.payload.split()[1]) in range(3, 9)]
        if middle:
            gone = rng.choice(middle)
            assert certain(read([s for s in talk.segments if s is not gone])) >= 11


def get(number: int, method: bytes = b"GET") -> bytes:
    return b"%s /%d HTTP/1.1\r\nHost: b\r\n\r\n" % (method, number)


def said(number: int, length: int = 0, body: bytes | None = None) -> bytes:
    body = b"y" * length if body is None else body
    return b"HTTP/1.1 403 N%d\r\nContent-Length: %d\r\n\r\n" % (number, length or len(body)) + body


#: What each principle of the pairing is there for: turns (side, bytes, are they in the capture), and what is certain.
Turns = list[tuple[int, bytes, bool]]
CASES: dict[str, tuple[Turns, list[int]]] = {
    "the answer of a lost request is nobody else's": (
        [(0, get(1), False), (0, get(2), True), (1, said(1), True), (1, said(2), True)],
        [],
    ),
    "a client that was seen to wait: behind a lost exchange the order counts again": (
        [
            (0, get(1), True), (1, said(1), True), (0, get(2), False), (1, said(2), True),
            (0, get(3), True), (1, said(3), True), (0, get(4), True), (1, said(4), True),
        ],
        [1, 3, 4],
    ),
    "the answer is lost: the next request acknowledges it": (
        [(0, get(1), True), (1, said(1), False), (0, get(2), True), (1, said(2), True)],
        [2],
    ),
    "a lost request before one that was sent with it": (
        [
            (0, get(1), True), (1, said(1), True), (0, get(2), False), (0, get(3), True),
            (1, said(2) + said(3), True), (0, get(4), True), (1, said(4), True),
        ],
        [1, 4],
    ),
    "the final answer behind an interim one is lost": (
        [
            (0, get(1), True), (1, b"HTTP/1.1 100 Continue\r\n\r\n", True), (1, said(1), False),
            (0, get(2), True), (1, said(2), True),
        ],
        [2],
    ),
    "an answer to a lost HEAD has no body": (
        [
            (0, get(1), True), (1, said(1), True), (0, get(2, b"HEAD"), False), (1, said(2, 500, b""), True),
            (0, get(3), True), (1, said(3), True),
        ],
        [1, 3],
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_principles(name: str) -> None:
    turns, want = CASES[name]
    talk = Dialogue().open()
    lost: list[Segment] = []
    for side, data, captured in turns:
        first = len(talk.segments)
        talk.says(side, data, side == 1)
        lost += [] if captured else talk.segments[first : first + 1]
    kept = [s for s in talk.close(0).segments if s not in lost]
    for size in (None, 1):
        found = read(kept, size)
        assert not wrong(found)
        pairs = [e.request for e in found if e.certain and e.response is not None]
        assert [number_of(r.target) for r in pairs if r is not None] == want


def test_an_acknowledgement_tells_where_the_peer_stands() -> None:
    """The server's SYN and its first answer are lost: the second answer is not taken for the first."""
    talk = Dialogue().open().says(0, get(1)).says(1, said(1)).says(0, get(2)).says(1, said(2)).close(0)
    kept = [s for s in talk.segments if s.src == A or b"N2" in s.payload]
    for size in (None, 1):
        (one, two) = read([replace(s, time=i * MS) for i, s in enumerate(kept)], size)
        assert one.response is None
        assert (number_of(two.request.target), two.certain) == (2, True) if two.request else False
