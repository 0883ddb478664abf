"""Several captures: every finding and every listed exchange says which file it is in."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from analyzer import analyze
from analyzer.cli.rendering import render
from analyzer.cli.settings import Format
from analyzer.model.report import Report
from analyzer.pipeline import Options, list_rows
from analyzer.report.frames import FrameBook
from analyzer.report.listing import ListText, exchange_line
from analyzer.report.messages import LANGUAGES, Catalogue
from analyzer.report.redaction import redact, redacted_view
from analyzer.report.view import local_view
from tests.report import samples

CAPTURES = Path(__file__).resolve().parents[2] / "captures"
READABLE = (Format.TEXT, Format.MARKDOWN, Format.HTML)


def several(group: str | None = None) -> Report:
    """Two failures, one in each of two files; the second in stream 7 of the set."""
    first, second = samples.finding(1, group), samples.finding(2, group)
    connection = replace(second.signed.exchange.connection, stream=7)
    exchange = replace(second.signed.exchange, connection=connection)
    second = replace(second, signed=replace(second.signed, exchange=exchange))
    files = samples.capture("one/a.pcap", 1, 11), samples.capture("one/b.pcap", 12, 11)
    return Report(files, (first, second))


@pytest.mark.parametrize("form", READABLE)
@pytest.mark.parametrize("language", LANGUAGES)
def test_a_finding_names_its_file_and_a_stream_only_where_wireshark_counts_alike(form: Format, language: str) -> None:
    page = re.sub(r"<[^>]*>|`", "", render(local_view(several()), form, language))
    words = Catalogue(language)
    label = words.say("report.label.file")
    named = re.findall(rf"{label}\W*(one/[ab]\.pcap)", page)
    assert named == ["one/a.pcap", "one/b.pcap"]
    assert words.say("report.stream", stream=0) in page
    assert words.say("report.stream", stream=7) not in page


@pytest.mark.parametrize("form", READABLE)
def test_so_does_the_list_of_failures_with_the_same_explanation(form: Format) -> None:
    page = render(local_view(several("g")), form, "en")
    listed = page[page.index("The same explanation holds") :]
    assert "one/b.pcap" in listed
    assert "one/a.pcap" not in listed


@pytest.mark.parametrize("form", READABLE)
def test_one_file_is_not_named_again(form: Format) -> None:
    page = render(local_view(samples.report()), form, "en")
    assert page.count("captures/faild.pcap") == 1
    assert "TCP stream 0" in page


@pytest.mark.parametrize("form", READABLE)
def test_redacted_names_are_numbers(form: Format) -> None:
    page = render(redacted_view(redact(several("g"))), form, "en")
    assert "capture-2.pcap" in page[page.index("The same explanation holds") :]
    assert "one/" not in page


Lines = Callable[..., list[str]]


@pytest.fixture
def lines() -> Lines:
    def listed(*paths: Path, **options: int) -> list[str]:
        listing = list_rows(paths, Options(**options))  # type: ignore[arg-type]
        made = []
        for row in listing:
            names = () if listing.alone else [one.facts.path for one in listing.captures()]
            made.append(ListText(FrameBook(listing.captures()), Catalogue("en"), names).line(row))
        return made

    return listed


def test_a_listed_exchange_begins_with_its_file_where_there_are_several(lines: Lines) -> None:
    first, second = CAPTURES / "faild.pcap", CAPTURES / "plus-in-signature.pcap"
    assert lines(first)[0].startswith("4-5→8 ")
    both = lines(first, second)
    assert both[0].startswith(f"{first}:4-5→8 ")
    assert all(line.startswith(f"{second}:") for line in both[1:])


def test_a_directory_of_one_file_is_named_too(lines: Lines, tmp_path: Path) -> None:
    (tmp_path / "a.pcap").write_bytes((CAPTURES / "faild.pcap").read_bytes())
    assert lines(tmp_path)[0].startswith(f"{tmp_path / 'a.pcap'}:")


def test_an_input_that_cannot_be_read_takes_no_frames(lines: Lines) -> None:
    good, bad = CAPTURES / "upload-download.pcap", CAPTURES / "no-such.pcap"
    listing = list_rows([good, bad], Options(batch_packets=5))
    places = [exchange_line(row, FrameBook(listing.captures()), Catalogue("en"))["capture"] for row in listing]
    assert len(places) > 1
    assert set(places) == {0}
    assert lines(good, bad, batch_packets=5) == lines(good, bad)


@pytest.fixture
def rotated(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """A sample whose first answer begins the second file of a set; with short names."""
    monkeypatch.chdir(tmp_path)
    data = (CAPTURES / "wrong-secret.pcap").read_bytes()
    head, rest, records = data[:24], data[24:], []
    while rest:
        size = 16 + int.from_bytes(rest[8:12], "little")
        records.append(rest[:size])
        rest = rest[size:]
    files = []
    for number, at in enumerate(range(0, len(records), 5)):
        files.append(Path(f"set_{number}.pcap"))
        files[-1].write_bytes(head + b"".join(records[at : at + 5]))
    return files


def test_frames_of_another_file_are_told_as_such(lines: Lines, rotated: list[Path]) -> None:
    report = analyze(rotated)
    view = local_view(report)
    first = view.groups[0].leader.subject
    assert (first.home, first.request_frames.numbers, first.response_frames.numbers) == (0, (4,), (1,))
    assert view.groups[0].leader.frame_filter == "tcp.stream eq 0 and frame.number in {4}"
    for form in READABLE:
        page = re.sub(r"<[^>]*>|`", "", render(view, form, "en"))
        assert f"1 of {rotated[1]} (answer)" in re.sub(r"\s+", " ", page)
    assert lines(*rotated)[0].startswith(f"{rotated[0]}:4→{rotated[1]}:1 ")
    hidden = render(redacted_view(redact(report)), Format.MARKDOWN, "en")
    assert "1 of capture-2.pcap (answer)" in hidden
