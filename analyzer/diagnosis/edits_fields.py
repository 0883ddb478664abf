"""Edits of single fields: method, Content-Type, Content-MD5, date, header lines, query parameters, layout."""

from __future__ import annotations

import mimetypes
import re
from collections.abc import Callable, Iterator
from functools import partial
from urllib.parse import quote_from_bytes, unquote_to_bytes

from analyzer.diagnosis.drafts import Draft, header_of, plain_key, with_header
from analyzer.diagnosis.edits import Edit, Generator, Setting, shown_name
from analyzer.oss import subresources
from analyzer.oss.pieces import encode

__all__ = ["GENERATORS"]

MAX_LINES = 24  #: header lines and parameters that are edited one by one

#: Types that signers put there when nobody says one (defaults of the SDKs and of HTTP libraries).
COMMON_TYPES = (
    b"application/octet-stream",
    b"application/x-www-form-urlencoded",
    b"text/plain",
    b"application/json",
    b"application/xml",
    b"text/plain;charset=UTF-8",
    b"text/plain; charset=utf-8",
    b"application/json; charset=utf-8",
    b"image/jpeg",
    b"image/png",
    b"video/mp4",
    b"binary/octet-stream",
    b"multipart/form-data",
)
METHODS = (b"GET", b"PUT", b"POST", b"HEAD", b"DELETE", b"OPTIONS")


def _set(piece: str, value: object, draft: Draft) -> Draft | None:
    return None if getattr(draft, piece) == value else draft._replace(**{piece: value})  # type: ignore[arg-type]


def _set_header(name: bytes, value: bytes | None, draft: Draft) -> Draft | None:
    return None if header_of(draft, name) == value else with_header(draft, name, value)


def method_edits(setting: Setting) -> Iterator[Edit]:
    """Another method (C12), or the same in another case (C23)."""
    own = setting.base.method
    for method in METHODS:
        if method != own.upper():
            yield Edit(f"method {method.decode()}", "method-mismatch", "method", partial(_set, "method", method))
    for word, changed in (("lower-case", own.lower()), ("capitalised", own.capitalize())):
        yield Edit(f"{word} method", "string-format", "method", partial(_set, "method", changed))


def content_type_edits(setting: Setting) -> Iterator[Edit]:
    """C1 and C2: no type, a shorter one, the one of the key's extension, common ones."""
    own = header_of(setting.base, b"content-type")
    put = partial(partial, _set_header, b"content-type")
    cause = "content-type-after-signing" if own else "content-type-not-sent"
    if own:
        yield Edit("drop content-type", cause, "content-type", put(None))
        if b";" in own:
            bare = own.partition(b";")[0].strip()
            yield Edit("content-type without parameters", cause, "content-type", put(bare))
        if own.lower() != own:
            yield Edit("content-type in lower case", cause, "content-type", put(own.lower()))
    elif setting.base.family == "canonical":
        yield Edit("empty content-type line", cause, "content-type", put(b""))
    guessed = mimetypes.guess_type("x" + plain_key(setting.base)[-32:].decode("latin-1"))[0]
    if guessed:
        yield Edit("content-type by extension", cause, "content-type", put(guessed.encode()))
    for value in COMMON_TYPES:
        yield Edit(f"content-type {value.decode()}", cause, "content-type", put(value))
    for charset in (b";charset=UTF-8", b"; charset=utf-8") if own and b";" not in own else ():
        yield Edit("content-type with charset", cause, "content-type", put(own + charset if own else charset))


def content_md5_edits(setting: Setting) -> Iterator[Edit]:
    """C3."""
    put = partial(partial, _set_header, b"content-md5")
    if header_of(setting.base, b"content-md5"):
        yield Edit("drop content-md5", "content-md5-wrong", "content-md5", put(None))
    hexadecimal = setting.body_md5_hex
    if setting.body_md5 is not None:
        yield Edit("content-md5 of the body", "content-md5-wrong", "content-md5", put(setting.body_md5))
    if hexadecimal is not None:
        yield Edit("content-md5 of the body in hex", "content-md5-wrong", "content-md5", put(hexadecimal))
        yield Edit("content-md5 in upper-case hex", "content-md5-wrong", "content-md5", put(hexadecimal.upper()))


def date_edits(setting: Setting) -> Iterator[Edit]:
    """C17 and D13: what stands in the date line."""
    if setting.base.family not in ("plain", "listed"):
        return
    for name in (b"date", b"x-oss-date", b"x-amz-date"):
        value = setting.sent(name)
        if value is not None:
            told = f"{name.decode()} header in the date line"
            yield Edit(told, "date-header", "date", partial(_set, "date", value))
    yield Edit("empty date line", "date-header", "date", partial(_set, "date", b""))
    if setting.base.date.isdigit() and len(setting.base.date) > 11:
        yield Edit("expires in seconds", "clock-skew", "date", partial(_set, "date", setting.base.date[:-3]))
    if setting.base.date.isdigit() and setting.sent(b"date") is None:
        yield Edit("expires in milliseconds", "clock-skew", "date", partial(_set, "date", setting.base.date + b"000"))


