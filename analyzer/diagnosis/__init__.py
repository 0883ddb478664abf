"""Why a signed request was refused.

Takes ``SignedExchange``s of the oss floor, gives ``Finding``s: what differs between wire and server, facts, what a
given secret proves, and ranked causes. Knows nothing of how a finding is shown.
"""

from __future__ import annotations

from importlib import import_module
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


#: What pasted texts need: captures need none of it.
_LATE = {"explain_error": "explain", "explain_pasted": "explain", "missing_from": "missing"}


def __getattr__(name: str) -> Any:
    if name in _LATE:
        return getattr(import_module(f"{__name__}.{_LATE[name]}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
