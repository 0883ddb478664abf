"""What a client's log proves, without any secret.

A log that says what was signed does what the search with the secret does: it names the client's text. The same named
edits that the search tries on the server's text lead to it, fewest first; the ones that lead there exactly are what
was done between signing and the server.
"""

from __future__ import annotations

from analyzer.diagnosis.case import Hit
from analyzer.diagnosis.drafts import laid
from analyzer.diagnosis.edits import Edit
from analyzer.diagnosis.open_rules import by_default
from analyzer.diagnosis.search import Base, combinations
from analyzer.diagnosis.secret_check import base_of
from analyzer.model.signing import SignedExchange, Variant

__all__ = ["hit_of_log"]

#: Edits tried together, and texts laid at most.
_MAX_LEVEL, _MAX_TEXTS = 3, 60_000
#: A text counts once more for each of so many bytes.
_SHARE = 4096


def hit_of_log(signed: SignedExchange) -> tuple[Hit | None, SignedExchange]:
    """What the client did otherwise than the server, by its own log, and the exchange as the client signed it; no hit
    where the two are the same, one of them is missing, or no known changes lead from one to the other."""
    logged, server, default = _logged(signed), signed.server_string, by_default(signed)
    if logged is None or server is None or signed.credentials.variant is Variant.NONE:
        return None, signed
    found = _hit(base_of(signed, "server", server, signed.server_canonical), logged)
    if default is None or default.string_to_sign is None or default.inputs is None:
        return found, signed
    if logged == _wire(default):
        return None, default  # it signed what it sent, by the default rules
    by_rules = _hit(base_of(default, "wire", default.string_to_sign, default.canonical_request), logged)
    if by_rules is not None and (found is None or len(by_rules.changes) < len(found.changes)):
        return by_rules, default
    return found, signed


def _hit(base: Base, logged: bytes) -> Hit | None:
    edits = _edits_between(base, logged)
    if not edits:
        return None
    changes, causes = tuple(edit.change for edit in edits), tuple(edit.cause for edit in edits)
    return Hit(logged, changes, causes, None, base.name, by_log=True)


def _logged(signed: SignedExchange) -> bytes | None:
    text = signed.client_canonical if signed.server_canonical is not None else signed.client_string
    return text.data if text is not None else None


def _wire(signed: SignedExchange) -> bytes | None:
    text = signed.canonical_request if signed.server_canonical is not None else signed.string_to_sign
    return text.data if text is not None else None


def _edits_between(base: Base, wanted: bytes) -> tuple[Edit, ...]:
    """The fewest edits that make ``wanted`` of the base."""
    tried = 0
    weight = 1 + len(laid(base.draft)) // _SHARE
    for level in range(1, _MAX_LEVEL + 1):
        for draft, edits in combinations(base, level):
            tried += weight
            if laid(draft) == wanted:
                return edits
            if tried >= _MAX_TEXTS:
                return ()
    return ()
