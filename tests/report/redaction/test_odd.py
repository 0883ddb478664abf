"""Requests and answers that nobody should send: their report is written, and holds nothing that had to go."""

from __future__ import annotations

import gzip
import re
from base64 import b64encode

import pytest

from analyzer.http.plain import exchange_from_bytes
from analyzer.model.notes import Kind
from analyzer.report.gate import Gate
from analyzer.report.redaction import KEEP_NAMES, REDACT, RedactedReport, RedactionPolicy, redact
from tests.report.redaction import cases
from tests.report.redaction.outputs import of_exchange, outputs

SECRET = b"Zq81xPlnv7RrWk"
ASKED = cases.requests()["v1-header"][0]
JSON = b'{"Code":"SignatureDoesNotMatch","RequestId":"65F0A1B2C3D4E5F607182930","StringToSign":"PUT","Secret":%s}'

POLICIES = pytest.mark.parametrize("policy", [REDACT, KEEP_NAMES], ids=["redact", "keep-names"])


def answer(body: bytes, **headers: bytes) -> bytes:
    """A 403 with this body; ``Content_Length`` is another header of that name before the right one."""
    lines = {name.replace("_", "-").encode(): value for name, value in headers.items()}
    head = cases.http(b"HTTP/1.1 403 Forbidden", {**lines, b"x-oss-request-id": b"65F0A1B2C3D4E5F607182930"})
    return head[:-2] + (b"" if "Content_Length" in headers else b"Content-Length: %d\r\n" % len(body)) + b"\r\n" + body


def nested(before: bytes, after: bytes, depth: int) -> bytes:
    return JSON % (before * depth + b'"%s"' % SECRET + after * depth)


PACKED = gzip.compress(b"<Error><Code>SignatureDoesNotMatch</Code><Secret>%s</Secret></Error>" % SECRET)

ANSWERS = {
    "lists in lists": answer(nested(b"[", b"]", 20)),
    "lists in lists, deep": answer(nested(b"[", b"]", 700)),
    "objects in objects, deep": answer(nested(b'{"a":', b"}", 450)),
    "halves of characters": answer(JSON % b'{"\\ud800":"\\udfff%s","\xff":"\\ud800\xff"}' % SECRET),
    "a length of 5,000 digits": answer(
        PACKED, Content_Encoding=b"gzip", Content_Length=b"0" * 5000 + b"%d" % len(PACKED)
    ),
}


@POLICIES
@pytest.mark.parametrize("name", ANSWERS)
def test_answers(name: str, policy: RedactionPolicy) -> None:
    redacted, made = of_exchange(ASKED, ANSWERS[name], policy)
    gate = Gate({Kind.TOKEN: [SECRET]})
    assert not [file for file, data in made.items() if gate.find(data) is not None]
    error = redacted.report.findings[0].signed.error
    assert error is not None
    assert error.code == b"SignatureDoesNotMatch"


SCHEME = b"OSS4-HMAC-SHA256 "
AUTHORIZATIONS = (
    SCHEME + b"LTAI5tPlantedKeyId0042:" + SECRET,
    SCHEME + SECRET,
    SCHEME + b"a=b a=b a=b",
    SCHEME + b"Credential=LTAI5tPlantedKeyId0042",
    SCHEME + b"Credential=LTAI5tPlantedKeyId0042/20240102,Signature=" + SECRET,
    SCHEME + b"Credential=LTAI5tPlantedKeyId0042/2024-01-02/cn-hangzhou/oss/aliyun_v4_request,Signature=" + SECRET,
    SCHEME + b"Credential=LTAI5tPlantedKeyId0042/20240102/" + SECRET + b"/oss/aliyun_v4_request,Signature=ab",
    SCHEME + b"Credential=LTAI5tPlantedKeyId0042/20240102/cn-hangzhou/" + SECRET + b"/aliyun_v4_request,Signature=ab",
    SCHEME + b"Credential=LTAI5tPlantedKeyId0042//cn-hangzhou/oss/aliyun_v4_request,Signature=ab",
    SCHEME
    + b"Credential="
    + SECRET
    + b"/LTAI5tPlantedKeyId0042/20240102/cn-hangzhou/oss/aliyun_v4_request,Signature=ab",
)


def of_authorization(value: bytes, policy: RedactionPolicy) -> RedactedReport:
    headers = {b"Host": cases.HOST, b"x-oss-date": b"20240102T030405Z", b"x-oss-content-sha256": b"UNSIGNED-PAYLOAD"}
    asked = cases.http(b"GET /some/key.txt HTTP/1.1", {**headers, b"Authorization": value})
    before = cases.report(exchange_from_bytes(asked, cases.answer(asked)))
    redacted = redact(before, policy)
    assert cases.outline(redacted.report.findings) == cases.outline(before.findings)
    return redacted


@POLICIES
@pytest.mark.parametrize("value", AUTHORIZATIONS)
def test_authorizations(value: bytes, policy: RedactionPolicy) -> None:
    redacted = of_authorization(value, policy)
    gate = Gate({Kind.TOKEN: [SECRET, b"PlantedKeyId0042"]})
    assert not [file for file, data in outputs(redacted).items() if gate.find(data) is not None]
    again = cases.findings(redacted.report.findings[0].signed.exchange)
    assert cases.outline(again) == cases.outline(redacted.report.findings)


def test_a_scope_stays_what_it_is() -> None:
    signed = of_authorization(AUTHORIZATIONS[5], REDACT).report.findings[0].signed
    assert signed.server_string is not None
    assert b"\n2024-01-02/cn-hangzhou/oss/aliyun_v4_request\n" in signed.server_string.data
    signed = of_authorization(AUTHORIZATIONS[6], REDACT).report.findings[0].signed
    assert signed.server_string is not None
    assert re.search(rb"\n20240102/(?!Zq81)\w{14}/oss/aliyun_v4_request\n", signed.server_string.data)


@POLICIES
def test_the_beginning_of_a_policy(policy: RedactionPolicy) -> None:
    """Notes show no more than that of it; here it holds nothing that is replaced."""
    text = b'{"expiration":"2024-01-02T03:04:05.000Z","conditions":[' + b'["eq","$content-type","image/png"],' * 9
    body = b"<Error><Code>SignatureDoesNotMatch</Code><StringToSign>%s</StringToSign></Error>"
    _, made = of_exchange(ASKED, answer(body % b64encode(text + b'{"secret":"%s"}]}' % SECRET)), policy)
    gate = Gate({Kind.TOKEN: [SECRET]})
    assert not [file for file, data in made.items() if gate.find(data) is not None]
