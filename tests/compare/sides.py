"""Two captures made of exchanges, without any file."""

from __future__ import annotations

from collections.abc import Iterable

from analyzer.compare import Limits, Store, Wanted, compare_sides
from analyzer.model.comparison import CompareReport, SideSummary, Way
from analyzer.model.http import Exchange
from tests.compare.messages import exchange

HOST = b"pictures.oss-cn-hangzhou.aliyuncs.com"
NEAR, FAR = ("10.0.0.5:50000", "10.0.0.9:80"), ("10.0.0.9:40000", "118.31.219.217:80")


def asked(
    target: bytes = b"/a.txt", signature: bytes = b"A" * 27 + b"=", extra: bytes = b"", body: bytes = b""
) -> bytes:
    """A signed request."""
    head = b"PUT " + target + b" HTTP/1.1\r\nHost: " + HOST + b"\r\nDate: Tue, 14 May 2024 03:21:07 GMT\r\n" + extra
    length = b"Content-Length: %d\r\n" % len(body) if body else b""
    return head + length + b"Authorization: OSS LTAI:" + signature + b"\r\n\r\n" + body


def answered(
    request_id: bytes | None = None, status: int = 200, server: bytes = b"AliyunOSS", extra: bytes = b""
) -> bytes:
    """An answer of the store."""
    number = b"x-oss-request-id: " + request_id + b"\r\n" if request_id is not None else b""
    line = b"HTTP/1.1 %d X\r\n" % status
    return line + b"Server: " + server + b"\r\n" + number + extra + b"Content-Length: 0\r\n\r\n"


def unsigned(target: bytes, body: bytes = b"") -> bytes:
    """A request without a signature or date."""
    return b"PUT " + target + b" HTTP/1.1\r\nHost: h\r\nContent-Length: %d\r\n\r\n" % len(body) + body


def compared(
    one: Iterable[Exchange], other: Iterable[Exchange], way: Way | None = None, limits: Limits | None = None
) -> CompareReport:
    """The report on two captures that hold these exchanges."""
    chosen = limits or Limits()
    stores = Store(chosen), Store(chosen)
    for store, exchanges in zip(stores, (one, other), strict=True):
        for found in exchanges:
            store.add(found)
    sides = [
        SideSummary(
            (), store.seen, len(store.kept), store.left_out, first_time=store.first_time, last_time=store.last_time
        )
        for store in stores
    ]
    return compare_sides(stores, (sides[0], sides[1]), Wanted(way, chosen))


__all__ = ["FAR", "HOST", "NEAR", "answered", "asked", "compared", "exchange", "unsigned"]
