"""What can happen to bytes on their way: flipped, cut, repeated, swapped, foreign and hostile parts put in."""

from __future__ import annotations

import random
from collections.abc import Callable

__all__ = ["damaged"]

#: Values that length fields and texts dislike.
HOSTILE = (
    b"\x00" * 4,
    b"\xff" * 4,
    b"\x7f\xff\xff\xff",
    b"\r\n\r\n",
    b"\n\n",
    b"HTTP/1.1 403 Forbidden\r\nContent-Length: 9999999999\r\n\r\n",
    b"Transfer-Encoding: chunked\r\n",
    b"ffffffffffffffff\r\n",
    b"<!DOCTYPE a [<!ENTITY b 'c'>]>&b;",
    b"<StringToSignBytes>47 45 5",
    b"%",
    b"\x1b[31m\x07",
    b"OSS4-HMAC-SHA256 Credential=////,Signature=",
)

Change = Callable[[random.Random, bytearray], None]


def _flip(rng: random.Random, data: bytearray) -> None:
    for _ in range(rng.randint(1, 8)):
        data[rng.randrange(len(data))] ^= 1 << rng.randrange(8)


def _cut(rng: random.Random, data: bytearray) -> None:
    at = rng.randrange(len(data))
    del data[at : at + rng.randint(1, 64)]


def _end(rng: random.Random, data: bytearray) -> None:
    del data[rng.randrange(len(data)) :]


def _repeat(rng: random.Random, data: bytearray) -> None:
    at = rng.randrange(len(data))
    data[at:at] = data[at : at + rng.randint(1, 400)]


def _swap(rng: random.Random, data: bytearray) -> None:
    one, two, size = rng.randrange(len(data)), rng.randrange(len(data)), rng.randint(1, 80)
    part = data[one : one + size]
    data[one : one + size] = data[two : two + size]
    data[two : two + size] = part


def _put(rng: random.Random, data: bytearray) -> None:
    at, part = rng.randrange(len(data)), rng.choice(HOSTILE)
    data[at : at + (len(part) if rng.random() < 0.5 else 0)] = part


CHANGES: tuple[Change, ...] = (_flip, _flip, _cut, _end, _repeat, _swap, _put, _put)


def damaged(rng: random.Random, data: bytes) -> bytes:
    """The bytes after a few accidents; seldom none."""
    out = bytearray(data)
    for _ in range(rng.choice((0, 1, 1, 2, 3, 8))):
        if out:
            rng.choice(CHANGES)(rng, out)
    return bytes(out)
