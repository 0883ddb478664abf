"""A body from a pipe is the body from a file, though its later bytes are not kept."""

from __future__ import annotations

import hashlib
import io
import random
from collections.abc import Iterator
from pathlib import Path

import pytest

from analyzer.capture import open_captures
from analyzer.http import Engine, Want
from analyzer.http.draft import Draft
from analyzer.model.http import Exchange
from tests.recorder.packets import Connection, Place, frames
from tests.support.pcapfile import write_pcap

REFUSED = b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n"
TELLING = b"HTTP/1.1 403 Forbidden\r\nx-oss-hash-crc64ecma: 1\r\nContent-Length: 0\r\n\r\n"
LIMIT = 5000
BODY = random.Random(7).randbytes(40_000)
HEADS = {
    "plain": b"PUT /key HTTP/1.1\r\nHost: b\r\nContent-Length: 40000\r\n\r\n",
    "claimed": b"PUT /key HTTP/1.1\r\nHost: b\r\nContent-MD5: x\r\nContent-Length: 40000\r\n\r\n",
    "crc": b"PUT /key HTTP/1.1\r\nHost: b\r\nx-oss-hash-crc64ecma: 1\r\nContent-Length: 40000\r\n\r\n",
    "chunked": b"PUT /key HTTP/1.1\r\nHost: b\r\nContent-MD5: x\r\nTransfer-Encoding: chunked\r\n\r\n",
}


def chunked(data: bytes) -> bytes:
    parts = (data[at : at + 3000] for at in range(0, len(data), 3000))
    return b"".join(b"%x\r\n%s\r\n" % (len(part), part) for part in parts) + b"0\r\n\r\n"


def capture(folder: Path, head: bytes, *, without: int | None = None, answer: bytes = REFUSED) -> Path:
    """One refused upload; the packet number ``without`` is not in it."""
    connection = Connection(1, 2, 8_000_000)
    connection.open(10**18)
    body = chunked(BODY) if b"chunked" in head else BODY
    connection.send(10**18 + 10**8, True, head + body)
    connection.send(10**18 + 10**9, False, answer)
    connection.close()
    packets = frames(connection.segments, Place())
    return write_pcap(folder / "upload.pcap", [p for n, p in enumerate(packets) if n != without])


def exchanges(path: Path | None, pipe: bytes | None, batch: int, **want: bool) -> list[Exchange]:
    stdin = None if pipe is None else io.BytesIO(pipe)
    source = open_captures([path or "-"], stdin=stdin, batch_packets=batch)
    return list(Engine(source, Want(body_limit=LIMIT, **want)).run())


@pytest.mark.parametrize("batch", [1, 3, 1000])
@pytest.mark.parametrize("without", [None, 6, 20])
@pytest.mark.parametrize("head", HEADS.values(), ids=list(HEADS))
def test_a_pipe_gives_what_the_file_gives(tmp_path: Path, head: bytes, without: int | None, batch: int) -> None:
    path = capture(tmp_path, head, without=without)
    from_file = exchanges(path, None, 1000)
    assert exchanges(None, path.read_bytes(), batch) == from_file
    (one,) = from_file
    assert one.request is not None
    body = one.request.body
    if without is None:
        assert body.data == BODY[:LIMIT]
        claimed = b"Content-MD5" in head or b"crc64" in head
        assert (body.digests is not None) is claimed
        if body.digests is not None:
            assert body.digests.md5 == hashlib.md5(BODY).digest()
            assert (body.digests.crc64 is not None) is (b"crc64" in head)


def test_digests_are_made_of_what_claims_none_where_they_are_wanted(tmp_path: Path) -> None:
    path = capture(tmp_path, HEADS["plain"])
    (one,) = exchanges(None, path.read_bytes(), 3, every_digest=True)
    assert one.request is not None
    assert one.request.body.digests is not None
    assert one.request.body.digests.md5 == hashlib.md5(BODY).digest()
    assert [one] == exchanges(path, None, 1000, every_digest=True)


@pytest.mark.parametrize("paired", [True, False])
@pytest.mark.parametrize("answer", [REFUSED, TELLING], ids=["refused", "telling"])
@pytest.mark.parametrize("head", HEADS.values(), ids=list(HEADS))
def test_what_only_the_answer_tells(tmp_path: Path, head: bytes, answer: bytes, paired: bool) -> None:
    """When a body runs by, its answer has not come: all that it may ask for is made, and given if it does."""
    path = capture(tmp_path, head, answer=answer)
    (one,) = exchanges(path, None, 1000, paired_digests=paired)
    for batch in (1, 3, 1000):
        assert exchanges(None, path.read_bytes(), batch, paired_digests=paired) == [one]
    assert one.request is not None
    digests = one.request.body.digests
    told = b"crc64" in head or (paired and answer == TELLING)
    assert (digests is not None) is (told or b"Content-MD5" in head)
    assert (digests is not None and digests.crc64 is not None) is told
    assert exchanges(path, None, 1000, digests=False) == exchanges(None, path.read_bytes(), 3, digests=False)


def test_no_more_than_the_limit_is_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[Draft] = []
    made = Draft.__init__

    def noted(self: Draft, *given: object) -> None:
        made(self, *given)  # type: ignore[arg-type]
        seen.append(self)

    monkeypatch.setattr(Draft, "__init__", noted)
    path = capture(tmp_path, HEADS["chunked"])
    source = open_captures(["-"], stdin=io.BytesIO(path.read_bytes()), batch_packets=2)
    most = 0
    for _ in Engine(source, Want(body_limit=LIMIT)).run():
        most = max(most, sum(len(data) for data in readable(seen[0])))
    assert most == LIMIT


def readable(draft: Draft) -> Iterator[bytes]:
    """Bytes that a message still holds."""
    for piece, start, end in (*draft.body, *draft.coding):
        yield piece.read(start, end)
