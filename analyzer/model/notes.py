"""Things worth saying, before anyone chooses the words.

A floor never writes prose. It makes a ``Note``: a key into the message catalogues of ``analyzer.report`` and the
values that belong into the sentence. That keeps three promises at once: both languages are complete (a test walks
every ``Note("...")`` in the source), redaction can replace a value that came off the wire without touching the
words around it, and presenters stay free to colour or shorten values.

Keys are ``floor.subject``: ``http.content-length-lies``, ``cause.wrong-bucket.host-differs``. The first argument of
``Note`` is always a literal.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TypeAlias

__all__ = ["Kind", "Note", "Value", "Wire", "note"]


class Kind(Enum):
    """What a value off the wire is, as far as redaction must know."""

    PUBLIC = "public"  #: safe to show anybody: header names, EC codes, request ids, dates, status lines
    METHOD = "method"
    HEADER_VALUE = "header-value"  #: value of a header that is not known to be harmless
    QUERY_VALUE = "query-value"
    PARAMETER = "parameter"  #: name of a query parameter: a word of the protocol, or anybody's own
    BUCKET = "bucket"
    OBJECT_KEY = "object-key"
    HOST = "host"
    RESOURCE = "resource"  #: path with bucket, key and query in one
    ACCESS_KEY_ID = "access-key-id"
    SIGNATURE = "signature"
    TOKEN = "token"
    ADDRESS = "address"
    BODY = "body"
    SIGNED_TEXT = "signed-text"  #: a whole string to sign or canonical request, or a stretch of one
    PATH = "path"  #: a file name on the user's machine


@dataclass(frozen=True, slots=True)
class Wire:
    """A value taken from the wire (or made from such), with what it is."""

    raw: bytes
    kind: Kind = Kind.PUBLIC


#: ``str`` is for words of our own tables (never for captured text), ``bytes`` never stand alone: wrap them in Wire. A
#: note among the values is a part of the sentence; several of them in a tuple are joined as the language joins them.
Value: TypeAlias = "int | float | str | Wire | Note | tuple[Value, ...]"


@dataclass(frozen=True, slots=True)
class Note:
    """A sentence to be: catalogue key and named values."""

    key: str
    args: tuple[tuple[str, Value], ...] = ()

    def get(self, name: str) -> Value | None:
        """The value called ``name``, ``None`` when the note has none."""
        return next((value for key, value in self.args if key == name), None)


def note(key: str, **args: Value) -> Note:
    """``Note`` with keyword arguments, sorted by name so that equal notes compare equal."""
    return Note(key, tuple(sorted(args.items())))
