"""A redacted comparison: nothing leaks, pseudonyms agree on both sides, and the story stays the same."""

from __future__ import annotations

import re

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from analyzer.model.comparison import CompareReport
from analyzer.model.notes import Kind
from analyzer.report.blocks import markdown, terminal
from analyzer.report.comparison import comparison_view
from analyzer.report.comparison.document import page_of
from analyzer.report.comparison.json_ import render_json
from analyzer.report.comparison.redaction import redact_comparison
from analyzer.report.gate import Gate
from analyzer.report.messages import Catalogue
from analyzer.report.redaction.names import is_plain
from analyzer.report.redaction.redact import every_bytes
from tests.compare.sides import FAR, NEAR, answered, compared, exchange
from tests.report.comparison.test_presenters import hop, mixed, runs
from tests.report.redaction import cases
from tests.report.redaction.test_planted import SECRETS, SPELLINGS


def outputs(report: CompareReport) -> list[bytes]:
    view = comparison_view(report, redacted=True)
    page = page_of(view)
    return [
        render_json(view, Catalogue("en"), "0").encode(),
        terminal.render_page(page, Catalogue("zh")).encode(),
        markdown.render_page(page, Catalogue("en"), "0").encode(),
        b"\n".join(every_bytes(report)),
    ]


@pytest.mark.parametrize("make", [hop, runs, mixed])
def test_the_story_stays_the_same(make: object) -> None:
    assert callable(make)
    old: CompareReport = make()
    new, gate = redact_comparison(old)
    assert [(p.id, p.group, p.evidence, p.verdict.id, p.verdict.certainty) for p in new.pairs] == [
        (p.id, p.group, p.evidence, p.verdict.id, p.verdict.certainty) for p in old.pairs
    ]
    for before, after in zip(old.pairs, new.pairs, strict=True):
        assert [(c.kind, c.how, c.signed, c.breaks) for c in after.changes] == [
            (c.kind, c.how, c.signed, c.breaks) for c in before.changes
        ]
        assert after.content_same == before.content_same
        for sighting in (after.near, after.far):
            request = sighting.exchange.request
            assert request is None or not request.body.data
    assert new.traits == old.traits or len(new.traits) == len(old.traits)
    for output in outputs(new):
        gate.check(output, "comparison")


def test_strings_are_made_anew_and_still_prove_it() -> None:
    new, _ = redact_comparison(hop())
    strings, old = new.pairs[1].strings, hop().pairs[1].strings
    assert strings is not None
    assert old is not None
    assert strings.far == strings.server
    assert strings.far != old.far
    assert b"ossig-samples" not in b"".join(every_bytes(new))
    assert [d.field for d in strings.differences] == ["content-type"]


def test_a_value_has_one_pseudonym_on_both_sides() -> None:
    new, _ = redact_comparison(hop())
    for pair in new.pairs:
        near, far = pair.near.exchange.request, pair.far.exchange.request
        assert near is not None
        assert far is not None
        assert near.target == far.target
        assert near.head.first(b"host") == far.head.first(b"host")
        assert near.head.first(b"authorization") == far.head.first(b"authorization")
        assert pair.near.exchange.connection.server.address == pair.far.exchange.connection.client.address


#: What a hop may do to a request; {} is the secret.
EDITS = (
    (b"\r\nDate:", b"\r\nX-Added: {}\r\nDate:"),
    (b"\r\nDate:", b"\r\nx-oss-meta-added: {}\r\nDate:"),
    (b" HTTP/1.1", b"?{}=1 HTTP/1.1"),
    (b"/k", b"/{}/k"),
    (b"Host: ", b"Host: {}."),
    (b"PUT", b"PUT "),
    (b"\r\nDate:", b"\r\nAuthorization OSS {}: x\r\nDate:"),
    (b" HTTP", b"%3Fsecurity-token%3D{} HTTP"),
    (b"PUT /", b"PUT http://user:{}@far.example/"),
)
#: The same with a name.
RENAMED = tuple(
    (b"\r\n" + before, b"\r\n" + start + b"{}: x\r\n" + before)
    for start, before in ((b"", b"Date:"), (b"x-oss-meta-", b"Date:"), (b"", b"Auth"))
)


