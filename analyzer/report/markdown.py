"""The report to paste into a ticket.

Only Markdown that every ticket system knows: headings, lists, code spans, fenced blocks; no tables. Captured values
stand in code spans or fences longer than any run of backquotes inside them; nothing captured ever stands in plain
text, so HTML, links and mentions have no effect. Values are shortened as in the local text.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from analyzer.model.findings import Cause
from analyzer.model.notes import Note, Wire
from analyzer.report import speech
from analyzer.report.differences import DifferenceView
from analyzer.report.fields import FieldTable
from analyzer.report.messages import Catalogue
from analyzer.report.text import hex_line
from analyzer.report.values import shown, tame
from analyzer.report.view import FindingView, GroupView, View

__all__ = ["NESTED", "Writer", "code_span", "fenced", "render_markdown"]

MAX_GROUPS = 100
MAX_LISTED = 50

#: An item of a list inside a list: four blanks, because the older readers want them.
NESTED = "    - "

_BACKQUOTES = re.compile(r"`+")
#: Characters of our own words that Markdown or HTML could obey.
_OBEYED = re.compile(r"([\\`*_{}\[\]<>#|~@!&])")


def render_markdown(view: View, words: Catalogue, version: str) -> str:
    """The whole report as Markdown."""
    return "\n".join(_Markdown(words).report(view, version)).rstrip() + "\n"


def code_span(text: str) -> str:
    """``text`` as a code span: one line, harmless also inside a table of somebody else's."""
    text = tame(text).replace("|", "\\x7c")
    longest = max((len(run) for run in _BACKQUOTES.findall(text)), default=0)
    fence = "`" * (longest + 1)
    pad = " " if not text.strip() or text[0] in "` " or text[-1] in "` " else ""
    return f"{fence}{pad}{text}{pad}{fence}" if text else "` `"


def fenced(lines: Iterable[str]) -> Iterator[str]:
    """Lines in a fence longer than any backquotes at hand."""
    kept = [tame(line) for line in lines]
    longest = max((len(run) for line in kept for run in _BACKQUOTES.findall(line)), default=0)
    fence = "`" * max(3, longest + 1)
    yield fence + "text"
    yield from kept
    yield fence


class Writer:
    """Words and sentences in one language, made harmless."""

    def __init__(self, words: Catalogue) -> None:
        self.words = words

    def plain(self, key: str) -> str:
        return self.escaped(self.words.say(key))

    def escaped(self, text: str) -> str:
        return _OBEYED.sub(r"\\\1", tame(text))

    def sentence(self, note: Note) -> str:
        """Words escaped, values and code in spans; numbers and names of our own tables count as words."""
        return "".join(
            code_span(run.text) if run.is_code else _OBEYED.sub(r"\\\1", tame(run.text))
            for run in self.words.runs(note, shown)
        )

    def cause(self, cause: Cause) -> Iterator[str]:
        certainty = self.plain(speech.CERTAINTY[cause.certainty])
        yield f"- **{certainty}**: {self.sentence(cause.title)} ({code_span(cause.id)})"
        for note in cause.evidence:
            yield f"{NESTED}{self.sentence(note)}"
        for note in cause.against:
            yield f"{NESTED}({self.plain('report.against')}) {self.sentence(note)}"

    def remedy(self, cause: Cause) -> Iterator[str]:
        yield self.sentence(cause.remedy)
        for name, code in cause.remedy_code:
            yield ""
            yield self.words.say("report.label-of-code", label=code_span(self.words.name(name)))
            yield ""
            yield from fenced(self.words.code(code).splitlines())
        if cause.links:
            yield ""
            yield self.plain(speech.links_label(cause))
            yield ""
        for link in cause.links:
            yield f"- {code_span(self.words.title(link))}"


