"""Where a live run's findings go: a view on the terminal, JSON Lines into a pipe, a report into a file.

``LiveOutput`` is told findings and progress by the pipeline and ends the source when enough was seen. Of each finding
it remembers only what the view shows and, for JSON Lines, a digest of what was said.
"""

from __future__ import annotations

import os
import signal
import sys
import time
from collections import Counter, deque
from collections.abc import Callable, Collection
from dataclasses import replace
from hashlib import blake2b
from types import FrameType, TracebackType
from typing import TYPE_CHECKING, Any

from analyzer.cli.exits import say, say_written
from analyzer.cli.output import path_value, write_output
from analyzer.cli.rendering import render
from analyzer.cli.settings import Format, coloured, on_screen, width
from analyzer.cli.version import version
from analyzer.model.findings import Finding
from analyzer.model.notes import Note, Wire, note
from analyzer.model.report import CaptureSummary, Report
from analyzer.report.gate import Gate, check_secrets
from analyzer.report.json_ import dumps, finding_line, run_line
from analyzer.report.messages import Catalogue
from analyzer.report.values import visible
from analyzer.report.view import FindingView, View, local_view

if TYPE_CHECKING:
    from rich.live import Live

    from analyzer.capture.live.source import LiveSource
    from analyzer.cli.live import Typed
    from analyzer.model.secrets import Secret, SecretBook
    from analyzer.pipeline import Progress

__all__ = ["MAX_EXPLAINED", "LiveOutput"]

#: Failures that are explained anew at the end; all are told when they happen.
MAX_EXPLAINED = 1000

_REDRAW = 0.25  #: seconds
_RATE = 2.0  #: seconds that rates are measured over
_SHOWN = 8  #: findings and causes in the view
_SIGNALS = ("SIGINT", "SIGTERM", "SIGHUP")


