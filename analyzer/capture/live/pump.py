"""The thread that keeps reading, whatever the analysis does.

It reads every feed as bytes come, cuts them at whole records, writes them to the ring and puts them into a queue; so a
diagnosis that takes a second neither costs packets nor delays what is saved. The queue is bounded: when it is full the
pump waits, then the kernel's buffer fills, and what is lost after that is counted by the kernel. ``Tap`` is the other
end of the queue, a raw stream that says None instead of waiting for long.
"""

from __future__ import annotations

import contextlib
import os
import select
import threading
import time
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass

from analyzer.capture.live.cutting import Cutter, Header, Records
from analyzer.capture.live.feeds import Drops, Feed
from analyzer.capture.live.merging import Merger
from analyzer.capture.live.ring import Ring
from analyzer.model.errors import CannotRead
from analyzer.model.notes import Note, Wire, note

__all__ = ["Limits", "Pump", "Tap"]

_MOST_WAITING = 128 << 20  #: bytes in the queue
_POLL = 0.1  #: seconds that one look at the feeds takes at most
_ASK = 1.0  #: seconds between two questions for drop counts
_IDLE = 0.25  #: seconds after which the tap says that nothing came
_GATHER = 0.025  #: seconds in which what comes becomes one batch
_PATIENCE = 5.0  #: seconds that feeds get to hand over what waits, once stopped


@dataclass(frozen=True, slots=True)
class Limits:
    """When to stop by itself: after so many packets or seconds. None: never."""

    packets: int | None = None
    seconds: float | None = None


