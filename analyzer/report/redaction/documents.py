"""Error documents and forms: the structure stays, the values in it are replaced.

Documents are scanned as the reader of error answers scans them, by tags and not by a parser, so that damage stays
where it was.
"""

from __future__ import annotations

import html
import json
import re
from base64 import b64encode
from collections.abc import Iterator

from analyzer.model.notes import Kind
from analyzer.model.signing import ServerError
from analyzer.oss.errors import read_document, utf8
from analyzer.report.redaction.tables import Rule, element_row, is_known_parameter, looks_like, parameter_row
from analyzer.report.redaction.texts import Texts, unpacked

__all__ = ["Documents"]

#: What is nested deeper in JSON becomes ``null``: nobody reads it.
MAX_DEPTH = 32
#: Digits of a number that says nothing: statuses, counts.
SHORT_NUMBER = 6

_TAG = re.compile(rb"<(?P<close>/?)(?P<name>[A-Za-z][A-Za-z0-9_.:-]{0,63}+)(?P<rest>[^<>]*+)>|<!\[CDATA\[")
_CDATA_END = b"]]>"
#: What stays of the attributes of a tag: namespaces that services write, and that there is one.
_KNOWN_SPACE = (
    rb"""["']https?://(?:doc\.oss-cn-hangzhou\.aliyuncs\.com/?|s3\.amazonaws\.com/doc/\d{4}-\d\d-\d\d/?)["']"""
)
_KEPT = re.compile(rb"(\s+xmlns=(?:" + _KNOWN_SPACE + rb")?|\s*/?\Z)")
_PROLOG = re.compile(rb"(\s*<\?xml)([^<>]{0,100})(\?>)")
#: Version, encoding and whether the document stands alone, as everybody writes them.
_DECLARED = re.compile(
    rb"(?:\s+(?:version\s*=\s*[\"']1\.[01]|standalone\s*=\s*[\"'](?:yes|no)|encoding\s*=\s*[\"']"
    rb"(?:utf-?(?:8|16)|us-ascii|ascii|iso-8859-\d{1,2}|gbk|gb2312|gb18030|big5|windows-125\d))[\"'])*\s*",
    re.IGNORECASE,
)
_TEXT_OF = re.compile(rb"<(StringToSign|CanonicalRequest)>")
_TEXTS = {b"StringToSignBytes": b"StringToSign", b"CanonicalRequestBytes": b"CanonicalRequest"}
_PART_NAME = re.compile(rb';[ \t]*name=(?:"([^"\r\n]{0,256})"|([^;\s"]{1,256}))', re.IGNORECASE)
_PART_WORDS = re.compile(rb'(Content-Disposition:\s*form-data;\s*name="?)([^";\r\n]*)', re.IGNORECASE)
_FILE_NAME = re.compile(rb'(filename\*?=)("[^"\r\n]*"|[^;\s]+)', re.IGNORECASE)
_VARIABLE = b"${filename}"


