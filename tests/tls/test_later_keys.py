"""Keys that stand behind the packets they are for: in files, pipes, compressed files and sets.

Files are read in blocks of four packets or so, else the keys would be known before the first packet is looked at.
"""

from __future__ import annotations

import gzip
import io
import random
import ssl
from functools import cache, partial
from pathlib import Path

import pytest

from analyzer import Options, analyze, list_exchanges
from analyzer.capture import open_captures, secrets_inside
from analyzer.model.report import Report
from analyzer.pipeline import gathering
from analyzer.tls import keylog
from tests.benchmarks.tls import packets_of
from tests.support.pcapfile import epb, pcapng_bytes, secrets
from tests.support.tlspair import Talk, contexts, talk
from tests.tls.test_sessions import CLIENT, SERVER

VERSIONS = [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3]
GET = b"GET /key HTTP/1.1\r\nHost: b.example\r\n\r\n"
BODY = random.Random(9).randbytes(50_000)
REFUSED = b"HTTP/1.1 403 Forbidden\r\nContent-Length: %d\r\n\r\n" % len(BODY) + BODY


@pytest.fixture(autouse=True)
def _small_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gathering, "open_captures", partial(open_captures, block_bytes=6000))


@cache
def session(version: ssl.TLSVersion) -> Talk:
    return talk(*contexts(version), [(CLIENT, GET), (SERVER, REFUSED), (CLIENT, GET), (SERVER, REFUSED)])


def capture(told: Talk, *, before: bytes = b"", after: bytes | None = None, big_endian: bool = False) -> bytes:
    """The session with its key log behind the packets, unless something else is to stand there."""
    tail = secrets(told.keylog, ">" if big_endian else "<") if after is None else after
    return pcapng_bytes(packets_of(told), before=[before], after=[tail], big_endian=big_endian)


def statuses(source: Path | bytes, options: Options | None = None) -> tuple[list[int], Report]:
    """Answers found in a file, or in a pipe that gives these bytes."""
    pipe = io.BytesIO(source) if isinstance(source, bytes) else None
    listing = list_exchanges(["-" if pipe else source], options, stdin=pipe)  # type: ignore[list-item]
    found = [x.response.status for x in listing if x.request is not None and x.response is not None]
    return found, listing.report()


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("big_endian", [False, True])
@pytest.mark.parametrize("batch", [None, 1])
def test_at_the_end(version: ssl.TLSVersion, big_endian: bool, batch: int | None, tmp_path: Path) -> None:
    data = capture(session(version), big_endian=big_endian)
    (tmp_path / "a.pcapng").write_bytes(data)
    (tmp_path / "a.pcapng.gz").write_bytes(gzip.compress(data))
    for source in (tmp_path / "a.pcapng", tmp_path / "a.pcapng.gz", data):
        found, report = statuses(source, Options(batch_packets=batch))
        assert found == [403, 403]
        assert not report.incomplete
        assert not report.notes


@pytest.mark.parametrize("batch", [None, 1])
def test_in_a_later_file_of_the_set(batch: int | None, tmp_path: Path) -> None:
    told = session(VERSIONS[1])
    (tmp_path / "1.pcapng").write_bytes(capture(told, after=b""))
    later = [(time + 10**12, data) for time, data in packets_of(session(VERSIONS[0]), port=50002)]
    both = secrets(told.keylog) + secrets(session(VERSIONS[0]).keylog)
    (tmp_path / "2.pcapng").write_bytes(pcapng_bytes(later, after=[both]))
    listing = list_exchanges([tmp_path], Options(batch_packets=batch))
    found = sorted((x.connection.stream, x.response.status) for x in listing if x.response)
    assert found == [(0, 403), (0, 403), (1, 403), (1, 403)]
    assert not listing.report().incomplete


@pytest.mark.parametrize("batch", [None, 1])
def test_piece_by_piece(batch: int | None) -> None:
    """Handshake secrets first, those of the data later, some of them twice, between packets that need them."""
    told = session(VERSIONS[1])
    lines = [line + b"\n" for line in told.keylog.split(b"\n") if line]
    handshake = b"".join(line for line in lines if b"HANDSHAKE" in line)
    packets = packets_of(told)
    blocks = [epb(time, data) for time, data in packets]
    server = [line for line in lines if b"SERVER_TRAFFIC" in line]
    blocks[40:40] = [secrets(b"".join(server))]
    data = pcapng_bytes([], before=[secrets(handshake), *blocks], after=[secrets(told.keylog)])
    found, report = statuses(data, Options(batch_packets=batch))
    assert found == [403, 403]
    assert not report.incomplete


def test_none_at_all_is_told_at_the_end(tmp_path: Path) -> None:
    data = capture(session(VERSIONS[1]), after=b"")
    (tmp_path / "a.pcapng").write_bytes(data)
    for source in (tmp_path / "a.pcapng", data):
        found, report = statuses(source, Options(batch_packets=1))
        assert found == []
        assert report.incomplete
        assert report.notes[1].key == "tls.keylog-missing"


def test_what_is_held_back_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keylog, "_ROOM", 60_000)
    found, report = statuses(capture(session(VERSIONS[1])), Options(batch_packets=1))
    assert found == []
    assert [one.key for one in report.notes] == ["tls.closed", "tls.key-too-far", "tls.remedy-key-too-far"]


def test_room_is_given_back(monkeypatch: pytest.MonkeyPatch) -> None:
    """Three sessions, each of which needs most of the room, one after the other."""
    monkeypatch.setattr(keylog, "_ROOM", 150_000)
    data = b"".join(capture(session(VERSIONS[1])) for _ in range(3))  # three sections
    found, report = statuses(data, Options(batch_packets=1))
    assert found == [403] * 6
    assert not report.incomplete


def test_blocks_inside_packets_are_not_the_files_own(tmp_path: Path) -> None:
    """An upload of a capture that has a key log for the same session, a wrong one."""
    told = session(VERSIONS[1])
    wrong = told.keylog.translate(bytes.maketrans(b"0123456789abcdef", b"fedcba9876543210"))
    right = [line.split(b" ") for line in told.keylog.split(b"\n")]
    decoy = b"\n".join(
        b" ".join([row[0], row[1], other.split(b" ")[2]]) if len(row) == 3 else b""
        for row, other in zip(right, wrong.split(b"\n"), strict=True)
    )
    upload = epb(10**18 - 1, bytes(14) + secrets(decoy) * 2)
    path = tmp_path / "a.pcapng"
    path.write_bytes(capture(told, before=upload, after=secrets(told.keylog)))
    assert [one.reveal() for one in secrets_inside(str(path))] == [told.keylog]
    assert statuses(path, Options(batch_packets=1))[0] == [403, 403]


@pytest.mark.parametrize("damage", [b"", b"\x0a\x0d\x0d\x0a", bytes(4)])
def test_looking_ahead_survives_any_file(damage: bytes, tmp_path: Path) -> None:
    path = tmp_path / "a.pcapng"
    path.write_bytes(damage + secrets(b"keys")[: 20 if damage else 0])
    assert secrets_inside(str(path)) == ()
    assert secrets_inside(str(tmp_path / "none")) == ()
    whole = capture(session(VERSIONS[1]))
    for cut in range(len(whole) - 80, len(whole), 7):
        path.write_bytes(whole[:cut])
        assert secrets_inside(str(path)) == ()


def test_a_diagnosis_waits_as_well() -> None:
    report = analyze(["-"], Options(batch_packets=1), stdin=io.BytesIO(capture(session(VERSIONS[1]))))
    assert report.captures[0].exchanges == 2
    assert not report.incomplete
