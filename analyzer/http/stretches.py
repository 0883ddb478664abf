"""Plain exchanges of a batch, found at one stroke: a request in one segment, and its answer in one.

Strategy: of the segments that are whole messages (``heads``), those of a connection are laid side by side in capture
order, by a hash that both directions share. A request is paired with the next of them where that is an answer, begins
at the very byte the request acknowledges and acknowledges the request's last byte. Such an exchange stands for itself,
whatever was before or comes after. Exchanges whose segments follow each other within a run on both sides are a
*stretch*: nothing else can lie between them, so one look at its ends is enough.
"""

from __future__ import annotations

from bisect import bisect_left
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from analyzer.http.heads import ASKS, ASKS_HEAD, SHORTEST, TELLS, TELLS_HEAD, Kinds, kinds_of
from analyzer.model.packets import ACK, SYN
from analyzer.tcp.columns import Rows, Sorted, spread

__all__ = ["SMALL", "Plain", "plain_of"]

I8 = npt.NDArray[np.int64]
U1 = npt.NDArray[np.uint8]
U4 = npt.NDArray[np.uint32]
Flag = npt.NDArray[np.bool_]

#: Mean size of segments of which many are whole messages.
SMALL = 800
#: A look at a batch is worth while where one such segment, at least, stands in so many bytes.
_APART = 8192


class Plain(NamedTuple):
    """The plain exchanges of a batch, stretch by stretch."""

    rows: Rows  #: of the batch, sorted
    asks: I8  #: place of each request in them
    tells: I8  #: and of its answer
    first: list[int]  #: place of each stretch's first request, ascending
    begin: list[int]  #: where the stretch begins in ``asks``
    behind: list[int]  #: and where it ends
    order: I8  #: row of the batch by place
    kinds: Kinds  #: by row of the batch
    least_status: int  #: what is answered with this or more is not plain

    def between(self, low: int, high: int) -> range:
        """The stretches whose first request stands in the places ``[low, high)``."""
        return range(bisect_left(self.first, low), bisect_left(self.first, high))

    def fits(self, ask: int, tell: int) -> bool:
        """The segments at these places are a request and an answer that can belong to it."""
        asked, told = self.order[ask], self.order[tell]
        kind, status = self.kinds
        return bool(_fit(kind[asked], kind[told])) and int(status[told]) < self.least_status


def plain_of(table: Sorted, least_status: int) -> Plain | None:
    """The plain exchanges of a sorted batch with answers below ``least_status``; None where a look at all segments is
    not worth while."""
    batch = table.batch
    whole = (batch.captured == batch.length) & ((batch.flags & (SYN | ACK)) == ACK) & (batch.offset >= 0)
    whole &= batch.length >= SHORTEST
    small = np.flatnonzero(whole & (batch.length <= SMALL))
    if not len(small) or len(small) * _APART < np.ptp(batch.offset[whole]):
        return None
    kinds = kinds_of(batch.buffer, batch.offset, batch.length, whole)
    ask, tell = _pairs(table, kinds, least_status)
    place = np.empty(len(table.order), np.int64)
    place[table.order] = np.arange(len(place))
    asks, tells = place[ask], place[tell]
    begin, behind = _stretches(table, ask, tell, asks, tells)
    first = asks[begin]
    turn = np.argsort(first)
    return Plain(
        table.rows,
        asks,
        tells,
        first[turn].tolist(),
        begin[turn].tolist(),
        behind[turn].tolist(),
        table.order,
        kinds,
        least_status,
    )


def _fit(asked: U1 | np.uint8, told: U1 | np.uint8) -> Flag | np.bool_:
    """Whether answers of these kinds can be those to requests of these kinds: of one, or of columns of them."""
    others = (asked == ASKS) & ((told & TELLS) != 0)
    heads = (asked == ASKS_HEAD) & ((told & TELLS_HEAD) != 0)
    out: Flag | np.bool_ = others | heads
    return out


def _pairs(table: Sorted, kinds: Kinds, least_status: int) -> tuple[I8, I8]:
    """(rows of requests, rows of their answers), connection by connection, each in capture order."""
    batch = table.batch
    some = np.flatnonzero(kinds.kind)
    ports: U4 = batch.ports[some]
    back: U4 = (ports << np.uint32(16)) | (ports >> np.uint32(16))
    turn = np.argsort(spread(batch.src[some] + batch.dst[some], ports + back), kind="stable")
    some, ports, back = some[turn], ports[turn], back[turn]
    kind, status = kinds.kind[some], kinds.status[some]
    fit = np.asarray(_fit(kind[:-1], kind[1:])) & (status[1:] < least_status) & (back[:-1] == ports[1:])
    at = np.flatnonzero(fit)
    ask, tell = some[at], some[at + 1]
    same = (batch.src[ask] == batch.dst[tell]) & (batch.dst[ask] == batch.src[tell])
    same &= (batch.ack[ask] == batch.seq[tell]) & (batch.ack[tell] == _next(batch.seq, batch.length, ask))
    return ask[same], tell[same]


def _next(seq: U4, length: I8, rows: I8) -> U4:
    """Sequence numbers behind these rows."""
    out: U4 = seq[rows] + length[rows].astype(np.uint32)
    return out


def _stretches(table: Sorted, ask: I8, tell: I8, asks: I8, tells: I8) -> tuple[I8, I8]:
    """(first exchange, the one behind the last) of each stretch; rows of the batch, and their places."""
    batch = table.batch
    starts = np.array(table.run_start)
    run = np.repeat(np.arange(len(starts)), np.diff(starts, append=len(table.order)))
    on = (run[asks[1:]] == run[asks[:-1]]) & (run[tells[1:]] == run[tells[:-1]])
    for rows in (ask, tell):
        on &= batch.seq[rows[1:]] == _next(batch.seq, batch.length, rows[:-1])
    begin = np.flatnonzero(np.concatenate(([True], ~on))[: len(ask)])
    behind = np.flatnonzero(np.concatenate((~on, [True]))[: len(ask)]) + 1
    return begin, behind
