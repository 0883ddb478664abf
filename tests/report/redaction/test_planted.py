"""A secret planted anywhere in an exchange, in any spelling, is in no output."""

from __future__ import annotations

import base64
import re
from collections.abc import Callable
from urllib.parse import quote_from_bytes

from hypothesis import given, settings
from hypothesis import strategies as st

from analyzer.http.plain import exchange_from_bytes
from analyzer.model.notes import Kind
from analyzer.report.bundle import redacted_capture
from analyzer.report.gate import Gate
from analyzer.report.html import render_html
from analyzer.report.json_ import render_json
from analyzer.report.markdown import render_markdown
from analyzer.report.messages import Catalogue
from analyzer.report.redaction import redact, redacted_view
from analyzer.report.redaction.redact import every_bytes
from analyzer.report.redaction.vocabulary import PRODUCT_WORDS, SENTENCE_WORDS
from analyzer.report.text import render_text
from tests.report.redaction import cases

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
    b"PUT /{}?acl HTTP/1.1|",
    b"PUT /a/{}.jpg HTTP/1.1|",
    b"PUT /k?uploadId={} HTTP/1.1|",
    b"PUT /k?security-token={}&acl HTTP/1.1|",
    b"PUT /k?{}=1 HTTP/1.1|",
    b"PUT http://{}.example.com/k HTTP/1.1|",
    b"PUT /k HTTP/1.1|Cookie: sid={}; path=/",
    b"PUT /k HTTP/1.1|x-oss-meta-owner: {}",
    b"PUT /k HTTP/1.1|X-Unheard-Of: {}",
    b"PUT /k HTTP/1.1|Referer: https://intra.example/{}",
    b"PUT /k HTTP/1.1|Proxy-Authorization: Basic {}",
    b"PUT /k HTTP/1.1|User-Agent: tool/{}",
    b"PUT /k HTTP/1.1|x-oss-security-token: {}",
    b"PUT /k HTTP/1.1|x-oss-copy-source: /{}/x",
    b"PUT /k HTTP/1.1|Content-MD5: {}",
    b"PUT /k HTTP/1.1|Content-Type: {}",
    b"PUT /k HTTP/1.1|x-oss-date: {}",
    b"PUT /k HTTP/1.1|Via: 1.1 {} (squid)",
    b"PUT /k HTTP/1.1|{} is no header",
    b"PUT /k HTTP/1.1|X-Folded: a\r\n {}",
    b"{} /k HTTP/1.1|",
)
#: Where a value can stand in an answer.
ANSWER_PLACES = (
    (b"HTTP/1.1 403 Forbidden", b"HTTP/1.1 403 {}"),
    (b"<EC>", b"<Secret>{}</Secret><EC>"),
    (b"</Message>", b" {}</Message>"),
    (b"<HostId>", b"<HostId>{}."),
    (b"<OSSAccessKeyId>", b"<OSSAccessKeyId>{}"),
    (b"x-oss-ec:", b"Set-Cookie: {}\r\nx-oss-ec:"),
    (b"</Error>", b"<Cut>{}"),
)


@given(SECRETS, st.sampled_from(sorted(SPELLINGS)), st.sampled_from(PLACES), st.sampled_from((None, *ANSWER_PLACES)))
@settings(max_examples=40, deadline=None)
def test_no_planted_secret_leaks(
    secret: str, spelling: str, place: bytes, answered: tuple[bytes, bytes] | None
) -> None:
    raw = secret.encode()
    value = SPELLINGS[spelling](raw)
    line, _, header = place.replace(b"{}", value).partition(b"|")
    head = b"\r\n".join(filter(None, (line, b"Host: " + cases.HOST, header, b"Authorization: " + cases.V1)))
    request = head + b"\r\nDate: Tue, 02 Jan 2024 03:04:05 GMT\r\n\r\n"
    if exchange_from_bytes(request, None).request is None:
        return
    answer = cases.answer(request)
    if answered is not None:
        answer = answer.replace(answered[0], answered[1].replace(b"{}", value), 1)
        length = len(answer.partition(b"\r\n\r\n")[2])
        answer = re.sub(rb"Content-Length: \d+", b"Content-Length: %d" % length, answer)
    redacted = redact(cases.report(exchange_from_bytes(request, answer)))
    gate = Gate({Kind.TOKEN: [raw, value]})
    view = redacted_view(redacted)
    english, chinese = Catalogue("en"), Catalogue("zh")
    texts = render_json(view, english, "0"), render_html(view, english, "0"), render_markdown(view, chinese, "0")
    outputs = [text.encode("utf-8", "backslashreplace") for text in (*texts, render_text(view, chinese))]
    for output in (*outputs, redacted_capture(redacted), b"\n".join(every_bytes(redacted.report))):
        assert gate.find(output) is None
        redacted.gate.check(output, "report")
