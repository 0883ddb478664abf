"""Which characters may stand in for which: the same kind, the same number of bytes, the same behaviour.

A pseudonym has to break where the original broke. So a digit becomes a digit, a letter a letter of the same case, a
Chinese character one that GBK can write too, a letter with an accent another letter with that accent (so that NFC and
NFD stay two spellings of one name), a Latin-1 letter another of Latin-1. Punctuation, blanks and marks that steer
text are structure and stay.
"""

from __future__ import annotations

import unicodedata
from functools import lru_cache

__all__ = ["DIGITS", "HEX_LETTERS", "LETTERS", "alphabet", "folded", "is_word"]

DIGITS = "0123456789"
LETTERS = "abcdefghijklmnopqrstuvwxyz"
HEX_LETTERS = "abcdef"

#: General categories that are words; everything else is structure and kept. Symbols (So, Sk, Sm) beyond ASCII count as
#: words: an emoji in a key says as much as a letter.
_WORD_CATEGORIES = frozenset({"Lu", "Ll", "Lt", "Lm", "Lo", "Mn", "Mc", "Me", "Nd", "Nl", "No", "So", "Sk", "Sm", "Co"})

_WINDOW = 128


def is_word(char: str) -> bool:
    """The character is part of a word (and will be replaced), not structure."""
    if char.isascii():
        return char.isalnum()
    return unicodedata.category(char) in _WORD_CATEGORIES


def folded(char: str) -> str:
    """The character without its case, where upper and lower case are each other's and equally long."""
    if char.isascii():
        return char.lower()
    lower = char.lower()
    if lower != char and len(lower) == 1 and lower.upper() == char and _width(lower) == _width(char):
        return lower
    return char


@lru_cache(maxsize=4096)
def alphabet(char: str) -> str:
    """All characters, ``char`` among them, any of which may stand for any other; ``char`` is folded.

    Alphabets never overlap: two characters share one or have nothing in common, so replacing within them keeps
    different values different.
    """
    if char.isascii():
        return DIGITS if char.isdigit() else LETTERS
    if char in _hanzi():
        return _HANZI
    start = ord(char) & ~(_WINDOW - 1)
    wanted = _nature(char)
    return "".join(c for c in map(chr, range(start, start + _WINDOW)) if _nature(c) == wanted)


@lru_cache(maxsize=1)
def _hanzi() -> frozenset[str]:
    return frozenset(_HANZI)


#: The 3,755 characters of GB 2312, level 1: every Chinese charset has them, in UTF-8 all are three bytes.
_HANZI = "".join(
    bytes((row, column)).decode("gb2312")
    for row in range(0xB0, 0xD8)
    for column in range(0xA1, 0xFF)
    if not (row == 0xD7 and column > 0xF9)
)


@lru_cache(maxsize=65536)
def _nature(char: str) -> tuple[object, ...] | None:
    """What two characters must agree in; None for surrogates."""
    if 0xD800 <= ord(char) <= 0xDFFF or char in _hanzi():
        return None
    apart = unicodedata.normalize("NFD", char)
    return (
        unicodedata.category(char),
        _width(char),
        len(apart) if "\uac00" <= char <= "\ud7a3" else apart[1:],  # Korean syllables: as many parts, not the same ones
        _width(apart),
        unicodedata.combining(char),
        unicodedata.normalize("NFC", char) == char,
        folded(char) == char,
        _has_upper(char),
        _in_latin_1(char),
        _in_latin_1(char.upper()[0]),
    )


def _has_upper(char: str) -> bool:
    upper = char.upper()
    return upper != char and len(upper) == 1 and folded(upper) == char


def _in_latin_1(char: str) -> bool:
    return ord(char) < 0x100


def _width(text: str) -> int:
    return len(text.encode("utf-8", "surrogatepass"))
