"""Each cause on the packets that show it, and silent on those that do not."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from analyzer.model.findings import Certainty
from analyzer.model.notes import Kind
from analyzer.model.transfers import Check, Slow, TransferReport, Trouble
from analyzer.transfers import picture
from analyzer.transfers.causes import REGISTRY
from tests.transfers.test_crc64 import crc64
from tests.transfers.wire import ACK, FIN, HOST, MSS, RST, SERVER, SYN, Talk, answer, dns, dns_packet, report, request

BODY = bytes(range(256)) * 40
PART = "/key?partNumber=1&uploadId=ABCDEF0123456789"
BROWSER = "Mozilla/5.0 (X11; Linux x86_64) Chrome/130.0"
ORIGIN = "Origin: https://app.example.com"


def ids(found: TransferReport) -> list[str]:
    return [trouble.cause.id for trouble in found.troubles]


def only(found: TransferReport, name: str) -> Trouble:
    assert ids(found) == [name]
    return found.troubles[0]


def keys(trouble: Trouble) -> list[str]:
    return [note.key for note in trouble.cause.evidence]


def upload(body: bytes = BODY, target: str = "/key", **more: object) -> Talk:
    """An upload sent whole, at once."""
    talk = Talk(**more).open()  # type: ignore[arg-type]
    talk.say(0.1, 0, request("PUT", target, len(body)) + body)
    talk.ack(0.13, 1)
    return talk


def answered(talk: Talk, *headers: str, status: int = 200, time: float = 0.2, body: bytes = b"") -> Talk:
    talk.say(time, 1, answer(status, *headers, body=body))
    talk.ack(time + 0.01, 0)
    return talk


def test_nothing_is_wrong_with_an_upload_that_is_answered(tmp_path: Path) -> None:
    found = report(tmp_path, answered(upload()))
    assert ids(found) == []
    assert not found.run.incomplete


def test_every_cause_is_one_row() -> None:
    names = [row.id for row in REGISTRY]
    assert len(names) == len(set(names)) == 15
    assert all(row.source for row in REGISTRY)


# Time-outs, resets, closes -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("end", [FIN | ACK, RST | ACK])
def test_time_out_the_client_gives_up(tmp_path: Path, end: int) -> None:
    talk = upload()
    talk.put(60.1, 0, end)
    trouble = only(report(tmp_path, talk), "time-out")
    assert keys(trouble) == ["transfers.time-out.gave-up"]
    assert trouble.cause.certainty is Certainty.LIKELY
    assert any("resumable_upload" in code for _, code in trouble.cause.remedy_code)


def test_time_out_at_the_end_of_the_capture_is_only_possible(tmp_path: Path) -> None:
    talk = upload()
    other = answered(upload(port=40001), time=20.0)
    trouble = next(t for t in report(tmp_path, talk, other).troubles if t.cause.id == "time-out")
    assert keys(trouble) == ["transfers.time-out.open"]
    assert trouble.cause.certainty is Certainty.POSSIBLE


def test_time_out_said_by_the_server(tmp_path: Path) -> None:
    xml = b"<Error><Code>RequestTimeout</Code><RequestId>5C2723573183A12D00000009</RequestId></Error>"
    trouble = only(report(tmp_path, answered(upload(), status=400, body=xml)), "time-out")
    assert keys(trouble) == ["transfers.time-out.said"]
    assert [wire.raw for wire in trouble.request_ids] == [b"5C2723573183A12D00000009"]


@pytest.mark.parametrize(("side", "key"), [(0, "transfers.reset.by-client"), (1, "transfers.reset.by-server")])
def test_reset_in_the_middle(tmp_path: Path, side: int, key: str) -> None:
    talk = Talk().open()
    talk.say(0.1, 0, request("PUT", PART, 500_000) + BODY)
    talk.put(0.3, side, RST | ACK)
    found = report(tmp_path, talk)
    trouble = only(found, "reset")
    assert keys(trouble) == [key]
    assert len(talk.packets) in trouble.cause.frames
    assert found.uploads[0].parts[0].answered == 0


def test_a_reset_behind_the_answer_is_nothing(tmp_path: Path) -> None:
    talk = answered(upload())
    talk.put(0.5, 0, RST | ACK)
    assert ids(report(tmp_path, talk)) == []


@pytest.mark.parametrize(("side", "key"), [(0, "client"), (1, "server")])
def test_closed_before_the_end(tmp_path: Path, side: int, key: str) -> None:
    talk = Talk().open()
    talk.say(0.1, 0, request("PUT", "/key", 500_000) + BODY)
    talk.put(0.3, side, FIN | ACK)
    trouble = next(t for t in report(tmp_path, talk).troubles if t.cause.id == "closed-early")
    assert keys(trouble) == [f"transfers.closed-early.{key}"]


# Windows and losses --------------------------------------------------------------------------------------------------


def stalled(talk: Talk, side: int, data: bytes, time: float) -> float:
    """The other side closes its window for two seconds in the middle of ``data``."""
    half = len(data) // 2
    end = talk.say(time, side, data[:half])
    talk.ack(end + 0.02, 1 - side, 0)
    talk.put(end + 1.0, side, ACK, seq=talk.next[side] - 1)  # a probe without a byte
    talk.ack(end + 1.02, 1 - side, 0)
    talk.ack(end + 2.02, 1 - side, 512)
    return talk.say(end + 2.0201, side, data[half:])


def test_stalled_window_of_the_server(tmp_path: Path) -> None:
    talk = Talk().open()
    end = stalled(talk, 0, request("PUT", "/key", len(BODY)) + BODY, 0.1)
    found = report(tmp_path, answered(talk, time=end + 0.03))
    trouble = only(found, "stalled-window")
    assert keys(trouble) == ["transfers.stalled.server"]
    assert found.transfers[0].slow is Slow.WINDOW


def test_stalled_window_of_the_client(tmp_path: Path) -> None:
    talk = Talk().open()
    talk.say(0.1, 0, request("GET", "/key", 0))
    stalled(talk, 1, answer(200, body=BODY * 7), 0.2)
    trouble = only(report(tmp_path, talk), "stalled-window")
    assert keys(trouble) == ["transfers.stalled.client"]


def test_stalled_until_the_client_gives_up(tmp_path: Path) -> None:
    talk = Talk().open()
    end = talk.say(0.1, 0, request("PUT", "/key", 900_000) + BODY)
    talk.ack(end + 0.02, 1, 0)
    talk.put(60.0, 0, RST | ACK)
    found = report(tmp_path, talk)
    assert "stalled-window" in ids(found)
    assert found.transfers[0].slow is Slow.WINDOW


def test_retransmission_storm(tmp_path: Path) -> None:
    talk = Talk().open()
    data = request("PUT", "/key", len(BODY) * 10) + BODY * 10
    talk.say(0.1, 0, data)
    for count in range(12):
        talk.put(0.3 + count * 0.05, 0, ACK, data[count * MSS : (count + 1) * MSS], seq=1001 + count * MSS)
    found = report(tmp_path, answered(talk, time=1.5))
    trouble = only(found, "retransmission-storm")
    assert keys(trouble) == ["transfers.storm.up"]
    assert found.clients[0].again == 12


def test_one_segment_again_and_again(tmp_path: Path) -> None:
    talk = upload()
    for count in range(3):
        talk.put(0.5 * 2**count, 0, ACK, b"x" * 100, seq=talk.next[0] - 100)
    assert "retransmission-storm" in ids(report(tmp_path, answered(talk, time=3.0)))


def test_a_few_losses_are_no_storm(tmp_path: Path) -> None:
    talk = upload(BODY * 10)
    talk.put(0.15, 0, ACK, b"x" * 100, seq=talk.next[0] - 100)
    assert ids(report(tmp_path, answered(talk, time=0.3))) == []


# Connections, names, certificates ------------------------------------------------------------------------------------


def silent(talk: Talk) -> Talk:
    for count in range(4):
        talk.put(2.0**count, 0, SYN, seq=talk.isn[0])
    return talk


def test_connection_without_an_answer(tmp_path: Path) -> None:
    known = answered(upload(port=40001))
    trouble = only(report(tmp_path, silent(Talk()), known), "connect-failed")
    assert keys(trouble) == ["transfers.connect-failed.silent"]
    assert trouble.cause.evidence[0].get("count") == 4
    assert trouble.cause.certainty is Certainty.LIKELY


def test_connection_refused(tmp_path: Path) -> None:
    talk = Talk(server="118.31.219.218")
    talk.put(0.5, 0, SYN)
    talk.put(0.52, 1, RST | ACK)
    names = [dns_packet(0.1, dns(7, HOST), True), dns_packet(0.12, dns(7, HOST, "118.31.219.218"), False)]
    trouble = only(report(tmp_path, talk, names), "connect-failed")
    assert keys(trouble) == ["transfers.connect-failed.refused"]
    assert trouble.cause.certainty is Certainty.LIKELY


def test_a_silent_address_that_is_not_known_to_be_oss(tmp_path: Path) -> None:
    trouble = only(report(tmp_path, silent(Talk())), "connect-failed")
    assert trouble.cause.certainty is Certainty.POSSIBLE
    assert ids(report(tmp_path, silent(Talk(server_port=5432)))) == []
    assert ids(report(tmp_path, silent(Talk(server="10.9.9.9")), answered(upload(port=40001)))) == []


@pytest.mark.parametrize(
    ("messages", "key"),
    [
        ([(0.1, dns(1, HOST), True), (0.12, dns(1, HOST, code=3), False)], "transfers.dns.failed"),
        ([(0.1, dns(1, HOST), True), (5.1, dns(1, HOST), True)], "transfers.dns.silent"),
        ([(0.1, dns(1, HOST), True), (3.1, dns(1, HOST, SERVER), False)], "transfers.dns.slow"),
    ],
)
def test_names(tmp_path: Path, messages: list[tuple[float, bytes, bool]], key: str) -> None:
    packets = [dns_packet(*message) for message in messages]
    trouble = only(report(tmp_path, packets), "dns-trouble")
    assert keys(trouble) == [key]
    assert trouble.cause.frames == (1, 2)


def test_names_of_others_do_not_matter(tmp_path: Path) -> None:
    packets = [dns_packet(0.1, dns(1, "example.com"), True), dns_packet(0.2, dns(1, "example.com", code=3), False)]
    assert ids(report(tmp_path, packets)) == []


def hello(name: bytes) -> bytes:
    """A ClientHello of TLS 1.2 that names the server (RFC 5246, 7.4.1.2; RFC 6066, section 3)."""
    entry = b"\0" + len(name).to_bytes(2, "big") + name
    names = b"\0\0" + (len(entry) + 2).to_bytes(2, "big") + len(entry).to_bytes(2, "big") + entry
    body = b"\x03\x03" + bytes(32) + b"\0" + b"\0\x02\xc0\x2f" + b"\x01\0" + len(names).to_bytes(2, "big") + names
    message = b"\x01" + len(body).to_bytes(3, "big") + body
    return b"\x16\x03\x01" + len(message).to_bytes(2, "big") + message


def test_tls_handshake_without_an_answer(tmp_path: Path) -> None:
    talk = Talk(server_port=443).open()
    talk.say(0.1, 0, hello(HOST.encode()))
    talk.ack(0.12, 1)
    talk.put(10.0, 0, FIN | ACK)
    trouble = only(report(tmp_path, talk), "tls-trouble")
    assert keys(trouble) == ["transfers.tls.unanswered"]


def test_tls_alert(tmp_path: Path) -> None:
    talk = Talk(server_port=443).open()
    talk.say(0.1, 0, hello(HOST.encode()))
    talk.say(0.12, 1, b"\x15\x03\x03\x00\x02\x02\x28")  # fatal, handshake_failure
    talk.put(0.13, 1, FIN | ACK)
    trouble = only(report(tmp_path, talk), "tls-trouble")
    assert keys(trouble)[0].startswith("tls.alert-from-server")


def test_tls_with_others_does_not_matter(tmp_path: Path) -> None:
    talk = Talk(server_port=443).open()
    talk.say(0.1, 0, hello(b"www.example.com"))
    talk.put(10.0, 0, FIN | ACK)
    assert ids(report(tmp_path, talk)) == []


# Boxes between, and browsers -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("made", "certainty", "key"),
    [
        (answer(200, "Via: 1.1 cache7 (squid)"), Certainty.LIKELY, "transfers.proxy.header"),
        (answer(200, "X-Cache: HIT"), Certainty.LIKELY, "transfers.proxy.header"),
        (answer(200, server="Tengine"), Certainty.LIKELY, "transfers.proxy.header"),
        (answer(200, "-id"), Certainty.POSSIBLE, "transfers.proxy.no-request-id"),
    ],
)
def test_proxies(tmp_path: Path, made: bytes, certainty: Certainty, key: str) -> None:
    talk = upload()
    talk.say(0.2, 1, made)
    found = report(tmp_path, talk)
    trouble = only(found, "proxy")
    assert keys(trouble) == [key]
    assert trouble.cause.certainty is certainty
    assert found.wrong == (), "a proxy alone is no fault"


PREFLIGHT = (ORIGIN, "Access-Control-Request-Method: PUT", "Access-Control-Request-Headers: x-oss-date,content-type")
ALLOWED = (
    "Access-Control-Allow-Origin: *",
    "Access-Control-Allow-Methods: GET, PUT",
    "Access-Control-Allow-Headers: x-oss-date",
)
FORBIDDEN = b"<Error><Code>AccessForbidden</Code><Message>CORSResponse: not allowed</Message></Error>"


def browser(method: str, target: str, asked: tuple[str, ...], told: bytes, body: bytes = b"") -> Talk:
    talk = Talk().open()
    talk.say(0.1, 0, request(method, target, len(body), *asked, agent=BROWSER) + body)
    talk.say(0.2, 1, told)
    return talk


@pytest.mark.parametrize(
    ("told", "key"),
    [
        (answer(403, body=FORBIDDEN), "transfers.cors.refused"),
        (answer(200, *ALLOWED[1:]), "transfers.cors.no-origin"),
        (answer(200, "Access-Control-Allow-Origin: https://other.example", *ALLOWED[1:]), "transfers.cors.no-origin"),
        (answer(200, ALLOWED[0], ALLOWED[2]), "transfers.cors.no-method"),
        (answer(200, *ALLOWED[:2]), "transfers.cors.no-headers"),
        (answer(200, *ALLOWED), None),
        (answer(200, "Access-Control-Allow-Origin: https://app.example.com", *ALLOWED[1:]), None),
    ],
)
def test_preflights(tmp_path: Path, told: bytes, key: str | None) -> None:
    found = report(tmp_path, browser("OPTIONS", "/key", PREFLIGHT, told))
    assert (keys(found.troubles[0]) if found.troubles else None) == ([key] if key else None)


@pytest.mark.parametrize(
    ("headers", "key"),
    [
        ((), "transfers.cors.answer-no-origin"),
        (ALLOWED[:1], "transfers.cors.etag-hidden"),
        ((ALLOWED[0], "Access-Control-Expose-Headers: ETag, x-oss-request-id"), None),
    ],
)
def test_answers_to_browsers(tmp_path: Path, headers: tuple[str, ...], key: str | None) -> None:
    found = report(tmp_path, browser("PUT", PART, (ORIGIN,), answer(200, *headers), BODY))
    told = [keys(trouble)[0] for trouble in found.troubles if trouble.cause.id == "cors"]
    assert told == ([key] if key else [])


# The ends ------------------------------------------------------------------------------------------------------------

MD5 = hashlib.md5(BODY).hexdigest().upper()
CRC = crc64(BODY)


@pytest.mark.parametrize(
    ("headers", "etag", "crc", "wrong"),
    [
        ((f'ETag: "{MD5}"', f"x-oss-hash-crc64ecma: {CRC}"), Check.EQUAL, Check.EQUAL, False),
        ((f'ETag: "{MD5}"',), Check.EQUAL, Check.NOT_SENT, False),
        (('ETag: "0123456789ABCDEF0123456789ABCDEF"',), Check.DIFFERS, Check.NOT_SENT, True),
        ((f"x-oss-hash-crc64ecma: {CRC ^ 1}",), Check.NOT_SENT, Check.DIFFERS, True),
        ((f'ETag: "{MD5[::-1]}"', "x-oss-server-side-encryption: KMS"), Check.NOT_SENT, Check.NOT_SENT, False),
        ((), Check.NOT_SENT, Check.NOT_SENT, False),
    ],
)
def test_checksums(tmp_path: Path, headers: tuple[str, ...], etag: Check, crc: Check, wrong: bool) -> None:
    found = report(tmp_path, answered(upload(target=PART), *headers))
    [one] = found.transfers
    assert (one.etag, one.crc) == (etag, crc)
    assert ("checksum" in ids(found)) is wrong
    if wrong:
        assert found.troubles[0].cause.certainty is Certainty.PROVEN


def test_checks_that_are_not_made_are_said(tmp_path: Path) -> None:
    whole = answered(upload(target=PART), f'ETag: "{MD5}"')
    [part] = report(tmp_path, whole, checks=False).uploads[0].parts
    assert (part.etag, part.unchecked and part.unchecked.key) == (Check.NOT_MADE, "transfers.unchecked.off")
    del whole.packets[5]
    [part] = report(tmp_path, whole).uploads[0].parts
    assert (part.etag, part.unchecked and part.unchecked.key) == (Check.NOT_MADE, "transfers.unchecked.missing")


def test_nothing_is_proven_by_bytes_that_came_twice_and_differ(tmp_path: Path) -> None:
    talk = upload(target=PART)
    talk.put(0.14, 0, ACK, b"y" * 1000, seq=talk.next[0] - 1000)
    found = report(tmp_path, answered(talk, 'ETag: "0123456789ABCDEF0123456789ABCDEF"'))
    [part] = found.uploads[0].parts
    assert (part.etag, part.unchecked and part.unchecked.key) == (Check.NOT_MADE, "transfers.unchecked.doubt")
    assert "checksum" not in ids(found)


def test_damaged_ids_are_no_public_values(tmp_path: Path) -> None:
    xml = b"<Error><Code>Access Denied</Code><RequestId>5C27 2D 73 61</RequestId></Error>"
    [one] = report(tmp_path, answered(upload(), status=403, body=xml)).transfers
    assert one.code is not None
    assert one.request_id is not None
    assert {one.code.kind, one.request_id.kind} == {Kind.BODY}


def test_downloads_are_checked_where_they_are_whole(tmp_path: Path) -> None:
    def fetched(status: int, crc: int) -> Check:
        talk = Talk().open()
        talk.say(0.1, 0, request("GET", "/key", 0))
        talk.say(0.2, 1, answer(status, f"x-oss-hash-crc64ecma: {crc}", body=BODY * 7))
        [one] = report(tmp_path, talk).transfers
        return one.crc

    whole = crc64(BODY * 7)
    assert [fetched(200, whole), fetched(200, 1), fetched(206, 1)] == [Check.EQUAL, Check.DIFFERS, Check.NOT_SENT]


def paused_upload(agent: str, rate: float, port: int = 40000) -> Talk:
    """16 kB at a time, at so many bytes a second, acknowledged at once."""
    talk = Talk(port).open()
    body = b"x" * (64 << 14)
    talk.say(0.1, 0, request("PUT", "/key", len(body), agent=agent))
    for count in range(64):
        time = 0.11 + count * (1 << 14) / rate
        talk.say(time, 0, body[: 1 << 14], 1e-6)
        talk.ack(time + 0.0004, 1)
    return answered(talk, time=0.11 + 65 * (1 << 14) / rate)


@pytest.mark.parametrize(
    ("agent", "rate", "title", "certainty"),
    [
        ("aliyun-sdk-python/2.19.1(Linux/6.1/x86_64;3.11.7)", 2.6e6, "transfers.crcmod.title", Certainty.LIKELY),
        ("aliyun-sdk-python/2.19.1(Linux/6.1/x86_64;3.11.7)", 5e5, "transfers.crcmod.title", Certainty.POSSIBLE),
        ("aliyun-sdk-java/3.17.0", 2.6e6, "transfers.client.title", Certainty.LIKELY),
    ],
)
def test_a_client_that_pauses(tmp_path: Path, agent: str, rate: float, title: str, certainty: Certainty) -> None:
    trouble = only(report(tmp_path, paused_upload(agent, rate)), "client-idle")
    assert (trouble.cause.title.key, trouble.cause.certainty) == (title, certainty)


def test_a_server_that_thinks(tmp_path: Path) -> None:
    found = report(tmp_path, answered(upload(), time=4.1))
    trouble = only(found, "server-slow")
    assert keys(trouble) == ["transfers.server.thought"] or found.transfers[0].slow is Slow.SERVER
    assert found.transfers[0].slow is Slow.SERVER


def test_sdk_and_ossutil_side_by_side(tmp_path: Path) -> None:
    sdk = paused_upload("aliyun-sdk-python/2.19.1(Linux/6.1/x86_64;3.11.7)", 2.6e6)
    agent = "aliyun-sdk-go/1.4.0 (Linux/6.1/x86_64;go1.20)/ossutil-v1.7.18"
    found = report(tmp_path, sdk, *(paused_upload(agent, 5e7, 40000 + n) for n in (1, 2, 3)))
    rows = {row.tool: row for row in found.clients}
    assert set(rows) == {"oss2 on Python 3", "ossutil"}
    assert (rows["ossutil"].transfers, rows["ossutil"].most_parallel) == (3, 3)
    assert (rows["oss2 on Python 3"].transfers, rows["oss2 on Python 3"].most_parallel) == (1, 1)
    assert (rows["ossutil"].throughput or 0) > 10 * (rows["oss2 on Python 3"].throughput or 0)
    assert rows["oss2 on Python 3"].slow is Slow.CLIENT


def test_more_transfers_than_are_told_are_counted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(picture, "MAX_TRANSFERS", 1)
    found = report(tmp_path, *(answered(upload(target=PART, port=41000 + n)) for n in range(3)))
    assert len(found.transfers) == 1
    assert found.run.incomplete
    assert [note.get("count") for note in found.run.notes if note.key == "transfers.limit.transfers"] == [2]
