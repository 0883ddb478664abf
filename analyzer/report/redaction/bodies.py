"""Bodies: filler of the same length, and the digests that were right computed anew.

A body is nobody's business, but whether its Content-MD5 was right is. So every digest that somebody could have
written of the old body, in every way it is written, is paired with the same digest of the filler; a header that named
the old one names the new one, and a header that was wrong stays wrong.
"""

from __future__ import annotations

import gzip
import zlib
from base64 import b64encode, urlsafe_b64encode
from collections.abc import Callable, Iterator
from dataclasses import replace

from analyzer.http.content import decoded
from analyzer.http.digests import digests_of
from analyzer.model.http import Body, Digests, Message, Request, Response
from analyzer.oss.errors import MAX_ERROR_BYTES
from analyzer.oss.post import boundary_of
from analyzer.report.redaction.documents import Documents

__all__ = ["Bodies"]

#: Filler is made up to this length; a longer body keeps only its length.
MAX_FILLER = 64 << 20
#: Whole bodies up to this length are there as filler, so that a capture made of them has no hole.
MAX_KEPT = 1 << 20
_BLOCK = 1 << 16

_WRITTEN: tuple[Callable[[bytes], bytes], ...] = (
    lambda digest: digest.hex().encode(),
    lambda digest: digest.hex().upper().encode(),
    b64encode,
    urlsafe_b64encode,
    lambda digest: b64encode(digest).rstrip(b"="),
    lambda digest: b64encode(digest.hex().encode()),
    lambda digest: b64encode(digest.hex().upper().encode()),
)


def _brotli(data: bytes) -> bytes:
    import brotli  # type: ignore[import-untyped]  # late: rare

    packed: bytes = brotli.compress(data)
    return packed


_CODINGS: dict[bytes, Callable[[bytes], bytes]] = {
    b"gzip": lambda data: gzip.compress(data, mtime=0),
    b"x-gzip": lambda data: gzip.compress(data, mtime=0),
    b"deflate": zlib.compress,
    b"br": _brotli,
    b"identity": lambda data: data,
    b"": lambda data: data,
}


class Bodies:
    """Replaces bodies; equal bodies get equal filler."""

    def __init__(self, documents: Documents) -> None:
        self._documents = documents
        self._digests = documents.values.digests
        self._numbers: dict[tuple[bytes, int], int] = {}

    def replaced(self, message: Message) -> Body:
        """The body that stands there now."""
        body = message.body
        if body.length == 0 and not body.data:
            return body
        data = self._structured(message)
        if data is None:
            return self._filled(body)
        growth = len(data) - len(body.data or b"")
        digests = digests_of((data,), crc=True) if body.digests is not None else None
        self._pair(body.digests, digests)
        return replace(
            body,
            length=body.length + growth,
            captured=body.captured + growth,
            declared=body.declared + growth if body.declared is not None else None,
            data=data,
            digests=digests,
        )

    def _structured(self, message: Message) -> bytes | None:
        """Error documents, as far as anybody reads them, and forms, whose form is kept; None for everything else."""
        if message.body.data is None:
            return None
        if isinstance(message, Response) and message.status >= 400:
            plain = (decoded(message, MAX_ERROR_BYTES) or b"")[:MAX_ERROR_BYTES]
            if plain and self._documents.is_error(plain):
                return _coded(message, self._documents.error(plain))
        if isinstance(message, Request) and message.method == b"POST":
            boundary = boundary_of(message.head.first(b"content-type") or b"")
            if boundary is not None:
                return self._documents.form(message.body.data, boundary)
        return None

    def _filled(self, body: Body) -> Body:
        number = self._number(body)
        kept = body.length if body.complete and body.length <= MAX_KEPT else len(body.data or b"")
        data = b"".join(_filler(number, kept)) if kept or body.data is not None else None
        if body.digests is None:
            return replace(body, data=data)
        digests = digests_of(_filler(number, min(body.length, MAX_FILLER)), crc=body.digests.crc64 is not None)
        self._pair(body.digests, digests)
        return replace(body, data=data, digests=digests)

    def _number(self, body: Body) -> int:
        """Which body this is, in order of appearance."""
        name = body.digests.sha256 if body.digests is not None else body.data or b""
        return self._numbers.setdefault((name, body.length), len(self._numbers) + 1)

    def _pair(self, old: Digests | None, new: Digests | None) -> None:
        if old is None or new is None:
            return
        for before, after in ((old.md5, new.md5), (old.sha1, new.sha1), (old.sha256, new.sha256)):
            for write in _WRITTEN:
                self._digests.setdefault(write(before), write(after))
        if old.crc64 is not None and new.crc64 is not None:
            self._digests.setdefault(b"%d" % old.crc64, b"%d" % new.crc64)


def _filler(number: int, length: int) -> Iterator[bytes]:
    """``length`` bytes that say what they are, different for every number."""
    line = b"[body %d of %d bytes removed]\n" % (number, length)
    block = line * (_BLOCK // len(line) + 1)
    while length > 0:
        yield block[:length]
        length -= len(block)


def _coded(message: Message, data: bytes) -> bytes:
    """The content codings that ``decoded`` took off, put on again."""
    for header in message.head.all(b"content-encoding"):
        for coding in header.value.split(b","):
            data = _CODINGS.get(coding.strip().lower(), _CODINGS[b""])(data)
    return data
