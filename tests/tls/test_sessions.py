"""Real sessions of the local OpenSSL: every suite and version it offers, split and holed at random."""

from __future__ import annotations

import random
import ssl
import time
from collections.abc import Iterable
from functools import cache
from itertools import groupby

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from analyzer.model.notes import Kind, Wire
from analyzer.model.streams import Closed, Data, Direction, Gap, Opened, StreamEvent
from analyzer.model.tls import TlsFact, TlsOutcome
from analyzer.tls import KeyLog, TlsStream
from tests.support.tlsfeed import connection, from_pieces
from tests.support.tlspair import NO_ENCRYPT_THEN_MAC, NO_EXTENDED_MASTER_SECRET, Talk, contexts, offered, talk

pytestmark = pytest.mark.filterwarnings("ignore:ssl.TLSVersion:DeprecationWarning")

CLIENT, SERVER = Direction.CLIENT_TO_SERVER, Direction.SERVER_TO_CLIENT
REQUEST = b"PUT /key HTTP/1.1\r\nHost: bucket.example\r\nContent-Length: 40000\r\n\r\n"
BODY = random.Random(1).randbytes(40_000)
ANSWER = b"HTTP/1.1 403 Forbidden\r\nContent-Length: 5000\r\n\r\n" + random.Random(2).randbytes(5000)
SCRIPT = [(CLIENT, REQUEST), (CLIENT, BODY), (SERVER, ANSWER), (CLIENT, REQUEST), (SERVER, ANSWER * 10), (CLIENT, b"x")]

TLS10, TLS11, TLS12, TLS13 = (
    ssl.TLSVersion.TLSv1,
    ssl.TLSVersion.TLSv1_1,
    ssl.TLSVersion.TLSv1_2,
    ssl.TLSVersion.TLSv1_3,
)


def run(
    events: Iterable[StreamEvent], keylog: KeyLog | None, *, handshake: bool = True
) -> tuple[list[StreamEvent | TlsFact], TlsOutcome]:
    stream = TlsStream(connection(handshake=handshake), keylog)
    out = [item for event in events for item in stream.feed(event)]
    out.extend(stream.finish())
    return out, stream.outcome


def plaintext(out: Iterable[StreamEvent | TlsFact], direction: Direction) -> bytes:
    got = b""
    for event in out:
        if isinstance(event, Data) and event.direction is direction:
            assert event.offset == len(got)
            got += event.data
    return got


def check_whole(told: Talk, script: list[tuple[Direction, bytes]] = SCRIPT) -> TlsOutcome:
    out, outcome = run(from_pieces(told.flights), KeyLog([told.keylog]))
    for direction in Direction:
        assert plaintext(out, direction) == told.sent(script, direction)
    assert not [event for event in out if isinstance(event, Gap | TlsFact)]
    assert sum(isinstance(event, Closed) for event in out) == 2
    assert sum(isinstance(event, Opened) for event in out) == 1
    assert outcome.opened
    assert outcome.why_not is None
    assert outcome.server_name == b"bucket.example"
    return outcome


def _rows() -> list[tuple[str, ssl.TLSVersion, int]]:
    rows = []
    for name in offered():
        cbc = name.endswith("SHA") or (name.endswith(("SHA256", "SHA384")) and "GCM" not in name)
        for options in (0, NO_ENCRYPT_THEN_MAC) if cbc and "CHACHA" not in name else (0,):
            rows.append((name, TLS12, options))
            if name.endswith("SHA"):
                rows.extend([(name, TLS10, options), (name, TLS11, options)])
    return rows


@pytest.mark.parametrize(("cipher", "version", "options"), _rows())
def test_every_suite_of_the_local_library(cipher: str, version: ssl.TLSVersion, options: int) -> None:
    try:
        told = talk(*contexts(version, cipher, options=options), SCRIPT)
    except ssl.SSLError as refused:
        pytest.skip(f"the library offers it and does not speak it: {refused.reason}")
    assert told.cipher == cipher
    if "ARIA" in cipher:
        outcome = run(from_pieces(told.flights), KeyLog([told.keylog]))[1]
        assert not outcome.opened
        assert outcome.why_not is not None
        assert outcome.why_not.key == "tls.suite-unsupported"
        assert "ARIA" in str(outcome.suite)
        return
    outcome = check_whole(told)
    assert outcome.version is not None
    assert outcome.version.replace(" ", "v") == told.version.replace(
        "TLSv1", "TLSv1.0" if version is TLS10 else "TLSv1"
    )


