"""http → oss: requests and answers as they stood on the wire.

Raw bytes are kept beside what was read from them. Reading is lenient (raw UTF-8, blanks in the target, bare line
feeds, folded and repeated headers are what ossig is there to explain); whatever was lenient is a note on the message.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from analyzer.model.notes import Note
from analyzer.model.streams import Connection, Segment

__all__ = ["Body", "Digests", "Exchange", "Head", "Header", "Message", "Request", "Response", "Span"]


@dataclass(frozen=True, slots=True)
class Span:
    """Bytes ``[start, end)`` of a head were carried by ``frame``."""

    start: int
    end: int
    frame: int


@dataclass(frozen=True, slots=True)
class Header:
    """One header line as sent. ``value`` is without the optional blanks around it (RFC 9112, section 5); a folded
    line keeps its line ends inside ``value``. ``[start, end)`` is the extent of the value in the head's raw bytes,
    ``line_start`` that of the name."""

    name: bytes
    value: bytes
    line_start: int
    start: int
    end: int

    @property
    def lower(self) -> bytes:
        """The name for comparing."""
        return self.name.lower()


@dataclass(frozen=True, slots=True)
class Head:
    """Start line and headers. ``raw`` runs up to and including the empty line."""

    raw: bytes
    headers: tuple[Header, ...]
    spans: tuple[Span, ...]

    def all(self, name: bytes) -> tuple[Header, ...]:
        """Every header of that name (lower case), in order."""
        return tuple(h for h in self.headers if h.lower == name)

    def first(self, name: bytes) -> bytes | None:
        """Value of the first header of that name (lower case); None when there is none."""
        return next((h.value for h in self.headers if h.lower == name), None)

    def frames(self, start: int, end: int) -> tuple[int, ...]:
        """Frames that carried the bytes ``[start, end)`` of ``raw``."""
        return distinct(s.frame for s in self.spans if s.start < end and start < s.end)


@dataclass(frozen=True, slots=True)
class Digests:
    """Of the whole body, de-chunked, before content decoding; present only where the body is complete."""

    md5: bytes
    sha1: bytes
    sha256: bytes
    crc64: int | None = None  #: ECMA-182 as in ``x-oss-hash-crc64ecma``


@dataclass(frozen=True, slots=True)
class Body:
    """A message's body after de-chunking and before content decoding."""

    length: int  #: bytes that the message was seen to have on the wire, gaps included
    captured: int  #: of them in the capture
    declared: int | None  #: Content-Length, None when absent or unreadable
    complete: bool  #: framing ended as it should and nothing is missing
    data: bytes | None = None  #: from the start, up to the caller's limit and the first gap; None when not asked for
    digests: Digests | None = None
    frames: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Message:
    """What requests and answers share."""

    head: Head
    body: Body
    version: bytes  #: ``HTTP/1.1``
    first_time: int  #: nanoseconds since 1970, first and last segment
    last_time: int
    frames: tuple[int, ...]  #: every frame that carried a byte of it, ascending
    trailers: tuple[Header, ...]
    notes: tuple[Note, ...]
    #: in order of capture, of exchanges that failed; the first ones of very long messages
    segments: tuple[Segment, ...] = field(default=(), kw_only=True)


@dataclass(frozen=True, slots=True)
class Request(Message):
    """A request; ``target`` as it stands in the request line."""

    method: bytes
    target: bytes


@dataclass(frozen=True, slots=True)
class Response(Message):
    """An answer."""

    status: int
    reason: bytes


@dataclass(frozen=True, slots=True)
class Exchange:
    """A request and its answer, one of which may be missing."""

    connection: Connection
    request: Request | None
    response: Response | None
    interim: tuple[Response, ...] = ()  #: 1xx answers
    complete: bool = False  #: both are there, whole, and their pairing is certain
    certain: bool = True  #: pairing is beyond doubt (no unresolved gap between request and answer)
    notes: tuple[Note, ...] = ()

    @property
    def frames(self) -> tuple[int, ...]:
        """Every frame of both messages, ascending."""
        both: list[int] = []
        for message in (self.request, self.response):
            if message is not None:
                both.extend(message.frames)
        return tuple(sorted(set(both)))

    @property
    def began(self) -> int:
        """When it began, nanoseconds since 1970; 0 where that is not known."""
        first = self.request or self.response
        return first.first_time if first is not None else 0


def distinct(values: Iterable[int]) -> tuple[int, ...]:
    """The values in order of appearance, each once."""
    return tuple(dict.fromkeys(values))
