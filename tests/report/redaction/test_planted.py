"""A secret planted anywhere in an exchange, in any spelling, is in no output."""

from __future__ import annotations

import base64
import re
from collections.abc import Callable
from dataclasses import replace
from urllib.parse import quote_from_bytes

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from analyzer.http.plain import exchange_from_bytes
from analyzer.model.notes import Kind
from analyzer.report.gate import Gate
from analyzer.report.redaction import KEEP_NAMES, REDACT, RedactionPolicy, redact
from analyzer.report.redaction.names import is_plain
from analyzer.report.redaction.vocabulary import PRODUCT_WORDS, SENTENCE_WORDS
from tests.report.redaction import cases
from tests.report.redaction.outputs import outputs

#: Long enough and odd enough to stand nowhere by chance, and no word of the server's own sentences.
SECRETS = st.text("abcdefghjkmnpqrstuvwxyzABCDEFGHJKMNPQRSTUVWXYZ23456789图片密码é", min_size=10, max_size=24).filter(
    lambda text: len(set(text)) > 6 and text.lower() not in SENTENCE_WORDS | PRODUCT_WORDS
)

SPELLINGS: dict[str, Callable[[bytes], bytes]] = {
    "plain": lambda raw: quote_from_bytes(raw, "").encode() if not raw.isascii() else raw,
    "percent": lambda raw: b"".join(b"%%%02X" % byte for byte in raw),
    "twice": lambda raw: b"".join(b"%%25%02x" % byte for byte in raw),
    "base64": lambda raw: quote_from_bytes(base64.b64encode(raw), "").encode(),
    "hex": lambda raw: raw.hex().encode(),
}

