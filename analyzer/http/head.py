"""Reads the head of a message: start line and headers, leniently, with the raw bytes kept.

Strategy: cut the head into lines by line feeds, give every line its extent in the raw bytes, and let one line be one
header; a line that begins with a blank belongs to the header above (obs-fold, RFC 9112, section 5.2). Nothing is
refused that a person could still read: bare line feeds, raw UTF-8, blanks in the target. Reading does not judge:
what is odd about a head is said by ``oddities``, in notes.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from analyzer.model.http import Head, Header, Span
from analyzer.model.notes import Kind, Note, Wire, note

__all__ = [
    "HTTP2",
    "MAX_HEAD",
    "TOKEN",
    "RequestLine",
    "StatusLine",
    "head_end",
    "oddities",
    "read_head",
    "read_headers",
    "request_line",
    "request_oddities",
    "skip_empty_lines",
    "start_line",
    "status_line",
]

#: What an HTTP/2 client says first (RFC 9113, section 3.4).
HTTP2 = b"PRI * HTTP/2.0"
#: A head longer than this is not one (nginx, OSS and every client stop far earlier).
MAX_HEAD = 256 * 1024

#: Field lines end at the first empty line; RFC 9112, section 2.2 lets a reader take a bare LF for CRLF.
_END = re.compile(rb"\n\r?\n")

#: ``request-line = method SP request-target SP HTTP-version`` (RFC 9112, section 3). The target is whatever stands
#: between the first blank and the version, blanks, raw bytes and terminal escapes included;
#: ``method = token`` (RFC 9110, sections 5.6.2 and 9.1).
TOKEN = re.compile(rb"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_METHOD = re.compile(rb"(%b{1,64})[ \t]" % TOKEN.pattern.removesuffix(b"+"))
_VERSION = re.compile(rb"[ \t](HTTP/[0-9](?:\.[0-9])?)\Z")
_LONGEST_VERSION = len(b" HTTP/1.1")
_NO_TARGET = re.compile(rb"[\x00\r\n]")
_BLANKS = b" \t"

#: ``status-line = HTTP-version SP status-code SP [ reason-phrase ]`` (RFC 9112, section 4); some servers leave the
#: last blank out.
_STATUS = re.compile(rb"(HTTP/[0-9](?:\.[0-9])?)[ \t]+([1-9][0-9]{2})(?=[ \t]|\Z)")

#: Headers that may rightly come more than once.
_LISTS = frozenset({b"set-cookie", b"via", b"link", b"cache-control", b"vary", b"warning", b"www-authenticate"})


@dataclass(frozen=True, slots=True)
class RequestLine:
    """Parts of a request line as sent."""

    method: bytes
    target: bytes
    version: bytes


@dataclass(frozen=True, slots=True)
class StatusLine:
    """Parts of a status line as sent; ``reason`` is empty where there is none."""

    version: bytes
    status: int
    reason: bytes


def skip_empty_lines(data: bytes, start: int = 0) -> int:
    """Offset behind empty lines before a start line, which a reader should ignore (RFC 9112, section 2.2)."""
    end = len(data)
    while start < end and data[start] in b"\r\n":
        start += 1
    return start


def head_end(data: bytes | bytearray, start: int = 0) -> int | None:
    """Offset just behind the empty line that ends the head; None when it is not there (yet)."""
    found = _END.search(data, start)
    return found.end() if found else None


def request_line(line: bytes) -> RequestLine | None:
    """The line as a request line (without its line end); None when it is none, or HTTP/2's preface."""
    text = line.rstrip(_BLANKS)
    method, version = _METHOD.match(text), _VERSION.search(text, max(0, len(text) - _LONGEST_VERSION))
    if method is None or version is None or version.start() < method.end() or line == HTTP2:
        return None
    target = text[method.end() : version.start()].strip(_BLANKS)
    return RequestLine(method[1], target, version[1]) if _NO_TARGET.search(target) is None else None


def status_line(line: bytes) -> StatusLine | None:
    """The line as a status line (without its line end); None when it is none."""
    found = _STATUS.match(line)
    return StatusLine(found[1], int(found[2]), line[found.end() :].strip(_BLANKS)) if found else None


