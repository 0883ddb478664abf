"""All that is known of one failure, laid out for the causes.

The causes are small functions of a ``Case``. Everything that needs work (comparing, hashing, searching, remembering
other exchanges) is done before and stands here as plain values.
"""

from __future__ import annotations

from dataclasses import dataclass

from analyzer.diagnosis.clients import Client
from analyzer.model.findings import Change, Clocks, Comparison, Difference, SecretCheck
from analyzer.model.http import Exchange, Request, Response
from analyzer.model.notes import Note
from analyzer.model.signing import Credentials, QueryPair, ServerError, SignedExchange, SigningInputs, Variant
from analyzer.oss.codes import CodeRow
from analyzer.oss.rules import Deviation

__all__ = ["Case", "Claims", "Hit", "Neighbours", "OpenRules", "Sighting"]


NO_CLOCKS = Clocks(None, None, None)


@dataclass(frozen=True, slots=True)
class Sighting:
    """Another exchange of the run, as little of it as the facts need."""

    method: bytes
    host: bytes
    target: bytes  #: at most ``memory.TARGET_LIMIT`` bytes
    content_type: bytes | None
    date: bytes | None
    status: int
    succeeded: bool  #: the signature was accepted and the request done (``acceptance``)
    frames: tuple[int, ...]
    traits: frozenset[str]  #: only of samples that are compared with failures
    client: bytes | None  #: a mark of address and User-Agent together (``memory``); None where that is not known

    @property
    def stated(self) -> bool:
        """It is not in the capture, which only tells of it (``statements``)."""
        return not self.frames


@dataclass(frozen=True, slots=True)
class Neighbours:
    """What the other exchanges say about this one."""

    successes: int = 0  #: signed requests of the same access key id that succeeded, of those that were kept at least
    own: int = 0  #: of them, those of the same client: the others may have been signed with another secret
    success: Sighting | None = None  #: the nearest of them, of the same client where there is one
    failures: int = 0  #: signature failures of the same access key id, this one included
    failures_apart: tuple[str, ...] = ()  #: traits that this request has and the nearest success has not
    success_apart: tuple[str, ...] = ()  #: the other way round
    same_signature: tuple[Sighting, ...] = ()  #: other requests that carried this signature
    secret_verified: bool | None = None  #: the secret given signs a success of this key id; None: could not be tried


@dataclass(frozen=True, slots=True)
class Claims:
    """What headers claim of the body: ``right``, ``wrong``, ``malformed``, or None where nothing can be said."""

    md5: str | None = None
    body_md5: bytes | None = None
    crc64: str | None = None
    sha256: str | None = None


@dataclass(frozen=True, slots=True)
class Hit:
    """It is known what the client signed: a search with the secret found it, or its own log says so."""

    text: bytes  #: the client's string to sign, or its canonical request
    changes: tuple[Change, ...]
    causes: tuple[str, ...]  #: cause ids that the changes point to
    secret_variant: Change | None  #: one of the changes; None: the secret was used as given
    base: str  #: ``wire`` or ``server``: the text that was edited
    by_log: bool = False  #: the client's log says so, no signature was computed


@dataclass(frozen=True, slots=True)
class OpenRules:
    """Rules that no document states and that make the capture's text the server's, as a change on the way would."""

    deviations: tuple[Deviation, ...] = ()
    signed_by_default: bool = False  #: the client did not sign by them, as the secret or its log shows
    shown: str | None = None  #: what successes show of the server: ``default``, ``deviating``
    frames: tuple[int, ...] = ()  #: of those successes


