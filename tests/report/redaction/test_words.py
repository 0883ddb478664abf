"""Pseudonyms: shape kept, equal and different kept, spellings related."""

from __future__ import annotations

import unicodedata
from urllib.parse import quote_from_bytes, unquote_to_bytes

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from analyzer.report.redaction.letters import alphabet, folded, is_word
from analyzer.report.redaction.spelling import spelled
from analyzer.report.redaction.words import Words

TEXTS = st.text(alphabet=st.sampled_from("abcXYZ019-_./+ %é图片测がｱДя😀\u0301"), max_size=24)


@given(st.lists(TEXTS, max_size=12))
@settings(max_examples=150, deadline=None)
def test_equal_stays_equal_and_different_different(texts: list[str]) -> None:
    words = Words()
    seen = {text: words.replace(text.encode()) for text in texts}
    assert len(set(seen.values())) == len(seen)
    for text, new in seen.items():
        assert words.replace(text.encode()) == new
        assert len(new) == len(text.encode())


@given(TEXTS)
@settings(max_examples=150, deadline=None)
def test_structure_and_case_stay(text: str) -> None:
    new = Words().replace(text.encode()).decode()
    if unicodedata.normalize("NFC", text) != text:
        return
    assert len(new) == len(text)
    for before, after in zip(text, new, strict=True):
        assert is_word(before) == is_word(after)
        if not is_word(before):
            assert before == after
        assert before.isdigit() == after.isdigit()
        assert before.isupper() == after.isupper()


@given(st.binary(max_size=30))
@example(b"\xfd\x86")
@example(b"\xfd\x86 \xd6\xd0")
@settings(max_examples=200, deadline=None)
def test_any_bytes_keep_their_length(data: bytes) -> None:
    assert len(Words().replace(data)) == len(data)


@given(TEXTS.map(str.encode), st.integers(0, 3))
@settings(max_examples=150, deadline=None)
def test_decoding_a_pseudonym_gives_the_pseudonym_of_the_decoded(data: bytes, levels: int) -> None:
    """Escaped once, twice, three times: the same name."""
    words = Words()
    raw = data
    for _ in range(levels):
        raw = quote_from_bytes(raw, "").encode()
    piece = spelled(raw)
    new = piece.write(words.replace(piece.data))
    for _ in range(levels):
        new = unquote_to_bytes(new)
    inner = spelled(data)
    assert new == inner.write(words.replace(inner.data))


@given(st.binary(max_size=40))
@example(b"%Aa%aA%1a%A1%11%25aA")
@settings(max_examples=300, deadline=None)
def test_spelling_is_faithful(raw: bytes) -> None:
    for entities in (False, True):
        piece = spelled(raw, entities=entities)
        if b"&#" not in raw:
            assert piece.write(piece.data) == raw


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("rokid", "ROKID"),
        ("caf\u00e9", "cafe\u0301"),
        ("がっこう", unicodedata.normalize("NFD", "がっこう")),
        ("한국", unicodedata.normalize("NFD", "한국")),
    ],
)
def test_related_spellings(one: str, other: str) -> None:
    words = Words()
    first, second = words.replace(one.encode()).decode(), words.replace(other.encode()).decode()
    assert first.casefold() != one.casefold()
    assert unicodedata.normalize("NFC", first).casefold() == unicodedata.normalize("NFC", second).casefold()
    assert unicodedata.is_normalized("NFC", first)
    assert unicodedata.is_normalized("NFD", second) or second.isascii()


@pytest.mark.parametrize(("text", "charset"), [("Zürich", "latin-1"), ("图片测试", "gb18030")])
def test_other_charsets_of_the_same_name(text: str, charset: str) -> None:
    words = Words()
    assert words.replace(text.encode(charset)) == words.replace(text.encode()).decode().encode(charset)


def test_cut_values_stay_cut_values() -> None:
    words = Words()
    whole = words.replace(b"r2KPR0y4E0G5tnU/MYdcvXHPQQ4=")
    assert whole.startswith(words.replace(b"r2KPR0y4E0G5tnU/MYdc"))
    assert words.replace(b"r2KPR0y4E0G5tnU MYdcvXHPQQ4=") == whole.replace(b"/", b" ")


def test_hex_stays_hex_and_prefixes_stay() -> None:
    words = Words()
    assert bytes.fromhex(words.replace(b"d468e486d1d94d90a1ab8885a4e32ae0").decode())
    assert words.replace(b"LTAI5tAbCdEfGh").startswith(b"LTAI")
    assert words.replace(b"photo.jpg").endswith(b".jpg")


def test_turns_differ_and_repeat() -> None:
    assert Words(0).replace(b"confidential") == Words(0).replace(b"confidential")
    assert Words(0).replace(b"confidential") != Words(1).replace(b"confidential")


def test_long_words_cost_little() -> None:
    words = Words()
    long = b"a1" * 500_000
    assert len(words.replace(long)) == len(long)
    assert words.replace(long + b"x") != words.replace(long + b"y")


@given(st.characters(exclude_categories=["Cs"]))
@settings(max_examples=300, deadline=None)
def test_alphabets_do_not_overlap(char: str) -> None:
    char = folded(char)
    if is_word(char):
        letters = alphabet(char)
        assert len(set(letters)) == len(letters)
        for other in letters[:5]:
            assert alphabet(other) == letters or folded(other) != other
