"""Opens single records. One class per record format; every one takes the sequence numbers worth trying.

A record that has been altered, or that belongs under another key or number, does not verify: that is an answer
(None), not an error, and it is what finding the place again after a hole rests on. The primitives come from
``cryptography``, imported when the first key is made and not before.

Formats: RFC 8446 section 5.2 (TLS 1.3), RFC 5288 (GCM), RFC 6655 (CCM), RFC 7905 (ChaCha20), RFC 5246 section 6.2.3.2
and RFC 2246 section 6.2.3.2 (CBC, MAC then encrypt), RFC 7366 (encrypt then MAC).
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterable
from typing import Any, NamedTuple, Protocol

from analyzer.tls.schedule import expand_label, key_block
from analyzer.tls.suites import Protection

__all__ = ["Opened", "Opener", "opener12", "opener13"]


class Opened(NamedTuple):
    """A record that verified: under which number, its content type, its plaintext, and where that began."""

    sequence: int
    kind: int
    data: bytes
    lead: int  #: bytes of the fragment before the first byte of ciphertext (explicit nonce, IV)


class Opener(Protocol):
    """The read side of one key."""

    overhead: int  #: bytes that a record is longer than its plaintext, header included; the least for CBC

    def open(self, header: bytes, fragment: bytes, sequences: Iterable[int]) -> Opened | None:
        """The plaintext under the first of the sequence numbers that verifies, None when none does."""

    def chain(self, before: bytes) -> None:
        """Tells the ciphertext that stands before the next record, for ciphers that go on from it."""


class _Aead:
    """What the AEAD formats share: a primitive and the fixed part of the nonce."""

    __slots__ = ("_fixed", "_open", "_refused", "_tag", "overhead")

    def __init__(self, suite: Protection, key: bytes, fixed: bytes, extra: int) -> None:
        from cryptography.exceptions import InvalidTag

        self._tag = 8 if suite.mode == "CCM_8" else 16
        self._open = _primitive(suite, key, self._tag).decrypt
        self._refused = InvalidTag
        self._fixed = fixed
        self.overhead = 5 + self._tag + extra

    def chain(self, before: bytes) -> None:
        """Every record has its own nonce."""

    def _try(self, nonce: bytes, fragment: bytes, header: bytes) -> bytes | None:
        try:
            plain: bytes = self._open(nonce, fragment, header)
        except (self._refused, ValueError):  # ValueError: shorter than a tag
            return None
        return plain


class Aead13(_Aead):
    """TLS 1.3: nonce = IV xor number, the true content type behind the content, zeros behind that."""

    __slots__ = ("_iv",)

    def __init__(self, suite: Protection, secret: bytes) -> None:
        key = expand_label(suite.prf, secret, b"key", suite.key_length)
        super().__init__(suite, key, expand_label(suite.prf, secret, b"iv", 12), 1)
        self._iv = int.from_bytes(self._fixed, "big")

    def open(self, header: bytes, fragment: bytes, sequences: Iterable[int]) -> Opened | None:
        for sequence in sequences:
            plain = self._try((self._iv ^ sequence).to_bytes(12, "big"), fragment, header)
            if plain is not None:
                inner = plain if plain[-1:] > b"\0" else plain.rstrip(b"\0")
                return Opened(sequence, inner[-1], inner[:-1], 0) if inner else None
        return None


class Aead12(_Aead):
    """TLS 1.2: number, type, version and length authenticated; eight bytes of nonce in the record, ChaCha20 none."""

    __slots__ = ("_iv", "_lead")

    def __init__(self, suite: Protection, key: bytes, fixed: bytes) -> None:
        self._lead = 0 if len(fixed) == 12 else 8
        super().__init__(suite, key, fixed, self._lead)
        self._iv = int.from_bytes(fixed, "big")

    def open(self, header: bytes, fragment: bytes, sequences: Iterable[int]) -> Opened | None:
        size = len(fragment) - self._lead - self._tag
        if size < 0:
            return None
        sealed = fragment[self._lead :]
        tail = header[:3] + size.to_bytes(2, "big")
        for sequence in sequences:
            nonce = self._fixed + fragment[:8] if self._lead else (self._iv ^ sequence).to_bytes(12, "big")
            plain = self._try(nonce, sealed, sequence.to_bytes(8, "big") + tail)
            if plain is not None:
                return Opened(sequence, header[0], plain, self._lead)
        return None


class Cbc:
    """CBC with HMAC, either order; the IV in the record (TLS 1.1 on) or the last block of the record before (1.0)."""

    __slots__ = (
        "_block",
        "_cipher",
        "_explicit",
        "_iv",
        "_mac",
        "_mac_key",
        "_mac_size",
        "_mac_then_encrypt",
        "overhead",
    )

    def __init__(self, suite: Protection, key: bytes, mac_key: bytes, iv: bytes, explicit: bool, etm: bool) -> None:
        self._cipher = _block_cipher(suite, key)
        self._block = 8 if suite.cipher == "3DES" else 16
        self._mac, self._mac_key = suite.mac or "sha1", mac_key
        self._mac_size = hashlib.new(self._mac).digest_size
        self._iv, self._explicit, self._mac_then_encrypt = iv, explicit, not etm
        self.overhead = 5 + self._mac_size + 1 + (self._block if explicit else 0)

    def chain(self, before: bytes) -> None:
        """Take the last cipher block of the record before as the IV; unknown when fewer bytes are there."""
        if not self._mac_then_encrypt:
            before = before[: -self._mac_size]
        self._iv = before[-self._block :] if len(before) >= self._block else b""

    def open(self, header: bytes, fragment: bytes, sequences: Iterable[int]) -> Opened | None:
        body, mac = bytes(fragment), b""
        if not self._mac_then_encrypt:
            body, mac = body[: -self._mac_size], body[-self._mac_size :]
        lead = self._block if self._explicit else 0
        iv, sealed = (body[:lead], body[lead:]) if lead else (self._iv, body)
        if len(iv) != self._block or not sealed or len(sealed) % self._block:
            return None
        if self._mac_then_encrypt:
            found = self._mac_inside(header, self._decrypt(iv, sealed), sequences, lead)
        else:
            found = self._mac_outside(header, iv, sealed, mac, sequences, lead)
        if found is not None:
            self._iv = sealed[-self._block :]
        return found

    def _decrypt(self, iv: bytes, sealed: bytes) -> bytes:
        from cryptography.hazmat.primitives.ciphers import Cipher, modes

        decryptor = Cipher(self._cipher, modes.CBC(iv)).decryptor()
        return decryptor.update(sealed) + decryptor.finalize()

    def _mac_inside(self, header: bytes, plain: bytes, sequences: Iterable[int], lead: int) -> Opened | None:
        size = len(plain) - plain[-1] - 1 - self._mac_size
        if size < 0:
            return None
        data, mac = plain[:size], plain[size : size + self._mac_size]
        tail = header[:3] + size.to_bytes(2, "big") + data
        for sequence in sequences:
            if hmac.digest(self._mac_key, sequence.to_bytes(8, "big") + tail, self._mac) == mac:
                return Opened(sequence, header[0], data, lead)
        return None

    def _mac_outside(
        self, header: bytes, iv: bytes, sealed: bytes, mac: bytes, sequences: Iterable[int], lead: int
    ) -> Opened | None:
        body = iv + sealed if lead else sealed
        tail = header[:3] + len(body).to_bytes(2, "big") + body
        for sequence in sequences:
            if hmac.digest(self._mac_key, sequence.to_bytes(8, "big") + tail, self._mac) == mac:
                plain = self._decrypt(iv, sealed)
                size = len(plain) - plain[-1] - 1
                return Opened(sequence, header[0], plain[:size], lead) if size >= 0 else None
        return None


def _primitive(suite: Protection, key: bytes, tag: int) -> Any:
    from cryptography.hazmat.primitives.ciphers import aead

    if suite.cipher == "CHACHA20":
        return aead.ChaCha20Poly1305(key)
    return aead.AESGCM(key) if suite.mode == "GCM" else aead.AESCCM(key, tag_length=tag)


def _block_cipher(suite: Protection, key: bytes) -> Any:
    """The algorithm object. Camellia and 3DES moved to the package's corner of old ciphers in the course of time."""
    if suite.cipher == "AES":
        from cryptography.hazmat.primitives.ciphers.algorithms import AES

        return AES(key)
    from cryptography.hazmat.decrepit.ciphers import algorithms as old
    from cryptography.hazmat.primitives.ciphers import algorithms

    name = {"3DES": "TripleDES", "CAMELLIA": "Camellia"}[suite.cipher]
    return (getattr(old, name, None) or getattr(algorithms, name))(key)


