"""Which exchanges of a batch are plain, and which of them follow each other without anything between."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest

from analyzer.http.stretches import Plain, plain_of
from analyzer.tcp.columns import sort_batch
from tests.support.batches import MS, Dialogue, Segment, Tuples, after_one_another

LEAST = 400


def ask(number: int, method: bytes = b"GET") -> bytes:
    return b"%s /%d HTTP/1.1\r\nHost: b.example\r\n\r\n" % (method, number)


def tell(body: bytes = b"abc", status: int = 200) -> bytes:
    return b"HTTP/1.1 %d X\r\nContent-Length: %d\r\n\r\n%s" % (status, len(body), body)


def plain(segments: Sequence[Segment]) -> Plain:
    """The first batch's; enough bytes behind it that something can be looked at."""
    batch = next(Tuples([*segments, replace(segments[-1], payload=bytes(200))], None).batches())
    batch = batch.part(0, len(segments))
    found = plain_of(sort_batch(batch, lambda place, length: b""), LEAST)
    assert found is not None
    return found


def stretches(segments: Sequence[Segment]) -> list[list[tuple[int, int]]]:
    """(frame of the request, frame of the answer) of each exchange, stretch by stretch."""
    found = plain(segments)
    frame = found.rows.frame
    pairs = [(frame[a], frame[t]) for a, t in zip(found.asks.tolist(), found.tells.tolist(), strict=True)]
    return sorted(pairs[begin:behind] for begin, behind in zip(found.begin, found.behind, strict=True))


def test_exchanges_that_follow_each_other_are_one_stretch() -> None:
    talk = Dialogue().open()
    for number in range(3):
        talk.says(0, ask(number), answered=number == 1).says(1, tell(), answered=number == 0)
    assert stretches(talk.segments) == [[(4, 5), (7, 9), (10, 11)]]


def test_connections_do_not_disturb_each_other() -> None:
    one, other = Dialogue(), Dialogue(client=(0x0A000006, 40001))
    for number in range(3):
        for talk in (one, other):
            talk.says(0, ask(number), answered=False)
        for talk in (other, one):
            talk.says(1, tell(), answered=False)
    mixed = sorted([*one.segments, *other.segments], key=lambda s: s.time)
    found = stretches(mixed)
    assert [len(stretch) for stretch in found] == [3, 3]
    for stretch in found:
        assert all(mixed[a - 1].src == mixed[t - 1].dst for a, t in stretch)


@pytest.mark.parametrize(
    ("middle", "answer"),
    [
        (ask(1), tell(status=403)),  # refused
        (ask(1, b"HEAD"), tell()),  # a HEAD request with a body in its answer
        (ask(1) + ask(2), tell() + tell()),  # two at once
        (ask(1), tell() + b"x"),  # not all of the answer
        (b"x" + ask(1), tell()),
    ],
)
def test_what_is_not_plain_parts_two_stretches(middle: bytes, answer: bytes) -> None:
    talk = Dialogue()
    talk.says(0, ask(0), answered=False).says(1, tell(), answered=False)
    talk.says(0, middle, answered=False).says(1, answer, answered=False)
    talk.says(0, ask(3), answered=False).says(1, tell(), answered=False)
    assert stretches(talk.segments) == [[(1, 2)], [(5, 6)]]


def test_an_answer_belongs_where_both_acknowledge_each_other() -> None:
    talk = Dialogue().says(0, ask(0), answered=False).says(1, tell(), answered=False)
    asked, told = talk.segments
    assert stretches([asked, told]) == [[(1, 2)]]
    assert stretches([replace(asked, ack=asked.ack + 1), told]) == []
    assert stretches([asked, replace(told, ack=told.ack - 1)]) == []
    assert stretches([told, asked]) == []
    assert stretches([asked, replace(told, dst=(told.dst[0], told.dst[1] + 1))]) == []


def test_a_request_that_comes_again_parts_two_stretches() -> None:
    """Between the original and the copy a run ends; with the copy, the next one begins."""
    talk = Dialogue()
    for number in range(3):
        talk.says(0, ask(number), answered=False).says(1, tell(), answered=False)
    segments = talk.segments
    segments.insert(3, segments[2])
    assert stretches(after_one_another(segments)) == [[(1, 2)], [(4, 5), (6, 7)]]


def test_numbers_that_wrap_around() -> None:
    talk = Dialogue(isn=(2**32 - 50, 2**32 - 60))
    for number in range(3):
        talk.says(0, ask(number), answered=False).says(1, tell(), answered=False)
    assert stretches(talk.segments) == [[(1, 2), (3, 4), (5, 6)]]


def test_stretches_are_found_by_the_place_of_their_first_request() -> None:
    talks = [Dialogue(client=(0x0A000005, 40000 + number), start=number * MS // 10) for number in range(9)]
    for talk in talks:
        talk.says(0, ask(0), answered=False).says(1, tell(), answered=False)
    found = plain(sorted((s for talk in talks for s in talk.segments), key=lambda s: s.time))
    assert found.first == sorted(found.first)
    assert len(found.first) == 9
    for number, place in enumerate(found.first):
        assert found.asks[found.begin[number]] == place
        assert list(found.between(place, place + 1)) == [number]
    assert list(found.between(0, len(found.rows.frame))) == list(range(9))


def test_a_batch_of_large_segments_is_not_looked_at() -> None:
    talk = Dialogue().says(0, ask(0)).says(1, tell(bytes(100_000)))
    batch = next(Tuples(talk.segments).batches())
    assert plain_of(sort_batch(batch, lambda place, length: b""), LEAST) is None
