"""Both sides of a real proxy that edits what passes: what is reported is what it did, proven where bytes prove it."""

from __future__ import annotations

import gzip
import hashlib
from base64 import b64encode
from collections.abc import Callable, Iterable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import oss2
import pytest
import requests

from analyzer.model.comparison import CompareReport, Evidence, How, Pair, Way
from analyzer.model.findings import Certainty
from analyzer.model.secrets import Secret, SecretBook
from analyzer.pipeline import Options, compare_captures
from tests.recorder.hops import AHEAD, Packets, company_proxy, recorded_hop, uploads_through_a_proxy
from tests.recorder.middlebox import Edit, Passing, added, removed, replaced, unchanged
from tests.recorder.scenes import HOST, KEY_ID, OTHER_SECRET, SECRET, TEXT, bucket, refused
from tests.support.pcapfile import write_pcap

MD5 = {"Content-MD5": b64encode(hashlib.md5(TEXT).digest()).decode(), "Content-Type": "text/plain"}


def put(auth: Any = None, *, fails: bool = True, headers: dict[str, str] | None = None) -> Callable[[], None]:
    def play() -> None:
        attempt = partial(bucket(auth).put_object, "docs/a.txt", TEXT, headers=headers or dict(MD5))
        if fails:
            refused(attempt)
        else:
            attempt()

    return play


def inconsistent(headers: dict[str, str] | None = None) -> Callable[[], None]:
    """The SDK itself sees that the server got another body than it sent."""

    def play() -> None:
        with pytest.raises(oss2.exceptions.InconsistentError):
            put(fails=False, headers=headers)()

    return play


def compared(folder: Path, near: Packets, far: Packets, **options: Any) -> CompareReport:
    files = [write_pcap(folder / name, packets) for name, packets in (("near.pcap", near), ("far.pcap", far))]
    return compare_captures([files[0]], [files[1]], Options(**options))


def hop(folder: Path, play: Callable[[], None], asked: Edit = unchanged, answered: Edit = unchanged) -> CompareReport:
    return compared(folder, *recorded_hop(play, asked, answered))


def only(report: CompareReport) -> Pair:
    assert report.way is Way.TRAFFIC
    assert len(report.pairs) == 1
    return report.pairs[0]


def fields(pair: Pair, *, answer: bool = False) -> list[tuple[str, str, bool | None, bool | None]]:
    return [(c.field, c.kind.value, c.signed, c.breaks) for c in pair.changes if c.answer is answer]


def lower_names(message: Passing) -> Passing:
    def lowered(lines: Iterable[bytes]) -> tuple[bytes, ...]:
        return tuple(line.partition(b":")[0].lower() + b":" + line.partition(b":")[2] for line in lines)

    return replace(message, headers=lowered(message.headers))


def zipped(message: Passing) -> Passing:
    body = gzip.compress(message.body, mtime=0)
    packed = replaced(b"content-length", b"Content-Length: %d" % len(body))(message)
    return added(b"Content-Encoding: gzip")(replace(packed, body=body))


def chunked(message: Passing) -> Passing:
    body = b"%x\r\n" % len(message.body) + message.body + b"\r\n0\r\n\r\n"
    return replaced(b"content-length", b"Transfer-Encoding: chunked")(replace(message, body=body))


def line(old: bytes, new: bytes) -> Edit:
    return lambda message: replace(message, line=message.line.replace(old, new))


V4 = oss2.AuthV4(KEY_ID, SECRET)

SIGNED = [
    ("type", replaced(b"content-type", b"Content-Type: text/html"), ("header:content-type", "changed"), None),
    ("oss header", added(b"x-oss-range-behavior: standard"), ("header:x-oss-range-behavior", "added"), None),
    ("md5 taken", removed(b"content-md5"), ("header:content-md5", "removed"), None),
    ("method", line(b"PUT ", b"POST "), ("method", "changed"), None),
    ("key", line(b"a.txt", b"b.txt"), ("path", "changed"), None),
    ("sub-resource", line(b"a.txt", b"a.txt?acl"), ("query:acl", "added"), None),
    ("date", replaced(b"date", b"Date: Mon, 01 Jan 2035 00:00:00 GMT"), ("header:date", "changed"), "late"),
    ("v4", added(b"x-oss-meta-via: proxy"), ("header:x-oss-meta-via", "added"), V4),
    ("v4 query", line(b"a.txt", b"a.txt?trace=1"), ("query:trace", "added"), V4),
]


