"""From secret to HMAC key: direct for V1 and V2, a chain of four HMACs over the scope for V4, and the chains that
clients build by mistake."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

from analyzer.diagnosis.edits import REGIONS
from analyzer.diagnosis.secret_variants import SecretVariant
from analyzer.model.findings import Change
from analyzer.model.notes import note
from analyzer.model.signing import Variant

__all__ = ["Derive", "KeyRow", "hmac_function", "key_rows"]

Derive = Callable[[bytes, bytes], bytes]

_V4 = frozenset({Variant.V4_HEADER, Variant.V4_QUERY, Variant.POST_V4})
_S3_V4 = frozenset({Variant.S3_V4_HEADER, Variant.S3_V4_QUERY})


@dataclass(frozen=True, slots=True)
class KeyRow:
    """A way from a variant of the secret to a key; ``derive(secret, scope)``."""

    variant: SecretVariant
    derive: Derive
    cost: int
    change: Change | None = None
    cause: str | None = None


def hmac_function(key: bytes, name: str) -> Callable[[bytes], bytes]:
    """HMAC under ``key`` with the inner and outer blocks hashed once (RFC 2104): half the time of a fresh HMAC."""
    block = 128 if name == "sha512" else 64
    if len(key) > block:
        key = hashlib.new(name, key).digest()
    padded = key.ljust(block, b"\0")
    inner = hashlib.new(name, bytes(byte ^ 0x36 for byte in padded), usedforsecurity=False)
    outer = hashlib.new(name, bytes(byte ^ 0x5C for byte in padded), usedforsecurity=False)

    def sign(text: bytes) -> bytes:
        first = inner.copy()
        first.update(text)
        second = outer.copy()
        second.update(first.digest())
        return second.digest()

    return sign


def _direct(secret: bytes, scope: bytes) -> bytes:
    return secret


def _chain(prefix: bytes, steps: int = 4, last: bytes | None = None) -> Derive:
    def derive(secret: bytes, scope: bytes) -> bytes:
        key = prefix + secret
        parts = scope.split(b"/")[:steps]
        if last is not None and parts:
            parts[-1] = last
        for step in parts:
            key = hmac.digest(key, step, "sha256")
        return key

    return derive


def _prefixed(prefix: str, own: str) -> Change:
    return Change("key prefix {prefix}", note("change.signing-key-prefix", prefix=prefix, own=own))


def _bare(own: str) -> Change:
    return Change("no key prefix", note("change.signing-key-no-prefix", own=own))


#: (derivation, cost, how it differs, cause).
_Rows = tuple[tuple[Derive, int, Change | None, str | None], ...]


def _of_scope(prefix: bytes, index: int, change: Callable[[bytes], bytes]) -> Derive:
    """The right chain over a scope that has another part than the one sent."""
    right = _chain(prefix)

    def derive(secret: bytes, scope: bytes) -> bytes:
        parts = scope.split(b"/")
        if index < len(parts):
            parts[index] = change(parts[index])
        return right(secret, b"/".join(parts))

    return derive


def _days_on(days: int) -> Callable[[bytes], bytes]:
    def change(day: bytes) -> bytes:
        try:
            return (datetime.strptime(day.decode("ascii"), "%Y%m%d") + timedelta(days)).strftime("%Y%m%d").encode()
        except (ValueError, OverflowError):
            return day

    return change


def _other_scopes(prefix: bytes) -> _Rows:
    """Keys of another day or region than the scope says: kept over midnight, made of local time, made for a region
    written otherwise. Source: cause C18 of the signing reference."""
    near = (
        ("signing key of the day before", note("change.signing-key-day-before"), 0, _days_on(-1)),
        ("signing key of the day after", note("change.signing-key-day-after"), 0, _days_on(1)),
        ("signing key for oss-region", note("change.signing-key-region-oss"), 1, lambda region: b"oss-" + region),
        (
            "signing key for the region without cn-",
            note("change.signing-key-region-bare"),
            1,
            lambda region: region.removeprefix(b"cn-"),
        ),
    )
    rows = [(_of_scope(prefix, at, change), 1, Change(told, said), "v4-scope") for told, said, at, change in near]
    for region in REGIONS:
        told = Change("signing key for region {region}", note("change.signing-key-region", region=region.decode()))
        rows.append((_of_scope(prefix, 1, partial(_always, region)), 2, told, "v4-scope"))
    return tuple(rows)


def _always(value: bytes, _: bytes) -> bytes:
    return value


_ALGORITHM = "v4-algorithm"
#: Source: signature version 4 page; cause C19 of the signing reference.
_OSS_CHAINS: _Rows = (
    (_chain(b"aliyun_v4"), 0, None, None),
    (_chain(b"AWS4"), 1, _prefixed("AWS4", "aliyun_v4"), _ALGORITHM),
    (_chain(b""), 1, _bare("aliyun_v4"), _ALGORITHM),
    (_chain(b"OSS4"), 1, _prefixed("OSS4", "aliyun_v4"), _ALGORITHM),
    (_direct, 1, Change("secret used without a signing key", note("change.signing-key-none")), _ALGORITHM),
    (
        _chain(b"aliyun_v4", 3),
        1,
        Change("signing key without its last step", note("change.signing-key-short")),
        _ALGORITHM,
    ),
    (
        _chain(b"aliyun_v4", 4, b"aws4_request"),
        1,
        Change("signing key with aws4_request", note("change.signing-key-last-step")),
        _ALGORITHM,
    ),
    (_chain(b"AWS4", 4, b"aws4_request"), 1, Change("AWS signing key", note("change.signing-key-aws")), _ALGORITHM),
    *_other_scopes(b"aliyun_v4"),
)
_S3_CHAINS: _Rows = (
    (_chain(b"AWS4"), 0, None, None),
    (_chain(b"aliyun_v4"), 1, _prefixed("aliyun_v4", "AWS4"), _ALGORITHM),
    (_chain(b""), 1, _bare("AWS4"), _ALGORITHM),
    *_other_scopes(b"AWS4"),
)


def key_rows(variant: Variant, variants: tuple[SecretVariant, ...]) -> tuple[KeyRow, ...]:
    """Every key worth trying, cheapest first."""
    return tuple(sorted(_rows(variant, variants), key=lambda row: row.cost))


def _rows(variant: Variant, variants: tuple[SecretVariant, ...]) -> Iterator[KeyRow]:
    for secret in variants:
        if variant in _V4 or variant in _S3_V4:
            for derive, cost, change, cause in _OSS_CHAINS if variant in _V4 else _S3_CHAINS:
                yield KeyRow(secret, derive, secret.cost + cost, change, cause)
        else:
            yield KeyRow(secret, _direct, secret.cost)
