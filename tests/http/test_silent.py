"""Connections on which nobody speaks: they cost little, and nothing is lost when somebody does."""

from __future__ import annotations

import gc
import random
from dataclasses import replace
from pathlib import Path
from typing import Any
from unittest import mock

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analyzer.capture import open_captures
from analyzer.http import Engine, Want
from analyzer.http.framing import Framer
from analyzer.http.stream import Stream
from analyzer.tcp import assembly, past
from analyzer.tcp.connection import Conn
from tests.http.test_batches import get, said, the_same
from tests.http.test_regular import exchange, rows
from tests.http.test_regular import found as found_in
from tests.support.accidents import KINDS, befallen
from tests.support.batches import ACK, FIN, RST, SYN, A, B, Dialogue, Segment, Tuples, after_one_another, side_by_side

CAPTURES = Path(__file__).parents[2] / "captures"


def flood(count: int) -> list[Segment]:
    """A host that opens connections and never goes on."""
    return [Segment((A[0] + 1, 1024 + n), B, 7 * n, 0, SYN) for n in range(count)]


def most_alive(engine: Engine, kinds: tuple[type, ...]) -> int:
    """How many objects of these kinds live at most, after each batch, with nobody who looks for cycles."""
    alive: list[int] = []
    gc.collect()
    gc.disable()
    try:
        for _ in engine._batches():
            alive.append(sum(isinstance(one, kinds) for one in gc.get_objects()))
    finally:
        gc.enable()
    return max(alive)


def test_a_flood_leaves_nothing_behind() -> None:
    """Memory is given back by counting: no collector has to find it."""
    engine = Engine(Tuples(after_one_another(flood(3000)), 300), Want())
    with mock.patch.multiple(assembly, MAX_ENDED=20, MAX_UNHEARD=50, SWEEP=10, MAX_NUMBERS=60):
        alive = most_alive(engine, (Conn,))
    assert engine.stats.streams == 3000
    assert alive <= 50 + 50 // 4 + 10


def sealed() -> list[tuple[int, bytes]]:
    """What both sides of a recorded TLS session say."""
    said: list[tuple[int, bytes]] = []
    for batch in open_captures([CAPTURES / "https.pcapng"]).batches():
        for row in np.flatnonzero(batch.length):
            at = int(batch.offset[row])
            side = int((int(batch.ports[row]) >> 16) == 443)
            said.append((side, bytes(batch.buffer[at : at + int(batch.length[row])])))
    return said


def test_tls_sessions_leave_nothing_behind() -> None:
    said = sealed()
    segments: list[Segment] = []
    for number in range(120):
        talk = Dialogue(client=(A[0] + number, A[1])).open()
        for side, data in said:
            talk.says(side, data, False)
        segments += talk.close().segments
    engine = Engine(Tuples(after_one_another(segments), 90), Want())
    with mock.patch.multiple(assembly, MAX_ENDED=10, SWEEP=5), mock.patch.object(past, "RETIRED_ROWS", 100):
        alive = most_alive(engine, (Framer, Conn))
    assert engine.stats.encrypted == 120
    assert alive < 40


def test_who_was_forgotten_before_the_first_word_is_heard_all_the_same() -> None:
    talk = Dialogue().open().says(0, get(1)).says(1, said(1)).close()
    segments = after_one_another([talk.segments[0], *flood(400), *talk.segments[1:]])
    with mock.patch.multiple(assembly, MAX_ENDED=20, MAX_UNHEARD=50, SWEEP=10, MAX_NUMBERS=1000):
        (found,), _ = the_same(segments)
    assert found.connection.stream == 0
    assert found.certain
    assert found.request is not None
    assert found.request.target == b"/1"


def short_connections(seed: int) -> list[Segment]:
    """One exchange each, several at a time, some without a beginning or an end; and what befell them."""
    rng = random.Random(seed)
    talks: list[list[Segment]] = []
    for number in range(40):
        talk = Dialogue(client=(A[0] + number, A[1]), mss=rng.choice([1448, 1448, 1448, 60]))
        talk = talk.open() if rng.random() < 0.9 else talk
        for step in range(rng.choice([1, 1, 1, 1, 0, 2])):
            ask, tell = exchange(rng, 100 * number + step)
            quiet = rng.random() < 0.5
            talk.says(0, ask, answered=not quiet).says(1, tell, answered=not quiet)
        talk = talk.close(rng.randrange(2)) if rng.random() < 0.9 else talk
        if rng.random() < 0.1 and talk.segments:
            talk.segments.append(replace(talk.segments[-1], flags=RST, payload=b""))
        talks.append(talk.segments)
    out = side_by_side(rng, talks, 0.3)
    again = rng.choices(out, k=rng.choice([0, 9]))  # long after, some with other bytes
    for segment in again:
        changed = replace(segment, payload=segment.payload[::-1]) if rng.random() < 0.3 else segment
        out.insert(rng.randrange(len(out)), changed)
    return befallen(rng, out, "".join(rng.sample(KINDS, rng.choice([0, 0, 1, 2, 4]))))


@settings(max_examples=120, deadline=None)
@given(st.integers(0, 2**32), st.sampled_from([None, 3, 60]), st.booleans())
def test_counting_short_connections_changes_nothing(seed: int, size: int | None, again: bool) -> None:
    segments = short_connections(seed)
    assert found_in(segments, size, again, fast=True) == found_in(segments, size, again, fast=False)
    assert rows(segments, size, brief=True) == rows(segments, size, brief=False)


def test_most_short_connections_are_only_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[Conn] = []
    begin = Stream.__init__

    def counted(self: Stream, conn: Conn, *more: Any) -> None:
        made.append(conn)
        begin(self, conn, *more)

    monkeypatch.setattr(Stream, "__init__", counted)
    segments = []
    for number in range(200):
        status = 403 if number == 100 else 200
        talk = Dialogue(client=(A[0] + number, A[1])).open().says(0, get(number))
        talk.says(1, b"HTTP/1.1 %d X\r\nContent-Length: 1\r\n\r\nx" % status)
        segments += talk.close(number % 2).segments
    engine = Engine(Tuples(after_one_another(segments)), Want(context=4))
    targets = [e.request.target for e in engine.run() if e.request]
    assert targets == [b"/100", b"/0", b"/1", b"/2", b"/3"]
    assert engine.stats.exchanges == 200
    assert [conn.stream for conn in made] == [0, 1, 2, 3, 100, 199]  # the last stands at the end of the buffer


@pytest.mark.parametrize("side", [0, 1])
def test_a_side_that_ends_without_a_word(side: int) -> None:
    talk = Dialogue().open()
    ends = (A, B) if side == 0 else (B, A)
    talk.segments.append(Segment(*ends, talk.next[side], talk.next[1 - side], FIN | ACK, b"", talk.time))
    talk.says(1 - side, said(1) if side == 0 else get(1), False)
    (found,), counts = the_same(talk.segments)
    assert (found.request is None, found.response is None) == (side == 0, side == 1)
    assert counts[1] == 1
