"""An interface, another machine's interface or a pipe as a packet source: the live end of the one engine.

Whoever can capture without our having the right is tried first: dumpcap, which hands packets on within half a second
and takes all interfaces in one stream, then tcpdump, at last sockets of our own. The bytes go through the pump into the
same reader as any file's. When nothing comes, empty batches tell the floors above that time passes: by the capture's
clock, that is the last packet's time and what has gone by since, less what a packet may be late.
"""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import BinaryIO

from analyzer.capture.addresses import AddressBook
from analyzer.capture.inputs import Input, Stream, reader_of
from analyzer.capture.live.children import (
    DUMPCAP_LAG,
    TCPDUMP_LAG,
    Wanted,
    dumpcap_command,
    find_program,
    remote_command,
    start,
    tcpdump_command,
)
from analyzer.capture.live.feeds import Drops, Feed, PipeFeed
from analyzer.capture.live.filters import PortsLearned, ports_filter
from analyzer.capture.live.permission import commands_that_work
from analyzer.capture.live.pump import Limits, Pump, Tap
from analyzer.capture.live.ring import Ring
from analyzer.capture.live.words import Refusal, Why
from analyzer.capture.source import Captures
from analyzer.model.errors import CannotRead, Fault, NotPermitted
from analyzer.model.notes import Note, Wire, note
from analyzer.model.packets import Addresses, CaptureFacts, PacketBatch, empty_batch

__all__ = ["ENGINES", "LiveSource", "Saving", "open_live", "open_pipe"]

#: Ways to capture, in the order in which they are tried.
ENGINES = ("dumpcap", "tcpdump", "sockets")
_HEAD = 24  #: bytes that name the format
_NANOS = 10**9


@dataclass(frozen=True, slots=True)
class Saving:
    """A ring of capture files."""

    folder: str
    size: int = 100 << 20  #: bytes of a file
    files: int = 10


