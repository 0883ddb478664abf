"""What every way through the floors begins and ends with: a source, a budget, a report of what was read."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, BinaryIO

from analyzer.capture import open_captures
from analyzer.model.http import Exchange
from analyzer.model.notes import Note, note
from analyzer.model.packets import PacketSource
from analyzer.model.report import Report
from analyzer.pipeline.options import Options, Paths
from analyzer.pipeline.watched import Watched
from analyzer.tls import told

if TYPE_CHECKING:
    from analyzer.diagnosis import Budget
    from analyzer.model.findings import Finding

__all__ = ["budget_of", "is_failure", "opened", "report_of"]


#: Segments of a batch, where blocks hold few.
_TOGETHER = 24_000


def opened(paths: Paths, options: Options, stdin: BinaryIO | None) -> PacketSource:
    return open_captures(paths, stdin=stdin, batch_packets=options.batch_packets, fast=options.fast, gather=_TOGETHER)


def budget_of(options: Options) -> Budget:
    from analyzer.diagnosis import Budget  # late: only two of the ways diagnose

    return Budget(clock=options.clock, progress=options.search, failures=options.max_findings)


def is_failure(exchange: Exchange) -> bool:
    return exchange.response is not None and exchange.response.status >= 400


def report_of(
    watched: Watched,
    findings: tuple[Finding, ...],
    context: Sequence[Exchange],
    notes: tuple[Note, ...],
    interrupted: bool,
) -> Report:
    """Everything together; ``notes`` come before those about encrypted connections."""
    facts, stats = watched.facts(), watched.stats
    unread = [one for one in facts if one.format == "unknown"]
    partial = any(one.truncated or one.snapped or one.drops for one in facts)
    if stats.unfit:
        notes = (*notes, note("tcp.unfit", count=stats.unfit))
    if stats.version2:
        notes = (*notes, note("http.version-2", count=stats.version2))
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
