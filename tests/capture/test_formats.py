"""pcap and pcapng in all their flavours, compressed or not."""

from __future__ import annotations

import bz2
import gzip
import lzma
import random
import struct
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest

from analyzer.capture.pcapng import MOST_COMMENTS
from analyzer.model.errors import CannotRead
from tests.support.captured import Outcome, read_all
from tests.support.packets import link_header, tcp_packet
from tests.support.pcapfile import block, epb, idb, option, pcap_bytes, pcapng_bytes, shb

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

T = 1_700_000_000_123_456_789
Write = Callable[[bytes], Path]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    def _write(data: bytes) -> Path:
        path = tmp_path / "capture"
        path.write_bytes(data)
        return path

    return _write


def packet(number: int, payload: bytes = b"x", link: int = 1) -> bytes:
    return tcp_packet("10.0.0.1", "10.0.0.2", 1000, 80, number, 0, 24, payload, link=link)


def many(count: int) -> list[tuple[int, bytes]]:
    filler = random.Random(count)
    return [(T + i * 1000, packet(i, filler.randbytes(filler.randrange(0, 200)))) for i in range(count)]


def seqs(outcome: Outcome) -> list[int]:
    return [one.seq for one in outcome.segments]


@pytest.mark.parametrize("big", [False, True], ids=["le", "be"])
@pytest.mark.parametrize("nanos", [False, True], ids=["us", "ns"])
def test_pcap(big: bool, nanos: bool, write: Write) -> None:
    outcome = read_all([write(pcap_bytes(many(10), big_endian=big, nanos=nanos))])
    assert [one.time for one in outcome.segments] == [
        (T + i * 1000) // (1 if nanos else 1000) * (1 if nanos else 1000) for i in range(10)
    ]
    (facts,) = outcome.facts
    assert (facts.format, facts.link_types, facts.packets, facts.truncated) == ("pcap", ("EN10MB",), 10, False)
    assert (facts.first_time, facts.last_time) == (outcome.segments[0].time, outcome.segments[-1].time)


@pytest.mark.parametrize("big", [False, True], ids=["le", "be"])
def test_modified_pcap(big: bool, write: Write) -> None:
    assert seqs(read_all([write(pcap_bytes(many(50), big_endian=big, modified=True))])) == list(range(50))


def test_pcap_before_2_3_has_the_lengths_swapped(write: Write) -> None:
    data = bytearray(pcap_bytes([(T, packet(1, b"abc"), 5000)]))
    data[6:8] = struct.pack("<H", 2)
    data[32:40] = data[36:40] + data[32:36]
    (one,) = read_all([write(bytes(data))]).segments
    assert (one.payload, one.length) == (b"abc", 3)


def test_link_type_with_frame_check_sequence_bits(write: Write) -> None:
    outcome = read_all([write(pcap_bytes(many(3), linktype=0x24000001))])
    assert (seqs(outcome), outcome.facts[0].link_types) == ([0, 1, 2], ("EN10MB",))


@pytest.mark.parametrize("big", [False, True], ids=["le", "be"])
@pytest.mark.parametrize("count", [10, 3000])
def test_pcapng(big: bool, count: int, write: Write) -> None:
    outcome = read_all([write(pcapng_bytes(many(count), big_endian=big))])
    assert seqs(outcome) == list(range(count))
    assert [one.time for one in outcome.segments[:10]] == [T + i * 1000 for i in range(10)]
    assert outcome.facts[0].format == "pcapng"


@pytest.mark.parametrize(
    ("resolution", "ticks", "expected"),
    [
        (None, 1_700_000_000_000_001, 1_700_000_000_000_001_000),
        (0, 1_700_000_000, 1_700_000_000_000_000_000),
        (3, 1_700_000_000_001, 1_700_000_000_001_000_000),
        (9, 1_700_000_000_000_000_001, 1_700_000_000_000_000_001),
        (12, 5_000_000_000_001, 5_000_000_000),
        (0x80 | 10, (1_700_000_000 << 10) + 512, 1_700_000_000_500_000_000),
        (0x80 | 32, (1_700_000_000 << 32) + (1 << 31), 1_700_000_000_500_000_000),
        (0x80 | 60, (3 << 60) + (1 << 59), 3_500_000_000),
    ],
)
def test_time_resolutions(resolution: int | None, ticks: int, expected: int, write: Write) -> None:
    options = b"" if resolution is None else option(9, bytes((resolution,))) + option(0, b"")
    (one,) = read_all([write(shb() + idb(options=options) + epb(ticks, packet(1)))]).segments
    assert one.time == expected


