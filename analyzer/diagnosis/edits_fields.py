"""Edits of single fields: method, Content-Type, Content-MD5, date, header lines, layout. Query: ``edits_query``."""

from __future__ import annotations

import mimetypes
import re
from collections.abc import Callable, Iterator
from functools import partial
from urllib.parse import quote_from_bytes, unquote_to_bytes

from analyzer.diagnosis.causes.base import shown
from analyzer.diagnosis.drafts import Draft, header_of, plain_key, with_header
from analyzer.diagnosis.edits import MAX_LINES, Edit, Generator, Setting, questioned, recoded, with_part, with_piece
from analyzer.diagnosis.edits_query import query_edits
from analyzer.diagnosis.header_names import ANSWER_HEADERS, implied_prefixes
from analyzer.model.findings import Change, shown_name
from analyzer.model.notes import Kind, Note, Wire, note

__all__ = ["GENERATORS"]

#: Types that signers put there when nobody says one (defaults of the SDKs and of HTTP libraries).
COMMON_TYPES = (
    "application/octet-stream",
    "application/x-www-form-urlencoded",
    "text/plain",
    "application/json",
    "application/xml",
    "text/plain;charset=UTF-8",
    "text/plain; charset=utf-8",
    "application/json; charset=utf-8",
    "image/jpeg",
    "image/png",
    "video/mp4",
    "binary/octet-stream",
    "multipart/form-data",
)
METHODS = ("GET", "PUT", "POST", "HEAD", "DELETE", "OPTIONS")


def _set_header(name: bytes, value: bytes | None, draft: Draft) -> Draft | None:
    return None if header_of(draft, name) == value else with_header(draft, name, value)


def method_edits(setting: Setting) -> Iterator[Edit]:
    """Another method (C12), or the same in another case (C23)."""
    raw = setting.base.method
    own = shown(raw, Kind.METHOD, 16)
    for method in METHODS:
        if method.encode() != raw.upper():
            change = Change("method {method}", note("change.method", method=method, own=own))
            yield Edit(change, "method-mismatch", "method", partial(with_piece, "method", method.encode()))
    for word, changed in (("lower-case", raw.lower()), ("capitalised", raw.capitalize())):
        told = note("change.method", method=shown(changed, Kind.METHOD, 16), own=own)
        yield Edit(Change(f"{word} method", told), "string-format", "method", partial(with_piece, "method", changed))


def content_type_edits(setting: Setting) -> Iterator[Edit]:
    """C1 and C2: no type, a shorter one, the one of the key's extension, common ones."""
    own = header_of(setting.base, b"content-type")
    cause = "content-type-after-signing" if own else "content-type-not-sent"
    for pattern, told, value in (*_no_type(setting, own), *_other_types(setting, own)):
        put = partial(_set_header, b"content-type", value)
        yield Edit(Change(pattern, told), cause, "content-type", put)


#: Pattern of an id, what the client did, and what stands there then.
_Told = tuple[str, Note, bytes | None]


def _no_type(setting: Setting, own: bytes | None) -> Iterator[_Told]:
    if own:
        told = note("change.content-type-left-out", own=shown(own, Kind.HEADER_VALUE))
        yield "drop content-type", told, None
    elif setting.base.family == "canonical":
        yield "empty content-type line", note("change.content-type-empty"), b""


def _other_types(setting: Setting, own: bytes | None) -> Iterator[_Told]:
    if own and b";" in own:
        bare = own.partition(b";")[0].strip()
        yield "content-type without parameters", _typed(bare, own), bare
    if own and own.lower() != own:
        yield "content-type in lower case", _typed(own.lower(), own), own.lower()
    guessed = mimetypes.guess_type("x" + plain_key(setting.base)[-32:].decode("latin-1"))[0]
    if guessed:
        yield "content-type by extension", _guessed(guessed.encode(), own), guessed.encode()
    for value in COMMON_TYPES:
        yield f"content-type {value}", _typed(value.encode(), own), value.encode()
    for charset in (b";charset=UTF-8", b"; charset=utf-8") if own and b";" not in own else ():
        if own:
            yield "content-type with charset", _typed(own + charset, own), own + charset


def _typed(value: bytes, own: bytes | None) -> Note:
    wire = shown(value, Kind.HEADER_VALUE)
    if not own:
        return note("change.content-type-alone", type=wire)
    return note("change.content-type", type=wire, own=shown(own, Kind.HEADER_VALUE))


