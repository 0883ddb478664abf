"""Two captures, read: which way to compare them, and everything that comes out.

The same traffic at two places, or two runs? Shared request ids, signatures or signed dates decide for the first; two
captures that share none of these are runs. The caller may force either.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

from analyzer.compare.edits import body_same
from analyzer.compare.matching import Match, Matching, match, shared
from analyzer.compare.pairs import Seen, grouped, pair_of
from analyzer.compare.runs import compare_runs
from analyzer.compare.store import Kept, Limits, Store, unpacked
from analyzer.diagnosis import Budget
from analyzer.model.comparison import CompareReport, Pair, SideSummary, Sighting, Unmatched, Way
from analyzer.model.notes import Note, note
from analyzer.model.secrets import SecretBook

__all__ = ["Wanted", "compare_sides"]

SLACK = 100_000_000  #: nanoseconds at both ends of a capture that count as inside


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the caller chose. ``way`` None: the evidence decides."""

    way: Way | None = None
    limits: Limits = field(default_factory=Limits)
    secrets: SecretBook = field(default_factory=SecretBook)
    budget: Budget = field(default_factory=Budget)  #: of the search that a secret allows


def compare_sides(
    stores: tuple[Store, Store], sides: tuple[SideSummary, SideSummary], wanted: Wanted, interrupted: bool = False
) -> CompareReport:
    """The report on two captures; ``sides`` are what is known of their files."""
    way, decided = _way(stores, wanted.way)
    if way is Way.RUNS:
        report = compare_runs(stores, sides, decided, wanted.limits, (wanted.secrets, wanted.budget))
    else:
        report = _traffic(stores, sides, decided, wanted)
    nothing = not report.pairs and not report.same
    cut = any(pair.verdict.id == "not-whole" for pair in report.pairs)
    incomplete = any(side.incomplete or side.left_out for side in sides) or interrupted or nothing or cut
    return replace(report, incomplete=incomplete, interrupted=interrupted)


def _way(stores: tuple[Store, Store], chosen: Way | None) -> tuple[Way, Note]:
    if chosen is Way.TRAFFIC:
        return chosen, note("compare.way.traffic-forced")
    if chosen is Way.RUNS:
        return chosen, note("compare.way.runs-forced")
    if not stores[0].kept or not stores[1].kept:
        return Way.TRAFFIC, note("compare.way.empty")
    ids, signatures, dates = shared(*stores)
    if ids or signatures or dates:
        return Way.TRAFFIC, note("compare.way.traffic", ids=ids, signatures=signatures, dates=dates)
    return Way.RUNS, note("compare.way.runs")


def _traffic(
    stores: tuple[Store, Store], sides: tuple[SideSummary, SideSummary], decided: Note, wanted: Wanted
) -> CompareReport:
    found = match(stores[0].kept, stores[1].kept)
    pairs, same, more = _pairs(found.matches, wanted)
    alone = sorted(_unmatched(found, stores, sides), key=lambda one: not one[3])
    limit = wanted.limits.unmatched
    return CompareReport(
        Way.TRAFFIC,
        decided,
        sides,
        tuple(grouped(pairs)),
        same,
        more,
        tuple(_told(found, *one) for one in alone[:limit]),
        max(0, len(alone) - limit),
        found.offset,
        notes=tuple(_remarks(found, stores)),
    )


def _pairs(matches: Sequence[Match], wanted: Wanted) -> tuple[list[Pair], int, int]:
    """Pairs in order, within the limits; how many are without changes, and how many changed ones are only counted."""
    pairs: list[Pair] = []
    counts = {True: 0, False: 0}
    for one in matches:
        if counts[False] >= wanted.limits.pairs and _identical(one):
            counts[False] += 1
            continue
        pair = _pair(one, len(pairs) + 1, wanted.secrets)
        changed = bool(pair.changes)
        counts[changed] += 1
        if counts[changed] <= wanted.limits.pairs:
            pairs.append(pair)
    return pairs, counts[False], max(0, counts[True] - wanted.limits.pairs)


