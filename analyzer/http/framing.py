"""Cuts the two directions of a connection into messages and pairs them.

Strategy: each direction is a queue of pieces, gaps and its end, worked off by the state it is in (a table: state →
function). Bodies are stepped over by their framing; nothing inside a body is ever looked at, except for where a
Content-Length evidently lies. An answer is only read when every byte that its sender had acknowledged is there (or
known to be missing): then its request is known, whatever order the capture has. After a gap that framing cannot
step over, a direction is out of step until a segment begins like a message (``resync``).
"""

from __future__ import annotations

from collections.abc import Callable

from analyzer.http.chunked import ChunkedReader
from analyzer.http.draft import Draft, Hole, Pair, Slices, with_partners
from analyzer.http.expecting import not_sent
from analyzer.http.head import MAX_HEAD, head_end, skip_empty_lines, start_line, status_line
from analyzer.http.interim import Interim
from analyzer.http.pairing import Requests
from analyzer.http.resync import (
    begins_answer,
    begins_request,
    first_line,
    goes_on,
    lost_answer,
    next_answer,
    next_start,
    preamble,
    swallowed_request,
    who_asks,
)
from analyzer.http.rules import Ending, Plan
from analyzer.http.side import Ends, Lost, Mode, Side, Taker
from analyzer.model.notes import note
from analyzer.model.streams import Closed, Data, Gap, StreamEvent
from analyzer.tcp.pieces import Piece, piece_of

__all__ = ["Framer"]

_SCATTERED = 4096  #: parts of a chunked body that are put together
_LOOK = 8200  #: bytes of a head in which its first line has to end


