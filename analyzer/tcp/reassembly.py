"""Puts one direction together: old bytes off, holes waited for, the rest handed on in order.

Strategy: a run that begins at the next expected byte goes straight on. One that begins earlier has brought old bytes:
they are compared with what was kept, and cut off. One that begins later waits behind a hole; of bytes that wait twice
the first sighting stays. A hole is given up on evidence: the peer has acknowledged it and capture time has passed, or
too much waits behind it, or the connection ended. Nothing here depends on how the capture was cut into batches.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import deque
from collections.abc import Sequence
from heapq import heappush

from analyzer.tcp.columns import PATIENCE, Ints
from analyzer.tcp.connection import NOTHING_HELD, Half, Held
from analyzer.tcp.pieces import Piece

__all__ = ["COMPARED", "LONG_PATIENCE", "STRAY", "close", "deliver", "expired", "finish", "give_up", "owed", "receive"]

#: The same where the peer has not acknowledged it: longer than any retransmission time-out in use (RFC 6298: 60 s).
LONG_PATIENCE = 60_000_000_000
#: Bytes that may wait behind holes of one direction.
MAX_HELD = 16 << 20
#: What a segment costs while it waits, beside its bytes.
_OVERHEAD = 200
#: How far back retransmitted bytes are compared.
COMPARED = 16 << 10
#: Segments that claim to be further ahead than this belong to another connection.
_FAR = 1 << 30
#: So do those that are further back, and a FIN or RST that is further away: it is none of this connection's.
STRAY = 1 << 25


def receive(half: Half, piece: Piece, length: int, clock: Ints) -> None:
    """Take a run: ``piece`` holds the captured bytes, ``length`` is what was on the wire; ``clock`` by row."""
    start, end = piece.start, piece.start + length
    if end < half.next - STRAY or start - half.next >= _FAR or (half.closed and end > half.next):
        half.conn.consumer.unfit(piece.segments)
        return
    if half.closed:
        _compare(half, piece)
        return
    if start > half.next:
        half.out_of_order += piece.segments
        _hold(half, Held(start, piece, piece.end, end, clock[piece.row(start)]))
        while half.held_bytes > MAX_HELD:
            give_up(half)
        return
    if start < half.next:
        _compare(half, piece)
        if end <= half.next:
            return
        start = half.next
        piece = piece.part(min(start, piece.end), piece.end)
    if half.held and end > half.held[0].start:  # of what waits already, the first sighting stays
        _hold(half, Held(start, piece, piece.end, end, clock[piece.row(piece.start)]))
    else:
        _deliver(half, piece, end)
    if half.held:
        _drain(half)


def deliver(half: Half, piece: Piece) -> None:
    """Hand on the next bytes, one at least, all of them captured."""
    half.conn.consumer.data(half.side, piece)
    end = half.next = piece.end
    recent = half.recent
    if piece.start <= end - COMPARED:
        half.recent = [piece]
        return
    recent.append(piece)
    while len(recent) > 1 and recent[1].start <= end - COMPARED:
        del recent[0]


def _deliver(half: Half, piece: Piece, end: int) -> None:
    """Hand on captured bytes, and the hole that the snap length left behind them."""
    if half.fin is not None and half.fin[0] < end:
        if half.fin[0] < piece.end and not piece.begins_at(half.fin[0]):
            half.fin = None  # a segment goes on behind it: it was another connection's
        else:
            end = half.fin[0]
            piece = piece.part(piece.start, min(piece.end, end))
    if piece.end > piece.start:
        deliver(half, piece)
    if end > half.next:
        _gap(half, end, True)
    elif half.fin is not None:
        _come_to_fin(half)


def _gap(half: Half, end: int, snapped: bool) -> None:
    conn = half.conn
    if half.fin is not None:
        end = min(end, half.fin[0])
    conn.gaps += 1
    conn.gap_bytes += end - half.next
    last = half.recent[-1] if half.recent else None
    frame = last.rows.frame[last.row(last.end - 1)] if last is not None else 0
    conn.consumer.gap(half.side, half.next, end, frame, snapped)
    half.next = end
    if half.fin is not None:
        _come_to_fin(half)


def _come_to_fin(half: Half) -> None:
    if half.fin is not None and half.next >= half.fin[0]:
        close(half, "fin", half.fin[1], half.fin[2])


def _drain(half: Half) -> None:
    """Hand on what waits and is next."""
    held = half.held
    while held and held[0].start <= half.next:
        first = held.popleft()
        half.held_bytes -= first.cost
        if first.end > half.next:
            start = half.next
            _deliver(half, first.piece.part(min(start, first.captured), first.captured), first.end)
    if not held:
        half.held = NOTHING_HELD
        half.arrivals.clear()


def _hold(half: Half, new: Held) -> None:
    """Insert what of ``new`` does not wait already; the rest is compared with what came first."""
    if half.held is NOTHING_HELD:
        half.held = deque()
    held = half.held
    behind = not held or held[-1].start <= new.start  # the usual case, in place of a search
    at = len(held) if behind else bisect_right(held, new.start, key=lambda h: h.start)
    if at and held[at - 1].end > new.start:
        at -= 1
    start = new.start
    met: list[Piece] = []
    while start < new.end:
        stop = min(new.end, held[at].start) if at < len(held) else new.end
        if stop > start:
            captured = max(start, min(stop, new.captured))
            low = min(start, new.captured)  # all of it may lie behind the snap length: then nothing is there to read
            part = new.piece.part(low, max(low, min(stop, new.captured)))
            cost = stop - start + _OVERHEAD * part.segments
            held.insert(at, Held(start, part, captured, stop, new.time, cost))
            heappush(half.arrivals, (new.time, start))
            half.held_bytes += cost
            at += 1
        if at < len(held):
            if held[at].start < new.end:
                met.append(held[at].piece)
                _note_again(half, (held[at].piece,), new.piece, held[at].start, min(held[at].end, new.end))
            start = max(stop, held[at].end)
            at += 1
        else:
            start = stop
    if met:
        _compare_with(half, met, new.piece)


def _compare(half: Half, piece: Piece) -> None:
    """Count and compare bytes that came again. A segment of one byte before the next is a keep-alive probe: its byte
    means nothing (RFC 9293, section 3.8.4), also where new data follows it in the same run."""
    limit = half.next
    high = limit
    for start in piece.boundaries():
        stop = piece.segment_end(start)
        if start == limit - 1 and stop == limit:
            high = start
        elif stop <= limit:
            half.retransmitted += 1
        else:
            break
    _note_again(half, half.recent, piece, piece.start, high)
    _compare_with(half, [old for old in half.recent if old.end > piece.start], piece, limit - COMPARED, high)


def _note_again(half: Half, before: Sequence[Piece], piece: Piece, low: int, high: int) -> None:
    """Remember which segments of ``piece`` brought bytes of ``[low, high)`` once more, and who had brought them."""
    low, high = max(low, piece.start), min(high, piece.end)
    if low >= high:
        return
    for start, stop, frame in piece.frames(low, high):
        close = start >= half.next - COMPARED  # further back it depends on the batches what is still known
        old = next((o for o in before if o.start <= start < o.end), None) if close else None
        first = int(old.rows.frame[old.row(start)]) if old is not None else None
        half.again.add(start, stop, frame, piece.time(start), first)


def _compare_with(half: Half, olds: list[Piece], new: Piece, low: int = 0, high: int = 1 << 62) -> None:
    """Report the segments of ``new`` that differ from ``olds`` (in stream order) in what both have inside
    ``[low, high)``. How the old bytes are cut into pieces does not matter."""
    for old in olds:
        start, end = max(old.start, new.start, low), min(old.end, new.end, high)
        if start < end and old.read(start, end) != new.read(start, end):
            break
    else:
        return
    for first, stop, frame in new.frames(max(new.start, low), min(new.end, high)):
        at, kept = first, b""
        for old in olds:
            start, end = max(old.start, first), min(old.end, stop)
            if start < end:
                if start > at + len(kept):
                    _contradicts(half, at, kept, new, frame)
                    at, kept = start, b""
                kept += old.read(start, end)
        _contradicts(half, at, kept, new, frame)


def _contradicts(half: Half, offset: int, kept: bytes, new: Piece, frame: int) -> None:
    dropped = new.read(offset, offset + len(kept)) if kept else b""
    if kept != dropped:
        half.conn.overlaps += 1
        half.conn.consumer.overlap(half.side, offset, kept, dropped, frame)


def expired(half: Half, now: int) -> bool:
    """The first hole has been waited for long enough, or what the peer acknowledges and nobody captured."""
    if half.held:
        known = half.acked >= half.held[0].start or not half.peer.heard
        return now - half.since >= (PATIENCE if known else LONG_PATIENCE)
    return half.beyond is not None and now - half.beyond >= PATIENCE


def give_up(half: Half) -> None:
    """The first hole becomes a gap; what waited behind it goes on."""
    if half.held:
        _gap(half, half.held[0].start, False)
        _drain(half)
    elif owed(half) > half.next:
        _gap(half, owed(half), False)
    if owed(half) <= half.next:
        half.beyond = None


def owed(half: Half) -> int:
    """Up to which offset the peer has acknowledged data. A FIN is acknowledged like a byte, captured or not."""
    if half.closed:
        return half.next
    if half.fin is not None:
        return min(half.acked, half.fin[0])
    return half.acked if half.acked > half.next + 1 else half.next


def finish(half: Half, how: str, frame: int, time: int) -> None:
    """The connection is over: holes are given up, and the side is closed once."""
    while half.held:
        give_up(half)
    end = max(half.fin[0] if half.fin else half.next, owed(half))
    if 0 < end - half.next < _FAR:
        _gap(half, end, False)
    if half.fin is not None and how == "end":
        how, frame, time = "fin", half.fin[1], half.fin[2]
    close(half, how, frame, time)


def close(half: Half, how: str, frame: int, time: int) -> None:
    """Tell the consumer once that nothing follows. What comes behind an end is no part of the stream (RFC 9293, section
    3.10.7.4: ignore the segment text)."""
    if not half.closed:
        half.closed = True
        half.held.clear()
        half.arrivals.clear()
        half.held_bytes, half.beyond, half.fin = 0, None, half.fin or (half.next, frame, time)
        half.conn.consumer.closed(half.side, how, frame, time)
