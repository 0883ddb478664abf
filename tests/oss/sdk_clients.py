"""What the official SDKs put on the wire: their own signers, their own HTTP library, no network.

Every function gives the request bytes as the SDK would send them through ``requests``, and the string that the SDK
itself says it signed.
"""

from __future__ import annotations

import datetime
import logging
import re
from collections.abc import Mapping
from dataclasses import dataclass
from unittest import mock
from urllib.parse import quote, urlsplit

import alibabacloud_oss_v2
import oss2
import requests
from alibabacloud_oss_v2.signer.v1 import SignerV1
from alibabacloud_oss_v2.signer.v4 import SignerV4
from alibabacloud_oss_v2.signer.vectors_v4 import VectorsSignerV4

__all__ = ["ENDPOINT", "Call", "Signed", "oss2_header", "oss2_url", "v2_header", "v2_url", "vectors_header"]

ENDPOINT = "oss-cn-hangzhou.aliyuncs.com"
REGION = "cn-hangzhou"
NOW = datetime.datetime(2024, 3, 5, 6, 7, 8, tzinfo=datetime.UTC)


@dataclass(frozen=True)
class Call:
    """An operation as a program asks for it."""

    method: str
    bucket: str
    key: str
    params: Mapping[str, str]
    headers: Mapping[str, str]
    key_id: str = "LTAI5tExample"
    secret: str = "a secret / with + signs"
    token: str | None = None
    additional: tuple[str, ...] = ()
    path_style: bool = False


@dataclass(frozen=True)
class Signed:
    """The request on the wire, and the SDK's own words."""

    wire: bytes
    string_to_sign: str
    canonical_request: str | None = None


def _serialised(prepared: requests.PreparedRequest) -> bytes:
    """As http.client writes it."""
    assert prepared.url is not None
    assert prepared.method is not None
    lines = [f"{prepared.method} {prepared.path_url} HTTP/1.1".encode()]
    lines.append(b"Host: " + urlsplit(prepared.url).netloc.encode())
    for name, value in prepared.headers.items():
        lines.append(name.encode() + b": " + _as_sent(value))
    return b"\r\n".join(lines) + b"\r\n\r\n"


def _prepare(
    method: str, url: str, headers: Mapping[str, str], params: Mapping[str, str] | None = None
) -> requests.PreparedRequest:
    """As ``Session.request`` does before it sends."""
    with requests.Session() as session:
        return session.prepare_request(requests.Request(method, url, params=params, headers=headers))


def _as_sent(value: str | bytes) -> bytes:
    """http.client sends text as latin-1 and bytes as they are."""
    return value if isinstance(value, bytes) else value.encode("latin-1")


class _Log(logging.Handler):
    """Hears what oss2 says it signs."""

    def __init__(self) -> None:
        super().__init__(logging.DEBUG)
        self.said: dict[str, str] = {}

    def emit(self, record: logging.LogRecord) -> None:
        found = re.match(r"Make signature: (.*?) = (.*)", record.getMessage(), re.DOTALL)
        if found is not None:
            self.said[found[1]] = found[2]


def _oss2_said(log: _Log) -> tuple[str, str | None]:
    def text(said: str) -> str:
        return bytes(eval(said)).decode() if said.startswith(("b'", 'b"')) else said

    canonical = log.said.get("canonical_request")
    return text(log.said["string to be signed"]), text(canonical) if canonical is not None else None


def _oss2_request(call: Call) -> oss2.http.Request:
    host = f"{ENDPOINT}/{call.bucket}" if call.path_style else f"{call.bucket}.{ENDPOINT}"
    url = f"http://{host}/{quote(call.key, safe='')}"
    headers = {name: value.encode() if name.startswith("x-oss-meta") else value for name, value in call.headers.items()}
    return oss2.http.Request(call.method, url, params=dict(call.params), headers=headers, region=REGION, product="oss")


def _oss2_auth(call: Call, version: str) -> oss2.StsAuth:
    return oss2.StsAuth(call.key_id, call.secret, call.token or "", auth_version=version)


