"""The sample captures against their goldens, and the recorder that makes them.

``tests/golden/captures/<name>.json`` holds what must come out for ``captures/<name>.pcap`` (or for ``files``): the exit
code, a subset of the JSON report, words that the text report must contain, and what changes with the secrets of
``<name>.secret``, which are made up like everything in the samples. In a subset, objects match where every key given
matches, lists element by element; ``$`` keys are the operators of ``OPERATORS``.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.recorder import faq
from tests.recorder.record import record

ROOT = Path(__file__).resolve().parent.parent
CAPTURES = ROOT / "captures"
GOLDENS = ROOT / "tests" / "golden" / "captures"
NAMES = sorted(path.stem for path in GOLDENS.glob("*.json"))
WITH_TRANSFERS = [name for name in NAMES if "transfers" in json.loads((GOLDENS / f"{name}.json").read_text("utf-8"))]
WITH_SECRET = sorted(path.stem for path in GOLDENS.glob("*.secret"))
SUFFIXES = {".pcap", ".pcapng"}


def golden(name: str) -> dict[str, Any]:
    found = json.loads((GOLDENS / f"{name}.json").read_text(encoding="utf-8"))
    assert isinstance(found, dict)
    return found


def files(name: str) -> list[str]:
    return list(golden(name).get("files", [f"{name}.pcap"]))


def ossig(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    """The command as a user runs it, without secrets from this environment."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("OSS_")}
    command = [sys.executable, "-m", "analyzer", *map(str, arguments)]
    return subprocess.run(
        command, capture_output=True, text=True, encoding="utf-8", env=kept | {"LC_ALL": "C.UTF-8"}, timeout=120
    )


def diagnose(folder: Path, name: str, *options: str | Path, command: str = "analyze") -> tuple[int, Any]:
    ran = ossig(command, *(folder / file for file in files(name)), "--format", "json", *options)
    assert ran.stdout, ran.stderr
    return ran.returncode, json.loads(ran.stdout)


def differing(wanted: Any, found: Any, where: str = "$") -> Iterator[str]:
    """Every place where ``found`` is not what ``wanted`` asks for."""
    if isinstance(wanted, dict):
        if any(key.startswith("$") for key in wanted):
            for operator, argument in wanted.items():
                yield from OPERATORS[operator](argument, found, where)
        elif not isinstance(found, dict):
            yield f"{where}: {found!r} is no object"
        else:
            for key, value in wanted.items():
                yield from differing(value, found.get(key, "(missing)"), f"{where}.{key}")
    elif isinstance(wanted, list) and isinstance(found, list) and len(wanted) == len(found):
        for number, (one, other) in enumerate(zip(wanted, found, strict=True)):
            yield from differing(one, other, f"{where}[{number}]")
    elif wanted != found or type(wanted) is not type(found):
        yield f"{where}: {found!r} instead of {wanted!r}"


def _one_of(argument: list[Any], found: Any, where: str) -> Iterator[str]:
    if all(any(differing(one, found)) for one in argument):
        yield f"{where}: {found!r} is none of {argument!r}"


def _matches(argument: str, found: Any, where: str) -> Iterator[str]:
    if not isinstance(found, str) or not re.search(argument, found):
        yield f"{where}: {found!r} does not match {argument!r}"


def _first(argument: list[Any], found: Any, where: str) -> Iterator[str]:
    yield from differing(argument, found[: len(argument)], f"{where}[first]")


def _has(argument: list[Any], found: Any, where: str) -> Iterator[str]:
    for one in argument:
        if all(any(differing(one, other)) for other in found):
            yield f"{where}: no element is {one!r}"


def _all(argument: list[Any], found: Any, where: str) -> Iterator[str]:
    for number, other in enumerate(found):
        yield from differing(argument[0], other, f"{where}[{number}]")


OPERATORS: dict[str, Callable[[Any, Any, str], Iterator[str]]] = {
    "$one_of": _one_of,  # one of the values given
    "$matches": _matches,  # text in which the expression is found
    "$first": _first,  # a list that begins so
    "$has": _has,  # a list with an element like each of these
    "$all": _all,  # a list of nothing but this
}


def test_every_capture_has_a_golden_and_a_line_in_the_readme() -> None:
    captures = sorted(path.name for path in CAPTURES.iterdir() if path.suffix in SUFFIXES)
    assert captures == sorted(file for name in NAMES for file in files(name))
    readme = (CAPTURES / "README.md").read_text(encoding="utf-8")
    assert [file for file in captures if f"`{file}`" not in readme] == []


