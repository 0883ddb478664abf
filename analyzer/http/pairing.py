"""Which request does an answer answer?

Answers come in the order of their requests (RFC 9112, section 9.3.2), so the oldest unanswered request it is, as long
as nothing is missing. After a loss nobody knows how many were lost, and only the acknowledgement numbers tell:

- an answer answers what its sender had received (``request.start < answer.ack``);
- a request that acknowledges exactly the bytes before an answer (``request.peer == answer.start``) was sent when all
  earlier answers had been received; so it is the one that is answered, if no earlier request was open then. None was
  when it is the first with this acknowledgement, and nothing is missing before it, or the server had acknowledged all
  bytes before it when it sent the answer before.

The last sentence holds for clients that wait for all answers before they send more, one request or several. A client
that was seen to send more with only some of the answers received gets no certain pairing after a loss any more, one
that sends several at once only when it was seen to wait for their answers. An answer for which all this holds is paired
for certain, and the order counts again; anything else is the youngest possible request, marked uncertain.

A client that always keeps several on the way, of which the very first were lost, looks exactly like one that waits. So
where a connection's beginning was captured and its first request is missing, the order counts, but no pair is certain.
(Where the capture begins later, nothing tells one from the other; such clients are next to unknown.)
"""

from __future__ import annotations

from collections import deque
from itertools import islice, pairwise, takewhile

from analyzer.http.draft import Draft, Hole

__all__ = ["Requests"]

#: Requests that are looked at to find the one that is answered.
_NEAR = 256
#: Requests of one connection that wait for an answer. No client has as many on the way.
_OPEN = 16_384


