"""The HTML page: one file, nothing fetched, nothing obeyed, everything in its place."""

from __future__ import annotations

import base64
import hashlib
import re
from collections import Counter
from dataclasses import replace
from html.parser import HTMLParser
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analyzer.model.findings import Cause, Certainty, Finding
from analyzer.model.http import Exchange
from analyzer.model.notes import Kind, Wire, note
from analyzer.model.report import Activity, Report
from analyzer.model.streams import Connection, Endpoint, Segment, SegmentKind, TcpTiming
from analyzer.report import html, picture, sequence
from analyzer.report.html import render_html
from analyzer.report.messages import LANGUAGES, Catalogue
from analyzer.report.redaction import redact, redacted_view
from analyzer.report.values import shown
from analyzer.report.view import local_view
from tests.report import samples
from tests.report.test_text import EVIL, UNSAFE, evil_finding

#: Every tag and attribute that the templates write; nothing else may ever be in a page.
_TAGS = (
    "html head meta title style body a header p h1 h2 h3 h4 ul li main section nav table caption thead tbody tr th td"
    " span code strong em b mark div figure figcaption pre dl dt dd details summary article footer svg desc text line"
    " g path circle"
)
_ATTRIBUTES = (
    "lang dir charset http-equiv content name class href id tabindex aria-labelledby aria-label aria-hidden role scope"
    " colspan data-label rel width height x y x1 x2 y1 y2 cx cy r d"
)
TAGS, ATTRIBUTES = frozenset(_TAGS.split()), frozenset(_ATTRIBUTES.split())
VOID = frozenset({"meta"})


class Reader(HTMLParser):
    """Tags, attributes, ids and words of a page; fails on tags that do not nest."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: Counter[str] = Counter()
        self.attributes: list[tuple[str, str, str]] = []
        self.open: list[str] = []
        self.words: list[str] = []
        self.style = ""
        self.declarations: list[str] = []
        self.headings: list[int] = []
        self.feed(text)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags[tag] += 1
        self.attributes += ((tag, name, value or "") for name, value in attrs)
        if re.fullmatch(r"h[1-6]", tag):
            self.headings.append(int(tag[1]))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        self.handle_endtag(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self.open and self.open[-1] == "style":
            self.style += data
        else:
            self.words.append(data)

    def handle_decl(self, decl: str) -> None:
        self.declarations.append(decl)

    def handle_comment(self, data: str) -> None:
        raise AssertionError(f"a comment in the page: {data}")

    def values(self, name: str) -> list[str]:
        return [value for _, attribute, value in self.attributes if attribute == name]

    @property
    def text(self) -> str:
        return re.sub(r"\s+", " ", " ".join(self.words))


def page(report: Report, language: str = "en") -> str:
    return render_html(local_view(report), Catalogue(language), "1.2.3")


def full() -> Report:
    return samples.report(samples.finding(check=samples.CHECK))


def assert_only_ours(text: str) -> Reader:
    """The page holds the templates' tags and attributes alone, and no character that acts."""
    read = Reader(text)
    assert set(read.tags) <= TAGS
    assert {name for _, name, _ in read.attributes} <= ATTRIBUTES
    assert not UNSAFE.search(text)
    for tag, name, value in read.attributes:
        if name == "href":
            assert tag == "a"
            assert re.fullmatch(r"#[a-z0-9-]+|https://[\w./~%#?=&+-]+", value)
    assert read.declarations == ["DOCTYPE html"]
    return read


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_page_is_whole_in_both_languages(language: str) -> None:
    read = assert_only_ours(page(full(), language))
    words = Catalogue(language)
    for key in ("report.heading.why", "report.heading.remedy", "html.exchange", "html.bytes", "report.heading.clocks"):
        assert words.say(key) in read.text
    for said in (
        "SignatureDoesNotMatch",
        "5C2723573183A12D",
        "wrong-bucket",
        "r2KPR0…QQ4=",
        "tcp.stream eq 0",
        "1.2.3",
    ):
        assert said in read.text
    assert ("html", "lang", {"en": "en", "zh": "zh-Hans"}[language]) in read.attributes


def test_the_policy_allows_this_style_sheet_and_nothing_else() -> None:
    read = Reader(page(full()))
    (policy,) = (value for value in read.values("content") if "default-src" in value)
    digest = base64.b64encode(hashlib.sha256(read.style.encode()).digest()).decode()
    assert policy == f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"
    assert read.tags["style"] == 1
    assert not re.search(r"url\(|@import|expression", read.style)
    assert not {"script", "img", "link", "iframe", "object"} & set(read.tags)
    assert "style" not in {name for _, name, _ in read.attributes}


