"""The floors joined: sources in, report out.

Nothing is computed here. ``analyze`` opens the sources, lets the engine hand up exchanges, has each read by the oss
floor and explained by diagnosis, and gathers the report; the other ways through the floors stand beside it. Each way is
imported with its floors when it is first taken: a list of exchanges needs no diagnosis.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from analyzer.pipeline.options import Options, Paths, Progress

if TYPE_CHECKING:
    from analyzer.pipeline.comparing import compare_captures
    from analyzer.pipeline.diagnosing import KEPT_BODY, analyze, explain, follow
    from analyzer.pipeline.listing import Listing, list_exchanges, list_rows
    from analyzer.pipeline.transferring import analyze_transfers

__all__ = [
    "KEPT_BODY",
    "Listing",
    "Options",
    "Paths",
    "Progress",
    "analyze",
    "analyze_transfers",
    "compare_captures",
    "explain",
    "follow",
    "list_exchanges",
    "list_rows",
]

_MODULES = {
    "KEPT_BODY": "diagnosing",
    "Listing": "listing",
    "analyze": "diagnosing",
    "analyze_transfers": "transferring",
    "compare_captures": "comparing",
    "explain": "diagnosing",
    "follow": "diagnosing",
    "list_exchanges": "listing",
    "list_rows": "listing",
}


def __getattr__(name: str) -> Any:
    if name in _MODULES:
        return getattr(import_module(f"{__name__}.{_MODULES[name]}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
