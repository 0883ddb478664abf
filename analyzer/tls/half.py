"""One direction: records in, plaintext out, in spite of holes.

Events wait in a queue; the direction works through them until it needs something that only the other one can tell
(a hello, whether early data was taken), and goes on when that is known. Records are opened under the current epoch.
Where one does not verify, or a hole took some, later records are tried under the numbers they may have, and under the
next epochs (``keys``); the first that verifies says where we are and how much is missing.
"""

from __future__ import annotations

from collections import deque

from analyzer.model.notes import note
from analyzer.model.streams import Closed, Data, Direction, Gap, Overlap
from analyzer.tls import hellos
from analyzer.tls.keys import Hole, ReadKeys
from analyzer.tls.openers import Opened
from analyzer.tls.plaintext import Plaintext
from analyzer.tls.records import Record, RecordReader
from analyzer.tls.session import APPLICATION, EARLY, HANDSHAKE, TLS13, Epoch, Session

__all__ = ["Half"]

# ContentType (RFC 8446, section 5.1).
CHANGE_CIPHER_SPEC, ALERT, HANDSHAKE_RECORD, APPLICATION_DATA = 20, 21, 22, 23

_LARGEST = 1 << 14  #: plaintext bytes of the longest record
_INSIDE_13 = frozenset({hellos.ENCRYPTED_EXTENSIONS, hellos.FINISHED, hellos.END_OF_EARLY_DATA, hellos.KEY_UPDATE})


