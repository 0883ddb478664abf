"""What the SDKs for Python really print when a server refuses them: exceptions and debug logs, as they come."""

from __future__ import annotations

import io
import logging
import traceback
from collections.abc import Iterator
from typing import Any

import oss2
import pytest
import requests
from alibabacloud_oss_v2 import Client, PutObjectRequest
from alibabacloud_oss_v2.config import load_default
from alibabacloud_oss_v2.credentials import StaticCredentialsProvider

from analyzer.model.findings import Certainty, Finding
from analyzer.pipeline import explain
from tests.recorder.scenes import BUCKET, ENDPOINT, KEY_ID, SECRET, SECRETS
from tests.recorder.standin import Standin
from tests.recorder.wiretap import redirected


@pytest.fixture(scope="module")
def _served() -> Iterator[None]:
    with Standin(SECRETS) as server, redirected(server.address[1]):
        yield


pytestmark = pytest.mark.usefixtures("_served")


class _Adding(requests.adapters.HTTPAdapter):
    """Puts a type on every body behind the signer's back."""

    def add_headers(self, request: requests.PreparedRequest, **kwargs: Any) -> None:
        request.headers["Content-Type"] = "application/x-www-form-urlencoded"


@pytest.fixture
def log() -> Iterator[io.StringIO]:
    text = io.StringIO()
    handler = logging.StreamHandler(text)
    handler.setFormatter(logging.Formatter("%(asctime)s %(name)s [%(levelname)s] %(thread)d : %(message)s"))
    logger = logging.getLogger("oss2")
    level = logger.level
    logger.addHandler(handler)
    logger.setLevel(logging.DEBUG)
    yield text
    logger.removeHandler(handler)
    logger.setLevel(level)


def refused(auth: Any, key: str = "a b.txt") -> str:
    """The traceback of an upload by oss2 whose type was added after signing."""
    box = oss2.Bucket(auth, ENDPOINT, BUCKET, session=oss2.Session(adapter=_Adding()), region="cn-hangzhou")
    try:
        box.put_object(key, b"some data", headers={"Content-Type": "text/plain"})
    except oss2.exceptions.OssError:
        return traceback.format_exc()
    raise AssertionError("the server took it")


def only(text: str) -> Finding:
    (finding,) = explain(text.encode()).findings
    return finding


@pytest.mark.parametrize("auth", [oss2.Auth, oss2.AuthV2, oss2.AuthV4])
def test_exception_of_oss2(auth: Any) -> None:
    finding = only(refused(auth(KEY_ID, SECRET)))
    assert finding.signed.error is not None
    assert finding.signed.error.code == b"SignatureDoesNotMatch"
    assert finding.signed.server_string is not None
    assert all(cause.certainty is Certainty.POSSIBLE for cause in finding.causes)


@pytest.mark.parametrize("auth", [oss2.Auth, oss2.AuthV2, oss2.AuthV4])
def test_debug_log_of_oss2_beside_its_exception(log: io.StringIO, auth: Any) -> None:
    text = refused(auth(KEY_ID, SECRET))
    finding = only(log.getvalue() + text)
    assert finding.comparison.voice == "client"
    assert [d.field.removeprefix("header:") for d in finding.comparison.differences] == ["content-type"]
    assert (finding.causes[0].id, finding.causes[0].certainty) == ("content-type-after-signing", Certainty.PROVEN)


def test_exception_of_the_second_sdk() -> None:
    settings = load_default()
    settings.region, settings.endpoint = "cn-hangzhou", ENDPOINT
    settings.credentials_provider = StaticCredentialsProvider(KEY_ID, SECRET + "x")
    try:
        Client(settings).put_object(PutObjectRequest(bucket=BUCKET, key="a.txt", body=b"some data"))
    except Exception:
        text = traceback.format_exc()
    report = explain(text.encode())
    (finding,) = report.findings
    assert finding.signed.error is not None
    assert finding.signed.error.code == b"SignatureDoesNotMatch"
    assert finding.causes[0].id == "wrong-secret"
    assert report.paste is not None
    assert report.paste.missing is not None
    assert report.paste.missing.key == "paste.missing.string-and-request"
