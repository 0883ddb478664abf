"""What a redacted capture says of exchanges that it does not hold.

A capture that goes with a ticket holds the exchanges of the findings and no others. But a success with the same access
key acquits the secret, and without it the diagnosis of that capture would be another. So for each success that a
finding cites, the capture says in a comment of its own that there was one and what set it apart: no more of it than
the facts need. Anybody can write such a comment. It can only take a suspicion away or hint at something, it proves
nothing: that takes an exchange (with the same signature, say), and those are in the capture.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass

from analyzer.diagnosis.acceptance import is_accepting
from analyzer.diagnosis.case import Sighting
from analyzer.diagnosis.memory import MAX_TRAITS, sighting_of, traits_of
from analyzer.model.signing import SignedExchange

__all__ = ["PREFIX", "Statement", "is_statement", "read_statement", "statement"]

PREFIX = b"ossig.success/1 "
#: Characters of a value, and of a word for a trait; words.
_VALUE, _TRAIT, _TRAITS = 256, 300, 2 * MAX_TRAITS + 16


@dataclass(frozen=True, slots=True)
class Statement:
    """A success that is said to have been. Its sighting has no frames."""

    access_key_id: bytes
    success: Sighting


def statement(signed: SignedExchange) -> str | None:
    """The comment about a success; None where ``signed`` is none."""
    request, response, key_id = signed.exchange.request, signed.exchange.response, signed.credentials.access_key_id
    if request is None or response is None or key_id is None or len(key_id) > _VALUE:
        return None
    seen = sighting_of(request, signed, response)
    if not seen.succeeded:
        return None
    said = {
        "access_key_id": _text(key_id),
        "method": _text(seen.method),
        "status": seen.status,
        "content_type": _text(seen.content_type),
        "traits": sorted(traits_of(request, signed)),
        "client": seen.client.hex() if seen.client is not None else None,
    }
    return PREFIX.decode() + json.dumps(said)


def is_statement(comment: bytes) -> bool:
    """The comment means to be one."""
    return comment.startswith(PREFIX)


def read_statement(comment: bytes) -> Statement:
    """What such a comment says. Raises ``ValueError`` where it says nothing that can be read."""
    try:
        said = json.loads(comment[len(PREFIX) :])
        traits = said["traits"]
        key_id, method = _bytes(said["access_key_id"]), _bytes(said["method"])
        content_type = None if said["content_type"] is None else _bytes(said["content_type"])
        status, client = said["status"], _client(said.get("client"))
    except (KeyError, TypeError, RecursionError) as error:
        raise ValueError("a member is missing or of another type") from error
    if not isinstance(traits, list) or len(traits) > _TRAITS or not all(map(_is_trait, traits)):
        raise ValueError("the traits are no words")
    if type(status) is not int or not is_accepting(method, status):
        raise ValueError("the status is none of a success")
    seen = Sighting(method, b"", b"", content_type, None, status, True, (), frozenset(traits), client)
    return Statement(key_id, seen)


def _text(value: bytes | None) -> str | None:
    return value.decode("utf-8", "surrogateescape") if value is not None else None


def _bytes(value: object) -> bytes:
    if not isinstance(value, str) or len(value) > _VALUE:
        raise ValueError("a value is no text, or a long one")
    return value.encode("utf-8", "surrogateescape")


def _client(value: object) -> bytes | None:
    """The mark of a client; None where none is said, as in comments of earlier versions."""
    if value is None:
        return None
    if not isinstance(value, str) or not re.fullmatch(r"[0-9a-f]{16}", value):
        raise ValueError("the client is no mark")
    return bytes.fromhex(value)


def _is_trait(value: object) -> bool:
    return isinstance(value, str) and len(value) <= _TRAIT and value.isascii()