@cache
def recorded(version: ssl.TLSVersion, cipher: str | None = None, options: int = 0) -> Talk:
    return talk(*contexts(version, cipher, options=options), SCRIPT)


def test_tls13() -> None:
    assert check_whole(recorded(TLS13)).suite == "TLS_AES_256_GCM_SHA384"


def test_hello_retry_request() -> None:
    client, server = contexts(TLS13)
    server.set_ecdh_curve("secp384r1")
    told = talk(client, server, SCRIPT)
    assert told.flights[2][0] is CLIENT
    assert told.flights[2][1][:1] == b"\x14"  # ChangeCipherSpec, then the second ClientHello
    check_whole(told)


@pytest.mark.parametrize("version", [TLS12, TLS13])
@pytest.mark.parametrize("options", [0, ssl.OP_NO_TICKET])
def test_resumption(version: ssl.TLSVersion, options: int) -> None:
    client, server = contexts(version, options=options)
    kept: list[ssl.SSLSession | None] = []
    first = talk(client, server, SCRIPT, keep_session=kept)
    second = talk(client, server, SCRIPT, session=kept[0])
    assert kept[0] is not None
    assert kept[0].has_ticket is not (version is TLS12 and options == ssl.OP_NO_TICKET)  # else by session id
    assert (first.reused, second.reused) == (False, True)
    check_whole(first)
    check_whole(second)


@pytest.mark.parametrize("options", [0, NO_EXTENDED_MASTER_SECRET])
def test_extended_master_secret(options: int) -> None:
    """The key log has the master secret itself, so it does not matter how that was made."""
    told = recorded(TLS12, "ECDHE-RSA-AES128-GCM-SHA256", options)
    assert (b"\0\x17\0\0" in told.flights[1][1][:200]) is not bool(options)
    check_whole(told)


@pytest.mark.parametrize("options", [0, NO_ENCRYPT_THEN_MAC])
def test_encrypt_then_mac(options: int) -> None:
    told = recorded(TLS12, "ECDHE-RSA-AES128-SHA256", options)
    assert (b"\0\x16\0\0" in told.flights[1][1][:200]) is not bool(options)
    check_whole(told)


def test_http2_is_named() -> None:
    client, server = contexts(TLS13)
    for context in (client, server):
        context.set_alpn_protocols(["h2"])
    outcome = check_whole(talk(client, server, SCRIPT))
    assert outcome.alpn == b"h2"
    assert [said.key for said in outcome.notes] == ["tls.http2"]


SPLIT_CASES = [
    (TLS13, None, 0),
    (TLS12, "ECDHE-RSA-AES128-GCM-SHA256", 0),
    (TLS12, "ECDHE-RSA-CHACHA20-POLY1305", 0),
    (TLS12, "ECDHE-ECDSA-AES128-CCM8", 0),
    (TLS12, "ECDHE-RSA-AES128-SHA256", 0),
    (TLS12, "ECDHE-RSA-AES128-SHA256", NO_ENCRYPT_THEN_MAC),
    (TLS10, "ECDHE-RSA-AES128-SHA", NO_ENCRYPT_THEN_MAC),
    (TLS10, "ECDHE-RSA-AES128-SHA", 0),
]
EXACT = 4  #: the first so many are AEAD, whose gaps have an exact length


def segments(told: Talk, seed: int, largest: int) -> list[tuple[Direction, bytes]]:
    dice = random.Random(seed)
    out = []
    for way, data in told.flights:
        at = 0
        while at < len(data):
            size = dice.randint(1, largest)
            out.append((way, data[at : at + size]))
            at += size
    return out


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(case=st.sampled_from(SPLIT_CASES), seed=st.integers(0, 2**32), largest=st.sampled_from([40, 700, 1448, 20000]))
def test_any_split_gives_the_same(case: tuple[ssl.TLSVersion, str | None, int], seed: int, largest: int) -> None:
    told = recorded(*case)
    out, outcome = run(from_pieces(segments(told, seed, largest)), KeyLog([told.keylog]))
    assert outcome.lost_records == 0
    for direction in Direction:
        assert plaintext(out, direction) == told.sent(SCRIPT, direction)


