"""The differ: tables of what happens to requests on the way, and the promise that it reports exactly that."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analyzer.compare.edits import answer_changes, body_same, request_changes
from analyzer.model.comparison import Change, ChangeKind, How
from tests.compare.messages import raw_request, request, response

HEAD = b"GET /key?acl&partNumber=1 HTTP/1.1\r\nHost: h\r\nX-A: 1\r\nX-B: two  words\r\nAccept: */*"


def told(changes: list[Change]) -> list[tuple[Any, ...]]:
    return [(c.field, c.kind.value, *(how.value for how in c.how)) for c in changes]


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        (b"GET /key", b"HEAD /key", [("method", "changed", "value")]),
        (b"GET /key", b"get /key", [("method", "changed", "case")]),
        (b"GET /key", b"GET http://h/key", [("authority", "added", "form")]),
        (b"GET /key", b"GET /other", [("path", "changed", "value")]),
        (b"GET /key", b"GET /%6bey", [("path", "changed", "escapes")]),
        (b"?acl", b"?acl=", [("query:acl", "changed", "form")]),
        (b"&partNumber=1", b"&partNumber=2", [("query:partNumber", "changed", "value")]),
        (b"&partNumber=1", b"&partNumber=%31", [("query:partNumber", "changed", "escapes")]),
        (b"&partNumber=1", b"", [("query:partNumber", "removed")]),
        (b"&partNumber=1", b"&partNumber=1&x=y", [("query:x", "added")]),
        (b"?acl&partNumber=1", b"?partNumber=1&acl", [("query-order", "reordered")]),
        (b"?acl&partNumber=1", b"?acl&&partNumber=1", [("query", "changed", "form")]),
        (b"?acl&partNumber=1", b"", [("query:acl", "removed"), ("query:partNumber", "removed")]),
        (b"HTTP/1.1", b"HTTP/1.0", [("version", "changed", "value")]),
        (b"GET /key", b"GET  /key", [("request-line", "changed", "blanks")]),
        (b"X-A: 1", b"X-A: 2", [("header:x-a", "changed", "value")]),
        (b"X-A: 1", b"x-a: 1", [("header:x-a", "changed", "name-case")]),
        (b"X-A: 1", b"X-A:1", [("header:x-a", "changed", "blanks")]),
        (b"X-A: 1", b"X-A: 1 ", [("header:x-a", "changed", "blanks")]),
        (b"X-A: 1", b"x-a:2", [("header:x-a", "changed", "name-case", "value", "blanks")]),
        (b"two  words", b"two words", [("header:x-b", "changed", "blanks")]),
        (b"two  words", b"TWO  words", [("header:x-b", "changed", "case")]),
        (b"two  words", b"two\r\n words", [("header:x-b", "changed", "folding")]),
        (b"X-A: 1\r\n", b"", [("header:x-a", "removed")]),
        (b"X-A: 1\r\n", b"X-A: 1\r\nVia: p\r\n", [("header:via", "added")]),
        (b"X-A: 1\r\n", b"X-A: 1\r\nX-A: 2\r\n", [("header:x-a", "added")]),
        (b"Host: h\r\nX-A: 1", b"X-A: 1\r\nHost: h", [("header-order", "reordered")]),
        (b"X-A: 1", b"X-A: 1\r\nno colon here", [("stray-lines", "added")]),
    ],
)
def test_one_edit_is_one_change(before: bytes, after: bytes, expected: list[tuple[str, ...]]) -> None:
    assert before in HEAD
    assert told(request_changes(request(HEAD), request(HEAD.replace(before, after, 1)))) == expected


def test_headers_joined_and_split() -> None:
    one = request(HEAD + b"\r\nX-C: 1\r\nX-C: 2")
    other = request(HEAD + b"\r\nX-C: 1, 2")
    assert told(request_changes(one, other)) == [("header:x-c", "changed", "joined")]
    assert told(request_changes(other, one)) == [("header:x-c", "changed", "split")]
    assert request_changes(one, other)[0].before == b"X-C: 1\nX-C: 2"


def test_line_ends_are_one_change_for_the_whole_head() -> None:
    one = raw_request(HEAD + b"\r\n\r\n")
    other = raw_request((HEAD + b"\r\n\r\n").replace(b"\r\n", b"\n"))
    found = request_changes(one, other)
    assert told(found) == [("line-ends", "changed", "line-end")]
    assert (found[0].before, found[0].after) == (b"\r\n", b"\n")


def test_a_line_that_is_no_header_may_move() -> None:
    one, other = (
        raw_request(b"GET / HTTP/1.1\r\nA: 1\r\n" + rest) for rest in (b"A: 1\r\nno\r\n\r\n", b"no\r\nA: 1\r\n\r\n")
    )
    assert told(request_changes(one, other)) == [("stray-lines", "reordered")]


def test_changes_know_their_bytes() -> None:
    after = HEAD.replace(b"X-A: 1", b"X-A:  2 ")
    change = request_changes(request(HEAD), request(after))[0]
    assert (change.before, change.after) == (b"X-A: 1", b"X-A:  2 ")
    assert change.before_offset == HEAD.index(b"X-A")
    assert change.after_offset is not None
    assert after[change.after_offset :].startswith(b"X-A:  2 ")
    assert change.before_frames == (1,)
    target = request_changes(request(HEAD), request(HEAD.replace(b"partNumber=1", b"partNumber=22")))[0]
    assert (target.before, target.after) == (b"partNumber=1", b"partNumber=22")
    assert target.before_offset == HEAD.index(b"partNumber")


def test_which_headers_moved_is_the_fewest_that_can_have() -> None:
    after = HEAD.replace(b"Host: h\r\n", b"") + b"\r\nHost: h"
    change = request_changes(request(HEAD), request(after))[0]
    assert change.names == (b"Host",)


def test_bodies() -> None:
    head = HEAD + b"\r\nContent-Length: 4"
    assert request_changes(request(head, b"abcd"), request(head, b"abcd")) == []
    changed = request_changes(request(head, b"abcd"), request(head, b"abce"))
    assert told(changed) == [("body", "changed", "content")]
    longer = request_changes(request(head, b"abcd"), request(HEAD + b"\r\nContent-Length: 5", b"abcde"))
    assert told(longer) == [("header:content-length", "changed", "value"), ("body", "changed", "length", "content")]
    chunked = request(HEAD + b"\r\nTransfer-Encoding: chunked", b"4\r\nabcd\r\n0\r\n\r\n")
    fields = [change.field for change in request_changes(request(head, b"abcd"), chunked)]
    assert fields == ["header:content-length", "header:transfer-encoding"]
    cut = request(HEAD + b"\r\nContent-Length: 9", b"abcd")
    assert body_same(cut.body, request(head, b"abcd").body) is None


def test_answers_are_told_from_the_server_to_the_client() -> None:
    far = response(b"HTTP/1.1 200 OK\r\nETag: 1\r\nServer: AliyunOSS", b"abc")
    near = response(b"HTTP/1.1 206 Partial\r\nServer: nginx\r\nVia: p\r\nContent-Type: text/html", b"abc")
    found = answer_changes(far, near)
    assert [(c.field, c.kind.value, c.matters) for c in found] == [
        ("status", "changed", True),
        ("reason", "changed", False),
        ("header:etag", "removed", True),
        ("header:server", "changed", False),
        ("header:via", "added", False),
        ("header:content-type", "added", True),
    ]
    assert all(change.answer for change in found)


def test_a_huge_head_costs_little() -> None:
    lines = [b"X-%d: %d" % (number % 7, number) for number in range(12_000)]
    one = request(b"GET / HTTP/1.1\r\n" + b"\r\n".join(lines))
    other = request(b"GET / HTTP/1.1\r\n" + b"\r\n".join(reversed(lines)))
    assert [change.kind for change in request_changes(one, other)] == [ChangeKind.REORDERED]


# Properties -----------------------------------------------------------------------------------------------------------

_TOKEN = st.from_regex(rb"[A-Za-z][A-Za-z0-9-]{0,8}", fullmatch=True)
_VALUE = st.from_regex(rb"[!-~][ -~]{0,12}[!-~]|[!-~]", fullmatch=True).filter(lambda value: b"," not in value)
_HEADERS = st.lists(st.tuples(_TOKEN, _VALUE), min_size=1, max_size=8, unique_by=lambda pair: pair[0].lower())
_ANY_HEAD = st.binary(max_size=200).map(lambda data: data.replace(b"\n\n", b"\n").replace(b"\n\r\n", b"\n"))
#: Lines of every kind that a head may hold, with either line end.
_LINES = st.lists(
    st.tuples(
        st.sampled_from(
            [b"A: 1", b"a: 1", b"A:1", b"B: 2", b"B: 2 ", b" folded", b"\tfolded", b"no colon", b": none", b"A:"]
        ),
        st.sampled_from([b"\r\n", b"\n"]),
    ),
    max_size=6,
).map(lambda lines: b"".join(text + end for text, end in lines) + b"\r\n")


def written(lines: list[bytes], target: bytes = b"/key") -> bytes:
    return b"PUT " + target + b" HTTP/1.1\r\n" + b"\r\n".join(lines)


@given(_ANY_HEAD)
def test_a_request_compared_with_itself_has_no_changes(data: bytes) -> None:
    one = raw_request(b"GET /" + data.split(b"\n")[0].replace(b"\r", b"").replace(b"\0", b"") + b" HTTP/1.1\r\n" + data)
    assert request_changes(one, one) == []


@settings(max_examples=300)
@given(_LINES, _LINES)
def test_heads_that_differ_in_any_byte_have_a_change(one: bytes, other: bytes) -> None:
    first, second = raw_request(b"GET / HTTP/1.1\r\n" + one), raw_request(b"GET / HTTP/1.1\r\n" + other)
    found = [change for change in request_changes(first, second) if change.field != "body"]
    assert (found != []) == (first.head.raw != second.head.raw)


@settings(max_examples=150)
@given(st.data())
def test_any_set_of_edits_is_reported_exactly(data: st.DataObject) -> None:
    """Headers are kept, removed, added and changed in value, name and blanks; nothing else is told, and every change
    carries the bytes of both sides."""
    headers = data.draw(_HEADERS)
    before = [name + b": " + value for name, value in headers]
    expected: Counter[tuple[str, str, tuple[How, ...], bytes | None, bytes | None]] = Counter()
    after: list[bytes] = []
    for (name, value), line in zip(headers, before, strict=True):
        field = f"header:{name.decode().lower()}"
        edit = data.draw(st.sampled_from(["keep", "remove", "value", "case", "blanks"]))
        if edit == "keep":
            after.append(line)
            continue
        new: bytes | None
        how: tuple[How, ...] = ()
        if edit == "remove":
            new = None
        elif edit == "value":
            new, how = name + b": " + value + b"~new", (How.VALUE,)
        elif edit == "case":
            new, how = name.swapcase() + b": " + value, (How.NAME_CASE,)
        else:
            new, how = name + b":\t" + value + b" ", (How.BLANKS,)
        kind = "removed" if new is None else "changed"
        expected[field, kind, how, line, new] += 1
        if new is not None:
            after.append(new)
    extra = data.draw(st.lists(_VALUE, max_size=3))
    for number, value in enumerate(extra):
        line = b"Zz-Added-%d: " % number + value
        after.insert(data.draw(st.integers(0, len(after))), line)
        expected[f"header:zz-added-{number}", "added", (), None, line] += 1
    found = request_changes(request(written(before)), request(written(after)))
    assert Counter((c.field, c.kind.value, c.how, c.before, c.after) for c in found) == expected


@given(_HEADERS, st.randoms(use_true_random=False))
def test_reordering_is_one_change(headers: list[tuple[bytes, bytes]], random: Any) -> None:
    lines = [name + b": " + value for name, value in headers]
    mixed = lines[:]
    random.shuffle(mixed)
    found = request_changes(request(written(lines)), request(written(mixed)))
    assert told(found) == ([] if mixed == lines else [("header-order", "reordered")])


@given(
    st.lists(
        st.tuples(_TOKEN, st.from_regex(rb"[A-Za-z0-9]{1,6}", fullmatch=True)), max_size=6, unique_by=lambda p: p[0]
    ),
    st.data(),
)
def test_any_set_of_edits_of_a_query_is_reported_exactly(pairs: list[tuple[bytes, bytes]], data: st.DataObject) -> None:
    before = [name + b"=" + value for name, value in pairs]
    kept, expected = [], []
    for (name, _), piece in zip(pairs, before, strict=True):
        edit = data.draw(st.sampled_from(["keep", "remove", "value"]))
        if edit == "keep":
            kept.append(piece)
        else:
            new = piece + b"x" if edit == "value" else None
            kept += [new] if new is not None else []
            expected.append((f"query:{name.decode()}", piece, new))
    found = request_changes(
        request(written([], b"/k?" + b"&".join(before))), request(written([], b"/k?" + b"&".join(kept)))
    )
    assert sorted((c.field, c.before or b"", c.after or b"") for c in found) == sorted(
        (field, one, other or b"") for field, one, other in expected
    )
