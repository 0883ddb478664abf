"""Two clients with one access key id: what one does says little of the other."""

from __future__ import annotations

from dataclasses import replace

import pytest

from analyzer.diagnosis import Diagnoser
from analyzer.diagnosis.memory import MAX_CLIENTS, MAX_SAMPLES
from analyzer.diagnosis.statements import read_statement, statement
from analyzer.model.findings import Cause, Finding
from analyzer.model.signing import SignedExchange
from analyzer.model.streams import Connection, Endpoint
from tests.diagnosis.exchanges import BOOK, explained, failure, success, text

OURS, THEIRS = b"User-Agent: ours/1\r\n", b"User-Agent: theirs/2\r\n"
SERVER = Endpoint(b"\x76\x1f\xdb\xd9", 80)


def at(last: int, signed: SignedExchange) -> SignedExchange:
    """The same from the address 10.0.0.``last``."""
    connection = Connection(last, Endpoint(bytes((10, 0, 0, last)), 50_000), SERVER, handshake=True)
    return replace(signed, exchange=replace(signed.exchange, connection=connection))


def refused(headers: bytes = OURS) -> SignedExchange:
    return at(5, failure(b"?", text(), frame=3, headers=headers))


def blamed(finding: Finding) -> Cause | None:
    return next((cause for cause in finding.causes if cause.id == "wrong-secret"), None)


def facts(finding: Finding) -> list[str]:
    return [fact.statement.key for fact in finding.facts]


@pytest.mark.parametrize(("last", "agent"), [(6, THEIRS), (6, OURS), (5, THEIRS)])
@pytest.mark.parametrize("said", [False, True])
def test_a_success_of_another_client_does_not_acquit(last: int, agent: bytes, said: bool) -> None:
    accepted = at(last, success(text(), headers=agent))
    diagnoser = Diagnoser()
    diagnoser.add(refused())
    if said:
        diagnoser.learn([(statement(accepted) or "").encode()])
    else:
        diagnoser.add(accepted)
    (finding,) = diagnoser.findings()
    cause = blamed(finding)
    assert cause is not None
    assert cause.certainty.value == "possible"
    assert [told.key for told in cause.against] == ["cause.wrong-secret.others-succeed"]
    assert ("diagnosis.key-works-stated-elsewhere" if said else "diagnosis.key-works-elsewhere") in facts(finding)


def test_one_of_its_own_does() -> None:
    ours, theirs = at(5, success(text(), headers=OURS)), at(6, success(text(), headers=THEIRS, frame=5))
    for before in ((ours,), (theirs, ours), (ours, theirs)):
        (finding,) = explained(*before, refused())
        assert blamed(finding) is None
        assert "diagnosis.key-works" in facts(finding)


def test_a_secret_that_another_client_proves_right_may_not_be_the_one_used() -> None:
    (finding,) = explained(at(6, success(text(), headers=THEIRS)), refused(), book=BOOK)
    cause = blamed(finding)
    assert cause is not None
    assert cause.certainty.value == "likely"
    (finding,) = explained(at(5, success(text(), headers=OURS)), refused(), book=BOOK)
    assert blamed(finding) is None


def test_many_clients_leave_room_for_each() -> None:
    others = [at(100, success(text(), headers=b"User-Agent: %d\r\nx-oss-a%d: 1\r\n" % (n, n))) for n in range(200)]
    ours = at(5, success(text(), headers=OURS))
    assert MAX_SAMPLES < MAX_CLIENTS
    (finding,) = explained(*others[: MAX_SAMPLES + 8], ours, refused())
    assert "diagnosis.key-works" in facts(finding)
    (finding,) = explained(*others, ours, refused())  # it came too late to be counted: less is said, nothing wrong
    assert blamed(finding) is not None


def test_comments_tell_clients_apart_and_do_not_name_them() -> None:
    made = [statement(at(last, success(text(), headers=agent))) for last, agent in ((5, OURS), (6, OURS), (5, THEIRS))]
    assert len({read_statement((one or "").encode()).success.client for one in made}) == 3
    assert not any(word in (one or "") for one in made for word in ("ours", "theirs", "10.0.0"))


def uploads(text_signed: bytes, headers: bytes) -> tuple[SignedExchange, SignedExchange]:
    """A successful one of our client, and one of another."""
    return (
        at(5, success(text_signed, headers=OURS + headers, method=b"PUT", body=b"x")),
        at(6, success(text_signed, headers=THEIRS + headers, method=b"PUT", body=b"x")),
    )


def hints(*before: SignedExchange, headers: bytes = OURS) -> dict[str, str]:
    """What is said of a refused upload."""
    signed = failure(b"?", text(b"PUT"), frame=9, headers=headers, method=b"PUT", body=b"x")
    (finding,) = explained(*before, at(5, signed))
    return {cause.id: cause.certainty.value for cause in finding.causes}


def test_the_habits_of_another_client_are_no_more_than_a_hint() -> None:
    typed, summed = b"Content-Type: image/png\r\n", b"Content-MD5: nQoUHIiJ8+SVCP6wxlwqJg==\r\n"
    signed = b"PUT\n\nimage/png\n" + text().split(b"\n", 3)[3]
    mine, other = uploads(signed, typed)
    assert hints(mine)["content-type-not-sent"] == "likely"
    assert hints(other)["content-type-not-sent"] == "possible"
    mine, other = uploads(signed, summed)
    assert hints(mine)["content-md5-wrong"] == "likely"
    assert hints(other)["content-md5-wrong"] == "possible"
    mine, other = uploads(text(b"PUT"), b"")
    assert hints(mine, headers=OURS + typed)["content-type-after-signing"] == "likely"
    assert hints(other, headers=OURS + typed)["content-type-after-signing"] == "possible"
    mine, other = uploads(text(b"PUT"), b"")
    private = b"x-oss-object-acl: private\r\n"
    assert hints(mine, headers=OURS + private)["header-after-signing"] == "likely"
    assert hints(other, headers=OURS + private)["header-after-signing"] == "possible"
