"""Redaction takes as long as what it redacts is long: four times the document, not sixteen times the work."""

from __future__ import annotations

import gzip
from collections.abc import Callable
from time import process_time

import pytest

from analyzer.http.plain import exchange_from_bytes
from analyzer.oss.errors import MAX_ERROR_BYTES
from analyzer.report.redaction import REDACT
from analyzer.report.redaction.bodies import Bodies
from analyzer.report.redaction.documents import Documents
from analyzer.report.redaction.texts import Texts
from analyzer.report.redaction.values import Values
from tests.report.redaction import cases

SMALL = 48 << 10
#: Four times the size may take so many times the time: less than half of what is quadratic.
RATIO = 8

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


def seconds(body: bytes, redact: Callable[[bytes], object]) -> float:
    """The best of three."""
    best = float("inf")
    for _ in range(3):
        start = process_time()
        redact(body)
        best = min(best, process_time() - start)
    return best


@pytest.mark.parametrize(
    ("message", "behind"), [*((part, b"") for part in MESSAGES), *((b"", part) for part in BEHIND)]
)
def test_error_documents(message: bytes, behind: bytes) -> None:
    def document(size: int) -> bytes:
        return XML % (message * (size // max(len(message), 1)), behind * (size // max(len(behind), 1)))

    small, large = (seconds(document(size), redacted) for size in (SMALL, 4 * SMALL))
    assert large < RATIO * small + 0.02


def test_a_packed_answer_is_read_as_far_as_the_reader_reads_it() -> None:
    document = XML % (b"x " * MAX_ERROR_BYTES * 3, b"")
    head = b"HTTP/1.1 403 Forbidden\r\nContent-Encoding: gzip\r\n"
    packed = gzip.compress(document)
    asked = cases.http(b"GET /k HTTP/1.1", {b"Host": cases.HOST})
    response = exchange_from_bytes(asked, head + b"Content-Length: %d\r\n\r\n" % len(packed) + packed).response
    assert response is not None
    body = Bodies(Documents(Texts(Values(REDACT)))).replaced(response)
    assert len(gzip.decompress(body.data or b"")) == MAX_ERROR_BYTES
