"""Small whole messages, found in all segments of a batch at one stroke.

Busy connections carry requests and answers that fill exactly one segment each. Strategy: all line feeds of the buffer
are found once; from them come the ends of heads, the Content-Length lines, and the lines that make a message anything
but plain (folded, Transfer-Encoding, Upgrade). A segment is then *proven* to be one request, or one answer, by the
rules of ``head`` and ``rules``: a known method, a clean target and version, or a version and a final status; at most
one Content-Length, and a body that ends with the segment. Whatever is less plain than that is left to the framer.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

__all__ = ["ASKS", "ASKS_HEAD", "SHORTEST", "TELLS", "TELLS_HEAD", "Kinds", "kinds_of"]

I8 = npt.NDArray[np.int64]
U8 = npt.NDArray[np.uint64]
U1 = npt.NDArray[np.uint8]
Flag = npt.NDArray[np.bool_]

#: What a segment is: a request, a HEAD request; an answer to a request other than HEAD, an answer to HEAD (an answer
#: without a body can be either). 0: nothing that is known.
ASKS, ASKS_HEAD, TELLS, TELLS_HEAD = np.uint8(1), np.uint8(2), np.uint8(4), np.uint8(8)

_CR, _LF, _BLANK, _TAB = 13, 10, 32, 9
_METHODS = (b"GET ", b"PUT ", b"HEAD ", b"POST ", b"DELETE ", b"OPTIONS ")
_DIGITS = 9  #: of a Content-Length; longer ones do not fit into a segment
#: No head is shorter than two words.
SHORTEST = 16
#: Longest request lines that are looked at, in two sizes: most are short, signed URLs are not.
_WIDTHS = (128, 768)
_SLACK = 32  #: bytes behind a line's start that the tests for header names may read


class Kinds(NamedTuple):
    """One entry a segment."""

    kind: U1
    status: npt.NDArray[np.uint16]  #: of an answer


class _Lines(NamedTuple):
    """What the line feeds of a buffer tell. All columns ascend."""

    feeds: I8  #: positions of line feeds
    blank: I8  #: of the line feed before an empty line
    stop: I8  #: behind that empty line: the end of a head
    length_at: I8  #: where a plain Content-Length line begins
    length: I8  #: its number
    odd: I8  #: where a line begins that makes a message anything but plain


def kinds_of(buffer: bytearray | memoryview, offset: I8, length: I8, whole: Flag) -> Kinds:
    """What each segment is; ``whole`` marks those that may be taken for a message (captured wholly, no SYN).

    Cost: about 3 ns a byte of the buffer and 0.2 µs a segment.
    """
    kind, status = np.zeros(len(offset), np.uint8), np.zeros(len(offset), np.uint16)
    index = np.flatnonzero(whole & (length >= SHORTEST))
    if len(index) and len(buffer) > 2 * _SLACK:
        begin = offset[index]
        end = begin + length[index]
        words: U8 = np.ndarray((len(buffer) - 7,), "<u8", buffer, 0, (1,))
        raw: U1 = np.frombuffer(buffer, np.uint8)
        lines = _lines(raw, words, int(begin.min()), int(end.max()))
        good, first, stop, declared = _heads(raw, lines, begin, end)
        for some in (_asking, _telling):
            kept = np.flatnonzero(good)
            found = some(buffer, raw, words, begin[kept], end[kept], first[kept], stop[kept], declared[kept])
            kind[index[kept]] |= found.kind
            status[index[kept]] |= found.status
    return Kinds(kind, status)


def _lowered(words: U8) -> U8:
    """Letters in lower case, eight bytes at a time; what is no letter may become another byte."""
    out: U8 = words | np.uint64(0x2020202020202020)
    return out


def _word(text: bytes) -> tuple[np.uint64, np.uint64]:
    """(value, mask) of up to eight bytes in a little-endian word."""
    return np.uint64(int.from_bytes(text, "little")), np.uint64((1 << 8 * len(text)) - 1)


def _is(words: U8, text: bytes) -> Flag:
    value, mask = _word(text)
    out: Flag = (words & mask) == value
    return out


def _lines(raw: U1, words: U8, low: int, high: int) -> _Lines:
    feeds = np.flatnonzero(raw[low:high] == _LF) + low
    step = np.diff(feeds)
    near = np.flatnonzero(step <= 2)
    near = near[(step[near] == 1) | (raw[feeds[near] + 1] == _CR)]
    # The last line has no end in the buffer and none that can be judged: it is left out.
    at = feeds[:-1] + 1
    first = raw[np.minimum(at, len(raw) - 1)]
    low_first = first | 0x20
    odd = (first == _BLANK) | (first == _TAB)
    close = at > len(words) - _SLACK
    initial = np.flatnonzero((low_first >= ord("t")) & (low_first <= ord("u")))
    odd[initial] |= close[initial] | _hands_over(_lowered(words[np.minimum(at[initial], len(words) - 1)]))
    length_line, length, strange = _lengths(raw, words, feeds, np.flatnonzero((low_first == ord("c")) & ~close))
    odd[strange] = True
    odd |= close & (low_first == ord("c"))
    return _Lines(feeds, feeds[near], feeds[near + 1] + 1, at[length_line], length, at[odd])


def _hands_over(words: U8) -> Flag:
    """Transfer-Encoding and Upgrade: how the body ends, or what follows, is not told by a length."""
    out: Flag = _is(words, b"transfer") | _is(words, b"upgrade")
    return out


def _lengths(raw: U1, words: U8, feeds: I8, lines: I8) -> tuple[I8, I8, I8]:
    """(plain Content-Length lines, their numbers, other lines of that name), by number of the feed before them."""
    at = feeds[lines] + 1
    named = _is(_lowered(words[at]), b"content-") & _is(_lowered(words[at + 8]), b"length") & (raw[at + 7] == ord("-"))
    lines, at = lines[named], at[named]
    begin, end = at + 16, feeds[lines + 1] - 1
    digits = end - begin
    plain = (raw[at + 14] == ord(":")) & (raw[at + 15] == _BLANK) & (raw[end] == _CR) & (digits >= 1)
    plain &= digits <= _DIGITS
    value = np.zeros(len(lines), np.int64)
    for place in range(_DIGITS):
        there = plain & (place < digits)
        digit = raw[np.minimum(begin + place, len(raw) - 1)].astype(np.int64) - ord("0")
        plain &= ~there | ((digit >= 0) & (digit <= 9))
        value = np.where(there, value * 10 + digit, value)
    return lines[plain], value[plain], lines[~plain]


def _heads(raw: U1, lines: _Lines, begin: I8, end: I8) -> tuple[Flag, I8, I8, I8]:
    """A segment begins with a plain head, line feed of its first line, end of the head, Content-Length or -1."""
    count = len(lines.blank)
    if not count:
        nothing = np.zeros(len(begin), np.int64)
        return np.zeros(len(begin), np.bool_), nothing, nothing, nothing
    which = np.searchsorted(lines.blank, begin)
    good = which < count
    stop = lines.stop[np.minimum(which, count - 1)]
    good &= stop <= end
    first = lines.feeds[np.minimum(np.searchsorted(lines.feeds, begin), len(lines.feeds) - 1)]
    good &= raw[np.maximum(first - 1, 0)] == _CR
    if len(lines.odd):
        good &= np.searchsorted(lines.odd, begin) == np.searchsorted(lines.odd, stop)
    low, high = np.searchsorted(lines.length_at, begin), np.searchsorted(lines.length_at, stop)
    good &= high - low <= 1
    declared = np.full(len(begin), -1, np.int64)
    has = np.flatnonzero(good & (high - low == 1))
    declared[has] = lines.length[low[has]]
    return good, first, stop, declared


def _asking(
    buffer: bytearray | memoryview, raw: U1, words: U8, begin: I8, end: I8, first: I8, stop: I8, declared: I8
) -> Kinds:
    """Requests: ``method SP request-target SP HTTP-version`` (RFC 9112, section 3), and a body that ends here."""
    start = words[begin]
    behind = np.zeros(len(begin), np.int64)
    for method in _METHODS:
        behind[_is(start, method)] = len(method)
    version = first - 10
    good = (behind > 0) & (version > begin + behind) & (end - stop == np.maximum(declared, 0))
    good &= _is(words[np.maximum(version, 0)], b" HTTP/1.") & ((raw[np.maximum(first - 2, 0)] | 1) == ord("1"))
    some = np.flatnonzero(good)
    good[some] = _clean(buffer, begin[some], version[some])
    kind = np.where(good, np.where(_is(start, b"HEAD "), ASKS_HEAD, ASKS), 0).astype(np.uint8)
    return Kinds(kind, np.zeros(len(begin), np.uint16))


def _clean(buffer: bytearray | memoryview, begin: I8, end: I8) -> Flag:
    """No NUL and no CR in ``[begin, end)``; False also for those that are too long to be looked at."""
    out = np.zeros(len(begin), np.bool_)
    least = 0
    for width in _WIDTHS:
        size = end - begin
        some = np.flatnonzero((size > least) & (size <= width) & (begin <= len(buffer) - width))
        least = width
        if len(some):
            every = np.ndarray((len(buffer) - width + 1,), f"V{width}", buffer, 0, (1,))
            text = every[begin[some]].view(np.uint8).reshape(-1, width)
            bad = ((text == 0) | (text == _CR)) & (np.arange(width) < size[some][:, None])
            out[some] = ~bad.any(axis=1)
    return out


def _telling(
    buffer: bytearray | memoryview, raw: U1, words: U8, begin: I8, end: I8, first: I8, stop: I8, declared: I8
) -> Kinds:
    """Final answers: ``HTTP-version SP status-code SP reason`` (RFC 9112, section 4), and a body that ends here."""
    start, then = words[begin], words[begin + 8].view(np.uint8).reshape(-1, 8)
    digits = then[:, 1:4].astype(np.int16) - ord("0")
    good = (_is(start, b"HTTP/1.1") | _is(start, b"HTTP/1.0")) & (then[:, 0] == _BLANK)
    good &= ((digits >= 0) & (digits <= 9)).all(axis=1) & (digits[:, 0] >= 2)
    good &= (then[:, 4] == _BLANK) | ((then[:, 4] == _CR) & (first == begin + 13))
    status = np.where(good, digits @ np.array([100, 10, 1], np.int16), 0).astype(np.uint16)
    bare = end == stop
    bodiless = (status == 204) | (status == 304)
    to_head = good & bare
    to_others = good & np.where(bodiless, bare, end - stop == declared)
    kind = np.where(to_head, TELLS_HEAD, 0) | np.where(to_others, TELLS, 0)
    return Kinds(kind.astype(np.uint8), status)
