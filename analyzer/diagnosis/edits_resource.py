"""Edits of the resource, of what only version 4 has, and of a form's policy."""

from __future__ import annotations

import re
import textwrap
import unicodedata
from base64 import b64decode, urlsafe_b64encode
from collections.abc import Callable, Iterator
from functools import partial
from urllib.parse import quote_from_bytes, unquote_to_bytes

from analyzer.diagnosis.causes.base import shown
from analyzer.diagnosis.drafts import Draft, coded_resource, plain_key, with_header, with_resource
from analyzer.diagnosis.edits import REGIONS, Edit, Generator, Setting, questioned, recoded, with_piece
from analyzer.model.findings import Change
from analyzer.model.notes import Kind, Note, note
from analyzer.oss.pieces import encode

__all__ = ["GENERATORS", "bucket_edits", "key_edits"]


def _prefix(prefix: bytes, draft: Draft) -> Draft | None:
    changed = with_resource(draft, prefix=prefix)
    return None if changed == draft else changed


def _key(change: Callable[[bytes], bytes | None], draft: Draft) -> Draft | None:
    plain = plain_key(draft)
    new = change(plain)
    return None if new is None or new == plain else with_resource(draft, key=new)


def _raw_key(raw: bytes, draft: Draft) -> Draft | None:
    return None if draft.key == raw else draft._replace(key=raw)


def bucket_edits(setting: Setting) -> Iterator[Edit]:
    """C9: another bucket, none, twice; with and without the slash behind it."""
    own = unquote_to_bytes(setting.base.prefix)
    name = own.strip(b"/")
    rows: list[tuple[str, Note, bytes]] = [("no bucket in the resource", note("change.bucket-left-out"), b"/")]
    if name:
        rows.append(("bucket twice", note("change.bucket-twice"), b"/" + name + b"/" + name + b"/"))
        rows.append(("bucket without leading slash", note("change.bucket-no-leading-slash"), name + b"/"))
        if not setting.base.key:
            rows.append(("bucket without trailing slash", note("change.bucket-no-trailing-slash"), b"/" + name))
        rows.append(("bucket in lower case", note("change.bucket-lower-case"), own.lower()))
    for other in setting.buckets:
        rows.append(("bucket of another name in the request", _other_bucket(other, name), b"/" + other + b"/"))
    for pattern, told, prefix in rows:
        if prefix != own:
            yield Edit(Change(pattern, told), "wrong-bucket", "bucket", partial(_prefix, prefix))


def _other_bucket(other: bytes, own: bytes) -> Note:
    bucket = shown(other, Kind.HOST if b"." in other else Kind.BUCKET)  # a host name taken for the bucket
    if not own:
        return note("change.bucket-alone", bucket=bucket)
    return note("change.bucket", bucket=bucket, own=shown(own, Kind.BUCKET))


