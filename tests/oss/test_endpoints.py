"""Host names against the endpoint table, and which bucket a request may mean."""

from __future__ import annotations

import pytest

from analyzer.model.signing import BucketReason as Why
from analyzer.oss.endpoints import addressing, read_host


@pytest.mark.parametrize(
    ("host", "kind", "region", "bucket"),
    [
        (b"b.oss-cn-hangzhou.aliyuncs.com", "public", b"cn-hangzhou", b"b"),
        (b"B.OSS-cn-hangzhou.aliyuncs.com:8080", "public", b"cn-hangzhou", b"b"),
        (b"oss-cn-hangzhou.aliyuncs.com", "public", b"cn-hangzhou", None),
        (b"my.dotted.oss-us-west-1.aliyuncs.com", "public", b"us-west-1", b"my.dotted"),
        (b"b.oss-cn-hangzhou-internal.aliyuncs.com", "internal", b"cn-hangzhou", b"b"),
        (b"b.oss-accelerate.aliyuncs.com", "accelerate", None, b"b"),
        (b"b.oss-accelerate-overseas.aliyuncs.com", "accelerate", None, b"b"),
        (b"b.cn-hangzhou.oss.aliyuncs.com", "dual-stack", b"cn-hangzhou", b"b"),
        (b"b.vpc100-oss-cn-hangzhou.aliyuncs.com", "vpc", b"cn-hangzhou", b"b"),
        (b"b.oss-cn-shanghai-finance-1.aliyuncs.com", "finance", b"cn-shanghai-finance-1", b"b"),
        (b"b.oss-cn-north-2-gov-1.aliyuncs.com", "gov", b"cn-north-2-gov-1", b"b"),
        (b"b.s3.oss-cn-hangzhou.aliyuncs.com", "s3-compatible", b"cn-hangzhou", b"b"),
        (b"ep-1.oss.cn-hangzhou.privatelink.aliyuncs.com", "privatelink", b"cn-hangzhou", None),
        (b"b.cb-123.cn-hangzhou.oss-cloudbox.aliyuncs.com", "cloudbox", b"cn-hangzhou", b"b"),
        (b"b-42.cn-hangzhou.oss-vectors.aliyuncs.com", "vectors", b"cn-hangzhou", b"b-42"),
        (b"b.s3.us-east-1.amazonaws.com", "s3", b"us-east-1", b"b"),
        (b"b.s3.amazonaws.com", "s3", None, b"b"),
        (b"storage.aliyun.com", "legacy", None, None),
        (b"10.0.0.1:9000", "ip", None, None),
        (b"[::1]:80", "ip", None, None),
        (b"localhost", "local", None, None),
        (b"img.example.com", "other", None, None),
        (b"", "local", None, None),
    ],
)
def test_table(host: bytes, kind: str, region: bytes | None, bucket: bytes | None) -> None:
    found = read_host(host)
    assert (found.kind, found.region, found.bucket) == (kind, region, bucket)


@pytest.mark.parametrize(
    ("host", "path", "server", "bucket", "key", "why"),
    [
        (b"b.oss-cn-hangzhou.aliyuncs.com", b"/k", None, b"b", b"k", Why.VIRTUAL_HOST),
        (b"x-ossalias.oss-cn-hangzhou.aliyuncs.com", b"/k", None, b"x-ossalias", b"k", Why.ACCESS_POINT),
        (b"oss-cn-hangzhou.aliyuncs.com", b"/", None, None, b"", Why.SERVICE),
        (b"oss-cn-hangzhou.aliyuncs.com", b"/b/k/l", None, b"b", b"k/l", Why.PATH_STYLE),
        (b"10.0.0.1", b"/b/k", None, b"b", b"k", Why.PATH_STYLE),
        (b"10.0.0.1", b"/b", None, b"b", b"", Why.PATH_STYLE),
        (b"img.example.com", b"/k", None, None, b"k", Why.CNAME),
        (b"img.example.com", b"/k", b"/real/k", b"real", b"k", Why.CNAME),
        (b"img.example.com", b"/real/k", b"/real/k", b"real", b"k", Why.PATH_STYLE),
        (b"b.oss.example.com", b"/k", None, b"b", b"k", Why.VIRTUAL_HOST),
        (b"b.oss.example.com", b"/k", b"/b/k", b"b", b"k", Why.VIRTUAL_HOST),
        (b"b.oss-cn-hangzhou.aliyuncs.com", b"/k", b"/other/k", b"b", b"k", Why.VIRTUAL_HOST),
    ],
)
def test_first_candidate(
    host: bytes, path: bytes, server: bytes | None, bucket: bytes | None, key: bytes, why: Why
) -> None:
    best = addressing(host, path, server).candidates[0]
    assert (best.bucket, best.raw_key, best.reason) == (bucket, key, why)


def test_a_bucket_only_the_server_names_comes_last() -> None:
    place = addressing(b"b.oss-cn-hangzhou.aliyuncs.com", b"/k", b"/other/k")
    assert [(c.bucket, c.reason) for c in place.candidates] == [(b"b", Why.VIRTUAL_HOST), (b"other", Why.SERVER)]
    assert [n.key for n in place.notes] == ["oss.bucket-differs"]
