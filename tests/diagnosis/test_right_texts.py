"""A secret that signs the server's own text, and is refused: when that is the secret's fault."""

from __future__ import annotations

from dataclasses import replace

import pytest

from analyzer.model.findings import Cause
from analyzer.model.signing import SignedExchange
from tests.diagnosis.exchanges import BOOK, explained, failure, success, text


def refused(echo: bytes | None = None) -> SignedExchange:
    """The right text signed with the secret given; ``echo`` takes the place of the signature in the answer."""
    signed = failure(text(), text(), frame=3)
    assert signed.error is not None
    return replace(signed, error=replace(signed.error, signature_provided=echo))


def blamed(*exchanges: SignedExchange) -> Cause | None:
    (finding,) = explained(*exchanges, book=BOOK)
    return next((cause for cause in finding.causes if cause.id == "wrong-secret"), None)


def test_the_server_repeats_what_it_refuses() -> None:
    cause = blamed(failure(text(), text()))
    assert cause is not None
    assert cause.certainty.value == "proven"


@pytest.mark.parametrize("echo", [None, b"abc****"])
def test_without_its_echo_the_signature_may_have_been_changed(echo: bytes | None) -> None:
    cause = blamed(refused(echo))
    assert cause is not None
    assert cause.certainty.value == "likely"
    assert [told.key for told in cause.against] == ["cause.wrong-secret.no-echo"]


def test_a_secret_that_signs_a_success_is_the_right_one() -> None:
    for one in (refused(), failure(text(), text(), frame=3)):
        cause = blamed(success(text()), one)
        assert cause is not None
        assert cause.certainty.value == "possible"
        assert [told.key for told in cause.against] == ["diagnosis.secret-verified"]
