"""A string to sign in loose pieces, so that it can be laid anew a million times.

A ``Draft`` is made from a text that was rebuilt or that the server sent, cut into fields. Edits replace pieces,
``text_of`` lays the pieces again. Four families share it: ``plain`` (OSS V1), ``raw`` (S3 V2: the same with the path as
sent), ``listed`` (OSS V2) and ``canonical`` (OSS V4, S3 V4, where the laid text is the canonical request and is hashed
into four lines); a ``policy`` draft of a form holds its text in one piece.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from hashlib import sha256
from typing import NamedTuple

from analyzer.model.signing import SignedText, Variant
from analyzer.oss.pieces import encode, percent_decode

__all__ = [
    "FAMILIES",
    "Draft",
    "coded_resource",
    "draft_of",
    "family_of",
    "header_of",
    "laid",
    "plain_key",
    "text_of",
    "with_header",
    "with_resource",
]

FAMILIES: dict[Variant, str] = {
    Variant.V1_HEADER: "plain",
    Variant.V1_QUERY: "plain",
    Variant.S3_V2_HEADER: "raw",
    Variant.S3_V2_QUERY: "raw",
    Variant.V2_HEADER: "listed",
    Variant.V2_QUERY: "listed",
    Variant.V4_HEADER: "canonical",
    Variant.V4_QUERY: "canonical",
    Variant.S3_V4_HEADER: "canonical",
    Variant.S3_V4_QUERY: "canonical",
    Variant.POST_V1: "policy",
    Variant.POST_V4: "policy",
}

_PREFIX = re.compile(rb"/(?:[^/]*/)?|%2F(?:(?:(?!%2F).)*%2F)?", re.DOTALL)
_SLASH = re.compile(rb"/")


class Draft(NamedTuple):
    """Pieces as they stand in the text. ``headers`` are whole lines without line end, ``query`` whole pairs."""

    family: str
    method: bytes = b""
    md5: bytes = b""
    ctype: bytes = b""
    date: bytes = b""
    headers: tuple[bytes, ...] = ()
    listed: bytes = b""  #: line of additional (or signed) header names
    prefix: bytes = b""  #: resource up to the key: ``/bucket/``
    key: bytes = b""
    query: tuple[bytes, ...] = ()
    payload: bytes = b""
    policy: bytes = b""
    algorithm: bytes = b""
    stamp: bytes = b""
    scope: bytes = b""
    finish: Callable[[bytes], bytes] | None = None  #: done to the laid text at last (line ends and the like)


def family_of(variant: Variant) -> str:
    """The family; KeyError for ``Variant.NONE``."""
    return FAMILIES[variant]


def draft_of(variant: Variant, text: SignedText, canonical: SignedText | None, *, no_bucket: bool = False) -> Draft:
    """Pieces of ``text`` (and of the canonical request for V4; without it the draft can only be laid as it was).
    ``no_bucket``: the resource is the key alone."""
    family = family_of(variant)
    pieces = Draft(family)
    for source in (text, canonical):
        if source is not None:
            pieces = _filled(pieces, source, _SLASH if no_bucket else _PREFIX)
    if family == "canonical" and canonical is not None:
        pieces = pieces._replace(**_outer(text))  # type: ignore[arg-type]
    return pieces


#: Field of a part → piece of the draft. ``date`` of a V4 text is the time stamp and is taken by ``_outer``.
_SINGLE = {
    "method": "method",
    "content-md5": "md5",
    "content-type": "ctype",
    "date": "date",
    "additional-headers": "listed",
    "signed-headers": "listed",
    "payload-hash": "payload",
    "policy": "policy",
}


def _filled(pieces: Draft, text: SignedText, prefix: re.Pattern[bytes]) -> Draft:
    single: dict[str, bytes] = {}
    headers: list[bytes] = []
    query: list[bytes] = []
    for part in text.parts:
        if part.field in _SINGLE:
            single[_SINGLE[part.field]] = part.data
        elif part.field.startswith("header:"):
            headers.append(part.data)
        elif part.field.startswith("query:"):
            query.append(part.data)
        elif part.field == "resource":
            found = prefix.match(part.data)
            cut = found.end() if found is not None else 0
            single["prefix"], single["key"] = part.data[:cut], part.data[cut:]
    lists: dict[str, tuple[bytes, ...]] = {}
    if headers:
        lists["headers"] = tuple(headers)
    if query:
        lists["query"] = tuple(query)
    return pieces._replace(**single, **lists)  # type: ignore[arg-type]


def _outer(text: SignedText) -> dict[str, bytes]:
    by_field = {part.field: part.data for part in text.parts}
    return {
        "algorithm": by_field.get("algorithm", b""),
        "stamp": by_field.get("date", b""),
        "scope": by_field.get("scope", b""),
        "date": b"",
    }


def laid(draft: Draft) -> bytes:
    """The text that people look at: the string to sign, or the canonical request where there is one."""
    text = _LAYERS[draft.family](draft)
    return draft.finish(text) if draft.finish is not None else text


def text_of(draft: Draft) -> bytes:
    """The text that goes into the HMAC."""
    text = _LAYERS[draft.family](draft)
    if draft.finish is not None:
        text = draft.finish(text)
    if draft.family != "canonical":
        return text
    return b"\n".join((draft.algorithm, draft.stamp, draft.scope, sha256(text).hexdigest().encode()))


def _plain(draft: Draft) -> bytes:
    _, method, md5, ctype, date, headers, _, prefix, key, query, *_ = draft
    block = b"\n".join(headers) + b"\n" if headers else b""
    tail = b"?" + b"&".join(query) if query else b""
    return b"\n".join((method, md5, ctype, date, block + prefix + key + tail))


def _listed(draft: Draft) -> bytes:
    _, method, md5, ctype, date, headers, listed, prefix, key, query, *_ = draft
    block = b"\n".join(headers) + b"\n" if headers else b""
    tail = b"?" + b"&".join(query) if query else b""
    return b"\n".join((method, md5, ctype, date, block + listed, prefix + key + tail))


def _canonical(draft: Draft) -> bytes:
    _, method, _, _, _, headers, listed, prefix, key, query, payload, *_ = draft
    block = b"\n".join(headers) + b"\n" if headers else b""
    return b"\n".join((method, prefix + key, b"&".join(query), block, listed, payload))


def _policy(draft: Draft) -> bytes:
    return draft.policy


_LAYERS: dict[str, Callable[[Draft], bytes]] = {
    "plain": _plain,
    "raw": _plain,
    "listed": _listed,
    "canonical": _canonical,
    "policy": _policy,
}


def header_of(draft: Draft, name: bytes) -> bytes | None:
    """Value of a header, in a slot of its own or in the block; None when it is not signed."""
    if draft.family != "canonical":
        slot = {b"content-type": draft.ctype, b"content-md5": draft.md5}.get(name)
        if slot is not None:
            return slot or None
    start = name + b":"
    return next((line[len(start) :] for line in draft.headers if line.startswith(start)), None)


def with_header(draft: Draft, name: bytes, value: bytes | None) -> Draft:
    """The draft with that header set, or gone (None), the block sorted as before."""
    if draft.family != "canonical" and name in (b"content-type", b"content-md5"):
        slot = "ctype" if name == b"content-type" else "md5"
        return draft._replace(**{slot: value or b""})  # type: ignore[arg-type]
    start = name + b":"
    lines = [line for line in draft.headers if not line.startswith(start)]
    if value is not None:
        lines.append(start + value)
        lines.sort(key=_name_of)
    return draft._replace(headers=tuple(lines))


def _name_of(line: bytes) -> bytes:
    return line.partition(b":")[0]


def plain_key(draft: Draft) -> bytes:
    """The key, decoded where the family encodes it."""
    return draft.key if draft.family == "plain" else percent_decode(draft.key)


def coded_resource(family: str, resource: bytes) -> bytes:
    """A resource path in the coding of the family: as it is, all encoded, or encoded with slashes kept."""
    if family == "plain":
        return resource
    return encode(resource, keep_slash=family != "listed")


def with_resource(draft: Draft, *, prefix: bytes | None = None, key: bytes | None = None) -> Draft:
    """The draft with another prefix or key, both given decoded."""
    if prefix is not None:
        draft = draft._replace(prefix=coded_resource(draft.family, prefix))
    if key is not None:
        draft = draft._replace(key=coded_resource(draft.family, key))
    return draft
