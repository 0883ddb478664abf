"""From what the user named to files that can be read: directories, patterns, magic numbers, and the order of a set.

Opening is separate from reading: every input is looked at once (format, first packet's time), closed, and opened again
when its turn comes, so that a set of a thousand files needs one descriptor. Standard input is read where it stands.
"""

from __future__ import annotations

import codecs
import contextlib
import glob
import io
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import BinaryIO, cast

from analyzer.capture import pcap, pcapng
from analyzer.capture.compressed import Corrupt, Raw, compression_of, decompressing
from analyzer.capture.reading import Reader
from analyzer.capture.records import SLACK
from analyzer.model.errors import CannotRead, reason_of
from analyzer.model.notes import Kind, Note, Wire, note

__all__ = ["Input", "Stream", "find_inputs", "is_capture", "path_value", "reader_of"]

_LOOK = 1 << 16  #: bytes looked at for the format and the first packet's time

#: Beginnings of files that people take for captures, with the name to call them by. Sources: the formats' own
#: documents; file(1)'s magic database.
_NOT_CAPTURES: tuple[tuple[bytes, str], ...] = (
    (b"snoop\0\0\0", "snoop"),
    (b"GMBU", "Microsoft Network Monitor"),
    (b"RTSS", "Microsoft Network Monitor 1"),
    (b"XCP\0", "NetXRay"),
    (b"\x04\x22\x4d\x18", "LZ4"),
    (b"\x1f\x9d", "compress (.Z)"),
    (b"PK\x03\x04", "ZIP"),
    (b"7z\xbc\xaf\x27\x1c", "7-Zip"),
    (b"\x7fELF", "ELF"),
    (b"%PDF", "PDF"),
    (b"<?xml", "XML"),
    (b"<!DOCTYPE", "HTML"),
    (b"<html", "HTML"),
    (b"{", "JSON"),
)


@dataclass(frozen=True, slots=True)
class Input:
    """One capture file (or standard input) that was looked at."""

    path: str  #: as the user gave it
    compression: str | None
    format: str
    first_time: int | None  #: nanoseconds; None: no packet, or not known yet
    stream: Stream | None = None  #: standard input, opened already


@dataclass(slots=True)
class Stream:
    """An open input: where decompressed bytes come from and what was read of them already."""

    raw: Raw
    first: bytes
    seekable: bool  #: its bytes can be read again at their offsets


def path_value(path: str) -> Wire:
    """A path as a note's value."""
    return Wire(os.fsencode(path), Kind.PATH)


def _from_os(path: str, error: OSError) -> CannotRead:
    value = path_value(path)
    if isinstance(error, FileNotFoundError | NotADirectoryError):
        return CannotRead(note("capture.not-there", path=value))
    if isinstance(error, PermissionError):
        return CannotRead(note("capture.no-permission", path=value))
    if isinstance(error, IsADirectoryError):
        return CannotRead(note("capture.is-directory", path=value))
    return CannotRead(note("capture.cannot-open", path=value, reason=reason_of(error)))


def reader_of(first: bytes, lanes: bool = True) -> Reader | None:
    """A reader for the format that the first bytes name."""
    if first[:4] in pcap.MAGICS:
        return pcap.PcapReader(lanes)
    if first[:4] == pcapng.MAGIC:
        return pcapng.PcapngReader(lanes)
    return None


def is_capture(data: bytes) -> bool:
    """Whether these bytes begin a capture, also a compressed one."""
    first = data[:24]
    if compression_of(first) is not None:
        raw = io.BytesIO(data)
        raw.seek(len(first))
        try:
            first = _read_some(decompressing(cast("Raw", raw), first), 24)
        except (Corrupt, OSError):
            return False
    return reader_of(first) is not None


def _read_some(raw: Raw, size: int) -> bytes:
    """Up to ``size`` bytes, less only at the end. Raises ``Corrupt``, OSError."""
    out = bytearray()
    chunk = bytearray(size)
    while len(out) < size:
        got = raw.readinto(memoryview(chunk)[: size - len(out)]) or 0
        if not got:
            break
        out += chunk[:got]
    return bytes(out)


def open_stream(path: str, stdin: BinaryIO | None = None) -> tuple[Stream, str | None]:
    """The input opened, its decompressed beginning read, and the compression's name. Raises ``CannotRead``."""
    raw: Raw
    try:
        if path == "-":
            if stdin is None:
                raise CannotRead(note("capture.no-stdin"))
            raw = _unbuffered(stdin)
        else:
            if os.path.isdir(path):
                raise IsADirectoryError
            raw = cast("Raw", open(path, "rb", buffering=0))  # noqa: SIM115
        first = _read_some(raw, 24)
        compression = compression_of(first)
        if compression is None:
            return Stream(raw, first, path != "-" and _is_regular(raw)), None
        raw = decompressing(raw, first)
        return Stream(raw, _read_some(raw, 24), False), compression
    except OSError as error:
        raise _from_os(path, error) from error
    except Corrupt as error:
        raise CannotRead(note("capture.corrupt-start", path=path_value(path))) from error


