"""What the error codes of OSS mean: EC codes, error codes, and messages of answers older than EC codes.

One row a code, each with its meaning, what to do, and the cause it points to. OSS promises nothing about EC values
("may change"), so a row ranks and explains; it never proves. ``lookup`` finds the row of an answer: by EC, else by
code and message, else by code alone.
"""

from __future__ import annotations

from dataclasses import dataclass

from analyzer.model.notes import Note, note
from analyzer.model.signing import ServerError

__all__ = ["EC_CODES", "ERROR_CODES", "MESSAGES", "SIGNATURE_GROUPS", "CodeRow", "is_signature_family", "lookup"]

_PAGES = 'help page "OSS error codes", page of this EC'
_ERRORS_403 = 'help page "403 errors"'
_S3_PAGE = "Amazon S3 API reference"

#: Groups whose answers belong to the signature family: the request was refused for how it was signed.
SIGNATURE_GROUPS = frozenset({"mismatch", "syntax", "time", "scope", "key", "token", "digest", "form", "s3", "version"})


@dataclass(frozen=True, slots=True)
class CodeRow:
    """One code. ``group``: ``mismatch``, ``syntax``, ``time``, ``scope``, ``key``, ``token``, ``digest``, ``form``,
    ``s3``, ``version``, ``permission`` (the signature was right), ``address`` (host or bucket)."""

    ec: bytes | None
    status: int | None  #: HTTP status where documented
    code: bytes | None  #: error code where documented
    group: str
    meaning: Note
    remedy: Note
    cause: str | None  #: id of the cause it points to; None where the code alone points to none
    source: str


def _row(
    ec: str, status: int | None, code: str | None, group: str, meaning: Note, remedy: Note, cause: str | None = None
) -> CodeRow:
    return CodeRow(ec.encode(), status, code.encode() if code else None, group, meaning, remedy, cause, _PAGES)


_COMPARE = note("oss.remedy.compare-strings")
_USE_SDK = note("oss.remedy.use-sdk")
_RESIGN = note("oss.remedy.sign-again")
_TOKEN = note("oss.remedy.send-token")
_CLOCK = note("oss.remedy.set-clock")
_REGION = note("oss.remedy.set-region")
_KEY = note("oss.remedy.check-access-key")
_UPGRADE = note("oss.remedy.use-v4")
_POLICY = note("oss.remedy.check-policy")
_ADDRESS = note("oss.remedy.check-address")
_FORM = note("oss.remedy.check-form")
_MD5 = note("oss.remedy.send-right-md5")
_DATE = note("oss.remedy.send-date")
_S3 = note("oss.remedy.s3-client")

_MISMATCH = "SignatureDoesNotMatch"
_ARGUMENT = "InvalidArgument"

