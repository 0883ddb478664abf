"""Segments in, streams out: one row a situation, the same with every size of batch and input."""

from __future__ import annotations

from dataclasses import replace

import pytest

from analyzer.http import Engine
from analyzer.model.streams import Data, Opened
from analyzer.tcp import assembly, events
from tests.support.batches import ACK, FIN, MS, RST, SYN, A, B, Segment, Tuples
from tests.tcp.reading import lines, told

SECOND = 1000 * MS


def c(seq: int, data: bytes = b"", flags: int = ACK, ack: int = 501, at: int = 0, length: int | None = None) -> Segment:
    """The client says. Its initial sequence number is 100 unless the row says otherwise, the server's is 500."""
    return Segment(A, B, seq, ack if flags & ACK else 0, flags, data, at, length)


def s(seq: int, data: bytes = b"", flags: int = ACK, ack: int = 101, at: int = 0, length: int | None = None) -> Segment:
    """The server says."""
    return Segment(B, A, seq, ack if flags & ACK else 0, flags, data, at, length)


def hello(client: int = 100, server: int = 500) -> list[Segment]:
    return [
        c(client, flags=SYN),
        s(server, flags=SYN | ACK, ack=client + 1),
        c(client + 1, ack=server + 1),
    ]


END = ["0 C end", "0 S end"]
WRAP = 2**32 - 3

