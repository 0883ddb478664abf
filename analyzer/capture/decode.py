"""Packets to TCP segments, columns at a time.

One gather copies the 44 bytes before and in the IP and TCP headers of every packet into aligned columns, and a few
comparisons pick the packets that are exactly ``link, IPv4 without options, TCP``. The same is done for packets with one
VLAN tag, four bytes further, and for IPv6 without extension headers, with longer rows. What is left over is first asked
whether it can lead to TCP at all (the same tables as in ``slow``), and the few that can are walked one at a time. Rows
are brought back into capture order at the end, and IPv6 addresses numbered in that order, so the outcome depends
neither on the path that a packet took nor on where batches are cut.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from analyzer.capture.addresses import FULL, AddressBook, Pairs, pairs_of, pairs_of_six
from analyzer.capture.layers import ETHERTYPES, LOOPBACK_FAMILIES, UDP_TUNNELS
from analyzer.capture.links import LINKS, Link, Tells
from analyzer.capture.slow import IP_PROTOCOLS, Row, Walker

__all__ = ["Columns", "Packets", "decode"]

I8 = npt.NDArray[np.int64]
U4 = npt.NDArray[np.uint32]
U2 = npt.NDArray[np.uint16]
U1 = npt.NDArray[np.uint8]
Flag = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Packets:
    """Columns of all packets in a stretch of a buffer, of any kind."""

    frame: I8
    time: I8
    data: I8  #: where the packet's first byte is
    captured: I8
    wire: I8  #: length on the wire, never below ``captured``
    link: npt.NDArray[np.int32] | int  #: link type, one number where all have the same; -1: not a packet of a known one

    def __len__(self) -> int:
        return len(self.frame)

    def part(self, start: int, stop: int) -> Packets:
        """Packets ``start`` to ``stop``."""
        cut = slice(start, stop)
        link = self.link if isinstance(self.link, int) else self.link[cut]
        return Packets(self.frame[cut], self.time[cut], self.data[cut], self.captured[cut], self.wire[cut], link)


class Columns(NamedTuple):
    """TCP segments, as in ``PacketBatch``; ``place`` is the packet's place in ``Packets``."""

    place: I8
    src: U4
    dst: U4
    ports: U4
    seq: U4
    ack: U4
    flags: U1
    window: U2
    offset: I8
    length: I8
    captured: I8


class _Part(NamedTuple):
    """Columns on their way: where ``pairs`` stand, ``src`` and ``dst`` await their numbers."""

    columns: Columns
    pairs: Pairs | None


def _table(size: int, members: frozenset[int]) -> Flag:
    out = np.zeros(size, np.bool_)
    out[list(members)] = True
    return out


#: Lookup tables for "can this lead to TCP?", made of the tables by which ``slow`` decides.
_TYPE_LEADS = _table(65536, frozenset(ETHERTYPES)) | (np.arange(65536) <= 1500)
_PROTO_LEADS = _table(256, frozenset(IP_PROTOCOLS) - {17} | {51})
_PORT_LEADS = _table(65536, frozenset(UDP_TUNNELS))

_VERSION_4, _VERSION_6 = 0x0800, 0x86DD


def _rows_at(buf: bytearray, places: I8, size: int) -> npt.NDArray[np.void]:
    """``size`` bytes from every place, in one gather."""
    every = np.ndarray((len(buf) - size + 1,), f"V{size}", buf, 0, (1,))
    out: npt.NDArray[np.void] = every[places]
    return out


def _column(rows: npt.NDArray[np.uint32], at: int) -> U4:
    """A big-endian column in the machine's order."""
    return rows[:, at].view(">u4").astype(np.uint32)


def _kinds(buf: bytearray, link: Link, rows: U4, data: I8) -> U4:
    """For every packet the ethertype that leads to the IP header, by the way the link type tells it; 0 for others."""
    version = (rows[:, 1] >> 4 & 15).astype(np.uint32)
    by_version = np.where(version == 4, _VERSION_4, np.where(version == 6, _VERSION_6, 0)).astype(np.uint32)
    if link.tells is Tells.VERSION:
        return by_version
    if link.tells is Tells.FAMILY:
        family = rows[:, 0]
        swapped = family.byteswap()
        known = np.array(sorted(LOOPBACK_FAMILIES), np.uint32)
        return np.where(np.isin(family, known) | np.isin(swapped, known), by_version, 0).astype(np.uint32)
    if link.tells is Tells.ETHERTYPE_FIRST:
        return _rows_at(buf, data, 2).view(">u2").astype(np.uint32)
    return _column(rows, 0) & np.uint32(0xFFFF)


