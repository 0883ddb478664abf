"""Packets of the generated captures, written as whole bursts.

Strategy: a burst is a table of bytes, one row for a group of packets that repeats (two segments and their
acknowledgement, or one small exchange); numpy fills in numbers and times column by column. Single packets are packed
with ``struct``. Everything is pcap with microseconds, Ethernet, IPv4 and TCP with the time-stamp option; TCP checksums
are left to the imaginary network card.
"""

from __future__ import annotations

import math
import random
import struct
from typing import BinaryIO

import numpy as np
import numpy.typing as npt

__all__ = ["CLIENT", "MSS", "OVERHEAD", "SERVER", "Connection", "Writer"]

Bytes = npt.NDArray[np.uint8]

CLIENT, SERVER = 0, 1  #: who sends
MSS = 1448
OVERHEAD = 82  #: bytes of a record around its payload: record 16, Ethernet 14, IPv4 20, TCP 32
FIN, SYN, PUSH, ACK = 1, 2, 8, 16
IRREGULAR = 0.005  #: share of segments that are sent again, and share of segments that overtake the one before
START = 1_545_982_354  #: seconds since 1970 of the first packet; the Date of every message

_SEQ, _ACKNOWLEDGED = 54, 58  #: where the numbers stand in a record
_RECORD = struct.Struct("<IIII")
_ETHERNET = (
    bytes.fromhex("020000000002020000000001") + b"\x08\0",
    bytes.fromhex("020000000001020000000002") + b"\x08\0",
)
_TCP = struct.Struct(">HHIIBBHHH")
_STAMPS = bytes.fromhex("0101080a0000000100000001")
_SERVER_ADDRESS, _SERVER_PORT = bytes((203, 0, 113, 10)), 80


def _internet(source: bytes, target: bytes, length: int) -> bytes:
    head = struct.pack(">BBHHHBBH", 0x45, 0, length, 0, 0x4000, 64, 6, 0) + source + target
    total = sum(struct.unpack(">10H", head))
    total = (total & 0xFFFF) + (total >> 16)
    return head[:10] + struct.pack(">H", ~(total + (total >> 16)) & 0xFFFF) + head[12:]


