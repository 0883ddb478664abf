"""Names of headers, parameters, elements and members: which of them are what they look like, words.

Names are not values, and whoever reads a report needs them. But anything can stand where a name stands: a line that
lost its colon early, a key of JSON that is a token. So a name is kept that a table has, or that reads like words; what
looks like it was rolled with dice (digits among letters, capitals in odd places, consonants without end), what is long
and what no protocol allows in a name is not.
"""

from __future__ import annotations

import re

__all__ = ["PREFIXES", "is_plain"]

MAX_NAME = 64
MAX_WORDS = 10
#: Of one word: letters in a row, digits in a row, and how many rows; from four rows on they are so long on average.
MAX_LETTERS, MAX_DIGITS, MAX_STRETCHES, MEAN = 16, 4, 6, 3
#: Beginnings that steer how a header is signed; they stay whatever follows.
PREFIXES = (b"x-oss-meta-", b"x-amz-meta-", b"x-oss-", b"x-amz-", b"x-")

#: ``token`` (RFC 9110, section 5.6.2) without the percent sign, and the colon of XML's namespaces.
_NAME = re.compile(rb"[!#$&'*+.^_`|~0-9A-Za-z:-]+")
_WORD = re.compile(rb"[0-9A-Za-z]+")
#: ``SHA256`` is ``SHA`` and ``256``, ``TraceId`` is ``Trace`` and ``Id``, ``OSSAccess`` is ``OSS`` and ``Access``.
_STRETCH = re.compile(rb"\d+|[A-Z]+(?![a-z])|[A-Z]?[a-z]+")
_UNSPEAKABLE = re.compile(rb"[bcdfghjklmnpqrstvwxz]{7}", re.IGNORECASE)
#: ``crc64ecma`` is one word; what is longer was not put together by hand.
_INNER = re.compile(rb"[A-Za-z]\d+[A-Za-z]")
MAX_INNER = 14
#: ``P3P``: too short to hold anything.
MAX_TINY = 3


def is_plain(name: bytes) -> bool:
    """``name`` reads like words and is short."""
    if len(name) > MAX_NAME or _NAME.fullmatch(name) is None:
        return False
    words = _WORD.findall(name)
    return len(words) <= MAX_WORDS and all(map(_is_word, words))


def _is_word(word: bytes) -> bool:
    if len(word) <= MAX_TINY:
        return True
    stretches: list[bytes] = _STRETCH.findall(word)
    letters = [one for one in stretches if not one.isdigit()]
    digits = [one for one in stretches if one.isdigit()]
    return (
        len(stretches) <= MAX_STRETCHES
        and (len(stretches) < 4 or len(word) >= MEAN * len(stretches))
        and len(digits) < 2
        and all(len(one) <= MAX_DIGITS for one in digits)
        and all(len(one) <= MAX_LETTERS for one in letters)
        and sum(len(one) == 1 for one in letters) < 2
        and not any(map(_UNSPEAKABLE.search, letters))
        and (len(word) <= MAX_INNER or _INNER.search(word) is None)
    )
