"""From the capture to exchanges: the tls floor between tcp and http."""

from __future__ import annotations

import random
import ssl
from pathlib import Path

import pytest

from analyzer import Options, analyze, list_exchanges
from analyzer.capture import open_captures
from analyzer.http import Engine, Want
from analyzer.model.secrets import Secret
from analyzer.tls import KeyLog
from tests.benchmarks.tls import capture_of, packets_of
from tests.support.pcapfile import write_pcap
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


@pytest.mark.parametrize(
    ("version", "keys", "reason"),
    [
        (ssl.TLSVersion.TLSv1_2, False, "tls.keylog-missing"),
        (ssl.TLSVersion.TLSv1_2, True, None),
        (ssl.TLSVersion.TLSv1_3, True, None),
    ],
)
def test_http2_is_told_in_the_report(tmp_path: Path, version: ssl.TLSVersion, keys: bool, reason: str | None) -> None:
    """Before TLS 1.3 the choice is in the clear; then it takes the key log to see it."""
    both = contexts(version)
    for context in both:
        context.set_alpn_protocols(["h2"])
    preface = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + bytes(9)
    told = talk(*both, [(CLIENT, preface), (SERVER, bytes(9) + b"\0\0\0\4\1\0\0\0\0"), (CLIENT, bytes(5000))])
    capture_of(told, tmp_path / "a.pcap")
    report = analyze([tmp_path / "a.pcap"], Options(keylogs=(Secret(told.keylog),) if keys else ()))
    said = [one.key for one in report.notes]
    assert "tls.http2" in said
    assert (reason in said) is bool(reason)
    assert report.incomplete
    assert report.captures[0].exchanges == 0


@pytest.mark.parametrize("batch", [None, 1])
def test_lost_records_are_told_in_the_report(tmp_path: Path, batch: int | None) -> None:
    body = random.Random(5).randbytes(200_000)
    full = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(body) + body
    get = b"GET /key HTTP/1.1\r\nHost: b.example\r\n\r\n"
    told = talk(*contexts(ssl.TLSVersion.TLSv1_3), [(CLIENT, get), (SERVER, full), (CLIENT, get), (SERVER, full)])
    packets = packets_of(told)
    del packets[60]
    path = write_pcap(tmp_path / "a.pcap", packets)
    report = analyze([path], Options(keylogs=(Secret(told.keylog),), batch_packets=batch))
    assert [(one.key, one.get("count")) for one in report.notes] == [("tls.records-lost", 1)]
    assert report.incomplete
    listing = list(list_exchanges([path], Options(keylogs=(Secret(told.keylog),), batch_packets=batch)))
    assert [x.response.status for x in listing if x.request and x.response] == [200, 200]
    assert [x.complete for x in listing] == [False, True]
    assert all(one.key == "tls.decrypted" for x in listing for one in x.notes)


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
