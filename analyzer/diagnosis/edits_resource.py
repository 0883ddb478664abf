"""Edits of the resource, of what only version 4 has, and of a form's policy."""

from __future__ import annotations

import re
import textwrap
import unicodedata
from base64 import b64decode, urlsafe_b64encode
from collections.abc import Callable, Iterator
from functools import partial
from urllib.parse import quote_from_bytes, unquote_to_bytes

from analyzer.diagnosis.drafts import Draft, coded_resource, plain_key, with_header, with_resource
from analyzer.diagnosis.edits import Edit, Generator, Setting
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
    names: list[tuple[str, bytes]] = [("no bucket in the resource", b"/")]
    if name:
        names.append(("bucket twice", b"/" + name + b"/" + name + b"/"))
        names.append(("bucket without leading slash", name + b"/"))
        if not setting.base.key:
            names.append(("bucket without trailing slash", b"/" + name))
        names.append(("bucket in lower case", own.lower()))
    names += [("bucket of another name in the request", b"/" + other + b"/") for other in setting.buckets]
    for told, prefix in names:
        if prefix != own:
            yield Edit(told, "wrong-bucket", "bucket", partial(_prefix, prefix))


#: (name, change of the plain key). Source: cause C11 of the signing reference.
_KEY_CHANGES: tuple[tuple[str, Callable[[bytes], bytes | None]], ...] = (
    ("key percent-encoded", lambda key: quote_from_bytes(key, "/").encode()),
    ("key percent-encoded with slashes", lambda key: quote_from_bytes(key, "").encode()),
    ("key encoded as by encodeURI", lambda key: quote_from_bytes(key, ";,/?:@&=+$-_.!~*'()#").encode()),
    ("key encoded as by encodeURIComponent", lambda key: quote_from_bytes(key, "-_.!~*'()").encode()),
    ("key percent-encoded with + for blanks", lambda key: quote_from_bytes(key, "/ ").replace(" ", "+").encode()),
    ("key percent-decoded once more", unquote_to_bytes),
    ("key with blanks for +", lambda key: key.replace(b"+", b" ")),
    ("key with + for blanks", lambda key: key.replace(b" ", b"+")),
    ("key composed (NFC)", lambda key: _normal("NFC", key)),
    ("key decomposed (NFD)", lambda key: _normal("NFD", key)),
    ("key without leading slash", lambda key: key.lstrip(b"/")),
    ("key with another leading slash", lambda key: b"/" + key),
    ("key with single slashes", lambda key: re.sub(rb"/{2,}", b"/", key)),
    ("key without trailing slash", lambda key: key.rstrip(b"/")),
    ("key with trailing slash", lambda key: key + b"/"),
    ("key with / for \\", lambda key: key.replace(b"\\", b"/")),
    ("key without outer blanks", bytes.strip),
    ("key as GBK", lambda key: _recoded(key, "utf-8", "gbk")),
    ("key as UTF-8 instead of GBK", lambda key: _recoded(key, "gbk", "utf-8")),
    ("key as UTF-8 read as ISO-8859-1", lambda key: _recoded(key, "latin-1", "utf-8")),
    ("key as ISO-8859-1", lambda key: _recoded(key, "utf-8", "latin-1")),
    ("key with ? for other characters", lambda key: _questioned(key)),
    ("no key", lambda key: b""),
)


def key_edits(setting: Setting) -> Iterator[Edit]:
    """C11: the key in other bytes, and as it stands on the wire."""
    for told, change in _KEY_CHANGES:
        yield Edit(told, "key-encoding", "key", partial(_key, change))
    if setting.inputs is not None and setting.inputs.raw_key:
        yield Edit("key as it stands in the URL", "key-encoding", "key", partial(_raw_key, setting.inputs.raw_key))
        lowered = re.sub(rb"%[0-9A-F]{2}", lambda m: m[0].lower(), setting.base.key)
        yield Edit("key with lower-case escapes", "key-encoding", "key", partial(_raw_key, lowered))
    if setting.base.family != "plain":
        slashes = setting.base.key.replace(b"%2F", b"/") if b"%2F" in setting.base.key else None
        other = slashes if slashes is not None else setting.base.key.replace(b"/", b"%2F")
        yield Edit("key with slashes coded the other way", "key-encoding", "key", partial(_raw_key, other))


