"""Watches the batches that the engine reads, beside it and in the same pass, for what TCP says about speed.

Strategy: group a batch's rows by connection (one stable sort), cut a group where a SYN begins a new connection, and
hand each stretch to ``account``, which works on columns. Python works per connection and batch, and per rare row;
numpy does the rest. Streams are numbered as the tcp floor (and Wireshark) numbers them: by their first packet.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice, pairwise
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from analyzer.model.packets import ACK, SYN, PacketBatch
from analyzer.model.transfers import LinkFacts
from analyzer.transfers.account import account
from analyzer.transfers.links import Link

__all__ = ["Observer", "Rows"]

I8 = npt.NDArray[np.int64]

#: Connections watched at a time, and how many fewer are left when the oldest had to be let go.
MAX_LINKS, LET_GO = 10_000, 2_000
#: Ends of those that were let go, whose numbers are remembered; beyond it the oldest go.
MAX_NUMBERS = 65_536
#: Facts kept of connections that were let go.
MAX_FACTS = 10_000
#: A connection that carried less and came to no harm is forgotten.
_LITTLE = 64 << 10

_M1, _M2 = np.uint64(0x9E3779B97F4A7C15), np.uint64(0xC2B2AE3D27D4EB4F)


class Rows(NamedTuple):
    """Segments of one connection in capture order."""

    side: npt.NDArray[np.int8]
    time: I8
    seq: npt.NDArray[np.uint32]
    ack: npt.NDArray[np.uint32]
    flags: npt.NDArray[np.uint8]
    window: I8
    length: I8
    frame: I8
    scale: npt.NDArray[np.int8]  #: window scale option of a SYN, -1 where there is none

    def part(self, low: int, high: int) -> Rows:
        """Rows ``low`` to ``high``."""
        cut = slice(low, high)
        return Rows(
            self.side[cut], self.time[cut], self.seq[cut], self.ack[cut], self.flags[cut], self.window[cut],
            self.length[cut], self.frame[cut], self.scale[cut],
        )  # fmt: skip


class Observer:
    """Facts by stream number; ``see`` every batch once, before or after the engine does."""

    def __init__(self) -> None:
        self._current: dict[tuple[int, int], Link] = {}
        self._links: dict[int, Link] = {}
        self._facts: dict[int, tuple[tuple[int, int], LinkFacts]] = {}
        self._numbers: dict[tuple[int, int], int] = {}
        self._new: list[tuple[int, Link]] = []
        self.streams = 0
        self.forgotten = 0  #: connections of which something was to be said and could not be kept

    def see(self, batch: PacketBatch) -> None:
        """Count a batch; one with more connections than are watched at a time (scans, floods) part by part."""
        if not len(batch):
            return
        near = batch.src.astype(np.uint64) << np.uint64(16) | (batch.ports >> np.uint32(16)).astype(np.uint64)
        far = batch.dst.astype(np.uint64) << np.uint64(16) | (batch.ports & np.uint32(0xFFFF)).astype(np.uint64)
        low, high = np.minimum(near, far), np.maximum(near, far)
        order = np.argsort((low * _M1) ^ (high * _M2), kind="stable")
        low, high = low[order], high[order]
        rows = Rows(
            (near[order] > low).astype(np.int8), batch.time[order], batch.seq[order], batch.ack[order],
            batch.flags[order], batch.window[order].astype(np.int64), batch.length[order], batch.frame[order],
            _scales(batch)[order],
        )  # fmt: skip
        cuts = np.flatnonzero((low[1:] != low[:-1]) | (high[1:] != high[:-1])) + 1
        if len(cuts) >= MAX_LINKS and len(batch) > 1:
            middle = len(batch) // 2
            self.see(batch.part(0, middle))
            self.see(batch.part(middle, len(batch)))
            return
        edges = [0, *cuts.tolist(), len(order)]
        for start, stop in pairwise(edges):
            key = (int(low[start]), int(high[start]))
            self._stretch(key, rows.part(start, stop), order[start:stop])
        for _, link in sorted(self._new, key=lambda new: new[0]):
            if link.stream < 0:
                link.stream, self.streams = self.streams, self.streams + 1
            self._links[link.stream] = link
        self._new.clear()
        if len(self._links) > MAX_LINKS:
            self._let_go()

    def link(self, stream: int) -> Link | None:
        """What is known of a connection so far; None where it was let go."""
        return self._links.get(stream)

    def facts(self) -> Iterator[tuple[tuple[int, int], LinkFacts]]:
        """All connections of which there is something to say, by number: their ends, and what was seen of them."""
        found = self._facts | {number: (link.ends, link.facts()) for number, link in self._links.items()}
        for number in sorted(found):
            yield found[number]

    def _stretch(self, key: tuple[int, int], rows: Rows, places: I8) -> None:
        """Rows of one pair of ends: one connection after the other, cut before each SYN, which changes the rules."""
        start = 0
        for at in [*np.flatnonzero(rows.flags & SYN).tolist(), len(rows.time)]:
            if at > start:
                account(self._at(key, rows, start, places), rows.part(start, at))
                start = at
            link = self._current.get(key)
            if at < len(rows.time) and link is not None and _begins(link, rows, at):
                self._open(key, rows, at, places, fresh=True)

    def _at(self, key: tuple[int, int], rows: Rows, row: int, places: I8) -> Link:
        return self._current.get(key) or self._open(key, rows, row, places)

    def _open(self, key: tuple[int, int], rows: Rows, row: int, places: I8, fresh: bool = False) -> Link:
        link = Link(key, int(rows.frame[row]), int(rows.time[row]))
        if not fresh:
            link.stream = self._numbers.get(key, -1)
        self._current[key] = link
        self._new.append((int(places[row]), link))
        return link

    def _let_go(self) -> None:
        """The longest silent connections are reduced to their facts, where those say anything."""
        oldest = sorted(self._links.values(), key=lambda link: (link.last_time, link.stream))
        for link in oldest[: len(oldest) - (MAX_LINKS - LET_GO)]:
            del self._links[link.stream]
            if self._current.get(link.ends) is link:
                del self._current[link.ends]
                self._numbers[link.ends] = link.stream
            if not _is_harmless(link):
                if len(self._facts) < MAX_FACTS:
                    self._facts[link.stream] = (link.ends, link.facts())
                else:
                    self.forgotten += 1
        for ends in list(islice(self._numbers, max(0, len(self._numbers) - MAX_NUMBERS))):
            del self._numbers[ends]


def _begins(link: Link, rows: Rows, row: int) -> bool:
    """Wireshark's rule: another initial sequence number, or the conversation had ended."""
    if rows.flags[row] & ACK:
        return False
    zero = link.halves[int(rows.side[row])].zero
    return zero is not None and (zero != int(rows.seq[row]) or link.ended)


