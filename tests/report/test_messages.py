"""Every sentence exists in both languages, with the same values in it, and none is left over."""

from __future__ import annotations

import ast
import errno
import os
import re
import string
from collections.abc import Iterator
from pathlib import Path

import pytest

import analyzer
from analyzer.model.notes import Kind, Wire, note
from analyzer.report.messages import AREAS, LANGUAGES, PASTED, Catalogue, Run, areas
from analyzer.report.values import shown

PACKAGE = Path(analyzer.__file__).parent
#: A key: area, dot, subject. Sentences made by hand for tests do not count.
KEY = re.compile(r"[a-z]+(\.[a-z0-9-]+)+\Z")
#: Remarks in lines of code.
REMARK = re.compile(r"\{(guide\.[^}]*)\}")


def templates(language: str) -> dict[str, str]:
    return {key: text for messages in areas(language).values() for key, text in messages.items()}


def placeholders(template: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(template) if name is not None}


def literals() -> Iterator[tuple[str, str]]:
    """(place, text) of every string in the source that looks like a key of a known area."""
    known = set(areas("en"))
    prefixes = {key.partition(".")[0] for key in templates("en")} | known
    for path in sorted(PACKAGE.rglob("*.py")):
        if "messages" in path.parts:
            continue
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            value = node.value if isinstance(node, ast.Constant) else None
            if not isinstance(value, str):
                continue
            if KEY.match(value) and value.partition(".")[0] in prefixes:
                yield f"{path.relative_to(PACKAGE)}", value
            for remark in REMARK.findall(value):
                yield f"{path.relative_to(PACKAGE)}", remark


def note_calls() -> Iterator[tuple[str, str, set[str] | None]]:
    """(place, key, names of its values) of every ``note("…")`` and ``Note("…")``; None where they are not literal."""
    for path in sorted(PACKAGE.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.args):
                continue
            if node.func.id not in ("note", "Note"):
                continue
            names = {k.arg for k in node.keywords if k.arg is not None}
            known = node.func.id == "note" and all(k.arg is not None for k in node.keywords)
            for part in ast.walk(node.args[0]):
                if isinstance(part, ast.Constant) and isinstance(part.value, str) and KEY.match(part.value):
                    yield f"{path.relative_to(PACKAGE)}:{node.lineno}", part.value, names if known else None


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_note_has_its_sentence(language: str) -> None:
    known = templates(language)
    missing = {f"{place}: {key}" for place, key, _ in note_calls() if key not in known}
    assert not missing


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_title_and_remark_has_its_words(language: str) -> None:
    known = templates(language)
    guides = {key for _, key in literals() if key.startswith("guide.")}
    assert len(guides) > 40
    assert not guides - set(known)


def test_code_and_links_speak_the_language() -> None:
    chinese = Catalogue("zh")
    assert chinese.code("f(x, {'a': 1})    # {guide.one-line}") == "f(x, {'a': 1})    # 只有一行，不要换行"
    assert chinese.title("guide.signature-errors") == "签名常见问题"
    assert chinese.title("https://help.aliyun.com/oss") == "https://help.aliyun.com/oss"


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_value_that_a_sentence_names_is_given(language: str) -> None:
    known = templates(language)
    wrong = {
        f"{place}: {key} lacks {sorted(placeholders(known[key]) - names)}"
        for place, key, names in note_calls()
        if names is not None and key in known and not placeholders(known[key]) <= names
    }
    assert not wrong


def test_both_languages_say_the_same_things() -> None:
    english, chinese = templates("en"), templates("zh")
    assert set(english) == set(chinese)
    unlike = {key for key in english if placeholders(english[key]) != placeholders(chinese[key])}
    assert not unlike


#: A Chinese character beside punctuation of half a width; a colon before a placeholder's format is none.
HALF_WIDTH = re.compile(r"[\u4e00-\u9fff][,:;?!()]|[,:;?!()][\u4e00-\u9fff]")
#: Words that Alibaba Cloud's Chinese documentation does not use for what is meant, and what it says.
NOT_SAID = {"线上": "抓包、实际发送", "应答": "响应", "请求 ID": "Request ID", "请求ID": "Request ID"}