class LiveOutput:
    """See the module. A context manager: it takes Ctrl-C while it is open, and closes the source."""

    def __init__(
        self, typed: Typed, source: LiveSource, secrets: SecretBook, key_logs: Collection[Secret] = ()
    ) -> None:
        self._typed = typed
        self._source = source
        self._secrets = secrets
        self._key_logs = key_logs
        self._words = Catalogue(typed.language)
        self._began = time.monotonic()
        silent = sys.stdout is None  # closed by whoever started us: only the file gets something
        terminal = not silent and sys.stdout.isatty() and os.environ.get("TERM") != "dumb"
        to_file = typed.output not in (None, "-")
        self._streams = (typed.format is Format.JSONL and not to_file) or (
            not terminal and not silent and (typed.format is None or to_file)
        )
        self._view = _Screen(self._words, typed) if terminal and not self._streams else None
        self._found = 0
        self._told: dict[str, bytes] = {}  #: finding id → digest of its line
        self._causes: Counter[str] = Counter()
        self._titles: dict[str, Note] = {}
        self._last: deque[FindingView] = deque(maxlen=_SHOWN)
        self._marks: deque[tuple[float, int, int]] = deque()  #: (when, packets, bytes)
        self._before: dict[int, Any] = {}
        self._ports = source.ports
        self._gate: Gate | None = None  #: of the last redaction

    def __enter__(self) -> LiveOutput:
        for name in _SIGNALS:
            number = getattr(signal, name, None)
            if number is not None and signal.getsignal(number) is not signal.SIG_IGN:
                self._before[number] = signal.signal(number, self._asked_to_end)
        if self._view is not None:
            self._view.start()
        else:
            say(self._beginning(), self._typed.language)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._view is not None:
            self._view.stop()
        self._source.close()
        for number, handler in self._before.items():
            signal.signal(number, handler)

    def _asked_to_end(self, number: int, frame: FrameType | None) -> None:
        """The first time in an orderly way; the second time at once."""
        signal.signal(number, self._before.get(number, signal.SIG_DFL))
        self._source.stop()

    # While it runs

    def found(self, finding: Finding) -> None:
        """A finding, the moment it is found."""
        self._found += 1
        frames = finding.signed.exchange.frames
        if frames:
            self._source.keep(min(frames), max(frames))
        cause = finding.causes[0]
        self._causes[cause.id] += 1
        self._titles.setdefault(cause.id, cause.title)
        report = self._report_of(finding)
        if self._view is not None:
            self._last.append(local_view(report).findings[0])
        if self._streams:
            view = self._viewed(report)
            line = self._line(view.findings[0], view)
            if len(self._told) < MAX_EXPLAINED:  # later ones are not explained anew
                self._told[finding.id] = _digest(line)
            self._write(line)
        if self._typed.findings is not None and self._found >= self._typed.findings:
            self._source.stop(linger=False)

    def progress(self, progress: Progress) -> None:
        """After every batch, also an empty one."""
        if self._view is not None:
            self._view.draw(lambda: self._state(progress))
        elif self._source.ports != self._ports:
            self._ports = self._source.ports
            say(note("live.learned", filter=self._filter()), self._typed.language)

    def _beginning(self) -> Note:
        """What is read, and from where."""
        if self._typed.pipe:
            return note("live.reading")
        name = path_value(self._source.name)
        return note("live.capturing", name=name, engine=self._source.engine, filter=self._filter())

    def _filter(self) -> Wire:
        """What is let through, in a few words; a dash where somebody else decides."""
        text = self._typed.filter or "-"
        if text == "-" and not self._typed.pipe:
            text = self._words.say("live.view.ports", ports=tuple(map(str, self._source.ports or self._typed.ports)))
        return Wire(text.encode("utf-8", "surrogateescape"))

    def _report_of(self, finding: Finding) -> Report:
        """A report with one finding, as of now."""
        captures = tuple(CaptureSummary(one, 0, 0, 0) for one in self._source.facts())
        return Report(captures, (finding,))

    def _state(self, progress: Progress) -> Any:
        from analyzer.report.live import LiveState

        source, now = self._source, time.monotonic()
        self._marks.append((now, progress.packets, progress.bytes_read))
        while len(self._marks) > 2 and now - self._marks[0][0] > _RATE:
            self._marks.popleft()
        then, packets, amount = self._marks[0]
        passed = max(now - then, _REDRAW)
        drops = source.drops
        return LiveState(
            name=source.name,
            engine=source.engine,
            filter=visible(self._filter().raw),
            seconds=now - self._began,
            packets=progress.packets,
            packet_rate=(progress.packets - packets) / passed,
            byte_rate=(progress.bytes_read - amount) / passed,
            connections=progress.streams,
            exchanges=progress.exchanges,
            refused=self._found,
            kernel_drops=drops.kernel,
            interface_drops=drops.interface,
            waiting=source.backlog,
            saved=source.saved,
            kept=len(source.kept),
            causes=[(count, name, self._titles[name]) for name, count in self._causes.most_common(_SHOWN)],
            last=tuple(self._last),
        )

    # At the end

    def report(self, report: Report) -> None:
        """The whole run, explained with all that was seen."""
        if self._view is not None:
            self._view.stop()
        report = replace(report, notes=(*report.notes, *self._notes()))
        view = self._viewed(report)
        to_file = self._typed.output not in (None, "-")
        if self._streams:
            self._last_lines(view)
        if to_file or not self._streams:
            form = self._typed.format or Format.TEXT
            text = render(
                view,
                form,
                self._typed.language,
                width=width(to_file),
                colour=form is Format.TEXT and coloured(self._typed.color, to_file),
                unbroken=not on_screen(to_file),
            )
            self._checked(text, form.value)
            write_output((text,), self._typed.output, self._typed.force)
        say_written(self._typed.output, report, self._typed.language)

    def _notes(self) -> tuple[Note, ...]:
        kept = self._source.kept
        if not kept:
            return ()
        return (note("live.kept", count=len(kept), paths=tuple(path_value(path) for path in kept[:20])),)

    def _last_lines(self, view: View) -> None:
        """Findings that are explained otherwise by now, then the run's own line."""
        if not self._typed.redact:
            for finding in view.findings:
                line = self._line(finding, view)
                if self._told.get(finding.id) != _digest(line):
                    self._write(line)
        self._write(dumps(run_line(view, self._words, version())))

    def _viewed(self, report: Report) -> View:
        if not self._typed.redact:
            return local_view(report)
        from analyzer.report.redaction import redact, redacted_view

        redacted = redact(report, secrets=self._secrets.values(), key_logs=self._key_logs)
        self._gate = redacted.gate
        return redacted_view(redacted)

    def _line(self, finding: FindingView, view: View) -> str:
        return dumps(finding_line(finding, view, self._words))

    def _write(self, line: str) -> None:
        self._checked(line, "jsonl")
        write_output((line + "\n",), None, False)

    def _checked(self, text: str, name: str) -> None:
        """No secret, and nothing that was to be replaced, goes out."""
        data = text.encode("utf-8", "backslashreplace")
        if self._gate is not None:
            self._gate.check(data, name)
        else:
            check_secrets(data, name, self._secrets.values(), self._key_logs)


def _digest(line: str) -> bytes:
    return blake2b(line.encode("utf-8", "surrogatepass"), digest_size=16).digest()


class _Screen:
    """rich's live display, drawn by us and not by a thread."""

    def __init__(self, words: Catalogue, typed: Typed) -> None:
        self._words = words
        self._drawn = 0.0
        self._live: Live | None = None
        self._colour = coloured(typed.color)

    def start(self) -> None:
        from rich.console import Console
        from rich.live import Live

        console = Console(no_color=not self._colour, highlight=False, markup=False, emoji=False)
        self._live = Live(console=console, auto_refresh=False, transient=True, vertical_overflow="crop")
        self._live.start()

    def draw(self, state: Callable[[], Any]) -> None:
        """At most a few times a second."""
        from analyzer.report.live import render_live

        now = time.monotonic()
        if self._live is None or now - self._drawn < _REDRAW:
            return
        self._drawn = now
        self._live.update(render_live(state(), self._words), refresh=True)

    def stop(self) -> None:
        if self._live is not None:
            self._live.stop()
            self._live = None
