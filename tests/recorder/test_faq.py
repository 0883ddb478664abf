"""The FAQ's exchange: the lengths that the page states decide how its texts are to be read."""

from __future__ import annotations

from tests.recorder import faq


def length(text: faq.Printed) -> int:
    line = next(line for line in text.head.split(b"\r\n") if line.startswith(b"Content-Length: "))
    return int(line.partition(b" ")[2])


def test_as_printed_both_lengths_are_wrong() -> None:
    request, answer = faq.as_printed()
    assert (length(request), len(request.body)) == (137, 130)
    assert (length(answer), len(answer.body)) == (1122, 1122 - 44)


def test_restored_both_lengths_are_right() -> None:
    request, answer = faq.restored()
    assert length(request) == len(request.body) == 137
    assert length(answer) == len(answer.body) == 1078
    assert request.body.count(b'<ETag>"3195544E19D99658706D51EF5') == 1
    assert request.head == faq.as_printed()[0].head
    assert answer.body == faq.as_printed()[1].body


def test_heads_keep_order_and_case() -> None:
    request, answer = faq.restored()
    names = [line.partition(b":")[0] for line in request.head.split(b"\r\n")[1:-2]]
    assert names == b"Host|Accept-Encoding|Accept|Content-Length|date|authorization|Content-Type|User-Agent".split(b"|")
    assert answer.head.startswith(b"HTTP/1.1 403 Forbidden\r\nServer: AliyunOSS\r\n")
    assert request.head.endswith(b"\r\n\r\n")
    assert b"\n" not in request.head.replace(b"\r\n", b"")


def test_the_bytes_name_another_bucket_than_the_text() -> None:
    body = faq.restored()[1].body
    start, end = (body.index(mark) for mark in (b"<StringToSignBytes>", b"</StringToSignBytes>"))
    text = bytes.fromhex(body[start + 19 : end].decode())
    assert text == (
        b"POST\n\napplication/x-www-form-urlencoded\nSat, 29 Dec 2018 07:32:34 GMT\n"
        b"/rokid-ops-model/ttsservice/passwd?uploadId=D468E486D1D94D90A1AB8885A4E32AE0"
    )
    assert b"\n/rokid/ttsservice/passwd?uploadId=" in body
