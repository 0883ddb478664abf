"""Few sentences, however many connections stayed closed."""

from __future__ import annotations

from dataclasses import replace

from analyzer.model.notes import Kind, Wire, note
from analyzer.model.tls import TlsOutcome
from analyzer.tls import KeyLog, told

OPENED = TlsOutcome(
    stream=0,
    version="TLS 1.3",
    suite="TLS_AES_128_GCM_SHA256",
    server_name=b"a.example",
    alpn=None,
    client_random=bytes(32),
    time=1,
    opened=True,
    why_not=None,
    remedy=None,
    notes=(),
    lost_records=0,
    decrypted=(1, 1),
)


def closed(number: int, server: str) -> TlsOutcome:
    why = note("tls.keylog-missing", server=Wire(server.encode(), Kind.HOST), time=f"at {number}")
    return replace(OPENED, stream=number, opened=False, why_not=why, remedy=note("tls.remedy-write-keylog"))


def keys(outcomes: list[TlsOutcome], count: int = 0) -> list[str]:
    return [one.key for one in told(outcomes, count, KeyLog()).notes]


def test_nothing_to_say() -> None:
    assert told([], 0, KeyLog([b"garbage"])) == told([OPENED], 0, KeyLog())
    assert not told([OPENED], 0, KeyLog()).incomplete


def test_alike_connections_are_told_once() -> None:
    result = told([closed(1, "a"), closed(2, "b"), closed(3, "a"), closed(4, "a")], 4, KeyLog())
    assert result.incomplete
    assert [(one.key, one.get("count"), one.get("time")) for one in result.notes[:4]] == [
        ("tls.closed", 4, None),
        ("tls.keylog-missing", None, "at 1"),
        ("tls.closed-alike", 2, None),
        ("tls.keylog-missing", None, "at 2"),
    ]
    assert [one.key for one in result.notes[4:]] == [
        "tls.remedy-write-keylog",
        "tls.remedy-line-client",
        "tls.remedy-line-ossig",
        "tls.remedy-clients",
    ]


def test_a_thousand_servers_are_a_few_sentences() -> None:
    said = told([closed(number, f"host{number}") for number in range(1000)], 5000, KeyLog()).notes
    assert len(said) < 20
    assert said[0].get("count") == 5000
    assert next(one for one in said if one.key == "tls.closed-others").get("count") == 5000 - 8


def test_remarks_on_opened_connections() -> None:
    http2 = note("tls.http2", server=Wire(b"a", Kind.HOST), time="at 1")
    again = note("tls.http2", server=Wire(b"a", Kind.HOST), time="at 2")
    lost = note("tls.records-lost", count=2)
    both = [replace(OPENED, notes=(http2,)), replace(OPENED, notes=(again, lost), lost_records=2)]
    result = told([*both, replace(OPENED, notes=(lost,), lost_records=2)], 0, KeyLog())
    assert result.notes == (http2, note("tls.records-lost", count=4))
    assert result.incomplete
    assert not told([replace(OPENED, notes=(note("tls.alert-from-server", alert="x"),))], 0, KeyLog()).incomplete


def test_a_damaged_key_log_is_told_where_something_is_encrypted() -> None:
    log = KeyLog([b"CLIENT_RANDOM " + b"ab" * 32 + b" " + b"cd" * 48 + b"\ntorn\n"])
    assert [one.key for one in told([OPENED], 0, log).notes] == ["tls.keylog-lines-skipped"]
    assert told([], 0, log).notes == ()


def test_a_key_log_without_a_usable_line_is_said_once() -> None:
    why = note("tls.keylog-holds-nothing", server=Wire(b"a", Kind.HOST), time="at 1")
    log = KeyLog([b"garbage\n"])
    said = [one.key for one in told([replace(OPENED, opened=False, why_not=why)], 1, log).notes]
    assert said == ["tls.closed", "tls.keylog-holds-nothing", "tls.keylog-lines-skipped"]
    assert "tls.keylog-empty" in [one.key for one in told([OPENED], 0, log).notes]
