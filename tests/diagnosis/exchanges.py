"""Made-up exchanges for the tests of this floor, signed by hand-written HMACs."""

from __future__ import annotations

import hmac
from base64 import b64encode

from analyzer.diagnosis import Budget, Diagnoser
from analyzer.http.plain import exchange_from_bytes
from analyzer.model.findings import Finding
from analyzer.model.secrets import Secret, SecretBook
from analyzer.model.signing import SignedExchange
from analyzer.oss import read

KEY_ID = b"LTAI5tMadeUpForTests01"
SECRET = b"made-up-secret-of-thirty-bytes"
DATE = b"Tue, 14 May 2024 03:21:07 GMT"
HOST = b"pictures.oss-cn-hangzhou.aliyuncs.com"
BOOK = SecretBook({KEY_ID: Secret(SECRET)})


def sign(text: bytes, secret: bytes = SECRET) -> bytes:
    return b64encode(hmac.digest(secret, text, "sha1"))


def request(
    signature: bytes, method: bytes = b"GET", target: bytes = b"/a.txt", headers: bytes = b"", body: bytes = b""
) -> bytes:
    length = b"Content-Length: %d\r\n" % len(body) if body else b""
    return (
        method
        + b" "
        + target
        + b" HTTP/1.1\r\nHost: "
        + HOST
        + b"\r\nDate: "
        + DATE
        + b"\r\n"
        + headers
        + length
        + b"Authorization: OSS "
        + KEY_ID
        + b":"
        + signature
        + b"\r\n\r\n"
        + body
    )


def refusal(server_text: bytes, signature: bytes) -> bytes:
    numbers = b" ".join(b"%02X" % byte for byte in server_text)
    body = (
        b"<Error><Code>SignatureDoesNotMatch</Code><RequestId>6642D7B5A1F0C83539D2E417</RequestId><HostId>"
        + HOST
        + b"</HostId><OSSAccessKeyId>"
        + KEY_ID
        + b"</OSSAccessKeyId><SignatureProvided>"
        + signature
        + b"</SignatureProvided><StringToSignBytes>"
        + numbers
        + b" </StringToSignBytes></Error>"
    )
    head = b"HTTP/1.1 403 Forbidden\r\nServer: AliyunOSS\r\nDate: %s\r\nContent-Length: %d\r\n\r\n" % (DATE, len(body))
    return head + body


def exchange(request_bytes: bytes, response_bytes: bytes, frame: int = 1) -> SignedExchange:
    return read(exchange_from_bytes(request_bytes, response_bytes, frame=frame))


def failure(
    client_text: bytes, server_text: bytes, secret: bytes = SECRET, frame: int = 1, **wire: bytes
) -> SignedExchange:
    signature = sign(client_text, secret)
    return exchange(request(signature, **wire), refusal(server_text, signature), frame)


def success(text: bytes, frame: int = 1, **wire: bytes) -> SignedExchange:
    return exchange(request(sign(text), **wire), b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", frame)


def text(method: bytes = b"GET", content_type: bytes = b"", target: bytes = b"/pictures/a.txt") -> bytes:
    return b"\n".join((method, b"", content_type, DATE, target))


def explained(
    *exchanges: SignedExchange, book: SecretBook | None = None, budget: Budget | None = None
) -> tuple[Finding, ...]:
    diagnoser = Diagnoser(book, budget=budget)
    for signed in exchanges:
        diagnoser.add(signed)
    return diagnoser.findings()
