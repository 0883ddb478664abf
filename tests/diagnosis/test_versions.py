"""What sets the versions apart: which part of a resource is the bucket, and how the key is coded in it."""

from __future__ import annotations

import pytest

from analyzer.model.signing import SignedExchange
from tests.diagnosis.exchanges import BOOK, DATE, HOST, explained, failure
from tests.diagnosis.versions import OSS_SCOPE, S3_SCOPE, canonical, s3_canonical, s3_v2, s3_v4, v1_url, v2, v4


def proven(signed: SignedExchange) -> tuple[list[str], list[str]]:
    """Ids of the proven causes, and what the client did otherwise."""
    (finding,) = explained(signed, book=BOOK)
    check = finding.secret_check
    assert check is not None
    return [cause.id for cause in finding.causes if cause.certainty.value == "proven"], [
        change.id for change in check.changes
    ]


S3 = s3_canonical


@pytest.mark.parametrize(
    ("client", "server", "target", "cause", "changes"),
    [
        (S3(b"/a.txt"), S3(b"/b.txt"), b"/a.txt", "altered-in-transit", []),
        (S3(b"/dir/a.txt"), S3(b"/other/a.txt"), b"/dir/a.txt", "altered-in-transit", []),
        (
            S3(b"/pictures/dir/a.txt"),
            S3(b"/dir/a.txt"),
            b"/dir/a.txt",
            "wrong-bucket",
            ["bucket of another name in the request"],
        ),
        (
            S3(b"/my%2520dir/a%2520b.txt"),
            S3(b"/my%20dir/a%20b.txt"),
            b"/my%20dir/a%20b.txt",
            "key-encoding",
            ["key percent-encoded"],
        ),
        (
            S3(b"/my+dir/a+b.txt"),
            S3(b"/my%20dir/a%20b.txt"),
            b"/my%20dir/a%20b.txt",
            "key-encoding",
            ["key with + for %20"],
        ),
    ],
)
def test_s3_version_4_names_the_bucket_in_the_host(
    client: bytes, server: bytes, target: bytes, cause: str, changes: list[str]
) -> None:
    signed = s3_v4(client, server, target)
    assert proven(signed) == ([cause], changes)
    assert signed.addressing is not None
    assert signed.addressing.notes == ()


def test_s3_version_4_in_path_style_names_it_in_the_path() -> None:
    host = b"10.0.0.7:9000"
    client, server = s3_canonical(b"/pictures/a.txt", host=host), s3_canonical(b"/elsewhere/a.txt", host=host)
    assert proven(s3_v4(client, server, b"/pictures/a.txt", host=host)) == (["wrong-bucket"], [])
    client = s3_canonical(b"/a.txt", host=host)
    changes = ["no bucket in the resource"]
    assert proven(s3_v4(client, server, b"/elsewhere/a.txt", host=host)) == (["wrong-bucket"], changes)


def string(resource: bytes) -> bytes:
    return b"\n".join((b"GET", b"", b"", DATE, resource))


@pytest.mark.parametrize(
    ("client", "sent", "change"),
    [
        (b"/caf%C3%A9.txt", b"/cafe%CC%81.txt", "key composed (NFC)"),
        (b"/cafe%CC%81.txt", b"/caf%C3%A9.txt", "key decomposed (NFD)"),
        (b"/a%20b", b"/a+b", "key with blanks for +"),
        (b"/a%2Bb", b"/a%20b", "key percent-encoded with + for blanks"),
        (b"/a+b", b"/a%20b", "key with + for %20"),
        (b"/a b", b"/a%20b", "resource not encoded"),
        (b"/a%2520b", b"/a%20b", "key percent-encoded"),
    ],
)
def test_s3_version_2_signs_the_path_as_sent(client: bytes, sent: bytes, change: str) -> None:
    signed = s3_v2(string(b"/pictures" + client), string(b"/pictures" + sent), sent)
    assert proven(signed) == (["key-encoding"], [change])


OBJECT = b"/pictures/a.txt"


def headed(*lines: bytes) -> bytes:
    return string(b"".join(line + b"\n" for line in lines) + OBJECT)


