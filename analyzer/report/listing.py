"""One line an exchange, for eyes and for ``grep``.

Columns are padded to widths that ordinary values fit, so that lines align without knowing what comes later; a longer
value pushes its own line out and no other. A million lines must not take minutes: plain strings, no layout engine,
and addresses written once a connection.
"""

from __future__ import annotations

import time
from functools import lru_cache

from analyzer.model.http import Exchange, Message
from analyzer.model.notes import Kind, Wire
from analyzer.model.streams import Connection
from analyzer.report.frames import FrameBook
from analyzer.report.messages import Catalogue
from analyzer.report.values import address, shown, tame, without_opaque

__all__ = ["exchange_row"]


def exchange_row(exchange: Exchange, frames: FrameBook, words: Catalogue) -> str:
    """``4-6→9  2018-12-29 07:32:34.120  10.0.0.5:51822 → 118.31.219.217:80  403  POST host/target  137 → 1122``,
    then a mark and the remarks where something is odd. No line end."""
    request, response = exchange.request, exchange.response
    first = request if request is not None else response
    status = "---" if response is None else str(response.status)
    asked = words.say("report.no-request") if request is None else _asked(request.method, request.target, exchange)
    lengths = f"{_length(request)} → {_length(response)}"
    row = (
        f"{_frames(exchange, frames):<14} {_time(first.first_time if first else 0)} "
        f"{_ends(exchange.connection):<38} {status:<3} {asked:<56} {lengths}"
    )
    remarks = _remarks(exchange, words)
    return f"{row}  ! {remarks}" if remarks else row


def _frames(exchange: Exchange, frames: FrameBook) -> str:
    return f"{_extent(exchange.request, frames)}→{_extent(exchange.response, frames)}"


def _extent(message: Message | None, frames: FrameBook) -> str:
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


def _asked(method: bytes, target: bytes, exchange: Exchange) -> str:
    request = exchange.request
    host = request.head.first(b"host") if request is not None else None
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


def _length(message: Message | None) -> str:
    if message is None:
        return "?"
    body = message.body
    return str(body.length) if body.complete else f"{body.length}…"


def _remarks(exchange: Exchange, words: Catalogue) -> str:
    if not exchange.notes and not any(m.notes for m in (exchange.request, exchange.response) if m is not None):
        return ""
    notes = [*exchange.notes]
    for message in (exchange.request, exchange.response):
        if message is not None:
            notes.extend(message.notes)
    return "; ".join(tame(words.text(note, shown)) for note in dict.fromkeys(notes))
