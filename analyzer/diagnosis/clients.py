"""What a User-Agent is known to do to a request that somebody else signed.

One row a client: how it is recognised, whose list of sub-resources it signs by (names of the sources in the table of
sub-resources), and which Content-Type its HTTP stack puts on a body by itself. The first row that matches counts;
patterns are compiled (and kept by ``re``) when they are reached: most runs need two of them.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

__all__ = ["CLIENTS", "Client", "client_of", "generic_content_type"]


@dataclass(frozen=True, slots=True)
class Client:
    """A row. ``adds`` matches Content-Types that the client's HTTP stack adds; None where it is known to add none.
    Patterns do not look at the case of letters."""

    name: str
    kind: str  #: ``sdk``, ``browser``, ``tool``, ``library``, ``s3``
    pattern: bytes
    source: str
    sdk_list: str | None = None  #: source name in the table of sub-resources
    adds: bytes | None = None

    def adds_type(self, value: bytes) -> bool:
        """This Content-Type is one the client's stack puts there unasked."""
        return self.adds is not None and re.match(self.adds, value, re.IGNORECASE) is not None


_FORM = rb"application/x-www-form-urlencoded"
_ANY = rb"[^;]+"
_FETCH = rb"text/plain|multipart/form-data|image/|video/|audio/|application/"