@pytest.mark.parametrize(("asked", "change", "auth"), [row[1:] for row in SIGNED], ids=[row[0] for row in SIGNED])
def test_what_is_signed_and_changed_is_proven(tmp_path: Path, asked: Edit, change: Any, auth: Any) -> None:
    late = auth == "late"
    pair = only(hop(tmp_path, put(None if late else auth), asked))
    assert fields(pair) == [(*change, True, True)]
    assert pair.verdict.id == "signed-changed"
    assert pair.strings is not None
    if late:  # refused for its date, and the answer holds no string to compare with
        assert pair.verdict.certainty is Certainty.LIKELY
        return
    assert pair.verdict.certainty is Certainty.PROVEN
    assert (pair.strings.near_is_server, pair.strings.far_is_server) == (False, True)
    assert [d.field for d in pair.strings.differences] in ([change[0]], [change[0].partition(":")[2]], ["resource"])


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        (added(b"Via: 1.1 proxy"), [("header:via", "added", False, False)]),
        (removed(b"user-agent"), [("header:user-agent", "removed", False, False)]),
        (line(b"docs%2Fa", b"docs/a"), [("path", "changed", True, False)]),
        (line(b"HTTP/1.1", b"HTTP/1.0"), [("version", "changed", False, False)]),
        (
            chunked,
            [("header:content-length", "removed", False, False), ("header:transfer-encoding", "added", False, False)],
        ),
    ],
)
def test_what_is_not_signed_breaks_nothing(tmp_path: Path, asked: Edit, expected: Any) -> None:
    report = hop(tmp_path, put(fails=False), asked)
    pair = only(report)
    assert fields(pair) == expected
    assert (pair.verdict.id, report.found) == ("unsigned-changed", True)
    assert pair.content_same[0] is True


def test_names_in_lower_case_are_changes_of_spelling(tmp_path: Path) -> None:
    pair = only(hop(tmp_path, put(fails=False), lower_names))
    assert {change.how for change in pair.changes if not change.answer} == {(How.NAME_CASE,)}
    assert {change.breaks for change in pair.changes if not change.answer} == {False}
    signed = {change.field for change in pair.changes if change.signed}
    assert signed == {"header:content-md5", "header:content-type"}


def test_a_body_packed_otherwise_has_the_same_content(tmp_path: Path) -> None:
    pair = only(hop(tmp_path, inconsistent({"Content-Type": "text/plain"}), zipped))
    body = next(change for change in pair.changes if change.field == "body")
    assert How.CODING in body.how
    assert pair.content_same[0] is True
    assert pair.verdict.id == "unsigned-changed"


def test_a_body_that_was_changed(tmp_path: Path) -> None:
    pair = only(hop(tmp_path, inconsistent(), lambda m: replace(m, body=m.body.upper())))
    assert fields(pair) == [("body", "changed", True, False)]
    assert (pair.verdict.id, pair.content_same[0]) == ("body-changed", False)


def test_an_answer_that_was_changed_on_its_way_back(tmp_path: Path) -> None:
    answered = removed(b"x-oss-request-id")
    pair = only(hop(tmp_path, put(fails=False), answered=lambda m: replaced(b"etag", b'ETag: "0"')(answered(m))))
    assert pair.evidence[0] is Evidence.SIGNATURE
    assert fields(pair) == []
    assert [change[:2] for change in fields(pair, answer=True)] == [
        ("header:etag", "changed"),
        ("header:x-oss-request-id", "removed"),
    ]
    assert pair.verdict.id == "answer-changed"


def test_signed_anew_on_the_way(tmp_path: Path) -> None:
    line = b"Authorization: OSS OtherKey:AAAAAAAAAAAAAAAAAAAAAAAAAAA="
    pair = only(hop(tmp_path, put(), replaced(b"authorization", line)))
    assert pair.verdict.id == "signed-anew"
    assert pair.evidence[0] is Evidence.REQUEST_ID


def test_nothing_changed_and_refused_says_where_to_look(tmp_path: Path) -> None:
    report = hop(tmp_path, put(oss2.Auth(KEY_ID, OTHER_SECRET)))
    pair = only(report)
    assert pair.changes == ()
    assert (pair.verdict.id, report.found, report.same) == ("unchanged", False, 1)
    assert pair.verdict.remedy is not None
    assert pair.verdict.remedy.key == "compare.remedy.client"


