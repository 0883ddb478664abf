"""Error documents in a text: XML whole, cut, escaped once or twice, inside a log line; and the byte dump alone.

The documents are only found here, and freed from what pasting did to them; reading them is ``analyzer.oss.errors``'
work, which scans for elements by name and expands nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import fields
from itertools import islice

from analyzer.model.notes import note
from analyzer.model.signing import ServerError
from analyzer.oss.errors import ELEMENTS, MAX_ERROR_BYTES, document_of, read_document
from analyzer.oss.numbers import read_numbers
from analyzer.pasted.mending import relined
from analyzer.pasted.piece import MAX_PIECES, Answer, Piece, unescaped

__all__ = ["elements_of", "mended", "read_json", "read_numbers_alone", "read_xml"]

_ANY = b"|".join(sorted(ELEMENTS, reverse=True))
_START = re.compile(rb"<Error(?:\s[^<>]{0,200})?>")
_FRAGMENT = re.compile(rb"<(?:" + _ANY + rb")>")
_ESCAPED_ENDS = re.compile(rb">(?:\\r)?\\n\s*<|=\\\"1\.0\\\"")
_END = b"</Error>"
_AMP_TWICE = b"&amp;lt;"
_HEX_RUN = re.compile(rb"(?<![0-9A-Za-z])(?:[0-9A-Fa-f]{2}[ \t\r\n,:]+){15,350000}[0-9A-Fa-f]{2}(?![0-9A-Za-z])")
_JSON = re.compile(rb'\{\s*"(?:Error|' + _ANY + rb')"\s*:')
_SIGNED = re.compile(rb"[A-Z]{3,7}\n|OSS4-HMAC|AWS4-HMAC")


def read_xml(text: bytes) -> Piece | None:
    """Every error document, or the fragment of one."""
    for _ in range(2):
        if _AMP_TWICE not in text:
            break
        text = text.replace(b"&amp;", b"&")
    if b"&lt;Error" in text or b"&lt;Code&gt;" in text:
        text = _resolved_tags(text)
    answers = tuple(
        mended(Answer("XML", _whole(document)))
        for document in _documents(text)
        if read_document(document, ServerError(0, "none")) is not None
    )
    return Piece("XML", answers=answers) if answers else None


def _resolved_tags(text: bytes) -> bytes:
    """Tags that were escaped for a web page; entities inside values are left one level deep."""
    return text.replace(b"&lt;", b"<").replace(b"&gt;", b">").replace(b"&quot;", b'"').replace(b"&amp;", b"&")


def _documents(text: bytes) -> Iterator[bytes]:
    starts = [found.start() for found in islice(_START.finditer(text), MAX_PIECES)]
    if not starts:
        found = _FRAGMENT.search(text)
        starts = [found.start()] if found is not None else []
    for start, limit in zip(starts, [*starts[1:], len(text)], strict=False):
        end = text.find(_END, start, limit)
        document = text[start : limit if end < 0 else end + len(_END)]
        if _ESCAPED_ENDS.search(document):
            document = unescaped(document, raw_bytes=True)
        yield document[:MAX_ERROR_BYTES]


def read_json(text: bytes) -> Piece | None:
    """The JSON form of newer services."""
    found = _JSON.search(text)
    if found is None:
        return None
    end = text.rfind(b"}")
    document = text[found.start() : end + 1]
    if read_document(document, ServerError(0, "none")) is None:
        return None
    return Piece("JSON", answers=(Answer("JSON", document),))


def read_numbers_alone(text: bytes) -> Piece | None:
    """``StringToSignBytes`` without anything around it. Only answers of one code carry it."""
    found = _HEX_RUN.search(text)
    if found is None:
        return None
    numbers, _ = read_numbers(found[0].replace(b",", b" ").replace(b":", b" "), None)
    if numbers is None or not _SIGNED.match(numbers):
        return None
    document = document_of(((b"Code", b"SignatureDoesNotMatch"), (b"StringToSignBytes", numbers.hex(" ").encode())))
    return Piece("hex", answers=(Answer("hex", document, 403, (note("paste.code-by-bytes"),)),))


def mended(answer: Answer) -> Answer:
    """The answer with the line ends of its string to sign as they were: those written as backslash and n, and, where
    there is no byte dump to know better, those that got lost."""
    error = read_document(answer.document, ServerError(0, "none"))
    if error is None or error.string_to_sign is None:
        return answer
    text, notes = error.string_to_sign.replace(b"\\n", b"\n"), answer.notes
    if error.string_to_sign_bytes is None and relined(text) != text:
        text, notes = relined(text), (*notes, note("paste.lines-restored"))
    if text == error.string_to_sign:
        return answer
    elements = [(n, text if n == b"StringToSign" else v) for n, v in elements_of(error)]
    return Answer(answer.form, document_of(elements), answer.status, notes)


def _whole(document: bytes) -> bytes:
    """A fragment becomes a document of the elements it holds: what stands around them is none of the answer."""
    error = None if document.startswith(b"<Error") else read_document(document, ServerError(0, "none"))
    return document if error is None else document_of(elements_of(error))


#: Element → field, where the names differ in more than their letters' case.
_NAMES = {name.lower(): name for name in sorted(ELEMENTS)}


def elements_of(error: ServerError) -> list[tuple[bytes, bytes]]:
    """The elements that an error was read from, numbers as hex."""
    found: list[tuple[bytes, bytes]] = []
    others = {(name[3:], value) for name, value in error.elements if name in ELEMENTS}
    for field in fields(error):
        name = _NAMES.get(field.name.replace("_", "").encode()) or _OTHER_NAMES.get(field.name)
        value = getattr(error, field.name)
        if name is not None and isinstance(value, bytes) and (name[3:], value) not in others:
            found.append((name, value.hex(" ").encode() if field.name.endswith("_bytes") else value))
    return [*found, *error.elements]


_OTHER_NAMES = {"access_key_id": b"OSSAccessKeyId"}
