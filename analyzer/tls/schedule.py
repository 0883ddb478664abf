"""From the secrets of a key log to record keys.

TLS 1.3 expands each traffic secret by itself (RFC 8446, section 7.3). Before that the master secret and both randoms
give one block that is cut into MAC keys, cipher keys and IVs (RFC 5246, section 6.3); TLS 1.0 and 1.1 do the same with
a function made of MD5 and SHA-1 (RFC 2246, section 5).
"""

from __future__ import annotations

import hashlib
import hmac
from itertools import count

__all__ = ["expand_label", "key_block", "next_generation"]


def expand_label(digest: str, secret: bytes, label: bytes, length: int) -> bytes:
    """HKDF-Expand-Label with an empty context (RFC 8446, section 7.1; RFC 5869, section 2.3)."""
    name = b"tls13 " + label
    info = length.to_bytes(2, "big") + bytes([len(name)]) + name + b"\0"
    out = block = b""
    for number in count(1):
        if len(out) >= length:
            break
        block = hmac.digest(secret, block + info + bytes([number]), digest)
        out += block
    return out[:length]


def next_generation(digest: str, secret: bytes) -> bytes:
    """The traffic secret after a KeyUpdate (RFC 8446, section 7.2)."""
    return expand_label(digest, secret, b"traffic upd", hashlib.new(digest).digest_size)


def _p_hash(digest: str, secret: bytes, seed: bytes, length: int) -> bytes:
    out, block = b"", seed
    while len(out) < length:
        block = hmac.digest(secret, block, digest)
        out += hmac.digest(secret, block + seed, digest)
    return out[:length]


def key_block(digest: str | None, master: bytes, server_random: bytes, client_random: bytes, length: int) -> bytes:
    """The key block of TLS 1.2 with the suite's hash, or of TLS 1.0 and 1.1 with ``digest`` None."""
    seed = b"key expansion" + server_random + client_random
    if digest is not None:
        return _p_hash(digest, master, seed, length)
    half = (len(master) + 1) // 2
    left = _p_hash("md5", master[:half], seed, length)
    right = _p_hash("sha1", master[-half:], seed, length)
    return bytes(a ^ b for a, b in zip(left, right, strict=True))