def _is_harmless(link: Link) -> bool:
    little = sum(half.new for half in link.halves) < _LITTLE
    again = sum(half.again for half in link.halves)
    unanswered = link.syn_time is not None and link.syn_ack_time is None
    return little and not again and link.reset is None and not unanswered


def _scales(batch: PacketBatch) -> npt.NDArray[np.int8]:
    out = np.full(len(batch), -1, np.int8)
    for row in np.flatnonzero(batch.flags & SYN).tolist():
        scale = window_scale(batch, row)
        out[row] = -1 if scale is None else scale
    return out


def window_scale(batch: PacketBatch, row: int) -> int | None:
    """The window scale option of a SYN (RFC 7323, section 2.2); None where it has none or was not captured.

    The columns end at the payload, so the header is found by walking back from there: a header of that length must
    begin with these ports and this sequence number, and say so itself.
    """
    end = int(batch.offset[row])
    begin = int(batch.ports[row]).to_bytes(4, "big") + int(batch.seq[row]).to_bytes(4, "big")
    for length in range(24, 64, 4):
        start = end - length
        if (
            start >= 0
            and bytes(batch.buffer[start : start + 8]) == begin
            and batch.buffer[start + 12] >> 4 == length // 4
        ):
            return _scale_of(bytes(batch.buffer[start + 20 : end]))
    return None


def _scale_of(options: bytes) -> int | None:
    at = 0
    while at < len(options) and options[at] != 0:
        if options[at] == 1:
            at += 1
            continue
        length = options[at + 1] if at + 1 < len(options) else 0
        if length < 2 or at + length > len(options):
            return None
        if options[at] == 3 and length == 3:
            return min(options[at + 2], 14)
        at += length
    return None