@pytest.mark.parametrize("name", NAMES)
def test_diagnosis(name: str) -> None:
    code, report = diagnose(CAPTURES, name)
    assert list(differing(golden(name)["json"], report)) == []
    assert code == golden(name)["exit"]


@pytest.mark.parametrize("name", WITH_SECRET)
def test_diagnosis_with_the_secret(name: str) -> None:
    secrets = GOLDENS / f"{name}.secret"
    code, report = diagnose(CAPTURES, name, "--secret-file", secrets)
    assert list(differing(golden(name)["with_secret"], report)) == []
    assert code == golden(name)["exit"]
    told = json.dumps(report)
    assert [line for line in secrets.read_text().split() if line.partition(":")[2] in told] == []


@pytest.mark.parametrize("name", WITH_TRANSFERS)
def test_transfers(name: str) -> None:
    same_transfers(CAPTURES, name)


def same_transfers(folder: Path, name: str) -> None:
    code, report = diagnose(folder, name, command="transfers")
    wanted = golden(name)["transfers"]
    assert list(differing(wanted["json"], report)) == []
    assert code == wanted["exit"]


@pytest.mark.parametrize("name", [name for name in NAMES if "text_mentions" in golden(name)])
def test_text_mentions(name: str) -> None:
    ran = ossig(*(CAPTURES / file for file in files(name)), "--lang", "en")
    assert [word for word in golden(name)["text_mentions"] if word not in ran.stdout] == []


@pytest.fixture(scope="module")
def recorded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """All samples recorded anew."""
    folder = tmp_path_factory.mktemp("recorded")
    record(folder)
    return folder


def test_recording_makes_every_sample(recorded: Path) -> None:
    assert {path.name for path in recorded.iterdir()} == {p.name for p in CAPTURES.iterdir() if p.suffix in SUFFIXES}


@pytest.mark.parametrize("name", [name for name in NAMES if not name.startswith("fa")])
def test_a_new_recording_has_the_same_diagnosis(recorded: Path, name: str) -> None:
    code, report = diagnose(recorded, name)
    assert list(differing(golden(name)["json"], report)) == []
    assert code == golden(name)["exit"]
    if name in WITH_TRANSFERS:
        same_transfers(recorded, name)


def test_the_faq_captures_are_what_the_texts_give(tmp_path: Path) -> None:
    faq.build(tmp_path)
    for path in tmp_path.iterdir():
        assert path.read_bytes() == (CAPTURES / path.name).read_bytes()


@pytest.mark.skipif(not shutil.which("tshark"), reason="tshark is not installed")
@pytest.mark.parametrize("path", sorted(p for p in CAPTURES.iterdir() if p.suffix in SUFFIXES), ids=lambda p: p.name)
def test_tshark_finds_nothing_odd(path: Path) -> None:
    checks = ["-o", "tcp.check_checksum:TRUE", "-o", "ip.check_checksum:TRUE"]
    odd = "tcp.analysis.flags || tcp.checksum.status==0 || ip.checksum.status==0 || _ws.malformed"
    ran = subprocess.run(["tshark", "-r", path, *checks, "-Y", odd], capture_output=True, text=True, timeout=60)
    assert (ran.returncode, ran.stdout) == (0, "")


@pytest.mark.parametrize(
    ("wanted", "found", "count"),
    [
        ({"a": 1}, {"a": 1, "b": 2}, 0),
        ({"a": 1}, {"b": 2}, 1),
        ({"a": None}, {}, 1),
        ({"a": False}, {"a": 0}, 1),
        ([1, 2], [1], 1),
        ({"$one_of": [1, 2]}, 2, 0),
        ({"$one_of": [1, 2]}, 3, 1),
        ({"$matches": "^a"}, "ba", 1),
        ({"$first": [1]}, [1, 2], 0),
        ({"$first": [1]}, [], 1),
        ({"$has": [{"a": 1}]}, [{"a": 2}, {"a": 1}], 0),
        ({"$has": [{"a": 1}]}, [{"a": 2}], 1),
        ({"$all": [{"a": 1}]}, [{"a": 1}, {"a": 2}], 1),
    ],
)
def test_subsets(wanted: Any, found: Any, count: int) -> None:
    assert len(list(differing(wanted, found))) == count
