"""What the samples show: one function a scene, run by a real SDK or HTTP library against the stand-in.

Every scene gets the access key below. Keys and secrets are made up. A scene that is meant to fail fails on the wire
only: it asserts that the server refused what it should refuse.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import platform
import ssl
import struct
import urllib.error
import urllib.request
import warnings
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any
from urllib.parse import quote

import oss2
import pytest
import requests

from tests.recorder import uploads
from tests.recorder.standin import Mood
from tests.recorder.verify import GMT, ISO, REGION

KEY_ID, SECRET = "LTAI4SampleKeyOfOssig001", "MadeUpSecretOfTheFirstSample01"
OTHER_ID, OTHER_SECRET = "LTAI4SampleKeyOfOssig002", "MadeUpSecretOfAnotherSample002"
SECRETS = {KEY_ID: SECRET, OTHER_ID: OTHER_SECRET}
ENDPOINT = "http://oss-cn-hangzhou.aliyuncs.com"
BUCKET = "ossig-samples"
HOST = f"{BUCKET}.oss-cn-hangzhou.aliyuncs.com"
TEXT = b"A line of a small file.\n" * 40
CHUNKS = (
    (b"IHDR", struct.pack("!IIBBBBB", 16, 16, 8, 0, 0, 0, 0)),
    (b"IDAT", zlib.compress(bytes(17 * 16))),
    (b"IEND", b""),
)
PICTURE = b"\x89PNG\r\n\x1a\n" + b"".join(
    struct.pack("!I", len(data)) + kind + data + struct.pack("!I", zlib.crc32(kind + data)) for kind, data in CHUNKS
)
SPECIAL_KEY = "年报 2024/a+b 终稿.txt"


@dataclass(frozen=True, slots=True)
class Scene:
    """``name`` is that of the capture; ``ahead`` is how far the server's clock is ahead of the client's."""

    name: str
    play: Callable[[], None]
    ahead: timedelta = timedelta()
    tls: bool = False  #: over HTTPS; the capture has the client's key log inside
    mood: Callable[[], Mood] | None = None  #: of the server, made anew for each recording


def user_agent() -> str:
    """oss2's User-Agent with a common kernel in place of the recording machine's, which is nobody's business."""
    return str(oss2.http.USER_AGENT).replace(platform.release(), "6.1.0-amd64")


def bucket(auth: Any = None, session: Any = None) -> Any:
    """oss2's bucket with the sample's access key, V1 unless ``auth`` says otherwise."""
    return oss2.Bucket(auth or oss2.Auth(KEY_ID, SECRET), ENDPOINT, BUCKET, session=session, region=REGION)


def upload_download() -> None:
    """oss2 does a little of everything, and all goes well."""
    box = bucket()
    box.put_object("docs/readme.txt", TEXT, headers={"x-oss-meta-author": "ossig", "Content-Type": "text/plain"})
    assert box.head_object("docs/readme.txt").content_length == len(TEXT)
    assert box.get_object("docs/readme.txt").read() == TEXT
    assert [found.key for found in box.list_objects_v2(prefix="docs/").object_list] == ["docs/readme.txt"]
    box.delete_object("docs/readme.txt")


def other_versions() -> None:
    """V2 and V4, in the header and in the URL, and all goes well."""
    for auth in (oss2.AuthV2(KEY_ID, SECRET), oss2.AuthV4(KEY_ID, SECRET)):
        box = bucket(auth)
        box.put_object("docs/versions.txt", TEXT, headers={"x-oss-meta-author": "ossig"})
        assert box.get_object("docs/versions.txt", byte_range=(0, len(TEXT) - 1)).read() == TEXT
        assert requests.get(box.sign_url("GET", "docs/versions.txt", 600), timeout=10).content == TEXT


def special_key() -> None:
    """A key with a plus sign, blanks and Chinese characters, as oss2 signs it: all goes well."""
    box = bucket()
    box.put_object(SPECIAL_KEY, TEXT)
    assert box.get_object(SPECIAL_KEY).read() == TEXT
    assert requests.get(box.sign_url("GET", SPECIAL_KEY, 600), timeout=10).content == TEXT