@pytest.mark.parametrize(
    ("headers", "client", "server", "cause"),
    [
        ((b"x-oss-object-acl:private",), (), None, "header-after-signing"),
        ((b"x-oss-meta-owner:me",), (), None, "header-after-signing"),
        ((b"x-oss-meta-owner:me", b"x-oss-object-acl:private"), (), None, "header-after-signing"),
        ((b"x-oss-range-behavior:standard",), (), None, "header-after-signing"),
        ((b"x-oss-meta-owner:",), (), None, "metadata-encoding"),
        ((b"x-oss-request-id:6642D7B5A1F0C83539D2E417",), (), None, "stale-request"),
        ((b"x-oss-meta-tags:a,b",), (b"x-oss-meta-tags:a, b",), None, "metadata-encoding"),
        ((b"x-oss-meta-tags:a,b",), (b"x-oss-meta-tags:a",), None, "metadata-encoding"),
        (
            (b"x-oss-meta-tags:a", b"x-oss-meta-tags:b"),
            (b"x-oss-meta-tags:a, b",),
            (b"x-oss-meta-tags:a,b",),
            "duplicate-headers",
        ),
    ],
)
def test_headers(
    headers: tuple[bytes, ...], client: tuple[bytes, ...], server: tuple[bytes, ...] | None, cause: str
) -> None:
    sent = b"".join(line.replace(b":", b": ", 1) + b"\r\n" for line in headers)
    signed = failure(headed(*client), headed(*(headers if server is None else server)), headers=sent)
    assert proven(signed)[0] == [cause]


def test_headers_of_s3() -> None:
    client, server = headed(), headed(b"x-amz-acl:private")
    assert proven(s3_v2(client, server, headers=b"x-amz-acl: private\r\n")) == (
        ["header-after-signing"],
        ["drop x-amz-acl"],
    )


def test_headers_beside_those_of_every_request() -> None:
    sent = b"x-oss-meta-a: 1\r\nx-oss-meta-b: 2\r\nx-oss-object-acl: private\r\n"
    client, server = (
        canonical(OBJECT),
        canonical(OBJECT, headers=b"x-oss-meta-a:1\nx-oss-meta-b:2\nx-oss-object-acl:private"),
    )
    assert proven(v4(client, server, headers=sent)) == (["header-after-signing"], ["only the headers of every request"])


def test_a_canonical_request_has_no_line_of_a_date() -> None:
    sent = b"Content-Type: text/plain\r\nx-oss-meta-a: 1\r\nx-oss-meta-b: 2\r\n"
    client, server = (
        canonical(OBJECT),
        canonical(OBJECT, headers=b"content-type:text/plain\nx-oss-meta-a:1\nx-oss-meta-b:2"),
    )
    assert proven(v4(client, server, headers=sent)) == (
        ["content-type-after-signing", "header-after-signing"],
        ["drop content-type", "only the headers of every request"],
    )


def test_a_token_among_the_headers_left_out_is_told_first() -> None:
    lines = (b"x-oss-meta-a:1", b"x-oss-security-token:t")
    sent = b"".join(line.replace(b":", b": ") + b"\r\n" for line in lines)
    assert proven(failure(headed(), headed(*lines), headers=sent)) == (["security-token"], ["no signed headers"])


def test_a_signed_url_does_not_know_of_headers_that_are_added() -> None:
    server = b"GET\n\n\n1715660467\nx-oss-object-acl:private\n/pictures/a.txt"
    signed = v1_url(b"", server, b"Expires=1715660467", headers=b"x-oss-object-acl: private\r\n")
    (finding,) = explained(signed)
    assert (finding.causes[0].id, finding.causes[0].certainty.value) == ("header-after-signing", "likely")


