"""The bundle: what is in it, that it repeats, and that its capture tells the same story."""

from __future__ import annotations

import hashlib
import io
import json
import shutil
import struct
import subprocess
import zipfile
from collections import defaultdict
from dataclasses import replace
from pathlib import Path

import pytest

from analyzer.http.plain import exchange_from_bytes
from analyzer.model.errors import OutputRefused
from analyzer.model.http import Exchange, Span
from analyzer.model.report import Report
from analyzer.model.streams import Connection, Endpoint
from analyzer.report.bundle import redacted_capture, ticket_message, write_bundle
from analyzer.report.redaction import redact
from tests.report import samples
from tests.report.redaction import cases

NAMES = sorted(cases.requests())
CLIENT, SERVER = Endpoint(b"\x0a\0\0\x05", 51822), Endpoint(b"\x76\x1f\xdb\xd9", 80)


def on_the_wire(name: str, number: int = 0) -> Exchange:
    """A case as if captured: addresses, times, a head in two segments."""
    exchange = cases.exchange(name)
    request, response = exchange.request, exchange.response
    assert request is not None
    assert response is not None
    size = len(request.head.raw)
    spans = (Span(0, 20, 4 + 10 * number), Span(20, size, 5 + 10 * number))
    head = replace(request.head, spans=spans)
    start = request.first_time + number * 1_000_000_000
    client = replace(CLIENT, port=CLIENT.port + number)
    return replace(
        exchange,
        connection=Connection(number, client, SERVER, True),
        request=replace(
            request, head=head, frames=tuple(s.frame for s in spans), first_time=start, last_time=start + 5_000_000
        ),
        response=replace(response, first_time=start + 20_000_000, last_time=start + 21_000_000),
    )


def packets(capture: bytes) -> list[tuple[int, bytes, str | None]]:
    """(time, frame, comment) of every enhanced packet block."""
    found = []
    at = 0
    while at < len(capture):
        kind, size = struct.unpack_from("<II", capture, at)
        assert struct.unpack_from("<I", capture, at + size - 4)[0] == size
        if kind == 6:
            _, high, low, captured, _ = struct.unpack_from("<IIIII", capture, at + 8)
            data = capture[at + 28 : at + 28 + captured]
            options = at + 28 + captured + (-captured % 4)
            comment = None
            if options < at + size - 4:
                _, length = struct.unpack_from("<HH", capture, options)
                comment = capture[options + 4 : options + 4 + length].decode()
            found.append((high << 32 | low, data, comment))
        at += size
    return found


def streams(capture: bytes) -> dict[tuple[bytes, int], bytes]:
    """(source address, source port) → bytes sent, put together by sequence number."""
    sent: dict[tuple[bytes, int], dict[int, bytes]] = defaultdict(dict)
    for _, frame, _ in packets(capture):
        ip = frame[14:]
        port, _, seq = struct.unpack_from(">HHI", ip, 20)
        payload = ip[40:]
        if payload:
            sent[ip[12:16], port][seq] = payload
    return {end: b"".join(parts[seq] for seq in sorted(parts)) for end, parts in sent.items()}


@pytest.mark.parametrize("name", NAMES)
def test_capture_tells_the_same_story(name: str) -> None:
    before = cases.report(on_the_wire(name))
    redacted = redact(before)
    both = streams(redacted_capture(redacted))
    after = redacted.report.findings[0].signed.exchange.connection
    request = both[after.client.address, after.client.port]
    answer = both[after.server.address, after.server.port]
    again = exchange_from_bytes(request, answer, time=1)
    assert cases.outline(cases.findings(again)) == cases.outline(before.findings)


def test_checksums_times_and_comments() -> None:
    redacted = redact(cases.report(on_the_wire("v1-bucket-differs")))
    found = packets(redacted_capture(redacted))
    for _, frame, _ in found:
        ip = frame[14:]
        assert ones(ip[:20]) == 0
        assert ones(ip[12:20] + struct.pack(">BBH", 0, 6, len(ip) - 20) + ip[20:]) == 0
    times = [time for time, _, _ in found]
    assert times == sorted(times)
    request = redacted.report.findings[0].signed.exchange.request
    assert request is not None
    assert request.first_time in times
    assert request.last_time in times
    comments = [comment for _, _, comment in found if comment]
    assert any("frame 5 of the original capture" in comment for comment in comments)


