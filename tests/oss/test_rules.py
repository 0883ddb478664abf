"""The server's own words decide what no document says."""

from __future__ import annotations

from dataclasses import replace
from hashlib import sha256

import pytest

from analyzer.model.signing import ServerRules
from analyzer.oss import signer
from tests.oss.wire import HOST, answer, request_bytes, signed

AUTHORIZATION = ("Authorization", "OSS ak:r2KPR0y4E0G5tnU/MYdcvXHPQQ4=")
DATE = ("Date", "Tue, 05 Mar 2024 06:07:08 GMT")


@pytest.mark.parametrize(
    ("target", "headers", "change"),
    [
        ("/a+b", [], {"plus_in_path_is_blank": True}),
        ("/a//b", [], {"merge_slashes": True}),
        ("/a/./b/../c", [], {"remove_dot_segments": True}),
        ("/", [], {"bucket_trailing_slash": False}),
        ("/k", [("x-oss-meta-a", "")], {"keep_empty_headers": False}),
        ("/k", [("x-oss-meta-a", "a   b")], {"collapse_inner_blanks": True}),
        ("/k", [("x-oss-meta-a", "1"), ("x-oss-meta-a", "2")], {"duplicate_headers": "first"}),
        ("/k", [("x-oss-meta-a", "1"), ("x-oss-meta-a", "2")], {"duplicate_headers": "last"}),
        ("/k?x-oss-new=1", [], {"uncertain_subresources": ((b"x-oss-new", True),)}),
        ("/k?x-oss-process=style", [], {"uncertain_subresources": ((b"x-oss-process", False),)}),
        ("/a+b", [("x-oss-meta-a", "")], {"plus_in_path_is_blank": True, "keep_empty_headers": False}),
    ],
)
def test_each_switch_is_found(target: str, headers: list[tuple[str, str]], change: dict[str, object]) -> None:
    request = request_bytes("GET", target, [("Host", HOST), DATE, AUTHORIZATION, *headers])
    plain = signed(request)
    assert plain.inputs is not None
    rules = replace(ServerRules(), **change)  # type: ignore[arg-type]
    server = signer(plain.credentials.variant).string_to_sign(plain.inputs, rules).data
    found = signed(request, answer(server))
    assert found.rules is not None
    assert (found.rules.rules, found.rules.decided_by) == (rules, "bytes")
    assert found.string_to_sign is not None
    assert found.string_to_sign.data == server
    assert found.rules.notes[-1].key == "oss.rules-by-bytes"


def test_version_4_is_decided_by_the_hash() -> None:
    credential = "ak/20240305/cn-hangzhou/oss/aliyun_v4_request"
    request = request_bytes(
        "GET",
        "/a+b",
        [
            ("Host", HOST),
            ("x-oss-date", "20240305T060708Z"),
            ("Authorization", f"OSS4-HMAC-SHA256 Signature={'0' * 64} , Credential={credential}"),
        ],
    )
    canonical = b"GET\n/bucket/a%20b\n\nx-oss-date:20240305T060708Z\n\n\nUNSIGNED-PAYLOAD"
    server = b"OSS4-HMAC-SHA256\n20240305T060708Z\n20240305/cn-hangzhou/oss/aliyun_v4_request\n"
    found = signed(request, answer(server + sha256(canonical).hexdigest().encode()))
    assert found.rules is not None
    assert found.rules.decided_by == "hash"
    assert found.rules.rules == ServerRules(plus_in_path_is_blank=True)
    assert found.canonical_request is not None
    assert found.canonical_request.data == canonical


def test_a_real_difference_is_left_to_be_seen() -> None:
    request = request_bytes("HEAD", "/k", [("Host", HOST), DATE, AUTHORIZATION])
    server = b"GET\n\n\nTue, 05 Mar 2024 06:07:08 GMT\n/bucket/k"
    found = signed(request, answer(server, head=True))
    assert found.rules is not None
    assert found.rules.decided_by == "default"
    assert found.string_to_sign is not None
    assert found.string_to_sign.data == server.replace(b"GET", b"HEAD", 1)