#: (id, what the client did, change of the plain key). Source: cause C11 of the signing reference.
_KEY_CHANGES: tuple[tuple[str, Note, Callable[[bytes], bytes | None]], ...] = (
    ("key percent-encoded", note("change.key-percent-encoded"), lambda key: quote_from_bytes(key, "/").encode()),
    (
        "key percent-encoded with slashes",
        note("change.key-percent-encoded-slashes"),
        lambda key: quote_from_bytes(key, "").encode(),
    ),
    (
        "key encoded as by encodeURI",
        note("change.key-by-function", function="encodeURI"),
        lambda key: quote_from_bytes(key, ";,/?:@&=+$-_.!~*'()#").encode(),
    ),
    (
        "key encoded as by encodeURIComponent",
        note("change.key-by-function", function="encodeURIComponent"),
        lambda key: quote_from_bytes(key, "-_.!~*'()").encode(),
    ),
    (
        "key percent-encoded with + for blanks",
        note("change.key-percent-encoded-plus"),
        lambda key: quote_from_bytes(key, "/ ").replace(" ", "+").encode(),
    ),
    ("key percent-decoded once more", note("change.key-percent-decoded"), unquote_to_bytes),
    ("key with blanks for +", note("change.key-blank-for-plus"), lambda key: key.replace(b"+", b" ")),
    ("key with + for blanks", note("change.key-plus"), lambda key: key.replace(b" ", b"+")),
    ("key composed (NFC)", note("change.key-composed"), lambda key: _normal("NFC", key)),
    ("key decomposed (NFD)", note("change.key-decomposed"), lambda key: _normal("NFD", key)),
    ("key without leading slash", note("change.key-no-leading-slash"), lambda key: key.lstrip(b"/")),
    ("key with another leading slash", note("change.key-leading-slash"), lambda key: b"/" + key),
    ("key with single slashes", note("change.key-single-slashes"), lambda key: re.sub(rb"/{2,}", b"/", key)),
    ("key without trailing slash", note("change.key-no-trailing-slash"), lambda key: key.rstrip(b"/")),
    ("key with trailing slash", note("change.key-trailing-slash"), lambda key: key + b"/"),
    ("key with / for \\", note("change.key-backslashes"), lambda key: key.replace(b"\\", b"/")),
    ("key without outer blanks", note("change.key-no-outer-blanks"), bytes.strip),
    ("key as GBK", note("change.key-charset", charset="GBK", own="UTF-8"), lambda key: recoded(key, "utf-8", "gbk")),
    (
        "key as UTF-8 instead of GBK",
        note("change.key-charset", charset="UTF-8", own="GBK"),
        lambda key: recoded(key, "gbk", "utf-8"),
    ),
    (
        "key as UTF-8 read as ISO-8859-1",
        note("change.key-encoded-again"),
        lambda key: recoded(key, "latin-1", "utf-8"),
    ),
    (
        "key as ISO-8859-1",
        note("change.key-charset", charset="ISO-8859-1", own="UTF-8"),
        lambda key: recoded(key, "utf-8", "latin-1"),
    ),
    ("key with ? for other characters", note("change.key-question-marks"), questioned),
    ("no key", note("change.key-left-out"), lambda key: b""),
)


def key_edits(setting: Setting) -> Iterator[Edit]:
    """C11: the key in other bytes, and as it stands on the wire."""
    for pattern, told, change in _KEY_CHANGES:
        yield Edit(Change(pattern, told), "key-encoding", "key", partial(_key, change))
    for pattern, told, raw in _raw_keys(setting):
        yield Edit(Change(pattern, told), "key-encoding", "key", partial(_raw_key, raw))


def _raw_keys(setting: Setting) -> Iterator[tuple[str, Note, bytes]]:
    own = setting.base.key
    if setting.inputs is not None and setting.inputs.raw_key:
        yield "key as it stands in the URL", note("change.key-as-in-url"), setting.inputs.raw_key
        lowered = re.sub(rb"%[0-9A-F]{2}", lambda m: m[0].lower(), own)
        yield "key with lower-case escapes", note("change.key-lower-case-escapes"), lowered
    if setting.base.family != "plain":
        coded = b"%2F" in own
        told = note("change.key-slashes-plain") if coded else note("change.key-slashes-encoded")
        other = own.replace(b"%2F", b"/") if coded else own.replace(b"/", b"%2F")
        yield "key with slashes coded the other way", told, other
        told = note("change.key-plus-for-escapes")
        yield "key with + for %20", told, own.replace(b"%20", b"+")


def _normal(form: str, key: bytes) -> bytes | None:
    try:
        text = key.decode("utf-8")
    except UnicodeDecodeError:
        return None
    return (unicodedata.normalize("NFC", text) if form == "NFC" else unicodedata.normalize("NFD", text)).encode()


# Version 4 -----------------------------------------------------------------------------------------------------------


def _aws_layout(host: bytes, draft: Draft) -> Draft:
    """Host among the headers, and every signed name in the list."""
    with_host = with_header(draft, b"host", host)
    names = b";".join(line.partition(b":")[0] for line in with_host.headers)
    return with_host._replace(listed=names)


def _host_listed(host: bytes, draft: Draft) -> Draft:
    changed = with_header(draft, b"host", host)
    return changed._replace(listed=b";".join(sorted({*filter(None, draft.listed.split(b";")), b"host"})))


EMPTY_SHA256 = b"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"


