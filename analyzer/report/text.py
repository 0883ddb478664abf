"""The report for a terminal.

Three questions are answered on the first screen: what failed, why, what to do. The evidence stands below, each piece
under its own heading. Eighty columns, no boxes; colour only repeats what words and marks already say, so a pipe, a
log file and a monochrome terminal lose nothing. Rich lays out tables and breaks lines; every value that goes in has
been through ``shown``, and markup is off.
"""

from __future__ import annotations

from collections.abc import Iterable
from io import StringIO

from rich.cells import cell_len
from rich.console import RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from analyzer.model.findings import Cause, Certainty
from analyzer.model.notes import Kind, Note, Wire
from analyzer.report import speech
from analyzer.report.differences import WIDTH, DifferenceView, HexRow
from analyzer.report.fields import FieldTable
from analyzer.report.messages import Catalogue
from analyzer.report.values import shown, tame
from analyzer.report.view import FindingView, GroupView, View
from analyzer.report.wrapping import Paper

__all__ = ["Sheet", "render_text"]

#: Explanations printed in full, and failures listed under one explanation; JSON has all.
MAX_GROUPS = 100
MAX_LISTED = 20

#: Columns before a row of bytes: with them sixteen bytes in hex and text fill eighty columns.
_HEX_INDENT = 9
#: Columns that what stands beside its label has at least.
_BESIDE = 30
#: Width from which signatures stand in one row with what is said of them.
_FOUR_COLUMNS = 60
#: Stands for a blank at which no line may be broken; no captured value can hold it (``tame`` writes it out).
_TIE = "\ue000"

#: Rows of a failure that hold words of ours, and break at blanks.
_OURS = frozenset({"report.label.time", "report.label.frames", "report.label.connection"})

_SIGN = {True: "=", False: "≠", None: " "}
_SIGN_STYLE = {True: "green", False: "bold red", None: ""}
_CERTAINTY_STYLE = {Certainty.PROVEN: "bold green", Certainty.LIKELY: "bold yellow", Certainty.POSSIBLE: "bold"}


def render_text(view: View, words: Catalogue, *, width: int = 80, colour: bool = False, unbroken: bool = False) -> str:
    """The whole report as text of ``width`` columns, with terminal colours where ``colour`` is true, lines of
    code whole where ``unbroken`` is."""
    page = _Page(words, max(40, width), colour, unbroken)
    page.report(view)
    return page.text()