#: Where a value can stand; {} is the value, spelled so that it fits into a URL.
PLACES = (
    b"PUT /k?uploadId={} HTTP/1.1|",
    b"PUT /k?security-token={}&acl HTTP/1.1|",
    b"PUT /k?{}=1 HTTP/1.1|",
    b"PUT /k%3FOSSAccessKeyId%3D{}%26acl HTTP/1.1|",
    b"PUT /k%253Fsecurity-token%253D{} HTTP/1.1|",
    b"PUT /k&Signature={} HTTP/1.1|",
    b"PUT http://user:{}@" + cases.HOST + b"/k HTTP/1.1|",
    b"PUT /a/http://{}:x@far.example/k HTTP/1.1|",
    b"PUT /k HTTP/1.1|Cookie: sid={}; path=/",
    b"PUT /k HTTP/1.1|x-oss-meta-owner: {}",
    b"PUT /k HTTP/1.1|X-Unheard-Of: {}",
    b"PUT /k HTTP/1.1|Referer: https://intra.example/{}",
    b"PUT /k HTTP/1.1|Proxy-Authorization: Basic {}",
    b"PUT /k HTTP/1.1|User-Agent: tool/{}",
    b"PUT /k HTTP/1.1|x-oss-security-token: {}",
    b"PUT /k HTTP/1.1|X-Forwarded-Host: user:{}@far.example",
    b"PUT /k HTTP/1.1|Content-MD5: {}",
    b"PUT /k HTTP/1.1|Content-Type: {}",
    b"PUT /k HTTP/1.1|x-oss-date: {}",
    b"PUT /k HTTP/1.1|Via: 1.1 {} (squid)",
    b"PUT /k HTTP/1.1|{} is no header",
    b"PUT /k HTTP/1.1|Authorization OSS {}: x",
    b"PUT /k HTTP/1.1|Set-Cookie {}: x",
    b"PUT /k HTTP/1.1|X-Folded: a\r\n {}",
    b"{} /k HTTP/1.1|",
)
#: Where a name can stand.
NAME_PLACES = (
    b"PUT /k HTTP/1.1|{}: x",
    b"PUT /k HTTP/1.1|X-{}: x",
    b"PUT /k HTTP/1.1|x-oss-meta-{}: x",
    b"PUT /k HTTP/1.1|Content-Type: application/{}; charset=utf-8",
    b"PUT /k HTTP/1.1|Trailer: {}, Expires",
    b"PUT /k?x-oss-{}=1 HTTP/1.1|",
    b"PUT /k?x-oss-additional-headers=host%3B{} HTTP/1.1|",
)
#: Where the name of a bucket, a key or a host can stand.
KEPT_PLACES = (
    b"PUT /{}?acl HTTP/1.1|",
    b"PUT /a/{}.jpg HTTP/1.1|",
    b"PUT http://{}.example.com/k HTTP/1.1|",
    b"PUT /k HTTP/1.1|x-oss-copy-source: /{}/x",
)
#: Where a value can stand in an answer: what is replaced, and by what.
ANSWER_PLACES = (
    (b"HTTP/1.1 403 Forbidden", b"HTTP/1.1 403 {}"),
    (b"<EC>", b"<Secret>{}</Secret><EC>"),
    (b"</Message>", b" {}</Message>"),
    (b"<OSSAccessKeyId>", b"<OSSAccessKeyId>{}"),
    (b"x-oss-ec:", b"Set-Cookie: {}\r\nx-oss-ec:"),
    (b"</Error>", b"<Cut>{}"),
    (b"<EC>", b"<A b='{}'/><!-- {} --><?c {}?><![CDATA[{}]]><EC>"),
    (b"<EC>", b"<![CDATA[{}<EC>"),
    (b"<HostId>", b"<HostId>user:{}@"),
    (b"<Error>", b'<Error xmlns="http://far.example/{}">'),
    (b"<Error>", b'<Error xmlns:{}="http://doc.oss-cn-hangzhou.aliyuncs.com">'),
    (b'"UTF-8"', b'"UTF-8" t="{}"'),
    (b'"UTF-8"', b'"{}"'),
    (b"x-oss-ec:", b"Set-Cookie {}: a\r\nx-oss-ec:"),
)
#: Where a name can stand in one.
ANSWER_NAMES = (
    (b"<EC>", b"<{}>a</{}><EC>"),
    (b"<EC>", b"<a:{} b='c'><EC>"),
    (b"x-oss-ec:", b"{}: a\r\nx-oss-ec:"),
    (b"x-oss-ec:", b"Vary: Origin, {}\r\nx-oss-ec:"),
)
ANSWER_KEPT = ((b"<HostId>", b"<HostId>{}."),)
#: Where a value or a name can stand in an answer of JSON.
JSON_PLACES = (b'"Details":"{}"', b'"Details":{"a":[[{"b":"{}"}]]}', b'"Details":"\\ud800{}"')
JSON_NAMES = (b'"{}":1', b'"Details":{"{}":{"a":1}}', b'"\\udfff{}":"a"')

POLICIES = (REDACT, KEEP_NAMES)
Answered = tuple[bytes, bytes] | bytes | None


def places(policy: RedactionPolicy) -> tuple[bytes, ...]:
    return PLACES + NAME_PLACES + (() if policy.keep_names else KEPT_PLACES)


def answer_places(policy: RedactionPolicy) -> tuple[Answered, ...]:
    return (None, *ANSWER_PLACES, *ANSWER_NAMES, *JSON_PLACES, *JSON_NAMES, *(() if policy.keep_names else ANSWER_KEPT))


def answered_with(request: bytes, answered: Answered, value: bytes) -> bytes:
    """The answer to ``request``, with the value in its place."""
    answer = cases.answer(request)
    if isinstance(answered, tuple):
        answer = answer.replace(answered[0], answered[1].replace(b"{}", value), 1)
    elif answered is not None:
        head = answer.partition(b"\r\n\r\n")[0]
        members = b'"Code":"SignatureDoesNotMatch","StringToSign":"PUT",' + answered.replace(b"{}", value)
        answer = head + b"\r\n\r\n{" + members + b"}"
    length = len(answer.partition(b"\r\n\r\n")[2])
    return re.sub(rb"Content-Length: \d+", b"Content-Length: %d" % length, answer)


