"""What a secret may have turned into on its way from the console into the client.

Copied with a blank or line end, kept with its quotes, decoded once too often, swapped with the id, or simply the
secret of another key. Each is a named variant of the secret given; the search tries them in this order.
"""

from __future__ import annotations

import binascii
from base64 import b64decode
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from urllib.parse import quote_from_bytes, unquote_to_bytes

from analyzer.diagnosis.causes.base import shown
from analyzer.model.findings import Change
from analyzer.model.notes import Kind, Note, Wire, note
from analyzer.model.secrets import Secret, SecretBook

__all__ = ["SecretVariant", "secret_variants"]

#: Other secrets of the book that are tried, at most.
MAX_OTHERS = 64


@dataclass(frozen=True, slots=True)
class SecretVariant:
    """A secret, and what the client did to have it."""

    change: Change | None  #: None: it used the secret as given
    secret: Secret
    cost: int = 1  #: edits that this counts for


@dataclass(frozen=True, slots=True)
class _Row:
    name: str
    told: Note
    make: Callable[[bytes], bytes | None]
    source: str


def _base64(secret: bytes) -> bytes | None:
    try:
        return b64decode(secret, validate=True)
    except (binascii.Error, ValueError):
        return None


def _inner_quotes(secret: bytes) -> bytes | None:
    quoted = len(secret) > 2 and secret[:1] == secret[-1:] and secret[:1] in (b'"', b"'", b"`")
    return secret[1:-1] if quoted else None


def _within(before: bytes, behind: bytes) -> Callable[[bytes], bytes]:
    return lambda secret: before + secret + behind


def _in_base64(secret: bytes) -> bytes:
    return binascii.b2a_base64(secret, newline=False)


_TOOLS = "configuration files and environment variables as users pasted them"
_BROWSER = "oss-browser: secret copied with a blank"
_WINDOWS = "secret read from a file written on Windows"
_PAGE = "secret copied from a web page"
_CUT = "secret cut while copying"

_ROWS: tuple[_Row, ...] = (
    _Row("stripped", note("change.secret-stripped"), bytes.strip, _BROWSER),
    _Row("with a blank behind", note("change.secret-blank-behind"), _within(b"", b" "), _BROWSER),
    _Row("with a blank in front", note("change.secret-blank-in-front"), _within(b" ", b""), _BROWSER),
    _Row("with a line feed behind", note("change.secret-line-feed"), _within(b"", b"\n"), "secret read from a file"),
    _Row("with CR LF behind", note("change.secret-cr-lf"), _within(b"", b"\r\n"), _WINDOWS),
    _Row("with a carriage return behind", note("change.secret-carriage-return"), _within(b"", b"\r"), _WINDOWS),
    _Row("with a tab behind", note("change.secret-tab"), _within(b"", b"\t"), "secret copied from a table"),
    _Row("in double quotes", note("change.secret-double-quotes"), _within(b'"', b'"'), _TOOLS),
    _Row("in single quotes", note("change.secret-single-quotes"), _within(b"'", b"'"), _TOOLS),
    _Row("without its quotes", note("change.secret-no-quotes"), _inner_quotes, _TOOLS),
    _Row("with a no-break space behind", note("change.secret-no-break-space"), _within(b"", b"\xc2\xa0"), _PAGE),
    _Row("with a zero-width space behind", note("change.secret-zero-width"), _within(b"", b"\xe2\x80\x8b"), _PAGE),
    _Row("with a byte order mark in front", note("change.secret-bom"), _within(b"\xef\xbb\xbf", b""), _WINDOWS),
    _Row("URL-decoded", note("change.secret-percent-decoded"), unquote_to_bytes, _TOOLS),
    _Row("URL-encoded", note("change.secret-percent-encoded"), lambda s: quote_from_bytes(s, "").encode(), _TOOLS),
    _Row("base64-decoded", note("change.secret-base64-decoded"), _base64, _TOOLS),
    _Row("base64-encoded", note("change.secret-base64"), _in_base64, "Kubernetes secrets encoded twice"),
    _Row(
        "base64-encoded with its line feed",
        note("change.secret-base64-line-feed"),
        lambda s: _in_base64(s + b"\n"),
        "echo | base64",
    ),
    _Row("without its last character", note("change.secret-no-last-character"), lambda s: s[:-1], _CUT),
    _Row("without its first character", note("change.secret-no-first-character"), lambda s: s[1:], _CUT),
    _Row("in lower case", note("change.secret-lower-case"), bytes.lower, _TOOLS),
    _Row("in upper case", note("change.secret-upper-case"), bytes.upper, _TOOLS),
    _Row("empty", note("change.secret-empty"), lambda s: b"", "variable not set"),
)


def secret_variants(book: SecretBook, access_key_id: bytes) -> tuple[SecretVariant, ...]:
    """Variants of the secret of ``access_key_id``, as given first, each value once; then the other secrets of the
    book as they are. Empty when the book is."""
    return tuple(_distinct(_variants(book, access_key_id)))


def _variants(book: SecretBook, access_key_id: bytes) -> Iterator[SecretVariant]:
    given = book.get(access_key_id)
    if given is not None:
        value = given.reveal()
        yield SecretVariant(None, given, 0)
        for row in _ROWS:
            changed = row.make(value)
            if changed is not None:
                yield SecretVariant(Change(row.name, row.told), Secret(changed))
        change = Change("the access key id in place of the secret", note("change.secret-is-id"))
        yield SecretVariant(change, Secret(access_key_id))
    for name in list(book)[:MAX_OTHERS]:
        if name != access_key_id:
            yield from _of_another(shown(name, Kind.ACCESS_KEY_ID), book[name])


def _of_another(owner: Wire, secret: Secret) -> Iterator[SecretVariant]:
    change = Change("the secret of another access key id", note("change.secret-of-another", id=owner))
    yield SecretVariant(change, secret)
    change = Change(f"{change.pattern}, stripped", note("change.secret-of-another-stripped", id=owner))
    yield SecretVariant(change, Secret(secret.reveal().strip()))


def _distinct(variants: Iterator[SecretVariant]) -> Iterator[SecretVariant]:
    seen: set[bytes] = set()
    for variant in variants:
        value = variant.secret.reveal()
        if value not in seen:
            seen.add(value)
            yield variant
