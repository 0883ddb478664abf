"""Whatever is pasted, twice as much of it costs about twice as much: texts of 4 MiB are read.

Each row lays a text of about so many bytes that once cost the square of its length, or that repeats what a reader
looks for. No clock is asked: with the square of their length, these texts would take minutes each.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from analyzer.diagnosis import logged
from analyzer.diagnosis.drafts import Draft, laid
from analyzer.model.errors import CannotRead
from analyzer.oss.errors import MAX_TAGS
from analyzer.pipeline import explain
from analyzer.report.messages import Catalogue
from analyzer.report.text import render_text
from analyzer.report.view import local_view
from tests.pasted import texts

#: Bytes of a text.
_SIZE = 256 << 10

Laid = Callable[[int], bytes]


def _repeated(begin: bytes, piece: bytes, end: bytes = b"x\n") -> Laid:
    return lambda size: begin + piece * (size // len(piece)) + end


def _numbered(begin: bytes, piece: bytes, end: bytes = b"") -> Laid:
    return lambda size: begin + b"".join(piece % n for n in range(size // len(piece))) + end


_V2 = b"Error returned by Service.\n"
_GO = b"service returned error: StatusCode=403, ErrorCode=X, "
_PHP = b"Array\n(\n    [status] => 403\n    [code] => "
_DATES = b"GET\n" * 16 + b"Mon, "

ATTACKS: dict[str, Laid] = {
    "blanks in a request line": _repeated(b"GET /a", b" ", b"x\n" + texts.XML),
    "blanks before a version": _repeated(b"GET /a", b" ", b"x HTTP/1.1\nAuthorization: OSS a:b\n\n"),
    "blanks in a request line of curl": _repeated(b"> GET /a", b" ", b"x\n" + texts.XML),
    "versions in a request line": _repeated(b"GET /a", b" HTTP/1.1", b" x\n" + texts.XML),
    "digits of curl's progress": _repeated(texts.CURL + b"1 1 1 ", b"1"),
    "answers without requests": _repeated(texts.CURL, b"< HTTP/1.1 403 x\n"),
    "interim answers": _repeated(b"> GET / HTTP/1.1\n>\n", b"< HTTP/1.1 100 x\n< \n"),
    "requests": _repeated(b"", b"GET /a HTTP/1.1\n\n"),
    "blanks behind a label": _repeated(_V2 + b"Message: a", b" ", b"x\nEC: 1\n"),
    "separators behind a label": _repeated(_V2 + b"Message: a", b" , ;", b"x\nEC: 1\n"),
    "labels on one line": _repeated(_V2, b"Message: a. ", b"\nEC: 1\n"),
    "blanks behind a name in brackets": _repeated(b"[ErrorCode]: a", b" "),
    "names in brackets": _repeated(b"[ErrorCode]: a\n", b"[Message]: a [x"),
    "the line before brackets": _repeated(b"", b"Error: " * 580 + b"\n[StatusCode]: 403\n"),
    "assignments": _repeated(_GO, b"Ec=", b'"\n'),
    "assignments in quotes": _repeated(_GO, b'Ec="', b"\n"),
    "commas of assignments": _repeated(_GO, b"Ec=a, B", b'"\n'),
    "blanks of .NET": _repeated(b"Failed with error code: a", b" "),
    "blanks of PHP": _repeated(_PHP, b" ", b'"a"b\n'),
    "blanks behind a value of PHP": _repeated(_PHP + b"a", b" ", b"'b\n"),
    "arrows of PHP": _repeated(_PHP, b"code =>", b'"x\n'),
    "codes before an id": _repeated(b"", b"Abcd: " * 330 + b" RequestId: 5C2723573183A12D\n"),
    "blanks of ali-oss": _repeated(b"", b"AbcdError: " + b"Abcd:  " * 280 + b" " * 1000 + b"x\n"),
    "words that are no error": _repeated(b"", b"Abcd"),
    "escapes": _repeated(b"{'status': 403, 'Code': 'X', 'Message': '", b"\\n"),
    "typographic quotes": _repeated(b"{'status': 403, 'Code': 'X', 'Message': '", b"\xe2\x80\x9d  "),
    "braces": _repeated(b"", b"{ requestId "),
    "labels of logs": _repeated(b"", b"string to sign: GET\n"),
    "labels of logs on one line": _repeated(b"", b"string to sign: GET\\n", b"\n"),
    "labels before a long line": lambda size: b"string to sign: GET " * 500 + b"\\n" * size + b"\n",
    "brackets of Go": _repeated(b"", b"[Req:", b"\n" + texts.XML),
    "strings and requests": _numbered(b"", b"GET / HTTP/1.1\nDate: x\n\nstring to sign: GET\\n\\n\\n17%08d\\n/a\n"),
    "times in a damaged string": _repeated(b"<Error><StringToSign>" + _DATES, b"00:00:00", b"\n</StringToSign>"),
    "lines of a string": _repeated(b"<Error><StringToSign>", b"x-oss-a:b\n", b"</StringToSign>"),
    "marks of a query": _repeated(b"<Error><StringToSign>" + texts.SERVER, b"?a=b&", b"</StringToSign>"),
    "tags without an end": _numbered(b"<Error><Code>x</Code>", b"<a%05d>"),
    "tags in CDATA": _numbered(b"<Error><Code>x</Code>", b"<a%05d><![CDATA["),
    "documents": _repeated(b"", b"<Error><Code>x</Code></Error>"),
    "escaped documents": _repeated(b"", b"&lt;Error&gt;&lt;Code&gt;x"),
    "escapes behind a tag": _repeated(b"<Error><Code>x</Code>", b">\\n   "),
    "numbers": _repeated(b"", b"47 "),
    "blanks between numbers": _repeated(b"47 " * 14, b" "),
    "parts of an Authorization": _repeated(
        b"GET / HTTP/1.1\nAuthorization: OSS4-HMAC-SHA256 Credential=a", b" ", b"Signature b\n\n"
    ),
    "parameters of a request": _repeated(b"GET /?", b"a=b&", b" HTTP/1.1\nAuthorization: OSS a:b\n\n" + texts.XML),
    "headers of a request": _repeated(
        b"GET / HTTP/1.1\nAuthorization: OSS a:b\n", b"x-oss-meta-a: b\n", b"\n" + texts.XML
    ),
}


def _explained(text: bytes) -> str | None:
    """The whole way, without a result where nothing is found in the text."""
    with contextlib.suppress(CannotRead):
        return render_text(local_view(explain(text)), Catalogue("en", pasted=True))
    return None


@pytest.mark.parametrize("name", ATTACKS)
def test_long_texts_come_to_an_end(name: str) -> None:
    assert _explained(ATTACKS[name](_SIZE)) != ""


@pytest.mark.parametrize("piece", [b";a=b", b"; a=b", b';a="b"', b"; a=b;"])
@pytest.mark.parametrize("begin", [b"string to sign: ", b"<Error><StringToSign>"])
def test_parameters_of_a_content_type(begin: bytes, piece: bytes) -> None:
    """Each used to double the cost."""
    assert _explained(begin + b"PUT\ntext/plain" + piece * 200 + b"\nnot a date\n/x\n") != ""


_PIECES = st.sampled_from(
    [b" ", b"\t", b"\n", b'"', b"'", b"[", b"<", b"&", b"; a=b", b",", b"=", b"?a=", b"\\n", b"A", b"1", b"0a ", b": ",
     b" HTTP/1.1", b"HTTP/1.1 403 F\n", b"<Error>", b"<Code>", b"Message: ", b"Ec=", b"'code': ", b"=> ", b"Error: "]
)  # fmt: skip


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.sampled_from([value for value in vars(texts).values() if isinstance(value, bytes)]), _PIECES, st.data())
def test_repeats_anywhere(seed: bytes, piece: bytes, data: st.DataObject) -> None:
    at = data.draw(st.integers(0, len(seed)))
    assert _explained(_repeated(seed[:at], piece, seed[at:])(32 << 10)) != ""


def test_a_log_beside_a_long_string_is_given_up_earlier(monkeypatch: pytest.MonkeyPatch) -> None:
    """What the client changed is looked for in fewer texts where they are longer."""
    tried: list[Draft] = []

    def counted(draft: Draft) -> bytes:
        tried.append(draft)
        return laid(draft)

    monkeypatch.setattr(logged, "laid", counted)
    monkeypatch.setattr(logged, "_MAX_TEXTS", 300)
    counts: list[int] = []
    for size in (10, 8000):
        longer = texts.XML_TEXT_ONLY.replace(b"/pictures/a.txt", b"/pictures/" + b"a b" * (size // 3))
        tried.clear()
        explain(b"string to sign: GET\\n\\n\\nx\\n/a\n" + longer)
        counts.append(len(tried) - 1)
    assert counts == [300, 150]


def test_the_end_of_each_element_is_looked_for_once() -> None:
    tags = b"".join(b"<a%d>" % n for n in range(MAX_TAGS))
    assert _explained(b"<Error><Code>x</Code>" + tags + b"</a" * _SIZE) != ""
