"""Successes that show which of two rules a server has.

Where no document states a rule, a request that the server accepted tells it: with the secret at hand it is computed
which text its signature covers. One success is kept for each key id, host, version and open point.
"""

from __future__ import annotations

import hmac
from collections import OrderedDict

from analyzer.model.secrets import Secret
from analyzer.model.signing import ServerRules, SignedExchange, SigningInputs
from analyzer.oss import signer
from analyzer.oss.rules import Deviation, open_points, rules_without

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

    def shows(
        self, signed: SignedExchange, rules: ServerRules, deviation: Deviation, secret: Secret
    ) -> tuple[str, tuple[int, ...]] | None:
        """``default`` or ``deviating``, whichever a success shows of the server that refused ``signed``, and the
        success's frames; None where none tells. ``rules``: all that the refusal suggests, the deviation among them."""
        name = _named(signed, deviation.point)
        found = self._kept.get(name) if name is not None else None
        if found is None:
            return None
        inputs, signature, frames = found
        row = signer(inputs.variant)
        for without, having in ((ServerRules(), deviation.rules), (rules_without(rules, deviation), rules)):
            texts = [row.string_to_sign_bytes(inputs, each) for each in (without, having)]
            made = [row.signature(secret.reveal(), inputs, text) for text in texts]
            equal = [hmac.compare_digest(each, signature) for each in made]
            if texts[0] != texts[1] and any(equal):
                return ("default" if equal[0] else "deviating"), frames
        return None


def _named(signed: SignedExchange, point: str) -> _Point | None:
    """The same key id, host and version: what one request shows holds for the other."""
    inputs, key_id = signed.inputs, signed.credentials.access_key_id
    if inputs is None or key_id is None:
        return None
    version = inputs.variant.value.removesuffix("-header").removesuffix("-query")
    return key_id, (inputs.host or b"").lower(), version, point