def _normal(form: str, key: bytes) -> bytes | None:
    try:
        text = key.decode("utf-8")
    except UnicodeDecodeError:
        return None
    return (unicodedata.normalize("NFC", text) if form == "NFC" else unicodedata.normalize("NFD", text)).encode()


def _recoded(key: bytes, read: str, write: str) -> bytes | None:
    try:
        return key.decode(read).encode(write)
    except UnicodeError:
        return None


def _questioned(key: bytes) -> bytes | None:
    try:
        return key.decode("utf-8").encode("ascii", "replace")
    except UnicodeError:
        return None


# Version 4 -----------------------------------------------------------------------------------------------------------


def _listed(names: bytes, draft: Draft) -> Draft | None:
    return None if draft.listed == names else draft._replace(listed=names)


def _aws_layout(host: bytes, draft: Draft) -> Draft:
    """Host among the headers, and every signed name in the list."""
    with_host = with_header(draft, b"host", host)
    names = b";".join(line.partition(b":")[0] for line in with_host.headers)
    return with_host._replace(listed=names)


def _host_listed(host: bytes, draft: Draft) -> Draft:
    changed = with_header(draft, b"host", host)
    return changed._replace(listed=b";".join(sorted({*filter(None, draft.listed.split(b";")), b"host"})))


def _payload(value: bytes, draft: Draft) -> Draft | None:
    return None if draft.payload == value else draft._replace(payload=value)


def _piece(piece: str, value: object, draft: Draft) -> Draft | None:
    return None if getattr(draft, piece) == value else draft._replace(**{piece: value})  # type: ignore[arg-type]


EMPTY_SHA256 = b"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"


def v4_edits(setting: Setting) -> Iterator[Edit]:
    """C19 and C10: the AWS layout, the host, the payload hash, the list of names, the order of the query."""
    base = setting.base
    if base.family not in ("canonical", "listed"):
        return
    host = setting.inputs.host if setting.inputs is not None else None
    if host is not None:
        yield Edit("host as an additional header", "v4-algorithm", "listed", partial(_host_listed, host))
    if base.family == "listed":
        return
    if host is not None:
        yield Edit("AWS layout: host and all names listed", "v4-algorithm", "listed", partial(_aws_layout, host))
        yield Edit(
            "host signed, not listed", "v4-algorithm", "header host", partial(with_header, name=b"host", value=host)
        )
    all_names = b";".join(line.partition(b":")[0] for line in base.headers)
    yield Edit("all signed names listed", "v4-algorithm", "listed", partial(_listed, all_names))
    yield Edit("no names listed", "v4-algorithm", "listed", partial(_listed, b""))
    yield Edit(
        "listed names sorted", "v4-algorithm", "listed", partial(_listed, b";".join(sorted(base.listed.split(b";"))))
    )
    for told, value in (
        ("payload hash of the body", setting.body_sha256),
        ("payload hash of an empty body", EMPTY_SHA256),
        ("empty payload hash", b""),
        ("UNSIGNED-PAYLOAD", b"UNSIGNED-PAYLOAD"),
    ):
        if value is not None:
            yield Edit(told, "v4-algorithm", "payload", partial(_payload, value))
    yield Edit("canonical URI without bucket", "v4-algorithm", "bucket", partial(_prefix, b"/"))
    yield from _query_order(setting)
    for other in setting.hosts:
        yield Edit("another host signed", "host-changed", "header host", partial(_other_host, other))


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
    yield Edit("query in the order sent", "v4-algorithm", "query", partial(_piece, "query", as_sent))
    equals = tuple(pair if b"=" in pair else pair + b"=" for pair in own)
    yield Edit("query with = behind empty parameters", "v4-algorithm", "query", partial(_piece, "query", equals))


