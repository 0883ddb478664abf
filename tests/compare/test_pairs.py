"""What a pair shows: what is signed in each variant, what breaks it, and how sure the verdict is."""

from __future__ import annotations

import pytest

from analyzer.compare.pairs import Seen, pair_of
from analyzer.model.comparison import Evidence, Pair, Sighting
from analyzer.model.findings import Certainty
from tests.compare.messages import exchange
from tests.report.redaction import cases

DATE = b"Date: Tue, 02 Jan 2024 03:04:05 GMT\r\n"
OK = b"HTTP/1.1 200 OK\r\nx-oss-request-id: 1\r\nContent-Length: 0\r\n\r\n"


def put(
    authorization: bytes | None = cases.V1, extra: bytes = b"", target: bytes = b"/k", host: bytes = cases.HOST
) -> bytes:
    signed = b"Authorization: " + authorization + b"\r\n" if authorization is not None else b""
    return b"PUT " + target + b" HTTP/1.1\r\nHost: " + host + b"\r\n" + DATE + extra + signed + b"\r\n"


def pair(near: bytes, far: bytes, answer: bytes | None = None) -> Pair:
    """``answer`` None: refused by a server that read the far side."""
    told = cases.answer(far) if answer is None else answer
    sides = [Seen(Sighting(side, exchange(asked, told))) for side, asked in enumerate((near, far))]
    return pair_of("P1", sides[0], sides[1], (Evidence.REQUEST_ID,))


def judged(found: Pair) -> dict[str, tuple[bool | None, bool | None]]:
    return {change.field: (change.signed, change.breaks) for change in found.changes if not change.answer}


V4_EXTRA = b"x-oss-date: 20240102T030405Z\r\nx-oss-content-sha256: UNSIGNED-PAYLOAD\r\n"
PRESIGNED = b"/k?Expires=1704164645&OSSAccessKeyId=LTAI5tPlantedKeyId0042&Signature=" + b"A" * 27 + b"%3D"


