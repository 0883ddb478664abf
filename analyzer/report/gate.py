"""The last gate: no output leaves with a value in it that was to be removed, in whatever disguise.

Looking for every value in every encoding would cost values times encodings. So it is done the other way round: the
finished output is undressed (entities, backslash escapes, percent escapes, tags, hex dumps, base64 at each of its
alignments) into a few plain views, and all values are looked for in each view at once, by their first bytes. The gate
fails closed: what it finds stops the output, and the message names the kind of value and nothing else.

Not looked for, because finding them proves nothing:

- values under four bytes, and numbers under twelve digits: any report holds such by chance (ports, sizes, times);
- values that a pseudonym came out as, and values that stand in what is kept (a bucket named ``image`` next to
  ``image/png``);
- values that stand in this program's own text (a bucket named ``test``): whoever reads them learns nothing.

Values under ``LONG`` bytes count only as whole words, and in decoded hex and base64 only from ``CODED`` bytes on,
for the same reason. Secrets are exempt from nothing but the first length.
"""

from __future__ import annotations

import binascii
import html
import json
import re
from base64 import b64decode, b64encode
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from urllib.parse import quote_from_bytes, unquote_to_bytes

import numpy as np
import numpy.typing as npt

from analyzer.model.errors import OutputRefused
from analyzer.model.notes import Kind, note
from analyzer.model.secrets import Secret

__all__ = ["Gate", "check_secrets", "secret_gate", "views"]

SHORT = 4
LONG = 12
CODED = 6
_DIGITS = 12
_ROUNDS = 3
_BITS = 20
_STRETCH = 1 << 20

_ALNUM = frozenset(b"0123456789abcdefghijklmnopqrstuvwxyz")
_TAG = re.compile(rb"<[^<>]{0,4096}>")
_HEX_RUN = re.compile(rb"(?:[0-9a-f]{2}(?:[\s:,-]|0x|\\x)?\s{0,3}){4,}[0-9a-f]?", re.IGNORECASE)
_NOT_HEX = re.compile(rb"0x|\\x|[^0-9a-f]", re.IGNORECASE)
_BASE64_RUN = re.compile(rb"[A-Za-z0-9+/_-]{8,}")
_URL_SAFE = bytes.maketrans(b"-_", b"+/")
_BACKSLASH = re.compile(rb"\\(?:u([0-9A-Fa-f]{4})|x([0-9A-Fa-f]{2})|([\\/\"'nrtbf0]))")
_LETTER = {b"n": b"\n", b"r": b"\r", b"t": b"\t", b"b": b"\b", b"f": b"\f", b"0": b"\0"}

_SECRET = "secret"


@dataclass(frozen=True, slots=True)
class _Needle:
    value: bytes  #: lower case
    kind: str


class Gate:
    """Values that must not be in any output. Shows nothing of them."""

    __slots__ = ("_heads", "_needles", "_public", "_table")

    def __init__(
        self,
        removed: Mapping[Kind, Iterable[bytes]],
        issued: Iterable[bytes] = (),
        public: Iterable[bytes] = (),
        secrets: Iterable[Secret] = (),
    ) -> None:
        """``removed``: values by kind; ``issued``: pseudonyms; ``public``: captured values that were kept."""
        given = {value.lower() for value in issued}
        needles = {
            form: _Needle(form, kind.value)
            for kind, values in removed.items()
            for value in values
            for form in _forms(value)
            if _worth_finding(form) and form not in given
        }
        for secret in secrets:
            needles.update({form: _Needle(form, _SECRET) for form in _forms(secret.reveal()) if len(form) >= SHORT})
        self._needles = needles
        self._heads = _heads(needles.values())
        self._table = np.zeros(1 << _BITS, dtype=np.bool_)
        for form in needles:
            self._table[_hashed(np.frombuffer(form[:SHORT], dtype=np.uint8))] = True
        self._public = b"\n".join(sorted(value.lower() for value in public))

    def __repr__(self) -> str:
        return f"Gate({len(self._needles)} values)"

    def __reduce__(self) -> str | tuple[object, ...]:
        raise TypeError("a Gate cannot be serialised")

    def check(self, output: bytes, name: str) -> None:
        """Raise ``OutputRefused`` when ``output`` holds a value; ``name`` is what the output is called."""
        found = self.find(output)
        if found is not None:
            raise OutputRefused(note("redaction.refused", output=name, kind=found))

    def find(self, output: bytes) -> str | None:
        """Kind of the first value found, None when the output is clean."""
        if not self._needles:
            return None
        for view, coded in views(output):
            for needle, at in self._hits(view):
                if not self._is_chance(needle, view, at, coded):
                    return needle.kind
        return None

    def _hits(self, view: bytes) -> Iterator[tuple[_Needle, int]]:
        for at in _candidates(view, self._table):
            for size in (8, SHORT):
                for needle in self._heads.get(view[at : at + size], ()):
                    if view.startswith(needle.value, at):
                        yield needle, at

    def _is_chance(self, needle: _Needle, view: bytes, at: int, coded: bool) -> bool:
        value = needle.value
        if needle.kind == _SECRET and len(value) >= CODED:
            return False
        if coded and len(value) < CODED:
            return True
        if len(value) < LONG:
            end = at + len(value)
            if (at > 0 and view[at - 1] in _ALNUM) or (end < len(view) and view[end] in _ALNUM):
                return True
        return needle.kind != _SECRET and (value in self._public or value in _own_text())