def wrong_secret() -> None:
    """The secret belongs to another access key id."""
    box = bucket(oss2.Auth(KEY_ID, OTHER_SECRET))
    for attempt in (lambda: box.put_object("docs/a.txt", TEXT), lambda: box.get_object("docs/a.txt")):
        refused(attempt)


def content_type_after_signing() -> None:
    """urllib adds a Content-Type to a presigned upload; the download by the same access key succeeds."""
    box = bucket()
    box.put_object("photos/cat.png", PICTURE)
    with urllib.request.urlopen(box.sign_url("GET", "photos/cat.png", 600)) as answer:
        assert answer.read() == PICTURE
    request = urllib.request.Request(box.sign_url("PUT", "photos/cat.png", 600), data=PICTURE, method="PUT")
    with pytest.raises(urllib.error.HTTPError, match="403"):
        urllib.request.urlopen(request)


def presigned_get_used_as_put() -> None:
    """A URL made for downloading works, then somebody uploads with it."""
    box = bucket()
    box.put_object("docs/plan.txt", TEXT)
    url = box.sign_url("GET", "docs/plan.txt", 600)
    assert requests.get(url, timeout=10).content == TEXT
    assert requests.put(url, data=TEXT, timeout=10).status_code == 403


def head_with_get_url() -> None:
    """A URL made for GET is probed with HEAD: no body to read, the error is in a header."""
    box = bucket()
    box.put_object("docs/plan.txt", TEXT)
    assert requests.head(box.sign_url("GET", "docs/plan.txt", 600), timeout=10).status_code == 403


def key_encoding() -> None:
    """A hand-made signer signs the key as it stands in the URL, escaped."""
    escaped = quote(SPECIAL_KEY)
    now = datetime.now(UTC).strftime(GMT)
    text = f"PUT\n\n\n{now}\n/{BUCKET}/{escaped}"
    signature = base64.b64encode(hmac.digest(SECRET.encode(), text.encode(), "sha1")).decode()
    headers = {"Date": now, "Authorization": f"OSS {KEY_ID}:{signature}"}
    assert requests.put(f"http://{HOST}/{escaped}", data=TEXT, headers=headers, timeout=10).status_code == 403


class _ForgetsMd5(oss2.Session):  # type: ignore[misc]
    """A session with a fault: it sends part 2 without the Content-MD5 that was signed."""

    def do_request(self, req: Any, timeout: Any) -> Any:
        if req.params.get("partNumber") == "2":
            req.headers.pop("Content-MD5", None)
        return super().do_request(req, timeout)


def multipart() -> None:
    """One connection, three parts, each signed with its Content-MD5; a wrapper drops that of the second."""
    box = bucket(session=_ForgetsMd5())
    key = "backup/archive.bin"
    upload = box.init_multipart_upload(key).upload_id
    parts = [hashlib.sha256(bytes([number])).digest() * 640 for number in (1, 2, 3)]
    for number, part in enumerate(parts, start=1):
        md5 = {"Content-MD5": base64.b64encode(hashlib.md5(part).digest()).decode()}
        if number == 2:
            refused(partial(box.upload_part, key, upload, 2, part, headers=md5))
        else:
            box.upload_part(key, upload, number, part, headers=md5)


