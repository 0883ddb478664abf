"""The packet source: one buffer, one file after the other, batches of TCP segments.

A block of bytes is read behind what the last one left over, the reader of the format finds the whole records in it,
``decode`` turns them into columns. A regular file fills the block; a pipe gives what has arrived, so the same loop is
live. The buffer is reused, grows only for a record that does not fit or when the consumer raises ``block_bytes``, and
nothing else is kept. What goes wrong in the middle of a file ends that file with a note; everything before counts.
"""

from __future__ import annotations

import os
import select
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, BinaryIO

import numpy as np

from analyzer.capture.addresses import AddressBook
from analyzer.capture.compressed import Corrupt
from analyzer.capture.decode import Packets, decode
from analyzer.capture.fragments import Fragments
from analyzer.capture.gather import Gatherer
from analyzer.capture.inputs import Input, Stream, find_inputs, open_stream, path_value, reader_of
from analyzer.capture.links import LINKS, link_name
from analyzer.capture.reading import Reader
from analyzer.capture.records import SLACK
from analyzer.capture.slow import Walker
from analyzer.capture.waiting import wait
from analyzer.model.errors import CannotRead
from analyzer.model.notes import Note, note
from analyzer.model.packets import Addresses, CaptureFacts, PacketBatch

if TYPE_CHECKING:
    from analyzer.capture.datagrams import Ear

__all__ = ["Captures", "open_captures"]

_LEAST_BLOCK = 512
_MOST_BLOCK = 64 << 20
_MOST_PACKETS = 1 << 17  #: packets of a batch, so that columns stay small whatever the block
_EXTRA = 1 << 16  #: room behind the block for payloads put together from fragments, before a copy is needed


@dataclass(slots=True)
class _File:
    """What is known of the file being read."""

    index: int
    given: Input
    reader: Reader
    first_frame: int
    seekable: bool
    bytes: int = 0
    segments: int = 0
    snapped: int = 0
    unread: dict[int, int] = field(default_factory=dict)  #: packets by unknown link type
    first_time: int | None = None
    last_time: int | None = None
    truncated: bool = False
    notes: list[Note] = field(default_factory=list)
    fragments: tuple[int, int] = (0, 0)  #: given up and conflicting before this file

    def count(self, packets: Packets) -> None:
        low, high = int(packets.time.min()), int(packets.time.max())
        self.first_time = low if self.first_time is None else min(low, self.first_time)
        self.last_time = high if self.last_time is None else max(high, self.last_time)
        self.snapped += int(np.count_nonzero(packets.captured < packets.wire))
        if isinstance(packets.link, int):
            if packets.link not in LINKS:
                self.unread[packets.link] = self.unread.get(packets.link, 0) + len(packets)
            return
        for number, count in zip(*np.unique(packets.link, return_counts=True), strict=True):
            if int(number) not in LINKS:
                self.unread[int(number)] = self.unread.get(int(number), 0) + int(count)


