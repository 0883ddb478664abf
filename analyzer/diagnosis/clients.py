"""What a User-Agent is known to do to a request that somebody else signed.

One row a client: how it is recognised, whose list of sub-resources it signs by (names of the sources in the table of
sub-resources), and which Content-Type its HTTP stack puts on a body by itself. The first row that matches counts.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

__all__ = ["CLIENTS", "Client", "client_of", "generic_content_type"]


@dataclass(frozen=True, slots=True)
class Client:
    """A row. ``adds`` matches Content-Types that the client's HTTP stack adds; None where it is known to add none."""

    name: str
    kind: str  #: ``sdk``, ``browser``, ``tool``, ``library``, ``s3``
    pattern: re.Pattern[bytes]
    source: str
    sdk_list: str | None = None  #: source name in the table of sub-resources
    adds: re.Pattern[bytes] | None = None

    def adds_type(self, value: bytes) -> bool:
        """This Content-Type is one the client's stack puts there unasked."""
        return self.adds is not None and self.adds.match(value) is not None


def _row(
    name: str, kind: str, pattern: bytes, source: str, sdk_list: str | None = None, adds: bytes | None = None
) -> Client:
    added = re.compile(adds, re.IGNORECASE) if adds is not None else None
    return Client(name, kind, re.compile(pattern, re.IGNORECASE), source, sdk_list, added)


_FORM = rb"application/x-www-form-urlencoded"
_ANY = rb"[^;]+"
_FETCH = rb"text/plain|multipart/form-data|image/|video/|audio/|application/"

