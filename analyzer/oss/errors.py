"""Error answers of every age, read by element name.

An XML parser would lose the evidence: it turns CRLF into LF and gives up on one bad byte. So the bytes are scanned
for elements by name, in any order; damaged and cut documents give what they still hold, and a note says so. Beside
XML there are the JSON form of newer services, and the headers ``x-oss-err`` (base64) and ``x-oss-ec`` where a HEAD
answer has no body.
"""

from __future__ import annotations

import binascii
import re
from base64 import b64decode
from collections.abc import Iterable, Iterator
from dataclasses import replace

from analyzer.http.content import decoded
from analyzer.model.http import Request, Response
from analyzer.model.notes import Note, Wire, note
from analyzer.model.signing import ServerError
from analyzer.oss.numbers import read_numbers

__all__ = ["ELEMENTS", "MAX_ERROR_BYTES", "document_of", "read_document", "read_error", "utf8"]

MAX_ERROR_BYTES = 1024 * 1024
MAX_ELEMENTS = 200
MAX_TAGS = 1000  #: opening tags looked at

#: Element → field of ``ServerError``. Sources: real answers; ``OSSErrorResponseHandler`` of the Java SDK; Amazon S3
#: API reference "Error responses" for the AWS names.
_FIELDS: dict[bytes, str] = {
    b"Code": "code",
    b"Message": "message",
    b"RequestId": "request_id",
    b"HostId": "host_id",
    b"EC": "ec",
    b"OSSAccessKeyId": "access_key_id",
    b"AWSAccessKeyId": "access_key_id",
    b"SignatureProvided": "signature_provided",
    b"StringToSign": "string_to_sign",
    b"StringToSignBytes": "string_to_sign_bytes",
    b"CanonicalRequest": "canonical_request",
    b"CanonicalRequestBytes": "canonical_request_bytes",
    b"RecommendDoc": "recommend_doc",
}
#: Kept under their own name too: whoever writes them was asked in the S3 dialect.
_TELLING = frozenset({b"AWSAccessKeyId"})
#: Names of the elements that are read.
ELEMENTS = frozenset(_FIELDS)

_TEXTS = frozenset({b"StringToSign", b"CanonicalRequest"})
_NUMBERS = {"string_to_sign_bytes": "string_to_sign", "canonical_request_bytes": "canonical_request"}

_OPEN = re.compile(rb"<([A-Za-z][A-Za-z0-9_.:-]{0,63})(?:\s[^<>]{0,512})?(/?)>")
_ENTITY = re.compile(rb"&(?:(amp|lt|gt|quot|apos)|#(\d{1,7})|#[xX]([0-9A-Fa-f]{1,6}));")
_HALF_ENTITY = re.compile(rb"&#?[A-Za-z0-9]{0,7}\Z")
_NAMED = {b"amp": b"&", b"lt": b"<", b"gt": b">", b"quot": b'"', b"apos": b"'"}
_CDATA = (b"<![CDATA[", b"]]>")

Elements = list[tuple[bytes, bytes]]


def read_error(request: Request | None, response: Response) -> ServerError | None:
    """The error in ``response``; None below status 400. A HEAD answer, or one whose body was not captured, is read
    from its headers."""
    if response.status < 400:
        return None
    base = ServerError(response.status, "none", frames=response.frames)
    body = _body(response)
    found = read_document(body, base) if body else None
    if found is None:
        found = _from_headers(response, base)
    return replace(
        found,
        ec=found.ec or response.head.first(b"x-oss-ec") or None,
        request_id=found.request_id or _request_id(response),
    )


def _request_id(response: Response) -> bytes | None:
    names = (b"x-oss-request-id", b"x-amz-request-id")
    return next((value for name in names if (value := response.head.first(name))), None)


def _body(response: Response) -> bytes:
    """The body without its content coding; as it came where the coding cannot be undone."""
    return (decoded(response, MAX_ERROR_BYTES) or response.body.data or b"")[:MAX_ERROR_BYTES]


def _from_headers(response: Response, base: ServerError) -> ServerError:
    """``x-oss-err`` holds the document in base64 (oss2 exceptions.py, ``make_exception``)."""
    packed = response.head.first(b"x-oss-err")
    if not packed:
        return base
    try:
        document = b64decode(packed[:MAX_ERROR_BYTES] + b"==", validate=False)
    except (binascii.Error, ValueError):
        return replace(base, notes=(*base.notes, note("oss.error-header-unreadable")))
    found = read_document(document, base)
    return replace(found, form="header") if found is not None else base


