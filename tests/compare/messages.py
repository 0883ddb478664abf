"""Requests and answers for the tests of this floor, from text."""

from __future__ import annotations

from dataclasses import replace

from analyzer.http.plain import exchange_from_bytes
from analyzer.model.http import Exchange, Request, Response
from analyzer.model.streams import Connection, Endpoint

SECOND = 10**9


def request(head: bytes, body: bytes = b"") -> Request:
    """``head`` without its empty line."""
    found = exchange_from_bytes(head + b"\r\n\r\n" + body, None).request
    assert found is not None
    return found


def raw_request(head: bytes) -> Request:
    """``head`` with whatever ends it."""
    found = exchange_from_bytes(head, None).request
    assert found is not None
    return found


def response(head: bytes, body: bytes = b"") -> Response:
    """``head`` without its empty line."""
    text = head + b"\r\nContent-Length: %d\r\n\r\n" % len(body) + body
    found = exchange_from_bytes(b"GET / HTTP/1.1\r\n\r\n", text).response
    assert found is not None
    return found


def exchange(
    asked: bytes,
    answered: bytes | None = b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n",
    *,
    at: int = 0,
    took: int = 10_000_000,
    stream: int = 0,
    ends: tuple[str, str] = ("10.0.0.5:50000", "10.0.0.9:80"),
    frame: int = 1,
) -> Exchange:
    """An exchange at a time, on a connection."""
    found = exchange_from_bytes(asked, answered, frame=frame)
    client, server = map(_endpoint, ends)
    first, last = at, at + took
    return replace(
        found,
        connection=Connection(stream, client, server, handshake=True),
        request=replace(found.request, first_time=first, last_time=first + 1000) if found.request else None,
        response=replace(found.response, first_time=last - 1000, last_time=last) if found.response else None,
    )


def _endpoint(text: str) -> Endpoint:
    host, _, port = text.partition(":")
    return Endpoint(bytes(map(int, host.split("."))), int(port))