class _Stretch:
    """The decoding of one run of packets of one link type."""

    def __init__(self, buf: bytearray, packets: Packets, walker: Walker) -> None:
        self._buf = buf
        self._packets = packets
        self._walker = walker
        self.parts: list[_Part] = []

    def fast(self, link: Link, index: I8 | None) -> I8:
        """Decode what is regular of the packets at ``index`` (None: all). Gives back what must be walked slowly."""
        at = self._packets.data if index is None else self._packets.data[index]
        places = at + (link.header - 4)
        rows = _rows_at(self._buf, places, 44).view("<u4").reshape(-1, 11)
        kinds = _kinds(self._buf, link, rows, at)
        index = np.arange(len(at)) if index is None else index
        left = self._version4(rows, kinds, places, index)
        if not len(left):
            return index[:0]
        rest, kinds, places, rows = index[left], kinds[left], places[left], rows[left]
        slow = [self._version6(kinds, places, rest, rows)]
        tagged = (kinds == 0x8100) if link.tells is Tells.ETHERTYPE else np.zeros(len(kinds), np.bool_)
        if tagged.any():
            slow.append(self._tagged(places[tagged] + 4, rest[tagged]))
            slow[0] = np.setdiff1d(slow[0], rest[tagged], assume_unique=True)
        return np.concatenate(slow)

    def _tagged(self, places: I8, index: I8) -> I8:
        """Packets behind one VLAN tag; ``places`` are its."""
        rows = _rows_at(self._buf, places, 44).view("<u4").reshape(-1, 11)
        kinds = _column(rows, 0) & np.uint32(0xFFFF)
        left = self._version4(rows, kinds, places, index)
        return self._version6(kinds[left], places[left], index[left], rows[left])

    def _version4(self, rows: U4, kinds: U4, places: I8, index: I8) -> I8:
        """Take the IPv4 TCP segments; ``places`` are four bytes before the IP header. Gives the places left."""
        cap = self._packets.data[index] + self._packets.captured[index] - places - 4
        good = (kinds == _VERSION_4) & ((rows[:, 1] & 0xFF) == 0x45) & ((rows[:, 3] & 0xFF00) == 0x0600)
        good &= ((rows[:, 2] & 0xFF3F0000) == 0) & (cap >= 40)
        good &= ((rows[:, 4] & 0xF0) != 0xF0) & ((rows[:, 5] & 0xF0) != 0xF0)  # need numbers of their own
        left = np.flatnonzero(~good)
        if len(left):
            taken = np.flatnonzero(good)
            rows, places, index, cap = rows[taken], places[taken], index[taken], cap[taken]
        wire = self._packets.data[index] + self._packets.wire[index] - places - 4
        total = (rows[:, 1] >> 16).astype(np.uint16).byteswap().astype(np.int64)
        total = np.where(total == 0, wire, np.minimum(total, wire))
        self._take(rows[:, 6:], places + 24, index, total - 20, np.minimum(cap, total) - 20, rows[:, 4:6], None)
        return left

    def _version6(self, kinds: U4, places: I8, index: I8, rows: U4) -> I8:
        """Take the IPv6 TCP segments. Gives the packets that are left, those that cannot lead to TCP dropped."""
        six = np.flatnonzero(
            (kinds == _VERSION_6) & ((rows[:, 1] & 0xF0) == 0x60) & ((rows[:, 2] & 0xFF0000) == 0x060000)
        )
        cap = self._packets.data[index] + self._packets.captured[index] - places - 4
        six = six[cap[six] >= 60]
        if len(six):
            at, which = places[six], index[six]
            raw = _rows_at(self._buf, at + 8, 56)
            words = raw.view("<u4").reshape(-1, 14)
            wire = self._packets.data[which] + self._packets.wire[which] - at - 44
            total = (words[:, 0] & 0xFFFF).astype(np.uint16).byteswap().astype(np.int64)
            total = np.where(total == 0, wire, np.minimum(total, wire))
            pairs = pairs_of_six(words[:, 1:9])
            self._take(words[:, 9:], at + 44, which, total, np.minimum(cap[six] - 40, total), None, pairs)
        left = np.ones(len(index), np.bool_)
        left[six] = False
        left &= self._may_lead(kinds, places, rows, cap)
        return index[left]

    def _may_lead(self, kinds: U4, places: I8, rows: U4, cap: I8) -> Flag:
        """False for packets that certainly hold no TCP: ARP, plain UDP, ICMP. The bulk of what is not TCP."""
        leads: Flag = _TYPE_LEADS[kinds & 0xFFFF]
        plain = (kinds == _VERSION_4) & ((rows[:, 1] & 0xFF) == 0x45) & ((rows[:, 2] & 0xFF3F0000) == 0) & (cap >= 28)
        proto = (rows[:, 3] >> 8) & 0xFF
        ports = _column(rows, 6)
        tunnel = (proto == 17) & (_PORT_LEADS[ports >> 16] | _PORT_LEADS[ports & 0xFFFF])
        leads[plain & ~(_PROTO_LEADS[proto] | tunnel)] = False
        return leads

    def _take(self, tcp: U4, at: I8, index: I8, length: I8, cap: I8, pair: U4 | None, pairs: Pairs | None) -> None:
        """Add segments. ``tcp``: the header's first five words; ``length``, ``cap``: of header and payload together."""
        bits = tcp[:, 3]
        header = ((bits & 0xF0) >> 2).astype(np.int64)
        good = (header >= 20) & (length >= header) & (cap >= 20)
        if not good.all():
            keep = np.flatnonzero(good)
            tcp, at, index, length, cap, header = (
                tcp[keep],
                at[keep],
                index[keep],
                length[keep],
                cap[keep],
                header[keep],
            )
            bits = tcp[:, 3]
            pair = None if pair is None else pair[keep]
            pairs = None if pairs is None else pairs[keep]
        if not len(index):
            return
        zeros = np.zeros(len(index), np.uint32)
        columns = Columns(
            place=index,
            src=zeros if pair is None else _column(pair, 0),
            dst=zeros if pair is None else _column(pair, 1),
            ports=_column(tcp, 0),
            seq=_column(tcp, 1),
            ack=_column(tcp, 2),
            flags=(bits >> 8).astype(np.uint8),
            window=(bits >> 16).astype(np.uint16).byteswap(),
            offset=at + header,
            length=length - header,
            captured=np.maximum(cap - header, 0),
        )
        self.parts.append(_Part(columns, pairs))

    def slow(self, link: Link, index: I8) -> None:
        """Walk the packets at ``index`` one at a time."""
        rows: list[Row] = []
        places: list[int] = []
        packets, walk = self._packets, self._walker.row
        for place in index.tolist():
            at = int(packets.data[place])
            end = at + int(packets.captured[place])
            row = walk(self._buf, link.first, at, end, at + int(packets.wire[place]), int(packets.time[place]))
            if row is not None:
                rows.append(row)
                places.append(place)
        if rows:
            self.parts.append(_from_rows(rows, places))


