"""capture → tcp: one buffer and columns for all TCP segments in it.

A ``PacketBatch`` is what a capture floor can say about a stretch of packets without knowing TCP: where each payload
lies and what its header says. One row is one TCP segment, in capture order. Rows of packets that are not TCP do not
exist; their frame numbers are still counted, so ``frame`` is Wireshark's number.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Protocol, TypeAlias

import numpy as np
import numpy.typing as npt

from analyzer.model.notes import Note
from analyzer.model.secrets import Secret

__all__ = [
    "ACK",
    "FIN",
    "PSH",
    "RST",
    "SYN",
    "URG",
    "Addresses",
    "CaptureFacts",
    "PacketBatch",
    "PacketSource",
    "empty_batch",
]

#: TCP flag bits (RFC 9293, section 3.1), as in the ``flags`` column.
FIN, SYN, RST, PSH, ACK, URG = 1, 2, 4, 8, 16, 32

I8 = npt.NDArray[np.int64]
U4 = npt.NDArray[np.uint32]
U2 = npt.NDArray[np.uint16]
U1 = npt.NDArray[np.uint8]


class Addresses(Protocol):
    """The book that turns the 32-bit address column back into addresses.

    IPv4 addresses stand for themselves (network order read as a big-endian number); IPv6 addresses, and addresses
    seen inside tunnels or VLANs that must be kept apart, are interned to numbers of their own.
    """

    def packed(self, number: int) -> bytes:
        """4 or 16 bytes, network order."""
        ...

    def text(self, number: int) -> str:
        """``10.0.0.5`` or ``2001:db8::1``."""
        ...


_COLUMNS = (
    "frame", "time", "src", "dst", "ports", "seq", "ack", "flags", "window", "offset", "length", "captured",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class PacketBatch:
    """Columns over one buffer. All arrays have the same length, one row a TCP segment, in capture order.

    ``buffer`` is reused for the next batch: whoever needs bytes after the batch must copy them, or remember
    ``position(row)`` and read them from the file again.
    """

    buffer: bytearray | memoryview
    file: int  #: index of the capture file in the set
    base: int | None  #: file offset of ``buffer[0]``; None where the file cannot be read again (pipe, compressed)
    file_bytes: int  #: bytes of ``buffer`` that stand in the file; what lies behind was put together by us (fragments)
    frame: I8  #: Wireshark's frame number, running through all files of a set (see CaptureFacts.first_frame)
    time: I8  #: nanoseconds since 1970
    src: U4
    dst: U4  #: address numbers, see Addresses
    ports: U4  #: source port << 16 | destination port
    seq: U4
    ack: U4
    flags: U1
    window: U2  #: the window field as sent, not scaled
    offset: I8  #: of the payload's first byte in ``buffer``; negative: only in the file, so far before ``base``
    length: I8  #: payload bytes on the wire
    captured: I8  #: payload bytes that are in the buffer (smaller when the snap length cut the packet)
    addresses: Addresses
    last_frame: int = 0  #: number of the last packet (TCP or not) that the batch covers
    last_time: int = 0  #: its time, nanoseconds: the capture's clock for giving up on holes
    final: bool = False  #: nothing follows: end of the input

    def __len__(self) -> int:
        return len(self.frame)

    def part(self, low: int, high: int) -> PacketBatch:
        """The same with the rows ``[low, high)`` alone."""
        return replace(self, **{name: getattr(self, name)[low:high] for name in _COLUMNS})

    @property
    def rereadable(self) -> bool:
        """All payloads can be read again later."""
        return self.base is not None and not bool((self.offset + self.captured > self.file_bytes).any())

    def position(self, row: int) -> int | None:
        """File offset of the row's payload, None when it cannot be read again later."""
        offset = int(self.offset[row])
        if self.base is None or offset >= self.file_bytes:
            return None
        return self.base + offset


def empty_batch(addresses: Addresses, *, last_frame: int = 0, last_time: int = 0, final: bool = False) -> PacketBatch:
    """A batch without packets: time passes, or the input has ended."""
    long, four = np.zeros(0, np.int64), np.zeros(0, np.uint32)
    return PacketBatch(
        bytearray(), 0, None, 0, long, long, four, four, four, four, four, np.zeros(0, np.uint8),
        np.zeros(0, np.uint16), long, long, long, addresses, last_frame, last_time, final,
    )  # fmt: skip


#: What somebody wrote into a capture file.
Comment: TypeAlias = bytes


@dataclass(frozen=True, slots=True)
class CaptureFacts:
    """What is known of one capture file when reading has ended (or was given up)."""

    path: str  #: as the user gave it; ``-`` for standard input
    format: str  #: ``pcap``, ``pcapng``, with the compression behind a plus: ``pcap+gzip``
    link_types: tuple[str, ...]  #: libpcap's names without ``LINKTYPE_``/``DLT_``: ``EN10MB``, ``LINUX_SLL2``
    packets: int
    bytes: int  #: of capture file read, after decompression
    first_frame: int  #: running number of this file's first packet; local number = running - first_frame + 1
    first_time: int | None  #: nanoseconds since 1970
    last_time: int | None
    truncated: bool  #: the file ends inside a record
    snapped: int = 0  #: packets that the snap length cut
    tcp_segments: int = 0
    drops: int | None = None  #: packets that the capturing side says it lost, None when it says nothing
    secrets: tuple[Secret, ...] = ()  #: bodies of pcapng decryption secrets blocks (TLS key logs)
    comments: tuple[Comment, ...] = ()  #: those of pcapng section headers, a bounded number of bytes
    notes: tuple[Note, ...] = ()


class PacketSource(Protocol):
    """One capture: files of a set, a pipe, an interface."""

    @property
    def addresses(self) -> Addresses:
        """The book for the address columns of all batches."""
        ...

    def batches(self) -> Iterator[PacketBatch]:
        """Batches in capture order; ends quietly at a fault, which ``facts`` then tells as a note."""
        ...

    def facts(self) -> tuple[CaptureFacts, ...]:
        """One entry a file, complete when ``batches`` is exhausted."""
        ...

    def read_at(self, file: int, position: int, length: int) -> bytes:
        """Bytes of a seekable file once more (see PacketBatch.position)."""
        ...

    def close(self) -> None:
        """Give back files and children."""
        ...
