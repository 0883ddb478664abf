"""What is kept of one capture so that another can be held against it: heads, digests, and the keys to match by.

A capture may be of any size, so what is kept is bounded in number and in bytes: heads as raw bytes (their lists of
headers are read again when a pair is looked at), bodies as lengths and digests, frames only of the head and the ends.
Failures have a room of their own, so that a flood of successes cannot push them out. Whatever does not fit is counted.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from hashlib import blake2b, sha256
from typing import TypeVar

from analyzer.http import decoded
from analyzer.http.head import read_head
from analyzer.model.http import Body, Exchange, Head, Message, Request, Response, Span
from analyzer.model.signing import Variant
from analyzer.model.streams import Connection
from analyzer.oss.errors import read_error
from analyzer.oss.post import boundary_of
from analyzer.oss.reading import signing_inputs

__all__ = ["BODY_BYTES", "Kept", "Keys", "Limits", "Store", "unpacked"]

#: Bytes of a body that are looked at when an exchange passes: error documents, forms, encoded bodies.
BODY_BYTES = 1 << 16

#: Of an encoded body so much is decoded; a larger one is compared as it stands.
PLAIN_BYTES = 1 << 20

_HEADER, _SPAN = 256, 120  #: bytes that the objects cost

_Message = TypeVar("_Message", Request, Response)


@dataclass(frozen=True, slots=True)
class Limits:
    """Of one side. Successes and failures count apart."""

    exchanges: int = 20_000
    bytes: int = 128 << 20  #: that heads, error documents and forms cost when they are taken apart
    pairs: int = 1_000  #: pairs told one by one
    unmatched: int = 200  #: unmatched requests told one by one


@dataclass(frozen=True, slots=True)
class Keys:
    """What matching goes by; digests of long values, None where there is nothing."""

    request_id: bytes | None
    signature: bytes | None
    asked: bytes | None  #: method, host-independent target and body
    date: bytes | None  #: the same with the date that the client wrote
    target: bytes | None  #: method and target
    body: bytes | None  #: of a body that is there
    begin: int  #: first segment of the request (of the answer where there is no request), nanoseconds
    end: int  #: last segment of the answer (of the request where there is none)
    status: int
    is_signed: bool


@dataclass(slots=True)
class Kept:
    """One exchange, packed."""

    number: int  #: in its capture, from 0
    exchange: Exchange
    keys: Keys
    plain: tuple[bytes | None, bytes | None]  #: digests of both bodies with their content coding taken off

    @property
    def failing(self) -> bool:
        """Refused, or answered with another error."""
        return self.keys.status >= 400


@dataclass(slots=True)
class _Room:
    """How much may still be kept."""

    exchanges: int
    bytes: int

    def takes(self, size: int) -> bool:
        if self.exchanges <= 0 or self.bytes < size:
            return False
        self.exchanges -= 1
        self.bytes -= size
        return True


@dataclass(slots=True)
class Store:
    """The exchanges of one capture."""

    limits: Limits = field(default_factory=Limits)
    kept: list[Kept] = field(default_factory=list)
    seen: int = 0
    left_out: int = 0
    first_time: int | None = None
    last_time: int | None = None
    _rooms: dict[bool, _Room] = field(init=False)
    _connections: dict[int, Connection] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._rooms = {failing: _Room(self.limits.exchanges, self.limits.bytes) for failing in (False, True)}

    def __iter__(self) -> Iterator[Kept]:
        return iter(self.kept)

    def add(self, exchange: Exchange) -> None:
        """Keep an exchange as far as there is room."""
        keys = _keys(exchange)
        self.seen += 1
        self.first_time = keys.begin if self.first_time is None else min(self.first_time, keys.begin)
        self.last_time = keys.end if self.last_time is None else max(self.last_time, keys.end)
        packed = replace(
            exchange,
            connection=self._shared(exchange.connection),
            request=_packed(exchange.request, _needs_form(exchange.request)),
            response=_packed(exchange.response, keys.status >= 400),
            interim=(),
        )
        size = sum(_size(m) for m in (packed.request, packed.response) if m is not None)
        if not self._rooms[keys.status >= 400].takes(size):
            self.left_out += 1
            return
        plain = (_plain(exchange.request), _plain(exchange.response))
        self.kept.append(Kept(self.seen - 1, packed, keys, plain))

    def _shared(self, connection: Connection) -> Connection:
        """One description a connection: the first; its counts of loss grow and belong to no single exchange."""
        return self._connections.setdefault(connection.stream, connection)


def unpacked(exchange: Exchange) -> Exchange:
    """The exchange with its lists of headers read again."""
    request, response = exchange.request, exchange.response
    return replace(
        exchange,
        request=replace(request, head=_read_again(request.head)) if request is not None else None,
        response=replace(response, head=_read_again(response.head)) if response is not None else None,
    )


def _read_again(head: Head) -> Head:
    return read_head(head.raw, head.spans)[1]


def _packed(message: _Message | None, keep_body: bool) -> _Message | None:
    if message is None:
        return None
    spans: tuple[Span, ...] = message.head.spans
    ends: tuple[int, ...] = message.frames[:1] + message.frames[-1:]
    frames = tuple(sorted({*ends, *(span.frame for span in spans[:64])}))
    body = replace(message.body, data=message.body.data if keep_body else None, frames=())
    return replace(message, head=Head(message.head.raw, (), spans), body=body, frames=frames, notes=())


def _size(message: Message) -> int:
    """What the message costs when its head is taken apart."""
    raw = message.head.raw
    trailers = sum(len(one.name) + len(one.value) + _HEADER for one in message.trailers)
    objects = _HEADER * raw.count(b"\n") + _SPAN * len(message.head.spans)
    return 2 * len(raw) + objects + len(message.body.data or b"") + trailers


def _needs_form(request: Request | None) -> bool:
    """A form carries its own signature."""
    if request is None or request.method != b"POST":
        return False
    return boundary_of(request.head.first(b"content-type") or b"") is not None


def _keys(exchange: Exchange) -> Keys:
    request, response = exchange.request, exchange.response
    last = response or request
    status = response.status if response is not None else 0
    is_signed = False
    target = date = asked = signature = None
    if request is not None:
        creds = signing_inputs(request, None)[0].credentials
        is_signed = creds.variant is not Variant.NONE
        if is_signed and creds.signature is not None:
            signature = _digest(creds.access_key_id or b"", creds.signature)
        place = _place(request.target)
        body = _body_key(request.body)
        target = _digest(request.method, place)
        asked = _digest(request.method, place, body)
        written = request.head.first(b"x-oss-date") or request.head.first(b"x-amz-date") or request.head.first(b"date")
        date = _digest(request.method, place, body, written) if written is not None else None
    return Keys(
        _request_id(exchange) if exchange.certain else None,
        signature,
        asked,
        date,
        target,
        _body_key(request.body) if request is not None and request.body.length else None,
        exchange.began,
        last.last_time if last is not None else 0,
        status,
        is_signed,
    )


def _place(target: bytes) -> bytes:
    """The target without scheme and host: a proxy is sent the absolute form, the server the origin form."""
    before, mark, rest = target.partition(b"://")
    if not mark or not before.isalpha():
        return target
    slash = rest.find(b"/")
    return rest[slash:] if slash >= 0 else b"/"


def _request_id(exchange: Exchange) -> bytes | None:
    """From the header that every answer of OSS carries, else from the error document."""
    response = exchange.response
    if response is None:
        return None
    found = response.head.first(b"x-oss-request-id") or response.head.first(b"x-amz-request-id")
    if found is None and response.status >= 400:
        error = read_error(exchange.request, response)
        found = error.request_id if error is not None else None
    return (found or b"").strip()[:128] or None


def _body_key(body: Body) -> bytes:
    if body.digests is not None:
        return body.digests.sha256
    return b"%d %d" % (body.length, body.captured)


def _plain(message: Message | None) -> bytes | None:
    """Digest of the body as its reader gets it, where it came packed and is known whole."""
    if message is None or message.head.first(b"content-encoding") is None:
        return None
    body = message.body
    if not body.complete or body.data is None or len(body.data) != body.length or not body.length:
        return None
    data = decoded(message, PLAIN_BYTES)
    return sha256(data).digest() if data is not None and len(data) < PLAIN_BYTES else None


def _digest(*parts: bytes) -> bytes:
    made = blake2b(digest_size=16)
    for part in parts:
        made.update(b"%d:" % len(part))
        made.update(part)
    return made.digest()
