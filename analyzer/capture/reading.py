"""What the readers of capture formats have in common.

A reader is fed a growing stretch of a buffer and takes the whole records out of it; ``source`` owns the buffer, the
file and the end of the file. So every format works on files, pipes and files still being written alike.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from analyzer.capture.decode import Packets
from analyzer.model.notes import Note
from analyzer.model.secrets import Secret

__all__ = ["Reader", "Taken"]


@dataclass(frozen=True, slots=True)
class Taken:
    """What a reader got out of a stretch."""

    packets: Packets | None
    stop: int  #: first byte that was not used; reading goes on here
    fault: Note | None  #: nothing behind ``stop`` can be read, and why
    need: int  #: bytes that the record at ``stop`` occupies as far as known
    again: bool = False  #: there may be more in this very stretch (a new section began)


class Reader(Protocol):
    """One capture file's format and state. Frames are counted from 1 in every file."""

    format: str

    @property
    def link_types(self) -> tuple[int, ...]:
        """Of all interfaces met so far, each once, in order."""
        ...

    @property
    def secrets(self) -> tuple[Secret, ...]: ...

    @property
    def comments(self) -> tuple[bytes, ...]:
        """Those on the file as a whole, as far as they are kept."""
        ...

    @property
    def drops(self) -> int | None: ...

    @property
    def frames(self) -> int:
        """Frames met so far, in Wireshark's counting."""
        ...

    def notes(self) -> tuple[Note, ...]:
        """What the reader alone can tell."""
        ...

    def take(self, buf: bytearray, start: int, end: int, base: int) -> Taken:
        """The records wholly in ``buf[start:end]``; ``buf[0]`` stands at ``base`` in the decompressed file."""
        ...