class Framer:
    """Messages and pairs of one connection.

    ``client`` is the side (0 or 1) that sends requests, None until the bytes tell, and ``likely`` what to think if they
    do not. ``ordered``: pieces carry acknowledgements, so answers can wait for their requests.
    """

    def __init__(
        self, taker: Taker, client: int | None, handshake: bool = True, ordered: bool = True, likely: int = 0
    ) -> None:
        self.taker = taker
        self.client = client
        self.likely = likely
        self.sides = (Side(0), Side(1))
        self.requests = Requests(doubt=not handshake)
        self.http = False  #: at least one start line was read
        self.tunnel = False  #: the connection has changed hands
        self.ordered = ordered
        self._interim = Interim()
        self._open: list[Draft] = []  #: requests whose answer is complete before they are

    # What comes in

    def data(self, side: int, piece: Piece) -> None:
        """The next bytes of a side."""
        self.sides[side].inbox.append(piece)
        self.sides[side].reach = piece.end

    def gap(self, side: int, start: int, end: int) -> None:
        """Bytes that the capture lacks."""
        self.sides[side].inbox.append(Lost(start, end))
        self.sides[side].reach = end

    def closed(self, side: int, how: str) -> None:
        """The end of a side: ``fin``, ``rst``, ``end``. A FIN is acknowledged like a byte: no answer waits for it."""
        self.sides[side].finished = True
        self.sides[side].inbox.append(Ends(how))

    def feed(self, event: StreamEvent) -> None:
        """The same as an event; whoever feeds events calls ``settle`` when all of both sides that is known was fed."""
        if isinstance(event, Data):
            if event.data:
                self.data(event.direction.value, piece_of(event))
        elif isinstance(event, Gap):
            self.gap(event.direction.value, event.offset, event.offset + event.length)
        elif isinstance(event, Closed):
            self.closed(event.direction.value, event.how)

    def settle(self) -> None:
        """Work off the queues as far as they can be."""
        client = self.client = who_asks(self.sides, self.likely) if self.client is None else self.client
        if client is None:
            return
        asking, answering = self.sides[client], self.sides[1 - client]
        moved = True
        while moved and (asking.inbox or answering.inbox):
            moved = self._work(asking)
            moved |= self._work(answering)
            hopeless = answering.ended is not None or asking.draft is not None
            if not moved and asking.blocked and hopeless and asking.inbox:
                asking.blocked, moved = False, True  # the answer that it waited for does not come
        if self.requests.limit():
            self._leave_passed()
        if asking.ended is not None and answering.ended is not None:
            self._over()

    @property
    def open(self) -> bool:
        """An exchange has begun and not ended, or what comes next is in doubt."""
        requests = self.requests
        return bool(requests.doubt or requests.items or self._interim.drafts or self._open)

    def drafts(self) -> list[Draft]:
        """Messages that may still grow or be asked for."""
        one, other = self.sides
        drafts = [side.draft for side in (one, other) if side.draft is not None]
        if self.requests.items:
            drafts += [item for item in self.requests.items if isinstance(item, Draft)]
        if self._interim.drafts or self._open:
            drafts += self._interim.drafts + self._open
        return with_partners(drafts)

    def _work(self, side: Side) -> bool:
        """Work off one side's queue; True when something was taken."""
        moved = False
        asks = side.index == self.client
        other = self.sides[1 - side.index]
        while side.inbox and not side.blocked:
            item = side.inbox[0]
            if isinstance(item, Piece):
                if not asks and other.awaited(item, side.reach - item.start):
                    break
                side.inbox.popleft()
                self._take(side, item)
            elif isinstance(item, Lost):
                side.inbox.popleft()
                self._lose(side, item)
            else:
                if not asks and other.inbox and not other.blocked:
                    break
                side.inbox.popleft()
                self._end(side, item.how)
            moved = True
        return moved

    # Bytes

    def _take(self, side: Side, piece: Piece) -> None:
        at, end = piece.start, piece.end
        other = self.sides[1 - side.index]
        waited = other.blocked
        side.seen = True
        while at < end:
            if side.index == self.client and side.draft is not None and not_sent(side, side.draft, other, piece, at):
                self._done(side, False)
            at = at if side.blocked else _STEPS[side.mode](self, side, piece, at)
            # An answer may let requests go on that had to wait for it: what follows it may answer these.
            if at < end and (side.blocked or (waited and not other.blocked and other.inbox)):
                side.inbox.appendleft(piece.part(at, end))
                return

    def _head(self, side: Side, piece: Piece, at: int) -> int:
        """Collect a head, segment by segment; empty lines before it are skipped (RFC 9112, section 2.2)."""
        stop = piece.segment_end(at)
        data = piece.read(at, stop)
        before = len(side.partial)
        asks = side.index == self.client
        if before:
            if asks and not goes_on(side.partial, piece, at):
                return self._not_http(side, piece, at)
            side.partial += data
            whole: bytes | bytearray = side.partial
        else:
            start = (preamble(data) if asks and at == 0 else 0) or skip_empty_lines(data)
            at, whole = at + start, data[start:] if start else data
            if not whole:
                return at
        if before < _LOOK and not (begins_request if asks else begins_answer)(bytes(whole[:_LOOK])):
            return self._not_http(side, piece, at)
        end = head_end(whole, max(0, before - 3))
        if end is None:
            if before > MAX_HEAD:
                side.parts = Slices()  # left behind: put back it would be taken for the same head again
                return self._not_http(side, piece, stop)
            if not before:
                side.partial = bytearray(whole)
            side.parts.append((piece, at, stop))
            return stop
        stop = at + end - before
        side.parts.append((piece, at, stop))
        side.partial = bytearray()
        parts, side.parts = side.parts, Slices()
        if not self._begin(side, bytes(whole[:end]), parts):
            self._out_of_step(side, stop - end, piece.acknowledged(stop - 1))
            side.parts = parts
            side.unread += end
        return stop

    def _out_of_step(self, side: Side, since: int, ack: int | None) -> None:
        """What stands at ``since`` is no message, but may have been one. ``ack``: of the segment before the next."""
        side.mode, side.last_ack = Mode.SEEK, ack
        if side.index != self.client:
            self.requests.answers_lost()
        elif side.started:
            self.requests.add(Hole(since, since))

    def _not_http(self, side: Side, piece: Piece, at: int) -> int:
        """Out of step, from the first byte that was taken for a head on."""
        side.failed = side.parts[0][1] if side.parts else at
        self._out_of_step(side, at, None)
        side.inbox.appendleft(piece.part(at, piece.end))
        side.inbox.extendleft(part.part(start, end) for part, start, end in reversed(side.parts))
        side.partial, side.parts = bytearray(), Slices()
        return piece.end

    def _begin(self, side: Side, raw: bytes, parts: Slices, cut: str = "") -> bool:
        """A head is complete, or all of it that will come: then ``cut`` says by what, a gap or how the side ended.
        False: its first line is no start line."""
        asks = side.index == self.client
        parsed = first_line(raw, cut) if asks else status_line(start_line(raw))
        if parsed is None:
            return False
        draft = Draft(raw, parsed, parts[0][1])
        draft.stands(parts)
        draft.torn, draft.gap = bool(cut), cut in ("gap", "end")
        self.http = side.started = True
        side.draft = draft
        (self._request if asks else self._answer)(side, draft)
        if cut and side.draft is draft:
            self._done(side, False)
        return True

    def _request(self, side: Side, draft: Draft) -> None:
        draft.decide()
        self.requests.add(draft)
        side.blocked = draft.method == b"CONNECT" or draft.upgrade
        self._body(side, draft, draft.plan)

    def _answer(self, side: Side, draft: Draft) -> None:
        asking = self.sides[1 - side.index]
        if 100 <= draft.status < 200 and draft.status != 101:
            self._interim.add(draft)
            side.draft, asking.blocked = None, asking.blocked and asking.draft is None
            return
        first = self._interim.drafts[0] if self._interim.drafts else draft
        request, certain = self.requests.take(first.start, draft.peer)
        self._leave_passed()
        pair = Pair(request, draft, self._interim.taken(draft), certain)
        pair.link()
        if request is not None and not request.ended:
            self._open.append(request)
        draft.decide(request.method if request else None)
        draft.keep = self.taker.wants(draft.status)
        draft.dropped = not draft.keep
        self._body(side, draft, draft.plan)
        if request is not None and asking.draft is None and draft.plan.ending is not Ending.TUNNEL:
            asking.blocked = False

    def _body(self, side: Side, draft: Draft, plan: Plan) -> None:
        draft.notes.extend(plan.notes)
        side.need = plan.length
        if plan.ending is Ending.CHUNKED:
            draft.chunks = ChunkedReader()
            side.mode = Mode.CHUNKED
        elif plan.ending is Ending.LENGTH and plan.length:
            side.mode = Mode.LENGTH
        elif plan.ending is Ending.CLOSE:
            side.mode = Mode.CLOSE
        else:
            self._done(side, True)
            if plan.ending is Ending.TUNNEL:
                self._become_tunnel()

    def _length(self, side: Side, piece: Piece, at: int) -> int:
        draft = side.draft
        assert draft is not None
        take = min(side.need, self._limit(side, draft, piece, at) - at)
        if take == 0:
            return at
        stop = at + take
        if side.index == self.client and take == side.need and stop < piece.end:
            swallowed = swallowed_request(piece, at, stop)
            if swallowed is not None:
                draft.add(piece, at, swallowed)
                self._cut_short(side)
                return swallowed
        draft.add(piece, at, stop)
        side.need -= take
        if side.need == 0:
            self._done(side, True)
        return stop

    def _limit(self, side: Side, draft: Draft, piece: Piece, at: int) -> int:
        """How far the piece may belong to the body. How an answer ends is not known where its request is not: it may
        have answered HEAD. Then the next answer ends it, which begins a segment that acknowledges more."""
        if draft.answer is None or draft.answer.certain or side.index == self.client:
            return piece.end
        found = next_answer(piece, at, draft.peer)
        if found == at:
            self._done(side, draft.length == 0)
        return piece.end if found is None else found

    def _chunked(self, side: Side, piece: Piece, at: int) -> int:
        draft = side.draft
        assert draft is not None
        assert draft.chunks is not None
        limit = self._limit(side, draft, piece, at)
        if limit < piece.end:
            piece = piece.part(piece.start, limit)
        stop = draft.unchunk(piece, at)
        if len(draft.body) - draft.gathered >= _SCATTERED:
            self.taker.gather(draft)
        if draft.chunks.done:
            self._done(side, True)
        elif draft.chunks.broken:
            draft.notes.append(note("http.chunked-broken"))
            self._done(side, False)
            side.mode, side.last_ack = Mode.SEEK, piece.acknowledged(at)
        return stop

    def _until_close(self, side: Side, piece: Piece, at: int) -> int:
        draft = side.draft
        assert draft is not None
        limit = self._limit(side, draft, piece, at)
        draft.add(piece, at, limit)
        return limit

    def _tunnelled(self, side: Side, piece: Piece, at: int) -> int:
        self.taker.tunnelled(self, side.index, piece.part(at, piece.end))
        return piece.end

    def _seek(self, side: Side, piece: Piece, at: int) -> int:
        """Out of step: go on at the next segment that begins like a message."""
        asks = side.index == self.client
        found, before = next_start(piece, at, side, asks)
        stop = piece.end if found is None else found
        if stop > at:
            side.pass_over(piece, at, stop)
            if not self.http:
                self.taker.tunnelled(self, side.index, piece.part(at, stop))
        if found is not None:
            self._leave_seek(side)
            if not asks and before is not None:
                self.requests.acked = before
        return stop

    def _leave_seek(self, side: Side) -> None:
        """Bytes that belong to nothing have ended: was there an answer in them?"""
        parts, side.parts = side.parts, Slices()
        torn, side.torn = side.torn or not side.started, False
        if side.index != self.client and self.http and parts and torn:
            draft = lost_answer(parts)
            if draft is not None:
                self.requests.answers_lost()
                request, _ = self.requests.take(draft.start, draft.peer)
                self._leave_passed()
                self._close_pair(Pair(request, draft, [], False))
                self.requests.answers_lost()
        side.mode = Mode.HEAD

    # What is missing

    def _lose(self, side: Side, lost: Lost) -> None:
        draft, length = side.draft, lost.end - lost.start
        begins = side.mode in (Mode.HEAD, Mode.LENGTH)
        if draft is not None:
            left = side.unaccounted(draft, length)
            draft.lacks(length - left, lost.end - left)
            if left == 0 and side.mode in (Mode.CLOSE, Mode.CHUNKED):
                return
            if left == 0:
                side.need -= length
                if side.need == 0:
                    self._done(side, False)
                return
            self._done(side, False)
            lost = Lost(lost.end - left, lost.end)
        elif side.partial:
            parts, raw = side.parts, bytes(side.partial)
            side.partial, side.parts = bytearray(), Slices()
            if b"\n" not in raw:
                side.parts = parts
            elif self._begin(side, raw, parts, "gap"):
                begins = False
        if side.mode is Mode.TUNNEL:
            return
        if side.index == self.client:
            self.requests.add(Hole(lost.start, lost.end, begins))
        else:
            self.requests.answers_lost()
            self._leave_interim()
        side.blocked, side.torn, side.last_ack, side.mode = False, True, None, Mode.SEEK

    def _end(self, side: Side, how: str) -> None:
        """No more bytes on this side."""
        if side.ended is not None:
            return
        side.ended = how
        self._end_message(side, how)
        self.taker.ended(self, side.index, how)

    def _end_message(self, side: Side, how: str) -> None:
        if side.partial and side.mode is Mode.HEAD:
            parts, raw = side.parts, bytes(side.partial)
            side.partial, side.parts = bytearray(), Slices()
            self._begin(side, raw, parts, how)
        if side.draft is not None:
            if side.mode is Mode.CLOSE:
                self._done(side, how == "fin" and not side.draft.gap)
            else:
                self._cut_short(side, how)
        if side.mode is Mode.SEEK:
            self._leave_seek(side)

    def _cut_short(self, side: Side, how: str = "fin") -> None:
        """A message stops before its framing says so."""
        assert side.draft is not None
        side.draft.stops(how)
        self._done(side, False)

    def _done(self, side: Side, whole: bool) -> None:
        """A message has ended."""
        draft = side.draft
        assert draft is not None
        side.draft, side.mode = None, Mode.HEAD
        draft.ended, draft.complete = True, whole and not draft.gap and not draft.torn
        peer = self.sides[1 - side.index]
        peer.blocked = peer.blocked and peer.draft is None
        pair = draft.answer
        if pair is None or pair.response is None:
            return
        other = pair.response if side.index == self.client else pair.request
        if other is None or other.ended:
            self._close_pair(pair)

    def _close_pair(self, pair: Pair) -> None:
        if pair.request is not None and pair.request in self._open:
            self._open.remove(pair.request)
        self.taker.pair(self, pair)
        pair.unlink()

    def _leave_passed(self) -> None:
        """Requests that get no answer any more."""
        passed, self.requests.unanswered = self.requests.unanswered, []
        for request, certain in passed:
            self.taker.pair(self, Pair(request, None, [], certain))

    def _leave_interim(self) -> None:
        """Interim answers whose final one is not in the capture, or not known to be theirs."""
        interim = self._interim.taken()
        if interim:
            self.taker.pair(self, Pair(None, interim[-1], interim[:-1], False))

    def _become_tunnel(self) -> None:
        for side in self.sides:
            side.mode, side.blocked, side.draft = Mode.TUNNEL, False, None
        self.tunnel = True

    def _over(self) -> None:
        """Both sides have ended: what is open stays open."""
        for request in list(self._open):
            if request.answer is not None:
                self._close_pair(request.answer)
        self.requests.unanswered.extend(self.requests.rest())
        self._leave_passed()
        self._leave_interim()


_STEPS: dict[Mode, Callable[[Framer, Side, Piece, int], int]] = {
    Mode.HEAD: Framer._head,
    Mode.LENGTH: Framer._length,
    Mode.CHUNKED: Framer._chunked,
    Mode.CLOSE: Framer._until_close,
    Mode.TUNNEL: Framer._tunnelled,
    Mode.SEEK: Framer._seek,
}
