"""Which request of one capture is which of the other: strongest evidence first, one to one.

Rounds, each on what the rounds before left over: the server's request id, the signature, target with body and date,
target with body, target and time, body alone. The first rounds need no clock. From their pairs the offset of the two
clocks is estimated, and from then on time decides among equals and forbids pairs that lie too far apart. Two sightings
whose request ids are known and differ are never one request, whatever else they share: a presigned URL may be used a
hundred times.

A capture made on the proxy itself holds every request twice, once on either side. Sightings of one capture that share
a request id or a signature, on two connections and one inside the other in time, are legs of one way; the leg that has
a twin in the other capture is matched with it, and legs that are left over are held against their neighbour on the
way. (Inside each other in time: a cache gives the same answer, request id and all, to many.)
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from statistics import median

from analyzer.compare.store import Kept, Keys
from analyzer.model.comparison import ClockOffset, Evidence

__all__ = ["Match", "Matching", "match", "offset_of", "shared", "window"]

#: Clocks known: how far apart one request may be seen, at least, and in spreads of the certain pairs.
LEAST_WINDOW = 2_000_000_000
SPREADS = 8
#: Partners that are tried for one request, and legs of one way; more are no real traffic.
TRIES = 64
MAX_LEGS = 8

_Key = Callable[[Keys], bytes | None]
_ROUNDS: tuple[tuple[Evidence, _Key], ...] = (
    (Evidence.REQUEST_ID, lambda keys: keys.request_id),
    (Evidence.SIGNATURE, lambda keys: keys.signature),
    (Evidence.DATE, lambda keys: keys.date),
    (Evidence.CONTENT, lambda keys: keys.asked),
    (Evidence.TARGET, lambda keys: keys.target),
    (Evidence.BODY, lambda keys: keys.body),
)
_CERTAIN = frozenset({Evidence.REQUEST_ID, Evidence.SIGNATURE, Evidence.DATE})


@dataclass(frozen=True, slots=True)
class Match:
    """Two sightings of one request; ``sides`` are the captures that hold them (0 and 1, or twice the same)."""

    near: Kept
    far: Kept
    sides: tuple[int, int]
    evidence: tuple[Evidence, ...]
    rivals: int = 0


@dataclass(slots=True)
class Matching:
    """All matches, and what is left of both captures."""

    matches: list[Match]
    left: tuple[list[Kept], list[Kept]]
    offset: ClockOffset | None
    rivals: dict[tuple[int, int], int] = field(default_factory=dict)  #: (side, number) → candidates that were taken


@dataclass(slots=True)
class _Group:
    """The legs of one request in one capture, in order of time."""

    legs: list[Kept]

    @property
    def keys(self) -> Keys:
        """Those of the leg that knows most: the one with a request id."""
        return next((leg.keys for leg in self.legs if leg.keys.request_id), self.legs[0].keys)


def shared(one: Iterable[Kept], other: Iterable[Kept]) -> tuple[int, int, int]:
    """(request ids, signatures, dated requests) that both captures hold, without those that request ids tell apart."""
    first, second = [[k.keys for k in side] for side in (one, other)]
    counts = []
    for _, key in _ROUNDS[:3]:
        table: defaultdict[bytes, list[Keys]] = defaultdict(list)
        for keys in second:
            name = key(keys)
            if name is not None and len(table[name]) < 64:
                table[name].append(keys)
        counts.append(sum(any(not _contradict(k, o) for o in table.get(key(k) or b"", ())) for k in first))
    return counts[0], counts[1], counts[2]


def match(one: Sequence[Kept], other: Sequence[Kept]) -> Matching:
    """The matches of two captures of the same traffic."""
    sides = _groups(one), _groups(other)
    left: list[list[_Group]] = [list(sides[0]), list(sides[1])]
    pairs: list[tuple[_Group, _Group, Evidence, int]] = []
    offset: ClockOffset | None = None
    for evidence, key in _ROUNDS:
        if offset is None:
            offset = offset_of([(a.keys, b.keys) for a, b, kind, rivals in pairs if kind in _CERTAIN and not rivals])
        if evidence in (Evidence.TARGET, Evidence.BODY) and offset is None and pairs:
            continue
        found = list(_round(left[0], left[1], key, offset, evidence))
        pairs += [(a, b, evidence, rivals) for a, b, rivals in found]
        taken = {id(group) for a, b, _ in found for group in (a, b)}
        left = [[group for group in side if id(group) not in taken] for side in left]
    matches = [m for a, b, evidence, rivals in pairs for m in _legs(a, b, evidence, rivals)]
    matches += [m for side in (0, 1) for group in left[side] for m in _within(group.legs, side)]
    matches.sort(key=lambda m: (m.near.keys.begin if m.sides[0] == 0 else m.far.keys.begin, m.near.number))
    alone = tuple([leg for group in side for leg in group.legs] for side in left)
    return Matching(matches, (alone[0], alone[1]), offset, _rivals(pairs, left))


def offset_of(pairs: Sequence[tuple[Keys, Keys]]) -> ClockOffset | None:
    """How far the second clock is ahead, from pairs that are certain; None without any."""
    if not pairs:
        return None
    gaps = [b.begin - a.begin for a, b in pairs]
    middle = int(median(gaps))
    spread = int(median(abs(gap - middle) for gap in gaps))
    return ClockOffset(middle, spread, len(pairs))


def window(offset: ClockOffset) -> int:
    """How far from the offset a pair may lie."""
    return max(LEAST_WINDOW, SPREADS * offset.spread)


def _contradict(one: Keys, other: Keys) -> bool:
    """Not one request: two request ids, or the same id where nothing else is the same, answer included."""
    if one.request_id is None or other.request_id is None:
        return False
    if one.request_id != other.request_id:
        return True
    return one.status != other.status and one.signature != other.signature and one.target != other.target


# One round ------------------------------------------------------------------------------------------------------------


def _round(
    one: list[_Group], other: list[_Group], key: _Key, offset: ClockOffset | None, evidence: Evidence
) -> Iterator[tuple[_Group, _Group, int]]:
    """Partners by one key, one to one, with the number of others that would have fitted as well."""
    tables: list[defaultdict[bytes, list[_Group]]] = [defaultdict(list), defaultdict(list)]
    for table, groups in zip(tables, (one, other), strict=True):
        for group in groups:
            name = key(group.keys)
            if name is not None:
                table[name].append(group)
    for name, ours in tables[0].items():
        theirs = tables[1].get(name)
        if theirs:
            yield from _partners(ours, theirs, offset, evidence)


def _partners(
    ours: list[_Group], theirs: list[_Group], offset: ClockOffset | None, evidence: Evidence
) -> Iterator[tuple[_Group, _Group, int]]:
    """Both in order of time, walked together: equal requests keep their order on the way. Where the clocks are known,
    what lies too far apart is passed over; where they are not, an unequal number leaves the choice open."""
    ours, theirs = [sorted(groups, key=lambda g: g.keys.begin) for groups in (ours, theirs)]
    alone = len(ours) == len(theirs) == 1
    strong = evidence is Evidence.REQUEST_ID or (evidence in _CERTAIN and alone)
    times = [other.keys.begin for other in theirs]
    shift, reach = (offset.median, window(offset)) if offset is not None else (0, 0)
    at = 0
    for group in ours:
        if offset is not None and not strong:
            at = max(at, bisect_left(times, group.keys.begin + shift - reach))
        for there in range(at, min(at + TRIES, len(theirs))):
            other = theirs[there]
            if offset is not None and not strong and times[there] > group.keys.begin + shift + reach:
                break
            if _contradict(group.keys, other.keys):
                continue
            yield group, other, 0 if strong or alone else _equals(group, ours, times, offset)
            at = there + 1
            break


def _equals(group: _Group, ours: list[_Group], times: list[int], offset: ClockOffset | None) -> int:
    """How many others would have done: none where the clocks tell them apart."""
    if offset is None:
        return max(len(ours), len(times)) - 1
    reach = max(2 * offset.spread, 1_000_000)
    middle = group.keys.begin + offset.median
    return max(0, bisect_right(times, middle + reach) - bisect_left(times, middle - reach) - 1)


def _rivals(
    pairs: Sequence[tuple[_Group, _Group, Evidence, int]], left: list[list[_Group]]
) -> dict[tuple[int, int], int]:
    """Of what is left: how many of the other capture ask for the same and are matched with something else."""
    counts: list[defaultdict[bytes, int]] = [defaultdict(int), defaultdict(int)]
    for one, other, _, _ in pairs:
        for count, group in zip(counts, (one, other), strict=True):
            if group.keys.target is not None:
                count[group.keys.target] += 1
    return {
        (side, leg.number): counts[1 - side].get(group.keys.target or b"", 0)
        for side in (0, 1)
        for group in left[side]
        for leg in group.legs
    }


# Legs -----------------------------------------------------------------------------------------------------------------


def _groups(kept: Sequence[Kept]) -> list[_Group]:
    """The requests of one capture, each with its legs."""
    groups: list[_Group] = []
    by_id: dict[bytes, _Group] = {}
    by_signature: defaultdict[bytes, list[_Group]] = defaultdict(list)
    for one in sorted(kept, key=lambda k: (k.keys.begin, k.number)):
        keys = one.keys
        group = by_id.get(keys.request_id) if keys.request_id is not None else None
        if group is not None and not _inside(group.legs[-1], one):
            group = None
        if group is None and keys.signature is not None:
            group = next((g for g in reversed(by_signature[keys.signature][-16:]) if _inside(g.legs[-1], one)), None)
        if group is None or len(group.legs) >= MAX_LEGS:
            group = _Group([])
            groups.append(group)
            if keys.signature is not None:
                by_signature[keys.signature].append(group)
        group.legs.append(one)
        if keys.request_id is not None:
            by_id[keys.request_id] = group
    return groups


def _inside(outer: Kept, inner: Kept) -> bool:
    """The second lies within the first in time, on another connection, and nothing speaks against one request."""
    if outer.exchange.connection.stream == inner.exchange.connection.stream:
        return False
    inside = outer.keys.begin <= inner.keys.begin and inner.keys.end <= outer.keys.end
    return inside and not _contradict(outer.keys, inner.keys)


def _legs(one: _Group, other: _Group, evidence: Evidence, rivals: int) -> Iterator[Match]:
    """One match for every twin, and one for every leg that is left over, with its neighbour on the way."""
    if len(one.legs) == len(other.legs) == 1:
        yield Match(one.legs[0], other.legs[0], (0, 1), _evidence(one.keys, other.keys, evidence), rivals)
        return
    said = _evidence(one.keys, other.keys, evidence)
    crossed = _twins(one.legs, other.legs) or [(len(one.legs) - 1, 0)]
    for a, b in crossed:
        yield Match(one.legs[a], other.legs[b], (0, 1), said, rivals)
    joined = {a for a, _ in crossed}, {b for _, b in crossed}
    for side, legs in enumerate((one.legs, other.legs)):
        for number in range(1, len(legs)):
            if number not in joined[side] or number - 1 not in joined[side]:
                yield Match(legs[number - 1], legs[number], (side, side), said, 0)


def _within(legs: Sequence[Kept], side: int) -> Iterator[Match]:
    """The legs of a request that only one capture holds."""
    for near, far in pairwise(legs):
        yield Match(near, far, (side, side), _evidence(near.keys, far.keys, Evidence.REQUEST_ID), 0)


def _twins(one: Sequence[Kept], other: Sequence[Kept]) -> list[tuple[int, int]]:
    """Legs that are the same bytes in both captures, or the same connection, in order."""
    found: list[tuple[int, int]] = []
    for test in (_same_bytes, _same_ends):
        for a, mine in enumerate(one):
            for b, theirs in enumerate(other):
                if any(a == x or b == y for x, y in found):
                    continue
                if test(mine, theirs):
                    found.append((a, b))
    return sorted(found)


def _same_bytes(one: Kept, other: Kept) -> bool:
    mine, theirs = one.exchange.request, other.exchange.request
    return mine is not None and theirs is not None and mine.head.raw == theirs.head.raw


def _same_ends(one: Kept, other: Kept) -> bool:
    mine, theirs = one.exchange.connection, other.exchange.connection
    return (mine.client, mine.server) == (theirs.client, theirs.server)


def _evidence(one: Keys, other: Keys, found_by: Evidence) -> tuple[Evidence, ...]:
    """All that both share, the strongest first; time only where it decided."""
    said = [kind for kind, key in _ROUNDS if key(one) is not None and key(one) == key(other)]
    return tuple(kind for kind in said if kind is not Evidence.TARGET or kind is found_by or len(said) == 1)
