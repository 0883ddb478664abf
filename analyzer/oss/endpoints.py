"""Which endpoint a host name is, and which buckets a request may mean.

Host names are matched against a table; the label before the endpoint is the bucket (virtual host). Where there is no
such label the first path segment may be it (path style: IP addresses, private endpoints), or the host is a custom
domain whose bucket stands nowhere on the wire. All readings are kept as candidates, the likeliest first; the server's
string to sign chooses among them, and a bucket that only the server names becomes a candidate of its own. Patterns are
compiled (and kept by ``re``) when they are reached.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from analyzer.model.notes import Kind, Note, Wire, note
from analyzer.model.signing import Addressing, BucketCandidate, BucketReason, Endpoint
from analyzer.oss.pieces import percent_decode

__all__ = ["ENDPOINTS", "EndpointRow", "addressing", "read_host"]

_BUCKET = r"(?:(?P<bucket>[^/]+?)\.)??"
_REGION = r"(?P<region>[a-z]{2,}-[a-z0-9-]+?)"


@dataclass(frozen=True, slots=True)
class EndpointRow:
    """``pattern`` is matched against the whole lower-case host name; its groups are ``bucket`` and ``region``."""

    kind: str
    pattern: str
    path_style: bool  #: a bucket in the path is taken here
    source: str


def _row(kind: str, endpoint: str, source: str, path_style: bool = False) -> EndpointRow:
    return EndpointRow(kind, _BUCKET + endpoint, path_style, source)


_REGIONS_PAGE = 'help page "OSS regions and endpoints"'

#: The first row that matches counts.
ENDPOINTS: tuple[EndpointRow, ...] = (
    _row("accelerate", r"oss-accelerate(?:-overseas)?\.aliyuncs\.com", 'help page "Transfer acceleration"'),
    _row(
        "s3-compatible", rf"s3\.oss-{_REGION}(?:-internal)?\.aliyuncs\.com", 'help page "Use AWS SDKs with OSS"', True
    ),
    _row("vpc", rf"(?:vpc100-)oss-{_REGION}\.aliyuncs\.com", 'help page "OSS regions and endpoints", VPC classic'),
    _row("internal", rf"oss-{_REGION}-internal\.aliyuncs\.com", _REGIONS_PAGE),
    _row(
        "finance",
        r"oss-(?P<region>[a-z]{2,}-[a-z0-9-]*(?:finance|hzjbp|szfinance|fin)[a-z0-9-]*)\.aliyuncs\.com",
        _REGIONS_PAGE,
    ),
    _row("gov", r"oss-(?P<region>[a-z]{2,}-[a-z0-9-]*gov[a-z0-9-]*)\.aliyuncs\.com", _REGIONS_PAGE),
    _row("public", rf"oss-{_REGION}\.aliyuncs\.com", _REGIONS_PAGE),
    _row(
        "privatelink",
        r"(?P<endpoint>ep-[a-z0-9-]+)\.oss\.(?P<region>[a-z0-9-]+)\.privatelink\.aliyuncs\.com",
        'help page "Access OSS through PrivateLink"',
        True,
    ),
    _row(
        "accelerator",
        r"(?P<region>[a-z]{2,}-[a-z0-9-]+?)-internal\.oss-data-acc\.aliyuncs\.com",
        'help page "OSS accelerator"',
    ),
    _row(
        "cloudbox",
        r"(?P<cloudbox>cb-[a-z0-9-]+)\.(?P<region>[a-z0-9-]+)\.oss-cloudbox(?:-control)?\.aliyuncs\.com",
        "alibabacloud-oss-python-sdk-v2, _client.py",
    ),
    _row(
        "vectors",
        r"(?P<region>[a-z]{2,}-[a-z0-9-]+?)(?:-internal)?\.oss-vectors\.aliyuncs\.com",
        "alibabacloud-oss-python-sdk-v2, vectors/endpoints.py",
    ),
    _row(
        "tables",
        r"(?P<region>[a-z]{2,}-[a-z0-9-]+?)(?:-internal)?\.oss-tables\.aliyuncs\.com",
        "alibabacloud-oss-go-sdk-v2, oss/signer/tables_v4.go",
    ),
    _row("dual-stack", r"(?P<region>[a-z]{2,}-[a-z0-9-]+)\.oss\.aliyuncs\.com", 'help page "Access OSS over IPv6"'),
    _row("legacy", r"oss(?:-internal)?\.aliyuncs\.com", "aliyun-oss-python-sdk, old default endpoint", True),
    _row("legacy", r"storage\.aliyun\.com", "answers of 2012", True),
    _row("internal", r"oss[a-z0-9-]*\.aliyun-inc\.com", "aliyun-oss-java-sdk, list of root domains", True),
    _row(
        "s3",
        r"s3(?:[.-](?:dualstack\.)?(?P<region>[a-z0-9-]+))?\.amazonaws\.com(?:\.cn)?",
        "Amazon S3 user guide",
        True,
    ),
)

_IPV4 = re.compile(rb"\d{1,3}(?:\.\d{1,3}){3}")
_PORT = re.compile(rb"(.*?):(\d{1,5})", re.DOTALL)
_STORE_LABEL = re.compile(rb"(?:oss|s3|obs|cos|storage|minio|rgw|ceph)[a-z0-9-]*", re.IGNORECASE)
_ALIAS = b"-ossalias"
_PLAIN_LABEL = re.compile(rb"[a-z0-9][a-z0-9_-]{1,62}")


def read_host(host: bytes) -> Endpoint:
    """The endpoint behind a Host value (port allowed). ``kind`` is a row of the table, ``ip``, ``local`` (a name
    without dots) or ``other`` (custom domain, CDN, another store)."""
    return _read_host(host) if len(host) <= 512 else Endpoint(host.lower(), None, "other", None, None)


@lru_cache(maxsize=1024)
def _read_host(host: bytes) -> Endpoint:
    bare, port = _without_port(host.strip().lower())
    if bare.startswith(b"[") or _IPV4.fullmatch(bare):
        return Endpoint(bare, port, "ip", None, None)
    if b"." not in bare:
        return Endpoint(bare, port, "local", None, None)
    text = bare.rstrip(b".").decode("latin-1")
    for row in ENDPOINTS if len(text) <= 255 else ():
        found = re.fullmatch(row.pattern, text)
        if found is not None:
            groups = found.groupdict()
            return Endpoint(bare, port, row.kind, _bytes(groups.get("region")), _bytes(groups.get("bucket")))
    return Endpoint(bare, port, "other", None, None)


def _bytes(text: str | None) -> bytes | None:
    return text.encode("latin-1") if text else None


def _without_port(host: bytes) -> tuple[bytes, int | None]:
    found = _PORT.fullmatch(host)
    if found is None or (b":" in found[1] and not found[1].endswith(b"]")):
        return host, None
    return found[1], int(found[2])


def addressing(host: bytes | None, path: bytes, server_path: bytes | None) -> Addressing:
    """Endpoint and bucket candidates of a request.

    ``path`` is the raw path of the target; ``server_path`` the path part of the server's resource (decoded), None
    where the server did not say. Candidates of the wire come first, a bucket only the server names comes last with
    reason SERVER, so that what is rebuilt is what the wire says; a custom domain alone takes its bucket from there.
    """
    endpoint = read_host(host or b"")
    candidates = list(_candidates(endpoint, path))
    if server_path is None:
        return Addressing(endpoint, tuple(candidates), _unknown_notes(endpoint, candidates))
    return _with_server(endpoint, path, candidates, server_path)


def _candidates(endpoint: Endpoint, path: bytes) -> Iterator[BucketCandidate]:
    key = path[1:] if path.startswith(b"/") else path
    if endpoint.bucket is not None:
        alias = endpoint.bucket.endswith(_ALIAS)
        yield BucketCandidate(endpoint.bucket, key, BucketReason.ACCESS_POINT if alias else BucketReason.VIRTUAL_HOST)
        return
    if endpoint.kind != "other":
        yield _path_style(key)
        return
    label, _, parent = endpoint.host.partition(b".")
    if _STORE_LABEL.match(label):
        yield _path_style(key)
        yield BucketCandidate(None, key, BucketReason.CNAME)
        return
    virtual = BucketCandidate(label, key, BucketReason.VIRTUAL_HOST)
    custom = BucketCandidate(None, key, BucketReason.CNAME)
    yield from (virtual, custom) if _STORE_LABEL.match(parent) else (custom, virtual)
    yield _path_style(key)


def _path_style(key: bytes) -> BucketCandidate:
    segment, _, rest = key.partition(b"/")
    if not segment:
        return BucketCandidate(None, b"" if not rest else key, BucketReason.SERVICE)
    return BucketCandidate(percent_decode(segment), rest, BucketReason.PATH_STYLE)


def _unknown_notes(endpoint: Endpoint, candidates: list[BucketCandidate]) -> tuple[Note, ...]:
    if candidates and candidates[0].reason is BucketReason.CNAME:
        return (note("oss.cname-bucket-unknown", host=Wire(endpoint.host, Kind.HOST)),)
    return ()


def _with_server(endpoint: Endpoint, path: bytes, candidates: list[BucketCandidate], server_path: bytes) -> Addressing:
    """Order the candidates by what the server's resource shows."""
    named = server_path[1:].partition(b"/")[0] if server_path.startswith(b"/") else b""
    fitting = [c for c in candidates if c.reason is not BucketReason.CNAME and c.bucket == (named or None)]
    if fitting:
        exact = [c for c in fitting if _reads_as(c, server_path)]
        best = (exact or fitting)[0]
        return Addressing(endpoint, (best, *(c for c in candidates if c is not best)))
    if not named:
        return Addressing(endpoint, (*candidates, BucketCandidate(None, b"", BucketReason.SERVER)))
    custom = next((c for c in candidates if c.reason is BucketReason.CNAME), None)
    if custom is not None:
        best = BucketCandidate(named, custom.raw_key, BucketReason.CNAME)
        told = note("oss.cname-bucket", host=Wire(endpoint.host, Kind.HOST), bucket=Wire(named, Kind.BUCKET))
        return Addressing(endpoint, (best, *(c for c in candidates if c is not custom)), (told,))
    key = path[1:] if path.startswith(b"/") else path
    server = BucketCandidate(named, key, BucketReason.SERVER)
    sent = candidates[0].bucket
    theirs = Wire(named, Kind.BUCKET)
    if sent is None:
        told = note("oss.bucket-only-at-server", server=theirs)
    else:
        told = note("oss.bucket-differs", wire=Wire(sent, Kind.BUCKET), server=theirs)
    return Addressing(endpoint, (*candidates, server), (told,))


def _reads_as(candidate: BucketCandidate, server_path: bytes) -> bool:
    key = percent_decode(candidate.raw_key)
    bucket = candidate.bucket
    return server_path == (b"/" + key if bucket is None else b"/" + bucket + b"/" + key)
