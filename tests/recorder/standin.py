"""A small stand-in for OSS: objects in memory, signatures verified, errors in the real server's form.

One thread a connection, HTTP/1.1 with keep-alive, requests read as bytes so that nothing is repaired on the way. Which
operation a request asks for is a table of method and query names. With ``tls=True`` it speaks TLS with a certificate
made for this run. Form of the answers: OSS API reference, "Common response headers" and "Error responses".
"""

from __future__ import annotations

import base64
import hashlib
import itertools
import secrets as secrets_module
import socketserver
import ssl
import tempfile
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from io import BufferedIOBase
from pathlib import Path
from urllib.parse import quote
from xml.sax.saxutils import escape

from tests.recorder.ends import hang_up
from tests.recorder.serving import Serving
from tests.recorder.verify import GMT, Asked, Refusal, split_target, verify

LIMIT = 16 << 20  #: largest body taken
HEARD = 40_000  #: bytes of a body that are read before the connection is reset


@dataclass(frozen=True, slots=True)
class Answer:
    """Status, reason, headers beyond the common ones, body."""

    status: int
    reason: str
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""


@dataclass(slots=True)
class Store:
    """Buckets are born with their first object."""

    objects: dict[tuple[str, bytes], bytes] = field(default_factory=dict)
    uploads: dict[bytes, dict[int, bytes]] = field(default_factory=dict)
    numbers: Iterator[int] = field(default_factory=lambda: itertools.count(1))
    lock: threading.Lock = field(default_factory=threading.Lock)


class HangUp(Exception):
    """The server resets the connection."""


#: Called when a request's head is read, before its body: may wait, or raise ``HangUp``.
Mood = Callable[[Asked], None]


class Standin(Serving):
    """The server. ``secrets`` are access key ids and their secrets; ``ahead`` is how far its clock is ahead of ours;
    ``mood`` is asked before each body.

    A context manager; ``address`` is where it listens."""

    def __init__(
        self,
        secrets: Mapping[str, str],
        *,
        ahead: timedelta = timedelta(),
        tls: bool = False,
        mood: Mood | None = None,
        host: str = "127.0.0.1",
    ) -> None:
        self.secrets = dict(secrets)
        self.mood = mood
        self.ahead = ahead
        self.salt = secrets_module.randbits(32)  #: so that no two servers give the same request id
        self.store = Store()
        super().__init__(_Server(self, host), server_context() if tls else None)

    def answer(self, asked: Asked) -> Answer:
        """What OSS would answer; the whole decision, without the connection."""
        began = time.monotonic()
        now = datetime.now(UTC) + self.ahead
        with self.store.lock:
            request_id = f"{int(now.timestamp()):08X}{self.salt:08X}{next(self.store.numbers):08X}"
            refusal = verify(asked, self.secrets, now) or _operate(self.store, asked)
        plain = _refuse(refusal, asked, request_id) if isinstance(refusal, Refusal) else refusal
        common = (
            ("Server", "AliyunOSS"),
            ("Date", now.strftime(GMT)),
            *plain.headers,
            ("Connection", "close" if _is_last(asked) else "keep-alive"),
            ("x-oss-request-id", request_id),
            ("x-oss-server-time", str(int((time.monotonic() - began) * 1000))),
        )
        return Answer(plain.status, plain.reason, common, plain.body)


def _is_last(asked: Asked) -> bool:
    return asked.header("connection").lower() == b"close"


def _refuse(refusal: Refusal, asked: Asked, request_id: str) -> Answer:
    elements = [
        ("Code", refusal.code.encode()),
        ("Message", refusal.message.encode()),
        ("RequestId", request_id.encode()),
        ("HostId", asked.header("host")),
        *refusal.elements,
        ("EC", refusal.ec.encode()),
        ("RecommendDoc", b"https://api.aliyun.com/troubleshoot?q=" + refusal.ec.encode()),
    ]
    body = _xml("Error", elements)
    reason = {400: "Bad Request", 403: "Forbidden", 404: "Not Found"}[refusal.status]
    if asked.method == "HEAD":
        headers: tuple[tuple[str, str], ...] = (
            ("x-oss-err", base64.b64encode(body).decode()),
            ("x-oss-ec", refusal.ec),
        )
        return Answer(refusal.status, reason, headers)
    headers = (("Content-Type", "application/xml"), ("Content-Length", str(len(body))), ("x-oss-ec", refusal.ec))
    return Answer(refusal.status, reason, headers, body)