def _scope(index: int, value: bytes, draft: Draft) -> Draft | None:
    parts = draft.scope.split(b"/")
    if index >= len(parts) or parts[index] == value:
        return None
    parts[index] = value
    return draft._replace(scope=b"/".join(parts))


REGIONS = tuple(
    b"cn-hangzhou cn-shanghai cn-beijing cn-shenzhen cn-qingdao cn-zhangjiakou cn-huhehaote cn-chengdu cn-hongkong "
    b"ap-southeast-1 us-west-1 us-east-1 eu-central-1".split()
)


def scope_edits(setting: Setting) -> Iterator[Edit]:
    """C18: the lines of the string to sign around the hash."""
    base = setting.base
    if base.family != "canonical" or base.scope.count(b"/") != 3:
        return
    _, region, _, _ = base.scope.split(b"/")
    bare = region.removeprefix(b"oss-").removesuffix(b"-internal")
    regions = dict.fromkeys((bare, b"oss-" + bare, bare.removeprefix(b"cn-"), *REGIONS))
    for value in regions:
        yield Edit(f"region {value.decode('latin-1')}", "v4-scope", "scope", partial(_scope, 1, value))
    for product in (b"oss", b"s3", b"oss-cloudbox"):
        yield Edit(f"product {product.decode()}", "v4-scope", "scope", partial(_scope, 2, product))
    for terminator in (b"aliyun_v4_request", b"aws4_request"):
        yield Edit(f"terminator {terminator.decode()}", "v4-algorithm", "scope", partial(_scope, 3, terminator))
    yield Edit("date of the time stamp in the scope", "v4-scope", "scope", partial(_scope, 0, base.stamp[:8]))
    for algorithm in (b"OSS4-HMAC-SHA256", b"AWS4-HMAC-SHA256"):
        told = f"algorithm {algorithm.decode()}"
        yield Edit(told, "v4-algorithm", "algorithm", partial(_piece, "algorithm", algorithm))
    for name in (b"date", b"x-oss-date", b"x-amz-date"):
        sent = setting.sent(name)
        if sent is not None:
            yield Edit(
                f"{name.decode()} as sent in the time stamp", "date-header", "stamp", partial(_piece, "stamp", sent)
            )


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
    for told, text in (
        ("policy as JSON", document),
        ("policy wrapped at 76 characters", wrapped),
        ("policy wrapped, with a last line feed", wrapped + b"\n"),
        ("policy with a line feed behind", own + b"\n"),
        ("policy without line breaks", b"".join(own.split())),
        ("policy in URL-safe base64", urlsafe_b64encode(document)),
        ("policy percent-encoded", quote_from_bytes(own, "").encode()),
        ("policy percent-decoded", unquote_to_bytes(own)),
        ("policy encoded twice", urlsafe_b64encode(own)),
    ):
        yield Edit(told, "post-policy", "policy", partial(_piece, "policy", text))


def resource_layout_edits(setting: Setting) -> Iterator[Edit]:
    """A resource coded as another version codes it."""
    base = setting.base
    if base.family == "policy":
        return
    plain = unquote_to_bytes(base.prefix + base.key) if base.family != "plain" else base.prefix + base.key
    cut = len(unquote_to_bytes(base.prefix)) if base.family != "plain" else len(base.prefix)
    for family, told in (
        ("plain", "resource not encoded"),
        ("canonical", "resource encoded"),
        ("listed", "resource encoded with slashes"),
    ):
        if family == base.family:
            continue
        prefix, key = coded_resource(family, plain[:cut]), coded_resource(family, plain[cut:])
        yield Edit(told, "key-encoding", "key", partial(_both, prefix, key))


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
