"""Everything that a client may have done otherwise: every edit of every kind of text, every form of key and secret."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterator
from dataclasses import replace
from itertools import product

from analyzer.diagnosis import edits_fields, edits_resource
from analyzer.diagnosis.drafts import Draft
from analyzer.diagnosis.edits import Setting
from analyzer.diagnosis.secret_variants import secret_variants
from analyzer.diagnosis.signature_shape import shapes_of
from analyzer.diagnosis.signing_keys import key_rows
from analyzer.http.plain import exchange_from_bytes
from analyzer.model.findings import Change
from analyzer.model.notes import Note
from analyzer.model.secrets import Secret, SecretBook
from analyzer.model.signing import SigningInputs, Variant
from analyzer.oss import read
from tests.diagnosis.exchanges import KEY_ID, request

HEADERS = (
    b"content-md5:1B2M2Y8AsgTpgAmY7PhCfg==",
    b"content-type:Image/PNG; charset=x",
    b"host:h",
    b"x-oss-date:20240514T032107Z",
    b"x-oss-meta-a:a%20b  c,D",
    b"x-oss-meta-b:caf\xc3\xa9",
    b"x-oss-security-token:T",
)
TEXT = Draft(
    "plain",
    method=b"Patch",
    md5=b"1B2M2Y8AsgTpgAmY7PhCfg==",
    ctype=b"Image/PNG; charset=x",
    date=b"1715656867000",
    headers=HEADERS,
    prefix=b"/Pictures/",
    key=b"/a%20b//c\\%2F+ \xc3\xa9.png",
    query=(b"acl", b"restore", b"uploadId=a%2Fb %20+", b"x-oss-process=style/a"),
)
CANONICAL = TEXT._replace(
    family="canonical",
    listed=b"x-b;x-a",
    payload=b"0" * 64,
    algorithm=b"OSS5",
    stamp=b"20240514T032107Z",
    scope=b"20240515/oss-xx-north-internal/obs/request",
)
POLICY = Draft("policy", policy=b64encode(b'{"conditions": ["' + b"?>" * 60 + b'"]}') + b"\n")

#: Signatures that are written in another way than V1 (or V4) asks for, each in one of the ways that are known.
SIGNATURES = {
    Variant.V1_QUERY: (
        b"r2KPR0y4E0G5tnU MYdcvXHPQQ4=",
        b"r2KPR0y4E0G5tnU%2FMYdcvXHPQQ4%3D",
        b"0123456789abcdef" * 2 + b"01234567",
        b64encode(b"0123456789abcdef" * 2 + b"01234567"),
        b64encode(b64encode(bytes(20))),
        b"r2KPR0y4E0G5tnU_MYdcvXHPQQ4=",
        b"r2KPR0y4E0G5tnU/MYdcvXHPQQ4",
        b" r2KPR0y4E0G5tnU/MYdcvXHPQQ4=\n",
        b64encode(bytes(32)),
        b"0123456789abcdef" * 4,
    ),
    Variant.V4_HEADER: (b"0123456789ABCDEF" * 4, b64encode(bytes(32)), b64encode(b"0123456789abcdef" * 4)),
}


def _inputs() -> SigningInputs:
    headers = b"X-Oss-Date: 20240514T032107Z\r\nx-amz-date: 20240514T032107Z\r\nX-Oss-Meta-A: a\r\n"
    target = b"/a%2Fb.png?uploadId=a&mine=1&acl&x-oss-process=style/a"
    inputs = read(exchange_from_bytes(request(b"x", target=target, headers=headers), None)).inputs
    assert inputs is not None
    return inputs


def settings() -> Iterator[Setting]:
    """Texts of every family, rich and poor."""
    inputs = _inputs()
    rich = Setting(TEXT, inputs, b"a", b"b", b"c", (b"other",), (b"other.example",))
    poor = Setting(Draft("plain"), None)
    texts = (TEXT, CANONICAL, TEXT._replace(family="listed"), POLICY)
    for text, key, ctype in product(texts, (TEXT.key, b""), (TEXT.ctype, b"Image/PNG", b"")):
        lines = (b"content-type:" + ctype,) * bool(ctype) + HEADERS[2:]
        base = text._replace(key=key, ctype=ctype, headers=lines if text.family == "canonical" else text.headers)
        yield replace(rich, base=base)
        yield replace(rich, base=base._replace(prefix=b"/"), inputs=None)
    yield replace(rich, base=TEXT._replace(date=b"1715656867"), inputs=replace(inputs, headers=()))
    yield from (poor, replace(poor, base=Draft("canonical")))


def changes() -> dict[Change, None]:
    """All of them, in order, each once; the longest sentences among them."""
    found: dict[Change, None] = {}
    for setting in settings():
        for generator in (*edits_fields.GENERATORS, *edits_resource.GENERATORS):
            found.update(dict.fromkeys(edit.change for edit in generator(setting)))
    return {**found, **dict.fromkeys(_of_keys()), **dict.fromkeys(secret_changes()), **dict.fromkeys(_of_signatures())}


def secret_changes() -> Iterator[Change]:
    """What may have become of a secret."""
    for given in (b" in%2Fside\n", b'"Quoted"', b"QUJD"):
        book = SecretBook({KEY_ID: Secret(given), b"LTAI5tOther": Secret(b" other ")})
        yield from (variant.change for variant in secret_variants(book, KEY_ID) if variant.change is not None)


def _of_keys() -> Iterator[Change]:
    for variant in Variant:
        if variant is not Variant.NONE:
            rows = key_rows(variant, secret_variants(SecretBook({KEY_ID: Secret(b"s")}), KEY_ID))
            yield from (row.change for row in rows if row.change is not None)


def _of_signatures() -> Iterator[Change]:
    for variant, signatures in SIGNATURES.items():
        for signature in signatures:
            yield from (shape.change for shape in shapes_of(signature, variant) if shape.change is not None)


def notes_in(told: Note) -> Iterator[Note]:
    """A note and those among its values."""
    yield told
    for _, value in told.args:
        for part in value if isinstance(value, tuple) else (value,):
            if isinstance(part, Note):
                yield from notes_in(part)