def read_document(body: bytes, base: ServerError) -> ServerError | None:
    """Fields of an XML or JSON error document on top of ``base``; None when it is neither."""
    start = body.lstrip(b"\xef\xbb\xbf \t\r\n")[:1]
    if start == b"{":
        elements = _json_elements(body)
        return _filled(base, "json", elements, cut=False) if elements is not None else None
    notes: tuple[Note, ...] = ()
    if b"&lt;Code&gt;" in body and b"<Code" not in body:
        body = _resolve(body)
        notes = (note("oss.error-html-escaped"),)
    elements, cut = _xml_elements(body)
    if not any(name in _FIELDS for name, _ in elements):
        return None
    unfinished = elements[-1][0] if cut and _ends_inside(body, elements[-1][0]) else None
    return _filled(replace(base, notes=base.notes + notes, unfinished=unfinished), "xml", elements, cut)


def document_of(elements: Iterable[tuple[bytes, bytes]]) -> bytes:
    """The document that ``read_document`` reads these elements from: for answers of which only the values are left."""
    lines = (b"  <" + name + b">" + _escaped(value) + b"</" + name + b">\n" for name, value in elements)
    return b"<Error>\n" + b"".join(lines) + b"</Error>\n"


def _escaped(value: bytes) -> bytes:
    return value.replace(b"&", b"&amp;").replace(b"<", b"&lt;").replace(b">", b"&gt;")


# XML -----------------------------------------------------------------------------------------------------------------


class _Marks:
    """Where marks stand in a document. Whoever asks goes forward in it, so the document is searched once for each mark,
    however often it is asked."""

    __slots__ = ("_body", "_found")

    def __init__(self, body: bytes) -> None:
        self._body = body
        self._found: dict[bytes, int] = {}

    def after(self, at: int, mark: bytes) -> int:
        """The first ``mark`` at ``at`` or behind it, -1 where there is none."""
        found = self._found.get(mark)
        if found is None or 0 <= found < at:
            found = self._found[mark] = self._body.find(mark, at)
        return found


def _xml_elements(body: bytes) -> tuple[Elements, bool]:
    """Leaf elements in order, raw values; true when the document ends inside one."""
    elements: Elements = []
    at = 0
    marks = _Marks(body)
    for _ in range(MAX_TAGS):
        found = _OPEN.search(body, at)
        if found is None or len(elements) >= MAX_ELEMENTS:
            break
        at = found.end()
        name = found[1]
        if found[2]:
            elements.append((name, b""))
            continue
        close = _end_of(body, at, name, marks)
        if close >= 0:
            elements.append((name, body[at:close]))
            at = close + len(name) + 3
        elif name in _FIELDS:
            value, at = _unclosed(body, at)
            elements.append((name, value))
    return elements, _is_cut(body)


def _end_of(body: bytes, at: int, name: bytes, marks: _Marks) -> int:
    """Where the end tag of an element stands; -1 where there is none, or another tag before it: then it is a container,
    and its children are what counts, or it lost its end. Texts may hold anything."""
    end = b"</" + name + b">"
    in_cdata = body.startswith(_CDATA[0], at)
    if name in _FIELDS:
        close = marks.after(at, end)
        return close if name in _TEXTS or in_cdata or body.find(b"<", at, max(close, 0)) < 0 else -1
    stop = marks.after(at, _CDATA[1]) + len(_CDATA[1]) if in_cdata else body.find(b"<", at)
    return stop if stop >= at and body.startswith(end, stop) else -1


def _unclosed(body: bytes, at: int) -> tuple[bytes, int]:
    """Value of an element without its end: up to the next tag, or the end of the document."""
    stop = body.find(b"<", at)
    stop = len(body) if stop < 0 else stop
    return body[at:stop], stop


def _is_cut(body: bytes) -> bool:
    """The document does not close what it opened."""
    return b"<Error" in body and b"</Error>" not in body[-64:].rstrip()


def _ends_inside(body: bytes, name: bytes) -> bool:
    """Behind the last opening tag of that name there is neither its end nor another tag."""
    return b"<" not in body[body.rfind(b"<" + name) + 1 :]


