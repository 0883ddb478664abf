from __future__ import annotations

import time
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analyzer.diagnosis import Budget, Diagnoser
from analyzer.model.notes import Note, note
from analyzer.model.signing import SignedExchange
from tests.diagnosis.exchanges import BOOK, DATE, KEY_ID, exchange, explained, failure, request, sign, success, text


def keys(notes: tuple[Note, ...]) -> list[str]:
    return [told.key for told in notes]


def test_successes_give_no_finding() -> None:
    assert explained(*(success(text(), frame=2 * n + 1) for n in range(5)), book=BOOK) == ()


@pytest.mark.parametrize(
    "answer",
    [
        b"HTTP/1.1 404 Not Found\r\nContent-Length: 45\r\n\r\n<Error><Code>NoSuchKey</Code></Error>        ",
        b"HTTP/1.1 404 Not Found\r\nContent-Length: 43\r\n\r\n<Error><Code>NoSuchBucket</Code></Error>   ",
        b"HTTP/1.1 403 Forbidden\r\n\r\n<Error><Code>AccessDenied</Code><EC>0003-00000201</EC></Error>",
        b"HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\n\r\n",
        b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n",
    ],
)
def test_other_errors_are_no_false_alarm(answer: bytes) -> None:
    assert explained(exchange(request(sign(text())), answer)) == ()


def test_success_acquits_the_secret() -> None:
    (alone,) = explained(failure(b"?", text()))
    assert alone.causes[0].id == "wrong-secret"
    (finding,) = explained(success(text()), failure(b"?", text(), frame=3))
    assert [cause.id for cause in finding.causes] == ["unknown"]
    assert "cause.unknown.secret-works" in keys(finding.causes[0].evidence)


def lossy(signed: SignedExchange, *, certain: bool = False, head_cut: bool = False) -> SignedExchange:
    """The same with packets missing: between request and answer, or inside the request's head."""
    asked = signed.exchange.request
    if head_cut and asked is not None:
        asked = replace(asked, notes=(*asked.notes, note("http.head-cut", seen=9), note("http.cut-by-gap")))
    return replace(signed, exchange=replace(signed.exchange, request=asked, certain=certain))


def test_answers_that_may_be_another_requests_are_no_witnesses() -> None:
    (finding,) = explained(lossy(success(text())), failure(b"?", text(), frame=3))
    assert finding.causes[0].id == "wrong-secret"
    (finding,) = explained(lossy(success(text()), certain=True, head_cut=True), failure(b"?", text(), frame=3))
    assert finding.causes[0].id == "wrong-secret"


def masked(signed: SignedExchange) -> SignedExchange:
    """The answer does not repeat the signature."""
    assert signed.error is not None
    return replace(signed, error=replace(signed.error, signature_provided=None))


def test_nothing_is_proven_of_what_is_not_in_the_capture() -> None:
    proven = failure(text(b"PUT"), text())
    (finding,) = explained(masked(proven), book=BOOK)
    assert finding.causes[0].certainty.value == "proven"
    for damaged, told in (
        (masked(lossy(proven)), "cause.pairing-uncertain"),
        (lossy(proven, certain=True, head_cut=True), "cause.head-cut-by-loss"),
    ):
        (less,) = explained(damaged, book=BOOK)
        assert (less.causes[0].id, less.causes[0].certainty.value) == (finding.causes[0].id, "likely")
        assert told in keys(less.causes[0].against)
    # the answer repeats the signature of the request: they belong together whatever was lost
    (finding,) = explained(lossy(proven), book=BOOK)
    assert finding.causes[0].certainty.value == "proven"


def test_nearest_success_tells_what_is_apart() -> None:
    wire = {"method": b"PUT", "headers": b"Content-Type: image/png\r\n", "body": b"x"}
    found = explained(
        success(text(b"PUT"), method=b"PUT", body=b"x"),
        failure(text(b"PUT"), text(b"PUT", b"image/png"), frame=3, **wire),
    )
    cause = found[0].causes[0]
    assert (cause.id, cause.certainty.value) == ("content-type-after-signing", "likely")
    assert "cause.content-type-after-signing.success-without" in keys(cause.evidence)
    assert "diagnosis.apart-from-success" in keys(tuple(fact.statement for fact in found[0].facts))


