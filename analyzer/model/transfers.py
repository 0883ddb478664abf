"""transfers → report: multipart uploads, what became of them, and what made a transfer slow or end it.

Times are nanoseconds (since 1970, or a length of time), frames run through all files of a set. Captured values are
``Wire`` values throughout, so that redaction finds every one of them by its kind.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from analyzer.model.findings import Cause
from analyzer.model.notes import Note, Wire
from analyzer.model.report import Report
from analyzer.model.streams import Endpoint

__all__ = [
    "WAITS",
    "Check",
    "ClientSpeed",
    "Ended",
    "HalfFacts",
    "Line",
    "LinkFacts",
    "Lookup",
    "Part",
    "Series",
    "Slow",
    "Speed",
    "State",
    "Transfer",
    "TransferReport",
    "Trouble",
    "TurnFacts",
    "Upload",
]

#: What a sender spends the pauses between its segments on.
WAITS = ("sender", "window", "network", "loss")


@dataclass(frozen=True, slots=True)
class Series:
    """Bytes over time: new ones and those sent again, in slots of equal width."""

    start: int
    width: int
    new: tuple[int, ...]
    again: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class TurnFacts:
    """A stretch of a connection in which one side alone sends data."""

    side: int
    first_frame: int
    last_frame: int
    first_time: int
    last_time: int
    pause: int | None  #: since the other side's last data
    new: int  #: bytes seen for the first time
    wire: int  #: bytes in all
    segments: int
    again: int  #: segments that brought nothing new
    waits: tuple[int, ...]  #: in the order of ``WAITS``
    least_window: int | None  #: offered by the receiver, scaled
    most_window: int | None
    most_flight: int  #: bytes sent and not yet acknowledged, at most
    series: Series


@dataclass(frozen=True, slots=True)
class HalfFacts:
    """One direction of a connection as a whole."""

    new: int
    wire: int
    segments: int
    again: int
    again_bytes: int
    reordered: int
    repeated: int  #: how often one segment was sent again in a row, at most
    rtt_least: int | None  #: from a segment to its acknowledgement, at the capture point
    rtt_mean: int | None
    rtt_most: int | None
    shift: int | None  #: window scale that this side announced; None: none, or its SYN was not captured
    window: int | None  #: bytes it last offered to take, scaled; None where the scale is not known
    zero_windows: int
    closed_time: int  #: for how long it offered to take nothing
    series: Series | None
    waits: tuple[int, ...]  #: of the sender within its turns, in the order of ``WAITS``


@dataclass(frozen=True, slots=True)
class Ended:
    """A FIN or RST."""

    how: str
    side: int
    time: int
    frame: int


@dataclass(frozen=True, slots=True)
class LinkFacts:
    """A connection, looked back upon. ``client`` is the side that began it, None where that was not captured."""

    stream: int
    client: int | None
    first_frame: int
    last_frame: int
    first_time: int
    last_time: int
    syns: int
    syn_time: int | None
    syn_ack_time: int | None
    handshake_end: int | None
    syn_frames: tuple[int, ...]
    halves: tuple[HalfFacts, HalfFacts]
    ends: tuple[Ended, ...]
    last_data: int | None
    room: int | None  #: what the receiver's window leaves at the end for more bytes of whoever sent last

    @property
    def handshake_rtt(self) -> int | None:
        """SYN to the ACK that ends the handshake; the same wherever it was captured."""
        if self.syn_time is None or self.handshake_end is None:
            return None
        return max(0, self.handshake_end - self.syn_time)

    @property
    def captured_at(self) -> str:
        """Which end the capture point is near to: ``client``, ``server``, ``between`` or ``unknown``."""
        if self.syn_time is None or self.syn_ack_time is None or self.handshake_end is None:
            return "unknown"
        out, back = self.syn_ack_time - self.syn_time, self.handshake_end - self.syn_ack_time
        if max(out, back) < 1_000_000:
            return "unknown"
        return "client" if back * 4 < out else "server" if out * 4 < back else "between"


@dataclass(frozen=True, slots=True)
class Line:
    """A connection with its roles: which side is the client, and the two ends."""

    facts: LinkFacts
    client_side: int
    client: Endpoint
    server: Endpoint

    @property
    def up(self) -> HalfFacts:
        """The client's direction."""
        return self.facts.halves[self.client_side]

    @property
    def down(self) -> HalfFacts:
        """The server's direction."""
        return self.facts.halves[1 - self.client_side]

    def by(self, ended: Ended) -> str:
        """``client`` or ``server``."""
        return "client" if ended.side == self.client_side else "server"


@dataclass(frozen=True, slots=True)
class Lookup:
    """What DNS was asked for a name, and what it said."""

    name: Wire
    asked: int
    answered: int
    codes: tuple[int, ...]  #: response codes other than 0 (RFC 1035, section 4.1.1), each once
    addresses: tuple[bytes, ...]  #: 4 or 16 bytes, network order
    slowest: int | None  #: from a question to its answer
    frames: tuple[int, ...]


class Check(Enum):
    """A checksum of the answer against the captured body."""

    EQUAL = "equal"
    DIFFERS = "differs"
    NOT_SENT = "not-sent"  #: the answer carries none
    NOT_MADE = "not-made"  #: the body could not, or was not to, be checked


