"""One line an exchange, for eyes and for ``grep``.

Columns are padded to widths that ordinary values fit, so that lines align without knowing what comes later; a longer
value pushes its own line out and no other. A million lines must not take minutes: plain strings, no layout engine,
and addresses written once a connection.
"""

from __future__ import annotations

import time
from functools import lru_cache
from typing import Any

from analyzer.model.listing import ListedRequest, ListedResponse, Row
from analyzer.model.notes import Kind, Wire
from analyzer.model.streams import Connection
from analyzer.report.frames import FrameBook
from analyzer.report.messages import Catalogue
from analyzer.report.values import address, exact, exact_value, instant, shown, tame, without_opaque

__all__ = ["exchange_line", "exchange_row"]

#: Notes of exchanges that nothing is wrong with.
_ORDINARY = frozenset({"tls.decrypted"})


def exchange_row(row: Row, frames: FrameBook, words: Catalogue) -> str:
    """``4-6→9  2018-12-29 07:32:34.120  10.0.0.5:51822 → 118.31.219.217:80  403  POST host/target  137 → 1122``,
    then a mark and the remarks where something is odd. No line end."""
    connection, request, response, _, notes = row
    first = request if request is not None else response
    status = "---" if response is None else str(response.status)
    asked = words.say("report.no-request") if request is None else _asked(request)
    lengths = f"{_length(request)} → {_length(response)}"
    extents = f"{_extent(request, frames)}→{_extent(response, frames)}"
    text = (
        f"{extents:<14} {_time(first.time if first else 0)} {_ends(connection):<38} {status:<3} {asked:<56} {lengths}"
    )
    if not notes:
        return text
    shown_notes = [note for note in notes[len(connection.notes) :] if note.key not in _ORDINARY]
    remarks = "; ".join(tame(words.text(note, shown)) for note in dict.fromkeys(shown_notes))
    return f"{text}  ! {remarks}" if remarks else text


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


def _extent(message: ListedRequest | ListedResponse | None, frames: FrameBook) -> str:
    if message is None or not message.frames:
        return "?"
    first, last = frames.place(message.frames[0])[1], frames.place(message.frames[-1])[1]
    return str(first) if first == last else f"{first}-{last}"


@lru_cache(maxsize=64)
def _second(seconds: int) -> str:
    try:
        return time.strftime("%Y-%m-%d %H:%M:%S", time.gmtime(seconds))
    except (OverflowError, ValueError, OSError):
        return "????-??-?? ??:??:??"


def _time(nanoseconds: int) -> str:
    seconds, rest = divmod(nanoseconds, 10**9)
    return f"{_second(seconds)}.{rest // 1_000_000:03d}"


@lru_cache(maxsize=4096)
def _ends(connection: Connection) -> str:
    return f"{address(connection.client)} → {address(connection.server)}"


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
