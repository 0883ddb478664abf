"""Finding the way back into a stream: what begins like a message, and what is left of a lost one.

Evidence, not search: only the beginning of a segment is looked at, because a sender starts a message with a new
segment; and where the bytes before it are unknown, the segment must also acknowledge more than the one before, as a
new message does and the next segment of a body does not. Copies of messages inside bodies satisfy neither.
"""

from __future__ import annotations

import re

from analyzer.http.draft import Draft
from analyzer.http.head import HTTP2, TOKEN, RequestLine, head_end, request_line, start_line, status_line
from analyzer.http.side import Ends, Side
from analyzer.model.notes import note
from analyzer.tcp.pieces import Piece
from analyzer.tls.detect import is_tls

__all__ = [
    "begins_answer",
    "begins_request",
    "first_line",
    "goes_on",
    "lost_answer",
    "next_answer",
    "next_start",
    "opens",
    "preamble",
    "swallowed_request",
    "who_asks",
]

#: No control characters but tabs: a start line, perhaps cut.
_TEXT = re.compile(rb"[^\x00-\x08\x0a-\x1f\x7f]*\r?")
_VERSION = re.compile(rb"HTTP/[0-9](?:\.[0-9]?)?[ \t]*\Z")
#: Start lines of protocols that look alike, and HTTP/2's preface.
_OTHER = re.compile(rb"(?:SIP|RTSP|ICAP|MSRP)/[0-9]|\APRI \* HTTP/2|\AHTTP/")
#: What may become such a beginning.
_SHORT = re.compile(rb"[A-Z]{1,16} ?\Z")
#: What a proxy says of the client before the client's first byte (HAProxy's PROXY protocol, versions 1 and 2).
_PROXY = re.compile(rb"PROXY (?:TCP[46]|UNKNOWN)[ -~]{0,90}\r\n")
_PROXY2, _PROXY2_HEAD = b"\r\n\r\n\x00\r\nQUIT\n", 16
#: The beginning of a request that is taken for one behind unknown bytes.
_USUAL = re.compile(rb"[A-Z]{3,16} (?:/|\*|https?://|[A-Za-z0-9.-]+:[0-9]+ )[^\x00-\x08\x0a-\x0c\x0e-\x1f\x7f]*\Z")
_LONG = 400
#: Headers that only requests have: what stands above one is a request line, however damaged.
_ASKED = re.compile(rb"(?:Host|User-Agent|Accept[A-Za-z-]*|Authorization|Referer|Expect|Cookie):", re.I)
_NAME = re.compile(rb"[A-Za-z-]*\r?")
#: Bytes of a side's first line that are looked at, and bytes without a sign that are enough.
_WORDS, _UNDECIDED = 64, 64 << 10
#: A direction that has said so much and no message: only where the other one had said something new one is looked for.
_HOPELESS = 256 << 10
_ANSWER = re.compile(rb"HTTP/[0-9][. \t]")
#: What only an error answer of object storage holds.
_ERROR = re.compile(rb"<Error>|<Code>[A-Za-z]+</Code>|<StringToSign|<StringToSignBytes>")
_HEADER = re.compile(rb"(?:^|\n)(?:x-oss-request-id|Server|Date|Content-Length|Content-Type):", re.I)
_LINE = 8192


def begins_request(data: bytes) -> bool:
    """The bytes may be the beginning of a request.

    What a prefix rules out, more bytes do not bring back: so the answer does not depend on how a request was cut.
    Until the first line is complete it must be text; then it must be a request line, or be followed by a header that
    only a request has.
    """
    end = data.find(b"\n", 0, _LINE)
    if end < 0:
        return len(data) < _LINE and _TEXT.fullmatch(data) is not None and not data.startswith(b"HTTP/")
    line = data[:end].removesuffix(b"\r")
    if request_line(line) is not None:
        return True
    after = data[end + 1 : end + 40]
    return _loose_request_line(line) is not None and (_ASKED.match(after) is not None or _may_become(after))


def _may_become(after: bytes) -> bool:
    return b":" not in after and len(after) < 20 and _NAME.fullmatch(after) is not None


def first_line(head: bytes, cut: str = "") -> RequestLine | None:
    """The request line of a head, as far as it can be read; None where the bytes are no request. Of a head that was
    ``cut`` the line may be all there is, or only the beginning of it."""
    line = start_line(head)
    found = request_line(line)
    if found is not None:
        return found
    loose, end = _loose_request_line(line), head.find(b"\n")
    if loose is None:
        return None
    told = bool(loose.version) or (end >= 0 and _ASKED.match(head[end + 1 : end + 40]) is not None)
    return loose if told or (cut and _USUAL.match(line) is not None) else None


def _loose_request_line(line: bytes) -> RequestLine | None:
    """A damaged request line, read as far as it goes: the first word is the method; the version may be missing."""
    if not line or _OTHER.search(line) is not None or _TEXT.fullmatch(line) is None:
        return None
    found = _VERSION.search(line)
    version = found[0] if found else b""
    rest = line[: found.start()] if found else line
    method, _, target = rest.strip(b" \t").partition(b" ")
    return RequestLine(method, target.strip(b" \t"), version) if TOKEN.fullmatch(method) is not None else None


