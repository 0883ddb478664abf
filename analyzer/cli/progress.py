"""How far reading has come, on standard error, for captures that take a while.

Nothing is drawn in the first half second, when standard error is no terminal, or more often than ten times a second.
"""

from __future__ import annotations

import os
import sys
import time
from types import TracebackType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.progress import Progress as Bar
    from rich.status import Status

    from analyzer.diagnosis import SearchProgress
    from analyzer.pipeline import Progress
    from analyzer.report.messages import Catalogue

__all__ = ["ProgressLine"]

_WAIT = 0.5
_EVERY = 0.1


class ProgressLine:
    """A listener for the pipeline; erases itself when the work ends."""

    def __init__(self, language: str) -> None:
        self._language = language
        self._began = self._drawn = time.monotonic()
        self._bar: Bar | None = None
        self._searching: Status | None = None
        self._on = sys.stderr is not None and sys.stderr.isatty() and os.environ.get("TERM") != "dumb"

    def __enter__(self) -> ProgressLine:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None
    ) -> None:
        for drawn in (self._bar, self._searching):
            if drawn is not None:
                drawn.stop()

    def __call__(self, progress: Progress) -> None:
        now = time.monotonic()
        if not self._on or now - self._began < _WAIT or now - self._drawn < _EVERY:
            return
        self._drawn = now
        bar = self._started()
        bar.update(
            bar.task_ids[0],
            completed=progress.bytes_read,
            total=progress.bytes_total,
            packets=progress.packets,
            failures=progress.failures,
        )
        bar.refresh()

    def search(self, progress: SearchProgress) -> None:
        """The secret search of one failure: a count of signatures, in place of the bytes read."""
        now = time.monotonic()
        if not self._on or now - self._began < _WAIT or now - self._drawn < _EVERY:
            return
        self._drawn = now
        if self._searching is None:
            from rich.console import Console
            from rich.status import Status

            if self._bar is not None:
                self._bar.stop()
            self._searching = Status("", console=Console(stderr=True))
            self._searching.start()
        self._searching.update(self._words().say("cli.progress.search", tried=progress.tried, limit=progress.limit))

    def _words(self) -> Catalogue:
        from analyzer.report.messages import Catalogue

        return Catalogue(self._language)

    def _started(self) -> Bar:
        if self._bar is None:
            from rich.console import Console
            from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn

            words = self._words()
            packets = words.say("cli.progress.packets", count="{task.fields[packets]:,}")
            failures = words.say("cli.progress.failures", count="{task.fields[failures]:,}")
            self._bar = Progress(
                BarColumn(24),
                DownloadColumn(binary_units=True),
                TextColumn(packets, markup=False),
                TextColumn(failures, markup=False),
                TimeRemainingColumn(),
                console=Console(stderr=True),
                auto_refresh=False,
                transient=True,
            )
            self._bar.add_task("", total=None, packets=0, failures=0)
            self._bar.start()
        return self._bar
