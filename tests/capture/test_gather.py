"""Blocks put together give the rows, the bytes and the exchanges of blocks worked through one by one."""

from __future__ import annotations

import os
import random
import threading
import time
from pathlib import Path
from typing import Any

import pytest

from analyzer.capture import open_captures
from analyzer.http import Engine, Want
from analyzer.model.http import Exchange
from tests.benchmarks.generate import generate
from tests.capture.test_source import mixture, packet
from tests.support.captured import read_all
from tests.support.pcapfile import write_pcap, write_pcapng


def large(seed: int, count: int) -> list[tuple[int, bytes]]:
    """Large payloads, acknowledgements, now and then something small or odd."""
    pick = random.Random(seed)
    odd = mixture(seed, 40)
    packets = [
        packet(number, pick.randbytes(pick.choice([0, 0, 900, 1400, 1400])))
        if pick.random() < 0.97
        else pick.choice(odd)[1]
        for number in range(count)
    ]
    return [(10**18 + number * 10**6, data) for number, data in enumerate(packets)]


@pytest.mark.parametrize("kind", ["pcap", "pcapng"])
@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize(("block", "gather"), [(512, 5), (5000, 40), (20_000, 1 << 15)])
def test_rows_and_bytes_are_the_same(kind: str, seed: int, block: int, gather: int, tmp_path: Path) -> None:
    write = write_pcap if kind == "pcap" else write_pcapng
    path = write(tmp_path / "x", large(seed, 300), snaplen=1000 if seed % 2 else 262144)
    base, other = read_all([path]), read_all([path], block_bytes=block, gather=gather)
    assert (other.segments, other.numbers, other.facts) == (base.segments, base.numbers, base.facts)


def test_several_files_and_a_cut_one(tmp_path: Path) -> None:
    paths = []
    for number in range(3):
        paths.append(write_pcap(tmp_path / f"{number}", [(t + number * 10**12, d) for t, d in large(number, 100)]))
    os.truncate(paths[1], paths[1].stat().st_size - 10)
    base, other = read_all(paths), read_all(paths, block_bytes=4000, gather=60)
    assert (other.segments, other.facts) == (base.segments, base.facts)


def test_batches_become_fewer(tmp_path: Path) -> None:
    path = write_pcap(tmp_path / "x", [(number, packet(number, bytes(1400))) for number in range(400)])

    def sizes(**options: Any) -> list[int]:
        return [len(batch) for batch in open_captures([path], block_bytes=8000, **options).batches()]

    alone, together = sizes(), sizes(gather=100)
    assert sum(alone) == sum(together)
    assert len(together) * 10 < len(alone)
    assert sizes(gather=100, batch_packets=7) == sizes(batch_packets=7)


def test_what_has_come_does_not_wait_at_the_end_of_a_growing_file(tmp_path: Path) -> None:
    path = write_pcap(tmp_path / "x", large(2, 20))
    source = open_captures([path], follow=True, gather=1 << 15)
    seen: list[int] = []

    def read() -> None:
        for batch in source.batches():
            seen.append(len(batch))

    reader = threading.Thread(target=read)
    reader.start()
    deadline = time.monotonic() + 10
    while not sum(seen) and time.monotonic() < deadline:
        time.sleep(0.01)
    source.close()
    reader.join(timeout=10)
    assert not reader.is_alive()
    assert sum(seen) >= 18


def exchanges(path: Path, want: Want, **options: Any) -> list[Exchange]:
    found = list(Engine(open_captures([path], **options), want).run())
    return sorted(found, key=lambda one: (one.connection.stream, one.frames))


@pytest.mark.parametrize("kind", ["bulk", "gro"])
@pytest.mark.parametrize("every", [False, True])
def test_exchanges_are_the_same(kind: str, every: bool, tmp_path: Path) -> None:
    path = tmp_path / "x"
    generate(kind, 4_000_000, path, seed=3, connections=9)
    want = Want(all=every)
    alone = exchanges(path, want)
    assert alone == exchanges(path, want, block_bytes=1 << 17, gather=300)
    assert alone == exchanges(path, want, block_bytes=1 << 19, gather=1 << 15)
