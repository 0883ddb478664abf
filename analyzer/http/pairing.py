"""Which request does an answer answer?

Answers come in the order of their requests (RFC 9112, section 9.3.2), so the oldest unanswered request it is, as long
as nothing is missing. After a loss the acknowledgement numbers tell: an answer can only answer what its sender had
received (``request.start < answer.ack``), and a client that does not pipeline had received everything before the
answer when it sent the request (``request.peer == answer.start``). An answer for which that holds is paired for
certain, and the order counts again; anything else is the youngest possible request, marked uncertain.
"""

from __future__ import annotations

from collections import deque

from analyzer.http.draft import Draft, Hole

__all__ = ["Requests"]


class Requests:
    """Requests without an answer, and the holes between them, in stream order."""

    __slots__ = ("doubt", "items", "unanswered")

    def __init__(self, doubt: bool) -> None:
        self.items: deque[Draft | Hole] = deque()
        self.doubt = doubt  #: answers may be missing: the order does not count
        self.unanswered: list[Draft] = []  #: requests that were passed over

    def add(self, item: Draft | Hole) -> None:
        """The next request, or bytes that may have held some."""
        self.items.append(item)

    def first(self) -> Draft | None:
        """The oldest request, when nothing is in doubt (for interim answers)."""
        return next((item for item in self.items if isinstance(item, Draft)), None)

    def take(self, start: int, ack: int | None) -> tuple[Draft | None, bool]:
        """(request that the answer at ``start`` answers, beyond doubt). The request is taken out."""
        items = self.items
        if not self.doubt and items and isinstance(items[0], Draft):
            front = items[0]
            if ack is None or ack > front.start:
                items.popleft()
                return front, True
        self.doubt = True
        return self._search(start, ack)

    def _search(self, start: int, ack: int | None) -> tuple[Draft | None, bool]:
        possible = [item for item in self.items if isinstance(item, Draft) and (ack is None or item.start < ack)]
        exact = [item for item in possible if item.peer == start and ack is not None]
        if exact:
            self._pass(exact[0])
            self.doubt = False
            return exact[0], True
        if not possible or self._lost_behind(possible[-1], ack):
            return None, False
        self._pass(possible[-1])
        return possible[-1], False

    def _lost_behind(self, request: Draft, ack: int | None) -> bool:
        """The request that is answered may have been in a hole behind ``request``."""
        holes = [item for item in self.items if isinstance(item, Hole)]
        return any(hole.start >= request.start and (ack is None or hole.start < ack) for hole in holes)

    def _pass(self, request: Draft) -> None:
        """Take the request out, and all that is older as unanswered."""
        while self.items:
            item = self.items.popleft()
            if item is request:
                return
            if isinstance(item, Draft):
                self.unanswered.append(item)

    def rest(self) -> list[Draft]:
        """Everything that is left, taken out."""
        left = [item for item in self.items if isinstance(item, Draft)]
        self.items.clear()
        return left
