"""Stages that several variants share: header blocks and query strings.

Header values arrive here as the http floor read them, without the optional blanks around them. What no document says
(doubled headers, inner blanks, empty values) is a switch of ``ServerRules``.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable

from analyzer.model.http import distinct
from analyzer.model.signing import QueryPair, ServerRules, SignedHeader, SigningInputs
from analyzer.oss.pieces import NEWLINE, Piece, encode, label, percent_decode

__all__ = [
    "encoded_query",
    "header_block",
    "header_piece",
    "normal_path",
    "opening",
    "path_bytes",
    "resource_frames",
    "single",
    "unfold",
]

_BLANKS = re.compile(rb"[ \t]+")
_SLASHES = re.compile(rb"/{2,}")

Chosen = Callable[[bytes], bool]


def unfold(value: bytes) -> bytes:
    """A folded header value on one line (RFC 9112, section 5.2: each fold becomes a blank)."""
    return b" ".join([line.strip(b" \t\r") for line in value.split(b"\n")]) if b"\n" in value else value


def single(inputs: SigningInputs, name: bytes, rules: ServerRules) -> SignedHeader | None:
    """The header that fills a slot of its own: the first of that name, or the last where the rules say so."""
    found = None
    for header in inputs.headers:
        if header.name.lower() == name:
            if rules.duplicate_headers != "last":
                return header
            found = header
    return found


def header_piece(field: str, header: SignedHeader | None) -> Piece:
    """A slot filled by a header's value, empty without it."""
    return (field, b"", ()) if header is None else (field, unfold(header.value), header.frames)


def opening(inputs: SigningInputs, rules: ServerRules, date: Piece) -> list[Piece]:
    """The four lines that every string to sign of before version 4 begins with."""
    return [
        ("method", inputs.method, inputs.method_frames),
        NEWLINE,
        header_piece("content-md5", single(inputs, b"content-md5", rules)),
        NEWLINE,
        header_piece("content-type", single(inputs, b"content-type", rules)),
        NEWLINE,
        date,
        NEWLINE,
    ]


def header_block(headers: Iterable[SignedHeader], chosen: Chosen, rules: ServerRules) -> list[Piece]:
    """``name:value\\n`` for every header whose lower-case name is chosen, sorted by name (bytes).

    Doubled names are joined with a comma, or the first or last one counts; empty values keep their line or lose it;
    runs of blanks inside a value are kept or collapsed: all as ``rules`` say.
    """
    found: dict[bytes, list[SignedHeader]] = {}
    for header in headers:
        name = header.name.lower()
        if chosen(name):
            found.setdefault(name, []).append(header)
    pieces: list[Piece] = []
    for name in sorted(found):
        same = found[name]
        if len(same) > 1 and rules.duplicate_headers != "join":
            same = same[:1] if rules.duplicate_headers == "first" else same[-1:]
        value = b",".join([unfold(header.value) for header in same])
        if rules.collapse_inner_blanks:
            value = _BLANKS.sub(b" ", value)
        if value or rules.keep_empty_headers:
            frames = same[0].frames if len(same) == 1 else tuple(f for header in same for f in header.frames)
            pieces.append((f"header:{label(name)}", name + b":" + value, frames))
            pieces.append(NEWLINE)
    return pieces


def path_bytes(raw: bytes, rules: ServerRules) -> bytes:
    """A raw path or key decoded once, as the server reads it."""
    decoded = percent_decode(raw.replace(b"+", b" ")) if rules.plus_in_path_is_blank else percent_decode(raw)
    return normal_path(decoded, rules)


def normal_path(path: bytes, rules: ServerRules) -> bytes:
    """A path or key with doubled slashes merged and dot segments resolved, as far as the rules say so."""
    if rules.merge_slashes:
        path = _SLASHES.sub(b"/", path)
    return _without_dots(path) if rules.remove_dot_segments else path


def _without_dots(path: bytes) -> bytes:
    """RFC 3986, section 5.2.4: ``.`` goes, ``..`` takes the segment before it along."""
    segments = path.split(b"/")
    root = int(path[:1] == b"/")
    kept: list[bytes] = []
    for segment in segments:
        if segment == b"..":
            kept = kept[:-1] if len(kept) > root else kept
        elif segment != b".":
            kept.append(segment)
    if segments[-1] in (b".", b"..") and len(kept) > 0:
        kept.append(b"")  # what such a path names is a folder
    return b"/".join(kept)


def resource_frames(inputs: SigningInputs) -> tuple[int, ...]:
    """Who carried the resource: the target, and the Host header where the bucket is its label."""
    target, host = inputs.target_frames, inputs.host_frames
    if inputs.bucket is None or target == host or not inputs.path_is_key:
        return target
    return distinct((*target, *host))


def encoded_query(pairs: Iterable[QueryPair], equals: bool = False) -> list[Piece]:
    """``name=value&name``: both encoded, sorted by encoded name (then value); an empty value loses its ``=``, or keeps
    it with ``equals`` (AWS)."""
    rows = sorted([(encode(pair.name), encode(pair.value), pair) for pair in pairs], key=_name_and_value)
    pieces: list[Piece] = []
    for name, value, pair in rows:
        if pieces:
            pieces.append(("", b"&", ()))
        text = name + b"=" + value if value or equals else name
        pieces.append((f"query:{label(pair.name)}", text, pair.frames))
    return pieces


def _name_and_value(row: tuple[bytes, bytes, QueryPair]) -> tuple[bytes, bytes]:
    return row[0], row[1]
