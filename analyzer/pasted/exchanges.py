"""Requests and answers as text: raw HTTP, and what ``curl -v`` prints.

Both are cut into the stretch that is the request and the stretch that is the answer; the readers of captured streams
read them. Printed bodies are never to the byte what was sent, so the stretches are read loosely.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice

from analyzer.http.plain import exchange_from_bytes
from analyzer.model.http import Exchange
from analyzer.pasted.piece import MAX_PIECES, Piece

__all__ = ["read_curl", "read_http"]

#: The version is looked for from the end of the line: from its begin every run of blanks would be tried at each blank.
_REQUEST_LINE = rb"[A-Z]{3,10}[ \t]+\S[^\r\n]*(?<=[ \t])HTTP/[12](?:\.[0-9])?[ \t]*\r?$"
_STATUS_LINE = rb"HTTP/[12](?:\.[0-9])?[ \t]+[1-5][0-9]{2}(?:[ \t][^\r\n]*)?\r?$"
_START = re.compile(rb"^[ \t]*(?:(?P<request>" + _REQUEST_LINE + rb")|(?P<answer>" + _STATUS_LINE + rb"))", re.M)
_FENCE = re.compile(rb"^[ \t]*(?:```|~~~)[^\r\n]*\r?\n?", re.M)
_CURL_SENT = re.compile(rb"^> " + _REQUEST_LINE, re.M)
_CURL_GOT = re.compile(rb"^< " + _STATUS_LINE, re.M)
#: What curl says of itself, and its bar of progress.
_CURL_TALK = re.compile(rb"\* |[{}] \[\d+ bytes data\]|\s*% Total|\s*Dload\s|\s*\d+\s+\d+\s+\d+\s+\d.*:--")


def read_http(text: bytes) -> Piece | None:
    """Raw requests and answers, in the order they stand."""
    text = _FENCE.sub(b"", text)
    starts = list(islice(_START.finditer(text), MAX_PIECES))
    if not starts:
        return None
    ends = [found.start() for found in starts[1:]] + [len(text)]
    stretches = [
        (found["request"] is not None, _dedented(text[found.start() : end]))
        for found, end in zip(starts, ends, strict=True)
    ]
    return Piece("HTTP", exchanges=tuple(_paired(stretches)))


def _dedented(stretch: bytes) -> bytes:
    """Without the indentation that the first line has; a line with less of it keeps what it has."""
    indent = len(stretch) - len(stretch.lstrip(b" \t"))
    if not indent:
        return stretch
    return re.sub(rb"(?m)^[ \t]{1,%d}" % min(indent, 200), b"", stretch)


def _paired(stretches: list[tuple[bool, bytes]]) -> Iterator[Exchange]:
    """A request with the answers behind it, up to the next request."""
    asked: bytes | None = None
    answers: list[bytes] = []
    number = 0
    for is_request, stretch in [*stretches, (True, b"")]:
        if not is_request:
            answers.append(stretch)
            continue
        if asked is not None or answers:
            exchange = exchange_from_bytes(asked, b"".join(answers) or None, frame=2 * number + 1, loose=True)
            if exchange.request is not None or exchange.response is not None:
                number += 1
                yield exchange
        asked, answers = stretch, []


def read_curl(text: bytes) -> Piece | None:
    """Lines behind ``>`` were sent, lines behind ``<`` came back, and what follows them unmarked is the body."""
    if not (_CURL_SENT.search(text) or _CURL_GOT.search(text)):
        return None
    stretches: list[tuple[bool, bytes]] = []
    lines: list[bytes] = []
    sending = heading = False
    for line in text.split(b"\n")[:200_000]:
        bare = line.rstrip(b"\r")
        if bare[:1] in (b">", b"<") and bare[1:2] in (b" ", b""):
            started = _CURL_SENT.match(bare) or _CURL_GOT.match(bare)
            if started:
                _close(stretches, sending, lines)
                sending, heading = bare[:1] == b">", True
            if heading:
                lines.append(bare[2:])
                heading = bool(bare[2:].strip())
        elif lines and not sending and not heading and not _CURL_TALK.match(bare):
            lines.append(bare)
    _close(stretches, sending, lines)
    exchanges = tuple(islice(_paired(stretches), MAX_PIECES))
    return Piece("curl -v", exchanges=exchanges) if exchanges else None


def _close(stretches: list[tuple[bool, bytes]], sending: bool, lines: list[bytes]) -> None:
    """The lines so far become a message: its head ends in an empty line, also where that one was lost."""
    if not lines:
        return
    text = b"\n".join(lines)
    if b"\n\n" not in text:
        text = text.rstrip(b"\n") + b"\n\n"
    stretches.append((sending, text))
    lines.clear()
