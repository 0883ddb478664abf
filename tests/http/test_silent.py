"""Connections on which nobody speaks: they cost little, and nothing is lost when somebody does."""

from __future__ import annotations

import gc
from dataclasses import replace
from unittest import mock

import pytest

from analyzer.http import Engine, Want
from analyzer.tcp import assembly
from analyzer.tcp.connection import Conn
from tests.http.test_batches import get, said, the_same
from tests.support.batches import ACK, FIN, MS, SYN, A, B, Dialogue, Segment, Tuples


def flood(count: int) -> list[Segment]:
    """A host that opens connections and never goes on."""
    return [Segment((A[0] + 1, 1024 + n), B, 7 * n, 0, SYN) for n in range(count)]


def after_one_another(segments: list[Segment]) -> list[Segment]:
    return [replace(segment, time=at * MS) for at, segment in enumerate(segments)]


def test_a_flood_leaves_nothing_behind() -> None:
    """Memory is given back by counting: no collector has to find it."""
    alive: list[int] = []
    limits = mock.patch.multiple(assembly, MAX_ENDED=20, MAX_UNHEARD=50, SWEEP=10, MAX_NUMBERS=60)
    gc.collect()
    gc.disable()
    try:
        with limits:
            engine = Engine(Tuples(after_one_another(flood(3000)), 300), Want())
            for _ in engine._batches():
                alive.append(sum(isinstance(one, Conn) for one in gc.get_objects()))
    finally:
        gc.enable()
    assert engine.stats.streams == 3000
    assert max(alive) <= 50 + 50 // 4 + 10


def test_who_was_forgotten_before_the_first_word_is_heard_all_the_same() -> None:
    talk = Dialogue().open().says(0, get(1)).says(1, said(1)).close()
    segments = after_one_another([talk.segments[0], *flood(400), *talk.segments[1:]])
    with mock.patch.multiple(assembly, MAX_ENDED=20, MAX_UNHEARD=50, SWEEP=10, MAX_NUMBERS=1000):
        (found,), _ = the_same(segments)
    assert found.connection.stream == 0
    assert found.certain
    assert found.request is not None
    assert found.request.target == b"/1"


@pytest.mark.parametrize("side", [0, 1])
def test_a_side_that_ends_without_a_word(side: int) -> None:
    talk = Dialogue().open()
    ends = (A, B) if side == 0 else (B, A)
    talk.segments.append(Segment(*ends, talk.next[side], talk.next[1 - side], FIN | ACK, b"", talk.time))
    talk.says(1 - side, said(1) if side == 0 else get(1), False)
    (found,), counts = the_same(talk.segments)
    assert (found.request is None, found.response is None) == (side == 0, side == 1)
    assert counts[1] == 1
