"""Which of the changes the signature covers, and what they do to the string to sign.

Both sides' strings are rebuilt under the same rules: those that the server's own bytes decided, where it gave any. A
change is signed when a part of either string comes from its field, and it breaks the signature when that part is other
bytes in the two strings. So a header whose name was written otherwise is signed and breaks nothing.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import replace
from hashlib import sha256

from analyzer.diagnosis.compare import differences
from analyzer.model.comparison import Change, ChangeKind, How, Strings
from analyzer.model.secrets import SecretBook
from analyzer.model.signing import ServerRules, SignedExchange, SignedText, SigningInputs, Variant
from analyzer.oss import signer

__all__ = ["CARRIERS", "covers", "is_anew", "judged", "part_of", "strings_of"]

_DEFAULT = ServerRules()
_DATES = ("header:x-oss-date", "header:x-amz-date")
#: Where the signature itself stands, and who signed.
CARRIERS = frozenset(
    {
        "header:authorization",
        "query:Signature",
        "query:OSSAccessKeyId",
        "query:AWSAccessKeyId",
        "query:x-oss-signature",
        "query:X-Amz-Signature",
    }
)


def strings_of(near: SignedExchange, far: SignedExchange, secrets: SecretBook) -> Strings | None:
    """Both strings and the server's; None where the request is not signed, or not in the same way on both sides."""
    variant = near.credentials.variant
    if variant is Variant.NONE or variant is not far.credentials.variant:
        return None
    rules = _rules(near, far)
    ours, theirs = _text(near, rules), _text(far, rules)
    server, source = _server(near, far)
    subject = "canonical_request" if variant.is_v4 else "string_to_sign"
    return Strings(
        subject,
        ours.data if ours is not None else None,
        theirs.data if theirs is not None else None,
        None if source == "hash" else server,
        source,
        _equals(ours, server, source),
        _equals(theirs, server, source),
        differences(ours, theirs) if ours is not None and theirs is not None else (),
        rules,
        _signs(near, rules, secrets),
        _signs(far, rules, secrets),
    )


def is_anew(near: SignedExchange, far: SignedExchange) -> bool:
    """Somebody on the way put another signature on the request, or took it off."""
    ours, theirs = near.credentials, far.credentials
    return (ours.variant, ours.signature, ours.access_key_id) != (
        theirs.variant,
        theirs.signature,
        theirs.access_key_id,
    )


def judged(changes: Iterable[Change], near: SignedExchange, far: SignedExchange, rules: ServerRules) -> list[Change]:
    """The changes of a request with what they mean for its signature."""
    sides = [side for side in (near, far) if side.inputs is not None and side.credentials.variant is not Variant.NONE]
    if not sides:
        return list(changes)
    parts = [_parts(side, rules) for side in sides]
    known = all(_text(side, rules) is not None for side in sides) and len(sides) == 2
    return [_judged(change, sides, parts, known) for change in changes]


def _judged(
    change: Change, sides: list[SignedExchange], parts: list[Mapping[str, tuple[bytes, ...]]], known: bool
) -> Change:
    if change.field in CARRIERS:
        return change
    if change.field == "body":
        return replace(change, signed=any(map(_claims_body, parts)), breaks=False)
    if change.field in ("authority", "header:host") and not any("header:host" in p for p in parts):
        if not known:  # a custom domain: which bucket it stands for is not on the wire
            return replace(change, signed=True, breaks=None)
        moved = len({side.inputs.bucket for side in sides if side.inputs is not None}) > 1
        return replace(change, signed=moved, breaks=moved)
    fields = {field for side in sides for field in _sources(change, side.inputs) if any(field in p for p in parts)}
    if not fields:
        return replace(change, signed=False, breaks=False)
    breaks = any(parts[0].get(field) != parts[-1].get(field) for field in fields) if known else None
    if How.ESCAPES in change.how and change.field == "path":
        breaks = False  # the key is signed decoded; another resource has another reason
    return replace(change, signed=True, breaks=breaks)


def covers(side: SignedExchange, field: str) -> bool:
    """The signature of this request covers the field."""
    change = judged((Change(field, ChangeKind.CHANGED),), side, side, _DEFAULT)[0]
    return change.signed is True


