"""Refused requests of every variant, answered by a server that received something a little different."""

from __future__ import annotations

from html import escape

from analyzer.diagnosis import Diagnoser
from analyzer.http.plain import exchange_from_bytes
from analyzer.model.findings import Finding
from analyzer.model.http import Exchange
from analyzer.model.packets import CaptureFacts
from analyzer.model.report import CaptureSummary, Report
from analyzer.oss import read

MISMATCH = (
    b"The request signature we calculated does not match the signature you provided. Check your key and signing method."
)
V1 = b"OSS LTAI5tPlantedKeyId0042:v1PLantedSIGnatureBASE64xyz="
V2 = (
    b"OSS2 AccessKeyId:LTAI5tPlantedKeyId0042,AdditionalHeaders:range,"
    b"Signature:v2PLantedSIGnatureBASE64xyzv2PLantedSIGnatu0="
)
V4 = (
    b"OSS4-HMAC-SHA256 Credential=LTAI5tPlantedKeyId0042/20240102/cn-hangzhou/oss/aliyun_v4_request,"
    b"AdditionalHeaders=host,Signature=" + b"0badc0de" * 8
)
DATE = {b"Date": b"Tue, 02 Jan 2024 03:04:05 GMT"}
HOST = b"secret-bucket.oss-cn-hangzhou.aliyuncs.com"


def http(line: bytes, headers: dict[bytes, bytes], body: bytes = b"") -> bytes:
    """A request or answer as bytes; Content-Length where there is a body."""
    lines = [line, *(name + b": " + value for name, value in headers.items())]
    if body:
        lines.append(b"Content-Length: %d" % len(body))
    return b"\r\n".join(lines) + b"\r\n\r\n" + body


def numbers(text: bytes) -> bytes:
    """``StringToSignBytes`` as OSS writes them."""
    return b"".join(b"%02X " % byte for byte in text)


def answer(sent: bytes, received: bytes | None = None, *, texts: bool = True, canonical: bool = True) -> bytes:
    """The 403 of a server that received ``received`` (the same as sent where None)."""
    signed = read(exchange_from_bytes(received or sent, None))
    text = signed.string_to_sign.data if signed.string_to_sign is not None else b""
    creds = read(exchange_from_bytes(sent, None)).credentials
    body = b'<?xml version="1.0" encoding="UTF-8"?>\n<Error>\n'
    elements = [
        (b"Code", b"SignatureDoesNotMatch"),
        (b"Message", MISMATCH),
        (b"RequestId", b"65F0A1B2C3D4E5F607182930"),
        (b"HostId", signed.inputs.host or b"" if signed.inputs is not None else b""),
        (b"OSSAccessKeyId", creds.access_key_id or b""),
        (b"SignatureProvided", creds.signature or b""),
    ]
    if texts:
        elements += [(b"StringToSign", text), (b"StringToSignBytes", numbers(text))]
        if signed.canonical_request is not None and canonical:
            elements.append((b"CanonicalRequest", signed.canonical_request.data))
    elements.append((b"EC", b"0002-00000040"))
    for name, value in elements:
        quoted = escape(value.decode("latin-1"), quote=False).encode("latin-1")
        body += b"  <" + name + b">" + quoted + b"</" + name + b">\n"
    headers = {
        b"Server": b"AliyunOSS",
        b"Date": b"Tue, 02 Jan 2024 03:04:06 GMT",
        b"Content-Type": b"application/xml",
        b"x-oss-request-id": b"65F0A1B2C3D4E5F607182930",
        b"x-oss-ec": b"0002-00000040",
    }
    return http(b"HTTP/1.1 403 Forbidden", headers, body + b"</Error>\n")


