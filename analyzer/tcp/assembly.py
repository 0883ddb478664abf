"""Batches in, connections' bytes out: numbers the streams and leads every run to its direction.

Strategy: one pass over the batch's groups decides which connection each row belongs to. Rows that may open or end a
connection (a key never seen, SYN, FIN, RST) are visited in capture order; all others belong to the connection that
their key had before. Then connections are served one after the other, the client's direction first, run by run.
Streams are numbered as Wireshark does: a conversation by its first packet, and a SYN with another initial sequence
number (or after the end) on known addresses and ports opens a new one.
"""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Callable, Iterator
from itertools import islice

import numpy as np

from analyzer.model.packets import ACK, FIN, RST, SYN, PacketBatch, PacketSource, empty_batch
from analyzer.tcp.columns import PATIENCE, Key, Rows, Sorted, sort_batch
from analyzer.tcp.connection import Conn, Consumer, Half
from analyzer.tcp.past import Past
from analyzer.tcp.patience import Stretch, accepted, account, acknowledge, be_late, calm_parts, pass_time, take
from analyzer.tcp.pieces import Piece
from analyzer.tcp.reassembly import STRAY, close, deliver, finish

__all__ = ["Assembler"]

#: Connections remembered; beyond it the ended and then the longest silent go.
MAX_CONNECTIONS = 65_536
#: Ended connections remembered, for their late retransmissions.
MAX_ENDED = 2_048
#: Connections remembered of which only one side was seen, without a byte: scans and floods.
MAX_UNHEARD = 8_192
#: Directions whose stream numbers are remembered after their state is gone; beyond it the oldest go.
MAX_NUMBERS = 65_536
#: New streams, at least, after which it is looked again for what can be forgotten.
SWEEP = 1_024
#: Rows of a batch that are looked at in any case.
_LOOK = 2_048
#: (row of the batch, place in the table, key)
_Visit = tuple[int, int, Key]
#: Of connections that were replaced: (batch row of the SYN, half before it), by key.
_Changes = dict[Key, list[tuple[int, Half]]]


def _first_rows(table: Sorted, place: int, end: int, key: Key, visits: list[_Visit]) -> None:
    """A row that may open or end something; and if it does not tell where the peer stands, the first that does."""
    rows, flag = table.places, table.flag
    visits.append((rows[place], place, key))
    while place < end and not flag[place] & ACK:
        place += 1
        if place < end and flag[place] & (SYN | ACK) == ACK:
            visits.append((rows[place], place, key))


def _payload(table: Sorted, low: int, high: int, since: int, until: int) -> bool:
    """A row of the places ``[low, high)`` between two rows of the batch carries bytes."""
    first, behind = (low + int(np.searchsorted(table.order[low:high], row)) for row in (since, until))
    return bool(table.rows.cum[behind] > table.rows.cum[first])


def _acknowledges(table: Sorted, low: int, high: int, since: int, until: int, zero: int) -> bool:
    """A row of the places ``[low, high)`` between two rows of the batch acknowledges bytes behind ``zero``."""
    first, behind = (low + int(np.searchsorted(table.order[low:high], row)) for row in (since, until))
    acks = (table.rows.ack[place] for place in range(first, behind) if table.flags[place] & ACK)
    return any(accepted(zero, 0, ack) for ack in acks)


