"""When exchanges began: nothing is lost, whatever the order and the batches; memory has a bound."""

from __future__ import annotations

import random
from collections import Counter

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analyzer.http import Engine, Want, activity
from analyzer.http.activity import FEW, SLOTS, Activities, Moments
from analyzer.model.report import Activity
from analyzer.model.streams import Connection, Endpoint
from tests.http.test_regular import traffic
from tests.support.batches import Tuples

TIMES = st.lists(st.integers(0, 2**62) | st.integers(10**18, 10**18 + 10**10), max_size=400)


def told(moments: Moments) -> tuple[tuple[int, int], ...]:
    return moments.placed(*moments.counts())


@given(TIMES)
def test_every_time_is_counted_in_a_bounded_number_of_places(times: list[int]) -> None:
    moments = Moments()
    for time in times:
        moments.add(time)
    places = told(moments)
    assert len(moments) == len(times) == sum(number for _, number in places)
    assert len(places) <= max(FEW, SLOTS)
    if len(times) <= FEW:
        assert places == tuple(sorted(Counter(times).items()))
        return
    width = max(1 << 20, (max(times) - min(times)) // (SLOTS // 2 - 1))
    for (place, _), time in zip(((p, n) for p, n in places for _ in range(n)), sorted(times), strict=True):
        assert abs(place - time) <= width
        assert min(times) <= place <= max(times)


@given(TIMES, st.randoms(use_true_random=False), st.integers(1, 90))
def test_the_order_and_the_portions_do_not_matter(times: list[int], rng: random.Random, size: int) -> None:
    one, other = Moments(), Moments(room=300)
    one.add_all(np.array(times, np.int64))
    rng.shuffle(times)
    for at in range(0, len(times), size):
        other.add_all(np.array(times[at : at + size], np.int64))
    assert told(one) == told(other)


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 2**32), st.sampled_from([None, 1, 7, 40]), st.integers(0, 4))
def test_all_exchanges_of_a_capture_are_told(seed: int, size: int | None, most: int) -> None:
    segments = traffic(seed)
    every = Engine(Tuples(segments), Want(all=True))
    times = Counter(exchange.began for exchange in every.run())
    engine = Engine(Tuples(segments, size), Want(context=2))
    failures = [e for e in engine.run() if e.response is not None and engine.want.failing(e.response.status)]
    lanes = engine.activity.told((), most)
    assert len(lanes) <= most + 1
    assert sum(number for lane in lanes for _, number in lane.moments) == times.total() == engine.stats.exchanges
    findings = [(one.connection.stream, one.began) for one in failures]
    rest = engine.activity.told(findings, most)
    assert sum(number for lane in rest for _, number in lane.moments) == times.total() - len(failures)
    if times.total() <= FEW:
        assert sum((Counter(dict(lane.moments)) for lane in lanes), Counter()) == times


def lane(number: int) -> Connection:
    return Connection(number, Endpoint(bytes(4), number), Endpoint(bytes(4), 80), handshake=True)


@pytest.mark.parametrize("count", [1, FEW, 1000])
def test_connections_with_findings_come_before_others(count: int) -> None:
    activities = Activities()
    for number in range(5):
        moments = activities.new()
        if number < 3 or number == 4:
            activities.keep(lane(number), moments)
        for step in range(count):
            activities.add(moments, 10**18 + step * 10**7 + number)
    assert activities.told([(4, 10**18 + 4)], 2) == (
        Activity((lane(0).client, lane(0).server), 1, _told(0, count)),
        *((Activity((lane(4).client, lane(4).server), 1, _told(4, count, less=1)),) if count > 1 else ()),
        Activity(None, 3, activities.told([(4, 10**18 + 4)], 2)[-1].moments),
    )
    assert sum(number for _, number in activities.told((), 2)[-1].moments) == 3 * count


@given(st.permutations(range(12)))
def test_too_many_connections_are_those_with_the_lowest_numbers(order: list[int]) -> None:
    activities = Activities()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(activity, "KEPT", 5)
        for number in order:
            moments = activities.new()
            activities.keep(lane(number), moments)
            activities.add(moments, 10**18 + number)
    told = activities.told((), 9)
    assert [one.ends[0].port for one in told if one.ends is not None] == [0, 1, 2, 3, 4]
    assert told[-1] == Activity(None, 7, tuple((10**18 + number, 1) for number in range(5, 12)))


def _told(number: int, count: int, less: int = 0) -> tuple[tuple[int, int], ...]:
    moments = Moments()
    moments.add_all(np.array([10**18 + step * 10**7 + number for step in range(count)], np.int64))
    shift, counts = moments.counts()
    counts[(10**18 + number) >> shift] -= less
    return moments.placed(shift, +counts)