@given(SECRETS, st.sampled_from(sorted(SPELLINGS)), st.sampled_from(EDITS + RENAMED), st.booleans())
@settings(max_examples=60, deadline=None)
def test_no_planted_secret_leaks(secret: str, spelling: str, edit: tuple[bytes, bytes], before: bool) -> None:
    raw = secret.encode()
    value = SPELLINGS[spelling](raw)
    assume(edit not in RENAMED or not is_plain(value))
    plain = (
        b"PUT /k HTTP/1.1\r\nHost: " + cases.HOST + b"\r\nAuthorization: " + cases.V1
    ) + b"\r\nDate: Tue, 02 Jan 2024 03:04:05 GMT\r\n\r\n"
    changed = plain.replace(edit[0], edit[1].replace(b"{}", value), 1)
    sides = (changed, plain) if before else (plain, changed)
    answer = cases.answer(changed)
    found = [exchange(request, answer, ends=ends) for request, ends in zip(sides, (NEAR, FAR), strict=True)]
    if any(one.request is None for one in found):
        return
    report = compared([found[0]], [found[1]])
    new, own = redact_comparison(report)
    gate = Gate({Kind.TOKEN: [raw, value]})
    for output in outputs(new):
        assert gate.find(output) is None
        own.check(output, "comparison")


def test_what_tells_runs_apart_and_the_order_of_headers_name_no_secret() -> None:
    """As captured, in another case, and in another place."""
    odd = (b"X-Zq81xPlnv7RrWk: a\r\n", b"x-zq81xplnv7rrwk: a\r\n")
    agent, date = b"User-Agent: curl/8\r\n", b"Date: Tue, 02 Jan 2024 03:04:05 GMT\r\n"
    heads = (odd[0] + agent + date, date + agent + odd[1])
    made = [b"PUT /k HTTP/1.1\r\nHost: " + cases.HOST + b"\r\n" + head + b"\r\n" for head in heads]
    gate = Gate({Kind.TOKEN: [b"Zq81xPlnv7RrWk"]})
    for answers, ends in (
        ((answered(b"ID1"), answered(b"ID1")), FAR),
        ((answered(b"ID1"), answered(b"ID2", 403)), NEAR),
    ):
        pairs = zip(made, answers, (NEAR, ends), strict=True)
        ours, theirs = ([exchange(request, answer, ends=end)] for request, answer, end in pairs)
        report = compared(ours, theirs)
        assert any(b"zq81" in data.lower() for data in every_bytes(report))
        for output in outputs(redact_comparison(report)[0]):
            assert gate.find(output) is None


def test_agents_lose_what_names_a_person() -> None:
    request = b"GET /k HTTP/1.1\r\nHost: " + cases.HOST + b"\r\nUser-Agent: curl/8 (zhangwei-laptop)\r\n\r\n"
    ours = [exchange(request, answered(b"ID1"), ends=NEAR)]
    theirs = [exchange(request, answered(b"ID2", 403), ends=NEAR)]
    new, _ = redact_comparison(compared(ours, theirs))
    text = terminal.render_page(page_of(comparison_view(new, redacted=True)), Catalogue("en"))
    assert "curl/8" in text
    assert not re.search("zhangwei|laptop", text)


def test_a_header_that_was_renamed_on_the_way_is_no_obstacle() -> None:
    agent = b"aliyun-sdk-python/2.19.1(Linux/6.1.0-amd64/x86_64;3.11.7)"
    head = b"GET /k HTTP/1.1\r\nHost: " + cases.HOST + b"\r\n"
    ours = [exchange(head + b"User-Agent: " + agent + b"\r\n\r\n", answered(b"ID1"), ends=NEAR)]
    theirs = [exchange(head + b"X-Client: " + agent + b"\r\n\r\n", answered(b"ID1"), ends=FAR)]
    new, own = redact_comparison(compared(ours, theirs))
    assert [change.field for change in new.pairs[0].changes] == ["header:user-agent", "header:x-client"]
    for output in outputs(new):
        own.check(output, "comparison")
