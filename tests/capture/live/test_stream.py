"""Cutting, joining, saving and pumping: no byte is lost, doubled or torn."""

from __future__ import annotations

import io
import itertools
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analyzer.capture.live.cutting import Cutter, Header, Records
from analyzer.capture.live.feeds import Drops
from analyzer.capture.live.pump import Limits, Pump
from analyzer.capture.live.ring import MAX_KEPT, Ring
from analyzer.model.errors import CannotRead, OutputRefused
from tests.capture.live.feeding import Fed, capture, drained
from tests.support.captured import read_all


def numbers(data: bytes) -> list[int]:
    """The packets of a capture by the numbers in them; they are no TCP, so the records are walked."""
    cutter, found = Cutter(), []
    for part in cutter.cut(data):
        if isinstance(part, Records):
            found += [int.from_bytes(part.data[at : at + 4], "big") for at in part.packets.data.tolist()]
    assert not cutter.waiting
    return found


@pytest.mark.parametrize("ng", [False, True])
@given(cuts=st.lists(st.integers(0, 1500), max_size=12))
def test_cut_anywhere_it_is_the_same_stream(ng: bool, cuts: list[int]) -> None:
    data = capture(12, ng=ng)
    cutter, out, found = Cutter(), b"", 0
    places = sorted({0, len(data), *(min(cut, len(data)) for cut in cuts)})
    for start, stop in itertools.pairwise(places):
        for part in cutter.cut(data[start:stop]):
            out += part.data
            found += len(part) if isinstance(part, Records) else 0
    assert (out, found) == (data, 12)


@pytest.mark.parametrize("ng", [False, True])
@given(count=st.integers(0, 13))
def test_head_and_tail_are_the_whole(ng: bool, count: int) -> None:
    *headers, records = Cutter().cut(capture(12, ng=ng))
    assert isinstance(records, Records)
    head, tail = records.head(count), records.tail(count)
    assert head.data + tail.data == records.data
    assert len(head) + len(tail) == 12
    front = b"".join(header.data for header in headers)
    assert numbers(front + head.data) + numbers(front + tail.data) == list(range(12))


def test_statistics_behind_the_packets_belong_to_the_stream() -> None:
    data = capture(2, ng=True)
    statistics = bytes.fromhex("05000000 18000000 00000000 00000000 00000000 18000000")
    parts = list(Cutter().cut(data + statistics))
    assert b"".join(part.data for part in parts) == data + statistics
    assert [type(part) for part in parts][-1] is Records


@pytest.mark.parametrize("data", [b"hello, this is no capture at all", capture(1)[:30] + b"\xff" * 40])
def test_what_is_no_capture_or_damaged_is_said(data: bytes) -> None:
    with pytest.raises(CannotRead):
        list(Cutter().cut(data))


# The ring


def written(folder: Path) -> list[list[int]]:
    return [numbers(path.read_bytes()) for path in sorted(folder.iterdir())]


@pytest.mark.parametrize("ng", [False, True])
def test_a_ring_holds_the_last_packets_each_file_alone(tmp_path: Path, ng: bool) -> None:
    ring = Ring(str(tmp_path / "new" / "ring"), 500, 3)
    for part in Cutter().cut(capture(40, ng=ng)):
        ring.header(part) if isinstance(part, Header) else ring.records(part)
    ring.close()
    files = written(tmp_path / "new" / "ring")
    assert len(files) == 3
    assert [number for file in files for number in file] == list(range(files[0][0], 40))
    assert all(path.stat().st_size <= 500 for path in (tmp_path / "new" / "ring").iterdir())
    for path in (tmp_path / "new" / "ring").iterdir():
        assert path.suffix == (".pcapng" if ng else ".pcap")
        assert not read_all([path]).facts[0].truncated


def test_a_packet_larger_than_a_file_is_a_file(tmp_path: Path) -> None:
    ring = Ring(str(tmp_path), 100, 5)
    for part in Cutter().cut(capture(3, size=400)):
        ring.header(part) if isinstance(part, Header) else ring.records(part)
    ring.close()
    assert written(tmp_path) == [[0], [1], [2]]


def test_files_with_findings_stay(tmp_path: Path) -> None:
    ring = Ring(str(tmp_path), 500, 2)
    for index, part in enumerate(Cutter().cut(capture(10))):
        ring.header(part) if index == 0 else ring.records(part)  # type: ignore[arg-type]
    ring.keep(2, 3)
    ring.keep(2, 3)  # a second finding in the same file
    assert len(ring.kept) == 1
    for part in Cutter().cut(capture(30, first=10)):
        if isinstance(part, Records):
            ring.records(part)
    ring.close()
    names = sorted(path.stem for path in tmp_path.iterdir())
    assert len(names) == 3
    assert [name.endswith("-finding") for name in names] == [True, False, False]
    assert 1 in written(tmp_path)[0]


def test_not_every_file_of_a_failing_service_stays(tmp_path: Path) -> None:
    ring = Ring(str(tmp_path), 100, 2)
    frame = 0
    for part in Cutter().cut(capture(MAX_KEPT + 20)):
        if isinstance(part, Header):
            ring.header(part)
            continue
        for _ in range(len(part)):
            ring.records(part.head(1))
            part, frame = part.tail(1), frame + 1
            ring.keep(frame, frame)
    ring.close()
    assert len(ring.kept) == MAX_KEPT
    assert ring.lost_track == 20
    assert len(list(tmp_path.iterdir())) == MAX_KEPT + 2


