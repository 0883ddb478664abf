"""Record boundaries: lanes give what the plain loop gives, whatever the payloads contain."""

from __future__ import annotations

import random
import struct

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analyzer.capture.records import SLACK, Form, walk, walk_plain
from tests.support.pcapfile import epb, idb, shb

PCAP = Form("<", 8, 16, 16, 0, 262144, 1, 0, 16)
PCAP_BIG = Form(">", 8, 16, 16, 0, 262144, 1, 0, 16)
PCAPNG = Form("<", 4, 0, 12, 12, 1 << 24, 4, 0, 0)
PCAPNG_BIG = Form(">", 4, 0, 12, 12, 1 << 24, 4, 0, 0)


def pcap_records(lengths: list[int], order: str, filler: random.Random, decoys: bool) -> bytes:
    out = []
    for i, length in enumerate(lengths):
        data = filler.randbytes(length)
        if decoys and length > 64:
            inner = struct.pack(order + "IIII", 1_700_000_000 + i, 5, 16, 16) + b"x" * 16
            data = (inner * (length // 32 + 1))[:length]
        out.append(struct.pack(order + "IIII", 1_700_000_000 + i // 100, i, length, length) + data)
    return b"".join(out)


def blocks(lengths: list[int], order: str, filler: random.Random) -> bytes:
    out = [shb(order), idb(order=order)]
    out += [epb(i, filler.randbytes(length), order=order) for i, length in enumerate(lengths)]
    return b"".join(out)


@pytest.mark.parametrize("decoys", [False, True], ids=["plain", "decoys"])
@pytest.mark.parametrize("shape", ["tiny", "bulk", "mixed", "growing", "long"])
@pytest.mark.parametrize("form", [PCAP, PCAP_BIG], ids=["le", "be"])
def test_lanes_equal_the_loop_on_pcap(form: Form, shape: str, decoys: bool) -> None:
    filler = random.Random(shape)
    lengths = {
        "tiny": [filler.randrange(54, 300) for _ in range(6000)],
        "bulk": [filler.choice((66, 1514, 1514)) for _ in range(1500)],
        "mixed": [filler.choice((0, 60, 1514, 9000, 65000)) for _ in range(300)],
        "growing": [60] * 1000 + [1514] * 500 + [60] * 4000,
        "long": [30000] * 60,
    }[shape]
    data = pcap_records(lengths, form.order, filler, decoys)
    for cut in (0, 7, 100):
        end = len(data) - cut
        buf = bytearray(data[:end] + bytes(SLACK))
        fast, plain = walk(buf, 0, end, form), walk_plain(buf, 0, end, form)
        assert np.array_equal(fast.offsets, plain.offsets)
        assert fast[1:] == plain[1:]
        if not cut:
            assert len(plain.offsets) == len(lengths)
            assert plain.stop == end


@pytest.mark.parametrize("form", [PCAPNG, PCAPNG_BIG], ids=["le", "be"])
def test_lanes_equal_the_loop_on_pcapng(form: Form) -> None:
    filler = random.Random(5)
    data = blocks([filler.randrange(40, 1600) for _ in range(3000)], form.order, filler)
    buf = bytearray(data + bytes(SLACK))
    fast, plain = walk(buf, 0, len(data), form), walk_plain(buf, 0, len(data), form)
    assert len(plain.offsets) == 3002
    assert np.array_equal(fast.offsets, plain.offsets)
    assert fast[1:] == plain[1:]


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 2**32), st.lists(st.tuples(st.integers(0, 10**6), st.integers(0, 255)), max_size=12))
def test_lanes_equal_the_loop_on_damaged_chains(seed: int, damage: list[tuple[int, int]]) -> None:
    filler = random.Random(seed)
    data = bytearray(pcap_records([filler.randrange(0, 200) for _ in range(1200)], "<", filler, seed % 2 == 0))
    for place, value in damage:
        data[place % len(data)] = value
    buf = data + bytes(SLACK)
    fast, plain = walk(buf, 0, len(data), PCAP), walk_plain(buf, 0, len(data), PCAP)
    assert np.array_equal(fast.offsets, plain.offsets)
    assert fast[1:] == plain[1:]


def test_an_impossible_length_is_a_fault_at_its_record() -> None:
    data = pcap_records([100, 100], "<", random.Random(1), False) + struct.pack("<IIII", 1_700_000_000, 0, 2**31, 1)
    chain = walk_plain(bytearray(data + bytes(SLACK)), 0, len(data), PCAP)
    assert (chain.offsets.tolist(), chain.stop, chain.fault) == ([0, 116], 232, True)


def test_an_unfinished_record_tells_how_much_it_needs() -> None:
    data = pcap_records([100, 300], "<", random.Random(1), False)[:-20]
    chain = walk_plain(bytearray(data + bytes(SLACK)), 0, len(data), PCAP)
    assert (chain.offsets.tolist(), chain.stop, chain.fault, chain.need) == ([0], 116, False, 316)
