from __future__ import annotations

from itertools import count

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analyzer.diagnosis import Budget, SearchProgress
from analyzer.diagnosis.signature_shape import shapes_of
from analyzer.diagnosis.signing_keys import hmac_function
from analyzer.model.findings import Finding
from analyzer.model.notes import Wire
from analyzer.model.secrets import Secret, SecretBook
from analyzer.model.signing import Variant
from tests.diagnosis.exchanges import BOOK, KEY_ID, SECRET, explained, failure, success, text


def checked(finding: Finding) -> tuple[tuple[str, ...], str]:
    assert finding.secret_check is not None
    check = finding.secret_check
    variant = check.secret_variant.id if check.secret_variant is not None else "as given"
    return tuple(change.id for change in check.changes), variant


@pytest.mark.parametrize(
    ("client", "changes"),
    [
        (text(b"PUT", b"image/png"), ("method PUT", "content-type image/png")),
        (text(b"GET", b"", b"/a.txt"), ("no bucket in the resource",)),
        (text(b"get"), ("lower-case method",)),
        (text() + b"\n", ("line feed at the end",)),
        (text().replace(b"\n", b"\r\n"), ("CR LF line ends",)),
        (text(b"PUT", b"text/plain", b"/pictures//a.txt"), None),
    ],
)
def test_finds_what_the_client_signed(client: bytes, changes: tuple[str, ...] | None) -> None:
    (finding,) = explained(failure(client, text()), book=BOOK)
    check = finding.secret_check
    assert check is not None
    assert check.client_signed == client
    assert check.changes
    if changes is not None:
        assert set(checked(finding)[0]) == set(changes)
    assert finding.causes[0].certainty.value == "proven"
    assert not check.signs_wire


@pytest.mark.parametrize(
    ("secret", "variant"),
    [
        (SECRET + b"\n", "with a line feed behind"),
        (b" " + SECRET, "with a blank in front"),
        (b'"' + SECRET + b'"', "in double quotes"),
        (KEY_ID, "the access key id in place of the secret"),
    ],
)
def test_finds_what_became_of_the_secret(secret: bytes, variant: str) -> None:
    (finding,) = explained(failure(text(), text(), secret), book=BOOK)
    assert checked(finding) == ((), variant)
    assert (finding.causes[0].id, finding.causes[0].certainty.value) == ("wrong-secret", "proven")


@pytest.mark.parametrize("bucket", [b"pictures.oss-cn-hangzhou.aliyuncs.com", b"photos"])
def test_every_name_in_the_request_is_tried_as_the_bucket(bucket: bytes) -> None:
    client = text(target=b"/" + bucket + b"/photos/a.txt")
    server = text(target=b"/pictures/photos/a.txt")
    (finding,) = explained(failure(client, server, target=b"/photos/a.txt"), book=BOOK)
    assert finding.secret_check is not None
    assert finding.secret_check.client_signed == client
    (change,) = finding.secret_check.changes
    signed = change.told.get("bucket")
    assert isinstance(signed, Wire)
    assert signed.raw == bucket


def test_secret_never_shows() -> None:
    (finding,) = explained(failure(text(b"PUT"), text(), SECRET + b"\n"), book=BOOK)
    assert SECRET.decode() not in repr(finding)


def test_no_hit_says_what_was_excluded_and_blames_nobody_for_sure() -> None:
    (finding,) = explained(failure(b"no such text", text()), book=BOOK)
    check = finding.secret_check
    assert check is not None
    assert check.client_signed is None
    assert check.excluded[0].get("tried") == check.tried > 1000
    assert all(cause.certainty.value != "proven" for cause in finding.causes)


def test_a_verified_secret_is_not_blamed() -> None:
    findings = explained(success(text()), failure(b"no such text", text(), frame=3), book=BOOK)
    assert "wrong-secret" not in [cause.id for cause in findings[0].causes]


def test_limits() -> None:
    ticks = count()
    told: list[SearchProgress] = []
    few = Budget(hmacs=5000)
    (finding,) = explained(failure(b"no such text", text()), book=BOOK, budget=few)
    assert finding.secret_check is not None
    assert finding.secret_check.tried == 5000
    assert finding.secret_check.excluded[1].key == "diagnosis.search-stopped"
    slow = Budget(seconds=3, clock=lambda: float(next(ticks)), progress=told.append)
    (finding,) = explained(failure(b"no such text", text()), book=BOOK, budget=slow)
    assert finding.secret_check is not None
    assert finding.secret_check.tried == 4096


def test_another_secret_of_the_book_is_found_without_a_secret_for_the_id() -> None:
    book = SecretBook({b"LTAI5tOther": Secret(SECRET)})
    (finding,) = explained(failure(text(), text()), book=book)
    assert checked(finding) == ((), "the secret of another access key id")
    (finding,) = explained(failure(text(), text(), b"unknown"), book=book)
    assert finding.secret_check is None


def test_sdk_voice() -> None:
    signed = failure(text(), text(b"GET", b"", b"/pictures/a.txt"))
    (finding,) = explained(signed, book=BOOK)
    assert finding.secret_check is not None
    voice = finding.secret_check.sdk
    assert voice is not None
    assert voice.sdk.startswith("oss2 ")
    assert voice.text == text()
    assert voice.signature == signed.credentials.signature


@given(
    st.binary(min_size=0, max_size=200), st.binary(max_size=300), st.sampled_from(["sha1", "sha256", "md5", "sha512"])
)
@settings(max_examples=100, deadline=None)
def test_hmac(key: bytes, message: bytes, name: str) -> None:
    import hmac

    assert hmac_function(key, name)(message) == hmac.digest(key, message, name)


@given(st.binary(max_size=80), st.sampled_from([v for v in Variant if v is not Variant.NONE]))
@settings(max_examples=200, deadline=None)
def test_shapes_take_any_bytes(signature: bytes, variant: Variant) -> None:
    for shape in shapes_of(signature, variant):
        assert len(shape.digest) in (16, 20, 32, 64)
