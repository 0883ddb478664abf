"""What a redacted capture says of exchanges that it does not hold, and what such a comment can do."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analyzer.diagnosis import Budget, Diagnoser
from analyzer.diagnosis.memory import traits_of
from analyzer.diagnosis.statements import PREFIX, is_statement, read_statement, statement
from analyzer.model.findings import Certainty, Finding
from analyzer.model.signing import SignedExchange
from tests.diagnosis.exchanges import HOST, KEY_ID, exchange, explained, failure, request, sign, success, text

WHOLE = {"access_key_id": "k", "method": "GET", "status": 200, "content_type": None, "traits": ["method GET"]}


def comment(**changes: object) -> bytes:
    return PREFIX + json.dumps({**WHOLE, **changes}).encode()


def told(comments: list[bytes], *given: SignedExchange) -> tuple[Finding, ...]:
    """The findings of a run whose capture carries these comments."""
    diagnoser = Diagnoser(budget=Budget(seconds=1e9))
    for signed in given:
        diagnoser.add(signed)
    assert diagnoser.learn(comments) == 0
    return diagnoser.findings()


def said(signed: SignedExchange) -> bytes:
    made = statement(signed)
    assert made is not None
    return made.encode()


def test_a_success_comes_back_without_what_no_fact_needs() -> None:
    signed = success(text(), headers=b"Content-Type: text/\xe4\xb8\xad\r\n", target=b"/private/name.txt?acl")
    request_, comment_ = signed.exchange.request, said(signed)
    assert request_ is not None
    assert is_statement(comment_)
    assert not any(word in comment_ for word in (b"private", b"name", HOST, b"2024"))
    back = read_statement(comment_)
    assert (back.access_key_id, back.success.method, back.success.status) == (KEY_ID, b"GET", 200)
    assert back.success.content_type == b"text/\xe4\xb8\xad"
    assert back.success.traits == traits_of(request_, signed)
    assert back.success.stated
    assert back.success.succeeded


def test_only_successes_of_a_known_key_are_told_of() -> None:
    assert statement(failure(b"?", text())) is None
    assert statement(exchange(b"GET / HTTP/1.1\r\nHost: b\r\n\r\n", b"HTTP/1.1 200 OK\r\n\r\n")) is None
    assert statement(exchange(request(sign(text())), b"")) is None
    moved = b"HTTP/1.1 301 Moved\r\nServer: nginx\r\nContent-Length: 0\r\n\r\n"
    assert statement(exchange(request(sign(text())), moved)) is None


def test_it_acquits_the_secret_as_the_exchange_itself_does() -> None:
    refused, accepted = failure(b"?", text(), frame=3), success(text(), headers=b"x-oss-meta-a: b\r\n")
    (alone,), (with_it,), (told_of,) = explained(refused), explained(accepted, refused), told([said(accepted)], refused)
    assert [cause.id for cause in alone.causes] == ["wrong-secret"]
    assert [(c.id, c.certainty) for c in told_of.causes] == [(c.id, c.certainty) for c in with_it.causes]
    keys = [fact.statement.key for fact in told_of.facts]
    assert "diagnosis.key-works-stated" in keys
    assert "diagnosis.key-works" not in keys


def test_what_was_seen_comes_before_what_is_said() -> None:
    refused, accepted = failure(b"?", text(), frame=3), success(text())
    (finding,) = told([said(accepted)], accepted, refused)
    assert "diagnosis.key-works" in [fact.statement.key for fact in finding.facts]


@pytest.mark.parametrize("traits", [["method HEAD"], ["method GET", "header content-md5"], ["parameter uploads"]])
@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT"])
def test_it_proves_nothing(method: str, traits: list[str]) -> None:
    """Whatever a forged comment says."""
    key_id = KEY_ID.decode()
    forged = [comment(access_key_id=key_id, method=method, traits=traits, content_type=t) for t in (None, "a/b")]
    refused = (
        failure(b"?", text()),
        failure(b"?", text(), method=b"PUT", body=b"x"),
        failure(b"?", text(), headers=b"Content-Type: a/b\r\n"),
    )
    for one in refused:
        (finding,) = told(forged, one)
        assert all(cause.certainty is not Certainty.PROVEN for cause in finding.causes)


UNREADABLE = [
    b"",
    b"{",
    b"[]",
    b"null",
    b"7",
    b"\xff\xfe",
    b"[" * 100_000,
    b'{"status": ' + b"9" * 10_000 + b"}",
    comment(traits="method GET")[len(PREFIX) :],
    comment(traits=["x" * 301])[len(PREFIX) :],
    comment(traits=["x"] * 1000)[len(PREFIX) :],
    comment(traits=["\ud800"])[len(PREFIX) :],
    comment(traits=[1])[len(PREFIX) :],
    comment(access_key_id=None)[len(PREFIX) :],
    comment(access_key_id="x" * 257)[len(PREFIX) :],
    comment(method="\ud800")[len(PREFIX) :],
    comment(content_type=[])[len(PREFIX) :],
    comment(status=403)[len(PREFIX) :],
    comment(status=301)[len(PREFIX) :],
    comment(client="10.0.0.5")[len(PREFIX) :],
    comment(client=5)[len(PREFIX) :],
    comment(method="OPTIONS")[len(PREFIX) :],
    comment(status=True)[len(PREFIX) :],
    comment(status="200")[len(PREFIX) :],
    b'{"access_key_id": "k"}',
]


@pytest.mark.parametrize("rest", UNREADABLE)
def test_what_cannot_be_read_is_counted_and_does_nothing(rest: bytes) -> None:
    with pytest.raises(ValueError, match=r"."):
        read_statement(PREFIX + rest)
    diagnoser = Diagnoser()
    diagnoser.add(failure(b"?", text()))
    assert diagnoser.learn([b"a comment of somebody else's", PREFIX + rest]) == 1
    assert [cause.id for cause in diagnoser.findings()[0].causes] == ["wrong-secret"]


@given(st.binary())
def test_any_bytes(rest: bytes) -> None:
    assert Diagnoser().learn([rest, PREFIX + rest]) in (0, 1, 2)
