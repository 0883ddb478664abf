"""Digests of a whole body, fed piece by piece so that no body has to be held.

CRC-64/ECMA-182 as OSS uses it (reflected, all ones in and out): ``x-oss-hash-crc64ecma`` of the Object Storage
Service documentation, page "Check data integrity by CRC-64". It is computed only where somebody claims one.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable
from functools import cache

from analyzer.model.http import Digests

__all__ = ["Digester", "digests_of"]

_POLYNOMIAL = 0x142F0E1EBA9EA3693


@cache
def _crc64() -> Callable[[bytes, int], int]:
    import crcmod  # late: only a claimed checksum needs it

    make: Callable[[bytes, int], int] = crcmod.mkCrcFun(_POLYNOMIAL, initCrc=0, xorOut=0xFFFFFFFFFFFFFFFF, rev=True)
    return make


class Digester:
    """MD5, SHA-1, SHA-256 and (where ``crc``) CRC-64 of what it is fed."""

    __slots__ = ("_crc64", "_md5", "_sha1", "_sha256")

    def __init__(self, crc: bool) -> None:
        self._md5 = hashlib.md5(usedforsecurity=False)
        self._sha1 = hashlib.sha1(usedforsecurity=False)
        self._sha256 = hashlib.sha256()
        self._crc64 = 0 if crc else None

    def feed(self, piece: bytes) -> None:
        """The next bytes."""
        self._md5.update(piece)
        self._sha1.update(piece)
        self._sha256.update(piece)
        if self._crc64 is not None:
            self._crc64 = _crc64()(piece, self._crc64)

    def digests(self) -> Digests:
        """Of all that was fed so far."""
        return Digests(self._md5.digest(), self._sha1.digest(), self._sha256.digest(), self._crc64)


def digests_of(pieces: Iterable[bytes], crc: bool) -> Digests:
    """The digests of the pieces put together."""
    digester = Digester(crc)
    for piece in pieces:
        digester.feed(piece)
    return digester.digests()
