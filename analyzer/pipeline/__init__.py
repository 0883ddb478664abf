"""The floors joined: sources in, report out.

Nothing is computed here. ``analyze`` opens the sources, lets the engine hand up exchanges, has each read by the oss
floor and explained by diagnosis, and gathers the report; the other ways through the floors stand beside it.
"""

from __future__ import annotations

from analyzer.pipeline.comparing import compare_captures
from analyzer.pipeline.diagnosing import KEPT_BODY, analyze, explain, follow
from analyzer.pipeline.listing import Listing, list_exchanges, list_rows
from analyzer.pipeline.options import Options, Paths, Progress
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
