"""The state of the machine, as text and as JSON (schema ``ossig.doctor/1``, ``schema/ossig.doctor.1.json``)."""

from __future__ import annotations

from rich.table import Table
from rich.text import Text

from analyzer.model.doctor import Checked, Health, Verdict
from analyzer.model.notes import Kind, Note, Wire, note
from analyzer.report.json_ import dumps
from analyzer.report.messages import Catalogue
from analyzer.report.text import Sheet
from analyzer.report.values import exact_value

__all__ = ["SCHEMA", "render_health", "render_health_json"]

SCHEMA = "ossig.doctor/1"

_MARK = {Verdict.OK: "+", Verdict.WARNING: "!", Verdict.WRONG: "x", Verdict.UNKNOWN: "?"}
_STYLE = {Verdict.OK: "green", Verdict.WARNING: "yellow", Verdict.WRONG: "bold red", Verdict.UNKNOWN: "dim"}
_WORD = {
    Verdict.OK: "doctor.verdict.ok",
    Verdict.WARNING: "doctor.verdict.warning",
    Verdict.WRONG: "doctor.verdict.wrong",
    Verdict.UNKNOWN: "doctor.verdict.unknown",
}


def render_health(health: Health, words: Catalogue, *, width: int = 80, colour: bool = False) -> str:
    """One line a check: verdict, what was found, and below it what to do."""
    page = Sheet(words, max(40, width), colour)
    page.put(page.sentence(_verdict(health), "bold"))
    page.put(page.sentence(_examined(health), "dim"))
    page.put()
    grid = Table.grid(padding=(0, 1))
    for _ in range(2):
        grid.add_column(no_wrap=True)
    grid.add_column(overflow="fold")
    for one in health.checked:
        style = _STYLE[one.verdict]
        grid.add_row(
            Text(_MARK[one.verdict], style), Text(words.say(_WORD[one.verdict]), style), page.sentence(one.statement)
        )
        if one.remedy is not None:
            grid.add_row("", "", Text("→ ").append_text(page.sentence(one.remedy)))
    page.put(grid, 2)
    if health.machine.clock is None:
        page.put()
        page.put(page.sentence(note("doctor.no-connection"), "dim"))
    return page.text()


def _verdict(health: Health) -> Note:
    wrong = sum(one.verdict is Verdict.WRONG for one in health.checked)
    if wrong:
        return note("doctor.wrong", count=wrong)
    warnings = sum(one.verdict is Verdict.WARNING for one in health.checked)
    return note("doctor.warnings", count=warnings) if warnings else note("doctor.right")


def _examined(health: Health) -> Note:
    python = health.machine.interpreter
    if python is None:
        return note("doctor.examined-no-python", system=health.machine.system)
    path = Wire(python.executable.encode("utf-8", "surrogateescape"), Kind.PATH)
    return note("doctor.examined", system=health.machine.system, version=python.version, path=path)


def render_health_json(health: Health, words: Catalogue, version: str) -> str:
    """The same for programs."""
    python = health.machine.interpreter
    value = {
        "schema": SCHEMA,
        "tool": {"name": "ossig", "version": version},
        "system": health.machine.system,
        "host": health.machine.host,
        "python": None if python is None else {"executable": python.executable, "version": python.version},
        "wrong": health.wrong,
        "checks": [_checked(one, words) for one in health.checked],
    }
    return dumps(value, indent=2) + "\n"


def _checked(one: Checked, words: Catalogue) -> dict[str, object]:
    return {
        "id": one.id,
        "verdict": one.verdict.value,
        "text": words.text(one.statement, exact_value),
        "remedy": None if one.remedy is None else words.text(one.remedy, exact_value),
        "values": dict(one.values),
        "source": one.source,
    }
