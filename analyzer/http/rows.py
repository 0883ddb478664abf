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

__all__ = ["Forms", "row_of"]

#: Of every line of a head but the first, what stands up to the colon or the line's end.
_NAMES = re.compile(rb"\n([^:\r\n]*:?)")
#: Start lines, plain as ``heads`` finds them, and without anything to remark on.
_ASK = rb"([A-Z]+) ([!-~]+) (HTTP/1\.[01])\r\n"
_TELL = rb"HTTP/1\.[01] ([1-9][0-9]{2})(?: ([^\r\n]*))?\r\n"
#: Forms that are remembered.
_FORMS = 64


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


class Forms:
    """Reads whole plain requests and answers, each in one segment of its own as ``heads`` proves it, into lines.

    A head without oddities is remembered by its form: its start line's shape and its header names, as one pattern. The
    next head of that form is as plain, and its values stand where the pattern says.
    """

    def __init__(self) -> None:
        self._forms: dict[bytes, re.Pattern[bytes]] = {}  #: what a message begins with → the last form seen

    def row(
        self, connection: Connection, ask: bytes, asked_in: tuple[int, int], tell: bytes, told_in: tuple[int, int]
    ) -> Row | None:
        """The line of an exchange. ``asked_in`` and ``told_in``: (frame, time). None where something about a head is
        worth a remark."""
        begin = ask[:4]
        found = self._read(begin, ask, _ASK)
        other = self._read(begin + tell[8:12], tell, _TELL) if found is not None else None
        if found is None or other is None:
            return None
        method, target, version, host = found.groups()
        if host is not None:
            host = host.strip(b" \t")
        status, reason = other.groups(b"")
        frame, time = asked_in
        asked = ListedRequest((frame,), time, method, target, version, host, len(ask) - found.end(), True)
        frame, time = told_in
        told = ListedResponse((frame,), time, int(status), reason.strip(b" \t"), len(tell) - other.end(), True)
        return Row(connection, asked, told, True, connection.notes)

    def _read(self, begin: bytes, text: bytes, start: bytes) -> re.Match[bytes] | None:
        form = self._forms.get(begin)
        return (form.match(text) if form is not None else None) or self._learned(begin, text, start)

    def _learned(self, begin: bytes, text: bytes, start: bytes) -> re.Match[bytes] | None:
        """The message matched by a new form; None where its head is odd."""
        end = text.find(b"\r\n\r\n") + 4
        names = _NAMES.findall(text, 0, end)
        if end < 4 or text.count(b"\r\n", 0, end) != len(names) or not _unremarkable(tuple(names)):
            return None
        form = _form(start, tuple(names[:-2]))
        found = form.match(text)
        if found is not None:
            self._forms[begin] = form
            if len(self._forms) > _FORMS:
                del self._forms[next(iter(self._forms))]
        return found


@lru_cache(maxsize=256)
def _form(start: bytes, names: tuple[bytes, ...]) -> re.Pattern[bytes]:
    """A head with this start line and these names (each with its colon), as a pattern; of a request, the value of the
    first Host header is its last group."""
    lines = [re.escape(name) + b"[^\\r\\n]*\\r\\n" for name in names]
    if start is _ASK:
        host = next((index for index, name in enumerate(names) if name.lower() == b"host:"), None)
        if host is None:
            lines.append(b"(?:(?!)())?")  # the group is there, and never matches
        else:
            lines[host] = re.escape(names[host]) + b"([^\\r\\n]*)\\r\\n"
    return re.compile(start + b"".join(lines) + b"\\r\\n")


@lru_cache(maxsize=1024)
def _unremarkable(lines: tuple[bytes, ...]) -> bool:
    """A head whose lines begin like this (the last two are empty) has no oddities, whatever its values are."""
    filled = (line + b" x\r\n" if line.endswith(b":") else line + b"\r\n" for line in lines[:-1])
    return not any(oddities(read_head(b"X\r\n" + b"".join(filled), ())[1]))