def test_time_offset(write: Write) -> None:
    options = option(14, struct.pack("<q", -3600)) + option(0, b"")
    (one,) = read_all([write(shb() + idb(options=options) + epb(10_000_000_000, packet(1)))]).segments
    assert one.time == (10_000 - 3600) * 10**9


def test_sections_interfaces_and_other_blocks(write: Write) -> None:
    statistics = struct.pack("<III", 0, 0, 0) + option(5, struct.pack("<Q", 7)) + option(7, struct.pack("<Q", 2))
    data = b"".join(
        [
            shb(),
            idb(1),
            epb(10, packet(1)),
            idb(113),
            epb(20, packet(2, link=113), interface=1),
            block(4, bytes(8)),  # name resolution
            epb(30, packet(3)),
            block(10, struct.pack("<II", 0x544C534B, 5) + b"keys\n"),
            block(3, struct.pack("<I", len(packet(4))) + packet(4)),
            block(
                2,
                struct.pack("<HHIIII", 1, 3, 0, 40, len(packet(5, link=113)), len(packet(5, link=113)))
                + packet(5, link=113),
            ),
            block(5, statistics),
            block(0x12345678, b"what?"),
            shb(">"),
            idb(101, order=">"),
            epb(50, packet(6, link=101), order=">"),
            epb(50, packet(9), interface=4, order=">"),  # never described
            shb(),
            idb(0),
            epb(60, packet(7, link=0)),
        ]
    )
    for options in ({}, {"batch_packets": 1}, {"block_bytes": 512}, {"fast": False}):
        outcome = read_all([write(data)], **options)
        assert seqs(outcome) == [1, 2, 3, 4, 5, 6, 7]
        assert [one.frame for one in outcome.segments] == [1, 2, 3, 4, 5, 6, 8]
        assert [one.time for one in outcome.segments] == [10000, 20000, 30000, 30000, 40000, 50000, 60000]
        (facts,) = outcome.facts
        assert facts.link_types == ("EN10MB", "LINUX_SLL", "RAW", "NULL")
        assert (facts.packets, facts.drops, len(facts.secrets)) == (8, 12, 1)
        assert facts.secrets[0].reveal() == b"keys\n"
        assert outcome.keys == ["capture.packets-without-interface", "capture.drops"]


def test_comments_on_sections(write: Write) -> None:
    """Those of every section in either byte order, whole ones, and not more than so many bytes of them."""

    def comments(order: str, *texts: bytes) -> bytes:
        return shb(order, b"".join(option(1, text, order) for text in texts) + option(0, b"", order))

    data = comments("<", b"one", b"", b"\xff" * 65_535) + idb() + epb(10, packet(1)) + comments(">", b"two", b"three")
    for options in ({}, {"batch_packets": 1}, {"block_bytes": 512}):
        (facts,) = read_all([write(data)], **options).facts
        assert facts.comments == (b"one", b"", b"\xff" * 65_535, b"two", b"three")
    cut = shb("<", option(1, b"whole") + struct.pack("<HH", 1, 9) + b"cut.")
    assert read_all([write(cut)]).facts[0].comments == (b"whole",)
    much = read_all([write(b"".join(comments("<", *[b"x" * 60_000] * 5) for _ in range(9)))]).facts[0].comments
    assert 0 < sum(map(len, much)) <= MOST_COMMENTS
    none = read_all([write(comments("<", *[b""] * 100_000))]).facts[0].comments
    assert len(none) <= MOST_COMMENTS // 64


def test_custom_and_journal_blocks_are_frames(write: Write) -> None:
    data = (
        shb()
        + idb()
        + block(0x0BAD, struct.pack("<I", 99) + b"data")
        + epb(1, packet(1))
        + block(9, b"A=B\n")
        + epb(2, packet(2))
    )
    outcome = read_all([write(data)])
    assert [one.frame for one in outcome.segments] == [2, 4]
    assert outcome.facts[0].packets == 4


COMPRESSIONS: dict[str, Callable[[bytes], bytes]] = {
    "gzip": gzip.compress,
    "zstd": partial(zstd.compress, options={zstd.CompressionParameter.checksum_flag: 1}),
    "xz": lzma.compress,
    "bzip2": bz2.compress,
}


@pytest.mark.parametrize("name", COMPRESSIONS)
@pytest.mark.parametrize("block_bytes", [512, 8 << 20])
def test_compressed(name: str, block_bytes: int, write: Write) -> None:
    data = pcap_bytes(many(500))
    half = len(data) // 2
    compress = COMPRESSIONS[name]
    for stored in (compress(data), compress(data[:half]) + compress(data[half:])):
        outcome = read_all([write(stored)], block_bytes=block_bytes)
        assert seqs(outcome) == list(range(500))
        assert (outcome.facts[0].format, outcome.facts[0].bytes) == (f"pcap+{name}", len(data))
        assert not outcome.keys


