"""The stand-in answers as OSS does, and takes what the SDKs sign."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import oss2
import pytest
import requests
from alibabacloud_oss_v2 import Client, GetObjectRequest, PutObjectRequest
from alibabacloud_oss_v2.config import load_default
from alibabacloud_oss_v2.credentials import StaticCredentialsProvider
from defusedxml.ElementTree import fromstring

from tests.recorder.scenes import BUCKET, ENDPOINT, HOST, KEY_ID, SECRET, SECRETS, SPECIAL_KEY, bucket
from tests.recorder.standin import Standin, crc64
from tests.recorder.wiretap import Wiretap, redirected

KEYS = ("a.txt", "a/b/c.txt", SPECIAL_KEY, "100%", "%7B", "q?x#y&z=1", "~tilde.", "é", "quote'\"(*)!")


@pytest.fixture(scope="module")
def _served() -> Iterator[None]:
    with Standin(SECRETS) as server, redirected(server.address[1]):
        yield


pytestmark = pytest.mark.usefixtures("_served")


@pytest.mark.parametrize("key", KEYS)
@pytest.mark.parametrize("auth", [oss2.Auth, oss2.AuthV2, oss2.AuthV4])
def test_takes_what_oss2_signs(auth: Any, key: str) -> None:
    box = bucket(auth(KEY_ID, SECRET))
    box.put_object(
        key, b"some data", headers={"x-oss-meta-owner": "ossig", "Content-Type": "text/plain; charset=utf-8"}
    )
    assert box.get_object(key, byte_range=(0, 8)).read() == b"some data"
    url = box.sign_url("GET", key, 600, params={"response-content-type": "text/x a+b"})
    assert requests.get(url, timeout=10).content == b"some data"
    box.delete_object(key)
    with pytest.raises(oss2.exceptions.NoSuchKey):
        box.get_object(key)


@pytest.mark.parametrize("version", ["v1", "v4"])
@pytest.mark.parametrize("key", KEYS)
def test_takes_what_the_second_sdk_signs(version: str, key: str) -> None:
    settings = load_default()
    settings.region, settings.endpoint, settings.signature_version = "cn-hangzhou", ENDPOINT, version
    settings.credentials_provider = StaticCredentialsProvider(KEY_ID, SECRET)
    client = Client(settings)
    client.put_object(PutObjectRequest(bucket=BUCKET, key=key, body=b"some data"))
    assert client.get_object(GetObjectRequest(bucket=BUCKET, key=key)).body.content == b"some data"
    url = client.presign(GetObjectRequest(bucket=BUCKET, key=key)).url
    assert requests.get(str(url), timeout=10).content == b"some data"


def test_multipart_and_list() -> None:
    box = bucket()
    upload = box.init_multipart_upload("parts/a b").upload_id
    parts = [
        oss2.models.PartInfo(n, box.upload_part("parts/a b", upload, n, data).etag)
        for n, data in ((1, b"one"), (2, b"2"))
    ]
    box.complete_multipart_upload("parts/a b", upload, parts)
    assert box.get_object("parts/a b").read() == b"one2"
    assert [found.key for found in box.list_objects(prefix="parts/").object_list] == ["parts/a b"]
    upload = box.init_multipart_upload("parts/c").upload_id
    box.abort_multipart_upload("parts/c", upload)
    with pytest.raises(oss2.exceptions.NoSuchUpload):
        box.upload_part("parts/c", upload, 1, b"late")


def test_error_has_the_form_of_the_real_one() -> None:
    url = bucket().sign_url("GET", "a&b<c", 600)
    answer = requests.put(url, data=b"x", timeout=10)
    assert answer.status_code == 403
    assert answer.headers["Server"] == "AliyunOSS"
    assert answer.headers["x-oss-ec"] == "0002-00000040"
    assert re.fullmatch("[0-9A-F]{24}", answer.headers["x-oss-request-id"])
    body = answer.content
    assert body.startswith(b'<?xml version="1.0" encoding="UTF-8"?>\n<Error>\n  <Code>SignatureDoesNotMatch</Code>\n')
    assert body.endswith(b"q=0002-00000040</RecommendDoc>\n</Error>\n")
    names = re.findall(rb"^  <(\w+)>", body, re.MULTILINE)
    order = (
        "Code Message RequestId HostId OSSAccessKeyId SignatureProvided StringToSign StringToSignBytes EC RecommendDoc"
    )
    assert [name.decode() for name in names] == order.split()
    assert re.search(rb"<StringToSignBytes>(?:[0-9A-F]{2} )+</StringToSignBytes>", body)
    read = fromstring(body)
    assert bytes.fromhex(read.findtext("StringToSignBytes", "")).decode() == read.findtext("StringToSign")
    assert read.findtext("HostId") == HOST


def test_head_carries_the_error_in_a_header() -> None:
    answer = requests.head(bucket().sign_url("GET", "a", 600), timeout=10)
    assert (answer.status_code, answer.content, answer.headers["x-oss-ec"]) == (403, b"", "0002-00000040")
    assert fromstring(base64.b64decode(answer.headers["x-oss-err"])).findtext("Code") == "SignatureDoesNotMatch"


def test_v4_error_carries_the_canonical_request() -> None:
    url = bucket(oss2.AuthV4(KEY_ID, SECRET)).sign_url("GET", "a", 600) + "&more=1"
    read = fromstring(requests.get(url, timeout=10).content)
    assert read.findtext("EC") == "0002-00000201"
    assert read.findtext("CanonicalRequest", "").startswith(f"GET\n/{BUCKET}/a\nmore=1&x-oss-credential=")


@pytest.mark.parametrize(
    ("auth", "code"),
    [
        (oss2.Auth("LTAI4NobodyHasThisKey001", SECRET), "InvalidAccessKeyId"),
        (oss2.Auth(KEY_ID, "wrong"), "SignatureDoesNotMatch"),
        (oss2.AnonymousAuth(), "AccessDenied"),
    ],
)
def test_refusals(auth: Any, code: str) -> None:
    with pytest.raises(oss2.exceptions.ServerError) as refusal:
        bucket(auth).get_object("a")
    assert refusal.value.code == code


def test_wrong_region_and_expired_url() -> None:
    with pytest.raises(oss2.exceptions.ServerError) as refusal:
        oss2.Bucket(oss2.AuthV4(KEY_ID, SECRET), ENDPOINT, BUCKET, region="oss-cn-hangzhou").get_object("a")
    assert (refusal.value.status, refusal.value.details["EC"]) == (400, "0002-00000226")
    assert b"Request has expired." in requests.get(bucket().sign_url("GET", "a", -5), timeout=10).content


def test_a_clock_that_is_off() -> None:
    with Standin(SECRETS, ahead=timedelta(minutes=20)) as server, redirected(server.address[1]):
        with pytest.raises(oss2.exceptions.ServerError) as refusal:
            bucket().get_object("a")
        assert refusal.value.code == "RequestTimeTooSkewed"
        assert refusal.value.details["MaxAllowedSkewMilliseconds"] == "900000"


@pytest.mark.filterwarnings("ignore::urllib3.exceptions.InsecureRequestWarning")
def test_over_tls_and_through_the_wiretap() -> None:
    with Standin(SECRETS, tls=True) as server:
        with Wiretap(server.address) as tap, redirected(tap.port):
            url = bucket().sign_url("GET", "a", 600).replace("http://", "https://")
            assert requests.get(url, timeout=10, verify=False).status_code == 404
        (segments,) = tap.connections
    first = next(segment.payload for segment in segments if segment.payload)
    assert first[:2] == b"\x16\x03"


def test_crc64_of_the_check_string() -> None:
    """Check value of CRC-64/XZ in the catalogue of parametrised CRC algorithms."""
    assert crc64(b"123456789") == 0x995DC9BBDF1939FA
