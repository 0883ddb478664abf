"""A report on its way out: the local view or the redacted one, in the form asked for, searched for secrets.

Every kind of report leaves through ``local`` or ``gated``; ``presented`` is the whole way for the main one.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from analyzer.cli.forms import form_of
from analyzer.cli.output import STANDARD_OUTPUT
from analyzer.cli.settings import Color, Format, coloured, on_screen, width

if TYPE_CHECKING:
    from analyzer.model.report import Report
    from analyzer.model.secrets import Secret, SecretBook
    from analyzer.report.gate import Gate
    from analyzer.report.view import View

__all__ = ["Showing", "gated", "local", "presented", "showing"]


def showing(
    chosen: Format | None, output: str | None, force: bool, language: str, color: Color, redact: bool
) -> Showing:
    """As the options say; ``OutputRefused`` where the output's name contradicts the form."""
    return Showing(form_of(Format, chosen, output) or Format.TEXT, output, force, language, color, redact)


@dataclass(frozen=True, slots=True)
class Showing:
    """How a report is to be shown."""

    format: Format
    output: str | None
    force: bool
    language: str
    color: Color
    redact: bool

    @property
    def width(self) -> int:
        """Columns of the text form."""
        return width(self._to_file)

    @property
    def coloured(self) -> bool:
        """Whether the text form has colours."""
        return coloured(self.color, self._to_file)

    @property
    def unbroken(self) -> bool:
        """Whether lines of code are left whole in the text form."""
        return not on_screen(self._to_file)

    @property
    def _to_file(self) -> bool:
        return self.output not in (None, STANDARD_OUTPUT)


def local(text: str, how: Showing, secrets: Iterable[Secret], logs: Iterable[Secret]) -> str:
    """A text for the user's own eyes, once none of the secrets and key logs is found in it (``OutputRefused``)."""
    secrets, logs = tuple(secrets), tuple(logs)
    if secrets or logs:
        from analyzer.report.gate import check_secrets

        check_secrets(text.encode("utf-8", "backslashreplace"), how.format.value, secrets, logs)
    return text


def gated(text: str, how: Showing, gate: Gate) -> str:
    """A redacted text, once nothing that was replaced is found in it (``OutputRefused``)."""
    gate.check(text.encode("utf-8", "backslashreplace"), how.format.value)
    return text


def presented(report: Report, secrets: SecretBook, how: Showing, logs: tuple[Secret, ...] = ()) -> str:
    """The finished text; ``logs`` are the key logs that were used. Raises ``OutputRefused`` where a secret, or a value
    that was to be replaced, is in it."""
    if how.redact:
        from analyzer.report.redaction import redact, redacted_view

        redacted = redact(report, secrets=secrets.values(), key_logs=logs)
        return gated(_rendered(redacted_view(redacted), how), how, redacted.gate)

    from analyzer.report.view import local_view

    logs += tuple(log for capture in report.captures for log in capture.facts.secrets)
    return local(_rendered(local_view(report), how), how, secrets.values(), logs)


def _rendered(view: View, how: Showing) -> str:
    from analyzer.cli.rendering import render

    return render(view, how.format, how.language, width=how.width, colour=how.coloured, unbroken=how.unbroken)
