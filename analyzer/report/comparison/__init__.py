"""How a comparison of two captures is shown: as a page of blocks, as JSON, and redacted."""

from __future__ import annotations

from analyzer.report.comparison.view import CompareView, GroupedPairs, comparison_view

__all__ = ["CompareView", "GroupedPairs", "comparison_view"]
