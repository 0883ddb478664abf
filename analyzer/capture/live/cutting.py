"""A growing capture stream cut at whole records, so that files can be rotated and streams joined between any two.

The readers of the formats do the work: what a reader took is whole, and where its packets' data stand tells where
their records begin. A pcap file header, and the blocks of a pcapng section before its first packet, are kept apart as
the *header*: with it in front, records from anywhere in the stream are a capture file of their own.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from analyzer.capture import pcap, pcapng
from analyzer.capture.decode import Packets
from analyzer.capture.inputs import reader_of
from analyzer.capture.reading import Reader
from analyzer.capture.records import SLACK
from analyzer.model.errors import CannotRead
from analyzer.model.notes import note

__all__ = ["Cutter", "Header", "Records"]

_BLOCK_HEAD = 28  #: bytes of an enhanced packet block before the packet (draft-ietf-opsawg-pcapng, section 4.3)
_SIMPLE_HEAD = 12  #: of a simple packet block
#: Types of the blocks that have the former, enhanced and obsolete packet blocks, in either byte order.
_WITH_LONG_HEAD = np.array([6, 2, 6 << 24, 2 << 24], np.uint32)
_FIRST = 24  #: bytes that tell the format


@dataclass(frozen=True, slots=True)
class Header:
    """A capture, or a section of one, begins; ``more`` belongs to the header that began before."""

    data: bytes
    more: bool = False


@dataclass(frozen=True, slots=True)
class Records:
    """Whole records. ``starts[i]`` is where packet ``i``'s record begins in ``data``; what stands before the first
    packet or between packets are records without one."""

    data: bytes
    starts: npt.NDArray[np.int64]
    packets: Packets  #: their columns; data offsets count from the beginning of ``data``

    def __len__(self) -> int:
        return len(self.starts)

    def head(self, count: int) -> Records:
        """The first ``count`` packets and what stands before and between them."""
        if count >= len(self):
            return self
        return Records(self.data[: int(self.starts[count])], self.starts[:count], self.packets.part(0, count))

    def tail(self, count: int) -> Records:
        """All but the first ``count`` packets."""
        if count <= 0:
            return self
        at = int(self.starts[count]) if count < len(self) else len(self.data)
        part = self.packets.part(count, len(self))
        moved = Packets(part.frame, part.time, part.data - at, part.captured, part.wire, part.link)
        return Records(self.data[at:], self.starts[count:] - at, moved)


class Cutter:
    """One stream. Raises ``CannotRead`` where it is no capture, or damaged."""

    def __init__(self) -> None:
        self.format: str | None = None
        self._reader: Reader | None = None
        self._left = b""
        self._position = 0  #: of ``_left`` in the stream
        self._opening = True  #: no packet of this section was met yet
        self._started = False
        self._record_head = 16  #: bytes of a pcap record's header

    @property
    def links(self) -> tuple[int, ...]:
        """Link types of the interfaces met so far."""
        return self._reader.link_types if self._reader is not None else ()

    @property
    def waiting(self) -> bytes:
        """Bytes that are no whole record yet."""
        return self._left

    def cut(self, data: bytes) -> Iterator[Header | Records]:
        """What is whole now that ``data`` has come."""
        whole = self._left + data
        if self._reader is None:
            if len(whole) < _FIRST:
                self._left = whole
                return
            self._reader = reader_of(whole[:_FIRST])
            if self._reader is None:
                raise CannotRead(note("live.not-a-capture", magic=whole[:4].hex(" ")))
            self.format = self._reader.format
            if self.format == "pcap":
                self._record_head = pcap.MAGICS[whole[:4]][2]
        buf = bytearray(whole) + bytes(SLACK)
        at, end, again = 0, len(whole), True
        while again:
            taken = self._reader.take(buf, at, end, self._position)
            if taken.stop > at:
                yield from self._told(whole, at, taken.stop, taken.packets)
            again, at = taken.again, taken.stop
            if taken.fault is not None:
                raise CannotRead(taken.fault)
        self._left = whole[at:]
        self._position += at

    def _told(self, whole: bytes, start: int, stop: int, packets: Packets | None) -> Iterator[Header | Records]:
        if self.format == "pcap":
            if not self._started:
                self._started = True
                yield Header(whole[start : start + _FIRST])
                start += _FIRST
        elif whole[start : start + 4] == pcapng.MAGIC:
            self._opening = True
            yield Header(whole[start:stop])
            return
        if packets is None or not len(packets):
            if stop > start:
                yield Header(whole[start:stop], more=True) if self._opening else _without(whole[start:stop])
            return
        starts = self._record_starts(whole, packets)
        if self.format == "pcapng" and self._opening and int(starts[0]) > start:
            yield Header(whole[start : int(starts[0])], more=True)
            start = int(starts[0])
        self._opening = False
        moved = Packets(packets.frame, packets.time, packets.data - start, packets.captured, packets.wire, packets.link)
        yield Records(whole[start:stop], starts - start, moved)

    def _record_starts(self, whole: bytes, packets: Packets) -> npt.NDArray[np.int64]:
        if self.format == "pcap":
            return packets.data - self._record_head
        heads = np.ndarray((len(whole) - 3,), "<u4", whole, 0, (1,))[packets.data - _BLOCK_HEAD]
        return packets.data - np.where(np.isin(heads, _WITH_LONG_HEAD), _BLOCK_HEAD, _SIMPLE_HEAD)


def _without(data: bytes) -> Records:
    """Records that are no packets: statistics, names."""
    none = np.zeros(0, np.int64)
    return Records(data, none, Packets(none, none, none, none, none, 1))
