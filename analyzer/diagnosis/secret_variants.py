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

from analyzer.model.secrets import Secret, SecretBook

__all__ = ["SecretVariant", "secret_variants"]

#: Other secrets of the book that are tried, at most.
MAX_OTHERS = 64


@dataclass(frozen=True, slots=True)
class SecretVariant:
    """A secret under a name that may be shown."""

    name: str
    secret: Secret
    cost: int = 1  #: edits that this counts for


@dataclass(frozen=True, slots=True)
class _Row:
    name: str
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


_TOOLS = "configuration files and environment variables as users pasted them"

_ROWS: tuple[_Row, ...] = (
    _Row("stripped", bytes.strip, "oss-browser: secret copied with a blank"),
    _Row("with a blank behind", lambda s: s + b" ", "oss-browser: secret copied with a blank"),
    _Row("with a blank in front", lambda s: b" " + s, "oss-browser: secret copied with a blank"),
    _Row("with a line feed behind", lambda s: s + b"\n", "secret read from a file"),
    _Row("with CR LF behind", lambda s: s + b"\r\n", "secret read from a file written on Windows"),
    _Row("with a carriage return behind", lambda s: s + b"\r", "secret read from a file written on Windows"),
    _Row("with a tab behind", lambda s: s + b"\t", "secret copied from a table"),
    _Row("in double quotes", lambda s: b'"' + s + b'"', _TOOLS),
    _Row("in single quotes", lambda s: b"'" + s + b"'", _TOOLS),
    _Row("without its quotes", _inner_quotes, _TOOLS),
    _Row("with a no-break space behind", lambda s: s + b"\xc2\xa0", "secret copied from a web page"),
    _Row("with a zero-width space behind", lambda s: s + b"\xe2\x80\x8b", "secret copied from a web page"),
    _Row(
        "with a byte order mark in front", lambda s: b"\xef\xbb\xbf" + s, "secret read from a file written on Windows"
    ),
    _Row("URL-decoded", unquote_to_bytes, _TOOLS),
    _Row("URL-encoded", lambda s: quote_from_bytes(s, "").encode(), _TOOLS),
    _Row("base64-decoded", _base64, _TOOLS),
    _Row("base64-encoded", lambda s: binascii.b2a_base64(s, newline=False), "Kubernetes secrets encoded twice"),
    _Row("base64-encoded with its line feed", lambda s: binascii.b2a_base64(s + b"\n", newline=False), "echo | base64"),
    _Row("without its last character", lambda s: s[:-1], "secret cut while copying"),
    _Row("without its first character", lambda s: s[1:], "secret cut while copying"),
    _Row("in lower case", bytes.lower, _TOOLS),
    _Row("in upper case", bytes.upper, _TOOLS),
    _Row("empty", lambda s: b"", "variable not set"),
)


def secret_variants(book: SecretBook, access_key_id: bytes) -> tuple[SecretVariant, ...]:
    """Variants of the secret of ``access_key_id``, as given first, each value once; then the other secrets of the
    book as they are. Empty when the book is."""
    return tuple(_distinct(_variants(book, access_key_id)))


def _variants(book: SecretBook, access_key_id: bytes) -> Iterator[SecretVariant]:
    given = book.get(access_key_id)
    if given is not None:
        value = given.reveal()
        yield SecretVariant("as given", given, 0)
        for row in _ROWS:
            changed = row.make(value)
            if changed is not None:
                yield SecretVariant(row.name, Secret(changed))
        yield SecretVariant("the access key id in place of the secret", Secret(access_key_id))
    others = [book[name] for name in list(book)[:MAX_OTHERS] if name != access_key_id]
    for other in others:
        yield SecretVariant("the secret of another access key id", other)
        yield SecretVariant("the secret of another access key id, stripped", Secret(other.reveal().strip()))


def _distinct(variants: Iterator[SecretVariant]) -> Iterator[SecretVariant]:
    seen: set[bytes] = set()
    for variant in variants:
        value = variant.secret.reveal()
        if value not in seen:
            seen.add(value)
            yield variant
