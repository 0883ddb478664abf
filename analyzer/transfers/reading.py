"""One exchange as a transfer: which operation, whose object, how many bytes, and do the checksums hold.

Operations are told by method and query (OSS API reference, "List of operations by function"); the first row of the
table that fits counts. Only exchanges with OSS become transfers: a capture of a whole machine holds other traffic, of
which nothing is said.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from analyzer.diagnosis.clients import client_of
from analyzer.http import decoded
from analyzer.model.http import Exchange, Head, Message, Request, Response
from analyzer.model.notes import Kind, Note, Wire, note
from analyzer.model.signing import SigningInputs, Variant
from analyzer.model.transfers import Check, Transfer
from analyzer.oss.endpoints import read_host
from analyzer.oss.errors import read_error
from analyzer.oss.pieces import percent_decode
from analyzer.oss.reading import signing_inputs

__all__ = ["DATA", "LEAST", "LONG", "MULTIPART", "PYTHON_SDK", "Seen", "read_transfer"]

#: Exchanges that move fewer bytes in less time, succeed and belong to no upload are only counted.
LEAST, LONG = 64 << 10, 1_000_000_000
#: Listed parts of a completion that are read (OSS takes 10,000).
_MANY_PARTS = 10_000

#: Operations that carry an object's bytes.
DATA = frozenset({"put", "part", "append", "post", "get"})
MULTIPART = frozenset({"initiate", "part", "part-copy", "complete", "abort", "list-parts"})
PYTHON_SDK = ("oss2", "OSS SDK for Python")

#: (operation, method, query parameters that must be there, header that must be there)
_OPERATIONS: tuple[tuple[str, bytes, frozenset[bytes], bytes | None], ...] = (
    ("initiate", b"POST", frozenset({b"uploads"}), None),
    ("part-copy", b"PUT", frozenset({b"partNumber", b"uploadId"}), b"x-oss-copy-source"),
    ("part", b"PUT", frozenset({b"partNumber", b"uploadId"}), None),
    ("complete", b"POST", frozenset({b"uploadId"}), None),
    ("abort", b"DELETE", frozenset({b"uploadId"}), None),
    ("list-parts", b"GET", frozenset({b"uploadId"}), None),
    ("list-uploads", b"GET", frozenset({b"uploads"}), None),
    ("preflight", b"OPTIONS", frozenset(), b"access-control-request-method"),
    ("append", b"POST", frozenset({b"append"}), None),
    ("copy", b"PUT", frozenset(), b"x-oss-copy-source"),
    ("put", b"PUT", frozenset(), None),
    ("post", b"POST", frozenset(), None),
    ("get", b"GET", frozenset(), None),
    ("head", b"HEAD", frozenset(), None),
    ("delete", b"DELETE", frozenset(), None),
)

#: Headers that causes look at later.
_KEPT_OF_REQUEST = (b"origin", b"access-control-request-method", b"access-control-request-headers", b"user-agent")
_KEPT_OF_ANSWER = (
    b"server", b"via", b"x-cache", b"x-oss-request-id", b"access-control-allow-origin", b"access-control-allow-methods",
    b"access-control-allow-headers", b"access-control-expose-headers", b"etag",
)  # fmt: skip

_UPLOAD_ID = re.compile(rb"<UploadId>([^<]{1,512})</UploadId>")
_LISTED = re.compile(rb"<Part>(.{0,1024}?)</Part>", re.DOTALL)
_PART_NUMBER = re.compile(rb"<PartNumber>\s*(\d{1,6})\s*</PartNumber>")
_PART_ETAG = re.compile(rb"<ETag>\s*(?:&quot;|\")?([0-9A-Fa-f]{32})(?:&quot;|\")?\s*</ETag>")
_FROM_START = re.compile(rb"[?&]position=0(?:&|\Z)")
_PLAIN = re.compile(rb"[0-9A-Za-z.-]{1,64}")
_MD5 = re.compile(rb"\"?([0-9A-Fa-f]{32})\"?")


@dataclass(frozen=True, slots=True)
class Seen:
    """A transfer and what only the diagnosis needs of its exchange."""

    transfer: Transfer
    asked: dict[bytes, bytes]  #: headers of the request, lower-case names
    told: dict[bytes, bytes]  #: headers of the answer
    md5: bytes | None  #: of the body that moved
    crc64: int | None
    crc_told: int | None
    listed: tuple[tuple[int, bytes], ...]  #: number and ETag of each part that a completion names
    listed_whole: bool  #: those are all
    head_frames: tuple[int, ...]  #: of the answer's head


def read_transfer(exchange: Exchange, number: int, checks: bool = True) -> Seen | None:
    """The exchange as a transfer; None where it is not with OSS. Never raises on captured input."""
    request, response = exchange.request, exchange.response
    if request is None:
        return None
    inputs = signing_inputs(request, None)[0]
    if not _is_oss(request, response, inputs):
        return None
    names = {pair.name: pair.value for pair in inputs.query}
    operation = _operation(request, names)
    upward = operation != "get"
    body = request.body if upward else response.body if response is not None else None
    asked = _kept(request.head, _KEPT_OF_REQUEST)
    told = _kept(response.head, _KEPT_OF_ANSWER) if response is not None else {}
    digests = body.digests if body is not None else None
    crc_told = _number(response.head.first(b"x-oss-hash-crc64ecma")) if response is not None else None
    etag, crc = _checks(operation, exchange, checks, crc_told)
    error = read_error(request, response) if response is not None else None
    begin, end = _span(request, response)
    client = client_of(asked.get(b"user-agent"))
    transfer = Transfer(
        number=number,
        stream=exchange.connection.stream,
        client=exchange.connection.client,
        server=exchange.connection.server,
        operation=operation,
        upward=upward,
        method=Wire(request.method[:16], Kind.METHOD),
        host=_wire(inputs.host, Kind.HOST),
        bucket=_wire(inputs.bucket, Kind.BUCKET),
        key=_wire(percent_decode(inputs.raw_key), Kind.OBJECT_KEY),
        upload_id=_wire(_upload_id(operation, names, response), Kind.QUERY_VALUE),
        part=_number(names.get(b"partNumber")) if operation in ("part", "part-copy") else None,
        tool=client.name if client is not None else "?",
        size=body.length if body is not None else 0,
        declared=body.declared if body is not None else None,
        begin=begin,
        end=end,
        sent=request.last_time or None,
        answered=response.first_time if response is not None else None,
        status=response.status if response is not None else None,
        code=_public(error.code) if error is not None else None,
        request_id=_public(_request_id(response, error.request_id if error is not None else None)),
        etag=etag,
        crc=crc,
        unchecked=_unchecked(exchange, _body_of(exchange, upward), checks, etag, crc),
        complete=exchange.complete,
        frames=_frames(request, response),
    )
    return Seen(
        transfer,
        asked,
        told,
        digests.md5 if digests is not None else None,
        digests.crc64 if digests is not None else None,
        crc_told,
        _listed(request) if operation == "complete" else (),
        len(request.body.data or b"") == request.body.length,
        response.head.frames(0, len(response.head.raw)) if response is not None else (),
    )


def _body_of(exchange: Exchange, upward: bool) -> Message | None:
    """The message whose body is the object's."""
    return exchange.request if upward else exchange.response


