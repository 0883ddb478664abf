"""Exchanges as lines of a list.

An exchange that was built becomes a line by leaving out the rest. One that was passed over (``regular``) becomes a line
straight from its two segments, where nothing about them is odd: then the few values of a line are cut out of the bytes.
Whether something is odd is asked of the names in the head, and remembered by them: clients and servers say the same
names again and again.
"""

from __future__ import annotations

import re
from functools import lru_cache

from analyzer.http.head import oddities, read_head
from analyzer.model.http import Exchange
from analyzer.model.listing import ListedRequest, ListedResponse, Row
from analyzer.model.streams import Connection

__all__ = ["plain_row", "row_of"]

#: Of every line of a head but the first, what stands up to the colon or the line's end.
_NAMES = re.compile(rb"\n([^:\r\n]*:?)")
_HOST = re.compile(rb"\n[Hh][Oo][Ss][Tt]:([^\n]*)")
_PRINTABLE = bytes(range(33, 127))


def row_of(exchange: Exchange) -> Row:
    """The line of an exchange."""
    request, response = exchange.request, exchange.response
    notes = [*exchange.connection.notes, *exchange.notes]
    asked = told = None
    if request is not None:
        body = request.body
        asked = ListedRequest(
            request.frames, request.first_time, request.method, request.target, request.version,
            request.head.first(b"host"), body.length, body.complete,
        )  # fmt: skip
        notes.extend(request.notes)
    if response is not None:
        body = response.body
        told = ListedResponse(
            response.frames, response.first_time, response.status, response.reason, body.length, body.complete
        )
        notes.extend(response.notes)
    return Row(exchange.connection, asked, told, exchange.complete, tuple(notes))


def plain_row(
    connection: Connection, ask: bytes, asked_in: tuple[int, int], tell: bytes, told_in: tuple[int, int]
) -> Row | None:
    """The line of a whole request and a whole answer, each in one segment of its own, plain as ``heads`` proves it.

    ``asked_in`` and ``told_in``: (frame, time). None where something about a head is worth a remark.
    """
    ask_end, tell_end = ask.find(b"\r\n\r\n") + 4, tell.find(b"\r\n\r\n") + 4
    for text, end in ((ask, ask_end), (tell, tell_end)):
        lines = _NAMES.findall(text, 0, end)
        if end < 4 or text.count(b"\r\n", 0, end) != len(lines) or not _unremarkable(tuple(lines)):
            return None
    method, _, rest = ask[: ask.find(b"\r\n")].partition(b" ")
    target = rest[:-9].strip(b" \t")
    if target.translate(None, _PRINTABLE):
        return None
    host = _HOST.search(ask, 0, ask_end)
    named = None if host is None else host[1].removesuffix(b"\r").strip(b" \t")
    frame, time = asked_in
    asked = ListedRequest((frame,), time, method, target, rest[-8:], named, len(ask) - ask_end, True)
    frame, time = told_in
    reason = tell[13 : tell.find(b"\r\n")].strip(b" \t")
    told = ListedResponse((frame,), time, int(tell[9:12]), reason, len(tell) - tell_end, True)
    return Row(connection, asked, told, True, connection.notes)


@lru_cache(maxsize=1024)
def _unremarkable(lines: tuple[bytes, ...]) -> bool:
    """A head whose lines begin like this (the last two are empty) has no oddities, whatever its values are."""
    filled = (line + b" x\r\n" if line.endswith(b":") else line + b"\r\n" for line in lines[:-1])
    return not any(oddities(read_head(b"X\r\n" + b"".join(filled), ())[1]))
