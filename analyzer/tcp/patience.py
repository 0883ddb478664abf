"""Time passes for a connection: holes that were waited for long enough are given up, in the order of the capture.

What may be given up depends on what the peer had acknowledged by then, and on what had come by then. The directions of
a batch are worked off one after the other, so what the peer acknowledges meanwhile is accounted for late: at the end
of the batch, or before a row that comes so late that something can have been given up before it. Only where something
waits rows are looked at one by one. The outcome is that of batches of one row: before every row of the connection time
passes up to it, then the row counts. Rows of others change nothing: they only bring on earlier what is due anyway.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import TypeAlias

import numpy as np

from analyzer.model.packets import ACK, FIN, RST, SYN
from analyzer.tcp.columns import PATIENCE, Sorted
from analyzer.tcp.connection import Half, signed
from analyzer.tcp.pieces import Piece
from analyzer.tcp.reassembly import expired, give_up, owed, receive

__all__ = ["Stretch", "accepted", "account", "acknowledge", "be_late", "calm_parts", "pass_time", "take"]

#: (half, first place in the sorted batch, place behind the last)
Stretch: TypeAlias = tuple[Half, int, int]

#: Acknowledgements that are further ahead than a window can be belong to another connection (RFC 7323, section 2.3).
_WINDOW = 1 << 30
#: Where the acknowledgements are not in the capture, what came is taken for acknowledged but so many bytes: 32-bit
#: numbers have to be near what is known to mean anything.
_BEHIND = 1 << 29
#: Rows of a direction for which it is worth while to look at all of them at once.
_MANY = 64


def accepted(zero: int, acked: int, number: int) -> int:
    """The highest offset that is acknowledged when the 32-bit ``number`` comes after ``acked``. The stream itself has
    no say in it: its direction may be worked off before or after this one."""
    step = signed(number - zero - acked)
    return acked + step if 0 < step < _WINDOW else acked


def acknowledge(peer: Half, table: Sorted, place: int) -> int | None:
    """Offset of the peer's stream that a row acknowledges. It is accounted for later. A SYN acknowledges nothing yet;
    another row without an ACK counts as what the rows before it said."""
    if not table.flag[place] & ACK:
        if table.flag[place] & SYN:
            return None
        table.rows.ack[place] = ((peer.zero or 0) + peer.told) & 0xFFFFFFFF
        return peer.told
    number = table.rows.ack[place]
    if peer.zero is None:
        peer.zero = number
    step = signed(number - peer.zero - peer.told)
    offset = peer.told + step
    if 0 < step < _WINDOW:
        peer.told = offset
    return offset


def account(half: Half, table: Sorted, stretches: Sequence[Stretch]) -> bool:
    """All rows were worked off: account for what the peer sent. True where time will settle something."""
    told = half.told
    if half.held or half.beyond is not None or (told > half.next and not half.closed):
        _catch_up(half, table, stretches, len(table.places), table.now)
    else:
        half.acked = told if told + _BEHIND > half.next else half.next - _BEHIND
    half.told, half.upto, half.calm = half.acked, 0, None
    return bool(half.held) or half.beyond is not None


def take(half: Half, piece: Piece, sequence: int, length: int, table: Sorted, stretches: Sequence[Stretch]) -> None:
    """A run that is not simply the next: it comes late, or behind a hole, or again, or was cut."""
    half.spoke = True
    first, last, clock = piece.low, table.clock[piece.high - 1], table.clock
    late = last - half.mark >= PATIENCE
    if late:
        be_late(half, table, stretches, piece.row(piece.start))
        offset = half.offset(sequence)
        if offset != piece.start:
            captured = piece.end - piece.start
            piece = Piece(piece.rows, first, piece.high, offset, offset, offset + captured, piece.ack)
    if late and (half.held or last - clock[first] >= PATIENCE):
        _take_long(half, piece, length, table, stretches)
    else:
        receive(half, piece, length, clock)
    half.mark = half.since if half.held else clock[first]
    if half.calm is None and late:
        half.calm = _is_calm(half, table, stretches, piece.high)


def _take_long(half: Half, piece: Piece, length: int, table: Sorted, stretches: Sequence[Stretch]) -> None:
    """A run that goes on for so long that something can have been given up between its rows."""
    rows, clock, start = piece.rows, table.clock, piece.start
    while True:
        row = piece.row(start)
        be_late(half, table, stretches, row)
        due = (half.since if half.held else clock[row]) + PATIENCE
        stop = max(row + 1, bisect_left(clock, due, row, piece.high))
        if stop >= piece.high:
            receive(half, piece.part(start, piece.end), length - (start - piece.start), clock)
            return
        end = piece.origin + rows.cum[stop]
        behind = piece.row(end - 1) + 1
        receive(half, Piece(rows, row, behind, start, start, end, piece.acknowledged(end - 1)), end - start, clock)
        start = end


def be_late(half: Half, table: Sorted, stretches: Sequence[Stretch], place: int) -> None:
    """A row comes so late that something can have been given up before it."""
    _catch_up(half, table, stretches, table.places[place], table.clock[place])
    if half.held or half.beyond is not None:
        pass_time(half, table.clock[place])


def pass_time(half: Half, now: int) -> None:
    """Give up what is due by the capture's clock, as far as the peer is accounted for."""
    while expired(half, now):
        give_up(half)