def _is_oss(request: Request, response: Response | None, inputs: SigningInputs) -> bool:
    """By host name, signature, or the headers that only OSS has."""
    if inputs.variant is not Variant.NONE or read_host(inputs.host or b"").kind not in ("other", "ip", "local"):
        return True
    heads = [request.head, *([response.head] if response is not None else [])]
    if any(h.lower.startswith(b"x-oss-") for head in heads for h in head.headers):
        return True
    return response is not None and (response.head.first(b"server") or b"").lower() == b"aliyunoss"


def _operation(request: Request, names: dict[bytes, bytes]) -> str:
    for operation, method, parameters, header in _OPERATIONS:
        fits = request.method == method and parameters <= names.keys()
        if fits and (header is None or request.head.first(header) is not None):
            return operation
    return "other"


def _span(request: Request, response: Response | None) -> tuple[int, int]:
    ends = [request.last_time, *([response.last_time] if response is not None else [])]
    return request.first_time, max(request.first_time, *ends)


def _kept(head: Head, names: tuple[bytes, ...]) -> dict[bytes, bytes]:
    return {name: value[:512] for name in names if (value := head.first(name)) is not None}


def _wire(raw: bytes | None, kind: Kind) -> Wire | None:
    return Wire(raw[:1024], kind) if raw else None


def _public(raw: bytes | None) -> Wire | None:
    """An id or code that anybody may read; damaged answers can hold anything in its place."""
    return _wire(raw, Kind.PUBLIC if raw is not None and _PLAIN.fullmatch(raw) else Kind.BODY)


def _number(raw: bytes | None) -> int | None:
    return int(raw) if raw is not None and raw.isdigit() and len(raw) <= 20 else None


