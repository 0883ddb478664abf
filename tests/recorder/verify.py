"""Verifies OSS signatures for the stand-in, by code of its own: nothing of what is tested with it is used here.

One function a version rebuilds the string to sign from the request as received (OSS documentation: "Include signatures
in the Authorization header", "Add signatures to URLs", both for V1 and V4; V2 as in the SDK for Python, ``auth.py``).
The checks come in the server's order: form of the claim, time, scope, access key, signature.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from urllib.parse import quote, unquote_to_bytes

REGION = "cn-hangzhou"
SKEW = timedelta(minutes=15)
GMT = "%a, %d %b %Y %H:%M:%S GMT"
ISO = "%Y%m%dT%H%M%SZ"

_NAMES = """
    acl append bucketInfo callback callback-var cname comp continuation-token cors delete encryption endTime img
    inventory inventoryId lifecycle live location logging objectMeta partNumber policy position qos qosInfo referer
    regionList replication replicationLocation replicationProgress requestPayment resourceGroup response-cache-control
    response-content-disposition response-content-encoding response-content-language response-content-type
    response-expires restore security-token sequential startTime stat status style styleName symlink tagging
    transferAcceleration uploadId uploads versionId versioning versions vod website worm wormExtend wormId
    x-oss-ac-forward-allow x-oss-ac-source-ip x-oss-ac-subnet-mask x-oss-ac-vpc-id x-oss-async-process x-oss-process
    x-oss-request-payer x-oss-traffic-limit
"""
SUBRESOURCES = frozenset(_NAMES.split())
"""What V1 signs of a query, as far as the documentation and most SDKs agree."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A request as received: header names lower case, the target's parts decoded once."""

    method: str
    bucket: str
    path: bytes  #: percent-decoded, with its leading slash
    query: tuple[tuple[bytes, bytes], ...]  #: decoded, in order
    headers: tuple[tuple[str, bytes], ...]
    body: bytes

    def header(self, name: str) -> bytes:
        """First value of that name; empty when there is none."""
        return next((value for key, value in self.headers if key == name), b"")

    def param(self, name: str) -> bytes | None:
        """First value of that name; None when there is none."""
        return next((value for key, value in self.query if key == name.encode()), None)

    @property
    def resource(self) -> bytes:
        """Bucket and key as every version names them."""
        return b"/" + self.bucket.encode() + self.path if self.bucket else self.path


@dataclass(frozen=True, slots=True)
class Refusal:
    """An error answer: the elements come after ``HostId``, in this order."""

    status: int
    code: str
    message: str
    ec: str
    elements: tuple[tuple[str, bytes], ...] = ()


@dataclass(frozen=True, slots=True)
class Claim:
    """What a request says about its signature. ``scope`` and ``additional`` only where the version has them."""

    version: str
    in_query: bool
    access_key_id: str
    signature: bytes
    scope: str = ""
    additional: tuple[str, ...] = ()


def split_target(target: bytes) -> tuple[bytes, tuple[tuple[bytes, bytes], ...]]:
    """Decoded path and decoded pairs; in the query a plus sign is a blank."""
    path, _, query = target.partition(b"?")
    pairs = (item.partition(b"=")[::2] for item in query.split(b"&") if item)
    decoded = tuple((_form(name), _form(value)) for name, value in pairs)
    return unquote_to_bytes(path), decoded


def _form(text: bytes) -> bytes:
    return unquote_to_bytes(text.replace(b"+", b" "))


def verify(asked: Asked, secrets: Mapping[str, str], now: datetime) -> Refusal | None:
    """None when the request may pass, else why not."""
    claim = _claim(asked)
    if isinstance(claim, Refusal):
        return claim
    late = _time(asked, claim, now) or _scope(claim)
    if late:
        return late
    secret = secrets.get(claim.access_key_id)
    if secret is None:
        message = "The OSS Access Key Id you provided does not exist in our records."
        named = (("OSSAccessKeyId", claim.access_key_id.encode()),)
        return Refusal(403, "InvalidAccessKeyId", message, "0002-00000902", named)
    return _VERSIONS[claim.version](asked, claim, secret)


