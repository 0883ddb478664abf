"""``StringToSignBytes``: bytes written as numbers.

Seen: upper-case hex pairs with a trailing blank (OSS), lower case without one (S3 and old documents), no blanks at
all, and signed decimal numbers (IBM Cloud Object Storage). A list of two-digit numbers can be either; then the text
of the string, or else how such a text begins, decides.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import takewhile

__all__ = ["MAX_BYTES", "read_numbers"]

MAX_BYTES = 256 * 1024

_HEX = re.compile(rb"[0-9A-Fa-f]*\Z")
_DECIMAL = re.compile(rb"-?\d{1,3}\Z")
_BEGINS = re.compile(rb"(?:[A-Za-z]{3,16}\r?\n|AWS4-HMAC|OSS4-HMAC)")


def read_numbers(text: bytes, expected: bytes | None) -> tuple[bytes | None, bool]:
    """(the bytes, whole): None when these are no numbers; not whole when the list was cut in the middle of one or
    something unreadable followed. ``expected`` is the text of the same string, for the ambiguous case."""
    tokens = text.split()
    if not tokens or len(text) > 4 * MAX_BYTES:
        return None, False
    as_hex, whole_hex = _hex(tokens)
    as_decimal = _decimal(tokens)
    if as_hex is None or as_decimal is None:
        return (as_hex, whole_hex) if as_decimal is None else (as_decimal, True)
    if expected is not None:
        wanted = b"".join(expected.split())
        if b"".join(as_decimal.split()) == wanted:
            return as_decimal, True
        if b"".join(as_hex.split()) == wanted:
            return as_hex, whole_hex
    decimal_fits = _BEGINS.match(as_decimal) is not None and _BEGINS.match(as_hex) is None
    return (as_decimal, True) if decimal_fits else (as_hex, whole_hex)


def _hex(tokens: Sequence[bytes]) -> tuple[bytes | None, bool]:
    if len(tokens) > 1 and any(len(token) > 2 and len(token) % 2 for token in tokens[:-1]):
        return None, False
    good = list(tokens) if _HEX.match(b"".join(tokens)) else list(takewhile(_HEX.match, tokens))
    whole = len(good) == len(tokens)
    if not good or (len(good) > 1 and any(len(token) == 1 for token in good[:-1])):
        return None, False
    digits = b"".join(good)
    if len(digits) % 2:
        digits, whole = digits[:-1], False
    return bytes.fromhex(digits.decode("ascii")), whole


def _decimal(tokens: Sequence[bytes]) -> bytes | None:
    if len(tokens) < 2 or not all(_DECIMAL.match(token) for token in tokens):
        return None
    values = [int(token) for token in tokens]
    if any(value < -128 or value > 255 for value in values):
        return None
    return bytes(value & 0xFF for value in values)