class Half:
    """The records of one direction, and what became of them."""

    def __init__(self, session: Session, direction: Direction) -> None:
        self.session = session
        self.direction = direction
        self.inputs: deque[Data | Gap | Overlap | Closed] = deque()
        self.held = 0  #: bytes in the queue
        self.reach = 0  #: stream offset behind all that came
        self.waiting = False  #: for the other direction
        self.ended = False  #: nothing more will come
        self.plain = Plaintext(session.connection.stream, direction, session.out)
        self._server = direction is Direction.SERVER_TO_CLIENT
        self._own = hellos.SERVER_HELLO if self._server else hellos.CLIENT_HELLO
        self._reader = RecordReader()
        self._handshake = hellos.Handshake()
        self._rounds = 0  #: hellos seen in this direction
        self._armed = False  #: the ladder of the current round was asked for
        self._keys = ReadKeys()
        self._secure = False  #: everything is protected (TLS 1.2 and before, after ChangeCipherSpec)
        self._opaque = False  #: nothing more can be opened
        self._hole: Hole | None = None
        self._searching = False  #: the place of the next record is unknown
        self._holed_clear = False  #: a hole before anything was protected
        self._sealed = 0  #: bytes received since
        #: Start, plaintext length and end of records before the first that opened.
        self._unopened: list[tuple[int, int, int]] = []
        self._frame = 0  #: the last one worked on

    # -- the queue

    def push(self, event: Data | Gap | Overlap | Closed) -> None:
        """Put an event into the queue."""
        self.inputs.append(event)
        if isinstance(event, Data):
            self.held += len(event.data)
            self.reach = event.offset + len(event.data)
        elif isinstance(event, Gap):
            self.reach = event.offset + event.length

    @property
    def holding(self) -> int:
        """Bytes that are here and not worked on yet."""
        return self.held + self._reader.held

    @property
    def deaf(self) -> bool:
        """Nothing that may still come can be of any use."""
        return self._opaque and not self.plain.offset

    @property
    def settled(self) -> int:
        """Stream offset up to which it is known what became of the bytes: how many of them are plaintext."""
        if self._opaque:
            return self.reach
        if self._hole is not None:
            return self._hole.start
        if self._unopened and self._keys.current is None:
            return self._unopened[0][0]
        return self._reader.position if self.waiting or self.inputs else self.reach

    def pump(self) -> bool:
        """Work through the queue as far as possible; whether anything was done."""
        if self.session.waits or (not self.waiting and not self.inputs):
            return False
        done = False
        if self.waiting:
            self.waiting, before = False, self._reader.position
            self._drain()
            done = not self.waiting or self._reader.position != before
        while self.inputs and not self.waiting and not self.session.waits:
            event = self.inputs.popleft()
            done = True
            if isinstance(event, Data):
                self._data(event)
            elif isinstance(event, Gap):
                self._gap(event)
            elif isinstance(event, Overlap):
                self.session.overlapped += 1
                self.plain.fact(note("tls.overlap", count=1), event.frame)
            else:
                self._closed(event)
        self.plain.flush()
        return done

    def wait_no_more(self) -> None:
        """What this direction waits for will not come."""
        found = self.session.round(self._rounds - 1) if self._rounds else None
        if found is not None and found.complete:
            self.session.early_accepted = True
        else:
            self.session.no_handshake(self._holed_clear)

    def finish(self) -> None:
        """No event will come any more: give up what waits for more bytes, and count what is missing."""
        self.ended = True
        if self._searching and not self._opaque:
            self._drain()
        self._missing_end()
        if self.plain.offset:
            self.plain.missing(self._sealed, self._frame, False, None)  # answers to it have been understood already
            self._sealed = 0
        self._reader.clear()
        self.plain.flush()

    def _data(self, event: Data) -> None:
        self.held -= len(event.data)
        self.plain.time = event.time
        if event.frames:
            self._frame = event.frames[-1][1]
        if self._opaque:
            self._sealed += len(event.data)
            return
        self._keys.earn(len(event.data))
        self._reader.add(event)
        self._drain()

    def _gap(self, event: Gap) -> None:
        if self._opaque:
            self._sealed += event.length
            return
        self.plain.flush()
        start = self._reader.position if self._reader.held else event.offset
        again = self._reader.skips(event.offset)  # in a record that is lost already
        known = self._reader.hole(event.offset, event.length)
        if self._keys.current is None:
            self._holed_clear = self.session.holed = True
        self._handshake.reset()
        hole = self._hole
        if hole is None:
            self._hole = Hole(start, 1 if known else None, event.after_frame, event.snapped)
        elif not known or self._searching:
            hole.exact = None
        elif hole.exact is not None and not again:
            hole.exact += 1
        self._searching = not known

    def _closed(self, event: Closed) -> None:
        self.plain.time = event.time or self.plain.time
        self.finish()
        self.session.out.append(event)

    def _missing_end(self) -> None:
        """What a hole took at the very end has no record behind it to count from: the best guess is full records."""
        hole, epoch = self._hole, self._keys.current
        if hole is None or epoch is None or epoch.name != APPLICATION or not self.plain.offset:
            return
        span = self._reader.position + self._reader.held - hole.start
        count = hole.exact or 1 + span // (_LARGEST + epoch.opener.overhead)
        self.session.lost_records += count
        end = self._reader.position + self._reader.held
        self.plain.missing(span - count * epoch.opener.overhead, hole.frame, hole.snapped, end)
        self._hole = None

    # -- records

    def _drain(self) -> None:
        """Take records until there is none, or the other direction must say something first."""
        while not self._opaque:
            if self.session.waits:
                self.waiting = True  # with what is here; it goes on from there when the secrets have come
                return
            if self._searching:
                if not self._search():
                    return
                continue
            record = self._reader.next()
            if record is None:
                if not self._reader.astray:
                    return
                self._astray()
            elif self._must_wait(record):
                self.waiting = True
                return
            else:
                self._reader.advance(record)
                self._take(record)
                if self.session.news:
                    self.session.news = False
                    self.waiting = True  # until the other direction had its turn: a request comes before its answer
                    return
        self._reader.clear()

    def _astray(self) -> None:
        """Bytes that are no record where one must begin: as after a hole of unknown length."""
        if self._rounds == 0 and not self._holed_clear:
            self.session.no_handshake(hole=False)
            self._opaque = True
            return
        self._hole = self._hole or Hole(self._reader.position, None, self._frame)
        self._hole.exact = None
        self._searching = True

    def _must_wait(self, record: Record) -> bool:
        """Whether this record cannot be judged before the other direction has said its part."""
        if self.session.why_not is not None or record.kind not in (CHANGE_CIPHER_SPEC, APPLICATION_DATA):
            return False
        if self._rounds == 0:
            if not (record.kind == CHANGE_CIPHER_SPEC and self.session.round(0).retried):
                self.session.no_handshake(self._holed_clear)
            return False
        found = self.session.round(self._rounds - 1)
        if not found.complete:
            return True
        return record.kind == APPLICATION_DATA and self._waits_for_early(found.client)

    def _waits_for_early(self, hello: hellos.ClientHello | None) -> bool:
        """Early data counts only once the server has said that it takes it."""
        return (
            not self._server
            and not self._armed
            and self.session.early_accepted is None
            and hello is not None
            and hello.early_data
            and self.session.knows("SERVER_HANDSHAKE_TRAFFIC_SECRET")
        )

    def _stamp(self, record: Record) -> None:
        """What is said of this record stands at its last frame."""
        carried = self._reader.frames(record.start, record.end)
        if carried:
            _, self._frame, self.plain.time, _ = carried[-1]

    def _take(self, record: Record) -> None:
        if self._secure or record.kind == APPLICATION_DATA:
            self._protected(record)
            return
        self._stamp(record)
        if record.kind == HANDSHAKE_RECORD:
            self._messages(record.fragment)
        elif record.kind == CHANGE_CIPHER_SPEC:
            self._change_cipher()
        else:
            self._alert(record.fragment)

    def _protected(self, record: Record) -> None:
        if not self._arm():
            return
        before, expected = self._keys.current, self._keys.current.sequence if self._keys.current else 0
        opened = self._open(record)
        if opened is not None:
            self._opened(record, opened, before, expected)
        elif self._hole is not None:
            self._hole.exact = None  # this one is damaged, or the count is wrong: any number from here on
        elif self._hole is None and self._keys.current is not None:
            self._hole = Hole(record.start, 1, self._frame)
        elif self._hole is None and self._keys.ladder:
            size = len(record.fragment) + 5 - self._keys.ladder[0].opener.overhead
            self._unopened.append((record.start, size, record.end))

    def _arm(self) -> bool:
        """Get the keys of this round; False when there are none and all that follows stays closed."""
        if self.session.why_not is not None:
            self._opaque = True
            return False
        if not self._armed:
            self._armed = True
            self._keys.ladder = self.session.ladder(self._rounds - 1, self._server)
            if not self._keys.ladder:
                self._opaque = True
                self.session.lacks_secrets(renegotiated=self._secure)
        return not self._opaque

    def _change_cipher(self) -> None:
        """Before TLS 1.3 the next record is under the new keys; in TLS 1.3 the message means nothing."""
        if self._rounds == 0 or self._version() in (None, TLS13):
            return
        if self._arm():
            self._next_epoch()
        self._secure = True

    def _version(self) -> int | None:
        answer = self.session.round(self._rounds - 1).server if self._rounds else None
        return None if answer is None else answer.version

    def _next_epoch(self) -> None:
        self._handshake.reset()
        if not self._keys.step():
            self._opaque = True
            self.session.lacks_secrets(handshake_only=True)

    # -- opening

    def _open(self, record: Record) -> Opened | None:
        """Open a protected record, in step or behind a hole, and take note of a change of keys."""
        keys, hole = self._keys, self._hole
        before = keys.current
        if hole is None:
            opened = keys.open(record)
        else:
            opened = keys.open_behind_hole(record, hole.start, hole.exact, self._reader.before(record))
        if opened is not None and keys.current is not before:
            if before is None and hole is None:
                self._early_missing()
            self._handshake.reset()
            self._secure = self._secure or self._version() != TLS13
        return opened

    def _early_missing(self) -> None:
        """Early data was taken and its secret is not in the log: all records before the first that opens, of which
        the last is EndOfEarlyData (RFC 8446, section 4.5)."""
        early, epoch = self._unopened[:-1], self._keys.current
        if early and self.session.early_accepted and epoch is not None and epoch.name == HANDSHAKE:
            self.session.notes[note("tls.early-data-closed", **self.session.names())] = None
            self.session.lost_records += len(early)
            self.plain.missing(sum(size for _, size, _ in early), self._frame, False, early[-1][2])

    def _search(self) -> bool:
        """Look for the next record where its place is unknown; whether one was found and taken."""
        for record in self._reader.candidates():
            if record is None:
                if self.ended:
                    continue
                return False
            if self._rounds == 0:
                found = self._found_hello(record)
            elif self._must_wait(record._replace(kind=APPLICATION_DATA)):
                self.waiting = True
                return False
            else:
                found = self._found(record)
            if self._opaque:
                return False
            if found:
                return True
            if self._keys.spent:
                self.session.lost_track()
                self._opaque = True
                return False
        return False

    def _found_hello(self, record: Record) -> bool:
        self._keys.charge(len(record.fragment))
        if record.kind != HANDSHAKE_RECORD or record.fragment[:1] != bytes([self._own]):
            return False
        self._searching, self._hole = False, None
        self._reader.advance(record)
        self._take(record)
        return True

    def _found(self, record: Record) -> bool:
        if not self._arm() or self._hole is None:
            return False
        before, expected = self._keys.current, self._keys.current.sequence if self._keys.current else 0
        opened = self._open(record)
        if opened is not None:
            self._searching = False
            self._reader.advance(record)
            self._opened(record, opened, before, expected)
            return True
        if not self._secure and record.kind == CHANGE_CIPHER_SPEC and record.fragment == b"\x01":
            self._searching, self._hole = False, None
            self._reader.advance(record)
            self._change_cipher()
            return True
        return False

    # -- what was inside

    def _opened(self, record: Record, opened: Opened, before: Epoch | None, expected: int) -> None:
        self.session.opened = True
        if self._hole is not None:
            self._behind_hole(record, opened, self._hole, expected if self._keys.current is before else None)
        if opened.kind == APPLICATION_DATA:
            start = record.start + 5 + opened.lead
            if opened.data:
                carried = self._reader.frames(start, start + len(opened.data))
                self.plain.emit(opened.data, start, record.end, carried)
            return
        self._stamp(record)
        if opened.kind == HANDSHAKE_RECORD:
            self._messages(opened.data)
        elif opened.kind == ALERT:
            self._alert(opened.data)
        elif opened.kind == CHANGE_CIPHER_SPEC:
            self._change_cipher()

    def _behind_hole(self, record: Record, opened: Opened, hole: Hole, expected: int | None) -> None:
        """A record verified behind a hole, and its number tells how many are missing.

        Their plaintext is the bytes between, less each record's overhead: exact for AEAD without padding, too long by
        the padding for CBC. Where keys changed inside the hole (``expected`` None), or it took the start of the
        session, the share of the handshake is unknown: the guess is full records, as far as the hole is that long.
        """
        self._hole = None
        epoch = self._keys.current
        if epoch is None:
            return
        lost = opened.sequence - (expected or 0)
        self.session.lost_records += max(lost, 0)
        if epoch.name != APPLICATION:
            return
        length = record.start - hole.start - lost * epoch.opener.overhead
        if not expected:
            finished = 1 if self._version() != TLS13 else 0
            length = min(length, (lost - finished) * _LARGEST)
        if lost > 0:
            self.plain.missing(length, hole.frame, hole.snapped, record.start)

    def _messages(self, data: bytes) -> None:
        for kind, body in self._handshake.feed(data):
            if kind == self._own:
                self._hello(body)
            elif kind == hellos.CERTIFICATE and self._server:
                self.session.certificate = hellos.leaf_certificate(body, self._version() == TLS13)
            elif kind in _INSIDE_13 and self._keys.current is not None and self._version() == TLS13:
                self._inside(kind, body, self._keys.current)

    def _hello(self, body: bytes) -> None:
        """A hello opens a round, except those that a HelloRetryRequest makes twice."""
        if self._server:
            answer = hellos.server_hello(body)
            if answer is None:
                return
            if answer.retry:
                self.session.round(self._rounds).retried = True
                return
            self.session.server_hello(self._rounds, answer)
        else:
            hello = hellos.client_hello(body)
            if hello is None:
                return
            last = self.session.round(self._rounds - 1).client if self._rounds else None
            if last is not None and last.random == hello.random:
                return
            self.session.client_hello(self._rounds, hello, self.plain.time)
        self._rounds += 1
        self._armed = False

    def _inside(self, kind: int, body: bytes, epoch: Epoch) -> None:
        """Messages under protection that change what comes next (TLS 1.3)."""
        if kind == hellos.ENCRYPTED_EXTENSIONS and self._server:
            listed = hellos.extensions(body[2:])
            self.session.early_accepted = hellos.EARLY_DATA in listed
            self.session.news = True
            alpn = hellos.alpn_of(listed.get(hellos.ALPN))
            if alpn is not None:
                self.session.protocol(alpn)
        elif (kind, epoch.name) in ((hellos.FINISHED, HANDSHAKE), (hellos.END_OF_EARLY_DATA, EARLY)):
            self._next_epoch()
        elif kind == hellos.KEY_UPDATE:
            self._keys.current = epoch.updated() or epoch

    def _alert(self, data: bytes) -> None:
        epoch = self._keys.current
        said = self.session.alert(data, self._server, ends_handshake=epoch is None or epoch.name != APPLICATION)
        if said is not None:
            self.plain.fact(said, self._frame)
