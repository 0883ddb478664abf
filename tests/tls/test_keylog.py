"""Key logs as they are found: merged, torn, in other charsets, with labels that serve for nothing."""

from __future__ import annotations

import pickle

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analyzer.model.secrets import Secret
from analyzer.tls import KeyLog
from analyzer.tls.keylog import MASTER

RANDOM, OTHER = bytes(range(32)), bytes(range(100, 132))
MASTER_SECRET, TRAFFIC = bytes(range(48)), bytes(range(32, 64))


def line(label: str, random: bytes, secret: bytes) -> bytes:
    return f"{label} {random.hex()} {secret.hex()}".encode()


GOOD = line(MASTER, RANDOM, MASTER_SECRET)


@pytest.mark.parametrize(
    ("text", "entries", "skipped"),
    [
        (b"", 0, 0),
        (b"# comment\n\n   \n", 0, 0),
        (GOOD, 1, 0),
        (GOOD + b"\r\n" + GOOD + b"\r\n", 2, 0),
        (GOOD.replace(b" ", b"\t"), 1, 0),
        (b"CLIENT_RANDOM " + GOOD[14:].upper(), 1, 0),
        (b"  " + GOOD + b"  \n", 1, 0),
        (b"\xef\xbb\xbf" + GOOD, 1, 0),
        (GOOD.decode().encode("utf-16"), 1, 0),
        (GOOD[:-1], 0, 1),
        (GOOD + b"0", 0, 1),
        (GOOD[:50] + GOOD + b"\n", 1, 1),
        (b"garbage\n" + GOOD + b"\nmore \xff\xfe garbage\n", 1, 2),
        (line(MASTER, RANDOM, TRAFFIC), 0, 1),
        (line("CLIENT_TRAFFIC_SECRET_0", RANDOM, TRAFFIC), 1, 0),
        (line("SERVER_TRAFFIC_SECRET_7", RANDOM, MASTER_SECRET), 1, 0),
        (line("CLIENT_EARLY_TRAFFIC_SECRET", RANDOM, TRAFFIC), 1, 0),
        (line("EXPORTER_SECRET", RANDOM, TRAFFIC), 0, 0),
        (line("EARLY_EXPORTER_SECRET", RANDOM, TRAFFIC), 0, 0),
        (b"RSA 0011223344556677 " + MASTER_SECRET.hex().encode(), 0, 0),
        (b"SERVER_HANDSHAKE_TRAFFIC_SECRET " + RANDOM.hex().encode() + b" 00", 0, 1),
    ],
)
def test_lines(text: bytes, entries: int, skipped: int) -> None:
    log = KeyLog([text])
    assert (log.entries, log.skipped) == (entries, skipped)
    assert bool(log) is bool(entries)
    assert [note.key for note in log.notes] == ["tls.keylog-lines-skipped"] * bool(skipped) + ["tls.keylog-empty"] * (
        not entries
    )


def test_texts_are_merged() -> None:
    log = KeyLog([GOOD, line(MASTER, OTHER, MASTER_SECRET), line("CLIENT_TRAFFIC_SECRET_0", RANDOM, TRAFFIC)])
    assert log.randoms == (RANDOM, OTHER)
    assert RANDOM in log
    assert bytes(32) not in log
    assert log.secret(MASTER, OTHER) == Secret(MASTER_SECRET)
    assert log.secret("CLIENT_TRAFFIC_SECRET_0", RANDOM) == Secret(TRAFFIC)
    assert log.secret("CLIENT_TRAFFIC_SECRET_0", OTHER) is None


def test_nothing_of_it_is_shown_or_stored() -> None:
    log = KeyLog([GOOD])
    assert MASTER_SECRET.hex()[:8] not in repr(log) + str(log) + repr(log.notes)
    with pytest.raises(TypeError):
        pickle.dumps(log)


@given(st.lists(st.one_of(st.binary(max_size=60), st.just(GOOD + b"\n"), st.just(GOOD[:70]))))
def test_no_text_raises(pieces: list[bytes]) -> None:
    log = KeyLog([b"".join(pieces)])
    assert len(log) <= 1


def test_a_log_grows() -> None:
    log = KeyLog()
    line = b"CLIENT_RANDOM " + b"ab" * 32 + b" " + b"cd" * 48 + b"\n"
    log.add([line])
    assert log.secret(MASTER, b"\xab" * 32) == Secret(b"\xcd" * 48)


def test_the_oldest_sessions_go_where_there_are_too_many(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("analyzer.tls.keylog._SESSIONS", 3)
    log = KeyLog()
    for number in range(5):
        log.add([b"CLIENT_RANDOM %064x %096x\n" % (number, number)])
    assert log.randoms == tuple(number.to_bytes(32, "big") for number in (2, 3, 4))
