"""The report as one HTML file.

Self-contained: no script, no image, no font, nothing fetched; the Content-Security-Policy allows the one inline style
sheet by its digest and nothing else. Templates hold tags only. Words come from the catalogue, values through ``shown``,
and jinja2 escapes both, so a captured value can be nothing but text. Failures are printed one explanation after the
other until the page is large enough; beyond that only causes and remedies, beyond a hundred only their number.
"""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Mapping
from importlib.resources import files

from jinja2 import Environment, PackageLoader, StrictUndefined, Template
from markupsafe import Markup, escape

from analyzer.model.findings import Cause
from analyzer.model.notes import Note, note
from analyzer.report import page, picture, sequence, speech
from analyzer.report.differences import DifferenceView
from analyzer.report.fields import FieldTable
from analyzer.report.frames import ranges
from analyzer.report.messages import Catalogue
from analyzer.report.values import shown, tame
from analyzer.report.view import FindingView, GroupView, View

__all__ = ["Page", "environment", "language_tag", "render_html", "sentence", "style"]

#: Explanations printed, failures listed under one of them, differences laid out byte by byte.
MAX_GROUPS = 100
MAX_LISTED = 200
MAX_DIFFERENCES = 12
#: Characters of page after which explanations lose their evidence.
LARGE = 6_000_000
#: A list longer than this is folded.
FOLDED = 12

#: Only these hosts become links; whatever else stands among the links is a title to search for.
_LINK = re.compile(r"https://(?:[a-z0-9-]+\.)*(?:aliyun\.com|alibabacloud\.com|github\.com)(?:/[\w./~%#?=&+-]*)?")

#: Name in the templates → what is said there.
_LABELS: Mapping[str, str] = {
    "title": "html.title",
    "skip": "html.skip",
    "contents": "html.contents",
    "errors": "html.errors",
    "captures": "html.captures",
    "remarks": "report.heading.notes",
    "subject": "html.subject",
    "exchange": "html.exchange",
    "bytes": "html.bytes",
    "cause": "html.cause",
    "finding": "html.finding",
    "answer": "html.answer",
    "request": "report.label.request",
    "why": "report.heading.why",
    "remedy": "report.heading.remedy",
    "other_causes": "report.heading.others",
    "evidence": "html.for",
    "against": "report.against",
    "body": "html.body",
    "file": "report.label.file",
    "frames": "html.frames",
    "part": "html.part",
    "offset": "html.offset",
    "hex": "html.hex",
    "text": "html.text",
    "differs": "html.differs",
    "agrees": "html.agrees",
    "legend": "html.legend",
    "time": "html.time",
    "field": "report.label.field",
    "same": "report.label.same",
    "signature": "report.heading.signature",
    "voices": "report.heading.voices",
    "voices_note": "html.voices-note",
    "facts": "report.heading.facts",
    "clocks": "report.heading.clocks",
    "wireshark": "report.heading.wireshark",
    "client": "html.picture.client",
    "server": "html.picture.server",
    "refused": "html.timeline.failed",
    "other_exchange": "html.timeline.other",
}


def render_html(view: View, words: Catalogue, version: str) -> str:
    """The whole report as one HTML document that needs nothing beside itself.

    ``version``: of ossig, for the footer. Size is bounded by ``LARGE`` plus one explanation, whatever the report.
    """
    writer = Page(view, words)
    document: str = writer.template("page.html.j2").render(
        lang=language_tag(words),
        **style(),
        findings=writer.findings(),
        timeline=picture.timeline(view, words) if view.paste is None else None,
        more_groups=max(0, len(view.groups) - MAX_GROUPS),
        footer=words.say("html.footer", version=version),
    )
    return document