def test_chinese_has_punctuation_of_full_width() -> None:
    """Code between backquotes keeps its own; so do lists of values in it."""
    prose = {key: re.sub(r"`[^`]*`", "``", text) for key, text in templates("zh").items()}
    assert not {key: text for key, text in prose.items() if HALF_WIDTH.search(text)}


def test_chinese_words_stand_apart_from_latin_ones() -> None:
    """One blank between a Chinese character and a Latin letter, a figure or code, and none beside punctuation."""
    glued = re.compile(
        r"[\u4e00-\u9fff][A-Za-z0-9`]|[A-Za-z0-9`][\u4e00-\u9fff]| [，。；：！？）、]|[，。；：！？（、] "
    )
    assert not {key: text for key, text in templates("zh").items() if glued.search(text)}


def test_chinese_has_one_word_for_one_thing() -> None:
    assert not {(key, word) for key, text in templates("zh").items() for word in NOT_SAID if word in text}


def test_no_sentence_is_left_over() -> None:
    used = {text for _, text in literals()}
    assert not {key.removesuffix(PASTED) for key in templates("en") if not key.startswith("names.")} - used


def test_names_are_those_of_the_tables() -> None:
    """Their English is what the source, or the operating system, calls them."""
    nodes = (node for path in PACKAGE.rglob("*.py") for node in ast.walk(ast.parse(path.read_text("utf-8"))))
    said = {node.value for node in nodes if isinstance(node, ast.Constant) and isinstance(node.value, str)}
    system = {os.strerror(number).lower() for number in errno.errorcode}
    for key, name in areas("en")["names"].items():
        assert name in (system if key.startswith("names.os.") else said), key


def test_names_are_said_in_the_language() -> None:
    told = note("diagnosis.client", agent=Wire(b"aliyun-sdk-python/2.6.0"), client="oss2 on Python 3")
    assert Catalogue("zh").text(told, shown).endswith("即 Python 3 上的 oss2。")
    assert Catalogue("en").text(told, shown).endswith(": oss2 on Python 3.")
    assert Catalogue("zh").name("OSS SDK for Go") == "OSS SDK for Go"
    refused = note("cli.output-failed", path=Wire(b"dir", Kind.PATH), reason="is a directory")
    assert Catalogue("zh").text(refused, shown) == "无法写入 dir：这是一个目录。"


@pytest.mark.parametrize("language", LANGUAGES)
def test_sentences_about_texts_take_the_place_of_others(language: str) -> None:
    known = templates(language)
    forms = [key for key in known if key.endswith(PASTED)]
    assert forms
    assert all(placeholders(known[key]) == placeholders(known[key.removesuffix(PASTED)]) for key in forms)
    assert Catalogue(language, pasted=True).say("report.no-request") == known["report.no-request" + PASTED]


def test_no_key_stands_in_two_areas() -> None:
    for language in LANGUAGES:
        keys = [key for messages in areas(language).values() for key in messages]
        assert len(keys) == len(set(keys))


@pytest.mark.parametrize("language", LANGUAGES)
def test_keys_are_found_by_their_area(language: str) -> None:
    """A catalogue reads only the areas that keys name."""
    folder = PACKAGE / "report" / "messages" / language
    assert sorted(path.stem for path in folder.glob("[!_]*.py")) == sorted(AREAS)
    for area, messages in areas(language).items():
        astray = {key for key in messages if key.partition(".")[0] != area and not key.endswith(PASTED)}
        assert not astray
        assert area == "paste" or not any(key.endswith(PASTED) for key in messages)


def test_runs_set_values_and_code_apart() -> None:
    said = note("report.drops", path=Wire(b"a`b.pcap", Kind.PATH), count=2)
    runs = Catalogue("en").runs(said, shown)
    assert runs[0] == Run("a`b.pcap", is_value=True, is_code=True)
    assert Catalogue("en").text(said, shown) == "a`b.pcap: 2 packets were lost while capturing."
    assert any(run.text == "tcpdump -s0" and run.is_code for run in Catalogue("en").runs(note("report.snapped"), shown))


def test_a_note_without_a_sentence_is_still_shown() -> None:
    assert Catalogue("en").text(note("nowhere.to-be-found", value=3), shown) == "nowhere.to-be-found value=3"
