"""The keys of one direction: which is in use, which come next, and finding out under which a record stands.

In step, a record is tried under the current key and its next number, and, since keys may change unseen, under the
first number of the keys to come. Behind a hole it is tried under every number it may have. Trials cost time, so each
byte received buys a fixed amount of it and no more.
"""

from __future__ import annotations

from dataclasses import dataclass

from analyzer.tls.detect import MAX_FRAGMENT
from analyzer.tls.openers import Opened
from analyzer.tls.records import Record
from analyzer.tls.session import Epoch

__all__ = ["Hole", "ReadKeys"]

_WINDOW = 1024  #: record numbers tried behind the expected one, at most
_SMALLEST = 22  #: bytes of the shortest protected record: header, type, tag
_TRIALS = 32 << 20  #: bytes of trial decryption a direction may spend from the start ...
_TRIALS_PER_BYTE = 4  #: ... and for each byte received
_SETUP = 8192  #: what a trial costs besides its bytes, in bytes that could be decrypted in that time


@dataclass(slots=True)
class Hole:
    """Records that are missing: from the stream offset ``start`` on, ``exact`` of them where that is known."""

    start: int
    exact: int | None
    frame: int
    snapped: bool = False


class ReadKeys:
    """The epoch in use and the ladder of those to come."""

    __slots__ = ("_budget", "_updated", "current", "ladder")

    def __init__(self) -> None:
        self.current: Epoch | None = None
        self.ladder: list[Epoch] = []
        self._budget = _TRIALS
        self._updated: tuple[Epoch, Epoch | None] | None = None  #: the epoch behind the current one, made once

    @property
    def spent(self) -> bool:
        """No further trials can be afforded."""
        return self._budget < _SETUP + MAX_FRAGMENT

    def earn(self, size: int) -> None:
        """So many bytes were received."""
        self._budget += _TRIALS_PER_BYTE * size

    def charge(self, size: int) -> None:
        """A trial of so many bytes was made elsewhere."""
        self._budget -= size + _SETUP

    def step(self) -> bool:
        """Go to the next epoch; False when the ladder ends here."""
        self.current = self.ladder.pop(0) if self.ladder else None
        return self.current is not None

    def open(self, record: Record) -> Opened | None:
        """Open the record that follows the last one."""
        current = self.current
        if current is not None:
            opened = current.opener.open(record.header, record.fragment, (current.sequence,))
            if opened is not None:
                current.sequence += 1
                return opened
        for epoch in self.ladder:
            opened = epoch.opener.open(record.header, record.fragment, (0,))
            if opened is not None:
                self._climb(epoch, 1)
                return opened
        return None

    def open_behind_hole(self, record: Record, start: int, exact: int | None, before: bytes) -> Opened | None:
        """Open a record behind a hole that began at stream offset ``start`` and took ``exact`` records, where that is
        known. ``before`` is the ciphertext before the record. Under the current key the numbers behind the hole are
        tried, under later keys (that of a KeyUpdate among them) those from the first on."""
        most = min(_WINDOW, exact if exact is not None else (record.start - start) // _SMALLEST + 1)
        cost = len(record.fragment) + _SETUP
        current = self.current
        for epoch in (current, *self.ladder, self._behind_update()):
            if epoch is None:
                continue
            first, last = epoch.sequence, epoch.sequence + most
            if epoch is current and epoch.sequence and exact is not None:
                first = last
            affordable = max(self._budget, 0) // cost
            numbers = range(first, min(last + 1, first + affordable))
            epoch.opener.chain(before)
            opened = epoch.opener.open(record.header, record.fragment, numbers)
            if opened is not None:
                self._climb(epoch, opened.sequence + 1)
                return opened
            self._budget -= len(numbers) * cost
        return None

    def _behind_update(self) -> Epoch | None:
        """The epoch that a KeyUpdate inside the hole would have begun."""
        if self.current is None:
            return None
        if self._updated is None or self._updated[0] is not self.current:
            self._updated = (self.current, self.current.updated())
        return self._updated[1]

    def _climb(self, epoch: Epoch, sequence: int) -> None:
        if epoch in self.ladder:
            del self.ladder[: self.ladder.index(epoch) + 1]
        self.current = epoch
        epoch.sequence = sequence