@pytest.mark.parametrize("name", COMPRESSIONS)
def test_compressed_and_cut(name: str, write: Write) -> None:
    filler = random.Random(1)
    packets = [(T, packet(i, filler.randbytes(1400))) for i in range(3000)]
    stored = COMPRESSIONS[name](pcap_bytes(packets))
    outcome = read_all([write(stored[: len(stored) * 2 // 3])])
    assert 0 < len(outcome.segments) < 3000
    assert seqs(outcome) == list(range(len(outcome.segments)))
    assert outcome.facts[0].truncated
    assert outcome.keys == ["capture.corrupt"]


@pytest.mark.parametrize("name", COMPRESSIONS)
def test_compressed_and_damaged(name: str, write: Write) -> None:
    filler = random.Random(1)
    stored = bytearray(COMPRESSIONS[name](pcap_bytes([(T, packet(i, filler.randbytes(1400))) for i in range(3000)])))
    for at in range(len(stored) * 2 // 3, len(stored) * 2 // 3 + 64):
        stored[at] ^= 0x5A
    outcome = read_all([write(bytes(stored))])
    assert outcome.segments
    assert "capture.corrupt" in outcome.keys or "capture.bad-record" in outcome.keys


@pytest.mark.parametrize("form", [pcap_bytes, pcapng_bytes])
def test_cut_anywhere_is_quiet(form: Callable[..., bytes], write: Write) -> None:
    packets = many(3)
    data = form(packets)
    whole = {len(form(packets[:i])): i for i in range(4)}
    for length in range(min(whole), len(data)):
        outcome = read_all([write(data[:length])])
        count = max(i for size, i in whole.items() if size <= length)
        assert seqs(outcome) == list(range(count))
        assert outcome.facts[0].truncated is (length not in whole)
        if length not in whole:
            (cut,) = (one for one in outcome.facts[0].notes if one.key == "capture.cut")
            assert (cut.get("frame"), cut.get("offset")) == (count + 1, len(form(packets[:count])))


@pytest.mark.parametrize("order", [False, True], ids=["le", "be"])
def test_an_absurd_record_ends_the_file_with_a_note(order: bool, write: Write) -> None:
    data = pcap_bytes(many(2), big_endian=order)
    tail = struct.pack((">" if order else "<") + "IIII", 1, 0, 0x7FFFFFFF, 1)
    outcome = read_all([write(data + tail + bytes(5000))])
    assert seqs(outcome) == [0, 1]
    (fault,) = outcome.facts[0].notes
    assert (fault.key, fault.get("offset"), fault.get("frame")) == ("capture.bad-record", len(data), 3)
    assert not outcome.facts[0].truncated


@pytest.mark.parametrize(("number", "name"), [(189, "USB_LINUX"), (4711, "4711"), (10, "FDDI")])
def test_an_unknown_link_type_is_named(number: int, name: str, write: Write) -> None:
    outcome = read_all([write(pcap_bytes(many(4), linktype=number))])
    (told,) = outcome.facts[0].notes
    assert (told.key, told.get("name"), told.get("packets")) == ("capture.unknown-link-type", name, 4)
    assert outcome.facts[0].packets == 4


@pytest.mark.parametrize(
    ("data", "key"),
    [
        (b"", "capture.empty"),
        (b"hello, this is no capture file at all", "capture.is-text"),
        (b"<Error><Code>AccessDenied</Code></Error>", "capture.is-text"),
        ("错误".encode() * 10, "capture.is-text"),
        (b"hello\x00, this is no capture file at all", "capture.unknown-format"),
        (b"PK\x03\x04" + bytes(40), "capture.other-format"),
        (b"snoop\0\0\0" + bytes(40), "capture.other-format"),
        (gzip.compress(b"text", mtime=0), "capture.unknown-format"),
        (gzip.compress(b"", mtime=0), "capture.empty"),
        (b"\x1f\x8b" + b"\xff" * 50, "capture.corrupt-start"),
    ],
)
def test_no_capture(data: bytes, key: str, write: Write) -> None:
    with pytest.raises(CannotRead) as caught:
        read_all([write(data)])
    assert caught.value.note.key == key


def test_a_capture_without_packets(write: Write) -> None:
    outcome = read_all([write(pcap_bytes([]))])
    assert outcome.keys == ["capture.no-packets"]
    assert outcome.facts[0].first_time is None


def test_loopback_header_of_the_builder() -> None:
    assert link_header(0, True) == b"\x18\0\0\0"
