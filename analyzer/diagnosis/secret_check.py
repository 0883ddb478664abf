"""What a given secret proves.

First the two signatures that anybody would compute by hand: over the wire's string and over the server's. Then, where
neither tells all, the search for the text that the client really signed. The work of a run is bounded: what solved one
failure is tried first on the next, and failures like those that two full searches could not solve get a short one.
"""

from __future__ import annotations

import hmac
from base64 import b64encode
from collections import Counter
from dataclasses import dataclass, field, replace
from typing import NamedTuple

from analyzer.diagnosis import edits_fields, edits_resource
from analyzer.diagnosis.budget import Budget
from analyzer.diagnosis.case import Hit
from analyzer.diagnosis.drafts import Draft, draft_of, family_of, text_of
from analyzer.diagnosis.edits import Edit, Setting
from analyzer.diagnosis.open_rules import by_default
from analyzer.diagnosis.sdk_voice import ask_sdk
from analyzer.diagnosis.search import MAX_LEVEL, Base, Found, Search, Signers, Stopped
from analyzer.diagnosis.secret_variants import SecretVariant, secret_variants
from analyzer.diagnosis.signature_shape import shapes_of
from analyzer.diagnosis.signing_keys import key_rows
from analyzer.model.findings import Change, Computed, SecretCheck
from analyzer.model.notes import Note, note
from analyzer.model.secrets import Secret, SecretBook
from analyzer.model.signing import SignedExchange, SignedText, Variant
from analyzer.oss import signer
from analyzer.oss.pieces import percent_decode

__all__ = ["Checked", "SecretChecker", "base_of", "bases_of"]

#: Full searches without result for failures of one kind; the next ones of that kind get a short search.
FRUITLESS = 2


class Checked(NamedTuple):
    """``signed`` is the exchange as the secret shows that the client signed it: by the rules that the server's text
    suggests, or by the default ones."""

    check: SecretCheck | None
    hit: Hit | None
    signed: SignedExchange


@dataclass(slots=True)
class SecretChecker:
    """Checks the failures of one run, one after another."""

    secrets: SecretBook
    budget: Budget
    spent: int = 0
    _fruitless: Counter[tuple[bytes, str, bytes]] = field(default_factory=Counter)
    _solved: dict[tuple[str, ...], None] = field(default_factory=dict)
    _signers: Signers = field(default_factory=dict, repr=False)

    def check(self, signed: SignedExchange) -> Checked:
        """What the secrets prove about ``signed``; no check where none belongs to it."""
        creds = signed.credentials
        if not self.secrets or creds.access_key_id is None or creds.variant is Variant.NONE or signed.inputs is None:
            return Checked(None, None, signed)
        given = self.secrets.get(creds.access_key_id)
        variants = secret_variants(self.secrets, creds.access_key_id)
        default = by_default(signed)
        hit, tried, excluded = self._search(signed, default, variants)
        if given is None and hit is None:
            return Checked(None, None, signed)
        if hit is not None and hit.base == "default" and default is not None:
            signed, hit = default, replace(hit, base="wire")
        sdk = ask_sdk(signed, given) if given is not None else None
        check = replace(self._computed(signed, given), tried=tried, excluded=excluded, sdk=sdk)
        return Checked(_with_hit(check, hit), hit if hit is not None and hit.causes else None, signed)

    def _computed(self, signed: SignedExchange, given: Secret | None) -> SecretCheck:
        """Signatures over both strings, as they would stand on the wire."""
        rows: list[Computed] = []
        inputs, sent = signed.inputs, signed.credentials.signature or b""
        if given is not None and inputs is not None:
            sign = signer(inputs.variant).signature
            for name, text in (("wire", signed.string_to_sign), ("server", signed.server_string)):
                if text is not None:
                    made = sign(given.reveal(), inputs, text.data)
                    rows.append(Computed(name, made, hmac.compare_digest(made, sent)))
        equal = {row.over for row in rows if row.equals_sent}
        return SecretCheck(tuple(rows), "wire" in equal, "server" in equal)

    def _search(
        self, signed: SignedExchange, default: SignedExchange | None, variants: tuple[SecretVariant, ...]
    ) -> tuple[Hit | None, int, tuple[Note, ...]]:
        creds = signed.credentials
        shapes = shapes_of(creds.signature or b"", creds.variant)
        bases = bases_of(signed, default)
        if not shapes:
            return None, 0, (note("diagnosis.signature-unreadable"),)
        if not bases:
            return None, 0, (note("diagnosis.nothing-to-sign"),)
        kind = (creds.access_key_id or b"", creds.variant.value, bases[0].draft.method)
        keys = key_rows(creds.variant, variants)
        limit = max(min(self.budget.hmacs, self.budget.total_hmacs - self.spent), 4096)
        search = Search(shapes, keys, self.budget, limit, self._signers)
        short = self._fruitless[kind] >= FRUITLESS
        found, stopped = self._run(search, bases, 1 if short else MAX_LEVEL)
        self.spent += search.tried
        if found is None:
            self._fruitless[kind] += not short
            return None, search.tried, _excluded(search, bases, variants, stopped)
        self._solved.setdefault(tuple(edit.change.id for edit in found.edits))
        return _hit(found), search.tried, ()

    def _run(self, search: Search, bases: tuple[Base, ...], levels: int) -> tuple[Found | None, bool]:
        try:
            for names in list(self._solved)[-8:]:
                narrowed = tuple(replace(b, edits=tuple(e for e in b.edits if e.change.id in names)) for b in bases)
                found = search.run(narrowed, min(len(names), MAX_LEVEL)) if names else None
                if found is not None:
                    return _fewest(search, bases, found), False
            return search.run(bases, levels), False
        except Stopped:
            return None, True


