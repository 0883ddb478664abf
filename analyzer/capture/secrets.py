"""Key logs that stand anywhere in a pcapng file, found without reading it packet by packet.

Decryption secrets blocks usually stand at the beginning, and may stand behind the packets they are for. A file that
holds none, the usual one, is passed over at the speed of a search for their mark. Only where the mark is found are the
blocks gone through one after the other, since packets may carry other captures, whose blocks are none of this file's.

Source: draft-ietf-opsawg-pcapng, section 4.7.
"""

from __future__ import annotations

import mmap
import re
import struct
from collections.abc import Iterator

from analyzer.capture.pcapng import MAGIC, MOST_SECRETS, ORDER_MAGIC, SECRETS, TLS_KEY_LOG
from analyzer.model.secrets import Secret

__all__ = ["secrets_inside"]

#: Type, length and kind of a secrets block, in either byte order.
_MARK = re.compile(rb"\x0a\0\0\0.{4}KSLT|\0\0\0\x0a.{4}TLSK", re.DOTALL)


def secrets_inside(path: str) -> tuple[Secret, ...]:
    """All TLS key logs of a regular pcapng file; none where it cannot be read."""
    try:
        with open(path, "rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as whole:
            return tuple(_walk(whole)) if _MARK.search(whole) else ()
    except (OSError, ValueError):  # ValueError: an empty file
        return ()


def _walk(whole: mmap.mmap) -> Iterator[Secret]:
    order, at, end, room = "<", 0, len(whole), MOST_SECRETS
    while at + 12 <= end:
        if whole[at : at + 4] == MAGIC:
            order = ORDER_MAGIC.get(whole[at + 8 : at + 12], order)
        kind, length = struct.unpack_from(order + "II", whole, at)
        if length < 12 or length % 4 or at + length > end:
            return
        if kind == SECRETS and length >= 20:
            what, size = struct.unpack_from(order + "II", whole, at + 8)
            size = min(size, length - 20)
            if what == TLS_KEY_LOG and size <= room:
                room -= size
                yield Secret(whole[at + 16 : at + 16 + size])
        at += length