def test_headings_descend_one_level_at_a_time() -> None:
    for report in (full(), samples.report(*(samples.finding(i) for i in range(1, 4)))):
        levels = Reader(page(report)).headings
        assert levels[0] == 1
        assert levels.count(1) == 1
        assert all(after <= before + 1 for before, after in pairwise(levels))


def test_tables_pictures_and_references_name_their_parts() -> None:
    report = replace(samples.report(*(samples.finding(i, check=samples.CHECK) for i in range(1, 4))))
    read = Reader(page(report))
    ids = read.values("id")
    assert len(ids) == len(set(ids))
    referred = {i for value in read.values("aria-labelledby") for i in value.split()}
    assert referred <= set(ids)
    assert {value[1:] for value in read.values("href") if value.startswith("#")} <= set(ids)
    assert read.tags["th"] == len([1 for tag, name, _ in read.attributes if tag == "th" and name == "scope"])
    assert read.tags["desc"] == sum(value == "img" for value in read.values("role"))
    assert read.tags["desc"] == 4


def test_what_differs_is_marked_by_more_than_colour() -> None:
    text = page(samples.report())
    assert "<mark>-ops-model</mark>" in text
    assert re.search(r"<mark>2d 6f 70 73</mark>", text)
    assert '<span class="caret">' in text
    assert text.count('<span class="not" aria-hidden="true">≠</span><span class="vh">differs</span>') >= 2
    assert re.search(r"mark \{[^}]*underline", text)


def test_signatures_are_shortened_everywhere() -> None:
    text = page(full())
    assert samples.SIGNATURE.decode() not in text


def test_a_stamp_says_whether_names_were_replaced() -> None:
    view = local_view(samples.report())
    assert "Not redacted" in Reader(render_html(view, Catalogue("en"), "1")).text
    assert "Redacted:" in Reader(render_html(replace(view, redacted=True), Catalogue("en"), "1")).text


def test_only_known_hosts_become_links() -> None:
    links = ("https://help.aliyun.com/oss?a=1", "https://evil.example/aliyun.com", "javascript:alert(1)", "A title")
    cause = replace(samples.CAUSES[0], links=links)
    text = page(samples.report(replace(samples.finding(), causes=(cause,))))
    read = assert_only_ours(text)
    assert [v for v in read.values("href") if not v.startswith("#")] == ["https://help.aliyun.com/oss?a=1"]
    assert "javascript:alert(1)" in read.text


@settings(max_examples=40, deadline=None)
@given(st.binary(max_size=60) | st.text(max_size=40).map(lambda t: t.encode("utf-8", "replace")) | st.just(EVIL))
def test_no_value_takes_effect(value: bytes) -> None:
    finding = evil_finding(value)
    cause = Cause(
        "unknown",
        Certainty.POSSIBLE,
        note("cause.sample.title", value=Wire(value, Kind.HEADER_VALUE)),
        (note("cause.sample.evidence", field=Wire(value, Kind.BODY)),),
        (note("cause.sample.against", value=Wire(value)),),
        note("cause.sample.remedy", value=Wire(value, Kind.RESOURCE)),
        links=(value.decode("utf-8", "backslashreplace"),),
    )
    difference = replace(finding.comparison.differences[0], field="header:" + value.decode("utf-8", "backslashreplace"))
    finding = replace(finding, causes=(cause, cause), comparison=replace(finding.comparison, differences=(difference,)))
    others = replace(finding, id="F2", group="g")
    assert_only_ours(page(samples.report(replace(finding, group="g"), others, replace(finding, id="F3"))))


@pytest.mark.parametrize(
    "value",
    [
        b"</style><script>alert(1)</script>",
        b'"><img src=x onerror=alert(1)>',
        b"' onmouseover='alert(1)",
        b"</title></svg><svg onload=alert(1)>",
        b"<!-- --><![CDATA[ ]]>",
        b"&lt;b&gt; &amp; &#x202e;",
        b"{{ 7*7 }}{% include 'x' %}",
        "\u202eabc\u2066\u200b\ufeff".encode(),
    ],
)
def test_markup_of_every_kind_stays_text(value: bytes) -> None:
    request = samples.REQUEST.replace(b"date:", b"x-evil: " + value + b"\r\ndate:")
    answer = b"HTTP/1.1 403 Forbidden\r\nX-Evil: %b\r\nContent-Length: %d\r\n\r\n%b" % (value, len(value), value)
    finding = samples.finding()
    signed = replace(finding.signed, exchange=samples.exchange(request, answer))
    read = assert_only_ours(page(samples.report(replace(finding, signed=signed))))
    said = re.sub(r"\s+", " ", shown(Wire(value, Kind.HEADER_VALUE))).strip()
    assert read.text.count(said) >= 2