def test_what_is_written_is_in_the_file_at_once(tmp_path: Path) -> None:
    ring = Ring(str(tmp_path), 1 << 20, 2)
    for part in Cutter().cut(capture(5)):
        ring.header(part) if isinstance(part, Header) else ring.records(part)
    assert written(tmp_path) == [[0, 1, 2, 3, 4]]  # the file is still open
    ring.close()


def test_a_folder_that_cannot_be_written_is_said_before_anything_begins(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(OutputRefused):
        Ring(str(tmp_path / "file"), 500, 3)


def test_a_full_disk_ends_saving_and_nothing_else(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(descriptor: int, data: memoryview) -> int:
        raise OSError(28, "No space left on device")

    feed = Fed()
    ring = Ring(str(tmp_path), 1 << 20, 2)
    monkeypatch.setattr("analyzer.capture.live.ring.os.write", full)
    pump = Pump([feed], ring, Limits())
    pump.start()
    monkeypatch.undo()
    monkeypatch.setattr("analyzer.capture.live.ring.os", _Full())
    feed.give_all(capture(50))
    assert numbers(drained(pump)) == list(range(50))
    assert ring.failed == "no space left on device"


class _Full:
    """``os`` with a full disk."""

    def __getattr__(self, name: str) -> object:
        import os

        if name == "write":
            return self._write
        return getattr(os, name)

    def _write(self, descriptor: int, data: memoryview) -> int:
        raise OSError(28, "No space left on device")


# The pump


@pytest.mark.parametrize("ng", [False, True])
def test_the_pump_passes_everything_on_and_saves_it(tmp_path: Path, ng: bool) -> None:
    data = capture(2000, ng=ng)
    feed = Fed()
    pump = Pump([feed], Ring(str(tmp_path), 20_000, 1000), Limits())
    pump.start()
    feed.give_all(data)
    assert drained(pump) == data
    assert [number for file in written(tmp_path) for number in file] == list(range(2000))
    assert feed.closed


def test_several_feeds_become_one_pcapng(tmp_path: Path) -> None:
    feeds = [Fed("one"), Fed("two"), Fed("three")]
    pump = Pump(feeds, Ring(str(tmp_path), 5_000, 1000), Limits())
    pump.start()
    for index, feed in enumerate(feeds):
        feed.give_all(capture(100, ng=index == 2, first=1000 * index))
    data = drained(pump)
    assert sorted(numbers(data)) == [1000 * index + n for index in range(3) for n in range(100)]
    for index in range(3):
        own = [number for number in numbers(data) if number // 1000 == index]
        assert own == sorted(own)  # each interface in its order
    assert data.startswith(b"\x0a\x0d\x0d\x0a")
    assert sorted(number for file in written(tmp_path) for number in file) == sorted(numbers(data))
    facts = read_all(["-"], stdin=io.BytesIO(data)).facts[0]
    assert (facts.packets, facts.first_time, facts.last_time) == (300, 1000 * 10**9, 3099 * 10**9)


@pytest.mark.parametrize("ng", [False, True])
def test_other_feeds_take_over_without_a_seam(ng: bool) -> None:
    first, second = Fed(), Fed()
    pump = Pump([first], None, Limits())
    pump.start()
    first.give(capture(5, ng=ng))
    second.give(capture(5, ng=ng, first=5))
    taken = pump.take(10)
    pump.replace([second])
    second.end()
    assert numbers((taken or b"") + drained(pump)) == list(range(10))
    assert first.closed


def test_a_feed_of_another_kind_cannot_take_over() -> None:
    first, second = Fed(), Fed()
    pump = Pump([first], None, Limits())
    pump.start()
    first.give(capture(1))
    pump.take(10)
    other = bytearray(capture(1))
    other[20] = 113
    second.give(bytes(other))
    pump.replace([second])
    drained(pump)
    assert pump.fault is not None
    assert pump.fault.key == "live.interface-changed"


@pytest.mark.parametrize("count", [1, 7, 100])
def test_it_ends_after_so_many_packets(tmp_path: Path, count: int) -> None:
    feed = Fed()
    pump = Pump([feed], Ring(str(tmp_path), 1 << 20, 2), Limits(packets=count))
    pump.start()
    feed.give(capture(150))
    assert numbers(drained(pump)) == list(range(count))
    assert written(tmp_path) == [list(range(count))]


def test_it_ends_after_a_while_and_when_told() -> None:
    for limits, stop in ((Limits(seconds=0.01), False), (Limits(), True)):
        feed = Fed(lag=0.05)
        pump = Pump([feed], None, limits)
        pump.start()
        feed.give(capture(3))
        if stop:
            pump.stop()
        assert numbers(drained(pump)) == [0, 1, 2]


def test_a_full_queue_makes_the_feed_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("analyzer.capture.live.pump._MOST_WAITING", 10_000)
    feed = Fed()
    pump = Pump([feed], None, Limits())
    pump.start()
    data = capture(4000)
    feed.give_all(data)
    most, out = 0, b""
    while (part := pump.take(10)) != b"":
        assert part is not None
        most = max(most, pump.backlog)
        out += part
    pump.close()
    assert out == data
    assert most <= 10_000 + 5_000 + 76


def test_drops_are_those_of_all_feeds_or_unknown() -> None:
    cases = (
        ([Drops(1, 2), Drops(3, None)], Drops(4, 2)),
        ([Drops(0, 0), Drops(None, 0)], Drops(None, 0)),
        ([Drops(2, 0), Drops(None, 0)], Drops(2, 0)),
    )
    for given_drops, expected in cases:
        feeds = [Fed(str(n), drops=drops) for n, drops in enumerate(given_drops)]
        pump = Pump(feeds, None, Limits())
        assert pump.drops == expected
        for feed in feeds:
            feed.close()