def _xml(root: str, elements: list[tuple[str, bytes]], nested: Iterable[bytes] = ()) -> bytes:
    lines = [f'<?xml version="1.0" encoding="UTF-8"?>\n<{root}>\n'.encode()]
    for name, value in elements:
        lines.append(f"  <{name}>".encode() + _escaped(value) + f"</{name}>\n".encode())
    return b"".join([*lines, *nested, f"</{root}>\n".encode()])


def _escaped(value: bytes) -> bytes:
    return escape(value.decode("utf-8", "surrogateescape")).encode("utf-8", "surrogateescape")


def _page(root: str, elements: list[tuple[str, bytes]], nested: Iterable[bytes] = ()) -> Answer:
    body = _xml(root, elements, nested)
    return Answer(200, "OK", (("Content-Type", "application/xml"), ("Content-Length", str(len(body)))), body)


def _operate(store: Store, asked: Asked) -> Answer | Refusal:
    names = frozenset(name.decode("latin-1") for name, _ in asked.query)
    for method, wanted, operation in _OPERATIONS:
        if method == asked.method and wanted <= names:
            return operation(store, asked)
    return Refusal(400, "InvalidArgument", "The stand-in does not know this operation.", "0017-00000000")


def _missing(asked: Asked) -> Refusal:
    named = (("Key", asked.path[1:]),)
    return Refusal(404, "NoSuchKey", "The specified key does not exist.", "0026-00000001", named)


def _etag(data: bytes) -> str:
    return f'"{hashlib.md5(data).hexdigest().upper()}"'


def _marks(data: bytes) -> tuple[tuple[str, str], ...]:
    md5 = base64.b64encode(hashlib.md5(data).digest()).decode()
    return (("ETag", _etag(data)), ("x-oss-hash-crc64ecma", str(crc64(data))), ("Content-MD5", md5))


def _put(store: Store, asked: Asked) -> Answer | Refusal:
    store.objects[asked.bucket, asked.path] = asked.body
    return Answer(200, "OK", (("Content-Length", "0"), *_marks(asked.body)))


def _get(store: Store, asked: Asked) -> Answer | Refusal:
    data = store.objects.get((asked.bucket, asked.path))
    if asked.path == b"/":
        return _list(store, asked)
    if data is None:
        return _missing(asked)
    kind = ("Content-Type", "application/octet-stream")
    return Answer(200, "OK", (kind, ("Content-Length", str(len(data))), *_marks(data)), data)


def _head(store: Store, asked: Asked) -> Answer | Refusal:
    answer = _get(store, asked)
    return answer if isinstance(answer, Refusal) else Answer(200, "OK", answer.headers)


def _delete(store: Store, asked: Asked) -> Answer | Refusal:
    store.objects.pop((asked.bucket, asked.path), None)
    return Answer(204, "No Content")


def _list(store: Store, asked: Asked) -> Answer:
    prefix = b"/" + (asked.param("prefix") or b"")
    found = sorted((k, v) for (b, k), v in store.objects.items() if b == asked.bucket and k.startswith(prefix))
    count = str(len(found)).encode()
    rows = [("Name", asked.bucket.encode()), ("EncodingType", b"url"), ("IsTruncated", b"false"), ("KeyCount", count)]
    return _page("ListBucketResult", rows, [_contents(key, data) for key, data in found])


def _contents(key: bytes, data: bytes) -> bytes:
    named = f"<Key>{quote(key[1:], safe='')}</Key><LastModified>2024-01-01T00:00:00.000Z</LastModified>"
    sizes = f"<ETag>{_etag(data)}</ETag><Type>Normal</Type><Size>{len(data)}</Size>"
    return f"  <Contents>{named}{sizes}<StorageClass>Standard</StorageClass></Contents>\n".encode()


