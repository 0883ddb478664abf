"""Requests that ask whether their body is wanted (``Expect: 100-continue``, RFC 9110, section 10.1.1).

A client that is given a final answer need not send the body: its next bytes may be the next request. Evidence, not
search: that request begins a segment, and acknowledges all of the answer.
"""

from __future__ import annotations

import re

from analyzer.http.draft import Draft
from analyzer.http.resync import opens
from analyzer.http.side import Side
from analyzer.model.notes import note
from analyzer.tcp.pieces import Piece

__all__ = ["not_sent"]

_EXPECT = re.compile(rb"\nExpect[ \t]*:[ \t]*100-continue", re.I)


def not_sent(asking: Side, draft: Draft, answering: Side, piece: Piece, at: int) -> bool:
    """The bytes at ``at`` behind the head of a request are its client's next request, not its body. The client is
    ``blocked`` as long as it had received bytes by then that are not read yet."""
    if draft.length or draft.end != draft.start + len(draft.raw) or _EXPECT.search(draft.raw) is None:
        return False
    ack = piece.acknowledged(at)
    if ack is None:
        return False
    unread = next((item.start for item in answering.inbox if isinstance(item, Piece)), ack)
    if draft.waited < unread < ack:
        draft.waited, asking.blocked = unread, True
        return False
    answer = draft.answer.response if draft.answer is not None else None
    if answer is None or not answer.ended or answer.end > ack or not piece.begins_at(at):
        return False
    if not opens(piece.read(at, piece.segment_end(at)), True):
        return False
    draft.notes.append(note("http.body-not-sent"))
    return True
