"""Things with names in a row (header lines, parameters), held against another such row.

What has the same name is held against each other as a whole: the same bytes first, then the same values, then in
order. What moved is told by the longest run that kept its order: the fewest that must have moved. O(n log n).
"""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict, deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

from analyzer.model.comparison import Change, ChangeKind, How
from analyzer.model.http import Head
from analyzer.oss.pieces import label
from analyzer.oss.provenance import FrameMap

__all__ = ["Item", "Names", "Side", "named_changes"]


@dataclass(frozen=True, slots=True)
class Item:
    """Something that has a name and stands at a place among its like: a header line, a parameter."""

    name: bytes  #: to compare by
    spelled: bytes  #: as it stood
    raw: bytes
    value: bytes
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Side:
    """One head, taken apart."""

    head: Head
    frames: FrameMap
    line: bytes  #: start line without its line end
    lines: tuple[Item, ...]
    ends: bytes  #: all line ends, one after the other
    stray: bytes  #: lines that are no header

    def located(self, start: int, end: int) -> tuple[int, tuple[int, ...]]:
        return start, self.frames.of(start, end)


@dataclass(frozen=True, slots=True)
class Names:
    """How a kind of item is called and explained."""

    prefix: str  #: before the name, in a change's field
    order: str  #: field of a change of order
    how: Callable[[Item, Item], tuple[How, ...]]
    join: Callable[[Sequence[Item], Sequence[Item]], How | None] | None = None


def named_changes(
    ours: Side,
    theirs: Side,
    mine: Sequence[Item],
    other: Sequence[Item],
    names: Names,
) -> Iterator[Change]:
    """Changes of items that are known by their names, in the order of ``mine``, what was added last, then the order."""
    if [item.raw for item in mine] == [item.raw for item in other]:
        return
    at = _by_name(mine), _by_name(other)
    partner: dict[int, int] = {}
    changed: dict[int, Change] = {}
    added: dict[int, Change] = {}
    for name in dict.fromkeys((*at[0], *at[1])):
        rows, rows2 = at[0].get(name, []), at[1].get(name, [])
        field = f"{names.prefix}{label(name)}"
        whole = _whole([mine[i] for i in rows], [other[i] for i in rows2], names)
        if whole is not None:
            partner[rows[0]] = rows2[0]
            changed[rows[0]] = _joined_change(field, whole, ours, theirs, mine, other, rows, rows2)
            continue
        for one, two in _aligned(rows, rows2, mine, other):
            if one is not None and two is not None:
                partner[one] = two
                if mine[one].raw != other[two].raw:
                    changed[one] = _change(field, ours, theirs, mine[one], other[two], names.how(mine[one], other[two]))
            elif one is not None:
                changed[one] = _change(field, ours, theirs, mine[one], None, ())
            elif two is not None:
                added[two] = _change(field, ours, theirs, None, other[two], ())
    yield from (changed[i] for i in sorted(changed))
    yield from (added[i] for i in sorted(added))
    moved = _moved([partner[i] for i in sorted(partner)])
    if moved:
        rows = sorted(partner)
        yield Change(
            names.order,
            ChangeKind.REORDERED,
            (),
            b", ".join(mine[i].spelled for i in rows),
            b", ".join(other[i].spelled for i in sorted(partner.values())),
            names=tuple(mine[rows[i]].spelled for i in moved),
        )


def _whole(one: Sequence[Item], other: Sequence[Item], names: Names) -> How | None:
    return names.join(one, other) if names.join is not None and one and other else None


def _by_name(items: Sequence[Item]) -> dict[bytes, list[int]]:
    found: defaultdict[bytes, list[int]] = defaultdict(list)
    for number, item in enumerate(items):
        found[item.name].append(number)
    return found


def _raw(item: Item) -> bytes:
    return item.raw


def _value(item: Item) -> bytes:
    return item.value


_KEYS = (_raw, _value)


def _aligned(
    rows: list[int], rows2: list[int], mine: Sequence[Item], other: Sequence[Item]
) -> Iterator[tuple[int | None, int | None]]:
    """Partners among items of one name: the same bytes first, then the same value, then in order."""
    for key in _KEYS:
        waiting: defaultdict[bytes, deque[int]] = defaultdict(deque)
        for two in rows2:
            waiting[key(other[two])].append(two)
        taken: set[int] = set()
        left: list[int] = []
        for one in rows:
            places = waiting.get(key(mine[one]))
            if places:
                two = places.popleft()
                taken.add(two)
                yield one, two
            else:
                left.append(one)
        rows, rows2 = left, [two for two in rows2 if two not in taken]
    for number in range(max(len(rows), len(rows2))):
        yield rows[number] if number < len(rows) else None, rows2[number] if number < len(rows2) else None


def _change(field: str, ours: Side, theirs: Side, one: Item | None, other: Item | None, how: tuple[How, ...]) -> Change:
    kind = ChangeKind.CHANGED if one and other else ChangeKind.REMOVED if one else ChangeKind.ADDED
    return Change(
        field,
        kind,
        how,
        one.raw if one else None,
        other.raw if other else None,
        one.start if one else None,
        other.start if other else None,
        ours.frames.of(one.start, one.end) if one else (),
        theirs.frames.of(other.start, other.end) if other else (),
    )


def _joined_change(
    field: str,
    how: How,
    ours: Side,
    theirs: Side,
    mine: Sequence[Item],
    other: Sequence[Item],
    rows: list[int],
    rows2: list[int],
) -> Change:
    first = _change(field, ours, theirs, mine[rows[0]], other[rows2[0]], (how,))
    before = b"\n".join(mine[i].raw for i in rows)
    return replace(first, before=before, after=b"\n".join(other[i].raw for i in rows2))


def _moved(places: Sequence[int]) -> list[int]:
    """Indexes of what does not belong to the longest ascending run: the fewest that must have moved."""
    tails: list[int] = []
    last: list[int] = []
    previous: list[int] = [-1] * len(places)
    for index, place in enumerate(places):
        at = bisect_left(tails, place)
        previous[index] = last[at - 1] if at else -1
        if at == len(tails):
            tails.append(place)
            last.append(index)
        else:
            tails[at], last[at] = place, index
    kept: set[int] = set()
    at = last[-1] if last else -1
    while at >= 0:
        kept.add(at)
        at = previous[at]
    return [index for index in range(len(places)) if index not in kept]
