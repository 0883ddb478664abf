"""oss → diagnosis: what OSS reads in one exchange.

``SigningInputs`` is everything a string to sign can be made of, frozen, so that the secret check can ask "and if the
client had signed GET?" by ``dataclasses.replace``. ``SignedText`` is a string to sign with a memory: every byte knows
its field, and through the field its frames.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import Enum

from analyzer.model.http import Exchange
from analyzer.model.notes import Note

__all__ = [
    "Addressing",
    "BucketCandidate",
    "BucketReason",
    "Credentials",
    "Endpoint",
    "Part",
    "Query",
    "QueryPair",
    "ServerError",
    "ServerRules",
    "SignedExchange",
    "SignedHeader",
    "SignedText",
    "SigningInputs",
    "Variant",
    "VerdictOfRules",
]


class Variant(Enum):
    """Signature variants by their names in the JSON report."""

    V1_HEADER = "v1-header"
    V1_QUERY = "v1-query"
    V2_HEADER = "v2-header"
    V2_QUERY = "v2-query"
    V4_HEADER = "v4-header"
    V4_QUERY = "v4-query"
    POST_V1 = "post-v1"
    POST_V4 = "post-v4"
    S3_V2_HEADER = "s3-v2-header"
    S3_V2_QUERY = "s3-v2-query"
    S3_V4_HEADER = "s3-v4-header"
    S3_V4_QUERY = "s3-v4-query"
    NONE = "none"

    @property
    def in_query(self) -> bool:
        """The signature stands in the URL."""
        return self.value.endswith("-query")

    @property
    def is_v4(self) -> bool:
        """A canonical request is hashed into the string to sign."""
        return self in (Variant.V4_HEADER, Variant.V4_QUERY, Variant.S3_V4_HEADER, Variant.S3_V4_QUERY)

    @property
    def is_form(self) -> bool:
        """A form of PostObject, whose policy is signed."""
        return self in (Variant.POST_V1, Variant.POST_V4)


@dataclass(frozen=True, slots=True)
class Credentials:
    """What the request says about who signed it and how. Fields that a variant does not have are None."""

    variant: Variant
    access_key_id: bytes | None
    signature: bytes | None  #: as the server reads it: header value, or query value percent-decoded once
    signature_raw: bytes | None = None  #: as it stands on the wire (query forms: still percent-encoded)
    date: bytes | None = None  #: yyyymmdd of a V4 scope
    region: bytes | None = None
    product: bytes | None = None
    terminator: bytes | None = None  #: ``aliyun_v4_request``, ``aws4_request``
    additional_headers: tuple[bytes, ...] = ()  #: as listed, order kept
    signed_headers: tuple[bytes, ...] = ()  #: S3 V4
    expires: bytes | None = None
    token: bytes | None = None  #: security token, wherever it stood
    token_place: str | None = None  #: ``header``, ``query``, ``form``
    frames: tuple[int, ...] = ()
    notes: tuple[Note, ...] = ()  #: malformed parts


@dataclass(frozen=True, slots=True)
class QueryPair:
    """One parameter. ``raw_value`` None: the name stood alone, without ``=``."""

    raw_name: bytes
    raw_value: bytes | None
    name: bytes  #: percent-decoded once, ``+`` read as a blank
    value: bytes
    frames: tuple[int, ...] = ()


Query = tuple[QueryPair, ...]


@dataclass(frozen=True, slots=True)
class SignedHeader:
    """A header as canonicalisation needs it: raw name and value, and who carried it."""

    name: bytes
    value: bytes
    frames: tuple[int, ...] = ()


class BucketReason(Enum):
    """Why a name may be the bucket (reference: addressing table)."""

    VIRTUAL_HOST = "virtual-host"  #: label before the endpoint
    PATH_STYLE = "path-style"  #: first path segment
    CNAME = "cname"  #: the host is a custom domain; the bucket bound to it is not on the wire
    SERVICE = "service"  #: no bucket: a request to the service itself
    SERVER = "server"  #: named by the server's own string to sign
    ACCESS_POINT = "access-point"


@dataclass(frozen=True, slots=True)
class BucketCandidate:
    """A bucket (None for service requests), the raw path behind it, and why."""

    bucket: bytes | None
    raw_key: bytes  #: path after the bucket, still percent-encoded, without the leading slash
    reason: BucketReason


@dataclass(frozen=True, slots=True)
class Endpoint:
    """What a host name says."""

    host: bytes  #: without port, lower case
    port: int | None
    kind: str  #: row of the endpoint table: ``public``, ``internal``, ``accelerate``, ``dual-stack``, ``ip``, ...
    region: bytes | None  #: ``cn-hangzhou``
    bucket: bytes | None


@dataclass(frozen=True, slots=True)
class Addressing:
    """Where the request went: endpoint and bucket candidates, most plausible first."""

    endpoint: Endpoint
    candidates: tuple[BucketCandidate, ...]
    notes: tuple[Note, ...] = ()


@dataclass(frozen=True, slots=True)
class SigningInputs:
    """All that a signature can cover, from the wire; pure data, one for every variant."""

    variant: Variant
    method: bytes
    path: bytes  #: raw path of the target, from the first slash up to ``?``
    query: Query
    headers: tuple[SignedHeader, ...]
    host: bytes | None  #: Host header as sent
    bucket: bytes | None
    raw_key: bytes  #: percent-encoded key behind the bucket
    credentials: Credentials
    method_frames: tuple[int, ...] = ()
    target_frames: tuple[int, ...] = ()
    host_frames: tuple[int, ...] = ()
    form: tuple[tuple[bytes, bytes], ...] = ()  #: fields of a PostObject form, without the file
    body_sha256: bytes | None = None

    @property
    def path_is_key(self) -> bool:
        """The path names no bucket: it is in the Host, or known to the server alone, or there is none."""
        return self.path == b"/" + self.raw_key

    def header(self, name: bytes) -> SignedHeader | None:
        """First header of that lower-case name."""
        return next((h for h in self.headers if h.name.lower() == name), None)

    def headers_named(self, name: bytes) -> tuple[SignedHeader, ...]:
        """Every header of that lower-case name, in order."""
        return tuple(h for h in self.headers if h.name.lower() == name)

    def parameter(self, name: bytes) -> QueryPair | None:
        """First parameter whose decoded name is that."""
        return next((p for p in self.query if p.name == name), None)


@dataclass(frozen=True, slots=True)
class Part:
    """A stretch of a signed text. Fields: ``method``, ``content-md5``, ``content-type``, ``date``, ``header:NAME``,
    ``resource`` (path with bucket and key), ``query:NAME``, ``algorithm``, ``scope``, ``additional-headers``,
    ``signed-headers``, ``payload-hash``, ``request-hash``, ``policy``; ``""`` for line ends and other separators."""

    field: str
    data: bytes
    frames: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class SignedText:
    """A string to sign or canonical request, in parts."""

    parts: tuple[Part, ...]

    @property
    def data(self) -> bytes:
        """The text itself."""
        return b"".join(p.data for p in self.parts)

    def located(self) -> Iterator[tuple[int, Part]]:
        """(offset of the first byte, part), in order."""
        at = 0
        for part in self.parts:
            yield at, part
            at += len(part.data)

    def part_at(self, offset: int) -> Part | None:
        """The part that holds the byte at ``offset``; None behind the end."""
        for at, part in self.located():
            if at <= offset < at + len(part.data):
                return part
        return None


@dataclass(frozen=True, slots=True)
class ServerRules:
    """Switches for what the server does and no document says (reference, section 7). Defaults are the likeliest."""

    plus_in_path_is_blank: bool = False
    collapse_inner_blanks: bool = False
    duplicate_headers: str = "join"  #: ``join`` with a comma, ``first``, ``last``
    keep_empty_headers: bool = True
    sign_unknown_oss_parameters: bool = False  #: V1: any ``x-oss-*`` parameter counts as a subresource
    bucket_trailing_slash: bool = True  #: ``/bucket/`` (since 2014) or ``/bucket`` (2012)
    merge_slashes: bool = False
    remove_dot_segments: bool = False  #: ``.`` and ``..`` in the path resolved (RFC 3986, section 5.2.4)
    uncertain_subresources: tuple[tuple[bytes, bool], ...] = ()  #: per name on which clients disagree: signed or not


@dataclass(frozen=True, slots=True)
class VerdictOfRules:
    """Which switches were decided, and by what."""

    rules: ServerRules
    decided_by: str  #: ``bytes``, ``hash``, ``default``
    notes: tuple[Note, ...] = ()


@dataclass(frozen=True, slots=True)
class ServerError:
    """An error answer, read by element name, damaged or not. Absent elements are None."""

    status: int
    form: str  #: ``xml``, ``json``, ``header`` (x-oss-err), ``none``
    code: bytes | None = None
    message: bytes | None = None
    request_id: bytes | None = None
    host_id: bytes | None = None
    ec: bytes | None = None
    access_key_id: bytes | None = None
    signature_provided: bytes | None = None
    string_to_sign: bytes | None = None  #: the text element, entities resolved
    string_to_sign_bytes: bytes | None = None  #: decoded from hex or decimal numbers
    canonical_request: bytes | None = None
    canonical_request_bytes: bytes | None = None
    recommend_doc: bytes | None = None
    elements: tuple[tuple[bytes, bytes], ...] = ()  #: every other element, in order; and AWSAccessKeyId
    cut: bool = False  #: the body ends inside an element
    unfinished: bytes | None = None  #: of these elements, the one whose value goes on behind the end
    frames: tuple[int, ...] = ()
    notes: tuple[Note, ...] = ()

    @property
    def signed_text(self) -> bytes | None:
        """The server's string to sign: its bytes where given, else its text."""
        return self.string_to_sign_bytes if self.string_to_sign_bytes is not None else self.string_to_sign

    @property
    def whole_text(self) -> bytes | None:
        """``signed_text`` where the answer does not end inside it."""
        return None if self.unfinished in (b"StringToSign", b"StringToSignBytes") else self.signed_text

    @property
    def whole_canonical(self) -> bytes | None:
        """The server's canonical request, its bytes where given, else its text; None where the answer ends in it."""
        if self.unfinished in (b"CanonicalRequest", b"CanonicalRequestBytes"):
            return None
        return self.canonical_request_bytes if self.canonical_request_bytes is not None else self.canonical_request


@dataclass(frozen=True, slots=True)
class SignedExchange:
    """One exchange as OSS reads it."""

    exchange: Exchange
    credentials: Credentials
    inputs: SigningInputs | None  #: None without a request
    addressing: Addressing | None
    error: ServerError | None  #: None for a success
    rules: VerdictOfRules | None = None
    string_to_sign: SignedText | None = None  #: rebuilt from the wire under ``rules``
    canonical_request: SignedText | None = None  #: V4 only
    server_string: SignedText | None = None  #: the server's, cut into fields
    server_canonical: SignedText | None = None
    client_string: SignedText | None = None  #: what the client's own log says it signed
    client_canonical: SignedText | None = None
    notes: tuple[Note, ...] = field(default=())

    @property
    def is_signed(self) -> bool:
        """The request carried a signature."""
        return self.credentials.variant is not Variant.NONE
