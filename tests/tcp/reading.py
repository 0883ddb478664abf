"""Segments to readable lines: what the tables of this folder compare.

How events are cut (one ``Data`` or two, one ``Overlap`` or two) depends on the batches and means nothing; here
adjacent ones are joined.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from analyzer.model.streams import Closed, Data, Direction, Gap, Opened, Overlap, StreamEvent
from analyzer.tcp import events
from tests.support.batches import Segment, Tuples

__all__ = ["lines", "streams", "told"]

Way = tuple[int, str]  #: stream, ``C`` (from the client) or ``S``
Pieces = list[tuple[int, bytes | int]]  #: (offset, data or the length of a gap)


def _way(event: Data | Gap | Overlap | Closed) -> Way:
    return event.stream, "C" if event.direction is Direction.CLIENT_TO_SERVER else "S"


def _append(pieces: Pieces, offset: int, what: bytes | int) -> None:
    before = pieces[-1][1] if pieces else None
    if isinstance(before, bytes) and isinstance(what, bytes):
        offset, what = pieces.pop()[0], before + what
    if isinstance(before, int) and isinstance(what, int):
        offset, what = pieces.pop()[0], before + what
    pieces.append((offset, what))


def lines(segments: Sequence[Segment], size: int | None = None, again: bool = True) -> list[str]:
    """Streams as lines, ``STREAM DIRECTION WHAT``: conflicting overlaps, then data and gaps, then the end.

    ``+3 gap 5``: five bytes missing at offset 3; ``cut``: some of them by the snap length.
    """
    seen = list(events(Tuples(segments, size, again)))
    found = _streams(seen)
    ends: dict[Way, list[str]] = {}
    overlaps: dict[Way, list[Overlap]] = {}
    cuts: set[tuple[Way, int]] = set()
    for event in seen:
        match event:
            case Closed():
                ends.setdefault(_way(event), []).append(event.how)
            case Overlap():
                overlaps.setdefault(_way(event), []).append(event)
            case Gap() if event.snapped:
                cuts.add((_way(event), event.offset))
    out = []
    for way in sorted(ends):
        said = _conflicts(overlaps.get(way, []))
        for offset, what in found.get(way, []):
            if isinstance(what, bytes):
                said.append(f"+{offset} {what.decode('latin-1')}")
            else:
                cut = any(w == way and offset <= at < offset + what for w, at in cuts)
                said.append(f"+{offset} gap {what}{' cut' if cut else ''}")
        out += [f"{way[0]} {way[1]} {line}" for line in said + ends[way]]
    return out


def told(
    segments: Sequence[Segment], size: int | None = None, again: bool = True
) -> dict[Way, list[tuple[object, ...]]]:
    """Everything that is said of each direction, in its order, whatever the cuts: bytes with their frames, times and
    acknowledgements, every gap, the end with its frame."""
    found: dict[Way, list[tuple[object, ...]]] = {}
    for event in events(Tuples(segments, size, again)):
        if isinstance(event, Opened | Overlap):
            continue
        said = found.setdefault(_way(event), [])
        if isinstance(event, Data):
            bounds = [offset for offset, _ in event.frames] + [event.offset + len(event.data)]
            acks = event.acks or (None,) * len(event.frames)
            for (offset, frame), time, ack, stop in zip(event.frames, event.times, acks, bounds[1:], strict=True):
                data = event.data[offset - event.offset : stop - event.offset]
                if said and said[-1][3:] == (frame, time, ack):  # one segment, cut
                    offset, data = said[-1][1], said.pop()[2] + data  # type: ignore[operator, assignment]
                said.append(("data", offset, data, frame, time, ack))
        elif isinstance(event, Gap):
            said.append(("gap", event.offset, event.length, event.after_frame, event.snapped))
        else:
            said.append((event.how, event.frame))
    return found


def _conflicts(overlaps: list[Overlap]) -> list[str]:
    joined: list[tuple[int, int, bytes, bytes]] = []
    for event in sorted(overlaps, key=lambda o: (o.frame, o.offset)):
        if joined and joined[-1][0] == event.frame and joined[-1][1] + len(joined[-1][2]) == event.offset:
            frame, offset, kept, dropped = joined.pop()
            joined.append((frame, offset, kept + event.kept, dropped + event.dropped))
        else:
            joined.append((event.frame, event.offset, event.kept, event.dropped))
    return [f"+{offset} kept {k.decode()} not {d.decode()} of frame {frame}" for frame, offset, k, d in joined]


def streams(segments: Sequence[Segment], size: int | None = None, again: bool = True) -> dict[Way, Pieces]:
    """Per stream and direction what came out. Checks that the offsets have neither holes nor steps back, that every
    direction ends once, and that each byte's frame is one that can have carried it."""
    seen = list(events(Tuples(segments, size, again)))
    for event in seen:
        if isinstance(event, Data):
            _check_frames(event, segments)
    return _streams(seen)


def _streams(seen: Sequence[StreamEvent]) -> dict[Way, Pieces]:
    found: dict[Way, Pieces] = {}
    reached: dict[Way, int] = {}
    opened: Counter[int] = Counter()  #: one may go on with the number of another, where its SYN was not captured
    closed: Counter[Way] = Counter()
    for event in seen:
        if isinstance(event, Opened):
            opened[event.connection.stream] += 1
            continue
        assert event.stream in opened
        way = _way(event)
        if isinstance(event, Closed):
            closed[way] += 1
            reached.pop(way, None)
        elif not isinstance(event, Overlap):
            assert closed[way] < opened[event.stream]
            assert event.offset == reached.get(way, 0) or (way not in reached and event.offset == 1)  # behind a probe
            what: bytes | int = event.data if isinstance(event, Data) else event.length
            length = len(what) if isinstance(what, bytes) else what
            assert length > 0
            reached[way] = event.offset + length
            _append(found.setdefault(way, []), event.offset, what)
    assert closed == {(stream, way): number for stream, number in opened.items() for way in "CS"}
    return found


def _check_frames(event: Data, segments: Sequence[Segment]) -> None:
    bounds = [offset for offset, _ in event.frames] + [event.offset + len(event.data)]
    assert bounds[0] == event.offset
    assert bounds == sorted(set(bounds))
    for (offset, frame), stop in zip(event.frames, bounds[1:], strict=True):
        assert event.data[offset - event.offset : stop - event.offset] in segments[frame - 1].payload