def start_line(raw: bytes) -> bytes:
    """The first line, without its line end."""
    return raw.partition(b"\n")[0].removesuffix(b"\r")


def read_head(raw: bytes, spans: tuple[Span, ...]) -> tuple[bytes, Head]:
    """(start line without its line end, head). ``raw`` begins at the start line and ends behind the empty line."""
    end = raw.find(b"\n")
    return start_line(raw), Head(raw, tuple(read_headers(raw, len(raw) if end < 0 else end + 1)), spans)


def read_headers(raw: bytes, start: int) -> Iterator[Header]:
    """Headers from ``start`` on, up to the empty line. Lines without a colon are left to ``oddities``."""
    for line_start, line_end in _field_lines(raw, start):
        colon = raw.find(b":", line_start, line_end)
        if colon > line_start:
            # field-line = field-name ":" OWS field-value OWS (RFC 9112, section 5)
            value = raw[colon + 1 : line_end]
            begin = line_end - len(value.lstrip(b" \t"))
            value = value.strip(b" \t")
            yield Header(raw[line_start:colon].rstrip(b" \t"), value, line_start, begin, begin + len(value))


def _field_lines(raw: bytes, start: int) -> Iterator[tuple[int, int]]:
    """Extents of field lines without their last line end, folded continuation lines joined to the line above."""
    size = len(raw)
    while start < size:
        line_start, line_end, start = start, *_line(raw, start, size)
        if line_end == line_start:
            return
        while start < size and raw[start] in b" \t":
            line_end, start = _line(raw, start, size)
        yield line_start, line_end


def _line(raw: bytes, start: int, size: int) -> tuple[int, int]:
    """(end of the line that begins at ``start``, without CRLF or LF; where the next one begins)."""
    found = raw.find(b"\n", start)
    end = size if found < 0 else found
    return end - 1 if end > start and raw[end - 1] == 13 else end, end + 1


def oddities(head: Head) -> Iterator[Note]:
    """What a strict reader would have stumbled over in a head."""
    raw = head.raw
    if raw.count(b"\n") != raw.count(b"\r\n"):
        yield note("http.bare-line-feed")
    if head_end(raw) is None:
        yield note("http.head-cut", seen=len(raw))
    names = [header.lower for header in head.headers]
    if len(set(names)) < len(names):
        for name, times in Counter(names).items():
            if times > 1 and name not in _LISTS:
                yield note("http.repeated-header", header=Wire(name, Kind.PUBLIC), times=times)
    for header in head.headers:
        if b"\n" in header.value:
            yield note("http.folded-header", header=Wire(header.name, Kind.PUBLIC))
        if raw[header.line_start + len(header.name)] != 58:  # no colon, but a blank
            yield note("http.blank-before-colon", header=Wire(header.name, Kind.PUBLIC))
    yield from _lines_without_colon(head)


def _lines_without_colon(head: Head) -> Iterator[Note]:
    """One note for lines that are no header at all (only the first is shown)."""
    raw = head.raw
    start = raw.find(b"\n") + 1
    whole = raw.endswith((b"\n\r\n", b"\n\n"))
    if start == 0 or (whole and raw.count(b"\n", start) == len(head.headers) + 1):  # each line but the last is a header
        return
    odd = [(a, b) for a, b in _field_lines(raw, start) if raw.find(b":", a, b) <= a]
    if odd:
        first = raw[odd[0][0] : odd[0][1]]
        yield note("http.line-without-colon", lines=len(odd), first=Wire(first[:80], Kind.HEADER_VALUE))


def request_oddities(target: bytes) -> Iterator[Note]:
    """What is odd about a request target."""
    if any(byte > 126 or byte < 32 for byte in target):
        yield note("http.raw-bytes-in-target", target=Wire(target[:200], Kind.RESOURCE))
    if b" " in target or b"\t" in target:
        yield note("http.blank-in-target", target=Wire(target[:200], Kind.RESOURCE))
