"""ossig explain as a user types it: forms, languages, exit codes, redaction."""

from __future__ import annotations

import gzip
import hmac
import json
import lzma
import re
import subprocess
import sys
from base64 import b64encode
from collections.abc import Callable
from importlib.resources import files
from pathlib import Path

import jsonschema
import pytest

from analyzer import pipeline
from analyzer.cli.presenting import Showing, presented
from analyzer.cli.settings import Color, Format
from analyzer.model.secrets import SecretBook
from tests.pasted import texts

SECRET = "made-up-secret-of-thirty-bytes"


def explain(*arguments: str, paste: bytes = b"") -> subprocess.CompletedProcess[bytes]:
    command = [sys.executable, "-m", "analyzer", "explain", *arguments]
    return subprocess.run(command, input=paste, capture_output=True, check=False, timeout=60)


def shown(paste: bytes, form: str, language: str, *, redact: bool = False, path: str = "-") -> str:
    how = Showing(Format(form), None, False, language, Color.NEVER, redact)
    return presented(pipeline.explain(paste, path=path), SecretBook(), how)


@pytest.mark.parametrize(
    ("paste", "code"),
    [
        (texts.OSS2, 1),
        (texts.HAR, 1),
        (texts.OSS2_LOG + texts.OSS2, 1),
        (texts.REQUEST, 4),
        (texts.OSS2_LOG, 4),
        (b"GET / HTTP/1.1\r\nHost: example.com\r\n\r\n", 0),
        (b"nothing of the kind", 3),
        (b"", 3),
        (b"\xd4\xc3\xb2\xa1" + bytes(20), 3),
    ],
    ids=["exception", "har", "log and answer", "request", "log", "unsigned", "prose", "empty", "capture"],
)
def test_exit_codes(paste: bytes, code: int) -> None:
    done = explain(paste=paste)
    assert done.returncode == code
    assert b"Traceback" not in done.stderr
    assert bool(done.stdout) == (code != 3)


@pytest.mark.parametrize("form", ["text", "json", "jsonl", "markdown", "html"])
@pytest.mark.parametrize("language", ["en", "zh"])
def test_every_form_in_both_languages(form: str, language: str) -> None:
    text = shown(texts.OSS2_LOG + texts.OSS2, form, language)
    for meaningless in ("tcp.stream", "0.0.0.0", "paste.", "report.", "Wireshark"):
        assert meaningless not in text.replace("ossig.report/1", "")
    assert "content-type" in text.lower()


def test_json_follows_the_schema() -> None:
    schema = json.loads(files("analyzer.report").joinpath("schema", "ossig.report.1.json").read_text("utf-8"))
    for paste in (texts.OSS2_LOG + texts.OSS2, texts.CURL, texts.REQUEST, texts.HAR, texts.NUMBERS):
        value = json.loads(shown(paste, "json", "en"))
        jsonschema.validate(value, schema, jsonschema.Draft202012Validator)
        (finding,) = value["findings"]
        assert (finding["capture"], finding["stream"], finding["filter"]) == (None, None, None)
        assert value["captures"] == []
        for message in (finding["request"], finding["response"]):
            assert message is None or message["time"] is None or paste is texts.HAR
        assert value["paste"]["took"]


def test_the_string_is_decoded_line_by_line() -> None:
    text = shown(texts.NUMBERS, "text", "en")
    for line in ("method          PUT", "content-type    text/plain", f"date            {texts.DATE.decode()}"):
        assert line in text


def test_three_voices_stand_side_by_side() -> None:
    text = " ".join(shown(texts.OSS2_LOG + texts.CURL, "text", "en").split())
    assert "The client's log, the request and the server differ in 1 field." in text
    assert "content-type ≠ client (empty) request text/plain server text/plain" in text


def test_what_is_missing_is_asked_for_in_one_sentence() -> None:
    value = json.loads(shown(texts.OSS2, "json", "en"))
    assert value["paste"]["missing"].startswith("With the request's headers")
    assert value["paste"]["missing"].count(".") == 1


def test_a_file_and_the_secret(tmp_path: Path) -> None:
    """The client signed without the Content-Type that was sent: with the secret that is proven."""
    signature = b64encode(hmac.digest(SECRET.encode(), texts.CLIENT, "sha1"))
    pasted = tmp_path / "curl.txt"
    pasted.write_bytes(texts.CURL.replace(texts.SIGNATURE, signature))
    keys = tmp_path / "keys.txt"
    keys.write_text(f"{texts.KEY_ID.decode()}:{SECRET}\n")
    keys.chmod(0o600)
    done = explain(str(pasted), "--secret-file", str(keys), "--format", "json", "--lang", "en")
    value = json.loads(done.stdout)
    assert value["paste"]["path"] == str(pasted)
    (cause,) = value["findings"][0]["causes"]
    assert (cause["id"], cause["certainty"]) == ("content-type-after-signing", "proven")
    assert SECRET.encode() not in done.stdout + done.stderr
    unanswered = tmp_path / "request.txt"
    signed_right = b64encode(hmac.digest(SECRET.encode(), texts.SERVER, "sha1"))
    unanswered.write_bytes(texts.REQUEST.replace(texts.SIGNATURE, signed_right))
    done = explain(str(unanswered), "--secret-file", str(keys), "--lang", "en")
    assert done.returncode == 4
    assert b"the request is signed right" in b" ".join(done.stdout.split())


