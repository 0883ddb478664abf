"""Is this TLS? Decided on the first bytes of a direction, never on port numbers.

An HTTP message starts with a printable character, a TLS record with 20 to 23 and the major version 3, so a handful of
bytes is enough. Fewer bytes than a record header are judged by what is there.
"""

from __future__ import annotations

import re

__all__ = ["LONGEST_RECORD", "holds_records", "is_tls", "looks_like_record"]

#: Longest record body that any version allows: 2**14 bytes and 2048 of expansion (RFC 5246, section 6.2.3).
MAX_FRAGMENT = 16384 + 2048
LONGEST_RECORD = 5 + MAX_FRAGMENT
_HEADER = re.compile(rb"(?=([\x14-\x17]\x03[\x00-\x04])..)", re.DOTALL)


def looks_like_record(first: bytes) -> bool:
    """Whether the bytes start like any TLS record, as they do where a capture begins in the middle of a session.

    Content types 20 to 23, major version 3, minor 0 to 4, and a length the standard allows (RFC 8446, section 5.1).
    """
    if not first or not 20 <= first[0] <= 23:
        return False
    if len(first) > 1 and first[1] != 3:
        return False
    if len(first) > 2 and first[2] > 4:
        return False
    return len(first) < 5 or int.from_bytes(first[3:5], "big") <= MAX_FRAGMENT


def is_tls(first: bytes) -> bool:
    """Whether a client's first bytes begin a TLS session: a handshake record whose first message is a ClientHello.

    Tolerant of a record that is cut short, down to one byte; an empty prefix is no TLS.
    """
    return bool(first) and first[0] == 22 and looks_like_record(first) and (len(first) < 6 or first[5] == 1)


def holds_records(data: bytes) -> bool:
    """Whether a session is already under way in these bytes: a record begins them, or two follow one another somewhere
    inside, as they do where a capture begins in the middle of a record. Chance gives a header once in three million
    places, and a second one of the same version where the first says so not once in a capture."""
    if len(data) >= 5 and looks_like_record(data[:5]):
        return True
    for found in _HEADER.finditer(data):
        at = found.start()
        behind = at + 5 + int.from_bytes(data[at + 3 : at + 5], "big")
        second = data[behind : behind + 5]
        alike = len(second) == 5 and second[1:3] == data[at + 1 : at + 3]
        if alike and looks_like_record(data[at : at + 5]) and looks_like_record(second):
            return True
    return False