def _guessed(value: bytes, own: bytes | None) -> Note:
    wire = shown(value, Kind.HEADER_VALUE)
    if not own:
        return note("change.content-type-guessed-alone", type=wire)
    return note("change.content-type-guessed", type=wire, own=shown(own, Kind.HEADER_VALUE))


def content_md5_edits(setting: Setting) -> Iterator[Edit]:
    """C3."""
    hexadecimal = setting.body_md5_hex
    upper = hexadecimal.upper() if hexadecimal is not None else None
    rows = (
        ("content-md5 of the body", note("change.content-md5"), setting.body_md5),
        ("content-md5 of the body in hex", note("change.content-md5-hex"), hexadecimal),
        ("content-md5 in upper-case hex", note("change.content-md5-upper-hex"), upper),
    )
    if header_of(setting.base, b"content-md5"):
        change = Change("drop content-md5", note("change.header-left-out", name="Content-MD5"))
        yield Edit(change, "content-md5-wrong", "content-md5", partial(_set_header, b"content-md5", None))
    for pattern, told, value in rows:
        if value is not None:
            put = partial(_set_header, b"content-md5", value)
            yield Edit(Change(pattern, told), "content-md5-wrong", "content-md5", put)


def date_edits(setting: Setting) -> Iterator[Edit]:
    """C17 and D13: what stands in the date line."""
    own = setting.base.date
    if setting.base.family not in ("plain", "raw", "listed"):
        return
    for name in ("date", "x-oss-date", "x-amz-date"):
        value = setting.sent(name.encode())
        if value is not None:
            change = Change("{name} header in the date line", note("change.date-line", name=name))
            yield Edit(change, "date-header", "date", partial(with_piece, "date", value))
    rows = (
        ("empty date line", note("change.date-line-empty"), "date-header", True, b""),
        ("expires in seconds", note("change.expiry-seconds"), "clock-skew", own.isdigit() and len(own) > 11, own[:-3]),
        (
            "expires in milliseconds",
            note("change.expiry-milliseconds"),
            "clock-skew",
            own.isdigit() and setting.sent(b"date") is None,
            own + b"000",
        ),
    )
    for pattern, told, cause, fits, value in rows:
        if fits:
            yield Edit(Change(pattern, told), cause, "date", partial(with_piece, "date", value))


# Header lines --------------------------------------------------------------------------------------------------------


def _without_lines(dropped: frozenset[bytes], draft: Draft) -> Draft | None:
    kept = tuple(line for line in draft.headers if line not in dropped)
    return None if kept == draft.headers else draft._replace(headers=kept)


def header_edits(setting: Setting) -> Iterator[Edit]:
    """C13 to C15, C26: each line dropped, or its value in other bytes."""
    own = setting.base.headers
    for line in own[:MAX_LINES]:
        raw, _, value = line.partition(b":")
        name, slot = shown(raw, Kind.PUBLIC, 64), f"header {shown_name(raw)}"
        change = Change("drop {name}", note("change.header-left-out", name=name))
        yield Edit(change, _drop_cause(setting, raw, value), slot, partial(with_part, "headers", line, None))
        doubled = "duplicate-headers" if _came_apart(setting, raw) else "metadata-encoding"
        for pattern, told, cause, changed in _other_bytes(name, value, doubled):
            if changed is not None and changed != value:
                change = Change(pattern, told)
                yield Edit(change, cause, slot, partial(with_part, "headers", line, raw + b":" + changed))
        change = Change("{name} with a blank after the colon", note("change.header-colon-blank", name=name))
        yield Edit(change, "string-format", slot, partial(with_part, "headers", line, raw + b": " + value))
    yield from _several_dropped(setting)
    yield from _order_edits(setting)


#: Of several headers left out, the one that is told.
_FIRST_TOLD = ("security-token", "header-after-signing", "stale-request", "v4-algorithm", "date-header")


