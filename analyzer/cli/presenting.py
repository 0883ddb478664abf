"""A report on its way out: the local view or the redacted one, in the form asked for, searched for secrets."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from analyzer.cli.output import STANDARD_OUTPUT
from analyzer.cli.settings import Color, Format, coloured, width

if TYPE_CHECKING:
    from analyzer.model.report import Report
    from analyzer.model.secrets import Secret, SecretBook
    from analyzer.report.view import View

__all__ = ["Showing", "presented"]


@dataclass(frozen=True, slots=True)
class Showing:
    """How a report is to be shown."""

    format: Format
    output: str | None
    force: bool
    language: str
    color: Color
    redact: bool


def presented(report: Report, secrets: SecretBook, how: Showing, logs: tuple[Secret, ...] = ()) -> str:
    """The finished text; ``logs`` are the key logs that were used. Raises ``OutputRefused`` where a secret, or a value
    that was to be replaced, is in it."""
    if how.redact:
        return _redacted(report, secrets, how, logs)

    from analyzer.report.gate import check_secrets
    from analyzer.report.view import local_view

    text = _rendered(local_view(report), how)
    logs += tuple(log for capture in report.captures for log in capture.facts.secrets)
    check_secrets(text.encode("utf-8", "backslashreplace"), how.format.value, secrets.values(), logs)
    return text


def _redacted(report: Report, secrets: SecretBook, how: Showing, logs: tuple[Secret, ...]) -> str:
    from analyzer.report.redaction import redact, redacted_view

    redacted = redact(report, secrets=secrets.values(), key_logs=logs)
    text = _rendered(redacted_view(redacted), how)
    redacted.gate.check(text.encode("utf-8", "backslashreplace"), how.format.value)
    return text


def _rendered(view: View, how: Showing) -> str:
    from analyzer.cli.rendering import render

    to_file = how.output not in (None, STANDARD_OUTPUT)
    return render(view, how.format, how.language, width=width(to_file), colour=coloured(how.color, to_file))