class Sheet:
    """Where text goes, in which language and how wide; the pieces that every page is made of."""

    def __init__(self, words: Catalogue, width: int, colour: bool, unbroken: bool = False) -> None:
        self.words = words
        self.unbroken = unbroken
        self.colour = colour
        self.out = StringIO()
        self.console = Paper(
            file=self.out,
            width=width,
            color_system="standard" if colour else None,
            force_terminal=colour,
            force_interactive=False,
            no_color=not colour,
            legacy_windows=False,
            markup=False,
            emoji=False,
            highlight=False,
            _environ={},
        )

    def text(self) -> str:
        """What was printed; ends of lines are not padded."""
        return "".join(line.rstrip() + "\n" for line in self.out.getvalue().replace(_TIE, " ").split("\n"))

    # ── pieces ──────────────────────────────────────────────────────────────────────────────────────────────────

    def put(self, content: RenderableType = "", indent: int = 0) -> None:
        self.console.print(Padding(content, (0, 0, 0, indent)) if indent else content)

    def heading(self, key: str) -> None:
        self.put()
        self.put(Text(self.words.say(key), style="bold"))

    def sentence(self, note: Note, style: str = "") -> Text:
        """A note with its values and code set apart."""
        text = Text(style=style)
        for run in self.words.runs(note, shown):
            if run.is_code and not run.is_value and not self.colour:
                text.append(f"`{tame(run.text)}`")
            else:
                text.append(tame(run.text), style="cyan" if run.is_code else None)
        return text

    def value(self, raw: bytes | None, kind: Kind = Kind.PUBLIC, missing: str = "report.absent") -> Text:
        if raw is None:
            return Text(self.words.say(missing), style="dim")
        if not raw:
            return Text(self.words.say("report.empty"), style="dim")
        return Text(shown(Wire(raw, kind)), overflow="fold")

    def pairs(self, rows: Iterable[tuple[str, RenderableType]], indent: int = 2) -> None:
        """Labels and what they stand for, in two columns, or below each other where that leaves no room."""
        pairs = [*rows]
        widest = max((cell_len(label) for label, _ in pairs), default=0)
        if self.console.width - indent - widest - 2 < _BESIDE:
            for label, content in pairs:
                self.put(Text(label, style="dim"), indent)
                self.put(content, indent + 2)
            return
        table = Table.grid(padding=(0, 2))
        table.add_column(style="dim", no_wrap=True)
        table.add_column(overflow="fold")
        for label, content in pairs:
            table.add_row(label, content)
        if table.row_count:
            self.put(table, indent)

    def bullets(self, marked: Iterable[tuple[str, Text]], indent: int) -> None:
        table = Table.grid(padding=(0, 1))
        table.add_column(no_wrap=True)
        table.add_column(overflow="fold")
        for mark, text in marked:
            table.add_row(mark, text)
        if table.row_count:
            self.put(table, indent)

    def cause_title(self, cause: Cause) -> None:
        line = Text()
        line.append(self.words.say(speech.CERTAINTY[cause.certainty]), style=_CERTAINTY_STYLE[cause.certainty])
        line.append("  ")
        line.append_text(self.sentence(cause.title, "bold"))
        self.bullets(((speech.CERTAINTY_MARK[cause.certainty], line),), 2)

    def cause_evidence(self, cause: Cause) -> None:
        marked = [("+", self.sentence(note)) for note in cause.evidence]
        marked += [("-", self.sentence(note)) for note in cause.against]
        self.bullets(marked, 4)

    def remedy(self, cause: Cause, indent: int) -> None:
        self.put(self.sentence(cause.remedy), indent)
        for name, code in cause.remedy_code:
            self.put(Text(self.words.say("report.label-of-code", label=name), style="dim"), indent)
            self.code_lines(self.words.code(code), indent + 2)
        if cause.links:
            self.put(Text(self.words.say(speech.links_label(cause)), style="dim"), indent)
        for link in cause.links:
            self.put(Text(f"→ {self.words.title(link)}", style="dim", overflow="fold"), indent)

    def code_lines(self, code: str, indent: int) -> None:
        """Lines to be copied, broken only for the eye."""
        for line in code.splitlines():
            text = Text(line, style="cyan", overflow="fold")
            if self.unbroken:
                self.exact_line(Text(" " * indent), text)
            else:
                self.put(text, indent)

    def exact_line(self, *pieces: Text) -> None:
        """A line that is never broken or cut, whatever the width."""
        self.console.print(Text.assemble(*pieces), no_wrap=True, overflow="ignore", crop=False, soft_wrap=True)