def _initiate(store: Store, asked: Asked) -> Answer | Refusal:
    upload = f"{next(store.numbers):032X}".encode()
    store.uploads[upload] = {}
    key = quote(asked.path[1:], safe="").encode()
    rows = [("Bucket", asked.bucket.encode()), ("Key", key), ("UploadId", upload), ("EncodingType", b"url")]
    return _page("InitiateMultipartUploadResult", rows)


def _upload(store: Store, asked: Asked) -> dict[int, bytes] | Refusal:
    upload = asked.param("uploadId") or b""
    message = "The specified upload does not exist. The upload ID may be invalid, or the upload may have been aborted."
    gone = Refusal(404, "NoSuchUpload", message, "0042-00000002", (("UploadId", upload),))
    return store.uploads.get(upload, gone)


def _part(store: Store, asked: Asked) -> Answer | Refusal:
    parts = _upload(store, asked)
    if isinstance(parts, Refusal):
        return parts
    parts[int(asked.param("partNumber") or b"0")] = asked.body
    return Answer(200, "OK", (("Content-Length", "0"), *_marks(asked.body)))


def _list_parts(store: Store, asked: Asked) -> Answer | Refusal:
    parts = _upload(store, asked)
    if isinstance(parts, Refusal):
        return parts
    key = quote(asked.path[1:], safe="").encode()
    rows = [("Bucket", asked.bucket.encode()), ("EncodingType", b"url"), ("Key", key)]
    rows += [("UploadId", asked.param("uploadId") or b""), ("PartNumberMarker", b"0"), ("NextPartNumberMarker", b"0")]
    return _page("ListPartsResult", [*rows, ("IsTruncated", b"false")], [_listed(n, parts[n]) for n in sorted(parts)])


def _listed(number: int, data: bytes) -> bytes:
    sizes = f"<Size>{len(data)}</Size><HashCrc64ecma>{crc64(data)}</HashCrc64ecma>"
    named = f"<PartNumber>{number}</PartNumber><LastModified>2024-01-01T00:00:00.000Z</LastModified>"
    return f"  <Part>{named}<ETag>{_etag(data)}</ETag>{sizes}</Part>\n".encode()


def _complete(store: Store, asked: Asked) -> Answer | Refusal:
    parts = _upload(store, asked)
    if isinstance(parts, Refusal):
        return parts
    data = b"".join(parts[number] for number in sorted(parts))
    store.objects[asked.bucket, asked.path] = data
    del store.uploads[asked.param("uploadId") or b""]
    digests = hashlib.md5(b"".join(hashlib.md5(parts[n]).digest() for n in sorted(parts))).hexdigest().upper()
    key = quote(asked.path[1:], safe="").encode()
    etag = f'"{digests}-{len(parts)}"'.encode()
    rows = [("EncodingType", b"url"), ("Bucket", asked.bucket.encode()), ("Key", key), ("ETag", etag)]
    page = _page("CompleteMultipartUploadResult", rows)
    return Answer(200, "OK", (*page.headers, ("x-oss-hash-crc64ecma", str(crc64(data)))), page.body)


def _abort(store: Store, asked: Asked) -> Answer | Refusal:
    parts = _upload(store, asked)
    if isinstance(parts, Refusal):
        return parts
    del store.uploads[asked.param("uploadId") or b""]
    return Answer(204, "No Content")


_OPERATIONS: tuple[tuple[str, frozenset[str], Callable[[Store, Asked], Answer | Refusal]], ...] = (
    ("POST", frozenset({"uploads"}), _initiate),
    ("PUT", frozenset({"partNumber", "uploadId"}), _part),
    ("POST", frozenset({"uploadId"}), _complete),
    ("DELETE", frozenset({"uploadId"}), _abort),
    ("GET", frozenset({"uploadId"}), _list_parts),
    ("PUT", frozenset(), _put),
    ("GET", frozenset(), _get),
    ("HEAD", frozenset(), _head),
    ("DELETE", frozenset(), _delete),
)
"""The first row that fits a request's method and query names is what it asks for."""