# Header lines --------------------------------------------------------------------------------------------------------


def _replace_line(old: bytes, new: bytes | None, draft: Draft) -> Draft | None:
    if old not in draft.headers:
        return None
    lines = [new if line == old else line for line in draft.headers]
    return draft._replace(headers=tuple(line for line in lines if line is not None))


def header_edits(setting: Setting) -> Iterator[Edit]:
    """C13 to C15, C26: each line dropped, or its value in other bytes."""
    own = setting.base.headers
    for line in own[:MAX_LINES]:
        name, _, value = line.partition(b":")
        slot, told = f"header {shown_name(name)}", shown_name(name)
        yield Edit(f"drop {told}", _drop_cause(name), slot, partial(_replace_line, line, None))
        for words, cause, changed in _other_bytes(value):
            if changed is not None and changed != value:
                yield Edit(f"{told} {words}", cause, slot, partial(_replace_line, line, name + b":" + changed))
        yield Edit(
            f"{told} with a blank after the colon",
            "string-format",
            slot,
            partial(_replace_line, line, name + b": " + value),
        )
    if len(own) > 1:
        yield Edit("no signed headers", "altered-in-transit", "headers", partial(_set, "headers", ()))
    yield from _order_edits(setting)


def _drop_cause(name: bytes) -> str:
    if name in (b"x-oss-security-token", b"x-amz-security-token"):
        return "security-token"
    if name in (b"x-oss-date", b"x-amz-date"):
        return "date-header"
    if name == b"host":
        return "v4-algorithm"
    return {b"content-type": "content-type-after-signing", b"content-md5": "content-md5-wrong"}.get(
        name, "metadata-encoding" if b"-meta-" in name else "altered-in-transit"
    )


def _other_bytes(value: bytes) -> Iterator[tuple[str, str, bytes | None]]:
    yield "value as UTF-8", "metadata-encoding", _recoded(value, "latin-1", "utf-8")
    yield "value as ISO-8859-1", "metadata-encoding", _recoded(value, "utf-8", "latin-1")
    yield "value as GBK", "metadata-encoding", _recoded(value, "utf-8", "gbk")
    yield "value as UTF-8 instead of GBK", "metadata-encoding", _recoded(value, "gbk", "utf-8")
    yield "value with ? for other characters", "metadata-encoding", _questioned(value)
    yield "value percent-decoded", "metadata-encoding", unquote_to_bytes(value)
    yield "value percent-encoded", "metadata-encoding", quote_from_bytes(value, "").encode()
    yield "value with single blanks", "metadata-encoding", re.sub(rb"[ \t]+", b" ", value)
    yield "value in lower case", "metadata-encoding", value.lower()
    if b"," in value:
        yield "first of the joined values", "duplicate-headers", value.partition(b",")[0].strip()
        yield "last of the joined values", "duplicate-headers", value.rpartition(b",")[2].strip()
        yield "values joined with comma and blank", "duplicate-headers", re.sub(rb",\s*", b", ", value)


def _recoded(value: bytes, read: str, write: str) -> bytes | None:
    try:
        return value.decode(read).encode(write)
    except UnicodeError:
        return None


def _questioned(value: bytes) -> bytes | None:
    try:
        return value.decode("utf-8").encode("ascii", "replace")
    except UnicodeError:
        return None


def _order_edits(setting: Setting) -> Iterator[Edit]:
    inputs, own = setting.inputs, setting.base.headers
    if inputs is None or len(own) < 1:
        return
    by_name = {line.partition(b":")[0]: line for line in own}
    sent = [h.name.lower() for h in inputs.headers if h.name.lower() in by_name]
    as_sent = tuple(by_name[name] for name in dict.fromkeys(sent))
    yield Edit("headers in the order sent", "string-format", "headers", partial(_set, "headers", as_sent))
    cased = {h.name.lower(): h.name for h in inputs.headers}
    original = tuple(cased.get(line.partition(b":")[0], b"") + line[line.find(b":") :] for line in own)
    yield Edit("header names in the case sent", "string-format", "headers", partial(_set, "headers", original))
    filled = tuple(line for line in own if not line.endswith(b":"))
    yield Edit("without empty headers", "metadata-encoding", "headers", partial(_set, "headers", filled))


# Query ---------------------------------------------------------------------------------------------------------------


def _replace_pair(old: bytes, new: bytes | None, draft: Draft) -> Draft | None:
    if old not in draft.query:
        return None
    pairs = [new if pair == old else pair for pair in draft.query]
    return draft._replace(query=tuple(pair for pair in pairs if pair is not None))


def _add_pair(pair: bytes, draft: Draft) -> Draft | None:
    return None if pair in draft.query else draft._replace(query=tuple(sorted((*draft.query, pair))))


