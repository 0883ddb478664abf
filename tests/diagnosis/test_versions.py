"""What sets the versions apart: which part of a resource is the bucket, and how the key is coded in it."""

from __future__ import annotations

import pytest

from analyzer.model.signing import SignedExchange
from tests.diagnosis.exchanges import BOOK, DATE, explained
from tests.diagnosis.versions import s3_canonical, s3_v2, s3_v4


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
