"""How bytes are spelled, so that other bytes can be written in the same spelling.

A key stands on the wire as ``%E5%9B%BE``, in the server's text as three raw bytes, in a link signed twice as
``%25E5%259B%25BE``, in an error document with ``&amp;`` in it. ``Spelled`` takes a value down to its innermost bytes
and remembers for each byte how it was written; ``write`` puts other bytes of the same number into the same spelling.
So one pseudonym serves all spellings of a value, and decoding a redacted value gives the redacted decoded value.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from html import escape

__all__ = ["Spelled", "spelled"]

#: Escapes of escapes of escapes: nobody was seen to go further.
MAX_LEVELS = 4

_ESCAPE = re.compile(rb"%[0-9A-Fa-f]{2}")
_ENTITY = re.compile(rb"&(?:(amp|lt|gt|quot|apos)|#(\d{1,7})|#[xX]([0-9A-Fa-f]{1,6}));")
_NAMED = {b"amp": b"&", b"lt": b"<", b"gt": b">", b"quot": b'"', b"apos": b"'"}
_HEX = frozenset(b"0123456789abcdefABCDEF")
_PERCENT = 0x25


@dataclass(frozen=True, slots=True)
class _Literal:
    """A byte written as something else: ``&amp;``."""

    byte: int
    text: bytes


@dataclass(frozen=True, slots=True)
class _Escape:
    """A byte written as ``%XX``, each of whose three characters may itself be spelled somehow."""

    percent: _Unit
    high: _Unit
    low: _Unit
    capital: tuple[bool, bool]  #: of a letter as each digit


#: None: the byte stands for itself.
_Unit = _Literal | _Escape | None


@dataclass(frozen=True, slots=True)
class Spelled:
    """``data`` are the innermost bytes."""

    data: bytes
    units: tuple[_Unit, ...] | None  #: None: every byte stands for itself
    markup: bool = False  #: what is written must stand between tags

    def write(self, data: bytes) -> bytes:
        """``data`` spelled as the original was. Of another length than the original it is written plainly, with the
        entities that its place asks for."""
        if self.units is None and len(data) == len(self.data):
            return data
        if self.units is None or len(data) != len(self.units):
            return escape(data.decode("latin-1"), quote=False).encode("latin-1") if self.markup else data
        return b"".join([_spell(unit, byte) for unit, byte in zip(self.units, data, strict=True)])


def spelled(raw: bytes, *, entities: bool = False, escapes: bool = True) -> Spelled:
    """Take ``raw`` apart: entities where asked for, then percent escapes level by level where asked for."""
    units: list[_Unit] | None = None
    data = raw
    if entities and b"&" in raw:
        data, units = _without_entities(raw)
    for _ in range(MAX_LEVELS if escapes else 0):
        if not _ESCAPE.search(data):
            break
        data, units = _without_escapes(data, units or [None] * len(data))
    return Spelled(data, tuple(units) if units is not None else None, entities)


def _without_entities(raw: bytes) -> tuple[bytes, list[_Unit]]:
    out = bytearray()
    units: list[_Unit] = []
    at = 0
    for found in _ENTITY.finditer(raw):
        plain = raw[at : found.start()]
        out += plain
        units += [None] * len(plain)
        value = _resolved(found)
        out += value
        units += [_Literal(value[0], found[0])] if len(value) == 1 else [None] * len(value)
        at = found.end()
    out += raw[at:]
    units += [None] * (len(raw) - at)
    return bytes(out), units


def _resolved(found: re.Match[bytes]) -> bytes:
    """Numeric entities beyond ASCII come back as raw UTF-8: the document gets shorter, its text stays."""
    if found[1]:
        return _NAMED[found[1]]
    number = int(found[2]) if found[2] else int(found[3], 16)
    if number > 0x10FFFF or 0xD800 <= number <= 0xDFFF:
        return b"?"
    return chr(number).encode("utf-8")


def _without_escapes(data: bytes, units: list[_Unit]) -> tuple[bytes, list[_Unit]]:
    out = bytearray()
    spelled_units: list[_Unit] = []
    at = 0
    end = len(data)
    while at < end:
        byte = data[at]
        if byte == _PERCENT and at + 2 < end and data[at + 1] in _HEX and data[at + 2] in _HEX:
            digits = data[at + 1 : at + 3]
            out.append(int(digits, 16))
            spelled_units.append(_Escape(units[at], units[at + 1], units[at + 2], _capital(digits)))
            at += 3
        else:
            out.append(byte)
            spelled_units.append(units[at])
            at += 1
    return bytes(out), spelled_units


def _spell(unit: _Unit, byte: int) -> bytes:
    if unit is None:
        return bytes((byte,))
    if isinstance(unit, _Literal):
        return unit.text if unit.byte == byte else bytes((byte,))
    small, large, capital = b"%02x" % byte, b"%02X" % byte, unit.capital
    digits = [(large if capital[place] else small)[place] for place in (0, 1)]
    return _spell(unit.percent, _PERCENT) + _spell(unit.high, digits[0]) + _spell(unit.low, digits[1])


def _capital(digits: bytes) -> tuple[bool, bool]:
    """Which of two hexadecimal digits is a capital, or would be one as a letter: a number goes by its neighbour."""
    high, low = digits[:1], digits[1:]
    return not (high if high.isalpha() else low).islower(), not (low if low.isalpha() else high).islower()
