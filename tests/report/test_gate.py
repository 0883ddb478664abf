"""The gate finds values in any disguise and nothing else."""

from __future__ import annotations

import base64
import html
import json
import pickle
from collections.abc import Callable
from urllib.parse import quote, quote_from_bytes

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analyzer.model.errors import OutputRefused
from analyzer.model.notes import Kind
from analyzer.model.secrets import Secret
from analyzer.report.gate import Gate, check_secrets, secret_gate

VALUE = "Plantéd/välue+with 特殊 «chars»&more"
RAW = VALUE.encode()

DISGUISES = {
    "plain": RAW,
    "upper": VALUE.upper().encode(),
    "percent": quote(VALUE, safe="").encode(),
    "percent lower": quote(VALUE, safe="/").lower().encode(),
    "percent twice": quote(quote(VALUE, safe=""), safe="").encode(),
    "every byte": b"".join(b"%%%02x" % byte for byte in RAW),
    "plus for blank": quote(VALUE, safe="").replace("%20", "+").encode(),
    "hex": RAW.hex().encode(),
    "HEX": RAW.hex().upper().encode(),
    "hex with blanks": RAW.hex(" ").upper().encode(),
    "hex with colons": RAW.hex(":").encode(),
    "hex of odd place": b"5" + RAW.hex().encode(),
    "hex in tags": b"".join(b"<td>%02x</td> " % byte for byte in RAW),
    "C array": b"".join(b"\\x%02x" % byte for byte in RAW),
    "base64": base64.b64encode(RAW),
    "base64 shifted 1": base64.b64encode(b"x" + RAW + b"yz"),
    "base64 shifted 2": base64.b64encode(b"xy" + RAW + b"z"),
    "base64 URL-safe": base64.urlsafe_b64encode(RAW),
    "base64 in a data URL": b"data:text/plain;base64," + base64.b64encode(b"name=" + RAW),
    "JSON": json.dumps(VALUE).encode(),
    "JSON, surrogates": json.dumps("😀" + VALUE).encode(),
    "HTML": html.escape(VALUE).encode(),
    "HTML numbers": "".join(f"&#{ord(c)};" for c in VALUE).encode(),
    "HTML hex numbers": "".join(f"&#x{ord(c):X};" for c in VALUE).encode(),
    "HTML with tags between": VALUE.replace("v", "<mark>v</mark>").replace("&", "&amp;").encode(),
    "backslashreplace": VALUE.encode("ascii", "backslashreplace"),
    "HTML in JSON": json.dumps(html.escape(VALUE)).encode(),
    "percent in base64": base64.b64encode(b"?k=" + quote(VALUE, safe="").encode()),
}


@pytest.mark.parametrize("disguise", DISGUISES, ids=lambda name: name)
def test_found_in_every_disguise(disguise: str) -> None:
    gate = Gate({Kind.OBJECT_KEY: [RAW]})
    output = b"<p>before " + DISGUISES[disguise] + b" after</p>"
    with pytest.raises(OutputRefused) as refused:
        gate.check(output, "report.html")
    said = repr(refused.value.note)
    assert "object-key" in said
    assert "Plant" not in said
    with pytest.raises(OutputRefused):
        secret_gate([Secret(RAW)]).check(output, "report.html")


@given(
    st.binary(min_size=12, max_size=40),
    st.sampled_from(["plain", "hex", "base64", "percent", "json", "html"]),
    st.binary(max_size=9),
)
@settings(max_examples=200, deadline=None)
def test_secrets_of_any_bytes(secret: bytes, how: str, before: bytes) -> None:
    text = secret.decode("latin-1")
    forms = {
        "plain": secret,
        "hex": b"ff" + secret.hex().encode(),
        "base64": base64.b64encode(before + secret),
        "percent": b"".join(b"%%%02X" % byte for byte in secret),
        "json": json.dumps(text).encode(),
        "html": "".join(f"&#x{ord(c):x};" for c in text if c).encode(),
    }
    if how in ("json", "html"):
        secret = text.encode()
    if how == "html" and any(c < " " or "\x7f" <= c <= "\x9f" for c in text):
        return  # HTML has no numbers for controls
    if len(secret.strip()) >= 12:
        assert secret_gate([Secret(secret)]).find(b"... " + forms[how] + b" ...") == "secret"


@pytest.mark.parametrize(
    ("kind", "value", "output"),
    [
        (Kind.BUCKET, b"abc", b"an abc of things"),  # too short to mean anything
        (Kind.QUERY_VALUE, b"51822", b"client 10.0.0.1:51822"),  # a number, as ports are
        (Kind.BUCKET, b"bucket", b"the bucket differs"),  # our own word
        (Kind.BUCKET, b"zqxw", b"azqxwb"),  # inside another word
    ],
)
def test_chance_is_no_leak(kind: Kind, value: bytes, output: bytes) -> None:
    Gate({kind: [value]}).check(output, "report.md")


