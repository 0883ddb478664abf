"""Bodies of which only the beginning is kept, because their bytes cannot be read again.

A file's bytes stay where they are, and a body is a list of places. What comes through a pipe or from an interface would
have to be copied, and an upload of gigabytes with it. So of a body that grows beyond what is kept, the later bytes go:
their frames and times stay, and digests run along where the head claims one. The framing of a chunked body is never
read again; of it only frames and times are needed.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from analyzer.http.digests import Digester
from analyzer.http.draft import Draft, Pair, Slice, Slices
from analyzer.http.head import RequestLine
from analyzer.model.http import Digests
from analyzer.tcp.pieces import bare, merged

__all__ = ["Due", "Running", "gather", "messages", "tells_crc", "trim"]

#: Headers that claim a digest of the body they come with.
_CLAIMS = (b"content-md5", b"x-oss-hash-crc64ecma", b"x-oss-content-sha256", b"x-amz-content-sha256")


@dataclass(frozen=True, slots=True)
class Due:
    """Which digests are made of a body that is longer than what is kept: the same whether its bytes can be read again
    or run by once."""

    every: bool = False  #: also of bodies that claim none
    paired: bool = False  #: also of bodies whose CRC-64 the other message of the exchange tells
    none: bool = False

    def of(self, draft: Draft, told: bool) -> tuple[bool, bool]:
        """(there are digests, CRC-64 is one of them). ``told``: a message of the exchange tells one."""
        crc = tells_crc(draft) or (self.paired and told)
        return not self.none and (self.every or crc or _claims(draft)), crc

    def running(self, draft: Draft) -> Running | None:
        """What has to run along: of a request whose answer may still tell, all that may be asked for."""
        open_ = draft.answer is None and isinstance(draft.line, RequestLine)
        due, crc = self.of(draft, open_ or (draft.answer is not None and any(map(tells_crc, messages(draft.answer)))))
        return Running(crc) if due else None


class Running:
    """Digests of a body while it grows."""

    __slots__ = ("_digester", "_fed")

    def __init__(self, crc: bool) -> None:
        self._digester = Digester(crc)
        self._fed = 0  #: slices

    def feed(self, body: list[Slice]) -> None:
        """What was added to the body since the last time; its bytes are still there."""
        for piece, start, end in body[self._fed :]:
            self._digester.feed(piece.read(start, end))
        self._fed = len(body)

    def grown_to(self, number: int) -> None:
        """The slices that were fed are so many by now."""
        self._fed = number

    def finished(self, body: list[Slice], crc: bool) -> Digests:
        """Of the whole body; with CRC-64 or without."""
        self.feed(body)
        digests = self._digester.digests()
        return digests if crc else replace(digests, crc64=None)


def _claims(draft: Draft) -> bool:
    """The head says what digest the body has."""
    raw = draft.raw.lower()
    return any(claim in raw for claim in _CLAIMS)


def tells_crc(draft: Draft) -> bool:
    """The head says a CRC-64, its body's or that of the message it answers."""
    return b"crc64" in draft.raw.lower()


def messages(pair: Pair) -> list[Draft]:
    """All there are of the exchange."""
    return [one for one in (pair.request, pair.response, *pair.interim) if one is not None]


def trim(draft: Draft, limit: int, due: Due) -> None:
    """The batch that was read last goes, and its bytes with it: keep the first ``limit`` bytes of the body at most."""
    body, coding = draft.body, draft.coding
    _bare_from(coding, coding.fixed)
    if draft.captured <= limit or body.fixed == len(body):
        return
    if not draft.trimmed:
        draft.trimmed = True
        draft.running = due.running(draft)
    if draft.running is not None:
        draft.running.feed(body)
    at = sum(end - start for _, start, end in body[: body.fixed])
    for index in range(body.fixed, len(body)):
        piece, start, end = body[index]
        cut = max(start, min(end, start + limit - at))
        at += end - start
        if cut < end and start < cut:
            body[index : index + 1] = [(piece, start, cut), (bare(piece.part(cut, end)), cut, end)]
            if draft.running is not None:
                draft.running.grown_to(len(body))
            _bare_from(body, index + 2)
            return
        if cut < end:
            _bare_from(body, index)
            return


def gather(draft: Draft, limit: int, due: Due) -> None:
    """The body is in very many parts, as of small chunks: those that came last become one with the first ``limit``
    bytes of the body, and one of the rest, with a row a segment and not one a chunk."""
    trim(draft, limit, due)
    body = draft.body
    first = draft.gathered
    kept = next((at for at in range(first, len(body)) if body[at][0].is_bare), len(body))
    parts = [merged(some) for some in (body[first:kept], body[kept:]) if some]
    body[first:] = [(piece, piece.start, piece.end) for piece in parts]
    body.fixed = draft.gathered = len(body)
    if draft.running is not None:
        draft.running.grown_to(len(body))


def _bare_from(slices: Slices, first: int) -> None:
    for index in range(first, len(slices)):
        piece, start, end = slices[index]
        if end > start:
            slices[index] = (bare(piece.part(start, end)), start, end)
