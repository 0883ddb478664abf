"""Digests of a whole body, fed piece by piece so that no body has to be held.

CRC-64/ECMA-182 as OSS uses it (reflected, all ones in and out): ``x-oss-hash-crc64ecma`` of the Object Storage
Service documentation, page "Check data integrity by CRC-64". It is computed only where somebody claims one.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from typing import TYPE_CHECKING

from analyzer.model.http import Digests

if TYPE_CHECKING:
    from analyzer.http.crc64 import Crc64

__all__ = ["Digester", "digests_of"]


def _crc64() -> Crc64:
    from analyzer.http.crc64 import Crc64  # late: only a claimed checksum needs it

    return Crc64()


class Digester:
    """MD5, SHA-1, SHA-256 and (where ``crc``) CRC-64 of what it is fed."""

    __slots__ = ("_crc64", "_md5", "_sha1", "_sha256")

    def __init__(self, crc: bool) -> None:
        self._md5 = hashlib.md5(usedforsecurity=False)
        self._sha1 = hashlib.sha1(usedforsecurity=False)
        self._sha256 = hashlib.sha256()
        self._crc64 = _crc64() if crc else None

    def feed(self, piece: bytes) -> None:
        """The next bytes."""
        self._md5.update(piece)
        self._sha1.update(piece)
        self._sha256.update(piece)
        if self._crc64 is not None:
            self._crc64.update(piece)

    def digests(self) -> Digests:
        """Of all that was fed so far."""
        crc64 = self._crc64.value() if self._crc64 is not None else None
        return Digests(self._md5.digest(), self._sha1.digest(), self._sha256.digest(), crc64)


def digests_of(pieces: Iterable[bytes], crc: bool) -> Digests:
    """The digests of the pieces put together."""
    digester = Digester(crc)
    for piece in pieces:
        digester.feed(piece)
    return digester.digests()