#: name: (segments, lines)
TABLE: dict[str, tuple[list[Segment], list[str]]] = {
    "in order": ([*hello(), c(101, b"abc"), c(104, b"def")], ["0 C +0 abcdef", *END]),
    "both ways": (
        [*hello(), c(101, b"ask"), s(501, b"tell", ack=104)],
        ["0 C +0 ask", "0 C end", "0 S +0 tell", "0 S end"],
    ),
    "reordered": ([*hello(), c(104, b"def"), c(107, b"g"), c(101, b"abc")], ["0 C +0 abcdefg", *END]),
    "last first": ([*hello(), *(c(101 + i, b"%d" % i) for i in reversed(range(9)))], ["0 C +0 012345678", *END]),
    "retransmitted": ([*hello(), c(101, b"abc"), c(101, b"abc"), c(104, b"d")], ["0 C +0 abcd", *END]),
    "retransmitted and longer": ([*hello(), c(101, b"abc"), c(101, b"abcdef")], ["0 C +0 abcdef", *END]),
    "overlap, same bytes": ([*hello(), c(101, b"abcd"), c(103, b"cdef")], ["0 C +0 abcdef", *END]),
    "overlap, other bytes": (
        [*hello(), c(101, b"abcd"), c(103, b"XYef")],
        ["0 C +2 kept cd not XY of frame 5", "0 C +0 abcdef", *END],
    ),
    "overlap among what waits": (
        [*hello(), c(104, b"def"), c(103, b"cDEFg"), c(101, b"ab")],
        ["0 C +3 kept def not DEF of frame 5", "0 C +0 abcdefg", *END],
    ),
    "overlap when the hole is filled": (
        [*hello(), c(104, b"def"), c(101, b"abcDE")],
        ["0 C +3 kept de not DE of frame 5", "0 C +0 abcdef", *END],
    ),
    "one run covers several that wait": (
        [*hello(), c(103, b"c"), c(105, b"e"), c(107, b"g"), c(101, b"abcdefgh")],
        ["0 C +0 abcdefgh", *END],
    ),
    "lost": ([*hello(), c(101, b"abc"), c(109, b"ijk")], ["0 C +0 abc", "0 C +3 gap 5", "0 C +8 ijk", *END]),
    "lost at the beginning": ([*hello(), c(104, b"def")], ["0 C +0 gap 3", "0 C +3 def", *END]),
    "lost at the end, acknowledged": (
        [*hello(), c(101, b"abc"), s(501, ack=110, at=SECOND), s(501, ack=110, at=5 * SECOND)],
        ["0 C +0 abc", "0 C +3 gap 6", *END],
    ),
    "lost before the FIN": (
        [*hello(), c(101, b"abc"), c(106, flags=FIN | ACK)],
        ["0 C +0 abc", "0 C +3 gap 2", "0 C fin", "0 S end"],
    ),
    "late, but within patience": (
        [*hello(), c(101, b"a"), c(103, b"c"), s(501, ack=102, at=SECOND), c(102, b"b", at=SECOND + MS)],
        ["0 C +0 abc", *END],
    ),
    "acknowledged and never captured": (
        [*hello(), c(101, b"a"), c(103, b"c"), s(501, ack=104, at=MS), c(104, b"d", at=3 * SECOND)],
        ["0 C +0 a", "0 C +1 gap 1", "0 C +2 cd", *END],
    ),
    "not acknowledged: a retransmission may still come": (
        [*hello(), c(101, b"a"), c(103, b"c"), s(501, ack=102, at=MS), c(102, b"b", at=30 * SECOND)],
        ["0 C +0 abc", *END],
    ),
    "two holes": (
        [*hello(), c(102, b"b"), c(105, b"e")],
        ["0 C +0 gap 1", "0 C +1 b", "0 C +2 gap 2", "0 C +4 e", *END],
    ),
    "numbers wrap": (
        [*hello(WRAP), c(WRAP + 1, b"ab"), c(WRAP + 3, b"cdef"), c(WRAP + 7, b"g")],
        ["0 C +0 abcdefg", *END],
    ),
    "numbers wrap, reordered": (
        [*hello(WRAP), c(WRAP + 5, b"ef"), c(WRAP + 1, b"ab"), c(WRAP + 3, b"cd")],
        ["0 C +0 abcdef", *END],
    ),
    "numbers wrap, lost": (
        [*hello(WRAP), c(WRAP + 1, b"ab"), c(WRAP + 5, b"ef")],
        ["0 C +0 ab", "0 C +2 gap 2", "0 C +4 ef", *END],
    ),
    "without SYN": (
        [c(700, b"abc", ack=900), s(900, b"x", ack=703), c(703, b"d", ack=901)],
        ["0 C +0 abcd", "0 C end", "0 S +0 x", "0 S end"],
    ),
    "only the SYN-ACK": (
        [s(500, flags=SYN | ACK), s(501, b"x"), c(101, b"abc", ack=502)],
        ["0 C +0 abc", "0 C end", "0 S +0 x", "0 S end"],
    ),
    "SYN repeated": ([c(100, flags=SYN), *hello(), c(101, b"abc")], ["0 C +0 abc", *END]),
    "data in the SYN": (
        [c(100, b"ab", flags=SYN), s(500, flags=SYN | ACK, ack=103), c(103, b"cd")],
        ["0 C +0 abcd", *END],
    ),
    "keep-alive probe with a byte": (
        [*hello(), c(101, b"abc"), s(501, ack=104), c(103, b"\0", at=SECOND), s(501, ack=104), c(104, b"d")],
        ["0 C +0 abcd", *END],
    ),
    "keep-alive probe without": (
        [*hello(), c(101, b"abc"), s(501, ack=104), c(103, at=SECOND), s(501, ack=104), c(104, b"d")],
        ["0 C +0 abcd", *END],
    ),
    "one direction": ([c(100, flags=SYN), c(101, b"abc"), c(104, b"d")], ["0 C +0 abcd", *END]),
    "one direction, lost": (
        [c(100, flags=SYN), c(101, b"a"), c(103, b"c", at=MS), c(104, b"d", at=3 * SECOND)],
        ["0 C +0 a", "0 C +1 gap 1", "0 C +2 cd", *END],
    ),
    "closed": (
        [*hello(), c(101, b"a", flags=FIN | ACK), s(501, b"b", flags=FIN | ACK, ack=103), c(103, ack=503)],
        ["0 C +0 a", "0 C fin", "0 S +0 b", "0 S fin"],
    ),
    "half closed": (
        [*hello(), c(101, b"a", flags=FIN | ACK), s(501, b"b", ack=103), s(502, b"c", ack=103)],
        ["0 C +0 a", "0 C fin", "0 S +0 bc", "0 S end"],
    ),
    "FIN before its data": (
        [*hello(), c(104, b"d", flags=FIN | ACK), c(101, b"abc")],
        ["0 C +0 abcd", "0 C fin", "0 S end"],
    ),
    "FIN twice": ([*hello(), c(101, flags=FIN | ACK), c(101, flags=FIN | ACK)], ["0 C fin", "0 S end"]),
    "bytes behind the FIN": (
        [*hello(), c(101, b"ab", flags=FIN | ACK), c(103, b"cd"), s(501, b"x", ack=104)],
        ["0 C +0 ab", "0 C fin", "0 S +0 x", "0 S end"],
    ),
    "bytes behind the FIN, before it": (
        [*hello(), c(103, b"cd"), c(105, b"ef"), c(105, flags=FIN | ACK), c(109, b"i"), c(101, b"ab")],
        ["0 C +0 abcd", "0 C fin", "0 S end"],
    ),
    "a FIN in the middle of a segment": (  # is nobody's: Linux drops it, too, when the segment's bytes are there
        [*hello(), c(103, b"cdef"), c(105, flags=FIN | ACK), c(109, b"i"), c(101, b"ab")],
        ["0 C +0 abcdef", "0 C +6 gap 2", "0 C +8 i", *END],
    ),
    "a FIN of an earlier connection": (
        [*hello(), c(101 + 300_000_000, flags=FIN | ACK), c(101, b"ab"), c(103, flags=FIN | ACK)],
        ["0 C +0 ab", "0 C fin", "0 S end"],
    ),
    "a FIN of an earlier connection, not far ahead": (
        [*hello(), c(20_101, flags=FIN | ACK), c(101, b"ab"), c(103, flags=FIN | ACK)],
        ["0 C +0 ab", "0 C fin", "0 S end"],
    ),
    "a RST of an earlier connection": (
        [*hello(), c(101 - 300_000_000, flags=RST), c(101, b"ab", at=5 * SECOND), s(501, b"x", ack=103, at=5 * SECOND)],
        ["0 C +0 ab", "0 C end", "0 S +0 x", "0 S end"],
    ),
    "a keep-alive probe comes first": (
        [c(99, ack=501), s(501, ack=100), c(100, b"ab", at=5 * SECOND), s(501, b"x", ack=102, at=5 * SECOND)],
        ["0 C +1 ab", "0 C end", "0 S +0 x", "0 S end"],
    ),
    "a hole up to behind the FIN": (
        [*hello(), c(101, b"a"), c(109, b"i"), c(105, flags=FIN | ACK)],
        ["0 C +0 a", "0 C +1 gap 3", "0 C fin", "0 S end"],
    ),
    "a FIN before what came": (
        [*hello(), c(101, b"abcd"), c(102, flags=FIN | ACK), c(105, b"e")],
        ["0 C +0 abcde", *END],
    ),
    "a FIN before its SYN": (
        [
            c(100, flags=SYN),
            s(0, flags=FIN | ACK),
            s(500, flags=SYN | ACK),
            c(101, ack=501),
            c(101, b"ask"),
            s(501, b"x"),
        ],
        ["0 C +0 ask", "0 C end", "0 S +0 gap 501", "0 S +501 x", "0 S end"],
    ),
    "a FIN behind a hole that took it, too": (
        [*hello(), c(101, b"a"), s(501, ack=106, at=MS), s(501, ack=106, at=4 * SECOND), c(105, flags=FIN | ACK)],
        ["0 C +0 a", "0 C +1 gap 4", "0 C fin", "0 S end"],
    ),
    "reset": (
        [*hello(), c(101, b"abc"), s(501, flags=RST | ACK, ack=104)],
        ["0 C +0 abc", "0 C rst", "0 S rst"],
    ),
    "reset, data overtaken": (
        [*hello(), c(101, b"abc"), c(106, flags=RST), c(104, b"de")],
        ["0 C +0 abcde", "0 C rst", "0 S rst"],
    ),
    "ports used again": (
        [*hello(), c(101, b"one"), *hello(9000, 7000), c(9001, b"two", ack=7001), s(7001, b"x", ack=9004)],
        ["0 C +0 one", "0 C end", "0 S end", "1 C +0 two", "1 C end", "1 S +0 x", "1 S end"],
    ),
    "ports used again after the end, same number": (
        [*hello(), c(101, b"one", flags=FIN | ACK), *hello(), c(101, b"two")],
        ["0 C +0 one", "0 C fin", "0 S end", "1 C +0 two", "1 C end", "1 S end"],
    ),
    "ports used again with a hole open": (
        [*hello(), c(103, b"c"), *hello(9000, 7000), c(9001, b"two", ack=7001)],
        ["0 C +0 gap 2", "0 C +2 c", "0 C end", "0 S end", "1 C +0 two", "1 C end", "1 S end"],
    ),
    "cut by the snap length": (
        [*hello(), c(101, b"ab", length=10), c(111, b"kl")],
        ["0 C +0 ab", "0 C +2 gap 8 cut", "0 C +10 kl", *END],
    ),
    "cut, and whole when it comes again": (
        [*hello(), c(103, b"c", length=2), c(101, b"ab")],
        ["0 C +0 abc", "0 C +3 gap 1 cut", *END],
    ),
    "all cut away": ([*hello(), c(101, b"", length=4), c(105, b"e")], ["0 C +0 gap 4 cut", "0 C +4 e", *END]),
    "acknowledged, and captured long after that": (
        [
            *hello(),
            c(101, b"a"),
            s(501, ack=105, at=SECOND),
            c(102, b"bcd", at=4 * SECOND),
            c(105, b"e", at=4 * SECOND),
        ],
        ["0 C +0 a", "0 C +1 gap 3", "0 C +4 e", *END],
    ),
    "acknowledged before it is captured, by less": (
        [
            *hello(),
            c(101, b"a"),
            s(501, ack=105, at=SECOND),
            c(102, b"bcd", at=2 * SECOND),
            c(105, b"e", at=4 * SECOND),
        ],
        ["0 C +0 abcde", *END],
    ),
    "acknowledged, again and again, and never captured": (
        [
            *hello(),
            c(101, b"a"),
            *(s(501, ack=110 + n, at=n * SECOND) for n in range(7)),
            c(115, b"x", at=7 * SECOND),
        ],
        ["0 C +0 a", "0 C +1 gap 13", "0 C +14 x", *END],
    ),
    "a hole becomes due while it is filled": (
        [
            *hello(),
            c(101, b"a"),
            c(106, b"f"),
            s(501, ack=107, at=MS),
            c(102, b"bc", at=2 * SECOND - MS),
            c(104, b"de", at=2 * SECOND + MS),
            c(107, b"g", at=2 * SECOND + MS),
        ],
        ["0 C +0 abc", "0 C +3 gap 2", "0 C +5 fg", *END],
    ),
    "a hole was due before the peer was heard": (
        [
            c(101, b"a"),
            c(103, b"c"),
            c(104, at=3 * SECOND),
            s(501, ack=102, at=3 * SECOND + MS),
            c(102, b"b", at=3 * SECOND + MS),
        ],
        ["0 C +0 a", "0 C +1 gap 1", "0 C +2 c", *END],
    ),
    "acknowledgements of what nobody sent": (
        [*hello(), c(101, b"a"), s(501, ack=101 + 2**31, at=MS), s(501, ack=50, at=MS), c(102, b"b", at=5 * SECOND)],
        ["0 C +0 ab", *END],
    ),
    "reset, and silent": (
        [*hello(), c(101, b"a"), s(501, flags=RST | ACK, ack=102, at=MS), c(102, b"b", at=5 * SECOND)],
        ["0 C +0 a", "0 C rst", "0 S rst"],
    ),
    "reset, and it goes on": (
        [
            *hello(),
            c(101, b"a"),
            s(501, flags=RST | ACK, ack=102, at=MS),
            *(c(102 + n, b"b", at=n * SECOND) for n in range(4)),
        ],
        ["0 C +0 abbbb", *END],
    ),
    "a clock that was wrong once": (
        [*hello(), c(101, b"a"), c(103, b"c"), s(501, ack=104, at=3600 * SECOND), c(102, b"b", at=3 * SECOND)],
        ["0 C +0 a", "0 C +1 gap 1", "0 C +2 c", *END],
    ),
    "a SYN-ACK that somebody else had put in": (
        [
            c(100, flags=SYN),
            s(900, flags=SYN | ACK),
            c(101, b"ask", ack=901),
            s(500, flags=SYN | ACK),
            c(101, b"ask", ack=501),
            s(501, b"tell", ack=104),
        ],
        ["0 C +0 ask", "0 C end", "0 S +0 tell", "0 S end"],
    ),
    "zeros are data": ([*hello(), c(101, b"\0\0"), c(104, b"x")], ["0 C +0 \0\0", "0 C +2 gap 1", "0 C +3 x", *END]),
}