@dataclass(frozen=True, slots=True)
class Speed:
    """How a transfer's bytes went, and what its time was spent on."""

    time: int  #: from the request's first byte to the answer's last
    moving: int  #: from the first to the last byte of the body's direction
    waits: tuple[int, ...]  #: of the sender, in the order of ``WAITS``
    think: int | None  #: server: from the request's last byte to the answer's first, a round trip taken off
    segments: int
    again: int
    least_window: int | None
    most_window: int | None
    most_flight: int
    rtt: int | None
    series: Series


class Slow(Enum):
    """Whom a transfer waited for most."""

    CLIENT = "client"
    SERVER = "server"
    WINDOW = "window"  #: the receiver's
    NETWORK = "network"
    LOSS = "loss"
    NOBODY = "nobody"  #: pauses are the smaller part
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Transfer:
    """One HTTP exchange that moves an object's bytes, belongs to a multipart upload, or failed."""

    number: int
    stream: int
    client: Endpoint
    server: Endpoint
    operation: str  #: ``put``, ``part``, ``get``, ``append``, ``initiate``, ``complete``, ``abort``, ``preflight``, ...
    upward: bool  #: the body goes to the server
    method: Wire
    host: Wire | None
    bucket: Wire | None
    key: Wire | None  #: percent-decoded once
    upload_id: Wire | None
    part: int | None
    tool: str  #: name of the client program, ``?`` where it is not known
    size: int  #: bytes of the body that were seen
    declared: int | None
    begin: int
    end: int
    sent: int | None  #: last byte of the request
    answered: int | None  #: first byte of the answer
    status: int | None
    code: Wire | None  #: of an error
    request_id: Wire | None
    etag: Check
    crc: Check
    unchecked: Note | None  #: why a check was not made
    complete: bool  #: request and answer are there and whole
    frames: tuple[int, ...]  #: first and last of the request, first and last of the answer
    slow: Slow = Slow.UNKNOWN
    speed: Speed | None = None

    @property
    def throughput(self) -> float | None:
        """Bytes a second over the whole transfer."""
        return self.size * 1e9 / (self.end - self.begin) if self.end > self.begin else None


@dataclass(frozen=True, slots=True)
class Part:
    """One part of an upload; its last attempt counts."""

    number: int
    size: int
    attempts: int
    answered: int  #: attempts that were answered with success
    etag: Check
    crc: Check
    unchecked: Note | None
    transfers: tuple[int, ...]
    status: int | None
    listed: bool | None  #: named, with its ETag, where the upload was completed; None: was not, or cannot be seen


class State(Enum):
    """What became of an upload, as far as the capture goes."""

    COMPLETED = "completed"
    ABORTED = "aborted"
    FRAGMENTS = "fragments"  #: parts are stored and nobody completed or aborted it
    UNCERTAIN = "uncertain"  #: completion or abort was asked for, its answer is not in the capture
    GONE = "gone"  #: the server does not know it (any more)
    EMPTY = "empty"  #: begun, no part is stored
    UNSEEN = "unseen"  #: its parts were sent before the capture, or elsewhere


@dataclass(frozen=True, slots=True)
class Upload:
    """A multipart upload."""

    upload_id: Wire
    host: Wire | None
    bucket: Wire | None
    key: Wire | None
    tool: str
    begun: bool  #: its initiation is in the capture
    state: State
    parts: tuple[Part, ...]
    bytes_answered: int  #: of parts answered with success
    crc: Check  #: of the completed object, against its parts put together
    begin: int
    end: int
    transfers: tuple[int, ...]
    request_ids: tuple[Wire, ...]
    last_status: int | None  #: of completion or abort
    frames: tuple[int, ...]

    @property
    def fragment_bytes(self) -> int:
        """Bytes that are left behind."""
        return self.bytes_answered if self.state is State.FRAGMENTS else 0

    @property
    def retries(self) -> int:
        """Attempts beyond the first of each part."""
        return sum(part.attempts - 1 for part in self.parts)


@dataclass(frozen=True, slots=True)
class ClientSpeed:
    """One program's transfers together."""

    tool: str
    transfers: int
    sent: int
    received: int
    busy: int  #: time in which at least one transfer went on
    most_parallel: int
    mean_parallel: float
    segments: int
    again: int
    rtt: int | None
    slow: Slow
    shares: tuple[tuple[Slow, float], ...]

    @property
    def throughput(self) -> float | None:
        """Bytes a second while busy."""
        return (self.sent + self.received) * 1e9 / self.busy if self.busy else None


@dataclass(frozen=True, slots=True)
class Trouble:
    """Something wrong, with its cause, and whom it hit."""

    cause: Cause
    transfers: tuple[int, ...]
    streams: tuple[int, ...]
    request_ids: tuple[Wire, ...]
    remark: bool = False  #: worth knowing where something fails; nothing is wrong with it by itself


@dataclass(frozen=True, slots=True)
class TransferReport:
    """The result of ``transfers()``. ``run`` says what was read, and what could not be; it has no findings."""

    run: Report
    uploads: tuple[Upload, ...]
    transfers: tuple[Transfer, ...]
    clients: tuple[ClientSpeed, ...]
    lines: tuple[Line, ...]  #: the connections that transfers and troubles are about
    lookups: tuple[Lookup, ...]
    troubles: tuple[Trouble, ...]
    others: int  #: exchanges that are not told one by one
    checked: bool  #: checksums were to be compared

    @property
    def wrong(self) -> tuple[Trouble, ...]:
        """Troubles that are more than a remark."""
        return tuple(one for one in self.troubles if not one.remark)
