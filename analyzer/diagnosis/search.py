"""The search for the text that the client signed, fewest changes first.

Level by level (no change, one, two, three), every combination of edits of the text and of changes of the key is laid
and signed until a digest equals the one sent. The order is fixed; the limits are a number of HMACs and, where a clock
is given, seconds. A level is always finished for the text of the wire before it is tried on the server's.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from analyzer.diagnosis.budget import Budget, SearchProgress
from analyzer.diagnosis.drafts import Draft, laid, text_of
from analyzer.diagnosis.edits import Edit
from analyzer.diagnosis.signature_shape import Shape
from analyzer.diagnosis.signing_keys import Derive, KeyRow, hmac_function

__all__ = ["Base", "Found", "Search", "Signers", "Stopped", "combinations"]

MAX_LEVEL = 3
_CHECK_EVERY = 1024
_TELL_EVERY = 1 << 16
_CACHED_KEYS = 4096


@dataclass(frozen=True, slots=True)
class Base:
    """A text to start from: ``wire``, ``default`` (the same by the default rules) or ``server``."""

    name: str
    draft: Draft
    edits: tuple[Edit, ...]
    scope: bytes  #: of the credentials, for variants whose draft holds none


@dataclass(frozen=True, slots=True)
class Found:
    """What fits."""

    base: str
    edits: tuple[Edit, ...]
    key: KeyRow
    shape: Shape
    text: bytes


class Stopped(Exception):
    """A limit was reached."""


#: (hash, derivation, secret and scope) → HMAC under that key.
Signers = dict[tuple[str, Derive, bytes], Callable[[bytes], bytes]]


@dataclass(slots=True)
class Search:
    """One search. ``tried`` counts HMACs."""

    shapes: tuple[Shape, ...]
    keys: tuple[KeyRow, ...]
    budget: Budget
    limit: int
    signers: Signers = field(default_factory=dict, repr=False)  #: keys prepared before; searches of a run share them
    tried: int = 0
    level: int = 0
    _started: float = field(default=0.0)
    _targets: dict[str, dict[bytes, Shape]] = field(default_factory=dict)

    def run(self, bases: tuple[Base, ...], max_level: int = MAX_LEVEL) -> Found | None:
        """The first text that fits. Raises ``Stopped`` at a limit."""
        self._started = self.budget.clock() if self.budget.clock is not None else 0.0
        for shape in self.shapes:
            self._targets.setdefault(shape.hash, {}).setdefault(shape.digest, shape)
        for self.level in range(max_level + 1):
            for base in bases:
                found = self._level(base, self.level)
                if found is not None:
                    return found
        return None

    def _level(self, base: Base, level: int) -> Found | None:
        for count in range(level + 1):
            keys = [row for row in self.keys if row.cost == level - count]
            if not keys:
                continue
            for draft, edits in combinations(base, count):
                found = self._sign(base, draft, edits, keys)
                if found is not None:
                    return found
        return None

    def _sign(self, base: Base, draft: Draft, edits: tuple[Edit, ...], keys: list[KeyRow]) -> Found | None:
        text = text_of(draft)
        scope = draft.scope or base.scope
        for row in keys:
            for name, targets in self._targets.items():
                self._count()
                shape = targets.get(self._signer(row, scope, name)(text))
                if shape is not None:
                    shown = laid(draft) if not _outer_changed(base.draft, draft) else text
                    return Found(base.name, edits, row, shape, shown)
        return None

    def _signer(self, row: KeyRow, scope: bytes, name: str) -> Callable[[bytes], bytes]:
        secret = row.variant.secret.reveal()
        key = name, row.derive, secret + b"\0" + scope
        cached = self.signers.get(key)
        if cached is not None:
            return cached
        if len(self.signers) >= _CACHED_KEYS:
            self.signers.clear()
        made = self.signers[key] = hmac_function(row.derive(secret, scope), name)
        return made

    def _count(self) -> None:
        if self.tried >= self.limit:
            raise Stopped
        self.tried += 1
        if self.tried % _CHECK_EVERY:
            return
        if self.budget.clock is not None and self.budget.clock() - self._started > self.budget.seconds:
            raise Stopped
        if self.budget.progress is not None and self.tried % _TELL_EVERY == 0:
            self.budget.progress(SearchProgress(self.tried, self.limit, self.level))


def _outer_changed(base: Draft, draft: Draft) -> bool:
    """The change is in the lines around the hash, so those are what is worth showing."""
    return draft.family == "canonical" and (base.algorithm, base.stamp, base.scope) != (
        draft.algorithm,
        draft.stamp,
        draft.scope,
    )


def combinations(base: Base, count: int) -> Iterator[tuple[Draft, tuple[Edit, ...]]]:
    """Drafts with exactly ``count`` edits, of different slots, applied in the order of the table."""
    if count == 0:
        yield base.draft, ()
        return
    yield from _extended(base.edits, 0, base.draft, (), frozenset(), count)


def _extended(
    edits: tuple[Edit, ...], start: int, draft: Draft, chosen: tuple[Edit, ...], slots: frozenset[str], left: int
) -> Iterator[tuple[Draft, tuple[Edit, ...]]]:
    for at in range(start, len(edits)):
        edit = edits[at]
        if edit.slot in slots:
            continue
        changed = edit.apply(draft)
        if changed is None:
            continue
        if left == 1:
            yield changed, (*chosen, edit)
        else:
            yield from _extended(edits, at + 1, changed, (*chosen, edit), slots | {edit.slot}, left - 1)