CLIENTS: tuple[Client, ...] = (
    _row(
        "oss2 on Python 3",
        "sdk",
        rb"aliyun-sdk-python/[^;(]+\([^;]*;3\.",
        "oss2/http.py and oss2/api.py: the SDK sets no Content-Type for multipart completion; requests adds one to "
        "bytes that it takes for form data",
        "oss2-py",
        _FORM,
    ),
    _row("oss2", "sdk", rb"aliyun-sdk-python/", "oss2/http.py", "oss2-py"),
    _row("OSS SDK for Python v2", "sdk", rb"alibabacloud-python-sdk-v2/", "alibabacloud_oss_v2/_client.py", "py-v2"),
    _row("OSS SDK for Go v2", "sdk", rb"alibabacloud-go-sdk-v2/", "oss/client.go", "go-v2"),
    _row("ossutil", "sdk", rb"aliyun-sdk-go/[^ ]* .*ossutil|ossutil", "vendors the Go SDK", "go-v1"),
    _row("OSS SDK for Go", "sdk", rb"aliyun-sdk-go/", "oss/conf.go", "go-v1"),
    _row("OSS SDK for Java v2", "sdk", rb"alibabacloud-java-sdk-v2/", "client user agent", "java-v2"),
    _row("OSS SDK for Java", "sdk", rb"aliyun-sdk-java/", "VersionInfoUtils.java", "java-v1"),
    _row(
        "ali-oss in a browser",
        "browser",
        rb"aliyun-sdk-js/.*(?:chrome|firefox|safari)",
        "lib/browser/client.js",
        None,
        _FETCH,
    ),
    _row("ali-oss", "sdk", rb"aliyun-sdk-nodejs/|aliyun-sdk-js/", "lib/client.js"),
    _row("OSS SDK for PHP v2", "sdk", rb"alibabacloud-php-sdk-v2/", "src/Client.php", "php-v2"),
    _row("OSS SDK for PHP", "sdk", rb"aliyun-sdk-php/", "OssClient.php", "php-v1"),
    _row("OSS SDK for .NET v2", "sdk", rb"alibabacloud-dotnet-sdk-v2/", "client user agent", "net-v2"),
    _row("OSS SDK for .NET", "sdk", rb"aliyun-sdk-dotnet/", "OssUtils.cs", "net-v1"),
    _row("OSS SDK for C++", "sdk", rb"aliyun-sdk-cpp/", "sdk/src/utils/Utils.cc", "cpp"),
    _row("OSS SDK for C", "sdk", rb"aliyun-sdk-c[/(]", "oss_c_sdk/oss_define.h", "c"),
    _row("OSS SDK for Ruby", "sdk", rb"aliyun-sdk-ruby/", "http.rb"),
    _row("OSS SDK for Android", "sdk", rb"aliyun-sdk-android/", "VersionInfoUtils.java", "android"),
    _row("OSS SDK for iOS", "sdk", rb"aliyun-sdk-ios/", "OSSDefine.h", "ios"),
    _row("ossfs", "tool", rb"ossfs/|aliyun-sdk-http/.*ossfs", "ossfs source"),
    _row(
        "WeChat mini program",
        "browser",
        rb".*MicroMessenger|.*miniProgram",
        "error page 0002-00000040",
        None,
        rb"application/json|" + _FETCH,
    ),
    _row("Postman", "tool", rb"PostmanRuntime/", "aliyun-oss-php-sdk, failure with a file body", None, _ANY),
    _row("curl", "tool", rb"curl/", "curl manual: -d sends a form", None, _FORM + rb"|multipart/form-data"),
    _row("Wget", "tool", rb"wget/", "wget manual: --post-data sends a form", None, _FORM),
    _row("HTTPie", "tool", rb"HTTPie/", "HTTPie documentation: JSON by default", None, rb"application/json"),
    _row("Insomnia", "tool", rb"insomnia/", "Insomnia documentation", None, _ANY),
    _row(
        "requests",
        "library",
        rb"python-requests/",
        "requests/models.py, prepare_body",
        None,
        _FORM + rb"|application/json|multipart/form-data",
    ),
    _row(
        "urllib",
        "library",
        rb"Python-urllib/",
        "FAQ on self-signed PUT with urllib; urllib.request adds the type of a form",
        None,
        _FORM,
    ),
    _row(
        "aiohttp",
        "library",
        rb".*aiohttp/",
        "aiohttp payload types",
        None,
        rb"application/octet-stream|text/plain|" + _FORM,
    ),
    _row(
        "HTTPX",
        "library",
        rb"python-httpx/",
        "httpx documentation",
        None,
        _FORM + rb"|application/json|multipart/form-data",
    ),
    _row("boto3 or the AWS CLI", "s3", rb"boto3/|aws-cli/|botocore/", "AWS SDK user agents"),
    _row("an AWS SDK", "s3", rb"aws-sdk-|aws-internal/", "AWS SDK user agents"),
    _row("MinIO client", "s3", rb"minio ", "minio-go user agent"),
    _row("rclone", "s3", rb"rclone/", "rclone documentation"),
    _row("s3cmd or s3fs", "s3", rb"s3cmd/|s3fs/", "user agents"),
    _row("OkHttp", "library", rb"okhttp/", "OkHttp RequestBody: charset appended to text types", None, _ANY),
    _row(
        "Apache HttpClient",
        "library",
        rb"Apache-HttpClient/",
        "HttpClient entities carry a type",
        None,
        rb"text/plain|" + _FORM,
    ),
    _row("Java HttpURLConnection", "library", rb"Java/\d", "HttpURLConnection: form type on output", None, _FORM),
    _row(
        "axios or Node.js",
        "library",
        rb"axios/|node-fetch|node$|undici",
        "axios defaults",
        None,
        _FORM + rb"|application/json|text/plain|application/octet-stream",
    ),
    _row("Dart", "library", rb"Dart/", "dart:io and dio", None, rb"application/json|text/plain|multipart/form-data"),
    _row("Guzzle", "library", rb"GuzzleHttp/", "Guzzle request options", None, _FORM + rb"|multipart/form-data"),
    _row("Go net/http", "library", rb"Go-http-client/", "net/http adds none"),
    _row("Ruby Net::HTTP", "library", rb"Ruby$", "Net::HTTP: form type on POST and PUT bodies", None, _FORM),
    _row("PicGo or another Electron program", "browser", rb".*Electron/", "user agent", None, _FETCH),
    _row("a browser", "browser", rb"Mozilla/\d", "fetch and XMLHttpRequest: the body's own type", None, _FETCH),
)

#: Types that programs rarely choose themselves for an object: an HTTP stack put them there.
_GENERIC = re.compile(
    rb"application/x-www-form-urlencoded|text/plain;\s*charset=|multipart/form-data;|application/json;\s*charset=",
    re.IGNORECASE,
)


def client_of(user_agent: bytes | None) -> Client | None:
    """The row for a User-Agent; None for an unknown one or none."""
    if user_agent is None:
        return None
    head = user_agent[:512]
    return next((row for row in CLIENTS if row.pattern.match(head)), None)


def generic_content_type(value: bytes) -> bool:
    """The value looks like an HTTP library's default."""
    return _GENERIC.match(value) is not None
