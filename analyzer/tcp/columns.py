"""A batch of segments, sorted into connections and cut into runs.

Strategy: hash each row's addresses and ports to 16 bits, sort by that hash with numpy's stable radix sort, and cut
where the real key changes: what lies between two cuts is one direction of one connection in capture order (a hash
that two directions share only makes more cuts, never a mixture). Inside a direction, rows whose sequence numbers
follow each other, whose acknowledgements do not step back, without SYN, FIN, RST or missing bytes form a *run*; a pure
acknowledgement is a row of no length and belongs to the run around it. Python then works once per run, numpy once per
packet.
"""

from __future__ import annotations

from array import array
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from analyzer.model.packets import ACK, FIN, RST, SYN, PacketBatch

__all__ = ["I8", "PATIENCE", "Fetch", "Ints", "Key", "Later", "Rows", "Sorted", "sort_batch", "spread"]

I8 = npt.NDArray[np.int64]
U4 = npt.NDArray[np.uint32]
U2 = npt.NDArray[np.uint16]

#: A column as Python sees it: an index gives an ``int``, three times faster than numpy's, and ``bisect`` works on it.
Ints: TypeAlias = "memoryview[int] | array[int]"
#: (place, length) → bytes
Fetch = Callable[[int, int], bytes]
#: How the places of a batch are read when it is gone: (what reads the file, file offset of place 0).
Later = tuple[Fetch, int]
#: One direction: source address number, destination address number, source port << 16 | destination port.
Key = tuple[int, int, int]

#: Capture time after which an acknowledged hole is lost: retransmissions of what the peer already has do not come. No
#: run has a pause as long as that, nor one between its bytes.
PATIENCE = 2_000_000_000
#: A run's acknowledgements make no larger steps than this, nor back, so that the last one of a run speaks for all.
_STEP = np.uint32(1 << 24)
#: Nor do they grow by more than two to this power between the first and the last, so that 32 bits tell what each means.
_GROWN = 29

_ENDS = np.uint8(SYN | FIN | RST)
_PLAIN = np.uint8(SYN | FIN | RST | ACK)

#: Any odd multipliers do; these are the golden ratio and two of its relatives (multiplicative hashing).
_FACTORS = np.uint32(0x9E3779B1), np.uint32(0x85EBCA77), np.uint32(0xC2B2AE3D)


class Rows:
    """Segments of one direction (or of many, sorted), with a way to their bytes.

    ``cum[i]`` is the number of payload bytes before row ``i``; ``place[i]`` is where row ``i``'s payload begins for
    ``fetch(place, length)``. ``borrowed`` columns belong to a batch and go some time after it (see ``Piece``); what
    is needed longer is copied out of them.
    """

    __slots__ = ("ack", "borrowed", "cum", "fetch", "frame", "later", "place", "time")

    def __init__(
        self, cum: Ints, place: Ints, frame: Ints, time: Ints, ack: Ints, fetch: Fetch, borrowed: bool = False
    ) -> None:
        self.cum, self.place, self.frame, self.time, self.ack = cum, place, frame, time, ack
        self.fetch, self.borrowed = fetch, borrowed
        self.later: Later | None = None

    def reread(self, later: Later) -> None:
        """The batch's buffer goes: bytes are read from the file from now on."""
        file, base = later

        def fetch(place: int, length: int) -> bytes:
            return file(base + place, length)

        self.fetch, self.later = fetch, later


@dataclass(slots=True)
class Sorted:
    """A batch after sorting. Lists have one entry a run or a group; arrays one a row."""

    batch: PacketBatch
    rows: Rows
    order: I8  #: row of the batch that stands at this place
    places: Ints  #: the same, for looking up
    clock: Ints  #: the latest time that the capture had shown up to this row
    now: int  #: the same at the end of the batch
    sequence: npt.NDArray[np.uint32]  #: of the row's first payload byte (SYN counted away)
    flags: npt.NDArray[np.uint8]
    flag: Ints  #: the same, for a look at single rows
    ack: I8
    cum: I8
    run_start: list[int]
    run_end: list[int]
    run_sequence: list[int]
    run_length: list[int]
    run_captured: list[int]  #: smaller than the length where the snap length cut a one-row run
    run_flags: list[int]  #: SYN, FIN, RST of one-row runs, else 0
    groups: list[tuple[Key, int, int]]  #: (key, first run, run behind the last)
    events: list[int]  #: rows with SYN, FIN or RST
    where: dict[Key, list[tuple[int, int]]] = field(default_factory=dict)  #: see ``places_of``

    def places_of(self, key: Key) -> list[tuple[int, int]]:
        """Where the rows of a direction stand: stretches of places, in order. Few ask, so it is found out when they
        do."""
        if not self.where:
            for other, first, behind in self.groups:
                self.where.setdefault(other, []).append((self.run_start[first], self.run_end[behind - 1]))
        return self.where.get(key, [])


