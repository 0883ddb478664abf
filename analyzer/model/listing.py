"""One HTTP exchange as a line of a list: what ``ossig exchanges`` prints, and no more.

A capture can hold millions, so a line is a tuple: a tenth of what an ``Exchange`` costs.
"""

from __future__ import annotations

from typing import NamedTuple

from analyzer.model.notes import Note
from analyzer.model.streams import Connection

__all__ = ["ListedRequest", "ListedResponse", "Row"]


class ListedRequest(NamedTuple):
    """See ``Request``."""

    frames: tuple[int, ...]
    time: int  #: nanoseconds since 1970, of the first segment
    method: bytes
    target: bytes
    version: bytes
    host: bytes | None  #: value of the first Host header
    length: int  #: body bytes, see ``Body.length``
    whole: bool  #: the body is complete


class ListedResponse(NamedTuple):
    """See ``Response``."""

    frames: tuple[int, ...]
    time: int
    status: int
    reason: bytes
    length: int
    whole: bool


class Row(NamedTuple):
    """One exchange; either message may be missing."""

    connection: Connection
    request: ListedRequest | None
    response: ListedResponse | None
    complete: bool
    notes: tuple[Note, ...]  #: about the connection, the exchange, the request, the answer

    @property
    def last_frame(self) -> int:
        """The last frame of both messages, 0 without any."""
        return max((m.frames[-1] for m in (self.request, self.response) if m is not None and m.frames), default=0)
