"""Sessions whose beginning the capture lacks are named as such, and nothing else is taken for one."""

from __future__ import annotations

import random
import ssl
from functools import cache
from pathlib import Path

import pytest

from analyzer.capture import open_captures
from analyzer.http import Engine, Want
from analyzer.model.tls import TlsOutcome
from analyzer.tls import KeyLog
from analyzer.tls.detect import holds_records
from tests.benchmarks.tls import packets_of
from tests.support.packets import tcp_packet
from tests.support.pcapfile import write_pcap
from tests.support.tlspair import Talk, contexts, talk
from tests.tls.test_sessions import CLIENT, SERVER

GET = b"GET /key HTTP/1.1\r\nHost: b.example\r\n\r\n"
BODY = random.Random(9).randbytes(200_000)
ANSWER = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(BODY) + BODY
PUT = b"PUT /key HTTP/1.1\r\nHost: b.example\r\nContent-Length: %d\r\n\r\n" % len(BODY) + BODY
DONE = b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"


@cache
def download() -> Talk:
    return talk(*contexts(ssl.TLSVersion.TLSv1_3), [(CLIENT, GET), (SERVER, ANSWER)] * 2)


@cache
def upload() -> Talk:
    return talk(*contexts(ssl.TLSVersion.TLSv1_2), [(CLIENT, PUT), (SERVER, DONE)] * 2)


def outcomes(path: Path, keylog: KeyLog | None = None, batch: int | None = None) -> tuple[TlsOutcome, ...]:
    engine = Engine(open_captures([path], batch_packets=batch), Want(all=True), keylog)
    list(engine.run())
    return engine.stats.tls


@pytest.mark.parametrize("batch", [None, 1])
@pytest.mark.parametrize("first", [3, 6, 9, 12, 20, 21, 22, 80, 150, 170])
@pytest.mark.parametrize("told", [download, upload])
def test_a_capture_that_begins_later(told: object, first: int, batch: int | None, tmp_path: Path) -> None:
    """Without the first packets: from the hello on, from any record, from the middle of one."""
    recorded = told()  # type: ignore[operator]
    packets = packets_of(recorded)[first:]
    (outcome,) = outcomes(write_pcap(tmp_path / "a.pcap", packets), KeyLog([recorded.keylog]), batch)
    assert outcome.why_not is not None
    assert outcome.why_not.key == "tls.handshake-not-captured"
    assert outcome.why_not.get("server").raw == b"192.0.2.2:443"  # type: ignore[union-attr]
    assert outcome.time is not None
    assert outcome.time >= packets[0][0]
    assert outcome.remedy is not None


def test_without_the_handshake_of_tcp_a_session_is_still_opened(tmp_path: Path) -> None:
    recorded = download()
    path = write_pcap(tmp_path / "a.pcap", packets_of(recorded)[2:])
    (outcome,) = outcomes(path, KeyLog([recorded.keylog]))
    assert outcome.why_not is None
    assert outcome.decrypted == (2 * len(GET), 2 * len(ANSWER))


@pytest.mark.parametrize("batch", [None, 1])
@pytest.mark.parametrize("lost", [{2}, {3}, {2, 3}, {2, 3, 4, 5}])
def test_a_hole_in_the_handshake(lost: set[int], batch: int | None, tmp_path: Path) -> None:
    recorded = download()
    packets = [packet for number, packet in enumerate(packets_of(recorded)) if number not in lost]
    (outcome,) = outcomes(write_pcap(tmp_path / "a.pcap", packets), KeyLog([recorded.keylog]), batch)
    if outcome.why_not is None:  # the rest of the server's flight is found again behind a small hole
        assert outcome.opened
    else:
        assert outcome.why_not.key == "tls.handshake-hole"
        assert outcome.remedy is not None


@pytest.mark.parametrize("seed", range(8))
def test_other_protocols_are_not_taken_for_one(seed: int, tmp_path: Path) -> None:
    """Noise in segments of any size, with and without TCP's handshake."""
    dice = random.Random(seed)
    packets, sequence = [], [1000, 2000]
    if seed % 2:
        packets += [(1, tcp_packet("192.0.2.1", "192.0.2.2", 50000, 22, 999, 0, 2))]
        packets += [(2, tcp_packet("192.0.2.2", "192.0.2.1", 22, 50000, 1999, 1000, 18))]
    for number in range(150):
        data = dice.randbytes(dice.choice([1, 5, 40, 1448]))
        side = dice.randrange(2)
        ends = ("192.0.2.1", "192.0.2.2", 50000, 22) if side == 0 else ("192.0.2.2", "192.0.2.1", 22, 50000)
        packets.append((10 + number, tcp_packet(*ends, sequence[side], sequence[1 - side], 16, data)))
        sequence[side] += len(data)
    assert outcomes(write_pcap(tmp_path / "a.pcap", packets)) == ()


RECORD = b"\x17\x03\x03\x00\x40" + bytes(64)


@pytest.mark.parametrize(
    ("data", "found"),
    [
        (b"", False),
        (RECORD, True),
        (RECORD[:5], True),
        (RECORD[:4], False),
        (b"abc" + RECORD, False),
        (b"abc" + RECORD * 2, True),
        (b"abc" + RECORD + b"\x15\x03\x03\x00\x02", True),
        (b"abc" + RECORD + b"\x15\x03\x01\x00\x02", False),  # another version
        (b"abc" + RECORD + b"x" + RECORD, False),
        (b"\x17\x03\x03\xff\xff" + bytes(70_000), False),
    ],
)
def test_records_inside_bytes(data: bytes, found: bool) -> None:
    assert holds_records(data) is found
