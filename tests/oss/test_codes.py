"""The code tables: every row complete, and answers without an EC still recognised."""

from __future__ import annotations

import re

import pytest

from analyzer.model.signing import ServerError
from analyzer.oss.codes import EC_CODES, ERROR_CODES, is_signature_family, lookup

#: Cause ids a row may point to (README, "Cause ids").
CAUSES = frozenset(
    {
        "access-key", "altered-in-transit", "clock-skew", "content-md5-wrong", "date-header", "parameter-after-signing",
        "post-policy", "s3-client", "security-token", "signature-encoding", "signature-version", "url-damaged",
        "url-expired", "v4-algorithm", "v4-scope", "wrong-bucket",
    }
)  # fmt: skip


@pytest.mark.parametrize("row", [*EC_CODES.values(), *ERROR_CODES.values()], ids=lambda row: repr(row.ec or row.code))
def test_row_is_complete(row: object) -> None:
    assert getattr(row, "source", "")
    assert getattr(row, "cause", None) in CAUSES | {None}
    ec = getattr(row, "ec", None)
    assert ec is None or re.fullmatch(rb"\d{4}-\d{8}", ec)


@pytest.mark.parametrize(
    ("code", "message", "ec", "cause", "family"),
    [
        (b"SignatureDoesNotMatch", b"...", b"0002-00000201", None, True),
        (b"AccessDenied", b"Request has expired.", None, "url-expired", True),
        (b"InvalidArgument", b"Invalid signing region in Authorization header.", None, "v4-scope", True),
        (b"InvalidArgument", b"Authorization header is invalid", None, "signature-version", True),
        (b"InvalidArgument", b"Aws MultiChunkedEncoding is not supported.", None, "s3-client", True),
        (b"AccessDenied", b"You have no right to access this object.", None, None, False),
        (b"AccessDenied", b"denied by RAM", b"0003-00000201", None, False),
        (b"InvalidDigest", b"...", b"0017-00000503", "content-md5-wrong", True),
        (b"Whatever", b"...", b"0002-00000999", None, True),
        (b"NoSuchKey", b"The specified key does not exist.", b"0026-00000001", None, False),
    ],
)
def test_lookup(code: bytes, message: bytes, ec: bytes | None, cause: str | None, family: bool) -> None:
    error = ServerError(403, "xml", code=code, message=message, ec=ec)
    row = lookup(error)
    assert (row.cause if row is not None else None) == cause
    assert is_signature_family(error) is family
