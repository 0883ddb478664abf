"""Cutting the server's texts into the fields of ours.

The server sends its string to sign as one run of bytes. Cut into the same fields as the rebuilt text, the two can be
compared field by field. The joints are not always certain: decoded keys may hold ``?`` and ``&``, and pasted text has
lost empty lines. Known parameter names and the sort order decide; the bytes always come out complete and in order.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from analyzer.model.signing import SignedText
from analyzer.oss import subresources
from analyzer.oss.pieces import NEWLINE, Piece, label, percent_decode, signed_text

__all__ = ["split_canonical_v4", "split_policy", "split_s3_v2", "split_string_v4", "split_v1", "split_v2"]

_TABLE = subresources.table()

MAX_LINES = 2000  #: of a server's text that are looked at one by one; what follows stays in one piece

_DATE = re.compile(rb"(?=.*\Z)(?:[A-Za-z]{3,9},? .*\d{2}:\d{2}:\d{2}|\d{8}T\d{6}Z\Z|\d{4}-\d{2}-\d{2}T|-?\d{9,14}\Z)")
_NAME = re.compile(rb"[A-Za-z][A-Za-z0-9_-]{0,63}(?=[=&]|\Z)")
_MD5 = re.compile(rb"[A-Za-z0-9+/]{22}==\Z")


def split_v1(text: bytes, names: frozenset[bytes] = frozenset()) -> SignedText:
    """V1 text into method, content-md5, content-type, date, headers, resource and query; ``names`` are parameter
    names known from the request."""
    return signed_text(_split_plain(text, b"x-oss-", _TABLE.union | names))


def split_s3_v2(text: bytes, names: frozenset[bytes] = frozenset()) -> SignedText:
    """The same for S3's version 2."""
    return signed_text(_split_plain(text, b"x-amz-", subresources.S3_SUBRESOURCES | names))


def split_v2(text: bytes, names: frozenset[bytes] = frozenset()) -> SignedText:
    """V2 text: header lines run up to the line of additional names, the resource is the last line."""
    lines = text.split(b"\n")
    if not 6 <= len(lines) <= MAX_LINES:
        return signed_text(_damaged(text, b"x-oss-", names))
    pieces = _first_four(lines)
    for line in lines[4:-2]:
        pieces += [_header(line), NEWLINE]
    pieces += [("additional-headers", lines[-2], ()), NEWLINE]
    return signed_text(pieces + _encoded_resource(lines[-1]))


def split_string_v4(text: bytes, names: frozenset[bytes] = frozenset()) -> SignedText:
    """The four lines of a V4 string to sign."""
    fields = ("algorithm", "date", "scope", "request-hash")
    return signed_text(_lines_as(text.split(b"\n", 3), fields))


def split_policy(text: bytes, names: frozenset[bytes] = frozenset()) -> SignedText:
    """The string to sign of a form is its policy."""
    return signed_text([("policy", text, ())])


def split_canonical_v4(text: bytes, listed: str) -> SignedText:
    """A canonical request; ``listed`` is the field of the line that names headers (additional or signed)."""
    lines = text.split(b"\n")
    if not 6 <= len(lines) <= MAX_LINES:
        lines = text.split(b"\n", 5)
        return signed_text(_lines_as(lines, ("method", "resource", "query", "header:", listed, "payload-hash")))
    pieces: list[Piece] = [("method", lines[0], ()), NEWLINE, ("resource", lines[1], ()), NEWLINE]
    pieces += _encoded_parameters(lines[2])
    pieces.append(NEWLINE)
    for line in lines[3:-3]:
        pieces += [_header(line), NEWLINE]
    if lines[-3]:
        pieces.append(_header(lines[-3]))
    pieces += [NEWLINE, (listed, lines[-2], ()), NEWLINE, ("payload-hash", lines[-1], ())]
    return signed_text(pieces)


def _lines_as(lines: list[bytes], fields: tuple[str, ...]) -> list[Piece]:
    pieces: list[Piece] = []
    for at, line in enumerate(lines):
        if at:
            pieces.append(NEWLINE)
        pieces.append((fields[min(at, len(fields) - 1)], line, ()))
    return pieces


def _split_plain(text: bytes, prefix: bytes, names: frozenset[bytes]) -> list[Piece]:
    lines = text.split(b"\n", 4)
    if len(lines) < 5 or not _four_lines_fit(lines):
        return _damaged(text, prefix, names)
    return _first_four(lines) + _headers_and_resource(lines[4], prefix, names)


