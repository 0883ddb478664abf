"""Where in a text may one of many values begin?

Strategy: a table marks the first four bytes of every value, hashed, a second one the first eight of those that have
as many; what passes both is looked up exactly. numpy does this for all places of a text at once, so that the time
depends on the text and hardly on the number of values.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import numpy as np
import numpy.typing as npt

__all__ = ["LONG_HEAD", "SHORT", "Prefixes"]

#: Bytes at the beginning of a value that are looked for: of long ones, of short ones. Nothing is shorter.
LONG_HEAD, SHORT = 8, 4
_BITS, _WIDE_BITS = 20, 22
#: Odd multipliers: the golden ratio and a relative (multiplicative hashing).
_M1, _M2 = np.uint32(0x9E3779B1), np.uint32(0x85EBCA77)

_Words = npt.NDArray[np.uint32]


class Prefixes:
    """The first bytes of many values."""

    __slots__ = ("_any", "_long", "_short", "_wide")

    def __init__(self, heads: Iterable[bytes]) -> None:
        """``heads``: ``LONG_HEAD`` bytes of the values that have as many, ``SHORT`` bytes of the others."""
        known = list(heads)
        short = _words(b"".join(head for head in known if len(head) == SHORT))[::SHORT]
        packed = _words(b"".join(head for head in known if len(head) == LONG_HEAD))
        first, second = packed[::LONG_HEAD], packed[SHORT::LONG_HEAD]
        self._short = np.unique(short)
        self._long = np.unique(_joined(first, second))
        self._any = np.zeros(1 << _BITS, np.bool_)
        self._any[_hashed(first)] = self._any[_hashed(short)] = True
        self._wide = np.zeros(1 << _WIDE_BITS, np.bool_)
        self._wide[_hashed_wide(first, second)] = True

    def places(self, text: bytes) -> Iterator[int]:
        """Every place where one of the heads stands, ascending."""
        words = _words(text)
        places = np.flatnonzero(_marked(self._any, _hashed(words)))
        found = [places[_among(words[places], self._short)]]
        places = places[places < len(words) - SHORT]
        places = places[_marked(self._wide, _hashed_wide(words[places], words[places + SHORT]))]
        found.append(places[_among(_joined(words[places], words[places + SHORT]), self._long)])
        yield from np.unique(np.concatenate(found)).tolist()


def _words(text: bytes) -> _Words:
    """Every four bytes in a row as a number."""
    words = np.empty(max(len(text) - SHORT + 1, 0), np.uint32)
    for start in range(min(SHORT, len(words))):
        words[start::SHORT] = np.frombuffer(text, "<u4", (len(text) - start) // SHORT, start)
    return words


def _joined(first: _Words, second: _Words) -> npt.NDArray[np.uint64]:
    return first.astype(np.uint64) << np.uint64(32) | second


def _hashed(words: _Words) -> _Words:
    return (words * _M1) >> np.uint32(32 - _BITS)


def _hashed_wide(first: _Words, second: _Words) -> _Words:
    return ((first * _M1) ^ (second * _M2)) >> np.uint32(32 - _WIDE_BITS)


def _marked(table: npt.NDArray[np.bool_], hashes: _Words) -> npt.NDArray[np.bool_]:
    """What stands in the table at each hash. (Without a check of bounds this is four times as fast as an index.)"""
    return table.take(hashes.astype(np.intp), mode="clip")


def _among(values: npt.NDArray[np.generic], known: npt.NDArray[np.generic]) -> npt.NDArray[np.bool_]:
    """Which of the values are among the known ones, which are sorted."""
    if not len(known):
        return np.zeros(len(values), np.bool_)
    at = np.minimum(np.searchsorted(known, values), len(known) - 1)
    same: npt.NDArray[np.bool_] = known[at] == values
    return same