def _resolve(value: bytes) -> bytes:
    """Entities resolved once: the five of XML and numeric ones (as UTF-8). CDATA is taken out of its wrapping."""
    if value.startswith(_CDATA[0]) and value.endswith(_CDATA[1]):
        return value[len(_CDATA[0]) : -len(_CDATA[1])]
    return _ENTITY.sub(_entity, value) if b"&" in value else value


def _entity(found: re.Match[bytes]) -> bytes:
    if found[1]:
        return _NAMED[found[1]]
    number = int(found[2]) if found[2] else int(found[3], 16)
    if number > 0x10FFFF or 0xD800 <= number <= 0xDFFF:
        return found[0]
    return chr(number).encode("utf-8")


# JSON ----------------------------------------------------------------------------------------------------------------


def _json_elements(body: bytes) -> Elements | None:
    """``{"Error": {...}}`` of the vector services (go-v2 tests), or the members without the wrapping."""
    import json  # late: most answers are XML

    try:
        loaded = json.loads(body.decode("utf-8", "surrogateescape"))
    except (ValueError, RecursionError):
        return None
    if isinstance(loaded, dict) and isinstance(loaded.get("Error"), dict):
        loaded = loaded["Error"]
    if not isinstance(loaded, dict):
        return None
    elements = list(_members(loaded))[:MAX_ELEMENTS]
    return elements if any(name in _FIELDS for name, _ in elements) else None


def _members(loaded: dict[str, object]) -> Iterator[tuple[bytes, bytes]]:
    for name, value in loaded.items():
        if isinstance(value, (str, int, float)):
            yield utf8(name), utf8(str(value))


def utf8(text: str) -> bytes:
    """UTF-8, undecodable bytes as they were; lone surrogates of ``\\u`` escapes survive as their three bytes."""
    try:
        return text.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:
        return text.encode("utf-8", "surrogatepass")


# Both ----------------------------------------------------------------------------------------------------------------


def _filled(base: ServerError, form: str, elements: Elements, cut: bool) -> ServerError:
    """The first element of each name fills its field; everything else is kept as it came."""
    values: dict[str, bytes] = {}
    others: Elements = []
    notes: list[Note] = []
    for name, raw in elements:
        value = raw if form == "json" else _resolve(_HALF_ENTITY.sub(b"", raw) if name == base.unfinished else raw)
        field = _FIELDS.get(name)
        if field is None or field in values or name in _TELLING:
            others.append((name, value.strip()))
        if field is None or field in values:
            continue
        if name == base.unfinished and not _worth_having(name, values):
            base = replace(base, unfinished=None)
            continue
        trimmed = value if name in _TEXTS and not _indented(value) else value.strip()
        if name not in _TEXTS and field not in _NUMBERS and value.strip(b" \t") != value:
            notes.append(note("oss.error-value-padded", element=Wire(name)))
        values[field] = trimmed
    for field, text in _NUMBERS.items():
        if field in values:
            numbers, whole = read_numbers(values[field], values.get(text))
            if numbers is None or not whole:
                notes.append(note("oss.error-bytes-damaged", element=Wire(_element_of(field))))
            _put(values, field, numbers)
    if cut:
        notes.append(note("oss.error-cut"))
    return replace(
        base,
        form=form,
        cut=cut,
        elements=tuple(others),
        notes=(*base.notes, *notes),
        **values,  # type: ignore[arg-type]
    )


def _worth_having(name: bytes, values: dict[str, bytes]) -> bool:
    """Part of the value is better than none: of texts, and of their bytes where the text is not there."""
    text = _NUMBERS.get(_FIELDS[name])
    return name in _TEXTS or name == b"Message" or (text is not None and text not in values)


def _put(values: dict[str, bytes], field: str, numbers: bytes | None) -> None:
    if numbers is None:
        del values[field]
    else:
        values[field] = numbers


def _element_of(field: str) -> bytes:
    return next(name for name, known in _FIELDS.items() if known == field)


def _indented(value: bytes) -> bool:
    """A pretty-printed value on a line of its own (documents of 2011)."""
    return value[:1] in (b"\r", b"\n") and value.rstrip(b" \t")[-1:] == b"\n"
