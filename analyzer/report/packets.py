"""Packets and a capture file made of nothing but what is given: Ethernet, IP, TCP with right checksums, pcapng.

MAC addresses are made up, times are the caller's. A packet may be cut as by a snap length: its lengths then tell what
was on the wire, its bytes end early.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from analyzer.model.streams import Endpoint

__all__ = ["Packet", "packet", "pcapng"]

_MAC_CLIENT, _MAC_SERVER = b"\x02\0\0\0\0\x01", b"\x02\0\0\0\0\x02"  # locally administered

_SECTION, _INTERFACE, _PACKET = 0x0A0D0D0A, 1, 6
_COMMENT, _RESOLUTION = 1, 9
_MAX_COMMENT, _MAX_OPTION = 4000, 0xFFFF


@dataclass(frozen=True, slots=True)
class Packet:
    """One packet of a capture; ``wire``: how long it was before it was cut."""

    time: int
    data: bytes
    wire: int
    comment: str | None


def packet(
    ends: tuple[Endpoint, Endpoint],
    from_client: bool,
    numbers: tuple[int, int],
    flags: int,
    payload: bytes,
    cut: int = 0,
) -> tuple[bytes, int]:
    """(bytes, length on the wire) of a packet between client and server. ``numbers``: sequence and acknowledgement;
    ``cut``: bytes of payload that stand on the wire behind ``payload`` and are not written."""
    source, target = ends if from_client else ends[::-1]
    macs = _MAC_SERVER + _MAC_CLIENT if from_client else _MAC_CLIENT + _MAC_SERVER
    seq, ack = (number & 0xFFFFFFFF for number in numbers)
    tcp = struct.pack(">HHIIBBHHH", source.port, target.port, seq, ack, 5 << 4, flags, 65535, 0, 0)
    addresses = source.address + target.address
    length = len(tcp) + len(payload) + cut
    wide = len(source.address) == 16
    pseudo = addresses + (struct.pack(">IHBB", length, 0, 0, 6) if wide else struct.pack(">BBH", 0, 6, length))
    # of a cut packet the rest counts as zeros: nobody can check it
    tcp = tcp[:16] + struct.pack(">H", _checksum(pseudo + tcp + payload)) + tcp[18:]
    if wide:
        data = macs + b"\x86\xdd" + struct.pack(">IHBB", 6 << 28, length, 6, 64) + addresses + tcp + payload
        return data, len(data) + cut
    head = struct.pack(">BBHHHBBH", 0x45, 0, 20 + length, 0, 0x4000, 64, 6, 0)
    head = head[:10] + struct.pack(">H", _checksum(head + addresses))
    data = macs + b"\x08\0" + head + addresses + tcp + payload
    return data, len(data) + cut


def _checksum(data: bytes) -> int:
    """RFC 1071: the ones' complement sum of 16-bit words, which is the number modulo 65535."""
    if len(data) % 2:
        data += b"\0"
    total = int.from_bytes(data, "big")
    rest = total % 0xFFFF or (0xFFFF if total else 0)
    return 0xFFFF - rest


def pcapng(packets: Iterable[Packet], comments: Sequence[str] = ()) -> bytes:
    """Section with its comments, an Ethernet interface with nanoseconds, an enhanced block a packet (pcapng draft,
    section 4)."""
    said = b"".join(_option(_COMMENT, comment.encode("utf-8")[:_MAX_OPTION]) for comment in comments)
    out = [
        _block(_SECTION, struct.pack("<IHHq", 0x1A2B3C4D, 1, 0, -1) + (said + _option(0, b"") if said else b"")),
        _block(_INTERFACE, struct.pack("<HHI", 1, 0, 0) + _option(_RESOLUTION, b"\x09") + _option(0, b"")),
    ]
    for one in packets:
        time = max(one.time, 0)
        body = struct.pack("<IIIII", 0, time >> 32, time & 0xFFFFFFFF, len(one.data), one.wire) + _padded(one.data)
        if one.comment:
            body += _option(_COMMENT, one.comment.encode("utf-8")[:_MAX_COMMENT]) + _option(0, b"")
        out.append(_block(_PACKET, body))
    return b"".join(out)


def _block(kind: int, body: bytes) -> bytes:
    size = len(body) + 12
    return struct.pack("<II", kind, size) + body + struct.pack("<I", size)


def _option(code: int, value: bytes) -> bytes:
    return struct.pack("<HH", code, len(value)) + _padded(value)


def _padded(data: bytes) -> bytes:
    return data + bytes(-len(data) % 4)
