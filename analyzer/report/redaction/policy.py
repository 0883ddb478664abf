"""What a redaction is asked to do, and what it hands over."""

from __future__ import annotations

from dataclasses import dataclass, field

from analyzer.model.notes import Kind
from analyzer.model.report import Report
from analyzer.report.gate import Gate

__all__ = ["KEEP_NAMES", "NO_REDACTION", "REDACT", "RedactedReport", "RedactionPolicy", "Removed"]

_NAMES = frozenset({Kind.BUCKET, Kind.OBJECT_KEY, Kind.HOST})


@dataclass(frozen=True, slots=True)
class RedactionPolicy:
    """``keep_names``: bucket, key and host stay readable. ``redact`` False: nothing is replaced, and the output says
    so wherever it can."""

    keep_names: bool = False
    redact: bool = True

    def keeps(self, kind: Kind) -> bool:
        """Values of that kind stay."""
        return self.keep_names and kind in _NAMES


REDACT = RedactionPolicy()
KEEP_NAMES = RedactionPolicy(keep_names=True)
NO_REDACTION = RedactionPolicy(redact=False)


@dataclass(frozen=True, slots=True)
class Removed:
    """``count`` different values of one kind were replaced."""

    kind: Kind
    count: int


@dataclass(frozen=True, slots=True)
class RedactedReport:
    """A report for others. ``report`` holds pseudonyms only (unless the policy says otherwise); ``gate`` knows what
    must not be in any output made from it, and shows nothing of that."""

    report: Report
    policy: RedactionPolicy
    removed: tuple[Removed, ...]
    gate: Gate = field(repr=False, compare=False)