class LiveSource:
    """See ``analyzer.model.packets.PacketSource``. Made by ``open_live`` and ``open_pipe``."""

    def __init__(
        self,
        name: str,
        engine: str,
        pump: Pump,
        ring: Ring | None = None,
        learned: PortsLearned | None = None,
        reopen: Callable[[tuple[int, ...]], Sequence[Feed] | None] | None = None,
    ) -> None:
        self.name = name
        self.engine = engine  #: who captures: ``dumpcap``, ``tcpdump``, ``ssh``, ``sockets``, ``-``
        self._book = AddressBook()
        self.addresses: Addresses = self._book
        self._pump = pump
        self._ring = ring
        self._learned = learned
        self._ports = learned.ports if learned is not None else ()  #: in the filter
        self._reopen = reopen
        self._captures: Captures | None = None
        self._came = time.monotonic()  #: when the last packet did
        self._time = 0  #: of that packet
        pump.start()

    # PacketSource

    def batches(self) -> Iterator[PacketBatch]:
        """Batches of what came in about 25 ms, empty ones while nothing comes, the last one ``final``."""
        tap = Tap(self._pump)
        first = bytearray()
        while len(first) < _HEAD:
            chunk = bytearray(_HEAD - len(first))
            got = tap.readinto(memoryview(chunk))
            if got is None:
                yield empty_batch(self.addresses)
            elif not got:
                break
            else:
                first += chunk[:got]
        reader = reader_of(bytes(first))
        if reader is None:
            self._nothing_came()
            yield empty_batch(self.addresses, final=True)
            return
        given = Input(self.name, None, reader.format, None, Stream(tap, bytes(first), False))
        self._captures = Captures([given], [], book=self._book)
        for batch in self._captures.batches():
            yield self._timed(batch)
            self._learn(batch)

    def facts(self) -> tuple[CaptureFacts, ...]:
        """One capture, with what the capturing side says it lost."""
        known = self._captures.facts() if self._captures is not None else (_no_facts(self.name),)
        return tuple(self._told(one) for one in known)

    def read_at(self, file: int, position: int, length: int) -> bytes:
        """What has passed cannot be read again."""
        return b""

    def close(self) -> None:
        """End children and files, at once."""
        self._pump.close()

    # What a live view shows, and what it may ask for

    @property
    def drops(self) -> Drops:
        """As far as known by now."""
        return self._pump.drops

    @property
    def backlog(self) -> int:
        """Bytes that wait to be analysed."""
        return self._pump.backlog

    @property
    def saved(self) -> str | None:
        """The file being written."""
        return self._ring.current if self._ring is not None else None

    @property
    def kept(self) -> tuple[str, ...]:
        """Files that stay because findings lie in them."""
        return self._ring.kept if self._ring is not None else ()

    @property
    def ports(self) -> tuple[int, ...]:
        """Ports of the default filter, learned ones behind; none where the user has set a filter."""
        return self._ports

    def keep(self, first: int, last: int) -> None:
        """A finding lies in these frames."""
        if self._ring is not None:
            self._ring.keep(first, last)

    def stop(self, linger: bool = True) -> None:
        """Let the capture come to its end: ``batches`` goes on until what was captured by now is through."""
        self._pump.stop(linger)

    def _nothing_came(self) -> None:
        if self._pump.fault is not None:
            raise CannotRead(self._pump.fault)

    def _timed(self, batch: PacketBatch) -> PacketBatch:
        now = time.monotonic()
        if len(batch) or batch.last_time > self._time:
            self._came, self._time = now, max(self._time, batch.last_time)
            return batch
        if batch.final or not self._time:
            return batch
        passed = max(0.0, now - self._came - self._pump.lag)
        return replace(batch, last_time=self._time + int(passed * _NANOS))

    def _learn(self, batch: PacketBatch) -> None:
        if self._learned is None or self._reopen is None:
            return
        self._learned.look(batch)
        if self._learned.ports == self._ports or self._pump.replacing:
            return
        feeds = self._reopen(self._learned.ports)
        if feeds is None:
            self._learned = None  # what captures now goes on, and nothing else is tried
        else:
            self._ports = self._learned.ports
            self._pump.replace(feeds)

    def _told(self, facts: CaptureFacts) -> CaptureFacts:
        lost = self.drops
        notes = [one for one in facts.notes if one.key != "capture.drops"]
        if lost.total:
            notes.append(note("live.drops", kernel=lost.kernel or 0, interface=lost.interface or 0))
        if self._pump.fault is not None:
            notes.append(self._pump.fault)
        notes += self._saving_notes()
        return replace(facts, drops=lost.total if lost.total is not None else facts.drops, notes=tuple(notes))

    def _saving_notes(self) -> Iterator[Note]:
        if self._ring is None:
            return
        if self._ring.failed is not None:
            yield note("live.saving-ended", reason=self._ring.failed)
        if self._ring.lost_track:
            yield note("live.not-kept", count=self._ring.lost_track)


def open_live(
    wanted: Wanted,
    *,
    ports: Sequence[int] = (),
    learn: bool = False,
    engines: Sequence[str] = ENGINES,
    saving: Saving | None = None,
    limits: Limits | None = None,
    arguments: Sequence[str] = (),
    filters: Callable[[tuple[int, ...]], str] | None = None,
) -> LiveSource:
    """Capture on interfaces of this machine, or of ``wanted.remote``.

    Where ``filters`` is given it makes the filter from ``ports``, and with ``learn`` from those found later as well.
    Raises ``NotPermitted`` with the commands that would work (``arguments``: those of ossig, to repeat them), ``Fault``
    for a wrong filter and ``CannotRead`` for an interface that cannot be captured on.
    """
    asked = wanted if filters is None else replace(wanted, filter=filters(tuple(ports)))
    ring = Ring(saving.folder, saving.size, saving.files) if saving is not None else None
    found = _first_that_works(asked, engines)
    if isinstance(found, Refusal):
        plain = asked if filters is None else replace(asked, filter=ports_filter(ports))
        raise _fault(found, plain, list(arguments))
    engine, feeds = found

    def reopen(more: tuple[int, ...]) -> Sequence[Feed] | None:
        again = _feeds(engine, replace(asked, filter=filters(more) if filters is not None else asked.filter))
        return None if isinstance(again, Refusal) else again

    name = ",".join(wanted.interfaces)
    if wanted.remote is not None:
        name = f"{wanted.remote}:{name}"
    learned = PortsLearned(ports) if learn else None
    return LiveSource(name, engine, Pump(feeds, ring, limits or Limits()), ring, learned, reopen)