def requests() -> dict[str, tuple[bytes, bytes]]:
    """Name → (request, answer)."""
    date = DATE
    iso = {b"x-oss-date": b"20240102T030405Z", b"x-oss-content-sha256": b"UNSIGNED-PAYLOAD"}
    meta = {b"x-oss-meta-owner": b"Zo\xc3\xab Planted", b"x-oss-security-token": b"CAISplantedTOKENvalue/with+signs=="}
    plain = http(
        b"PUT /private%20dir/%E5%9B%BE%E7%89%87+1.jpg?acl HTTP/1.1",
        {b"Host": HOST, **date, **meta, b"Authorization": V1},
        b"body of the object",
    )
    url = (
        b"GET /reports/payroll.csv?OSSAccessKeyId=LTAI5tPlantedKeyId0042&Expires=1704165000"
        b"&Signature=v1PLanted+SIGnature%2FBASE64xy%3D HTTP/1.1"
    )
    v4_url = (
        b"GET /a/b%2Bc?x-oss-signature-version=OSS4-HMAC-SHA256&x-oss-date=20240102T030405Z&x-oss-expires=600"
        b"&x-oss-credential=LTAI5tPlantedKeyId0042%2F20240102%2Fcn-hangzhou%2Foss%2Faliyun_v4_request"
        b"&zebra=plantedvalue&alpha=othervalue&x-oss-signature=" + b"0badc0de" * 8 + b" HTTP/1.1"
    )
    md5 = http(
        b"PUT /checked.bin HTTP/1.1",
        {b"Host": HOST, **date, b"Content-MD5": b"1B2M2Y8AsgTpgAmY7PhCfg==", b"Authorization": V1},
        b"x" * 40,
    )
    v2 = http(
        b"GET /deep/key?unknown=planted HTTP/1.1",
        {b"Host": HOST, b"Range": b"bytes=0-9", **date, b"Authorization": V2},
    )
    v4 = http(b"PUT /v4/key HTTP/1.1", {b"Host": HOST, **iso, **meta, b"Authorization": V4}, b"data")
    v4_link = http(v4_url, {b"Host": HOST})
    path_style = http(b"GET /secret-bucket/k HTTP/1.1", {b"Host": b"10.1.2.3:9000", **date, b"Authorization": V1})
    custom = plain.replace(HOST, b"files.example-company.com")
    nfc, nfd = (md5.replace(b"/checked", b"/caf" + e) for e in (b"%C3%A9", b"e%CC%81"))
    typed = plain.replace(b"\r\n\r\n", b"\r\nContent-Type: image/jpeg\r\n\r\n", 1)
    return {
        "v1-header": (plain, answer(plain)),
        "v1-header-type-added": (plain, answer(plain, typed)),
        "v1-bucket-differs": (plain, answer(plain, plain.replace(b"secret-bucket.", b"secret-bucket-two."))),
        "v1-double-escape": (plain, answer(plain, plain.replace(b"%E5%9B%BE", b"%25E5%259B%25BE"))),
        "v1-nfd": (nfc, answer(nfc, nfd)),
        "v1-wrong-md5": (md5, answer(md5)),
        "v1-query": (http(url, {b"Host": HOST}), answer(http(url, {b"Host": HOST}))),
        "v1-path-style": (path_style, answer(path_style)),
        "v2-header": (v2, answer(v2)),
        "v4-header": (v4, answer(v4)),
        "v4-hash-only": (v4, answer(v4, canonical=False)),
        "v4-query": (v4_link, answer(v4_link)),
        "v4-query-added": (v4_link, answer(v4_link, v4_link.replace(b"&zebra", b"&mid=1&zebra"))),
        "no-texts": (plain, answer(plain, texts=False)),
        "custom-domain": (custom, answer(custom, plain)),
    }


#: What must be in no output of any of them, whatever its spelling.
PLANTED = (
    b"secret-bucket", b"LTAI5tPlantedKeyId0042", b"PlantedKeyId0042", b"v1PLantedSIGnatureBASE64xyz",
    b"0badc0de0badc0de",
    b"v2PLantedSIGnatureBASE64xyz", b"CAISplantedTOKENvalue", b"Planted", b"private dir", "图片".encode(), b"payroll",
    b"plantedvalue", b"othervalue", b"body of the object", b"example-company", b"10.1.2.3",
)  # fmt: skip


def exchange(name: str) -> Exchange:
    """One of ``requests``."""
    return exchange_from_bytes(*requests()[name], time=1_704_164_645_000_000_000)


def findings(*exchanges: Exchange) -> tuple[Finding, ...]:
    """What diagnosis says of them, without any secret."""
    diagnoser = Diagnoser()
    for one in exchanges:
        diagnoser.add(read(one))
    return diagnoser.findings()


def report(*exchanges: Exchange) -> Report:
    """A report about them, as if from one capture."""
    facts = CaptureFacts("/home/planted-user/tickets/faild.pcap", "pcap", ("EN10MB",), 9, 900, 1, 1, 2, False)
    return Report((CaptureSummary(facts, 1, len(exchanges), 0),), findings(*exchanges))


def outline(found: tuple[Finding, ...]) -> list[object]:
    """Causes, verdict and differing fields."""
    return [
        (
            [(cause.id, cause.certainty) for cause in finding.causes],
            finding.comparison.match,
            [(d.field.partition(":")[0], d.kind) for d in finding.comparison.differences],
        )
        for finding in found
    ]
