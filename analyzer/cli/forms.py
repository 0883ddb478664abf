"""Which form a report takes: what --format says, else the ending of the output's name.

A name that tells another form than --format, or one that the command does not write, is refused: whoever opens
``out.html`` would find something else in it.
"""

from __future__ import annotations

from enum import StrEnum
from pathlib import PurePath
from typing import TypeVar

from analyzer.cli.output import STANDARD_OUTPUT, path_value
from analyzer.model.errors import OutputRefused
from analyzer.model.notes import note

__all__ = ["BUNDLE", "form_of", "told_form"]

#: The bundle of ``ossig report``, which has no name among the formats.
BUNDLE = "zip"
#: Ending of the output's name → form.
_TOLD = {
    ".html": "html",
    ".htm": "html",
    ".md": "markdown",
    ".markdown": "markdown",
    ".json": "json",
    ".jsonl": "jsonl",
    ".txt": "text",
    ".zip": BUNDLE,
}

Form = TypeVar("Form", bound=StrEnum)


def told_form(output: str | None) -> str | None:
    """The form that the name tells; None where it tells none, or nothing is named."""
    return None if output in (None, STANDARD_OUTPUT) else _TOLD.get(PurePath(output).suffix.lower())


def form_of(forms: type[Form], chosen: Form | None, output: str | None) -> Form | None:
    """The form to write in, one of ``forms``; None where neither tells one. Raises ``OutputRefused``."""
    told = told_form(output)
    if told is None or output is None or chosen == told:
        return chosen
    if chosen is not None:
        raise OutputRefused(note("cli.form-contradicts", path=path_value(output), form=chosen.value))
    if told not in list(forms):
        names = tuple(form.value for form in forms)
        raise OutputRefused(note("cli.form-not-written", path=path_value(output), forms=names))
    return forms(told)