_ROWS: tuple[CodeRow, ...] = (
    # the signature was computed and is another
    _row("0002-00000040", 403, _MISMATCH, "mismatch", note("oss.ec.v1-mismatch"), _COMPARE),
    _row("0002-00000101", 403, _MISMATCH, "mismatch", note("oss.ec.v2-mismatch"), _COMPARE),
    _row("0002-00000201", 403, _MISMATCH, "mismatch", note("oss.ec.v4-mismatch"), _COMPARE),
    _row("0002-00000225", 403, None, "mismatch", note("oss.ec.v4-ip-mismatch"), _RESIGN, "parameter-after-signing"),
    _row("0002-00000307", 403, _MISMATCH, "mismatch", note("oss.ec.s3-v2-mismatch"), _COMPARE),
    _row("0002-00000429", 403, _MISMATCH, "mismatch", note("oss.ec.s3-v4-mismatch"), _COMPARE),
    _row("0002-00000430", 403, _MISMATCH, "mismatch", note("oss.ec.s3-chunked-mismatch"), _S3, "s3-client"),
    _row("0002-00000602", 403, None, "mismatch", note("oss.ec.ip-restricted"), _RESIGN, "parameter-after-signing"),
    # the version is not taken
    _row("0002-00000034", 403, None, "version", note("oss.ec.only-v4-header"), _UPGRADE, "signature-version"),
    _row("0002-00000066", 400, _ARGUMENT, "version", note("oss.ec.bad-version"), _USE_SDK, "signature-version"),
    _row("0002-00000080", 403, None, "version", note("oss.ec.v1-refused"), _UPGRADE, "signature-version"),
    # security tokens
    _row("0002-00000003", 403, "InvalidAccessKeyId", "token", note("oss.ec.token-missing"), _TOKEN, "security-token"),
    _row("0002-00000004", 403, None, "token", note("oss.ec.token-of-another-key"), _TOKEN, "security-token"),
    _row("0002-00000005", None, None, "token", note("oss.ec.token-in-header"), _TOKEN, "security-token"),
    _row(
        "0002-00000006", 403, "InvalidSecurityToken", "token", note("oss.ec.token-malformed"), _TOKEN, "security-token"
    ),
    _row("0002-00000007", 403, "SecurityTokenExpired", "token", note("oss.ec.token-expired"), _TOKEN, "security-token"),
    _row(
        "0002-00000008", 403, "InvalidSecurityToken", "token", note("oss.ec.token-malformed"), _TOKEN, "security-token"
    ),
    # V1: Authorization and signed URLs
    _row("0002-00000061", 400, _ARGUMENT, "syntax", note("oss.ec.v1-prefix"), _USE_SDK, "signature-encoding"),
    _row("0002-00000062", 400, _ARGUMENT, "syntax", note("oss.ec.v1-no-colon"), _USE_SDK, "signature-encoding"),
    _row("0002-00000063", 400, _ARGUMENT, "syntax", note("oss.ec.v1-no-key"), _USE_SDK, "access-key"),
    _row("0002-00000064", 400, _ARGUMENT, "syntax", note("oss.ec.v1-key-characters"), _KEY, "access-key"),
    _row("0002-00000065", 400, _ARGUMENT, "syntax", note("oss.ec.v1-no-signature"), _USE_SDK, "signature-encoding"),
    _row("0002-00000067", 403, None, "syntax", note("oss.ec.expires-missing"), _RESIGN, "url-damaged"),
    _row("0002-00000068", 403, None, "syntax", note("oss.ec.expires-empty"), _RESIGN, "url-damaged"),
    _row("0002-00000069", 403, "AccessDenied", "time", note("oss.ec.expired"), _RESIGN, "url-expired"),
    _row("0002-00000070", 403, None, "syntax", note("oss.ec.expires-not-seconds"), _RESIGN, "url-damaged"),
    _row("0002-00000071", 403, None, "syntax", note("oss.ec.url-key-missing"), _RESIGN, "url-damaged"),
    _row("0002-00000072", 403, None, "syntax", note("oss.ec.url-key-empty"), _RESIGN, "url-damaged"),
    _row("0002-00000073", 403, None, "syntax", note("oss.ec.url-key-characters"), _KEY, "access-key"),
    _row("0002-00000074", 403, None, "syntax", note("oss.ec.url-signature-missing"), _RESIGN, "url-damaged"),
    _row("0002-00000075", 403, None, "syntax", note("oss.ec.url-signature-empty"), _RESIGN, "url-damaged"),
    # V2
    _row("0002-00000078", 400, None, "syntax", note("oss.ec.additional-header-absent"), _USE_SDK, "altered-in-transit"),
    _row("0002-00000102", 400, None, "syntax", note("oss.ec.v2-malformed"), _USE_SDK, "signature-encoding"),
    _row("0002-00000103", 400, None, "syntax", note("oss.ec.v2-malformed"), _USE_SDK, "signature-encoding"),
    _row("0002-00000104", 400, None, "syntax", note("oss.ec.v2-malformed"), _USE_SDK, "signature-encoding"),
    _row("0002-00000118", 400, None, "syntax", note("oss.ec.signature-empty"), _USE_SDK, "url-damaged"),
    # V4
    _row("0002-00000202", 400, None, "syntax", note("oss.ec.v4-malformed"), _USE_SDK, "v4-algorithm"),
    _row("0002-00000203", 400, None, "syntax", note("oss.ec.v4-malformed"), _USE_SDK, "v4-algorithm"),
    _row("0002-00000212", 400, _ARGUMENT, "scope", note("oss.ec.v4-date"), _CLOCK, "v4-scope"),
    _row("0002-00000213", 400, None, "scope", note("oss.ec.v4-credential"), _USE_SDK, "v4-scope"),
    _row("0002-00000214", 400, None, "syntax", note("oss.ec.v4-payload"), _USE_SDK, "v4-algorithm"),
    _row("0002-00000216", 400, None, "syntax", note("oss.ec.v4-expires"), _RESIGN, "url-damaged"),
    _row("0002-00000217", 400, None, "syntax", note("oss.ec.v4-url-credential"), _RESIGN, "url-damaged"),
    _row("0002-00000218", 400, None, "syntax", note("oss.ec.v4-url-credential"), _RESIGN, "url-damaged"),
    _row("0002-00000220", 403, None, "syntax", note("oss.ec.signature-empty"), _USE_SDK, "signature-encoding"),
    _row("0002-00000224", 400, None, "syntax", note("oss.ec.v4-url-credential"), _RESIGN, "url-damaged"),
    _row("0002-00000226", 400, _ARGUMENT, "scope", note("oss.ec.v4-region"), _REGION, "v4-scope"),
    _row(
        "0002-00000227", 400, _ARGUMENT, "scope", note("oss.ec.v4-product"), note("oss.remedy.set-product"), "v4-scope"
    ),
    _row("0002-00000228", 400, _ARGUMENT, "scope", note("oss.ec.v4-region"), _REGION, "v4-scope"),
    # S3 clients
    _row("0002-00000409", 400, None, "s3", note("oss.ec.s3-date"), _CLOCK, "v4-scope"),
    _row("0002-00000423", 400, None, "s3", note("oss.ec.s3-signature-length"), _S3, "signature-encoding"),
    _row("0002-00000427", 400, None, "s3", note("oss.ec.s3-payload"), _S3, "s3-client"),
    _row("0002-00000431", 403, None, "s3", note("oss.ec.s3-unsigned-header"), _S3, "s3-client"),
    _row("0002-00000501", 403, None, "time", note("oss.ec.skewed"), _CLOCK, "clock-skew"),
    # dates
    _row("0002-00000502", 403, "AccessDenied", "time", note("oss.ec.date-format"), _DATE, "date-header"),
    _row("0002-00000503", 403, "AccessDenied", "time", note("oss.ec.date-missing"), _DATE, "date-header"),
    _row("0002-00000504", 403, "RequestTimeTooSkewed", "time", note("oss.ec.skewed"), _CLOCK, "clock-skew"),
    _row("0002-00000505", 403, "AccessDenied", "time", note("oss.ec.date-format"), _DATE, "date-header"),
    # forms
    _row("0002-00000703", 400, None, "form", note("oss.ec.form-signature-missing"), _FORM, "post-policy"),
    _row("0002-00000704", 400, None, "form", note("oss.ec.form-signature-empty"), _FORM, "post-policy"),
    _row("0002-00000705", 400, None, "form", note("oss.ec.form-signature-field"), _FORM, "post-policy"),
    _row("0002-00000709", 400, None, "form", note("oss.ec.form-date"), _FORM, "post-policy"),
    _row("0002-00000710", 400, None, "form", note("oss.ec.form-date"), _FORM, "post-policy"),
    _row("0002-00000714", 400, None, "form", note("oss.ec.form-s3-v2"), _FORM, "post-policy"),
    _row("0002-00000715", 400, _ARGUMENT, "scope", note("oss.ec.form-region"), _REGION, "v4-scope"),
    _row("0006-00000109", 400, "MalformedPOSTRequest", "form", note("oss.ec.form-malformed"), _FORM, "post-policy"),
    _row("0006-00000213", 403, "AccessDenied", "form", note("oss.ec.form-policy-expired"), _FORM, "post-policy"),
    # access keys
    _row("0002-00000901", 403, "InvalidAccessKeyId", "key", note("oss.ec.key-characters"), _KEY, "access-key"),
    _row("0002-00000902", 403, "InvalidAccessKeyId", "key", note("oss.ec.key-unknown"), _KEY, "access-key"),
    _row("0002-00000903", 403, "InvalidAccessKeyId", "key", note("oss.ec.key-disabled"), _KEY, "access-key"),
    _row("0002-00000904", 403, "InvalidAccessKeyId", "key", note("oss.ec.key-disabled"), _KEY, "access-key"),
    # digests
    _row("0017-00000502", 400, "InvalidDigest", "digest", note("oss.ec.md5-malformed"), _MD5, "content-md5-wrong"),
    _row("0017-00000503", 400, "InvalidDigest", "digest", note("oss.ec.md5-differs"), _MD5, "content-md5-wrong"),
    # permission: the signature was right
    _row("0003-00000001", 403, "AccessDenied", "permission", note("oss.ec.denied"), _POLICY),
    _row("0003-00000101", 403, "AccessDenied", "permission", note("oss.ec.denied-bucket-policy"), _POLICY),
    _row("0003-00000201", 403, "AccessDenied", "permission", note("oss.ec.denied-ram"), _POLICY),
    _row("0003-00000905", 403, "AccessDenied", "permission", note("oss.ec.denied-anonymous"), _POLICY),
    # address
    _row("0015-00000001", 400, "InvalidBucketName", "address", note("oss.ec.bucket-name"), _ADDRESS, "wrong-bucket"),
    _row("0015-00000101", 404, "NoSuchBucket", "address", note("oss.ec.no-bucket"), _ADDRESS, "wrong-bucket"),
)