class Assembler:
    """Reassembles all connections of a source. ``consume`` makes the consumer of a new connection."""

    def __init__(self, source: PacketSource, consume: Callable[[Conn], Consumer]) -> None:
        self.streams = 0
        self.segments = 0
        self.table: Sorted | None = None  #: the batch that is being worked through
        self._source = source
        self._consume = consume
        self._halves: dict[Key, Half] = {}
        self._clock = 0  #: the latest time that the capture has shown
        self._waiting: dict[Conn, None] = {}  #: connections with holes or a RST that time will settle
        self._numbers: dict[Key, int] = {}  #: stream numbers of forgotten connections
        self._sweep = 0
        self._replaced: dict[Conn, tuple[int, int, int]] = {}  #: by the frame, at this time, by this clock
        self._resets: dict[Conn, list[tuple[int, int, int]]] = {}  #: of this batch: (frame, time, clock)
        self._renumbered: dict[Conn, list[tuple[int, Half, int, int]]] = {}  #: of this batch: (row, half, from, to)
        self._past = Past(source)

    def run(self) -> Iterator[PacketBatch]:
        """Work through the source; yields after every batch, while its buffer is still good."""
        last = (0, 0)
        for batch in self._source.batches():
            parts = list(self._take(batch))
            last = (batch.last_frame, batch.last_time)
            yield batch
            self.table = None
            for rows, touched in parts:
                self._past.add(batch, rows, touched)
        for conn in dict.fromkeys(h.conn for h in self._halves.values()):
            self._finish(conn, "end", *last)
        self._halves.clear()
        yield empty_batch(self._source.addresses, last_frame=last[0], last_time=last[1], final=True)

    def _take(self, batch: PacketBatch) -> Iterator[tuple[Rows, list[Conn]]]:
        """Work a batch off: in one go, or up to each row behind which connections have to be forgotten, so that it does
        not depend on the batches which ones that are."""
        fetch, low = self._past.fetch(batch), 0
        while low < len(batch):
            high = self._likely_full(batch, low)
            part = batch.part(low, high) if (low, high) != (0, len(batch)) else batch
            table = sort_batch(part, fetch, self._clock)
            changes, stop = self._changes(table)
            if stop < len(part):
                part = part.part(0, stop)
                table = sort_batch(part, fetch, self._clock)
            self.segments += len(part)
            yield table.rows, self._work(table, changes)
            if self._is_full():
                self._forget((int(part.frame[-1]), int(part.time[-1])))
            low += stop

    def _likely_full(self, batch: PacketBatch, low: int) -> int:
        """How many rows are worth a look at once: up to the SYN by which there may be too much state. (To look at more
        changes nothing, but what is behind that row is looked at again.)"""
        left = max(1, self._sweep - self.streams, MAX_ENDED - len(self._halves) // 2)
        if len(batch) - low <= max(left, _LOOK):
            return len(batch)
        opening = np.flatnonzero((batch.flags[low:] & (SYN | ACK)) == SYN)
        return min(len(batch), low + max(_LOOK, int(opening[left - 1]) + 1)) if len(opening) >= left else len(batch)

    def _work(self, table: Sorted, changes: _Changes) -> list[Conn]:
        """Serve all connections of a part of a batch; those of which anything may point into its columns."""
        self.table = table
        touched: dict[Conn, list[Stretch]] = {}
        for stretch in self._stretches(table, changes):
            conn = stretch[0].conn
            if conn in touched:
                touched[conn].append(stretch)
            else:
                touched[conn] = [stretch]
        replaced, self._replaced = self._replaced, {}
        for conn in [conn for conn in replaced if conn not in touched]:
            self._leave(conn, *replaced[conn])
        # One that goes on with the number of another comes behind it.
        turn = {conn: number for number, conn in enumerate(replaced)}
        for conn in sorted(touched, key=lambda conn: (conn.stream, turn.get(conn, len(turn)))):
            if conn.reset is None and conn not in self._resets and conn not in self._renumbered:
                self._serve(conn, table, touched[conn])
            else:
                self._serve_in_parts(conn, table, touched[conn])
            if conn in replaced:
                self._leave(conn, *replaced[conn])
        self._clock = table.now
        for conn in list(self._waiting):
            self._pass_time(conn, self._clock)
        return [conn for conn in touched if conn.spoke]

    # Which row belongs to which connection

    def _stretches(self, table: Sorted, changes: _Changes) -> Iterator[Stretch]:
        """Every row's half: the groups of the batch, cut where a new connection took over the addresses and ports."""
        starts, ends, halves = table.run_start, table.run_end, self._halves
        for key, first, behind in table.groups:
            low, high = starts[first], ends[behind - 1]
            half = halves[key]
            for row, old in changes.get(key, ()):  # ascending
                cut = low + int(np.searchsorted(table.order[low:high], row))
                if cut > low:
                    yield old, low, cut
                low = cut
            if high > low:
                yield half, low, high

    def _changes(self, table: Sorted) -> tuple[_Changes, int]:
        """Open and replace connections, up to the row behind which some have to be forgotten; the number of rows up to
        there is the second value."""
        halves, flag = self._halves, table.flag
        visits: list[_Visit] = []
        for key, first, behind in table.groups:
            half = halves.get(key)
            if half is None or not half.seen or half.peer.zero is None:
                _first_rows(table, table.run_start[first], table.run_end[behind - 1], key, visits)
        if table.events:
            heads = [table.run_start[first] for _, first, _ in table.groups]
            for place, group in zip(table.events, np.searchsorted(heads, table.events, "right").tolist(), strict=True):
                key, _, behind = table.groups[group - 1]
                _first_rows(table, place, table.run_end[behind - 1], key, visits)
        changes: _Changes = {}
        visits.sort()
        before = -1
        for row, place, key in visits:  # to which others may be added, behind this one
            if row == before:
                continue  # a first row that is an event, too
            before = row
            half = halves.get(key)
            if half is not None and half.seen and not flag[place] & (SYN | RST) and half.peer.zero is not None:
                half.conn.ended = half.conn.ended or bool(flag[place] & FIN)  # all that an ordinary row changes
                continue
            if self._visit(table, row, place, key, changes):
                self._first_answers(table, row, self._halves[key].conn.halves[1].key, visits)
            if self._is_full():
                return changes, row + 1
        return changes, len(table.order)

    @staticmethod
    def _first_answers(table: Sorted, row: int, key: Key, visits: list[_Visit]) -> None:
        """A connection was replaced at ``row``: the first rows of the other direction behind it are new ones."""
        for low, high in table.places_of(key):
            place = low + int(np.searchsorted(table.order[low:high], row))
            if place < high:
                found: list[_Visit] = []
                _first_rows(table, place, high, key, found)
                for visit in found:
                    insort(visits, visit)

    def _visit(
        self,
        table: Sorted,
        row: int,
        place: int,
        key: Key,
        changes: _Changes,
    ) -> bool:
        """One row that may open, replace or end a connection. True: it replaced one."""
        flags, sequence = table.flag[place], int(table.sequence[place])
        half = self._halves.get(key)
        replaced, clock, begins = False, table.clock[place], flags & (SYN | ACK) == SYN
        if half is None:
            half = self._open(key, flags, clock, None if begins else self._numbers.get(key))
        elif self._is_new(half, flags, sequence):
            replaced = True
            for old in half.conn.halves:
                changes.setdefault(old.key, []).append((row, old))
            self._replaced[half.conn] = table.rows.frame[place], table.rows.time[place], clock
            # Where the SYN is not in the capture, Wireshark goes on with the number.
            half = self._open(key, flags, clock, None if begins else half.conn.stream)
        conn, peer = half.conn, half.peer
        half.seen = True
        if half.zero is None:
            half.zero = sequence
        elif flags & SYN and not (half.spoke or half.next or half.acked > 0 or conn.ended):
            self._renumber(table, half, sequence, row, changes[key][-1][0] if key in changes else 0)
        if peer.zero is None and flags & ACK:
            peer.zero = table.rows.ack[place]
        if flags & SYN:
            self._handshake(conn, flags, table.rows.time[place])
        if flags & (FIN | RST):
            conn.ended = True
            if flags & RST:
                self._resets.setdefault(conn, [])
        return replaced

    def _renumber(self, table: Sorted, half: Half, sequence: int, row: int, since: int) -> None:
        """A SYN-ACK after one that somebody else had put in, if nothing was said or acknowledged since."""
        zero, peer = half.zero, half.peer
        if zero is None or zero == sequence:
            return
        since = max([since, *(at for at, other, _, _ in self._renumbered.get(half.conn, ()) if other is half)])
        said = any(_payload(table, low, high, since, row) for low, high in table.places_of(half.key))
        heard = any(_acknowledges(table, low, high, since, row, zero) for low, high in table.places_of(peer.key))
        if not said and not heard:
            self._renumbered.setdefault(half.conn, []).append((row, half, zero, sequence))
            half.zero = sequence

    @staticmethod
    def _is_new(half: Half, flags: int, sequence: int) -> bool:
        """Wireshark's rule (packet-tcp.c) for a SYN: another initial sequence number than was seen, or than the peer
        had acknowledged; or the conversation had ended. A second SYN-ACK with another one after the end tells the same.
        """
        if half.zero is None or not flags & SYN:
            return False
        other, ended = half.zero != sequence, half.conn.ended
        return (other and ended and half.conn.syn_ack) if flags & ACK else other or (half.seen and ended)

    @staticmethod
    def _handshake(conn: Conn, flags: int, time: int) -> None:
        if flags & ACK:
            conn.syn_ack = True
        elif conn.syn_time is None:
            conn.syn_time = time

    def _open(self, key: Key, flags: int, clock: int, number: int | None) -> Half:
        """A new connection; ``number``: of the stream that it goes on with."""
        conn = Conn(self.streams if number is None else number, key)
        self.streams += number is None
        for half in conn.halves:
            self._halves[half.key] = half
            half.mark = clock
        if flags & SYN:
            conn.handshake = True
            conn.client = 1 if flags & ACK else 0
        conn.consumer = self._consume(conn)
        return conn.halves[0]

    # Serving a connection

    def _serve(self, conn: Conn, table: Sorted, stretches: list[Stretch]) -> None:
        client = conn.client or 0
        if len(stretches) > 1:
            stretches.sort(key=lambda s: (s[0].side != client, s[1]))
        for half, low, high in stretches:
            self._runs(table, half, low, high, stretches)
        for half in conn.halves:
            if account(half, table, stretches):
                self._waiting[conn] = None
        clock = table.clock
        for half, _, high in stretches:
            half.heard = True
            if clock[high - 1] > conn.last_time:
                conn.last_time = clock[high - 1]
        _settle(conn)

    def _serve_in_parts(self, conn: Conn, table: Sorted, stretches: list[Stretch]) -> None:
        """A connection that is reset ends when nothing comes any more for a while: the rows up to there, and the rest.
        And where its numbers change, the rows before are told by the old ones."""
        numbers = self._renumbered.pop(conn, [])
        for _, half, zero, _ in reversed(numbers):
            half.zero = zero
        for row, part in calm_parts(table, stretches, conn.last_time, [number[0] for number in numbers]):
            for at, half, _, zero in numbers:
                half.zero = zero if at == row else half.zero
            self._pass_time(conn, min(table.clock[low] for _, low, _ in part))
            self._resets[conn] = []
            self._serve(conn, table, part)
            self._reset(conn)
        self._resets.pop(conn, None)

    def _reset(self, conn: Conn) -> None:
        """What came was without a pause. A RST stands unless the connection goes on for a while."""
        for frame, time, clock in sorted(self._resets[conn]):
            if conn.reset is None or clock - conn.reset[2] >= PATIENCE // 2:
                conn.reset = (frame, time, clock)
        if conn.reset is not None:
            if conn.last_time - conn.reset[2] >= PATIENCE // 2:
                conn.reset = None  # it goes on: nobody took the RST seriously
            else:
                self._waiting[conn] = None

    def _runs(self, table: Sorted, half: Half, low: int, high: int, stretches: list[Stretch]) -> None:
        """All runs of one direction, in capture order."""
        starts, ends, rows, clock = table.run_start, table.run_end, table.rows, table.clock
        conn, peer = half.conn, half.peer
        index, behind = bisect_left(starts, low + 1) - 1, bisect_left(starts, high)
        while index < behind:
            first, stop, sequence, flags = starts[index], ends[index], table.run_sequence[index], table.run_flags[index]
            length, captured = table.run_length[index], table.run_captured[index]
            if first < low or stop > high:  # a new connection began inside the run
                first, stop = max(first, low), min(stop, high)
                length = captured = rows.cum[stop] - rows.cum[first]
                sequence = int(table.sequence[first])
            index += 1
            ack = acknowledge(peer, table, stop - 1)
            if length:
                offset = half.offset(sequence)
                if offset == 1 and not half.next:
                    half.begin()
                piece = Piece(rows, first, stop, offset, offset, offset + captured, ack)
                if (
                    offset == half.next
                    and length == captured
                    and (clock[stop - 1] - half.mark < PATIENCE or half.calm)
                    and not half.held
                    and half.fin is None
                ):
                    deliver(half, piece)
                    half.mark = clock[first]
                else:
                    take(half, piece, sequence, length, table, stretches)
            if flags:
                if clock[first] - half.mark >= PATIENCE:
                    be_late(half, table, stretches, first)
                self._flagged(half, flags, half.offset(sequence) + length, rows, first, clock[first])
            elif conn.rtt is None:
                self._measure(half, rows.time[first])

    def _flagged(self, half: Half, flags: int, end: int, rows: Rows, row: int, clock: int) -> None:
        frame, time = rows.frame[row], rows.time[row]
        half.calm = None
        half.syn = half.syn or bool(flags & SYN)
        peer = half.peer
        begun = half.syn or half.next or half.spoke or peer.told > 0 or not half.conn.handshake
        first = half.fin is None or end < half.fin[0]  # one that is nearer is no other connection's
        if flags & FIN and begun and first and -1 <= end - half.next < STRAY:  # else it is nobody's end
            half.fin = (end, frame, time)
            if half.next >= end:
                close(half, "fin", frame, time)
        if flags & RST and abs(end - half.next) < STRAY:
            self._resets[half.conn].append((frame, time, clock))

    @staticmethod
    def _measure(half: Half, time: int) -> None:
        """The handshake's round trip: from the SYN to the client's first segment after the SYN-ACK."""
        conn = half.conn
        if conn.syn_ack and conn.syn_time is not None and half.side == conn.client:
            conn.rtt = time - conn.syn_time

    # Time and the end

    def _pass_time(self, conn: Conn, clock: int) -> None:
        """What is overdue by the capture's clock: holes become gaps; a connection that was reset ends."""
        for half in conn.halves:
            pass_time(half, clock)
        if conn.reset is not None and clock - conn.last_time >= PATIENCE:
            self._finish(conn, "rst", conn.reset[0], conn.reset[1])
            conn.reset = None
            return
        _settle(conn)
        if conn.reset is None and not any(h.held or h.beyond is not None for h in conn.halves):
            self._waiting.pop(conn, None)

    def _finish(self, conn: Conn, how: str, frame: int, time: int) -> None:
        if conn.reset is not None:
            how, frame, time = "rst", conn.reset[0], conn.reset[1]
        for half in conn.halves:
            finish(half, how, frame, time)
        _settle(conn)
        self._waiting.pop(conn, None)

    def _leave(self, conn: Conn, frame: int, time: int, clock: int) -> None:
        """A connection was replaced by a frame."""
        self._pass_time(conn, clock)
        self._finish(conn, "end", frame, time)

    def _is_full(self) -> bool:
        """There may be too much state."""
        return self.streams >= self._sweep and len(self._halves) >= 2 * MAX_ENDED

    def _forget(self, last: tuple[int, int]) -> None:
        """Drop the oldest state; the numbers of its streams stay."""
        conns = dict.fromkeys(h.conn for h in self._halves.values())
        self._sweep = self.streams + max(SWEEP, len(conns) >> 2)
        over = [c for c in conns if c.over]
        drop = _oldest(over, MAX_ENDED)
        if len(conns) - len(over) > MAX_UNHEARD:
            drop += _oldest([c for c in conns if not c.halves[1].seen and not c.spoke], MAX_UNHEARD)
        if len(conns) - len(drop) > MAX_CONNECTIONS:
            gone = set(drop)
            drop += _oldest([c for c in conns if c not in gone], MAX_CONNECTIONS)
        for conn in dict.fromkeys(drop):
            if conn.over:
                self._waiting.pop(conn, None)
            else:
                self._finish(conn, "end", *last)
            for half in conn.halves:
                if self._halves.get(half.key) is half:
                    del self._halves[half.key]
                self._numbers[half.key] = conn.stream
            conn.leave()
        for key in list(islice(self._numbers, max(0, len(self._numbers) - MAX_NUMBERS))):
            del self._numbers[key]


def _oldest(conns: list[Conn], kept: int) -> list[Conn]:
    """All but so many, those that were silent for the shortest time."""
    return sorted(conns, key=lambda c: c.last_time)[: max(0, len(conns) - kept)]


def _settle(conn: Conn) -> None:
    """All that is known for now has been told; perhaps all that ever will be."""
    conn.consumer.settle()
    if conn.over:
        conn.consumer.over()