def _catch_up(half: Half, table: Sorted, stretches: Sequence[Stretch], until: int, now: int) -> None:
    """Account for what the peer sent before the row ``until`` of the batch; what was due by then is given up."""
    before, half.acked = half.acked, _acked(half, table, stretches, half.upto, until)
    if half.held or half.beyond is not None or owed(half) > half.next:
        half.acked = before
        (_by_rows if now - half.mark >= PATIENCE else _by_runs)(half, table, stretches, until)
    peer = half.peer
    if not peer.heard:
        peer.heard = any(low < high for low, high in _windows(peer, table, stretches, half.upto, until))
    half.upto = until


def _by_rows(half: Half, table: Sorted, stretches: Sequence[Stretch], until: int) -> None:
    """Something may be given up meanwhile."""
    peer, clock, places = half.peer, table.clock, table.places
    turn = _last_turn(half, table, stretches, until)
    if turn is not None:
        half.beyond = None
    for place in _telling(peer, table, stretches, half.upto, until):
        if turn is not None and places[place] > places[turn]:
            _turned(half, clock[turn])
            turn = None
        pass_time(half, clock[place])
        peer.heard = True
        if table.flag[place] & ACK:
            half.acked = accepted(half.zero or 0, half.acked, table.rows.ack[place])
            if turn is None and half.beyond is None and owed(half) > half.next:
                half.beyond = clock[place]
    if turn is not None:
        _turned(half, clock[turn])


def _by_runs(half: Half, table: Sorted, stretches: Sequence[Stretch], until: int) -> None:
    """Nothing can be given up meanwhile. What remains to be known is since when the peer acknowledges too much."""
    since, turn = half.upto, _last_turn(half, table, stretches, until)
    if turn is not None:
        half.acked = _acked(half, table, stretches, since, table.places[turn])
        _turned(half, table.clock[turn])
        since = table.places[turn]
    before, half.acked = half.acked, _acked(half, table, stretches, since, until)
    if half.beyond is None and owed(half) > half.next:
        half.acked = before
        for place in _telling(half.peer, table, stretches, since, until):
            if table.flag[place] & ACK:
                half.acked = accepted(half.zero or 0, half.acked, table.rows.ack[place])
                if half.beyond is None and owed(half) > half.next:
                    half.beyond = table.clock[place]
                    half.acked = _acked(half, table, stretches, table.places[place] + 1, until)
                    return


def _turned(half: Half, clock: int) -> None:
    """The direction sent something itself: what the peer acknowledges beyond that is waited for from here on."""
    half.beyond = clock if owed(half) > half.next else None


def _acked(half: Half, table: Sorted, stretches: Sequence[Stretch], since: int, until: int) -> int:
    """What the peer acknowledges with the rows ``[since, until)`` of the batch. Runs are enough here: inside one
    acknowledgements do not step back."""
    peer, ends = half.peer, table.run_end
    flag, acks, acked, zero = table.flag, table.rows.ack, half.acked, half.zero or 0
    for low, high in _windows(peer, table, stretches, since, until):
        index, stop = bisect_right(table.run_start, low) - 1, low
        while stop < high:
            stop = min(ends[index], high)
            index += 1
            if flag[stop - 1] & ACK:
                step = (acks[stop - 1] - zero - acked) & 0xFFFFFFFF
                acked += step if step < _WINDOW else 0
    return acked


