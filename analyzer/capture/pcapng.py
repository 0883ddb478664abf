"""pcapng files: sections, interfaces, and columns of the packet blocks in a stretch of a buffer.

Source: draft-ietf-opsawg-pcapng. All blocks are one chain (``records``); enhanced packet blocks, the bulk, are read as
columns, everything else one by one in order: section headers (byte order), interfaces (link type, snap length, time
resolution and offset), simple and obsolete packet blocks, statistics (drops), decryption secrets. Other blocks are
skipped; custom blocks and systemd journal entries count as frames, as they do in Wireshark.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from analyzer.capture.decode import Packets
from analyzer.capture.reading import Reader, Taken
from analyzer.capture.records import Form, walk
from analyzer.model.notes import Note, note
from analyzer.model.secrets import Secret

__all__ = ["MAGIC", "MOST_SECRETS", "ORDER_MAGIC", "SECRETS", "TLS_KEY_LOG", "PcapngReader"]

I8 = npt.NDArray[np.int64]

MAGIC = b"\x0a\x0d\x0d\x0a"

_SECTION, _INTERFACE, _OBSOLETE, _SIMPLE, _STATISTICS, _ENHANCED, SECRETS = 0x0A0D0D0A, 1, 2, 3, 5, 6, 10
#: Blocks that are no packets and yet frames to Wireshark 4 (wiretap/pcapng.c): systemd journal, custom, custom that
#: must not be copied, and the six event blocks of sysdig.
_FRAMES = frozenset({9, 0x0BAD, 0x40000BAD, 0x204, 0x208, 0x216, 0x217, 0x221, 0x222})
ORDER_MAGIC = {b"\x1a\x2b\x3c\x4d": ">", b"\x4d\x3c\x2b\x1a": "<"}
TLS_KEY_LOG = 0x544C534B
_MOST = 16 << 20  #: bytes of a block; Wireshark's limit as well
MOST_SECRETS = 16 << 20  #: bytes of all secrets blocks together
MOST_COMMENTS = 1 << 20  #: bytes of all comments on sections together, each counted with 64 more
_MOST_INTERFACES = 65536


@dataclass(slots=True)
class _Interface:
    link: int
    snaplen: int
    base2: bool
    exponent: int
    offset: int  #: seconds
    position: int  #: of its block in the file: packets before it cannot belong to it
    drops: int | None = None

    def times(self, high: npt.NDArray[np.uint32], low: npt.NDArray[np.uint32]) -> I8:
        """Ticks to nanoseconds since 1970 (option if_tsresol: a power of 10, or of 2 with the top bit set)."""
        ticks = high.astype(np.uint64) << np.uint64(32) | low.astype(np.uint64)
        if not self.base2:
            if self.exponent <= 9:
                nanos = ticks * np.uint64(10 ** (9 - self.exponent))
            else:
                nanos = ticks // np.uint64(10 ** min(self.exponent - 9, 19))
        else:
            bits = min(self.exponent, 63)
            whole = ticks >> np.uint64(bits)
            part = ticks & np.uint64((1 << bits) - 1)
            spare = max(bits - 32, 0)
            nanos = whole * np.uint64(10**9) + (
                (part >> np.uint64(spare)) * np.uint64(10**9) >> np.uint64(bits - spare)
            )
        return nanos.astype(np.int64) + np.int64(self.offset * 10**9)


class _Columns:
    """Packets of a stretch that are not in order yet: pieces by interface or kind, sorted at the end."""

    def __init__(self) -> None:
        self.pieces: list[tuple[I8, I8, I8, I8, I8, int]] = []

    def add(self, offsets: I8, time: I8, data: I8, captured: I8, wire: I8, link: int) -> None:
        self.pieces.append((offsets, time, data, captured, np.maximum(wire, captured), link))


class PcapngReader(Reader):
    """See ``reading.Reader``."""

    format = "pcapng"

    def __init__(self, lanes: bool = True) -> None:
        self._lanes = lanes
        self._order = ""
        self._interfaces: list[_Interface] = []
        self._links: dict[int, None] = {}
        self._secrets: list[Secret] = []
        self._secret_bytes = 0
        self._comments: list[bytes] = []
        self._comment_bytes = 0
        self._drops: int | None = None
        self._frames = 0
        self._last_time = 0
        self._orphans = 0

    @property
    def link_types(self) -> tuple[int, ...]:
        return tuple(self._links)

    @property
    def secrets(self) -> tuple[Secret, ...]:
        return tuple(self._secrets)

    @property
    def comments(self) -> tuple[bytes, ...]:
        return tuple(self._comments)

    @property
    def drops(self) -> int | None:
        known = [face.drops for face in self._interfaces if face.drops is not None]
        if self._drops is not None:
            known.append(self._drops)
        return sum(known) if known else None

    @property
    def frames(self) -> int:
        return self._frames

    def notes(self) -> tuple[Note, ...]:
        return (note("capture.packets-without-interface", count=self._orphans),) if self._orphans else ()

    def take(self, buf: bytearray, start: int, end: int, base: int) -> Taken:
        """The blocks between ``start`` and ``end``, at most up to the next section header."""
        if end - start < 12:
            return Taken(None, start, None, 12)
        if buf[start : start + 4] == MAGIC:
            order = ORDER_MAGIC.get(bytes(buf[start + 8 : start + 12]))
            if order is None:
                return Taken(None, start, note("capture.bad-section", offset=base + start), 0)
            length = struct.unpack_from(order + "I", buf, start + 4)[0]
            if length < 28 or length % 4 or length > _MOST:
                return Taken(None, start, self._bad(base + start, length), 0)
            if start + length > end:
                return Taken(None, start, None, length)
            self._new_section(order)
            self._note_comments(buf, start + 24, start + length - 4)
            return Taken(None, start + length, None, 12, again=True)
        return self._blocks(buf, start, end, base)

    def _bad(self, position: int, length: int) -> Note:
        return note("capture.bad-record", offset=position, frame=self._frames + 1, length=length)

    def _new_section(self, order: str) -> None:
        self._drops = self.drops
        self._order = order
        self._interfaces = []

    def _blocks(self, buf: bytearray, start: int, end: int, base: int) -> Taken:
        form = Form(self._order, 4, 0, 12, 12, _MOST, 4, 0, 0)
        chain = walk(buf, start, end, form, self._lanes)
        offsets = chain.offsets
        heads = _gather(buf, offsets, 8, self._order)
        sections = np.flatnonzero(heads[:, 0] == _SECTION)
        stop, fault, again = chain.stop, None, False
        if len(sections):
            stop, again = int(offsets[sections[0]]), True
            offsets, heads = offsets[: sections[0]], heads[: sections[0]]
        elif buf[stop : stop + 4] == MAGIC and end - stop >= 4:
            again = end - stop >= 12 and len(offsets) > 0  # its length may stand in the other byte order
        packets = self._packets(buf, offsets, heads, base) if len(offsets) else None
        if chain.fault and not again and buf[stop : stop + 4] != MAGIC:
            length = struct.unpack_from(self._order + "I", buf, stop + 4)[0]
            fault = self._bad(base + stop, length)
        return Taken(packets, stop, fault, max(chain.need if not again else 12, 12), again)

    def _packets(self, buf: bytearray, offsets: I8, heads: npt.NDArray[np.uint32], base: int) -> Packets | None:
        kinds = heads[:, 0]
        sizes = heads[:, 1].astype(np.int64)
        out = _Columns()
        plain = kinds == _ENHANCED
        plain &= sizes >= 32
        for place in np.flatnonzero(kinds != _ENHANCED):
            self._other(buf, int(kinds[place]), int(offsets[place]), int(sizes[place]), base, out)
        counted = plain | np.isin(kinds, np.array([_OBSOLETE, _SIMPLE, *_FRAMES], np.uint32))
        frames = self._frames + np.cumsum(counted)
        self._frames = int(frames[-1])
        self._enhanced(buf, offsets[plain], sizes[plain], base, out)
        packets = _in_order(out, offsets, frames)
        return self._timed(packets, kinds, offsets) if packets is not None else None

    def _timed(self, packets: Packets, kinds: npt.NDArray[np.uint32], offsets: I8) -> Packets:
        """Simple packet blocks carry no time: they get the one before them."""
        bare = packets.time == _NO_TIME
        if bare.any():
            known = np.where(bare, -1, np.arange(len(bare)))
            np.maximum.accumulate(known, out=known)
            packets.time[:] = np.where(known >= 0, packets.time[known], self._last_time)
        self._last_time = int(packets.time[-1])
        return packets

    def _enhanced(self, buf: bytearray, offsets: I8, sizes: I8, base: int, out: _Columns) -> None:
        if not len(offsets):
            return
        rows = _gather(buf, offsets, 28, self._order)
        faces = rows[:, 2]
        one = int(faces[0])
        if (faces == one).all():
            groups = [(one, slice(None))]
        else:
            groups = [(int(face), np.flatnonzero(faces == face)) for face in np.unique(faces)]  # type: ignore[misc]
        for number, which in groups:
            self._group(number, rows[which], offsets[which], sizes[which], base, out)

    def _group(
        self, number: int, rows: npt.NDArray[np.uint32], offsets: I8, sizes: I8, base: int, out: _Columns
    ) -> None:
        """Enhanced packet blocks of one interface."""
        face = self._interfaces[number] if number < len(self._interfaces) else _NOWHERE
        captured = np.minimum(rows[:, 5].astype(np.int64), sizes - 32)
        time = face.times(rows[:, 3], rows[:, 4])
        early = offsets + base < face.position
        if early.any():
            self._orphans += int(early.sum())
            late = ~early
            rows, offsets, captured, time = rows[late], offsets[late], captured[late], time[late]
        out.add(offsets, time, offsets + 28, captured, rows[:, 6].astype(np.int64), face.link)

    def _other(self, buf: bytearray, kind: int, at: int, size: int, base: int, out: _Columns) -> None:
        order = self._order
        if kind == _INTERFACE and size >= 20 and len(self._interfaces) < _MOST_INTERFACES:
            self._interface(buf, at, size, base + at)
        elif kind == _SIMPLE and size >= 16 and self._interfaces:
            face = self._interfaces[0]
            wire = struct.unpack_from(order + "I", buf, at + 8)[0]
            captured = min(wire, size - 16, face.snaplen or wire)
            _one(out, at, _NO_TIME, at + 12, captured, wire, face.link)
        elif kind == _OBSOLETE and size >= 32:
            self._obsolete(buf, at, size, base, out)
        elif kind == _STATISTICS and size >= 24:
            self._statistics(buf, at, size)
        elif kind == SECRETS and size >= 20:
            self._key_log(buf, at, size)

    def _interface(self, buf: bytearray, at: int, size: int, position: int) -> None:
        link, _, snaplen = struct.unpack_from(self._order + "HHI", buf, at + 8)
        base2, exponent, offset = False, 6, 0
        for code, value in self._options(buf, at + 16, at + size - 4):
            if code == 9 and len(value) >= 1:
                base2, exponent = bool(value[0] & 0x80), value[0] & 0x7F
            elif code == 14 and len(value) >= 8:
                offset = struct.unpack(self._order + "q", value[:8])[0]
        offset = max(-(2**33), min(offset, 2**33))  # further away is no time that 64 bits of nanoseconds hold
        self._interfaces.append(_Interface(link, snaplen, base2, exponent, offset, position))
        self._links.setdefault(link)

    def _obsolete(self, buf: bytearray, at: int, size: int, base: int, out: _Columns) -> None:
        number, lost, high, low, captured, wire = struct.unpack_from(self._order + "HHIIII", buf, at + 8)
        face = self._interfaces[number] if number < len(self._interfaces) else _NOWHERE
        if base + at < face.position:
            self._orphans += 1
            return
        if lost not in (0, 0xFFFF):
            self._drops = (self._drops or 0) + lost
        time = int(face.times(np.array([high], np.uint32), np.array([low], np.uint32))[0])
        _one(out, at, time, at + 28, min(captured, size - 32), wire, face.link)

    def _statistics(self, buf: bytearray, at: int, size: int) -> None:
        """isb_ifdrop and isb_osdrop are totals: the last statistics block of an interface counts."""
        number = struct.unpack_from(self._order + "I", buf, at + 8)[0]
        if number >= len(self._interfaces):
            return
        lost = [
            struct.unpack(self._order + "Q", value[:8])[0]
            for code, value in self._options(buf, at + 20, at + size - 4)
            if code in (5, 7) and len(value) >= 8
        ]
        if lost:
            self._interfaces[number].drops = sum(lost)

    def _key_log(self, buf: bytearray, at: int, size: int) -> None:
        kind, length = struct.unpack_from(self._order + "II", buf, at + 8)
        length = min(length, size - 20)
        if kind == TLS_KEY_LOG and self._secret_bytes + length <= MOST_SECRETS:
            self._secret_bytes += length
            self._secrets.append(Secret(bytes(buf[at + 16 : at + 16 + length])))

    def _note_comments(self, buf: bytearray, at: int, end: int) -> None:
        for code, value in self._options(buf, at, end):
            size = len(value) + 64
            if code == 1 and self._comment_bytes + size <= MOST_COMMENTS:
                self._comment_bytes += size
                self._comments.append(value)

    def _options(self, buf: bytearray, at: int, end: int) -> Iterator[tuple[int, bytes]]:
        while at + 4 <= end:
            code, length = struct.unpack_from(self._order + "HH", buf, at)
            if code == 0 or at + 4 + length > end:
                return
            yield code, bytes(buf[at + 4 : at + 4 + length])
            at += 4 + (length + 3 & ~3)


_NO_TIME = -(2**63)
_NOWHERE = _Interface(-1, 0, False, 6, 0, 2**62)  #: the interface of packets that name one that was never described


def _gather(buf: bytearray, offsets: I8, size: int, order: str) -> npt.NDArray[np.uint32]:
    every = np.ndarray((len(buf) - size + 1,), f"V{size}", buf, 0, (1,))
    rows = every[offsets].view(order + "u4").reshape(-1, size // 4)
    out: npt.NDArray[np.uint32] = rows.astype(np.uint32, copy=False)
    return out


def _one(out: _Columns, at: int, time: int, data: int, captured: int, wire: int, link: int) -> None:
    values = [np.array([value], np.int64) for value in (at, time, data, captured, wire)]
    out.add(values[0], values[1], values[2], values[3], values[4], link)


def _in_order(out: _Columns, offsets: I8, frames: I8) -> Packets | None:
    """The pieces as packets in file order."""
    if not out.pieces:
        return None
    at, time, data, captured, wire = (np.concatenate([piece[i] for piece in out.pieces]) for i in range(5))
    order = np.argsort(at, kind="stable") if len(out.pieces) > 1 else slice(None)
    links = {piece[5] for piece in out.pieces}
    link: npt.NDArray[np.int32] | int = next(iter(links))
    if len(links) > 1:
        link = np.repeat([piece[5] for piece in out.pieces], [len(piece[0]) for piece in out.pieces]).astype(np.int32)
        link = link[order]
    frame = frames if len(at) == len(offsets) else frames[np.searchsorted(offsets, at[order])]
    if not len(frame):
        return None
    return Packets(frame, time[order], data[order], captured[order], wire[order], link)
