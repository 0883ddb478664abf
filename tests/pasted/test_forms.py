"""One refusal, told in every form: the same must come out of each, as far as the form tells it."""

from __future__ import annotations

import html
from collections.abc import Callable

import pytest

from analyzer.model.signing import ServerError
from analyzer.oss.errors import read_error
from analyzer.pasted import read_pasted
from analyzer.pasted.forms import ANSWERS, ARCHIVES, EXCHANGES, STRINGS
from tests.pasted import texts

ANSWERS_IN: dict[str, bytes] = {
    "xml": texts.XML,
    "oss2": texts.OSS2,
    "oss2 with the body": texts.OSS2_BODY,
    "java": texts.JAVA,
    "java with the answer": texts.JAVA_WITH_ANSWER,
    "java sample": texts.JAVA_SAMPLE,
    "android": texts.ANDROID,
    "go": texts.GO,
    "node": texts.NODE,
    "node as JSON": texts.NODE_JSON,
    "node before ali-oss": texts.OLD_NODE,
    "php": texts.PHP,
    "php print_r": texts.PHP_PRINTED,
    "php var_dump": texts.PHP_DUMPED,
    "php var_export": texts.PHP_EXPORTED,
    "net": texts.NET,
    "python v2": texts.V2_PYTHON,
    "go v2": texts.V2_GO,
    "v2 on one line": texts.V2_ONE_LINE,
    "net v2": texts.V2_NET,
}
#: Forms that keep the server's string.
WITH_STRING = ("xml", "oss2", "oss2 with the body", "java with the answer")
WITH_EC = ("oss2", "go", "node", "python v2", "go v2", "v2 on one line", "net v2")


def error_in(text: bytes) -> ServerError:
    (case,) = read_pasted(text).cases
    assert case.exchange.response is not None
    error = read_error(case.exchange.request, case.exchange.response)
    assert error is not None
    return error


@pytest.mark.parametrize("name", ANSWERS_IN)
def test_the_answer_is_found_in_every_form(name: str) -> None:
    error = error_in(ANSWERS_IN[name])
    assert (error.status, error.code, error.request_id) == (403, b"SignatureDoesNotMatch", texts.ID)
    if name in WITH_STRING:
        assert error.string_to_sign_bytes == texts.SERVER
        assert error.access_key_id == texts.KEY_ID
    if name in WITH_EC:
        assert error.ec == b"0002-00000040"
    if name != "node as JSON":
        assert error.message is not None
        assert error.message.startswith(b"The request signature we calculated")
        assert error.message.rstrip(b".").endswith(b"signing method")


@pytest.mark.parametrize("name", ANSWERS_IN)
def test_prose_around_it_and_line_ends_change_nothing(name: str) -> None:
    text = b"Hi all,\n\nsince Tuesday I get this:\n\n" + ANSWERS_IN[name] + b"\n\nAny idea? Thanks!\n"
    for pasted in (text, text.replace(b"\n", b"\r\n")):
        error = error_in(pasted)
        assert (error.code, error.request_id) == (b"SignatureDoesNotMatch", texts.ID)


DAMAGE: dict[str, Callable[[bytes], bytes]] = {
    "escaped for HTML": lambda text: html.escape(text.decode(), quote=False).encode(),
    "escaped for HTML twice": lambda text: html.escape(html.escape(text.decode(), quote=False), quote=False).encode(),
    "in a log line": lambda text: b"ERROR body=" + text.replace(b'"', b'\\"').replace(b"\n", b"\\n") + b" retry=0\n",
    "line ends lost": lambda text: b" ".join(text.split()),
    "indented": lambda text: b"".join(b"        " + line for line in text.splitlines(keepends=True)),
    "in UTF-16": lambda text: b"\xff\xfe" + text.decode().encode("utf-16-le"),
}


@pytest.mark.parametrize("name", DAMAGE)
def test_damaged_documents_give_the_same_string(name: str) -> None:
    assert error_in(DAMAGE[name](texts.XML)).string_to_sign_bytes == texts.SERVER
    assert error_in(DAMAGE[name](texts.XML_TEXT_ONLY)).string_to_sign == texts.SERVER