def _four_lines_fit(lines: list[bytes]) -> bool:
    """The fourth line is a date, or is empty where a header carries it; the rest begins as it must."""
    return bool(_DATE.match(lines[3])) or not lines[3] or lines[4].startswith((b"/", b"x-"))


def _first_four(lines: list[bytes]) -> list[Piece]:
    pieces = _lines_as(lines[:4], ("method", "content-md5", "content-type", "date"))
    pieces.append(NEWLINE)
    return pieces


def _headers_and_resource(rest: bytes, prefix: bytes, names: frozenset[bytes]) -> list[Piece]:
    pieces: list[Piece] = []
    at = 0
    while rest[at : at + len(prefix)].lower() == prefix and len(pieces) < 2 * MAX_LINES:
        end = rest.find(b"\n", at)
        if end < 0 or b":" not in rest[at:end]:
            break
        pieces += [_header(rest[at:end]), NEWLINE]
        at = end + 1
    return pieces + _resource(rest[at:], names)


def _header(line: bytes) -> Piece:
    name = line.partition(b":")[0]
    return (f"header:{label(name.lower())}", line, ())


def _damaged(text: bytes, prefix: bytes, names: frozenset[bytes]) -> list[Piece]:
    """Text that lost lines: what can be told by its looks, in order."""
    looks: tuple[tuple[str, Callable[[bytes], object]], ...] = (
        ("date", _DATE.match),
        ("content-md5", _MD5.match),
        ("content-type", lambda line: b"/" in line),
    )
    pieces: list[Piece] = []
    lines = text.split(b"\n", 16)  # four are due, a few more may be empty
    used: set[str] = set()
    for at, line in enumerate(lines):
        if at and (line.startswith(b"/") or line[: len(prefix)].lower() == prefix):
            return pieces + _headers_and_resource(b"\n".join(lines[at:]), prefix, names)
        field = "method" if line else ""
        if at:
            field = next((name for name, fits in looks if name not in used and line and fits(line)), "")
        used.add(field)
        pieces.append((field, line, ()))
        if at < len(lines) - 1:
            pieces.append(NEWLINE)
    return pieces


def _resource(text: bytes, names: frozenset[bytes]) -> list[Piece]:
    """Path and decoded sub-resources. The ``?`` that counts is the first with a known name behind it, else the last
    one before something that looks like a name."""
    mark = _query_start(text, names)
    if mark < 0:
        return [("resource", text, ())]
    pieces: list[Piece] = [("resource", text[:mark], ())]
    separator = b"?"
    for name, pair in _parameters(text[mark + 1 :], names):
        pieces += [("", separator, ()), (f"query:{label(name)}", pair, ())]
        separator = b"&"
    return pieces


def _query_start(text: bytes, names: frozenset[bytes]) -> int:
    last = -1
    at = text.find(b"?")
    while at >= 0:
        name = _NAME.match(text, at + 1)
        if name is not None:
            if name[0] in names:
                return at
            last = at
        at = text.find(b"?", at + 1)
    return last


def _parameters(query: bytes, names: frozenset[bytes]) -> list[tuple[bytes, bytes]]:
    """``&`` cuts where a known name follows, or a name that keeps the sort order; else it belongs to the value."""
    found: list[tuple[bytes, list[bytes]]] = []
    for chunk in query.split(b"&", MAX_LINES):
        match = _NAME.match(chunk)
        name = match[0] if match is not None else b""
        if found and not (name and (name in names or name > found[-1][0])):
            found[-1][1].append(chunk)
        else:
            found.append((name, [chunk]))
    return [(name, b"&".join(chunks)) for name, chunks in found]


def _encoded_resource(line: bytes) -> list[Piece]:
    path, mark, query = line.partition(b"?")
    pieces: list[Piece] = [("resource", path, ())]
    if mark:
        pieces += [("", b"?", ()), *_encoded_parameters(query)]
    return pieces


def _encoded_parameters(query: bytes) -> list[Piece]:
    pieces: list[Piece] = []
    for at, pair in enumerate(query.split(b"&") if query else []):
        if at:
            pieces.append(("", b"&", ()))
        pieces.append((f"query:{label(percent_decode(pair.partition(b'=')[0]))}", pair, ()))
    return pieces
