"""What clients say they signed, out of their debug logs, and what comes of it beside the server's string."""

from __future__ import annotations

from base64 import b64encode
from hashlib import sha256

import pytest

from analyzer.diagnosis import explain_pasted
from analyzer.diagnosis.missing import missing_from
from analyzer.model.findings import Certainty, Finding
from analyzer.pasted import read_pasted
from tests.pasted import texts

LOGS = {"oss2": texts.OSS2_LOG, "old oss2": texts.OLD_OSS2_LOG, "Go SDK": texts.GO_LOG, "log": texts.OWN_LOG}

CANONICAL = (
    b"PUT\n/pictures/a.txt\n\nx-oss-content-sha256:UNSIGNED-PAYLOAD\nx-oss-date:20240514T032107Z\n\n\nUNSIGNED-PAYLOAD"
)
STRING_V4 = (
    b"OSS4-HMAC-SHA256\n20240514T032107Z\n20240514/cn-hangzhou/oss/aliyun_v4_request\n"
    + sha256(CANONICAL).hexdigest().encode()
)


def only(text: bytes) -> Finding:
    (finding,), _ = explain_pasted(read_pasted(text))
    return finding


@pytest.mark.parametrize("source", LOGS)
def test_the_string_is_found_to_its_end(source: str) -> None:
    (case,) = read_pasted(LOGS[source]).cases
    assert case.client is not None
    assert (case.client.source, case.client.text) == (source.removeprefix("old "), texts.CLIENT)


def test_bytes_that_are_no_ascii_come_back_as_they_were() -> None:
    text = b"PUT\n\n\n" + texts.DATE + "\n/pictures/年报 'a'.txt".encode()
    line = b"[DEBUG] Make signature: string to be signed = " + repr(text).encode() + b"\n"
    (case,) = read_pasted(line).cases
    assert case.client is not None
    assert case.client.text == text


def test_headers_and_queries_belong_to_it() -> None:
    text = b"PUT\n\n\n" + texts.DATE + b"\nx-oss-acl:private\nx-oss-meta-a:b\n/pictures/a.txt?uploadId=1&partNumber=2"
    (case,) = read_pasted(texts.OLD_OSS2_LOG.replace(texts.CLIENT, text)).cases
    assert case.client is not None
    assert case.client.text == text


def test_version_4_with_its_canonical_request() -> None:
    log = (
        b"x [DEBUG] Make signature: canonical_request = %s\nx [DEBUG] Make signature: string to be signed = %s\nnext\n"
    )
    (case,) = read_pasted(log % (CANONICAL, STRING_V4)).cases
    assert case.client is not None
    assert (case.client.text, case.client.canonical) == (STRING_V4, CANONICAL)


def test_version_4_canonical_requests_are_compared() -> None:
    """The server signed a Content-Type that the client's canonical request has not."""
    theirs = CANONICAL.replace(b"\n\nx-oss-content", b"\n\ncontent-type:text/plain\nx-oss-content", 1)
    error = texts.XML.replace(
        b"<EC>", b"<CanonicalRequestBytes>" + theirs.hex(" ").encode() + b"</CanonicalRequestBytes><EC>"
    )
    server = STRING_V4[:-64] + sha256(theirs).hexdigest().encode()
    error = error.replace(texts.NUMBERS, server.hex(" ").encode()).replace(texts.SERVER, server)
    log = (
        b"x [DEBUG] Make signature: canonical_request = %s\nx [DEBUG] Make signature: string to be signed = %s\nnext\n"
    )
    finding = only(log % (CANONICAL, STRING_V4) + error)
    assert (finding.comparison.voice, finding.comparison.subject) == ("client", "canonical_request")
    assert [d.field for d in finding.comparison.differences] == ["header:content-type"]
    assert (finding.causes[0].id, finding.causes[0].certainty) == ("content-type-after-signing", Certainty.PROVEN)


@pytest.mark.parametrize("source", LOGS)
def test_log_beside_answer_shows_what_was_done_in_between(source: str) -> None:
    finding = only(LOGS[source] + texts.OSS2)
    assert finding.comparison.voice == "client"
    assert [d.field for d in finding.comparison.differences] == ["content-type"]
    assert [(cause.id, cause.certainty) for cause in finding.causes] == [
        ("content-type-after-signing", Certainty.PROVEN)
    ]


def test_text_without_bytes_proves_less() -> None:
    finding = only(texts.OSS2_LOG + texts.XML_TEXT_ONLY)
    assert (finding.causes[0].id, finding.causes[0].certainty) == ("content-type-after-signing", Certainty.LIKELY)


def test_the_same_string_on_both_sides_leaves_the_secret() -> None:
    finding = only(texts.OLD_OSS2_LOG.replace(texts.CLIENT, texts.SERVER) + texts.XML)
    assert finding.comparison.match is True
    assert (finding.causes[0].id, finding.causes[0].certainty) == ("wrong-secret", Certainty.LIKELY)


def test_blank_lines_that_the_log_lost_are_no_difference() -> None:
    lost = b"\n".join(filter(None, texts.SERVER.split(b"\n")))
    log = texts.OLD_OSS2_LOG.replace(texts.CLIENT, lost)
    assert only(log + texts.XML).comparison.match is True
    finding = only(texts.OWN_LOG.replace(texts.CLIENT.replace(b"\n", b"\\n"), lost.replace(b"\n", b"\\n")) + texts.XML)
    assert finding.comparison.match is False, "on one line nothing can have got lost: the signer left it out"


def test_a_difference_that_nothing_explains_is_only_possible() -> None:
    log = texts.OLD_OSS2_LOG.replace(b"/pictures/a.txt\n", b"/pictures/quite-another.bin\n")
    finding = only(log + texts.XML)
    assert finding.causes[0].certainty is Certainty.POSSIBLE
    assert {"altered-in-transit"} <= {cause.id for cause in finding.causes}


def test_log_and_request_and_answer() -> None:
    """The log has no Content-Type, the request that went out has one: what was added is known to be added here."""
    finding = only(texts.OSS2_LOG + texts.CURL)
    assert finding.comparison.voice == "wire"
    assert finding.comparison.match is True
    assert finding.causes[0].id == "content-type-after-signing"
    assert finding.causes[0].certainty is Certainty.PROVEN


def test_a_log_alone_is_shown_and_the_answer_asked_for() -> None:
    pasted = read_pasted(texts.OSS2_LOG)
    (finding,), _ = explain_pasted(pasted)
    assert finding.signed.client_string is not None
    assert [part.field for part in finding.signed.client_string.parts if part.field][:4] == [
        "method",
        "content-md5",
        "content-type",
        "date",
    ]
    asked = missing_from((finding,), pasted)
    assert asked is not None
    assert asked.key == "paste.missing.answer-to-log"


def test_of_several_strings_the_one_of_that_date_counts() -> None:
    other = texts.OLD_OSS2_LOG.replace(texts.DATE, b"Tue, 14 May 2024 03:29:59 GMT")
    assert only(texts.OSS2_LOG + other + texts.XML).comparison.rebuilt == texts.CLIENT


def test_a_policy_or_random_words_are_no_string_to_sign() -> None:
    policy = b64encode(b'{"expiration":"2024-05-14T04:00:00Z"}')
    assert read_pasted(b"string to sign = " + policy).cases == ()
    assert read_pasted(b"the string to sign is wrong, please GET help").cases == ()