def who_asks(sides: tuple[Side, Side], likely: int) -> int | None:
    """Which side sends requests, by the first line of either, whichever the capture shows first. Where neither shows
    any sign, or one says much without one, it is the ``likely`` one. None: not known yet."""
    found: list[tuple[int, int]] = []  #: frame that decides, side
    mute = 0  #: sides that have said enough, and nothing that means anything
    for side in sides:
        sample, frame, much = _first_words(side)
        asks = _asks(sample)
        if asks is not None and frame is not None:
            found.append((frame, side.index if asks else 1 - side.index))
        elif much is not None:
            found.append((much, likely))
        mute += asks is None and (frame is not None or any(isinstance(item, Ends) for item in side.inbox))
    return min(found)[1] if found else likely if mute == 2 else None


def _first_words(side: Side) -> tuple[bytes, int | None, int | None]:
    """(what a side says first, the frame that completes it, the frame with which it has said much)."""
    said, size, frame = b"", 0, None
    for index, item in enumerate(side.inbox):
        if not isinstance(item, Piece):
            if said or index:
                break
            continue  # a gap at the very beginning
        if frame is None:
            take = item.read(item.start, min(item.end, item.start + _WORDS - len(said)))
            line = take.find(b"\n") + 1
            take = take[:line] if line else take
            said += take
            if line or len(said) == _WORDS:
                frame = item.rows.frame[item.row(item.start + len(take) - 1)]
        size += item.end - item.start
        if size > _UNDECIDED:
            return said, frame, item.rows.frame[item.row(item.end - 1 - (size - _UNDECIDED - 1))]
    return said, frame, None


def _asks(said: bytes) -> bool | None:
    """Bytes that begin a request or a TLS session, or an answer; None: neither."""
    if begins_answer(said) and len(said) >= 7:
        return False
    line = said.removesuffix(b"\n").removesuffix(b"\r")
    if is_tls(said) or line == HTTP2:
        return True
    begun = request_line(line) if said.endswith(b"\n") else _USUAL.match(said)
    return True if begun is not None else None


def begins_answer(data: bytes) -> bool:
    """The bytes may be the beginning of an answer."""
    return _ANSWER.match(data) is not None if len(data) >= 7 else b"HTTP/1.".startswith(data) or data[:5] == b"HTTP/"


def preamble(segment: bytes) -> int:
    """How many bytes at the beginning of a client's first segment are a proxy's word on who the client is."""
    found = _PROXY.match(segment)
    if found is not None:
        return found.end()
    size = _PROXY2_HEAD + int.from_bytes(segment[14:16], "big")
    return size if segment.startswith(_PROXY2) and segment[12:13] in (b"\x20", b"\x21") and size <= len(segment) else 0


def goes_on(line: bytes | bytearray, piece: Piece, at: int) -> bool:
    """The segment at ``at`` may be the rest of a request's first ``line``. It is not, where it begins a request and
    the line so far does not."""
    if b"\n" in line or _SHORT.match(line) is not None or _USUAL.match(line) is not None:
        return True
    return not piece.begins_at(at) or not opens(piece.read(at, piece.segment_end(at)), True)


def next_start(piece: Piece, at: int, side: Side, asks: bool) -> tuple[int | None, int | None]:
    """(offset at or behind ``at`` of the first segment that begins a message, None when there is none;
    what the segment before it acknowledges)."""
    free = piece.end if side.started else at + _HOPELESS - side.unread
    before = None
    for offset in piece.begins():
        if offset < at or offset <= side.failed:
            continue  # how much of a piece stands before ``at`` depends on the batches
        if offset > free:
            break
        ack = piece.acknowledged(offset)
        before, side.last_ack = side.last_ack, ack
        if side.started and before is not None and ack is not None and ack <= before:
            continue
        if opens(piece.read(offset, piece.segment_end(offset)), asks):
            return offset, before
    else:
        return None, before
    for offset, before in piece.advances(max(at, free + 1, side.failed + 1), side.last_ack):
        if opens(piece.read(offset, piece.segment_end(offset)), asks):
            side.last_ack = piece.acknowledged(offset)
            return offset, before
    side.last_ack = piece.acknowledged(piece.end - 1)
    return None, before


def opens(segment: bytes, asks: bool) -> bool:
    """The segment begins with a start line. Only a long request line may go on in the next segment, and
    none of more than ``_LINE`` bytes, which no head begins with (``begins_request``)."""
    line, end, _ = segment[:_LINE].partition(b"\n")
    if not asks:
        return bool(end) and status_line(line.removesuffix(b"\r")) is not None
    if _USUAL.match(line) is None:
        return False
    return request_line(line.removesuffix(b"\r")) is not None if end else _LONG <= len(line) < _LINE


def next_answer(piece: Piece, at: int, ack: int | None) -> int | None:
    """Offset at or behind ``at`` of the first segment that begins with a status line and acknowledges more than
    ``ack``; None when there is none."""
    if ack is None or piece.ack is None or piece.ack <= ack:
        return None
    for offset in piece.begins():
        here = piece.acknowledged(offset)
        behind = offset >= at and here is not None and here > ack
        if behind and opens(piece.read(offset, piece.segment_end(offset)), False):
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
    return begin if request_line(start_line(data)) is not None else None


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
        draft.head.extend([(piece, start, cut)] if cut > start else [])
        draft.body.extend([(piece, cut, stop)] if stop > cut else [])
    draft.length = draft.captured = len(data) - split
    draft.end = parts[-1][2]
    return draft