def _with_hit(check: SecretCheck, hit: Hit | None) -> SecretCheck:
    if hit is None:
        return check
    return replace(
        check,
        client_signed=hit.text,
        changes=tuple(change for change in hit.changes if change is not hit.secret_variant),
        changed_from=hit.base,
        secret_variant=hit.secret_variant,
    )


def _fewest(search: Search, bases: tuple[Base, ...], found: Found) -> Found:
    """What solved an earlier failure fits again; fewer changes, where they fit too, are found on the way there."""
    if len(found.edits) < 2:
        return found
    return search.run(bases, len(found.edits) - 1) or found


def bases_of(signed: SignedExchange, default: SignedExchange | None = None) -> tuple[Base, ...]:
    """The wire's text, the wire's by the default rules, and the server's, as far as they differ."""
    made: list[Base] = []
    seen: set[bytes] = set()
    pairs = (
        ("wire", signed.string_to_sign, signed.canonical_request),
        *((("default", default.string_to_sign, default.canonical_request),) if default is not None else ()),
        ("server", signed.server_string, signed.server_canonical),
    )
    for name, text, canonical in pairs:
        if text is None or text.data in seen:
            continue
        seen.add(text.data)
        made.append(base_of(signed, name, text, canonical))
    return tuple(made)


def base_of(signed: SignedExchange, name: str, text: SignedText, canonical: SignedText | None) -> Base:
    creds = signed.credentials
    scope = b"/".join(
        [creds.date or b"", creds.region or b"", creds.product or b"", creds.terminator or b"aliyun_v4_request"]
    )
    draft = draft_of(creds.variant, text, canonical, no_bucket=_is_key_alone(signed))
    if text_of(draft) != text.data:  # damaged beyond cutting: it can still be signed as it is
        return Base(name, Draft("policy", policy=text.data), (), scope)
    return Base(name, draft, _edits(_setting(signed, draft)), scope)


def _is_key_alone(signed: SignedExchange) -> bool:
    """S3 V4 signs the path as sent, which names the bucket in path style only."""
    inputs = signed.inputs
    return inputs is not None and inputs.variant in (Variant.S3_V4_HEADER, Variant.S3_V4_QUERY) and inputs.path_is_key


def _edits(setting: Setting) -> tuple[Edit, ...]:
    if setting.base.family == "policy":
        return tuple(edits_resource.policy_edits(setting))
    generators = (*edits_fields.GENERATORS, *edits_resource.GENERATORS)
    unique: dict[tuple[str, Change], Edit] = {}  # ids alone would keep only the first of several hosts or buckets
    for generator in generators:
        for edit in generator(setting):
            if edit.apply(setting.base) is not None or edit.slot in ("query", "headers", "header host"):
                unique.setdefault((edit.slot, edit.change), edit)
    return tuple(unique.values())


def _setting(signed: SignedExchange, draft: Draft) -> Setting:
    request, inputs = signed.exchange.request, signed.inputs
    digests = request.body.digests if request is not None else None
    return Setting(
        draft,
        inputs,
        b64encode(digests.md5) if digests is not None else None,
        digests.md5.hex().encode() if digests is not None else None,
        digests.sha256.hex().encode() if digests is not None else None,
        _buckets(signed) if family_of(signed.credentials.variant) != "policy" else (),
        _hosts(signed),
    )


def _buckets(signed: SignedExchange) -> tuple[bytes, ...]:
    """Names in the request that may be taken for the bucket."""
    inputs, place = signed.inputs, signed.addressing
    names: list[bytes] = []
    if place is not None:
        names += [c.bucket for c in place.candidates if c.bucket]
        names += [place.endpoint.host.partition(b".")[0], place.endpoint.host]
    if inputs is not None:
        names.append(percent_decode(inputs.path).lstrip(b"/").partition(b"/")[0])
    return tuple(dict.fromkeys(name for name in names if name))[:8]


def _hosts(signed: SignedExchange) -> tuple[bytes, ...]:
    """Hosts that may have been signed instead of the one sent."""
    host = signed.inputs.host if signed.inputs is not None else None
    names: list[bytes] = []
    if signed.error is not None and signed.error.host_id:
        names.append(signed.error.host_id.strip())
    if host:
        bare = host.partition(b":")[0]
        names += [bare, bare.lower(), bare + b":80", bare + b":443", bare.partition(b".")[2]]
        if signed.inputs is not None and signed.inputs.bucket:
            names.append(signed.inputs.bucket + b"." + bare)
    return tuple(dict.fromkeys(name for name in names if name and name != host))[:8]


def _hit(found: Found) -> Hit:
    key, shape = found.key, found.shape
    rows = (
        *((edit.change, edit.cause) for edit in found.edits),
        (key.change, key.cause),
        (shape.change, shape.cause or "signature-encoding"),
        (key.variant.change, "wrong-secret"),
    )
    changes = [(change, cause) for change, cause in rows if change is not None and cause is not None]
    return Hit(
        found.text,
        tuple(change for change, _ in changes),
        tuple(cause for _, cause in changes),
        key.variant.change,
        found.base,
    )


def _excluded(
    search: Search, bases: tuple[Base, ...], variants: tuple[SecretVariant, ...], stopped: bool
) -> tuple[Note, ...]:
    told = [note("diagnosis.excluded", tried=search.tried, edits=len(bases[0].edits), secrets=len(variants))]
    if stopped:
        told.append(note("diagnosis.search-stopped", level=search.level))
    return tuple(told)