class Captures:
    """See ``analyzer.model.packets.PacketSource``. Made by ``open_captures``."""

    def __init__(
        self,
        inputs: Sequence[Input],
        bad: Sequence[tuple[str, Note]],
        *,
        batch_packets: int | None = None,
        fast: bool = True,
        follow: bool = False,
        block_bytes: int = 8 << 20,
        gather: int = 0,
        book: AddressBook | None = None,
        ear: Ear | None = None,
    ) -> None:
        self._ear = ear
        self._book = book or AddressBook()
        self.addresses: Addresses = self._book
        self.block_bytes = block_bytes  #: may be changed between batches; up to 64 MiB
        self._inputs = list(inputs)
        self._bad = list(bad)
        self._most = min(batch_packets or _MOST_PACKETS, _MOST_PACKETS)
        self._fast = fast
        self._follow = follow
        self._gatherer = Gatherer(gather if batch_packets is None else 0)
        self._fragments = Fragments()
        self._walker = Walker(self._fragments)
        self._buf = bytearray()
        self._base = 0  #: file offset of its first byte
        self._whole = _MOST_BLOCK  #: room for all of the file and the read that meets its end, where that is known
        self._facts: list[CaptureFacts] = []
        self._file: _File | None = None
        self._stream: Stream | None = None
        self._again: tuple[int, int] | None = None  #: index and descriptor of the file that ``read_at`` has open
        self._last_frame = 0
        self._last_time = 0
        self._closed = False

    def batches(self) -> Iterator[PacketBatch]:
        """All batches, the last of them ``final`` and empty. May be gone through once."""
        frames = 0
        for index, given in enumerate(self._inputs):
            if self._closed:
                break
            try:
                yield from self._read(index, given, frames + 1)
                yield from self._gathered()
            finally:
                self._end_of_file()
            frames += self._facts[-1].packets
        yield self._batch_of(_no_packets(), len(self._inputs) - 1, None, 0, final=True)

    def facts(self) -> tuple[CaptureFacts, ...]:
        """Files read so far (the one being read as it stands), then those that could not be read at all."""
        current = (self._made_facts(self._file),) if self._file else ()
        return (*self._facts, *current, *(_unreadable(path, why, _NO_FRAME) for path, why in self._bad))

    def read_at(self, file: int, position: int, length: int) -> bytes:
        """Bytes of a regular, uncompressed file; fewer where it became shorter, none where it is gone."""
        if self._again is None or self._again[0] != file:
            self._forget_again()
            try:
                self._again = (file, os.open(self._inputs[file].path, os.O_RDONLY))
            except OSError:
                return b""
        try:
            return os.pread(self._again[1], length, position)
        except OSError:
            return b""

    def close(self) -> None:
        """Give back descriptors; a ``batches`` that still runs ends at its next read."""
        self._closed = True
        self._forget_again()
        if self._stream is not None:
            self._stream.raw.close()
            self._stream = None

    def _forget_again(self) -> None:
        if self._again is not None:
            os.close(self._again[1])
            self._again = None

    def _read(self, index: int, given: Input, first_frame: int) -> Iterator[PacketBatch]:
        try:
            stream = given.stream or open_stream(given.path)[0]
        except CannotRead as error:  # it was there when we looked
            self._facts.append(_unreadable(given.path, error.note, first_frame))
            return
        reader = reader_of(stream.first)
        if reader is None:
            stream.raw.close()
            self._facts.append(
                _unreadable(given.path, note("capture.changed", path=path_value(given.path)), first_frame)
            )
            return
        self._stream = stream
        self._whole = _whole(given.path) if stream.seekable and not self._follow else _MOST_BLOCK
        self._file = _File(index, given, reader, first_frame, stream.seekable)
        self._file.fragments = (self._fragments.given_up, self._fragments.conflicts)
        yield from self._blocks(self._file, stream)

    def _blocks(self, file: _File, stream: Stream) -> Iterator[PacketBatch]:
        """Read, take the whole records, deliver, move the rest to the front; until the end or a fault."""
        need = len(stream.first)
        self._make_room(0, need)
        self._buf[:need] = stream.first
        filled, self._base = need, 0
        file.bytes = filled
        ended = False
        while True:
            stop, need, fault = 0, 1, None
            again = filled > 0
            while again:
                taken = file.reader.take(self._buf, stop, filled, self._base)
                if taken.packets is not None:
                    yield from self._deliver(file, taken.packets, filled)
                again, stop, need, fault = taken.again, taken.stop, taken.need, taken.fault
            if fault is not None:
                file.notes.append(fault)
                file.bytes = self._base + stop
                return
            if ended or self._closed:
                self._note_cut(file, self._base + stop, filled - stop)
                return
            left = filled - stop
            self._make_room_keeping(stop, filled, max(need, left + 1))
            self._base += stop
            got, ended = self._fill(file, stream, left)
            filled = left + got
            file.bytes += got
            if not got and not ended:
                yield from self._gathered()
                yield self._batch_of(_no_packets(), file.index, None, filled)

    def _make_room(self, used: int, need: int) -> None:
        block = max(_LEAST_BLOCK, min(self.block_bytes, self._whole), need)
        self._limit = block
        size = block + SLACK + (_EXTRA if block > _EXTRA else 0)
        if size > len(self._buf) or len(self._buf) > 2 * size:
            fresh = bytearray(size)
            fresh[:used] = self._buf[:used]
            self._buf = fresh

    def _make_room_keeping(self, stop: int, filled: int, need: int) -> None:
        """Move what is left over to the front of a buffer that holds a block and ``need`` bytes."""
        left = filled - stop
        if stop:
            self._buf[:left] = self._buf[stop:filled]
        self._make_room(left, need)

    def _fill(self, file: _File, stream: Stream, at: int) -> tuple[int, bool]:
        """Read behind ``at`` until the block is full or a pipe has no more right now: bytes, and if that was all. An
        input that says None instead of waiting (as Python's raw streams do) has nothing for now."""
        total = 0
        view = memoryview(self._buf)
        while at + total < self._limit:
            try:
                got = stream.raw.readinto(view[at + total : self._limit])
            except Corrupt:
                file.notes.append(note("capture.corrupt", offset=file.bytes + total, frame=file.reader.frames + 1))
                file.truncated = True
                return total, True
            except (OSError, ValueError):
                if not self._closed:
                    file.notes.append(note("capture.read-error", offset=file.bytes + total))
                return total, True
            if got is None:
                break
            if not got:
                if not self._follow or self._closed:
                    return total, True
                if total:
                    break
                wait()
                continue
            total += got
            if not stream.seekable and not _more_waits(stream):
                break
        return total, False

    def _note_cut(self, file: _File, position: int, left: int) -> None:
        if not left:
            return
        if not any(one.key == "capture.corrupt" for one in file.notes):
            file.notes.append(note("capture.cut", offset=position, frame=file.reader.frames + 1, bytes=left))
        file.truncated = True

    def _deliver(self, file: _File, packets: Packets, filled: int) -> Iterator[PacketBatch]:
        file.count(packets)
        shifted = Packets(
            packets.frame + (file.first_frame - 1),
            packets.time,
            packets.data,
            packets.captured,
            packets.wire,
            packets.link,
        )
        for start in range(0, len(packets), self._most):
            part = shifted.part(start, start + self._most)
            batch = self._batch_of(part, file.index, self._base if file.seekable else None, filled)
            file.segments += len(batch)
            if self._gatherer.takes(batch):
                if self._gatherer.full:
                    yield from self._gathered()
                continue
            yield from self._gathered()
            yield batch

    def _gathered(self) -> Iterator[PacketBatch]:
        """What waits to be worked through together."""
        batch = self._gatherer.given(self._base)
        if batch is not None:
            yield batch

    def _batch_of(
        self, packets: Packets, index: int, base: int | None, filled: int, final: bool = False
    ) -> PacketBatch:
        if self._ear is not None and len(packets):
            self._ear.hear(self._buf, packets)
        self._walker.begin(filled)
        columns = decode(self._buf, packets, self._book, self._walker, self._fast)
        if len(packets):
            self._last_frame = int(packets.frame[-1])
            self._last_time = int(packets.time[-1])
        return PacketBatch(
            buffer=self._with_extra(filled),
            file=index,
            base=base,
            file_bytes=filled,
            frame=packets.frame[columns.place],
            time=packets.time[columns.place],
            src=columns.src,
            dst=columns.dst,
            ports=columns.ports,
            seq=columns.seq,
            ack=columns.ack,
            flags=columns.flags,
            window=columns.window,
            offset=columns.offset,
            length=columns.length,
            captured=columns.captured,
            addresses=self.addresses,
            last_frame=self._last_frame,
            last_time=self._last_time,
            final=final,
        )

    def _with_extra(self, filled: int) -> bytearray:
        """The buffer with the payloads of joined fragments behind ``filled``; a copy only where they do not fit."""
        extra = self._walker.extra
        if not extra:
            return self._buf
        if filled + len(extra) <= len(self._buf):
            self._buf[filled : filled + len(extra)] = extra
            return self._buf
        return self._buf[:filled] + extra

    def _end_of_file(self) -> None:
        if self._stream is not None:
            self._stream.raw.close()
            self._stream = None
        if self._file is not None:
            self._facts.append(self._made_facts(self._file))
            self._file = None

    def _made_facts(self, file: _File) -> CaptureFacts:
        reader = file.reader
        return CaptureFacts(
            path=file.given.path,
            format=file.given.format,
            link_types=tuple(link_name(number) for number in reader.link_types),
            packets=reader.frames,
            bytes=file.bytes,
            first_frame=file.first_frame,
            first_time=file.first_time,
            last_time=file.last_time,
            truncated=file.truncated,
            snapped=file.snapped,
            tcp_segments=file.segments,
            drops=reader.drops,
            secrets=reader.secrets,
            comments=reader.comments,
            notes=(*file.notes, *reader.notes(), *self._summary(file)),
        )

    def _summary(self, file: _File) -> Iterator[Note]:
        """Notes that only the whole file can give."""
        if not file.reader.frames and not file.notes:
            yield note("capture.no-packets")
        for number, count in sorted(file.unread.items()):
            if number >= 0:
                yield note("capture.unknown-link-type", name=link_name(number), number=number, packets=count)
        if file.snapped:
            yield note("capture.snapped", packets=file.snapped)
        if file.reader.drops:
            yield note("capture.drops", packets=file.reader.drops)
        given_up, conflicts = file.fragments
        if self._fragments.missing > given_up:
            yield note("capture.fragments-missing", packets=self._fragments.missing - given_up)
        if self._fragments.conflicts > conflicts:
            yield note("capture.fragments-conflict", overlaps=self._fragments.conflicts - conflicts)
        if self._book.refused:
            yield note("capture.too-many-addresses", packets=self._book.refused)