EC_CODES: dict[bytes, CodeRow] = {row.ec: row for row in _ROWS if row.ec is not None}


def _code(
    code: str, status: int | None, group: str, meaning: Note, remedy: Note, cause: str | None, source: str = _ERRORS_403
) -> CodeRow:
    return CodeRow(None, status, code.encode(), group, meaning, remedy, cause, source)


#: Error codes for answers without an EC.
ERROR_CODES: dict[bytes, CodeRow] = {
    row.code: row
    for row in (
        _code("SignatureDoesNotMatch", 403, "mismatch", note("oss.code.mismatch"), _COMPARE, None),
        _code("RequestTimeTooSkewed", 403, "time", note("oss.ec.skewed"), _CLOCK, "clock-skew"),
        _code("InvalidAccessKeyId", 403, "key", note("oss.ec.key-unknown"), _KEY, "access-key"),
        _code("InvalidSecurityToken", 403, "token", note("oss.ec.token-malformed"), _TOKEN, "security-token"),
        _code("SecurityTokenExpired", 403, "token", note("oss.ec.token-expired"), _TOKEN, "security-token"),
        _code(
            "AccessKeyIdAndSecurityTokenNotMatch",
            403,
            "token",
            note("oss.ec.token-of-another-key"),
            _TOKEN,
            "security-token",
        ),
        _code("SecurityTokenNotSupported", 403, "token", note("oss.code.token-not-taken"), _TOKEN, "security-token"),
        _code("InvalidDigest", 400, "digest", note("oss.ec.md5-differs"), _MD5, "content-md5-wrong", _PAGES),
        _code("MalformedPOSTRequest", 400, "form", note("oss.ec.form-malformed"), _FORM, "post-policy", _PAGES),
        _code("AccessDenied", 403, "permission", note("oss.ec.denied"), _POLICY, None),
        _code("SecondLevelDomainForbidden", 403, "address", note("oss.code.path-style"), _ADDRESS, "wrong-bucket"),
        _code("NonStandardHostForbidden", 403, "address", note("oss.code.host-not-bound"), _ADDRESS, "wrong-bucket"),
        _code("CnameDenied", 403, "address", note("oss.code.host-not-bound"), _ADDRESS, "wrong-bucket"),
        _code("InvalidBucketName", 400, "address", note("oss.ec.bucket-name"), _ADDRESS, "wrong-bucket", _PAGES),
        _code("NoSuchBucket", 404, "address", note("oss.ec.no-bucket"), _ADDRESS, "wrong-bucket", _PAGES),
        _code("XAmzContentSHA256Mismatch", 400, "s3", note("oss.ec.s3-payload"), _S3, "s3-client", _S3_PAGE),
        _code("AuthorizationHeaderMalformed", 400, "scope", note("oss.ec.v4-malformed"), _REGION, "v4-scope", _S3_PAGE),
        _code(
            "AuthorizationQueryParametersError",
            400,
            "syntax",
            note("oss.ec.v4-url-credential"),
            _RESIGN,
            "url-damaged",
            _S3_PAGE,
        ),
        _code("ExpiredToken", 400, "token", note("oss.ec.token-expired"), _TOKEN, "security-token", _S3_PAGE),
        _code("InvalidToken", 400, "token", note("oss.ec.token-malformed"), _TOKEN, "security-token", _S3_PAGE),
    )
    if row.code is not None
}


