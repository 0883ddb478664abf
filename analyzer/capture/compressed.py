"""Compressed captures as streams of bytes, recognised by their first bytes.

Each reader has ``readinto`` and is fed from a raw one. Output is asked for in bounded portions, so a bomb costs time in
proportion to what is read of it and never memory; dictionaries are limited too. Damage raises ``Corrupt`` after
everything before it was delivered.
"""

from __future__ import annotations

import bz2
import lzma
import sys
import zlib
from collections.abc import Callable
from types import ModuleType
from typing import Protocol

__all__ = ["Corrupt", "Raw", "compression_of", "decompressing"]

_INPUT = 1 << 18  #: compressed bytes read at a time
_LZMA_MEMORY = 256 << 20  #: bytes; ``xz -9`` needs 65 MiB
_ZSTD_WINDOW = 27  #: base-2 logarithm of the window; ``zstd --ultra -22`` needs 27


class Corrupt(Exception):
    """The compressed data are damaged or cut short here."""


class Raw(Protocol):
    """Where bytes come from: ``io.RawIOBase`` is one."""

    def readinto(self, target: memoryview, /) -> int | None: ...

    def close(self) -> None: ...


class _Decompressor(Protocol):
    """What bz2, lzma and zstd have in common."""

    def decompress(self, data: bytes, max_length: int = -1) -> bytes: ...

    @property
    def eof(self) -> bool: ...

    @property
    def needs_input(self) -> bool: ...

    @property
    def unused_data(self) -> bytes: ...


class _Gzip:
    """zlib's object with the interface of the others."""

    def __init__(self) -> None:
        self._inner = zlib.decompressobj(16 + zlib.MAX_WBITS)

    def decompress(self, data: bytes, max_length: int = -1) -> bytes:
        return self._inner.decompress(self._inner.unconsumed_tail + data, max(max_length, 0))

    @property
    def eof(self) -> bool:
        return self._inner.eof

    @property
    def needs_input(self) -> bool:
        return not self._inner.unconsumed_tail

    @property
    def unused_data(self) -> bytes:
        return self._inner.unused_data


def _zstd_module() -> ModuleType:
    """Late: few captures need it, and it is imported by nothing else."""
    if sys.version_info >= (3, 14):
        from compression import zstd
    else:
        from backports import zstd
    return zstd


def _zstd() -> _Decompressor:
    zstd = _zstd_module()
    made: _Decompressor = zstd.ZstdDecompressor(options={zstd.DecompressionParameter.window_log_max: _ZSTD_WINDOW})
    return made


def _xz() -> _Decompressor:
    return lzma.LZMADecompressor(lzma.FORMAT_XZ, memlimit=_LZMA_MEMORY)


#: First bytes → name and maker. Sources: RFC 1952 section 2.3.1; RFC 8878 section 3.1.1; the .xz file format
#: section 2.1.1.1; bzip2 has no document, its reader wants ``BZh`` and a digit.
_MAGICS: tuple[tuple[bytes, str, Callable[[], _Decompressor]], ...] = (
    (b"\x1f\x8b", "gzip", _Gzip),
    (b"\x28\xb5\x2f\xfd", "zstd", _zstd),
    (b"\xfd7zXZ\x00", "xz", _xz),
    (b"BZh", "bzip2", bz2.BZ2Decompressor),
)


def _damage() -> tuple[type[BaseException], ...]:
    """What readers raise over damaged data; asked for once something was raised."""
    return (zlib.error, OSError, EOFError, ValueError, lzma.LZMAError, _zstd_module().ZstdError, MemoryError)


def compression_of(first: bytes) -> str | None:
    """``gzip``, ``zstd``, ``xz``, ``bzip2`` or None for the first bytes of a file."""
    return next((name for magic, name, _ in _MAGICS if first.startswith(magic)), None)


class _Decompressing:
    """Decompresses ``raw`` as a stream of members that follow each other (``cat a.gz b.gz``)."""

    def __init__(self, raw: Raw, first: bytes, make: Callable[[], _Decompressor]) -> None:
        self._raw = raw
        self._make = make
        self._inner: _Decompressor | None = None
        self._input = first
        self._ended = False
        self._chunk = bytearray(_INPUT)
        self._corrupt = False

    def close(self) -> None:
        self._raw.close()

    def _more(self) -> bytes:
        if self._input:
            data, self._input = self._input, b""
            return data
        got = self._raw.readinto(memoryview(self._chunk)) or 0
        self._ended = not got
        return bytes(self._chunk[:got])

    def readinto(self, target: memoryview, /) -> int:
        """At least one byte, 0 at the end. Raises ``Corrupt``."""
        if self._corrupt:
            raise Corrupt
        try:
            data = self._some(len(target))
        except _damage() as error:
            self._corrupt = True
            raise Corrupt from error
        target[: len(data)] = data
        return len(data)

    def _some(self, size: int) -> bytes:
        while True:
            if self._inner is None:
                data = self._more().lstrip(b"\0")  # members may be padded with zeros
                if not data:
                    if self._ended:
                        return b""
                    continue
                self._inner = self._make()
                out = self._inner.decompress(data, size)
            else:
                out = self._inner.decompress(self._more() if self._inner.needs_input else b"", size)
                if self._ended and not out and not self._inner.eof:
                    raise Corrupt  # cut off inside a member
            if self._inner.eof:
                self._input = self._inner.unused_data + self._input
                self._inner = None
            if out:
                return out


def decompressing(raw: Raw, first: bytes) -> Raw:
    """A reader of the decompressed bytes; ``first`` was already read from ``raw`` and names the compression."""
    make = next(make for magic, _, make in _MAGICS if first.startswith(magic))
    return _Decompressing(raw, first, make)