def look(secret: bytes, value: bytes, place: bytes, answered: Answered, policy: RedactionPolicy) -> None:
    """Plant ``secret``, spelled as ``value``, and look for it in everything."""
    line, _, header = place.replace(b"{}", value).partition(b"|")
    head = b"\r\n".join(filter(None, (line, b"Host: " + cases.HOST, header, b"Authorization: " + cases.V1)))
    request = head + b"\r\nDate: Tue, 02 Jan 2024 03:04:05 GMT\r\n\r\n"
    if exchange_from_bytes(request, None).request is None:
        return
    exchange = exchange_from_bytes(request, answered_with(request, answered, value))
    interim = exchange_from_bytes(request, b"HTTP/1.1 103 %s\r\n%s: a\r\n\r\n" % (value, value)).response
    if interim is not None and not is_plain(value) and not is_plain(secret):
        exchange = replace(exchange, interim=(interim,))
    gate = Gate({Kind.TOKEN: [secret, value]})
    made = outputs(redact(cases.report(exchange), policy))
    assert not [name for name, output in made.items() if gate.find(output) is not None]


@given(SECRETS, st.sampled_from(sorted(SPELLINGS)), st.sampled_from(POLICIES), st.data())
@settings(max_examples=60, deadline=None)
def test_no_planted_secret_leaks(secret: str, spelling: str, policy: RedactionPolicy, data: st.DataObject) -> None:
    place, answered = data.draw(st.sampled_from(places(policy))), data.draw(st.sampled_from(answer_places(policy)))
    raw = secret.encode()
    value = SPELLINGS[spelling](raw)
    if place in NAME_PLACES or answered in (*ANSWER_NAMES, *JSON_NAMES):
        assume(not is_plain(value) and not is_plain(raw))  # a password that is a word is a name like any other
    look(raw, value, place, answered, policy)


#: As ids, tokens and passwords look that nobody thought up.
ROLLED = (
    b"CAISTokenZq81xPlnv7RrWk92mmQd",
    b"qTLcPMLrAyiFgyLs",
    b"LTAI5tJx2kPq9wZr",
    b"0badc0de0badc0de",
    b"13800138000",
)


@pytest.mark.parametrize("policy", POLICIES, ids=["redact", "keep-names"])
@pytest.mark.parametrize("place", places(REDACT), ids=lambda place: place.decode())
def test_every_place_of_a_request(place: bytes, policy: RedactionPolicy) -> None:
    if place in places(policy):
        for secret in ROLLED[:2]:
            look(secret, secret, place, None, policy)


#: What the support desk needs stays where it looks like that.
SHAPED = (
    (b"x-oss-request-id: ", b"x-oss-request-id: {}"),
    (b"<EC>", b"<EC>{}"),
    (b"<EC>", b"<RecommendDoc>https://api.aliyun.com/troubleshoot?q={}</RecommendDoc><EC>"),
)


@pytest.mark.parametrize("secret", ROLLED[:3])
@pytest.mark.parametrize("answered", SHAPED, ids=str)
def test_what_has_not_the_shape_of_what_stays(answered: tuple[bytes, bytes], secret: bytes) -> None:
    look(secret, secret, b"PUT /k HTTP/1.1|", answered, REDACT)


@pytest.mark.parametrize("policy", POLICIES, ids=["redact", "keep-names"])
@pytest.mark.parametrize("answered", answer_places(REDACT), ids=str)
def test_every_place_of_an_answer(answered: Answered, policy: RedactionPolicy) -> None:
    if answered in answer_places(policy):
        for secret in ROLLED[:2]:
            look(secret, secret, b"PUT /k HTTP/1.1|", answered, policy)
