"""What a client did otherwise has words in both languages, and its id stays what it was; people never read an id."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from itertools import product
from pathlib import Path
from string import Formatter

import pytest

from analyzer.diagnosis.edits_query import SDKS
from analyzer.model.findings import Change, Finding, SecretCheck
from analyzer.model.notes import Kind, Note, Value, Wire, note
from analyzer.oss.subresources import table
from analyzer.report.html import render_html
from analyzer.report.json_ import render_json
from analyzer.report.markdown import render_markdown
from analyzer.report.messages import LANGUAGES, Catalogue, areas
from analyzer.report.speech import secret_verdict
from analyzer.report.text import render_text
from analyzer.report.values import shown
from analyzer.report.view import local_view
from tests.diagnosis.changes import changes, notes_in, secret_changes
from tests.diagnosis.exchanges import BOOK, KEY_ID, SECRET, explained, failure, text
from tests.report import samples

#: Patterns of all ids, one a line: other programs rely on them.
IDS = Path(__file__).parents[1] / "golden" / "changes.txt"
CHINESE = re.compile("[\u4e00-\u9fff]")
ALL = tuple(changes())


def with_changes(*found: Change, variant: Change | None = None, base: str = "wire") -> Finding:
    """A finding that is explained by these changes, in its evidence and in what the secret proved."""
    told: tuple[Value, ...] = tuple(change.told for change in found)
    evidence = [note("cause.proven-by-search", changes=told)] if told else []
    if variant is not None:
        evidence.append(note("cause.wrong-secret.variant-signs", variant=variant.told))
    cause = replace(samples.CAUSES[0], title=note("cause.wrong-secret.title"), evidence=tuple(evidence))
    check = SecretCheck((), False, False, b"text", found, base, variant)
    return replace(samples.finding(check=check), causes=(replace(cause, remedy=note("cause.wrong-secret.remedy")),))


def pages(finding: Finding, language: str) -> list[str]:
    """The finding as people read it, in lines as long as they like."""
    view, words = local_view(samples.report(finding)), Catalogue(language)
    made = render_text(view, words, width=99_999), render_html(view, words, "1"), render_markdown(view, words, "1")
    return [re.sub(r"</?code>|[`\\]", "", page) for page in made]


def verdict(finding: Finding, language: str = "en") -> str:
    """The sentence below the signatures."""
    lines = render_text(local_view(samples.report(finding)), Catalogue(language), width=99_999).splitlines()
    return next(line.strip() for line in lines[lines.index(Catalogue(language).say("report.heading.signature")) :][4:])


def test_ids_are_what_they_were() -> None:
    assert sorted({change.pattern for change in ALL}) == IDS.read_text("utf-8").splitlines()


def test_every_sentence_is_some_change() -> None:
    assert {told.key for change in ALL for told in notes_in(change.told)} == set(areas("en")["change"])


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_change_has_its_words(language: str) -> None:
    known, words = areas(language)["change"], Catalogue(language)
    for change in ALL:
        for told in notes_in(change.told):
            asked = {name for _, name, _, _ in Formatter().parse(known[told.key]) if name is not None}
            assert asked == {name for name, _ in told.args}, change
        said = words.text(change.told, shown)
        assert bool(CHINESE.search(said)) is (language == "zh"), said
        assert not said.endswith((".", "。")), said


@pytest.mark.parametrize("language", LANGUAGES)
def test_people_read_sentences_and_programs_ids(language: str) -> None:
    """Every sentence is in every page; ids, made easy to find here, are in none."""
    words = Catalogue(language)
    marked = [Change(f"§{number}§", change.told) for number, change in enumerate(ALL)]
    variant = Change("§variant§", next(secret_changes()).told)
    finding = with_changes(*marked, variant=variant)
    for page in pages(finding, language):
        assert "§" not in page
    (plain, *_) = pages(finding, language)
    for change in (*marked, variant):
        assert words.text(change.told, shown) in plain
    check = json.loads(render_json(local_view(samples.report(finding)), words, "1"))["findings"][0]["secret_check"]
    assert check["changes"] == [change.id for change in marked]
    assert check["secret_variant"] == "§variant§"


def test_ids_carry_values() -> None:
    named = Change("drop query {name}", note("change.parameter-left-out", name=Wire(b"a\x00b{}", Kind.PARAMETER)))
    assert named.id == "drop query a?b{}"
    (finding,) = explained(failure(text(b"PUT", b"image/png"), text()), book=BOOK)
    assert finding.secret_check is not None
    assert {change.id for change in finding.secret_check.changes} == {"method PUT", "content-type image/png"}


TYPE = Change(
    "content-type by extension",
    note(
        "change.content-type-guessed",
        type=Wire(b"text/plain", Kind.HEADER_VALUE),
        own=Wire(b"application/x-www-form-urlencoded", Kind.HEADER_VALUE),
    ),
)
METHOD = Change("method {method}", note("change.method", method="GET", own=Wire(b"PUT", Kind.METHOD)))
TOKEN = Change("drop {name}", note("change.header-left-out", name=Wire(b"x-oss-security-token")))
FEED = Change("with a line feed behind", note("change.secret-line-feed"))


def test_what_the_secret_proved() -> None:
    one = "the client signed Content-Type text/plain, guessed from the file name's extension, instead of "
    one += "application/x-www-form-urlencoded"
    assert verdict(with_changes(TYPE)) == f"The signature sent is explained: {one}."
    three = f"{one}, signed the method GET instead of PUT and signed without x-oss-security-token."
    assert verdict(with_changes(TYPE, METHOD, TOKEN)) == f"The signature sent is explained: {three}"
    assert verdict(with_changes(METHOD, base="server")).startswith("Held against the server's string, ")
    both = "the client signed the method GET instead of PUT and used the secret with a line feed behind it."
    assert verdict(with_changes(METHOD, variant=FEED)) == f"The signature sent is explained: {both}"
    sent = "The client signed exactly what it sent, but it used the secret with a line feed behind it."
    assert verdict(with_changes(variant=FEED)) == sent
    assert verdict(with_changes(variant=FEED, base="server")).startswith("The client signed the server's string, ")


def test_what_the_secret_proved_in_chinese() -> None:
    parts = "用的方法是 GET，而不是 PUT；略去了 x-oss-security-token，并且用的 AccessKey Secret 末尾多了一个换行"
    assert verdict(with_changes(METHOD, TOKEN, variant=FEED), "zh") == f"这就解释了发出的签名：客户端签名时{parts}。"
    assert (
        verdict(with_changes(variant=FEED), "zh")
        == "客户端签的正是它发出的内容，但用的 AccessKey Secret 末尾多了一个换行。"
    )


@pytest.mark.parametrize("client", [text(), text(b"PUT"), text(b"GET", b"", b"/pictures/b.txt")])
@pytest.mark.parametrize("secret", [SECRET, SECRET + b"\n", KEY_ID])
def test_a_search_that_finds_something_leaves_no_hole(client: bytes, secret: bytes) -> None:
    """Text and secret as the server expects them, or not; the server's string the wire's, or not."""
    for server in (text(), text(b"GET", b"", b"/pictures/b.txt")):
        (finding,) = explained(failure(client, server, secret), book=BOOK)
        (view,) = local_view(samples.report(finding)).findings
        evidence = [told for cause in finding.causes for told in cause.evidence]
        for words, told in product(map(Catalogue, LANGUAGES), (*secret_verdict(view), *evidence)):
            said = words.text(told, shown)
            assert not re.search(r"[:：,，;；] ?[.。]|\?[.。]| and \.", said)


def test_lists_are_named_as_people_name_them() -> None:
    sources = set(table().sources)
    assert {source for source in sources if source not in SDKS} == {"docs-2021"}
    assert set(SDKS) <= sources


def test_a_part_of_a_sentence_keeps_its_values_apart() -> None:
    told = note("cause.wrong-secret.variant-signs", variant=note("change.bucket", bucket=Wire(b"a"), own=Wire(b"b")))
    runs = Catalogue("en").runs(told, shown)
    assert [run.text for run in runs if run.is_code] == ["a", "b"]
    assert "".join(run.text for run in runs) == "The signature proves it: the client signed the bucket a instead of b."
    unknown = Note("nowhere.to-be-found", (("part", note("change.key-plus")),))
    assert Catalogue("en").text(unknown, shown).startswith("nowhere.to-be-found part=signed the object key")
