"""Runs one signing vector: puts its request on the wire, reads it back, and compares texts and signature.

A vector is a JSON object: variant, method, bucket, key, headers, params, secret, access_key_id, string_to_sign,
canonical_request (V4), expected (the Authorization header, or the signature).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from analyzer.model.signing import ServerRules, SignedExchange, Variant
from analyzer.oss import signer
from tests.oss.wire import query, request_bytes, signed

Vector = Mapping[str, Any]

VARIANTS = {
    "V1-header": Variant.V1_HEADER,
    "V1-query": Variant.V1_QUERY,
    "V2-header": Variant.V2_HEADER,
    "V2-query": Variant.V2_QUERY,
    "V4-header": Variant.V4_HEADER,
    "V4-header (canonical hash only)": Variant.V4_HEADER,
    "V4-query": Variant.V4_QUERY,
    "POST-policy-V1": Variant.POST_V1,
    "POST-policy-V4": Variant.POST_V4,
    "S3-V2-header": Variant.S3_V2_HEADER,
    "S3-V2-query": Variant.S3_V2_QUERY,
    "S3-V4-header": Variant.S3_V4_HEADER,
    "S3-V4-query": Variant.S3_V4_QUERY,
}
_SCHEMES = ("OSS ", "OSS2 ", "OSS4-HMAC-SHA256 ", "AWS ", "AWS4-HMAC-SHA256 ")


def check(vector: Vector) -> None:
    """Everything the vector states holds for what is read from the wire."""
    variant = VARIANTS[vector["variant"]]
    found = signed(wire_of(vector, variant))
    assert found.credentials.variant is variant
    assert found.string_to_sign is not None
    assert found.string_to_sign.data.decode() == vector["string_to_sign"]
    if vector.get("canonical_request") is not None:
        assert found.canonical_request is not None
        assert found.canonical_request.data.decode() == vector["canonical_request"]
    if vector.get("secret") is not None:
        _check_signature(vector, found)
    _check_split(found)


def _check_signature(vector: Vector, found: SignedExchange) -> None:
    assert found.inputs is not None
    assert found.string_to_sign is not None
    row = signer(found.credentials.variant)
    made = row.signature(vector["secret"].encode(), found.inputs, found.string_to_sign.data)
    assert made == expected_signature(vector["expected"])
    assert found.credentials.signature == made
    assert row.string_to_sign_bytes(found.inputs, ServerRules()) == found.string_to_sign.data


def _check_split(found: SignedExchange) -> None:
    """Cutting our own text gives our own fields again."""
    assert found.string_to_sign is not None
    row = signer(found.credentials.variant)
    cut = row.split(found.string_to_sign.data)
    assert [(p.field, p.data) for p in cut.parts] == [(p.field, p.data) for p in found.string_to_sign.parts]
    if found.canonical_request is not None:
        again = row.split_canonical(found.canonical_request.data)
        assert again is not None
        ours = [(p.field, p.data) for p in found.canonical_request.parts]
        assert [(p.field, p.data) for p in again.parts] == ours


def expected_signature(expected: str) -> bytes:
    """The signature in an Authorization header, or as it stands."""
    if expected.startswith(("OSS ", "AWS ")):
        return expected.rpartition(":")[2].encode()
    for mark in ("Signature=", "Signature:"):
        if mark in expected:
            return expected.partition(mark)[2].partition(",")[0].encode()
    return expected.encode()


def wire_of(vector: Vector, variant: Variant) -> bytes:
    """The request that a client with this vector would send."""
    if variant in (Variant.POST_V1, Variant.POST_V4):
        return _form(vector, variant)
    bucket, key = vector.get("bucket"), vector.get("key")
    endpoint = "oss-cn-hangzhou.aliyuncs.com"
    host = vector.get("host") or (f"{bucket}.{endpoint}" if bucket else endpoint)
    params: dict[str, str | None] = dict(vector.get("params") or {})
    headers = dict(vector["headers"])
    signature = expected_signature(vector["expected"]).decode()
    if variant.in_query:
        headers.pop("date", None)
        params |= _url_credentials(vector, variant, signature)
    else:
        headers["Authorization"] = _authorization(vector, variant, signature)
    target = "/" + quote(key or "") + ("?" + query(params) if params else "")
    return request_bytes(vector["method"], target, [("Host", host), *headers.items()])


def _url_credentials(vector: Vector, variant: Variant, signature: str) -> dict[str, str | None]:
    if variant in (Variant.V1_QUERY, Variant.S3_V2_QUERY):
        name = "OSSAccessKeyId" if variant is Variant.V1_QUERY else "AWSAccessKeyId"
        found = {name: vector["access_key_id"], "Expires": str(vector["date"]), "Signature": signature}
        return found | ({"security-token": vector["token"]} if vector.get("token") else {})
    return {"X-Amz-Signature" if variant is Variant.S3_V4_QUERY else "x-oss-signature": signature}


def _authorization(vector: Vector, variant: Variant, signature: str) -> str:
    expected: str = vector["expected"]
    if expected.startswith(_SCHEMES):
        return expected
    if variant is Variant.V4_HEADER:
        scope = vector["string_to_sign"].split("\n")[2]
        listed = ";".join(vector.get("additional_headers") or ())
        names = f",AdditionalHeaders={listed}" if listed else ""
        return f"OSS4-HMAC-SHA256 Credential={vector['access_key_id']}/{scope}{names},Signature={signature}"
    return f"OSS {vector['access_key_id'] or 'ak'}:{signature}"


def _form(vector: Vector, variant: Variant) -> bytes:
    fields = dict(vector["params"])
    if variant is Variant.POST_V1:
        fields |= {"OSSAccessKeyId": vector["access_key_id"], "Signature": vector["expected"]}
    else:
        fields["x-oss-signature"] = vector["expected"]
    parts = [f'--B\r\nContent-Disposition: form-data; name="{k}"\r\n\r\n{v}\r\n' for k, v in fields.items()]
    parts.append('--B\r\nContent-Disposition: form-data; name="file"; filename="a"\r\n\r\nxyz\r\n--B--\r\n')
    return request_bytes(
        "POST",
        "/",
        [("Host", vector["host"]), ("Content-Type", "multipart/form-data; boundary=B")],
        "".join(parts).encode(),
    )