def _several_dropped(setting: Setting) -> Iterator[Edit]:
    """A signer that signs no header lines at all, or only those that every request has."""
    causes = {line: _drop_cause(setting, *line.partition(b":")[::2]) for line in setting.base.headers}
    needed = tuple(line for line in causes if _is_needed(line))
    extra = {cause for line, cause in causes.items() if line not in needed}
    for pattern, told, kept, why in (
        ("no signed headers", note("change.headers-left-out"), (), set(causes.values())),
        ("only the headers of every request", note("change.headers-extra-left-out"), needed, extra),
    ):
        dropped = frozenset(causes).difference(kept)
        if len(dropped) > 1:
            cause = next((first for first in _FIRST_TOLD if first in why), min(why))
            yield Edit(Change(pattern, told), cause, "headers", partial(_without_lines, dropped))


def _is_needed(line: bytes) -> bool:
    name = line.partition(b":")[0]
    return name in _DROPPED or name in (b"host", b"x-oss-content-sha256", b"x-amz-content-sha256")


#: Causes of headers that have one of their own.
_DROPPED = {
    b"x-oss-security-token": "security-token",
    b"x-amz-security-token": "security-token",
    b"x-oss-date": "date-header",
    b"x-amz-date": "date-header",
    b"content-type": "content-type-after-signing",
    b"content-md5": "content-md5-wrong",
}


def _drop_cause(setting: Setting, name: bytes, value: bytes) -> str:
    """Why a line is not in the client's text: it was put on the request later, unless its name is listed with it."""
    implied = implied_prefixes(setting.inputs.variant if setting.inputs is not None else None)
    if name in _DROPPED:
        return _DROPPED[name]
    if not name.startswith(implied):
        return "v4-algorithm"  # its name is listed
    if name in ANSWER_HEADERS:
        return "stale-request"
    return "header-after-signing" if value else "metadata-encoding"


#: Name, as what its bytes are read, as what they are written.
_CHARSETS = (
    ("{name} value as UTF-8", "ISO-8859-1", "UTF-8"),
    ("{name} value as ISO-8859-1", "UTF-8", "ISO-8859-1"),
    ("{name} value as GBK", "UTF-8", "GBK"),
    ("{name} value as UTF-8 instead of GBK", "GBK", "UTF-8"),
)


def _came_apart(setting: Setting, name: bytes) -> bool:
    """The header was sent more than once, or on several lines."""
    found = setting.inputs.headers_named(name) if setting.inputs is not None else ()
    return len(found) > 1 or any(b"\n" in header.value for header in found)


def _other_bytes(name: Wire, value: bytes, doubled: str) -> Iterator[tuple[str, Note, str, bytes | None]]:
    """(pattern, what the client did, cause, the value then); ``doubled``: cause where values are joined otherwise."""
    coding = "metadata-encoding"
    for pattern, own, charset in _CHARSETS:
        told = note("change.header-charset", name=name, charset=charset, own=own)
        yield pattern, told, coding, recoded(value, own, charset)
    told = note("change.header-question-marks", name=name)
    yield "{name} value with ? for other characters", told, coding, questioned(value)
    told = note("change.header-percent-decoded", name=name)
    yield "{name} value percent-decoded", told, coding, unquote_to_bytes(value)
    told = note("change.header-percent-encoded", name=name)
    yield "{name} value percent-encoded", told, coding, quote_from_bytes(value, "").encode()
    told = note("change.header-single-blanks", name=name)
    yield "{name} value with single blanks", told, coding, re.sub(rb"[ \t]+", b" ", value)
    yield "{name} value in lower case", note("change.header-lower-case", name=name), coding, value.lower()
    if b"," in value:
        first, last = value.partition(b",")[0].strip(), value.rpartition(b",")[2].strip()
        joined = re.sub(rb",\s*", b", ", value)
        yield "{name} first of the joined values", note("change.header-first", name=name), doubled, first
        yield "{name} last of the joined values", note("change.header-last", name=name), doubled, last
        yield "{name} values joined with comma and blank", note("change.header-joined", name=name), doubled, joined


