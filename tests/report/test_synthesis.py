"""The capture made anew: the same segments at the same places and times as in the original, whatever TCP had to do."""

from __future__ import annotations

import shutil
import ssl
import subprocess
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analyzer.capture import open_captures
from analyzer.http import Engine, Want
from analyzer.model.http import Exchange
from analyzer.model.report import Report
from analyzer.model.secrets import Secret
from analyzer.model.streams import Direction, Segment, SegmentKind
from analyzer.pipeline import Options, analyze, list_exchanges
from analyzer.report.bundle import redacted_capture
from analyzer.report.redaction import redact
from tests.report.redaction import cases
from tests.support.packets import dialogue, tcp_packet
from tests.support.pcapfile import write_pcap
from tests.support.tlspair import contexts, talk

START = 1_704_164_645_000_000_000
CLIENT, SERVER = ("10.0.0.5", 51822), ("118.31.219.217", 80)
BODY = 5000
#: One segment: direction, first byte, byte behind the last, milliseconds.
Sent = tuple[str, int, int, int]


def messages() -> dict[str, bytes]:
    request = cases.requests()["v1-header"][0]
    head = request.partition(b"\r\n\r\n")[0].replace(b"Content-Length: 18", b"Content-Length: %d" % BODY)
    return {"C": head + b"\r\n\r\n" + b"b" * BODY, "S": cases.requests()["v1-header"][1]}


SENT = messages()
ASKED, ANSWERED = len(SENT["C"]), len(SENT["S"])
HEAD = ASKED - BODY


def capture(path: Path, sent: list[Sent]) -> Path:
    """Handshake, the segments, and no end."""
    numbers = {"C": 5_000, "S": 90_000}

    def packet(way: str, offset: int, flags: int, payload: bytes = b"", ack: int = 0) -> bytes:
        ends = (CLIENT, SERVER) if way == "C" else (SERVER, CLIENT)
        other = "S" if way == "C" else "C"
        acked = numbers[other] + 1 + ack if flags & 16 else 0
        return tcp_packet(
            ends[0][0], ends[1][0], ends[0][1], ends[1][1], numbers[way] + 1 + offset, acked, flags, payload
        )

    packets = [
        (START - 3000, packet("C", -1, 2)),
        (START - 2000, packet("S", -1, 18)),
        (START - 1000, packet("C", 0, 16)),
    ]
    for way, start, stop, ms in sent:
        ack = ASKED if way == "S" else ANSWERED if any(w == "S" and t < ms for w, _, _, t in sent) else 0
        packets.append((START + ms * 1_000_000, packet(way, start, 24, SENT[way][start:stop], ack)))
    return write_pcap(path, packets, nanos=True)


def listed(exchange: Exchange) -> dict[str, list[tuple[str, int, int, int]]]:
    """Per direction (kind, first byte, length, milliseconds) of the segments; holes have no time of their own."""

    def row(one: Segment) -> tuple[str, int, int, int]:
        return one.kind.value, one.offset, one.length, (one.time - START) // 1_000_000

    both = {"C": exchange.request, "S": exchange.response}
    return {way: [row(s) for s in message.segments] for way, message in both.items() if message is not None}


def again(report: Report, folder: Path) -> Report:
    path = folder / "redacted.pcapng"
    path.write_bytes(redacted_capture(redact(report)))
    return analyze([path])


