from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analyzer.diagnosis.compare import byte_diff, compare, differences
from analyzer.model.findings import DifferenceKind
from analyzer.model.signing import Part, SignedText
from tests.diagnosis.exchanges import failure, text


def signed_text(*parts: tuple[str, bytes]) -> SignedText:
    return SignedText(tuple(Part(field, data) for field, data in parts))


@given(st.binary(max_size=200), st.binary(max_size=200))
@settings(max_examples=150, deadline=None)
def test_segments_cover_both_texts(a: bytes, b: bytes) -> None:
    at_a = at_b = 0
    for segment in byte_diff(a, b):
        assert (segment.a_start, segment.b_start) == (at_a, at_b)
        at_a, at_b = segment.a_end, segment.b_end
        left, right = a[segment.a_start : segment.a_end], b[segment.b_start : segment.b_end]
        assert (segment.kind == "equal") == (left == right)
    assert (at_a, at_b) == (len(a), len(b))


def test_long_middles_differ_as_a_whole() -> None:
    segments = byte_diff(b"head" + b"a" * 100_000 + b"tail", b"head" + b"b" * 100_000 + b"tail")
    assert [segment.kind for segment in segments] == ["equal", "replace", "equal"]


@pytest.mark.parametrize(
    ("rebuilt", "server", "kind"),
    [(b"", b"x", DifferenceKind.ADDED), (b"x", b"", DifferenceKind.REMOVED), (b"x", b"y", DifferenceKind.CHANGED)],
)
def test_kinds(rebuilt: bytes, server: bytes, kind: DifferenceKind) -> None:
    (found,) = differences(
        signed_text(("method", b"GET"), ("date", rebuilt)), signed_text(("method", b"GET"), ("date", server))
    )
    assert (found.field, found.kind, found.rebuilt_offset, found.server_offset) == ("date", kind, 3, 3)


def test_field_that_only_one_side_has() -> None:
    ours = signed_text(("method", b"GET"), ("header:x-oss-a", b"x-oss-a:1"), ("resource", b"/b/"))
    theirs = signed_text(("method", b"GET"), ("resource", b"/b/"), ("query:acl", b"acl"))
    assert [(d.field, d.kind.value, d.rebuilt, d.server) for d in differences(ours, theirs)] == [
        ("header:x-oss-a", "removed", b"x-oss-a:1", None),
        ("query:acl", "added", None, b"acl"),
    ]


def test_order_alone() -> None:
    ours = signed_text(("query:a", b"a"), ("", b"&"), ("query:b", b"b"))
    theirs = signed_text(("query:b", b"b"), ("", b"&"), ("query:a", b"a"))
    (found,) = differences(ours, theirs)
    assert (found.field, found.rebuilt, found.server) == ("layout", b"a&b", b"b&a")


def test_wire_against_server() -> None:
    equal = compare(failure(text(), text()))
    assert (equal.match, equal.differences, equal.server_source) == (True, (), "bytes")
    other = compare(failure(text(), text(target=b"/paintings/a.txt")))
    assert other.match is False
    (found,) = other.differences
    assert (found.field, found.rebuilt, found.server) == ("resource", b"/pictures/a.txt", b"/paintings/a.txt")
    assert found.rebuilt_offset == text().index(b"/pictures")
    assert found.frames == (1,)
