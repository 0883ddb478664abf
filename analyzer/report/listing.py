"""One line an exchange, for eyes and for ``grep``.

Columns are padded to widths that ordinary values fit, so that lines align without knowing what comes later; a longer
value pushes its own line out and no other. A million lines must not take minutes: plain strings, no layout engine,
and addresses written once for lines of one connection.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

from analyzer.model.listing import ListedRequest, ListedResponse, Row
from analyzer.model.notes import Kind, Wire
from analyzer.model.streams import Connection
from analyzer.report.frames import FrameBook
from analyzer.report.messages import Catalogue
from analyzer.report.values import address, exact, exact_value, instant, shown, tame, without_opaque

__all__ = ["ListText", "exchange_line"]

#: Notes of exchanges that nothing is wrong with.
_ORDINARY = frozenset({"tls.decrypted"})


class ListText:
    """Exchanges as lines of text."""

    def __init__(self, frames: FrameBook, words: Catalogue, files: Sequence[str] = ()) -> None:
        """``files``: names of the captures, where each line is to name its own."""
        self._frames, self._words = frames, words
        self._between = words.say("report.list-semicolon")
        self._files = [shown(Wire(file.encode("utf-8", "surrogateescape"), Kind.PATH)) + ":" for file in files]
        self._connection: Connection | None = None  #: of the line before, and its ends as they are written
        self._ends = ""

    def line(self, row: Row) -> str:
        """``4-6→9  2018-12-29 07:32:34.120  10.0.0.5:51822 → 118.31.219.217:80  403  POST host/target  137 → 1122``,
        behind the name of the file where there are several, then a mark and the remarks where something is odd. No line
        end."""
        connection, request, response, _, notes = row
        if connection is not self._connection:
            self._connection = connection
            self._ends = f"{f'{address(connection.client)} → {address(connection.server)}':<38}"
        if request is not None and response is not None and request.whole and response.whole:
            status, lengths = str(response.status), f"{request.length} → {response.length}"
        else:
            status = "---" if response is None else str(response.status)
            lengths = f"{_length(request)} → {_length(response)}"
        first = request if request is not None else response
        asked = self._words.say("report.no-request") if request is None else _asked(request)
        home = self._home(first) if self._files else 0
        extents = f"{self._extent(request, home)}→{self._extent(response, home)}"
        seconds, rest = divmod(first.time if first is not None else 0, 10**9)
        time = f"{_second(seconds)}.{rest // 1_000_000:03d}"
        file = self._files[home] if self._files else ""
        text = f"{file}{extents:<14} {time} {self._ends} {status:<3} {asked:<56} {lengths}"
        if not notes:
            return text
        shown_notes = [note for note in notes[len(connection.notes) :] if note.key not in _ORDINARY]
        remarks = self._between.join(tame(self._words.text(note, shown)) for note in dict.fromkeys(shown_notes))
        return f"{text}  ! {remarks}" if remarks else text

    def _home(self, message: ListedRequest | ListedResponse | None) -> int:
        """Index of the file in which the exchange begins."""
        return self._frames.place(message.frames[0])[0] if message is not None and message.frames else 0

    def _frame(self, number: int, home: int) -> str:
        """Behind the name of its file, where that is another than the line's."""
        file, local = self._frames.place(number)
        return str(local) if file == home or not self._files else f"{self._files[file]}{local}"

    def _extent(self, message: ListedRequest | ListedResponse | None, home: int) -> str:
        if message is None or not message.frames:
            return "?"
        first, last = message.frames[0], message.frames[-1]
        return self._frame(first, home) if first == last else f"{self._frame(first, home)}-{self._frame(last, home)}"


def exchange_line(row: Row, frames: FrameBook, words: Catalogue) -> dict[str, Any]:
    """One exchange as ``ossig exchanges --format jsonl`` writes it."""
    request, response = row.request, row.response
    messages = [m for m in (request, response) if m is not None]
    return {
        "capture": frames.locate(messages[0].frames if messages else ()).capture,
        "stream": row.connection.stream,
        "client": address(row.connection.client),
        "server": address(row.connection.server),
        "request": None
        if request is None
        else {
            "frames": list(frames.local(request.frames)),
            "time": instant(request.time),
            "method": exact(request.method),
            "target": exact(request.target),
            "version": exact(request.version) if request.version else None,
            "host": None if request.host is None else exact(request.host),
            "body_length": request.length,
        },
        "response": None
        if response is None
        else {
            "frames": list(frames.local(response.frames)),
            "time": instant(response.time),
            "status": response.status,
            "reason": exact(response.reason),
            "body_length": response.length,
        },
        "complete": row.complete,
        "notes": [words.text(note, exact_value) for note in row.notes],
    }


@lru_cache(maxsize=64)
def _second(seconds: int) -> str:
    try:
        return time.strftime("%Y-%m-%d %H:%M:%S", time.gmtime(seconds))
    except (OverflowError, ValueError, OSError):
        return "????-??-?? ??:??:??"


def _asked(request: ListedRequest) -> str:
    method, target, host = request.method, request.target, request.host
    where = target if host is None or not target.startswith(b"/") else host + target
    try:
        text = where.decode("ascii")
    except UnicodeDecodeError:
        text = ""
    if not text.isprintable() or not text or text[-1] == " ":
        text = shown(Wire(where, Kind.RESOURCE))
    elif "ignature=" in text or "oken=" in text or len(text) > 480:
        text = without_opaque(shown(Wire(where, Kind.RESOURCE)))
    name = method.decode("ascii", "backslashreplace")
    return f"{name if name.isprintable() else tame(name)} {text}"


def _length(message: ListedRequest | ListedResponse | None) -> str:
    if message is None:
        return "?"
    return str(message.length) if message.whole else f"{message.length}…"
