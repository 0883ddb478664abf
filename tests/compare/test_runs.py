"""A run that works beside one that fails: what sets the failing requests apart, and how sure that is."""

from __future__ import annotations

from itertools import count

import pytest

from analyzer.model.comparison import CompareReport, Evidence, Trait, Way
from analyzer.model.findings import Certainty
from analyzer.model.http import Exchange
from tests.compare.messages import SECOND
from tests.compare.sides import HOST, compared, exchange

REFUSAL = (
    b"<Error><Code>SignatureDoesNotMatch</Code><Message>The request signature we calculated does not match the "
    b"signature you provided.</Message><EC>0002-00000040</EC></Error>"
)
_numbers = count()


def run(*requests: tuple[bytes, bytes, bytes], fails: bool = False, agent: bytes = b"curl/7.29.0") -> list[Exchange]:
    """(method, target, headers) each; every request has its own signature and answer."""
    found = []
    for method, target, headers in requests:
        number = next(_numbers)
        head = method + b" " + target + b" HTTP/1.1\r\nHost: " + HOST + b"\r\nUser-Agent: " + agent + b"\r\n" + headers
        dated = b"Date: Tue, 14 May 2024 03:%02d:07 GMT\r\n" % (number % 60)
        signed = b"Authorization: OSS LTAI:%027d=\r\n\r\n" % number
        body = REFUSAL if fails else b""
        line = b"HTTP/1.1 403 Forbidden" if fails else b"HTTP/1.1 200 OK"
        answer = line + b"\r\nx-oss-request-id: %024X\r\nContent-Length: %d\r\n\r\n" % (number, len(body)) + body
        found.append(exchange(head + dated + signed, answer, at=number * SECOND, frame=2 * number + 1))
    return found


def named(report: CompareReport) -> dict[str, Trait]:
    return {trait.field: trait for trait in report.traits}


GOOD = (b"PUT", b"/a.txt", b"x-oss-meta-a: 1\r\nX-B: 2\r\n")
TYPED = (b"PUT", b"/a.txt", b"x-oss-meta-a: 1\r\nX-B: 2\r\nContent-Type: text/plain\r\n")


def test_a_header_that_only_the_failing_have() -> None:
    report = compared(run(GOOD, GOOD), run(TYPED, TYPED, fails=True, agent=b"curl/8.5.0"))
    assert report.way is Way.RUNS
    assert [pair.evidence for pair in report.pairs] == [(Evidence.SHAPE,)] * 2
    found = named(report)
    assert set(found) == {"header:content-type", "header:user-agent"}
    guilty = found["header:content-type"]
    assert (guilty.aspect, guilty.failing, guilty.working, guilty.signed) == ("presence", (2, 2), (0, 2), True)
    assert (guilty.certainty, guilty.value) == (Certainty.LIKELY, b"text/plain")
    assert found["header:user-agent"].certainty is Certainty.POSSIBLE
    assert report.found


def test_with_one_witness_of_each_nothing_is_likely() -> None:
    report = compared(run(GOOD), run(TYPED, fails=True))
    assert {trait.certainty for trait in report.traits} == {Certainty.POSSIBLE}


def test_several_signed_traits_share_the_suspicion() -> None:
    other = (b"PUT", b"/a.txt", b"X-B: 2\r\nContent-Type: text/plain\r\n")
    report = compared(run(GOOD, GOOD), run(other, other, fails=True))
    found = named(report)
    assert found["header:x-oss-meta-a"].failing == (0, 2)
    assert {trait.certainty for trait in report.traits} == {Certainty.POSSIBLE}


@pytest.mark.parametrize(
    ("bad", "field", "aspect", "value", "other"),
    [
        (b"X-OSS-META-A: 1\r\nX-B: 2\r\n", "header:x-oss-meta-a", "spelling", b"X-OSS-META-A", b"x-oss-meta-a"),
        (b"x-oss-meta-a: \xe9\r\nX-B: 2\r\n", "header:x-oss-meta-a", "value", b"bytes beyond ASCII", b"plain"),
        (
            b"X-B: 2\r\nx-oss-meta-a: 1\r\n",
            "header-order",
            "order",
            b"host, user-agent, x-b, x-oss-meta-a, date, authorization",
            b"host, user-agent, x-oss-meta-a, x-b, date, authorization",
        ),
    ],
)
def test_classes(bad: bytes, field: str, aspect: str, value: bytes, other: bytes) -> None:
    failing = (b"PUT", b"/a.txt", bad)
    report = compared(run(GOOD, GOOD), run(failing, failing, fails=True))
    assert [(t.field, t.aspect, t.value, t.kept_value) for t in report.traits] == [(field, aspect, value, other)]


def test_like_is_held_against_like() -> None:
    """GET works in both runs; that PUT fails is no news, its header is."""
    listing = (b"GET", b"/?prefix=a", b"")
    report = compared(run(listing, GOOD, GOOD), [*run(listing), *run(TYPED, TYPED, fails=True)])
    assert set(named(report)) == {"header:content-type"}
    assert all(pair.verdict.id == "second-fails" for pair in report.pairs)


def test_the_keys_of_the_two_runs_may_differ() -> None:
    first = [(b"PUT", b"/2024-05-%02d.log" % day, b"") for day in (1, 2)]
    second = [(b"PUT", b"/2024-06-%02d.log" % day, b"Content-Type: text/plain\r\n") for day in (3, 4)]
    report = compared(run(*first), run(*second, fails=True))
    assert len(report.pairs) == 2
    assert named(report)["header:content-type"].certainty is Certainty.LIKELY


def test_nothing_to_tell_apart_is_said() -> None:
    both_work = compared(run(GOOD), run(TYPED))
    assert (both_work.traits, both_work.found) == ((), False)
    assert [told.key for told in both_work.notes] == ["compare.runs.none-fails"]
    both_fail = compared(run(GOOD, fails=True), run(TYPED, fails=True))
    assert [told.key for told in both_fail.notes] == ["compare.runs.none-works"]
    apart = compared(run((b"GET", b"/x", b"")), run(TYPED, fails=True))
    assert [told.key for told in apart.notes] == ["compare.runs.nothing-alike"]
    assert {trait.certainty for trait in apart.traits} == {Certainty.POSSIBLE}


def test_agents_and_what_the_diagnosis_says() -> None:
    report = compared(run(GOOD, GOOD, agent=b"aliyun-sdk-python/2.6.0(Linux/3.10;2.7.5)"), run(TYPED, fails=True))
    assert [(a.side, a.client, a.working, a.failing) for a in report.agents] == [(0, "oss2", 2, 0), (1, "curl", 0, 1)]
    assert sum(failures for _, _, failures in report.causes) == 1
