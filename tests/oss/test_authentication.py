"""Credentials of every dialect, in any order and spacing, whole and damaged."""

from __future__ import annotations

import pytest

from analyzer.model.signing import Credentials, Variant
from tests.oss.wire import HOST, request_bytes, signed

SCOPE = "20240305/cn-hangzhou/oss/aliyun_v4_request"


def read(target: str = "/k", **headers: str) -> Credentials:
    named = [(name.replace("_", "-"), value) for name, value in headers.items()]
    return signed(request_bytes("GET", target, [("Host", HOST), *named])).credentials


@pytest.mark.parametrize(
    "value",
    [
        f"OSS4-HMAC-SHA256 Credential=ak/{SCOPE},AdditionalHeaders=a;b,Signature=00",
        f"OSS4-HMAC-SHA256 Credential=ak/{SCOPE}, Signature=00, AdditionalHeaders=a;b",
        f"oss4-hmac-sha256   Signature=00 ,AdditionalHeaders = a;b , Credential=ak/{SCOPE}",
        f"OSS4-HMAC-SHA256 Credential=ak/{SCOPE} AdditionalHeaders=a;b Signature=00",
    ],
)
def test_version_4_in_any_order(value: str) -> None:
    found = read(Authorization=value)
    assert found.variant is Variant.V4_HEADER
    assert (found.access_key_id, found.date, found.region, found.product) == (
        b"ak",
        b"20240305",
        b"cn-hangzhou",
        b"oss",
    )
    assert (found.terminator, found.additional_headers) == (b"aliyun_v4_request", (b"a", b"b"))
    assert (found.signature, found.notes) == (b"00", ())


@pytest.mark.parametrize(
    ("value", "variant", "key", "signature", "notes"),
    [
        ("OSS ak:c2ln", Variant.V1_HEADER, b"ak", b"c2ln", []),
        ("OSS  ak:c2ln", Variant.V1_HEADER, b"ak", b"c2ln", []),
        ("OSS set ID=a:b:c2ln", Variant.V1_HEADER, b"set ID=a:b", b"c2ln", []),
        ("OSS ak", Variant.V1_HEADER, b"ak", None, ["oss.authorization-malformed"]),
        ("OSS ak:", Variant.V1_HEADER, b"ak", None, ["oss.authorization-malformed"]),
        ("OSS2 AccessKeyId:ak, AdditionalHeaders:a, Signature:c2ln=", Variant.V2_HEADER, b"ak", b"c2ln=", []),
        ("OSS2 AccessKeyId:ak", Variant.V2_HEADER, b"ak", None, ["oss.authorization-malformed"]),
        ("AWS ak:c2ln", Variant.S3_V2_HEADER, b"ak", b"c2ln", []),
        ("OSS4-HMAC-SHA256 Credential=ak/x,Signature=0", Variant.V4_HEADER, b"ak", b"0", ["oss.credential-malformed"]),
        ("Bearer x", Variant.NONE, None, None, []),
    ],
)
def test_headers(value: str, variant: Variant, key: bytes | None, signature: bytes | None, notes: list[str]) -> None:
    found = read(Authorization=value)
    assert (found.variant, found.access_key_id, found.signature) == (variant, key, signature)
    assert [n.key for n in found.notes] == notes


@pytest.mark.parametrize(
    ("target", "variant", "signature", "raw", "notes"),
    [
        ("/k?OSSAccessKeyId=a&Expires=1&Signature=x%2By%3D", Variant.V1_QUERY, b"x+y=", b"x%2By%3D", 0),
        ("/k?OSSAccessKeyId=a&Expires=1&Signature=x+y=", Variant.V1_QUERY, b"x y=", b"x+y=", 0),
        ("/k?OSSAccessKeyId=a&amp;Expires=1&amp;Signature=x", Variant.V1_QUERY, None, None, 2),
        ("/k?AWSAccessKeyId=a&Expires=1&Signature=x", Variant.S3_V2_QUERY, b"x", b"x", 0),
        ("/k?x-oss-signature-version=OSS2&x-oss-access-key-id=a&x-oss-signature=x", Variant.V2_QUERY, b"x", b"x", 1),
        ("/k?x-oss-signature-version=OSS4-HMAC-SHA256&x-oss-signature=x", Variant.V4_QUERY, b"x", b"x", 3),
        ("/k?prefix=a", Variant.NONE, None, None, 0),
    ],
)
def test_urls(target: str, variant: Variant, signature: bytes | None, raw: bytes | None, notes: int) -> None:
    found = read(target)
    assert (found.variant, found.signature, found.signature_raw) == (variant, signature, raw)
    assert len(found.notes) == notes


def test_the_header_counts_where_both_are_there() -> None:
    found = read("/k?OSSAccessKeyId=a&Expires=1&Signature=x", Authorization="OSS ak:c2ln")
    assert found.variant is Variant.V1_HEADER
    assert [n.key for n in found.notes] == ["oss.signed-twice"]


def test_places_of_the_token() -> None:
    assert read(Authorization="OSS ak:s", x_oss_security_token="t").token_place == "header"
    assert read("/k?OSSAccessKeyId=a&Expires=1&Signature=x&security-token=t").token_place == "query"
    stray = read("/k?OSSAccessKeyId=a&Expires=1&Signature=x", x_oss_security_token="t")
    assert (stray.token, stray.token_place) == (b"t", "header")
    assert [n.key for n in stray.notes] == ["oss.token-in-header-of-signed-url"]


def test_absolute_targets_and_connect() -> None:
    absolute = signed(request_bytes("GET", f"http://{HOST}/k?acl", [("Authorization", "OSS ak:s"), ("Date", "d")]))
    assert absolute.inputs is not None
    assert (absolute.inputs.bucket, absolute.inputs.path, absolute.inputs.host) == (b"bucket", b"/k", HOST.encode())
    tunnel = signed(request_bytes("CONNECT", f"{HOST}:443", [("Host", HOST)]))
    assert tunnel.credentials.variant is Variant.NONE