@pytest.mark.parametrize("again", [True, False], ids=["file", "pipe"])
@pytest.mark.parametrize("size", [1, 2, 3, 5, None])
@pytest.mark.parametrize("name", TABLE)
def test_streams(name: str, size: int | None, again: bool) -> None:
    segments, want = TABLE[name]
    assert lines(segments, size, again) == want
    assert told(segments, size, again) == told(segments)


def test_a_forgotten_connection_keeps_its_number_until_a_new_one_begins(monkeypatch: pytest.MonkeyPatch) -> None:
    """Late segments of an ended connection are still its own; a SYN on its addresses and ports is another stream."""
    monkeypatch.setattr(assembly, "MAX_ENDED", 2)
    monkeypatch.setattr(assembly, "SWEEP", 1)
    others = [
        replace(segment, src=(segment.src[0] + n, segment.src[1]))
        for n in range(1, 10)
        for segment in (c(100, flags=SYN), c(101, b"x", flags=FIN | ACK))
    ]
    whole = [*hello(), c(101, b"one", flags=FIN | ACK), s(501, flags=FIN | ACK, ack=105)]
    late = [*whole, *_answered(others), c(101, b"one", flags=FIN | ACK)]
    assert _opened(late) == [*range(10), 0]
    again = [*whole, *_answered(others), *hello(9000, 7000), c(9001, b"two", ack=7001)]
    assert _opened(again) == [*range(10), 10]