class _Markdown(Writer):
    """One rendering of a report."""

    def value(self, row_value: bytes | None, table: FieldTable, index: int) -> str:
        row = table.rows[index]
        raw = speech.value_of_field(row.field, row_value)
        if raw is None:
            return self.plain("report.absent")
        return code_span(shown(Wire(raw, row.kind))) if raw else self.plain("report.empty")

    def report(self, view: View, version: str) -> Iterator[str]:
        yield f"# ossig: {self.sentence(speech.verdict(view))}"
        yield ""
        for note in (*speech.seen(view), *view.errors, *speech.remarks(view)):
            yield f"- {self.sentence(note)}"
        for group in view.groups[:MAX_GROUPS]:
            yield ""
            yield from self.group(group)
        if len(view.groups) > MAX_GROUPS:
            yield ""
            yield self.words.say("report.more-groups", count=len(view.groups) - MAX_GROUPS)
        yield ""
        yield f"ossig {code_span(version)}"

    def group(self, group: GroupView) -> Iterator[str]:
        view = group.leader
        yield f"## {view.id}: {self.title(view)}"
        yield ""
        for label, text in speech.subject_rows(view.subject, self.words, shown):
            yield f"- **{self.plain(label)}**: {code_span(text)}"
        yield ""
        yield f"### {self.plain('report.heading.why')}"
        yield ""
        yield from self.cause(view.causes[0])
        yield ""
        yield f"### {self.plain('report.heading.remedy')}"
        yield ""
        yield from self.remedy(view.causes[0])
        if group.others:
            yield from self.others(group)
        yield from self.evidence(view)

    def title(self, view: FindingView) -> str:
        subject = view.subject
        code = subject.code if subject.code is not None else subject.reason
        if subject.status is None:
            return self.plain("report.no-answer")
        name = code_span(shown(Wire(code))) if code else self.plain("report.no-error-body")
        return f"{subject.status} {name}"

    def others(self, group: GroupView) -> Iterator[str]:
        yield ""
        yield self.sentence(speech.same_explanation(len(group.others)))
        yield ""
        for view in group.others[:MAX_LISTED]:
            cells = "  ".join(filter(None, speech.short_row(view.subject, self.words, shown)))
            yield f"- {view.id}: {code_span(cells)}"
        if len(group.others) > MAX_LISTED:
            yield f"- {self.words.say('report.more-failures', count=len(group.others) - MAX_LISTED)}"

    def evidence(self, view: FindingView) -> Iterator[str]:
        for table in view.tables:
            yield ""
            yield f"### {self.plain(speech.TABLE_TITLE[table.subject])}"
            yield ""
            yield self.sentence(speech.table_verdict(table, view))
            yield ""
            yield from self.table(table)
        for difference in view.differences:
            yield from self.difference(difference)
        yield from self.signature(view)
        if view.voices is not None:
            yield ""
            yield f"### {self.plain('report.heading.voices')}"
            yield ""
            yield from self.table(view.voices)
        yield from self.listed("report.heading.facts", (self.sentence(fact.statement) for fact in view.facts))
        clocks = speech.clock_rows(view.clocks, self.words)
        yield from self.listed("report.heading.clocks", (f"**{self.plain(k)}**: {code_span(t)}" for k, t in clocks))
        if view.causes[1:]:
            yield ""
            yield f"### {self.plain('report.heading.others')}"
        for cause in view.causes[1:]:
            yield ""
            yield from self.cause(cause)
            yield ""
            yield from self.remedy(cause)
        if view.frame_filter is not None:
            yield from self.listed("report.heading.wireshark", (code_span(view.frame_filter),))

    def listed(self, heading: str, items: Iterable[str]) -> Iterator[str]:
        found = list(items)
        if not found:
            return
        yield ""
        yield f"### {self.plain(heading)}"
        yield ""
        yield from (f"- {item}" for item in found)

    def table(self, table: FieldTable) -> Iterator[str]:
        """A list: tables are not Markdown everywhere, and long values make them unreadable where they are."""
        names = [self.plain(speech.VOICE[voice]) for voice in table.voices]
        for index, row in enumerate(table.rows):
            sign = f"{_SIGN[row.same]} " if row.same is not None else ""
            values = [self.value(value, table, index) for value in row.values]
            if row.same is False:
                yield f"- {sign}**{code_span(row.field)}**"
                yield from (f"{NESTED}{name}: {value}" for name, value in zip(names, values, strict=True))
            else:
                present = (text for text, value in zip(values, row.values, strict=True) if value is not None)
                yield f"- {sign}{code_span(row.field)}: {next(present, values[0])}"
        if table.cut:
            yield ""
            yield self.words.say("report.more-fields", count=table.cut)

    def difference(self, view: DifferenceView) -> Iterator[str]:
        yield ""
        yield self.sentence(speech.difference_title(view))
        yield ""
        lines: list[str] = []
        for voice, rows in ((view.ours, view.rebuilt_rows), ("server", view.server_rows)):
            if rows:
                lines.append(self.words.say(speech.VOICE[voice]))
            for row in rows:
                line, marks = hex_line(row)
                if row.skipped:
                    lines.append(self.words.say("report.bytes-left-out", count=row.skipped))
                lines += [f"  {line.plain}", *([f"  {marks}"] if marks.strip() else [])]
        yield from fenced(lines)

    def signature(self, view: FindingView) -> Iterator[str]:
        yield ""
        yield f"### {self.plain('report.heading.signature')}"
        yield ""
        for row in speech.signature_rows(view):
            text = row.text
            if text is None:
                text = self.words.say(row.missing) if row.value is None else speech.signature_text(row.value)
            sign = f" {_SIGN[row.same]}" if row.same is not None else ""
            remark = f" {self.sentence(row.remark)}" if row.remark is not None else ""
            yield f"- **{self.plain(row.label)}**: {code_span(text)}{sign}{remark}"
        for note in speech.secret_verdict(view):
            yield f"- {self.sentence(note)}"


_SIGN = {True: "=", False: "≠", None: ""}
