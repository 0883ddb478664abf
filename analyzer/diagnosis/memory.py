"""What is remembered of the exchanges of a run, so that one can speak for or against another.

Per access key id: how many signed requests succeeded or failed, and a sample of distinct successes. Per signature:
the requests that carried it. Everything is bounded; the oldest signatures are forgotten first.
"""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass, field, replace
from hashlib import blake2b

from analyzer.diagnosis.acceptance import accepted, is_preflight
from analyzer.diagnosis.case import Neighbours, Sighting
from analyzer.diagnosis.facts import belongs_together, head_cut_by_loss
from analyzer.diagnosis.witnesses import Witnesses
from analyzer.model.http import Exchange, Request, Response
from analyzer.model.secrets import SecretBook
from analyzer.model.signing import SignedExchange, SigningInputs, Variant
from analyzer.oss import signer

__all__ = ["MAX_TRAITS", "TARGET_LIMIT", "Memory", "client_mark", "key_marks", "sighting_of", "trait_word", "traits_of"]

TARGET_LIMIT = 256
MAX_KEYS = 4096
MAX_SAMPLES = 32
MAX_CLIENTS = 64  #: of a key; each has a sample of its own
MAX_SIGNATURES = 20_000
MAX_SIGHTINGS = 4
MAX_TRAITS = 64


@dataclass(slots=True)
class _KeyRecord:
    successes: int = 0
    failures: int = 0
    clients: dict[bytes | None, int] = field(default_factory=dict)  #: successes of each
    samples: dict[tuple[bytes | None, frozenset[str]], Sighting] = field(default_factory=dict)
    proof: tuple[SigningInputs, bytes, bytes] | None = None  #: a success to try a secret on: inputs, text, signature

    def has_room(self, client: bytes | None) -> bool:
        """A success of this client would be kept."""
        return len(self.samples) < MAX_SAMPLES or (client not in self.clients and len(self.clients) < MAX_CLIENTS)

    def succeeded(self, sighting: Sighting) -> None:
        """Count a success, and keep it where it is the first of its client or unlike the others."""
        self.successes += 1
        client, room = sighting.client, self.has_room(sighting.client)
        if client in self.clients or len(self.clients) < MAX_CLIENTS:
            self.clients[client] = self.clients.get(client, 0) + 1
        if room:
            self.samples.setdefault((client, sighting.traits), sighting)

    def nearest(self, traits: frozenset[str], client: bytes) -> Sighting | None:
        """The success that is most like a request with these traits, one of the same client where there is any."""
        return min(
            self.samples.values(),
            key=lambda s: (s.client != client, len(s.traits ^ traits), s.stated, s.frames),
            default=None,
        )


class Memory:
    """Grows with ``remember``, answers with ``neighbours``."""

    def __init__(self, witnesses: Witnesses | None = None) -> None:
        self._witnesses = witnesses  #: told of every success; None where no secret could ask them
        self._keys: OrderedDict[bytes, _KeyRecord] = OrderedDict()
        self._signatures: OrderedDict[bytes, list[Sighting]] = OrderedDict()

    def remember(self, signed: SignedExchange) -> bool:
        """Take note of one signed exchange, failed or not; true for a success unlike those known of its key, which
        failures are going to be compared with. Where packets are missing, an answer that may be another request's
        says nothing, and a request whose head is cut is no witness at all, nor is a preflight: nobody checks its
        signature."""
        request, key_id = signed.exchange.request, signed.credentials.access_key_id
        if request is None or key_id is None or signed.inputs is None or not signed.is_signed:
            return False
        if head_cut_by_loss(request) or is_preflight(request.method):
            return False
        response = signed.exchange.response if belongs_together(signed) else None
        sighting = sighting_of(request, signed, response)
        self._note_signature(signed, sighting)
        record = self._record(key_id)
        known = len(record.samples)
        if sighting.succeeded:
            kept = record.has_room(sighting.client)
            record.succeeded(replace(sighting, traits=traits_of(request, signed)) if kept else sighting)
            if self._witnesses is not None:
                self._witnesses.note(signed)
            if record.proof is None and signed.string_to_sign is not None and signed.credentials.signature:
                record.proof = (signed.inputs, signed.string_to_sign.data, signed.credentials.signature)
        elif response is not None and signed.error is not None and signed.error.code == b"SignatureDoesNotMatch":
            record.failures += 1
        return len(record.samples) > known

    def learn(self, key_id: bytes, success: Sighting) -> None:
        """A success of this key that is not in the capture, and of which the capture tells."""
        self._record(key_id).succeeded(success)

    def neighbours(self, signed: SignedExchange, secrets: SecretBook) -> Neighbours:
        """What is remembered that bears on ``signed``."""
        request, key_id = signed.exchange.request, signed.credentials.access_key_id
        if request is None or key_id is None or signed.inputs is None:
            return Neighbours()
        same = tuple(
            sighting
            for sighting in self._signatures.get(_signature_key(signed), ())
            if sighting.frames != request.frames[:MAX_SIGHTINGS]
        )
        record = self._keys.get(key_id)
        if record is None:
            return Neighbours(same_signature=same)
        traits, client = traits_of(request, signed), client_mark(signed.exchange)
        nearest = record.nearest(traits, client)
        return Neighbours(
            record.successes,
            record.clients.get(client, 0),
            nearest,
            record.failures,
            tuple(sorted(traits - nearest.traits)) if nearest is not None else (),
            tuple(sorted(nearest.traits - traits)) if nearest is not None else (),
            same,
            _verified(record, key_id, secrets),
        )

    def _record(self, key_id: bytes) -> _KeyRecord:
        record = self._keys.get(key_id)
        if record is None:
            if len(self._keys) >= MAX_KEYS:
                self._keys.popitem(last=False)
            record = self._keys[key_id] = _KeyRecord()
        return record

    def _note_signature(self, signed: SignedExchange, sighting: Sighting) -> None:
        if not signed.credentials.signature:
            return
        key = _signature_key(signed)
        seen = self._signatures.get(key)
        if seen is None:
            if len(self._signatures) >= MAX_SIGNATURES:
                self._signatures.popitem(last=False)
            seen = self._signatures[key] = []
        if len(seen) < MAX_SIGHTINGS:
            seen.append(sighting)


