"""Walks through the chunked coding (RFC 9112, section 7.1) without touching the chunks' bytes.

Strategy: a reader that is told how many bytes there are and may look at some of them. It looks at size lines, at the
two bytes behind a chunk and at trailers; the chunks themselves it steps over and reports as extents. What it could
not finish it keeps as at most one partial line, so any cut of the input gives the same extents.
"""

from __future__ import annotations

import re
from typing import Protocol

from analyzer.http.head import read_headers
from analyzer.model.http import Header

__all__ = ["ChunkedReader", "Readable"]

#: ``chunk = chunk-size [ chunk-ext ] CRLF``; blanks behind the size are sent by old servers.
_SIZE = re.compile(rb"[ \t]*([0-9A-Fa-f]{1,16})[ \t]*(?:;[^\n]*)?\r?\n\Z")
_MAX_LINE = 8 * 1024
_MAX_TRAILERS = 64 * 1024
_LOOK = 512  #: bytes looked at in one go for a line end


class Readable(Protocol):
    """A stretch of a stream: bytes ``[start, end)`` can be looked at."""

    @property
    def start(self) -> int: ...

    @property
    def end(self) -> int: ...

    def read(self, start: int, end: int) -> bytes:
        """The bytes ``[start, end)``, stream offsets."""
        ...


class ChunkedReader:
    """State of one chunked body. ``done``: the last line of the trailers is read. ``broken``: this is not chunked
    coding (any more); ``at`` then tells where it went wrong."""

    __slots__ = ("_line", "_trailer", "broken", "done", "left", "length", "state")

    def __init__(self) -> None:
        self.state = "size"  #: ``size``, ``data``, ``end`` (CRLF behind a chunk), ``trailers``
        self.left = 0  #: bytes of the chunk still to come
        self.length = 0  #: body bytes stepped over
        self.done = False
        self.broken = False
        self._line = b""
        self._trailer = b""

    @property
    def trailers(self) -> tuple[Header, ...]:
        """Trailer fields; their offsets count in the trailer section."""
        return tuple(read_headers(self._trailer, 0))

    def advance(self, stretch: Readable, at: int, extents: list[tuple[int, int]]) -> int:
        """Step through ``[at, stretch.end)``; body extents are added to ``extents`` (stream offsets).

        Returns the offset behind the last byte taken: the stretch's end, or earlier when done or broken.
        """
        end = stretch.end
        while at < end and not (self.done or self.broken):
            at = self._step_over(at, end, extents) if self.state == "data" else self._step_line(stretch, at)
        return at

    def skip(self, length: int) -> bool:
        """Step over bytes that the capture lacks; False when they are more than the rest of the chunk."""
        if self.state != "data" or length > self.left:
            return False
        self.left -= length
        self.length += length
        if self.left == 0:
            self.state = "end"
        return True

    def _step_over(self, at: int, end: int, extents: list[tuple[int, int]]) -> int:
        take = min(self.left, end - at)
        if extents and extents[-1][1] == at:
            extents[-1] = (extents[-1][0], at + take)
        else:
            extents.append((at, at + take))
        self.left -= take
        self.length += take
        if self.left == 0:
            self.state = "end"
        return at + take

    def _step_line(self, stretch: Readable, at: int) -> int:
        """Take bytes up to and including the next line feed, or all there are."""
        stop = min(stretch.end, at + _LOOK)
        piece = stretch.read(at, stop)
        found = piece.find(b"\n")
        taken = piece if found < 0 else piece[: found + 1]
        self._line += taken
        if found >= 0:
            line, self._line = self._line, b""
            self._take_line(line)
        elif len(self._line) > _MAX_LINE:
            self.broken = True
        return at + len(taken)

    def _take_line(self, line: bytes) -> None:
        if self.state == "size":
            self._take_size(line)
        elif self.state == "end":
            self.state = "size"
            self.broken = line not in (b"\r\n", b"\n")
        else:
            self._trailer += line
            self.done = line in (b"\r\n", b"\n")
            self.broken = len(self._trailer) > _MAX_TRAILERS

    def _take_size(self, line: bytes) -> None:
        found = _SIZE.match(line)
        if found is None:
            self.broken = True
            return
        self.left = int(found[1], 16)
        self.state = "data" if self.left else "trailers"