def test_many_failures_are_grouped_in_bounded_time() -> None:
    kinds = [
        failure(
            text(b"PUT"), text(b"PUT", b"image/png"), method=b"PUT", headers=b"Content-Type: image/png\r\n", body=b"x"
        ),
        failure(text(), text(target=b"/paintings/a.txt")),
        failure(b"?", text(b"GET", b"", b"/pictures/b%c.txt"), target=b"/b%25c.txt"),
    ]
    started = time.monotonic()
    findings = explained(success(text()), *(kinds[n % 3] for n in range(3000)))
    assert len(findings) == 3000
    assert len({finding.group for finding in findings}) == 3
    assert [finding.id for finding in findings[:2]] == ["F1", "F2"]
    assert time.monotonic() - started < 20


def test_searches_of_a_run_are_bounded() -> None:
    failures = [failure(b"no such text %d" % n, text()) for n in range(40)]
    findings = explained(*failures, book=BOOK, budget=Budget(hmacs=20_000))
    tried = [finding.secret_check.tried for finding in findings if finding.secret_check is not None]
    assert tried[:2] == [20_000, 20_000]
    assert max(tried[2:]) < 1000


def test_what_solved_one_solves_the_next_quickly() -> None:
    client = text(b"PUT", b"text/plain", b"/a.txt")
    findings = explained(failure(client, text()), failure(client, text(), frame=3), book=BOOK)
    checks = [finding.secret_check for finding in findings]
    assert checks[0] is not None
    assert checks[1] is not None
    assert checks[0].changes == checks[1].changes
    assert checks[0].client_signed == checks[1].client_signed == client


def test_failures_beyond_the_limit_are_counted() -> None:
    diagnoser = Diagnoser(budget=Budget(failures=2))
    for _ in range(5):
        diagnoser.add(failure(b"?", text()))
    assert len(diagnoser.findings()) == 2
    assert diagnoser.skipped == 3


def test_finding_now() -> None:
    diagnoser = Diagnoser()
    good, bad = success(text()), failure(b"?", text(), frame=3)
    for signed in (good, bad):
        diagnoser.add(signed)
    assert diagnoser.finding_now(good) is None
    finding = diagnoser.finding_now(bad)
    assert finding is not None
    assert finding.id == "F1"


def test_clocks() -> None:
    (finding,) = explained(failure(b"?", text()))
    assert finding.clocks.client == finding.clocks.server
    assert finding.clocks.capture is None


_LINES = st.lists(
    st.sampled_from(
        [
            b"Content-Type: text/plain\r\n",
            b"Content-MD5: zzz\r\n",
            b"x-oss-date: " + DATE + b"\r\n",
            b"x-oss-meta-a: \xff\xfe\r\n",
            b"x-oss-meta-a:\r\n",
            b"x-oss-security-token: t\r\n",
            b"User-Agent: \x1b[31m\r\n",
            b"Via: 1.1 x\r\n",
        ]
    ),
    max_size=6,
)


@given(st.binary(max_size=60), st.binary(max_size=120), _LINES, st.sampled_from([b"GET", b"PUT", b"get", b"\xff"]))
@settings(max_examples=120, deadline=None)
def test_takes_any_bytes(target: bytes, answer: bytes, lines: list[bytes], method: bytes) -> None:
    path = b"/" + target.replace(b"\r", b"").replace(b"\n", b"")
    signed = failure(b"?", answer, method=method, target=path, headers=b"".join(lines))
    for finding in explained(signed, book=BOOK, budget=Budget(hmacs=500)):
        assert finding.causes
        assert all(cause.certainty.value != "proven" or cause.evidence for cause in finding.causes)


def test_key_id_of_the_tests_is_well_formed() -> None:
    (finding,) = explained(failure(b"?", text()))
    assert finding.signed.credentials.access_key_id == KEY_ID
    assert "access-key" not in [cause.id for cause in finding.causes]
