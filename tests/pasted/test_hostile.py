"""Whatever is pasted: no exception, no runaway cost, nothing expanded."""

from __future__ import annotations

import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from analyzer.diagnosis import explain_pasted
from analyzer.pasted import read_pasted
from tests.pasted import texts

SEEDS = [
    texts.XML,
    texts.OSS2,
    texts.JAVA,
    texts.GO,
    texts.NODE,
    texts.PHP_DUMPED,
    texts.V2_GO,
    texts.CURL,
    texts.HAR,
    texts.OSS2_LOG + texts.XML,
]


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.sampled_from(SEEDS), st.data())
def test_cut_and_mangled_texts_never_raise(seed: bytes, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(seed)))
    end = data.draw(st.integers(start, len(seed)))
    middle = data.draw(st.binary(max_size=24))
    mangled = seed[:start] + middle + seed[end:]
    explain_pasted(read_pasted(mangled))


@pytest.mark.parametrize(
    "text",
    [
        b"{" * 200_000,
        b'{"log":' + b"[" * 200_000,
        b'{"log":{"entries":' + b"[" * 50_000 + b"]" * 50_000 + b"}}",
        b"<Error>" * 50_000,
        b"<Error><Code>" + b"<" * 300_000,
        b"{'status': 403, " + b"'a" * 200_000,
        b"{'status': 403, " + b"'Code': '\\" * 60_000,
        b"SignatureDoesNotMatchError: a " * 20_000,
        b"{ requestId " * 30_000,
        b"[ErrorCode]: " * 30_000,
        b"Error Message:" * 30_000,
        b"string to sign = GET\n" * 20_000,
        b"GET / HTTP/1.1\n" * 30_000,
        b"> GET / HTTP/1.1\n< HTTP/1.1 403 x\n" * 20_000,
        b"41 " * 400_000,
        b"a: " * 300_000,
        b"x" * 3_000_000,
        b" " * 3_000_000,
        b"\n" * 1_000_000,
        b"&amp;lt;" * 100_000,
    ],
    ids=lambda text: text[:24].decode("latin-1"),
)
def test_large_and_repetitive_texts_are_read_in_bounded_work(text: bytes) -> None:
    assert len(read_pasted(text).cases) <= 2000


def test_entities_are_not_expanded() -> None:
    bomb = b'<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]>' + texts.XML.replace(
        b"SignatureDoesNotMatch", b"&b;", 1
    )
    (case,) = read_pasted(bomb).cases
    assert case.exchange.response is not None
    assert b"aaaa" not in (case.exchange.response.body.data or b"")


def test_a_har_has_a_limit_of_entries() -> None:
    entry = texts.har_entry()
    text = json.dumps({"log": {"entries": [entry] * 1500}}).encode()
    assert len(read_pasted(text).cases) == 1000
