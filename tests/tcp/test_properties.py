"""Any split of the bytes, any order, any repetition and any initial sequence number give the same streams."""

from __future__ import annotations

import random
from dataclasses import replace
from unittest import mock

from hypothesis import given, settings
from hypothesis import strategies as st

from analyzer.tcp import patience
from tests.support.batches import ACK, FIN, MS, PSH, RST, SYN, A, B, Segment
from tests.tcp.reading import lines, streams, told

SIZES = st.sampled_from([1, 2, 3, 5, 16, None])
NUMBERS = st.one_of(st.integers(0, 2**32 - 1), st.integers(2**32 - 400, 2**32 - 1), st.just(0))
SAID = st.binary(min_size=1, max_size=300)


def cut(data: bytes, rng: random.Random, largest: int) -> list[tuple[int, bytes]]:
    """(offset, bytes) of a random split."""
    out, at = [], 0
    while at < len(data):
        step = rng.randint(1, largest)
        out.append((at, data[at : at + step]))
        at += step
    return out


def shaken(items: list[tuple[int, bytes]], rng: random.Random, window: int) -> list[tuple[int, bytes]]:
    """Nobody moves by more than about ``window`` places."""
    keyed = [(index + rng.uniform(0, window), item) for index, item in enumerate(items)]
    return [item for _, item in sorted(keyed, key=lambda entry: entry[0])]


def again(data: bytes, rng: random.Random, count: int) -> list[tuple[int, bytes]]:
    """Retransmissions, with other boundaries than the first time."""
    out = []
    for _ in range(count):
        start = rng.randrange(len(data))
        out.append((start, data[start : start + rng.randint(1, 60)]))
    return out


def conversation(
    said: tuple[bytes, bytes], first: tuple[int, int], rng: random.Random, window: int, repeats: int, handshake: bool
) -> list[Segment]:
    """Both sides speak at once, within two seconds."""
    opening = [
        Segment(A, B, first[0], 0, SYN),
        Segment(B, A, first[1], first[0] + 1, SYN | ACK),
        Segment(A, B, first[0] + 1, first[1] + 1),
    ]
    talk: list[Segment] = []
    queues = []
    for side, data in enumerate(said):
        pieces = cut(data, rng, rng.choice([1, 7, 50, 400]))
        for piece in again(data, rng, repeats):
            pieces.insert(rng.randint(0, len(pieces)), piece)
        queues.append([(side, offset, piece) for offset, piece in shaken(pieces, rng, window)])
    while queues[0] or queues[1]:
        side, offset, data = rng.choice([q for q in queues if q]).pop(0)
        ends = (A, B) if side == 0 else (B, A)
        # acknowledges nothing yet: what the peer has seen is not the point here
        talk.append(Segment(*ends, first[side] + 1 + offset, first[1 - side] + 1, ACK, data))
    # Without a handshake the first segment decides where the stream begins: it has to be the first one.
    if not handshake:
        opening = opening[2:]
        opening.append(Segment(B, A, first[1] + 1, first[0] + 1))
    return [replace(segment, time=index * MS) for index, segment in enumerate(opening + talk)]


@settings(max_examples=40, deadline=None)
@given(
    said=st.tuples(SAID, SAID),
    first=st.tuples(NUMBERS, NUMBERS),
    seed=st.integers(0, 2**32),
    window=st.sampled_from([0, 2, 8, 1000]),
    repeats=st.integers(0, 6),
    handshake=st.booleans(),
    size=SIZES,
    file=st.booleans(),
)
def test_what_was_said_comes_out(
    said: tuple[bytes, bytes],
    first: tuple[int, int],
    seed: int,
    window: int,
    repeats: int,
    handshake: bool,
    size: int | None,
    file: bool,
) -> None:
    segments = conversation(said, first, random.Random(seed), window, repeats, handshake)
    got = streams(segments, size, file)
    assert got == {(0, "C"): [(0, said[0])], (0, "S"): [(0, said[1])]}


@settings(max_examples=40, deadline=None)
@given(
    data=st.binary(min_size=20, max_size=300),
    first=NUMBERS,
    seed=st.integers(0, 2**32),
    loss=st.sampled_from([0.1, 0.3, 0.6]),
    size=SIZES,
)
def test_lost_bytes_are_gaps_and_nothing_else(
    data: bytes, first: int, seed: int, loss: float, size: int | None
) -> None:
    rng = random.Random(seed)
    whole = conversation((data, b"x"), (first, 77), rng, 4, 0, True)
    kept = [s for s in whole if s.src == B or not s.payload or rng.random() >= loss]
    have = bytearray(len(data))
    for segment in kept:
        if segment.src == A and segment.payload:
            start = (segment.seq - first - 1) % 2**32
            have[start : start + len(segment.payload)] = b"\1" * len(segment.payload)
    known = bytes(have).rstrip(b"\0")  # nobody acknowledges what is missing at the end
    want: list[tuple[int, bytes | int]] = []
    at = 0
    while at < len(known):
        stop = at
        while stop < len(known) and known[stop] == known[at]:
            stop += 1
        want.append((at, data[at:stop] if known[at] else stop - at))
        at = stop
    assert streams(kept, size).get((0, "C"), []) == want


