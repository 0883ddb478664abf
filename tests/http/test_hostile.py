"""Traffic that is made to cost: every byte is looked at a bounded number of times, and what is kept is bounded."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analyzer.http import Engine, Want, trimming
from analyzer.http.draft import Draft
from analyzer.http.framing import Framer
from analyzer.http.head import RequestLine, StatusLine, request_line, status_line
from analyzer.http.trimming import Due
from analyzer.model.http import Exchange
from tests.support.batches import Dialogue, Segment, Tuples

ERROR = b"<Error><Code>SignatureDoesNotMatch</Code></Error>"
TELL = b"HTTP/1.1 403 X\r\nContent-Length: %d\r\n\r\n%s" % (len(ERROR), ERROR)


class Patience(Exception):
    """The framer goes on and on."""


@pytest.fixture(autouse=True)
def bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    """A framer that takes the same piece again and again fails instead of hanging."""
    take, taken = Framer._take, [0]

    def counted(self: Framer, *given: object) -> None:
        taken[0] += 1
        if taken[0] > 200_000:
            raise Patience
        take(self, *given)  # type: ignore[arg-type]

    monkeypatch.setattr(Framer, "_take", counted)


def run(
    segments: Sequence[Segment], size: int | None = None, again: bool = True, limit: int = 1 << 20
) -> list[Exchange]:
    return sorted(Engine(Tuples(segments, size, again), Want(all=True, body_limit=limit)).run(), key=lambda e: e.frames)


@pytest.mark.parametrize("size", [None, 1, 3])
@pytest.mark.parametrize("length", [8100, 8170, 8192, 8300, 9000, 20_000, 300_000])
@pytest.mark.parametrize("letter", [b"a", b"\r", b"\x00", b"\xff", b" "])
def test_request_lines_of_any_length_come_to_an_end(length: int, letter: bytes, size: int | None) -> None:
    """Alone and behind another request; what comes behind is read."""
    line = b"GET /k" + b"a" * 500 + letter * (length - 500) + b" HTTP/1.1\r\nHost: h\r\n\r\n"
    talk = Dialogue().open().says(0, line).says(1, TELL).says(0, b"GET /b HTTP/1.1\r\nHost: h\r\n\r\n").says(1, TELL)
    talk.says(0, line).says(1, TELL).close()
    found = [exchange.request.target for exchange in run(talk.segments, size) if exchange.request is not None]
    assert b"/b" in found


def chunked(body: bytes, step: int) -> bytes:
    parts = [body[at : at + step] for at in range(0, len(body), step)]
    return b"".join(b"%x\r\n%s\r\n" % (len(part), part) for part in parts) + b"0\r\n\r\n"


@pytest.mark.parametrize("limit", [1 << 20, 1000])
@pytest.mark.parametrize("size", [None, 7])
@pytest.mark.parametrize("again", [True, False])
def test_a_body_of_tiny_chunks_is_kept_in_few_parts(
    monkeypatch: pytest.MonkeyPatch, limit: int, size: int | None, again: bool
) -> None:
    body = bytes(range(256)) * 80
    head = b"PUT /a HTTP/1.1\r\nHost: h\r\nContent-MD5: x\r\nTransfer-Encoding: chunked\r\n\r\n"
    talk = Dialogue().open().says(0, head + chunked(body, 1)).says(1, TELL).close()
    most: list[int] = []
    gather = trimming.gather

    def watched(draft: Draft, kept: int, due: Due) -> None:
        gather(draft, kept, due)
        most.append(len(draft.body))

    monkeypatch.setattr("analyzer.http.engine.gather", watched)
    (found,) = run(talk.segments, size, again, limit)
    plain = Dialogue().open().says(0, head + chunked(body, len(body))).says(1, TELL).close()
    (other,) = run(plain.segments, size, again, limit)
    assert most
    assert max(most) <= 12
    assert found.request is not None
    assert other.request is not None
    assert found.request.body.data == body[:limit]
    assert (found.request.body.length, found.request.body.complete) == (len(body), True)
    assert found.request.body.digests == other.request.body.digests
    carried = [one for one in talk.segments if one.src == talk.ends[0] and one.payload]
    assert len(found.request.frames) == len(carried)


def test_interim_answers_are_counted_not_kept() -> None:
    talk = Dialogue().open().says(0, b"GET /a HTTP/1.1\r\nHost: h\r\n\r\n")
    talk.says(1, b"HTTP/1.1 102 Processing\r\n\r\n" * 1000).says(1, TELL).close()
    (found,) = run(talk.segments)
    assert len(found.interim) == 16
    assert found.response is not None
    told = [note for note in found.response.notes if note.key == "http.interim-many"]
    assert [note.get("count") for note in told] == [984]


def test_requests_without_answers_are_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("analyzer.http.pairing._OPEN", 100)
    talk = Dialogue().open()
    for at in range(0, 1000, 10):
        talk.says(0, b"".join(b"GET /%d HTTP/1.1\r\n\r\n" % number for number in range(at, at + 10)))
    engine = Engine(Tuples(talk.segments, 5), Want(all=True))
    seen = 0
    for exchange in engine.run():
        assert exchange.response is None
        seen += 1
    assert seen == 1000
    assert engine.stats.unanswered == 1000


def old_request_line(line: bytes) -> RequestLine | None:
    """By one pattern, whose cost grows with the square of the blanks."""
    token, version = rb"([!#$%&'*+.^_`|~0-9A-Za-z-]{1,64})", rb"(HTTP/[0-9](?:\.[0-9])?)"
    found = re.match(token + rb"[ \t]+([^\x00\r\n]*?)[ \t]+" + version + rb"[ \t]*\Z", line)
    return RequestLine(found[1], found[2], found[3]) if found else None


def old_status_line(line: bytes) -> StatusLine | None:
    found = re.match(rb"(HTTP/[0-9](?:\.[0-9])?)[ \t]+([1-9][0-9]{2})(?:[ \t]+(.*?))?[ \t]*\Z", line, re.S)
    return StatusLine(found[1], int(found[2]), found[3] or b"") if found else None


PARTS = st.sampled_from(
    [b"GET", b"M-SEARCH", b"HTTP/1.1", b"HTTP/2", b"HTTP/1.", b"HTTP/1.10", b" ", b"  ", b"\t", b"/a", b"200", b"099",
     b"20", b"OK", b"\x00", b"\r", b"\xff", b"x" * 70, b""]
)  # fmt: skip


@settings(max_examples=2000, deadline=None)
@given(st.lists(PARTS, max_size=8).map(b"".join))
def test_start_lines_are_read_as_by_one_pattern(line: bytes) -> None:
    assert request_line(line) == old_request_line(line)
    assert status_line(line) == old_status_line(line)


def lines(blanks: int) -> Iterator[bytes]:
    yield b"GET /a" + b" " * blanks + b"x"
    yield b"GET /a" + b" x" * blanks + b" HTTP/1.1"
    yield b"HTTP/1.1 200 O" + b" " * blanks + b"x"


def test_start_lines_of_blanks_cost_no_more_than_their_length() -> None:
    """A megabyte of them is read at once; with the square of it, it would take hours."""
    for line in lines(1 << 20):
        request_line(line)
        status_line(line)


def test_segments_that_wait_cost_more_than_their_bytes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of tiny ones behind a hole only so many wait."""
    monkeypatch.setattr("analyzer.tcp.reassembly.MAX_HELD", 50_000)
    talk = Dialogue(mss=1).open().says(0, b"GET /" + b"a" * 2000, answered=False)
    first, *rest = talk.segments[3:]
    engine = Engine(Tuples([*talk.segments[:3], *[replace(one, time=first.time) for one in rest]], 1))
    waited = 0
    for _ in engine._batches():
        halves = engine._assembler._halves.values() if engine._assembler else ()
        waited = max([waited, *(len(half.held) for half in halves)])
    assert 200 < waited < 300
