"""A run that works beside one that fails: which trait of the requests sets the two apart.

The requests of both captures are paired like with like: the same target first, then the same shape of target, then the
same method and parameters, each in order. Where of a pair one works and the other fails, both are witnesses. A trait
counts when all failing witnesses have it and no working one, or the other way round. That proves nothing: with few
witnesses many traits set them apart, so the report tells how many there are, and how many other traits do as well.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

from analyzer.compare.classes import order_of, shape, traits
from analyzer.compare.pairs import Seen, grouped, run_pair
from analyzer.compare.signing import CARRIERS, covers
from analyzer.compare.store import Kept, Limits, Store, unpacked
from analyzer.diagnosis import Budget, Diagnoser
from analyzer.diagnosis.clients import client_of
from analyzer.model.comparison import Agent, CompareReport, Evidence, Pair, SideSummary, Sighting, Trait, Way
from analyzer.model.findings import Certainty
from analyzer.model.http import Request
from analyzer.model.notes import Note, note
from analyzer.model.secrets import SecretBook
from analyzer.model.signing import SignedExchange
from analyzer.oss import codes, read

__all__ = ["compare_runs"]

#: Requests of each outcome and side that are looked at, and of them so many that traits are taken from; failures that
#: are diagnosed, traits and agents that are told.
MAX_RUNS = 1_000
MAX_WITNESSES = 512
MAX_DIAGNOSED = 200
MAX_TRAITS = 40
MAX_AGENTS = 40
#: From so many witnesses of each outcome on, a signed trait that alone sets them apart is likely.
ENOUGH = 2


@dataclass(frozen=True, slots=True)
class _Run:
    """A request and how it went."""

    side: int
    kept: Kept
    request: Request
    signed: SignedExchange
    outcome: str  #: ``works``, ``fails``, ``other``


def compare_runs(
    stores: tuple[Store, Store],
    sides: tuple[SideSummary, SideSummary],
    decided: Note,
    limits: Limits,
    search: tuple[SecretBook, Budget],
) -> CompareReport:
    """The report on two runs; ``search``: the secrets given, and how much looking for what they signed may cost."""
    runs = _runs(stores)
    paired = list(_paired(runs[0], runs[1]))
    contrasts = [(a, b, rivals) for a, b, rivals in paired if {a.outcome, b.outcome} == {"works", "fails"}]
    witnesses = _witnesses(contrasts, runs)
    pairs, same = _pairs(contrasts or paired, limits)
    every = [run for side in runs for run in side]
    return CompareReport(
        Way.RUNS,
        decided,
        sides,
        pairs,
        same,
        max(0, len(contrasts or paired) - len(pairs)),
        traits=tuple(_traits(*witnesses, alike=bool(contrasts))),
        agents=tuple(_agents(every)),
        causes=tuple(_causes(every, *search)),
        notes=tuple(_remarks(every, contrasts, stores)),
    )


def _runs(stores: tuple[Store, Store]) -> tuple[list[_Run], list[_Run]]:
    """Both captures' requests with their outcomes. Where signatures were refused, other errors are no failures."""
    read_again = [
        [(side, kept, read(unpacked(kept.exchange))) for kept in _first(store)] for side, store in enumerate(stores)
    ]
    refusals = any(_is_refusal(signed) for side in read_again for _, _, signed in side)
    return tuple(  # type: ignore[return-value]  # two of them
        [
            _Run(number, kept, signed.exchange.request, signed, _outcome(kept, signed, refusals))
            for number, kept, signed in side
            if signed.exchange.request is not None
        ]
        for side in read_again
    )


def _first(store: Store) -> Iterator[Kept]:
    """The first requests of either outcome."""
    room = {True: MAX_RUNS, False: MAX_RUNS}
    for kept in store:
        if kept.exchange.request is not None and room[kept.failing] > 0:
            room[kept.failing] -= 1
            yield kept


def _is_refusal(signed: SignedExchange) -> bool:
    return signed.error is not None and codes.is_signature_family(signed.error)


def _outcome(kept: Kept, signed: SignedExchange, refusals: bool) -> str:
    if 200 <= kept.keys.status < 400:
        return "works"
    if refusals:
        return "fails" if _is_refusal(signed) else "other"
    return "fails" if kept.failing else "other"


# Like with like -------------------------------------------------------------------------------------------------------

_Shape = Callable[[_Run], bytes]


