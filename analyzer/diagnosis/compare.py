"""Rebuilt against server: fields first, then bytes inside a field.

Both texts come cut into the same named fields. Fields are paired by name and order of appearance; what one side lacks
is added or removed, what both have with other bytes is changed. Only where all fields agree and the texts still
differ (order, separators) does the first differing byte decide. Offsets are those of the field's first byte.

A V4 string to sign holds only a hash of the canonical request. Where the server sent its canonical request that is
compared; where it sent only the hash, the hash tells whether the rebuilt request is the same, and nothing more.

Where nothing could be rebuilt because the request is not there, what the client's own log says it signed takes the
place of the rebuilt text.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, replace

from analyzer.model.findings import Comparison, Difference, DifferenceKind
from analyzer.model.signing import Part, ServerError, SignedExchange, SignedText

__all__ = ["Segment", "byte_diff", "compare", "differences"]

#: Inside a field, bytes are aligned one by one up to this length; longer middles differ as a whole.
ALIGN_LIMIT = 2048


@dataclass(frozen=True, slots=True)
class Segment:
    """Bytes ``[a_start, a_end)`` of the first text against ``[b_start, b_end)`` of the second."""

    kind: str  #: ``equal``, ``replace``, ``insert`` (only in the second), ``delete`` (only in the first)
    a_start: int
    a_end: int
    b_start: int
    b_end: int


def byte_diff(a: bytes, b: bytes) -> tuple[Segment, ...]:
    """Segments that cover both texts, in order. Costs O(len) plus at most ``ALIGN_LIMIT`` squared bit operations."""
    head = _common_prefix(a, b)
    tail = _common_prefix(a[head:][::-1], b[head:][::-1])
    segments: list[Segment] = []
    if head:
        segments.append(Segment("equal", 0, head, 0, head))
    segments.extend(_middle(a, b, head, tail))
    if tail:
        segments.append(Segment("equal", len(a) - tail, len(a), len(b) - tail, len(b)))
    return tuple(segments)


def compare(signed: SignedExchange) -> Comparison:
    """What was rebuilt from the wire against what the server says it signed."""
    if signed.string_to_sign is None and (signed.client_string or signed.client_canonical) is not None:
        found = _compare(signed, signed.client_string, signed.client_canonical)
        return replace(found, voice="client")
    return _compare(signed, signed.string_to_sign, signed.canonical_request)


def _compare(signed: SignedExchange, string: SignedText | None, canonical: SignedText | None) -> Comparison:
    error = signed.error
    if signed.credentials.variant.is_v4 and signed.server_canonical is not None:
        source = "bytes" if error is not None and error.canonical_request_bytes is not None else "text"
        whole = _compare_texts("canonical_request", canonical, signed.server_canonical, source)
        if whole.match is not True or signed.server_string is None or string is None:
            return whole
    return _compare_texts("string_to_sign", string, signed.server_string, _source(signed, error))


def differences(rebuilt: SignedText, server: SignedText) -> tuple[Difference, ...]:
    """Every field that differs, in the order of the rebuilt text, then what only the server has."""
    if rebuilt.data == server.data:
        return ()
    theirs = _indexed(server)
    found: list[Difference] = []
    for key, (offset, part) in _indexed(rebuilt).items():
        other = theirs.pop(key, None)
        if other is None:
            if part.data:
                found.append(_difference(DifferenceKind.REMOVED, (offset, part), None))
        elif part.data != other[1].data:
            found.append(_difference(_kind(part.data, other[1].data), (offset, part), other))
    found.extend(_difference(DifferenceKind.ADDED, None, other) for other in theirs.values() if other[1].data)
    return tuple(found) or (_layout_difference(rebuilt, server),)


def _compare_texts(subject: str, rebuilt: SignedText | None, server: SignedText | None, source: str) -> Comparison:
    if rebuilt is None or server is None:
        ours = None if rebuilt is None else rebuilt.data
        theirs = None if server is None else server.data
        return Comparison(subject, ours, theirs, None, (), None if server is None else source)
    found = differences(rebuilt, server)
    return Comparison(subject, rebuilt.data, server.data, not found, found, source)


def _source(signed: SignedExchange, error: ServerError | None) -> str:
    if signed.credentials.variant.is_v4:
        return "hash"
    return "bytes" if error is not None and error.string_to_sign_bytes is not None else "text"


def _indexed(text: SignedText) -> dict[tuple[str, int], tuple[int, Part]]:
    """(field, how many of that name stood before) → (offset, part); separators are left out."""
    seen: defaultdict[str, int] = defaultdict(int)
    rows: dict[tuple[str, int], tuple[int, Part]] = {}
    for offset, part in text.located():
        if part.field:
            rows[part.field, seen[part.field]] = (offset, part)
            seen[part.field] += 1
    return rows


def _kind(rebuilt: bytes, server: bytes) -> DifferenceKind:
    if not rebuilt:
        return DifferenceKind.ADDED
    return DifferenceKind.CHANGED if server else DifferenceKind.REMOVED


def _difference(kind: DifferenceKind, ours: tuple[int, Part] | None, theirs: tuple[int, Part] | None) -> Difference:
    part = (ours or theirs or (0, Part("", b"")))[1]
    return Difference(
        part.field,
        kind,
        None if ours is None else ours[1].data,
        None if theirs is None else theirs[1].data,
        None if ours is None else ours[0],
        None if theirs is None else theirs[0],
        () if ours is None else ours[1].frames,
    )


def _layout_difference(rebuilt: SignedText, server: SignedText) -> Difference:
    """Same fields, other order or separators: the stretch from the first differing byte to the last."""
    ours, theirs = rebuilt.data, server.data
    at = _common_prefix(ours, theirs)
    tail = _common_prefix(ours[at:][::-1], theirs[at:][::-1])
    part = rebuilt.part_at(at) or server.part_at(at)
    frames = () if part is None else part.frames
    return Difference(
        "layout",
        DifferenceKind.CHANGED,
        ours[at : len(ours) - tail],
        theirs[at : len(theirs) - tail],
        at,
        at,
        frames,
    )


def _common_prefix(a: bytes, b: bytes) -> int:
    """Length of the longest common prefix, by halving: comparisons run at memory speed."""
    low, high = 0, min(len(a), len(b))
    if a[:high] == b[:high]:
        return high
    while high - low > 1:
        middle = (low + high) // 2
        if a[low:middle] == b[low:middle]:
            low = middle
        else:
            high = middle
    return low


def _middle(a: bytes, b: bytes, head: int, tail: int) -> list[Segment]:
    inner_a, inner_b = a[head : len(a) - tail], b[head : len(b) - tail]
    if not inner_a and not inner_b:
        return []
    if not inner_a or not inner_b or max(len(inner_a), len(inner_b)) > ALIGN_LIMIT:
        kind = "replace" if inner_a and inner_b else "delete" if inner_a else "insert"
        return [Segment(kind, head, len(a) - tail, head, len(b) - tail)]
    from rapidfuzz.distance import Levenshtein

    return [
        Segment(op.tag, head + op.src_start, head + op.src_end, head + op.dest_start, head + op.dest_end)
        for op in Levenshtein.opcodes(inner_a, inner_b)
    ]
