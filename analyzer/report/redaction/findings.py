"""Findings told with the values that stand there now.

What can be asked again is asked again: OSS's reading of the rewritten exchange, and the comparison. What cannot
(causes, facts and the secret's verdict rest on evidence that is gone) is carried over with its values replaced. A
comparison that would come out otherwise than the original, field by field, is carried over too.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from hashlib import sha256

from analyzer.diagnosis.compare import compare
from analyzer.diagnosis.explain import signed_from_case
from analyzer.diagnosis.open_rules import by_default
from analyzer.model.findings import Cause, Change, Comparison, Computed, Difference, Fact, Finding, SecretCheck
from analyzer.model.http import Exchange, Message
from analyzer.model.notes import Kind, Note, Value, Wire
from analyzer.model.pasted import ClientString, PastedCase
from analyzer.model.signing import SignedExchange
from analyzer.oss import read
from analyzer.oss.signers import signer
from analyzer.report.redaction.exchanges import Exchanges
from analyzer.report.redaction.texts import Texts
from analyzer.report.redaction.values import Values

__all__ = ["Findings"]


class Findings:
    """Retells findings. All exchanges are rewritten before any finding is retold, so that all values are known."""

    def __init__(self, values: Values, texts: Texts, exchanges: Exchanges) -> None:
        self._values = values
        self._texts = texts
        self._exchanges = exchanges
        #: First words of fields that are called after something captured.
        self._renamed = {b"query": values.parameter, b"header": values.name, b"trailer": values.name}
        self._wires: dict[Kind, Callable[[bytes], bytes]] = {
            Kind.PUBLIC: self._public,
            Kind.METHOD: values.method,
            Kind.HEADER_VALUE: self._exact,
            Kind.QUERY_VALUE: self._exact,
            Kind.PARAMETER: values.parameter,
            Kind.HOST: values.host,
            Kind.RESOURCE: values.target,
            Kind.SIGNED_TEXT: texts.signed,
            Kind.ADDRESS: values.host,
            Kind.PATH: values.file,
        }

    def reread(self, signed: SignedExchange) -> SignedExchange:
        """The exchange rewritten and read again. A hash in the server's string that was that of a canonical request
        becomes the hash of what that request is now."""
        again = _as_signed(self._read(signed), signed)
        old = _request_hash(signed)
        if old is None or not signed.credentials.variant.is_v4:
            return again
        new = self._new_hash(signed, again, old)
        if new is None:
            return again
        self._values.digests[old] = new
        self._values.issued.add(new)  # where nothing in the request was replaced, it is the old one
        return _as_signed(self._read(signed), signed)

    def _read(self, signed: SignedExchange) -> SignedExchange:
        """The rewritten exchange as it was read before: also where only an answer was pasted, or a client's string."""
        exchange = self._exchanges.rewritten(signed.exchange)
        strings = (signed.client_string, signed.client_canonical)
        stood_in = signed.server_string is not None or signed.credentials.access_key_id is not None
        if strings == (None, None) and (exchange.request is not None or not stood_in):
            return read(exchange)
        text, canonical = (self._texts.signed(told.data) if told is not None else None for told in strings)
        logged = ClientString("", text, canonical) if strings != (None, None) else None
        return signed_from_case(PastedCase(exchange, logged))

    def _new_hash(self, signed: SignedExchange, again: SignedExchange, old: bytes) -> bytes | None:
        ours, theirs = signed.canonical_request, signed.server_canonical
        if theirs is not None and _hex(theirs.data) == old and again.server_canonical is not None:
            return _hex(again.server_canonical.data)
        if ours is not None and _hex(ours.data) == old and signed.rules is not None and again.inputs is not None:
            now = signer(signed.credentials.variant).canonical_request_bytes(again.inputs, signed.rules.rules)
            return _hex(now) if now is not None else None
        return None

    def retold(self, finding: Finding, signed: SignedExchange) -> Finding:
        """The finding about ``signed``, its exchange as rewritten."""
        signed = self.with_notes(signed)
        return replace(
            finding,
            signed=signed,
            comparison=self._comparison(finding.comparison, signed),
            causes=tuple(map(self.cause, finding.causes)),
            facts=tuple(Fact(self.note(fact.statement), fact.frames) for fact in finding.facts),
            secret_check=self._check(finding.secret_check) if finding.secret_check is not None else None,
        )

    # Comparison -----------------------------------------------------------------------------------------------------

    def _comparison(self, old: Comparison, signed: SignedExchange) -> Comparison:
        new = compare(signed)
        if _outline(new) == _outline(old):
            return new
        return replace(
            old,
            rebuilt=self._signed_text(old.rebuilt),
            server=self._signed_text(old.server),
            differences=tuple(map(self._difference, old.differences)),
        )

    def _difference(self, old: Difference) -> Difference:
        return replace(
            old,
            field=self.field(old.field),
            rebuilt=self._signed_text(old.rebuilt),
            server=self._signed_text(old.server),
        )

    def field(self, name: str) -> str:
        """The name of a field, parameters and headers replaced as they are where they stand."""
        raw = self._field(name.encode("utf-8", "surrogateescape"))
        return raw.decode("utf-8", "backslashreplace") if raw is not None else name

    def _field(self, raw: bytes) -> bytes | None:
        """None where no captured name stands in it."""
        kind, colon, name = raw.partition(b":")
        renamed = self._renamed.get(kind) if colon else None
        return kind + colon + renamed(name) if renamed is not None else None

    def _public(self, raw: bytes) -> bytes:
        field = self._field(raw)
        return field if field is not None else self._values.public(raw)

    def _signed_text(self, text: bytes | None) -> bytes | None:
        return self._texts.signed(text) if text is not None else None

    # The rest of a finding ------------------------------------------------------------------------------------------

    def cause(self, cause: Cause) -> Cause:
        """A cause's sentences with their captured values replaced."""
        return replace(
            cause,
            title=self.note(cause.title),
            evidence=self.notes(cause.evidence),
            against=self.notes(cause.against),
            remedy=self.note(cause.remedy),
        )

    def _check(self, check: SecretCheck) -> SecretCheck:
        voice = check.sdk
        return replace(
            check,
            computed=tuple(Computed(c.over, self._signature(c.signature), c.equals_sent) for c in check.computed),
            client_signed=self._signed_text(check.client_signed),
            changes=tuple(map(self._change, check.changes)),
            secret_variant=self._change(check.secret_variant) if check.secret_variant is not None else None,
            excluded=self.notes(check.excluded),
            sdk=replace(
                voice,
                text=self._signed_text(voice.text),
                signature=self._signature(voice.signature) if voice.signature is not None else None,
                reason=self.note(voice.reason) if voice.reason is not None else None,
            )
            if voice is not None
            else None,
        )

    def _change(self, change: Change) -> Change:
        """What the client did, its id with it."""
        return replace(change, told=self.note(change.told))

    def _signature(self, signature: bytes) -> bytes:
        return self._values.replaced(Kind.SIGNATURE, signature)

    # Notes ----------------------------------------------------------------------------------------------------------

    def note(self, note: Note) -> Note:
        """A note with its captured values replaced."""
        return Note(note.key, tuple((name, self._value(value)) for name, value in note.args))

    def notes(self, notes: tuple[Note, ...]) -> tuple[Note, ...]:
        return tuple(map(self.note, notes))

    def _value(self, value: Value) -> Value:
        if isinstance(value, Wire):
            return self.wire(value)
        if isinstance(value, Note):
            return self.note(value)
        if isinstance(value, tuple):
            return tuple(map(self._value, value))
        return value

    def wire(self, wire: Wire) -> Wire:
        """One captured value replaced."""
        return Wire(self._wire(wire), wire.kind)

    def _wire(self, wire: Wire) -> bytes:
        known = self._values.digests.get(wire.raw)
        if known is not None:
            return known
        replace_raw = self._wires.get(wire.kind)
        return replace_raw(wire.raw) if replace_raw is not None else self._values.replaced(wire.kind, wire.raw)

    def _exact(self, raw: bytes) -> bytes:
        """The value of a header or parameter, by what became of it where it stood."""
        known = self._values.exact.get(raw)
        return known if known is not None else self._values.loose(raw)

    def with_notes(self, signed: SignedExchange) -> SignedExchange:
        """The notes on the exchange's messages replaced; those of the reading came out of rewritten values."""
        return replace(signed, exchange=self.exchange_notes(signed.exchange))

    def exchange_notes(self, exchange: Exchange) -> Exchange:
        """The notes of an exchange, its connection and its messages replaced."""
        request, response = exchange.request, exchange.response
        return replace(
            exchange,
            connection=replace(exchange.connection, notes=self.notes(exchange.connection.notes)),
            request=replace(request, notes=self._message_notes(request)) if request is not None else None,
            response=replace(response, notes=self._message_notes(response)) if response is not None else None,
            interim=tuple(replace(answer, notes=self._message_notes(answer)) for answer in exchange.interim),
            notes=self.notes(exchange.notes),
        )

    def _message_notes(self, message: Message) -> tuple[Note, ...]:
        return self.notes(message.notes)


def _as_signed(again: SignedExchange, signed: SignedExchange) -> SignedExchange:
    """Read by the default rules where the original was, because the client had signed by them."""
    default = by_default(again)
    return default if default is not None and by_default(signed) is None else again


def _outline(comparison: Comparison) -> tuple[object, ...]:
    """What must not change: the verdict, and which fields differ how."""
    fields = [(d.field.partition(":")[0], d.kind) for d in comparison.differences]
    sides = comparison.rebuilt is None, comparison.server is None
    return comparison.subject, comparison.match, sides, tuple(fields), comparison.server_source


def _request_hash(signed: SignedExchange) -> bytes | None:
    server = signed.server_string
    if server is None:
        return None
    return next((part.data for part in server.parts if part.field == "request-hash"), None)


def _hex(text: bytes) -> bytes:
    return sha256(text).hexdigest().encode()