def _claim(asked: Asked) -> Claim | Refusal:
    line = asked.header("authorization").decode("latin-1")
    if line.startswith("OSS4-HMAC-SHA256 "):
        return _v4_claim(_fields(line.partition(" ")[2], "="))
    if line.startswith("OSS2 "):
        fields = _fields(line.partition(" ")[2], ":")
        names = tuple(n for n in fields.get("AdditionalHeaders", "").split(";") if n)
        return Claim("v2", False, fields.get("AccessKeyId", ""), fields.get("Signature", "").encode(), "", names)
    if line.startswith("OSS "):
        access_key_id, _, signature = line[4:].partition(":")
        return Claim("v1", False, access_key_id, signature.encode("latin-1"))
    return _query_claim(asked)


def _fields(text: str, between: str) -> dict[str, str]:
    return {name: value for name, _, value in (item.strip().partition(between) for item in text.split(","))}


def _v4_claim(fields: Mapping[str, str]) -> Claim | Refusal:
    access_key_id, _, scope = fields.get("Credential", "").partition("/")
    names = tuple(n for n in fields.get("AdditionalHeaders", "").split(";") if n)
    return Claim("v4", False, access_key_id, fields.get("Signature", "").encode(), scope, names)


def _query_claim(asked: Asked) -> Claim | Refusal:
    version = asked.param("x-oss-signature-version")
    names = tuple(n for n in (asked.param("x-oss-additional-headers") or b"").decode().split(";") if n)
    signature = asked.param("x-oss-signature") or b""
    if version == b"OSS4-HMAC-SHA256":
        access_key_id, _, scope = (asked.param("x-oss-credential") or b"").decode().partition("/")
        return Claim("v4", True, access_key_id, signature, scope, names)
    if version == b"OSS2":
        return Claim("v2", True, (asked.param("x-oss-access-key-id") or b"").decode(), signature, "", names)
    if asked.param("Signature") is not None:
        return Claim("v1", True, (asked.param("OSSAccessKeyId") or b"").decode(), asked.param("Signature") or b"")
    return Refusal(
        403, "AccessDenied", "You have no right to access this object because of bucket acl.", "0003-00000001"
    )


def _time(asked: Asked, claim: Claim, now: datetime) -> Refusal | None:
    expired = Refusal(403, "AccessDenied", "Request has expired.", "0002-00000069")
    if claim.in_query and claim.version != "v4":
        until = asked.param("Expires" if claim.version == "v1" else "x-oss-expires") or b""
        return expired if int(until) < now.timestamp() else None
    if claim.in_query:
        made = datetime.strptime((asked.param("x-oss-date") or b"").decode(), ISO).replace(tzinfo=UTC)
        return expired if made + timedelta(seconds=int(asked.param("x-oss-expires") or b"0")) < now else None
    text = (asked.header("x-oss-date") or asked.header("date")).decode()
    made = datetime.strptime(text, ISO if text.endswith("Z") else GMT).replace(tzinfo=UTC)
    if abs(made - now) <= SKEW:
        return None
    when = "%Y-%m-%dT%H:%M:%S.000Z"
    elements = (
        ("MaxAllowedSkewMilliseconds", b"900000"),
        ("RequestTime", made.strftime(when).encode()),
        ("ServerTime", now.strftime(when).encode()),
    )
    message = "The difference between the request time and the current time is too large."
    return Refusal(403, "RequestTimeTooSkewed", message, "0002-00000504", elements)


def _scope(claim: Claim) -> Refusal | None:
    if claim.version != "v4" or claim.scope.split("/")[1:2] == [REGION]:
        return None
    message = "Invalid signing region in Authorization header."
    return Refusal(400, "InvalidArgument", message, "0002-00000228" if claim.in_query else "0002-00000226")