def part_of(change: Change, near: SignedExchange, far: SignedExchange) -> frozenset[str]:
    """The fields of the signed text that the changed thing goes into."""
    return frozenset(field for side in (near, far) for field in _sources(change, side.inputs))


def _sources(change: Change, inputs: SigningInputs | None) -> tuple[str, ...]:
    """Fields of a signed text by the field of a request: one row a kind."""
    field = change.field
    if inputs is None:
        return ()
    if field in ("method", "policy"):
        return (field,)
    if field == "path":
        return ("resource",)
    if field in ("authority", "header:host"):
        return ("resource", "header:host")
    if field == "query:Expires":
        return ("date", field)
    if field in ("header:content-type", "header:content-md5"):
        return (field, field.removeprefix("header:"))
    if field == "header:x-oss-content-sha256" or field == "header:x-amz-content-sha256":
        return (field, "payload-hash")
    if field in _DATES:
        return (field, "date")
    if field == "header:date":
        other = any(inputs.header(name.removeprefix("header:").encode()) is not None for name in _DATES)
        return (field,) if other or inputs.variant.in_query else (field, "date")
    return (field,) if field.startswith(("header:", "query:")) else ()


def _claims_body(parts: Mapping[str, tuple[bytes, ...]]) -> bool:
    """A digest of the body is among what is signed."""
    if any(any(parts.get(field, ())) for field in ("content-md5", "header:content-md5")):
        return True
    return any(len(value) == 64 for value in parts.get("payload-hash", ()))


def _parts(side: SignedExchange, rules: ServerRules) -> Mapping[str, tuple[bytes, ...]]:
    """The signed text by field, also where the bucket is not known and the text therefore not true."""
    found: defaultdict[str, tuple[bytes, ...]] = defaultdict(tuple)
    if side.inputs is not None:
        for part in _build(side.inputs, rules).parts:
            if part.field:
                found[part.field] += (part.data,)
    return dict(found)


def _build(inputs: SigningInputs, rules: ServerRules) -> SignedText:
    row = signer(inputs.variant)
    return row.canonical_request(inputs, rules) or row.string_to_sign(inputs, rules)


def _text(side: SignedExchange, rules: ServerRules) -> SignedText | None:
    """The text that is signed; None where it cannot be known (a custom domain whose bucket nobody named)."""
    if side.inputs is None or side.string_to_sign is None:
        return None
    return _build(side.inputs, rules)


def _rules(near: SignedExchange, far: SignedExchange) -> ServerRules:
    """Those that the server's answer decided, as the side that fits it reads them."""
    for decided in (("bytes", "hash"), ("default",)):
        for side in (far, near):
            if side.rules is not None and side.rules.decided_by in decided:
                return side.rules.rules
    return _DEFAULT


def _server(near: SignedExchange, far: SignedExchange) -> tuple[bytes | None, str | None]:
    """The server's text and how it is known: ``bytes``, ``text``, or the ``hash`` of a canonical request."""
    for side in (far, near):
        error = side.error
        if error is None:
            continue
        if not side.credentials.variant.is_v4:
            if error.string_to_sign_bytes is not None:
                return error.string_to_sign_bytes, "bytes"
            if error.string_to_sign is not None:
                return error.string_to_sign, "text"
        elif error.canonical_request_bytes is not None:
            return error.canonical_request_bytes, "bytes"
        elif side.server_string is not None:
            found = next((part.data for part in side.server_string.parts if part.field == "request-hash"), None)
            if found is not None:
                return found, "hash"
    return None, None


def _equals(text: SignedText | None, server: bytes | None, source: str | None) -> bool | None:
    if text is None or server is None:
        return None
    return sha256(text.data).hexdigest().encode() == server if source == "hash" else text.data == server


def _signs(side: SignedExchange, rules: ServerRules, secrets: SecretBook) -> bool | None:
    """The secret given makes the signature sent, over this side's string; None without a secret."""
    creds, inputs = side.credentials, side.inputs
    secret = secrets.get(creds.access_key_id) if creds.access_key_id is not None else None
    if secret is None or inputs is None or creds.signature is None or side.string_to_sign is None:
        return None
    row = signer(creds.variant)
    made = row.signature(secret.reveal(), inputs, row.string_to_sign_bytes(inputs, rules))
    return made == creds.signature