CLIENTS: tuple[Client, ...] = (
    Client(
        "oss2 on Python 3",
        "sdk",
        rb"aliyun-sdk-python/[^;(]+\([^;]*;3\.",
        "oss2/http.py and oss2/api.py: the SDK sets no Content-Type for multipart completion; requests adds one to "
        "bytes that it takes for form data",
        "oss2-py",
        _FORM,
    ),
    Client("oss2", "sdk", rb"aliyun-sdk-python/", "oss2/http.py", "oss2-py"),
    Client("OSS SDK for Python v2", "sdk", rb"alibabacloud-python-sdk-v2/", "alibabacloud_oss_v2/_client.py", "py-v2"),
    Client("OSS SDK for Go v2", "sdk", rb"alibabacloud-go-sdk-v2/", "oss/client.go", "go-v2"),
    Client("ossutil", "sdk", rb"aliyun-sdk-go/[^ ]* .*ossutil|ossutil", "vendors the Go SDK", "go-v1"),
    Client("OSS SDK for Go", "sdk", rb"aliyun-sdk-go/", "oss/conf.go", "go-v1"),
    Client("OSS SDK for Java v2", "sdk", rb"alibabacloud-java-sdk-v2/", "client user agent", "java-v2"),
    Client("OSS SDK for Java", "sdk", rb"aliyun-sdk-java/", "VersionInfoUtils.java", "java-v1"),
    Client(
        "ali-oss in a browser",
        "browser",
        rb"aliyun-sdk-js/.*(?:chrome|firefox|safari)",
        "lib/browser/client.js",
        None,
        _FETCH,
    ),
    Client("ali-oss", "sdk", rb"aliyun-sdk-nodejs/|aliyun-sdk-js/", "lib/client.js"),
    Client("OSS SDK for PHP v2", "sdk", rb"alibabacloud-php-sdk-v2/", "src/Client.php", "php-v2"),
    Client("OSS SDK for PHP", "sdk", rb"aliyun-sdk-php/", "OssClient.php", "php-v1"),
    Client("OSS SDK for .NET v2", "sdk", rb"alibabacloud-dotnet-sdk-v2/", "client user agent", "net-v2"),
    Client("OSS SDK for .NET", "sdk", rb"aliyun-sdk-dotnet/", "OssUtils.cs", "net-v1"),
    Client("OSS SDK for C++", "sdk", rb"aliyun-sdk-cpp/", "sdk/src/utils/Utils.cc", "cpp"),
    Client("OSS SDK for C", "sdk", rb"aliyun-sdk-c[/(]", "oss_c_sdk/oss_define.h", "c"),
    Client("OSS SDK for Ruby", "sdk", rb"aliyun-sdk-ruby/", "http.rb"),
    Client("OSS SDK for Android", "sdk", rb"aliyun-sdk-android/", "VersionInfoUtils.java", "android"),
    Client("OSS SDK for iOS", "sdk", rb"aliyun-sdk-ios/", "OSSDefine.h", "ios"),
    Client("ossfs", "tool", rb"ossfs/|aliyun-sdk-http/.*ossfs", "ossfs source"),
    Client(
        "WeChat mini program",
        "browser",
        rb".*MicroMessenger|.*miniProgram",
        "error page 0002-00000040",
        None,
        rb"application/json|" + _FETCH,
    ),
    Client("Postman", "tool", rb"PostmanRuntime/", "aliyun-oss-php-sdk, failure with a file body", None, _ANY),
    Client("curl", "tool", rb"curl/", "curl manual: -d sends a form", None, _FORM + rb"|multipart/form-data"),
    Client("Wget", "tool", rb"wget/", "wget manual: --post-data sends a form", None, _FORM),
    Client("HTTPie", "tool", rb"HTTPie/", "HTTPie documentation: JSON by default", None, rb"application/json"),
    Client("Insomnia", "tool", rb"insomnia/", "Insomnia documentation", None, _ANY),
    Client(
        "requests",
        "library",
        rb"python-requests/",
        "requests/models.py, prepare_body",
        None,
        _FORM + rb"|application/json|multipart/form-data",
    ),
    Client(
        "urllib",
        "library",
        rb"Python-urllib/",
        "FAQ on self-signed PUT with urllib; urllib.request adds the type of a form",
        None,
        _FORM,
    ),
    Client(
        "aiohttp",
        "library",
        rb".*aiohttp/",
        "aiohttp payload types",
        None,
        rb"application/octet-stream|text/plain|" + _FORM,
    ),
    Client(
        "HTTPX",
        "library",
        rb"python-httpx/",
        "httpx documentation",
        None,
        _FORM + rb"|application/json|multipart/form-data",
    ),
    Client("boto3 or the AWS CLI", "s3", rb"boto3/|aws-cli/|botocore/", "AWS SDK user agents"),
    Client("an AWS SDK", "s3", rb"aws-sdk-|aws-internal/", "AWS SDK user agents"),
    Client("MinIO client", "s3", rb"minio ", "minio-go user agent"),
    Client("rclone", "s3", rb"rclone/", "rclone documentation"),
    Client("s3cmd or s3fs", "s3", rb"s3cmd/|s3fs/", "user agents"),
    Client("OkHttp", "library", rb"okhttp/", "OkHttp RequestBody: charset appended to text types", None, _ANY),
    Client(
        "Apache HttpClient",
        "library",
        rb"Apache-HttpClient/",
        "HttpClient entities carry a type",
        None,
        rb"text/plain|" + _FORM,
    ),
    Client("Java HttpURLConnection", "library", rb"Java/\d", "HttpURLConnection: form type on output", None, _FORM),
    Client(
        "axios or Node.js",
        "library",
        rb"axios/|node-fetch|node$|undici",
        "axios defaults",
        None,
        _FORM + rb"|application/json|text/plain|application/octet-stream",
    ),
    Client("Dart", "library", rb"Dart/", "dart:io and dio", None, rb"application/json|text/plain|multipart/form-data"),
    Client("Guzzle", "library", rb"GuzzleHttp/", "Guzzle request options", None, _FORM + rb"|multipart/form-data"),
    Client("Go net/http", "library", rb"Go-http-client/", "net/http adds none"),
    Client("Ruby Net::HTTP", "library", rb"Ruby$", "Net::HTTP: form type on POST and PUT bodies", None, _FORM),
    Client("PicGo or another Electron program", "browser", rb".*Electron/", "user agent", None, _FETCH),
    Client("a browser", "browser", rb"Mozilla/\d", "fetch and XMLHttpRequest: the body's own type", None, _FETCH),
)

#: Types that programs rarely choose themselves for an object: an HTTP stack put them there.
_GENERIC = (
    rb"application/x-www-form-urlencoded|text/plain;\s*charset=|multipart/form-data;|application/json;\s*charset="
)


def client_of(user_agent: bytes | None) -> Client | None:
    """The row for a User-Agent; None for an unknown one or none."""
    if user_agent is None:
        return None
    return _client_of(user_agent[:512])


@lru_cache(maxsize=256)
def _client_of(head: bytes) -> Client | None:
    return next((row for row in CLIENTS if re.match(row.pattern, head, re.IGNORECASE)), None)


def generic_content_type(value: bytes) -> bool:
    """The value looks like an HTTP library's default."""
    return re.match(_GENERIC, value, re.IGNORECASE) is not None