def environment() -> Environment:
    """Templates that escape whatever they are given, and fail on what they are not."""
    return Environment(
        loader=PackageLoader("analyzer.report", "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def style() -> dict[str, str]:
    """The one style sheet and its digest for the Content-Security-Policy."""
    text = (files("analyzer.report") / "templates" / "style.css").read_text("utf-8")
    digest = base64.b64encode(hashlib.sha256(text.encode("utf-8")).digest()).decode("ascii")
    return {"style": Markup(text), "style_digest": digest}  # noqa: S704 - our own file, no captured value in it


def language_tag(words: Catalogue) -> str:
    """For the attribute ``lang``."""
    return {"zh": "zh-Hans"}.get(words.language, words.language)


def sentence(note: Note, words: Catalogue) -> Markup:
    """A note, code and captured values in ``code``."""
    pieces = []
    for run in words.runs(note, shown):
        text = escape(tame(run.text))
        pieces.append(Markup("<code>{}</code>").format(text) if run.is_code else text)
    return Markup("").join(pieces)


class Page:
    """One rendering: the view, the words, and what templates may ask for."""

    def __init__(self, view: View, words: Catalogue) -> None:
        self.view = view
        self.words = words
        self.environment = environment()
        self.environment.globals.update(
            page=self,
            view=view,
            label={name: words.say(key) for name, key in _LABELS.items()},
            FOLDED=FOLDED,
        )

    def template(self, name: str) -> Template:
        return self.environment.get_template(name)

    def findings(self) -> list[Markup]:
        """One piece of page for each explanation; once the page is large, without evidence."""
        template = self.template("finding.html.j2")
        pieces: list[Markup] = []
        written = 0
        for number, group in enumerate(self.view.groups[:MAX_GROUPS], 1):
            piece = template.render(group=group, finding=group.leader, number=number, brief=written > LARGE)
            written += len(piece)
            pieces.append(Markup(piece))  # noqa: S704 - rendered with autoescape
        return pieces

    # ── words ───────────────────────────────────────────────────────────────────────────────────────────────────

    def sentence(self, note: Note) -> Markup:
        """A note, code and captured values in ``code``."""
        return sentence(note, self.words)

    def counted(self, key: str, **values: int) -> Markup:
        """A sentence of our own, its code set apart."""
        return self.sentence(note(key, **values))

    def stamp(self) -> Markup:
        return self.counted("html.redacted" if self.view.redacted else "html.local")

    def verdict(self) -> Markup:
        return self.sentence(speech.verdict(self.view))

    def seen(self) -> list[Markup]:
        return [self.sentence(said) for said in speech.seen(self.view)]

    def remarks(self) -> list[Markup]:
        return [self.sentence(said) for said in speech.remarks(self.view)]

    def more_groups(self, count: int) -> Markup:
        return self.counted("report.more-groups", count=count)

    # ── an explanation ──────────────────────────────────────────────────────────────────────────────────────────

    def status(self, view: FindingView) -> tuple[str, str]:
        return page.status_line(view.subject, self.words)

    def request(self, view: FindingView) -> str:
        return sequence.cut(speech.short_row(view.subject, self.words, shown)[2], 160)

    def certainty(self, cause: Cause) -> tuple[str, str, str]:
        """Class, mark and word."""
        word = self.words.say(speech.CERTAINTY[cause.certainty])
        return cause.certainty.value, speech.CERTAINTY_MARK[cause.certainty], word

    def links(self, cause: Cause) -> list[tuple[str, str | None]]:
        """(text, address): address None where it is a title."""
        return [(tame(self.words.title(link)), link if _LINK.fullmatch(link) else None) for link in cause.links]

    def links_label(self, cause: Cause) -> str:
        return self.words.say(speech.links_label(cause))

    def code_lines(self, code: str) -> list[str]:
        return self.words.code(code).splitlines()

    def code_label(self, name: str) -> str:
        return self.words.say("html.remedy-for", name=name)

    def subject(self, view: FindingView) -> list[tuple[str, str]]:
        rows = speech.subject_rows(view.subject, self.words, shown)
        return [(self.words.say(label), tame(text)) for label, text in rows]

    def large(self) -> Markup:
        return self.counted("html.more-evidence")

    def others(self, group: GroupView) -> tuple[Markup, list[tuple[str, ...]], Markup]:
        """The sentence above, the rows, and what is left out."""
        rows = [(v.id, *map(tame, speech.short_row(v.subject, self.words, shown))) for v in group.others[:MAX_LISTED]]
        more = len(group.others) - len(rows)
        left = self.counted("report.more-failures", count=more) if more else Markup("")
        return self.sentence(speech.same_explanation(len(group.others))), rows, left

    def others_folded(self, group: GroupView) -> str:
        return self.words.say("html.others", count=len(group.others))

    def sequence(self, view: FindingView) -> sequence.Sequence:
        return sequence.sequence(view, self.view.frames, self.words, shown)

    # ── evidence ────────────────────────────────────────────────────────────────────────────────────────────────

    def table_title(self, table: FieldTable) -> str:
        return self.words.say(speech.TABLE_TITLE[table.subject])

    def table_verdict(self, table: FieldTable, view: FindingView) -> Markup:
        return self.sentence(speech.table_verdict(table, view))

    def table_source(self, view: FindingView) -> Markup | None:
        source = speech.table_source(view)
        return None if source is None else self.sentence(source)

    def table_rows(self, table: FieldTable) -> tuple[tuple[page.TableRow, ...], str]:
        rows, cut = page.table_rows(table, self.words)
        return rows, self.words.say("report.more-fields", count=cut) if cut else ""

    def voices(self, table: FieldTable) -> list[str]:
        return [self.words.say(speech.VOICE[voice]) for voice in table.voices]

    def first_difference(self, table: FieldTable) -> str | None:
        if table.first_difference is None:
            return None
        return self.words.say("report.first-difference", offset=table.first_difference)

    def differences(self, view: FindingView) -> tuple[list[DifferenceView], str]:
        laid_out = [d for d in view.differences if d.rebuilt_rows or d.server_rows][:MAX_DIFFERENCES]
        more = len(view.comparison.differences) - len(laid_out)
        return laid_out, self.words.say("html.more-differences", count=more) if more > 0 and laid_out else ""

    def difference_title(self, view: DifferenceView) -> Markup:
        return self.sentence(speech.difference_title(view))

    def sides(self, view: DifferenceView) -> list[tuple[str, tuple[page.HexLine, ...]]]:
        return [(self.words.say(speech.VOICE[voice]), rows) for voice, rows in page.sides(view) if rows]

    def skipped(self, count: int) -> str:
        return self.words.say("report.bytes-left-out", count=count)

    def signatures(self, view: FindingView) -> list[tuple[str, str, bool | None, Markup | None]]:
        """Label, value, whether it equals the one sent, remark."""
        rows = []
        for row in speech.signature_rows(view):
            text = row.text
            if text is None:
                text = self.words.say(row.missing) if row.value is None else speech.signature_text(row.value)
            remark = self.sentence(row.remark) if row.remark is not None else None
            rows.append((self.words.say(row.label), text, row.same, remark))
        return rows

    def secret(self, view: FindingView) -> list[Markup]:
        return [self.sentence(note) for note in speech.secret_verdict(view)]

    def facts(self, view: FindingView) -> list[tuple[Markup, str]]:
        found = []
        for fact in view.facts:
            frames = ranges(self.view.frames.local(fact.frames))
            found.append(
                (self.sentence(fact.statement), self.words.say("html.facts-frames", frames=frames) if frames else "")
            )
        return found

    def clocks(self, view: FindingView) -> list[tuple[str, str, str]]:
        """Label, time, and how far that is from the client's."""
        rows = ((label, text.partition("  ")) for label, text in speech.clock_rows(view.clocks, self.words))
        return [(self.words.say(label), time, apart) for label, (time, _, apart) in rows]

    def messages(self, view: FindingView) -> list[page.HeadView]:
        exchange = view.exchange
        both = (exchange.request, *exchange.interim[:2], exchange.response)
        return [page.head_view(m, view, self.view.frames, self.words) for m in both if m is not None]

    def body_size(self, head: page.HeadView) -> str:
        return self.words.say("html.body-size", length=head.length, captured=head.captured)

    def body_cut(self, count: int) -> str:
        return self.words.say("html.body-cut", count=count)

    def more_headers(self, count: int) -> str:
        return self.words.say("html.more-headers", count=count)
