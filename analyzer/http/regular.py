"""Many small exchanges of one connection at a time, without looking at each.

Strategy: stretches of plain exchanges (``stretches``) that stand in what waits for the framer are counted and passed
over; everything between goes through the framer, and a stretch is only passed over while the framer waits for nothing.
So the outcome is the framer's own, found at a fraction of the cost.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from operator import attrgetter

import numpy as np
import numpy.typing as npt

from analyzer.http.draft import Draft, Pair, Slices
from analyzer.http.framing import Framer
from analyzer.http.head import RequestLine, StatusLine, head_end, request_line, start_line, status_line
from analyzer.http.side import Ends, Lost, Side
from analyzer.http.stretches import SMALL, Plain
from analyzer.tcp.columns import Rows
from analyzer.tcp.pieces import Piece, kept

__all__ = ["Glimpse", "Many", "idle", "lone", "pass_over", "worth_a_look"]

I8 = npt.NDArray[np.int64]


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
    draft.stands(Slices((piece, piece.start, draft.end)))
    return draft


@dataclass(frozen=True, slots=True)
class Many:
    """A stretch that was passed over: exchanges whose requests and answers stand in these rows."""

    asked: Piece  #: holds the requests
    told: Piece  #: holds the answers
    asks: I8
    tells: I8

    @property
    def number(self) -> int:
        """How many exchanges these are."""
        return len(self.asks)

    def starts(self, at: int) -> tuple[int, int]:
        """Stream offsets at which a request and its answer begin."""
        cum = self.asked.rows.cum
        return self.asked.origin + cum[int(self.asks[at])], self.told.origin + cum[int(self.tells[at])]

    def ends(self) -> tuple[int, int]:
        """Stream offsets behind the last request and the last answer."""
        cum = self.asked.rows.cum
        return self.asked.origin + cum[int(self.asks[-1]) + 1], self.told.origin + cum[int(self.tells[-1]) + 1]

    def held(self) -> Many | None:
        """As much of it as the pieces hold, where the two messages of the first exchange acknowledge each other. So do
        those of the others, as inside a run acknowledgements make no large steps."""
        asked, told = self.asked, self.told
        (ask, tell), (asked_to, told_to) = self.starts(0), self.ends()
        if ask < asked.start or asked_to > asked.end or tell < told.start or told_to > told.end:
            some = np.flatnonzero(_inside(asked, self.asks) & _inside(told, self.tells))
            if not len(some):
                return None
            part = slice(some[0], some[-1] + 1)
            return replace(self, asks=self.asks[part], tells=self.tells[part]).held()
        end = asked.origin + asked.rows.cum[int(self.asks[0]) + 1]
        return self if asked.acknowledged(ask) == tell and told.acknowledged(tell) == end else None

    def glimpse(self, at: int) -> Glimpse:
        """The exchange at this place of the stretch."""
        ask, tell = int(self.asks[at]), int(self.tells[at])
        asked, told = _alone(self.asked, ask), _alone(self.told, tell)
        asked.ack, told.ack = told.start, asked.end
        return Glimpse(asked, told)

    def times(self) -> I8:
        """When each of them began, nanoseconds."""
        times: I8 = np.frombuffer(self.asked.rows.time, np.int64)[self.asks]
        return times

    def places(self) -> Iterator[tuple[int, int]]:
        """Rows of each request and of its answer."""
        return zip(self.asks.tolist(), self.tells.tolist(), strict=True)


def _inside(piece: Piece, rows: I8) -> npt.NDArray[np.bool_]:
    """Which rows of a run a piece holds wholly."""
    cum = np.asarray(piece.rows.cum)
    whole: npt.NDArray[np.bool_] = (cum[rows] + piece.origin >= piece.start) & (
        cum[rows + 1] + piece.origin <= piece.end
    )
    return whole


def _alone(piece: Piece, row: int) -> Piece:
    """All bytes of one row."""
    start, end = piece.origin + piece.rows.cum[row], piece.origin + piece.rows.cum[row + 1]
    return Piece(piece.rows, row, row + 1, start, start, end, None)


def worth_a_look(framer: Framer) -> bool:
    """Both directions have small segments waiting."""
    if framer.client is None or framer.tunnel or not framer.ordered or not framer.requests.sure:
        return False
    for side in framer.sides:
        segments = size = 0
        for item in side.inbox:
            if isinstance(item, Piece):
                segments += item.high - item.low
                size += item.end - item.start
        if not segments or size > segments * SMALL:
            return False
    return True


def idle(framer: Framer) -> bool:
    """Nothing is open and nothing waits: the next bytes of both sides begin messages that surely belong together."""
    return framer.requests.sure and not framer.open and all(side.idle for side in framer.sides)


def pass_over(framer: Framer, plain: Plain) -> Iterator[Many]:
    """Work the queues off as ``Framer.settle`` does, passing over what needs no look: the stretches of ``plain``.

    What is not passed over has been given to the framer when the iterator ends.
    """
    client = framer.client or 0
    sides = framer.sides[client], framer.sides[1 - client]
    stretches = _met(sides, plain)
    if not stretches:
        return
    known = [(side.reach, side.finished) for side in sides]
    queues = [_waiting(side, plain.rows) for side in sides]
    for many in stretches:
        # Where the framer is in doubt, one exchange more is enough to settle it.
        for extra in (0, 1)[: many.number]:
            starts = many.starts(extra)
            for side, queue, start in zip(sides, queues, starts, strict=True):
                side.inbox.extend(_before(queue, start))
                side.reach, side.finished = start, False  # of what follows the framer must not know yet
            framer.settle()
            if idle(framer):
                ends = many.ends()
                for side, queue, end in zip(sides, queues, ends, strict=True):
                    deque(_before(queue, end), maxlen=0)
                    side.started = side.seen = True
                framer.http = True
                framer.requests.passed(many.number - extra, many.starts(-1)[1], ends[0])
                yield replace(many, asks=many.asks[extra:], tells=many.tells[extra:]) if extra else many
                break
    for side, queue, told in zip(sides, queues, known, strict=True):
        side.inbox.extend(queue)
        side.reach, side.finished = told


def lone(asked: Piece, told: Piece, plain: Plain) -> tuple[int, int] | None:
    """Rows of the request and of the answer, where the first bytes of a connection are a plain exchange: each is one
    segment of the batch, and they acknowledge each other and nothing else."""
    if asked.ack is None or told.ack is None or asked.rows is not plain.rows or told.rows is not plain.rows:
        return None
    ask, tell = asked.row(asked.start), told.row(told.start)
    if not _fills(asked, ask) or not _fills(told, tell) or not plain.fits(ask, tell):
        return None
    return (ask, tell) if asked.acknowledged(0) == 0 and told.acknowledged(0) == asked.end else None


def _fills(piece: Piece, row: int) -> bool:
    """The row alone carries all of a piece, which begins a stream."""
    cum = piece.rows.cum
    return piece.start == 0 and piece.origin + cum[row] == 0 and piece.origin + cum[row + 1] == piece.end


def _met(sides: tuple[Side, Side], plain: Plain) -> list[Many]:
    """The stretches that stand in what waits, requests and answers both, one behind the other."""
    asked, told = (_front(side, plain.rows) for side in sides)
    told.sort(key=attrgetter("low"))
    lows = [piece.low for piece in told]
    found: list[Many] = []
    ask = tell = 0  #: offsets behind the last one
    for piece in asked:
        for stretch in plain.between(piece.low, piece.high):
            part = slice(plain.begin[stretch], plain.behind[stretch])
            other = bisect_right(lows, plain.tells[part.start]) - 1
            many = Many(piece, told[other], plain.asks[part], plain.tells[part]).held() if other >= 0 else None
            if many is None:
                continue
            starts = many.starts(0)
            if starts[0] >= ask and starts[1] >= tell:
                found.append(many)
                ask, tell = many.ends()
    return found


def _front(side: Side, rows: Rows) -> list[Piece]:
    """The batch's pieces at the front of a queue, where what had waited behind a hole may be older."""
    found: list[Piece] = []
    for item in side.inbox:
        if isinstance(item, Piece) and item.rows is rows:
            found.append(item)
        elif found:
            break
    return found


def _waiting(side: Side, rows: Rows) -> deque[Piece | Lost | Ends]:
    """Everything in the queue from the first piece of this batch on, taken out."""
    queue, side.inbox = side.inbox, deque()
    while queue:
        first = queue[0]
        if isinstance(first, Piece) and first.rows is rows:
            break
        side.inbox.append(queue.popleft())
    return queue


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
