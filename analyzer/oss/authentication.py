"""Who signed a request and how: ``Authorization``, signed URLs, forms.

One table row a dialect. Reading is lenient (any order of the parts, any blanks, parts missing); what was malformed
becomes a note. Where a request is signed twice the header counts here, and a note says that OSS refuses that
(help page "Add signatures to URLs").
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace

from analyzer.model.notes import Kind, Note, Wire, note
from analyzer.model.signing import Credentials, Query, QueryPair, SignedHeader, Variant
from analyzer.oss import post

__all__ = ["NO_CREDENTIALS", "read_credentials"]

NO_CREDENTIALS = Credentials(Variant.NONE, None, None)

Form = tuple[tuple[bytes, bytes], ...]
Headers = tuple[SignedHeader, ...]


def read_credentials(
    method: bytes, headers: Headers, query: Query, form: Form, *, form_cut: bool = False
) -> Credentials:
    """Credentials of a request, ``NO_CREDENTIALS`` when it carries none. ``form`` are the fields of a form post;
    ``form_cut``: it may have had others."""
    header = next((h for h in headers if h.name.lower() == b"authorization"), None)
    by_header = _from_header(header, headers) if header is not None else None
    by_query = _from_query(query)
    if by_header is not None:
        if by_query is not None:
            return replace(by_header, notes=(*by_header.notes, note("oss.signed-twice")))
        return by_header
    if by_query is not None:
        return _with_stray_token(by_query, headers)
    return _from_form(form, form_cut) or NO_CREDENTIALS


# Authorization header ------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Scheme:
    name: bytes  #: lower case
    variant: Variant
    read: Callable[[bytes, Variant], Credentials]
    token_header: bytes
    source: str


def _plain(value: bytes, variant: Variant) -> Credentials:
    """``AccessKeyId:Signature``; an id with colons keeps them, base64 has none."""
    key_id, colon, signature = value.strip().rpartition(b":")
    notes = [] if colon else [note("oss.authorization-malformed", part="':'")]
    if colon and not signature:
        notes.append(note("oss.authorization-malformed", part="Signature"))
    if not colon:
        key_id, signature = signature, b""
    return Credentials(variant, key_id or None, signature or None, signature or None, notes=tuple(notes))


_PART = re.compile(rb"\s*([A-Za-z0-9-]+)\s*[:=]([^,]*)(?:,|\Z)")


def _named_parts(value: bytes) -> tuple[dict[bytes, bytes], tuple[Note, ...]]:
    """``name=value`` or ``name:value`` parts by lower-case name, first wins; a blank instead of a comma before a
    known name is accepted."""
    value = _LOST_COMMA.sub(rb",\1", value)
    parts: dict[bytes, bytes] = {}
    notes: list[Note] = []
    at = 0
    while at < len(value) and len(parts) < 32:
        found = _PART.match(value, at)
        if found is None:
            stop = value.find(b",", at)
            stop = len(value) if stop < 0 else stop
            if value[at:stop].strip():
                notes.append(note("oss.authorization-stray", part=Wire(value[at:stop][:80], Kind.HEADER_VALUE)))
            at = stop + 1
            if len(notes) >= 8:
                break
            continue
        parts.setdefault(found[1].lower(), found[2].strip())
        at = found.end()
    return parts, tuple(notes)


_LOST_COMMA = re.compile(
    rb"(?<![,\s])\s+((?:Credential|SignedHeaders|AdditionalHeaders|Signature|AccessKeyId)\s*[:=])", re.IGNORECASE
)


def _version_2(value: bytes, variant: Variant) -> Credentials:
    parts, notes = _named_parts(value)
    missing = tuple(
        note("oss.authorization-malformed", part=name)
        for name in ("AccessKeyId", "Signature")
        if not parts.get(name.lower().encode())
    )
    signature = parts.get(b"signature") or None
    return Credentials(
        variant,
        parts.get(b"accesskeyid") or None,
        signature,
        signature,
        additional_headers=_names(parts.get(b"additionalheaders", b"")),
        notes=notes + missing,
    )


def _version_4(value: bytes, variant: Variant) -> Credentials:
    parts, notes = _named_parts(value)
    missing = tuple(
        note("oss.authorization-malformed", part=name)
        for name in ("Credential", "Signature")
        if not parts.get(name.lower().encode())
    )
    signature = parts.get(b"signature") or None
    base = Credentials(
        variant,
        None,
        signature,
        signature,
        additional_headers=_names(parts.get(b"additionalheaders", b"")),
        signed_headers=_names(parts.get(b"signedheaders", b"")),
        notes=notes + missing,
    )
    return _with_scope(base, parts.get(b"credential", b""))


_SCHEMES: tuple[_Scheme, ...] = (
    _Scheme(b"oss4-hmac-sha256", Variant.V4_HEADER, _version_4, b"x-oss-security-token", "signature version 4 page"),
    _Scheme(b"aws4-hmac-sha256", Variant.S3_V4_HEADER, _version_4, b"x-amz-security-token", "Amazon S3 API reference"),
    _Scheme(b"oss2", Variant.V2_HEADER, _version_2, b"x-oss-security-token", "oss2/auth.py, AuthV2"),
    _Scheme(b"oss", Variant.V1_HEADER, _plain, b"x-oss-security-token", "signature in the Authorization header page"),
    _Scheme(b"aws", Variant.S3_V2_HEADER, _plain, b"x-amz-security-token", "Amazon S3 API reference"),
)


def _from_header(header: SignedHeader, headers: Headers) -> Credentials | None:
    name, _, value = header.value.partition(b" ")
    scheme = next((s for s in _SCHEMES if s.name == name.strip().lower()), None)
    if scheme is None:
        return None
    token = next((h for h in headers if h.name.lower() == scheme.token_header), None)
    return replace(
        scheme.read(value, scheme.variant),
        token=token.value if token is not None else None,
        token_place="header" if token is not None else None,
        frames=header.frames,
    )


# Signed URLs ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _UrlForm:
    """Parameter names of one dialect; ``any_of`` recognises it, ``version`` must be the value of the version."""

    variant: Variant
    any_of: frozenset[bytes]
    version: tuple[bytes, bytes] | None
    key_id: bytes | None
    credential: bytes | None
    signature: bytes
    expires: bytes
    date: bytes | None
    listed: bytes | None
    token: bytes
    source: str


_OSS_VERSION = b"x-oss-signature-version"

_URL_FORMS: tuple[_UrlForm, ...] = (
    _UrlForm(
        Variant.V4_QUERY, frozenset({b"x-oss-credential"}), (_OSS_VERSION, b"OSS4-HMAC-SHA256"), None,
        b"x-oss-credential", b"x-oss-signature", b"x-oss-expires", b"x-oss-date", b"x-oss-additional-headers",
        b"x-oss-security-token", "signature version 4 page, URLs",
    ),
    _UrlForm(
        Variant.V2_QUERY, frozenset({b"x-oss-access-key-id"}), (_OSS_VERSION, b"OSS2"), b"x-oss-access-key-id",
        None, b"x-oss-signature", b"x-oss-expires", None, b"x-oss-additional-headers", b"security-token",
        "oss2/auth.py, AuthV2",
    ),
    _UrlForm(
        Variant.S3_V4_QUERY, frozenset({b"X-Amz-Algorithm", b"X-Amz-Credential", b"X-Amz-Signature"}), None, None,
        b"X-Amz-Credential", b"X-Amz-Signature", b"X-Amz-Expires", b"X-Amz-Date", b"X-Amz-SignedHeaders",
        b"X-Amz-Security-Token", "Amazon S3 API reference",
    ),
    _UrlForm(
        Variant.S3_V2_QUERY, frozenset({b"AWSAccessKeyId"}), None, b"AWSAccessKeyId", None, b"Signature", b"Expires",
        None, None, b"x-amz-security-token", "Amazon S3 API reference",
    ),
    _UrlForm(
        Variant.V1_QUERY, frozenset({b"OSSAccessKeyId", b"Signature"}), None, b"OSSAccessKeyId", None, b"Signature",
        b"Expires", None, None, b"security-token", "signatures in URLs page (V1)",
    ),
)  # fmt: skip


def _from_query(query: Query) -> Credentials | None:
    if not query:
        return None
    first: dict[bytes, QueryPair] = {}
    for pair in query:
        first.setdefault(pair.name, pair)
    form = next((f for f in _URL_FORMS if _recognises(f, first)), None)
    return _by_form(form, first) if form is not None else None


def _recognises(form: _UrlForm, found: dict[bytes, QueryPair]) -> bool:
    if form.version is not None:
        version = found.get(form.version[0])
        if version is not None and version.value.upper() == form.version[1]:
            return True
    return not form.any_of.isdisjoint(found)


def _by_form(form: _UrlForm, found: dict[bytes, QueryPair]) -> Credentials:
    def value(name: bytes | None) -> bytes | None:
        pair = found.get(name) if name is not None else None
        return pair.value if pair is not None else None

    needed = [name for name in (form.key_id, form.credential, form.signature, form.expires, form.date) if name]
    missing = tuple(note("oss.parameter-missing", name=name.decode()) for name in needed if not value(name))
    listed = _names(value(form.listed) or b"")
    aws = form.variant is Variant.S3_V4_QUERY
    signature = found.get(form.signature)
    token = value(form.token)
    frames = tuple(dict.fromkeys(f for name in needed if name in found for f in found[name].frames))
    base = Credentials(
        form.variant,
        value(form.key_id) or None,
        signature.value if signature is not None else None,
        signature.raw_value if signature is not None else None,
        additional_headers=() if aws else listed,
        signed_headers=listed if aws else (),
        expires=value(form.expires),
        token=token,
        token_place="query" if token is not None else None,
        frames=frames,
        notes=missing,
    )
    return _with_scope(base, value(form.credential) or b"") if form.credential is not None else base


def _with_stray_token(creds: Credentials, headers: Headers) -> Credentials:
    """A token in the header of a URL-signed request is not taken by OSS (EC 0002-00000005)."""
    if creds.token is not None:
        return creds
    stray = next((h for h in headers if h.name.lower() in (b"x-oss-security-token", b"x-amz-security-token")), None)
    if stray is None:
        return creds
    return replace(
        creds, token=stray.value, token_place="header", notes=(*creds.notes, note("oss.token-in-header-of-signed-url"))
    )


# Forms ---------------------------------------------------------------------------------------------------------------


def _from_form(form: Form, cut: bool) -> Credentials | None:
    """PostObject, V1 or V4 by its fields (API reference "PostObject")."""
    credential = post.field(form, b"x-oss-credential")
    key_id = post.field(form, b"OSSAccessKeyId")
    if credential is None and key_id is None:
        return None
    token = post.field(form, b"x-oss-security-token")
    name = b"x-oss-signature" if credential is not None else b"Signature"
    signature = post.field(form, name)
    needed = (name, b"policy")
    lacking = () if cut else tuple(name for name in needed if not post.field(form, name))
    missing = tuple(note("oss.form-field-missing", name=name.decode()) for name in lacking)
    base = Credentials(
        Variant.POST_V4 if credential is not None else Variant.POST_V1,
        key_id,
        signature,
        signature,
        token=token,
        token_place="form" if token is not None else None,
        notes=missing,
    )
    return _with_scope(base, credential) if credential is not None else base


# Shared --------------------------------------------------------------------------------------------------------------


def _names(value: bytes) -> tuple[bytes, ...]:
    return tuple(name for name in (part.strip() for part in value.split(b";")[:256]) if name)


def _with_scope(creds: Credentials, credential: bytes) -> Credentials:
    """``<id>/<yyyymmdd>/<region>/<product>/<terminator>``; the id may hold slashes, so cut from the right."""
    parts = credential.split(b"/")
    if len(parts) < 5:
        told = () if not credential else (note("oss.credential-malformed", parts=len(parts)),)
        padded = [*parts, b"", b"", b"", b""]
        return replace(
            creds,
            access_key_id=padded[0] or None,
            date=padded[1] or None,
            region=padded[2] or None,
            product=padded[3] or None,
            notes=creds.notes + told,
        )
    return replace(
        creds,
        access_key_id=b"/".join(parts[:-4]) or None,
        date=parts[-4],
        region=parts[-3],
        product=parts[-2],
        terminator=parts[-1],
    )
