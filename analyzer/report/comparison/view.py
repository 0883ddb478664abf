"""What presenters of a comparison see: the pairs in groups, the gravest first, and frames as each file counts them."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

from analyzer.model.comparison import CompareReport, Pair, Sighting
from analyzer.model.notes import Kind, Wire
from analyzer.report.frames import FrameBook, Frames

__all__ = ["CompareView", "GroupedPairs", "comparison_view"]

#: Verdicts in the order in which a reader needs them.
_GRAVITY = (
    "signed-changed",
    "body-changed",
    "signed-anew",
    "first-fails",
    "second-fails",
    "unsigned-changed",
    "answer-changed",
    "not-whole",
    "unchanged-so-far",
    "both-fail",
    "unchanged",
    "both-work",
)


@dataclass(frozen=True, slots=True)
class GroupedPairs:
    """Pairs that read the same: the first in full, the others as a list."""

    leader: Pair
    others: tuple[Pair, ...]


@dataclass(frozen=True, slots=True)
class CompareView:
    """A comparison, ready to present."""

    redacted: bool
    report: CompareReport
    frames: tuple[FrameBook, FrameBook]
    groups: tuple[GroupedPairs, ...]

    def located(self, side: int, frames: tuple[int, ...]) -> Frames:
        """Frames as their own file counts them."""
        return self.frames[side].locate(frames)

    def path(self, side: int) -> Wire:
        """What the user calls the capture: its first file."""
        captures = self.report.sides[side].captures
        path = captures[0].facts.path if captures else "?"
        return Wire(path.encode("utf-8", "surrogateescape"), Kind.PATH)

    def sides(self, pair: Pair) -> tuple[int, int]:
        """Which captures hold the two sightings."""
        return pair.near.side, pair.far.side

    def frames_of(self, sighting: Sighting) -> tuple[Frames, Frames]:
        """Those of request and answer."""
        request, response = sighting.exchange.request, sighting.exchange.response
        asked = request.frames if request is not None else ()
        return self.located(sighting.side, asked), self.located(
            sighting.side, response.frames if response is not None else ()
        )


def comparison_view(report: CompareReport, *, redacted: bool = False) -> CompareView:
    """The comparison as it is."""
    members: defaultdict[str, list[Pair]] = defaultdict(list)
    for pair in report.pairs:
        members[pair.group or pair.id].append(pair)
    groups = sorted(
        (GroupedPairs(pairs[0], tuple(pairs[1:])) for pairs in members.values()),
        key=lambda group: _GRAVITY.index(group.leader.verdict.id),
    )
    books = FrameBook(report.sides[0].captures), FrameBook(report.sides[1].captures)
    return CompareView(redacted, report, books, tuple(groups))
