"""Successes that show which of two rules a server has.

Where no document states a rule, a request that the server accepted tells it: with the secret at hand it is computed
which text its signature covers. One success is kept for each key id, host, version and open point.
"""

from __future__ import annotations

import hmac
from collections import OrderedDict
from collections.abc import Iterator

from analyzer.model.secrets import Secret
from analyzer.model.signing import ServerRules, SignedExchange, SigningInputs
from analyzer.oss import signer
from analyzer.oss.rules import Deviation, open_points

__all__ = ["Witnesses"]

MAX_WITNESSES = 2048

_Point = tuple[bytes, bytes, str, str]


class Witnesses:
    """Grows with ``note``; the oldest are forgotten first."""

    def __init__(self) -> None:
        self._kept: OrderedDict[_Point, tuple[SigningInputs, bytes, tuple[int, ...]]] = OrderedDict()

    def note(self, signed: SignedExchange) -> None:
        """Take note of a request whose signature the server accepted."""
        inputs, signature = signed.inputs, signed.credentials.signature
        if inputs is None or not signature or signed.string_to_sign is None:
            return
        for point in open_points(inputs):
            name = _named(signed, point)
            if name is None or name in self._kept:
                continue
            if len(self._kept) >= MAX_WITNESSES:
                self._kept.popitem(last=False)
            request = signed.exchange.request
            self._kept[name] = (inputs, signature, request.frames[:4] if request is not None else ())

    def shows(self, signed: SignedExchange, deviation: Deviation, secret: Secret) -> tuple[str, tuple[int, ...]] | None:
        """``default`` or ``deviating``, whichever a success shows of the server that refused ``signed``, and the
        success's frames; None where none tells."""
        name = _named(signed, deviation.point)
        found = self._kept.get(name) if name is not None else None
        if found is None:
            return None
        inputs, signature, frames = found
        by_default, deviating = (signer(inputs.variant).string_to_sign_bytes(inputs, r) for r in _both(deviation))
        if by_default == deviating:
            return None
        for said, text in (("default", by_default), ("deviating", deviating)):
            made = signer(inputs.variant).signature(secret.reveal(), inputs, text)
            if hmac.compare_digest(made, signature):
                return said, frames
        return None


def _both(deviation: Deviation) -> Iterator[ServerRules]:
    yield ServerRules()
    yield deviation.rules


def _named(signed: SignedExchange, point: str) -> _Point | None:
    """The same key id, host and version: what one request shows holds for the other."""
    inputs, key_id = signed.inputs, signed.credentials.access_key_id
    if inputs is None or key_id is None:
        return None
    version = inputs.variant.value.removesuffix("-header").removesuffix("-query")
    return key_id, (inputs.host or b"").lower(), version, point
