"""An answer that was not captured to its end: a string that goes on is compared with nothing."""

from __future__ import annotations

import pytest

from analyzer.model.findings import Certainty
from tests.diagnosis.exchanges import BOOK, exchange, explained, refusal, request, sign, text

TARGET = b"/dir/a.txt?acl"
SERVER = text(target=b"/pictures/dir/a.txt?acl")


@pytest.mark.parametrize("secret", [False, True])
def test_no_length_of_the_answer_makes_a_difference_of_its_own(secret: bool) -> None:
    signature = sign(SERVER, b"another")
    whole = refusal(SERVER, signature)
    start = whole.index(b"<Code>")
    for length in range(start + 40, len(whole), 7 if not secret else 151):
        signed = exchange(request(signature, target=TARGET), whole[:length])
        for finding in explained(signed, book=BOOK if secret else None):
            assert finding.comparison.match is not False
            assert all(cause.certainty is not Certainty.PROVEN for cause in finding.causes)
            assert not {"altered-in-transit", "wrong-bucket"} & {cause.id for cause in finding.causes}