@pytest.mark.parametrize(
    ("name", "near", "far", "expected"),
    [
        ("v1 other header", put(), put(extra=b"Range: bytes=0-1\r\n"), {"header:range": (False, False)}),
        ("v1 oss header", put(), put(extra=b"x-oss-a: 1\r\n"), {"header:x-oss-a": (True, True)}),
        ("v1 empty type", put(), put(extra=b"Content-Type: \r\n"), {"header:content-type": (True, False)}),
        (
            "v1 case of a name",
            put(extra=b"x-oss-a: 1\r\n"),
            put(extra=b"X-OSS-A: 1\r\n"),
            {"header:x-oss-a": (True, False)},
        ),
        ("v1 unsigned parameter", put(), put(target=b"/k?prefix=a"), {"query:prefix": (False, False)}),
        ("v1 sub-resource", put(), put(target=b"/k?acl"), {"query:acl": (True, True)}),
        ("v1 escapes", put(target=b"/a%2Fb"), put(target=b"/a/b"), {"path": (True, False)}),
        ("v1 bucket", put(), put(host=b"other.oss-cn-hangzhou.aliyuncs.com"), {"header:host": (True, True)}),
        (
            "v1 endpoint",
            put(),
            put(host=cases.HOST.replace(b".aliyuncs", b"-internal.aliyuncs")),
            {"header:host": (False, False)},
        ),
        ("v1 absolute form", put(target=b"http://" + cases.HOST + b"/k"), put(), {"authority": (False, False)}),
        (
            "v1 date beside x-oss-date",
            put(extra=b"x-oss-date: Tue, 02 Jan 2024 03:04:05 GMT\r\n"),
            put(extra=b"x-oss-date: Tue, 02 Jan 2024 03:04:05 GMT\r\n").replace(b"\r\nDate: Tue", b"\r\nDate: Wed"),
            {"header:date": (False, False)},
        ),
        (
            "v1 url, type added",
            put(None, target=PRESIGNED),
            put(None, b"Content-Type: a/b\r\n", PRESIGNED),
            {"header:content-type": (True, True)},
        ),
        (
            "v1 url, date",
            put(None, target=PRESIGNED),
            put(None, target=PRESIGNED).replace(b"Tue,", b"Wed,"),
            {"header:date": (False, False)},
        ),
        (
            "v1 url, expiry",
            put(None, target=PRESIGNED),
            put(None, target=PRESIGNED.replace(b"645&", b"646&")),
            {"query:Expires": (True, True)},
        ),
        ("v2 listed header", put(cases.V2), put(cases.V2, b"Range: bytes=0-1\r\n"), {"header:range": (True, True)}),
        ("v2 any parameter", put(cases.V2), put(cases.V2, target=b"/k?prefix=a"), {"query:prefix": (True, True)}),
        (
            "v4 listed host",
            put(cases.V4, V4_EXTRA),
            put(cases.V4, V4_EXTRA, host=cases.HOST + b":80"),
            {"header:host": (True, True)},
        ),
        (
            "v4 other header",
            put(cases.V4, V4_EXTRA),
            put(cases.V4, V4_EXTRA + b"Via: p\r\n"),
            {"header:via": (False, False)},
        ),
        (
            "v4 payload",
            put(cases.V4, V4_EXTRA),
            put(cases.V4, V4_EXTRA.replace(b"UNSIGNED-PAYLOAD", b"0" * 64)),
            {"header:x-oss-content-sha256": (True, True)},
        ),
        ("unsigned", put(None), put(None, b"x-oss-a: 1\r\n"), {"header:x-oss-a": (None, None)}),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_is_signed_and_what_breaks_it(
    name: str, near: bytes, far: bytes, expected: dict[str, tuple[bool | None, bool | None]]
) -> None:
    found = pair(near, far)
    assert judged(found) == expected
    broken = any(breaks for _, breaks in expected.values())
    assert found.verdict.id == ("signed-changed" if broken else "unsigned-changed")
    assert found.verdict.certainty is Certainty.PROVEN


def test_the_client_computed_over_what_a_custom_domain_stands_for() -> None:
    near, far = put(host=b"files.example.com"), put()
    accepted = pair(near, far, OK)
    assert judged(accepted) == {"header:host": (True, None)}
    assert (accepted.verdict.id, accepted.verdict.certainty) == ("unsigned-changed", Certainty.LIKELY)


def test_a_head_that_is_not_whole_is_not_compared() -> None:
    found = pair(put(), put()[:60], OK)
    assert (found.verdict.id, found.changes) == ("not-whole", ())


def test_a_body_that_is_not_whole_is_not_said_to_be_the_same() -> None:
    whole = put(extra=b"Content-Length: 4\r\n")
    assert pair(whole + b"abcd", whole + b"abcd", OK).verdict.id == "unchanged"
    assert pair(whole + b"abcd", whole + b"ab", OK).verdict.id == "unchanged-so-far"


def test_a_change_that_the_server_accepts_is_only_possible() -> None:
    found = pair(put(), put(extra=b"x-oss-a: 1\r\n"), OK)
    assert (found.verdict.id, found.verdict.certainty) == ("signed-changed", Certainty.POSSIBLE)
    assert "compare.accepted-all-the-same" in [told.key for told in found.verdict.evidence]


def test_without_the_servers_bytes_it_is_likely() -> None:
    far = put(extra=b"x-oss-a: 1\r\n")
    found = pair(put(), far, cases.answer(far, texts=False))
    assert (found.verdict.id, found.verdict.certainty) == ("signed-changed", Certainty.LIKELY)


@pytest.mark.parametrize(
    ("read", "told", "certainty"),
    [
        (put(), "compare.near-is-server", Certainty.POSSIBLE),
        (put(extra=b"x-oss-b: 1\r\n"), "compare.neither-is-server", Certainty.POSSIBLE),
        (put(extra=b"x-oss-a: 1\r\n"), "compare.far-is-server", Certainty.PROVEN),
    ],
)
def test_what_the_server_read_decides(read: bytes, told: str, certainty: Certainty) -> None:
    far = put(extra=b"x-oss-a: 1\r\n")
    found = pair(put(), far, cases.answer(far, read))
    assert told in [said.key for said in found.verdict.evidence]
    assert found.verdict.certainty is certainty


@pytest.mark.parametrize(
    ("read", "remedy"),
    [(None, "compare.remedy.client"), (put(extra=b"x-oss-b: 1\r\n"), "compare.remedy.behind")],
)
def test_nothing_changed_says_where_to_look(read: bytes | None, remedy: str) -> None:
    found = pair(put(), put(), cases.answer(put(), read))
    assert found.verdict.id == "unchanged"
    assert found.verdict.remedy is not None
    assert found.verdict.remedy.key == remedy
    bare = pair(put(), put(), cases.answer(put(), texts=False))
    assert bare.verdict.remedy is not None
    assert bare.verdict.remedy.key == "compare.remedy.either"


def test_a_second_change_beside_the_guilty_one_keeps_the_proof() -> None:
    found = pair(put(), put(extra=b"x-oss-a: 1\r\nVia: p\r\n"))
    assert judged(found) == {"header:x-oss-a": (True, True), "header:via": (False, False)}
    assert found.verdict.certainty is Certainty.PROVEN