def _windows(
    half: Half, table: Sorted, stretches: Sequence[Stretch], since: int, until: int
) -> Iterator[tuple[int, int]]:
    """The places of a direction's rows ``[since, until)``."""
    for other, low, high in stretches:
        if other is half:
            first = bisect_left(table.places, since, low, high) if since else low
            yield first, bisect_left(table.places, until, first, high)


def _telling(half: Half, table: Sorted, stretches: Sequence[Stretch], since: int, until: int) -> Iterator[int]:
    """The places of a direction's rows ``[since, until)``, but for those that acknowledge what the one before did."""
    for low, high in _windows(half, table, stretches, since, until):
        if high - low < _MANY:
            yield from range(low, high)
            continue
        ack, flags = table.ack[low:high], table.flags[low:high]
        news = np.flatnonzero((ack[1:] != ack[:-1]) | (((flags[1:] ^ flags[:-1]) & np.uint8(ACK)) != 0)) + low + 1
        yield low
        yield from news.tolist()


def _last_turn(half: Half, table: Sorted, stretches: Sequence[Stretch], until: int) -> int | None:
    """The direction's last row before ``until`` that carries bytes or a FIN, of those that are not accounted for."""
    for low, high in reversed(list(_windows(half, table, stretches, half.upto, until))):
        carries = (table.cum[low + 1 : high + 1] > table.cum[low:high]) | ((table.flags[low:high] & np.uint8(FIN)) != 0)
        found = np.flatnonzero(carries)
        if len(found):
            return low + int(found[-1])
    return None


def calm_parts(
    table: Sorted, stretches: Sequence[Stretch], last: int, cuts: Sequence[int]
) -> Iterator[tuple[int, list[Stretch]]]:
    """(first row, stretches): a connection's rows, cut where nothing came for ``PATIENCE`` (``last`` is the clock of
    the row before) and at the rows ``cuts``."""
    places = np.concatenate([np.arange(low, high) for _, low, high in stretches])
    places = places[np.argsort(table.order[places])]
    clock = np.concatenate(([last], np.asarray(table.clock)[places]))
    late = places[np.flatnonzero(clock[1:] - clock[:-1] >= PATIENCE)]
    rows = {0, *cuts, *table.order[late].tolist()}
    for row, behind in pairwise([*sorted(rows), len(table.places)]):
        part = []
        for half, low, high in stretches:
            first = bisect_left(table.places, row, low, high)
            stop = bisect_left(table.places, behind, first, high)
            part += [(half, first, stop)] if stop > first else []
        if part:
            yield row, part


def _is_calm(half: Half, table: Sorted, stretches: Sequence[Stretch], low: int) -> bool:
    """From the place ``low`` on the direction goes on without a hole, and the peer never acknowledges what has not
    come: then nothing can be given up in this batch, up to a FIN. Looked at where a batch may hold many pauses."""
    own = [high for other, start, high in stretches if other is half and start < low <= high]
    peers = [(start, high) for other, start, high in stretches if other is not half]
    if half.held or half.fin is not None or half.beyond is not None or len(own) != 1 or len(stretches) != 2:
        return False
    high, until = own[0], len(table.places)
    if high - low < _MANY or len(peers) != 1 or half.zero is None:
        return False
    ends = np.flatnonzero(table.flags[low:high] & np.uint8(SYN | FIN | RST))
    if len(ends):
        high = low + int(ends[0])
        until = table.places[high]
    start, stop = next(_windows(half.peer, table, stretches, half.upto, until))
    cum, order = table.cum, table.order
    came = cum[low : high + 1] - cum[low]
    expected = (came[:-1] + (half.zero + half.next)).astype(np.uint32)
    whole = int(table.batch.captured[order[low:high]].sum()) == int(came[-1])
    ahead = (table.ack[start:stop] - (half.zero + half.next)).astype(np.int32)
    known = came[np.searchsorted(order[low:high], order[start:stop])]
    return (
        whole
        and np.array_equal(table.sequence[low:high], expected)
        and bool((table.flags[start:stop] & ACK).all())
        and bool((ahead <= known).all() and (ahead > -_WINDOW).all())
    )
