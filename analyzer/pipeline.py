"""The floors joined: sources in, report out.

Nothing is computed here. ``analyze`` opens the sources, lets the engine hand up exchanges, has each read by the oss
floor and explained by diagnosis, and gathers the report. Exchanges flow one at a time, so memory does not grow with
the capture; only what failed, and a bounded sample of successes to compare with, is kept.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, BinaryIO, Generic, TypeVar

from analyzer.capture import open_captures, secrets_inside
from analyzer.capture.inputs import reader_of
from analyzer.diagnosis import Budget, Diagnoser, SearchProgress, explain_pasted, missing_from
from analyzer.http import Engine, EngineStats, Want
from analyzer.model.errors import CannotRead
from analyzer.model.findings import Finding
from analyzer.model.http import Exchange
from analyzer.model.listing import Row
from analyzer.model.notes import Kind, Note, Wire, note
from analyzer.model.packets import Addresses, CaptureFacts, PacketBatch, PacketSource
from analyzer.model.report import CaptureSummary, PasteSummary, Report
from analyzer.model.secrets import Secret, SecretBook
from analyzer.model.signing import SignedExchange
from analyzer.oss import read
from analyzer.pasted import read_pasted
from analyzer.tls import KeyLog, told

if TYPE_CHECKING:
    from analyzer.compare import Store
    from analyzer.model.comparison import CompareReport, SideSummary, Way
    from analyzer.model.transfers import TransferReport
    from analyzer.transfers import Observer

__all__ = [
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

Paths = Sequence[str | os.PathLike[str]]

Listed = TypeVar("Listed", Exchange, Row)

#: Successes beyond the context that are kept for as long as a finding may cite them; request ids that a note lists.
_WITNESSES, _LISTED = 256, 8
#: Bytes of a request's body that a live run keeps of each failure.
_KEPT_BODY = 64 << 10
#: streams, exchanges, gaps
_Counts = tuple[int, int, int]


@dataclass(frozen=True, slots=True)
class Options:
    """What a caller may choose; everything has a sensible default."""

    secrets: SecretBook = field(default_factory=SecretBook)
    keylogs: tuple[Secret, ...] = ()  #: texts of NSS key logs
    body_limit: int = 1 << 20  #: bytes of a failing exchange's bodies that are kept
    max_findings: int = 10_000  #: failures explained one by one; the rest is counted
    context: int = 64  #: successes kept to compare failures with
    clock: Callable[[], float] | None = None  #: seconds that never run backwards, to bound the secret search in time
    search: Callable[[SearchProgress], None] | None = None  #: told how far the secret search has come
    batch_packets: int | None = None  #: at most so many packets at a time; results do not depend on it
    fast: bool = True  #: columns of packets and stretches of messages; results do not depend on it
    checks: bool = True  #: ``analyze_transfers``: checksums of bodies are computed


@dataclass(frozen=True, slots=True)
class Progress:
    """How far reading has come."""

    bytes_read: int
    bytes_total: int | None  #: None for pipes and compressed files
    packets: int
    exchanges: int
    failures: int
    streams: int = 0


#: Bytes of a body that ``analyze_transfers`` reads: the XML that begins and completes uploads (2,800 parts fit). All
#: exchanges that end in one block have theirs in memory at a time.
_SMALL_BODY = 256 << 10
#: Its observer works by connection and block: the larger the block, the less work.
_LARGE_BLOCK = 16 << 20

ProgressListener = Callable[[Progress], None]


def analyze(
    paths: Paths,
    options: Options | None = None,
    *,
    progress: ProgressListener | None = None,
    stdin: BinaryIO | None = None,
) -> Report:
    """Diagnose every refused exchange of the captures.

    ``paths``: capture files (several are one rotated set), directories, or ``-`` for ``stdin``. Raises ``CannotRead``
    when nothing at all can be read; inputs that fail while others work are told in ``Report.errors``. An interrupt
    (Ctrl-C) ends reading and gives the report of what was seen, with ``interrupted`` set.
    """
    chosen = options or Options()
    source = _opened(paths, chosen, stdin)
    return _diagnosed(_Watched(source, progress, paths), chosen, None)


def follow(
    source: PacketSource,
    options: Options | None = None,
    *,
    found: Callable[[Finding], None],
    progress: ProgressListener | None = None,
    keys: Callable[[], Secret | None] | None = None,
) -> Report:
    """``analyze`` on a source that is still growing.

    ``found`` is told each finding at once, explained by what is known by then and with a short secret search;
    ``progress`` is called after every batch, also when nothing comes, so both may end the source; ``keys`` is asked
    before every batch for what has been added to the key logs. When the source has ended all is explained anew, so the
    report is that of ``analyze`` on the same packets.
    """
    return _diagnosed(_Watched(source, progress, (), keys), options or Options(), found)


def _diagnosed(watched: _Watched, chosen: Options, found: Callable[[Finding], None] | None) -> Report:
    want = Want(context=chosen.context, body_limit=chosen.body_limit)
    engine = watched.drive(want, chosen.keylogs, chosen.fast)
    diagnoser = Diagnoser(chosen.secrets, budget=_budget(chosen), watched=found is not None)
    if found is not None:
        engine.sampled = lambda exchange: diagnoser.hear(read(exchange))
    context: list[Exchange] = []
    witnesses: list[Exchange] = []
    interrupted = False
    try:
        for exchange in engine.run():
            watched.failures += _is_failure(exchange)
            signed = read(exchange) if found is None else _lighter(read(exchange))
            told = diagnoser.add(signed)
            if found is not None:
                at_once = diagnoser.finding_now(signed)
                if at_once is not None:
                    found(at_once)
            if not _is_failure(exchange):
                if len(context) < chosen.context:
                    context.append(exchange)
                elif told and len(witnesses) < _WITNESSES:
                    witnesses.append(exchange)
    except KeyboardInterrupt:
        interrupted = True
    finally:
        watched.close()
    findings = diagnoser.findings()
    notes = [note("pipeline.failures-not-explained", count=diagnoser.skipped)] if diagnoser.skipped else []
    notes += _unexplained(diagnoser.silent)
    cited = frozenset[int]().union(*(finding.cited for finding in findings))
    context += [one for one in witnesses if one.request is not None and not cited.isdisjoint(one.request.frames)]
    return _report(watched, findings, context, tuple(notes), interrupted)


def explain(data: bytes, options: Options | None = None, *, path: str = "-") -> Report:
    """Diagnose what somebody pasted: an error answer, an exception, a request, a log; see ``analyzer.pasted``.

    ``path`` is only named in the report. Raises ``CannotRead`` when nothing in ``data`` is of a known form.
    """
    chosen = options or Options()
    pasted = read_pasted(data)
    if not pasted.cases:
        raise CannotRead(note("paste.is-capture" if reader_of(data[:4]) is not None else "paste.nothing-known"))
    findings = explain_pasted(pasted, chosen.secrets, budget=_budget(chosen))
    summary = PasteSummary(path, len(pasted.cases), pasted.took, missing_from(findings, pasted))
    unanswered = bool(findings) and not any(finding.signed.error for finding in findings)
    return Report((), findings, incomplete=unanswered, notes=pasted.notes, paste=summary)


class Listing(Generic[Listed]):
    """What is listed of the captures, one after the other; what the captures are, as far as they have been read."""

    def __init__(self, source: _Watched, listed: Iterator[Listed]) -> None:
        self._source = source
        self._listed: Iterator[Listed] = listed
        self._files = 0
        self._captures: tuple[CaptureSummary, ...] = ()

    def __iter__(self) -> Iterator[Listed]:
        try:
            yield from self._listed
        finally:
            self._source.close()

    def captures(self) -> tuple[CaptureSummary, ...]:
        """The files read so far; made anew only when another file has begun."""
        if self._source.files != self._files:
            self._files = self._source.files
            self._captures = self.report().captures
        return self._captures

    def report(self) -> Report:
        """A report without findings: summaries of the captures, and what could not be read."""
        return _report(self._source, (), (), (), False)


def list_exchanges(
    paths: Paths,
    options: Options | None = None,
    *,
    progress: ProgressListener | None = None,
    stdin: BinaryIO | None = None,
) -> Listing[Exchange]:
    """Every HTTP exchange of the captures in the order they end. Raises as ``analyze`` does."""
    chosen = options or Options()
    source = _Watched(_opened(paths, chosen, stdin), progress, paths)
    return Listing(source, source.drive(Want(all=True, body_limit=0), chosen.keylogs, chosen.fast).run())


def list_rows(
    paths: Paths,
    options: Options | None = None,
    *,
    progress: ProgressListener | None = None,
    stdin: BinaryIO | None = None,
) -> Listing[Row]:
    """The same with only a line of each exchange: many times faster on captures of many small ones."""
    chosen = options or Options()
    source = _Watched(_opened(paths, chosen, stdin), progress, paths)
    want = Want(all=True, brief=True, body_limit=0, digests=False)
    return Listing(source, source.drive(want, chosen.keylogs, chosen.fast).rows())


def compare_captures(
    client: Paths,
    server: Paths,
    options: Options | None = None,
    way: Way | None = None,
    *,
    progress: ProgressListener | None = None,
    stdin: BinaryIO | None = None,
) -> CompareReport:
    """The same requests in two captures, the client's side first: what changed on the way; or a run that works beside
    one that fails: what sets them apart. ``way`` None: the evidence decides which of the two.

    Each side is one rotated set, read one after the other; of each exchange the head and the body's digests are kept,
    within bounds. Raises as ``analyze`` does.
    """
    from analyzer.compare import Store, Wanted, compare_sides  # late: a plain diagnosis needs none of it
    from analyzer.model.comparison import SideSummary

    chosen = options or Options()
    one, first, stopped = _side(client, chosen, progress, stdin)
    if stopped:
        other, second = Store(), SideSummary((), 0, 0, 0, incomplete=True)
    else:
        other, second, stopped = _side(server, chosen, progress, stdin)
    wanted = Wanted(way, secrets=chosen.secrets, budget=_budget(chosen))
    return compare_sides((one, other), (first, second), wanted, stopped)


def _side(
    paths: Paths, options: Options, progress: ProgressListener | None, stdin: BinaryIO | None
) -> tuple[Store, SideSummary, bool]:
    """One capture, read; true where an interrupt ended it."""
    from analyzer.compare import Store
    from analyzer.compare.store import BODY_BYTES
    from analyzer.model.comparison import SideSummary

    source = _opened(paths, options, stdin)
    watched = _Watched(source, progress, paths)
    engine = watched.drive(Want(all=True, body_limit=BODY_BYTES, every_digest=True), options.keylogs, options.fast)
    store, interrupted = Store(), False
    try:
        for exchange in engine.run():
            store.add(exchange)
            watched.failures += _is_failure(exchange)
    except KeyboardInterrupt:
        interrupted = True
    finally:
        source.close()
    report = _report(watched, (), (), (), interrupted)
    times = [facts.first_time for facts in watched.facts()], [facts.last_time for facts in watched.facts()]
    summary = SideSummary(
        report.captures,
        store.seen,
        len(store.kept),
        store.left_out,
        report.errors,
        report.notes,
        report.incomplete,
        min((time for time in times[0] if time is not None), default=None),
        max((time for time in times[1] if time is not None), default=None),
    )
    return store, summary, interrupted


def analyze_transfers(
    paths: Paths,
    options: Options | None = None,
    *,
    progress: ProgressListener | None = None,
    stdin: BinaryIO | None = None,
) -> TransferReport:
    """Multipart uploads and transfer speed: what became of each upload, why a transfer failed, whom it waited for.

    Raises and ends early as ``analyze`` does. One pass: the packets are watched on their way to the engine.
    """
    from analyzer.capture.datagrams import Ear
    from analyzer.transfers import PORT, Collector, Observer, Resolver, told

    chosen = options or Options()
    resolver, observer = Resolver(), Observer()
    source = open_captures(
        paths,
        stdin=stdin,
        batch_packets=chosen.batch_packets,
        fast=chosen.fast,
        block_bytes=_LARGE_BLOCK,
        ear=Ear(PORT, resolver.take),
    )
    watched = _Watched(source, progress, paths, observer=observer)
    want = Want(all=True, body_limit=_SMALL_BODY, digests=chosen.checks)
    engine = watched.drive(want, chosen.keylogs, chosen.fast)
    collector = Collector(observer, source.addresses, chosen.checks)
    interrupted = False
    try:
        for exchange in engine.run():
            watched.failures += _is_failure(exchange)
            collector.add(exchange)
    except KeyboardInterrupt:
        interrupted = True
    finally:
        source.close()
    last = max((one.last_time or 0 for one in watched.facts()), default=0)
    picture = collector.picture(resolver.lookups(), watched.stats.tls, last)
    return told(picture, _report(watched, (), (), (), interrupted), chosen.checks, observer.forgotten)


def _opened(paths: Paths, options: Options, stdin: BinaryIO | None) -> PacketSource:
    return open_captures(paths, stdin=stdin, batch_packets=options.batch_packets, fast=options.fast)


def _budget(options: Options) -> Budget:
    return Budget(clock=options.clock, progress=options.search, failures=options.max_findings)


def _is_failure(exchange: Exchange) -> bool:
    return exchange.response is not None and exchange.response.status >= 400


def _lighter(signed: SignedExchange) -> SignedExchange:
    """Without the later bytes of a long request body: they were read and their digests are known, and a run of hours
    cannot keep them."""
    request = signed.exchange.request
    if request is None or request.body.data is None or len(request.body.data) <= _KEPT_BODY:
        return signed
    body = replace(request.body, data=request.body.data[:_KEPT_BODY])
    return replace(signed, exchange=replace(signed.exchange, request=replace(request, body=body)))


def _report(
    watched: _Watched,
    findings: tuple[Finding, ...],
    context: Sequence[Exchange],
    notes: tuple[Note, ...],
    interrupted: bool,
) -> Report:
    facts, stats = watched.facts(), watched.stats
    unread = [one for one in facts if one.format == "unknown"]
    partial = any(one.truncated or one.snapped or one.drops for one in facts)
    encrypted = told(stats.tls, stats.closed, watched.keylog)
    return Report(
        captures=watched.summaries(),
        findings=findings,
        errors=tuple(why for one in unread for why in one.notes),
        incomplete=interrupted or partial or bool(stats.gaps or notes or encrypted.incomplete),
        interrupted=interrupted,
        context=tuple(context),
        notes=(*notes, *encrypted.notes),
    )


def _unexplained(silent: Sequence[SignedExchange]) -> Iterator[Note]:
    """Refusals without a reason: that there were some, why nothing can be said, and how to learn more. They are no
    findings: whether the signature was at fault is what nobody knows."""
    heads = [one for one in silent if one.exchange.request is not None and one.exchange.request.method == b"HEAD"]
    others = len(silent) - len(heads)
    if heads:
        yield note("pipeline.silent-head", count=len(heads))
    if others:
        yield note("pipeline.silent-answer", count=others)
    ids = dict.fromkeys(one.error.request_id for one in silent if one.error is not None and one.error.request_id)
    if ids:
        yield note("pipeline.silent-ids", ids=tuple(Wire(value, Kind.PUBLIC) for value in list(ids)[:_LISTED]))


class _Watched:
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
        self._alone = len(paths) == 1 and os.path.isfile(paths[0])
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
        return not (self._alone and current.path in self._searched)

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


def _size(paths: Paths) -> int | None:
    """Bytes of all files; None where one of them is not a regular file."""
    total = 0
    for path in paths:
        if not os.path.isfile(path):
            return None
        total += os.path.getsize(path)
    return total
