"""A finished output undressed: what somebody could read in it who takes off escapes, markup, hex and base64.

Values would have to be looked for in every encoding; it is cheaper to take the encodings off the output. Escapes go
layer by layer. Hex and base64 are decoded wherever their letters stand, runs or not, at every place where a group can
begin: numpy does a megabyte in a few milliseconds. What is no digit becomes a zero byte, which no value holds.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from urllib.parse import unquote_to_bytes

import numpy as np
import numpy.typing as npt

__all__ = ["ROUNDS", "plain", "views"]

#: Layers of escapes that are taken off.
ROUNDS = 3

_TAG = re.compile(rb"<[^<>]{0,4096}>")
_BACKSLASH = re.compile(rb"\\(?:u([0-9A-Fa-f]{4})|x([0-9A-Fa-f]{2})|([\\/\"'nrtbf0]))")
_LETTER = {b"n": b"\n", b"r": b"\r", b"t": b"\t", b"b": b"\b", b"f": b"\f", b"0": b"\0"}
#: An escape inside something decoded; what was escaped before it was encoded is printable from end to end.
_ESCAPE = re.compile(rb"[%&\\](?:(?<=%)[0-9A-Fa-f]{2}|(?<=&)#?\w{1,9};|(?<=\\)[ux\\/\"'nrtbf0])")
_PRINTABLE = bytes(byte if 32 <= byte < 127 or byte in b"\t\n\r" else 0 for byte in range(256))
#: What may stand between the pairs of a hex dump.
_BETWEEN = b" \t\r\n\f\v:,-"
_NONE = 255

_Column = npt.NDArray[np.uint8]


def _digits(*alphabets: bytes) -> _Column:
    """Byte → its value in one of the alphabets, ``_NONE`` for any other byte."""
    table = np.full(256, _NONE, np.uint8)
    for alphabet in alphabets:
        table[np.frombuffer(alphabet, np.uint8)] = np.arange(len(alphabet), dtype=np.uint8)
    return table


_HEX = _digits(b"0123456789abcdef", b"0123456789ABCDEF")
_LETTERS = bytes((*range(65, 91), *range(97, 123), *range(48, 58)))
_BASE64 = _digits(_LETTERS + b"+/", _LETTERS + b"-_")


def views(output: bytes) -> Iterator[tuple[bytes, bool]]:
    """The output undressed in every way, ASCII in lower case; true where the view was decoded from hex or base64."""
    bare = _TAG.sub(b"", output)
    peeled = {start: _layers(start) for start in dict.fromkeys((output, bare, output.replace(b"+", b" ")))}
    stages = dict.fromkeys(stage for start, layers in peeled.items() for stage in _stages(start, layers))
    for view in dict.fromkeys(stage.lower() for stage in stages):
        yield view, False
    for stage in dict.fromkeys((peeled[output][-1], peeled[bare][-1])):  # no escape stands inside hex or base64
        texts: list[bytes] = []
        for decoded in (*_hex_decoded(stage), *_base64_decoded(stage)):
            yield decoded.lower(), True
            texts += _escaped_texts(decoded)
        joined = b"\n".join(texts)
        yield plain(joined).lower(), True


def _escaped_texts(decoded: bytes) -> Iterator[bytes]:
    """Printable stretches with an escape in them."""
    shown = decoded.translate(_PRINTABLE)
    at = 0
    while (found := _ESCAPE.search(shown, at)) is not None:
        begin = shown.rfind(b"\0", at, found.start()) + 1 or at
        end = shown.find(b"\0", found.end())
        at = len(shown) if end < 0 else end
        yield shown[begin:at]


def _stages(start: bytes, layers: list[bytes]) -> Iterator[bytes]:
    """The layers, and without tags what is left at last; ``\\xNN`` read as a byte, and as a character."""
    yield from (*layers, _TAG.sub(b"", layers[-1]))
    if b"\\x" in start:
        *others, last = _layers(start, points=True)
        yield from (*others, last, _TAG.sub(b"", last))


def _layers(text: bytes, points: bool = False) -> list[bytes]:
    """The text, and what is left after each layer of escapes."""
    layers = [text]
    for _ in range(ROUNDS):
        inner = plain(layers[-1], points)
        if inner == layers[-1]:
            break
        layers.append(inner)
    return layers


def plain(text: bytes, points: bool = False) -> bytes:
    """One layer of entities, backslashes and percent escapes taken off."""
    if b"&" in text:
        text = html.unescape(text.decode("utf-8", "surrogateescape")).encode("utf-8", "surrogatepass")
    if b"\\" in text:
        text = _without_backslashes(text, points)
    return unquote_to_bytes(text) if b"%" in text else text


def _without_backslashes(text: bytes, points: bool) -> bytes:
    halves: list[int] = []

    def read(found: re.Match[bytes]) -> bytes:
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

    return _BACKSLASH.sub(read, text)


def _hex_decoded(text: bytes) -> Iterator[bytes]:
    """Hex digits read in pairs, from the first and from the second on; what separates pairs is left out before."""
    digits = text.replace(b"0x", b"").replace(b"\\x", b"").translate(None, _BETWEEN)
    column = _HEX[np.frombuffer(digits, np.uint8)]
    for start in range(2):
        pairs = column[start : start + (len(column) - start) // 2 * 2].reshape(-1, 2)
        high, low = pairs[:, 0], pairs[:, 1]
        read = (high << 4) | low
        read[(high | low) == _NONE] = 0
        yield read.tobytes()


def _base64_decoded(text: bytes) -> Iterator[bytes]:
    """Base64 letters, standard and URL-safe, read in fours from each of the four places where a group can begin; two
    or three letters before something else hold one or two bytes."""
    column = np.append(_BASE64[np.frombuffer(text, np.uint8)], np.full(6, _NONE, np.uint8))
    for start in range(4):
        fours = column[start : start + (len(column) - start) // 4 * 4].reshape(-1, 4)
        first, second, third, fourth = (np.ascontiguousarray(fours[:, place]) for place in range(4))
        read = np.empty((len(fours), 3), np.uint8)
        read[:, 0] = (first << 2) | (second >> 4)
        read[:, 1] = (second << 4) | (third >> 2)
        read[:, 2] = (third << 6) | fourth
        missing = (first | second) == _NONE
        read[missing, 0] = 0
        missing |= third == _NONE
        read[missing, 1] = 0
        missing |= fourth == _NONE
        read[missing, 2] = 0
        yield read.tobytes()
