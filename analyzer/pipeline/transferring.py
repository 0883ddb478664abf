"""Uploads and speed: the packets are watched on their way to the engine, in one pass."""

from __future__ import annotations

from typing import TYPE_CHECKING, BinaryIO

from analyzer.capture import open_captures
from analyzer.http import Want
from analyzer.pipeline.gathering import is_failure, report_of
from analyzer.pipeline.options import Options, Paths, ProgressListener
from analyzer.pipeline.watched import Watched

if TYPE_CHECKING:
    from analyzer.model.transfers import TransferReport

__all__ = ["analyze_transfers"]

#: Bytes of a body that ``analyze_transfers`` reads: the XML that begins and completes uploads (2,800 parts fit). All
#: exchanges that end in one block have theirs in memory at a time.
_SMALL_BODY = 256 << 10
#: Its observer works by connection and block: the larger the block, the less work.
_LARGE_BLOCK = 16 << 20


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
    watched = Watched(source, progress, paths, observer=observer)
    want = Want(all=True, body_limit=_SMALL_BODY, digests=chosen.checks, paired_digests=True)
    engine = watched.drive(want, chosen.keylogs, chosen.fast)
    collector = Collector(observer, source.addresses, chosen.checks)
    interrupted = False
    try:
        for exchange in engine.run():
            watched.failures += is_failure(exchange)
            collector.add(exchange)
    except KeyboardInterrupt:
        interrupted = True
    finally:
        source.close()
    last = max((one.last_time or 0 for one in watched.facts()), default=0)
    picture = collector.picture(resolver.lookups(), watched.stats.tls, last)
    return told(picture, report_of(watched, (), (), (), interrupted), chosen.checks, observer.forgotten)