def v4_edits(setting: Setting) -> Iterator[Edit]:
    """C19 and C10: the AWS layout, the host, the payload hash, the list of names, the order of the query."""
    base = setting.base
    if base.family not in ("canonical", "listed"):
        return
    host = setting.inputs.host if setting.inputs is not None else None
    if host is not None:
        change = Change("host as an additional header", note("change.host-listed"))
        yield Edit(change, "v4-algorithm", "listed", partial(_host_listed, host))
    if base.family == "listed":
        return
    if host is not None:
        change = Change("AWS layout: host and all names listed", note("change.aws-layout"))
        yield Edit(change, "v4-algorithm", "listed", partial(_aws_layout, host))
        change = Change("host signed, not listed", note("change.host-not-listed"))
        yield Edit(change, "v4-algorithm", "header host", partial(with_header, name=b"host", value=host))
    for pattern, told, piece, value in _pieces(setting):
        if value is not None:
            yield Edit(Change(pattern, told), "v4-algorithm", piece, partial(with_piece, piece, value))
    change = Change("canonical URI without bucket", note("change.uri-without-bucket"))
    yield Edit(change, "v4-algorithm", "bucket", partial(_prefix, b"/"))
    yield from _query_order(setting)
    for other in setting.hosts:
        change = Change("another host signed", _signed_host(other, host))
        yield Edit(change, "host-changed", "header host", partial(_other_host, other))


def _pieces(setting: Setting) -> tuple[tuple[str, Note, str, bytes | None], ...]:
    """(id, what the client did, piece, its value then) of the list of names and the payload hash."""
    base = setting.base
    all_names = b";".join(line.partition(b":")[0] for line in base.headers)
    return (
        ("all signed names listed", note("change.names-all"), "listed", all_names),
        ("no names listed", note("change.names-none"), "listed", b""),
        ("listed names sorted", note("change.names-sorted"), "listed", b";".join(sorted(base.listed.split(b";")))),
        ("payload hash of the body", note("change.payload-body"), "payload", setting.body_sha256),
        ("payload hash of an empty body", note("change.payload-empty-body"), "payload", EMPTY_SHA256),
        ("empty payload hash", note("change.payload-empty"), "payload", b""),
        ("UNSIGNED-PAYLOAD", note("change.payload-unsigned"), "payload", b"UNSIGNED-PAYLOAD"),
    )


def _signed_host(other: bytes, own: bytes | None) -> Note:
    host = shown(other, Kind.HOST)
    if not own:
        return note("change.host-alone", host=host)
    return note("change.host", host=host, own=shown(own, Kind.HOST))


def _other_host(host: bytes, draft: Draft) -> Draft | None:
    if not any(line.startswith(b"host:") for line in draft.headers):
        return None
    return with_header(draft, b"host", host)


def _query_order(setting: Setting) -> Iterator[Edit]:
    inputs, own = setting.inputs, setting.base.query
    if inputs is None or len(own) < 2:
        return
    order = {encode(pair.name): at for at, pair in reversed(list(enumerate(inputs.query)))}
    as_sent = tuple(sorted(own, key=lambda pair: order.get(pair.partition(b"=")[0], len(order))))
    change = Change("query in the order sent", note("change.parameters-as-sent"))
    yield Edit(change, "v4-algorithm", "query", partial(with_piece, "query", as_sent))
    equals = tuple(pair if b"=" in pair else pair + b"=" for pair in own)
    change = Change("query with = behind empty parameters", note("change.parameters-equals"))
    yield Edit(change, "query-encoding", "query", partial(with_piece, "query", equals))


def _scope(index: int, value: bytes, draft: Draft) -> Draft | None:
    parts = draft.scope.split(b"/")
    if index >= len(parts) or parts[index] == value:
        return None
    parts[index] = value
    return draft._replace(scope=b"/".join(parts))


def scope_edits(setting: Setting) -> Iterator[Edit]:
    """C18: the lines of the string to sign around the hash."""
    base = setting.base
    if base.family != "canonical" or base.scope.count(b"/") != 3:
        return
    date, region, product, terminator = (shown(part, Kind.PUBLIC, 64) for part in base.scope.split(b"/"))
    for value in _regions(base.scope.split(b"/")[1]):
        change = Change("region {region}", note("change.region", region=shown(value, Kind.PUBLIC, 64), own=region))
        yield Edit(change, "v4-scope", "scope", partial(_scope, 1, value))
    for word in ("oss", "s3", "oss-cloudbox"):
        change = Change("product {product}", note("change.product", product=word, own=product))
        yield Edit(change, "v4-scope", "scope", partial(_scope, 2, word.encode()))
    for word in ("aliyun_v4_request", "aws4_request"):
        change = Change("terminator {terminator}", note("change.terminator", terminator=word, own=terminator))
        yield Edit(change, "v4-algorithm", "scope", partial(_scope, 3, word.encode()))
    told = note("change.scope-date", date=shown(base.stamp[:8], Kind.PUBLIC), own=date)
    change = Change("date of the time stamp in the scope", told)
    yield Edit(change, "v4-scope", "scope", partial(_scope, 0, base.stamp[:8]))
    yield from _first_lines(setting)


