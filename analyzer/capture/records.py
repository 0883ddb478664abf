"""Where the records of a capture begin: exact, at memory speed.

pcap records and pcapng blocks are both chains, ``next = here + length field + constant``, so one walker serves both.
A short stretch is walked by a plain loop. A long one is cut into lanes: for every lane one start is guessed, all lanes
are walked side by side with one gather a step, and the result is *proven*: a lane's chain must land exactly on the
start of the next lane. By induction from the first offset, which is known, every offset is then a true boundary. Where
the proof fails (an upload that contains a capture file, say) the plain loop takes over until it meets a lane's start.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

__all__ = ["SLACK", "Chain", "Form", "walk", "walk_plain"]

I8 = npt.NDArray[np.int64]
U4 = npt.NDArray[np.uint32]

#: Bytes that must be readable behind ``end`` so that gathers of whole headers never leave the buffer.
SLACK = 256

_LANE_RECORDS = 48  #: records a lane holds on average
_LANE_MIN = 1 << 15  #: stretches shorter than this are not worth lanes
_LONG_RECORD = 4096  #: from this average length on the plain loop is faster (few records, all of them far apart)
_SAMPLE = 48  #: records walked plainly to learn their average length
_STEPS = 1024  #: steps after which a lane is left to the plain loop


@dataclass(frozen=True, slots=True)
class Form:
    """How one record leads to the next."""

    order: str  #: ``<`` or ``>``
    length_at: int  #: where in the record its length stands (32 bits)
    plus: int  #: what must be added to it to get the distance to the next record
    header: int  #: bytes that must be there before the length can be believed
    least: int  #: smallest length that is no nonsense
    most: int  #: largest
    step: int  #: the length is a multiple of this
    kind_at: int = 0  #: 32-bit field that is nearly constant from record to record (time, block type)
    kind_shift: int = 0  #: low bits of it that vary


class Chain(NamedTuple):
    """What ``walk`` found between ``start`` and ``end``."""

    offsets: I8  #: of all records that are wholly there
    stop: int  #: first byte that belongs to none of them
    fault: bool  #: the record at ``stop`` has an impossible length
    need: int  #: bytes that the record at ``stop`` occupies as far as known (0: not even its header is there)


def walk_plain(buf: bytearray, start: int, end: int, form: Form, until: dict[int, int] | None = None) -> Chain:
    """The chain by a loop; stops early where it meets a key of ``until``."""
    unpack = struct.Struct(form.order + "I").unpack_from
    found: list[int] = []
    at, last = start, end - form.header
    length_at, plus, least, most, step = form.length_at, form.plus, form.least, form.most, form.step
    need, fault = 0, False
    while at <= last:
        if until is not None and at in until:
            break
        length = unpack(buf, at + length_at)[0]
        if not least <= length <= most or length % step:
            fault = True
            break
        need = length + plus
        if at + need > end:
            break
        found.append(at)
        at += need
        need = 0
    return Chain(np.array(found, np.int64), at, fault, need)


def walk(buf: bytearray, start: int, end: int, form: Form, lanes: bool = True) -> Chain:
    """All records that lie wholly in ``buf[start:end]``; ``start`` is a true boundary.

    ``buf`` must reach ``SLACK`` bytes behind ``end``. Cost: about 0.1 µs a record with lanes.
    """
    if not lanes or end - start < _LANE_MIN:
        return walk_plain(buf, start, end, form)
    average = _average(buf, start, end, form)
    if average is None:
        return walk_plain(buf, start, end, form)
    if average > _LONG_RECORD:
        return walk_plain(buf, start, end, form)
    return _walk_lanes(buf, start, end, form, max(average, 16))


def _average(buf: bytearray, start: int, end: int, form: Form) -> int | None:
    """Mean length of the first records, None where there are too few or one of them is impossible."""
    unpack = struct.Struct(form.order + "I").unpack_from
    at = start
    for _ in range(_SAMPLE):
        if at > end - form.header:
            return None
        length = unpack(buf, at + form.length_at)[0]
        if not form.least <= length <= form.most:
            return None
        at += length + form.plus
    return (at - start) // _SAMPLE


def _u4_everywhere(buf: bytearray, order: str) -> U4:
    """A view with one (overlapping, unaligned) 32-bit number for every byte position."""
    return np.ndarray((len(buf) - 3,), order + "u4", buf, 0, (1,))


def _plausible(at: I8, words: U4, end: int, form: Form, kind: int) -> npt.NDArray[np.bool_]:
    """Whether a record like the first one could begin at ``at`` and be followed by another one."""
    good = np.ones(len(at), np.bool_)
    here = at
    for _ in range(2):
        good &= here <= end - form.header
        here = np.where(good, here, 0)
        length = words[here + form.length_at].astype(np.int64)
        good &= (length >= form.least) & (length <= form.most) & (length % form.step == 0)
        good &= (words[here + form.kind_at] >> np.uint32(form.kind_shift)) == kind
        here = here + length + form.plus
    return good


def _guess(buf: bytearray, first: int, spacing: int, count: int, reach: int, end: int, form: Form) -> I8:
    """One plausible record start each within ``reach`` bytes behind ``first + i * spacing``, for as many i as have one.

    The rows of the windows begin at true distances from ``first``, so ``form.step`` keeps its meaning.
    """
    words = _u4_everywhere(buf, form.order)
    kind = int(words[first + form.kind_at]) >> form.kind_shift
    # Two bytes of the nearly constant field, compared at every position of every window; candidates are few.
    pattern = struct.pack(form.order + "I", kind << form.kind_shift)
    high = form.kind_shift > 0
    one, two = ((3, 2) if high else (0, 1)) if form.order == "<" else ((0, 1) if high else (3, 2))
    raw = np.frombuffer(buf, np.uint8)
    shape, strides = (count, reach // form.step), (spacing, form.step)
    at = first + spacing + form.kind_at
    match = np.lib.stride_tricks.as_strided(raw[at + one :], shape, strides) == pattern[one]
    match &= np.lib.stride_tricks.as_strided(raw[at + two :], shape, strides) == pattern[two]
    lane, place = np.divmod(np.flatnonzero(match), shape[1])
    candidates = first + spacing * (lane + 1) + place * form.step
    good = _plausible(candidates, words, end, form, kind)
    lane, candidates = lane[good], candidates[good]
    firsts: I8 = candidates[np.flatnonzero(np.diff(lane, prepend=-1))]
    return firsts


def _walk_lanes(buf: bytearray, start: int, end: int, form: Form, average: int) -> Chain:
    spacing = -(-average * _LANE_RECORDS // form.step) * form.step
    reach = min(spacing, 3 * average, max(1600, 3 * average // 2)) // form.step * form.step
    count = (end - start - reach) // spacing - 1
    if count < 2:
        return walk_plain(buf, start, end, form)
    starts = np.concatenate(([start], _guess(buf, start, spacing, count, reach, end, form))).astype(np.int64)
    if len(starts) == 1:
        return walk_plain(buf, start, end, form)
    steps = _side_by_side(buf, starts, end, form)
    below = steps < starts[1:]
    arrived = np.minimum(below.sum(axis=0), len(steps) - 1)
    good = steps[arrived, np.arange(len(arrived))] == starts[1:]
    if good.all():
        head = steps.T[below.T]
        tail = walk_plain(buf, int(starts[-1]), end, form)
        chain = Chain(np.concatenate((head, tail.offsets)), tail.stop, tail.fault, tail.need)
    else:
        chain = _patched(buf, end, form, starts, steps, good)
    lengths = np.diff(chain.offsets, append=chain.stop) - form.plus
    if len(lengths) and (lengths.min() < form.least or lengths.max() > form.most or (lengths % form.step).any()):
        return walk_plain(buf, start, end, form)  # lanes that met again behind an impossible record
    return chain


def _side_by_side(buf: bytearray, starts: I8, end: int, form: Form) -> npt.NDArray[np.int64]:
    """Positions of all lanes, one row a step, until every lane has reached the start of the next one.

    Lanes run on behind it, up to ``end``, until the last has arrived: cheaper than holding each of them back.
    """
    lengths = np.ndarray((len(buf) - 3 - form.length_at,), form.order + "u4", buf, form.length_at, (1,))
    stops = starts[1:]
    here = starts[:-1]
    rows = [here]
    for step in range(1, _STEPS):
        here = here + lengths[here]
        here += form.plus
        np.minimum(here, end, out=here)
        rows.append(here)
        if step % 8 == 0 and (here >= stops).all():
            break
    return np.array(rows)


def _patched(
    buf: bytearray, end: int, form: Form, starts: I8, steps: npt.NDArray[np.int64], good: npt.NDArray[np.bool_]
) -> Chain:
    """The chain where some lanes were guessed wrong: those are walked plainly until a lane's start is met."""
    index = {int(at): lane for lane, at in enumerate(starts)}
    pieces: list[I8] = []
    lane, last = 0, len(starts) - 1
    while lane < last:
        if good[lane]:
            column = steps[:, lane]
            pieces.append(column[column < starts[lane + 1]])
            lane += 1
            continue
        here = index.pop(int(starts[lane]))
        part = walk_plain(buf, int(starts[here]), end, form, index)
        pieces.append(part.offsets)
        if part.stop not in index:
            return Chain(np.concatenate(pieces), part.stop, part.fault, part.need)
        lane = index[part.stop]
    tail = walk_plain(buf, int(starts[last]), end, form)
    return Chain(np.concatenate([*pieces, tail.offsets]), tail.stop, tail.fault, tail.need)
