"""Named edits: what a client may have signed instead of what is on the wire.

Each generator takes a ``Setting`` (the base draft and what the request offers as material) and yields edits: what the
client did, the cause it points to, the slot it touches and a function from draft to draft. Edits of different slots
combine; two edits of the same slot do not, except where a slot holds many lines (headers, query).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import NamedTuple

from analyzer.diagnosis.drafts import Draft
from analyzer.model.findings import Change
from analyzer.model.signing import SigningInputs

__all__ = ["MAX_LINES", "REGIONS", "Edit", "Generator", "Setting", "questioned", "recoded", "with_part", "with_piece"]

MAX_LINES = 24  #: header lines and parameters that are edited one by one

REGIONS = tuple(
    b"cn-hangzhou cn-shanghai cn-beijing cn-shenzhen cn-qingdao cn-zhangjiakou cn-huhehaote cn-chengdu cn-hongkong "
    b"ap-southeast-1 us-west-1 us-east-1 eu-central-1".split()
)


class Edit(NamedTuple):
    """One change of a draft. ``apply`` gives None where it does not fit."""

    change: Change
    cause: str
    slot: str
    apply: Callable[[Draft], Draft | None]


@dataclass(frozen=True, slots=True)
class Setting:
    """What edits are made from. ``base`` is the draft of the wire's text, or of the server's."""

    base: Draft
    inputs: SigningInputs | None
    body_md5: bytes | None = None  #: base64
    body_md5_hex: bytes | None = None
    body_sha256: bytes | None = None  #: hex
    buckets: tuple[bytes, ...] = ()  #: other names that may be the bucket
    hosts: tuple[bytes, ...] = ()  #: other names that may be the host

    @property
    def is_v1(self) -> bool:
        """OSS version 1, where sub-resources are chosen by a list."""
        return self.base.family == "plain" and (self.inputs is None or not self.inputs.variant.value.startswith("s3"))

    def sent(self, name: bytes) -> bytes | None:
        """A header's value as sent."""
        found = self.inputs.header(name) if self.inputs is not None else None
        return found.value if found is not None else None


Generator = Callable[[Setting], Iterator[Edit]]


def with_piece(piece: str, value: object, draft: Draft) -> Draft | None:
    """The draft with that piece set to ``value``; None where it has it already."""
    return None if getattr(draft, piece) == value else draft._replace(**{piece: value})  # type: ignore[arg-type]


def with_part(piece: str, old: bytes, new: bytes | None, draft: Draft) -> Draft | None:
    """The draft with one of that piece's lines or pairs changed, or left out; None where it has no such one."""
    parts: tuple[bytes, ...] = getattr(draft, piece)
    if old not in parts:
        return None
    changed = [new if part == old else part for part in parts]
    return draft._replace(**{piece: tuple(part for part in changed if part is not None)})  # type: ignore[arg-type]


def recoded(value: bytes, read: str, write: str) -> bytes | None:
    """Text of one charset in the bytes of another; None where it is no such text."""
    try:
        return value.decode(read).encode(write)
    except UnicodeError:
        return None


def questioned(value: bytes) -> bytes | None:
    """UTF-8 with ``?`` for every character beyond ASCII; None where it is no UTF-8."""
    try:
        return value.decode("utf-8").encode("ascii", "replace")
    except UnicodeError:
        return None
