"""The same requests seen at two places, or a run that works beside one that fails.

Takes the exchanges of two captures, gives pairs of sightings with everything that is not the same on both, what of it
is signed, and the verdict in words. Pure: reading captures is the pipeline's business, showing is the report's.
"""

from __future__ import annotations

from analyzer.compare.comparing import Wanted, compare_sides
from analyzer.compare.store import Limits, Store

__all__ = ["Limits", "Store", "Wanted", "compare_sides"]
