"""Writes small capture files: pcap and pcapng in every flavour that the tests need.

Times are nanoseconds since 1970. ``packets`` are ``(time, bytes)`` pairs; a third member, where given, is the length on
the wire (a packet that the snap length cut).
"""

from __future__ import annotations

import os
import struct
from collections.abc import Iterable, Sequence
from pathlib import Path

__all__ = [
    "block",
    "epb",
    "idb",
    "option",
    "pcap_bytes",
    "pcapng_bytes",
    "secrets",
    "shb",
    "write_pcap",
    "write_pcapng",
]

Packet = tuple[int, bytes] | tuple[int, bytes, int]


def _parts(packet: Packet, snaplen: int) -> tuple[int, bytes, int]:
    wire = packet[2] if len(packet) == 3 else len(packet[1])
    return packet[0], packet[1][:snaplen], wire


def pcap_bytes(
    packets: Iterable[Packet],
    *,
    linktype: int = 1,
    nanos: bool = False,
    big_endian: bool = False,
    snaplen: int = 262144,
    modified: bool = False,
) -> bytes:
    """A whole pcap file. ``modified`` writes Kuznetzov's 24-byte record headers."""
    order = ">" if big_endian else "<"
    magic = 0xA1B2CD34 if modified else 0xA1B23C4D if nanos else 0xA1B2C3D4
    out = [struct.pack(order + "IHHiIII", magic, 2, 4, 0, 0, snaplen, linktype)]
    for packet in packets:
        time, data, wire = _parts(packet, snaplen)
        sec, frac = divmod(time, 10**9)
        out.append(struct.pack(order + "IIII", sec, frac if nanos else frac // 1000, len(data), wire))
        if modified:
            out.append(struct.pack(order + "IHBB", 1, 0x0800, 0, 0))
        out.append(data)
    return b"".join(out)


def write_pcap(
    path: str | os.PathLike[str],
    packets: Iterable[Packet],
    linktype: int = 1,
    nanos: bool = False,
    big_endian: bool = False,
    snaplen: int = 262144,
    modified: bool = False,
) -> Path:
    """Write ``pcap_bytes`` to ``path`` and give the path back."""
    target = Path(path)
    target.write_bytes(
        pcap_bytes(packets, linktype=linktype, nanos=nanos, big_endian=big_endian, snaplen=snaplen, modified=modified)
    )
    return target


def option(code: int, value: bytes, order: str = "<") -> bytes:
    """One pcapng option, padded to four bytes."""
    return struct.pack(order + "HH", code, len(value)) + value + b"\0" * (-len(value) % 4)


def block(kind: int, body: bytes, order: str = "<") -> bytes:
    """One pcapng block around ``body``, padded to four bytes."""
    body += b"\0" * (-len(body) % 4)
    size = len(body) + 12
    return struct.pack(order + "II", kind, size) + body + struct.pack(order + "I", size)


def shb(order: str = "<", options: bytes = b"") -> bytes:
    """A section header block."""
    return block(0x0A0D0D0A, struct.pack(order + "IHHq", 0x1A2B3C4D, 1, 0, -1) + options, order)


def idb(linktype: int = 1, snaplen: int = 262144, *, options: bytes = b"", order: str = "<") -> bytes:
    """An interface description block."""
    return block(1, struct.pack(order + "HHI", linktype, 0, snaplen) + options, order)


def epb(
    ticks: int, data: bytes, *, interface: int = 0, wire: int | None = None, options: bytes = b"", order: str = "<"
) -> bytes:
    """An enhanced packet block; ``ticks`` in the interface's resolution."""
    length = len(data) if wire is None else wire
    head = struct.pack(order + "IIIII", interface, ticks >> 32, ticks & 0xFFFFFFFF, len(data), length)
    return block(6, head + data + b"\0" * (-len(data) % 4) + options, order)


def secrets(keylog: bytes, order: str = "<") -> bytes:
    """A decryption secrets block with a TLS key log."""
    return block(10, struct.pack(order + "II", 0x544C534B, len(keylog)) + keylog, order)


def pcapng_bytes(
    packets: Iterable[Packet],
    *,
    linktype: int = 1,
    nanos: bool = True,
    big_endian: bool = False,
    snaplen: int = 262144,
    before: Sequence[bytes] = (),
    after: Sequence[bytes] = (),
) -> bytes:
    """One section with one interface; ``before`` and ``after`` are ready-made blocks around the packets."""
    order = ">" if big_endian else "<"
    resolution = option(9, b"\x09", order) + option(0, b"", order) if nanos else b""
    out = [shb(order), idb(linktype, snaplen, options=resolution, order=order), *before]
    for packet in packets:
        time, data, wire = _parts(packet, snaplen)
        out.append(epb(time if nanos else time // 1000, data, wire=wire, order=order))
    return b"".join([*out, *after])


def write_pcapng(
    path: str | os.PathLike[str],
    packets: Iterable[Packet],
    linktype: int = 1,
    nanos: bool = True,
    big_endian: bool = False,
    snaplen: int = 262144,
    before: Sequence[bytes] = (),
    after: Sequence[bytes] = (),
) -> Path:
    """Write ``pcapng_bytes`` to ``path`` and give the path back."""
    target = Path(path)
    target.write_bytes(
        pcapng_bytes(
            packets,
            linktype=linktype,
            nanos=nanos,
            big_endian=big_endian,
            snaplen=snaplen,
            before=before,
            after=after,
        )
    )
    return target
