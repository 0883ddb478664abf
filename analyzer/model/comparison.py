"""compare → report: the same requests seen at two places, or a run that works beside one that fails.

A ``Pair`` holds both sightings whole, so that whatever is told about it can be made again from them: that is how a
redacted comparison is built. ``near`` is the sighting nearer to the client, ``far`` the one nearer to the server; of a
pair of runs, ``near`` is the first capture's.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from analyzer.model.findings import Certainty, Difference
from analyzer.model.http import Exchange
from analyzer.model.notes import Note
from analyzer.model.report import CaptureSummary
from analyzer.model.secrets import Secret
from analyzer.model.signing import ServerRules

__all__ = [
    "Agent",
    "Change",
    "ChangeKind",
    "ClockOffset",
    "CompareReport",
    "Evidence",
    "How",
    "Pair",
    "SideSummary",
    "Sighting",
    "Strings",
    "Trait",
    "Unmatched",
    "Verdict",
    "Way",
]


class Way(Enum):
    """How two captures are read."""

    TRAFFIC = "same-traffic"  #: the same requests at two places
    RUNS = "runs"  #: different requests: one run that works, one that fails


class Evidence(Enum):
    """Why two sightings are one request, the strongest first."""

    REQUEST_ID = "request-id"  #: the server's own number, one for every request
    SIGNATURE = "signature"
    DATE = "date"  #: target, body and signed date
    CONTENT = "target-and-body"
    TARGET = "target-and-time"
    BODY = "body"
    SHAPE = "shape-and-order"  #: runs: the same kind of request at the same turn


class ChangeKind(Enum):
    """Seen in the direction of travel."""

    ADDED = "added"
    REMOVED = "removed"
    CHANGED = "changed"
    REORDERED = "reordered"


class How(Enum):
    """What exactly is other about a field that is on both sides."""

    VALUE = "value"
    CASE = "case"  #: of the value
    NAME_CASE = "name-case"
    BLANKS = "blanks"
    FOLDING = "folding"
    LINE_END = "line-end"
    JOINED = "joined"  #: several headers of one name became one
    SPLIT = "split"  #: and the other way round
    ESCAPES = "escapes"  #: the same when decoded
    FORM = "form"  #: absolute and origin form of the target; ``name`` and ``name=``
    LENGTH = "length"
    CONTENT = "content"
    CODING = "coding"  #: the same content, packed otherwise


@dataclass(frozen=True, slots=True)
class Change:
    """One field that is not the same on both sides. ``before`` and ``after`` follow the message on its way: of a
    request ``before`` is the client's side, of an answer the server's. They are raw bytes as they stood on the wire (of
    a header the whole line without its line end), None where the field is not there; both are None for bodies, whose
    lengths and digests stand on the sightings. Offsets count bytes in the heads."""

    field: str  #: ``method``, ``authority``, ``path``, ``query:NAME``, ``version``, ``header:NAME``, ``body``, ...
    kind: ChangeKind
    how: tuple[How, ...] = ()
    before: bytes | None = None
    after: bytes | None = None
    before_offset: int | None = None
    after_offset: int | None = None
    before_frames: tuple[int, ...] = ()
    after_frames: tuple[int, ...] = ()
    names: tuple[bytes, ...] = ()  #: what moved, where the order changed
    signed: bool | None = None  #: the signature covers the field; None: nothing is signed, or it cannot be known
    breaks: bool | None = None  #: the string to sign is another one because of it
    answer: bool = False  #: of the answer; else of the request
    matters: bool = True  #: of an answer: it changes what the client gets


@dataclass(frozen=True, slots=True)
class Strings:
    """The strings to sign rebuilt from both sides under the same rules, and the server's own."""

    subject: str  #: ``string_to_sign`` or ``canonical_request``
    near: bytes | None
    far: bytes | None
    server: bytes | None
    server_source: str | None  #: ``bytes``, ``text``, ``hash``
    near_is_server: bool | None
    far_is_server: bool | None
    differences: tuple[Difference, ...]  #: ``rebuilt`` is the client's side, ``server`` the server's
    rules: ServerRules
    signs_near: bool | None = None  #: the secret given makes the signature sent over this side's string
    signs_far: bool | None = None


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a pair shows, in words. ``id``: ``unchanged``, ``unsigned-changed``, ``signed-changed``, ``body-changed``,
    ``signed-anew``, ``answer-changed``, ``unchanged-so-far``, ``not-whole``; of runs ``both-work``, ``both-fail``,
    ``first-fails``, ``second-fails``."""

    id: str
    certainty: Certainty
    title: Note
    evidence: tuple[Note, ...]
    remedy: Note | None
    remedy_code: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Sighting:
    """A request as one capture saw it. Bodies are lengths and digests, but for error answers and forms."""

    side: int  #: 0 the first capture, 1 the second
    exchange: Exchange


@dataclass(frozen=True, slots=True)
class Pair:
    """One request seen twice, and what happened to it between."""

    id: str  #: ``P1``, in the order of the client's side
    evidence: tuple[Evidence, ...]  #: all that speak for it, the strongest first
    near: Sighting
    far: Sighting
    changes: tuple[Change, ...]
    strings: Strings | None
    verdict: Verdict
    rivals: int = 0  #: other sightings that would have fitted as well
    content_same: tuple[bool | None, bool | None] = (None, None)  #: bodies of request and answer, content decoded
    more_changes: int = 0  #: beyond the limit, counted only
    group: str | None = None

    @property
    def in_one_capture(self) -> bool:
        """Both sightings stand in the same capture: two legs of one way."""
        return self.near.side == self.far.side


@dataclass(frozen=True, slots=True)
class Unmatched:
    """A request that only one capture holds. ``reason``: ``outside``, ``answered-on-the-way``, ``left-out``,
    ``taken``, ``gaps``, ``not-found``, ``no-request``."""

    sighting: Sighting
    reason: str
    missing: bool  #: it should have been there
    candidates: int = 0


@dataclass(frozen=True, slots=True)
class ClockOffset:
    """How far the second capture's clock is ahead of the first's, way included; nanoseconds."""

    median: int
    spread: int  #: half of the pairs lie within this
    pairs: int


@dataclass(frozen=True, slots=True)
class Trait:
    """Something that failing requests have and working ones have not, or the other way round."""

    field: str  #: ``header:content-type``, ``query:NAME``, ``method``, ``order``, ...
    aspect: str  #: ``presence``, ``value``, ``order``, ``spelling``
    value: bytes | None  #: class of the value, where it is about one
    failing: tuple[int, int]  #: failing requests that have it, of how many
    working: tuple[int, int]
    signed: bool | None
    certainty: Certainty
    kept_value: bytes | None = None  #: what the other runs have instead, where it is one thing
    frames: tuple[tuple[int, int], ...] = ()  #: (side, frame) of an example of each


@dataclass(frozen=True, slots=True)
class Agent:
    """A User-Agent, who that is, and how its requests went."""

    side: int
    value: bytes | None
    client: str | None
    working: int
    failing: int


@dataclass(frozen=True, slots=True)
class SideSummary:
    """One side of the comparison: its files, how much of it could be used."""

    captures: tuple[CaptureSummary, ...]
    exchanges: int
    kept: int  #: exchanges that were compared
    left_out: int  #: beyond the limits
    errors: tuple[Note, ...] = ()
    notes: tuple[Note, ...] = ()
    incomplete: bool = False
    first_time: int | None = None
    last_time: int | None = None


@dataclass(frozen=True, slots=True)
class CompareReport:
    """The result of ``compare()``."""

    way: Way
    decided: Note  #: what the way was chosen by
    sides: tuple[SideSummary, SideSummary]
    pairs: tuple[Pair, ...]  #: those with changes, and of the others as many as the limits allow
    same: int  #: pairs without any change
    more: int = 0  #: pairs beyond the limits, counted only
    unmatched: tuple[Unmatched, ...] = ()
    more_unmatched: int = 0
    offset: ClockOffset | None = None
    traits: tuple[Trait, ...] = ()
    agents: tuple[Agent, ...] = ()
    causes: tuple[tuple[str, Certainty, int], ...] = ()  #: runs: (cause id, certainty, failures) of the diagnosis
    notes: tuple[Note, ...] = ()
    incomplete: bool = False
    interrupted: bool = False

    @property
    def errors(self) -> tuple[Note, ...]:
        """What could not be read, of both sides."""
        return (*self.sides[0].errors, *self.sides[1].errors)

    @property
    def key_logs(self) -> tuple[Secret, ...]:
        """Those that stood inside the captures, which no output may hold."""
        return tuple(log for side in self.sides for capture in side.captures for log in capture.facts.secrets)

    @property
    def found(self) -> bool:
        """Something was changed, is missing, or sets the runs apart."""
        changed = any(change.matters for pair in self.pairs for change in pair.changes)
        if self.way is Way.RUNS:
            return bool(self.traits) or any(agent.failing for agent in self.agents)
        return changed or any(one.missing for one in self.unmatched)
