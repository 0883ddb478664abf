"""One connection's rows of one batch, on columns: bytes, turns, waits, windows, round trips.

Who waited for whom is read off each pause between two data segments of a turn, as seen at the capture point:

- the second segment was sent before: the sender recovered from a *loss*;
- the receiver's window had no room for it: the sender waited for the *window* until the receiver spoke;
- it left right after the receiver had spoken: it was clocked by acknowledgements, the sender waited for the *network*
  (congestion window, round trip);
- else there was room and nothing to wait for: the *sender* itself had nothing to send.

Whatever a row needs from rows before it is carried in the ``Link``, so results do not depend on where batches end.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from analyzer.model.packets import ACK, FIN, RST, SYN
from analyzer.transfers.links import UNKNOWN, Half, Link
from analyzer.transfers.timeline import Timeline

if TYPE_CHECKING:
    from analyzer.transfers.observer import Rows

__all__ = ["account"]

I8 = npt.NDArray[np.int64]
Flag = npt.NDArray[np.bool_]

#: Segments closer together than this belong to one burst; nobody waited.
BURST = 200_000
#: Sent so soon after an acknowledgement, a segment was waiting for it; or within this part of the pause.
CLOCKED, CLOCKED_PART = 300_000, 8
#: A hole filled sooner was reordering, not loss (Wireshark's measure too).
REORDERED = 3_000_000
#: Unacknowledged segments remembered for round trips.
_OUTSTANDING = 1 << 16
_MANY_SYNS = 16


def account(link: Link, rows: Rows) -> None:
    """Add the rows to what is known of their connection."""
    link.forget_turns()
    link.last_frame, link.last_time = int(rows.frame[-1]), max(link.last_time, int(rows.time.max()))
    _handshake_and_end(link, rows)
    _anchor(link, rows)
    work = _Work(link, rows)
    for side in (0, 1):
        work.widen(side)
    for side in (0, 1):
        work.sent(side)
        work.windows(side)
    for side in (0, 1):
        work.round_trips(side)
    work.take_turns()


def _handshake_and_end(link: Link, rows: Rows) -> None:
    """The rare rows, one at a time."""
    for row in np.flatnonzero(rows.flags & (SYN | FIN | RST)).tolist():
        side, flags = int(rows.side[row]), int(rows.flags[row])
        time, frame, half = int(rows.time[row]), int(rows.frame[row]), link.halves[int(rows.side[row])]
        if flags & SYN:
            half.syns += 1
            if rows.scale[row] >= 0:
                half.shift = int(rows.scale[row])
            if len(link.syn_frames) < _MANY_SYNS:
                link.syn_frames.append(frame)
            link.client = 1 - side if flags & ACK else side
            if flags & ACK:
                link.syn_ack_time = time if link.syn_ack_time is None else link.syn_ack_time
            elif link.syn_time is None:
                link.syn_time = time
        if flags & FIN and half.fin is None:
            half.fin = (time, frame)
        if flags & RST and link.reset is None:
            link.reset = (side, time, frame)
    if link.handshake_end is None and link.syn_ack_time is not None and link.client is not None:
        after = (rows.side == link.client) & ((rows.flags & (SYN | RST | ACK)) == ACK)
        after &= rows.time >= link.syn_ack_time
        if after.any():
            link.handshake_end = int(rows.time[int(np.argmax(after))])


def _anchor(link: Link, rows: Rows) -> None:
    """The first number met of a direction, sent or acknowledged, stands for 0."""
    if all(half.zero is not None for half in link.halves):
        return
    for row in range(len(rows.time)):
        flags = int(rows.flags[row])
        if flags & RST:
            continue
        own, peer = link.halves[int(rows.side[row])], link.halves[1 - int(rows.side[row])]
        if own.zero is None:
            own.zero = own.seq32 = int(rows.seq[row])
        if flags & ACK and peer.zero is None:
            peer.zero = peer.seq32 = int(rows.ack[row])
        if peer.zero is not None:
            return


def _widened(last32: int, last: int, met: npt.NDArray[np.uint32]) -> I8:
    """32-bit numbers as distances from the one that stands for 0: each step is read as signed (RFC 9293, 3.4)."""
    numbers = np.concatenate(([last32], met.astype(np.int64)))
    steps: I8 = numbers[1:] - numbers[:-1]
    signed = ((steps + 0x80000000) & 0xFFFFFFFF) - 0x80000000
    out: I8 = last + np.cumsum(signed)
    return out


class _Work:
    """Columns of one stretch. All positions are rows of the stretch; -1 stands for "before it"."""

    def __init__(self, link: Link, rows: Rows) -> None:
        n = len(rows.time)
        self.link, self.rows = link, rows
        self.plain = (rows.flags & RST) == 0
        self.own = [np.flatnonzero((rows.side == side) & self.plain) for side in (0, 1)]
        self.index = np.arange(n)
        self.seq = np.zeros(n, np.int64)
        self.data = (rows.length > 0) & self.plain
        self.new = np.zeros(n, np.int64)
        self.again = np.zeros(n, np.bool_)
        self.ahead = np.zeros(n, np.bool_)  #: nothing behind it had been sent before
        self.high = np.zeros(n, np.int64)  #: behind the last byte its side had sent, this row included
        self.high_before = [half.high for half in link.halves]
        self.acked: list[I8] = [np.zeros(0, np.int64)] * 2  #: of a side's bytes, by each row
        self.offered: list[I8] = [np.zeros(0, np.int64)] * 2  #: window for a side's bytes at each row
        self.spoke: list[I8] = [np.zeros(0, np.int64)] * 2  #: last row of a side's peer, at each row

    def widen(self, side: int) -> None:
        """Sequence and acknowledgement numbers of a side."""
        half, peer, own, rows = self.link.halves[side], self.link.halves[1 - side], self.own[side], self.rows
        acks = own[(rows.flags[own] & ACK) != 0]
        reach = np.full(len(rows.time), -1, np.int64)
        if len(own):
            self.seq[own] = _widened(half.seq32, half.seqx, rows.seq[own])
            half.seq32, half.seqx = int(rows.seq[own[-1]]), int(self.seq[own[-1]])
        if len(acks):
            numbers = _widened((peer.zero or 0) if half.ack32 is None else half.ack32, half.ackx, rows.ack[acks])
            half.ack32, half.ackx = int(rows.ack[acks[-1]]), int(numbers[-1])
            reach[acks] = numbers
        self.acked[1 - side] = np.maximum.accumulate(np.maximum(reach, half.acked))
        half.acked = int(self.acked[1 - side][-1])

    def sent(self, side: int) -> None:
        """What a side's segments brought: new bytes, bytes again, bytes behind a hole."""
        half, own, rows = self.link.halves[side], self.own[side], self.rows
        if not len(own):
            return
        seq = self.seq[own] + ((rows.flags[own] & SYN) != 0)
        length = rows.length[own]
        reach = np.maximum.accumulate(np.concatenate(([half.high], seq + length)))
        before = reach[:-1]
        idle = (length == 1) & (seq == before - 1) & (before > 1)  # keep-alive (RFC 1122, 4.2.3.6), window probe
        idle |= self._copies(half, own)
        self.data[own[idle]] = False
        length = np.where(idle, 0, length)
        new = np.clip(seq + length - np.maximum(before, seq), 0, length)
        again = (length > 0) & (new == 0)
        for place in np.flatnonzero((seq > before) | again).tolist():
            begin, size = int(seq[place]), int(length[place])
            time = int(rows.time[own[place]])
            if begin > before[place]:
                if before[place] > 0:
                    half.holes.append((int(before[place]), begin, time))
            else:
                filled, late = _fill(half, begin, begin + size, time)
                new[place] += filled
                again[place] = not filled or late
                half.reordered += bool(filled) and not late
                half.streak = half.streak + 1 if half.streak_of == begin else 1
                half.streak_of = begin
                half.repeated = max(half.repeated, half.streak) if again[place] else half.repeated
        self.new[own], self.again[own], self.high[own] = new, again, reach[1:]
        self.ahead[own] = (seq >= before) & (length > 0)
        half.high = int(reach[-1])
        half.new += int(new.sum())
        half.wire += int(length.sum())
        half.segments += int(np.count_nonzero(length))
        half.again += int(np.count_nonzero(again))
        half.again_bytes += int((length - new).sum())
        if length.any():
            if half.timeline is None:
                half.timeline = Timeline(self.link.first_time)
            half.timeline.add(rows.time[own], new, length - new)

    def _copies(self, half: Half, own: I8) -> Flag:
        """Segments captured twice, as on a bridge or by ``-i any``: nobody sends again that soon."""
        seen = np.stack((self.seq[own], self.rows.length[own], self.rows.time[own]))
        before = np.concatenate((np.array(half.last_seen, np.int64).reshape(3, 1), seen[:, :-1]), axis=1)
        half.last_seen = (int(seen[0, -1]), int(seen[1, -1]), int(seen[2, -1]))
        step = seen - before
        copies: Flag = (seen[1] > 0) & (step[0] == 0) & (step[1] == 0) & (step[2] < BURST)
        return copies

    def windows(self, side: int) -> None:
        """What a side offers to take, for its peer's bytes; how long it offered nothing."""
        half, own, rows = self.link.halves[side], self.own[side], self.rows
        last = np.maximum.accumulate(np.where((rows.side == side) & self.plain, self.index, -1))
        self.spoke[1 - side] = last
        scaled = rows.window << np.where((rows.flags & SYN) != 0, 0, self._shift(half))
        if half.shift is None and not half.syns:  # the scale is not known: only "nothing" is certain
            scaled = np.where(rows.window == 0, 0, UNKNOWN)
        carried = UNKNOWN if half.window is None else half.window
        self.offered[1 - side] = np.where(last >= 0, scaled[np.maximum(last, 0)], carried)
        if not len(own):
            return
        half.window = int(scaled[own[-1]])
        closed = (scaled[own] == 0) & ((rows.flags[own] & SYN) == 0)
        half.zero_windows += int(np.count_nonzero(closed))
        times = rows.time[own]
        if half.closed_since is not None:
            half.closed_time += max(0, int(times[0]) - half.closed_since)
        half.closed_time += int(np.maximum(np.diff(times), 0)[closed[:-1]].sum())
        half.closed_since = int(times[-1]) if closed[-1] else None

    def _shift(self, half: Half) -> int:
        """Scaling is in force where both sides offered it (RFC 7323, section 2.2)."""
        both = all(one.shift is not None for one in self.link.halves)
        return (half.shift or 0) if both else 0

    def round_trips(self, side: int) -> None:
        """From a segment to the acknowledgement that reaches its end; not for segments around one sent again."""
        half, rows = self.link.halves[side], self.rows
        mine = self.own[side]
        acked = self.acked[side]
        fresh = mine[self.ahead[mine] & (self.high[mine] > acked[mine])]
        ends = np.concatenate((half.outstanding[0], self.high[fresh]))
        sent = np.concatenate((half.outstanding[1], rows.time[fresh]))
        steps = np.flatnonzero(np.diff(acked, prepend=np.int64(-1)) > 0)
        steps = steps[(rows.side[steps] == 1 - side) & self.plain[steps]]
        resent = np.where((rows.side == side) & self.again, rows.time, -1)
        resent = np.maximum(np.maximum.accumulate(resent), half.last_again)
        half.last_again = int(resent[-1])
        if len(ends) and len(steps):
            found = np.searchsorted(ends, acked[steps], "right") - 1
            found = np.minimum(found, len(half.outstanding[0]) + np.searchsorted(fresh, steps) - 1)
            newest = np.diff(found, prepend=-1) > 0
            steps, found = steps[newest & (found >= 0)], found[newest & (found >= 0)]
            trips = rows.time[steps] - sent[found]
            trips = trips[(trips >= 0) & (resent[steps] < sent[found])]
            if len(trips):
                half.rtt_sum += int(trips.sum())
                half.rtt_count += len(trips)
                half.rtt_most = max(half.rtt_most, int(trips.max()))
                least = int(trips.min())
                half.rtt_least = least if half.rtt_least is None else min(half.rtt_least, least)
        left = ends > acked[-1]
        half.outstanding = (ends[left][:_OUTSTANDING], sent[left][:_OUTSTANDING])

    def take_turns(self) -> None:
        """Cut the data rows into turns; add up what happened in each."""
        link, rows = self.link, self.rows
        at = np.flatnonzero(self.data)
        if not len(at):
            if link.turn is not None:
                link.room = min(link.room, int(self._room(link.turn.side).min()))
            self._listen(-1)
            return
        side = rows.side[at]
        change = np.diff(side, prepend=np.int8(-1 if link.turn is None else link.turn.side)) != 0
        waits, flight, window = self._pauses(at, side, change)
        starts = np.unique(np.concatenate(([0], np.flatnonzero(change))))
        stops = np.append(starts[1:], len(at))
        new, length, again = self.new[at], rows.length[at], self.again[at]
        for start, stop in zip(starts.tolist(), stops.tolist(), strict=True):
            part = slice(start, stop)
            frame, time = int(rows.frame[at[start]]), int(rows.time[at[start]])
            if change[start]:
                link.open_turn(int(side[start]), frame, time)
            turn = link.turn
            assert turn is not None
            turn.last_frame = int(rows.frame[at[stop - 1]])
            link.last_data = int(rows.time[at[stop - 1]])  # clocks may step back: of the last one, not the latest
            turn.last_time = max(turn.first_time, link.last_data)
            turn.new += int(new[part].sum())
            turn.wire += int(length[part].sum())
            turn.segments += stop - start
            turn.again += int(np.count_nonzero(again[part]))
            for place, wait in enumerate(waits):
                spent = int(wait[part].sum())
                turn.waits[place] += spent
                link.halves[turn.side].waits[place] += spent
            turn.most_flight = max(turn.most_flight, int(flight[part].max()))
            known = window[part][window[part] != UNKNOWN]
            if len(known):
                least, most = int(known.min()), int(known.max())
                turn.least_window = least if turn.least_window is None else min(turn.least_window, least)
                turn.most_window = most if turn.most_window is None else max(turn.most_window, most)
            turn.timeline.add(rows.time[at[part]], new[part], length[part] - new[part])
        link.heard = None
        self._listen(int(at[-1]))

    def _listen(self, last: int) -> None:
        """Whether the receiver has spoken since the last data segment."""
        if self.link.turn is None:
            return
        spoke = int(self.spoke[self.link.turn.side][-1])
        if spoke > last:
            self.link.heard = int(self.rows.time[spoke])

    def _room(self, side: int) -> I8:
        """At each row: what the receiver's window leaves a side to send."""
        sent = np.where(self.rows.side == side, self.high, -1)
        flight = np.maximum.accumulate(np.maximum(sent, self.high_before[side])) - self.acked[side]
        offered = self.offered[side]
        out: I8 = np.where(offered == UNKNOWN, UNKNOWN, offered - flight)
        return out

    def _least_rooms(self, at: I8, pick: Flag) -> I8:
        """The least room between each data row and the one before it; what is left is carried on."""
        cuts = np.concatenate(([0], at))
        both = [np.minimum.reduceat(self._room(side), cuts) for side in (0, 1)]
        before: I8 = np.where(pick, both[1][:-1], both[0][:-1])
        before[0] = min(self.link.room, int(before[0])) if at[0] else self.link.room
        self.link.room = int(both[int(pick[-1])][-1])
        return before

    def _pauses(self, at: I8, side: npt.NDArray[np.int8], change: Flag) -> tuple[list[I8], I8, I8]:
        """Before each data row: the pause by what it was spent on; bytes in flight and window after it."""
        link, rows = self.link, self.rows
        pick = side == 1
        flight = self.high[at] - np.where(pick, self.acked[1][at], self.acked[0][at])
        window = np.where(pick, self.offered[1][at], self.offered[0][at])
        spoke = np.where(pick, self.spoke[1][at], self.spoke[0][at])
        time = rows.time[at]
        room_before = self._least_rooms(at, pick)
        previous = np.concatenate(([-1], at[:-1]))
        pause = np.maximum(np.diff(time, prepend=np.int64(link.last_data or 0)), 0)
        pause = np.where(change | (pause < BURST), 0, pause)
        heard = spoke > previous
        heard_at = np.where(heard, rows.time[np.maximum(spoke, 0)], 0)
        if not heard[0] and link.heard is not None:
            heard[0], heard_at[0] = True, link.heard
        after = np.where(heard, np.clip(time - heard_at, 0, pause), pause)
        lost = self.again[at]
        closed = ~lost & (room_before < rows.length[at])
        clocked = ~lost & ~closed & heard & (after <= np.maximum(CLOCKED, pause // CLOCKED_PART))
        by_loss = np.where(lost, pause, 0)
        by_window = np.where(closed, np.where(heard, pause - after, pause), 0)
        by_network = np.where(clocked, pause - after, 0)
        by_sender = pause - by_loss - by_window - by_network
        return [by_sender, by_window, by_network, by_loss], flight, window


def _fill(half: Half, begin: int, end: int, time: int) -> tuple[int, bool]:
    """Bytes of ``[begin, end)`` that fill a hole, and whether they came so late that they must have been lost."""
    for place, (low, high, since) in enumerate(half.holes):
        if low <= begin < high:
            del half.holes[place]
            for left in ((low, begin), (min(end, high), high)):
                if left[1] > left[0]:
                    half.holes.append((*left, since))
            return min(end, high) - begin, time - since > REORDERED
    return 0, False
