"""How much work one diagnosis may cost.

The floor knows no clock: whoever starts a run hands one in. Without a clock only the number of HMACs limits the
search, which makes the result the same on every machine.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

__all__ = ["Budget", "SearchProgress"]


@dataclass(frozen=True, slots=True)
class SearchProgress:
    """How far the search of one failure has come."""

    tried: int  #: HMACs computed
    limit: int
    edits: int  #: edits combined at the moment


@dataclass(frozen=True, slots=True)
class Budget:
    """Limits of a run. ``clock`` gives seconds that never run backwards, ``time.monotonic`` for example."""

    hmacs: int = 2_000_000  #: for one failure
    seconds: float = 10.0  #: for one failure, where a clock is given
    total_hmacs: int = 12_000_000  #: for all failures of a run
    clock: Callable[[], float] | None = None
    progress: Callable[[SearchProgress], None] | None = None
    failures: int = 10_000  #: failures explained one by one; what comes later is only counted

    def at_once(self) -> Budget:
        """For a failure that somebody watches happen: a fraction of a second, however many there are."""
        return replace(self, hmacs=min(self.hmacs, 100_000), seconds=min(self.seconds, 0.3), total_hmacs=1 << 62)