def _names(run: _Run) -> bytes:
    inputs = run.signed.inputs
    names = {pair.name for pair in inputs.query} if inputs is not None else set()
    kept = {name for name in names if f"query:{name.decode('latin-1')}" not in CARRIERS}
    return b"&".join(sorted(kept))[:512]


def _bucket(run: _Run) -> bytes:
    return (run.signed.inputs.bucket or b"") if run.signed.inputs is not None else b""


def _key(run: _Run) -> bytes:
    return run.signed.inputs.raw_key if run.signed.inputs is not None else run.request.target


_SHAPES: tuple[_Shape, ...] = (
    lambda run: b"\0".join((run.request.method, _bucket(run), _key(run), _names(run))),
    lambda run: b"\0".join((run.request.method, _bucket(run), shape(_key(run)), _names(run))),
    lambda run: b"\0".join((run.request.method, shape(_key(run)), _names(run))),
    lambda run: b"\0".join((run.request.method, _names(run))),
)


def _paired(one: Sequence[_Run], other: Sequence[_Run]) -> Iterator[tuple[_Run, _Run, int]]:
    """One to one, in order; with how many others of the same shape there were."""
    left = [sorted(runs, key=lambda run: (run.kept.keys.begin, run.kept.number)) for runs in (one, other)]
    for by in _SHAPES:
        tables: list[defaultdict[bytes, list[_Run]]] = [defaultdict(list), defaultdict(list)]
        for table, runs in zip(tables, left, strict=True):
            for run in runs:
                table[by(run)].append(run)
        taken: set[int] = set()
        for name, ours in tables[0].items():
            theirs = tables[1].get(name, [])
            for a, b in zip(ours, theirs, strict=False):
                taken |= {id(a), id(b)}
                yield a, b, max(len(ours), len(theirs)) - 1
        left = [[run for run in runs if id(run) not in taken] for runs in left]


def _pairs(found: Sequence[tuple[_Run, _Run, int]], limits: Limits) -> tuple[tuple[Pair, ...], int]:
    pairs = []
    for number, (a, b, rivals) in enumerate(found[: limits.pairs], 1):
        near, far = (Seen(Sighting(run.side, run.signed.exchange), run.kept.plain) for run in (a, b))
        pairs.append(run_pair(f"P{number}", near, far, (Evidence.SHAPE,), rivals))
    return tuple(grouped(pairs)), sum(not pair.changes for pair in pairs)


def _witnesses(
    contrasts: Sequence[tuple[_Run, _Run, int]], runs: tuple[list[_Run], list[_Run]]
) -> tuple[list[_Run], list[_Run]]:
    """(failing, working): of the contrasts where there are any, else all."""
    source = [run for a, b, _ in contrasts for run in (a, b)] or [run for side in runs for run in side]
    failing = [run for run in source if run.outcome == "fails"]
    working = [run for run in source if run.outcome == "works"]
    return failing[:MAX_WITNESSES], working[:MAX_WITNESSES]


# Traits ---------------------------------------------------------------------------------------------------------------

#: In the order in which they are looked at: of one field the first that sets the runs apart is told.
_ASPECTS = ("presence", "value", "spelling")


def _traits(failing: Sequence[_Run], working: Sequence[_Run], *, alike: bool) -> Iterator[Trait]:
    if not failing or not working:
        return
    found = [*_parted(failing, working), *_order(failing, working)]
    guilty = [trait for trait in found if trait.signed]
    enough = min(len(failing), len(working)) >= ENOUGH
    found.sort(key=lambda t: (not t.signed, _RANK.get(t.aspect, 3), t.field))
    for trait in found[:MAX_TRAITS]:
        alone = trait.signed and len(guilty) == 1
        certainty = Certainty.LIKELY if alone and enough and alike else Certainty.POSSIBLE
        yield replace(trait, certainty=certainty)


_RANK = {"presence": 0, "value": 1, "order": 2}