def oss2_header(call: Call, version: str) -> Signed:
    """oss2, signature in the header; ``version``: v1, v2 or v4."""
    request = _oss2_request(call)
    log = _listen()
    try:
        auth = _oss2_auth(call, version)
        inner = auth._StsAuth__auth
        if version == "v1":
            inner._sign_request(request, call.bucket, call.key)
        else:
            inner._sign_request(request, call.bucket, call.key, set(call.additional) if call.additional else None)
    finally:
        _unlisten(log)
    said, canonical = _oss2_said(log)
    prepared = _prepare(request.method, request.url, request.headers, request.params)
    return Signed(_serialised(prepared), said, canonical)


def oss2_url(call: Call, version: str) -> Signed:
    """oss2, signed URL, fetched with exactly the headers it was signed for."""
    request = _oss2_request(call)
    sent = dict(request.headers)
    log = _listen()
    try:
        inner = _oss2_auth(call, version)._StsAuth__auth
        if version == "v1":
            url = inner._sign_url(request, call.bucket, call.key, 600)
        else:
            url = inner._sign_url(request, call.bucket, call.key, 600, set(call.additional))
    finally:
        _unlisten(log)
    said, canonical = _oss2_said(log)
    return Signed(_serialised(_prepare(call.method, url, sent)), said, canonical)


def _listen() -> _Log:
    log = _Log()
    logger = logging.getLogger("oss2.auth")
    logger.setLevel(logging.DEBUG)
    logger.propagate = False
    logger.addHandler(log)
    return log


def _unlisten(log: _Log) -> None:
    logger = logging.getLogger("oss2.auth")
    logger.removeHandler(log)
    logger.setLevel(logging.NOTSET)
    logger.propagate = True


def _v2_context(call: Call) -> alibabacloud_oss_v2.types.SigningContext:
    host = f"{ENDPOINT}/{call.bucket}" if call.path_style else f"{call.bucket}.{ENDPOINT}"
    url = f"http://{host}/{quote(call.key)}"
    if call.params:
        url += "?" + "&".join(
            quote(k, safe="") + ("=" + quote(v, safe="") if v else "") for k, v in call.params.items()
        )
    request = alibabacloud_oss_v2.types.HttpRequest(call.method, url, headers=dict(call.headers))
    return alibabacloud_oss_v2.types.SigningContext(
        product="oss",
        region=REGION,
        bucket=call.bucket,
        key=call.key,
        request=request,
        credentials=alibabacloud_oss_v2.types.Credentials(call.key_id, call.secret, call.token),
        signing_time=NOW,
        additional_headers=set(call.additional),
    )


def _v2_signed(context: alibabacloud_oss_v2.types.SigningContext, signer: object, canonical: bool) -> Signed:
    kept: list[str] = []
    if canonical:
        inner = signer._calc_canonical_request  # type: ignore[attr-defined]

        def keep(**named: object) -> str:
            kept.append(inner(**named))
            return kept[-1]

        with mock.patch.object(signer, "_calc_canonical_request", keep):
            signer.sign(context)  # type: ignore[attr-defined]
    else:
        signer.sign(context)  # type: ignore[attr-defined]
    request = context.request
    prepared = _prepare(request.method, request.url, dict(request.headers))
    return Signed(_serialised(prepared), context.string_to_sign, kept[0] if kept else None)


def v2_header(call: Call, version: str) -> Signed:
    """alibabacloud-oss-v2, signature in the header; ``version``: v1 or v4."""
    signer = SignerV1() if version == "v1" else SignerV4()
    return _v2_signed(_v2_context(call), signer, version == "v4")


def v2_url(call: Call, version: str) -> Signed:
    """alibabacloud-oss-v2, signed URL."""
    context = _v2_context(call)
    context.auth_method_query = True
    context.expiration_time = NOW + datetime.timedelta(minutes=10)
    return _v2_signed(context, SignerV1() if version == "v1" else SignerV4(), version == "v4")


def vectors_header(call: Call, account: str) -> Signed:
    """alibabacloud-oss-v2, vector buckets."""
    context = _v2_context(call)
    path = urlsplit(context.request.url).path
    context.request.url = f"http://{call.bucket}-{account}.{REGION}.oss-vectors.aliyuncs.com{path}"
    return _v2_signed(context, VectorsSignerV4(account_id=account), True)
