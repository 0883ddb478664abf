"""Several blocks of a file as one batch.

Where packets are large, a block holds few of them, and each of many connections only a handful: the work that is done
once a connection and batch outweighs all other. So the columns of blocks with few packets are put together, as long as
their bytes can be read from the file again; the buffer holds the last block only.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from analyzer.model.packets import PacketBatch

__all__ = ["Gatherer"]

#: Blocks with so many segments or more are worth the work of a batch.
_MANY = 12_288
#: Payloads that may be whole messages, which are looked for in the buffer; at most one segment in so many may be one.
_SMALL, _RARE = 800, 8
_COLUMNS = ("frame", "time", "src", "dst", "ports", "seq", "ack", "flags", "window", "length", "captured")


class Gatherer:
    """Batches that wait for others; ``rows`` segments together are enough, 0: nothing ever waits."""

    def __init__(self, rows: int) -> None:
        self.rows = rows
        self._waiting: list[PacketBatch] = []
        self._count = 0

    def takes(self, batch: PacketBatch) -> bool:
        """The batch waits (until ``given``); else it is to be worked through by itself, behind what waits."""
        if not self.rows or len(batch) >= _MANY or batch.final or not batch.rereadable:
            return False
        small = np.count_nonzero((batch.length > 0) & (batch.length <= _SMALL))
        if small * _RARE > len(batch):
            return False
        self._waiting.append(batch)
        self._count += len(batch)
        return True

    @property
    def full(self) -> bool:
        """Enough has come together."""
        return self._count >= self.rows

    def given(self, base: int) -> PacketBatch | None:
        """Everything that waits, as one batch over the buffer, which begins at ``base`` of the file by now."""
        waiting, self._waiting, self._count = self._waiting, [], 0
        if not waiting:
            return None
        columns: dict[str, Any] = {
            name: np.concatenate([getattr(batch, name) for batch in waiting]) for name in _COLUMNS
        }
        offset = np.concatenate([batch.offset + ((batch.base or 0) - base) for batch in waiting])
        return replace(waiting[-1], base=base, offset=offset, **columns)