def _crc_table() -> tuple[int, ...]:
    rows = []
    for row in range(256):
        for _ in range(8):
            row = row >> 1 ^ (0xC96C5795D7870F42 if row & 1 else 0)
        rows.append(row)
    return tuple(rows)


_CRC_TABLE = _crc_table()


def crc64(data: bytes) -> int:
    """CRC-64 of ECMA-182, reflected, as in ``x-oss-hash-crc64ecma``."""
    value = 0xFFFFFFFFFFFFFFFF
    for byte in data:
        value = _CRC_TABLE[(value ^ byte) & 0xFF] ^ value >> 8
    return value ^ 0xFFFFFFFFFFFFFFFF


class _Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True

    def __init__(self, standin: Standin, host: str) -> None:
        self.standin = standin
        super().__init__((host, 0), _Handler)


class _Handler(socketserver.StreamRequestHandler):
    disable_nagle_algorithm = True

    def handle(self) -> None:
        assert isinstance(self.server, _Server)
        while (asked := self._asked()) is not None:
            answer = self.server.standin.answer(asked)
            lines = [f"HTTP/1.1 {answer.status} {answer.reason}", *(f"{n}: {v}" for n, v in answer.headers), "", ""]
            self.wfile.write("\r\n".join(lines).encode() + answer.body)
            self.wfile.flush()
            if _is_last(asked):
                return

    def _asked(self) -> Asked | None:
        try:
            return read_request(self.rfile, self._go_on, self.server.standin.mood)  # type: ignore[attr-defined]
        except HangUp:
            self.rfile.read(HEARD)
            hang_up(self.connection)
            return None

    def _go_on(self) -> None:
        self.wfile.write(b"HTTP/1.1 100 Continue\r\n\r\n")
        self.wfile.flush()


def read_request(stream: BufferedIOBase, go_on: Callable[[], None], mood: Mood | None = None) -> Asked | None:
    """The next request; None at the end of the connection. ``go_on`` is called where the client asks to be told,
    ``mood`` before the body is read."""
    line = stream.readline()
    if not line.strip():
        return None
    method, _, rest = line.rstrip(b"\r\n").partition(b" ")
    path, query = split_target(rest.rpartition(b" ")[0])
    headers: list[tuple[str, bytes]] = []
    while (raw := stream.readline()).strip():
        name, _, value = raw.partition(b":")
        headers.append((name.decode("latin-1").lower(), value.strip(b" \t\r\n")))
    asked = Asked(method.decode("latin-1"), _bucket(dict(headers)), path, query, tuple(headers), b"")
    if asked.header("expect").lower() == b"100-continue":
        go_on()
    if mood is not None:
        mood(asked)
    return Asked(asked.method, asked.bucket, path, query, asked.headers, _body(asked, stream))


def _bucket(headers: Mapping[str, bytes]) -> str:
    """The label before the endpoint ``oss-<region>.aliyuncs.com``."""
    label, _, rest = headers.get("host", b"").decode("latin-1").partition(".")
    return label if rest.startswith("oss-") else ""


def _body(asked: Asked, stream: BufferedIOBase) -> bytes:
    if asked.header("transfer-encoding").lower() != b"chunked":
        return stream.read(min(int(asked.header("content-length") or b"0"), LIMIT))
    chunks = []
    while size := int(stream.readline().partition(b";")[0], 16):
        chunks.append(stream.read(min(size, LIMIT)))
        stream.readline()
    while stream.readline().strip():
        pass
    return b"".join(chunks)


def server_context() -> ssl.SSLContext:
    """A server's side of TLS, with a certificate made for this run."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "*.oss-cn-hangzhou.aliyuncs.com")])
    now = datetime.now(UTC)
    made = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
    made = made.serial_number(x509.random_serial_number())
    made = made.not_valid_before(now - timedelta(days=1)).not_valid_after(now + timedelta(days=1))
    certificate = made.sign(key, hashes.SHA256())
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "both.pem"
        form = (serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
        path.write_bytes(key.private_bytes(*form) + certificate.public_bytes(serialization.Encoding.PEM))
        context.load_cert_chain(path)
    return context
