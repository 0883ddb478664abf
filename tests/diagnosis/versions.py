"""Made-up refusals of every version, signed by hand-written HMACs: what the client signed against the server's text."""

from __future__ import annotations

import hmac
from base64 import b64encode
from hashlib import sha256

from analyzer.model.signing import SignedExchange
from tests.diagnosis.exchanges import DATE, HOST, KEY_ID, SECRET, exchange

STAMP = b"20240514T032107Z"
OSS_SCOPE = b"20240514/cn-hangzhou/oss/aliyun_v4_request"
S3_SCOPE = b"20240514/us-east-1/s3/aws4_request"


def canonical(
    path: bytes, query: bytes = b"", headers: bytes = b"", listed: bytes = b"", method: bytes = b"GET"
) -> bytes:
    """A canonical request of OSS; ``headers`` are whole lines besides the date's and the payload's."""
    lines = sorted((*headers.splitlines(), b"x-oss-content-sha256:UNSIGNED-PAYLOAD", b"x-oss-date:" + STAMP))
    return b"\n".join((method, path, query, b"".join(line + b"\n" for line in lines), listed, b"UNSIGNED-PAYLOAD"))


def s3_canonical(path: bytes, query: bytes = b"", host: bytes = HOST) -> bytes:
    """A canonical request of S3 with the least headers."""
    lines = b"host:%s\nx-amz-content-sha256:UNSIGNED-PAYLOAD\nx-amz-date:%s\n" % (host, STAMP)
    names = b"host;x-amz-content-sha256;x-amz-date"
    return b"\n".join((b"GET", path, query, lines, names, b"UNSIGNED-PAYLOAD"))


def v4(
    client: bytes,
    server: bytes,
    target: bytes = b"/a.txt",
    headers: bytes = b"",
    *,
    listed: bytes = b"",
    key_scope: bytes = OSS_SCOPE,
) -> SignedExchange:
    """Refusal of a V4 header; the key is derived for ``key_scope``, the texts name ``OSS_SCOPE``."""
    signature = _v4_signature(_string(b"OSS4-HMAC-SHA256", OSS_SCOPE, client), b"aliyun_v4", key_scope)
    names = b",AdditionalHeaders=" + listed if listed else b""
    authorization = b"OSS4-HMAC-SHA256 Credential=%s/%s%s,Signature=%s" % (KEY_ID, OSS_SCOPE, names, signature)
    headers += b"x-oss-date: %s\r\nx-oss-content-sha256: UNSIGNED-PAYLOAD\r\n" % STAMP
    return _refused(
        target, authorization, headers, signature, _string(b"OSS4-HMAC-SHA256", OSS_SCOPE, server), server, 201
    )


def s3_v4(
    client: bytes, server: bytes, target: bytes = b"/a.txt", *, key_scope: bytes = S3_SCOPE, host: bytes = HOST
) -> SignedExchange:
    """Refusal of S3's V4 header."""
    signature = _v4_signature(_string(b"AWS4-HMAC-SHA256", S3_SCOPE, client), b"AWS4", key_scope)
    names = b"host;x-amz-content-sha256;x-amz-date"
    authorization = b"AWS4-HMAC-SHA256 Credential=%s/%s, SignedHeaders=%s, Signature=%s" % (
        KEY_ID,
        S3_SCOPE,
        names,
        signature,
    )
    headers = b"x-amz-date: %s\r\nx-amz-content-sha256: UNSIGNED-PAYLOAD\r\n" % STAMP
    text = _string(b"AWS4-HMAC-SHA256", S3_SCOPE, server)
    return _refused(target, authorization, headers, signature, text, server, 429, host)


def v2(client: bytes, server: bytes, target: bytes = b"/a.txt", headers: bytes = b"") -> SignedExchange:
    """Refusal of a V2 header."""
    signature = b64encode(hmac.digest(SECRET, client, "sha256"))
    authorization = b"OSS2 AccessKeyId:%s,Signature:%s" % (KEY_ID, signature)
    return _refused(target, authorization, _dated(headers), signature, server, None, 101)


def s3_v2(client: bytes, server: bytes, target: bytes = b"/a.txt", headers: bytes = b"") -> SignedExchange:
    """Refusal of S3's V2 header."""
    signature = b64encode(hmac.digest(SECRET, client, "sha1"))
    return _refused(target, b"AWS %s:%s" % (KEY_ID, signature), _dated(headers), signature, server, None, 307)


def v1_url(
    client: bytes, server: bytes, parameters: bytes, method: bytes = b"GET", headers: bytes = b""
) -> SignedExchange:
    """Refusal of a URL signed by V1; ``parameters`` end in ``Expires``."""
    signature = b64encode(hmac.digest(SECRET, client, "sha1"))
    escaped = signature.replace(b"+", b"%2B").replace(b"/", b"%2F").replace(b"=", b"%3D")
    target = b"/a.txt?OSSAccessKeyId=%s&%s&Signature=%s" % (KEY_ID, parameters, escaped)
    return _refused(target, None, headers, signature, server, None, 40, method=method)


def _dated(headers: bytes) -> bytes:
    return b"Date: " + DATE + b"\r\n" + headers


def _string(algorithm: bytes, scope: bytes, request: bytes) -> bytes:
    return b"\n".join((algorithm, STAMP, scope, sha256(request).hexdigest().encode()))


def _v4_signature(text: bytes, prefix: bytes, scope: bytes) -> bytes:
    key = prefix + SECRET
    for step in scope.split(b"/"):
        key = hmac.digest(key, step, "sha256")
    return hmac.digest(key, text, "sha256").hex().encode()


def _refused(
    target: bytes,
    authorization: bytes | None,
    headers: bytes,
    signature: bytes,
    text: bytes,
    request: bytes | None,
    code: int,
    host: bytes = HOST,
    method: bytes = b"GET",
) -> SignedExchange:
    told = b"Authorization: " + authorization + b"\r\n" if authorization is not None else b""
    sent = b"%s %s HTTP/1.1\r\nHost: %s\r\n%s%s\r\n" % (method, target, host, headers, told)
    elements = [
        (b"Code", b"SignatureDoesNotMatch"),
        (b"HostId", host),
        (b"SignatureProvided", signature),
        (b"StringToSign", _escaped(text)),
        (b"StringToSignBytes", b" ".join(b"%02X" % byte for byte in text)),
        (b"EC", b"0002-%08d" % code),
    ]
    if request is not None:
        elements.append((b"CanonicalRequest", _escaped(request)))
    body = b"<Error>" + b"".join(b"<%s>%s</%s>" % (name, value, name) for name, value in elements) + b"</Error>"
    head = b"HTTP/1.1 403 Forbidden\r\nServer: AliyunOSS\r\nDate: %s\r\nContent-Length: %d\r\n\r\n" % (DATE, len(body))
    return exchange(sent, head + body)


def _escaped(text: bytes) -> bytes:
    return text.replace(b"&", b"&amp;").replace(b"<", b"&lt;")