@pytest.mark.parametrize(
    ("wire", "server", "client"),
    [
        (b"acl", b"acl", b"acl="),
        (b"prefix=a%2Fb", b"prefix=a%2Fb", b"prefix=a/b"),
        (b"prefix=a+b", b"prefix=a%20b", b"prefix=a%2Bb"),
    ],
)
def test_parameters_in_another_form(wire: bytes, server: bytes, client: bytes) -> None:
    target = b"/a.txt?" + wire
    assert proven(v4(canonical(OBJECT, client), canonical(OBJECT, server), target))[0] == ["query-encoding"]
    encoded = b"%2Fpictures%2Fa.txt?"
    v2_client, v2_server = (b"GET\n\n\n" + DATE + b"\n\n" + encoded + query for query in (client, server))
    assert proven(v2(v2_client, v2_server, target))[0] == ["query-encoding"]
    s3_server = b"acl=" if wire == b"acl" else server
    s3_client = b"acl" if wire == b"acl" else client
    assert proven(s3_v4(S3(b"/a.txt", s3_client), S3(b"/a.txt", s3_server), target))[0] == ["query-encoding"]


@pytest.mark.parametrize(
    ("wire", "server", "client", "cause"),
    [
        (
            b"response-content-type=a%2Fb",
            b"?response-content-type=a/b",
            b"?response-content-type=a%2Fb",
            "query-encoding",
        ),
        (b"acl", b"?acl", b"?acl=", "query-encoding"),
        (b"acl&uploads", b"?acl&uploads", b"?uploads&acl", "query-encoding"),
        (b"acl&uploads", b"?acl&uploads", b"?acl", "subresource-list"),
    ],
)
def test_sub_resources_of_version_1(wire: bytes, server: bytes, client: bytes, cause: str) -> None:
    signed = failure(string(OBJECT + client), string(OBJECT + server), target=b"/a.txt?" + wire)
    assert proven(signed)[0] == [cause]


@pytest.mark.parametrize("query", [b"", b"?acl"])
def test_parameters_that_a_signed_url_does_not_know(query: bytes) -> None:
    server = b"GET\n\n\n1715660467\n/pictures/a.txt?acl&uploads"
    signed = v1_url(server.replace(b"?acl&uploads", query), server, b"acl&uploads&Expires=1715660467")
    assert proven(signed)[0] == ["parameter-after-signing"]


@pytest.mark.parametrize(("sent", "signed"), [(b"1715660467", b"1715660467000"), (b"1715660467000", b"1715660467")])
def test_expiry_in_another_unit(sent: bytes, signed: bytes) -> None:
    client, server = (b"GET\n\n\n%s\n/pictures/a.txt" % expires for expires in (signed, sent))
    refused = v1_url(client, server, b"Expires=" + sent)
    assert proven(refused)[0] == ["clock-skew"]
    (finding,) = explained(refused, book=BOOK)
    assert finding.causes[0].title.key == "cause.clock-skew.title-expiry"


@pytest.mark.parametrize(
    ("old", "new", "change"),
    [
        (b"20240514", b"20240513", "signing key of the day before"),
        (b"20240514", b"20240515", "signing key of the day after"),
        (b"cn-hangzhou", b"oss-cn-hangzhou", "signing key for oss-region"),
        (b"cn-hangzhou", b"hangzhou", "signing key for the region without cn-"),
        (b"cn-hangzhou", b"cn-shanghai", "signing key for region cn-shanghai"),
    ],
)
def test_a_key_derived_for_another_scope(old: bytes, new: bytes, change: str) -> None:
    text = canonical(OBJECT)
    assert proven(v4(text, text, key_scope=OSS_SCOPE.replace(old, new))) == (["v4-scope"], [change])


def test_a_key_of_s3_derived_for_another_day() -> None:
    text = s3_canonical(b"/a.txt")
    refused = s3_v4(text, text, key_scope=S3_SCOPE.replace(b"20240514", b"20240513"))
    assert proven(refused) == (["v4-scope"], ["signing key of the day before"])


def test_version_2_is_called_so() -> None:
    server = b"GET\n\n\n" + DATE + b"\n\n%2Fpictures%2Fa.txt"
    client = b"GET\n\n\n" + DATE + b"\nhost:" + HOST + b"\nhost\n%2Fpictures%2Fa.txt"
    (finding,) = explained(v2(client, server), book=BOOK)
    top = finding.causes[0]
    assert (top.id, top.certainty.value, top.title.key) == ("v4-algorithm", "proven", "cause.v4-algorithm.title-v2")
