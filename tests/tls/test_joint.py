"""From the capture to exchanges: the tls floor between tcp and http."""

from __future__ import annotations

import random
import ssl
from pathlib import Path

import pytest

from analyzer.capture import open_captures
from analyzer.http import Engine, Want
from analyzer.tls import KeyLog
from tests.benchmarks.tls import capture_of
from tests.support.tlspair import contexts, talk
from tests.tls.test_corpora import CORPORA, ORACLE
from tests.tls.test_sessions import CLIENT, SERVER


@pytest.mark.skipif(not ORACLE, reason="the corpus of public captures is not here")
@pytest.mark.parametrize("name", sorted(ORACLE) or ["-"])
def test_exchanges_are_those_of_tshark(name: str) -> None:
    expected = ORACLE[name]
    keylog = KeyLog([(CORPORA / expected["keylog"]).read_bytes()])
    engine = Engine(open_captures([str(CORPORA / name)]), Want(all=True), keylog)
    got = [
        (x.connection.stream, x.request.method.decode(), x.request.target.decode(), x.response.status)
        for x in engine.run()
        if x.request is not None and x.response is not None
    ]
    want = [
        (one["stream"], one["req"]["method"], one["req"]["uri"], one["resp"]["status"])
        for one in expected["http"]
        if one["req"]["uri"] != "/early"
    ]
    assert sorted(got) == sorted(want)


@pytest.mark.parametrize("batch", [None, 1, 100])
@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
def test_large_bodies_in_any_batches(tmp_path: Path, version: ssl.TLSVersion, batch: int | None) -> None:
    body = random.Random(5).randbytes(700_000)
    put = b"PUT /key HTTP/1.1\r\nHost: b.example\r\nContent-Length: %d\r\n\r\n" % len(body)
    ok = b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"
    get = b"GET /key HTTP/1.1\r\nHost: b.example\r\n\r\n"
    full = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(body)
    script = [(CLIENT, put), (CLIENT, body), (SERVER, ok), (CLIENT, get), (SERVER, full + body)]
    told = talk(*contexts(version), script)
    path = tmp_path / "capture.pcap"
    capture_of(told, path)
    engine = Engine(open_captures([path], batch_packets=batch), Want(all=True), KeyLog([told.keylog]))
    exchanges = list(engine.run())
    assert [x.complete for x in exchanges] == [True, True]
    first, second = exchanges
    assert first.request is not None
    assert second.response is not None
    assert first.request.body.data == body
    assert second.response.body.data == body
