"""HAR: the network log that browsers save (HTTP Archive 1.2), JSON with one entry an exchange.

Each entry is laid as the text of its two messages and read as such. Header values lose their line ends on the way:
none could have been sent. Size, number of entries and depth are bounded; JSON has nothing to expand.
"""

from __future__ import annotations

import binascii
import json
import re
from base64 import b64decode
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

from analyzer.http.plain import exchange_from_bytes
from analyzer.model.http import Exchange
from analyzer.pasted.piece import MAX_PIECES, Piece

__all__ = ["MAX_HAR", "read_har"]

MAX_HAR = 64 << 20
#: Of a body.
_MAX_BODY = 1 << 20
_MARK = re.compile(rb'\{\s{0,64}"log"\s{0,64}:')
_LINE_ENDS = re.compile(rb"[\r\n\0]+")

Object = dict[str, Any]


def read_har(text: bytes) -> Piece | None:
    """Every entry that holds a request."""
    if len(text) > MAX_HAR or _MARK.match(text.lstrip()[:256]) is None:
        return None
    try:
        loaded = json.loads(text.decode("utf-8-sig", "surrogateescape"))
    except (ValueError, RecursionError):
        return None
    entries = _list(_object(_object(loaded).get("log")).get("entries"))
    exchanges = tuple(_exchanges(entries))
    return Piece("HAR", exchanges=exchanges) if exchanges else None


def _exchanges(entries: list[Any]) -> Iterator[Exchange]:
    for number, entry in enumerate(entries[:MAX_PIECES]):
        request, response = _request(_object(entry).get("request")), _response(_object(entry).get("response"))
        if request is not None:
            time = _time(_object(entry).get("startedDateTime"))
            yield exchange_from_bytes(request, response, frame=2 * number + 1, time=time, loose=True)


def _request(value: object) -> bytes | None:
    request = _object(value)
    url, method = request.get("url"), request.get("method")
    if not isinstance(url, str) or not isinstance(method, str):
        return None
    try:
        parts = urlsplit(url[:100_000])
    except ValueError:
        return None
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    headers = list(_headers(request.get("headers")))
    if not any(name.lower() == b"host" for name, _ in headers):
        headers.insert(0, (b"Host", _bytes(parts.netloc.rpartition("@")[2])))
    body = _bytes(_object(request.get("postData")).get("text"))[:_MAX_BODY]
    return _message(b" ".join((_bytes(method), _bytes(target), b"HTTP/1.1")), headers, body)


def _response(value: object) -> bytes | None:
    response = _object(value)
    status = response.get("status")
    if not isinstance(status, int) or not 100 <= status <= 599:
        return None  # browsers write 0 for a request that was never answered
    content = _object(response.get("content"))
    body = _bytes(content.get("text"))[: 2 * _MAX_BODY]
    if content.get("encoding") == "base64":
        try:
            body = b64decode(body + b"==", validate=False)
        except (binascii.Error, ValueError):
            body = b""
    line = b"HTTP/1.1 %d %s" % (status, _bytes(response.get("statusText")))
    return _message(line, _headers(response.get("headers")), body[:_MAX_BODY])


def _message(line: bytes, headers: Any, body: bytes) -> bytes:
    lines = [_LINE_ENDS.sub(b" ", line), *(name + b": " + value for name, value in headers)]
    return b"\r\n".join(lines) + b"\r\n\r\n" + body


def _headers(value: object) -> Iterator[tuple[bytes, bytes]]:
    """Names and values; ``:authority`` of HTTP/2 is Host."""
    for header in _list(value)[:1000]:
        name = _LINE_ENDS.sub(b" ", _bytes(_object(header).get("name")))
        text = _LINE_ENDS.sub(b" ", _bytes(_object(header).get("value")))
        if name == b":authority":
            yield b"Host", text
        elif name and not name.startswith(b":"):
            yield name, text


def _time(value: object) -> int:
    """Nanoseconds since 1970; 0 where there is none."""
    try:
        moment = datetime.fromisoformat(value) if isinstance(value, str) else None
        if moment is None:
            return 0
        moment = moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)
        return int(moment.timestamp() * 1000) * 1_000_000
    except (ValueError, OverflowError):
        return 0


def _object(value: object) -> Object:
    return value if isinstance(value, dict) else {}


def _list(value: object) -> list[Any]:
    return value if isinstance(value, list) else []


def _bytes(value: object) -> bytes:
    """UTF-8; bytes that were none as they were."""
    if not isinstance(value, str):
        return b""
    return value.encode("utf-8", "surrogateescape" if _has_escapes(value) else "surrogatepass")


def _has_escapes(text: str) -> bool:
    return all(not "\ud800" <= char <= "\udfff" or "\udc80" <= char <= "\udcff" for char in text)