@pytest.mark.parametrize("case", SPLIT_CASES)
@pytest.mark.parametrize("first", [CLIENT, SERVER])
def test_one_direction_after_the_other(case: tuple[ssl.TLSVersion, str | None, int], first: Direction) -> None:
    told = recorded(*case)
    pieces = sorted(told.flights, key=lambda flight: flight[0] is not first)
    out, _ = run(from_pieces(pieces), KeyLog([told.keylog]))
    for direction in Direction:
        assert plaintext(out, direction) == told.sent(SCRIPT, direction)


def holed(pieces: list[tuple[Direction, bytes]], lost: set[int]) -> list[StreamEvent]:
    """The events with some segments replaced by gaps; neighbouring gaps of a direction are one."""
    out: list[StreamEvent] = []
    for event in from_pieces(pieces):
        if isinstance(event, Data) and event.frames[0][1] in lost:
            gap = Gap(0, event.direction, event.offset, len(event.data), event.frames[0][1] - 1)
            at = next(
                (i for i in reversed(range(len(out))) if getattr(out[i], "direction", None) is gap.direction), None
            )
            last = None if at is None else out[at]
            if at is not None and isinstance(last, Gap):
                out[at] = Gap(0, last.direction, last.offset, last.length + gap.length, last.after_frame)
            else:
                out.append(gap)
        else:
            out.append(event)
    return out


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    index=st.integers(0, len(SPLIT_CASES) - 1),
    seed=st.integers(0, 2**32),
    share=st.sampled_from([0.0, 0.01, 0.05, 0.3]),
    handshake=st.booleans(),
)
def test_holes_cost_only_what_they_touch(index: int, seed: int, share: float, handshake: bool) -> None:
    told = recorded(*SPLIT_CASES[index])
    pieces = segments(told, seed, 1448)
    dice = random.Random(seed)
    shaking = 0 if handshake else next(i for i, (_, data) in enumerate(pieces) if data[:1] == b"\x17") + 12
    numbers = range(shaking + 1, len(pieces) + 1)
    lost = {dice.choice(numbers)} | {number for number in numbers if dice.random() < share}
    out, outcome = run(holed(pieces, lost), KeyLog([told.keylog]))
    for direction in Direction:
        whole, at, previous = told.sent(SCRIPT, direction), 0, 0
        for event in out:
            if not isinstance(event, Data | Gap) or event.direction is not direction:
                continue
            assert event.offset == at
            at += event.length if isinstance(event, Gap) else len(event.data)
            if isinstance(event, Gap):
                assert event.length > 0
            elif index < EXACT and not handshake:
                assert whole[event.offset : at] == event.data
            else:
                found = whole.find(event.data, previous)
                assert found >= 0
                previous = found + len(event.data)
    if not handshake:
        assert outcome.opened


LONG = random.Random(3).randbytes(600_000)
#: Each a record; OpenSSL cuts what is written at once into records of many sizes for some suites.
LONG_RECORDS = [(SERVER, LONG[at : at + 16384]) for at in range(0, len(LONG), 16384)]


@pytest.mark.parametrize("case", SPLIT_CASES)
@pytest.mark.parametrize("seed", range(4))
def test_lost_segments_cost_the_records_they_touch(case: tuple[ssl.TLSVersion, str | None, int], seed: int) -> None:
    version, cipher, _ = case
    told = long_download(*case)
    joined = [(way, b"".join(data for _, data in part)) for way, part in groupby(told.flights, lambda one: one[0])]
    pieces = [(way, data[at : at + 1448]) for way, data in joined for at in range(0, len(data), 1448)]
    first = next(
        number for number, (way, data) in enumerate(pieces) if way is SERVER and len(data) == 1448 and number > 9
    )
    dice = random.Random(seed)
    lost = {dice.randrange(first, len(pieces) - 20) for _ in range([1, 3, 8, 20][seed])}
    out, outcome = run(holed(pieces, {number + 1 for number in lost}), KeyLog([told.keylog]))
    wire = b"".join(data for way, data in told.flights if way is SERVER)
    starts = {number: sum(len(data) for way, data in pieces[:number] if way is SERVER) for number in lost}
    touched = [
        index
        for index, (begin, end) in enumerate(data_records(wire))
        if any(begin < start + 1448 and start < end for start in starts.values())
    ]
    kept = b"".join(data for index, (_, data) in enumerate(LONG_RECORDS) if index not in touched)
    got = b"".join(event.data for event in out if isinstance(event, Data) and event.direction is SERVER)
    if version is TLS10:  # the record behind a hole needs the end of the one before as its IV, which may be lost too
        assert outcome.lost_records - len(touched) in range(len(lost) + 1)
        return
    assert got == kept
    assert outcome.lost_records == len(touched)
    gaps = [event.length for event in out if isinstance(event, Gap)]
    slack = 0 if cipher is None or "SHA256" not in cipher or "GCM" in cipher else 16 * len(touched)
    assert 0 <= sum(gaps) - (len(LONG) - len(got)) <= slack


