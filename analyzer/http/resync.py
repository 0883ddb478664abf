"""Finding the way back into a stream: what begins like a message, and what is left of a lost one.

Evidence, not search: only the beginning of a segment is looked at, because a sender starts a message with a new
segment; and where the bytes before it are unknown, the segment must also acknowledge more than the one before, as a
new message does and the next segment of a body does not. Copies of messages inside bodies satisfy neither.
"""

from __future__ import annotations

import re
from typing import Protocol

from analyzer.http.draft import Draft
from analyzer.http.head import head_end, request_line, status_line
from analyzer.model.notes import note
from analyzer.tcp.pieces import Piece

__all__ = ["begins_answer", "begins_request", "lost_answer", "next_start", "swallowed_request"]

#: As much of ``method SP`` as there is; HTTP/2's preface is left to others.
_METHOD = re.compile(rb"(?!PRI \*)[!#$%&'*+.^_`|~0-9A-Za-z-]{1,64}(?:\Z|[ \t])")
_ANSWER = re.compile(rb"HTTP/[0-9][. \t]")
#: What only an error answer of object storage holds.
_ERROR = re.compile(rb"<Error>|<Code>[A-Za-z]+</Code>|<StringToSign|<StringToSignBytes>")
_HEADER = re.compile(rb"(?:^|\n)(?:x-oss-request-id|Server|Date|Content-Length|Content-Type):", re.I)
_LINE = 8192


class _Seeker(Protocol):
    last_ack: int | None


def begins_request(data: bytes) -> bool:
    """The bytes may be the beginning of a request: a method and a blank, and a version once the line is complete."""
    if _METHOD.match(data) is None:
        return False
    end = data.find(b"\n", 0, _LINE)
    return request_line(data[:end].removesuffix(b"\r")) is not None if end >= 0 else len(data) < 64 * 1024


def begins_answer(data: bytes) -> bool:
    """The bytes may be the beginning of an answer."""
    return _ANSWER.match(data) is not None if len(data) >= 7 else b"HTTP/1.".startswith(data) or data[:5] == b"HTTP/"


def next_start(piece: Piece, at: int, side: _Seeker, asks: bool) -> int | None:
    """Offset at or behind ``at`` of the first segment that begins a message, None when there is none."""
    for offset in piece.boundaries():
        ack = piece.acknowledged(offset)
        before, side.last_ack = side.last_ack, ack
        if offset < at or (before is not None and ack is not None and ack <= before):
            continue
        sample = piece.read(offset, min(piece.end, offset + _LINE))
        line = sample[: sample.find(b"\n")].removesuffix(b"\r") if b"\n" in sample else b""
        if (request_line(line) if asks else status_line(line)) is not None:
            return offset
    return None


def swallowed_request(piece: Piece, at: int, stop: int) -> int | None:
    """Where the next request begins when a Content-Length is too large: ``stop``, the declared end, lies inside a
    segment that begins with a whole request head reaching beyond it."""
    row = piece.row(stop)
    begin = max(piece.origin + int(piece.rows.cum[row]), piece.start)
    if not at <= begin < stop:
        return None
    data = piece.read(begin, min(piece.end, begin + _LINE))
    end = head_end(data)
    if end is None or begin + end <= stop:
        return None
    return begin if request_line(data[: data.find(b"\n")].removesuffix(b"\r")) is not None else None


def lost_answer(parts: list[tuple[Piece, int, int]]) -> Draft | None:
    """What is left of an error answer whose status line is missing; None when the bytes are nothing of that kind."""
    data = b"".join(piece.read(start, end) for piece, start, end in parts)
    found = _ERROR.search(data)
    if found is None:
        return None
    end = head_end(data)
    headed = end is not None and end <= found.start() and _HEADER.search(data, 0, end) is not None
    split = end if headed and end is not None else 0
    draft = Draft(data[:split], None, parts[0][1])
    draft.notes.append(note("http.status-line-lost"))
    draft.gap = draft.ended = True
    draft.peer = parts[0][0].acknowledged(parts[0][1])
    for piece, start, stop in parts:
        cut = min(stop, max(start, parts[0][1] + split))
        draft.head += [(piece, start, cut)] if cut > start else []
        draft.body += [(piece, cut, stop)] if stop > cut else []
    draft.length = draft.captured = len(data) - split
    draft.end = parts[-1][2]
    return draft