def ones(data: bytes) -> int:
    """Ones' complement sum, 0 where the checksum is right."""
    data += b"\0" * (len(data) % 2)
    total: int = sum(struct.unpack(f">{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


def test_a_hole_stays_a_hole() -> None:
    exchange = on_the_wire("v1-header")
    assert exchange.request is not None
    body = exchange.request.body
    holed = replace(body, length=5000, captured=17, declared=5000, complete=False, digests=None)
    exchange = replace(exchange, request=replace(exchange.request, body=holed))
    redacted = redact(cases.report(exchange))
    after = redacted.report.findings[0].signed.exchange.connection
    highest = max(
        struct.unpack_from(">I", frame, 38)[0]
        for _, frame, _ in packets(redacted_capture(redacted))
        if frame[26:30] == after.client.address
    )
    assert exchange.request is not None
    assert highest == 1_000_001 + len(exchange.request.head.raw) + 5000 + 1


def test_ipv6_and_chunked() -> None:
    request, answer = cases.requests()["v1-header"]
    head, _, body = request.partition(b"\r\n\r\n")
    head = head.replace(b"Content-Length: 18", b"Transfer-Encoding: chunked")
    exchange = exchange_from_bytes(head + b"\r\n\r\n%x\r\n" % len(body) + body + b"\r\n0\r\n\r\n", answer)
    ends = Endpoint(bytes(15) + b"\x07", 5000), Endpoint(b"\x24" + bytes(15), 80)
    exchange = replace(exchange, connection=Connection(0, *ends, False))
    capture = redacted_capture(redact(cases.report(exchange)))
    frames = [frame for _, frame, _ in packets(capture)]
    assert all(frame[12:14] == b"\x86\xdd" for frame in frames)
    for frame in frames:
        ip = frame[14:]
        assert ones(ip[8:40] + struct.pack(">IHBB", len(ip) - 40, 0, 0, 6) + ip[40:]) == 0
    assert any(b"12\r\n[body 1 of 18 byte\r\n0\r\n\r\n" in frame for frame in frames)


def test_bundle_is_complete_and_repeats() -> None:
    redacted = redact(cases.report(*(on_the_wire(name, number) for number, name in enumerate(NAMES))))
    documents = {"report.html": "<p>fine</p>", "report.md": "# fine\n", "report.json": "{}\n"}
    packed = write_bundle(redacted, documents, "1.2.3")
    assert packed == write_bundle(redacted, documents, "1.2.3")
    with zipfile.ZipFile(io.BytesIO(packed)) as archive:
        assert archive.testzip() is None
        files = {name: archive.read(name) for name in archive.namelist()}
    assert set(files) == {"MANIFEST.json", "redacted.pcapng", "report.html", "report.json", "report.md"}
    manifest = json.loads(files["MANIFEST.json"])
    assert manifest["redacted"] is True
    assert {entry["name"] for entry in manifest["files"]} == set(files) - {"MANIFEST.json"}
    for entry in manifest["files"]:
        assert hashlib.sha256(files[entry["name"]]).hexdigest() == entry["sha256"]
    assert {entry["kind"] for entry in manifest["removed"]} >= {"access-key-id", "signature", "token", "bucket"}
    assert files["report.md"].endswith(b"# fine\n")


def test_message_names_the_request_first() -> None:
    text = ticket_message(redact(cases.report(on_the_wire("v1-header"))))
    first = text.splitlines()[0]
    assert "65F0A1B2C3D4E5F607182930" in first
    assert "请协助" in text


def test_message_leaves_out_what_is_not_known_and_names_the_cause() -> None:
    lines = ticket_message(redact(samples.report())).splitlines()
    assert "> POST was answered 403 SignatureDoesNotMatch at 2018-12-29 07:32:34.000 UTC." in lines
    assert "EC" not in "".join(lines)
    said = [
        line for line in lines if line.endswith(("(`content-type-after-signing`)", "（`content-type-after-signing`）"))
    ]
    assert [line[:8] for line in said] == ["> Cause,", "> 原因（很可能"]
    assert all("：" in line and "： " not in line for line in said[1:])


def test_message_about_a_clean_capture_asks_for_nothing() -> None:
    text = ticket_message(redact(Report((samples.capture(),), ())))
    assert text.startswith("> No refused signature was found in this capture.")
    assert "请协助" not in text
    assert "-`" not in text


def test_a_leak_stops_the_bundle() -> None:
    redacted = redact(cases.report(on_the_wire("v1-header")))
    with pytest.raises(OutputRefused):
        write_bundle(redacted, {"report.md": "the key id is LTAI5tPlantedKeyId0042"}, "0")


@pytest.mark.skipif(shutil.which("tshark") is None, reason="tshark is not installed")
def test_tshark_reads_it_without_complaint(tmp_path: Path) -> None:
    redacted = redact(cases.report(*(on_the_wire(name, number) for number, name in enumerate(NAMES))))
    path = tmp_path / "redacted.pcapng"
    path.write_bytes(redacted_capture(redacted))
    check = ["-o", "tcp.check_checksum:TRUE", "-o", "ip.check_checksum:TRUE", "-o", "http.tls.port:443"]
    fields = ["-T", "fields", "-e", "frame.number", "-e", "_ws.expert.message"]
    bad = "_ws.malformed || tcp.checksum.status == 0 || ip.checksum.status == 0 || tcp.analysis.lost_segment"
    run = subprocess.run(
        ["tshark", "-r", str(path), *check, "-Y", bad, *fields],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert run.returncode == 0, run.stderr
    assert run.stdout.strip() == ""
    codes = subprocess.run(
        ["tshark", "-r", str(path), "-Y", "http.response.code == 403", "-T", "fields", "-e", "tcp.stream"],
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    )
    assert len(codes.stdout.split()) == len(NAMES)
