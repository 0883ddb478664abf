"""Which request is which: evidence in order, one to one, and what is said where it is not certain."""

from __future__ import annotations

from itertools import count

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analyzer.compare import Limits
from analyzer.model.comparison import CompareReport, Evidence, Way
from analyzer.model.http import Exchange
from tests.compare.messages import SECOND
from tests.compare.sides import FAR, NEAR, answered, asked, compared, exchange, unsigned

OFFSET = 7 * SECOND


def near(request: bytes, answer: bytes | None, at: float = 0.0, stream: int = 0) -> Exchange:
    return exchange(request, answer, at=int(at * SECOND), took=50_000_000, stream=stream, ends=NEAR)


def far(request: bytes, answer: bytes | None, at: float = 0.0, stream: int = 0) -> Exchange:
    return exchange(request, answer, at=int(at * SECOND) + OFFSET + 5_000_000, took=30_000_000, stream=stream, ends=FAR)


def pairs(report: CompareReport) -> list[tuple[int, int, Evidence, int]]:
    """(times of both sides in tenths of seconds, first evidence, rivals)"""

    def at(found: Exchange, offset: int) -> int:
        assert found.request is not None
        return round((found.request.first_time - offset) / SECOND * 10)

    return [(at(p.near.exchange, 0), at(p.far.exchange, OFFSET), p.evidence[0], p.rivals) for p in report.pairs]


def test_the_strongest_evidence_comes_first() -> None:
    """The second request of the one side has the signature of the first of the other, and its own request id."""
    ours = [near(asked(), answered(b"ID1")), near(asked(), answered(b"ID2"), 1)]
    theirs = [far(asked(), answered(b"ID2"), 1), far(asked(), answered(b"ID1"))]
    assert pairs(compared(ours, theirs)) == [(0, 0, Evidence.REQUEST_ID, 0), (10, 10, Evidence.REQUEST_ID, 0)]


def test_without_ids_the_signature_decides() -> None:
    ours = [near(asked(signature=b"A" * 27 + b"="), None), near(asked(signature=b"B" * 27 + b"="), None, 1)]
    theirs = [far(asked(signature=b"B" * 27 + b"="), None, 1), far(asked(signature=b"A" * 27 + b"="), None)]
    assert [row[:3] for row in pairs(compared(ours, theirs))] == [
        (0, 0, Evidence.SIGNATURE),
        (10, 10, Evidence.SIGNATURE),
    ]


def test_equal_requests_without_ids_are_ambiguous_and_said_to_be_so() -> None:
    ours = [near(asked(), None, at) for at in (0, 1, 2)]
    theirs = [far(asked(), None, at) for at in (0, 1, 2)]
    report = compared(ours, theirs)
    assert pairs(report) == [
        (0, 0, Evidence.SIGNATURE, 2),
        (10, 10, Evidence.SIGNATURE, 2),
        (20, 20, Evidence.SIGNATURE, 2),
    ]
    assert "compare.ambiguous" in [told.key for told in report.notes]


def test_certain_pairs_set_the_clock_that_tells_equal_ones_apart() -> None:
    """One certain pair; of the equal requests the first is missing on the other side."""
    ours = [near(asked(b"/sure"), answered(b"ID")), *(near(unsigned(b"/x"), None, at) for at in (10, 20, 30))]
    theirs = [far(asked(b"/sure"), answered(b"ID")), *(far(unsigned(b"/x"), None, at) for at in (20, 30))]
    report = compared(ours, theirs)
    assert pairs(report) == [
        (0, 0, Evidence.REQUEST_ID, 0),
        (200, 200, Evidence.CONTENT, 0),
        (300, 300, Evidence.CONTENT, 0),
    ]
    assert [(one.reason, one.missing, one.candidates) for one in report.unmatched] == [("taken", False, 2)]


def test_target_and_time_where_the_body_differs_and_body_where_the_target_does() -> None:
    ours = [
        near(asked(b"/sure"), answered(b"ID")),
        near(unsigned(b"/x", b"one"), None, 1),
        near(unsigned(b"/y", b"b"), None, 2),
    ]
    theirs = [
        far(asked(b"/sure"), answered(b"ID")),
        far(unsigned(b"/x", b"two"), None, 1),
        far(unsigned(b"/z", b"b"), None, 2),
    ]
    assert [row[2] for row in pairs(compared(ours, theirs))] == [Evidence.REQUEST_ID, Evidence.TARGET, Evidence.BODY]


def test_different_request_ids_are_never_one_request() -> None:
    """A presigned URL used once here and once there."""
    report = compared([near(asked(), answered(b"ID1"))], [far(asked(), answered(b"ID2"))])
    assert report.way is Way.RUNS
    forced = compared([near(asked(), answered(b"ID1"))], [far(asked(), answered(b"ID2"))], Way.TRAFFIC)
    assert forced.pairs == ()
    assert forced.incomplete


def test_a_request_id_alone_does_not_join_what_has_nothing_in_common() -> None:
    ours = [near(asked(b"/a"), answered(b"ID", 403))]
    theirs = [far(asked(b"/b", b"B" * 27 + b"="), answered(b"ID", 200))]
    assert compared(ours, theirs).way is Way.RUNS


def test_a_cache_that_answers_with_a_stored_request_id() -> None:
    """Three clients get the same stored answer; the store saw one request."""
    ours = [near(asked(signature=b"%c" % (65 + n) * 27 + b"="), answered(b"ID"), n, n) for n in range(3)]
    theirs = [far(asked(), answered(b"ID"))]
    report = compared(ours, theirs)
    assert pairs(report) == [(0, 0, Evidence.REQUEST_ID, 0)]
    assert len(report.unmatched) == 2


