"""Requests as a client would put them on the wire, and answers as the server writes them."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterable, Mapping
from urllib.parse import quote

from analyzer.http.plain import exchange_from_bytes
from analyzer.model.http import Exchange
from analyzer.model.signing import SignedExchange
from analyzer.oss import read

HOST = "bucket.oss-cn-hangzhou.aliyuncs.com"


def request_bytes(
    method: str, target: str | bytes, headers: Iterable[tuple[str, str | bytes]], body: bytes = b""
) -> bytes:
    """The request, headers as given; Content-Length is added for a body."""
    head = [method.encode() + b" " + _bytes(target) + b" HTTP/1.1"]
    head += [name.encode() + b": " + _bytes(value) for name, value in headers]
    if body:
        head.append(b"Content-Length: %d" % len(body))
    return b"\r\n".join(head) + b"\r\n\r\n" + body


def query(params: Mapping[str, str | None]) -> str:
    """Parameters percent-encoded; a name alone where the value is empty."""
    return "&".join(quote(k, safe="") + ("=" + quote(v, safe="") if v else "") for k, v in params.items())


def answer(
    string_to_sign: bytes | None,
    canonical: bytes | None = None,
    code: bytes = b"SignatureDoesNotMatch",
    head: bool = False,
) -> bytes:
    """A 403 as the server writes it: upper-case hex, a blank behind every pair; for HEAD in a header."""
    body = b'<?xml version="1.0" encoding="UTF-8"?>\n<Error>\n  <Code>' + code + b"</Code>\n"
    if string_to_sign is not None:
        numbers = "".join(f"{byte:02X} " for byte in string_to_sign).encode()
        body += b"  <StringToSignBytes>" + numbers + b"</StringToSignBytes>\n"
    if canonical is not None:
        escaped = canonical.replace(b"&", b"&amp;").replace(b"<", b"&lt;").replace(b">", b"&gt;")
        body += b"  <CanonicalRequest>" + escaped + b"</CanonicalRequest>\n"
    body += b"</Error>\n"
    if head:
        return b"HTTP/1.1 403 Forbidden\r\nServer: AliyunOSS\r\nx-oss-err: " + b64encode(body) + b"\r\n\r\n"
    return b"HTTP/1.1 403 Forbidden\r\nServer: AliyunOSS\r\nContent-Length: %d\r\n\r\n" % len(body) + body


def exchange(request: bytes, response: bytes | None = None) -> Exchange:
    """One exchange from both texts."""
    return exchange_from_bytes(request, response)


def signed(request: bytes, response: bytes | None = None) -> SignedExchange:
    """What OSS reads in it."""
    return read(exchange(request, response))


def _bytes(text: str | bytes) -> bytes:
    return text.encode() if isinstance(text, str) else text