def test_pseudonyms_and_kept_values_are_no_leak() -> None:
    gate = Gate({Kind.BUCKET: [b"image", b"qwzkv"]}, issued=[b"qwzkv"], public=[b"image/x-strange"])
    gate.check(b"qwzkv and image/x-strange", "report.md")
    assert Gate({Kind.BUCKET: [b"qwzkv"]}).find(b"qwzkv") == "bucket"


@pytest.mark.parametrize("kind", [Kind.ACCESS_KEY_ID, Kind.SIGNATURE, Kind.TOKEN])
def test_a_credential_inside_a_kept_value_is_a_leak(kind: Kind) -> None:
    public = [b"/dir/key?token=zqwkvtoken42"]
    assert Gate({kind: [b"zqwkvtoken42"]}, public=public).find(public[0]) == kind.value
    assert Gate({kind: [b"zqwkvtoken42"], Kind.BODY: [b"zqwkvtoken42"]}, public=public).find(public[0]) == kind.value
    assert Gate({Kind.BODY: [b"zqwkvtoken42"]}, public=public).find(public[0]) is None


def test_shows_nothing() -> None:
    gate = Gate({Kind.TOKEN: [RAW]}, secrets=[Secret(b"hush-hush-hush")])
    assert "Plant" not in repr(gate)
    assert "hush" not in repr(gate)
    with pytest.raises(TypeError):
        pickle.dumps(gate)


def test_many_values_in_a_large_output() -> None:
    values = [b"value-number-%06d" % number for number in range(20_000)]
    gate = Gate({Kind.OBJECT_KEY: values})
    clean = b"nothing to see here, move along please. " * 25_000
    assert gate.find(clean) is None
    assert gate.find(clean + values[-1]) == "object-key"


@pytest.mark.parametrize("disguise", ["plain", "percent", "hex", "HEX", "hex with blanks", "JSON", "HTML"])
def test_secrets_in_the_local_view(disguise: str) -> None:
    output = b"before " + DISGUISES[disguise] + b" after"
    with pytest.raises(OutputRefused):
        check_secrets(output, "text", [Secret(RAW)])
    check_secrets(output, "text", [Secret(b"another secret"), Secret(b"short")])


@pytest.mark.parametrize("shift", range(3))
def test_secrets_in_base64_in_the_local_view(shift: int) -> None:
    with pytest.raises(OutputRefused):
        check_secrets(base64.b64encode(b"xyz"[:shift] + RAW + b"tail"), "json", [Secret(RAW)])


#: A key log as clients write it: TLS 1.2, TLS 1.3, an RSA line.
SESSION = bytes(range(180, 228))
KEY_LOG = b"# SSL/TLS secrets\nCLIENT_RANDOM %s %s\nEXPORTER_SECRET %s %s\nRSA %s %s\n" % (
    b"11" * 32, SESSION.hex().encode(), b"22" * 32, (b"\x07" + SESSION[::-1][:31]).hex().upper().encode(), b"33" * 8,
    (b"\x09" + SESSION[1:]).hex().encode(),
)  # fmt: skip


@pytest.mark.parametrize("log", [KEY_LOG, KEY_LOG.decode().encode("utf-16")], ids=["utf-8", "utf-16"])
@pytest.mark.parametrize("secret", [SESSION, b"\x07" + SESSION[::-1][:31], b"\x09" + SESSION[1:]])
@pytest.mark.parametrize(
    "written",
    [
        bytes,
        lambda s: s.hex().encode(),
        lambda s: s.hex(" ").upper().encode(),
        lambda s: b"x" + base64.b64encode(s),
        lambda s: b"".join(b"\\x%02x" % byte for byte in s),
        lambda s: quote_from_bytes(s).encode(),
    ],
)
def test_session_secrets_of_a_key_log_are_found(log: bytes, secret: bytes, written: Callable[[bytes], bytes]) -> None:
    output = b"before " + written(secret) + b" behind"
    with pytest.raises(OutputRefused):
        check_secrets(output, "text", [], [Secret(log)])
    with pytest.raises(OutputRefused):
        Gate({}, key_logs=[Secret(log)]).check(output, "report.html")
    check_secrets(b"client random 1111 " + b"11" * 32, "text", [], [Secret(log)])


def test_values_at_the_edges_of_stretches_are_found_and_parts_of_words_are_not(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("analyzer.report.gate._STRETCH", 4096)
    monkeypatch.setattr("analyzer.report.gate._MARGIN", 64)
    gate = Gate({Kind.BUCKET: [b"planted-bucket", b"zinc"]})
    clean = b"galvanizing-zincs " * 6000
    assert gate.find(clean) is None
    for at in (0, 3700, 4095, 4096, 40_001, len(clean)):
        for value in (b" zinc ", b"planted-bucket".hex().encode(), b"planted%2Dbucket"):
            assert gate.find(clean[:at] + value + clean[at:]) == "bucket", (at, value)