class Documents:
    """Rewrites documents; shares the memory of ``texts``."""

    def __init__(self, texts: Texts) -> None:
        self.texts = texts
        self.values = texts.values
        self.values.learn({Rule.PACKED: lambda row, data: self._packed(row.kind, data)})

    def is_error(self, body: bytes) -> bool:
        """``body`` is an error document that OSS or an S3 server writes."""
        return read_document(body, ServerError(400, "none")) is not None

    def error(self, body: bytes) -> bytes:
        """An error document with its values replaced."""
        if body.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] == b"{":
            return self._json(body)
        if b"&lt;Code&gt;" in body and b"<Code" not in body:
            inner = html.unescape(body.decode("latin-1")).encode("latin-1", "replace")
            return html.escape(self._xml(inner).decode("latin-1"), quote=False).encode("latin-1")
        return self._xml(body)

    def form(self, body: bytes, boundary: bytes) -> bytes:
        """A PostObject form: names stay, values are replaced, the file becomes filler."""
        delimiter = b"--" + boundary
        first, *parts = body.split(delimiter)
        return delimiter.join([self._filler(first), *(self._part(part) for part in parts)])

    # XML ------------------------------------------------------------------------------------------------------------

    def _xml(self, body: bytes) -> bytes:
        texts = _texts_of(body)
        prolog = _PROLOG.match(body)
        out: list[bytes] = [self._prolog(prolog) if prolog is not None else b""]
        at = prolog.end() if prolog is not None else 0
        name = b""
        for tag, end in _tags(body, at):
            out.append(self._element(name, body[at : tag.start()], texts))
            if tag["name"] is None:
                inside = body[tag.end() : end - len(_CDATA_END)]
                out += [tag[0], self._element(name, inside, texts, entities=False), _CDATA_END]
            else:
                name = b"" if tag["close"] else tag["name"]
                out.append(self._tag(tag))
            at = end
        out.append(self._element(name, body[at:], texts))
        return b"".join(out)

    def _prolog(self, prolog: re.Match[bytes]) -> bytes:
        inside = prolog[2]
        if _DECLARED.fullmatch(inside) is None:
            inside = self.values.replaced(Kind.BODY, inside)
        return prolog[1] + inside + prolog[3]

    def _tag(self, tag: re.Match[bytes]) -> bytes:
        parts = _KEPT.split(tag["rest"])  # what is kept comes second, fourth and so on
        parts[::2] = [self.values.replaced(Kind.BODY, part, entities=True) for part in parts[::2]]
        return b"<" + tag["close"] + self.values.name(tag["name"]) + b"".join(parts) + b">"

    def _element(self, name: bytes, raw: bytes, texts: dict[bytes, bytes], *, entities: bool = True) -> bytes:
        if not raw.strip():
            return raw
        row = element_row(name)
        if row.rule is Rule.NUMBERS:
            return self.texts.numbers(raw, texts.pop(_TEXTS[name], None))  # once: none but the first is read
        return self.values.by_row(row, raw, entities=entities)

    # JSON -----------------------------------------------------------------------------------------------------------

    def _json(self, body: bytes) -> bytes:
        loaded = json.loads(body.decode("utf-8", "surrogateescape"))
        new = json.dumps(self._member(b"", loaded), ensure_ascii=False, separators=(",", ":"))
        return utf8(new)

    def _member(self, name: bytes, value: object, depth: int = 0) -> object:
        if depth > MAX_DEPTH and isinstance(value, (dict, list)):
            return None
        if isinstance(value, dict):
            return {
                _text(self.values.name(utf8(key))): self._member(utf8(key), item, depth + 1)
                for key, item in value.items()
            }
        if isinstance(value, list):
            return [self._member(name, item, depth + 1) for item in value]
        if isinstance(value, str):
            return _text(self.values.by_row(element_row(name), utf8(value)))
        if isinstance(value, (int, float)) and not isinstance(value, bool):
            return json.loads(self.values.number(element_row(name), json.dumps(value).encode(), SHORT_NUMBER))
        return value

    # Headers that hold a document ------------------------------------------------------------------------------------

    def _packed(self, kind: Kind, data: bytes) -> bytes:
        document = unpacked(data)
        if document is None or not self.is_error(document):
            return self.values.replaced(kind, data)
        return b64encode(self.error(document))

    # Forms ----------------------------------------------------------------------------------------------------------

    def _part(self, part: bytes) -> bytes:
        mark = b"\r\n\r\n" if b"\r\n\r\n" in part else b"\n\n"
        head, blank, rest = part.partition(mark)
        if not blank:
            return part if part.strip() in (b"--", b"") else self._filler(part)
        found = _PART_NAME.search(head)
        name = (found[1] or found[2] or b"") if found is not None else b""
        end = b"\r\n" if rest.endswith(b"\r\n") else b"\n" if rest.endswith(b"\n") else b""
        value = rest[: len(rest) - len(end)]
        return self._part_head(head) + blank + self._field(name, value) + end

    def _part_head(self, head: bytes) -> bytes:
        head = _FILE_NAME.sub(lambda found: found[1] + self.values.replaced(Kind.PATH, found[2]), head)
        return _PART_WORDS.sub(lambda found: found[1] + self._part_name(found[2]), head)

    def _part_name(self, name: bytes) -> bytes:
        known = name.lower() == b"file" or is_known_parameter(name, frozenset())
        return name if known or looks_like(Rule.TOKENS, name) else self.values.replaced(Kind.QUERY_VALUE, name)

    def _field(self, name: bytes, value: bytes) -> bytes:
        if name.lower() == b"file":
            return self._filler(value)
        pieces = [self.values.by_row(parameter_row(name), piece) for piece in value.split(_VARIABLE)]
        return _VARIABLE.join(pieces)

    def _filler(self, data: bytes) -> bytes:
        return b"x" * len(data)


def _text(raw: bytes) -> str:
    return raw.decode("utf-8", "surrogateescape")


def _tags(body: bytes, at: int) -> Iterator[tuple[re.Match[bytes], int]]:
    """Tags, and beginnings of CDATA, from ``at`` on, each with its end. CDATA that nothing ends is text."""
    ended = True
    while (tag := _TAG.search(body, at)) is not None:
        at = tag.end()
        if tag["name"] is None:
            end = body.find(_CDATA_END, at) if ended else -1
            ended = end >= 0  # where one is not ended, no later one is
            if not ended:
                continue
            at = end + len(_CDATA_END)
        yield tag, at


def _texts_of(body: bytes) -> dict[bytes, bytes]:
    """Element → its text without entities, of the texts that are written as numbers, too."""
    texts: dict[bytes, bytes] = {}
    missing: set[bytes] = set()
    at = 0
    while (found := _TEXT_OF.search(body, at)) is not None:
        at, name = found.end(), found[1]
        close = -1 if name in missing else body.find(b"</" + name + b">", at)
        if close < 0:
            missing.add(name)
            continue
        texts[name] = html.unescape(body[at:close].decode("latin-1")).encode("latin-1", "replace")
        at = close
    return texts