def secret_gate(secrets: Iterable[Secret]) -> Gate:
    """The gate of the local view: everything may be shown, except secrets."""
    return Gate({}, secrets=secrets)


def check_secrets(output: bytes, name: str, secrets: Iterable[Secret]) -> None:
    """For the local view, which shows everything else: raise ``OutputRefused`` when it holds one of a few secrets,
    plain, escaped, in hex or in base64. Quick on outputs of any size, which ``Gate`` is not."""
    for secret in secrets:
        value = secret.reveal()
        if len(value.strip()) >= LONG and any(form in output for form in _written(value)):
            raise OutputRefused(note("redaction.refused", output=name, kind=_SECRET))


def _written(value: bytes) -> Iterator[bytes]:
    text = value.decode("utf-8", "backslashreplace")
    yield from {value, text.encode(), html.escape(text).encode(), json.dumps(text)[1:-1].encode()}
    yield from {quote_from_bytes(value, "").encode(), quote_from_bytes(value, "/").encode()}
    for digits in (value.hex(), value.hex(" ")):
        yield from (digits.encode(), digits.upper().encode())
    for shift in range(3):
        whole = b64encode(bytes(shift) + value)[4 if shift else 0 : -4]
        yield from {whole, whole.translate(bytes.maketrans(b"+/", b"-_"))}


def views(output: bytes) -> Iterator[tuple[bytes, bool]]:
    """The output undressed in every way, lower case; true where the view was decoded from hex or base64."""
    stages = dict.fromkeys(_undressed(output))
    for view in dict.fromkeys(lower for stage in stages for lower in _lowered(stage)):
        yield view, False
    for stage in dict.fromkeys(_coded_stages(output)):
        for decoded in (*_hex_decoded(stage), *_base64_decoded(stage)):
            if decoded:
                yield decoded.lower(), True
                again = _plain(decoded)
                if again != decoded:
                    yield again.lower(), True


def _undressed(output: bytes) -> Iterator[bytes]:
    """As it is, without tags, blanks for plus signs; and each of these with its escapes taken off, layer by layer,
    ``\\xNN`` read as a byte and as a character."""
    for start in dict.fromkeys((output, _TAG.sub(b"", output), output.replace(b"+", b" "))):
        yield start
        for points in (False, True) if b"\\" in start else (False,):
            *layers, last = _layers(start, points)
            yield from (*layers, last, _TAG.sub(b"", last))


def _coded_stages(output: bytes) -> Iterator[bytes]:
    """Where hex and base64 are looked for: in the output, and in what is left without tags and escapes."""
    yield output
    yield _layers(output, False)[-1]
    yield _layers(_TAG.sub(b"", output), False)[-1]


def _layers(text: bytes, points: bool) -> list[bytes]:
    """The text, and what is left after each layer of escapes."""
    layers = [text]
    for _ in range(_ROUNDS):
        plain = _plain(layers[-1], points)
        if plain == layers[-1]:
            break
        layers.append(plain)
    return layers


def _lowered(text: bytes) -> Iterator[bytes]:
    """Lower case as bytes, and as text."""
    yield text.lower()
    if not text.isascii():
        yield text.decode("utf-8", "surrogateescape").lower().encode("utf-8", "surrogateescape")


def _plain(text: bytes, points: bool = False) -> bytes:
    """One layer of entities, backslashes and percent escapes taken off."""
    if b"&" in text:
        text = html.unescape(text.decode("utf-8", "surrogateescape")).encode("utf-8", "surrogatepass")
    if b"\\" in text:
        text = _without_backslashes(text, points)
    return unquote_to_bytes(text) if b"%" in text else text


