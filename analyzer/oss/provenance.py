"""Which frames carried which bytes of a head, found by bisection.

A hostile head of 64 KiB can come in one-byte segments and hold thousands of parameters; walking all spans for every
parameter would be quadratic.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right

from analyzer.model.http import Head, Header, distinct

__all__ = ["FrameMap"]


class FrameMap:
    """Frames by byte range of ``head.raw``."""

    __slots__ = ("_ends", "_frames", "_starts")

    def __init__(self, head: Head) -> None:
        spans = sorted(head.spans, key=lambda span: (span.start, span.end))
        self._starts = [span.start for span in spans]
        highest = 0
        self._ends: list[int] = []
        for span in spans:
            highest = max(highest, span.end)  # spans may overlap after a retransmission; ends must ascend to bisect
            self._ends.append(highest)
        self._frames = [span.frame for span in spans]

    def of(self, start: int, end: int) -> tuple[int, ...]:
        """Frames of ``[start, end)``; of the byte at ``start`` for an empty range (an empty header value)."""
        stop = max(end, start + 1)
        first = bisect_right(self._ends, start)
        last = bisect_left(self._starts, stop)
        return distinct(self._frames[first:last])

    def of_header(self, header: Header) -> tuple[int, ...]:
        """Frames of a whole header line."""
        return self.of(header.line_start, header.end)