def _request_id(response: Response | None, of_error: bytes | None) -> bytes | None:
    if of_error is not None or response is None:
        return of_error
    return response.head.first(b"x-oss-request-id")


def _upload_id(operation: str, names: dict[bytes, bytes], response: Response | None) -> bytes | None:
    if operation != "initiate":
        return names.get(b"uploadId")
    body = decoded(response) if response is not None and response.status < 300 else None
    found = _UPLOAD_ID.search(body) if body else None
    return found[1].strip() if found is not None else None


def _listed(request: Request) -> tuple[tuple[int, bytes], ...]:
    """Parts that a completion names."""
    found: list[tuple[int, bytes]] = []
    for part in _LISTED.finditer(request.body.data or b""):
        number, etag = _PART_NUMBER.search(part[1]), _PART_ETAG.search(part[1])
        if number is not None and etag is not None and len(found) < _MANY_PARTS:
            found.append((int(number[1]), etag[1].lower()))
    return tuple(found)


def _frames(request: Request, response: Response | None) -> tuple[int, ...]:
    found: list[int] = []
    for message in (request, response):
        if message is not None and message.frames:
            found += [message.frames[0], message.frames[-1]]
    return tuple(dict.fromkeys(found))


# Checksums -----------------------------------------------------------------------------------------------------------


def _checks(operation: str, exchange: Exchange, checks: bool, crc_told: int | None) -> tuple[Check, Check]:
    """ETag and CRC-64 of the answer against the body that moved."""
    response = exchange.response
    judge = _JUDGES.get(operation)
    if response is None or judge is None or not 200 <= response.status < 300:
        return Check.NOT_SENT, Check.NOT_SENT
    claims_md5, claims_crc = judge(exchange, response)
    message = _body_of(exchange, operation != "get")
    digests = message.body.digests if message is not None and checks and not _in_doubt(exchange, message) else None
    etag = _MD5.fullmatch((response.head.first(b"etag") or b"").strip()) if claims_md5 else None
    md5 = digests.md5.hex().encode() if digests is not None else None
    crc = digests.crc64 if digests is not None else None
    return (
        _verdict(etag[1].lower() if etag is not None else None, md5),
        _verdict(crc_told if claims_crc else None, crc),
    )


def _verdict(claimed: object, found: object) -> Check:
    if claimed is None:
        return Check.NOT_SENT
    if found is None:
        return Check.NOT_MADE
    return Check.EQUAL if claimed == found else Check.DIFFERS


_Judge = Callable[[Exchange, Response], tuple[bool, bool]]


def _stored(exchange: Exchange, response: Response) -> tuple[bool, bool]:
    """An upload's ETag is its MD5 unless the server encrypted it with KMS; its CRC-64 is that of the bytes sent."""
    return response.head.first(b"x-oss-server-side-encryption") is None, True


def _appended(exchange: Exchange, response: Response) -> tuple[bool, bool]:
    """An append's CRC-64 is that of the whole object: of these bytes only where it begins."""
    return False, _FROM_START.search(_target(exchange)) is not None


def _fetched(exchange: Exchange, response: Response) -> tuple[bool, bool]:
    """A download's CRC-64 is that of the whole object, before any content coding."""
    plain = response.head.first(b"content-encoding") is None
    return False, response.status == 200 and plain and b"x-oss-process" not in _target(exchange)


def _target(exchange: Exchange) -> bytes:
    return exchange.request.target if exchange.request is not None else b""


#: What the answer's checksums are about (API reference: PutObject, UploadPart, AppendObject, GetObject).
_JUDGES: dict[str, _Judge] = {"put": _stored, "part": _stored, "append": _appended, "get": _fetched}


def _unchecked(exchange: Exchange, message: Message | None, checks: bool, etag: Check, crc: Check) -> Note | None:
    """Why a checksum that the answer carries was not compared."""
    if Check.NOT_MADE not in (etag, crc) or message is None:
        return None
    if not checks:
        return note("transfers.unchecked.off")
    if not message.body.complete or message.body.captured < message.body.length:
        return note("transfers.unchecked.missing", missing=max(0, message.body.length - message.body.captured))
    if _in_doubt(exchange, message):
        return note("transfers.unchecked.doubt")
    return note("transfers.unchecked.unclaimed")


def _in_doubt(exchange: Exchange, message: Message) -> bool:
    """The answer may be another request's, or a part of the body came twice with different bytes."""
    return not exchange.certain or any(one.key == "tcp.conflicting-retransmission" for one in message.notes)
