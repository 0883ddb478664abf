"""What all causes share: how a cause is put together, documentation by title, and code for remedies.

Code lines name things by placeholders (``BUCKET``, ``KEY``); nothing off the wire ever enters them.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from hashlib import sha256

from analyzer.diagnosis.case import Case
from analyzer.diagnosis.open_rules import rules_of_cause
from analyzer.model.findings import Cause, Certainty
from analyzer.model.notes import Kind, Note, Value, Wire, note

__all__ = [
    "LIKELY",
    "POSSIBLE",
    "PROVEN",
    "CauseFunction",
    "Explained",
    "Row",
    "shown",
    "strongest",
    "when_named",
    "when_proven",
]

PROVEN, LIKELY, POSSIBLE = Certainty.PROVEN, Certainty.LIKELY, Certainty.POSSIBLE

CauseFunction = Callable[[Case], Cause | None]

_STRENGTH = {PROVEN: 0, LIKELY: 1, POSSIBLE: 2}


@dataclass(frozen=True, slots=True)
class Explained:
    """What does not change from case to case: remedy, code, documentation."""

    id: str
    title: Note
    remedy: Note
    code: tuple[tuple[str, str], ...] = ()
    links: tuple[str, ...] = ()

    def cause(
        self,
        certainty: Certainty,
        *evidence: Note,
        against: tuple[Note, ...] = (),
        frames: tuple[int, ...] = (),
        remedy: Note | None = None,
    ) -> Cause:
        """The cause with this evidence."""
        return Cause(
            self.id, certainty, self.title, evidence, against, remedy or self.remedy, self.code, self.links, frames
        )


@dataclass(frozen=True, slots=True)
class Row:
    """A cause of the registry. ``prior``: the lower, the more frequent among failures that look alike."""

    id: str
    function: CauseFunction
    prior: int
    source: str
    by_search: bool = False  #: the search with a secret tries the changes that this cause would have made
    on_the_way: bool = False  #: about what became of the request after signing: knowing what was signed refutes it not


def shown(raw: bytes, kind: Kind, limit: int = 160) -> Wire:
    """A wire value for a sentence, cut to a length that fits one."""
    return Wire(raw[:limit], kind)


def when_proven(case: Case, about: Explained, *more: Note, frames: tuple[int, ...] = ()) -> Cause | None:
    """The cause as proven by the search with the secret, or by the client's log beside the server's bytes, or as the
    breach of a rule that the server seems to have; None where nothing shows it."""
    changes = case.proven(about.id)
    if not changes:
        return _by_open_rule(case, about, frames)
    words: tuple[Value, ...] = tuple(change.told for change in changes)
    if case.hit is not None and case.hit.by_log:
        certainty = PROVEN if _is_exact(case) else LIKELY
        return about.cause(certainty, note("cause.shown-by-log", changes=words), *more, frames=frames)
    if case.hit is not None and case.hit.base == "server":
        return about.cause(PROVEN, note("cause.proven-against-server", changes=words), *more, frames=frames)
    return about.cause(PROVEN, note("cause.proven-by-search", changes=words), *more, frames=frames)


def _by_open_rule(case: Case, about: Explained, frames: tuple[int, ...]) -> Cause | None:
    """The client signed by the default rules and the server's text is by another: it is the server's rule, or the
    request was changed on its way. Only a success can tell."""
    found = rules_of_cause(case.rules, about.id) if case.rules.signed_by_default else ()
    if not found or not case.is_mismatch or case.rules.shown == "default":
        return None
    told = tuple(deviation.told for deviation in found)
    signed = note("cause.open-rule.signed-by-default")
    if case.rules.shown is None:
        return about.cause(LIKELY, signed, *told, against=(note("cause.open-rule.or-changed"),), frames=frames)
    seen = note("cause.open-rule.success-deviates")
    return about.cause(PROVEN, signed, *told, seen, frames=(*frames, *case.rules.frames))


def _is_exact(case: Case) -> bool:
    """The server's text is known to the byte: from its byte dump, or because its hash stands in its own string."""
    if case.comparison.server_source == "bytes":
        return True
    canonical, string = case.signed.server_canonical, case.signed.server_string
    if canonical is None or string is None:
        return False
    digest = sha256(canonical.data).hexdigest().encode()
    return any(part.field == "request-hash" and part.data == digest for part in string.parts)


def when_named(
    case: Case, about: Explained, certainty: Certainty = LIKELY, *more: Note, frames: tuple[int, ...] = ()
) -> Cause | None:
    """The cause as the answer itself names it (EC, code or message); None where it names another or none."""
    row = case.code_row
    if row is None or row.cause != about.id:
        return None
    return about.cause(certainty, row.meaning, *more, frames=frames or case.error.frames, remedy=row.remedy)


def strongest(*causes: Cause | None) -> Cause | None:
    """The most certain of several readings of the same cause; the first among equals."""
    found = [cause for cause in causes if cause is not None]
    return min(found, key=lambda cause: _STRENGTH[cause.certainty], default=None)