def _parted(failing: Sequence[_Run], working: Sequence[_Run]) -> Iterator[Trait]:
    """Traits that all of one outcome have and none of the other."""
    bad = [traits(run.request, run.signed) for run in failing]
    good = [traits(run.request, run.signed) for run in working]
    keys = dict.fromkeys(key for found in (*bad, *good) for key in found)
    told: set[str] = set()
    for field, aspect in sorted(keys, key=lambda key: _ASPECTS.index(key[1]) if key[1] in _ASPECTS else 0):
        if field in told:
            continue
        with_bad = [found[field, aspect] for found in bad if (field, aspect) in found]
        with_good = [found[field, aspect] for found in good if (field, aspect) in found]
        if aspect in ("value", "spelling"):
            if len(with_bad) != len(bad) or len(with_good) != len(good) or set(with_bad) & set(with_good):
                continue
            theirs = set(with_good)
            other = with_good[0] if len(theirs) == 1 else None
            value = Counter(with_bad).most_common(1)[0]
            counts = (value[1], len(bad)), (0, len(good))
            told.add(field)
            yield _trait(field, aspect, value[0], other, counts, failing, working)
        elif (len(with_bad), len(with_good)) in ((len(bad), 0), (0, len(good))):
            told.add(field)
            counts = (len(with_bad), len(bad)), (len(with_good), len(good))
            value_of = _example(field, failing if with_bad else working)
            yield _trait(field, aspect, value_of, None, counts, failing, working)


def _example(field: str, runs: Sequence[_Run]) -> bytes | None:
    """The class of the value where the header is there."""
    return traits(runs[0].request, runs[0].signed).get((field, "value"))


def _trait(
    field: str,
    aspect: str,
    value: bytes | None,
    other: bytes | None,
    counts: tuple[tuple[int, int], tuple[int, int]],
    failing: Sequence[_Run],
    working: Sequence[_Run],
) -> Trait:
    frames = tuple((run.side, frame) for run in (failing[0], working[0]) for frame in run.request.frames[:1])
    signed = any(covers(run.signed, field) for run in (failing[0], working[0]))
    return Trait(field, aspect, value, counts[0], counts[1], signed, Certainty.POSSIBLE, other, frames)


def _order(failing: Sequence[_Run], working: Sequence[_Run]) -> Iterator[Trait]:
    """The order of the headers that all have, where it is one in all failing requests and another in all others."""
    everyone = [order_of(run.request) for run in (*failing, *working)]
    common = set(everyone[0]).intersection(*everyone[1:])
    orders = [tuple(name for name in names if name in common) for names in everyone]
    bad, good = set(orders[: len(failing)]), set(orders[len(failing) :])
    if len(bad) == len(good) == 1 and bad != good:
        first, second = b", ".join(*bad), b", ".join(*good)
        counts = (len(failing), len(failing)), (0, len(working))
        yield replace(_trait("header-order", "order", first, second, counts, failing, working), signed=False)


# Around them ----------------------------------------------------------------------------------------------------------


def _agents(runs: Sequence[_Run]) -> Iterator[Agent]:
    counts: dict[tuple[int, bytes | None], Counter[str]] = {}
    for run in runs:
        agent = run.request.head.first(b"user-agent")
        counts.setdefault((run.side, agent[:256] if agent is not None else None), Counter())[run.outcome] += 1
    rows = sorted(counts.items(), key=lambda row: (row[0][0], -row[1].total()))
    for (side, value), outcome in rows[:MAX_AGENTS]:
        client = client_of(value)
        yield Agent(side, value, client.name if client is not None else None, outcome["works"], outcome["fails"])


def _causes(runs: Sequence[_Run], secrets: SecretBook, budget: Budget) -> Iterator[tuple[str, Certainty, int]]:
    """What the diagnosis of the failing requests themselves says, by its first cause."""
    diagnoser = Diagnoser(secrets, budget=replace(budget, failures=MAX_DIAGNOSED))
    for run in runs:
        diagnoser.add(run.signed)
    counted = Counter((f.causes[0].id, f.causes[0].certainty) for f in diagnoser.findings())
    for (cause, certainty), count in counted.most_common(5):
        yield cause, certainty, count


def _remarks(
    runs: Sequence[_Run], contrasts: Sequence[tuple[_Run, _Run, int]], stores: tuple[Store, Store]
) -> Iterator[Note]:
    outcomes = Counter(run.outcome for run in runs)
    if not outcomes["fails"]:
        yield note("compare.runs.none-fails")
    elif not outcomes["works"]:
        yield note("compare.runs.none-works")
    elif not contrasts:
        yield note("compare.runs.nothing-alike")
    for side, store in enumerate(stores):
        passed = store.left_out + len(store.kept) - sum(run.side == side for run in runs)
        if passed:
            yield note("compare.left-out", side=side + 1, count=passed)
