"""pcap files: the file header, and columns of the records in a stretch of a buffer.

Source: draft-ietf-opsawg-pcap, and tcpdump.org's pcap-savefile(5). Both byte orders, microseconds and nanoseconds.
Kuznetzov's modified format (magic 0xA1B2CD34, 24-byte record headers) is read knowingly; before version 2.3 the two
lengths of a record stood in the other order (libpcap, sf-pcap.c).
"""

from __future__ import annotations

import struct

import numpy as np

from analyzer.capture.decode import Packets
from analyzer.capture.reading import Reader, Taken
from analyzer.capture.records import Form, walk
from analyzer.model.notes import Note, note
from analyzer.model.secrets import Secret

__all__ = ["MAGICS", "PcapReader"]

#: Magic number as written in big-endian order → (byte order, nanoseconds a tick, bytes of a record header).
MAGICS: dict[bytes, tuple[str, int, int]] = {
    b"\xa1\xb2\xc3\xd4": (">", 1000, 16),
    b"\xd4\xc3\xb2\xa1": ("<", 1000, 16),
    b"\xa1\xb2\x3c\x4d": (">", 1, 16),
    b"\x4d\x3c\xb2\xa1": ("<", 1, 16),
    b"\xa1\xb2\xcd\x34": (">", 1000, 24),
    b"\x34\xcd\xb2\xa1": ("<", 1000, 24),
}

_HEADER = 24
_MOST = 262144  #: libpcap's MAXIMUM_SNAPLEN: longer records are taken for damage
_MOST_DECLARED = 16 << 20  #: unless the file header declares a longer snap length, up to here


class PcapReader(Reader):
    """See ``reading.Reader``."""

    format = "pcap"

    def __init__(self, lanes: bool = True) -> None:
        self._lanes = lanes
        self._form: Form | None = None
        self._tick = 1000
        self._link = 0
        self._frames = 0

    @property
    def link_types(self) -> tuple[int, ...]:
        return (self._link,) if self._form else ()

    @property
    def comments(self) -> tuple[bytes, ...]:
        return ()

    @property
    def secrets(self) -> tuple[Secret, ...]:
        return ()

    @property
    def drops(self) -> int | None:
        return None

    def notes(self) -> tuple[Note, ...]:
        return ()

    def take(self, buf: bytearray, start: int, end: int, base: int) -> Taken:
        """The records between ``start`` and ``end``; the file header first."""
        if self._form is None:
            if end - start < _HEADER:
                return Taken(None, start, None, _HEADER)
            self._open(bytes(buf[start : start + _HEADER]))
            start += _HEADER
        assert self._form is not None
        chain = walk(buf, start, end, self._form, self._lanes)
        fault = None
        if chain.fault:
            length = struct.unpack_from(self._form.order + "I", buf, chain.stop + self._form.length_at)[0]
            frame = self._frames + len(chain.offsets) + 1
            fault = note("capture.bad-record", offset=base + chain.stop, frame=frame, length=length)
        packets = self._columns(buf, chain.offsets) if len(chain.offsets) else None
        return Taken(packets, chain.stop, fault, chain.need or self._form.header)

    def _open(self, head: bytes) -> None:
        order, self._tick, size = MAGICS[head[:4]]
        major, minor, _, _, snaplen, link = struct.unpack(order + "HHiIII", head[4:])
        swapped = (major, minor) < (2, 3)
        most = max(_MOST, min(snaplen, _MOST_DECLARED))
        self._form = Form(order, 12 if swapped else 8, size, size, 0, most, 1, 0, 16)
        # The upper bits of the link type tell of a frame check sequence at the end, which lengths make us skip.
        self._link = link & 0xFFFF

    def _columns(self, buf: bytearray, offsets: np.ndarray[tuple[int], np.dtype[np.int64]]) -> Packets:
        form = self._form
        assert form is not None
        every = np.ndarray((len(buf) - 15,), "V16", buf, 0, (1,))
        rows = every[offsets].view(form.order + "u4").reshape(-1, 4)
        captured = rows[:, form.length_at // 4].astype(np.int64)
        wire = rows[:, 3 if form.length_at == 8 else 2].astype(np.int64)
        time = rows[:, 0].astype(np.int64) * 10**9 + rows[:, 1].astype(np.int64) * self._tick
        first = self._frames + 1
        self._frames += len(offsets)
        frame = np.arange(first, first + len(offsets), dtype=np.int64)
        return Packets(frame, time, offsets + form.plus, captured, np.maximum(wire, captured), self._link)

    @property
    def frames(self) -> int:
        return self._frames