def opener13(suite: Protection, secret: bytes) -> Opener:
    """The opener for one traffic secret of TLS 1.3."""
    return Aead13(suite, secret)


def opener12(
    suite: Protection,
    version: int,
    master: bytes,
    randoms: tuple[bytes, bytes],
    *,
    server: bool,
    encrypt_then_mac: bool,
) -> Opener:
    """The opener of one direction of TLS 1.0 to 1.2. ``randoms`` are the client's and the server's; ``version`` is the
    number on the wire (0x0303 for TLS 1.2); ``server`` asks for the keys under which the server writes."""
    client_random, server_random = randoms
    mac = hashlib.new(suite.mac).digest_size if suite.mac else 0
    block = 8 if suite.cipher == "3DES" else 16
    iv = block if suite.mac else 12 if suite.mode == "POLY1305" else 4
    prf = suite.prf if version >= 0x0303 else None
    block_size = 2 * (mac + suite.key_length + iv)
    keys = key_block(prf, master, server_random, client_random, block_size)
    side = 1 if server else 0
    mac_key = keys[side * mac :][:mac]
    key = keys[2 * mac + side * suite.key_length :][: suite.key_length]
    fixed = keys[2 * (mac + suite.key_length) + side * iv :][:iv]
    if suite.mac is None:
        return Aead12(suite, key, fixed)
    return Cbc(suite, key, mac_key, fixed, version >= 0x0302, encrypt_then_mac)
