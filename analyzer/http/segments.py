"""Which segments carried a message, in order of capture: new bytes, bytes that came again, bytes that came late, holes.

Only for exchanges that are going to be reported. New bytes and holes come from the slices that the message is made of,
whose rows know their frames; what came again was written down by tcp, in offsets of the connection. Inside TLS those
offsets mean nothing: there a frame that came again repeats what its first sighting had carried.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import islice

from analyzer.http.draft import Draft, Slice
from analyzer.model.streams import Segment, SegmentKind
from analyzer.tcp.repeats import MAX_AGAIN, Again, Repeats

__all__ = ["MAX_SEGMENTS", "segments_of"]

#: Segments with new bytes that are listed of one message, the first ones; of repetitions the last ``MAX_AGAIN``.
MAX_SEGMENTS = 512


def segments_of(draft: Draft, again: Repeats, last: int, sealed: bool) -> tuple[Segment, ...]:
    """Segments of the message up to the frame ``last``. ``again``: of its direction; ``sealed``: inside TLS."""
    slices = [*draft.head, *(draft.coding or draft.body)]
    if slices and not again and not draft.gap:
        piece, start, _ = slices[0]
        row, (last_piece, _, end) = piece.row(start), slices[-1]
        if last_piece is piece and end == draft.end and piece.row(end - 1) == row:  # as most messages are
            return (Segment(int(piece.rows.frame[row]), int(piece.rows.time[row]), 0, end - start),)
    new = list(_merged(islice(_new(slices, draft.start), MAX_SEGMENTS)))
    seen = [one for one in again if one.frame <= last][-MAX_AGAIN:]
    repeated = _repeated_frames(seen, new) if sealed else _repeated_bytes(seen, draft)
    carried = [*_late(new), *repeated]
    carried.sort(key=lambda segment: (segment.frame or 0, segment.offset))
    return tuple(_with_holes(carried, list(islice(_holes(slices, draft), MAX_AGAIN))))


def _new(slices: Iterable[Slice], origin: int) -> Iterator[Segment]:
    for piece, start, end in slices:
        if end > start:
            for a, b, frame in piece.frames(start, end):
                yield Segment(frame, piece.time(a), a - origin, b - a)


def _merged(segments: Iterable[Segment]) -> Iterator[Segment]:
    """Neighbours of one frame are one segment: head and body, chunks."""
    before: Segment | None = None
    for segment in segments:
        if before is not None and (before.frame, before.end) == (segment.frame, segment.offset):
            before = replace(before, length=before.length + segment.length)
            continue
        if before is not None:
            yield before
        before = segment
    if before is not None:
        yield before


def _late(new: Iterable[Segment]) -> Iterator[Segment]:
    """In order of capture, those that came after bytes that follow them marked."""
    reach = 0
    for segment in sorted(new, key=lambda one: (one.frame or 0, one.offset)):
        late = segment.offset < reach
        yield replace(segment, kind=SegmentKind.OUT_OF_ORDER) if late else segment
        reach = max(reach, segment.end)


def _repeated_bytes(again: Iterable[Again], draft: Draft) -> Iterator[Segment]:
    for one in again:
        start, end = max(one.start, draft.start), min(one.end, draft.end)
        if start < end:
            yield Segment(one.frame, one.time, start - draft.start, end - start, SegmentKind.RETRANSMITTED)


def _repeated_frames(again: Iterable[Again], new: Iterable[Segment]) -> Iterator[Segment]:
    carried = {segment.frame: segment for segment in new}
    for one in again:
        first = carried.get(one.first) if one.first is not None else None
        if first is not None:
            yield replace(first, frame=one.frame, time=one.time, kind=SegmentKind.RETRANSMITTED)


def _holes(slices: Iterable[Slice], draft: Draft) -> Iterator[Segment]:
    """What no slice holds of the message."""
    at = draft.start
    for _, start, end in slices:
        if start > at:
            yield Segment(None, 0, at - draft.start, start - at, SegmentKind.LOST)
        at = max(at, end)
    if draft.gap and at < draft.end:
        yield Segment(None, 0, at - draft.start, draft.end - at, SegmentKind.LOST)


def _with_holes(carried: Sequence[Segment], holes: list[Segment]) -> Iterator[Segment]:
    """Each hole behind the segment that ends where it begins."""
    for segment in carried:
        yield segment
        for hole in [one for one in holes if one.offset <= segment.end and segment.kind is not _REPEATED]:
            holes.remove(hole)
            yield replace(hole, time=segment.time)
    yield from holes


_REPEATED = SegmentKind.RETRANSMITTED