def _unbuffered(stdin: BinaryIO) -> Raw:
    """The stream below Python's buffer, so that a read gives what has arrived."""
    return cast("Raw", getattr(stdin, "raw", stdin))


def _is_regular(raw: Raw) -> bool:
    seekable = getattr(raw, "seekable", None)
    return bool(seekable and seekable())


def _look(path: str, stdin: BinaryIO | None) -> Input:
    """What ``path`` is. Raises ``CannotRead`` with a note that says why it is no capture."""
    stream, compression = open_stream(path, stdin)
    keep = path == "-"
    try:
        first = stream.first
        reader = reader_of(first)
        if reader is None:
            more = b""
            with contextlib.suppress(OSError):
                more = _read_some(stream.raw, _LOOK) if stream.seekable else b""  # what is no file may never end
            raise CannotRead(_not_a_capture(path, first + more, compression))
        name = reader.format + (f"+{compression}" if compression else "")
        if keep:
            return Input(path, compression, name, None, stream)
        more = first
        with contextlib.suppress(Corrupt, OSError):  # told when it is read in earnest
            more += _read_some(stream.raw, _LOOK)
        return Input(path, compression, name, _first_time(reader, more))
    finally:
        if not keep:
            stream.raw.close()


def _not_a_capture(path: str, first: bytes, compression: str | None) -> Note:
    value = path_value(path)
    if not first:
        return note("capture.empty", path=value)
    if compression is None and _is_text(first):
        return note("capture.is-text", path=value)
    known = next((name for magic, name in _NOT_CAPTURES if first.lstrip().startswith(magic)), None)
    magic = first[:4].hex(" ")
    if known:
        return note("capture.other-format", path=value, format=known, magic=magic, offset=0)
    return note("capture.unknown-format", path=value, magic=magic, offset=0)


def _is_text(data: bytes) -> bool:
    """Printable UTF-8; the last character may be cut."""
    try:
        text = codecs.getincrementaldecoder("utf-8")().decode(data)
    except UnicodeDecodeError:
        return False
    return all(char.isprintable() or char in "\t\n\r\x1b\ufeff\u3000" for char in text)


def _first_time(reader: Reader, first: bytes) -> int | None:
    buf = bytearray(first) + bytes(SLACK)
    at, again = 0, True
    while again:
        taken = reader.take(buf, at, len(first), 0)
        if taken.packets is not None and len(taken.packets):
            return int(taken.packets.time[0])
        again, at = taken.again or taken.stop > at, taken.stop
        if taken.fault is not None:
            return None
    return None


def _expanded(path: str) -> Iterator[tuple[str, bool]]:
    """Files that ``path`` stands for, and whether the user named them; a directory may hold other files."""
    if path != "-" and os.path.isdir(path):
        try:
            names = sorted(os.listdir(path))
        except OSError as error:
            raise _from_os(path, error) from error
        for name in names:
            inside = os.path.join(path, name)
            if os.path.isfile(inside):
                yield inside, False
    elif path != "-" and glob.has_magic(path) and not os.path.lexists(path):
        for inside in sorted(glob.glob(path)):
            if os.path.isfile(inside):
                yield inside, True
    else:
        yield path, True


def find_inputs(
    paths: Sequence[str | os.PathLike[str]], stdin: BinaryIO | None
) -> tuple[list[Input], list[tuple[str, Note]]]:
    """Readable inputs in the order of their first packets, and those that cannot be read with the reason.

    Raises ``CannotRead`` where none can be read.
    """
    inputs: list[Input] = []
    bad: list[tuple[str, Note]] = []
    for given in paths:
        path = os.fsdecode(given)
        try:
            found, skipped = _one_argument(path, stdin, bad)
        except CannotRead as error:
            bad.append((path, error.note))
            continue
        inputs += found
        if not found and skipped is not None:
            bad.append((path, skipped))
    if not inputs:
        raise CannotRead(bad[0][1] if bad else note("capture.nothing-given"))
    return _in_time_order(inputs), bad


def _one_argument(path: str, stdin: BinaryIO | None, bad: list[tuple[str, Note]]) -> tuple[list[Input], Note | None]:
    found: list[Input] = []
    tried = 0
    for name, named in _expanded(path):
        tried += 1
        try:
            found.append(_look(name, stdin))
        except CannotRead as error:
            if named:
                bad.append((name, error.note))
    if found or (tried and name == path):
        return found, None
    value = path_value(path)
    if not os.path.isdir(path):
        return found, None if tried else note("capture.no-match", path=value)
    if not tried:
        return found, note("capture.directory-empty", path=value)
    return found, note("capture.directory-without-captures", path=value, files=tried)


def _in_time_order(inputs: Sequence[Input]) -> list[Input]:
    """By first packet; inputs without one, and standard input, stay behind the one they were given after."""
    keys: list[tuple[int, int]] = []
    last = -(2**63)
    for place, one in enumerate(inputs):
        last = one.first_time if one.first_time is not None else last
        keys.append((last, place))
    return [inputs[place] for _, place in sorted(keys)]