class _Page(Sheet):
    """One rendering of a report."""

    def report(self, view: View) -> None:
        self.put(self.sentence(speech.verdict(view), "bold"))
        for note in speech.seen(view):
            self.put(self.sentence(note, "dim"))
        for note in view.errors:
            self.put(self.sentence(note, "red"))
        for index, group in enumerate(view.groups[:MAX_GROUPS]):
            if index:
                self.put()
                self.console.rule(style="dim")
            self.group(group)
        if len(view.groups) > MAX_GROUPS:
            self.put()
            self.put(Text(self.words.say("report.more-groups", count=len(view.groups) - MAX_GROUPS)))
        remarks = speech.remarks(view)
        if remarks:
            self.heading("report.heading.notes")
            self.bullets((("·", self.sentence(note)) for note in remarks), 2)

    def group(self, group: GroupView) -> None:
        view = group.leader
        self.put()
        title = Text(f"{view.id}  ", style="bold")
        title.append_text(self.title(view))
        self.put(title)
        self.put()
        self.subject(view)
        self.why(view)
        self.others(group)
        self.evidence(view)

    def title(self, view: FindingView) -> Text:
        subject = view.subject
        status = "" if subject.status is None else str(subject.status)
        code = subject.code if subject.code is not None else subject.reason
        name = shown(Wire(code)) if code else self.words.say("report.no-error-body" if status else "report.no-answer")
        return Text(f"{status} {name}".strip(), style="bold red")

    def subject(self, view: FindingView) -> None:
        self.pairs(
            (self.words.say(label), Text(tame(text) if label in _OURS else tied(text), overflow="fold"))
            for label, text in speech.subject_rows(view.subject, self.words, shown)
        )

    def why(self, view: FindingView) -> None:
        first, *rest = view.causes
        self.heading("report.heading.why")
        self.cause_title(first)
        self.cause_evidence(first)
        for cause in rest:
            self.cause_title(cause)
        self.heading("report.heading.remedy")
        self.remedy(first, 2)

    def others(self, group: GroupView) -> None:
        if not group.others:
            return
        self.put()
        self.put(self.sentence(speech.same_explanation(len(group.others)), "bold"))
        table = Table.grid(padding=(0, 2))
        for _ in range(3):
            table.add_column(no_wrap=True)
        table.add_column(overflow="fold")
        for view in group.others[:MAX_LISTED]:
            *cells, line, file = (tame(cell) for cell in speech.short_row(view.subject, self.words, shown))
            table.add_row(view.id, *cells, f"{line}\n{file}" if file else line)
        self.put(table, 2)
        if len(group.others) > MAX_LISTED:
            self.put(Text(self.words.say("report.more-failures", count=len(group.others) - MAX_LISTED)), 2)

    # ── evidence ────────────────────────────────────────────────────────────────────────────────────────────────

    def evidence(self, view: FindingView) -> None:
        for table in view.tables:
            self.fields(table, view)
        for difference in view.differences:
            self.difference(difference)
        self.signature(view)
        if view.voices is not None:
            self.voices(view.voices)
        if view.facts:
            self.heading("report.heading.facts")
            self.bullets((("·", self.fact(view, i)) for i in range(len(view.facts))), 2)
        clocks = speech.clock_rows(view.clocks, self.words)
        if clocks:
            self.heading("report.heading.clocks")
            self.pairs((self.words.say(label), Text(text)) for label, text in clocks)
        if view.causes[1:]:
            self.heading("report.heading.others")
        for index, cause in enumerate(view.causes[1:]):
            if index:
                self.put()
            self.other_cause(cause)
        if view.frame_filter is not None:
            self.heading("report.heading.wireshark")
            self.code_lines(view.frame_filter, 2)

    def fact(self, view: FindingView, index: int) -> Text:
        fact = view.facts[index]
        return self.sentence(fact.statement)

    def other_cause(self, cause: Cause) -> None:
        self.cause_title(cause)
        self.cause_evidence(cause)
        self.remedy(cause, 4)

    def fields(self, table: FieldTable, view: FindingView) -> None:
        self.put()
        title = Text(self.words.say(speech.TABLE_TITLE[table.subject]), style="bold")
        title.append("  ")
        title.append_text(self.sentence(speech.table_verdict(table, view), "dim"))
        self.put(title)
        grid = self.field_grid()
        for row in table.rows:
            label = Text(tame(row.field), overflow="fold")
            sign = Text(_SIGN[row.same], style=_SIGN_STYLE[row.same])
            if row.same is not False:
                value = next((v for v in row.values if v is not None), None)
                grid.add_row(label, sign, "", self.value(self.bare(row.field, value), row.kind))
                continue
            for voice, value in zip(table.voices, row.values, strict=True):
                grid.add_row(
                    label, sign, self.words.say(speech.VOICE[voice]), self.value(self.bare(row.field, value), row.kind)
                )
                label, sign = Text(), Text()
        self.put(grid, 2)
        if table.cut:
            self.put(Text(self.words.say("report.more-fields", count=table.cut)), 2)

    def field_grid(self) -> Table:
        grid = Table.grid(padding=(0, 1))
        grid.add_column(style="dim", max_width=26, overflow="fold")
        grid.add_column(no_wrap=True)
        grid.add_column(no_wrap=True, style="dim")
        grid.add_column(overflow="fold")
        return grid

    def bare(self, field: str, value: bytes | None) -> bytes | None:
        """Header lines and parameters without the name that already stands in the first column."""
        return speech.value_of_field(field, value)

    def voices(self, table: FieldTable) -> None:
        self.heading("report.heading.voices")
        if table.first_difference is not None:
            self.put(Text(self.words.say("report.first-difference", offset=table.first_difference), style="dim"), 2)
        grid = self.field_grid()
        for row in table.rows:
            label = Text(tame(row.field), overflow="fold")
            sign = Text(_SIGN[row.same], style=_SIGN_STYLE[row.same])
            for names, value in speech.joined_voices(table.voices, row.values):
                said = "" if row.same else "/".join(self.words.say(speech.VOICE[name]) for name in names)
                grid.add_row(label, sign, said, self.value(self.bare(row.field, value), row.kind))
                label, sign = Text(), Text()
        self.put(grid, 2)

    def difference(self, view: DifferenceView) -> None:
        self.put()
        self.put(self.sentence(speech.difference_title(view), "bold"), 2)
        for voice, rows in ((view.ours, view.rebuilt_rows), ("server", view.server_rows)):
            label = self.words.say(speech.VOICE[voice])
            for row in rows:
                self.hex_row(row, label)
                label = ""

    def hex_row(self, row: HexRow, label: str) -> None:
        if row.skipped:
            self.put(Text(self.words.say("report.bytes-left-out", count=row.skipped), style="dim"), _HEX_INDENT)
        line, marks = hex_line(row)
        pad = " " * max(0, _HEX_INDENT - 2 - Text(label).cell_len)
        self.exact_line(Text(f"  {label}{pad}", style="dim"), line)
        if marks.strip():
            self.exact_line(Text(" " * _HEX_INDENT), Text(marks, style="bold red"))

    def signature(self, view: FindingView) -> None:
        self.heading("report.heading.signature")
        rows = tuple(self.signature_row(row) for row in speech.signature_rows(view))
        if self.console.width < _FOUR_COLUMNS:
            spaced = Text("  ")
            self.pairs((label, spaced.join(piece for piece in rest if piece.plain.strip())) for label, *rest in rows)
        else:
            self.side_by_side(rows)
        for note in speech.secret_verdict(view):
            self.put(self.sentence(note), 2)

    def signature_row(self, row: speech.SignatureRow) -> tuple[str, Text, Text, Text]:
        remark = self.sentence(row.remark) if row.remark is not None else Text()
        content = Text(row.text) if row.text is not None else self.value(row.value, Kind.SIGNATURE, row.missing)
        return self.words.say(row.label), content, Text(_SIGN[row.same], _SIGN_STYLE[row.same]), remark

    def side_by_side(self, rows: Iterable[tuple[str, Text, Text, Text]]) -> None:
        table = Table.grid(padding=(0, 2))
        table.add_column(style="dim", no_wrap=True)
        table.add_column(overflow="fold")
        table.add_column(no_wrap=True)
        table.add_column(overflow="fold")
        for row in rows:
            table.add_row(*row)
        self.put(table, 2)


def tied(text: str) -> str:
    """A captured text that is not broken at its blanks: one at a line's end could not be seen."""
    return tame(text).replace(" ", _TIE)


def hex_line(row: HexRow) -> tuple[Text, str]:
    """``0040  2f 72 …  /rokid…`` with guilty bytes styled, and the line of marks that stands below it."""
    line = Text(f"{row.offset:04x}  ", style="")
    marks = " " * len(line)
    for index in range(WIDTH):
        has = index < len(row.data)
        guilty = index in row.marked
        line.append(f"{row.data[index]:02x} " if has else "   ", style="bold red" if guilty else None)
        marks += "^^ " if guilty else "   "
    line.append(" ")
    marks += " "
    for index, byte in enumerate(row.data):
        guilty = index in row.marked
        line.append(chr(byte) if 32 <= byte < 127 else "·", style="bold red" if guilty else None)
        marks += "^" if guilty else " "
    return line, marks.rstrip()
