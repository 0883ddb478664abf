"""Several capture streams joined into one pcapng stream, in the order in which their packets arrive.

Each stream is an interface of the section. A packet keeps its time, its bytes and its length on the wire; only the
header of its record is made anew. With a single stream nothing is joined and its bytes pass untouched.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator

import numpy as np

from analyzer.capture.decode import Packets
from analyzer.capture.live.cutting import Header, Records

__all__ = ["Merger", "interface_block", "section_block"]

_EPB = struct.Struct("<IIIIIII")
_NANOS = struct.pack("<HHB3xHH", 9, 1, 9, 0, 0)  #: option if_tsresol: nanoseconds
_SNAPLEN = 262144


def section_block() -> bytes:
    """A section of unknown length, little-endian (draft-ietf-opsawg-pcapng, section 4.1)."""
    return struct.pack("<IIIHHqI", 0x0A0D0D0A, 28, 0x1A2B3C4D, 1, 0, -1, 28)


def interface_block(link: int, name: str) -> bytes:
    """One interface with its name, times in nanoseconds (section 4.2)."""
    raw = name.encode("utf-8", "surrogateescape")[:1024]
    options = struct.pack("<HH", 2, len(raw)) + raw + bytes(-len(raw) % 4) + _NANOS
    size = 20 + len(options)
    return struct.pack("<IIHHI", 1, size, link, 0, _SNAPLEN) + options + struct.pack("<I", size)


class Merger:
    """One section for all streams."""

    def __init__(self) -> None:
        self._begun = False
        self._numbers: dict[tuple[str, int], int] = {}  #: interface name and link type → number in the section

    def interface(self, name: str, link: int) -> Iterator[Header]:
        """A stream's header has come; one that came before gives nothing new."""
        if not self._begun:
            self._begun = True
            yield Header(section_block())
        if (name, link) not in self._numbers:
            self._numbers[name, link] = len(self._numbers)
            yield Header(interface_block(link, name), more=True)

    def records(self, name: str, given: Records) -> Records | None:
        """The packets of one stream as blocks of the section; what is no packet is left out."""
        if not len(given):
            return None
        packets, data, at = given.packets, given.data, 0
        parts: list[bytes] = []
        starts: list[int] = []
        links = [packets.link] * len(given) if isinstance(packets.link, int) else packets.link.tolist()
        columns = (packets.time, packets.data, packets.captured, packets.wire)
        for time, place, captured, wire, link in zip(*(c.tolist() for c in columns), links, strict=True):
            size = 32 + (captured + 3 & ~3)
            number = self._numbers[name, link]
            parts += (
                _EPB.pack(6, size, number, time >> 32, time & 0xFFFFFFFF, captured, wire),
                data[place : place + captured],
                bytes(-captured % 4),
                size.to_bytes(4, "little"),
            )
            starts.append(at)
            at += size
        moved = np.array(starts, np.int64)
        columns_of_new = (packets.frame, packets.time, moved + _EPB.size, packets.captured, packets.wire, packets.link)
        return Records(b"".join(parts), moved, Packets(*columns_of_new))
