"""One exchange read as OSS reads it: the printed exchange of the SDK's FAQ, whose bytes name another bucket."""

from __future__ import annotations

from analyzer.http.plain import exchange_from_bytes
from analyzer.model.signing import BucketReason, SignedExchange, Variant
from analyzer.oss import read, signer

REQUEST = b"""POST /ttsservice%2Fpasswd?uploadId=D468E486D1D94D90A1AB8885A4E32AE0 HTTP/1.1
Host: rokid.oss-cn-hangzhou.aliyuncs.com
Accept-Encoding: identity
Content-Length: 4
date: Sat, 29 Dec 2018 07:32:34 GMT
authorization: OSS LTAIknFr:r2KPR0y4E0G5tnU/MYdcvXHPQQ4=
Content-Type: application/x-www-form-urlencoded

abcd""".replace(b"\n", b"\r\n")

SERVER = (
    b"POST\n\napplication/x-www-form-urlencoded\nSat, 29 Dec 2018 07:32:34 GMT\n"
    b"/rokid-ops-model/ttsservice/passwd?uploadId=D468E486D1D94D90A1AB8885A4E32AE0"
)


def answer(string_to_sign: bytes, code: bytes = b"SignatureDoesNotMatch") -> bytes:
    """A 403 as the server writes it: upper-case hex, a blank behind every pair."""
    numbers = "".join(f"{byte:02X} " for byte in string_to_sign).encode()
    body = (
        b'<?xml version="1.0" encoding="UTF-8"?>\n<Error>\n  <Code>' + code + b"</Code>\n"
        b"  <OSSAccessKeyId>LTAIknFr</OSSAccessKeyId>\n"
        b"  <SignatureProvided>r2KPR0y4E0G5tnU/MYdcvXHPQQ4=</SignatureProvided>\n"
        b"  <StringToSignBytes>" + numbers + b"</StringToSignBytes>\n</Error>\n"
    )
    return b"HTTP/1.1 403 Forbidden\r\nServer: AliyunOSS\r\nContent-Length: %d\r\n\r\n" % len(body) + body


def faq() -> SignedExchange:
    return read(exchange_from_bytes(REQUEST, answer(SERVER)))


def test_rebuilds_what_the_wire_says_and_keeps_the_servers_bucket_as_a_candidate() -> None:
    signed = faq()
    assert signed.credentials.variant is Variant.V1_HEADER
    assert signed.credentials.access_key_id == b"LTAIknFr"
    assert signed.string_to_sign is not None
    assert signed.string_to_sign.data == SERVER.replace(b"/rokid-ops-model/", b"/rokid/")
    assert signed.addressing is not None
    assert [(c.bucket, c.reason) for c in signed.addressing.candidates] == [
        (b"rokid", BucketReason.VIRTUAL_HOST),
        (b"rokid-ops-model", BucketReason.SERVER),
    ]
    assert signed.server_string is not None
    assert signed.server_string.data == SERVER
    differing = [
        ours.field
        for ours, theirs in zip(signed.string_to_sign.parts, signed.server_string.parts, strict=True)
        if ours.data != theirs.data
    ]
    assert differing == ["resource"]


def test_every_part_with_bytes_of_the_request_knows_its_frame() -> None:
    signed = faq()
    assert signed.string_to_sign is not None
    assert all(part.frames == (1,) for part in signed.string_to_sign.parts if part.field and part.data)


def test_signature_of_the_row_is_base64_of_twenty_bytes() -> None:
    signed = faq()
    assert signed.inputs is not None
    assert len(signer(Variant.V1_HEADER).signature(b"secret", signed.inputs, SERVER)) == 28