@dataclass(frozen=True, slots=True)
class Case:
    """One failure and everything around it."""

    signed: SignedExchange
    comparison: Comparison
    clocks: Clocks = NO_CLOCKS
    neighbours: Neighbours = Neighbours()
    claims: Claims = Claims()
    client: Client | None = None
    check: SecretCheck | None = None
    hit: Hit | None = None
    proxies: tuple[tuple[bytes, bytes], ...] = ()  #: (header name, value) that proxies and caches leave
    echoed_same: bool | None = None  #: the signature in the answer is the one sent
    text_contradicts: bool = False  #: printed string and its bytes differ in more than blanks
    code_row: CodeRow | None = None  #: what the documentation says of the answer
    rules: OpenRules = OpenRules()
    loss: Note | None = None  #: why nothing can be proven: packets are missing in or between request and answer

    @property
    def exchange(self) -> Exchange:
        """The exchange itself."""
        return self.signed.exchange

    @property
    def request(self) -> Request | None:
        """The request; None where only an answer is known."""
        return self.signed.exchange.request

    @property
    def response(self) -> Response | None:
        """The answer."""
        return self.signed.exchange.response

    @property
    def error(self) -> ServerError:
        """The error answer; an empty one where nothing was answered."""
        return self.signed.error or ServerError(0, "none")

    @property
    def credentials(self) -> Credentials:
        """Who signed."""
        return self.signed.credentials

    @property
    def variant(self) -> Variant:
        """Variant on the wire."""
        return self.signed.credentials.variant

    @property
    def inputs(self) -> SigningInputs | None:
        """Signing inputs; None without a request."""
        return self.signed.inputs

    @property
    def is_mismatch(self) -> bool:
        """The server computed another signature."""
        if self.code_row is not None:
            return self.code_row.group == "mismatch"
        return self.error.code == b"SignatureDoesNotMatch"

    @property
    def named_cause(self) -> str | None:
        """The cause that the answer itself points to."""
        return self.code_row.cause if self.code_row is not None else None

    @property
    def method(self) -> bytes | None:
        """Method as sent, else as the server's string says."""
        return self.request.method if self.request is not None else self.server_field("method")

    @property
    def key(self) -> bytes:
        """Object key as on the wire, still percent-encoded; empty for bucket and service requests."""
        return self.inputs.raw_key if self.inputs is not None else b""

    @property
    def resource_has_bucket(self) -> bool:
        """The signed resource begins with the bucket; S3 V4 signs the path as sent, where the bucket may not be."""
        s3_v4 = self.variant in (Variant.S3_V4_HEADER, Variant.S3_V4_QUERY)
        return not s3_v4 or self.inputs is None or not self.inputs.path_is_key

    @property
    def presigned(self) -> bool:
        """The signature stands in the URL."""
        return self.variant.in_query

    def header(self, name: bytes) -> bytes | None:
        """A request header as sent (lower-case name)."""
        return self.request.head.first(name) if self.request is not None else None

    def content_type(self) -> bytes | None:
        """Content-Type as sent, else as the server's string holds it; None for none."""
        if self.request is not None:
            return self.header(b"content-type") or None
        return self.server_field("content-type") or None

    def header_frames(self, name: bytes) -> tuple[int, ...]:
        """Frames that carried a request header."""
        found = self.inputs.header(name) if self.inputs is not None else None
        return found.frames if found is not None else ()

    def parameter(self, name: bytes) -> QueryPair | None:
        """A query parameter of the request."""
        return self.inputs.parameter(name) if self.inputs is not None else None

    def server_field(self, name: str) -> bytes | None:
        """A field of the server's own text; None where it has none."""
        for text in (self.signed.server_canonical, self.signed.server_string):
            if text is not None:
                found = next((part.data for part in text.parts if part.field == name), None)
                if found is not None:
                    return found
        return None

    def difference(self, name: str) -> Difference | None:
        """How a field differs between wire and server; None where it does not."""
        return next((d for d in self.comparison.differences if d.field == name), None)

    def proven(self, cause: str) -> tuple[Change, ...]:
        """Changes that the search found and that point to ``cause``; empty where it found none."""
        if self.hit is None:
            return ()
        return tuple(change for change, of in zip(self.hit.changes, self.hit.causes, strict=True) if of == cause)

    @property
    def text_known(self) -> bool:
        """It is known what the client signed: by a search, by its log, or because the secret signs one of the texts."""
        return self.hit is not None or (self.check is not None and (self.check.signs_wire or self.check.signs_server))

    @property
    def arrived_as_sent(self) -> bool:
        """The server's text is the capture's, and no undocumented rule is needed for it."""
        return self.comparison.match is True and not self.rules.deviations

    @property
    def target_frames(self) -> tuple[int, ...]:
        """Frames of the request's target."""
        return self.inputs.target_frames if self.inputs is not None else ()

    @property
    def frames(self) -> tuple[int, ...]:
        """Frames of the request."""
        return self.request.frames if self.request is not None else ()

    @property
    def acquitted(self) -> bool:
        """The secret in use is right: it signed another request of this client and key id that succeeded."""
        return self.neighbours.own > 0

    @property
    def own_habit(self) -> bool:
        """The nearest success is of the same client, so what sets it apart is a hint. Others have their own habits."""
        return self.acquitted

    @property
    def apart(self) -> tuple[str, ...]:
        """Traits that this client's own nearest success does not have."""
        return self.neighbours.failures_apart if self.own_habit else ()

    @property
    def others_succeed(self) -> bool:
        """Only requests of other clients succeeded with this key id. That says little of this one."""
        return self.neighbours.successes > 0 and not self.acquitted