def open_pipe(pipe: BinaryIO, *, saving: Saving | None = None, limits: Limits | None = None) -> LiveSource:
    """A capture that somebody else writes into ``pipe``."""
    ring = Ring(saving.folder, saving.size, saving.files) if saving is not None else None
    return LiveSource("-", "-", Pump([PipeFeed(pipe)], ring, limits or Limits()), ring)


def _first_that_works(wanted: Wanted, engines: Sequence[str]) -> tuple[str, Sequence[Feed]] | Refusal:
    """Who captures, or why nobody does: a missing right is told rather than a missing program."""
    refused: list[Refusal] = []
    for engine in ("ssh",) if wanted.remote is not None else engines:
        feeds = _feeds(engine, wanted)
        if not isinstance(feeds, Refusal):
            return engine, feeds
        refused.append(feeds)
        if feeds.why in (Why.FILTER, Why.INTERFACE):
            return feeds
    return next((one for one in refused if one.why is Why.PERMISSION), refused[-1])


def _fault(refusal: Refusal, wanted: Wanted, arguments: list[str]) -> Fault:
    words = Wire(refusal.words.encode())
    if refusal.why is Why.PERMISSION:
        lines = tuple(commands_that_work(wanted, arguments))
        remarks = (note("live.log-in-again"),) if any("usermod" in line for line in lines) else ()
        return NotPermitted(note("live.not-permitted", words=words), lines, remarks)
    if refusal.why is Why.FILTER:
        return Fault(note("live.filter", filter=Wire(os.fsencode(wanted.filter)), words=words))
    if wanted.remote is not None:
        return CannotRead(note("live.remote", remote=Wire(os.fsencode(wanted.remote)), words=words))
    name = Wire(os.fsencode(",".join(wanted.interfaces)))
    if any("," in interface for interface in wanted.interfaces):
        return CannotRead(note("live.interfaces-together", name=name, words=words))
    return CannotRead(note("live.interface", name=name, words=words))


def _feeds(engine: str, wanted: Wanted) -> Sequence[Feed] | Refusal:
    """Feeds that capture already."""
    if engine == "ssh":
        return _remote(wanted)
    if engine == "sockets":
        return _sockets(wanted)
    program = find_program(engine)
    if program is None:
        there = find_program(engine, executable=False)
        return Refusal(Why.PERMISSION if there else Why.OTHER, f"{there or engine}: not to be run")
    if engine == "dumpcap":
        return _all([(dumpcap_command(program, wanted), ",".join(wanted.interfaces))], DUMPCAP_LAG)
    return _all([(tcpdump_command(program, name, wanted), name) for name in wanted.interfaces], TCPDUMP_LAG)


def _remote(wanted: Wanted) -> Sequence[Feed] | Refusal:
    ssh = shutil.which("ssh")
    if ssh is None:
        return Refusal(Why.OTHER, "ssh: not found")
    commands = [(remote_command(ssh, name, wanted), name) for name in wanted.interfaces]
    return _all(commands, TCPDUMP_LAG + 0.4, remote=True)


def _all(commands: Sequence[tuple[list[str], str]], lag: float, remote: bool = False) -> Sequence[Feed] | Refusal:
    feeds: list[Feed] = []
    for command, name in commands:
        child = start(command, name, lag, remote=remote)
        if isinstance(child, Refusal):
            for feed in feeds:
                feed.close()
            return child
        feeds.append(child)
    return feeds


def _sockets(wanted: Wanted) -> Sequence[Feed] | Refusal:
    from analyzer.capture.live.interfaces import interfaces
    from analyzer.capture.live.sockets import open_socket

    names = wanted.interfaces
    if "any" in names:
        names = tuple(one.name for one in interfaces() if one.up)
    feeds: list[Feed] = []
    for name in names:
        feed = open_socket(name, wanted.filter, wanted.buffer)
        if isinstance(feed, Refusal):
            for opened in feeds:
                opened.close()
            return feed
        feeds.append(feed)
    return feeds


def _no_facts(name: str) -> CaptureFacts:
    return CaptureFacts(name, "pcap", (), 0, 0, 1, None, None, truncated=False)
