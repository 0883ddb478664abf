"""Fragments: any order gives the packet; overlaps, loss, time and memory are kept in bounds."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from analyzer.capture.fragments import Fragment, Fragments
from tests.support.captured import read_all
from tests.support.packets import ethernet, ipv4_fragments, ipv6_fragments, tcp_segment
from tests.support.pcapfile import write_pcap

PAYLOAD = bytes(range(256)) * 8
KEY = (b"a", b"b")


def frames(six: bool, size: int) -> list[bytes]:
    if six:
        segment = tcp_segment("fe80::1", "fe80::2", 1, 80, 5, 6, 24, PAYLOAD)
        return [ethernet(part, 0x86DD) for part in ipv6_fragments("fe80::1", "fe80::2", 6, segment, size)]
    segment = tcp_segment("10.0.0.1", "10.0.0.2", 1, 80, 5, 6, 24, PAYLOAD)
    return [ethernet(part, 0x0800) for part in ipv4_fragments("10.0.0.1", "10.0.0.2", 6, segment, size)]


@pytest.mark.parametrize("order", ["forward", "backward", "shuffled", "doubled"])
@pytest.mark.parametrize("six", [False, True], ids=["v4", "v6"])
@pytest.mark.parametrize("size", [8, 512, 1480])
def test_any_order_gives_the_segment_at_the_last_frame(six: bool, size: int, order: str, tmp_path: Path) -> None:
    parts = frames(six, size)
    if order == "backward":
        parts.reverse()
    elif order == "shuffled":
        random.Random(3).shuffle(parts)
    elif order == "doubled":
        parts = [part for part in parts for _ in range(2)][:-1]
    path = write_pcap(tmp_path / "x.pcap", [(i * 1000, part) for i, part in enumerate(parts)])
    for options in ({}, {"batch_packets": 1}, {"fast": False}, {"block_bytes": 600}):
        outcome = read_all([path], **options)
        assert [(one.frame, one.seq, one.payload) for one in outcome.segments] == [(len(parts), 5, PAYLOAD)]
        assert not outcome.keys


def test_many_joined_packets_do_not_fit_the_slack(tmp_path: Path) -> None:
    segment = tcp_segment("10.0.0.1", "10.0.0.2", 1, 80, 5, 6, 24, b"y" * 60000)
    packets = []
    for ident in range(30):
        packets += [ethernet(p, 0x0800) for p in ipv4_fragments("10.0.0.1", "10.0.0.2", 6, segment, 8000, ident=ident)]
    path = write_pcap(tmp_path / "x.pcap", [(i, packet) for i, packet in enumerate(packets)])
    assert [one.payload for one in read_all([path]).segments] == [b"y" * 60000] * 30


def test_a_missing_fragment_is_told(tmp_path: Path) -> None:
    path = write_pcap(tmp_path / "x.pcap", [(i, part) for i, part in enumerate(frames(False, 512)[:-2])])
    outcome = read_all([path])
    assert outcome.segments == []
    assert outcome.keys == ["capture.fragments-missing"]


def test_snapped_fragments_keep_the_length(tmp_path: Path) -> None:
    path = write_pcap(tmp_path / "x.pcap", [(i, part) for i, part in enumerate(frames(False, 1024))], snaplen=200)
    (one,) = read_all([path]).segments
    assert (one.length, one.captured, one.payload) == (2048, 146, PAYLOAD[:146])


def test_the_lower_offset_wins_an_overlap_and_the_conflict_counts() -> None:
    book = Fragments()
    assert book.add(KEY, Fragment(0, True, b"A" * 16, 16, 6, 0)) is None
    assert book.add(KEY, Fragment(16, False, b"C" * 8, 8, 6, 0)) is not None
    assert book.add(KEY, Fragment(8, False, b"B" * 16, 16, 6, 0)) is None
    whole = book.add(KEY, Fragment(0, True, b"A" * 16, 16, 6, 0))
    assert whole is not None
    assert whole.data == b"A" * 16 + b"B" * 8
    assert (book.conflicts, book.given_up, len(book)) == (1, 0, 0)


def test_time_and_memory_are_bounded() -> None:
    book = Fragments()
    for i in range(5000):
        book.add((str(i).encode(),), Fragment(0, True, b"x" * 1400, 1400, 6, 0))
    assert len(book) < 3000
    book.add(KEY, Fragment(0, True, b"x", 1, 6, 31 * 10**9))
    assert len(book) == 1
    assert book.given_up == 5000


def test_endless_small_fragments_of_one_packet_end() -> None:
    book = Fragments()
    for _ in range(10000):
        assert book.add(KEY, Fragment(8, True, b"x" * 8, 8, 6, 0)) is None
    assert book.given_up == 2