@cache
def long_download(version: ssl.TLSVersion, cipher: str | None, options: int) -> Talk:
    return talk(*contexts(version, cipher, options=options), [(CLIENT, REQUEST), *LONG_RECORDS])


def data_records(wire: bytes) -> list[tuple[int, int]]:
    """Where the records of the server's data stand: those of full length, and the last one."""
    found, at = [], 0
    while at + 5 <= len(wire):
        end = at + 5 + int.from_bytes(wire[at + 3 : at + 5], "big")
        if wire[at] == 0x17 and end - at > 9000:
            found.append((at, end))
        at = end
    return found


def test_a_connection_that_ends_in_the_handshake_has_a_reason() -> None:
    told = recorded(TLS12, "ECDHE-RSA-AES128-GCM-SHA256")
    out, outcome = run(from_pieces(told.flights[:2]), KeyLog([told.keylog]))
    assert not outcome.opened
    assert outcome.why_not is not None
    assert not [event for event in out if isinstance(event, Data)]


@pytest.mark.parametrize("version", [TLS12, TLS13])
def test_what_cannot_be_opened_says_why(version: ssl.TLSVersion) -> None:
    told, other = recorded(version), talk(*contexts(version), SCRIPT)
    damaged = bytes(told.keylog.replace(b"\n", b"0\n"))
    wrong = b"\n".join(
        b" ".join([*line.split(b" ")[:2], line.split(b" ")[2][::-1]]) if line.count(b" ") == 2 else line
        for line in told.keylog.split(b"\n")
    )
    half = b"\n".join(line for line in told.keylog.split(b"\n") if b"HANDSHAKE" in line)
    rows: list[tuple[KeyLog | None, str]] = [
        (None, "tls.keylog-missing"),
        (KeyLog([]), "tls.keylog-missing"),
        (KeyLog([b"# nothing\n"]), "tls.keylog-holds-nothing"),
        (KeyLog([damaged]), "tls.keylog-holds-nothing"),
        (KeyLog([other.keylog]), "tls.no-key"),
        (KeyLog([wrong]), "tls.key-does-not-fit"),
    ]
    if version is TLS13:
        rows.append((KeyLog([half]), "tls.handshake-secrets-only"))
    for keylog, key in rows:
        out, outcome = run(from_pieces(told.flights), keylog)
        assert outcome.why_not is not None
        assert outcome.why_not.key == key
        assert outcome.why_not.get("server") == Wire(b"bucket.example", Kind.HOST)
        assert str(outcome.why_not.get("time")).startswith("1970-01-01 00:00:00.00")
        assert outcome.remedy is not None
        assert not [event for event in out if isinstance(event, Data)]
    late = [event for event in from_pieces(told.flights) if not isinstance(event, Data) or event.frames[0][1] > 4]
    for handshake, key in ((True, "tls.handshake-hole"), (False, "tls.handshake-not-captured")):
        outcome = run(late, KeyLog([told.keylog]), handshake=handshake)[1]
        assert outcome.why_not is not None
        assert outcome.why_not.key == key


def test_application_secrets_alone_are_enough() -> None:
    told = recorded(TLS13)
    part = b"\n".join(line for line in told.keylog.split(b"\n") if b"HANDSHAKE" not in line)
    out, outcome = run(from_pieces(told.flights), KeyLog([part]))
    assert outcome.opened
    for direction in Direction:
        assert plaintext(out, direction) == told.sent(SCRIPT, direction)