@pytest.mark.parametrize("end", [b"<EC>", b"<StringToSignBytes>", b"</StringToSign>", b"</SignatureProvided>"])
def test_cut_documents_give_what_they_hold(end: bytes) -> None:
    text = texts.XML[: texts.XML.index(end) + len(end)]
    error = error_in(text)
    assert error.cut
    assert (error.code, error.signature_provided) == (b"SignatureDoesNotMatch", texts.SIGNATURE)
    assert error.signed_text == (None if end == b"</SignatureProvided>" else texts.SERVER)


def test_the_byte_dump_alone() -> None:
    error = error_in(b"The bytes are:\n" + texts.NUMBERS)
    assert error.string_to_sign_bytes == texts.SERVER
    assert [told.key for told in read_pasted(texts.NUMBERS).notes] == ["paste.code-by-bytes"]


def test_hex_that_is_no_string_to_sign_is_left_alone() -> None:
    assert read_pasted(b" ".join(b"%02x" % (n * 7 % 256) for n in range(64))).cases == ()


def test_the_fuller_telling_of_one_answer_counts() -> None:
    error = error_in(texts.GO + texts.XML)
    assert error.string_to_sign_bytes == texts.SERVER
    assert len(read_pasted(texts.GO + texts.XML.replace(texts.ID, b"5C2723573183A12D")).cases) == 2


def test_json_of_newer_services() -> None:
    text = b'{"Error":{"Code":"SignatureDoesNotMatch","RequestId":"%s","EC":"0002-00000040"}}' % texts.ID
    assert error_in(b"answer: " + text).ec == b"0002-00000040"


def test_nothing_known_gives_nothing() -> None:
    for text in (b"", b"it does not work", b"<html><body>404</body></html>", b"\x00" * 1000, b"{}", b"a: b\nc: d\n"):
        assert read_pasted(text).cases == ()


def test_every_form_has_its_source() -> None:
    assert all(form.source for form in (*ARCHIVES, *EXCHANGES, *ANSWERS, *STRINGS))


@pytest.mark.parametrize(
    "told",
    [
        b"text/plain;charset=utf-8",
        b"text/plain; charset=utf-8; q=1",
        b"text/plain;a=b;c=d",
        b"text/plain;charset=utf-8;",
        b'multipart/form-data; boundary="a;b"',
    ],
)
def test_lost_line_ends_come_back_behind_any_content_type(told: bytes) -> None:
    string = texts.SERVER.replace(b"text/plain", told)
    text = texts.XML_TEXT_ONLY.replace(texts.SERVER, b" ".join(string.split(b"\n")))
    assert error_in(text).string_to_sign == string.replace(b"\n\n", b"\n\n")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (texts.GO.replace(b"403,", b'403, Ec=",').replace(texts.MESSAGE, b"a, b; c"), b"a, b; c"),
        (texts.ANDROID.replace(texts.MESSAGE, b"a, b; c"), b"a, b; c"),
        (texts.V2_ONE_LINE.replace(texts.MESSAGE, b"a, b; c. d"), b"a, b; c. d"),
        (texts.NET.replace(texts.MESSAGE, b"a, b: c."), b"a, b: c"),
        (texts.PHP.replace(texts.MESSAGE, b"a: b (c)"), b"a: b (c)"),
        (texts.PHP_PRINTED.replace(b"=> SignatureDoesNotMatch", b"=> X").replace(texts.MESSAGE, b"a, b"), b"a, b"),
        (texts.PHP_EXPORTED.replace(texts.MESSAGE, b"a, b)"), b"a, b)"),
        (texts.JAVA.replace(texts.MESSAGE, b"Error: a, b;"), b"Error: a, b;"),
        (texts.NODE.replace(texts.MESSAGE, b"a, [b]"), b"a, [b"),
    ],
)
def test_values_end_where_their_form_ends_them(text: bytes, message: bytes) -> None:
    assert error_in(text).message == message


def test_an_empty_value_of_php_is_empty() -> None:
    error = error_in(texts.PHP_PRINTED.replace(b"=> 6642", b"=> \n    [ec] => 6642").replace(b"[request-id]", b"[ec]"))
    assert (error.code, error.request_id) == (b"SignatureDoesNotMatch", None)
