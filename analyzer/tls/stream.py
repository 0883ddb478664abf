"""One encrypted connection: stream events in, stream events of the plaintext out.

Each direction keeps its own queue and works as far as it can; after every event both are pumped until neither moves,
so it does not matter whether the client's data or the server's hello comes up first. A direction that waits for a
hello which will not come any more, or for too long, is told so, and the connection gets its reason.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from analyzer.model.notes import Note
from analyzer.model.streams import Connection, Data, Direction, Opened, StreamEvent
from analyzer.model.tls import TlsFact, TlsOutcome
from analyzer.tls.half import Half
from analyzer.tls.keylog import KeyLog
from analyzer.tls.session import Session

__all__ = ["TlsStream"]

#: Bytes of one direction that may wait for the other: as much as one batch of the capture can bring out of order.
_HELD = 64 << 20


class TlsStream:
    """Decrypts one connection with the secrets of a key log.

    ``keylog`` None is the same as one made of no texts; the reason then says so. Plaintext events count offsets from 0
    in each direction and name the frames that carried the records. Nothing raises, whatever the bytes are.
    """

    def __init__(self, connection: Connection, keylog: KeyLog | None) -> None:
        self._session = Session(connection, keylog)
        self._halves = {direction: Half(self._session, direction) for direction in Direction}
        self._reserved = 0  #: bytes held while secrets are waited for

    @property
    def waits(self) -> bool:
        """Secrets are missing that may still be found; ``resume`` when the key log has grown."""
        return self._session.waits

    @property
    def over(self) -> bool:
        """Both directions have ended, and all is said."""
        return all(half.ended and not half.inputs for half in self._halves.values())

    @property
    def protocol(self) -> bytes | None:
        """What ALPN settled on, as far as that was seen."""
        return self._session.alpn

    def speaks(self, protocol: bytes) -> None:
        """The content shows which protocol it is, by the name that ALPN has for it."""
        if self._session.alpn is None:
            self._session.protocol(protocol)

    def differing(self, count: int) -> None:
        """So many stretches came twice and were not the same."""
        self._session.overlapped += count

    def deaf(self, direction: Direction) -> bool:
        """Whether data of this direction need not be fed any more: nothing in it can be read."""
        return self._halves[direction].deaf

    def feed(self, event: StreamEvent) -> Iterator[StreamEvent | TlsFact]:
        """The plaintext events that this event makes known, in order. All work is done before the first is given."""
        if isinstance(event, Opened):
            return iter((event,))
        if isinstance(event, Data) and self._session.time is None:
            self._session.time = event.times[0] if event.times else event.time
        self._halves[event.direction].push(event)
        self._pump()
        return self._take()

    def understood(self, data: Data) -> Data | None:
        """The event with acknowledgements as offsets of the other direction's plaintext; None while something that it
        acknowledges has not been fed yet, or it is not known yet what becomes of it (a record that does not open tells
        only with the next one how much it held)."""
        if not data.acks:
            return data
        other = next(half for direction, half in self._halves.items() if direction is not data.direction)
        if data.acks[-1] > other.settled and not other.ended:
            return None
        return replace(data, acks=tuple(map(other.plain.reached, data.acks)))

    def resume(self) -> Iterator[StreamEvent | TlsFact]:
        """What the key log makes known that has grown, or that will not grow any more."""
        if self._session.look_again():
            self._pump()
        return self._take()

    def finish(self) -> Iterator[StreamEvent | TlsFact]:
        """What is left when no event will come any more; needed only where a direction got no ``Closed``."""
        self._session.look_again(may_wait=False)
        for half in self._halves.values():
            half.ended = True
        self._pump()
        for half in self._halves.values():
            half.finish()
        return self._take()

    @property
    def cover(self) -> Note:
        """What to say of content that came out of this connection."""
        return self._session.cover()

    @property
    def outcome(self) -> TlsOutcome:
        """What became of the connection, so far."""
        client = self._halves[Direction.CLIENT_TO_SERVER].plain
        server = self._halves[Direction.SERVER_TO_CLIENT].plain
        return self._session.outcome((client.decrypted, server.decrypted))

    def _take(self) -> Iterator[StreamEvent | TlsFact]:
        out = tuple(self._session.out)
        self._session.out.clear()
        return iter(out)

    def _pump(self) -> None:
        client, server = self._halves.values()
        moved = True
        while moved:
            moved = client.pump()
            moved = server.pump() or moved
            if not moved and self._session.waits:
                moved = not self._may_wait()
            elif not moved and (client.waiting or server.waiting):
                moved = self._settle()
        if self._reserved and not self._session.waits:
            self._session.keylog.reserve(-self._reserved)
            self._reserved = 0

    def _may_wait(self) -> bool:
        """Whether all that is here may be kept until the secrets come; else the wait is over."""
        more = sum(half.holding for half in self._halves.values()) - self._reserved
        if self._session.keylog.reserve(more):
            self._reserved += more
            return True
        self._session.wait_no_longer()
        return False

    def _settle(self) -> bool:
        """Decide for a direction that waits in vain; whether there was one."""
        for half, other in ((a, b) for a in self._halves.values() for b in self._halves.values() if a is not b):
            if half.waiting and (half.held > _HELD or (other.ended and not other.inputs)):
                half.wait_no_more()
                return True
        return False