def _v1(asked: Asked, claim: Claim, secret: str) -> Refusal | None:
    when = asked.param("Expires") if claim.in_query else asked.header("x-oss-date") or asked.header("date")
    first = [asked.method.encode(), asked.header("content-md5"), asked.header("content-type"), when or b""]
    signed = sorted((n, v) for n, v in asked.query if n.decode("latin-1") in SUBRESOURCES)
    query = b"&".join(name + b"=" + value if value else name for name, value in signed)
    text = b"\n".join([*first, _lines(asked, ()) + asked.resource + (b"?" + query if query else b"")])
    expected = base64.b64encode(hmac.digest(secret.encode(), text, "sha1"))
    return _judge(claim, expected, "0002-00000040", (("StringToSign", text), ("StringToSignBytes", _hex(text))))


def _v2(asked: Asked, claim: Claim, secret: str) -> Refusal | None:
    when = asked.param("x-oss-expires") if claim.in_query else asked.header("x-oss-date") or asked.header("date")
    first = [asked.method.encode(), asked.header("content-md5"), asked.header("content-type"), when or b""]
    query = _encoded_query(asked, but=b"x-oss-signature")
    resource = quote(asked.resource, safe="-_.~").encode() + (b"?" + query if query else b"")
    names = ";".join(sorted(claim.additional)).encode()
    text = b"\n".join([*first, _lines(asked, claim.additional) + names, resource])
    expected = base64.b64encode(hmac.digest(secret.encode(), text, "sha256"))
    return _judge(claim, expected, "0002-00000101", (("StringToSign", text), ("StringToSignBytes", _hex(text))))


def _v4(asked: Asked, claim: Claim, secret: str) -> Refusal | None:
    names = {"content-type", "content-md5", *claim.additional}
    listed = sorted(n for n in claim.additional if n not in ("content-type", "content-md5") and n[:6] != "x-oss-")
    request = b"\n".join(
        [
            asked.method.encode(),
            quote(asked.resource, safe="/-_.~").encode(),
            _encoded_query(asked, but=b"x-oss-signature" if claim.in_query else b""),
            _lines(asked, names),
            ";".join(listed).encode(),
            asked.header("x-oss-content-sha256") or b"UNSIGNED-PAYLOAD",
        ]
    )
    when = asked.param("x-oss-date") if claim.in_query else asked.header("x-oss-date")
    digest = hashlib.sha256(request).hexdigest().encode()
    text = b"\n".join([b"OSS4-HMAC-SHA256", when or b"", claim.scope.encode(), digest])
    key = f"aliyun_v4{secret}".encode()
    for part in claim.scope.split("/"):
        key = hmac.digest(key, part.encode(), "sha256")
    expected = hmac.digest(key, text, "sha256").hex().encode()
    return _judge(claim, expected, "0002-00000201", (("StringToSign", text), ("CanonicalRequest", request)))


_VERSIONS: dict[str, Callable[[Asked, Claim, str], Refusal | None]] = {"v1": _v1, "v2": _v2, "v4": _v4}


def _lines(asked: Asked, others: Iterable[str]) -> bytes:
    wanted = frozenset(others)
    chosen = sorted((n, v.strip()) for n, v in asked.headers if n.startswith("x-oss-") or n in wanted)
    return b"".join(name.encode() + b":" + value + b"\n" for name, value in chosen)


def _encoded_query(asked: Asked, but: bytes) -> bytes:
    pairs = sorted((quote(n, safe="-_.~"), quote(v, safe="-_.~")) for n, v in asked.query if n != but)
    return "&".join(f"{name}={value}" if value else name for name, value in pairs).encode()


def _hex(text: bytes) -> bytes:
    """As OSS writes it: upper case, a blank behind every byte, the last included."""
    return "".join(f"{byte:02X} " for byte in text).encode()


def _judge(claim: Claim, expected: bytes, ec: str, texts: tuple[tuple[str, bytes], ...]) -> Refusal | None:
    if hmac.compare_digest(expected, claim.signature):
        return None
    message = (
        "The request signature we calculated does not match the signature you provided. "
        "Check your key and signing method."
    )
    named = (("OSSAccessKeyId", claim.access_key_id.encode()), ("SignatureProvided", claim.signature))
    return Refusal(403, "SignatureDoesNotMatch", message, ec, (*named, *texts))
