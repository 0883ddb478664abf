"""From the capture to exchanges: the tls floor between tcp and http."""

from __future__ import annotations

import random
import ssl
from dataclasses import replace
from functools import cache
from pathlib import Path

import pytest

from analyzer import Options, analyze, list_exchanges
from analyzer.capture import open_captures
from analyzer.http import Engine, Want
from analyzer.model.http import Exchange
from analyzer.model.secrets import Secret
from analyzer.model.streams import TcpTiming
from analyzer.model.tls import TlsOutcome
from analyzer.tls import KeyLog
from tests.benchmarks.tls import capture_of, packets_of
from tests.support.pcapfile import write_pcap
from tests.support.tlspair import Talk, contexts, talk
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


def untimed(exchange: Exchange) -> Exchange:
    """Without the counts of the connection, which go on while exchanges are given."""
    return replace(exchange, connection=replace(exchange.connection, timing=TcpTiming()))


@cache
def dialogue(version: ssl.TLSVersion) -> Talk:
    """Thirty requests, one after the other; the answer to /n has status 200 + n."""
    dice = random.Random(7)
    script = []
    for number in range(30):
        body = dice.randbytes(dice.choice([0, 10, 3000, 20_000]))
        script.append((CLIENT, b"GET /%d HTTP/1.1\r\nHost: b.example\r\n\r\n" % number))
        script.append((SERVER, b"HTTP/1.1 %d X\r\nContent-Length: %d\r\n\r\n" % (200 + number, len(body)) + body))
    return talk(*contexts(version), script)


def read_in_batches(path: Path, told: Talk, batches: tuple[int | None, ...]) -> tuple[list[Exchange], TlsOutcome]:
    """Exchanges and outcome, which must be the same whatever the batches."""
    seen = []
    for batch in batches:
        engine = Engine(open_captures([path], batch_packets=batch), Want(all=True), KeyLog([told.keylog]))
        seen.append(([untimed(exchange) for exchange in engine.run()], engine.stats.tls[0]))
    assert all(one == seen[0] for one in seen)
    return seen[0]


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
def test_results_do_not_depend_on_batches(tmp_path: Path, version: ssl.TLSVersion) -> None:
    """Exchanges with their frames and times, and what is said of the connection."""
    told = dialogue(version)
    exchanges, outcome = read_in_batches(write_pcap(tmp_path / "a.pcap", packets_of(told)), told, (None, 1, 13))
    assert [x.response.status for x in exchanges if x.response] == [200 + number for number in range(30)]
    times = [x.request.first_time for x in exchanges if x.request]
    assert times == sorted(set(times))
    assert all(x.certain and x.complete for x in exchanges)
    assert outcome.why_not is None


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
@pytest.mark.parametrize("seed", range(12))
def test_behind_a_loss_requests_find_their_answers(tmp_path: Path, version: ssl.TLSVersion, seed: int) -> None:
    told = dialogue(version)
    packets = packets_of(told)
    dice = random.Random(seed)
    lost = set(dice.sample(range(3 if seed % 3 == 0 else 12, len(packets) - 2), 1 + seed % 3))
    left = [packet for number, packet in enumerate(packets) if number not in lost]
    exchanges, outcome = read_in_batches(write_pcap(tmp_path / "a.pcap", left), told, (None, 1))
    if outcome.why_not is not None:  # a hello is gone
        assert outcome.why_not.key in ("tls.handshake-hole", "tls.no-answer")
        return
    pairs = [(int(x.request.target[1:]), x.response.status, x.certain) for x in exchanges if x.request and x.response]
    assert [pair for pair in pairs if pair[2] and pair[0] + 200 != pair[1]] == []
    right = [number for number, status, _ in pairs if number + 200 == status]
    assert len(right) >= 30 - 2 * len(lost)


def test_bytes_that_came_twice_and_differ_are_told(tmp_path: Path) -> None:
    told = dialogue(ssl.TLSVersion.TLSv1_3)
    packets = packets_of(told)
    time, data = packets[40]
    packets.insert(41, (time + 1, data[:-20] + bytes(20)))
    path = write_pcap(tmp_path / "a.pcap", packets)
    exchanges, outcome = read_in_batches(path, told, (None, 1))
    assert [(said.key, said.get("count")) for said in outcome.notes] == [("tls.overlap", 1)]
    assert len(exchanges) == 30
    assert all(x.complete and x.certain for x in exchanges)