def spread(*columns: U4) -> U2:
    """A hash of each row of up to three columns, 16 bits, by which numpy sorts fast."""
    hashed = columns[0] * _FACTORS[0]
    for column, factor in zip(columns[1:], _FACTORS[1:], strict=False):
        hashed ^= column * factor
    return (hashed >> np.uint32(16)).astype(np.uint16)


def sort_batch(batch: PacketBatch, fetch: Fetch, before: int = 0) -> Sorted:
    """Group the rows by direction and cut them into runs. ``before``: the capture's clock when the batch begins."""
    order = np.argsort(spread(batch.src, batch.dst, batch.ports), kind="stable")
    src, dst, ports = batch.src[order], batch.dst[order], batch.ports[order]
    flags, length, captured = batch.flags[order], batch.length[order], batch.captured[order]
    ends = flags & _ENDS
    sequence = batch.seq[order] + ((flags & np.uint8(SYN)) != 0)
    # What outlives the batch is one block: small arrays of their own would leave holes in the heap.
    cum, offset, frame, time, ack = np.zeros((5, len(order) + 1), np.int64)
    np.cumsum(length, out=cum[1:])
    offset[:-1], frame[:-1] = batch.offset[order], batch.frame[order]
    told = batch.ack[order]
    time[:-1], ack[:-1] = batch.time[order], told
    clock, now = _clock(batch.time, before, order, time[:-1])

    other = (src[1:] != src[:-1]) | (dst[1:] != dst[:-1]) | (ports[1:] != ports[:-1])
    alone = ((flags & _PLAIN) != ACK) | (captured < length)
    jump = sequence[1:] != sequence[:-1] + length[:-1].astype(np.uint32)
    cut = other | jump | _leaps(told) | alone[1:] | alone[:-1]
    if len(order) and now - int(clock.min()) >= PATIENCE:
        cut |= _paused(clock, length > 0)
    starts = np.concatenate(([0], np.flatnonzero(cut) + 1))
    stops = np.append(starts[1:], len(order))
    heads = np.concatenate(([0], np.flatnonzero(other) + 1))
    firsts = np.searchsorted(starts, heads)
    keys = zip(src[heads].tolist(), dst[heads].tolist(), ports[heads].tolist(), strict=True)
    lasts = [*firsts[1:].tolist(), len(starts)]
    lengths = cum[stops] - cum[starts]
    return Sorted(
        batch=batch,
        rows=Rows(
            _view(cum), _view(offset[:-1]), _view(frame[:-1]), _view(time[:-1]), _view(ack[:-1]), fetch, borrowed=True
        ),
        order=order,
        places=_view(order),
        clock=_view(clock),
        now=now,
        sequence=sequence,
        flags=flags,
        flag=memoryview(flags),  # type: ignore[arg-type]  # see ``_view``
        ack=ack[:-1],
        cum=cum,
        run_start=starts.tolist(),
        run_end=stops.tolist(),
        run_sequence=sequence[starts].tolist(),
        run_length=lengths.tolist(),
        run_captured=np.where(alone[starts], captured[starts], lengths).tolist(),
        run_flags=ends[starts].tolist(),
        groups=list(zip(keys, firsts.tolist(), lasts, strict=True)),
        events=np.flatnonzero(ends).tolist(),
    )


def _leaps(told: npt.NDArray[np.uint32]) -> npt.NDArray[np.bool_]:
    """Between which rows the acknowledgement steps too far for one run, or all steps since a cut together do."""
    step = told[1:] - told[:-1]
    leap: npt.NDArray[np.bool_] = step >= _STEP
    grown = np.cumsum(np.where(leap, 0, step), dtype=np.int64) >> _GROWN
    if len(grown) and grown[-1]:
        leap |= np.diff(grown, prepend=0) != 0
    return leap


def _clock(time: I8, before: int, order: I8, sorted_time: I8) -> tuple[I8, int]:
    """The capture's clock, which never steps back, by sorted row and at the end."""
    if not len(time):
        return sorted_time, before
    if int(time[0]) >= before and bool((time[1:] >= time[:-1]).all()):
        return sorted_time, int(time[-1])
    clock: I8 = np.maximum.accumulate(np.maximum(time, before))
    return clock[order], int(clock[-1])


def _paused(clock: I8, carries: npt.NDArray[np.bool_]) -> npt.NDArray[np.bool_]:
    """Where a row, or a row with bytes, comes ``PATIENCE`` after the one before. (Where that is another direction's,
    it does not matter what comes out: there is a cut, or one more does no harm.)"""
    last: I8 = np.maximum.accumulate(np.where(carries, np.arange(len(clock)), 0))[:-1]
    return (clock[1:] - clock[:-1] >= PATIENCE) | (carries[1:] & (clock[1:] - clock[last] >= PATIENCE))


def _view(column: I8) -> Ints:
    return memoryview(column)  # type: ignore[arg-type]  # numpy's types say so only from Python 3.12 on