def _regions(own: bytes) -> tuple[bytes, ...]:
    bare = own.removeprefix(b"oss-").removesuffix(b"-internal")
    return tuple(dict.fromkeys((bare, b"oss-" + bare, bare.removeprefix(b"cn-"), *REGIONS)))


def _first_lines(setting: Setting) -> Iterator[Edit]:
    """Algorithm and time stamp."""
    own = shown(setting.base.algorithm, Kind.PUBLIC, 64)
    for word in ("OSS4-HMAC-SHA256", "AWS4-HMAC-SHA256"):
        change = Change("algorithm {algorithm}", note("change.algorithm", algorithm=word, own=own))
        yield Edit(change, "v4-algorithm", "algorithm", partial(with_piece, "algorithm", word.encode()))
    for name in ("date", "x-oss-date", "x-amz-date"):
        sent = setting.sent(name.encode())
        if sent is not None:
            change = Change("{name} as sent in the time stamp", note("change.time-stamp", name=name))
            yield Edit(change, "date-header", "stamp", partial(with_piece, "stamp", sent))


def policy_edits(setting: Setting) -> Iterator[Edit]:
    """C25."""
    own = setting.base.policy
    if setting.base.family != "policy" or not own:
        return
    try:
        document = b64decode(own)
    except ValueError:
        document = own
    wrapped = "\n".join(textwrap.wrap(own.decode("latin-1"), 76)).encode()
    percent, no_percent = quote_from_bytes(own, "").encode(), unquote_to_bytes(own)
    for pattern, told, text in (
        ("policy as JSON", note("change.policy-json"), document),
        ("policy wrapped at 76 characters", note("change.policy-wrapped"), wrapped),
        ("policy wrapped, with a last line feed", note("change.policy-wrapped-line-feed"), wrapped + b"\n"),
        ("policy with a line feed behind", note("change.policy-line-feed"), own + b"\n"),
        ("policy without line breaks", note("change.policy-no-line-breaks"), b"".join(own.split())),
        ("policy in URL-safe base64", note("change.policy-url-safe"), urlsafe_b64encode(document)),
        ("policy percent-encoded", note("change.policy-percent-encoded"), percent),
        ("policy percent-decoded", note("change.policy-percent-decoded"), no_percent),
        ("policy encoded twice", note("change.policy-twice"), urlsafe_b64encode(own)),
    ):
        yield Edit(Change(pattern, told), "post-policy", "policy", partial(with_piece, "policy", text))


def resource_layout_edits(setting: Setting) -> Iterator[Edit]:
    """A resource coded as another version codes it."""
    base = setting.base
    if base.family == "policy":
        return
    plain = unquote_to_bytes(base.prefix + base.key) if base.family != "plain" else base.prefix + base.key
    cut = len(unquote_to_bytes(base.prefix)) if base.family != "plain" else len(base.prefix)
    for family, pattern, told in (
        ("plain", "resource not encoded", note("change.resource-not-encoded")),
        ("canonical", "resource encoded", note("change.resource-encoded")),
        ("listed", "resource encoded with slashes", note("change.resource-encoded-slashes")),
    ):
        if family == base.family:
            continue
        prefix, key = coded_resource(family, plain[:cut]), coded_resource(family, plain[cut:])
        yield Edit(Change(pattern, told), "key-encoding", "key", partial(_both, prefix, key))


def _both(prefix: bytes, key: bytes, draft: Draft) -> Draft | None:
    changed = draft._replace(prefix=prefix, key=key)
    return None if changed == draft else changed


GENERATORS: tuple[Generator, ...] = (
    bucket_edits,
    key_edits,
    v4_edits,
    scope_edits,
    policy_edits,
    resource_layout_edits,
)