def _identical(one: Match) -> bool:
    """Every byte that is known of both is the same: nothing needs to be taken apart to see it."""
    near, far = one.near.exchange, one.far.exchange
    for mine, other in ((near.request, far.request), (near.response, far.response)):
        if mine is not None and other is not None:
            if mine.head.raw != other.head.raw or mine.trailers != other.trailers:
                return False
            if body_same(mine.body, other.body) is False:
                return False
    return True


def _pair(one: Match, number: int, secrets: SecretBook) -> Pair:
    near, far = one.near, one.far
    return pair_of(
        f"P{number}",
        Seen(Sighting(one.sides[0], unpacked(near.exchange)), near.plain),
        Seen(Sighting(one.sides[1], unpacked(far.exchange)), far.plain),
        one.evidence,
        one.rivals,
        secrets,
    )


# What only one capture holds ------------------------------------------------------------------------------------------


def _unmatched(
    found: Matching, stores: tuple[Store, Store], sides: tuple[SideSummary, SideSummary]
) -> Iterator[tuple[int, Kept, str, bool]]:
    for side in (0, 1):
        for kept in found.left[side]:
            yield side, kept, *_reason(kept, side, found, stores, sides)


def _told(found: Matching, side: int, kept: Kept, reason: str, missing: bool) -> Unmatched:
    rivals = found.rivals.get((side, kept.number), 0)
    return Unmatched(Sighting(side, unpacked(kept.exchange)), reason, missing, rivals)


def _reason(
    kept: Kept, side: int, found: Matching, stores: tuple[Store, Store], sides: tuple[SideSummary, SideSummary]
) -> tuple[str, bool]:
    """Why it has no partner, and whether it should have one."""
    other = stores[1 - side]
    if kept.exchange.request is None:
        return "no-request", False
    if side == 0 and kept.keys.is_signed and _answered_on_the_way(kept):
        return "answered-on-the-way", True
    if found.offset is not None and _outside(kept, side, found, sides):
        return "outside", False
    if other.left_out:
        return "left-out", False
    if sides[1 - side].incomplete or any(capture.gaps for capture in sides[1 - side].captures):
        return "gaps", False
    if found.rivals.get((side, kept.number), 0):
        return "taken", False
    return "not-found", kept.keys.is_signed and found.offset is not None


def _answered_on_the_way(kept: Kept) -> bool:
    """The answer does not come from the store: no request id, and not its name."""
    response = unpacked(kept.exchange).response
    if response is None or kept.keys.request_id is not None:
        return False
    server = response.head.first(b"server") or b""
    return not server.lower().startswith(b"aliyunoss")


def _outside(kept: Kept, side: int, found: Matching, sides: tuple[SideSummary, SideSummary]) -> bool:
    """The other capture was not running then, by its own clock."""
    offset = found.offset
    first, last = sides[1 - side].first_time, sides[1 - side].last_time
    if offset is None or first is None or last is None:
        return True
    when = kept.keys.begin + (offset.median if side == 0 else -offset.median)
    return not first - SLACK <= when <= last + SLACK


# Remarks --------------------------------------------------------------------------------------------------------------


def _remarks(found: Matching, stores: tuple[Store, Store]) -> Iterator[Note]:
    if _swapped(found.matches):
        yield note("compare.swapped")
    open_pairs = sum(one.rivals > 0 for one in found.matches)
    if open_pairs:
        yield note("compare.ambiguous", count=open_pairs)
    if found.matches and found.offset is None:
        yield note("compare.no-offset")
    legs = sum(one.sides[0] == one.sides[1] for one in found.matches)
    if legs:
        yield note("compare.legs", count=legs)
    for side, store in enumerate(stores):
        if store.left_out:
            yield note("compare.left-out", side=side + 1, count=store.left_out)


def _swapped(matches: Sequence[Match]) -> bool:
    """The answer takes longer where the client is: the second capture seems to be the client's."""
    answered = [one for one in matches if one.sides == (0, 1) and one.near.keys.status and one.far.keys.status]
    gaps = [_duration(one.near) - _duration(one.far) for one in answered]
    known = [gap for gap in gaps if abs(gap) > 200_000]
    return len(known) >= 1 and sum(gap < 0 for gap in known) > 0.8 * len(known)


def _duration(kept: Kept) -> int:
    return kept.keys.end - kept.keys.begin
