"""Packets to exchanges: the one engine for files, pipes and live captures.

Strategy: tcp hands every connection's bytes to a ``Stream``, whose framer finds pairs of drafts; the engine decides
which of them become ``Exchange``s. When only failures are wanted, a success costs its head's bytes and no more: the
last one of each connection is remembered, so that a failure comes with its nearest successes, and the first success
of the first connections is given at the end as a sample. A success among the results is context; ``Want.failing``
tells the two apart.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from operator import itemgetter
from typing import TYPE_CHECKING

from analyzer.http.activity import Activities, Moments
from analyzer.http.build import Builder
from analyzer.http.draft import Draft, Pair, Slices
from analyzer.http.regular import Glimpse, Many, lone, pass_over
from analyzer.http.rows import Forms, row_of
from analyzer.http.silent import Silent
from analyzer.http.stream import Stream
from analyzer.http.stretches import Plain, plain_of
from analyzer.http.trimming import Due, gather, trim
from analyzer.model.http import Exchange
from analyzer.model.listing import Row
from analyzer.model.packets import PacketSource
from analyzer.model.streams import Connection
from analyzer.tcp.assembly import Assembler
from analyzer.tcp.columns import Rows, Sorted
from analyzer.tcp.connection import Conn
from analyzer.tcp.pieces import Piece
from analyzer.tls.keylog import KeyLog

if TYPE_CHECKING:
    from analyzer.model.tls import TlsOutcome
    from analyzer.tls import TlsStream

__all__ = ["Engine", "EngineStats", "Want"]

#: Encrypted connections that are described one by one: so many of any kind, and so many that have something to say.
_OUTCOMES = 1000
#: Bytes of all connections together that are kept to find out whether they are records of a running TLS session.
_ROOM = 32 << 20
#: A look at a batch of enough segments has to pass over one exchange in so many, else the next batches go without.
_ENOUGH, _WORTH, _PAUSE = 2048, 64, 16


@dataclass(frozen=True, slots=True)
class Want:
    """Which exchanges are given, and how much of them."""

    all: bool = False  #: every exchange, unanswered requests too; else failures and some context
    brief: bool = False  #: ``Engine.rows`` in place of ``Engine.run``: every exchange, but only a line of it
    least_status: int = 400  #: an answer from here on is a failure
    context: int = 64  #: connections whose first success is given as a sample
    body_limit: int = 1 << 20  #: bytes of a body that are kept
    segments: bool = True  #: failures list theirs
    digests: bool = True
    every_digest: bool = False  #: also of bodies that are longer than the limit and claim no digest
    paired_digests: bool = False  #: also of those whose CRC-64 the other message of the exchange tells

    def failing(self, status: int) -> bool:
        """The status is a failure; so is 0, an error answer whose status line is not in the capture."""
        return status == 0 or status >= self.least_status


@dataclass(slots=True)
class EngineStats:
    """Counts of the whole run; complete when the run is."""

    streams: int = 0
    segments: int = 0
    exchanges: int = 0  #: pairs, whole or not
    failures: int = 0
    unanswered: int = 0  #: requests without an answer
    unasked: int = 0  #: answers without a request
    uncertain: int = 0  #: pairings in doubt
    gaps: int = 0
    gap_bytes: int = 0
    overlaps: int = 0  #: ranges seen twice with different bytes
    unfit: int = 0  #: segments with bytes behind the end of their connection, or far from it
    unsynchronised: int = 0  #: bytes of HTTP connections that belong to no message
    version2: int = 0  #: connections that speak HTTP/2 unencrypted, which is not read
    encrypted: int = 0  #: TLS connections
    closed: int = 0  #: ended ones among them that could not be read, or not all of it
    last_frame: int = 0
    _files: dict[int, tuple[int, int, int]] = field(default_factory=dict)
    _sessions: dict[TlsStream, None] = field(default_factory=dict)  #: those that have not ended
    _outcomes: list[TlsOutcome] = field(default_factory=list)
    _telling: int = 0

    def of_file(self, index: int) -> tuple[int, int, int]:
        """(streams, exchanges, gaps) that were met while this file of a set was read."""
        return self._files.get(index, (0, 0, 0))

    def _count(self, file: int, before: tuple[int, int, int]) -> tuple[int, int, int]:
        now = (self.streams, self.exchanges, self.gaps)
        old = self.of_file(file)
        self._files[file] = (old[0] + now[0] - before[0], old[1] + now[1] - before[1], old[2] + now[2] - before[2])
        return now

    def _end(self, session: TlsStream) -> None:
        if session not in self._sessions:
            return
        del self._sessions[session]
        outcome = session.outcome
        self.closed += outcome.why_not is not None
        telling = outcome.why_not is not None or bool(outcome.notes)
        self._telling += telling
        if len(self._outcomes) < _OUTCOMES or (telling and self._telling <= _OUTCOMES):
            self._outcomes.append(outcome)

    @property
    def tls(self) -> tuple[TlsOutcome, ...]:
        """What became of the first encrypted connections, in the order of their numbers."""
        known = [*self._outcomes, *(session.outcome for session in self._sessions)]
        return tuple(sorted(known, key=lambda outcome: outcome.stream))


class Engine:
    """Reads one capture once. ``fast``: successes that nobody asks for are counted many at a time where that can be
    done; results do not depend on it."""

    def __init__(
        self, source: PacketSource, want: Want | None = None, keylog: KeyLog | None = None, fast: bool = True
    ) -> None:
        self.want = want if want is not None else Want()
        self.keylog = keylog if keylog is not None else KeyLog()
        self.addresses = source.addresses
        self.stats = EngineStats()
        self._source = source
        self._fast = fast and (self.want.brief or not self.want.all)
        self._least = 1000 if self.want.brief else self.want.least_status  #: of answers that are not passed over
        self._due = Due(self.want.every_digest, self.want.paired_digests, not self.want.digests)
        self._builder = Builder(self.want.body_limit, self._due, self.want.segments and not self.want.all)
        self._light = Builder(None, Due(none=True))
        self._ready: list[tuple[int, Exchange]] = []
        self._rows: list[tuple[int, Row]] = []  #: with their last frames
        self._forms = Forms()
        self._sample: dict[int, Exchange] = {}
        self.room = _ROOM
        self._waiting: dict[Stream, None] = {}  #: encrypted connections whose secrets may still be found
        self._assembler: Assembler | None = None
        self._looked: Sorted | None = None  #: the batch that ``_plain`` is about
        self._plain: Plain | None = None
        self._passed = 0  #: exchanges passed over in it
        self._pause = 0  #: batches that are not looked at
        self.activity = Activities()
        self.sampled: Callable[[Exchange], None] | None = None  #: told of the sample as it is taken

    def run(self) -> Iterator[Exchange]:
        """Exchanges, those that end in one batch in the order of their last frames; the sample comes last."""
        for _ in self._batches():
            ready, self._ready = self._ready, []
            ready.sort(key=lambda entry: entry[0])
            for _, exchange in ready:
                yield exchange
        for stream in sorted(self._sample):
            yield self._sample[stream]
        self._sample.clear()

    def rows(self) -> Iterator[Row]:
        """A line for every exchange (with ``Want.brief``), in the order of ``run``."""
        for _ in self._batches():
            rows, self._rows = self._rows, []
            rows.sort(key=itemgetter(0))
            for _, row in rows:
                yield row

    def learn(self, keylogs: Iterable[bytes]) -> None:
        """Further key logs, as captures bring them; what waited for them goes on."""
        self.keylog.add(keylogs)
        self._resume()

    def _resume(self) -> None:
        for stream in list(self._waiting):
            stream.resume()

    def _batches(self) -> Iterator[None]:
        """Work through the source."""
        assembler = self._assembler = Assembler(self._source, self._consume)
        stats, file, counted = self.stats, 0, (0, 0, 0)
        for batch in assembler.run():
            if batch.final:
                self.keylog.close()
                self._resume()
            file = max(file, batch.file)
            stats.streams, stats.segments, stats.last_frame = assembler.streams, assembler.segments, batch.last_frame
            counted = stats._count(file, counted)
            yield

    def _consume(self, conn: Conn) -> Silent:
        return Silent(conn, self)

    # what streams ask and tell

    def wants(self, status: int) -> bool:
        """Whether the body of an answer may be asked for."""
        return self.want.all or self.want.failing(status)

    def trim(self, draft: Draft) -> None:
        """A batch goes whose bytes cannot be read again: keep of the message what may be asked for."""
        trim(draft, self.want.body_limit, self._due)

    def gather(self, draft: Draft) -> None:
        """A body came in very many parts."""
        gather(draft, self.want.body_limit, self._due)

    def missing(self, length: int) -> None:
        """A gap of so many bytes."""
        self.stats.gaps += 1
        self.stats.gap_bytes += length

    def differing(self) -> None:
        """A range came twice with different bytes."""
        self.stats.overlaps += 1

    def unfit(self, segments: int) -> None:
        """Segments with bytes that are not read."""
        self.stats.unfit += segments

    def version2(self) -> None:
        """A client begins to speak HTTP/2, not encrypted."""
        self.stats.version2 += 1

    def encrypted(self, stream: Stream, tls: TlsStream) -> None:
        """A TLS session begins."""
        self.stats.encrypted += 1
        self.stats._sessions[tls] = None

    def settled(self, stream: Stream, tls: TlsStream) -> None:
        """A TLS session has been told all that is known so far."""
        if tls.waits:
            self._waiting[stream] = None
        else:
            self._waiting.pop(stream, None)
        if tls.over:
            self.stats._end(tls)

    def pass_over(self, stream: Stream) -> None:
        """Many small messages wait: successes among them that nobody asks for are only counted."""
        plain, client = self._look(), stream.outer.client or 0
        if plain is None:
            return
        for many in pass_over(stream.outer, plain):
            self._passed += many.number
            if self.want.brief:
                self._list(stream, client, many)
                continue
            left = many.number
            if stream.wait or stream.first:
                self.found(stream, client, many.glimpse(0).pair())
                left -= 1
            if left:
                self.activity.add_all(self._moments(stream, client), many.times()[-left:])
                self.stats.exchanges += left
                stream.last = many.glimpse(many.number - 1)

    def _list(self, stream: Stream, client: int, many: Many) -> None:
        """A line for each exchange of a stretch."""
        connection = stream.conn.described(client, self.addresses)
        for index, (ask, tell) in enumerate(many.places()):
            if stream.conflicts or not self._list_one(connection, many.asked.rows, ask, tell):
                self.found(stream, client, many.glimpse(index).pair())

    def _list_one(self, connection: Connection, rows: Rows, ask: int, tell: int) -> bool:
        """A line for the plain exchange in these rows; False where something about it is odd."""
        fetch, place, cum, frame, time = rows.fetch, rows.place, rows.cum, rows.frame, rows.time
        asked = fetch(place[ask], cum[ask + 1] - cum[ask])
        told = fetch(place[tell], cum[tell + 1] - cum[tell])
        row = self._forms.row(connection, asked, (frame[ask], time[ask]), told, (frame[tell], time[tell]))
        if row is None:
            return False
        self._rows.append((max(frame[ask], frame[tell]), row))
        self.stats.exchanges += 1
        self.stats.failures += self.want.failing(row.response.status if row.response else 0)
        return True

    def lone(self, conn: Conn, asked: Piece, told: Piece) -> bool:
        """A connection that has ended held this and nothing else: plain successes that nobody asks for are counted."""
        sampled = conn.stream < self.want.context and not self.want.brief
        plain = self._look() if conn.handshake and not sampled else None
        found = lone(asked, told, plain) if plain is not None else None
        if plain is None or found is None:
            return False
        self._passed += 1
        if self.want.brief:
            return self._list_one(conn.described(conn.client or 0, self.addresses), plain.rows, *found)
        self.stats.exchanges += 1
        self.activity.add_lone(plain.rows.time[found[0]])
        return True

    def _look(self) -> Plain | None:
        """What is plain in the batch that is worked through; None where nothing is passed over, and for a while where
        looking has brought little."""
        table = self._assembler.table if self._assembler is not None and self._fast else None
        if table is None:
            return None
        if self._looked is not table:
            self._pause = max(0, self._pause - 1)
            seen = len(self._looked.order) if self._looked is not None and self._plain is not None else 0
            if seen >= _ENOUGH and self._passed * _WORTH < seen:
                self._pause = _PAUSE
            self._looked, self._passed = table, 0
            self._plain = None if self._pause else plain_of(table, self._least)
        return self._plain

    def found(self, stream: Stream, client: int, pair: Pair) -> None:
        """A pair has ended."""
        stats = self.stats
        stats.exchanges += 1
        stats.unanswered += pair.response is None
        stats.unasked += pair.request is None
        stats.uncertain += not pair.certain
        failing = pair.response is not None and self.want.failing(pair.response.status)
        stats.failures += failing
        if self.want.brief:
            row = row_of(self._exchange(stream, client, pair, self._light))
            self._rows.append((row.last_frame, row))
        elif self.want.all:
            self._give(stream, client, pair, self._builder)
        elif failing:
            moments = self._moments(stream, client, keep=True)
            if stream.last is not None:
                last = _heads_of(stream.last.pair()) if isinstance(stream.last, Glimpse) else stream.last
                self._give(stream, client, last, self._light)
                stream.last = None
            self.activity.add(moments, self._give(stream, client, pair, self._builder).began)
            stream.wait = True
        else:
            self.activity.add(self._moments(stream, client), pair.began())
            if pair.response is not None and pair.request is not None and pair.certain:
                self._success(stream, client, pair)

    def _moments(self, stream: Stream, client: int, keep: bool = False) -> Moments:
        """When the exchanges of this connection began; kept for good for the first ones and where something failed."""
        moments = stream.moments
        first = moments is None
        if moments is None:
            moments = stream.moments = self.activity.new()
        if keep or (first and stream.conn.stream < self.want.context):
            self.activity.keep(self._described(stream, client), moments)
        return moments

    def _success(self, stream: Stream, client: int, pair: Pair) -> None:
        _heads_of(pair)
        if stream.wait:
            stream.wait = False
            self._give(stream, client, pair, self._light)
        elif stream.first and stream.conn.stream < self.want.context:
            sampled = self._sample[stream.conn.stream] = self._exchange(stream, client, pair, self._light)
            if self.sampled is not None:
                self.sampled(sampled)
        else:
            stream.last = pair
        stream.first = False

    def _give(self, stream: Stream, client: int, pair: Pair, builder: Builder) -> Exchange:
        exchange = self._exchange(stream, client, pair, builder)
        self._ready.append((max(exchange.frames, default=0), exchange))
        return exchange

    def _exchange(self, stream: Stream, client: int, pair: Pair, builder: Builder) -> Exchange:
        side, connection = _asker(stream, client), self._described(stream, client)
        again = stream.conn.halves[side].again, stream.conn.halves[1 - side].again
        return builder.exchange(connection, client, pair, stream.conflicts, again, stream.sealed)

    def _described(self, stream: Stream, client: int) -> Connection:
        return stream.conn.described(_asker(stream, client), self.addresses)


def _asker(stream: Stream, client: int) -> int:
    """The connection's client; inside a tunnel or a session that is only known of what is around it."""
    return client if stream.outer.client is None else stream.outer.client


def _heads_of(pair: Pair) -> Pair:
    """A success is only its heads."""
    for draft in (pair.request, pair.response):
        if draft is not None:
            draft.body, draft.coding, draft.dropped = Slices(), Slices(), True
    return pair