def query_edits(setting: Setting) -> Iterator[Edit]:
    """C7 and C8: each parameter dropped or in other bytes, all of them, the list of each SDK."""
    own, first = setting.base.query, "subresource-list" if setting.is_v1 else "parameter-after-signing"
    for pair in own[:MAX_LINES]:
        name, equals, value = pair.partition(b"=")
        told, slot = shown_name(name), f"query {shown_name(name)}"
        yield Edit(f"drop query {told}", _query_cause(setting, name), slot, partial(_replace_pair, pair, None))
        if not equals:
            yield Edit(f"query {told} with =", first, slot, partial(_replace_pair, pair, pair + b"="))
            continue
        yield Edit(f"query {told} without value", first, slot, partial(_replace_pair, pair, name))
        for words, changed in _other_values(value):
            if changed != value:
                new = name + b"=" + changed
                yield Edit(f"query {told} {words}", first, slot, partial(_replace_pair, pair, new))
    if own:
        yield Edit("no query", first, "query", partial(_set, "query", ()))
    yield from _list_edits(setting)
    yield from _added_parameters(setting)


def _query_cause(setting: Setting, name: bytes) -> str:
    if name in (b"security-token", b"x-oss-security-token", b"X-Amz-Security-Token"):
        return "security-token"
    in_query = setting.inputs is not None and setting.inputs.variant.in_query
    return "subresource-list" if setting.is_v1 and not in_query else "parameter-after-signing"


def _other_values(value: bytes) -> Iterator[tuple[str, bytes]]:
    yield "percent-encoded", quote_from_bytes(value, "").encode()
    yield "percent-encoded, slashes kept", quote_from_bytes(value, "/").encode()
    yield "percent-decoded", unquote_to_bytes(value)
    yield "with + for blanks", value.replace(b"%20", b"+").replace(b" ", b"+")
    yield "with %20 for +", value.replace(b"+", b"%20").replace(b"%2B", b"%20")
    yield "with %2B for blanks", value.replace(b"%20", b"%2B")


def _list_edits(setting: Setting) -> Iterator[Edit]:
    """Exactly the parameters that the list of one SDK has. Source: the table of sub-resources."""
    own = setting.base.query
    if not setting.is_v1 or len(own) < 2:
        return
    table = subresources.table()
    seen: set[tuple[bytes, ...]] = {own, ()}
    for source in table.sources:
        kept = tuple(p for p in own if source in table.signed_by.get(p.partition(b"=")[0], ()))
        if kept not in seen:
            seen.add(kept)
            yield Edit(f"sub-resources of {source}", "subresource-list", "query", partial(_set, "query", kept))
    yield Edit("sub-resources unsorted", "subresource-list", "query", partial(_set, "query", own[::-1]))


def _added_parameters(setting: Setting) -> Iterator[Edit]:
    """Parameters of the wire that the rebuilt text leaves out."""
    if setting.inputs is None or setting.base.family not in ("plain", "listed", "canonical"):
        return
    signed = {pair.partition(b"=")[0] for pair in setting.base.query}
    for pair in setting.inputs.query[:MAX_LINES]:
        name = pair.name if setting.base.family == "plain" else encode(pair.name)
        if (
            name in signed
            or pair.name in subresources.AUTHENTICATION
            or pair.name.endswith((b"-signature", b"-Signature"))
        ):
            continue
        value = pair.value if setting.base.family == "plain" else encode(pair.value)
        text = name + b"=" + value if value else name
        told = shown_name(pair.name)
        yield Edit(f"sign query {told}", "subresource-list", f"query {told}", partial(_add_pair, text))


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


#: (name, what is done to the laid text). Source: cause C23 and D11 of the signing reference.
_LAYOUTS: tuple[tuple[str, Callable[[bytes], bytes]], ...] = (
    ("line feed at the end", lambda text: text + b"\n"),
    ("CR LF line ends", lambda text: text.replace(b"\n", b"\r\n")),
    ("blank at the end", lambda text: text + b" "),
    ("line feed at the start", lambda text: b"\n" + text),
    ("without empty lines", _without_empty_lines),
    ("without the Content-MD5 line", partial(_without_line, 1)),
    ("without the Content-Type line", partial(_without_line, 2)),
    ("without the date line", partial(_without_line, 3)),
    ("extra line feed before the resource", _extra_line_before_resource),
    ("no line feed before the resource", _joined_last_lines),
    ("literal \\n instead of line feeds", lambda text: text.replace(b"\n", b"\\n")),
    ("all in lower case", bytes.lower),
    ("text in UTF-16", lambda text: text.decode("latin-1").encode("utf-16-le")),
    ("text percent-encoded", lambda text: quote_from_bytes(text, "/").encode()),
)


def layout_edits(setting: Setting) -> Iterator[Edit]:
    """C23."""
    for name, change in _LAYOUTS:
        cause = "date-header" if name == "without the date line" else "string-format"
        yield Edit(name, cause, "layout", partial(_finish, change))


GENERATORS: tuple[Generator, ...] = (
    content_type_edits,
    method_edits,
    content_md5_edits,
    query_edits,
    header_edits,
    date_edits,
    layout_edits,
)
