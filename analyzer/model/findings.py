"""diagnosis → report: what failed, why, how sure, and what to do."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from analyzer.model.notes import Note, Value, Wire
from analyzer.model.signing import SignedExchange

__all__ = [
    "Cause",
    "Certainty",
    "Change",
    "Clocks",
    "Comparison",
    "Computed",
    "Difference",
    "DifferenceKind",
    "Fact",
    "Finding",
    "SdkVoice",
    "SecretCheck",
    "shown_name",
]


class Certainty(Enum):
    """``PROVEN`` needs a cryptographic or byte-exact proof; nothing else may claim it."""

    PROVEN = "proven"
    LIKELY = "likely"
    POSSIBLE = "possible"


class DifferenceKind(Enum):
    """Seen from the rebuilt text: the server's has more, less or other bytes."""

    ADDED = "added"  #: the server has a field that the rebuilt text lacks
    REMOVED = "removed"
    CHANGED = "changed"


@dataclass(frozen=True, slots=True)
class Difference:
    """One field that differs between the rebuilt text and the server's. Offsets count bytes in the whole texts."""

    field: str
    kind: DifferenceKind
    rebuilt: bytes | None
    server: bytes | None
    rebuilt_offset: int | None
    server_offset: int | None
    frames: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Comparison:
    """Rebuilt against server. ``match`` None: the server gave nothing to compare with."""

    subject: str  #: ``string_to_sign`` or ``canonical_request``
    rebuilt: bytes | None
    server: bytes | None
    match: bool | None
    differences: tuple[Difference, ...] = ()
    server_source: str | None = None  #: ``bytes``, ``text``, ``hash``
    voice: str = "wire"  #: where ``rebuilt`` is from: ``wire``, or ``client``: the client's own log


@dataclass(frozen=True, slots=True)
class Computed:
    """One signature computed with the secret: over which text, and what came out."""

    over: str  #: ``wire`` or ``server``
    signature: bytes
    equals_sent: bool


@dataclass(frozen=True, slots=True)
class SdkVoice:
    """What the SDK itself would have signed for this request."""

    sdk: str  #: ``oss2 2.19.1``
    text: bytes | None
    signature: bytes | None
    reason: Note | None = None  #: why it could not be asked


def shown_name(name: bytes) -> str:
    """A header or parameter name for an id: short and harmless."""
    text = name[:48].decode("utf-8", "backslashreplace")
    return "".join(character if character.isprintable() else "?" for character in text)


@dataclass(frozen=True, slots=True)
class Change:
    """Something that the client did otherwise when it signed: an id for programs, a part of a sentence for people."""

    pattern: str  #: of the id; ``{name}`` in it stands for the value of that name in ``told``
    told: Note  #: what the client did: a verb and what belongs to it

    @property
    def id(self) -> str:
        """``drop content-type``, ``method GET``: the same in every language and release."""
        if "{" not in self.pattern:
            return self.pattern
        return self.pattern.format_map({name: _in_id(value) for name, value in self.told.args})


def _in_id(value: Value) -> str:
    return shown_name(value.raw) if isinstance(value, Wire) else str(value)


@dataclass(frozen=True, slots=True)
class SecretCheck:
    """What the secret proves. The secret itself is not here."""

    computed: tuple[Computed, ...]
    signs_wire: bool
    signs_server: bool
    client_signed: bytes | None = None  #: the text that the client really signed, found by search
    changes: tuple[Change, ...] = ()  #: what leads from the text that was started from to the client's
    changed_from: str = "wire"  #: ``wire`` or ``server``: the text that was started from
    secret_variant: Change | None = None  #: what the client did to the secret; None: it used it as given
    tried: int = 0  #: HMACs computed by the search
    excluded: tuple[Note, ...] = ()
    sdk: SdkVoice | None = None


@dataclass(frozen=True, slots=True)
class Fact:
    """Something that holds without any secret: a note, and the frames that show it."""

    statement: Note
    frames: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Cause:
    """A hypothesis with its evidence. ``id`` is one of the contract's cause ids."""

    id: str
    certainty: Certainty
    title: Note
    evidence: tuple[Note, ...]  #: for
    against: tuple[Note, ...]
    remedy: Note
    remedy_code: tuple[tuple[str, str], ...] = ()  #: (``oss2``, one or more lines of code); never from the wire;
    #: remarks in it are keys of the catalogues, ``{guide.one-line}``
    links: tuple[str, ...] = ()  #: addresses, or titles of the documentation as keys (``guide.signature-errors``)
    frames: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Clocks:
    """Three clocks, nanoseconds since 1970, None where unknown."""

    client: int | None  #: from the date that the client signed
    server: int | None  #: from the answer's Date
    capture: int | None  #: when the request passed the capture point


@dataclass(frozen=True, slots=True)
class Finding:
    """One failed exchange, explained."""

    id: str  #: ``F1``, in order of capture
    signed: SignedExchange
    comparison: Comparison
    causes: tuple[Cause, ...]  #: ranked, the best first, never empty
    facts: tuple[Fact, ...] = ()
    clocks: Clocks = Clocks(None, None, None)
    secret_check: SecretCheck | None = None
    group: str | None = None  #: findings that share one explanation share a group

    @property
    def cited(self) -> frozenset[int]:
        """Frames that its facts and causes point to, those of other exchanges among them."""
        frames = (*(fact.frames for fact in self.facts), *(cause.frames for cause in self.causes))
        return frozenset(frame for some in frames for frame in some)
