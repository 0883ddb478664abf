"""Conversations packet by packet, for what no recorder can be made to show: windows, losses, silence, names.

``Talk`` is one TCP connection as a capture near the client sees it. Times are seconds from a common start; every
method says when its packet is captured, nothing happens by itself.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass, field
from pathlib import Path

from analyzer.model.transfers import TransferReport
from analyzer.pipeline import Options, analyze_transfers
from tests.support.packets import ethernet, ipv4, tcp_packet, udp
from tests.support.pcapfile import write_pcap

__all__ = ["ACK", "FIN", "HOST", "RST", "SYN", "Talk", "answer", "dns", "dns_packet", "report", "request"]

FIN, SYN, RST, PSH, ACK = 1, 2, 4, 8, 16
START = 1_700_000_000 * 10**9
HOST = "bucket.oss-cn-hangzhou.aliyuncs.com"
CLIENT, SERVER, RESOLVER = "10.0.0.5", "118.31.219.217", "10.0.0.2"
MSS = 1460
AGENT = "aliyun-sdk-python/2.19.1(Linux/6.1.0/x86_64;3.11.7)"

Packet = tuple[int, bytes]


def at(seconds: float) -> int:
    """Nanoseconds since 1970."""
    return START + round(seconds * 1e9)


@dataclass
class Talk:
    """``scale``: what both sides announce; None turns scaling off."""

    port: int = 40000
    scale: int | None = 7
    isn: tuple[int, int] = (1000, 9000)
    server: str = SERVER
    server_port: int = 80
    packets: list[Packet] = field(default_factory=list)
    window: list[int] = field(default_factory=lambda: [512, 512])

    def __post_init__(self) -> None:
        self.next = list(self.isn)

    def put(self, time: float, side: int, flags: int, data: bytes = b"", seq: int | None = None) -> None:
        """One segment; side 0 is the client. ``seq`` repeats an earlier one."""
        ends = ((CLIENT, self.port), (self.server, self.server_port))
        (src, sport), (dst, dport) = ends[side], ends[1 - side]
        number = self.next[side] if seq is None else seq
        options = b""
        if flags & SYN and self.scale is not None:
            options = struct.pack("!BBHBBB", 2, 4, MSS, 3, 3, self.scale) + b"\x01"
        window = 65535 if flags & SYN else self.window[side]
        ack = self.next[1 - side] if flags & ACK else 0
        packet = tcp_packet(src, dst, sport, dport, number, ack, flags, data, window=window, options=options)
        self.packets.append((at(time), packet))
        if seq is None:
            self.next[side] += len(data) + bool(flags & SYN) + bool(flags & FIN)

    def open(self, time: float = 0.0, rtt: float = 0.02) -> Talk:
        """The handshake as a client sees it."""
        self.put(time, 0, SYN)
        self.put(time + rtt, 1, SYN | ACK)
        self.put(time + rtt + 0.0001, 0, ACK)
        return self

    def say(self, time: float, side: int, data: bytes, gap: float = 1e-5) -> float:
        """Data in one burst; gives the time of its last segment."""
        for place in range(0, len(data), MSS):
            self.put(time, side, PSH | ACK, data[place : place + MSS])
            time += gap
        return time - gap

    def ack(self, time: float, side: int, window: int | None = None) -> None:
        """A pure acknowledgement of all that the other side sent; ``window`` as it stands in the header."""
        if window is not None:
            self.window[side] = window
        self.put(time, side, ACK)


def request(method: str = "PUT", target: str = "/key", body: int = 0, *headers: str, agent: str = AGENT) -> bytes:
    """A head with Content-Length; nobody checks signatures here."""
    lines = [f"{method} {target} HTTP/1.1", f"Host: {HOST}", f"User-Agent: {agent}", *headers]
    return "\r\n".join([*lines, f"Content-Length: {body}", "", ""]).encode()


def answer(status: int = 200, *headers: str, body: bytes = b"", server: str | None = "AliyunOSS") -> bytes:
    """An answer with a request id, unless the headers say otherwise by ``-id``."""
    lines = [f"HTTP/1.1 {status} X", f"Content-Length: {len(body)}"]
    if server is not None:
        lines.append(f"Server: {server}")
    if "-id" not in headers:
        lines.append("x-oss-request-id: 5C2723573183A12D00000001")
    return "\r\n".join([*lines, *(h for h in headers if h != "-id"), "", ""]).encode() + body


def dns(ident: int, name: str, *addresses: str, code: int | None = None) -> bytes:
    """A question, or with addresses or a code its answer."""
    answered = bool(addresses) or code is not None
    flags = 0x8180 | (code or 0) if answered else 0x0100
    labels = b"".join(bytes((len(label),)) + label.encode() for label in name.split(".")) + b"\0"
    out = struct.pack(">6H", ident, flags, 1, len(addresses), 0, 0) + labels + struct.pack(">HH", 1, 1)
    for address in addresses:
        packed = bytes(int(part) for part in address.split("."))
        out += struct.pack(">HHHIH", 0xC00C, 1, 1, 60, 4) + packed
    return out


def dns_packet(time: float, message: bytes, asks: bool, port: int = 5353) -> Packet:
    """A DNS message between client and resolver."""
    ends = (CLIENT, RESOLVER) if asks else (RESOLVER, CLIENT)
    ports = (port, 53) if asks else (53, port)
    return at(time), ethernet(ipv4(*ends, 17, udp(*ends, *ports, message)), 0x0800)


def report(tmp_path: Path, *talks: Talk | list[Packet], **options: object) -> TransferReport:
    """What is said of the packets of all talks, in order of time."""
    path = tmp_path / "talk.pcap"
    packets = [p for talk in talks for p in (talk.packets if isinstance(talk, Talk) else talk)]
    write_pcap(path, sorted(packets, key=lambda packet: packet[0]), nanos=True)
    return analyze_transfers([path], Options(**options))  # type: ignore[arg-type]
