"""What is remembered of a connection while its packets go by: two halves, and the turns they take.

A *turn* is a stretch in which one side alone sends data; HTTP without pipelining is a sequence of turns, so a request
and its answer are two of them (more where 100 Continue comes between). Everything that is asked about a transfer later
is counted by turn: how many bytes, how often again, and what the sender waited for between its segments.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import deque
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from analyzer.model.transfers import WAITS, Ended, HalfFacts, LinkFacts, TurnFacts
from analyzer.transfers.timeline import Timeline

__all__ = ["KEPT_TURNS", "UNKNOWN", "Half", "Link", "Turn"]

I8 = npt.NDArray[np.int64]

#: Turns of a connection that are kept from batch to batch, for exchanges still under way.
KEPT_TURNS = 64
#: Stands for a window whose scale is not known.
UNKNOWN = int(np.iinfo(np.int64).max)


@dataclass(slots=True)
class Turn:
    """One side sends."""

    side: int
    first_frame: int
    first_time: int
    pause: int | None  #: since the other side's last data (or the handshake), nanoseconds
    timeline: Timeline
    last_frame: int = 0
    last_time: int = 0
    new: int = 0
    wire: int = 0
    segments: int = 0
    again: int = 0
    waits: list[int] = field(default_factory=lambda: [0] * len(WAITS))
    least_window: int | None = None
    most_window: int | None = None
    most_flight: int = 0

    def facts(self) -> TurnFacts:
        """For good."""
        return TurnFacts(
            self.side, self.first_frame, self.last_frame, self.first_time, self.last_time, self.pause, self.new,
            self.wire, self.segments, self.again, tuple(self.waits), self.least_window, self.most_window,
            self.most_flight, self.timeline.series(),
        )  # fmt: skip


class Half:
    """One direction. Numbers called ``…x`` are sequence numbers widened to 64 bits, 0 at the first one met."""

    __slots__ = (
        "ack32", "acked", "ackx", "again", "again_bytes", "closed_since", "closed_time", "fin", "high", "holes",
        "last_again", "last_seen", "new", "outstanding", "reordered", "repeated", "rtt_count", "rtt_least", "rtt_most",
        "rtt_sum", "segments", "seq32", "seqx", "shift", "streak", "streak_of", "syns", "timeline", "waits", "window",
        "wire", "zero", "zero_windows",
    )  # fmt: skip

    def __init__(self) -> None:
        self.zero: int | None = None  #: sequence number that stands for 0
        self.seq32 = self.seqx = 0  #: the last one
        self.last_seen = (0, 0, 0)  #: sequence number, length and time of its last segment
        self.high = 0  #: behind the last byte sent
        self.ack32: int | None = None
        self.ackx = 0
        self.acked = 0  #: highest byte of the peer that it has acknowledged
        self.window: int | None = None  #: bytes it last offered to take
        self.shift: int | None = None  #: window scale of its SYN
        self.closed_since: int | None = None
        self.closed_time = self.zero_windows = 0
        self.syns = 0
        self.fin: tuple[int, int] | None = None  #: (time, frame)
        self.new = self.wire = self.segments = self.again = self.again_bytes = self.reordered = 0
        self.streak = self.repeated = 0  #: how often the same segment was sent again in a row: now, at most
        self.streak_of = -1
        self.last_again = -1  #: time of the last segment sent again
        self.rtt_sum = self.rtt_count = self.rtt_most = 0
        self.rtt_least: int | None = None
        self.outstanding: tuple[I8, I8] = (np.zeros(0, np.int64), np.zeros(0, np.int64))  #: ends, times
        self.holes: deque[tuple[int, int, int]] = deque(maxlen=64)  #: (first byte, behind the last, time)
        self.timeline: Timeline | None = None
        self.waits = [0] * len(WAITS)

    @property
    def known_window(self) -> int | None:
        """Bytes it last offered to take, where the scale is known."""
        return None if self.window == UNKNOWN else self.window

    def facts(self) -> HalfFacts:
        """For good."""
        return HalfFacts(
            self.new, self.wire, self.segments, self.again, self.again_bytes, self.reordered, self.repeated,
            self.rtt_least, self.rtt_sum // self.rtt_count if self.rtt_count else None,
            self.rtt_most if self.rtt_count else None, self.shift, self.known_window, self.zero_windows,
            self.closed_time, self.timeline.series() if self.timeline is not None else None,
            tuple(self.waits),
        )  # fmt: skip


class Link:
    """One connection. Side 0 is the end whose address and port are the smaller number."""

    __slots__ = (
        "client", "ends", "first_frame", "first_time", "halves", "handshake_end", "heard", "last_data", "last_frame",
        "last_time", "reset", "room", "stream", "syn_ack_time", "syn_frames", "syn_time", "turn", "turns",
    )  # fmt: skip

    def __init__(self, ends: tuple[int, int], frame: int, time: int) -> None:
        self.ends = ends  #: address number << 16 | port
        self.stream = -1
        self.client: int | None = None
        self.halves = (Half(), Half())
        self.first_frame = self.last_frame = frame
        self.first_time = self.last_time = time
        self.syn_time: int | None = None
        self.syn_ack_time: int | None = None
        self.handshake_end: int | None = None
        self.syn_frames: list[int] = []
        self.reset: tuple[int, int, int] | None = None  #: (side, time, frame)
        self.turn: Turn | None = None
        self.turns: list[Turn] = []
        self.last_data: int | None = None  #: time of the last data segment
        self.room = UNKNOWN  #: the least that its receiver's window has left since
        self.heard: int | None = None  #: time of the receiver's last segment since

    @property
    def ended(self) -> bool:
        """A FIN or RST was seen."""
        return self.reset is not None or any(half.fin is not None for half in self.halves)

    def forget_turns(self) -> None:
        """Before the rows of another batch: what nobody has asked for by now is too long ago."""
        if len(self.turns) > KEPT_TURNS:
            del self.turns[:-KEPT_TURNS]

    def turns_between(self, first: int, last: int) -> tuple[Turn, ...]:
        """The turns of which a frame lies in ``[first, last]``."""
        stop = bisect_right(self.turns, last, key=lambda turn: turn.first_frame)
        start = stop
        while start and self.turns[start - 1].last_frame >= first:
            start -= 1
        return tuple(self.turns[start:stop])

    def open_turn(self, side: int, frame: int, time: int) -> Turn:
        """The other side begins to send."""
        since = self.last_data if self.last_data is not None else self.handshake_end
        pause = None if since is None or since > time else time - since
        self.turn = Turn(side, frame, time, pause, Timeline(time))
        self.turns.append(self.turn)
        return self.turn

    def facts(self) -> LinkFacts:
        """For good."""
        ends = [
            Ended("rst", self.reset[0], self.reset[1], self.reset[2]) if self.reset is not None else None,
            *(Ended("fin", side, *half.fin) for side, half in enumerate(self.halves) if half.fin is not None),
        ]
        up, down = self.halves
        return LinkFacts(
            stream=self.stream,
            client=self.client,
            first_frame=self.first_frame,
            last_frame=self.last_frame,
            first_time=self.first_time,
            last_time=self.last_time,
            syns=max(up.syns, down.syns) if self.syn_time is not None else 0,
            syn_time=self.syn_time,
            syn_ack_time=self.syn_ack_time,
            handshake_end=self.handshake_end,
            syn_frames=tuple(self.syn_frames),
            halves=(up.facts(), down.facts()),
            ends=tuple(sorted((end for end in ends if end is not None), key=lambda end: end.frame)),
            last_data=self.last_data,
            room=self._room(),
        )

    def _room(self) -> int | None:
        """What the receiver's last word leaves for more bytes of the current turn."""
        if self.turn is None:
            return None
        sender, receiver = self.halves[self.turn.side], self.halves[1 - self.turn.side]
        window = receiver.known_window
        return None if window is None else window - (sender.high - receiver.acked)