def traits_of(request: Request, signed: SignedExchange) -> frozenset[str]:
    """What may set a request apart from another: method, signed headers and parameters, odd bytes of the key. Words
    of ours or names of headers and parameters, never values."""
    inputs = signed.inputs
    if inputs is None:
        return frozenset()
    traits = {f"method {trait_word(request.method)}", f"variant {signed.credentials.variant.value}"}
    for header in inputs.headers[:MAX_TRAITS]:
        name = header.name.lower()
        if name in _SIGNED_SLOTS or name.startswith((b"x-oss-", b"x-amz-")):
            traits.add(f"header {trait_word(name)}")
            if any(byte >= 0x80 for byte in header.value):
                traits.add("header values with bytes beyond ASCII")
    traits.update(f"parameter {trait_word(pair.name)}" for pair in inputs.query[:MAX_TRAITS])
    traits.update(key_marks(inputs.raw_key))
    return frozenset(traits)


def key_marks(raw_key: bytes) -> tuple[str, ...]:
    """Words for what is odd about an object key, still percent-encoded."""
    return tuple(words for words, marks in _KEY_MARKS if any(mark in raw_key for mark in marks))


_SIGNED_SLOTS = frozenset({b"content-type", b"content-md5", b"transfer-encoding", b"content-encoding"})

_KEY_MARKS: tuple[tuple[str, tuple[bytes, ...]], ...] = (
    ("blank in the key", (b" ", b"%20")),
    ("+ in the key", (b"+", b"%2B", b"%2b")),
    ("percent sign in the key", (b"%25",)),
    ("bytes beyond ASCII in the key", tuple(b"%%%X" % high for high in range(8, 16))),
    ("// in the key", (b"//",)),
)


def trait_word(name: bytes) -> str:
    """A name as it stands in a trait."""
    return name[:64].decode("ascii", "backslashreplace")


def sighting_of(request: Request, signed: SignedExchange, response: Response | None) -> Sighting:
    """What is remembered of an exchange, all but its traits. ``response`` is None where no answer is certain."""
    head = request.head
    host = signed.inputs.host if signed.inputs is not None else None
    return Sighting(
        request.method[:16],
        (host or b"")[:256],
        request.target[:TARGET_LIMIT],
        _short(head.first(b"content-type")),
        _short(head.first(b"x-oss-date") or head.first(b"date")),
        response.status if response is not None else 0,
        response is not None and accepted(request, response),
        request.frames[:MAX_SIGHTINGS],
        frozenset(),
        client_mark(signed.exchange),
    )


def client_mark(exchange: Exchange) -> bytes:
    """The same for requests that name the same User-Agent and come from the same address; it tells neither."""
    agent = exchange.request.head.first(b"user-agent") if exchange.request is not None else None
    return blake2b(exchange.connection.client.address + b"\0" + (agent or b""), digest_size=8).digest()


def _short(value: bytes | None) -> bytes | None:
    return value[:128] if value is not None else None


def _signature_key(signed: SignedExchange) -> bytes:
    creds = signed.credentials
    return blake2b((creds.access_key_id or b"") + b"\0" + (creds.signature or b""), digest_size=16).digest()


def _verified(record: _KeyRecord, key_id: bytes, secrets: SecretBook) -> bool | None:
    secret = secrets.get(key_id)
    if secret is None or record.proof is None:
        return None
    inputs, text, signature = record.proof
    if inputs.variant is Variant.NONE:
        return None
    return signer(inputs.variant).signature(secret.reveal(), inputs, text) == signature
