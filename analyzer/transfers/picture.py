"""The whole picture that causes look at: transfers with their speed, uploads, connections, names, encrypted streams.

The collector is fed exchange by exchange and keeps what is worth a line, bounded; everything that depends on how a
connection ended is worked out when all packets have gone by.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from analyzer.model.http import Exchange
from analyzer.model.packets import Addresses
from analyzer.model.streams import Endpoint
from analyzer.model.tls import TlsOutcome
from analyzer.model.transfers import Line, LinkFacts, Lookup, Transfer, Upload
from analyzer.oss.endpoints import read_host
from analyzer.transfers.links import Link, Turn
from analyzer.transfers.observer import Observer
from analyzer.transfers.reading import LEAST, LONG, MULTIPART, Seen, read_transfer
from analyzer.transfers.speeds import judged, of_transfer, shares
from analyzer.transfers.uploads import uploads_of

__all__ = ["Collector", "Middle", "Picture", "is_oss_name"]

#: Transfers told one by one; the rest is counted.
MAX_TRANSFERS = 5_000
_ADDRESSES = 10_000
_MARKS = 64
_FRAMES = 8

#: What a box between client and OSS leaves in an answer: header and value; None where the header is missing.
Mark = tuple[bytes, bytes | None]


@dataclass(frozen=True, slots=True)
class Middle:
    """A trace of a proxy or CDN, how often it was seen, and where."""

    header: bytes
    value: bytes | None
    count: int
    frames: tuple[int, ...]
    streams: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Picture:
    """All that is known when the capture is read."""

    seen: tuple[Seen, ...]
    uploads: tuple[Upload, ...]
    lines: dict[int, Line]
    lookups: tuple[Lookup, ...]
    tls: tuple[TlsOutcome, ...]
    middles: tuple[Middle, ...]
    answers: int  #: answers of OSS looked at for such traces
    oss_addresses: frozenset[bytes]
    last_time: int  #: of the capture
    others: int
    skipped: int

    @property
    def transfers(self) -> tuple[Transfer, ...]:
        """In the order in which they began."""
        return tuple(one.transfer for one in self.seen)

    def is_oss(self, line: Line) -> bool:
        """The server's address is one that served OSS, or that DNS gave for one of its names."""
        return line.server.address in self.oss_addresses