def _without_backslashes(text: bytes, points: bool) -> bytes:
    halves: list[int] = []

    def plain(found: re.Match[bytes]) -> bytes:
        if found[2]:
            byte = int(found[2], 16)
            return chr(byte).encode("utf-8") if points else bytes((byte,))
        if found[3]:
            return _LETTER.get(found[3], found[3])
        unit = int(found[1], 16)
        if 0xD800 <= unit < 0xDC00:
            halves.append(unit)
            return b""
        if 0xDC00 <= unit < 0xE000:
            high = halves.pop() if halves else 0xD800
            return chr(0x10000 + ((high - 0xD800) << 10) + unit - 0xDC00).encode("utf-8")
        return chr(unit).encode("utf-8")

    return _BACKSLASH.sub(plain, text)


def _hex_decoded(text: bytes) -> Iterator[bytes]:
    """Every hex run decoded, from its first and from its second digit."""
    even: list[bytes] = []
    odd: list[bytes] = []
    for found in _HEX_RUN.finditer(text):
        digits = _NOT_HEX.sub(b"", found[0])
        even.append(binascii.unhexlify(digits[: len(digits) & ~1]))
        odd.append(binascii.unhexlify(digits[1 : 1 + (len(digits) - 1 & ~1)]))
    yield b"\n".join(even)
    yield b"\n".join(odd)


def _base64_decoded(text: bytes) -> Iterator[bytes]:
    """Every base64 run decoded at each of the four places where a group of characters can begin."""
    runs = [found[0].translate(_URL_SAFE) for found in _BASE64_RUN.finditer(text)]
    for start in range(4):
        yield b"\n".join([_whole_groups(run[start:]) for run in runs])


def _whole_groups(run: bytes) -> bytes:
    """Two or three characters at the end hold one or two bytes; a single one holds none."""
    if len(run) % 4 == 1:
        run = run[:-1]
    return b64decode(run + b"=" * (-len(run) % 4))


def _forms(value: bytes) -> set[bytes]:
    """The value as it stands and without its escapes."""
    forms = {value.strip(), value}
    for _ in range(_ROUNDS):
        forms |= {_plain(form) for form in forms}
    return {lower for form in forms for lower in _lowered(form)}


def _worth_finding(value: bytes) -> bool:
    bare = value.strip()
    if len(bare) < SHORT:
        return False
    return not (len(bare) < _DIGITS and bare.translate(None, b"0123456789 .:-,/_").strip() == b"" and b"." not in bare)


def _heads(needles: Iterable[_Needle]) -> dict[bytes, list[_Needle]]:
    """First eight bytes (four of shorter values) → values."""
    heads: dict[bytes, list[_Needle]] = {}
    for needle in needles:
        size = 8 if len(needle.value) >= 8 else SHORT
        heads.setdefault(needle.value[:size], []).append(needle)
    return heads


def _candidates(view: bytes, table: npt.NDArray[np.bool_]) -> Iterator[int]:
    """Where four bytes hash to a place that is set: the true beginnings, and a few others."""
    for start in range(0, len(view), _STRETCH):
        column = np.frombuffer(view[start : start + _STRETCH + SHORT - 1], dtype=np.uint8)
        if len(column) >= SHORT:
            for index in np.flatnonzero(table[_hashed(column)]):
                yield start + int(index)


def _hashed(column: npt.NDArray[np.uint8]) -> npt.NDArray[np.uint32]:
    """A ``_BITS`` wide hash of every four bytes in a row (Knuth's multiplicative one)."""
    wide = column.astype(np.uint32)
    words: npt.NDArray[np.uint32] = wide[3:] << np.uint32(24)
    for place, shift in ((2, 16), (1, 8), (0, 0)):
        words |= wide[place : place + len(words)] << np.uint32(shift)
    words *= np.uint32(2654435761)
    words >>= np.uint32(32 - _BITS)
    return words


@cache
def _own_text() -> bytes:
    """Everything that this program can say by itself: its own source, catalogues and templates, lower case."""
    return b"\n".join(sorted(_texts(files("analyzer")))).lower()


def _texts(folder: Traversable) -> Iterator[bytes]:
    for entry in folder.iterdir():
        if entry.is_dir():
            yield from _texts(entry)
        elif entry.name.endswith((".py", ".html", ".css", ".js", ".json", ".j2")):
            yield entry.read_bytes()
