"""What a reader of one form gives back, and what readers share."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from analyzer.model.http import Exchange
from analyzer.model.notes import Note
from analyzer.model.pasted import ClientString

__all__ = ["MAX_PIECES", "Answer", "Form", "Piece", "unescaped"]

#: Requests, answers and logged strings of one text that are looked at.
MAX_PIECES = 1000


@dataclass(frozen=True, slots=True)
class Answer:
    """An error answer: the document as it stood in the text, or laid anew from the values that a program printed."""

    form: str
    document: bytes
    status: int | None = None
    notes: tuple[Note, ...] = ()


@dataclass(frozen=True, slots=True)
class Piece:
    """What one reader found."""

    form: str
    exchanges: tuple[Exchange, ...] = ()
    answers: tuple[Answer, ...] = ()
    strings: tuple[ClientString, ...] = ()


@dataclass(frozen=True, slots=True)
class Form:
    """A row of the table: what the form is called, who reads it, and where its looks are from."""

    name: str
    read: Callable[[bytes], Piece | None]
    source: str


_ESCAPE = re.compile(rb"\\(?:x([0-9A-Fa-f]{2})|u([0-9A-Fa-f]{4})|([nrt0\\'\"/]))")
_PLAIN = {b"n": b"\n", b"r": b"\r", b"t": b"\t", b"0": b"\0", b"\\": b"\\", b"'": b"'", b'"': b'"', b"/": b"/"}


def unescaped(text: bytes, *, raw_bytes: bool = False) -> bytes:
    """Escapes of Python, JavaScript and JSON strings undone. ``raw_bytes``: ``\\xNN`` is a byte, not a character."""

    def undone(found: re.Match[bytes]) -> bytes:
        if found[3]:
            return _PLAIN[found[3]]
        number = int(found[1] or found[2], 16)
        if found[1] and raw_bytes:
            return bytes((number,))
        return chr(number).encode("utf-8", "surrogatepass")

    return _ESCAPE.sub(undone, text) if b"\\" in text else text