ANSWER: Sent = ("S", 0, ANSWERED, 90)
CASES: dict[str, tuple[list[Sent], list[tuple[str, int, int, int]]]] = {
    "as it should be": (
        [("C", 0, HEAD, 0), ("C", HEAD, HEAD + 1460, 1), ("C", HEAD + 1460, ASKED, 7), ANSWER],
        [("new", 0, HEAD, 0), ("new", HEAD, 1460, 1), ("new", HEAD + 1460, BODY - 1460, 7)],
    ),
    "head and body in one segment, sent twice": (
        [("C", 0, HEAD + 100, 0), ("C", 0, HEAD + 100, 40), ("C", HEAD + 100, ASKED, 50), ANSWER],
        [("new", 0, HEAD + 100, 0), ("retransmitted", 0, HEAD + 100, 40), ("new", HEAD + 100, BODY - 100, 50)],
    ),
    "sent again with more behind it": (
        [("C", 0, HEAD + 100, 0), ("C", HEAD, ASKED, 40), ANSWER],
        [("new", 0, HEAD + 100, 0), ("retransmitted", HEAD, 100, 40), ("new", HEAD + 100, BODY - 100, 40)],
    ),
    "late": (
        [("C", 0, HEAD, 0), ("C", HEAD + 1000, ASKED, 1), ("C", HEAD, HEAD + 1000, 2), ANSWER],
        [("new", 0, HEAD, 0), ("new", HEAD + 1000, BODY - 1000, 1), ("out-of-order", HEAD, 1000, 2)],
    ),
    "twice while another is awaited": (
        [("C", 0, HEAD, 0), ("C", HEAD + 9, ASKED, 1), ("C", HEAD + 9, ASKED, 2), ("C", HEAD, HEAD + 9, 3), ANSWER],
        [
            ("new", 0, HEAD, 0),
            ("new", HEAD + 9, BODY - 9, 1),
            ("retransmitted", HEAD + 9, BODY - 9, 2),
            ("out-of-order", HEAD, 9, 3),
        ],
    ),
    "lost in the middle": (
        [("C", 0, HEAD + 500, 0), ("C", HEAD + 1500, ASKED, 3), ANSWER],
        [("new", 0, HEAD + 500, 0), ("lost", HEAD + 500, 1000, 0), ("new", HEAD + 1500, BODY - 1500, 3)],
    ),
    "lost at the end": (
        [("C", 0, HEAD + 500, 0), ANSWER],
        [("new", 0, HEAD + 500, 0), ("lost", HEAD + 500, BODY - 500, 0)],
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_segments_are_listed_and_made_anew(name: str, tmp_path: Path) -> None:
    sent, wanted = CASES[name]
    before = analyze([capture(tmp_path / "original.pcap", sent)])
    assert listed(before.findings[0].signed.exchange) == {"C": wanted, "S": [("new", 0, ANSWERED, 90)]}
    after = again(before, tmp_path)
    assert listed(after.findings[0].signed.exchange) == listed(before.findings[0].signed.exchange)
    assert cases.outline(after.findings) == cases.outline(before.findings)


def test_only_what_may_be_reported_lists_its_segments(tmp_path: Path) -> None:
    request, answer = cases.requests()["v1-header"]
    fine = b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"
    missing = b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n"
    pairs = [(request, fine), (request, missing), (request, answer)]
    path = write_pcap(tmp_path / "three.pcap", dialogue(pairs), nanos=True)
    engine = Engine(open_captures([path]), Want())
    listed_by = {
        e.response.status: [m.segments for m in (e.request, e.response) if m] for e in engine.run() if e.response
    }
    assert listed_by[200] == listed_by[404] == [(), ()]
    assert all(listed_by[403])
    assert not any(e.request.segments for e in list_exchanges([path]) if e.request is not None)


@pytest.mark.parametrize("size", [1, 2, 3])
def test_segments_do_not_depend_on_the_batches(size: int, tmp_path: Path) -> None:
    for number, (sent, _) in enumerate(CASES.values()):
        path = capture(tmp_path / f"{number}.pcap", sent)
        small, whole = analyze([path], Options(batch_packets=size)), analyze([path])
        assert listed(small.findings[0].signed.exchange) == listed(whole.findings[0].signed.exchange)


#: No piece is a single byte: one that comes again is a keep-alive probe and none of the data.
CUTS = st.lists(st.integers(1, ASKED // 10 - 1).map(lambda n: n * 10), max_size=6, unique=True).map(sorted)


@settings(max_examples=30, deadline=None)
@given(cuts=CUTS, data=st.data())
def test_whatever_order_and_however_often(
    tmp_path_factory: pytest.TempPathFactory, cuts: list[int], data: st.DataObject
) -> None:
    """Pieces of the request in any order, each once or twice. The capture made anew has the same ones."""
    folder = tmp_path_factory.mktemp("any")
    bounds = [0, *cuts, ASKED]
    pieces = list(pairwise(bounds))
    order = data.draw(st.lists(st.sampled_from(pieces), max_size=4)) + data.draw(st.permutations(pieces))
    sent: list[Sent] = [("C", a, b, ms) for ms, (a, b) in enumerate(order)]
    before = analyze([capture(folder / "original.pcap", [*sent, ("S", 0, ANSWERED, 90)])])
    exchange = before.findings[0].signed.exchange
    request = exchange.request
    assert request is not None
    new = [s for s in request.segments if s.kind is not SegmentKind.RETRANSMITTED]
    assert sum(s.length for s in new) == ASKED
    assert sorted({s.frame for s in request.segments if s.frame}) == list(range(4, 4 + len(sent)))
    after = again(before, folder)
    assert listed(after.findings[0].signed.exchange) == listed(exchange)


def test_what_the_report_does_not_keep_of_a_long_body_is_cut_packets(tmp_path: Path) -> None:
    """Sizes and times stay, bytes beyond the limit are not made up, and nobody takes them for lost."""
    body = b"b" * 3_000_000
    request = SENT["C"][:HEAD].replace(b"Content-Length: %d" % BODY, b"Content-Length: %d" % len(body)) + body
    path = write_pcap(tmp_path / "long.pcap", dialogue([(request, SENT["S"])], size=60_000), nanos=True)
    before = analyze([path])
    after = again(before, tmp_path)
    assert (tmp_path / "redacted.pcapng").stat().st_size < 1_200_000
    assert cases.outline(after.findings) == cases.outline(before.findings)
    first, second = (report.findings[0].signed.exchange.request for report in (before, after))
    assert first is not None
    assert second is not None
    assert second.body.length == first.body.length == 3_000_000
    assert (second.first_time, second.segments[:17]) == (first.first_time, first.segments[:17])
    if shutil.which("tshark") is not None:
        odd = "tcp.analysis.flags || _ws.malformed"
        made = tmp_path / "redacted.pcapng"
        ran = subprocess.run(["tshark", "-r", made, "-Y", odd], capture_output=True, text=True, timeout=60, check=True)
        assert ran.stdout == ""


def test_decrypted_exchanges_keep_their_repetitions(tmp_path: Path) -> None:
    """A segment of the request comes twice; the capture made anew says so in plain text, at the port of HTTP."""
    directions = {"C": Direction.CLIENT_TO_SERVER, "S": Direction.SERVER_TO_CLIENT}
    script = [(directions["C"], SENT["C"][:HEAD]), (directions["C"], SENT["C"][HEAD:]), (directions["S"], SENT["S"])]
    told = talk(*contexts(ssl.TLSVersion.TLSv1_3), script)
    ends = {"C": (CLIENT[0], SERVER[0], CLIENT[1], 443), "S": (SERVER[0], CLIENT[0], 443, CLIENT[1])}
    at = {"C": 1001, "S": 7001}
    packets = [(START - 3, tcp_packet(*ends["C"], 1000, 0, 2)), (START - 2, tcp_packet(*ends["S"], 7000, 1001, 18))]
    for direction, data in told.flights:
        way, other = ("C", "S") if direction is directions["C"] else ("S", "C")
        for _ in range(2 if way == "C" and len(data) > BODY else 1):
            packets.append((START + len(packets) * 10**6, tcp_packet(*ends[way], at[way], at[other], 24, data)))
        at[way] += len(data)
    path = write_pcap(tmp_path / "tls.pcap", packets, nanos=True)
    before = analyze([path], Options(keylogs=(Secret(told.keylog),)))
    rows = listed(before.findings[0].signed.exchange)
    assert [row[:3] for row in rows["C"]] == [("new", 0, HEAD), ("new", HEAD, BODY), ("retransmitted", HEAD, BODY)]
    after = again(before, tmp_path)
    assert listed(after.findings[0].signed.exchange) == rows
    assert after.findings[0].signed.exchange.connection.server.port == 80
    assert cases.outline(after.findings) == cases.outline(before.findings)


@pytest.mark.skipif(shutil.which("tshark") is None, reason="tshark is not installed")
@pytest.mark.parametrize("name", CASES)
def test_tshark_sees_the_same_trouble(name: str, tmp_path: Path) -> None:
    """What tshark's own analysis says of each packet with data, before and after."""
    original = capture(tmp_path / "original.pcap", CASES[name][0])
    made = tmp_path / "redacted.pcapng"
    made.write_bytes(redacted_capture(redact(analyze([original]))))
    marks = [f"tcp.analysis.{mark}" for mark in ("retransmission", "out_of_order", "lost_segment")]
    fields = ["tcp.len", "tcp.checksum.status", "ip.checksum.status", "_ws.malformed", *marks]

    def seen(path: Path) -> list[str]:
        checks = ["-o", "tcp.check_checksum:TRUE", "-o", "ip.check_checksum:TRUE", "-Y", "tcp.len > 0"]
        shown = [part for field in fields for part in ("-e", field)]
        ran = subprocess.run(
            ["tshark", "-r", path, *checks, "-T", "fields", *shown],
            capture_output=True,
            text=True,
            timeout=60,
            check=True,
        )
        return ran.stdout.splitlines()

    assert seen(made) == seen(original)