@dataclass(frozen=True, slots=True)
class _Message:
    """An answer that is told by its message: ``part`` occurs in it, whatever its case."""

    part: bytes
    row: CodeRow
    source: str


def _like(ec: str) -> CodeRow:
    return EC_CODES[ec.encode()]


#: Messages of answers that carry no EC, the more special first.
MESSAGES: tuple[_Message, ...] = (
    _Message(b"request has expired", _like("0002-00000069"), "answers of signed URLs past their time"),
    _Message(b"invalid signing region", _like("0002-00000226"), "real answers to V4 requests"),
    _Message(b"invalid signing product", _like("0002-00000227"), "real answers to V4 requests"),
    _Message(b"invalid signing date", _like("0002-00000212"), "OSSRetryHandler of the Android SDK"),
    _Message(b"signing region in credential is invalid", _like("0002-00000715"), "help page of 0002-00000715"),
    _Message(
        b"or the authorization header should be specified, not both",
        _code(
            "InvalidArgument", 400, "syntax", note("oss.code.signed-twice"), note("oss.remedy.sign-once"), "url-damaged"
        ),
        'help page "Add signatures to URLs"',
    ),
    _Message(b"query string authentication requires", _like("0002-00000074"), 'help page "Add signatures to URLs"'),
    _Message(b"requires a valid date", _like("0002-00000503"), _ERRORS_403),
    _Message(
        b"authorization header is invalid",
        _code("InvalidArgument", 400, "syntax", note("oss.code.authorization-invalid"), _USE_SDK, "signature-version"),
        "answers of private clouds to V4 requests",
    ),
    _Message(
        b"multichunkedencoding is not supported",
        _code("InvalidArgument", 400, "s3", note("oss.code.aws-chunked"), _S3, "s3-client"),
        "real answers to S3 clients",
    ),
    _Message(
        b"aws-chunked encoding is not supported",
        _code("InvalidArgument", 400, "s3", note("oss.code.aws-chunked"), _S3, "s3-client"),
        "real answers to S3 clients",
    ),
    _Message(
        b"must be addressed using the specified endpoint",
        _code("AccessDenied", 403, "address", note("oss.code.other-endpoint"), _ADDRESS, None),
        _ERRORS_403,
    ),
    _Message(b"third level domain", ERROR_CODES[b"SecondLevelDomainForbidden"], _ERRORS_403),
    _Message(b"virtual hosted style", ERROR_CODES[b"SecondLevelDomainForbidden"], "real answers to S3 clients"),
)


def lookup(error: ServerError) -> CodeRow | None:
    """The row of an answer; None when nothing here is about it."""
    row = EC_CODES.get((error.ec or b"").strip())
    if row is not None:
        return row
    message = (error.message or b"")[:1024].lower()
    by_message = next((known.row for known in MESSAGES if known.part in message), None)
    return by_message or ERROR_CODES.get((error.code or b"").strip())


def is_signature_family(error: ServerError) -> bool:
    """The answer refuses how the request was signed (EC of that range, or a row of a signature group)."""
    row = lookup(error)
    if row is not None:
        return row.group in SIGNATURE_GROUPS
    return (error.ec or b"").startswith(b"0002-")
