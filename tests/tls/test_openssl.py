"""What only the openssl program can be made to do: suites with pre-shared keys, all suites of TLS 1.3,
renegotiation, key updates, early data."""

from __future__ import annotations

from pathlib import Path

import pytest

from analyzer.model.streams import Data, Direction, Gap
from analyzer.tls import KeyLog
from tests.support.opensslpair import Recorded, ciphers, conversations
from tests.support.tlsfeed import from_pieces
from tests.tls.test_sessions import plaintext, run

CLIENT, SERVER = Direction.CLIENT_TO_SERVER, Direction.SERVER_TO_CLIENT
SHORT = [(CLIENT, b"one\n"), (SERVER, b"zwei\n"), (CLIENT, b"three\n")]
SUITES13 = (
    "TLS_AES_128_GCM_SHA256",
    "TLS_AES_256_GCM_SHA384",
    "TLS_CHACHA20_POLY1305_SHA256",
    "TLS_AES_128_CCM_SHA256",
    "TLS_AES_128_CCM_8_SHA256",
)
SECRET = ("-psk", "00112233445566778899aabbccddeeff")
UNSUPPORTED = ("ARIA", "NULL")


def opened(told: Recorded) -> tuple[bytes, bytes, str | None]:
    """Plaintext of both directions and the suite; everything must have been opened."""
    out, outcome = run(from_pieces(told.flights), KeyLog([told.keylog]))
    assert outcome.why_not is None
    assert outcome.lost_records == 0
    assert not [event for event in out if isinstance(event, Gap)]
    return plaintext(out, CLIENT), plaintext(out, SERVER), outcome.suite


@pytest.mark.parametrize("suite", SUITES13)
def test_every_suite_of_tls13_and_key_updates(suite: str, tmp_path: Path) -> None:
    typed = [*SHORT, (CLIENT, b"K\n"), (CLIENT, b"four\n"), (SERVER, b"fuenf\n"), (CLIENT, b"K\n"), (SERVER, b"six\n")]
    only = ("-tls1_3", "-ciphersuites", suite)
    (told,) = conversations(tmp_path, typed, server=only, clients=[only])
    assert told.typed == len(typed)
    assert opened(told) == (b"one\nthree\nfour\n", b"zwei\nfuenf\nsix\n", suite)


@pytest.mark.parametrize("suite", [name for name in ciphers("-s", "-tls1_2", "-psk") if "PSK" in name])
def test_every_suite_with_pre_shared_keys(suite: str, tmp_path: Path) -> None:
    only = ("-tls1_2", "-cipher", f"{suite}:@SECLEVEL=0", *SECRET)
    (told,) = conversations(tmp_path, SHORT[:2], server=only, clients=[only])
    assert told.typed == 2
    if any(word in suite for word in UNSUPPORTED):
        outcome = run(from_pieces(told.flights), KeyLog([told.keylog]))[1]
        assert outcome.why_not is not None
        assert outcome.why_not.key == "tls.suite-unsupported"
    else:
        assert opened(told)[:2] == (b"one\n", b"zwei\n")


@pytest.fixture(scope="module")
def renegotiated(tmp_path_factory: pytest.TempPathFactory) -> Recorded:
    typed = [(CLIENT, b"one\n"), (CLIENT, b"R\n"), (CLIENT, b"two\n"), (SERVER, b"drei\n")]
    server = ("-tls1_2", "-client_renegotiation")
    (told,) = conversations(tmp_path_factory.mktemp("tls"), typed, server=server)
    assert told.typed == len(typed)
    return told


def test_data_goes_on_under_the_new_keys(renegotiated: Recorded) -> None:
    assert len(KeyLog([renegotiated.keylog])) == 2
    assert opened(renegotiated)[:2] == (b"one\ntwo\n", b"drei\n")


def test_without_the_new_key_the_rest_stays_closed(renegotiated: Recorded) -> None:
    lines = renegotiated.keylog.split(b"\n")
    first = next(line for line in lines if line.startswith(b"CLIENT_RANDOM"))
    out, outcome = run(from_pieces(renegotiated.flights), KeyLog([first]))
    assert b"".join(event.data for event in out if isinstance(event, Data) and event.direction is CLIENT) == b"one\n"
    assert outcome.opened
    assert outcome.why_not is not None
    assert outcome.why_not.key == "tls.renegotiated-without-key"


EARLY = b"GET /early HTTP/1.1\r\n\r\n"


@pytest.fixture(scope="module", params=["taken", "refused"])
def early(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> tuple[Recorded, bool]:
    """A session resumed with early data, which a second server does not take."""
    folder = tmp_path_factory.mktemp("tls")
    (folder / "early").write_bytes(EARLY)
    keep = ("-tls1_3", "-sess_out", "ticket")
    again = ("-tls1_3", "-sess_in", "ticket", "-early_data", "early")
    server = ("-tls1_3", "-early_data", "-no_anti_replay")
    taken = request.param == "taken"
    if taken:
        told = conversations(folder, SHORT, server=server, clients=[keep, again])[1]
    else:
        conversations(folder, SHORT, server=server, clients=[keep])
        told = conversations(folder, SHORT, server=server, clients=[again])[0]
    assert told.typed == len(SHORT)
    return told, taken


def test_early_data_is_read_where_the_server_took_it(early: tuple[Recorded, bool]) -> None:
    told, taken = early
    assert b"CLIENT_EARLY_TRAFFIC_SECRET" in told.keylog
    assert opened(told)[:2] == ((EARLY if taken else b"") + b"one\nthree\n", b"zwei\n")


def test_early_data_without_its_secret_is_a_gap(early: tuple[Recorded, bool]) -> None:
    told, taken = early
    lines = [line for line in told.keylog.split(b"\n") if b"EARLY" not in line]
    out, outcome = run(from_pieces(told.flights), KeyLog([b"\n".join(lines)]))
    assert outcome.why_not is None
    gaps = [event.length for event in out if isinstance(event, Gap)]
    assert gaps == [len(EARLY)] * taken
    said = [one.key for one in outcome.notes if "alert" not in one.key]
    assert said == ["tls.early-data-closed", "tls.records-lost"] * taken
    data = [event.data for event in out if isinstance(event, Data) and event.direction is CLIENT]
    assert b"".join(data) == b"one\nthree\n"