def _more_waits(stream: Stream) -> bool:
    """Whether a pipe has more at this moment; compressed and in-memory streams are read until the block is full."""
    fileno = getattr(stream.raw, "fileno", None)
    if fileno is None:
        return True
    try:
        return bool(select.select([fileno()], [], [], 0)[0])
    except (OSError, ValueError):
        return True


def _whole(path: str) -> int:
    try:
        size = os.path.getsize(path)
    except OSError:
        return _MOST_BLOCK
    return min(size + 1, _MOST_BLOCK) if size else _MOST_BLOCK  # devices have no size


def _no_packets() -> Packets:
    none = np.zeros(0, np.int64)
    return Packets(none, none, none, none, none, 1)


#: Behind every frame that can still come.
_NO_FRAME = 1 << 62


def _unreadable(path: str, why: Note, first_frame: int) -> CaptureFacts:
    return CaptureFacts(
        path=path,
        format="unknown",
        link_types=(),
        packets=0,
        bytes=0,
        first_frame=first_frame,
        first_time=None,
        last_time=None,
        truncated=False,
        notes=(why,),
    )


def open_captures(
    paths: Sequence[str | os.PathLike[str]],
    *,
    stdin: BinaryIO | None = None,
    batch_packets: int | None = None,
    fast: bool = True,
    follow: bool = False,
    block_bytes: int = 8 << 20,
    gather: int = 0,
    ear: Ear | None = None,
) -> Captures:
    """Open capture files, directories, patterns and ``-`` as one set in time order.

    ``batch_packets`` cuts batches after so many packets, ``fast=False`` walks every packet slowly (rows never depend on
    either); ``follow`` waits at the end of a file for what is still being written; ``block_bytes`` is the size of the
    read block; blocks with few packets are put together until there are ``gather`` segments (only the last block's
    bytes are in the batch's buffer then, the others have negative offsets); ``ear`` hears the UDP datagrams of its
    port. Raises ``CannotRead`` where nothing can be read at all; an input that cannot be read beside others that can
    becomes an entry of ``facts`` with a note.
    """
    inputs, bad = find_inputs(paths, stdin)
    return Captures(
        inputs,
        bad,
        batch_packets=batch_packets,
        fast=fast,
        follow=follow,
        block_bytes=block_bytes,
        gather=gather,
        ear=ear,
    )