def _from_rows(rows: list[Row], places: list[int]) -> _Part:
    src, dst, *numbers = zip(*rows, strict=True)
    kinds = (np.uint32, np.uint32, np.uint32, np.uint8, np.uint16, np.int64, np.int64, np.int64)
    rest = [np.array(column, kind) for column, kind in zip(numbers, kinds, strict=True)]
    zeros = np.zeros(len(rows), np.uint32)
    return _Part(Columns(np.array(places, np.int64), zeros, zeros, *rest), pairs_of(src, dst))


def _merged(parts: list[_Part], book: AddressBook) -> Columns:
    """All rows in capture order, addresses numbered in that order."""
    if not parts:
        return _NOTHING
    if len(parts) == 1 and parts[0].pairs is None:
        return parts[0].columns
    joined = [np.concatenate(columns) for columns in zip(*(part.columns for part in parts), strict=True)]
    order = np.argsort(joined[0], kind="stable")
    columns = Columns(*(column[order] for column in joined))
    waiting = np.concatenate([np.full(len(part.columns.place), part.pairs is not None) for part in parts])[order]
    if not waiting.any():
        return columns
    pairs = np.concatenate([_pairs(part) for part in parts])[order][waiting]
    found = book.numbers(pairs)
    columns.src[waiting], columns.dst[waiting] = found[:, 0], found[:, 1]
    homeless = (columns.src == FULL) | (columns.dst == FULL)
    return Columns(*(column[~homeless] for column in columns)) if homeless.any() else columns


def _pairs(part: _Part) -> Pairs:
    return np.zeros((len(part.columns.place), 5), np.uint64) if part.pairs is None else part.pairs


_WORDS, _LONGS = np.zeros(0, np.uint32), np.zeros(0, np.int64)
_NOTHING = Columns(
    _LONGS,
    _WORDS,
    _WORDS,
    _WORDS,
    _WORDS,
    _WORDS,
    np.zeros(0, np.uint8),
    np.zeros(0, np.uint16),
    _LONGS,
    _LONGS,
    _LONGS,
)


def decode(buf: bytearray, packets: Packets, book: AddressBook, walker: Walker, fast: bool = True) -> Columns:
    """The TCP segments among ``packets``, in capture order.

    ``buf`` must reach ``records.SLACK`` bytes behind the last packet. With ``fast`` off every packet is walked slowly;
    the rows are the same.
    """
    if not len(packets):
        return _NOTHING
    stretch = _Stretch(buf, packets, walker)
    slow: list[tuple[Link, I8]] = []
    for link, index in _by_link(packets):
        if fast and link.tells is not None:
            slow.append((link, stretch.fast(link, index)))
        else:
            slow.append((link, np.arange(len(packets)) if index is None else index))
    _walk(stretch, slow)
    return _merged(stretch.parts, book)


def _by_link(packets: Packets) -> list[tuple[Link, I8 | None]]:
    """Known link types and the packets of each; None stands for all."""
    if isinstance(packets.link, int):
        return [(LINKS[packets.link], None)] if packets.link in LINKS else []
    found = np.unique(packets.link).tolist()
    return [(LINKS[number], np.flatnonzero(packets.link == number)) for number in found if number in LINKS]


def _walk(stretch: _Stretch, slow: list[tuple[Link, I8]]) -> None:
    """Walk slowly in capture order, whatever the link types: fragments must meet in that order."""
    first = {int(place): link for link, index in slow for place in index} if len(slow) > 1 else {}
    if first:
        for place in sorted(first):
            stretch.slow(first[place], np.array([place]))
    elif slow:
        link, index = slow[0]
        stretch.slow(link, np.sort(index))