class Requests:
    """Requests without an answer, and the holes between them, in stream order."""

    __slots__ = (
        "acked", "astray", "begun", "counted", "doubt", "early", "items", "last", "met", "several", "sure",
        "unanswered", "waits",
    )  # fmt: skip

    def __init__(self, doubt: bool) -> None:
        self.items: deque[Draft | Hole] = deque()
        self.begun = not doubt  #: offset 0 is where the connection began
        self.sure = True  #: where the order counts, nothing else can be open
        self.met = False  #: an exchange was paired for certain
        self.doubt = doubt  #: the order does not count
        self.counted = not doubt  #: no answer is missing since the order counted
        self.astray = doubt  #: requests may be missing before the first item
        self.early = False  #: the client sends more with only some of the answers received
        self.several = False  #: it sends several requests at once
        self.waits = False  #: it was seen to wait for all answers
        self.acked: int | None = None  #: what the bytes before the next answer acknowledge
        self.last = -1  #: ``peer`` of the last request that was answered
        self.unanswered: list[tuple[Draft, bool]] = []  #: requests that were passed over, and whether for certain

    def add(self, item: Draft | Hole) -> None:
        """The next request, or bytes that may have held some."""
        self.items.append(item)

    def limit(self) -> bool:
        """Both sides were worked off. Where too many requests wait, the oldest ones are given up: True."""
        over = len(self.items) - _OPEN
        if over <= 0:
            return False
        self.answers_lost()
        for _ in range(over):
            self._give_up(self.items.popleft(), False)
        return True

    def answers_lost(self) -> None:
        """Answers may be missing here."""
        self.doubt, self.counted = True, False

    def passed(self, number: int, peer: int, ack: int) -> None:
        """So many exchanges were paired elsewhere, each with a client that waited; the last request acknowledges
        ``peer``, and the last answer ``ack``."""
        self.waits = self.waits or self.last >= 0 or number > 1
        self.last, self.acked, self.met = peer, ack, True

    def take(self, start: int, ack: int | None) -> tuple[Draft | None, bool]:
        """(request that the answer at ``start`` answers, beyond doubt). The request is taken out."""
        items = self.items
        before, self.acked = self.acked, ack
        if not self.doubt and items and isinstance(items[0], Draft):
            front = items[0]
            if ack is None or ack > front.start:
                items.popleft()
                peer, last, self.met = front.peer, self.last, True
                if peer is not None and ack is not None:
                    if peer == start:
                        self.waits = self.waits or last >= 0
                    elif peer == last:
                        self.several = True
                    elif last < peer < start:
                        self.early = True
                    self.last = peer
                    if items and items[0].start < ack:
                        self._sent_meanwhile(start, ack)
                return front, self.sure
        self.doubt = True
        return self._search(start, ack, before)

    def _sent_meanwhile(self, start: int, ack: int) -> None:
        """The server had received more when it answered. Was it sent after some of the answers before this one?"""
        for item in islice(self.items, _NEAR):
            if item.start >= ack:
                break
            if isinstance(item, Hole):
                self.several = True
            elif item.peer is not None and self.last < item.peer <= start:
                self.early = True

    def _search(self, start: int, ack: int | None, before: int | None) -> tuple[Draft | None, bool]:
        if ack is not None and self.counted and self._lost_next(start, ack, before):
            return None, False
        near = list(islice(takewhile(lambda item: ack is None or item.start < ack, self.items), _NEAR))
        possible = [item for item in near if isinstance(item, Draft)]
        # What was lost at the very beginning acknowledges nothing, or as much as what comes next.
        last = 0 if self.begun and self.last < 0 and near and isinstance(near[0], Hole) else self.last
        for old, new in pairwise((last, *(item.peer for item in possible))):
            self.several |= old == new
        exact = next((item for item in possible if item.peer == start), None)
        if exact is not None and ack is not None and self._nothing_open(exact, start, ack, before):
            self.sure = self.sure and (self.met or not self.begun or self._follows(exact))
            self._pass(exact, self.sure)
            self.doubt, self.counted, self.astray = False, True, False
            self.last, self.met = start, True
            return exact, self.sure
        if not possible or (isinstance(near[-1], Hole) and not possible[-1].torn):
            return None, False  # what is answered may have been in the hole; of a cut head, the rest is in it
        likely = possible[0] if self.counted else exact or possible[-1]
        self._pass(likely, False)
        if self.counted and ack is not None and likely.peer is not None:
            self.last = likely.peer
            self._sent_meanwhile(start, ack)
        return likely, False

    def _lost_next(self, start: int, ack: int, before: int | None) -> bool:
        """All answers are there, and the next request is in a hole."""
        hole = self.items[0] if self.items else None
        if not isinstance(hole, Hole) or not hole.owes or hole.start >= ack:
            return False
        hole.owes = False
        if before is not None and before > hole.start:  # it was open already when the answer before this one came
            self._sent_meanwhile(start, ack)
        return True

    def _nothing_open(self, request: Draft, start: int, ack: int, before: int | None) -> bool:
        """No other request was open when the client sent this one, the first that acknowledges up to ``start``."""
        if self.early or (self.several and not self.waits):
            return False
        older = list(takewhile(lambda item: item is not request, self.items))
        if self.counted and any(isinstance(item, Draft) or item.owes for item in older):
            return False
        if before is not None:
            if before == request.start:
                return True
        elif self.astray and not older and request.start <= 1:  # a keep-alive probe was before it, or nothing
            return request.ended and request.end == ack  # the first that the capture shows of either direction
        return self.last < start and self._follows(request)

    def _follows(self, request: Draft) -> bool:
        """Nothing is missing before this request."""
        older = takewhile(lambda item: item is not request, self.items)
        return not self.astray and all(isinstance(item, Draft) for item in older)

    def _pass(self, request: Draft, certain: bool) -> None:
        """Take the request out, and all that is older as unanswered."""
        while self.items:
            item = self.items.popleft()
            if item is request:
                return
            self._give_up(item, certain)

    def _give_up(self, item: Draft | Hole, certain: bool) -> None:
        """It gets no answer any more."""
        if isinstance(item, Draft):
            self.unanswered.append((item, certain))
        else:
            self.astray = True

    def rest(self) -> list[tuple[Draft, bool]]:
        """Everything that is left, taken out; for certain as long as nothing is missing."""
        left, certain = [], self.sure and not self.doubt
        for item in self.items:
            if isinstance(item, Draft):
                left.append((item, certain))
            else:
                certain = False
        self.items.clear()
        return left
