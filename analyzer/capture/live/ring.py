"""The ring of capture files that a live run leaves behind.

Whole records are written straight to the file, without a buffer of ours in between: what was captured a moment ago is
in the file, whatever happens to this process, and a file always ends between two records. Each file begins with the
stream's header, so each can be read alone. When there are more files than wanted the oldest goes, unless a finding
lies in it: such a file is renamed and stays. Files and folder are the user's alone, because captures hold credentials.
"""

from __future__ import annotations

import os
import threading
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import numpy as np

from analyzer.capture.live.cutting import Header, Records
from analyzer.capture.pcapng import MAGIC
from analyzer.model.errors import OutputRefused
from analyzer.model.notes import Kind, Wire, note

__all__ = ["MAX_KEPT", "Ring"]

#: Files kept for their findings; what is found later stays as long as the ring lasts.
MAX_KEPT = 100
_MARK = "-finding"


@dataclass(slots=True)
class _File:
    path: Path
    first: int  #: frame
    last: int | None = None  #: frame; None: still being written
    kept: bool = False


class Ring:
    """Writes what a cutter gives. Used by two threads: one writes, one asks to keep files."""

    def __init__(self, folder: str, size: int, files: int) -> None:
        self._folder = Path(folder)
        self._size = size
        self._files = files
        self._extension = "pcap"
        self._lock = threading.Lock()
        self._all: list[_File] = []
        self._descriptor: int | None = None
        self._room = 0
        self._header = b""
        self._made = 0
        self._frame = 1  #: of the next packet
        self.failed: str | None = None  #: why nothing is saved any more
        self.lost_track = 0  #: findings whose file was not kept because too many are
        self._stamp = datetime.now(UTC).strftime("%Y%m%dT%H%M%SZ")
        self._prepare()

    def _prepare(self) -> None:
        """Raises ``OutputRefused`` where nothing can be written."""
        try:
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            probe = self._path(0).with_suffix(".probe")
            os.close(os.open(probe, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
            probe.unlink()
        except OSError as fault:
            value = Wire(os.fsencode(self._folder), Kind.PATH)
            raise OutputRefused(note("live.save-failed", path=value, reason=_reason(fault))) from fault

    @property
    def kept(self) -> tuple[str, ...]:
        """Files with findings in them."""
        with self._lock:
            return tuple(str(one.path) for one in self._all if one.kept)

    @property
    def current(self) -> str | None:
        """The file being written."""
        with self._lock:
            return str(self._all[-1].path) if self._descriptor is not None else None

    def header(self, header: Header) -> None:
        """The beginning of a stream or section, or more of it."""
        self._header = self._header + header.data if header.more else header.data
        self._extension = "pcapng" if self._header.startswith(MAGIC) else "pcap"
        if self._descriptor is not None:
            self._write(header.data)

    def records(self, records: Records) -> None:
        """Whole records, cut where a file is full."""
        while len(records) and self.failed is None:
            if self._descriptor is None:
                self._open()
            ends = np.append(records.starts[1:], len(records.data))
            fits = int(ends.searchsorted(self._room, "right"))
            if fits == len(records):
                break
            if not fits and self._all[-1].first == self._frame:
                fits = 1  # a file takes a packet, however small it is to be
            self._append(records.head(fits))
            records = records.tail(fits)
            self._close()
        if self.failed is None and len(records.data):
            self._append(records)

    def keep(self, first: int, last: int) -> None:
        """A finding lies in frames ``first`` to ``last``: their files stay."""
        with self._lock:
            for one in self._all:
                if one.kept or one.first > last or (one.last is not None and one.last < first):
                    continue
                if sum(other.kept for other in self._all) >= MAX_KEPT:
                    self.lost_track += 1
                    return
                one.kept = True
                marked = one.path.with_name(f"{one.path.stem}{_MARK}{one.path.suffix}")
                try:
                    one.path.rename(marked)
                    one.path = marked
                except OSError:
                    pass  # it stays under its old name

    def close(self) -> None:
        """End the file that is being written."""
        self._close()

    def _path(self, number: int) -> Path:
        return self._folder / f"ossig-{self._stamp}-{os.getpid()}-{number:06d}.{self._extension}"

    def _open(self) -> None:
        self._made += 1
        path = self._path(self._made)
        try:
            descriptor = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
        except OSError as fault:
            self.failed = _reason(fault)
            return
        with self._lock:
            spare = [one for one in self._all if not one.kept]
            for one in spare[: max(0, len(spare) + 1 - self._files)]:
                one.path.unlink(missing_ok=True)
                self._all.remove(one)
            self._descriptor = descriptor
            self._all.append(_File(path, self._frame))
            self._room = self._size
        self._write(self._header)

    def _append(self, records: Records) -> None:
        """Nothing happens where no file is open: only statistics come behind the last packet of a file."""
        self._write(records.data)
        self._frame += len(records)

    def _write(self, data: bytes) -> None:
        """All of ``data``. A full disk ends saving, not the capture."""
        view = memoryview(data)
        try:
            while view and self._descriptor is not None:
                view = view[os.write(self._descriptor, view) :]
        except OSError as fault:
            self.failed = _reason(fault)
            self._close()
        self._room -= len(data)

    def _close(self) -> None:
        with self._lock:
            if self._descriptor is None:
                return
            os.close(self._descriptor)
            self._descriptor = None
            self._all[-1].last = self._frame - 1


def _reason(fault: OSError) -> str:
    return (fault.strerror or type(fault).__name__).lower()