def test_why_a_request_has_no_partner() -> None:
    sure = asked(b"/sure"), answered(b"ID")
    late = asked(b"/late", b"L" * 27 + b"="), answered(b"ID9")
    ours = [
        near(*sure),
        near(asked(b"/blocked", b"X" * 27 + b"="), answered(None, 403, b"squid"), 1),
        near(asked(b"/lost", b"Y" * 27 + b"="), None, 2),
        near(*late, 500),
        near(unsigned(b"/elsewhere"), answered(None, 200, b"other"), 3),
    ]
    theirs = [far(*sure), far(asked(b"/end"), answered(b"ID5"), 10)]
    found = {
        (one.sighting.exchange.request.target, one.reason, one.missing)
        for one in compared(ours, theirs).unmatched
        if one.sighting.exchange.request is not None
    }
    assert found == {
        (b"/blocked", "answered-on-the-way", True),
        (b"/lost", "not-found", True),
        (b"/late", "outside", False),
        (b"/elsewhere", "not-found", False),
        (b"/end", "not-found", True),
    }


def test_what_is_kept_is_bounded_and_the_rest_is_counted() -> None:
    limits = Limits(exchanges=2)
    ours = [near(asked(b"/%d" % n, b"%027d=" % n), answered(b"ID%d" % n), n) for n in range(5)]
    ours.append(near(asked(b"/bad", b"%027d=" % 9), answered(b"ID9", 403), 6))
    theirs = [far(asked(b"/%d" % n, b"%027d=" % n), answered(b"ID%d" % n), n) for n in range(5)]
    theirs.append(far(asked(b"/bad", b"%027d=" % 9), answered(b"ID9", 403), 6))
    report = compared(ours, theirs, limits=limits)
    assert [(side.kept, side.left_out) for side in report.sides] == [(3, 3), (3, 3)]
    assert (report.same, report.incomplete, report.found) == (3, True, False)
    assert [told.key for told in report.notes].count("compare.left-out") == 2
    few = Limits(bytes=10_000)
    assert compared(ours, theirs, limits=few).sides[0].left_out > 0


def test_only_so_many_pairs_are_told_one_by_one() -> None:
    limits = Limits(pairs=2)
    ours = [near(asked(b"/%d" % n, b"%027d=" % n), answered(b"ID%d" % n), n) for n in range(5)]
    theirs = [far(asked(b"/%d" % n, b"%027d=" % n, b"Via: p\r\n"), answered(b"ID%d" % n), n) for n in range(5)]
    report = compared(ours, theirs, limits=limits)
    assert (len(report.pairs), report.more, report.same) == (2, 3, 0)


def test_thousands_of_equal_requests_cost_little() -> None:
    ours = [near(asked(), None, n / 100) for n in range(2_000)]
    theirs = [far(asked(), None, n / 100) for n in range(2_000)]
    report = compared(ours, theirs)
    assert report.same == 2_000
    assert all(abs(row[0] - row[1]) <= 1 for row in pairs(report))


# Properties -----------------------------------------------------------------------------------------------------------

_KINDS = st.lists(
    st.tuples(
        st.sampled_from([b"/a", b"/b", b"http://h/a"]),
        st.sampled_from([b"A" * 27 + b"=", b"B" * 27 + b"="]),
        st.sampled_from([None, b"", b"ID"]),
        st.binary(max_size=2),
        st.sampled_from([200, 403]),
        st.integers(0, 3),
    ),
    max_size=8,
)


def capture(rows: list[tuple[bytes, bytes, bytes | None, bytes, int, int]]) -> list[Exchange]:
    """A capture; request ids are one of a kind."""
    numbers = count()
    return [
        exchange(
            asked(target, signature, body=body),
            None
            if request_id is None
            else answered(request_id + b"%d" % next(numbers) if request_id else None, status),
            at=at * SECOND,
            stream=stream,
        )
        for stream, (target, signature, request_id, body, status, at) in enumerate(rows)
    ]


@settings(max_examples=150)
@given(_KINDS)
def test_a_capture_compared_with_itself_has_no_changes(
    rows: list[tuple[bytes, bytes, bytes | None, bytes, int, int]],
) -> None:
    report = compared(capture(rows), capture(rows), Way.TRAFFIC)
    assert [pair.changes for pair in report.pairs] == [()] * len(rows)
    assert report.same == len(rows)
    assert not report.found


@settings(max_examples=100)
@given(_KINDS, _KINDS)
def test_matching_is_one_to_one(
    one: list[tuple[bytes, bytes, bytes | None, bytes, int, int]],
    other: list[tuple[bytes, bytes, bytes | None, bytes, int, int]],
) -> None:
    report = compared(capture(one), capture(other), Way.TRAFFIC)
    across = [pair for pair in report.pairs if not pair.in_one_capture]
    for side, rows in ((0, one), (1, other)):
        streams = [(p.near, p.far)[side].exchange.connection.stream for p in across]
        assert len(streams) == len(set(streams))
        alone = [u.sighting.exchange.connection.stream for u in report.unmatched if u.sighting.side == side]
        within = [s for p in report.pairs if p.in_one_capture for s in (p.near, p.far) if s.side == side]
        seen = {*streams, *alone, *(s.exchange.connection.stream for s in within)}
        assert seen == set(range(len(rows)))


@pytest.mark.parametrize("way", list(Way))
def test_empty_captures(way: Way) -> None:
    report = compared([], [], way)
    assert (report.pairs, report.found, report.incomplete) == ((), False, True)
