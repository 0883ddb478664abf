"""Pseudonyms for words, numbered by order of appearance and shaped like what they replace.

A word is a run of letters and digits. Words live in a tree, character by character: at every node the first child
seen gets the first stand-in, the second the second, out of an alphabet shuffled by the *pseudonym* read so far. Hence
equal words get equal pseudonyms, different words different ones, a word cut short the same pseudonym cut short, and
upper and lower case stay related; and a pseudonym says nothing of the word but its shape and its place in the queue.
No hash of a captured value is ever taken, so there is nothing to look up in a dictionary, and nothing random either:
the same report gives the same pseudonyms. ``turn`` shuffles the alphabets otherwise, for the rare case that a
pseudonym comes out as somebody else's real value.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from hashlib import blake2b, shake_128
from math import gcd

from analyzer.report.redaction.letters import HEX_LETTERS, alphabet, folded, is_word
from analyzer.report.redaction.vocabulary import EXTENSIONS

__all__ = ["Words"]

#: Runs of bytes that can hold a word; what lies between is structure.
_CHUNK = re.compile(rb"[0-9A-Za-z\x80-\xff]+")
_PLAIN = re.compile(rb"[0-9A-Za-z]+\Z")
_HEX = re.compile(r"(?=.*[a-f])[0-9a-f]{16,}\Z")
#: Beyond this depth the rest of a word is one step of the tree: hostile values are long.
DEPTH = 64
#: How access key ids begin that say what kind of id they are (help page "Create an AccessKey pair").
ID_PREFIXES = ("ltai",)
#: Two bytes a character, both of them high: without that, a lone accented letter of Latin-1 would pass for Chinese.
_PAIRS = re.compile(rb"(?:[\x00-\x7f]|[\x81-\xfe][\x80-\xfe])+\Z")
_CHINESE = re.compile(r"[\u3000-\u303f\u4e00-\u9fff\uff00-\uffef]")


#: Chunks up to here are remembered whole.
_SHORT = 256


class _Node:
    """One place in the tree. ``alone`` is the rest of the only word that came this way, not yet grown into nodes."""

    __slots__ = ("alone", "children", "ranks")

    def __init__(self, alone: str = "") -> None:
        self.alone = alone
        self.children: dict[str, tuple[str, _Node]] = {}
        self.ranks: dict[str, int] = {}


class Words:
    """The words of one report and their pseudonyms."""

    def __init__(self, turn: int = 0, prefixes: Iterable[str] = ()) -> None:
        """``prefixes``: beginnings of words, folded, that stay readable."""
        self._salt = b"%d " % turn
        self._roots: dict[str, _Node] = {}
        self._known: dict[str, str] = {}
        self._chunks: dict[bytes, bytes] = {}  #: short ones, as they stood: most come many times
        self._prefixes = (*ID_PREFIXES, *prefixes)

    def replace(self, data: bytes) -> bytes:
        """``data`` with every word replaced; as long as before, structure untouched."""
        return _CHUNK.sub(self._chunk, data)

    def word(self, word: str) -> str:
        """Pseudonym of one word, case included."""
        plain = _folded(word)
        known = self._known.get(plain)
        if known is None:
            start = next((prefix for prefix in self._prefixes if plain.startswith(prefix)), "")
            known = self._known[plain] = start + self._walk(plain[len(start) :], start)
        return known if plain == word else "".join(map(_recased, known, word))

    def knows(self, word: str) -> bool:
        """The word, or a longer one that begins so, was replaced before."""
        plain = _folded(word)
        if plain in self._known:
            return True
        start = next((prefix for prefix in self._prefixes if plain.startswith(prefix)), "")
        return any(self._holds(f"{start} {letters}", plain[len(start) :]) for letters in (False, True))

    def _holds(self, root: str, rest: str) -> bool:
        node = self._roots.get(root)
        for at, char in enumerate(rest[:DEPTH]):
            if node is None:
                return False
            if node.alone:
                return node.alone.startswith(rest[at:])
            entry = node.children.get(char)
            node = entry[1] if entry is not None else None
        return node is not None

    def _chunk(self, found: re.Match[bytes]) -> bytes:
        raw = found[0]
        if found.string[found.start() - 1 : found.start()] == b"." and raw.lower() in EXTENSIONS:
            return raw
        known = self._chunks.get(raw)
        if known is None:
            known = self._replaced(raw)
            if len(raw) <= _SHORT:
                self._chunks[raw] = known
        return known

    def _replaced(self, raw: bytes) -> bytes:
        if _PLAIN.match(raw):
            return self.word(raw.decode("ascii")).encode("ascii")
        text, charset = _decoded(raw)
        made = self._text(text, charset).encode(charset)
        if len(made) == len(raw):
            return made
        # Rare characters of GB 18030 have neighbours of four bytes: then the bytes themselves are the letters.
        return self._text(raw.decode("latin-1"), "latin-1").encode("latin-1")

    def _text(self, text: str, charset: str) -> str:
        together = unicodedata.normalize("NFC", text) if charset == "utf-8" else text
        if together == text:
            return self._runs(text, charset)
        if unicodedata.normalize("NFD", text) == text:
            apart = unicodedata.normalize("NFD", self._runs(together, charset))
            if len(apart.encode("utf-8")) == len(text.encode("utf-8")):
                return apart
        return self._runs(text, charset)

    def _runs(self, text: str, charset: str) -> str:
        out: list[str] = []
        run: list[str] = []
        for char in text:
            if is_word(char) or (charset == "latin-1" and char > "\x7f"):
                run.append(char)
                continue
            if run:
                out.append(self.word("".join(run)))
                run.clear()
            out.append(char)
        if run:
            out.append(self.word("".join(run)))
        return "".join(out)

    # The tree -------------------------------------------------------------------------------------------------------

    def _walk(self, word: str, start: str) -> str:
        letters = _HEX.match(word) is not None
        root = f"{start} {letters}"
        node = self._roots.setdefault(root, _Node())
        state = self._salt + root.encode("utf-8")
        out: list[str] = []
        for at, char in enumerate(word):
            if at >= DEPTH:
                return "".join(out) + self._tail(node, word[at:], state, letters)
            if node.alone == word[at:]:
                return "".join(out) + self._fresh(word[at:], at, state, letters)
            if node.alone:
                self._grow(node, state, letters)
            entry = node.children.get(char)
            if entry is None:
                if not node.children:
                    node.alone = word[at:]
                    return "".join(out) + self._fresh(word[at:], at, state, letters)
                entry = self._child(node, char, state, letters)
            stand_in, node = entry
            out.append(stand_in)
            state = _next(state, stand_in)
        return "".join(out)

    def _grow(self, node: _Node, state: bytes, letters: bool) -> None:
        """Give the only word so far its first step of its own."""
        rest, node.alone = node.alone, ""
        self._child(node, rest[0], state, letters)[1].alone = rest[1:]

    def _child(self, node: _Node, char: str, state: bytes, letters: bool) -> tuple[str, _Node]:
        choice = _alphabet(char, letters)
        rank = node.ranks.get(choice, 0)
        node.ranks[choice] = rank + 1
        entry = node.children[char] = (self._pick(choice, rank, state), _Node())
        return entry

    def _fresh(self, rest: str, at: int, state: bytes, letters: bool) -> str:
        """Stand-ins of a stretch that nothing else shares: always the first of each alphabet."""
        out: list[str] = []
        for place, char in enumerate(rest, at):
            if place >= DEPTH:
                return "".join(out) + _stretch(rest[place - at :], state, letters, 0)
            stand_in = self._pick(_alphabet(char, letters), 0, state)
            out.append(stand_in)
            state = _next(state, stand_in)
        return "".join(out)

    def _tail(self, node: _Node, rest: str, state: bytes, letters: bool) -> str:
        """The rest of a long word, in one step."""
        if node.alone == rest:
            return _stretch(rest, state, letters, 0)
        if node.alone:
            first, node.alone = node.alone, ""
            node.children[first] = (_stretch(first, state, letters, 0), _Node())
        entry = node.children.get(rest)
        if entry is None:
            entry = node.children[rest] = (_stretch(rest, state, letters, len(node.children)), _Node())
        return entry[0]

    @staticmethod
    def _pick(choice: str, rank: int, state: bytes) -> str:
        """The ``rank``-th character of the alphabet, shuffled by what the pseudonym says so far."""
        size = len(choice)
        if size < 2:
            return choice
        seed = int.from_bytes(blake2b(state + choice[:1].encode("utf-8"), digest_size=8).digest(), "big")
        step = 1 + seed % (size - 1)
        while gcd(step, size) != 1:
            step = step % (size - 1) + 1
        return choice[(seed // size + rank * step) % size]


def _folded(word: str) -> str:
    return word.lower() if word.isascii() else "".join(map(folded, word))


def _alphabet(char: str, letters: bool) -> str:
    return HEX_LETTERS if letters and char in HEX_LETTERS else alphabet(char)


def _next(state: bytes, stand_in: str) -> bytes:
    return blake2b(state + stand_in.encode("utf-8"), digest_size=12).digest()


def _stretch(rest: str, state: bytes, letters: bool, rank: int) -> str:
    """Stand-ins for the end of a long word, all at once."""
    noise = shake_128(state + b"%d" % rank).digest(2 * len(rest))
    choices = [_alphabet(char, letters) for char in rest]
    return "".join([c[(noise[2 * i] << 8 | noise[2 * i + 1]) % len(c)] for i, c in enumerate(choices)])


def _recased(stand_in: str, original: str) -> str:
    return stand_in if folded(original) == original else stand_in.upper()


def _decoded(raw: bytes) -> tuple[str, str]:
    """Text and charset: UTF-8, else a Chinese charset where it gives nothing but Chinese, else Latin-1."""
    try:
        return raw.decode("utf-8"), "utf-8"
    except UnicodeDecodeError:
        pass
    try:
        text = raw.decode("gb18030") if _PAIRS.match(raw) else "\xff"
    except UnicodeDecodeError:
        text = "\xff"
    chinese = all(char.isascii() or _CHINESE.match(char) for char in text)
    return (text, "gb18030") if chinese else (raw.decode("latin-1"), "latin-1")
