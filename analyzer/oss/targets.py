"""The request target: origin, absolute and authority form, and its query.

Nothing is normalised: the path is kept raw, parameters are cut at ``&`` and ``=`` and decoded once beside their raw
bytes. A target with more than ``MAX_PARAMETERS`` parameters is cut there with a note; no real client comes near.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from analyzer.model.http import Request
from analyzer.model.notes import Note, note
from analyzer.model.signing import Query, QueryPair
from analyzer.oss.pieces import query_decode
from analyzer.oss.provenance import FrameMap

__all__ = ["MAX_PARAMETERS", "Target", "parse_query", "read_target"]

MAX_PARAMETERS = 4096

_ABSOLUTE = re.compile(rb"[A-Za-z][A-Za-z0-9+.-]*://([^/?#]*)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Target:
    """A target taken apart. ``authority`` is None in origin form; ``path`` is never empty except for CONNECT."""

    path: bytes
    query: Query
    authority: bytes | None
    frames: tuple[int, ...]
    notes: tuple[Note, ...] = ()


def read_target(request: Request, frames: FrameMap) -> Target:
    """Take the target of ``request`` apart (RFC 9112, section 3.2). Any bytes are accepted."""
    raw = request.target
    start = max(request.head.raw.find(raw, len(request.method)), 0) if raw else 0
    extent = frames.of(start, start + len(raw))
    if request.method == b"CONNECT":
        return Target(b"", (), raw, extent)
    authority = None
    at = 0
    absolute = _ABSOLUTE.match(raw)
    if absolute is not None:
        authority = absolute[1]
        at = absolute.end()
    mark = raw.find(b"?", at)
    path = raw[at : mark if mark >= 0 else len(raw)] or b"/"
    if mark < 0:
        return Target(path, (), authority, extent)
    query, notes = parse_query(raw, mark + 1, start, frames)
    return Target(path, query, authority, extent, notes)


def parse_query(raw: bytes, at: int, base: int, frames: FrameMap | None) -> tuple[Query, tuple[Note, ...]]:
    """Parameters of ``raw[at:]``; ``base`` is the offset of ``raw`` in its head. Empty pieces (``&&``) vanish."""
    pairs: list[QueryPair] = []
    end = len(raw)
    while at < end:
        if len(pairs) >= MAX_PARAMETERS:
            left = raw.count(b"&", at) + 1
            return tuple(pairs), (note("oss.too-many-parameters", kept=MAX_PARAMETERS, left=left),)
        stop = raw.find(b"&", at)
        stop = end if stop < 0 else stop
        if stop > at:
            name, equals, value = raw[at:stop].partition(b"=")
            pairs.append(
                QueryPair(
                    name,
                    value if equals else None,
                    query_decode(name),
                    query_decode(value),
                    frames.of(base + at, base + stop) if frames is not None else (),
                )
            )
        at = stop + 1
    return tuple(pairs), ()
