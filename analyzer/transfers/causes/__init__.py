"""The catalogue of what went wrong with transfers: one row each, asked in turn, the surest first."""

from __future__ import annotations

from dataclasses import replace

from analyzer.model.transfers import Trouble
from analyzer.transfers.causes import middle, network, storage
from analyzer.transfers.causes.base import LIKELY, POSSIBLE, PROVEN, Row
from analyzer.transfers.picture import Picture

__all__ = ["REGISTRY", "troubles_of"]

REGISTRY: tuple[Row, ...] = tuple(sorted((*middle.ROWS, *network.ROWS, *storage.ROWS), key=lambda row: row.order))

_RANK = {PROVEN: 0, LIKELY: 1, POSSIBLE: 2}


def troubles_of(picture: Picture) -> tuple[Trouble, ...]:
    """Everything that is wrong, best first."""
    told = ((row, row.function(picture)) for row in REGISTRY)
    found = [replace(trouble, remark=row.remark) for row, trouble in told if trouble is not None]
    return tuple(sorted(found, key=lambda trouble: (trouble.remark, _RANK[trouble.cause.certainty])))
