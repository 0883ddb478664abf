"""Bodies of which only the beginning is kept, because their bytes cannot be read again.

A file's bytes stay where they are, and a body is a list of places. What comes through a pipe or from an interface would
have to be copied, and an upload of gigabytes with it. So of a body that grows beyond what is kept, the later bytes go:
their frames and times stay, and digests run along where the head claims one. The framing of a chunked body is never
read again; of it only frames and times are needed.
"""

from __future__ import annotations

from analyzer.http.digests import Digester
from analyzer.http.draft import Draft, Slice, Slices
from analyzer.model.http import Digests
from analyzer.tcp.pieces import bare

__all__ = ["Running", "claims_a_digest", "trim"]

#: Headers that claim a digest of the body they come with.
_CLAIMS = (b"content-md5", b"x-oss-hash-crc64ecma", b"x-oss-content-sha256", b"x-amz-content-sha256")


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

    def grown(self, more: int) -> None:
        """A slice that was fed has become more of them."""
        self._fed += more

    def finished(self, body: list[Slice]) -> Digests:
        """Of the whole body."""
        self.feed(body)
        return self._digester.digests()


def claims_a_digest(draft: Draft) -> bool:
    """The head says what digest the body has."""
    raw = draft.raw.lower()
    return any(claim in raw for claim in _CLAIMS)


def trim(draft: Draft, limit: int, every_digest: bool = False) -> None:
    """The batch that was read last goes, and its bytes with it: keep the first ``limit`` bytes of the body at most.
    ``every_digest``: also of bodies that claim none."""
    body, coding = draft.body, draft.coding
    _bare_from(coding, coding.fixed)
    if draft.captured <= limit or body.fixed == len(body):
        return
    if not draft.trimmed:
        draft.trimmed = True
        draft.running = Running(b"crc64" in draft.raw.lower()) if every_digest or claims_a_digest(draft) else None
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
                draft.running.grown(1)
            _bare_from(body, index + 2)
            return
        if cut < end:
            _bare_from(body, index)
            return


def _bare_from(slices: Slices, first: int) -> None:
    for index in range(first, len(slices)):
        piece, start, end = slices[index]
        if end > start:
            slices[index] = (bare(piece.part(start, end)), start, end)
