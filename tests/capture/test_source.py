"""Sets of files, pipes, growing files; results never depend on batches, blocks or the path a packet took."""

from __future__ import annotations

import io
import json
import os
import random
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from analyzer.capture import open_captures
from analyzer.model.errors import CannotRead
from tests.support.captured import read_all
from tests.support.packets import ethernet, ipv4_fragments, tcp_packet, tcp_segment
from tests.support.pcapfile import epb, idb, pcap_bytes, pcapng_bytes, shb, write_pcap, write_pcapng

CORPORA = Path(__file__).resolve().parents[2].parent / "shared" / "corpora"


def packet(number: int, payload: bytes = b"x") -> bytes:
    return tcp_packet("10.0.0.1", "10.0.0.2", 1000, 80, number, 0, 24, payload)


def mixture(seed: int, count: int) -> list[tuple[int, bytes]]:
    """Packets of every path: fast, tagged, IPv6, fragments, options, tunnels, noise."""
    pick = random.Random(seed)
    out: list[bytes] = []
    while len(out) < count:
        number, payload = len(out), pick.randbytes(pick.randrange(0, 60))
        four = (f"10.0.0.{pick.randrange(1, 9)}", "10.0.1.1", 1000, 80, number, 0, 24, payload)
        six = (f"2001:db8::{pick.randrange(1, 9)}", "2001:db8::ff", 1000, 80, number, 0, 24, payload)
        kind = pick.randrange(9)
        if kind < 2:
            out.append(tcp_packet(*four))
        elif kind == 2:
            out.append(tcp_packet(*six))
        elif kind == 3:
            out.append(tcp_packet(*four, vlan=[5]))
        elif kind == 4:
            out.append(tcp_packet(*six, vlan=[5, 6]))
        elif kind == 5:
            out.append(tcp_packet(*four, ip_options=b"\x94\x04\0\0"))
        elif kind == 6:
            segment = tcp_segment(*four)
            parts = ipv4_fragments(four[0], four[1], 6, segment, 16, ident=number)
            pick.shuffle(parts)
            out += [ethernet(part, 0x0800) for part in parts]
        elif kind == 7:
            out.append(tcp_packet(f"240.0.0.{pick.randrange(3)}", *four[1:]))
        else:
            out.append(pick.randbytes(pick.randrange(0, 100)))
    return [(10**18 + i * 10**6, data) for i, data in enumerate(out)]


@pytest.mark.parametrize("kind", ["pcap", "pcapng"])
@pytest.mark.parametrize("seed", range(4))
def test_rows_do_not_depend_on_how_they_were_read(kind: str, seed: int, tmp_path: Path) -> None:
    packets = mixture(seed, 400)
    path = tmp_path / "x"
    (write_pcap if kind == "pcap" else write_pcapng)(path, packets, snaplen=90 if seed % 2 else 262144)
    base = read_all([path])
    assert base.last_frame == len(packets)
    ways: list[dict[str, Any]] = [{"batch_packets": n} for n in (1, 2, 3, 5, 16)]
    ways += [{"fast": False}, {"block_bytes": 512}, {"fast": False, "batch_packets": 7, "block_bytes": 700}]
    for way in ways:
        other = read_all([path], **way)
        assert (other.segments, other.numbers, other.facts) == (base.segments, base.numbers, base.facts), way
    piped = read_all(["-"], stdin=io.BytesIO(path.read_bytes()))
    assert (piped.segments, piped.numbers) == (base.segments, base.numbers)