def test_ten_thousand_failures_make_a_page_of_bounded_size() -> None:
    findings = tuple(samples.finding(1, group=f"g{i % 300}") for i in range(10_000))
    findings = tuple(replace(f, id=f"F{i}") for i, f in enumerate(findings, 1))
    text = page(samples.report(*findings))
    read = assert_only_ours(text)
    assert read.tags["article"] == html.MAX_GROUPS
    assert "200 more explanations" in read.text
    assert len(text) < 4_000_000


def test_a_large_page_keeps_causes_and_drops_evidence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(html, "LARGE", 10_000)
    read = Reader(page(samples.report(*(samples.finding(i) for i in range(1, 6)))))
    assert read.tags["article"] == 5
    assert sum(value == "img" for value in read.values("role")) == 2
    assert read.text.count("What to do") == 5
    assert "has grown large" in read.text


def test_megabytes_in_a_header_are_cut() -> None:
    request = samples.REQUEST.replace(b"date:", b"x-long: " + b"<" * 2_000_000 + b"\r\ndate:")
    request = request.replace(b"date:", b"".join(b"x-%d: y\r\n" % i for i in range(3000)) + b"date:")
    finding = samples.finding()
    signed = replace(finding.signed, exchange=samples.exchange(request))
    text = page(samples.report(replace(finding, signed=signed)))
    assert len(text) < 200_000
    assert "more headers" in text


def test_a_report_without_failures_is_a_page_too() -> None:
    read = assert_only_ours(page(Report((samples.capture(),), ())))
    assert "No refused signature in 1 HTTP exchange." in read.text
    assert read.tags["article"] == 0
    errors = (note("report.truncated", path=Wire(EVIL, Kind.PATH)),)
    assert_only_ours(page(Report((), (), errors=errors)))


def test_an_error_is_said_once() -> None:
    error = note("report.truncated", path=Wire(b"cut.pcap", Kind.PATH))
    capture = samples.capture()
    report = Report((replace(capture, notes=(error,)),), (samples.finding(),), errors=(error,))
    assert Reader(page(report)).text.count("ends in the middle of a packet") == 1


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_redacted_page_passes_the_last_gate(language: str) -> None:
    redacted = redact(samples.report(samples.finding(check=samples.CHECK)))
    text = render_html(redacted_view(redacted), Catalogue(language), "1")
    redacted.gate.check(text.encode(), "report.html")
    read = assert_only_ours(text)
    for gone in ("rokid", "ttsservice", "LTAIknFr"):
        assert gone not in text
    assert "5C2723573183A12D" in read.text


# ── pictures ────────────────────────────────────────────────────────────────────────────────────────────────────────

MS = 1_000_000


def timed(exchange: Exchange, frames: tuple[int, ...], start: int, wait: int, timing: TcpTiming) -> Exchange:
    """The exchange with its request in ``frames``, a millisecond apart, and the answer ``wait`` ms later."""
    assert exchange.request is not None
    assert exchange.response is not None
    sent = start + (len(frames) - 1) * MS
    connection = Connection(
        7, Endpoint(b"\x0a\0\0\x05", 51822), Endpoint(b"\x76\x1f\xdb\xd9", 80), handshake=True, timing=timing
    )
    return replace(
        exchange,
        connection=connection,
        request=replace(exchange.request, frames=frames, first_time=start, last_time=sent),
        response=replace(
            exchange.response, frames=(frames[-1] + 1,), first_time=sent + wait * MS, last_time=sent + wait * MS
        ),
    )


def drawn(exchange: Exchange, language: str = "en") -> sequence.Sequence:
    finding = samples.finding()
    view = local_view(samples.report(replace(finding, signed=replace(finding.signed, exchange=exchange))))
    return sequence.sequence(view.findings[0], view.frames, Catalogue(language), shown)


