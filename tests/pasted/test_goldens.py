"""Failures as people pasted them, in ``tests/golden/pastes``: what must be taken from each, and what said of it.

Access key ids that were not masked have been replaced; the rest stands as it was pasted. ``expected.json`` holds the
causes with their certainty, what was taken, and what is asked for.
"""

from __future__ import annotations

import html
import json
from pathlib import Path
from typing import Any

import pytest

from analyzer.pasted import read_pasted
from analyzer.pipeline import explain
from analyzer.report.json_ import report_object
from analyzer.report.messages import Catalogue
from analyzer.report.view import local_view

GOLDENS = Path(__file__).parents[1] / "golden" / "pastes"
NAMES = sorted(folder.name for folder in GOLDENS.iterdir())


def paste(name: str) -> bytes:
    return (GOLDENS / name / "paste.txt").read_bytes()


#: XML alone with a whole byte dump.
WITH_BYTES = [name for name in NAMES if b"</StringToSignBytes>" in paste(name) and not name.endswith("-with-request")]
COLLECTION = GOLDENS.parents[2].parent / "shared" / "real_cases.json"


def outcome(text: bytes) -> dict[str, Any]:
    report = explain(text)
    assert report.paste is not None
    value = report_object(local_view(report), Catalogue("en", pasted=True), "1")
    (finding,) = value["findings"]
    server = finding["string_to_sign"]["server"]
    return {
        "took": [told.key for told in report.paste.took],
        "missing": report.paste.missing.key if report.paste.missing is not None else None,
        "causes": [[cause["id"], cause["certainty"]] for cause in finding["causes"]],
        "variant": finding["signature"]["variant"],
        "match": finding["string_to_sign"]["match"],
        "server": server["text"] if server is not None else None,
    }


@pytest.mark.parametrize("name", NAMES)
def test_what_was_pasted_is_explained(name: str) -> None:
    assert (GOLDENS / name / "why.md").read_text("utf-8").strip()
    assert outcome(paste(name)) == json.loads((GOLDENS / name / "expected.json").read_text("utf-8"))


@pytest.mark.parametrize("name", WITH_BYTES)
def test_escaping_and_lost_line_ends_change_nothing(name: str) -> None:
    wanted = outcome(paste(name))["server"]
    assert outcome(html.escape(paste(name).decode(), quote=False).encode())["server"] == wanted
    assert outcome(b" ".join(paste(name).split()))["server"] == wanted


def test_nothing_is_proven_without_bytes_that_prove_it() -> None:
    proven = {name for name in NAMES for _, certainty in outcome(paste(name))["causes"] if certainty == "proven"}
    assert proven == {"config-ak-prefix"}


def test_every_answer_of_the_collection_has_its_golden() -> None:
    if not COLLECTION.exists():
        pytest.skip("the collection of real failures is not beside the project")
    cases = {case["id"]: case for case in json.loads(COLLECTION.read_text("utf-8"))}
    told = {name for name, case in cases.items() if case["response_xml"]}
    assert told == {name.removesuffix("-with-request") for name in NAMES}
    for name in told:
        known = cases[name]["known_cause"]
        named = name if f"{name}-with-request" not in NAMES else f"{name}-with-request"
        assert known is None or outcome(paste(named))["causes"][0][0] == known, name
        assert read_pasted(cases[name]["response_xml"].encode()).cases, name
