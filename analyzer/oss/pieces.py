"""Percent coding and the small pieces that signed texts are laid from.

The stages of every variant return lists of ``Piece``: plain tuples (field, bytes, frames), because the secret check
builds millions of texts and only the bytes of most of them are ever looked at. ``signed_text`` turns pieces into the
``SignedText`` that other floors read; ``text_of`` joins only the bytes.
"""

from __future__ import annotations

from collections.abc import Iterable
from urllib.parse import quote_from_bytes, unquote_to_bytes

from analyzer.model.signing import Part, SignedText

__all__ = ["NEWLINE", "Piece", "encode", "label", "percent_decode", "query_decode", "signed_text", "text_of"]

Piece = tuple[str, bytes, tuple[int, ...]]

NEWLINE: Piece = ("", b"\n", ())


def signed_text(pieces: Iterable[Piece]) -> SignedText:
    """Pieces with their memory."""
    return SignedText(tuple(Part(field, data, frames) for field, data, frames in pieces))


def text_of(pieces: Iterable[Piece]) -> bytes:
    """Only the bytes."""
    return b"".join([piece[1] for piece in pieces])


def label(name: bytes) -> str:
    """A header or parameter name as it appears in field names."""
    return name.decode("utf-8", "backslashreplace")


def percent_decode(raw: bytes) -> bytes:
    """Decode ``%XX`` exactly once; malformed escapes stay as they are, ``+`` stays ``+``."""
    return unquote_to_bytes(raw) if b"%" in raw else raw


def query_decode(raw: bytes) -> bytes:
    """Decode a query component once, ``+`` read as a blank (seen in real answers: the blank in SignatureProvided)."""
    return percent_decode(raw.replace(b"+", b" "))


def encode(data: bytes, keep_slash: bool = False) -> bytes:
    """Percent-encode all but ``A-Za-z0-9-_.~`` (and ``/`` if kept), upper-case hex (OSS V2 and V4, AWS V4)."""
    return quote_from_bytes(data, "/" if keep_slash else "").encode("ascii")
