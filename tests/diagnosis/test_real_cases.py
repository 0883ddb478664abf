"""Failures as real users pasted them. The collection is optional material beside the project; without it the cases
are skipped. What a paste leaves out (whole requests, secrets) is left out here too."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from analyzer.diagnosis import explain_error
from analyzer.http.plain import exchange_from_bytes
from analyzer.model.findings import Finding
from analyzer.model.signing import ServerError
from analyzer.oss import read
from analyzer.oss.errors import read_document
from tests.diagnosis.exchanges import KEY_ID, explained, sign

COLLECTION = Path(__file__).parents[2].parent / "shared" / "real_cases.json"

#: Cases of which nothing but prose is left: what they describe stands in the golden folders.
PROSE_ONLY = {"oss-browser-41": "wrong-secret", "carrierwave-12": "plus-in-signature", "ali-oss-485": "method-mismatch"}


@pytest.fixture(scope="module")
def cases() -> dict[str, Any]:
    if not COLLECTION.exists():
        pytest.skip("the collection of real failures is not beside the project")
    return {case["id"]: case for case in json.loads(COLLECTION.read_text("utf-8"))}


def request_of(case: dict[str, Any]) -> bytes | None:
    """The request as far as the paste tells; signed header forms get the signature that the answer echoes."""
    told = case["request"]
    if told is None or not told.get("host"):
        return None
    answer = (case["response_xml"] or "").encode()
    echoed = re.search(rb"<SignatureProvided>\s*([^<]*?)\s*<", answer)
    key_id = re.search(rb"<(?:OSS|AWS)AccessKeyId>\s*([^<]*?)\s*<", answer)
    signature = echoed[1] if echoed else sign(b"?")
    target = told["path"] + ("?" + told["query"] if told.get("query") else "")
    lines = [f"{told['method']} {target} HTTP/1.1", f"Host: {told['host']}"]
    lines += [f"{name}: {value.partition(' (')[0]}" for name, value in (told["headers"] or {}).items()]
    head = "\r\n".join(lines).encode()
    if case["variant"].endswith("-header"):
        scheme = b"AWS " if case["variant"].startswith("S3") else b"OSS "
        head += b"\r\nAuthorization: " + scheme + (key_id[1] if key_id else KEY_ID) + b":" + signature
    return head + b"\r\n\r\n"


def finding_of(case: dict[str, Any]) -> Finding | None:
    answer = (case["response_xml"] or "").encode()
    request = request_of(case)
    if request is not None and case["answer_kind"].startswith("xml"):
        response = b"HTTP/1.1 403 Forbidden\r\nContent-Length: %d\r\n\r\n" % len(answer) + answer
        found = explained(read(exchange_from_bytes(request, response)))
        return found[0] if found else None
    return explain_error(error_of(case, answer))


def error_of(case: dict[str, Any], answer: bytes) -> ServerError:
    base = ServerError(403, "none")
    if case["answer_kind"] == "text":
        fields = dict(re.findall(rb"^(?:\(.*?\) )?([A-Za-z ]+): (.*?)\.?\s*$", answer, re.MULTILINE))
        return ServerError(400, "none", fields[b"Error Code"], fields[b"Message"], ec=fields[b"EC"])
    return read_document(answer, base) or base


@pytest.mark.parametrize(
    ("name", "cause"),
    [
        ("php-sdk-158", "content-type-after-signing"),
        ("docs-python-faq-rokid", "content-type-after-signing"),
        ("hutool-ossapi-226", "v4-scope"),
        ("doc-0002-00000715", "v4-scope"),
        ("go-sdk-v2-29", "v4-scope"),
        ("flutter-sts-invalid-ak", "security-token"),
        ("config-ak-prefix", "access-key"),
    ],
)
def test_established_cause_comes_first(cases: dict[str, Any], name: str, cause: str) -> None:
    case = cases[name]
    assert case["known_cause"] == cause
    finding = finding_of(case)
    assert finding is not None
    assert finding.causes[0].id == cause


def test_missing_name_in_the_list(cases: dict[str, Any]) -> None:
    """flutter_oss_aliyun-39 left out host and signature: any will do for a question of parameter names."""
    told = cases["flutter_oss_aliyun-39"]["request"]
    head = f"GET /?{told['query']} HTTP/1.1\r\nHost: b.oss-cn-hangzhou.aliyuncs.com\r\nDate: x\r\n".encode()
    request = head + b"Authorization: OSS " + KEY_ID + b":" + sign(b"?") + b"\r\n\r\n"
    answer = cases["flutter_oss_aliyun-39"]["response_xml"].encode()
    response = b"HTTP/1.1 403 Forbidden\r\nContent-Length: %d\r\n\r\n" % len(answer) + answer
    (finding,) = explained(read(exchange_from_bytes(request, response)))
    assert finding.causes[0].id == "subresource-list"


def test_no_case_is_forgotten(cases: dict[str, Any]) -> None:
    known = {name for name, case in cases.items() if case["known_cause"]}
    tested = {mark.args[1][n][0] for mark in test_established_cause_comes_first.pytestmark for n in range(7)}
    assert known == tested | set(PROSE_ONLY) | {"flutter_oss_aliyun-39"}


def test_unexplained_cases_prove_nothing(cases: dict[str, Any]) -> None:
    for case in cases.values():
        if case["known_cause"] is None and case["answer_kind"] in ("xml-full", "xml-truncated"):
            finding = finding_of(case)
            assert finding is not None, case["id"]
            assert all(cause.certainty.value != "proven" for cause in finding.causes), case["id"]