def _order_edits(setting: Setting) -> Iterator[Edit]:
    inputs, own = setting.inputs, setting.base.headers
    if inputs is None or len(own) < 1:
        return
    by_name = {line.partition(b":")[0]: line for line in own}
    sent = [h.name.lower() for h in inputs.headers if h.name.lower() in by_name]
    as_sent = tuple(by_name[name] for name in dict.fromkeys(sent))
    cased = {h.name.lower(): h.name for h in inputs.headers}
    original = tuple(cased.get(line.partition(b":")[0], b"") + line[line.find(b":") :] for line in own)
    filled = tuple(line for line in own if not line.endswith(b":"))
    for pattern, told, cause, lines in (
        ("headers in the order sent", note("change.headers-as-sent"), "string-format", as_sent),
        ("header names in the case sent", note("change.header-names-as-sent"), "string-format", original),
        ("without empty headers", note("change.headers-empty-left-out"), "metadata-encoding", filled),
    ):
        yield Edit(Change(pattern, told), cause, "headers", partial(with_piece, "headers", lines))


# Layout --------------------------------------------------------------------------------------------------------------


def _finish(change: Callable[[bytes], bytes], draft: Draft) -> Draft | None:
    return draft._replace(finish=change) if draft.finish is None else None


def _without_line(index: int, text: bytes) -> bytes:
    lines = text.split(b"\n")
    return b"\n".join(lines[:index] + lines[index + 1 :]) if index < len(lines) else text


def _without_empty_lines(text: bytes) -> bytes:
    return b"\n".join(line for line in text.split(b"\n") if line)


def _extra_line_before_resource(text: bytes) -> bytes:
    head, feed, last = text.rpartition(b"\n")
    return head + feed + b"\n" + last


def _joined_last_lines(text: bytes) -> bytes:
    head, _, last = text.rpartition(b"\n")
    return head + last


_NO_DATE_LINE = "without the date line"
#: (id, what the client did, what is done to the laid text). Source: cause C23 and D11 of the signing reference.
_LAYOUTS: tuple[tuple[str, Note, Callable[[bytes], bytes]], ...] = (
    ("line feed at the end", note("change.text-line-feed-end"), lambda text: text + b"\n"),
    ("CR LF line ends", note("change.text-cr-lf"), lambda text: text.replace(b"\n", b"\r\n")),
    ("blank at the end", note("change.text-blank-end"), lambda text: text + b" "),
    ("line feed at the start", note("change.text-line-feed-start"), lambda text: b"\n" + text),
    ("without empty lines", note("change.text-no-empty-lines"), _without_empty_lines),
    ("without the Content-MD5 line", note("change.line-left-out", name="Content-MD5"), partial(_without_line, 1)),
    ("without the Content-Type line", note("change.line-left-out", name="Content-Type"), partial(_without_line, 2)),
    (_NO_DATE_LINE, note("change.date-line-left-out"), partial(_without_line, 3)),
    ("extra line feed before the resource", note("change.text-extra-line-feed"), _extra_line_before_resource),
    ("no line feed before the resource", note("change.text-joined-resource"), _joined_last_lines),
    ("literal \\n instead of line feeds", note("change.text-literal-n"), lambda text: text.replace(b"\n", b"\\n")),
    ("all in lower case", note("change.text-lower-case"), bytes.lower),
    ("text in UTF-16", note("change.text-utf-16"), lambda text: text.decode("latin-1").encode("utf-16-le")),
    ("text percent-encoded", note("change.text-percent-encoded"), lambda text: quote_from_bytes(text, "/").encode()),
)
#: The same of a canonical request, whose lines are others.
_CANONICAL_LAYOUTS: dict[str, Note] = {
    "without the Content-MD5 line": note("change.line-number-left-out", number=2),
    "without the Content-Type line": note("change.line-number-left-out", number=3),
    _NO_DATE_LINE: note("change.line-number-left-out", number=4),
    "extra line feed before the resource": note("change.text-extra-line-feed-last"),
    "no line feed before the resource": note("change.text-joined-last"),
}


def layout_edits(setting: Setting) -> Iterator[Edit]:
    """C23. What is the line of the date in other texts is that of the first header in a canonical request."""
    canonical = setting.base.family == "canonical"
    others = _CANONICAL_LAYOUTS if canonical else {}
    for pattern, told, change in _LAYOUTS:
        dated = pattern == _NO_DATE_LINE
        if dated and canonical and setting.base.headers:
            continue
        cause = "date-header" if dated and not canonical else "string-format"
        yield Edit(Change(pattern, others.get(pattern, told)), cause, "layout", partial(_finish, change))


GENERATORS: tuple[Generator, ...] = (
    content_type_edits,
    method_edits,
    content_md5_edits,
    query_edits,
    header_edits,
    date_edits,
    layout_edits,
)
