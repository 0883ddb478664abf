"""Why a signed request was refused.

Takes ``SignedExchange``s of the oss floor, gives ``Finding``s: what differs between wire and server, facts, what a
given secret proves, and ranked causes. Knows nothing of how a finding is shown.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from analyzer.diagnosis.budget import Budget, SearchProgress
from analyzer.diagnosis.compare import Segment, byte_diff
from analyzer.diagnosis.diagnoser import Diagnoser

if TYPE_CHECKING:
    from analyzer.diagnosis.explain import explain_error, explain_pasted
    from analyzer.diagnosis.missing import missing_from

__all__ = [
    "Budget",
    "Diagnoser",
    "SearchProgress",
    "Segment",
    "byte_diff",
    "explain_error",
    "explain_pasted",
    "missing_from",
]


def __getattr__(name: str) -> Any:
    """Import what pasted texts need when it is first asked for: captures need none of it."""
    if name in ("explain_error", "explain_pasted"):
        from analyzer.diagnosis import explain

        return getattr(explain, name)
    if name == "missing_from":
        from analyzer.diagnosis.missing import missing_from

        return missing_from
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
