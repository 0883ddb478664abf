"""What the search finds is always named: every cause that a change can carry is claimed by a cause function."""

from __future__ import annotations

import pytest

from analyzer.diagnosis.case import Case, Hit
from analyzer.diagnosis.causes import REGISTRY, explain
from analyzer.diagnosis.compare import compare
from analyzer.diagnosis.secret_check import base_of
from analyzer.diagnosis.secret_variants import secret_variants
from analyzer.diagnosis.signature_shape import shapes_of
from analyzer.diagnosis.signing_keys import key_rows
from analyzer.model.findings import Change, SecretCheck
from analyzer.model.notes import note
from analyzer.model.signing import SignedExchange
from analyzer.oss import codes
from tests.diagnosis.exchanges import BOOK, KEY_ID, failure
from tests.diagnosis.versions import canonical, s3_canonical, s3_v2, s3_v4, v1_url, v2, v4

HEADERS = (
    b"x-oss-meta-a: \xe4,b\r\nx-oss-meta-b:\r\nx-oss-object-acl: private\r\nx-oss-security-token: t\r\n"
    b"x-oss-request-id: 1\r\nx-oss-date: 20240514T032107Z\r\nContent-Type: text/plain\r\nContent-MD5: abc\r\n"
)
TARGET = b"/dir/a%20b.txt?acl&versionId=1&prefix=a%2Fb&security-token=t"
RICH = (
    failure(b"", b"", target=TARGET, headers=HEADERS),
    v1_url(b"", b"", b"acl&response-content-type=a%2Fb&security-token=t&Expires=1715660467000", headers=HEADERS),
    v2(b"", b"", TARGET, HEADERS),
    v4(canonical(b"/"), canonical(b"/"), TARGET, HEADERS, listed=b"host;range"),
    s3_v2(b"", b"", TARGET, HEADERS.replace(b"x-oss", b"x-amz")),
    s3_v4(s3_canonical(b"/"), s3_canonical(b"/"), TARGET),
)


def carried(signed: SignedExchange) -> set[str]:
    """Every cause of every change that the search tries on this exchange."""
    assert signed.string_to_sign is not None
    base = base_of(signed, "wire", signed.string_to_sign, signed.canonical_request)
    rows = key_rows(signed.credentials.variant, secret_variants(BOOK, KEY_ID))
    shapes = [shape for digest in (b"00" * 32, b"+/+/" * 7) for shape in shapes_of(digest, signed.credentials.variant)]
    return {
        *(edit.cause for edit in base.edits),
        *(row.cause for row in rows if row.cause is not None),
        *(shape.cause for shape in shapes if shape.cause is not None),
    }


def claimed(signed: SignedExchange, cause: str) -> bool:
    hit = Hit(b"", (Change("a change", note("change.bucket-twice")),), (cause,), None, "wire")
    row = codes.lookup(signed.error) if signed.error is not None else None
    case = Case(signed, compare(signed), check=SecretCheck((), False, False), hit=hit, code_row=row)
    return any(found.id == cause and found.certainty.value == "proven" for found in explain(case))


@pytest.mark.parametrize("signed", RICH, ids=[signed.credentials.variant.value for signed in RICH])
def test_every_cause_of_a_change_is_claimed(signed: SignedExchange) -> None:
    causes = carried(signed)
    assert len(causes) > 8
    assert causes <= {row.id for row in REGISTRY}
    assert [cause for cause in sorted(causes) if not claimed(signed, cause)] == []
