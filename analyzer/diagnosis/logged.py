"""What a client's log proves, without any secret.

A log that says what was signed does what the search with the secret does: it names the client's text. The same named
edits that the search tries on the server's text lead to it, fewest first; the ones that lead there exactly are what
was done between signing and the server.
"""

from __future__ import annotations

from analyzer.diagnosis.case import Hit
from analyzer.diagnosis.drafts import laid
from analyzer.diagnosis.search import Base, combinations
from analyzer.diagnosis.secret_check import base_of
from analyzer.model.signing import SignedExchange, Variant

__all__ = ["hit_of_log"]

#: Edits tried together, and texts laid at most.
_MAX_LEVEL, _MAX_TEXTS = 3, 60_000
#: A text counts once more for each of so many bytes.
_SHARE = 4096


def hit_of_log(signed: SignedExchange) -> Hit | None:
    """What the client did otherwise than the server, by its own log; None where the two are the same, one of them is
    missing, or no known changes lead from one to the other."""
    logged = signed.client_canonical if signed.server_canonical is not None else signed.client_string
    server = signed.server_string
    if logged is None or server is None or signed.credentials.variant is Variant.NONE:
        return None
    base = base_of(signed, "server", server, signed.server_canonical)
    edits = _edits_between(base, logged.data)
    if not edits:
        return None
    names, causes = zip(*edits, strict=True)
    return Hit(logged.data, names, causes, "as given", "server", by_log=True)


def _edits_between(base: Base, wanted: bytes) -> tuple[tuple[str, str], ...]:
    """(name, cause) of the fewest edits that make ``wanted`` of the base."""
    tried = 0
    weight = 1 + len(laid(base.draft)) // _SHARE
    for level in range(1, _MAX_LEVEL + 1):
        for draft, edits in combinations(base, level):
            tried += weight
            if laid(draft) == wanted:
                return tuple((edit.name, edit.cause) for edit in edits)
            if tried >= _MAX_TEXTS:
                return ()
    return ()
