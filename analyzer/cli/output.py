"""Where a report goes: standard output, or a file that is complete or not there.

A file is written beside its place under another name and moved there at the end, so that a reader never sees half of
it and a failed run leaves nothing. An existing file is refused before any work is done, and again at the end.
"""

from __future__ import annotations

import glob
import os
import stat
import sys
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import TextIO

from analyzer.model.errors import OutputRefused, reason_of
from analyzer.model.notes import Kind, Note, Wire, note

__all__ = ["abandon_stdout", "check_output", "path_value", "write_output"]

STANDARD_OUTPUT = "-"


def path_value(path: str) -> Wire:
    """A file name as a note's value."""
    return Wire(os.fsencode(path), Kind.PATH)


def check_output(path: str | None, force: bool, inputs: Iterable[str | None] = ()) -> None:
    """Refuse what cannot or must not be written, before the work begins (OutputRefused). ``inputs``: what the run
    reads; none of it is ever overwritten, however it was named, also not with ``force``."""
    if path is None or path == STANDARD_OUTPUT:
        _open_stdout()
        return
    target = Path(path)
    if _is_file(target) and any(_is_same(target, given) for given in _files_of(inputs)):
        raise OutputRefused(note("cli.output-is-input", path=path_value(path)))
    if target.is_dir():
        raise OutputRefused(note("cli.output-is-directory", path=path_value(path)))
    if not target.parent.is_dir():
        raise OutputRefused(note("cli.output-no-directory", path=path_value(str(target.parent))))
    if _is_file(target) and not force:
        raise OutputRefused(_exists(path))


def _files_of(inputs: Iterable[str | None]) -> Iterator[str]:
    """The files that these arguments stand for: themselves, what is in a directory, what fits a pattern."""
    for given in filter(None, inputs):
        if os.path.isdir(given):
            yield from glob.iglob(os.path.join(glob.escape(given), "*"))
        elif glob.has_magic(given) and not os.path.lexists(given):
            yield from glob.iglob(given)
        else:
            yield given


def _is_same(target: Path, given: str) -> bool:
    try:
        seen = os.fstat(sys.stdin.fileno()) if given == "-" else os.stat(given)
        return os.path.samestat(target.stat(), seen)
    except (OSError, ValueError, AttributeError):  # not there, or there is no standard input
        return False


def write_output(chunks: Iterable[str | bytes], path: str | None, force: bool) -> None:
    """Write text (as UTF-8) or bytes to ``path``, or to standard output where it is None or ``-``."""
    if path is None or path == STANDARD_OUTPUT:
        _to_stdout(chunks)
        return
    check_output(path, force)
    target = Path(path)
    try:
        if target.exists() and not _is_file(target):
            _to_device(chunks, target)
        else:
            _to_file(chunks, target, force)
    except FileExistsError:
        raise OutputRefused(_exists(path)) from None
    except OSError as fault:
        raise OutputRefused(note("cli.output-failed", path=path_value(path), reason=reason_of(fault))) from fault


def _exists(path: str) -> Note:
    return note("cli.output-exists", path=path_value(path))


def _is_file(target: Path) -> bool:
    """Something that would be overwritten: a file or a link, not a device or pipe."""
    try:
        mode = target.lstat().st_mode
    except OSError:
        return False
    return stat.S_ISREG(mode) or stat.S_ISLNK(mode)


def _open_stdout() -> TextIO:
    """Standard output; ``OutputRefused`` where whoever started us closed it."""
    if sys.stdout is None:
        raise OutputRefused(note("cli.stdout-closed"))
    return sys.stdout


def _to_stdout(chunks: Iterable[str | bytes]) -> None:
    """UTF-8 into pipes and files; a terminal gets what its encoding can show."""
    out = _open_stdout()
    encoding = (out.encoding if out.isatty() else None) or "utf-8"
    binary = getattr(out, "buffer", None)
    for chunk in chunks:
        data = _encoded(chunk, encoding)
        try:
            if binary is None:
                out.write(data.decode(encoding))
            else:
                binary.write(data)
        except OSError as fault:
            raise _stdout_failed(fault) from fault
    try:
        out.flush()
    except OSError as fault:
        raise _stdout_failed(fault) from fault


def _stdout_failed(fault: OSError) -> OSError | OutputRefused:
    """A full disk is the user's to know; a reader that went away is not (``BrokenPipeError``)."""
    if isinstance(fault, BrokenPipeError):
        return fault
    abandon_stdout()
    return OutputRefused(note("cli.stdout-failed", reason=reason_of(fault)))


def abandon_stdout() -> None:
    """Nothing more goes out, also not what still waits in the buffer at exit."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _encoded(chunk: str | bytes, encoding: str = "utf-8") -> bytes:
    return chunk if isinstance(chunk, bytes) else chunk.encode(encoding, "backslashreplace")


def _to_device(chunks: Iterable[str | bytes], target: Path) -> None:
    with target.open("wb") as device:
        device.writelines(map(_encoded, chunks))


def _to_file(chunks: Iterable[str | bytes], target: Path, force: bool) -> None:
    place = target.resolve() if force else target
    part = place.with_name(f".{place.name[:100]}.{os.urandom(4).hex()}.part")
    try:
        with os.fdopen(os.open(part, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o666), "wb") as file:
            file.writelines(map(_encoded, chunks))
            file.flush()
            os.fsync(file.fileno())
        if force:
            os.replace(part, place)
        else:
            _move_new(part, place)
    finally:
        with suppress(FileNotFoundError):
            part.unlink()


def _move_new(part: Path, place: Path) -> None:
    """Into place only where nothing stands; file systems without hard links get the next best."""
    try:
        os.link(part, place)
    except FileExistsError:
        raise
    except OSError:
        if place.exists():
            raise FileExistsError(str(place)) from None
        os.replace(part, place)