def contradictions(seed: int, count: int) -> list[Segment]:
    """Segments that overlap, contradict each other and are cut."""
    rng = random.Random(seed)
    segments = [Segment(A, B, 99, 0, SYN), Segment(B, A, 99, 100, SYN | ACK), Segment(A, B, 100, 100)]
    time = 0
    for _ in range(count):
        time += MS
        way = rng.choice([(A, B), (B, A)])
        payload = bytes(rng.choice(b"ab") for _ in range(rng.choice([0, 1, 3, 9])))
        length = len(payload) + rng.choice([0, 0, 0, 2])
        flags = rng.choice([ACK, ACK | PSH])
        segments.append(Segment(*way, 100 + rng.randrange(30), 100, flags, payload, time, length))
    return segments


@settings(max_examples=40, deadline=None)
@given(seed=st.integers(0, 2**32), count=st.integers(1, 40))
def test_whatever_comes_batches_do_not_matter(seed: int, count: int) -> None:
    segments = contradictions(seed, count)
    want = lines(segments, 1)
    for size in (2, 3, 5, 16, None):
        assert lines(segments, size) == want


#: What may come at any moment, alone or together: ends, resets, handshakes, acknowledgements of anything near and of
#: anything at all, none, long pauses, wrong clocks.
KINDS = "frhawnpt"
PAUSES = (1, 1, 1, 1, 30, 700, 1300, 2500, 70_000)  #: milliseconds


def upheaval(seed: int, count: int, kinds: str) -> list[Segment]:
    """Segments that contradict each other, and more; sometimes of another connection."""
    rng = random.Random(seed)
    time, base = 0, [100, 100]
    out: list[Segment] = []
    for index, segment in enumerate(contradictions(seed, count)):
        time += (rng.choice(PAUSES) if "p" in kinds else 1) * MS
        shown = time
        if "t" in kinds and rng.random() < 0.1:
            shown = max(0, time + rng.choice([-1, 1]) * rng.choice([1, 500, 3000, 100_000]) * MS)
        if index < 3:
            out.append(replace(segment, time=shown))
            continue
        side = int(segment.src == B)
        sequence, ack, flags = segment.seq - 100 + base[side], base[1 - side], segment.flags
        if "a" in kinds:
            ack += rng.choice([0, rng.randrange(40)])
        if "w" in kinds and rng.random() < 0.2:
            ack = rng.randrange(2**32)
        if "n" in kinds and rng.random() < 0.1:
            flags &= ~ACK
        for kind, flag in (("f", FIN), ("r", RST)):
            flags |= flag if kind in kinds and rng.random() < 0.06 else 0
        if "h" in kinds and rng.random() < 0.05:
            base[side] += rng.choice([0, 1000])
            segment = replace(segment, payload=b"", length=None)
            flags, sequence = rng.choice([SYN, SYN | ACK]), base[side] - 1
        client = (A[0], A[1] + (rng.random() < 0.1 and not flags & SYN))
        way = (B, client) if side else (client, B)
        out.append(replace(segment, src=way[0], dst=way[1], seq=sequence, ack=ack, flags=flags, time=shown))
    return out


@settings(max_examples=150, deadline=None)
@given(
    seed=st.integers(0, 2**32),
    count=st.integers(1, 60),
    kinds=st.sets(st.sampled_from(KINDS), min_size=1),
    again=st.booleans(),
    many=st.sampled_from([1, 64]),
)
def test_upheavals_batches_do_not_matter(seed: int, count: int, kinds: set[str], again: bool, many: int) -> None:
    segments = upheaval(seed, count, "".join(sorted(kinds)))
    with mock.patch.object(patience, "_MANY", many):
        want, wanted = told(segments, 1), lines(segments, 1)
        for size in (2, 3, 5, 16, None):
            assert told(segments, size, again) == want
            assert lines(segments, size, again) == wanted


#: (who, sequence number, bytes, length on the wire, milliseconds)
CONTRADICTING = [
    (B, 123, b"aabbbaabb", 9, 1), (A, 114, b"abbbbbbab", 9, 701), (B, 115, b"aaaaabbab", 11, 702),
    (B, 101, b"a", 3, 703), (B, 129, b"aaa", 5, 704), (A, 125, b"", 2, 705), (B, 121, b"bbabaaabb", 9, 706),
    (A, 114, b"bbbaaabba", 9, 707), (A, 113, b"babbbaabb", 11, 3707), (A, 121, b"aabbabaaa", 9, 4409),
]  # fmt: skip


def test_contradicting_segments_from_a_pipe() -> None:
    segments = [Segment(A, B, 99, 0, SYN), Segment(B, A, 99, 100, SYN | ACK), Segment(A, B, 100, 100)]
    for who, number, data, length, time in CONTRADICTING:
        segments.append(Segment(who, B if who == A else A, number, 100, ACK, data, time * MS, length))
    assert lines(segments, 1, again=False) == lines(segments, 1)
