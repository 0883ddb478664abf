"""Error answers of every age: order of elements, damage, numbers, JSON, HEAD."""

from __future__ import annotations

from base64 import b64encode

import pytest

from analyzer.http.plain import exchange_from_bytes
from analyzer.model.signing import ServerError
from analyzer.oss.errors import read_error
from analyzer.oss.numbers import read_numbers

TEXT = b"GET\n\n\nWed, 11 May 2011 07:59:25 GMT\n/b/k"
HEX = TEXT.hex(" ").encode()


def read(body: bytes, headers: bytes = b"", method: bytes = b"GET", status: int = 403) -> ServerError | None:
    request = method + b" / HTTP/1.1\r\nHost: b\r\n\r\n"
    length = b"" if method == b"HEAD" else b"Content-Length: %d\r\n" % len(body)
    response = b"HTTP/1.1 %d No\r\n" % status + headers + length + b"\r\n" + body
    exchange = exchange_from_bytes(request, response)
    assert exchange.response is not None
    return read_error(exchange.request, exchange.response)


@pytest.mark.parametrize(
    ("numbers", "expected"),
    [
        (HEX, None),
        (HEX.upper() + b" ", None),
        (b"\n     " + HEX + b"\n ", None),
        (TEXT.hex().encode(), None),
        (b" ".join(b"%d" % (byte - 256 if byte > 127 else byte) for byte in TEXT), None),
    ],
)
def test_numbers_of_every_form(numbers: bytes, expected: bytes | None) -> None:
    assert read_numbers(numbers, expected) == (TEXT, True)


def test_two_digit_numbers_are_told_by_the_text() -> None:
    assert read_numbers(b"65 87 83 52 45", b"AWS4-") == (b"AWS4-", True)
    assert read_numbers(b"47 45 54", b"GET") == (b"GET", True)


def test_cut_and_unreadable_numbers() -> None:
    assert read_numbers(b"47 45 5", None) == (b"GE", False)
    assert read_numbers(b"47 45 [cut off]", None) == (b"GE", False)
    assert read_numbers(b"nothing", None) == (None, False)


@pytest.mark.parametrize(
    "body",
    [
        b"<Error><StringToSignBytes>" + HEX + b"</StringToSignBytes><Code>X</Code></Error>",
        b'<?xml version="1.0" ?>\n<Error>\n <Code>\n X\n </Code>\n<StringToSignBytes>\n ' + HEX
        + b"\n</StringToSignBytes>\n</Error>",
        b"\xef\xbb\xbf<Error><Message>\xff\x00</Message><StringToSignBytes>" + HEX
        + b"</StringToSignBytes><Code>X</Code></Error>",
        b"&lt;Error&gt;&lt;Code&gt;X&lt;/Code&gt;&lt;StringToSignBytes&gt;" + HEX
        + b"&lt;/StringToSignBytes&gt;&lt;/Error&gt;",
        b'{"Error":{"Code":"X","StringToSignBytes":"' + HEX + b'"}}',
    ],
)  # fmt: skip
def test_every_form(body: bytes) -> None:
    error = read(body)
    assert error is not None
    assert (error.code, error.string_to_sign_bytes) == (b"X", TEXT)
    assert error.signed_text == TEXT


def test_carriage_returns_and_entities_survive() -> None:
    error = read(b"<Error><StringToSign>a\r\n&amp;amp;&lt;&#x4e2d;&#13;</StringToSign></Error>")
    assert error is not None
    assert error.string_to_sign == b"a\r\n&amp;<\xe4\xb8\xad\r"


def test_cut_document_keeps_what_is_there() -> None:
    error = read(b"<Error>\n<Code>SignatureDoesNotMatch</Code>\n<StringToSignBytes>47 45 5")
    assert error is not None
    assert error.cut
    assert (error.code, error.string_to_sign_bytes) == (b"SignatureDoesNotMatch", b"GE")
    assert {"oss.error-cut", "oss.error-bytes-damaged"} <= {n.key for n in error.notes}


def test_names_of_s3_and_other_elements() -> None:
    body = (
        b"<Error><Code>X</Code><AWSAccessKeyId>AK</AWSAccessKeyId><CanonicalRequest>GET\n/</CanonicalRequest>"
        b"<CanonicalRequestBytes>47</CanonicalRequestBytes><ServerTime>now</ServerTime></Error>"
    )
    error = read(body)
    assert error is not None
    assert (error.access_key_id, error.canonical_request, error.canonical_request_bytes) == (b"AK", b"GET\n/", b"G")
    assert error.elements == ((b"AWSAccessKeyId", b"AK"), (b"ServerTime", b"now"))


def test_head_answers() -> None:
    document = b"<Error><Code>X</Code><StringToSignBytes>" + HEX + b"</StringToSignBytes></Error>"
    packed = read(b"", b"x-oss-err: " + b64encode(document) + b"\r\nx-oss-ec: 0002-00000040\r\n", b"HEAD")
    assert packed is not None
    assert (packed.form, packed.code, packed.ec) == ("header", b"X", b"0002-00000040")
    only_ec = read(b"", b"x-oss-ec: 0002-00000201\r\nx-oss-request-id: R\r\n", b"HEAD")
    assert only_ec is not None
    assert (only_ec.form, only_ec.ec, only_ec.request_id) == ("none", b"0002-00000201", b"R")
    nothing = read(b"", b"", b"HEAD")
    assert nothing is not None
    assert (nothing.form, nothing.code, nothing.ec) == ("none", None, None)


def test_success_is_no_error() -> None:
    assert read(b"<Error><Code>X</Code></Error>", status=200) is None


@pytest.mark.parametrize(
    ("end", "kept", "unfinished"),
    [
        (b"<Code>Signature", (None, None, None), None),
        (b"<Code>S</Code><SignatureProvided>AA", (b"S", None, None), None),
        (b"<Code>S</Code><StringToSign>GET\n&am", (b"S", b"GET\n", None), b"StringToSign"),
        (b"<Code>S</Code><StringToSign>GET</StringToSign><StringToSignBytes>47 4", (b"S", b"GET", b"GET"), None),
        (b"<Code>S</Code><StringToSign>GET</StringTo", (b"S", b"GET", b"GET"), None),
        (b"<Code>S</Code><StringToSignBytes>47 45", (b"S", b"GE", None), b"StringToSignBytes"),
    ],
)
def test_a_value_that_goes_on_behind_the_end(
    end: bytes, kept: tuple[bytes | None, bytes | None, bytes | None], unfinished: bytes | None
) -> None:
    error = read(b"<Error>" + end)
    assert error is not None
    assert (error.code, error.signed_text, error.whole_text) == kept
    assert error.signature_provided is None
    assert error.unfinished == unfinished