@pytest.mark.parametrize("kept", [CLIENT, SERVER])
@pytest.mark.parametrize("order", [CLIENT, SERVER])
def test_the_secrets_of_one_direction_open_that_direction(kept: Direction, order: Direction) -> None:
    told = recorded(TLS13)
    word = b"CLIENT" if kept is CLIENT else b"SERVER"
    part = b"\n".join(line for line in told.keylog.split(b"\n") if line.startswith(word))
    pieces = sorted(told.flights, key=lambda flight: flight[0] is not order)
    out, outcome = run(from_pieces(pieces), KeyLog([part]))
    assert plaintext(out, kept) == told.sent(SCRIPT, kept)
    assert not [event for event in out if isinstance(event, Data) and event.direction is not kept]
    assert outcome.why_not is not None
    assert outcome.why_not.key == "tls.secrets-missing"


def test_secrets_show_nowhere() -> None:
    told = recorded(TLS13)
    keylog = KeyLog([told.keylog])
    out, outcome = run(from_pieces(told.flights), keylog)
    said = repr((keylog, outcome, [event for event in out if not isinstance(event, Data)])).lower()
    for line in told.keylog.decode().splitlines():
        if not line.startswith("#"):
            assert line.split()[2].lower() not in said
            assert bytes.fromhex(line.split()[2]).hex()[:16] not in said
    assert repr(keylog) == "KeyLog(1 sessions, 4 entries, 0 lines skipped)"


@settings(max_examples=80, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    index=st.integers(0, len(SPLIT_CASES) - 1),
    seed=st.integers(0, 2**32),
    flips=st.integers(1, 40),
    junk=st.binary(max_size=200),
)
def test_hostile_records_never_raise(index: int, seed: int, flips: int, junk: bytes) -> None:
    told = recorded(*SPLIT_CASES[index])
    dice = random.Random(seed)
    pieces = []
    for way, data in segments(told, seed, 1448):
        damaged = bytearray(data)
        if dice.random() < flips / 80:
            damaged[dice.randrange(len(damaged))] ^= 1 << dice.randrange(8)
        pieces.append((way, bytes(damaged)))
    pieces.insert(dice.randrange(len(pieces)), (dice.choice([CLIENT, SERVER]), junk))
    out, _ = run(from_pieces(pieces), KeyLog([told.keylog]))
    at = {CLIENT: 0, SERVER: 0}
    for event in out:
        if isinstance(event, Data | Gap):
            assert event.offset == at[event.direction]
            at[event.direction] += event.length if isinstance(event, Gap) else len(event.data)


@pytest.mark.parametrize(
    "bait", [b"\x17\x03\x03\x40\x00", b"\x17\x03\x03\x00\x11", b"\x16\x03\x03\x00\x30", b"\x17\x03"]
)
@pytest.mark.parametrize("after", [0, 2, 8])
@pytest.mark.parametrize("version", [TLS12, TLS13])
def test_baits_behind_a_hole_cost_bounded_time(bait: bytes, after: int, version: ssl.TLSVersion) -> None:
    told = recorded(version)
    events = list(from_pieces(told.flights[:after], close=False))
    reach = sum(len(data) for way, data in told.flights[:after] if way is SERVER)
    events.append(Gap(0, SERVER, reach, 100_000, after))
    noise = bait * (2_000_000 // len(bait))
    events += [
        Data(0, SERVER, reach + 100_000 + at, noise[at : at + 50_000], ((reach + 100_000 + at, 99),), 1)
        for at in range(0, len(noise), 50_000)
    ]
    events += [Closed(0, way, "end", 0, 0) for way in Direction]
    begin = time.process_time()
    run(events, KeyLog([told.keylog]))
    assert time.process_time() - begin < 3


@settings(max_examples=60, deadline=None)
@given(pieces=st.lists(st.tuples(st.sampled_from([CLIENT, SERVER]), st.binary(max_size=100)), max_size=12))
def test_noise_never_raises(pieces: list[tuple[Direction, bytes]]) -> None:
    out, outcome = run(from_pieces(pieces), KeyLog([recorded(TLS13).keylog]))
    assert not outcome.opened
    assert outcome.why_not is not None
    assert not [event for event in out if isinstance(event, Data)]