def test_segments_stand_in_order_of_time_with_frames_and_waits() -> None:
    timing = TcpTiming(handshake_rtt=9 * MS, retransmitted=2, gaps=1, gap_bytes=1460)
    pic = drawn(timed(samples.exchange(), (4, 5, 6, 7), samples.TIME, 31, timing))
    assert [step.kind for step in pic.steps] == [
        "trouble",
        "request",
        "more",
        "request",
        "wait",
        "answer",
        "trouble",
        "hole",
    ]
    assert [step.y for step in pic.steps] == sorted(step.y for step in pic.steps)
    assert pic.steps[1].below == "frame 4 · 07:32:34.000"
    assert pic.steps[3].below == "frame 7 · 07:32:34.003 · +3 ms"
    assert pic.steps[4].long == "31 ms without a segment"
    assert pic.steps[5].failed
    assert pic.steps[5].rightward is False
    assert pic.client == "10.0.0.5:51822"
    for said in ("connection: 2 segments retransmitted", "1 gap, 1,460 bytes missing", "403 Forbidden", "frame 8"):
        assert said in pic.description


def listed(*rows: tuple[SegmentKind, int, int, int]) -> Exchange:
    """The sample with these segments of its request: kind, offset, length, milliseconds; frames from 4 on."""
    exchange = timed(samples.exchange(), (4,), samples.TIME, 400, TcpTiming(retransmitted=3, out_of_order=1, gaps=1))
    assert exchange.request is not None
    segments = tuple(
        Segment(None if kind is SegmentKind.LOST else 4 + i, samples.TIME + ms * MS, offset, length, kind)
        for i, (kind, offset, length, ms) in enumerate(rows)
    )
    return replace(exchange, request=replace(exchange.request, segments=segments))


def test_repetitions_late_ones_and_holes_stand_in_place() -> None:
    new, again, late, lost = SegmentKind
    rows = (
        (new, 0, 500, 0),
        (new, 1500, 600, 2),
        (again, 0, 500, 200),
        (late, 500, 700, 201),
        (lost, 1200, 300, 201),
        (new, 2100, 90, 202),
    )
    pic = drawn(listed(*rows))
    steps = pic.steps[: [s.kind for s in pic.steps].index("answer")]
    assert [s.kind for s in steps] == ["request", "request", "wait", "again", "late", "hole", "request", "wait"]
    said = [s.long for s in steps if s.kind not in ("wait", "request")]
    assert said == ["retransmitted, 500 bytes", "out of order, 700 bytes", "300 bytes not captured"]
    assert steps[1].long == "600 bytes"
    assert steps[3].below.startswith("frame 6 · ")
    assert steps[6].long == "90 bytes, the end"
    assert "elsewhere on this connection: 2 segments retransmitted" in pic.description
    assert "gap" not in pic.description


def test_a_long_row_of_plain_segments_is_counted_and_a_picture_bounded() -> None:
    new, again, *_ = SegmentKind
    pic = drawn(listed(*((new, 100 * i, 100, i) for i in range(40))))
    assert [s.long for s in pic.steps][1:3] == ["38 segments between", "100 bytes, the end"]
    pic = drawn(listed((new, 0, 100, 0), *((again, 0, 100, i) for i in range(400))))
    assert len(pic.steps) < 150
    assert any("more segments" in s.long for s in pic.steps)


def test_an_answer_before_the_end_of_the_body_is_drawn_before_it() -> None:
    exchange = timed(samples.exchange(), (4, 5, 6), samples.TIME, 1, TcpTiming())
    assert exchange.response is not None
    early = replace(exchange.response, first_time=samples.TIME + MS, last_time=samples.TIME + MS)
    pic = drawn(replace(exchange, response=early))
    kinds = [step.kind for step in pic.steps]
    assert kinds.index("answer") < len(kinds) - 1 - kinds[::-1].index("request")


def test_no_wait_is_claimed_while_segments_of_unknown_time_are_under_way() -> None:
    exchange = timed(samples.exchange(), (4, 5, 6), samples.TIME, 1, TcpTiming())
    assert exchange.response is not None
    interim = replace(exchange.response, status=100, first_time=samples.TIME + MS, last_time=samples.TIME + MS)
    pic = drawn(replace(exchange, interim=(interim,)))
    assert [step.kind for step in pic.steps] == ["request", "more", "interim", "request", "wait", "answer"]
    short = timed(samples.exchange(), (4,), samples.TIME, 1, TcpTiming())
    pic = drawn(replace(short, interim=(interim,)))
    assert [(s.kind, s.rightward) for s in pic.steps][:2] == [("request", True), ("wait", False)]


def test_bytes_that_were_not_captured_are_a_hole() -> None:
    exchange = timed(samples.exchange(), (4,), samples.TIME, 1, TcpTiming())
    assert exchange.request is not None
    body = replace(exchange.request.body, captured=exchange.request.body.length - 9, complete=False)
    pic = drawn(replace(exchange, request=replace(exchange.request, body=body)))
    assert [s.long for s in pic.steps if s.kind == "hole"] == ["9 bytes not captured"]


