"""The picture becomes a report: causes asked, programs compared, and of the rest only what they are about."""

from __future__ import annotations

from dataclasses import replace

from analyzer.model.notes import Note, note
from analyzer.model.report import Report
from analyzer.model.transfers import Lookup, TransferReport
from analyzer.transfers.causes import troubles_of
from analyzer.transfers.picture import Picture, is_oss_name
from analyzer.transfers.speeds import client_speeds

__all__ = ["told"]

#: Connections told one by one.
MAX_LINES = 2_000


def told(picture: Picture, run: Report, checks: bool, forgotten: int) -> TransferReport:
    """``run`` says what the captures were and what could not be read."""
    troubles = troubles_of(picture)
    streams = {one.stream for one in picture.transfers} | {stream for one in troubles for stream in one.streams}
    streams |= {stream for stream, line in picture.lines.items() if picture.is_oss(line)}
    lines = tuple(picture.lines[stream] for stream in sorted(streams) if stream in picture.lines)
    limits = _limits(picture, forgotten, len(lines))
    remarks = () if checks else (note("transfers.checks-off"),)
    return TransferReport(
        run=replace(run, incomplete=run.incomplete or bool(limits), notes=(*run.notes, *limits, *remarks)),
        uploads=picture.uploads,
        transfers=picture.transfers,
        clients=client_speeds(picture.transfers),
        lines=lines[:MAX_LINES],
        lookups=tuple(one for one in picture.lookups if _is_about(one, picture)),
        troubles=troubles,
        others=picture.others,
        checked=checks,
    )


def _is_about(lookup: Lookup, picture: Picture) -> bool:
    hosts = {one.host.raw.partition(b":")[0].lower() for one in picture.transfers if one.host is not None}
    return is_oss_name(lookup.name.raw) or lookup.name.raw in hosts


def _limits(picture: Picture, forgotten: int, lines: int) -> tuple[Note, ...]:
    found = []
    if picture.skipped:
        found.append(note("transfers.limit.transfers", count=picture.skipped))
    if forgotten:
        found.append(note("transfers.limit.connections", count=forgotten))
    if lines > MAX_LINES:
        found.append(note("transfers.limit.connections", count=lines - MAX_LINES))
    return tuple(found)
