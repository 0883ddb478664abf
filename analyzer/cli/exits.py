"""Exit codes, and what ends a command: results, faults, Ctrl-C, a closed pipe, a fault of our own.

No traceback reaches the user. A ``Fault`` is told in the user's language; anything unforeseen becomes one line that
names the exception's type and place, never its values, and how to report it. With ``OSSIG_DEBUG`` set the traceback
is shown.
"""

from __future__ import annotations

import os
import sys
import traceback
from collections.abc import Callable
from typing import TYPE_CHECKING

from analyzer.cli.output import STANDARD_OUTPUT, abandon_stdout, path_value
from analyzer.model.errors import CannotRead, Fault, NotPermitted, OutputRefused
from analyzer.model.notes import Note, note

if TYPE_CHECKING:
    from analyzer.model.comparison import CompareReport
    from analyzer.model.findings import Finding
    from analyzer.model.report import Report

__all__ = [
    "CLEAN",
    "FAILURES",
    "INCOMPLETE",
    "INTERRUPTED",
    "UNREADABLE",
    "USAGE",
    "code_of",
    "code_of_comparison",
    "ended",
    "say",
    "say_written",
]

CLEAN, FAILURES, USAGE, UNREADABLE, INCOMPLETE, NO_PERMISSION, INTERRUPTED = 0, 1, 2, 3, 4, 5, 130

#: Fault → exit code; the first row whose type fits.
_FAULT_CODES: tuple[tuple[type[Fault], int], ...] = (
    (CannotRead, UNREADABLE),
    (NotPermitted, NO_PERMISSION),
    (OutputRefused, USAGE),
    (Fault, USAGE),
)


def code_of(report: Report) -> int:
    """Exit code of a finished analysis: what was found comes before what could not be seen."""
    verdicts = (
        (report.interrupted, INTERRUPTED),
        (any(map(_is_failure, report.findings)), FAILURES),
        (bool(report.errors), UNREADABLE),
        (report.incomplete, INCOMPLETE),
    )
    return next((code for holds, code in verdicts if holds), CLEAN)


def code_of_comparison(report: CompareReport) -> int:
    """Exit code of a finished comparison."""
    verdicts = (
        (report.interrupted, INTERRUPTED),
        (report.found, FAILURES),
        (bool(report.errors), UNREADABLE),
        (report.incomplete, INCOMPLETE),
    )
    return next((code for holds, code in verdicts if holds), CLEAN)


def _is_failure(finding: Finding) -> bool:
    """Refused, or sure to be: a request without its answer may be right."""
    return finding.signed.error is not None or finding.causes[0].certainty.value != "possible"


def say(message: Note, language: str) -> None:
    """One message on standard error."""
    from analyzer.report.messages import Catalogue
    from analyzer.report.values import shown, tame

    write_error(f"ossig: {tame(Catalogue(language).text(message, shown))}")


def say_written(output: str | None, report: Report, language: str) -> None:
    """That the report stands in its file, and what it comes to; nothing where it went to standard output."""
    if output not in (None, STANDARD_OUTPUT):
        say(note("cli.report-written", path=path_value(output), count=len(report.findings)), language)


def write_error(line: str) -> None:
    """A line on standard error, whatever its encoding can hold; nothing where that is closed."""
    if sys.stderr is None:
        return
    encoding = sys.stderr.encoding or "utf-8"
    sys.stderr.write(line.encode(encoding, "backslashreplace").decode(encoding) + "\n")
    sys.stderr.flush()


def ended(run: Callable[[], int], language: str) -> int:
    """Run a command's work and turn however it ends into an exit code."""
    try:
        code = run()
        if sys.stdout is not None:
            sys.stdout.flush()
        return code
    except Fault as fault:
        say(fault.note, language)
        if isinstance(fault, NotPermitted):
            _ways_out(fault, language)
        return next(code for kind, code in _FAULT_CODES if isinstance(fault, kind))
    except KeyboardInterrupt:
        say(note("cli.interrupted"), language)
        return INTERRUPTED
    except BrokenPipeError:  # the reader of our output went away (``| head``): nothing more to say
        abandon_stdout()
        return CLEAN
    except MemoryError:
        pass  # what filled the memory goes with the frames of the run: only then there is room to say so
    except Exception as fault:
        return _unforeseen(fault, language)
    say(note("cli.out-of-memory"), language)
    return UNREADABLE


def _ways_out(fault: NotPermitted, language: str) -> None:
    """Each command in a line of its own, ready to be copied."""
    from analyzer.report.values import tame

    for command in fault.commands:
        write_error(f"    {tame(command)}")
    for remark in fault.remarks:
        say(remark, language)


def _unforeseen(fault: Exception, language: str) -> int:
    if os.environ.get("OSSIG_DEBUG"):
        traceback.print_exception(fault)
    frames = traceback.extract_tb(fault.__traceback__)
    place = f"{os.path.basename(frames[-1].filename)}:{frames[-1].lineno}" if frames else "?"
    say(note("cli.unforeseen", kind=type(fault).__name__, place=place), language)
    return UNREADABLE
