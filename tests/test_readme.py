"""What the READMEs promise is what the program does, and both languages promise the same."""

from __future__ import annotations

import html
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from analyzer import explain
from analyzer.cli.rendering import render
from analyzer.cli.settings import Format
from analyzer.pipeline import analyze_transfers
from analyzer.report.messages import Catalogue
from analyzer.report.transfers import local_transfers
from analyzer.report.transfers.text import render_text
from analyzer.report.view import local_view
from tests.recorder import picture

ROOT = Path(__file__).resolve().parent.parent
READMES = ("README.md", "README.zh-CN.md")


def text(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def code(name: str) -> list[str]:
    """Fenced blocks without their comments, which are prose."""
    blocks = re.findall(r"^```[a-z]*\n(.*?)^```", text(name), re.DOTALL | re.MULTILINE)
    return [re.sub(r"\s+#.*", "", block).strip() for block in blocks]


def words(svg: str) -> str:
    return html.unescape("".join(re.findall(r">([^<]+)</text>", svg))).replace("\xa0", " ")


def test_both_languages_say_the_same() -> None:
    english, chinese = READMES
    assert code(english) == code(chinese)
    for pattern in (r"^#+ ", r"^\| "):
        assert len(re.findall(pattern, text(english), re.MULTILINE)) == len(
            re.findall(pattern, text(chinese), re.MULTILINE)
        )


@pytest.mark.parametrize("name", READMES)
def test_it_opens_with_the_two_commands(name: str) -> None:
    assert re.sub(r"\s*#.*", "", code(name)[0]) == "make demo\nmake test"


@pytest.mark.parametrize("name", READMES)
def test_every_dependency_has_its_reason(name: str) -> None:
    project = tomllib.loads(text("pyproject.toml"))["project"]
    for requirement in project["dependencies"]:
        package = re.match(r"[\w.-]+", requirement)
        assert package is not None
        assert re.search(rf"^\| .*\b{re.escape(package[0])}\b.* \| .+ \|$", text(name), re.MULTILINE), package[0]


@pytest.mark.parametrize("name", READMES)
def test_links_lead_somewhere(name: str) -> None:
    for target in re.findall(r"\]\(([^)#:]+)\)", text(name)):
        assert (ROOT / target).exists(), target


def shown() -> list[tuple[str, list[str]]]:
    """(command, pieces of its output between dots) of every block of README.md that shows what a command prints."""
    found = []
    for block in re.findall(r"^```\n\$ (ossig compare .*?)^```", text("README.md"), re.DOTALL | re.MULTILINE):
        command, _, output = block.partition("\n")
        found.append((command, [piece.strip("\n") for piece in re.split(r"^\.\.\.$", output, flags=re.MULTILINE)]))
    return found


@pytest.mark.parametrize(("command", "pieces"), shown())
def test_what_a_command_prints_is_what_stands_there(command: str, pieces: list[str]) -> None:
    arguments = [sys.executable, "-m", "analyzer", *command.split()[1:], "--lang", "en"]
    ran = subprocess.run(arguments, capture_output=True, text=True, encoding="utf-8", cwd=ROOT, timeout=60)
    assert [piece for piece in pieces if piece not in ran.stdout] == []


def test_the_output_of_transfers_is_what_the_program_prints(monkeypatch: pytest.MonkeyPatch) -> None:
    """Numbers change when the sample is recorded anew; lines and words do not."""
    [block] = [block for block in code("README.md") if block.startswith("$ ossig transfers")]
    monkeypatch.chdir(ROOT)
    view = local_transfers(analyze_transfers(["captures/multipart-uploads.pcap"]))
    printed = outline(render_text(view, Catalogue("en")))
    shown = [line for line in outline(block)[1:] if line != "..."]
    assert [line for line in shown if line not in printed] == []


def outline(text: str) -> list[str]:
    """Lines without what a recording decides: numbers with their units, bars, who was slow."""
    plain = re.sub(r"[▁▂▃▄▅▆▇█]+|\b(?:server|client|nobody|network)\b(?= \d+ %|$)", "", text, flags=re.MULTILINE)
    plain = re.sub(r"[0-9A-F][0-9A-F.,:-]*( (?:ms|s|kB|MB|B|%)(?:/s)?)?", "#", plain)
    return [" ".join(line.split()) for line in plain.splitlines()]


def test_the_picture_is_what_the_program_prints() -> None:
    assert words(picture.PICTURE.read_text(encoding="utf-8")) == words(picture.drawn())


def test_what_explain_prints_is_what_it_prints() -> None:
    (block,) = [text for text in code("README.md") if text.startswith("$ ossig explain captures/")]
    command, _, printed = block.partition("\n")
    sample = ROOT / command.split()[-1]
    text = render(local_view(explain(sample.read_bytes())), Format.TEXT, "en")
    assert printed.endswith("\n...")
    assert text.startswith(printed.removesuffix("..."))
