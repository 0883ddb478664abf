"""A rule of the server that no document states looks like a change on the way; only a success tells them apart."""

from __future__ import annotations

import pytest

from analyzer.diagnosis import Diagnoser
from analyzer.diagnosis.explain import with_client
from analyzer.model.findings import Finding
from analyzer.model.pasted import ClientString
from analyzer.model.signing import SignedExchange
from tests.diagnosis.exchanges import BOOK, DATE, exchange, explained, refusal, request, sign

VERSION = {"target": b"/a.txt?versionId=1"}


def string(resource: bytes, headers: bytes = b"", method: bytes = b"GET", content_type: bytes = b"") -> bytes:
    return b"\n".join((method, b"", content_type, DATE, headers + b"/pictures/" + resource))


def refused(client: bytes, server: bytes, wire: dict[str, bytes], frame: int = 1) -> SignedExchange:
    signature = sign(client)
    return exchange(request(signature, **wire), refusal(server, signature), frame)


def accepted(client: bytes, wire: dict[str, bytes]) -> SignedExchange:
    return exchange(request(sign(client), **wire), b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")


def certain(finding: Finding) -> list[tuple[str, str]]:
    return [(cause.id, cause.certainty.value) for cause in finding.causes if cause.certainty.value != "possible"]


#: What is sent, what the client signed, what the server's string is, and the cause where the server has that rule.
DEVIATING = [
    (VERSION, string(b"a.txt?versionId=1"), string(b"a.txt"), "subresource-list"),
    (
        {"headers": b"x-oss-meta-a:\r\n"},
        string(b"a.txt", b"x-oss-meta-a:\n"),
        string(b"a.txt"),
        "metadata-encoding",
    ),
    (
        {"headers": b"x-oss-meta-a: 1  2\r\n"},
        string(b"a.txt", b"x-oss-meta-a:1  2\n"),
        string(b"a.txt", b"x-oss-meta-a:1 2\n"),
        "metadata-encoding",
    ),
    (
        {"headers": b"x-oss-meta-a: 1\r\nx-oss-meta-a: 2\r\n"},
        string(b"a.txt", b"x-oss-meta-a:1,2\n"),
        string(b"a.txt", b"x-oss-meta-a:1\n"),
        "duplicate-headers",
    ),
    ({"target": b"/a/./b"}, string(b"a/./b"), string(b"a/b"), "key-encoding"),
    ({"target": b"/a//b"}, string(b"a//b"), string(b"a/b"), "key-encoding"),
    ({"target": b"/a+b"}, string(b"a+b"), string(b"a b"), "key-encoding"),
]


@pytest.mark.parametrize(("wire", "client", "server", "cause"), DEVIATING)
def test_without_a_success_both_are_likely(wire: dict[str, bytes], client: bytes, server: bytes, cause: str) -> None:
    (finding,) = explained(refused(client, server, wire), book=BOOK)
    assert certain(finding) == [("altered-in-transit", "likely"), (cause, "likely")]
    assert finding.secret_check is not None
    assert (finding.secret_check.signs_wire, finding.secret_check.client_signed) == (True, client)
    assert finding.comparison.match is False


@pytest.mark.parametrize(("wire", "client", "server", "cause"), DEVIATING)
def test_without_the_secret_a_change_on_the_way_is_not_ruled_out(
    wire: dict[str, bytes], client: bytes, server: bytes, cause: str
) -> None:
    (finding,) = explained(refused(client, server, wire))
    assert ("altered-in-transit", "possible") in [(found.id, found.certainty.value) for found in finding.causes]
    assert "diagnosis.nothing-changed" not in [fact.statement.key for fact in finding.facts]


@pytest.mark.parametrize(("wire", "client", "server", "cause"), DEVIATING)
def test_a_success_signed_by_the_usual_rule_proves_the_change(
    wire: dict[str, bytes], client: bytes, server: bytes, cause: str
) -> None:
    (finding,) = explained(accepted(client, wire), refused(client, server, wire, frame=3), book=BOOK)
    assert certain(finding) == [("altered-in-transit", "proven")]
    assert 1 in finding.cited


@pytest.mark.parametrize(("wire", "client", "server", "cause"), DEVIATING)
def test_a_success_signed_by_the_other_rule_proves_that(
    wire: dict[str, bytes], client: bytes, server: bytes, cause: str
) -> None:
    (finding,) = explained(accepted(server, wire), refused(client, server, wire, frame=3), book=BOOK)
    assert certain(finding) == [(cause, "proven")]


def test_a_success_may_follow_several_rules_at_once() -> None:
    wire = {**VERSION, "headers": b"x-oss-meta-a:\r\n"}
    client, server = string(b"a.txt?versionId=1", b"x-oss-meta-a:\n"), string(b"a.txt")
    (finding,) = explained(accepted(server, wire), refused(client, server, wire, frame=3), book=BOOK)
    assert certain(finding) == [("subresource-list", "proven"), ("metadata-encoding", "proven")]
    half = string(b"a.txt?versionId=1")
    (finding,) = explained(accepted(half, wire), refused(client, server, wire, frame=3), book=BOOK)
    assert certain(finding) == [("altered-in-transit", "proven")]


def test_a_success_elsewhere_tells_nothing() -> None:
    other = accepted(string(b"b.txt"), {"target": b"/b.txt?versions"})
    (finding,) = explained(other, refused(string(b"a.txt?versionId=1"), string(b"a.txt"), VERSION, frame=3), book=BOOK)
    assert certain(finding) == [("altered-in-transit", "likely"), ("subresource-list", "likely")]


def test_what_else_the_client_did_is_found_beside_it() -> None:
    wire = {**VERSION, "headers": b"Content-Type: text/plain\r\n"}
    server = string(b"a.txt", content_type=b"text/plain")
    (finding,) = explained(refused(string(b"a.txt?versionId=1"), server, wire), book=BOOK)
    assert certain(finding) == [
        ("content-type-after-signing", "proven"),
        ("altered-in-transit", "likely"),
        ("subresource-list", "likely"),
    ]


def test_a_client_that_knows_the_rule_is_believed() -> None:
    wire = {**VERSION, "headers": b"Content-Type: text/plain\r\n"}
    (finding,) = explained(refused(string(b"a.txt"), string(b"a.txt", content_type=b"text/plain"), wire), book=BOOK)
    assert certain(finding) == [("content-type-after-signing", "proven")]


def test_where_no_rule_leads_to_the_server_it_is_a_change() -> None:
    server = string(b"a.txt", b"x-oss-range-behavior:standard\n")
    (finding,) = explained(refused(string(b"a.txt?versionId=1"), server, VERSION), book=BOOK)
    assert certain(finding) == [("altered-in-transit", "proven")]
    assert {d.field for d in finding.comparison.differences} == {"query:versionId", "header:x-oss-range-behavior"}


@pytest.mark.parametrize(
    ("target", "client", "server"),
    [
        (b"/a.txt?versionId=1&versionId=2", string(b"a.txt?versionId=1&versionId=2"), string(b"a.txt?versionId=1")),
        (b"/a%zz", string(b"a%zz"), string(b"azz")),
    ],
)
def test_what_no_document_states_is_not_proven(target: bytes, client: bytes, server: bytes) -> None:
    (finding,) = explained(refused(client, server, {"target": target}), book=BOOK)
    assert certain(finding) == [("altered-in-transit", "likely")]


def logged(client: bytes, server: bytes, **wire: bytes) -> SignedExchange:
    signature = sign(client, b"unknown")
    signed = exchange(request(signature, **wire), refusal(server, signature))
    return with_client(signed, ClientString("", client, None))


def test_the_clients_log_leaves_it_as_open() -> None:
    diagnoser = Diagnoser()
    diagnoser.add(logged(string(b"a.txt?versionId=1"), string(b"a.txt"), **VERSION))
    wire = {**VERSION, "headers": b"Content-Type: text/plain\r\n"}
    diagnoser.add(logged(string(b"a.txt?versionId=1"), string(b"a.txt", content_type=b"text/plain"), **wire))
    plain, typed = diagnoser.findings()
    assert certain(plain) == [("altered-in-transit", "likely"), ("subresource-list", "likely")]
    assert certain(typed)[0] == ("content-type-after-signing", "proven")
    assert certain(typed)[1:] == certain(plain)