def test_pasted_text_has_no_addresses_and_no_times() -> None:
    from analyzer.http.plain import exchange_from_bytes

    pic = drawn(exchange_from_bytes(samples.REQUEST, None))
    assert (pic.client, pic.server) == ("", "")
    assert [step.below for step in pic.steps] == ["frame 1"]


@pytest.mark.parametrize(
    ("text", "limit", "result"),
    [
        ("abcdef", 6, "abcdef"),
        ("abcdefg", 6, "abc…fg"),
        ("中文对象名称", 12, "中文对象名称"),
        ("中文对象名称很长很长很长", 16, "中文对象名…很长很长"),
    ],
)
def test_labels_are_cut_in_the_middle(text: str, limit: int, result: str) -> None:
    assert sequence.cut(text, limit) == result


def moments(*offsets: int, failed: tuple[int, ...] = ()) -> Report:
    """Exchanges at so many milliseconds, those of ``failed`` being findings."""
    findings: list[Finding] = []
    for number, offset in enumerate(failed, 1):
        finding = samples.finding(number)
        exchange = timed(samples.exchange(), (4,), samples.TIME + offset * MS, 1, TcpTiming())
        findings.append(replace(finding, signed=replace(finding.signed, exchange=exchange)))
    connection = timed(samples.exchange(), (4,), samples.TIME, 1, TcpTiming()).connection
    times = Counter(samples.TIME + offset * MS for offset in offsets)
    activity = Activity((connection.client, connection.server), 1, tuple(sorted(times.items())))
    return replace(samples.report(*findings), activity=(activity,) if offsets else ())


def test_the_timeline_marks_failures_among_the_others() -> None:
    view = local_view(moments(0, 50, failed=(100,)))
    line = picture.timeline(view, Catalogue("en"))
    assert line is not None
    (lane,) = line.lanes
    assert [(m.x, m.failed, m.label) for m in lane.marks] == [(2.0, False, ""), (50.0, False, ""), (98.0, True, "F1")]
    assert line.description.startswith("1 refused request and 2 other exchanges within 100 ms")
    assert '<path class="refused"' in page(moments(0, 50, failed=(100,)))


def test_one_exchange_needs_no_timeline() -> None:
    assert picture.timeline(local_view(moments(failed=(1,))), Catalogue("en")) is None


def test_many_connections_share_the_last_line() -> None:
    ends = samples.exchange().connection
    others = tuple(
        Activity((replace(ends.client, port=1000 + n), ends.server), 1, ((samples.TIME + n, 2),)) for n in range(20)
    )
    report = replace(moments(failed=(5,)), activity=(*others, Activity(None, 1000, ((samples.TIME + 3, 5000),))))
    line = picture.timeline(local_view(report), Catalogue("en"))
    assert line is not None
    assert len(line.lanes) == picture.MAX_LANES
    assert line.lanes[-1].label == "1,010 more connections"
    assert sum(mark.count for lane in line.lanes for mark in lane.marks) == 1 + 20 * 2 + 5000
    assert any(mark.label == "F1" for lane in line.lanes[:-1] for mark in lane.marks)
    assert line.description.startswith("1 refused request and 5,040 other exchanges")


def test_idle_days_are_squeezed_and_said() -> None:
    day = 86_400_000
    line = picture.timeline(local_view(moments(0, day * 30, failed=(day * 30 + 10, day * 30 + 20))), Catalogue("en"))
    assert line is not None
    assert [text for _, text in line.breaks] == ["30 days"]
    xs = [mark.x for lane in line.lanes for mark in lane.marks]
    assert xs[0] == 2.0
    assert min(b - a for a, b in pairwise(xs)) > 10


@settings(max_examples=60, deadline=None)
@given(st.lists(st.integers(0, 10**12), max_size=30), st.lists(st.integers(0, 10**12), min_size=1, max_size=30))
def test_every_mark_stands_on_the_line(others: list[int], failed: list[int]) -> None:
    line = picture.timeline(local_view(moments(*others, failed=tuple(failed))), Catalogue("en"))
    if line is None:
        assert len(others) + len(failed) < 2
        return
    marks = [mark for lane in line.lanes for mark in lane.marks]
    assert all(0 <= mark.x <= 100 for mark in marks)
    assert sum(mark.count for mark in marks if mark.failed) == len(failed)
    assert sum(mark.count for mark in marks) == len(failed) + len(others)
