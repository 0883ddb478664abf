"""tcp → tls, http: what one direction of a connection carried, and what is missing of it.

Offsets are 64 bit and count from 0 at the first byte after the SYN (or at the first byte seen, where the handshake
was not captured); 32-bit sequence numbers are widened once, inside the tcp floor, so wrap-around exists nowhere else.
A hole is a ``Gap``, never zeros (the model is Zeek's reassembler: block, undelivered, overlap).
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from analyzer.model.notes import Note

__all__ = [
    "Closed",
    "Connection",
    "Data",
    "Direction",
    "Endpoint",
    "Gap",
    "Opened",
    "Overlap",
    "Segment",
    "SegmentKind",
    "StreamEvent",
    "TcpTiming",
]


class Direction(Enum):
    """Which way bytes went. The client is who sent the SYN; without one, who sent the first request."""

    CLIENT_TO_SERVER = 0
    SERVER_TO_CLIENT = 1


@dataclass(frozen=True, slots=True)
class Endpoint:
    """One end of a connection."""

    address: bytes  #: 4 or 16 bytes, network order
    port: int


@dataclass(frozen=True, slots=True)
class TcpTiming:
    """What the segments of a connection tell about the network (nanoseconds, counts)."""

    handshake_rtt: int | None = None  #: SYN to the ACK that ends the handshake, None when not captured whole
    retransmitted: int = 0  #: segments that brought only bytes already seen
    out_of_order: int = 0
    overlaps: int = 0  #: overlaps whose bytes differed
    gaps: int = 0
    gap_bytes: int = 0


@dataclass(frozen=True, slots=True)
class Connection:
    """A TCP connection, numbered as Wireshark numbers ``tcp.stream``."""

    stream: int
    client: Endpoint
    server: Endpoint
    handshake: bool  #: the SYN was captured
    timing: TcpTiming = TcpTiming()
    notes: tuple[Note, ...] = ()


@dataclass(frozen=True, slots=True)
class Data:
    """Bytes ``[offset, offset+len(data))`` of one direction. ``frames`` lists who carried them: (offset, frame)
    pairs, ascending; a frame is responsible up to the next pair's offset. ``times`` are theirs, and ``acks`` what they
    acknowledge, as offsets of the other direction; both empty where that is not known."""

    stream: int
    direction: Direction
    offset: int
    data: bytes
    frames: tuple[tuple[int, int], ...]
    time: int  #: of the last segment, nanoseconds
    times: tuple[int, ...] = ()
    acks: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Gap:
    """Bytes ``[offset, offset+length)`` that the capture does not hold."""

    stream: int
    direction: Direction
    offset: int
    length: int
    after_frame: int  #: the last frame before the hole was given up
    snapped: bool = False  #: the packet is there, the snap length cut its bytes


@dataclass(frozen=True, slots=True)
class Overlap:
    """A range seen twice with different bytes; the first sighting is the one kept."""

    stream: int
    direction: Direction
    offset: int
    kept: bytes
    dropped: bytes
    frame: int


class SegmentKind(Enum):
    """What a segment brought, seen from what had been captured before it."""

    NEW = "new"
    RETRANSMITTED = "retransmitted"  #: only bytes that had come before
    OUT_OF_ORDER = "out-of-order"  #: new bytes, after others that follow them
    LOST = "lost"  #: no segment: bytes that the capture does not hold


@dataclass(frozen=True, slots=True)
class Segment:
    """The part of a message that one segment carried, or that none did."""

    frame: int | None  #: None where it is lost, or known only by its place
    time: int  #: nanoseconds; of what is lost, the time of the segment before it
    offset: int  #: from the message's first byte, as it stood on the wire
    length: int
    kind: SegmentKind = SegmentKind.NEW

    @property
    def end(self) -> int:
        """Behind the last byte."""
        return self.offset + self.length


@dataclass(frozen=True, slots=True)
class Opened:
    """A connection begins; ``handshake`` tells whether its SYN was seen."""

    connection: Connection
    time: int


@dataclass(frozen=True, slots=True)
class Closed:
    """One direction ended: ``fin``, ``rst`` or ``end`` (of the capture, or replaced by a new connection)."""

    stream: int
    direction: Direction
    how: str
    frame: int
    time: int


StreamEvent = Data | Gap | Overlap | Opened | Closed
