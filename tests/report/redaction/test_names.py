"""Names stay as long as they are names."""

from __future__ import annotations

import json
import re

import pytest

from analyzer.http.plain import exchange_from_bytes
from analyzer.report.redaction import REDACT, redact
from analyzer.report.redaction.documents import Documents
from analyzer.report.redaction.names import is_plain
from analyzer.report.redaction.texts import Texts
from analyzer.report.redaction.values import Values
from tests.report.redaction import cases

PLAIN = (
    b"X-Amzn-Trace-Id EagleEye-TraceId sec-ch-ua-platform X-B3-SpanId Ali-Swift-Global-Savetime x-oss-hash-crc64ecma "
    b"x-oss-meta-user_id_2 x-oss-meta-md5chksum CF-RAY x-acs-security-token X-Requested-With x-oss-meta-2024 "
    b"X-Request-ID Strict-Transport-Security x-oss-server-side-encryption-key-id HostId MaxAllowedSkewMilliseconds "
    b"x-amz-copy-source-server-side-encryption-customer-algorithm ClientComputedContentSHA256 oss:Error requestId "
    b"Access-Control-Allow-Credentials X-Content-Type-Options x-oss-ia-retrieve-flow-type WWW-Authenticate a "
    b"X-XSS-Protection x-ms-blob-type ArgumentName1 ETag NextPartNumberMarker P3P HashCrc64ecma HttpStatus httpstatus"
).split()
ROLLED = (
    b"LTAI5tJx2kPq9wZrYb3mNcVd STS.NUgYrLnoC37mZZCNnAbez CAIS8gF1q6Ft5B2yfSjIr5bBMtLSqLdVmPvnYHb6hEQ "
    b"qT+LcPMLrAyiFgyLs2PeWbiAAsE= 0badc0de0badc0de 13800138000 x-oss-meta-13800138000 Zq81xPlnv7RrWk qTLcPMLrAyiFgyLs "
    b"9e107d9d-372b-4f5c-a7a6-23c2d1f0e9aa X-3fK9q2 AKIAIOSFODNN7EXAMPLE xkcdbrnqzwt "
    b"eyJhbGciOiJIUzI1NiJ9 hunter2hunter2 MjIyMjNBNDXniYfnoIE"
).split()


@pytest.mark.parametrize("name", PLAIN, ids=bytes.decode)
def test_words(name: bytes) -> None:
    assert is_plain(name)


@pytest.mark.parametrize("name", [*ROLLED, b"", b"two words", "名".encode(), b"a" * 17, b"a-" * 40], ids=repr)
def test_what_is_none(name: bytes) -> None:
    assert not is_plain(name)


def document(body: bytes) -> bytes:
    return Documents(Texts(Values(REDACT))).error(body)


#: Error documents of which nothing is replaced.
KEPT = (
    b'<?xml version="1.0" encoding="UTF-8"?>\n<Error xmlns="http://doc.oss-cn-hangzhou.aliyuncs.com"><Code>AccessDenied</Code></Error>',
    b"<?xml version='1.0' encoding='utf-8' standalone='yes' ?><Error><Code/></Error>",
    b'<Error xmlns="http://s3.amazonaws.com/doc/2006-03-01/" ><Code/></Error >',
    b'{"Error":{"Code":"AccessDenied","HttpStatus":403,"Retry":false,"Wait":1.5,"After":null}}',
)


@pytest.mark.parametrize("body", KEPT)
def test_documents_as_everybody_writes_them(body: bytes) -> None:
    assert document(body) == body


def test_the_rest_of_a_prolog_and_of_a_tag() -> None:
    new = document(b'<?xml version="1.0" by="zhangwei"?><Error xmlns="http://corp.example/zhangwei" a=\'b\'/>')
    assert re.fullmatch(
        rb'<\?xml \w{7}="\d\.\d" \w\w="\w{8}"\?><Error xmlns="\w{4}://\w{4}\.\w{7}/\w{8}" \w=\'\w\'/>', new
    )
    assert b"zhangwei" not in new
    assert b"corp" not in new


def test_numbers_of_json() -> None:
    new = json.loads(document(b'{"Code":"AccessDenied","n":[13800138000,-13800138000,1234567.25,1e99],"HostId":1}'))
    numbers = new["n"]
    assert numbers[0] == -numbers[1] != 13800138000
    assert len(str(numbers[0])) == 11
    assert [type(one) for one in numbers] == [int, int, float, float]
    assert numbers[2] != 1234567.25
    assert new["HostId"] == 1


def test_signed_names_that_are_replaced_are_sorted_as_before() -> None:
    names = (b"x-oss-meta-zq81xplnv7rrwk", b"x-oss-meta-a1b2c3", b"x-oss-meta-owner", b"x-oss-meta-k9k9k9")
    headers = {b"Host": cases.HOST, **cases.DATE, **dict.fromkeys(names, b"v"), b"Authorization": cases.V1}
    asked = cases.http(b"PUT /k HTTP/1.1", headers)
    before = cases.report(exchange_from_bytes(asked, cases.answer(asked)))
    after = redact(before).report
    assert cases.outline(after.findings) == cases.outline(before.findings)
    assert after.findings[0].comparison.match is True
    signed = after.findings[0].signed
    assert signed.server_string is not None
    told = re.findall(rb"x-oss-meta-\w+", signed.server_string.data)
    assert told == sorted(told)
    assert set(told).intersection(names) == {b"x-oss-meta-owner"}
    assert cases.outline(cases.findings(signed.exchange)) == cases.outline(before.findings)


def test_additional_headers_are_called_as_they_are_called() -> None:
    name = b"x-zq81xplnv7rrwk"
    v4 = cases.V4.replace(b"=host,", b"=host;" + name + b",")
    stamp = {b"x-oss-date": b"20240102T030405Z", b"x-oss-content-sha256": b"UNSIGNED-PAYLOAD"}
    headers = {b"Host": cases.HOST, **stamp, name: b"v", b"Vary": b"Origin, " + name.upper(), b"Authorization": v4}
    asked = cases.http(b"PUT /k HTTP/1.1", headers)
    before = cases.report(exchange_from_bytes(asked, cases.answer(asked)))
    after = redact(before).report.findings[0]
    request = after.signed.exchange.request
    assert request is not None
    renamed = request.head.headers[3].name
    assert renamed.startswith(b"x-")
    assert renamed != name
    assert request.head.first(b"vary") == b"Origin, " + renamed.upper()
    assert b"=host;" + renamed + b"," in (request.head.first(b"authorization") or b"")
    assert after.comparison.match is True


def test_a_name_that_holds_the_bucket_goes_with_it() -> None:
    asked = cases.http(
        b"PUT /k HTTP/1.1",
        {b"Host": cases.HOST, **cases.DATE, b"x-oss-meta-secret-bucket": b"v", b"Authorization": cases.V1},
    )
    after = redact(cases.report(exchange_from_bytes(asked, cases.answer(asked)))).report.findings[0]
    request = after.signed.exchange.request
    assert request is not None
    assert b"secret-bucket" not in request.head.raw
    assert request.head.headers[2].name.startswith(b"x-oss-meta-")
    assert after.comparison.match is True