class Pump:
    """See the module. ``start`` it once; ``stop`` ends it in an orderly way, ``close`` at once."""

    def __init__(self, feeds: Sequence[Feed], ring: Ring | None, limits: Limits) -> None:
        self.packets = 0
        self.fault: Note | None = None  #: the stream was damaged
        self._ring = ring
        self._limits = limits
        self._until = None if limits.seconds is None else time.monotonic() + limits.seconds
        self._changed = threading.Condition()
        self._queue: deque[bytes] = deque()
        self._waiting = 0
        self._ended = False
        self._stop_at: float | None = None
        self._stopped = False
        self._closed = False
        self._feeds = list(feeds)
        self._next: list[Feed] | None = None  #: take over when the present ones are at their end
        self._before = Drops()  #: of feeds that are gone
        self._asked = time.monotonic()
        self._merger = Merger() if len(self._feeds) > 1 else None
        self._ending: set[Feed] = set()  #: stopped, and at their end when nothing is left
        self._headers: dict[str, bytes] = {}
        self._cutters: dict[Feed, Cutter] = {}
        self._thread = threading.Thread(target=self._run, name="pump", daemon=True)

    def start(self) -> None:
        """Begin to read."""
        self._thread.start()

    @property
    def drops(self) -> Drops:
        """Of all feeds; a count is not known while it is zero and a feed has not told its part."""
        feeds = (*self._feeds, *(self._next or ()))
        total = sum((feed.drops for feed in feeds), self._before)
        if not total.kernel and any(feed.drops.kernel is None for feed in feeds):
            return Drops(None, total.interface)
        return total

    @property
    def lag(self) -> float:
        """Seconds that a packet may be late."""
        return max((feed.lag for feed in self._feeds), default=0.0)

    @property
    def backlog(self) -> int:
        """Bytes read and not analysed yet."""
        return self._waiting

    @property
    def replacing(self) -> bool:
        """Other feeds wait to take over."""
        return self._next is not None

    def replace(self, feeds: Sequence[Feed]) -> None:
        """Go on with other feeds, which run already; the present ones are stopped and read to their end first."""
        with self._changed:
            if self._stopped or self._next is not None:
                for feed in feeds:
                    feed.close()
                return
            self._next = list(feeds)
        self._end(self._feeds)

    def stop(self, linger: bool = True) -> None:
        """End after what was on the wire by now has come through; without ``linger`` as soon as can be."""
        with self._changed:
            if self._stop_at is None or not linger:
                self._stop_at = time.monotonic() + (self.lag if linger else 0.0)

    def close(self) -> None:
        """Give everything back; what was not read is lost."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()
        if self._thread.is_alive():
            self._thread.join()
        for feed in (*self._feeds, *(self._next or ())):
            feed.close()

    # The queue's end

    def take(self, wait: float) -> bytes | None:
        """The next bytes; None where none came within ``wait`` seconds, nothing at the end."""
        with self._changed:
            self._changed.wait_for(lambda: self._queue or self._ended, wait)
            if self._queue:
                data = self._queue.popleft()
                self._waiting -= len(data)
                self._changed.notify_all()
                return data
            return b"" if self._ended else None

    def _put(self, data: bytes) -> None:
        if not data:
            return
        with self._changed:
            self._changed.wait_for(lambda: self._waiting < _MOST_WAITING or self._closed)
            self._queue.append(data)
            self._waiting += len(data)
            self._changed.notify_all()

    # The thread

    def _run(self) -> None:
        try:
            while not self._closed and (self._feeds or self._succeeded()):
                self._watch_the_time()
                self._read_all()
        except CannotRead as fault:
            self.fault = fault.note
        finally:
            self._end(self._feeds)
            if self._ring is not None:
                self._ring.close()
            with self._changed:
                self._ended = True
                self._changed.notify_all()

    def _succeeded(self) -> bool:
        """The feeds that wait take over."""
        with self._changed:
            if self._next is None:
                return False
            self._feeds, self._next = self._next, None
            stop = self._stopped
        if stop:
            self._end(self._feeds)
        return True

    def _watch_the_time(self) -> None:
        now = time.monotonic()
        if self._until is not None and now >= self._until:
            self.stop()
        if now - self._asked >= _ASK:
            self._asked = now
            for feed in self._feeds:
                feed.ask()
        if self._stop_at is None or now < self._stop_at:
            return
        if not self._stopped:
            self._stopped = True
            self._end(self._feeds)
        elif now >= self._stop_at + _PATIENCE:
            self._feeds = self._gone(self._feeds)

    def _read_all(self) -> None:
        try:
            ready = select.select(self._feeds, [], [], _POLL)[0]
        except (OSError, ValueError):  # one of them was closed
            ready = self._feeds
        for feed in list(ready) if ready else [feed for feed in self._feeds if feed in self._ending]:
            data = self._read(feed) if ready else b""
            if data:
                self._take(feed, data)
            elif data is not None:
                feed.ended()
                self._feeds = [other for other in self._feeds if other is not feed]
                self._gone([feed])

    @staticmethod
    def _read(feed: Feed) -> bytes | None:
        try:
            return feed.read()
        except BlockingIOError:
            return None
        except (OSError, ValueError):
            return b""

    def _end(self, feeds: Sequence[Feed]) -> None:
        self._ending.update(feed for feed in feeds if not feed.stop())

    def _gone(self, feeds: Sequence[Feed]) -> list[Feed]:
        for feed in feeds:
            with contextlib.suppress(OSError):
                feed.close()
            self._before = self._before + feed.drops
            self._cutters.pop(feed, None)
        return []

    def _take(self, feed: Feed, data: bytes) -> None:
        cutter = self._cutters.setdefault(feed, Cutter())
        for part in cutter.cut(data):
            if self._merger is not None:
                self._merged(self._merger, feed.name, cutter, part)
            elif isinstance(part, Records):
                self._records(part)
            elif not self._repeats(feed, cutter, part):
                self._header(part)

    def _repeats(self, feed: Feed, cutter: Cutter, header: Header) -> bool:
        """The file header of a pcap stream that goes on where another of the same kind ended."""
        if cutter.format != "pcap":
            return False
        before = self._headers.setdefault(feed.name, header.data)
        if before != header.data:
            raise CannotRead(note("live.interface-changed", name=Wire(os.fsencode(feed.name))))
        return before is not header.data

    def _merged(self, merger: Merger, name: str, cutter: Cutter, part: Header | Records) -> None:
        for link in cutter.links:
            for header in merger.interface(name, link):
                self._header(header)
        if isinstance(part, Records):
            joined = merger.records(name, part)
            if joined is not None:
                self._records(joined)

    def _header(self, header: Header) -> None:
        if self._ring is not None:
            self._ring.header(header)
        self._put(header.data)

    def _records(self, records: Records) -> None:
        limit = self._limits.packets
        if limit is not None and self.packets + len(records) >= limit:
            records = records.head(limit - self.packets)
            self.stop(linger=False)
        if limit is not None and self.packets >= limit:
            return
        self.packets += len(records)
        if self._ring is not None:
            self._ring.records(records)
        self._put(records.data)


class Tap:
    """The queue as a raw stream, see ``analyzer.capture.compressed.Raw``."""

    def __init__(self, pump: Pump) -> None:
        self._pump = pump
        self._left = b""
        self._given = False  #: since the last None
        self._last = 0.0

    def readinto(self, target: memoryview, /) -> int | None:
        """What has come; None after a while without anything, and once after every stretch of bytes that came."""
        data = self._left or self._take()
        if data is None:
            self._given = False
            return None
        if not data:
            return 0
        self._given = True
        count = min(len(data), len(target))
        target[:count] = data[:count]
        self._left = data[count:]
        return count

    def _take(self) -> bytes | None:
        data = self._pump.take(0.0 if self._given else _IDLE)
        if data and not self._given:
            pause = self._last + _GATHER - time.monotonic()
            if pause > 0:
                time.sleep(pause)
            self._last = time.monotonic()
        return data

    def close(self) -> None:
        """The pump is closed by whoever made it."""
