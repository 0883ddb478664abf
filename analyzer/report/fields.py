"""The signed strings field by field, every voice in its own column.

Two voices always exist where they can be known: the string rebuilt from the wire and the server's. A secret brings
more: what the client really signed, and what the SDK would have signed. All are cut into the same fields by the
variant's own splitter, and rows are joined by field name and order of appearance.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from analyzer.model.findings import Finding
from analyzer.model.notes import Kind
from analyzer.model.signing import Part, SignedText
from analyzer.oss.signers import SIGNERS
from analyzer.report.frames import FrameBook

__all__ = ["FieldRow", "FieldTable", "field_kind", "field_tables", "voices_table"]

#: Rows of one table that are kept; a request with more signed fields is an attack or a fuzzer.
MAX_ROWS = 512

CLIENT, SDK, WIRE, SERVER = "client", "sdk", "wire", "server"

_Key = tuple[str, int]


@dataclass(frozen=True, slots=True)
class FieldRow:
    """One field. ``values`` follow the table's voices, None where a voice lacks the field."""

    field: str
    values: tuple[bytes | None, ...]
    same: bool | None  #: every voice that is known says the same; None where only one voice is known
    kind: Kind
    frames: tuple[int, ...] = ()  #: local numbers of the frames that carried the wire's value


@dataclass(frozen=True, slots=True)
class FieldTable:
    """One string. ``voices`` names the columns: ``client``, ``sdk``, ``wire``, ``server``."""

    subject: str  #: ``string_to_sign`` or ``canonical_request``
    voices: tuple[str, ...]
    rows: tuple[FieldRow, ...]
    cut: int = 0  #: rows left out
    first_difference: int | None = None  #: offset of the first byte on which any two voices differ

    @property
    def differs(self) -> bool:
        """Some row is not the same in all voices."""
        return any(row.same is False for row in self.rows)


def field_kind(field: str) -> Kind:
    """What redaction and shortening must know of a field's value."""
    name, _, rest = field.partition(":")
    if rest.lower() in ("x-oss-security-token", "security-token", "x-amz-security-token"):
        return Kind.TOKEN
    return _KINDS.get(name, Kind.PUBLIC)


_KINDS: dict[str, Kind] = {
    "method": Kind.METHOD,
    "header": Kind.SIGNED_TEXT,
    "query": Kind.SIGNED_TEXT,
    "resource": Kind.RESOURCE,
    "policy": Kind.BODY,
    "layout": Kind.SIGNED_TEXT,
}


def field_tables(finding: Finding, frames: FrameBook) -> tuple[FieldTable, ...]:
    """The compared string first, then the other one where the variant has two."""
    signed = finding.signed
    texts = {
        "canonical_request": (signed.client_canonical, signed.canonical_request, signed.server_canonical),
        "string_to_sign": (signed.client_string, signed.string_to_sign, signed.server_string),
    }
    order = sorted(texts, key=lambda subject: subject != finding.comparison.subject)
    voices = CLIENT, WIRE, SERVER
    tables = (_table(subject, zip(voices, texts[subject], strict=True), frames) for subject in order)
    return tuple(table for table in tables if table is not None)


def voices_table(finding: Finding, frames: FrameBook) -> FieldTable | None:
    """Client, SDK, wire and server side by side; None without a secret that added a voice."""
    check = finding.secret_check
    if check is None:
        return None
    sdk = check.sdk.text if check.sdk is not None else None
    if sdk is None and check.client_signed is None:
        return None
    signed = finding.signed
    split = _splitter(finding)
    texts = (
        (CLIENT, split(check.client_signed)),
        (SDK, split(sdk)),
        (WIRE, signed.string_to_sign),
        (SERVER, signed.server_string),
    )
    return _table("string_to_sign", texts, frames)


def _splitter(finding: Finding) -> Callable[[bytes | None], SignedText | None]:
    signer = SIGNERS.get(finding.signed.credentials.variant)
    inputs = finding.signed.inputs
    names = frozenset(pair.name for pair in inputs.query) if inputs is not None else frozenset()

    def split(text: bytes | None) -> SignedText | None:
        if text is None:
            return None
        return signer.split(text, names) if signer is not None else SignedText((Part("layout", text),))

    return split


def _table(subject: str, texts: Iterable[tuple[str, SignedText | None]], frames: FrameBook) -> FieldTable | None:
    voices = [(name, text) for name, text in texts if text is not None]
    if not voices:
        return None
    columns = [_keyed(text) for _, text in voices]
    wire = next((column for (name, _), column in zip(voices, columns, strict=True) if name == WIRE), {})
    keys = _merged([list(column) for column in columns])
    rows = tuple(_row(key, columns, wire.get(key), frames) for key in keys[:MAX_ROWS])
    first = _first_difference([text.data for _, text in voices])
    return FieldTable(subject, tuple(name for name, _ in voices), rows, max(0, len(keys) - MAX_ROWS), first)


def _keyed(text: SignedText) -> dict[_Key, Part]:
    seen: defaultdict[str, int] = defaultdict(int)
    rows: dict[_Key, Part] = {}
    for part in text.parts:
        if part.field:
            rows[part.field, seen[part.field]] = part
            seen[part.field] += 1
    return rows


def _merged(orders: list[list[_Key]]) -> list[_Key]:
    """All keys: the order of the first list, others' extra keys behind the key they follow there."""
    merged: dict[_Key, list[_Key]] = {}
    head: list[_Key] = []
    for order in orders:
        before: _Key | None = None
        for key in order:
            if key not in merged:
                merged[key] = []
                (head if before is None else merged[before]).append(key)
            before = key
    result: list[_Key] = []
    stack = head[::-1]
    while stack:
        key = stack.pop()
        result.append(key)
        stack.extend(merged[key])
    return result


def _row(key: _Key, columns: list[dict[_Key, Part]], wire: Part | None, frames: FrameBook) -> FieldRow:
    values = tuple(column[key].data if key in column else None for column in columns)
    same = None if len(values) < 2 else len(set(values)) == 1
    field = key[0]
    return FieldRow(field, values, same, field_kind(field), frames.local(wire.frames) if wire else ())


def _first_difference(texts: list[bytes]) -> int | None:
    if len(set(texts)) < 2:
        return None
    shortest = min(map(len, texts))
    low, high = 0, shortest
    while low < high:
        middle = (low + high + 1) // 2
        if len({text[:middle] for text in texts}) == 1:
            low = middle
        else:
            high = middle - 1
    return low
