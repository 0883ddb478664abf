"""Two captures, read one after the other and held against each other."""

from __future__ import annotations

from typing import TYPE_CHECKING, BinaryIO

from analyzer.http import Want
from analyzer.pipeline.gathering import budget_of, is_failure, opened, report_of
from analyzer.pipeline.options import Options, Paths, ProgressListener
from analyzer.pipeline.watched import Watched

if TYPE_CHECKING:
    from analyzer.compare import Store
    from analyzer.model.comparison import CompareReport, SideSummary, Way

__all__ = ["compare_captures"]


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
    wanted = Wanted(way, secrets=chosen.secrets, budget=budget_of(chosen))
    return compare_sides((one, other), (first, second), wanted, stopped)


def _side(
    paths: Paths, options: Options, progress: ProgressListener | None, stdin: BinaryIO | None
) -> tuple[Store, SideSummary, bool]:
    """One capture, read; true where an interrupt ended it."""
    from analyzer.compare import Store
    from analyzer.compare.store import BODY_BYTES
    from analyzer.model.comparison import SideSummary

    source = opened(paths, options, stdin)
    watched = Watched(source, progress, paths)
    engine = watched.drive(Want(all=True, body_limit=BODY_BYTES, every_digest=True), options.keylogs, options.fast)
    store, interrupted = Store(), False
    try:
        for exchange in engine.run():
            store.add(exchange)
            watched.failures += is_failure(exchange)
    except KeyboardInterrupt:
        interrupted = True
    finally:
        source.close()
    report = report_of(watched, (), (), (), interrupted)
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