@pytest.mark.parametrize("form", ["text", "json", "markdown", "html"])
@pytest.mark.parametrize(
    "paste",
    [texts.OSS2, texts.OSS2_LOG + texts.OSS2, texts.CURL, texts.HAR, texts.JAVA, texts.REQUEST + b"\n" + texts.XML],
    ids=["oss2", "log", "curl", "har", "java", "request and answer"],
)
def test_redacted_output_holds_no_name(form: str, paste: bytes) -> None:
    text = shown(paste, form, "en", redact=True, path="of-our-customer-acme.txt")
    for name in ("pictures", "a.txt", texts.KEY_ID.decode(), texts.SIGNATURE.decode(), "acme", b"pictures".hex(" ")):
        assert name not in text
    assert texts.ID.decode() in text


def test_redaction_on_the_command_line() -> None:
    done = explain("--redact", "--lang", "en", paste=texts.OSS2_LOG + texts.OSS2)
    assert done.returncode == 1
    assert b"proven" in done.stdout
    assert b"pictures" not in done.stdout


def test_an_unreadable_file() -> None:
    done = explain("no/such/file")
    assert done.returncode == 3
    assert b"no/such/file" in done.stderr


def test_nothing_heavy_is_imported_for_a_text() -> None:
    code = (
        "import sys; from analyzer.pipeline import explain; explain(sys.stdin.buffer.read());"
        "heavy = [m for m in ('scapy', 'oss2', 'requests', 'jinja2', 'cryptography') if m in sys.modules];"
        "sys.exit(','.join(heavy) or 0)"
    )
    done = subprocess.run([sys.executable, "-c", code], input=texts.CURL, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("packed", [bytes, gzip.compress, lzma.compress])
def test_a_capture_is_sent_to_the_command_that_reads_it(packed: Callable[[bytes], bytes], tmp_path: Path) -> None:
    path = tmp_path / "a.bin"
    path.write_bytes(packed((Path(__file__).resolve().parents[2] / "captures" / "faild.pcap").read_bytes()))
    done = explain(str(path))
    assert done.returncode == 3
    assert done.stderr.decode() == f"ossig: {path} is a packet capture: `ossig {path}` reads it.\n"


def test_an_empty_text_is_said_to_be_empty() -> None:
    done = explain(paste=b" \n")
    assert done.returncode == 3
    assert done.stderr == b"ossig: the text is empty.\n"


ALONE = (
    b"<Error><Code>SignatureDoesNotMatch</Code><HostId>%s</HostId><OSSAccessKeyId>LTAI4x</OSSAccessKeyId>"
    b"<SignatureProvided>r2KPR0y4E0G5tnU/MYdcvXHPQQ4=</SignatureProvided></Error>"
)


@pytest.mark.parametrize("form", ["text", "markdown", "html"])
def test_what_an_answer_alone_does_not_tell_is_unknown(form: str) -> None:
    page = re.sub(r"<[^>]*>|[`*]", "", shown(ALONE % b"photos.oss-cn-hangzhou.aliyuncs.com", form, "en"))
    assert re.search(r"kind:?\s*\(unknown\)", page)
    assert re.search(r"sent:?\s*\(unknown\)", page)
    assert re.search(r"bucket:?\s*photos \(possibly: from the HostId of the answer\)", page)
    assert "(absent)" not in page


@pytest.mark.parametrize("host", [b"oss-cn-hangzhou.aliyuncs.com", b"files.example.com", b""])
def test_a_host_id_that_names_no_bucket(host: bytes) -> None:
    assert "(possibly" not in shown(ALONE % host, "text", "en")


def test_unknown_is_null_in_json() -> None:
    (finding,) = json.loads(shown(ALONE % b"photos.oss-cn-hangzhou.aliyuncs.com", "json", "en"))["findings"]
    assert finding["bucket"] is None
    assert finding["signature"]["variant"] is None
    assert finding["signature"]["on_wire"] is None


def test_the_bucket_of_a_host_id_is_redacted() -> None:
    page = shown(ALONE % b"photos.oss-cn-hangzhou.aliyuncs.com", "text", "en", redact=True)
    assert "(possibly: from the HostId of the answer)" in page
    assert "photos" not in page