def v4_aws_layout() -> None:
    """A hand-made V4 signer follows AWS: it signs Host, which OSS signs only where AdditionalHeaders names it."""
    now = datetime.now(UTC).strftime(ISO)
    scope = f"{now[:8]}/{REGION}/oss/aliyun_v4_request"
    headers = {"x-oss-content-sha256": "UNSIGNED-PAYLOAD", "x-oss-date": now}
    lines = "".join(f"{name}:{value}\n" for name, value in [("host", HOST), *headers.items()])
    canonical = f"PUT\n/{BUCKET}/docs/v4.txt\n\n{lines}\nhost;x-oss-content-sha256;x-oss-date\nUNSIGNED-PAYLOAD"
    text = f"OSS4-HMAC-SHA256\n{now}\n{scope}\n{hashlib.sha256(canonical.encode()).hexdigest()}"
    signing_key = f"aliyun_v4{SECRET}".encode()
    for part in scope.split("/"):
        signing_key = hmac.digest(signing_key, part.encode(), "sha256")
    signature = hmac.digest(signing_key, text.encode(), "sha256").hex()
    headers["Authorization"] = f"OSS4-HMAC-SHA256 Credential={KEY_ID}/{scope},Signature={signature}"
    assert requests.put(f"http://{HOST}/docs/v4.txt", data=TEXT, headers=headers, timeout=10).status_code == 403


def v4_parameter_after_signing() -> None:
    """A presigned V4 URL works; with ``x-oss-process`` appended it does not."""
    box = bucket(oss2.AuthV4(KEY_ID, SECRET))
    box.put_object("photos/cat.png", PICTURE)
    url = box.sign_url("GET", "photos/cat.png", 600)
    assert requests.get(url, timeout=10).status_code == 200
    assert requests.get(url + "&x-oss-process=image%2Fresize%2Cw_100", timeout=10).status_code == 403


def plus_in_signature() -> None:
    """Somebody unescapes a URL whose signature holds a plus sign."""
    box = bucket()
    keys = (f"docs/page-{number}.txt" for number in range(1000))
    url = next(url for url in (box.sign_url("GET", key, 600) for key in keys) if url.count("%2B") == 1)
    assert requests.get(url.replace("%2B", "+"), timeout=10).status_code == 403


def url_expired() -> None:
    """A presigned URL is opened a minute after its end."""
    assert requests.get(bucket().sign_url("GET", "docs/plan.txt", -60), timeout=10).status_code == 403


def clock_skew() -> None:
    """The client's clock is 20 minutes behind."""
    refused(lambda: bucket().put_object("docs/a.txt", TEXT))


def https() -> None:
    """The same upload as in ``content_type_after_signing`` over HTTPS: oss2 speaks TLS 1.3, urllib TLS 1.2."""
    session: Any = oss2.Session()
    session.session.verify = False  # the stand-in signs its own certificate
    box = oss2.Bucket(oss2.Auth(KEY_ID, SECRET), ENDPOINT.replace("http:", "https:"), BUCKET, session=session)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        box.put_object("photos/cat.png", PICTURE)
        assert box.get_object("photos/cat.png").read() == PICTURE
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    request = urllib.request.Request(box.sign_url("PUT", "photos/cat.png", 600), data=PICTURE, method="PUT")
    with pytest.raises(urllib.error.HTTPError, match="403"):
        urllib.request.urlopen(request, context=context)


def refused(attempt: Callable[[], Any]) -> None:
    """The attempt is answered 403."""
    with pytest.raises(oss2.exceptions.ServerError) as refusal:
        attempt()
    assert refusal.value.status == 403


SCENES = (
    Scene("upload-download", upload_download),
    Scene("other-versions", other_versions),
    Scene("special-key", special_key),
    Scene("wrong-secret", wrong_secret),
    Scene("content-type-after-signing", content_type_after_signing),
    Scene("presigned-get-used-as-put", presigned_get_used_as_put),
    Scene("head-with-get-url", head_with_get_url),
    Scene("key-encoding", key_encoding),
    Scene("multipart-one-part-fails", multipart),
    Scene("v4-aws-layout", v4_aws_layout),
    Scene("v4-parameter-after-signing", v4_parameter_after_signing),
    Scene("plus-in-signature", plus_in_signature),
    Scene("url-expired", url_expired),
    Scene("clock-skew", clock_skew, timedelta(minutes=20)),
    Scene("https", https, tls=True),
    Scene("multipart-uploads", lambda: uploads.multipart(bucket()), mood=uploads.resets_once),
    Scene("slow-client", lambda: uploads.slow_client(bucket())),
)
