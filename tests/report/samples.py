"""Reports built by hand: one real failure, and the corners that a capture rarely shows together."""

from __future__ import annotations

from analyzer.http.plain import exchange_from_bytes
from analyzer.model.findings import (
    Cause,
    Certainty,
    Change,
    Clocks,
    Comparison,
    Computed,
    Difference,
    DifferenceKind,
    Fact,
    Finding,
    SdkVoice,
    SecretCheck,
)
from analyzer.model.http import Exchange
from analyzer.model.notes import Kind, Wire, note
from analyzer.model.packets import CaptureFacts
from analyzer.model.report import CaptureSummary, Report
from analyzer.model.signing import Credentials, ServerError, SignedExchange, SigningInputs, Variant
from analyzer.oss.splitting import split_v1

BODY = b"<CompleteMultipartUpload><Part><PartNumber>1</PartNumber></Part></CompleteMultipartUpload>"
TIME = 1_546_068_754_000_000_000  # Sat, 29 Dec 2018 07:32:34 GMT

WIRE = (
    b"POST\n\napplication/x-www-form-urlencoded\nSat, 29 Dec 2018 07:32:34 GMT\n"
    b"/rokid/ttsservice/passwd?uploadId=D468E486D1D94D90A1AB8885A4E32AE0"
)
SERVER = WIRE.replace(b"/rokid/", b"/rokid-ops-model/")
SIGNATURE = b"r2KPR0y4E0G5tnU/MYdcvXHPQQ4="

REQUEST = (
    b"POST /ttsservice%2Fpasswd?uploadId=D468E486D1D94D90A1AB8885A4E32AE0 HTTP/1.1\r\n"
    b"Host: rokid.oss-cn-hangzhou.aliyuncs.com\r\n"
    b"date: Sat, 29 Dec 2018 07:32:34 GMT\r\n"
    b"authorization: OSS LTAIknFr:" + SIGNATURE + b"\r\n"
    b"Content-Type: application/x-www-form-urlencoded\r\n"
    b"Content-Length: %d\r\n\r\n" % len(BODY)
) + BODY

ANSWER_BODY = b"<Error><Code>SignatureDoesNotMatch</Code></Error>"
ANSWER = (
    b"HTTP/1.1 403 Forbidden\r\nServer: AliyunOSS\r\nDate: Sat, 29 Dec 2018 07:33:43 GMT\r\n"
    b"x-oss-request-id: 5C2723573183A12D\r\nContent-Length: %d\r\n\r\n" % len(ANSWER_BODY)
) + ANSWER_BODY

ERROR = ServerError(
    403,
    "xml",
    code=b"SignatureDoesNotMatch",
    message=b"The request signature we calculated does not match the signature you provided.",
    request_id=b" 5C2723573183A12D ",
    host_id=b"rokid.oss-cn-hangzhou.aliyuncs.com",
    access_key_id=b" LTAXXX ",
    signature_provided=SIGNATURE,
    string_to_sign_bytes=SERVER,
)


def capture(path: str = "captures/faild.pcap", first_frame: int = 1, packets: int = 11) -> CaptureSummary:
    """A capture file with nothing odd about it."""
    facts = CaptureFacts(
        path, "pcap", ("EN10MB",), packets, 4096, first_frame, TIME, TIME + 31_000_000, truncated=False
    )
    return CaptureSummary(facts, streams=1, exchanges=1, gaps=0)


def exchange(request: bytes = REQUEST, answer: bytes = ANSWER, frame: int = 4) -> Exchange:
    """The exchange of the FAQ, in two frames."""
    return exchange_from_bytes(request, answer, frame=frame, time=TIME)


def signed(wire: bytes = WIRE, server: bytes | None = SERVER, frame: int = 4) -> SignedExchange:
    """What the oss floor reads in it."""
    credentials = Credentials(Variant.V1_HEADER, b"LTAIknFr", SIGNATURE)
    both = exchange(frame=frame)
    inputs = SigningInputs(
        Variant.V1_HEADER,
        b"POST",
        b"/ttsservice%2Fpasswd",
        (),
        (),
        b"rokid.oss-cn-hangzhou.aliyuncs.com",
        b"rokid",
        b"ttsservice%2Fpasswd",
        credentials,
    )
    return SignedExchange(
        both,
        credentials,
        inputs,
        None,
        ERROR,
        string_to_sign=split_v1(wire),
        server_string=None if server is None else split_v1(server),
    )


DIFFERENCE = Difference(
    "resource",
    DifferenceKind.CHANGED,
    b"/rokid/ttsservice/passwd",
    b"/rokid-ops-model/ttsservice/passwd",
    WIRE.index(b"/rokid"),
    SERVER.index(b"/rokid"),
    (4,),
)

CAUSES = (
    Cause(
        "content-type-after-signing",
        Certainty.LIKELY,
        note("cause.sample.title", value=Wire(b"application/x-www-form-urlencoded", Kind.HEADER_VALUE)),
        (note("cause.sample.evidence", field="content-type"),),
        (),
        note("cause.sample.remedy"),
        (("oss2", "bucket.complete_multipart_upload(key, upload_id, parts)"),),
        ("OSS Python SDK FAQ: SignatureDoesNotMatch",),
        (4,),
    ),
    Cause(
        "wrong-bucket",
        Certainty.POSSIBLE,
        note("cause.sample.title", value=Wire(b"rokid-ops-model", Kind.BUCKET)),
        (note("cause.sample.evidence", field="resource"),),
        (note("cause.sample.against"),),
        note("cause.sample.remedy"),
    ),
)

CHECK = SecretCheck(
    computed=(Computed("wire", b"AAAAAAAAAAAAAAAAAAAAAAAAAAA=", False), Computed("server", SIGNATURE, True)),
    signs_wire=False,
    signs_server=True,
    client_signed=SERVER,
    changes=(
        Change(
            "bucket of another name in the request",
            note("change.bucket", bucket=Wire(b"rokid-ops-model", Kind.BUCKET), own=Wire(b"rokid", Kind.BUCKET)),
        ),
    ),
    tried=2,
    sdk=SdkVoice("oss2 2.19.1", WIRE.replace(b"application/x-www-form-urlencoded", b""), b"B" * 27 + b"="),
)


def finding(number: int = 1, group: str | None = None, check: SecretCheck | None = None) -> Finding:
    """The failure of the FAQ, explained."""
    return Finding(
        f"F{number}",
        signed(frame=4 + 10 * (number - 1)),
        Comparison("string_to_sign", WIRE, SERVER, False, (DIFFERENCE,), "bytes"),
        CAUSES,
        (Fact(note("cause.sample.evidence", field="signature"), (4,)),),
        Clocks(TIME, TIME + 69_000_000_000, TIME),
        check,
        group,
    )


def report(*findings: Finding) -> Report:
    """A run over one capture."""
    return Report((capture(),), findings or (finding(),))
