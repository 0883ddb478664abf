"""Multipart uploads put together from their exchanges: parts, attempts, and what became of them.

An upload is known by its id. Its state is what the capture shows: the last completion or abort that was answered
decides; without one, parts that were answered with success are stored as fragments, which cost money until somebody
completes or aborts the upload (OSS documentation, "Multipart upload").
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from analyzer.http.crc64 import joined
from analyzer.model.transfers import Check, Part, State, Transfer, Upload
from analyzer.transfers.reading import Seen

__all__ = ["uploads_of"]

_GONE = b"NoSuchUpload"
_MANY = 50


def uploads_of(seen: Sequence[Seen]) -> tuple[Upload, ...]:
    """All uploads, in the order in which they begin."""
    by_id: dict[bytes, list[Seen]] = {}
    for one in seen:
        if one.transfer.upload_id is not None:
            by_id.setdefault(one.transfer.upload_id.raw, []).append(one)
    found = [_upload(members) for members in by_id.values()]
    return tuple(sorted(found, key=lambda upload: upload.begin))


def _upload(members: list[Seen]) -> Upload:
    members.sort(key=lambda one: (one.transfer.begin, one.transfer.number))
    transfers = [one.transfer for one in members]
    first = transfers[0]
    assert first.upload_id is not None
    listed = _listed(members)
    parts = _parts(members, listed)
    stored = sum(part.size for part in parts if part.answered)
    state, last = _state(transfers, stored > 0 or any(part.answered for part in parts))
    return Upload(
        upload_id=first.upload_id,
        host=first.host,
        bucket=first.bucket,
        key=first.key,
        tool=first.tool,
        begun=any(one.operation == "initiate" for one in transfers),
        state=state,
        parts=parts,
        bytes_answered=stored,
        crc=_whole(members, parts, listed),
        begin=first.begin,
        end=max(one.end for one in transfers),
        transfers=tuple(one.number for one in transfers),
        request_ids=tuple(dict.fromkeys(t.request_id for t in transfers if t.request_id is not None))[:_MANY],
        last_status=last,
        frames=tuple(sorted({frame for one in transfers for frame in one.frames})),
    )


@dataclass(frozen=True, slots=True)
class _List:
    """What the last completion names: ETags by part number; ``whole``: nothing of it is missing."""

    etags: dict[int, bytes]
    whole: bool

    def names(self, number: int, etag: bytes) -> bool | None:
        """The part is named with its ETag; None where that cannot be told."""
        if number not in self.etags:
            return False if self.whole else None
        return self.etags[number] == etag if etag else None


def _listed(members: Sequence[Seen]) -> _List | None:
    completions = [one for one in members if one.transfer.operation == "complete" and one.listed]
    return _List(dict(completions[-1].listed), completions[-1].listed_whole) if completions else None


def _parts(members: Sequence[Seen], listed: _List | None) -> tuple[Part, ...]:
    by_number: dict[int, list[Seen]] = {}
    for one in members:
        if one.transfer.operation in ("part", "part-copy") and one.transfer.part is not None:
            by_number.setdefault(one.transfer.part, []).append(one)
    return tuple(_part(number, tries, listed) for number, tries in sorted(by_number.items()))


def _part(number: int, tries: Sequence[Seen], listed: _List | None) -> Part:
    good = [one for one in tries if _succeeded(one.transfer)]
    last = good[-1] if good else tries[-1]
    etag = last.told.get(b"etag", b"").strip(b'" ').lower()
    return Part(
        number=number,
        size=last.transfer.size,
        attempts=len(tries),
        answered=len(good),
        etag=last.transfer.etag,
        crc=last.transfer.crc,
        unchecked=last.transfer.unchecked,
        transfers=tuple(one.transfer.number for one in tries),
        status=last.transfer.status,
        listed=listed.names(number, etag) if listed is not None else None,
    )


def _succeeded(transfer: Transfer) -> bool:
    return transfer.status is not None and 200 <= transfer.status < 300


def _state(transfers: Sequence[Transfer], stored: bool) -> tuple[State, int | None]:
    """What the last word on the upload was."""
    ends = [one for one in transfers if one.operation in ("complete", "abort")]
    for one in reversed(ends):
        if _succeeded(one):
            return State.COMPLETED if one.operation == "complete" else State.ABORTED, one.status
    last = ends[-1].status if ends else None
    if any(one.code is not None and one.code.raw == _GONE for one in transfers):
        return State.GONE, last
    if ends and last is None:
        return State.UNCERTAIN, None
    if stored:
        return State.FRAGMENTS, last
    return State.EMPTY if any(one.operation == "initiate" for one in transfers) else State.UNSEEN, last


def _whole(members: Sequence[Seen], parts: Sequence[Part], listed: _List | None) -> Check:
    """The completed object's CRC-64 against those of its parts put together."""
    done = [one for one in members if one.transfer.operation == "complete" and _succeeded(one.transfer)]
    if not done or done[-1].crc_told is None:
        return Check.NOT_SENT
    if listed is None or not listed.whole or not set(listed.etags) <= {part.number for part in parts}:
        return Check.NOT_MADE
    by_number = {one.transfer.number: one for one in members}
    total = 0
    for part in parts:
        if part.number not in listed.etags:
            continue
        good = [by_number[t] for t in part.transfers if _succeeded(by_number[t].transfer)]
        if not good or good[-1].crc64 is None:
            return Check.NOT_MADE
        total = joined(total, good[-1].crc64, good[-1].transfer.size)
    return Check.EQUAL if total == done[-1].crc_told else Check.DIFFERS