class Connection:
    """One connection's addresses, and the next sequence number of each side."""

    def __init__(self, number: int) -> None:
        host, port = divmod(number, 50_000)
        self._address = (bytes((10, 0, host >> 8, host & 255)), _SERVER_ADDRESS)
        self._port = (10_000 + port, _SERVER_PORT)
        self.next = [number * 2_654_435_761 & 0xFFFFFFFF, number * 40_503 + 7 & 0xFFFFFFFF]

    def record(self, way: int, payload: bytes | int = b"", flags: int = ACK, micros: int = 0) -> bytes:
        """A record; with a number as payload, only what stands before that many bytes."""
        size = payload if isinstance(payload, int) else len(payload)
        other, length = 1 - way, OVERHEAD - 16 + size
        return (
            _RECORD.pack(START + micros // 1_000_000, micros % 1_000_000, length, length)
            + _ETHERNET[way]
            + _internet(self._address[way], self._address[other], length - 14)
            + _TCP.pack(self._port[way], self._port[other], self.next[way], self.next[other], 0x80, flags, 0xFFFF, 0, 0)
            + _STAMPS
            + (b"" if isinstance(payload, int) else payload)
        )

    def forward(self, way: int, size: int) -> None:
        """This side has sent so many bytes."""
        self.next[way] = self.next[way] + size & 0xFFFFFFFF


class Writer:
    """Writes records in order of time; knows how many bytes and packets were written."""

    def __init__(self, file: BinaryIO, rng: random.Random, tick: int = 4) -> None:
        self._file = file
        self._rng = rng
        self._tick = tick  #: microseconds between packets
        self._now = 0
        self.packets = 0
        self.written = file.write(struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 262_144, 1))

    def packet(self, conn: Connection, way: int, payload: bytes = b"", flags: int = ACK) -> None:
        """One packet; SYN and FIN count as a byte."""
        self._put(conn.record(way, payload, flags, self._now), 1)
        conn.forward(way, len(payload) + bool(flags & (SYN | FIN)))

    def send(self, conn: Connection, way: int, data: bytes) -> None:
        """A message's bytes in segments, and one acknowledgement."""
        for at in range(0, len(data), MSS):
            self.packet(conn, way, data[at : at + MSS], ACK | PUSH)
        self.packet(conn, 1 - way)

    def open(self, conn: Connection) -> None:
        """The handshake."""
        self.packet(conn, CLIENT, flags=SYN)
        self.packet(conn, SERVER, flags=SYN | ACK)
        self.packet(conn, CLIENT)

    def close(self, conn: Connection) -> None:
        """Both sides say that they are done."""
        self.packet(conn, CLIENT, flags=FIN | ACK)
        self.packet(conn, SERVER, flags=FIN | ACK)
        self.packet(conn, CLIENT)

    def burst(self, conn: Connection, way: int, data: Bytes, segment: int) -> None:
        """Segments of this size, an acknowledgement behind every two, some sent again and some overtaken."""
        groups, one = len(data) // (2 * segment), OVERHEAD + segment
        if groups:
            first = conn.record(way, segment) + bytes(segment)
            row = np.frombuffer(first * 2 + conn.record(1 - way), np.uint8)
            rows: Bytes = np.tile(row, (groups, 1))
            payload = data[: groups * 2 * segment].reshape(groups, 2, segment)
            rows[:, OVERHEAD:one] = payload[:, 0]
            rows[:, one + OVERHEAD : 2 * one] = payload[:, 1]
            step = np.arange(groups, dtype=np.int64) * (2 * segment) + conn.next[way]
            _number(rows, _SEQ, step)
            _number(rows, one + _SEQ, step + segment)
            _number(rows, 2 * one + _ACKNOWLEDGED, step + 2 * segment)
            self._times(rows, (0, one, 2 * one))
            for at in self._chosen(groups):
                pair = rows[at, 16 : 2 * one].copy()
                rows[at, 16:one], rows[at, one + 16 : 2 * one] = pair[one : 2 * one - 16], pair[: one - 16]
            self._repeated(rows, one, one, 3)
            conn.forward(way, groups * 2 * segment)
        for at in range(groups * 2 * segment, len(data), segment):
            self.packet(conn, way, data[at : at + segment].tobytes())
        if len(data) % (2 * segment):
            self.packet(conn, 1 - way)

    def exchanges(self, conn: Connection, variants: list[tuple[bytes, bytes]], chosen: Bytes, numbers: Bytes) -> None:
        """Small exchanges of four packets, one behind the other. All variants are equally long and have their number,
        eight digits, where the first ``#`` stands in request and response."""
        sent, answered = len(variants[0][0]), len(variants[0][1])
        heads = [conn.record(way, size) for way, size in ((CLIENT, sent), (SERVER, 0), (SERVER, answered), (CLIENT, 0))]
        table = [heads[0] + request + heads[1] + heads[2] + response + heads[3] for request, response in variants]
        rows = np.frombuffer(b"".join(table), np.uint8).reshape(len(variants), -1)[chosen]
        starts = (0, OVERHEAD + sent, 2 * OVERHEAD + sent, 3 * OVERHEAD + sent + answered)
        asked = np.arange(len(chosen), dtype=np.int64) * sent + conn.next[CLIENT]
        told = np.arange(len(chosen), dtype=np.int64) * answered + conn.next[SERVER]
        for start, client, server in zip(
            starts, (asked, asked + sent, asked + sent, asked + sent), (told, told, told, told + answered), strict=True
        ):
            mine, other = (client, server) if start in (starts[0], starts[3]) else (server, client)
            _number(rows, start + _SEQ, mine)
            _number(rows, start + _ACKNOWLEDGED, other)
        for start, text in ((starts[0], variants[0][0]), (starts[2], variants[0][1])):
            at = start + OVERHEAD + text.index(b"#")
            rows[:, at : at + 8] = numbers
        self._times(rows, starts)
        self._repeated(rows, starts[2], starts[3] - starts[2], 4)
        conn.forward(CLIENT, sent * len(chosen))
        conn.forward(SERVER, answered * len(chosen))

    def _times(self, rows: Bytes, starts: tuple[int, ...]) -> None:
        for index, start in enumerate(starts):
            micros = self._now + (np.arange(len(rows), dtype=np.int64) * len(starts) + index) * self._tick
            pair = np.stack([START + micros // 1_000_000, micros % 1_000_000], axis=1).astype("<u4")
            rows[:, start : start + 8] = pair.view(np.uint8).reshape(-1, 8)

    def _repeated(self, rows: Bytes, start: int, size: int, packets: int) -> None:
        """Write the rows; behind some of them the record at ``start`` comes again."""
        begin = 0
        for at in self._chosen(len(rows)):
            again = rows[at, start : start + size].copy()
            again[:8] = rows[at, -OVERHEAD : -OVERHEAD + 8]
            self._put(rows[begin : at + 1].tobytes() + again.tobytes(), packets * (at + 1 - begin) + 1)
            begin = at + 1
        self._put(rows[begin:].tobytes(), packets * (len(rows) - begin))

    def _chosen(self, groups: int) -> list[int]:
        """Rows where something irregular happens; a row has two segments."""
        found: list[int] = []
        at = -1
        while True:
            at += 1 + int(math.log(1 - self._rng.random()) / math.log(1 - 2 * IRREGULAR))
            if at >= groups:
                return found
            found.append(at)

    def _put(self, data: bytes, packets: int) -> None:
        self.written += self._file.write(data)
        self.packets += packets
        self._now += packets * self._tick


def _number(rows: Bytes, at: int, values: npt.NDArray[np.int64]) -> None:
    rows[:, at : at + 4] = (values & 0xFFFFFFFF).astype(">u4").view(np.uint8).reshape(-1, 4)
