"""Digests of a whole body, fed piece by piece so that no body has to be held.

CRC-64/ECMA-182 as OSS uses it (reflected, all ones in and out): ``x-oss-hash-crc64ecma`` of the Object Storage
Service documentation, page "Check data integrity by CRC-64". It is computed only where somebody claims one.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable
from functools import cache

from analyzer.model.http import Digests

__all__ = ["digests_of"]

_POLYNOMIAL = 0x142F0E1EBA9EA3693


@cache
def _crc64() -> Callable[[bytes, int], int]:
    import crcmod  # late: only a claimed checksum needs it

    make: Callable[[bytes, int], int] = crcmod.mkCrcFun(_POLYNOMIAL, initCrc=0, xorOut=0xFFFFFFFFFFFFFFFF, rev=True)
    return make


def digests_of(pieces: Iterable[bytes], crc: bool) -> Digests:
    """MD5, SHA-1, SHA-256 and (where ``crc``) CRC-64 of the pieces put together."""
    md5 = hashlib.md5(usedforsecurity=False)
    sha1 = hashlib.sha1(usedforsecurity=False)
    sha256 = hashlib.sha256()
    crc64 = 0 if crc else None
    for piece in pieces:
        md5.update(piece)
        sha1.update(piece)
        sha256.update(piece)
        if crc64 is not None:
            crc64 = _crc64()(piece, crc64)
    return Digests(md5.digest(), sha1.digest(), sha256.digest(), crc64)
