"""Two messages, byte for byte: what was added, removed, changed and reordered on the way from one to the other.

Every byte of a head belongs to exactly one thing that is compared: a part of the start line, a header's line, the line
ends, or a line that is no header. So two heads that differ in any byte have at least one change, and a change names the
smallest thing that explains it: not "the target" but one parameter, not "the header" but the case of its name.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from analyzer.compare.items import Item, Names, Side, named_changes
from analyzer.http.head import request_line, status_line
from analyzer.model.comparison import Change, ChangeKind, How
from analyzer.model.http import Body, Head, Header, Message, Request, Response
from analyzer.oss.canonical import unfold
from analyzer.oss.pieces import percent_decode, query_decode
from analyzer.oss.provenance import FrameMap

__all__ = ["answer_changes", "body_same", "request_changes"]

_ABSOLUTE = re.compile(rb"([A-Za-z][A-Za-z0-9+.-]*://[^/?#]*)(.*)\Z", re.DOTALL)
_BLANKS = re.compile(rb"[ \t]+")
_COMMA = re.compile(rb"[ \t]*,[ \t]*")


def request_changes(near: Request, far: Request) -> list[Change]:
    """What happened to a request on its way to the server, the start line first, then headers, trailers and body."""
    ours, theirs = _side(near.head), _side(far.head)
    changes = [*_request_line(ours, theirs), *_headers(ours, theirs)]
    changes += _trailers(near, far)
    return [*changes, *_body(near.body, far.body)]


def answer_changes(far: Response, near: Response) -> list[Change]:
    """What happened to an answer on its way to the client."""
    ours, theirs = _side(far.head), _side(near.head)
    changes = [*_status_line(ours, theirs), *_headers(ours, theirs), *_trailers(far, near)]
    changes += _body(far.body, near.body)
    return [replace(change, answer=True, matters=_matters(change)) for change in changes]


def body_same(one: Body, other: Body) -> bool | None:
    """The same bytes; None where that cannot be known."""
    if one.digests is not None and other.digests is not None:
        return one.length == other.length and one.digests.sha256 == other.digests.sha256
    if one.complete and other.complete and one.length != other.length:
        return False
    return True if one.length == other.length == 0 and one.complete and other.complete else None


#: Beginnings of what an answer carries for its reader; the rest (Via, Age, Connection, order) is the way's own.
_FOR_THE_READER = (
    "status",
    "body",
    "header:x-oss-",
    "header:x-amz-",
    "header:etag",
    "header:content-type",
    "header:content-md5",
    "header:content-encoding",
    "header:content-range",
    "header:content-disposition",
    "header:last-modified",
    "header:location",
    "header:access-control-",
)


def _matters(change: Change) -> bool:
    only_form = set(change.how) <= {How.NAME_CASE, How.BLANKS, How.FOLDING} and bool(change.how)
    return change.field.startswith(_FOR_THE_READER) and not only_form


# Heads ----------------------------------------------------------------------------------------------------------------


def _side(head: Head) -> Side:
    raw = head.raw
    stop = raw.find(b"\n") + 1 or len(raw)
    at, lines, strays = stop, [], []
    ends = [_line_end(raw, 0, stop)]
    for header in head.headers:
        strays.append(raw[at : header.line_start])
        end = raw.find(b"\n", header.end) + 1 or len(raw)
        ending = _line_end(raw, header.line_start, end)
        ends.append(ending)
        text = raw[header.line_start : end - len(ending)]
        lines.append(Item(header.lower, header.name, text, header.value, header.line_start, end - len(ending)))
        at = end
    strays.append(raw[at:])
    stray = b"".join(strays)
    bare = stray.strip(b"\r\n")
    ends.append(stray if not bare else b"")
    return Side(head, FrameMap(head), raw[: stop - len(ends[0])], tuple(lines), b"".join(ends), bare and stray)


def _line_end(raw: bytes, start: int, end: int) -> bytes:
    if raw[start:end].endswith(b"\r\n"):
        return b"\r\n"
    return b"\n" if raw[start:end].endswith(b"\n") else b""


def _headers(ours: Side, theirs: Side) -> Iterator[Change]:
    found = list(named_changes(ours, theirs, ours.lines, theirs.lines, _HEADERS))
    if ours.stray != theirs.stray:
        kind = ChangeKind.CHANGED if ours.stray and theirs.stray else _one_sided(ours.stray)
        found.append(Change("stray-lines", kind, (), ours.stray or None, theirs.stray or None))
    if not _same_ends(ours.ends, theirs.ends):
        ends = _kinds_of(ours.ends), _kinds_of(theirs.ends)
        found.append(Change("line-ends", ChangeKind.CHANGED, (How.LINE_END,), *ends))
    if not found and _behind_the_line(ours) != _behind_the_line(theirs):
        found.append(Change("stray-lines", ChangeKind.REORDERED, (), ours.stray, theirs.stray))
    yield from found


def _behind_the_line(side: Side) -> bytes:
    raw = side.head.raw
    return raw[raw.find(b"\n") + 1 :]


def _one_sided(before: bytes) -> ChangeKind:
    return ChangeKind.REMOVED if before else ChangeKind.ADDED


def _same_ends(ours: bytes, theirs: bytes) -> bool:
    """Line ends are the same where both heads use the same kinds of them; which line has which counts only where
    both have as many lines."""
    kinds = _kinds_of(ours)
    one_kind = kinds in (b"\r\n", b"\n")
    return ours == theirs or (kinds == _kinds_of(theirs) and (one_kind or ours.count(b"\n") != theirs.count(b"\n")))


def _kinds_of(ends: bytes) -> bytes:
    """Which line ends there are: CRLF, LF, or both one after the other."""
    crlf = ends.count(b"\r\n")
    return (b"\r\n" if crlf else b"") + (b"\n" if ends.count(b"\n") > crlf else b"")


def _trailers(ours: Message, theirs: Message) -> Iterator[Change]:
    if ours.trailers or theirs.trailers:
        nowhere = _side(Head(b"", (), ()))
        lists = [[_trailer(one) for one in message.trailers] for message in (ours, theirs)]
        for change in named_changes(nowhere, nowhere, lists[0], lists[1], _TRAILERS):
            yield replace(change, before_offset=None, after_offset=None)


def _trailer(header: Header) -> Item:
    return Item(header.lower, header.name, header.name + b": " + header.value, header.value, 0, 0)


# Start lines ----------------------------------------------------------------------------------------------------------


def _request_line(ours: Side, theirs: Side) -> Iterator[Change]:
    if ours.line == theirs.line:
        return
    mine, other = request_line(ours.line), request_line(theirs.line)
    if mine is None or other is None:
        yield _plain_change("request-line", ours, theirs, 0, 0, ours.line, theirs.line, How.VALUE)
        return
    found = []
    if mine.method != other.method:
        how = How.CASE if mine.method.upper() == other.method.upper() else How.VALUE
        found.append(_plain_change("method", ours, theirs, 0, 0, mine.method, other.method, how))
    found += _target(ours, theirs, mine.target, other.target)
    if mine.version != other.version:
        ends = ours.line.rfind(mine.version), theirs.line.rfind(other.version)
        found.append(_plain_change("version", ours, theirs, *ends, mine.version, other.version, How.VALUE))
    spaces = [re.sub(re.escape(p.target), b"", line, count=1) for p, line in ((mine, ours.line), (other, theirs.line))]
    if not found or _spacing(spaces[0], mine.method, mine.version) != _spacing(spaces[1], other.method, other.version):
        found.append(_plain_change("request-line", ours, theirs, 0, 0, ours.line, theirs.line, How.BLANKS))
    yield from found


def _spacing(line: bytes, method: bytes, version: bytes) -> bytes:
    return line[len(method) :].replace(version, b"", 1)


def _status_line(ours: Side, theirs: Side) -> Iterator[Change]:
    if ours.line == theirs.line:
        return
    mine, other = status_line(ours.line), status_line(theirs.line)
    if mine is None or other is None:
        yield _plain_change("status-line", ours, theirs, 0, 0, ours.line, theirs.line, How.VALUE)
        return
    found = []
    for field, before, after in (
        ("version", mine.version, other.version),
        ("status", b"%d" % mine.status, b"%d" % other.status),
        ("reason", mine.reason, other.reason),
    ):
        if before != after:
            at, there = ours.line.find(before), theirs.line.find(after)
            found.append(_plain_change(field, ours, theirs, at, there, before, after, How.VALUE))
    if not found:
        found.append(_plain_change("status-line", ours, theirs, 0, 0, ours.line, theirs.line, How.BLANKS))
    yield from found


def _plain_change(
    field: str, ours: Side, theirs: Side, at: int, there: int, before: bytes | None, after: bytes | None, how: How
) -> Change:
    kind = ChangeKind.CHANGED
    if before is None or after is None:
        kind = ChangeKind.ADDED if before is None else ChangeKind.REMOVED
    mine = ours.located(at, at + len(before)) if before is not None else (None, ())
    other = theirs.located(there, there + len(after)) if after is not None else (None, ())
    return Change(field, kind, (how,), before, after, mine[0], other[0], mine[1], other[1])


def _target(ours: Side, theirs: Side, mine: bytes, other: bytes) -> Iterator[Change]:
    if mine == other:
        return
    at, there = ours.line.find(mine), theirs.line.find(other)
    (origin, path, query), (origin2, path2, query2) = _parts(mine), _parts(other)
    if origin != origin2:
        how = How.FORM if origin is None or origin2 is None else How.VALUE
        yield _plain_change("authority", ours, theirs, at, there, origin, origin2, how)
    at, there = at + len(origin or b""), there + len(origin2 or b"")
    if path != path2:
        how = How.ESCAPES if percent_decode(path) == percent_decode(path2) else How.VALUE
        how = How.FORM if {path, path2} == {b"", b"/"} else how
        yield _plain_change("path", ours, theirs, at, there, path, path2, how)
    if query != query2:
        yield from _query(ours, theirs, query, query2, at + len(path) + 1, there + len(path2) + 1)


def _parts(target: bytes) -> tuple[bytes | None, bytes, bytes | None]:
    """(scheme and authority, path, query), each as it stands."""
    found = _ABSOLUTE.match(target)
    origin, rest = (found[1], found[2]) if found is not None else (None, target)
    path, mark, query = rest.partition(b"?")
    return origin, path, query if mark else None


def _query(ours: Side, theirs: Side, mine: bytes | None, other: bytes | None, at: int, there: int) -> Iterator[Change]:
    pairs, pairs2 = _parameters(mine or b"", at), _parameters(other or b"", there)
    found = list(named_changes(ours, theirs, pairs, pairs2, _PARAMETERS))
    yield from found
    if not found:  # only empty pieces or the question mark differ
        yield _plain_change("query", ours, theirs, at, there, mine, other, How.FORM)


def _parameters(query: bytes, at: int) -> list[Item]:
    items = []
    for piece in query.split(b"&"):
        if piece:
            name, _, value = piece.partition(b"=")
            items.append(Item(query_decode(name), name, piece, value, at, at + len(piece)))
        at += len(piece) + 1
    return items


def _parameter_how(one: Item, other: Item) -> tuple[How, ...]:
    if query_decode(one.value) != query_decode(other.value):
        return (How.VALUE,)
    if (b"=" in one.raw) != (b"=" in other.raw):
        return (How.FORM,)
    return (How.ESCAPES,)


def _header_how(one: Item, other: Item) -> tuple[How, ...]:
    found = []
    if one.spelled != other.spelled:
        found.append(How.NAME_CASE)
    if one.value != other.value:
        found.append(_value_how(one.value, other.value))
    if not found or _around(one) != _around(other):
        found.append(How.BLANKS)
    return tuple(dict.fromkeys(found))


def _value_how(one: bytes, other: bytes) -> How:
    if b"\n" in one or b"\n" in other:
        if _BLANKS.sub(b" ", unfold(one)) == _BLANKS.sub(b" ", unfold(other)):
            return How.FOLDING
    elif _BLANKS.sub(b" ", one) == _BLANKS.sub(b" ", other):
        return How.BLANKS
    return How.CASE if one.lower() == other.lower() else How.VALUE


def _around(item: Item) -> bytes:
    """What stands between name and value, and behind the value."""
    at = item.raw.find(b":", len(item.spelled))
    rest = item.raw[at + 1 :] if at >= 0 else b""
    where = rest.find(item.value) if item.value else len(rest)
    return item.raw[len(item.spelled) : at + 1] + rest[:where] + b"|" + rest[where + len(item.value) :]


def _joined(one: Sequence[Item], other: Sequence[Item]) -> How | None:
    """Headers of one name that say the same in one line or in several (RFC 9110, section 5.3)."""
    if len(one) == len(other) or min(len(one), len(other)) != 1:
        return None
    same = _COMMA.sub(b",", b",".join(i.value for i in one)) == _COMMA.sub(b",", b",".join(i.value for i in other))
    return (How.JOINED if len(one) > len(other) else How.SPLIT) if same else None


_HEADERS = Names("header:", "header-order", _header_how, _joined)
_TRAILERS = Names("trailer:", "trailer-order", _header_how, _joined)
_PARAMETERS = Names("query:", "query-order", _parameter_how)


# Bodies ---------------------------------------------------------------------------------------------------------------


def _body(before: Body, after: Body) -> Iterable[Change]:
    if body_same(before, after) is not False:
        return ()
    how = (How.LENGTH,) if before.length != after.length else ()
    kind = ChangeKind.CHANGED if before.length and after.length else _one_sided(b"x" * min(before.length, 1))
    return (Change("body", kind, (*how, How.CONTENT)),)
