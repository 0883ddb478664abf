"""Many small exchanges of one connection at a time, without looking at each.

Strategy: where a connection's waiting segments are plain whole messages (``heads``), a request is paired with the
answer that begins at the very byte the request acknowledges and that acknowledges the request's last byte. Such an
exchange stands for itself, whatever was before or comes after. Stretches of them are counted and passed over;
everything between goes through the framer, and a stretch is only passed over while the framer waits for nothing. So
the outcome is the framer's own, found at a fraction of the cost.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from analyzer.http.draft import Draft, Pair, Slices
from analyzer.http.framing import Framer
from analyzer.http.head import RequestLine, StatusLine, head_end, request_line, start_line, status_line
from analyzer.http.heads import ASKS, ASKS_HEAD, TELLS, TELLS_HEAD, Kinds
from analyzer.http.side import Ends, Lost, Side
from analyzer.tcp.columns import Rows
from analyzer.tcp.pieces import Piece, kept

__all__ = ["Glimpse", "Many", "idle", "lone", "pass_over", "worth_a_look"]

I8 = npt.NDArray[np.int64]
U1 = npt.NDArray[np.uint8]
Flag = npt.NDArray[np.bool_]

#: Shorter stretches are not worth the preparation.
_LEAST = 4
#: Segments that must wait on both sides together, and their mean size, for a connection to be looked at.
_SEGMENTS, _SIZE = 16, 800


class Glimpse:
    """An exchange that was passed over, should anybody ask for it."""

    __slots__ = ("answer", "request")

    def __init__(self, request: Piece, answer: Piece) -> None:
        self.request, self.answer = request, answer

    def outlive(self, rows: Rows) -> None:
        """The columns go."""
        if self.request.rows is rows:
            self.request = kept(self.request)
        if self.answer.rows is rows:
            self.answer = kept(self.answer)

    def pair(self) -> Pair:
        """Read it after all, as the framer would."""
        asked, told = _message(self.request, request_line), _message(self.answer, status_line)
        asked.decide()
        told.decide(asked.method)
        told.keep, told.dropped = False, True
        for draft, piece in ((asked, self.request), (told, self.answer)):
            draft.notes.extend(draft.plan.notes)
            draft.add(piece, draft.end, piece.end)
            draft.ended = draft.complete = True
        return Pair(asked, told)


def _message(piece: Piece, read: Callable[[bytes], RequestLine | StatusLine | None]) -> Draft:
    """The head of a whole message."""
    data = piece.read(piece.start, piece.end)
    raw = data[: head_end(data)]
    draft = Draft(raw, read(start_line(raw)), piece.start)
    draft.head = Slices((piece, piece.start, draft.end))
    draft.peer = piece.acknowledged(piece.start)
    return draft


class _Flow(NamedTuple):
    """Waiting segments of one direction, in stream order."""

    row: I8  #: place in the sorted batch
    start: I8  #: stream offsets
    end: I8
    ack: I8  #: offset of the other direction
    whole: Flag  #: nothing of it was cut off as already seen

    def piece(self, rows: Rows, at: int) -> Piece:
        row, start = int(self.row[at]), int(self.start[at])
        return Piece(rows, row, row + 1, start, start, int(self.end[at]), int(self.ack[at]))


@dataclass(frozen=True, slots=True)
class Many:
    """A stretch that was passed over: so many exchanges, from these places of the two flows on."""

    client: int
    rows: Rows
    asks: _Flow
    tells: _Flow
    first: int
    answer: int
    number: int

    def glimpse(self, at: int) -> Glimpse:
        """The exchange at this place of the stretch."""
        asked, told = self.asks.piece(self.rows, self.first + at), self.tells.piece(self.rows, self.answer + at)
        return Glimpse(asked, told)

    def times(self) -> I8:
        """When each of them began, nanoseconds."""
        times: I8 = np.frombuffer(self.rows.time, np.int64)[self.asks.row[self.first : self.first + self.number]]
        return times

    def places(self) -> Iterator[tuple[int, int]]:
        """Rows of each request and of its answer."""
        asked = self.asks.row[self.first : self.first + self.number].tolist()
        return zip(asked, self.tells.row[self.answer : self.answer + self.number].tolist(), strict=True)


def worth_a_look(framer: Framer) -> bool:
    """Both directions have many small segments waiting."""
    if framer.client is None or framer.tunnel or not framer.ordered or not framer.requests.sure:
        return False
    segments = size = 0
    for side in framer.sides:
        own = own_size = 0
        for item in side.inbox:
            if isinstance(item, Piece):
                own += item.high - item.low
                own_size += item.end - item.start
        if not own or own_size > own * _SIZE:
            return False
        segments, size = segments + own, size + own_size
    return segments >= _SEGMENTS


def idle(framer: Framer) -> bool:
    """Nothing is open and nothing waits: the next bytes of both sides begin messages that surely belong together."""
    return framer.requests.sure and not framer.open and all(side.idle for side in framer.sides)


def pass_over(framer: Framer, rows: Rows, cum: I8, ack: I8, kinds: Kinds, least_status: int) -> Iterator[Many]:
    """Work the queues off as ``Framer.settle`` does, passing over what needs no look: answers below ``least_status``.

    ``rows`` are the batch's, ``cum`` and ``ack`` their columns. What is not passed over has been given to the framer
    when the iterator ends.
    """
    client = framer.client or 0
    sides = framer.sides[client], framer.sides[1 - client]
    known = [(side.reach, side.finished) for side in sides]
    queues = [_waiting(side, rows) for side in sides]
    flows = [_flow(queue, rows, cum, ack) for queue in queues]
    asks, tells = flows
    if asks is not None and tells is not None:
        for first, behind, answer in _stretches(asks, tells, kinds, least_status):
            # Where the framer is in doubt, one exchange more is enough to settle it.
            for extra in (0, 1):
                for side, queue, start in zip(
                    sides, queues, (asks.start[first + extra], tells.start[answer + extra]), strict=True
                ):
                    side.inbox.extend(_before(queue, int(start)))
                    side.reach, side.finished = int(start), False  # of what follows the framer must not know yet
                framer.settle()
                if idle(framer):
                    count = behind - first - extra
                    for queue, end in zip(
                        queues, (asks.end[behind - 1], tells.end[answer + extra + count - 1]), strict=True
                    ):
                        deque(_before(queue, int(end)), maxlen=0)
                    framer.http = True
                    framer.requests.passed(int(asks.ack[behind - 1]), int(asks.end[behind - 1]))
                    for side in sides:
                        side.started = side.seen = True
                    yield Many(client, rows, asks, tells, first + extra, answer + extra, count)
                    break
    for side, queue, told in zip(sides, queues, known, strict=True):
        side.inbox.extend(queue)
        side.reach, side.finished = told


def lone(asked: Piece, told: Piece, rows: Rows, kinds: Kinds, least_status: int) -> tuple[int, int] | None:
    """Rows of the request and of the answer, where the first bytes of a connection are a plain exchange: each is one
    segment of the batch, and they acknowledge each other and nothing else."""
    if asked.ack is None or told.ack is None or asked.rows is not rows or told.rows is not rows:
        return None
    ask, tell = asked.row(asked.start), told.row(told.start)
    if not _fills(asked, ask) or not _fills(told, tell):
        return None
    if not _fit(kinds.kind[ask], kinds.kind[tell]) or kinds.status[tell] >= least_status:
        return None
    return (ask, tell) if asked.acknowledged(0) == 0 and told.acknowledged(0) == asked.end else None


def _fit(asked: U1 | np.uint8, told: U1 | np.uint8) -> Flag | np.bool_:
    """Whether answers of these kinds can be those to requests of these kinds: of one, or of columns of them."""
    others = (asked == ASKS) & ((told & TELLS) != 0)
    heads = (asked == ASKS_HEAD) & ((told & TELLS_HEAD) != 0)
    out: Flag | np.bool_ = others | heads
    return out


def _fills(piece: Piece, row: int) -> bool:
    """The row alone carries all of a piece, which begins a stream."""
    cum = piece.rows.cum
    return piece.start == 0 and piece.origin + cum[row] == 0 and piece.origin + cum[row + 1] == piece.end


def _waiting(side: Side, rows: Rows) -> deque[Piece | Lost | Ends]:
    """Everything in the queue from the first piece of this batch on, taken out."""
    queue, side.inbox = side.inbox, deque()
    while queue:
        first = queue[0]
        if isinstance(first, Piece) and first.rows is rows:
            break
        side.inbox.append(queue.popleft())
    return queue


def _flow(queue: Sequence[Piece | Lost | Ends], rows: Rows, cum: I8, ack: I8) -> _Flow | None:
    """The segments of the batch's pieces at the front of a queue (what had waited behind a hole may be older); None
    where they carry no acknowledgements."""
    pieces: list[tuple[int, int, int, int, int, int, int]] = []
    for piece in queue:
        if not isinstance(piece, Piece) or piece.rows is not rows:
            break
        if piece.ack is None:
            return None
        told = rows.ack[piece.high - 1]
        pieces.append((piece.low, piece.high - piece.low, piece.origin, piece.start, piece.end, piece.ack, told))
    if not pieces:
        return None
    columns = np.array(pieces, np.int64).T
    size = columns[1]
    low, _, origin, begin, stop, known, last = np.repeat(columns, size, axis=1)
    row = low + np.arange(len(low)) - np.repeat(size.cumsum() - size, size)
    start, end = cum[row] + origin, cum[row + 1] + origin
    step: I8 = (ack[row] - last).astype(np.int32).astype(np.int64)  # 32-bit numbers that wrap around
    some = np.flatnonzero((end > start) & (end > begin) & (start < stop))
    whole = (start >= begin) & (end <= stop)
    return _Flow(row[some], start[some], end[some], (step + known)[some], whole[some])


def _stretches(asks: _Flow, tells: _Flow, kinds: Kinds, least_status: int) -> list[tuple[int, int, int]]:
    """Where plain exchanges follow each other without anything between: requests ``[first, behind)``, first answer."""
    if not len(asks.row) or not len(tells.row):
        return []
    which = np.searchsorted(tells.start, asks.ack)
    at = np.minimum(which, len(tells.row) - 1)
    row = tells.row[at]
    fits = np.asarray(_fit(kinds.kind[asks.row], kinds.kind[row]))
    fits &= (tells.start[at] == asks.ack) & (tells.ack[at] == asks.end) & (kinds.status[row] < least_status)
    fits &= asks.whole & tells.whole[at]
    on = fits[1:] & fits[:-1] & (at[1:] == at[:-1] + 1)
    on &= (asks.start[1:] == asks.end[:-1]) & (tells.start[at[1:]] == tells.end[at[:-1]])
    begin = np.flatnonzero(fits & ~np.concatenate(([False], on)))
    behind = np.flatnonzero(fits & ~np.concatenate((on, [False]))) + 1
    long = behind - begin >= _LEAST
    begin, behind = begin[long], behind[long]
    return list(zip(begin.tolist(), behind.tolist(), at[begin].tolist(), strict=True))


def _before(queue: deque[Piece | Lost | Ends], offset: int) -> Iterator[Piece]:
    """What stands before ``offset`` at the front of a queue, taken out."""
    while queue:
        item = queue[0]
        if not isinstance(item, Piece) or item.start >= offset:
            return
        queue.popleft()
        if item.end > offset:
            queue.appendleft(item.part(offset, item.end))
            item = item.until(offset)
        yield item
