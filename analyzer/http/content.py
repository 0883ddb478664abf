"""Bodies without their content coding, for whoever wants to read an error answer.

Decoding is asked for, never done on the way, and it stops at a limit: a few kilobytes of gzip can claim gigabytes.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable

from analyzer.model.http import Message

__all__ = ["BOMB_LIMIT", "decoded"]

#: Bytes that decoding may give at most.
BOMB_LIMIT = 8 << 20


def _inflate(data: bytes, wbits: int, limit: int) -> bytes | None:
    machine = zlib.decompressobj(wbits)
    try:
        return machine.decompress(data, limit)
    except zlib.error:
        return None


def _gzip(data: bytes, limit: int) -> bytes | None:
    return _inflate(data, 16 + zlib.MAX_WBITS, limit)


def _deflate(data: bytes, limit: int) -> bytes | None:
    """RFC 9110, section 8.4.1.2: zlib format; some servers send the bare stream."""
    plain = _inflate(data, zlib.MAX_WBITS, limit)
    return plain if plain is not None else _inflate(data, -zlib.MAX_WBITS, limit)


def _brotli(data: bytes, limit: int) -> bytes | None:
    import brotli  # type: ignore[import-untyped]  # late: rare

    machine = brotli.Decompressor()
    out = bytearray()
    try:
        for at in range(0, len(data), 1024):
            out += machine.process(data[at : at + 1024])
            if len(out) >= limit:
                break
    except brotli.error:
        return None
    return bytes(out[:limit])


def _plain(data: bytes, limit: int) -> bytes | None:
    return data[:limit]


#: Content codings by name: RFC 9110, section 8.4.1; ``br``: RFC 7932.
_CODINGS: dict[bytes, Callable[[bytes, int], bytes | None]] = {
    b"": _plain,
    b"identity": _plain,
    b"gzip": _gzip,
    b"x-gzip": _gzip,
    b"deflate": _deflate,
    b"br": _brotli,
}


def decoded(message: Message, limit: int = BOMB_LIMIT) -> bytes | None:
    """The body without its content codings, at most ``limit`` bytes (what a cut body still gives, too).

    None: no body was kept, a coding is unknown, or the bytes are not what the header says.
    """
    data = message.body.data
    if data is None:
        return None
    codings = [c.strip(b" \t").lower() for h in message.head.all(b"content-encoding") for c in h.value.split(b",")]
    for coding in reversed(codings[-4:]):
        decode = _CODINGS.get(coding)
        data = decode(data, limit) if decode is not None and data is not None else None
    return data
