"""Redaction takes as long as what it redacts is long.

No clock is asked: with the square of their length, these documents would take minutes each.
"""

from __future__ import annotations

import gzip

import pytest

from analyzer.http.plain import exchange_from_bytes
from analyzer.oss.errors import MAX_ERROR_BYTES
from analyzer.report.redaction import REDACT
from analyzer.report.redaction.bodies import Bodies
from analyzer.report.redaction.documents import Documents
from analyzer.report.redaction.texts import Texts
from analyzer.report.redaction.values import Values
from tests.report.redaction import cases

SIZE = 192 << 10

XML = b"<Error><Code>AccessDenied</Code><Message>%s</Message>%s</Error>"

#: Repeated in the message of an answer: labels, dashes, regions, addresses, endpoints, letters, escapes.
MESSAGES = b"a. - cn- 1.2.3. a.aliyuncs.com a.\xe5\x9b\xbe x &amp; %25".split(b" ")
#: Repeated behind it: what never ends, what something else ends, and what is in order.
BEHIND = (
    *(b"<StringToSign> <CanonicalRequest> <CanonicalRequest><StringToSign> <CanonicalRequest></StringToSign>".split()),
    *(b"<![CDATA[ <![CDATA[a]]> <a &lt;x %".split()),
    b"<" + b"a" * 70 + b" ",
    b"<StringToSign>PUT\n</StringToSign><StringToSignBytes>50 55</StringToSignBytes>",
)


def redacted(body: bytes) -> bytes:
    return Documents(Texts(Values(REDACT))).error(body)


@pytest.mark.parametrize(
    ("message", "behind"), [*((part, b"") for part in MESSAGES), *((b"", part) for part in BEHIND)]
)
def test_error_documents(message: bytes, behind: bytes) -> None:
    document = XML % (message * (SIZE // max(len(message), 1)), behind * (SIZE // max(len(behind), 1)))
    assert redacted(document).startswith(b"<Error><Code>AccessDenied</Code>")


def test_a_packed_answer_is_read_as_far_as_the_reader_reads_it() -> None:
    document = XML % (b"x " * MAX_ERROR_BYTES * 3, b"")
    head = b"HTTP/1.1 403 Forbidden\r\nContent-Encoding: gzip\r\n"
    packed = gzip.compress(document)
    asked = cases.http(b"GET /k HTTP/1.1", {b"Host": cases.HOST})
    response = exchange_from_bytes(asked, head + b"Content-Length: %d\r\n\r\n" % len(packed) + packed).response
    assert response is not None
    body = Bodies(Documents(Texts(Values(REDACT)))).replaced(response)
    assert len(gzip.decompress(body.data or b"")) == MAX_ERROR_BYTES
