"""Edits of the query: parameters dropped, added, or in other bytes; the list of each SDK."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from urllib.parse import quote_from_bytes, unquote_to_bytes

from analyzer.diagnosis.causes.base import shown
from analyzer.diagnosis.drafts import Draft
from analyzer.diagnosis.edits import MAX_LINES, Edit, Setting, with_part, with_piece
from analyzer.model.findings import Change, shown_name
from analyzer.model.notes import Kind, Note, Wire, note
from analyzer.oss import subresources
from analyzer.oss.pieces import encode

__all__ = ["SDKS", "query_edits"]


def _add_pair(pair: bytes, draft: Draft) -> Draft | None:
    return None if pair in draft.query else draft._replace(query=tuple(sorted((*draft.query, pair))))


def query_edits(setting: Setting) -> Iterator[Edit]:
    """C7, C8 and D9: each parameter dropped or in another form, all of them, the list of each SDK."""
    own = setting.base.query
    for pair in own[:MAX_LINES]:
        raw, equals, value = pair.partition(b"=")
        name, slot = shown(raw, Kind.PARAMETER, 64), f"query {shown_name(raw)}"
        change = Change("drop query {name}", note("change.parameter-left-out", name=name))
        cause = _query_cause(setting, raw)
        yield Edit(change, cause, slot, partial(with_part, "query", pair, None))
        if not equals:
            change = Change("query {name} with =", note("change.parameter-equals", name=name))
            yield Edit(change, "query-encoding", slot, partial(with_part, "query", pair, pair + b"="))
            continue
        change = Change("query {name} without value", note("change.parameter-without-value", name=name))
        yield Edit(change, cause if value else "query-encoding", slot, partial(with_part, "query", pair, raw))
        for pattern, told, changed in _other_values(name, value):
            if changed != value:
                put = partial(with_part, "query", pair, raw + b"=" + changed)
                yield Edit(Change(pattern, told), "query-encoding", slot, put)
    if own:
        change = Change("no query", note("change.parameters-left-out"))
        yield Edit(change, _query_cause(setting), "query", partial(with_piece, "query", ()))
    yield from _list_edits(setting)
    yield from _added_parameters(setting)


def _query_cause(setting: Setting, name: bytes = b"") -> str:
    """Why a parameter is not in the client's text: it is not on the client's list, or was put on the URL later."""
    if name in (b"security-token", b"x-oss-security-token", b"X-Amz-Security-Token"):
        return "security-token"
    in_query = setting.inputs is not None and setting.inputs.variant.in_query
    return "subresource-list" if setting.base.family in ("plain", "raw") and not in_query else "parameter-after-signing"


def _other_values(name: Wire, value: bytes) -> Iterator[tuple[str, Note, bytes]]:
    """(pattern, what the client did, the value then)."""
    plain, plus = value.replace(b"%20", b"+").replace(b" ", b"+"), value.replace(b"%20", b"%2B")
    blanks = value.replace(b"+", b"%20").replace(b"%2B", b"%20")
    told = note("change.parameter-percent-encoded", name=name)
    yield "query {name} percent-encoded", told, quote_from_bytes(value, "").encode()
    told = note("change.parameter-percent-encoded-slashes-kept", name=name)
    yield "query {name} percent-encoded, slashes kept", told, quote_from_bytes(value, "/").encode()
    yield "query {name} percent-decoded", note("change.parameter-percent-decoded", name=name), unquote_to_bytes(value)
    yield "query {name} with + for blanks", note("change.parameter-plus", name=name), plain
    yield "query {name} with %20 for +", note("change.parameter-blank-for-plus", name=name), blanks
    yield "query {name} with %2B for blanks", note("change.parameter-escaped-plus", name=name), plus


#: Source of a list → the SDK as its package or repository is called.
SDKS = {
    "oss2-py": "oss2",
    "py-v2": "alibabacloud-oss-v2",
    "go-v1": "aliyun-oss-go-sdk",
    "go-v2": "alibabacloud-oss-go-sdk-v2",
    "java-v1": "aliyun-oss-java-sdk",
    "java-v2": "alibabacloud-oss-java-sdk-v2",
    "php-v1": "aliyun-oss-php-sdk",
    "php-v2": "alibabacloud-oss-php-sdk-v2",
    "c": "aliyun-oss-c-sdk",
    "cpp": "aliyun-oss-cpp-sdk",
    "net-v1": "aliyun-oss-csharp-sdk",
    "net-v2": "alibabacloud-oss-csharp-sdk-v2",
    "swift-v2": "alibabacloud-oss-swift-sdk-v2",
    "android": "aliyun-oss-android-sdk",
    "ios": "aliyun-oss-ios-sdk",
    "reqsign-rs": "reqsign",
}


def _of_list(source: str) -> Note:
    """What a client did that signs by the list of ``source``."""
    if source not in SDKS:
        return note("change.parameters-of-documentation")
    return note("change.parameters-of-sdk", sdk=SDKS[source])


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
            change = Change(f"sub-resources of {source}", _of_list(source))
            yield Edit(change, "subresource-list", "query", partial(with_piece, "query", kept))
    change = Change("sub-resources unsorted", note("change.parameters-unsorted"))
    yield Edit(change, "query-encoding", "query", partial(with_piece, "query", own[::-1]))


def _added_parameters(setting: Setting) -> Iterator[Edit]:
    """Parameters of the wire that the rebuilt text leaves out."""
    if setting.inputs is None or setting.base.family == "policy":
        return
    decoded = setting.base.family in ("plain", "raw")
    signed = {pair.partition(b"=")[0] for pair in setting.base.query}
    for pair in setting.inputs.query[:MAX_LINES]:
        name = pair.name if decoded else encode(pair.name)
        if (
            name in signed
            or pair.name in subresources.AUTHENTICATION
            or pair.name.endswith((b"-signature", b"-Signature"))
        ):
            continue
        value = pair.value if decoded else encode(pair.value)
        text = name + b"=" + value if value else name
        change = Change("sign query {name}", note("change.parameter-added", name=shown(pair.name, Kind.PARAMETER, 64)))
        yield Edit(change, "subresource-list", f"query {shown_name(pair.name)}", partial(_add_pair, text))
