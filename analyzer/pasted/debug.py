"""What a client's debug log says it signed.

A label tells where the string begins, its own structure where it ends: a version 1 or 2 string with its resource, a
version 4 string after four lines, a canonical request with the hash of the payload. Loggers that write one line a
record write line ends as ``\\n``; oss2 prints the bytes as Python shows them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from analyzer.model.pasted import ClientString
from analyzer.pasted.mending import relined
from analyzer.pasted.piece import MAX_PIECES, Piece, unescaped

__all__ = ["read_log"]

_MAX_STRING = 64 * 1024
_MAX_LINES = 200


@dataclass(frozen=True, slots=True)
class _Label:
    """A row: whose log writes this in front of what."""

    source: str
    pattern: re.Pattern[bytes]
    canonical: bool
    where: str


def _label(source: str, pattern: bytes, where: str, *, canonical: bool = False) -> _Label:
    return _Label(source, re.compile(pattern, re.IGNORECASE), canonical, where)


_LABELS: tuple[_Label, ...] = (
    _label("oss2", rb"(?:Make signature|Sign Rtmp url): string to be signed = ", "oss2/auth.py"),
    _label("oss2", rb"Make signature: canonical_request = ", "oss2/auth.py, ProviderAuthV4", canonical=True),
    _label("Go SDK", rb"\[Req:[^\s\[\]]{1,64}\]signStr:", "oss/auth.go; ossutil --loglevel debug"),
    _label("botocore", rb"StringToSign:\r?\n", "botocore/auth.py"),
    _label("botocore", rb"CanonicalRequest:\r?\n", "botocore/auth.py", canonical=True),
    _label(
        "log",
        rb"(?<![\w'\"<\[/])string[ _-]?to[ _-]?(?:be[ _-]?)?sign(?:ed)?\]?\s?(?:is|[:=])[ \t]*(?:\r?\n)?",
        "what people call it in logs of their own",
    ),
    _label(
        "log",
        rb"(?<![\w'\"<\[/])canonical[ _-]?request\]?\s?(?:is|[:=])[ \t]*(?:\r?\n)?",
        "what people call it in logs of their own",
        canonical=True,
    ),
)

_METHOD = re.compile(rb"[\s\[]{0,4}b?['\"]?(?:GET|PUT|POST|HEAD|DELETE|OPTIONS|(?:OSS4|AWS4)-HMAC-)", re.IGNORECASE)
_BYTES = re.compile(rb"b['\"]")
_HASH_LINE = re.compile(rb"(?:[0-9a-f]{64}|UNSIGNED-PAYLOAD|STREAMING-[A-Z0-9-]+)")
_ONE_LINE = re.compile(rb"[^\r\n]*\\n[^\r\n]*")


def read_log(text: bytes) -> Piece | None:
    """Every string to sign, with the canonical request that was logged before it."""
    strings = tuple(_strings(text))
    if not strings:
        return None
    return Piece(strings[-1].source, strings=strings)


def _strings(text: bytes) -> Iterator[ClientString]:
    canonical: bytes | None = None
    source = ""
    for label, start, end in _found(text):
        value, exact = _stretch(text[start:end], label.canonical)
        source = label.source
        if label.canonical:
            canonical = value
        else:
            yield ClientString(source, value, canonical, exact)
            canonical = None
    if canonical is not None:
        yield ClientString(source, None, canonical)


def _found(text: bytes) -> list[tuple[_Label, int, int]]:
    """Labels in order, with the offset behind them and where their strings end at the latest: no string holds the next
    label. Of two labels at one place the first row counts."""
    places: dict[int, tuple[int, _Label]] = {}
    for label in _LABELS:
        for found in label.pattern.finditer(text):
            if len(places) >= MAX_PIECES:
                break
            if _METHOD.match(text, found.end()):
                places.setdefault(found.end(), (found.start(), label))
    starts = sorted(places)
    ends = [*(places[start][0] for start in starts[1:]), len(text)]
    return [(places[start][1], start, min(end, start + _MAX_STRING)) for start, end in zip(starts, ends, strict=False)]


def _stretch(text: bytes, canonical: bool) -> tuple[bytes, bool]:
    """The string, and whether it stood on one line."""
    text = text.lstrip(b" \t[")
    in_bytes = _BYTES.match(text) is not None
    text = text[in_bytes:].lstrip(b"'\"")
    line = _ONE_LINE.match(text)
    if line is not None:
        return unescaped(line[0].rstrip(b" \t'\"],;"), raw_bytes=in_bytes), True
    lines = [line.removesuffix(b"\r") for line in text.split(b"\n", _MAX_LINES)]
    kept = lines[: _end(lines, canonical)]
    kept[-1] = kept[-1].rstrip(b" \t'\"")
    whole = b"\n".join(kept)
    return whole if canonical else relined(whole), False


def _end(lines: list[bytes], canonical: bool) -> int:
    """Lines that belong to the string."""
    if canonical:
        last = (at for at, line in enumerate(lines) if at > 3 and _HASH_LINE.fullmatch(line.strip(b" '\"")))
        return next(last, min(len(lines), 6) - 1) + 1
    if lines[0].startswith((b"OSS4-", b"AWS4-")):
        return min(len(lines), 4)
    resource = (at for at, line in enumerate(lines) if (at and line.lstrip()[:1] == b"/") or line[:3] == b"%2F")
    return next(resource, min(len(lines), 5) - 1) + 1