def test_the_secret_tells_which_side_was_signed(tmp_path: Path) -> None:
    packets = recorded_hop(put(), company_proxy)
    report = compared(tmp_path, *packets, secrets=SecretBook({KEY_ID.encode(): Secret(SECRET.encode())}))
    strings = only(report).strings
    assert strings is not None
    assert (strings.signs_near, strings.signs_far) == (True, False)
    wrong = compared(tmp_path, *packets, secrets=SecretBook({KEY_ID.encode(): Secret(b"another")}))
    assert only(wrong).verdict.certainty is Certainty.POSSIBLE


# Clocks, sides, legs --------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def company() -> tuple[Packets, Packets]:
    """Four requests through the company's proxy, by clocks that agree."""
    return recorded_hop(uploads_through_a_proxy, company_proxy, ahead=0)


def test_the_clocks_may_differ(tmp_path: Path, company: tuple[Packets, Packets]) -> None:
    far = [(time + AHEAD, data) for time, data in company[1]]
    report = compared(tmp_path, company[0], far)
    assert report.offset is not None
    assert abs(report.offset.median - AHEAD) < 100_000_000
    assert (report.offset.pairs, len(report.pairs), report.unmatched) == (4, 4, ())
    assert not report.notes


def test_a_capture_compared_with_itself(tmp_path: Path, company: tuple[Packets, Packets]) -> None:
    both = sorted((*company[0], *company[1]))
    for packets in (company[0], company[1], both):
        report = compared(tmp_path, packets, packets)
        assert not report.found
        assert report.same == len(report.pairs) > 0


def test_captures_in_the_wrong_order_are_told(tmp_path: Path, company: tuple[Packets, Packets]) -> None:
    assert "compare.swapped" in [told.key for told in compared(tmp_path, company[1], company[0]).notes]


def test_what_a_capture_lost_is_nobodys_fault(tmp_path: Path, company: tuple[Packets, Packets]) -> None:
    """Every packet of the second capture is lost once, and once all are cut: no header that was only lost is said to
    be taken away, and no request that was not changed is said to be broken."""
    whole = compared(tmp_path, *company)
    known = {field for pair in whole.pairs for field in fields(pair)}
    lossy = [[*company[1][:lost], *company[1][lost + 1 :]] for lost in range(len(company[1]))]
    for far in (*lossy, [(time, data[:120]) for time, data in company[1]]):
        report = compared(tmp_path, company[0], far)
        across = [pair for pair in report.pairs if not pair.in_one_capture]
        assert {field for pair in across for field in fields(pair)} <= known
        assert sum(pair.verdict.id == "signed-changed" for pair in across) <= 2
        assert not any(change.field in ("status", "body") for pair in across for change in pair.changes)


@pytest.mark.parametrize("place", ["far", "near"])
def test_both_legs_in_one_capture_do_not_confuse(tmp_path: Path, company: tuple[Packets, Packets], place: str) -> None:
    both = sorted((*company[0], *company[1]))
    report = compared(tmp_path, *((company[0], both) if place == "far" else (both, company[1])))
    across = [pair for pair in report.pairs if not pair.in_one_capture]
    within = [pair for pair in report.pairs if pair.in_one_capture]
    assert (len(across), len(within), report.unmatched) == (4, 4, ())
    assert all(not pair.changes for pair in across)
    assert {pair.near.side for pair in within} == {1 if place == "far" else 0}
    assert [pair.verdict.id for pair in within].count("signed-changed") == 2
    assert "compare.legs" in [told.key for told in report.notes]


def test_the_client_speaks_tls(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    log = tmp_path / "keys.log"
    monkeypatch.setenv("SSLKEYLOGFILE", str(log))
    monkeypatch.delenv("REQUESTS_CA_BUNDLE", raising=False)
    monkeypatch.delenv("CURL_CA_BUNDLE", raising=False)
    url = bucket().sign_url("PUT", "docs/a.txt", 600, headers={"Content-Type": "text/plain"})

    def play() -> None:
        plain = url.replace("http://", "https://")
        answer = requests.put(plain, data=TEXT, headers={"Content-Type": "text/plain"}, timeout=10, verify=False)
        assert answer.status_code == 403

    with pytest.warns(Warning, match=HOST):
        near, far = recorded_hop(play, company_proxy, tls=True)
    closed = compared(tmp_path, near, far)
    assert (closed.way, closed.decided.key) == (Way.TRAFFIC, "compare.way.empty")
    assert (closed.incomplete, closed.found, closed.sides[0].exchanges) == (True, False, 0)
    opened = compared(tmp_path, near, far, keylogs=(Secret(log.read_bytes()),))
    pair = only(opened)
    assert (pair.verdict.id, pair.verdict.certainty) == ("signed-changed", Certainty.PROVEN)
