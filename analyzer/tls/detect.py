"""Is this TLS? Decided on the first bytes of a direction, never on port numbers.

An HTTP message starts with a printable character, a TLS record with 20 to 23 and the major version 3, so a handful of
bytes is enough. Fewer bytes than a record header are judged by what is there.
"""

from __future__ import annotations

__all__ = ["is_tls", "looks_like_record"]

#: Longest record body that any version allows: 2**14 bytes and 2048 of expansion (RFC 5246, section 6.2.3).
MAX_FRAGMENT = 16384 + 2048


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
