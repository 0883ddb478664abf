"""When exchanges began, in bounded memory: of every connection while it lasts, of some for good, of all together.

A few times are kept as they are. Of many, only their number in slots of equal width is: slots begin at whole multiples
of their width, so two neighbours become one when more room is needed, and the result depends on the times alone, not on
the order in which they were told. What is remembered of the connections that are kept is taken from the whole, and the
rest is what all other connections did.
"""

from __future__ import annotations

from array import array
from collections import Counter
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from analyzer.model.report import Activity
from analyzer.model.streams import Connection, Endpoint

__all__ = ["Activities", "Moments"]

I8 = npt.NDArray[np.int64]

#: As many times are kept as they are, and beyond that, as many slots there are at most.
FEW, SLOTS = 64, 256
#: Connections that are kept apart, those with the lowest numbers.
KEPT = 1024
#: Width of the narrowest slots: 2**20 ns, about a millisecond.
_FINEST = 20
#: Times that wait to be put into slots: of one connection, of all.
_ROOM, _ROOM_OF_ALL = 128, 4096


class Moments:
    """Times (nanoseconds) in a bounded number of places."""

    __slots__ = ("_base", "_first", "_last", "_raw", "_room", "_shift", "_slots")

    def __init__(self, room: int = _ROOM) -> None:
        self._room = room
        self._raw = array("q")  #: not yet in slots
        self._slots: npt.NDArray[np.uint32] | None = None  #: the first of them has the number ``_base``
        self._shift, self._base = _FINEST, 0
        self._first = self._last = 0

    def add(self, time: int) -> None:
        """Something began."""
        self._raw.append(time)
        if len(self._raw) >= self._room:
            self._pack()

    def add_all(self, times: I8) -> None:
        """Several things began."""
        self._raw.frombytes(times.tobytes())
        if len(self._raw) >= self._room:
            self._pack()

    def __len__(self) -> int:
        """How many there were."""
        return len(self._raw) + (0 if self._slots is None else int(self._slots.sum()))

    def counts(self) -> tuple[int, Counter[int]]:
        """(binary digits that were dropped from each time, what is left of it → how often); no digits of a few."""
        if self._slots is None and len(self._raw) <= FEW:
            return 0, Counter(self._raw)
        if self._raw:
            self._pack()
        assert self._slots is not None
        used = np.flatnonzero(self._slots)
        return self._shift, Counter(dict(zip((used + self._base).tolist(), self._slots[used].tolist(), strict=True)))

    def placed(self, shift: int, counts: Counter[int]) -> tuple[tuple[int, int], ...]:
        """Counts as (time, number): the middle of a slot, but no time at which nothing was yet or any more."""
        if not shift:
            return tuple(sorted(counts.items()))
        half = 1 << shift - 1
        middles = ((min(max((slot << shift) + half, self._first), self._last), n) for slot, n in counts.items())
        return tuple(sorted(middles))

    def _pack(self) -> None:
        times = np.frombuffer(self._raw, np.int64)
        low, high = int(times.min()), int(times.max())
        old, shift, base = self._slots, self._shift, self._base
        if old is not None:
            low, high = min(low, self._first), max(high, self._last)
        self._first, self._last = low, high
        while (high >> self._shift) - (low >> self._shift) >= SLOTS:
            self._shift += 1
        self._base = low >> self._shift
        slots = np.bincount((times >> self._shift) - self._base, minlength=(high >> self._shift) - self._base + 1)
        if old is not None:
            np.add.at(slots, ((np.arange(len(old)) + base) >> self._shift - shift) - self._base, old)
        self._slots = slots.astype(np.uint32)
        self._raw = array("q")


class Activities:
    """The exchanges of a run by connection."""

    def __init__(self) -> None:
        self.connections = 0  #: that had an exchange
        self._all = Moments(_ROOM_OF_ALL)
        self._highest = -1  #: number of a connection that is kept
        self._kept: dict[int, tuple[tuple[Endpoint, Endpoint], Moments]] = {}

    def new(self) -> Moments:
        """For a connection whose first exchange was found."""
        self.connections += 1
        return Moments()

    def add_lone(self, time: int) -> None:
        """The only exchange of a connection that is not kept began."""
        self.connections += 1
        self._all.add(time)

    def keep(self, connection: Connection, moments: Moments) -> None:
        """This connection is kept apart, as long as not too many with lower numbers are. (Under the number of one that
        was forgotten, the first stays.)"""
        number, kept = connection.stream, self._kept
        if number in kept or (len(kept) >= KEPT and number > self._highest):
            return
        kept[number] = (connection.client, connection.server), moments
        if len(kept) > KEPT:
            del kept[self._highest]
        self._highest = max(kept) if len(kept) >= KEPT else max(number, self._highest)

    def add(self, moments: Moments, time: int) -> None:
        """An exchange of a connection began."""
        moments.add(time)
        self._all.add(time)

    def add_all(self, moments: Moments, times: I8) -> None:
        """Several exchanges of one connection began."""
        moments.add_all(times)
        self._all.add_all(times)

    def told(self, findings: Sequence[tuple[int, int]], most: int) -> tuple[Activity, ...]:
        """Everything but the ``findings``, which are (number of the connection, time at which the exchange began).

        One entry a connection, ``most`` of them, in the order of their numbers, those with findings before others; at
        last one of all other connections together, where these had exchanges.
        """
        shift, rest = self._all.counts()
        rest.subtract(time >> shift for _, time in findings)
        refused: dict[int, list[int]] = {}
        for stream, time in findings:
            refused.setdefault(stream, []).append(time)
        ranked = sorted(self._kept, key=lambda stream: (stream not in refused, stream))
        lanes: list[Activity] = []
        for stream in sorted(ranked[:most]):
            ends, moments = self._kept[stream]
            own, counts = moments.counts()
            counts.subtract(time >> own for time in refused.get(stream, ()))
            counts = +counts
            lanes.append(Activity(ends, 1, moments.placed(own, counts)))
            for slot, number in counts.items():
                rest[(slot << own) >> shift] -= number
        rest = +rest
        if rest:
            lanes.append(Activity(None, self.connections - len(lanes), self._all.placed(shift, rest)))
        return tuple(lane for lane in lanes if lane.moments)
