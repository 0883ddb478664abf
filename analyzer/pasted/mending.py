"""Strings to sign that pasting damaged: blank lines swallowed, lines joined, lines indented.

Only a version 1 string says by the looks of its parts where its line ends must have been, and only where every part
can be recognised is it laid anew. Bytes beat text: a string that came with its byte dump is never mended.
"""

from __future__ import annotations

import re

__all__ = ["relined"]

#: Longer texts are not mended.
_LIMIT = 8192

#: Every joint stands where only one can: a value may hold semicolons (``;`` in quotes, a trailing one, parameters
#: without a blank between them), so the next parameter is cut off only behind ``; ``.
_PARTS = re.compile(
    rb"(?P<method>[A-Z]{3,7})\s+"
    rb"(?:(?P<md5>[A-Za-z0-9+/]{22}==)\s+)?"
    rb"(?:(?P<type>[A-Za-z0-9.+-]+/[A-Za-z0-9.+*-]+"
    rb"(?:;[ ]?[A-Za-z-]+=[^\s/]+(?:;[ ][A-Za-z-]+=[^\s/]+)*)?)\s+)?"
    rb"(?P<date>[A-Z][a-z]{2},[ ]\d{1,2}[ ][A-Z][a-z]{2}[ ]\d{4}[ ][\d:]{8}[ ]GMT|\d{9,11})\s+"
    rb"(?P<headers>(?:x-oss-[a-z0-9-]+:\S*\s+)*)"
    rb"(?P<resource>/\S[^\r\n]*)\Z"
)


def relined(text: bytes) -> bytes:
    """A version 1 string to sign with its line ends where they belong; the text itself where that cannot be told or
    nothing is amiss."""
    if len(text) > _LIMIT or _is_whole(text):
        return text
    found = _PARTS.match(text.strip())
    if found is None:
        return text
    lines = [found["method"], found["md5"] or b"", found["type"] or b"", found["date"], *found["headers"].split()]
    return b"\n".join((*lines, found["resource"]))


def _is_whole(text: bytes) -> bool:
    """Four lines and the resource, none of them indented."""
    lines = text.split(b"\n")
    return len(lines) >= 5 and not any(line[:1] in (b" ", b"\t") for line in lines)
