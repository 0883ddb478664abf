"""Interim answers (1xx) that came before a final one: the first of them are kept, the others counted."""

from __future__ import annotations

from analyzer.http.draft import Draft
from analyzer.model.notes import note

__all__ = ["Interim"]

#: Of one exchange.
_KEPT = 16


class Interim:
    """What came since the last final answer."""

    __slots__ = ("drafts", "others")

    def __init__(self) -> None:
        self.drafts: list[Draft] = []
        self.others = 0

    def add(self, draft: Draft) -> None:
        """An interim answer, whole."""
        draft.complete = draft.ended = True
        if len(self.drafts) < _KEPT:
            self.drafts.append(draft)
        else:
            self.others += 1

    def taken(self, final: Draft | None = None) -> list[Draft]:
        """All that were kept, taken out; the final answer is told of the others."""
        if final is not None and self.others:
            final.notes.append(note("http.interim-many", count=self.others))
        drafts, self.drafts, self.others = self.drafts, [], 0
        return drafts