def _opened(segments: list[Segment]) -> list[int]:
    return [one.connection.stream for one in events(Tuples(segments, 2)) if isinstance(one, Opened)]


def _answered(segments: list[Segment]) -> list[Segment]:
    """With the other side's end behind each end."""
    out = []
    for segment in segments:
        out.append(segment)
        if segment.flags & FIN:
            out.append(Segment(segment.dst, segment.src, 501, 103, FIN | ACK))
    return out


@pytest.mark.parametrize("size", [1, 2, 3, None])
def test_a_further_connection_whose_syn_is_not_in_the_capture(size: int | None) -> None:
    """It begins with its SYN-ACK; Wireshark goes on with the number of the stream."""
    one = [*hello(), s(501, b"x"), s(502, flags=FIN | ACK)]
    other = [s(90_000, flags=SYN | ACK, ack=5000), s(90_001, b"y", ack=5000)]
    seen = list(events(Tuples([*one, *other], size)))
    assert [event.connection.stream for event in seen if isinstance(event, Opened)] == [0, 0]
    assert [event.data for event in seen if isinstance(event, Data)] == [b"x", b"y"]


@pytest.mark.parametrize("size", [1, 2, 3, None])
@pytest.mark.parametrize(
    "stray",
    [
        [c(104, flags=RST), c(104, b"behind the RST", at=5 * SECOND)],
        [c(104, flags=FIN | ACK), c(105, b"behind the FIN")],
        [c(104 - 2**29, b"far behind")],
        [c(104 + 2**30, b"far ahead")],
    ],
)
def test_bytes_that_have_no_place_in_their_stream_are_counted(stray: list[Segment], size: int | None) -> None:
    engine = Engine(Tuples([*hello(), c(101, b"abc"), *stray], size))
    assert not list(engine.run())
    assert engine.stats.unfit == 1
