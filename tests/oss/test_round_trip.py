"""What the SDKs sign, we rebuild and verify: property tests with the real signers and the real HTTP library."""

from __future__ import annotations

import json
from collections.abc import Callable

import oss2
import pytest
from alibabacloud_oss_v2.signer.v1 import SignerV1
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from analyzer.oss import signer
from analyzer.oss.subresources import table
from tests.oss.sdk_clients import Call, Signed, oss2_header, oss2_url, v2_header, v2_url, vectors_header
from tests.oss.wire import answer, signed

OSS2_NAMES = sorted(oss2.auth.ProviderAuth._subresource_key_set - {"security-token"})
V2_NAMES = sorted(set(SignerV1._subresource_key_set) - {"security-token"})


def _plain(name: str) -> bool:
    """No parameter that would make the request one of another variant, or that lists disagree on."""
    return name.encode() not in table().union and not name.lower().startswith(("x-oss-", "x-amz-"))


_text = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
_odd = st.text(st.sampled_from("ab +%/?&=#~'()*!;:@,$[]\\\"中é"), min_size=1, max_size=12)
keys = st.one_of(_odd, _text.filter(bool)).filter(lambda key: not {".", ".."} & set(key.split("/")))
values = st.one_of(st.just(""), _odd, _text)
visible = st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=1, max_size=12)
header_values = st.builds(lambda a, b: f"{a}  {b}", visible, visible) | visible
header_names = st.sampled_from(
    [
        "Content-Type",
        "Content-MD5",
        "x-oss-meta-a",
        "x-oss-Meta-B",
        "x-oss-acl",
        "Range",
        "If-Modified-Since",
        "X-Other",
    ]
)
other_names = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=8).filter(_plain)
tokens = st.none() | visible


def calls(names: st.SearchStrategy[str]) -> st.SearchStrategy[Call]:
    return st.builds(
        Call,
        method=st.sampled_from(["GET", "PUT", "POST", "DELETE", "HEAD", "OPTIONS"]),
        bucket=st.sampled_from(["bucket", "my-bucket-1"]),
        key=keys,
        params=st.dictionaries(names, values, max_size=4),
        headers=st.dictionaries(header_names, header_values, max_size=4),
        token=tokens,
    )


moderate = settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def verify(made: Signed, call: Call) -> None:
    """The rebuilt texts are the SDK's, the signature is the one sent, and the server saying so decides the rules."""
    found = signed(made.wire, answer(made.string_to_sign.encode(), head=call.method == "HEAD"))
    assert found.inputs is not None
    assert found.string_to_sign is not None
    if made.canonical_request is not None:
        assert found.canonical_request is not None
        assert found.canonical_request.data.decode() == made.canonical_request
    assert found.string_to_sign.data.decode() == made.string_to_sign
    row = signer(found.credentials.variant)
    assert row.signature(call.secret.encode(), found.inputs, found.string_to_sign.data) == found.credentials.signature
    assert found.rules is not None
    assert found.rules.decided_by == ("hash" if found.credentials.variant.is_v4 else "bytes")
    assert found.server_string is not None
    assert found.server_string.data == found.string_to_sign.data


@given(calls(st.sampled_from(OSS2_NAMES) | other_names))
@moderate
@pytest.mark.parametrize("sign", [oss2_header, oss2_url])
def test_oss2_version_1(sign: Callable[[Call, str], Signed], call: Call) -> None:
    verify(sign(call, "v1"), call)


@given(calls(other_names | st.sampled_from(OSS2_NAMES)))
@moderate
@pytest.mark.parametrize("version", ["v2", "v4"])
@pytest.mark.parametrize("sign", [oss2_header, oss2_url])
def test_oss2_versions_2_and_4(sign: Callable[[Call, str], Signed], version: str, call: Call) -> None:
    verify(sign(call, version), call)


@given(calls(st.sampled_from(V2_NAMES) | other_names))
@moderate
@pytest.mark.parametrize("sign", [v2_header, v2_url])
def test_sdk_v2_version_1(sign: Callable[[Call, str], Signed], call: Call) -> None:
    verify(sign(call, "v1"), call)


@given(calls(st.sampled_from(V2_NAMES) | other_names))
@moderate
@pytest.mark.parametrize("sign", [v2_header, v2_url])
def test_sdk_v2_version_4(sign: Callable[[Call, str], Signed], call: Call) -> None:
    verify(sign(call, "v4"), call)


@given(calls(other_names))
@moderate
def test_vector_buckets(call: Call) -> None:
    verify(vectors_header(call, "1234567890"), call)


@pytest.mark.parametrize("sign", [oss2_header, v2_header])
def test_additional_headers(sign: Callable[[Call, str], Signed]) -> None:
    headers = {"Range": "bytes=0-9", "X-Other": "1", "X-Another": "2"}
    call = Call("GET", "bucket", "k", {}, headers, additional=("x-other", "x-another", "range"))
    made = sign(call, "v4")
    assert b"AdditionalHeaders" in made.wire
    verify(made, call)


def test_json_of_a_call_is_stable() -> None:
    """The wire of one call, spelled out, so that a change in the helpers above is seen."""
    made = v2_header(Call("GET", "bucket", "a b+c/中", {"acl": ""}, {}), "v4")
    assert json.dumps(made.string_to_sign).startswith('"OSS4-HMAC-SHA256\\n20240305T060708Z\\n20240305/cn-hangzhou/oss')
