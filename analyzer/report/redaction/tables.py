"""What may be shown to others, row by row. Whatever no row allows is replaced: these are lists of what stays.

Every row names the rule for a value (``Rule``) and why. A rule keeps a value only where it looks as that value should
look: a ``Date`` that is no date is replaced like anything else.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum

from analyzer.model.notes import Kind
from analyzer.report.redaction.names import is_plain
from analyzer.report.redaction.vocabulary import DATE_WORDS

__all__ = [
    "ELEMENTS",
    "HEADERS",
    "PARAMETERS",
    "REGION",
    "Row",
    "Rule",
    "element_row",
    "header_row",
    "is_known_name",
    "is_known_parameter",
    "looks_like",
    "parameter_row",
    "policy_row",
]


class Rule(Enum):
    """How a value is read before its words are replaced."""

    DATE = "date"
    NUMBER = "number"
    ID = "id"  #: numbers that the server gives to requests
    MEDIA = "media"  #: media types, lists of them
    CODE = "code"  #: an error code: one word in capitals
    TOKENS = "tokens"  #: protocol words: ``keep-alive``, ``gzip, deflate``, ``private``
    NAMES = "names"  #: lists of names of headers or parameters
    PRODUCT = "product"  #: products and versions; words that are no known product are replaced
    RANGE = "range"
    REGION = "region"
    DIGEST = "digest"
    DOCUMENT = "document"  #: links into public documentation
    SENTENCE = "sentence"  #: the server's own words, with values among them
    HOST = "host"
    RESOURCE = "resource"
    AUTHORIZATION = "authorization"
    CREDENTIAL = "credential"
    SIGNED = "signed"  #: a string to sign or canonical request
    NUMBERS = "numbers"  #: the same, its bytes written as numbers
    PACKED = "packed"  #: an error document in base64
    POLICY = "policy"  #: a PostObject policy in base64
    WORDS = "words"


@dataclass(frozen=True, slots=True)
class Row:
    """Rule for one value, what it counts as when replaced, and why the rule is enough."""

    rule: Rule
    kind: Kind
    reason: str


_OTHER = Row(Rule.WORDS, Kind.HEADER_VALUE, "not known to be harmless")
_DATES = Row(Rule.DATE, Kind.HEADER_VALUE, "signed, and compared with the clocks")
_LENGTHS = Row(Rule.NUMBER, Kind.HEADER_VALUE, "sizes are kept")
_MEDIA = Row(Rule.MEDIA, Kind.HEADER_VALUE, "signed; the cause of most failures")
_IDS = Row(Rule.ID, Kind.HEADER_VALUE, "the support desk finds the request by it")
_PROTOCOL = Row(Rule.TOKENS, Kind.HEADER_VALUE, "words of the protocol")
_PRODUCTS = Row(Rule.PRODUCT, Kind.HEADER_VALUE, "names the SDK or proxy")
_TOKEN = Row(Rule.WORDS, Kind.TOKEN, "a token is as good as a password until it expires")
_ID = Row(Rule.WORDS, Kind.ACCESS_KEY_ID, "names the account")
_SIGNATURE = Row(Rule.WORDS, Kind.SIGNATURE, "allows the request to be replayed")
_DIGESTS = Row(Rule.DIGEST, Kind.BODY, "computed anew over the replaced body")

#: Lower-case header name → row.
HEADERS: dict[bytes, Row] = {
    b"date": _DATES,
    b"x-oss-date": _DATES,
    b"x-amz-date": _DATES,
    b"last-modified": _DATES,
    b"expires": _DATES,
    b"if-modified-since": _DATES,
    b"if-unmodified-since": _DATES,
    b"x-oss-copy-source-if-modified-since": _DATES,
    b"x-oss-copy-source-if-unmodified-since": _DATES,
    b"content-length": _LENGTHS,
    b"x-oss-decoded-content-length": _LENGTHS,
    b"x-amz-decoded-content-length": _LENGTHS,
    b"x-oss-server-time": _LENGTHS,
    b"x-oss-next-append-position": _LENGTHS,
    b"x-oss-copy-source-size": _LENGTHS,
    b"x-oss-traffic-limit": _LENGTHS,
    b"age": _LENGTHS,
    b"max-forwards": _LENGTHS,
    b"retry-after": _LENGTHS,
    b"content-type": _MEDIA,
    b"accept": _MEDIA,
    b"range": Row(Rule.RANGE, Kind.HEADER_VALUE, "sizes are kept"),
    b"content-range": Row(Rule.RANGE, Kind.HEADER_VALUE, "sizes are kept"),
    b"x-oss-copy-source-range": Row(Rule.RANGE, Kind.HEADER_VALUE, "sizes are kept"),
    b"x-oss-request-id": _IDS,
    b"x-amz-request-id": _IDS,
    b"x-amz-id-2": _IDS,
    b"x-oss-ec": _IDS,
    b"eagleid": _IDS,
    b"connection": _PROTOCOL,
    b"proxy-connection": _PROTOCOL,
    b"keep-alive": _PROTOCOL,
    b"transfer-encoding": _PROTOCOL,
    b"te": _PROTOCOL,
    b"trailer": Row(Rule.NAMES, Kind.HEADER_VALUE, "header names"),
    b"upgrade": _PROTOCOL,
    b"expect": _PROTOCOL,
    b"accept-encoding": _PROTOCOL,
    b"accept-language": _PROTOCOL,
    b"accept-charset": _PROTOCOL,
    b"accept-ranges": _PROTOCOL,
    b"content-encoding": _PROTOCOL,
    b"cache-control": _PROTOCOL,
    b"pragma": _PROTOCOL,
    b"vary": Row(Rule.NAMES, Kind.HEADER_VALUE, "header names"),
    b"x-oss-acl": _PROTOCOL,
    b"x-oss-object-acl": _PROTOCOL,
    b"x-oss-storage-class": _PROTOCOL,
    b"x-oss-object-type": _PROTOCOL,
    b"x-oss-forbid-overwrite": _PROTOCOL,
    b"x-oss-metadata-directive": _PROTOCOL,
    b"x-oss-tagging-directive": _PROTOCOL,
    b"x-oss-server-side-encryption": _PROTOCOL,
    b"x-oss-server-side-data-encryption": _PROTOCOL,
    b"x-oss-request-payer": _PROTOCOL,
    b"x-oss-range-behavior": _PROTOCOL,
    b"x-oss-signature-version": _PROTOCOL,
    b"x-amz-acl": _PROTOCOL,
    b"x-amz-storage-class": _PROTOCOL,
    b"x-oss-bucket-region": Row(Rule.REGION, Kind.HEADER_VALUE, "regions are kept"),
    b"x-amz-bucket-region": Row(Rule.REGION, Kind.HEADER_VALUE, "regions are kept"),
    b"x-oss-additional-headers": Row(Rule.NAMES, Kind.HEADER_VALUE, "header names"),
    b"user-agent": _PRODUCTS,
    b"x-oss-user-agent": _PRODUCTS,
    b"x-amz-user-agent": _PRODUCTS,
    b"server": _PRODUCTS,
    b"via": _PRODUCTS,
    b"x-cache": _PRODUCTS,
    b"x-swift-savetime": _DATES,
    b"x-swift-cachetime": _LENGTHS,
    b"content-md5": _DIGESTS,
    b"etag": _DIGESTS,
    b"if-match": _DIGESTS,
    b"if-none-match": _DIGESTS,
    b"x-oss-hash-crc64ecma": _DIGESTS,
    b"x-oss-content-sha256": _DIGESTS,
    b"x-amz-content-sha256": _DIGESTS,
    b"x-oss-copy-source": Row(Rule.RESOURCE, Kind.OBJECT_KEY, "names bucket and key"),
    b"x-amz-copy-source": Row(Rule.RESOURCE, Kind.OBJECT_KEY, "names bucket and key"),
    b"x-oss-symlink-target": Row(Rule.WORDS, Kind.OBJECT_KEY, "names a key"),
    b"host": Row(Rule.HOST, Kind.HOST, "names the bucket; the endpoint is kept"),
    b"x-forwarded-host": Row(Rule.HOST, Kind.HOST, "names the bucket; the endpoint is kept"),
    b"x-forwarded-for": Row(Rule.HOST, Kind.ADDRESS, "an address stays one of its kind"),
    b"x-real-ip": Row(Rule.HOST, Kind.ADDRESS, "an address stays one of its kind"),
    b"x-forwarded-proto": _PROTOCOL,
    b"authorization": Row(Rule.AUTHORIZATION, Kind.SIGNATURE, "id and signature go, the parts stay"),
    b"proxy-authorization": Row(Rule.WORDS, Kind.TOKEN, "credentials of a proxy"),
    b"cookie": Row(Rule.WORDS, Kind.TOKEN, "a session"),
    b"set-cookie": Row(Rule.WORDS, Kind.TOKEN, "a session"),
    b"x-oss-security-token": _TOKEN,
    b"x-amz-security-token": _TOKEN,
    b"security-token": _TOKEN,
    b"x-oss-err": Row(Rule.PACKED, Kind.BODY, "the error document, its values replaced"),
}

_QUERY = Row(Rule.WORDS, Kind.QUERY_VALUE, "not known to be harmless")
_QUERY_DATE = Row(Rule.DATE, Kind.QUERY_VALUE, "signed, and compared with the clocks")
_QUERY_NUMBER = Row(Rule.NUMBER, Kind.QUERY_VALUE, "sizes and counts are kept")
_QUERY_WORD = Row(Rule.TOKENS, Kind.QUERY_VALUE, "words of the protocol")

#: Decoded parameter or form field name, lower case → row. Names: the subresource table, and the signed URL forms.
PARAMETERS: dict[bytes, Row] = {
    b"ossaccesskeyid": _ID,
    b"awsaccesskeyid": _ID,
    b"x-oss-access-key-id": _ID,
    b"signature": _SIGNATURE,
    b"x-oss-signature": _SIGNATURE,
    b"x-amz-signature": _SIGNATURE,
    b"security-token": _TOKEN,
    b"x-oss-security-token": _TOKEN,
    b"x-amz-security-token": _TOKEN,
    b"x-oss-credential": Row(Rule.CREDENTIAL, Kind.ACCESS_KEY_ID, "the id goes, the scope stays"),
    b"x-amz-credential": Row(Rule.CREDENTIAL, Kind.ACCESS_KEY_ID, "the id goes, the scope stays"),
    b"expires": _QUERY_NUMBER,
    b"x-oss-expires": _QUERY_NUMBER,
    b"x-amz-expires": _QUERY_NUMBER,
    b"x-oss-date": _QUERY_DATE,
    b"x-amz-date": _QUERY_DATE,
    b"x-oss-signature-version": _QUERY_WORD,
    b"x-amz-algorithm": _QUERY_WORD,
    b"x-oss-additional-headers": Row(Rule.NAMES, Kind.QUERY_VALUE, "header names"),
    b"x-amz-signedheaders": Row(Rule.NAMES, Kind.QUERY_VALUE, "header names"),
    b"partnumber": _QUERY_NUMBER,
    b"part-number-marker": _QUERY_NUMBER,
    b"position": _QUERY_NUMBER,
    b"max-keys": _QUERY_NUMBER,
    b"max-parts": _QUERY_NUMBER,
    b"max-uploads": _QUERY_NUMBER,
    b"x-oss-traffic-limit": _QUERY_NUMBER,
    b"encoding-type": _QUERY_WORD,
    b"list-type": _QUERY_NUMBER,
    b"delimiter": _QUERY,
    b"response-content-type": Row(Rule.MEDIA, Kind.QUERY_VALUE, "signed; a media type"),
    b"response-cache-control": _QUERY_WORD,
    b"response-content-encoding": _QUERY_WORD,
    b"x-oss-content-type": Row(Rule.MEDIA, Kind.QUERY_VALUE, "a media type"),
    b"content-type": Row(Rule.MEDIA, Kind.QUERY_VALUE, "a media type"),
    b"success_action_status": _QUERY_NUMBER,
    b"key": Row(Rule.WORDS, Kind.OBJECT_KEY, "names a key"),
    b"policy": Row(Rule.POLICY, Kind.SIGNED_TEXT, "written anew with its values replaced"),
}

_POLICY = {b"bucket": Row(Rule.WORDS, Kind.BUCKET, "names the bucket")}

_TEXT = Row(Rule.SIGNED, Kind.SIGNED_TEXT, "regenerated from replaced values")
_BYTES = Row(Rule.NUMBERS, Kind.SIGNED_TEXT, "regenerated from replaced values")
_COUNT = Row(Rule.NUMBER, Kind.BODY, "a number of the server")
_TIME = Row(Rule.DATE, Kind.BODY, "a clock of the server")

#: Element of an error document → row. Sources: as in ``analyzer.oss.errors``; help pages of the error codes.
ELEMENTS: dict[bytes, Row] = {
    b"Code": Row(Rule.CODE, Kind.BODY, "error code"),
    b"Message": Row(Rule.SENTENCE, Kind.BODY, "the server's own words"),
    b"RequestId": _IDS,
    b"HostId": Row(Rule.HOST, Kind.HOST, "names the bucket; the endpoint is kept"),
    b"Endpoint": Row(Rule.HOST, Kind.HOST, "names the bucket; the endpoint is kept"),
    b"EC": _IDS,
    b"OSSAccessKeyId": _ID,
    b"AWSAccessKeyId": _ID,
    b"AccessKeyId": _ID,
    b"SignatureProvided": _SIGNATURE,
    b"StringToSign": _TEXT,
    b"CanonicalRequest": _TEXT,
    b"StringToSignBytes": _BYTES,
    b"CanonicalRequestBytes": _BYTES,
    b"RecommendDoc": Row(Rule.DOCUMENT, Kind.BODY, "a link into public documentation"),
    b"Bucket": Row(Rule.WORDS, Kind.BUCKET, "names the bucket"),
    b"BucketName": Row(Rule.WORDS, Kind.BUCKET, "names the bucket"),
    b"Key": Row(Rule.WORDS, Kind.OBJECT_KEY, "names the key"),
    b"ObjectName": Row(Rule.WORDS, Kind.OBJECT_KEY, "names the key"),
    b"Resource": Row(Rule.RESOURCE, Kind.OBJECT_KEY, "names bucket and key"),
    b"Region": Row(Rule.REGION, Kind.BODY, "regions are kept"),
    b"Method": Row(Rule.TOKENS, Kind.BODY, "a method"),
    b"ResourceType": Row(Rule.TOKENS, Kind.BODY, "a word of the server"),
    b"Header": Row(Rule.NAMES, Kind.BODY, "a header name"),
    b"ArgumentName": Row(Rule.NAMES, Kind.BODY, "a header or parameter name"),
    b"MaxAllowedSkewMilliseconds": _COUNT,
    b"RequestTime": _TIME,
    b"ServerTime": _TIME,
    b"Expires": _TIME,
    b"ExpectedDigest": _DIGESTS,
    b"CalculatedDigest": _DIGESTS,
    b"ClientComputedContentSHA256": _DIGESTS,
    b"OSSComputedContentSHA256": _DIGESTS,
}
_ELEMENT = Row(Rule.WORDS, Kind.BODY, "not known to be harmless")


def header_row(name: bytes) -> Row:
    """Row of a header, by its name in any case."""
    return HEADERS.get(name.lower(), _OTHER)


def parameter_row(name: bytes) -> Row:
    """Row of a query parameter or form field, by its decoded name in any case."""
    return PARAMETERS.get(name.lower(), _QUERY)


def policy_row(name: bytes) -> Row:
    """Row of a value in a PostObject policy, by the name of its field without the dollar sign, in any case."""
    lower = name.lower()
    return _POLICY.get(lower) or PARAMETERS.get(lower) or HEADERS.get(lower) or _QUERY


def element_row(name: bytes) -> Row:
    """Row of an element of an error document."""
    return ELEMENTS.get(name, _ELEMENT)


#: A word of protocol values. Single words, so that a value of them alone is kept and anything else is not.
_TOKENS = (
    rb"aws4-hmac-sha256(?:-payload)?|oss4-hmac-sha256|oss2|unsigned-payload|"
    rb"streaming-(?:unsigned-payload-trailer|aws4-hmac-sha256-payload)|"
    rb"keep-alive|close|chunked|trailers|upgrade|h2c?|websocket|100-continue|timeout=\d+|max=\d+|https?|"
    rb"gzip|x-gzip|deflate|br|zstd|identity|compress|utf-?8|iso-8859-1|bytes|none|"
    rb"[a-z]{2}(?:-[a-z]{2,4})?|q=[01](?:\.\d{1,3})?|\*|"
    rb"no-cache|no-store|no-transform|must-revalidate|private|public|public-read|public-read-write|default|"
    rb"max-age=\d+|s-maxage=\d+|bucket-owner-full-control|authenticated-read|"
    rb"standard|ia|archive|coldarchive|deepcoldarchive|normal|multipart|appendable|symlink|true|false|copy|replace|"
    rb"aes256|kms|sm4|requester|url|requestid|get|put|post|delete|head|options|"
    rb"authorization|bucket|object|service"
)
#: A region with or without ``oss-`` before it.
REGION = rb"(?:oss-)?(?:cn|us|eu|ap|me|sa|na|rg|af|ca|il|mx)-[a-z]+(?:-[a-z0-9]+){0,4}"

_SHAPES: dict[Rule, re.Pattern[bytes]] = {
    Rule.NUMBER: re.compile(rb"-?\d{0,20}"),
    Rule.ID: re.compile(rb"[0-9A-Z-]{0,40}|[0-9a-f-]{0,40}"),
    Rule.MEDIA: re.compile(
        rb"(?:\s*(?:\*|application|text|image|audio|video|multipart|font|model|message|binary)/[A-Za-z0-9.+*_-]{1,80}"
        rb"(?:\s*;\s*(?:charset=\"?[A-Za-z0-9_-]{1,20}\"?|q=[01](?:\.\d{1,3})?|boundary=\"?[^\s;,\"]{1,70}\"?))*\s*(?:,|;|\Z))*"
    ),
    Rule.TOKENS: re.compile(rb"(?:\s*(?:" + _TOKENS + rb")\s*(?:[,;]|\Z))*", re.IGNORECASE),
    Rule.CODE: re.compile(rb"[A-Z][A-Za-z]{2,48}|"),
    Rule.RANGE: re.compile(rb"bytes[= ][0-9*, /-]{1,80}"),
    Rule.REGION: re.compile(REGION + rb"|"),
    Rule.DOCUMENT: re.compile(
        rb"https?://(?:help|api|www|next\.api)\.(?:aliyun|alibabacloud)\.com/[a-z0-9/_.-]{0,120}(?:\?q=[0-9A-Z-]{1,40})?|"
    ),
    Rule.DIGEST: re.compile(rb"UNSIGNED-PAYLOAD|STREAMING-[A-Z0-9-]{1,60}|\*|"),
}


#: What is named behind the slash of a media type.
_SUBTYPE = re.compile(rb"(?:^|[\s,])[a-z*]+/([A-Za-z0-9.+*_-]+)")


def looks_like(rule: Rule, value: bytes) -> bool:
    """The value has the form that the rule keeps. Rules without such a form keep nothing."""
    if len(value) > 1024:
        return False
    if rule is Rule.DATE:
        return _is_date(value)
    shape = _SHAPES.get(rule)
    if shape is None or shape.fullmatch(value) is None:
        return False
    return rule is not Rule.MEDIA or all(map(is_plain, _SUBTYPE.findall(value)))


def _is_date(value: bytes) -> bool:
    if len(value) > 64 or not _DATE_BYTES.fullmatch(value):
        return False
    if _LONG_NUMBER.search(value) and not _EPOCH.fullmatch(value):
        return False
    return all(word in DATE_WORDS for word in _LETTERS.findall(value.lower()))


_DATE_BYTES = re.compile(rb"[A-Za-z0-9 ,:+./-]*")
_LONG_NUMBER = re.compile(rb"\d{9}")
_EPOCH = re.compile(rb"\d{9,13}")
_LETTERS = re.compile(rb"[a-z]+")

#: Parameter names that stay although no subresource table has them.
_PARAMETER_NAMES = frozenset(
    b"prefix marker delimiter max-keys encoding-type list-type continuation-token start-after fetch-owner key-marker "
    b"version-id-marker upload-id-marker max-uploads max-parts part-number-marker position callback callback-var "
    b"success_action_status success_action_redirect key policy file acl content-type".split()
)
_PARAMETER_PREFIXES = (b"x-oss-", b"x-amz-", b"response-")
_PARAMETER_FORM = re.compile(rb"[a-z0-9_-]{1,48}", re.IGNORECASE)


def is_known_parameter(name: bytes, known: frozenset[bytes]) -> bool:
    """The decoded name of a parameter is a word of the protocol; ``known`` is the subresource table."""
    lower = name.lower()
    if name in known or lower in PARAMETERS or lower in _PARAMETER_NAMES:
        return True
    form = lower.startswith(_PARAMETER_PREFIXES) and _PARAMETER_FORM.fullmatch(lower) is not None
    return form and is_plain(name)


def is_known_name(name: bytes) -> bool:
    """The name of a header, element or member stands in a table, or says no more than names do."""
    lower = name.lower()
    return lower in HEADERS or lower in PARAMETERS or name in ELEMENTS or is_plain(name)