class Collector:
    """Takes exchanges as they come."""

    def __init__(self, observer: Observer, addresses: Addresses, checks: bool) -> None:
        self._observer, self._addresses, self._checks = observer, addresses, checks
        self._kept: list[tuple[Seen, Link | None, tuple[Turn, ...]]] = []
        self._servers: set[bytes] = set()
        self._marks: dict[Mark, tuple[int, list[int], dict[int, None]]] = {}
        self._answers = 0
        self.others = self.skipped = 0

    def add(self, exchange: Exchange) -> None:
        """One exchange of the engine, as soon as it has ended."""
        seen = read_transfer(exchange, len(self._kept) + 1, self._checks)
        if seen is None:
            self.others += 1
            return
        if len(self._servers) < _ADDRESSES:
            self._servers.add(exchange.connection.server.address)
        self._look_for_boxes(seen)
        if not _is_worth_a_line(seen.transfer):
            self.others += 1
        elif len(self._kept) >= MAX_TRANSFERS:
            self.skipped += 1
        else:
            link = self._observer.link(seen.transfer.stream)
            frames = seen.transfer.frames
            turns = link.turns_between(frames[0], frames[-1]) if link is not None and frames else ()
            self._kept.append((seen, link, turns))

    def _look_for_boxes(self, seen: Seen) -> None:
        if seen.transfer.status is None or seen.transfer.status < 100:
            return
        self._answers += 1
        marks: list[Mark] = [(name, seen.told[name]) for name in (b"via", b"x-cache") if name in seen.told]
        server = seen.told.get(b"server")
        if server is not None and server.lower() != b"aliyunoss":
            marks.append((b"server", server))
        if b"x-oss-request-id" not in seen.told:
            marks.append((b"x-oss-request-id", None))
        for mark in marks:
            if mark not in self._marks and len(self._marks) >= _MARKS:
                continue
            count, frames, streams = self._marks.get(mark, (0, [], {}))
            if len(frames) < _FRAMES:
                frames.extend(seen.head_frames[:1])
                streams[seen.transfer.stream] = None
            self._marks[mark] = (count + 1, frames, streams)

    def picture(self, lookups: tuple[Lookup, ...], tls: Sequence[TlsOutcome], last_time: int) -> Picture:
        """Everything, once the source is exhausted."""
        lines = {facts.stream: self._line(ends, facts) for ends, facts in self._observer.facts()}
        seen = _numbered(self._finished(*kept) for kept in self._kept)
        known = frozenset(self._servers) | frozenset(_named(lookups, tls, lines))
        middles = (
            Middle(header, value, count, tuple(frames), tuple(streams))
            for (header, value), (count, frames, streams) in self._marks.items()
        )
        return Picture(
            seen, uploads_of(seen), lines, lookups, tuple(tls), tuple(middles), self._answers, known, last_time,
            self.others, self.skipped,
        )  # fmt: skip

    def _line(self, numbers: tuple[int, int], facts: LinkFacts) -> Line:
        """Roles by the handshake; without one the smaller port is the server's."""
        ends = [self._end(number) for number in numbers]
        client = facts.client
        if client is None:
            client = 0 if ends[0].port >= ends[1].port else 1
        return Line(facts, client, ends[client], ends[1 - client])

    def _end(self, number: int) -> Endpoint:
        return Endpoint(self._addresses.packed(number >> 16), number & 0xFFFF)

    def _finished(self, seen: Seen, link: Link | None, turns: Iterable[Turn]) -> Seen:
        """The transfer with its speed, now that its connection is known to the end."""
        transfer = seen.transfer
        if link is None:
            return seen
        facts = link.facts()
        if transfer.status is None:
            over = facts.ends[0].time if facts.ends else facts.last_time
            transfer = replace(transfer, end=max(transfer.end, over))
        client = next((s for s, number in enumerate(link.ends) if self._end(number) == transfer.client), 0)
        speed = of_transfer(transfer, facts, [turn.facts() for turn in turns], client)
        transfer = replace(transfer, speed=speed)
        return replace(seen, transfer=replace(transfer, slow=judged(shares(transfer), transfer.end - transfer.begin)))


def _numbered(seen: Iterable[Seen]) -> tuple[Seen, ...]:
    """Numbers in order of time, whatever the order in which transfers ended or were noticed to have."""
    ordered = sorted(seen, key=lambda one: (one.transfer.begin, one.transfer.frames, one.transfer.stream))
    return tuple(
        replace(one, transfer=replace(one.transfer, number=number)) for number, one in enumerate(ordered, start=1)
    )


def _named(lookups: Iterable[Lookup], tls: Iterable[TlsOutcome], lines: dict[int, Line]) -> Iterator[bytes]:
    """Addresses that DNS, or a TLS client, calls by a name of OSS."""
    for one in lookups:
        if is_oss_name(one.name.raw):
            yield from one.addresses
    for outcome in tls:
        if outcome.server_name is not None and outcome.stream in lines and is_oss_name(outcome.server_name):
            yield lines[outcome.stream].server.address


def _is_worth_a_line(transfer: Transfer) -> bool:
    return (
        transfer.size >= LEAST
        or transfer.end - transfer.begin >= LONG
        or transfer.operation in MULTIPART
        or transfer.operation == "preflight"
        or transfer.status is None
        or transfer.status >= 400
    )


def is_oss_name(name: bytes) -> bool:
    """A host name of OSS by the table of endpoints."""
    return read_host(name).kind not in ("other", "ip", "local")
