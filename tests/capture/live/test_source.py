"""The live source serves the same engine: same findings, time that passes, memory that stays."""

from __future__ import annotations

import gc
import threading
from pathlib import Path

import pytest

from analyzer import Options, analyze
from analyzer.capture.live.ring import Ring
from analyzer.model.errors import CannotRead
from analyzer.model.findings import Finding
from analyzer.pipeline import KEPT_BODY, Progress, follow
from analyzer.tcp import assembly
from tests.capture.live.feeding import ROOT, Fed, capture, source_of
from tests.recorder.packets import Connection, Place, frames
from tests.support.pcapfile import pcap_bytes

HEAD = b"PUT /k%d HTTP/1.1\r\nHost: b.oss-cn-hangzhou.aliyuncs.com\r\nAuthorization: OSS a:%027d=\r\n"
ERROR = b"<Error><Code>SignatureDoesNotMatch</Code></Error>"
REFUSED = b"HTTP/1.1 403 Forbidden\r\nContent-Length: %d\r\n\r\n%s" % (len(ERROR), ERROR)
SAMPLES = sorted((ROOT / "captures").glob("*.pcap*"))


def essence(findings: tuple[Finding, ...]) -> list[object]:
    return [(f.id, f.signed.exchange, f.comparison, f.causes, f.facts, f.clocks, f.group) for f in findings]


@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: path.name)
def test_a_live_run_finds_what_the_file_holds(path: Path, tmp_path: Path) -> None:
    feed = Fed()
    source = source_of(feed, ring=Ring(str(tmp_path), 10_000, 1000))
    feed.give_all(path.read_bytes())
    told: list[Finding] = []
    report = follow(source, found=told.append)
    expected = analyze([path], Options(kept_body=KEPT_BODY))
    assert essence(report.findings) == essence(expected.findings)
    assert [one.id for one in told] == [one.id for one in report.findings]
    assert report.context == expected.context
    saved = analyze([str(tmp_path)])
    frames_of = [f.signed.exchange.frames for f in expected.findings]
    assert [f.signed.exchange.frames for f in saved.findings] == frames_of


def test_a_finding_comes_while_the_capture_goes_on() -> None:
    feed = Fed()
    source = source_of(feed)
    told = threading.Event()

    def end_when_told() -> None:
        feed.give((ROOT / "captures" / "faild.pcap").read_bytes()[:-200])  # without the end of the connection
        told.wait(20)
        feed.end()

    threading.Thread(target=end_when_told, daemon=True).start()
    report = follow(source, found=lambda finding: told.set())
    assert told.is_set()
    assert len(report.findings) == 1


def refused_with_a_hole() -> list[tuple[int, bytes]]:
    """An upload of which one segment was not captured, refused."""
    connection = Connection(1, 2, 8_000_000)
    connection.open(10**18)
    connection.send(10**18 + 10**8, True, HEAD % (1, 1) + b"Content-Length: 9000\r\n\r\n" + bytes(9000))
    connection.send(10**18 + 10**9, False, REFUSED)
    packets = frames(connection.segments, Place())
    del packets[6]
    return packets


def test_time_passes_without_packets() -> None:
    """What was lost is given up by the clock; no packet and no end is needed for the finding to come."""
    feed = Fed()
    source = source_of(feed)
    told = threading.Event()

    def end_when_told() -> None:
        feed.give(pcap_bytes(refused_with_a_hole()))
        told.wait(20)
        feed.end()

    threading.Thread(target=end_when_told, daemon=True).start()
    follow(source, found=lambda finding: told.set())
    assert told.is_set()


def test_empty_batches_carry_the_time_on_but_not_past_what_may_be_late(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [100.0]
    monkeypatch.setattr("analyzer.capture.live.source.time.monotonic", lambda: now[0])
    feed = Fed(lag=2.0)
    source = source_of(feed)
    feed.give(capture(3))
    stream = source.batches()
    while next(stream).last_time != 1002 * 10**9:
        pass
    now[0] += 1.5
    assert next(stream).last_time == 1002 * 10**9
    now[0] += 1.5
    assert next(stream).last_time == 1003 * 10**9
    source.close()
    list(stream)


def test_no_packets_at_all_is_no_fault() -> None:
    feed = Fed()
    source = source_of(feed)
    feed.end()
    report = follow(source, found=lambda finding: None)
    assert (report.findings, report.errors, report.incomplete) == ((), (), False)


def test_something_else_than_a_capture_is_a_fault() -> None:
    feed = Fed()
    source = source_of(feed)
    feed.give_all(b"hello " * 20)
    with pytest.raises(CannotRead):
        follow(source, found=lambda finding: None)


def test_damage_on_the_way_ends_it_and_what_was_before_counts() -> None:
    feed = Fed()
    source = source_of(feed)
    feed.give_all((ROOT / "captures" / "faild.pcap").read_bytes() + b"\xff" * 100)
    report = follow(source, found=lambda finding: None)
    assert len(report.findings) == 1
    assert "capture.bad-record" in {note.key for note in report.captures[0].facts.notes}


def exchanges(number: int) -> bytes:
    """A connection of its own: an upload, and every third time a refusal. Records without a file header."""
    connection = Connection(number * 99_991, number * 77_773, 1_000_000)
    start = 10**18 + number * 10**7
    connection.open(start)
    connection.send(start + 10**6, True, HEAD % (number, number) + b"Content-Length: 3000\r\n\r\n" + bytes(3000))
    done = b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"
    connection.send(start + 3 * 10**6, False, done if number % 3 else REFUSED)
    connection.finish(start + 5 * 10**6, True)
    connection.finish(start + 6 * 10**6, False)
    connection.close()
    place = Place(client=f"10.{number >> 16 & 255}.{number >> 8 & 255}.{number & 255}")
    return pcap_bytes(frames(connection.segments, place))[24:]


def test_memory_is_flat(monkeypatch: pytest.MonkeyPatch) -> None:
    """A soak in little: limits made small, then several times as much traffic as they hold. What is counted are the
    objects that live, each time at the same point; they may not become more."""
    for name, value in (("MAX_ENDED", 64), ("MAX_NUMBERS", 128), ("SWEEP", 16)):
        monkeypatch.setattr(assembly, name, value)
    monkeypatch.setattr("analyzer.diagnosis.memory.MAX_SIGNATURES", 40)
    monkeypatch.setattr("analyzer.http.activity.KEPT", 40)
    feed = Fed()
    source = source_of(feed)
    rounds, size = 8, 150
    alive: list[int] = []
    reached = threading.Semaphore(0)
    told = 0

    def write() -> None:
        feed.give(pcap_bytes([]))
        for turn in range(rounds):
            for number in range(size):
                feed.give(exchanges(turn * size + number))
            reached.acquire(timeout=30)
        feed.end()

    def progress(now: Progress) -> None:
        if now.exchanges == (len(alive) + 1) * size:
            gc.collect()
            alive.append(len(gc.get_objects()))
            reached.release()

    def found(finding: Finding) -> None:
        nonlocal told
        told += 1

    threading.Thread(target=write, daemon=True).start()
    report = follow(source, Options(max_findings=20, context=4), found=found, progress=progress)
    assert told == rounds * size // 3
    assert len(report.findings) == 20
    assert len(alive) == rounds
    assert min(alive[-3:]) <= min(alive[2:4]) * 1.01, alive  # the least: others in this process make objects, too
