"""Every HTTP exchange of captures, whole or as a line."""

from __future__ import annotations

from collections.abc import Iterator
from typing import BinaryIO, Generic, TypeVar

from analyzer.http import Engine, Want
from analyzer.model.http import Exchange
from analyzer.model.listing import Row
from analyzer.model.report import CaptureSummary, Report
from analyzer.pipeline.gathering import opened, report_of
from analyzer.pipeline.options import Options, Paths, ProgressListener
from analyzer.pipeline.watched import Watched

__all__ = ["Listing", "list_exchanges", "list_rows"]

Listed = TypeVar("Listed", Exchange, Row)


class Listing(Generic[Listed]):
    """What is listed of the captures, one after the other; what the captures are, as far as they have been read."""

    def __init__(self, source: Watched, listed: Iterator[Listed]) -> None:
        self._source = source
        self._listed: Iterator[Listed] = listed
        self._files = 0
        self._captures: tuple[CaptureSummary, ...] = ()

    def __iter__(self) -> Iterator[Listed]:
        try:
            yield from self._listed
        finally:
            self._source.close()

    @property
    def alone(self) -> bool:
        """One file was named: nobody needs to be told which."""
        return self._source.alone

    def captures(self) -> tuple[CaptureSummary, ...]:
        """The files read so far; made anew only when another file has begun."""
        if self._source.files != self._files:
            self._files = self._source.files
            self._captures = self.report().captures
        return self._captures

    def report(self) -> Report:
        """A report without findings: summaries of the captures, and what could not be read."""
        return report_of(self._source, (), (), (), False)


def list_exchanges(
    paths: Paths,
    options: Options | None = None,
    *,
    progress: ProgressListener | None = None,
    stdin: BinaryIO | None = None,
) -> Listing[Exchange]:
    """Every HTTP exchange of the captures in the order they end. Raises as ``analyze`` does."""
    source, engine = _driven(Want(all=True, body_limit=0), paths, options or Options(), progress, stdin)
    return Listing(source, engine.run())


def list_rows(
    paths: Paths,
    options: Options | None = None,
    *,
    progress: ProgressListener | None = None,
    stdin: BinaryIO | None = None,
) -> Listing[Row]:
    """The same with only a line of each exchange: many times faster on captures of many small ones."""
    want = Want(all=True, brief=True, body_limit=0, digests=False)
    source, engine = _driven(want, paths, options or Options(), progress, stdin)
    return Listing(source, engine.rows())


def _driven(
    want: Want, paths: Paths, chosen: Options, progress: ProgressListener | None, stdin: BinaryIO | None
) -> tuple[Watched, Engine]:
    source = Watched(opened(paths, chosen, stdin), progress, paths)
    return source, source.drive(want, chosen.keylogs, chosen.fast)
