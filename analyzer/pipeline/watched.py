"""A source as the engine reads it, with an eye on what passes: counts of each file, key logs, progress."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from analyzer.capture import secrets_inside
from analyzer.http import Engine, EngineStats, Want
from analyzer.model.packets import Addresses, CaptureFacts, PacketBatch, PacketSource
from analyzer.model.report import CaptureSummary
from analyzer.model.secrets import Secret
from analyzer.pipeline.options import Paths, Progress, ProgressListener
from analyzer.tls import KeyLog

if TYPE_CHECKING:
    from analyzer.transfers import Observer

__all__ = ["Watched"]

#: streams, exchanges, gaps
_Counts = tuple[int, int, int]


class Watched:
    """A source that keeps the counts of each file apart, and tells a listener how far reading has come."""

    def __init__(
        self,
        source: PacketSource,
        listener: ProgressListener | None,
        paths: Paths,
        keys: Callable[[], Secret | None] | None = None,
        observer: Observer | None = None,
    ) -> None:
        self.addresses: Addresses = source.addresses
        self.stats = EngineStats()
        self.failures = 0
        self.files = 0  #: files of the set that have begun
        self._before: list[_Counts] = []  #: at the beginning of each file
        self._source = source
        self._listener = listener
        self._observer = observer
        self._total = _size(paths) if listener is not None else None
        self.keylog = KeyLog()
        self._engine: Engine | None = None
        self.alone = len(paths) == 1 and _is_one(paths[0])  #: nothing but one file is read
        self._searched: set[str] = set()  #: files that were searched for key logs
        self._found = 0  #: key logs that were met in the captures
        self._live = not paths
        self._keys = keys

    def drive(self, want: Want, keylogs: tuple[Secret, ...], fast: bool) -> Engine:
        """The engine that reads this source."""
        self.keylog = KeyLog((text.reveal() for text in keylogs), self._seek)
        self._engine = Engine(self, want, self.keylog, fast)
        self.stats = self._engine.stats
        return self._engine

    def batches(self) -> Iterator[PacketBatch]:
        """The source's batches."""
        for batch in self._source.batches():
            while self.files <= batch.file:
                self._before.append(self._counts())
                self.files += 1
            self._learn()
            if self._observer is not None:
                self._observer.see(batch)
            yield batch
            if self._listener is not None:
                self._listener(self._progress())

    def summaries(self) -> tuple[CaptureSummary, ...]:
        """One a file. A stream counts where it began, an exchange where it ended, a gap where it was given up."""
        marks = [*self._before, self._counts()]
        marks += [marks[-1]] * len(self.facts())  # files that could not be read counted nothing
        return tuple(
            CaptureSummary(one, end[0] - begin[0], end[1] - begin[1], end[2] - begin[2])
            for one, begin, end in zip(self.facts(), marks, marks[1:], strict=False)
        )

    def _learn(self) -> None:
        """Key logs inside pcapng files serve from the batch on in which they stand, and so do keys added to a log."""
        added = self._keys() if self._keys is not None else None
        if added is not None and self._engine is not None:
            self._engine.learn([added.reveal()])
        found = [text for one in self._source.facts() for text in one.secrets]
        if len(found) > self._found and self._engine is not None:
            fresh, self._found = found[self._found :], len(found)
            self._engine.learn(text.reveal() for text in fresh)

    def _seek(self, keylog: KeyLog) -> bool:
        """A session's secrets are missing: they may stand behind its packets. A file that can be read ahead is searched
        for them once; what only comes as it comes (pipes, compressed files, the next files of a set) is waited for, and
        in a live run so is what clients write into their key logs."""
        if self._live:
            return self._keys is not None
        current = self._source.facts()[max(self.files - 1, 0)]
        if not current.format.startswith("pcapng"):
            return False
        if current.format == "pcapng" and current.path not in self._searched and os.path.isfile(current.path):
            self._searched.add(current.path)
            keylog.add(text.reveal() for text in secrets_inside(current.path))
        return not (self.alone and current.path in self._searched)

    def _counts(self) -> _Counts:
        return self.stats.streams, self.stats.exchanges, self.stats.gaps

    def facts(self) -> tuple[CaptureFacts, ...]:
        """The source's facts."""
        return self._source.facts()

    def read_at(self, file: int, position: int, length: int) -> bytes:
        """The source's bytes."""
        return self._source.read_at(file, position, length)

    def close(self) -> None:
        """Close the source."""
        self._source.close()

    def _progress(self) -> Progress:
        facts = self._source.facts()
        compressed = any("+" in one.format for one in facts)
        return Progress(
            bytes_read=sum(one.bytes for one in facts),
            bytes_total=None if compressed else self._total,
            packets=sum(one.packets for one in facts),
            exchanges=self.stats.exchanges,
            failures=self.failures,
            streams=self.stats.streams,
        )


def _is_one(path: str | os.PathLike[str]) -> bool:
    return path == "-" or (os.path.exists(path) and not os.path.isdir(path))


def _size(paths: Paths) -> int | None:
    """Bytes of all files; None where one of them is not a regular file."""
    total = 0
    for path in paths:
        if not os.path.isfile(path):
            return None
        total += os.path.getsize(path)
    return total