def test_several_interfaces_in_mixed_order(tmp_path: Path) -> None:
    packets = mixture(9, 300)
    blocks = [shb(), idb(1), idb(113)]
    for i, (ticks, data) in enumerate(packets):
        blocks.append(epb(ticks // 1000, data, interface=0))
        if i % 3 == 0:
            sll = tcp_packet("10.9.9.9", "10.8.8.8", 7, 8, i, 0, 24, b"sll", link=113)
            blocks.append(epb(ticks // 1000, sll, interface=1))
    path = tmp_path / "x"
    path.write_bytes(b"".join(blocks))
    base = read_all([path])
    assert sum(one.payload == b"sll" for one in base.segments) == len(range(0, len(packets), 3))
    for way in ({"fast": False}, {"batch_packets": 3}, {"block_bytes": 512}):
        other = read_all([path], **way)
        assert (other.segments, other.numbers) == (base.segments, base.numbers)


def test_a_set_is_read_in_time_order_with_running_frames(tmp_path: Path) -> None:
    late = write_pcap(tmp_path / "a.pcap", [(30 * 10**9, packet(3)), (40 * 10**9, packet(4))])
    early = write_pcapng(tmp_path / "b.pcapng", [(10 * 10**9, packet(1)), (20 * 10**9, packet(2))])
    for paths in ([late, early], [tmp_path], [str(tmp_path / "*")]):
        outcome = read_all(paths)
        assert [(one.seq, one.frame) for one in outcome.segments] == [(1, 1), (2, 2), (3, 3), (4, 4)]
        assert [(Path(fact.path).name, fact.first_frame) for fact in outcome.facts] == [("b.pcapng", 1), ("a.pcap", 3)]


def test_fragments_and_addresses_live_across_files(tmp_path: Path) -> None:
    segment = tcp_segment("10.0.0.1", "10.0.0.2", 1, 80, 5, 6, 24, b"z" * 100)
    one, two = (ethernet(p, 0x0800) for p in ipv4_fragments("10.0.0.1", "10.0.0.2", 6, segment, 64))
    a = write_pcap(tmp_path / "a", [(10**9, one)])
    b = write_pcap(tmp_path / "b", [(2 * 10**9, two)])
    outcome = read_all([b, a])
    assert [(s.frame, s.payload) for s in outcome.segments] == [(2, b"z" * 100)]


def test_the_same_file_twice_is_read_twice(tmp_path: Path) -> None:
    path = write_pcap(tmp_path / "a", [(1, packet(1))])
    assert [one.frame for one in read_all([path, path]).segments] == [1, 2]


def test_bad_files_beside_good_ones_become_facts(tmp_path: Path) -> None:
    good = write_pcap(tmp_path / "good", [(1, packet(1))])
    (tmp_path / "text").write_text("no capture")
    outcome = read_all([tmp_path / "text", good, tmp_path / "absent"])
    assert [Path(fact.path).name for fact in outcome.facts] == ["good", "text", "absent"]
    assert outcome.keys == ["capture.is-text", "capture.not-there"]
    assert len(read_all([tmp_path]).segments) == 1  # in a directory other files are no news


@pytest.mark.parametrize(
    ("make", "key"),
    [
        (lambda d: d / "absent", "capture.not-there"),
        (lambda d: d / "*.pcap", "capture.no-match"),
        (lambda d: (d / "empty").mkdir() or d / "empty", "capture.directory-empty"),
        (lambda d: (d / "notes.txt").write_text("no capture") and d, "capture.directory-without-captures"),
    ],
)
def test_nothing_to_read(make: Any, key: str, tmp_path: Path) -> None:
    with pytest.raises(CannotRead) as caught:
        open_captures([make(tmp_path)])
    assert caught.value.note.key == key


def test_nothing_given() -> None:
    for paths, key in (([], "capture.nothing-given"), (["-"], "capture.no-stdin")):
        with pytest.raises(CannotRead) as caught:
            open_captures(paths)
        assert caught.value.note.key == key


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_no_permission(tmp_path: Path) -> None:
    path = write_pcap(tmp_path / "a", [(1, packet(1))])
    path.chmod(0)
    with pytest.raises(CannotRead) as caught:
        open_captures([path])
    assert caught.value.note.key == "capture.no-permission"


def test_a_pipe_delivers_what_has_arrived() -> None:
    inlet, outlet = os.pipe()
    data = pcap_bytes([(i, packet(i)) for i in range(3)])
    first = len(pcap_bytes([(0, packet(0))]))
    os.write(outlet, data[: first + 10])
    with os.fdopen(inlet, "rb") as stdin:
        batches = open_captures(["-"], stdin=stdin).batches()
        assert next(batches).seq.tolist() == [0]
        os.write(outlet, data[first + 10 :])
        os.close(outlet)
        rest = list(batches)
    assert [seq for batch in rest for seq in batch.seq.tolist()] == [1, 2]
    assert all(batch.base is None for batch in rest)


def test_follow_waits_for_a_growing_file(tmp_path: Path) -> None:
    data = pcap_bytes([(i, packet(i)) for i in range(4)])
    path = tmp_path / "growing"
    path.write_bytes(data[:100])

    def grow() -> None:
        time.sleep(0.1)
        with path.open("ab") as file:
            file.write(data[100:])

    source = open_captures([path], follow=True)
    writer = threading.Thread(target=grow)
    writer.start()
    seen: list[int] = []
    batches: Iterator[Any] = source.batches()
    while len(seen) < 4:
        seen += next(batches).seq.tolist()
    writer.join()
    assert seen == [0, 1, 2, 3]
    source.close()


def test_the_block_may_grow_between_batches(tmp_path: Path) -> None:
    packets = [(i, packet(i, b"y" * 300)) for i in range(500)]
    path = write_pcap(tmp_path / "a", packets)
    source = open_captures([path], block_bytes=2000)
    seqs: list[int] = []
    for batch in source.batches():
        seqs += batch.seq.tolist()
        source.block_bytes = min(source.block_bytes * 2, 1 << 20)
    assert seqs == list(range(500))


def test_a_file_that_has_grown_since_it_was_opened(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The buffer is made for the size that the file has when it is opened; what comes later is read all the same."""
    path = tmp_path / "x.pcap"
    path.write_bytes(pcap_bytes(mixture(1, 200)))
    whole = read_all([path])
    monkeypatch.setattr(os.path, "getsize", lambda path: 700)
    grown = read_all([path])
    assert (grown.segments, grown.numbers, grown.facts) == (whole.segments, whole.numbers, whole.facts)


def test_records_longer_than_the_block(tmp_path: Path) -> None:
    path = write_pcap(tmp_path / "a", [(i, packet(i, b"y" * 60000)) for i in range(5)])
    assert [len(one.payload) for one in read_all([path], block_bytes=512).segments] == [60000] * 5


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    kind=st.sampled_from(["pcap", "pcapng", "noise"]),
    damage=st.lists(st.tuples(st.integers(0, 10**6), st.binary(min_size=1, max_size=6)), max_size=8),
    noise=st.binary(max_size=300),
    link=st.sampled_from([0, 1, 9, 101, 104, 105, 113, 127, 129, 192, 239, 276]),
)
def test_hostile_bytes_end_quickly_and_quietly(
    kind: str, damage: list[tuple[int, bytes]], noise: bytes, link: int, tmp_path: Path
) -> None:
    packets = [*mixture(len(noise), 20), (10**18, noise), (10**18, noise[::2])]
    data = bytearray(noise) if kind == "noise" else bytearray(pcap_bytes(packets, linktype=link))
    if kind == "pcapng":
        data = bytearray(pcapng_bytes(packets, linktype=link))
    for place, value in damage:
        if data:
            at = place % len(data)
            data[at : at + len(value)] = value
    path = tmp_path / "x"
    path.write_bytes(data)
    try:
        base = read_all([path])
    except CannotRead:
        return
    for way in ({"fast": False}, {"batch_packets": 2, "block_bytes": 512}):
        other = read_all([path], **way)
        assert (other.segments, other.numbers, other.facts) == (base.segments, base.numbers, base.facts)


@pytest.mark.skipif(not CORPORA.is_dir(), reason="real captures are not here")
def test_real_captures_have_the_packets_that_the_oracle_counts() -> None:
    oracle = json.loads((CORPORA / "oracle.json").read_text("utf-8"))
    wrong = []
    for name, expected in oracle.items():
        outcome = read_all([CORPORA / name])
        slow = read_all([CORPORA / name], fast=False, batch_packets=16)
        assert slow.segments == outcome.segments
        if outcome.facts[0].packets != expected["packets"]:
            wrong.append((name, outcome.facts[0].packets, expected["packets"]))
    assert not wrong
