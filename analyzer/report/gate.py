"""The last gate: no output leaves with a value in it that was to be removed, in whatever disguise.

Looking for every value in every encoding would cost values times encodings. So it is done the other way round: the
finished output is undressed (entities, backslash escapes, percent escapes, tags, hex dumps, base64 at each of its
alignments) into a few plain views, and all values are looked for in each view at once, by their first bytes. The gate
fails closed: what it finds stops the output, and the message names the kind of value and nothing else.

Not looked for, because finding them proves nothing:

- values under four bytes, and numbers under twelve digits: any report holds such by chance (ports, sizes, times);
- values that a pseudonym came out as, and values that stand in what is kept (a bucket named ``image`` next to
  ``image/png``), unless they are credentials: what opens a door is looked for in kept names, too;
- values that stand in this program's own text (a bucket named ``test``): whoever reads them learns nothing.

Values under ``LONG`` bytes count only as whole words, and in decoded hex and base64 only from ``CODED`` bytes on,
for the same reason. Secrets are exempt from nothing but the first length.
"""

from __future__ import annotations

import html
import json
import re
from base64 import b64encode
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from urllib.parse import quote_from_bytes

from analyzer.model.errors import OutputRefused
from analyzer.model.notes import Kind, note
from analyzer.model.secrets import Secret
from analyzer.report.prefixes import LONG_HEAD, SHORT, Prefixes
from analyzer.report.undress import ROUNDS, plain, views

__all__ = ["CREDENTIALS", "Gate", "check_secrets", "secret_gate", "views"]

LONG = 12
CODED = 6
_DIGITS = 12
#: Bytes of output searched at a time; bytes that one byte of a value takes at most in a disguise (an entity of an
#: escape of an escape); what tags and blanks may add.
_STRETCH, _DISGUISE, _MARGIN = 1 << 20, 24, 16_384

_ALNUM = frozenset(b"0123456789abcdefghijklmnopqrstuvwxyz")

_SECRET = "secret"
#: Kinds that somebody could act with.
CREDENTIALS = frozenset({Kind.ACCESS_KEY_ID, Kind.SIGNATURE, Kind.TOKEN})
_STRICT = frozenset(kind.value for kind in CREDENTIALS)


@dataclass(frozen=True, slots=True)
class _Needle:
    value: bytes  #: lower case
    kind: str


class Gate:
    """Values that must not be in any output. Shows nothing of them."""

    __slots__ = ("_harmless", "_heads", "_longest", "_prefixes", "_public", "_sessions")

    def __init__(
        self,
        removed: Mapping[Kind, Iterable[bytes]],
        issued: Iterable[bytes] = (),
        public: Iterable[bytes] = (),
        secrets: Iterable[Secret] = (),
        key_logs: Iterable[Secret] = (),
    ) -> None:
        """``removed``: values by kind; ``issued``: pseudonyms; ``public``: captured values that were kept;
        ``key_logs``: texts of key logs, which hold too many secrets to look at each."""
        given = {value.lower() for value in issued}
        needles = {
            form: _Needle(form, kind.value)
            for kind in sorted(removed, key=CREDENTIALS.__contains__)  # the last one counts
            for value in removed[kind]
            for form in _forms(value)
            if _worth_finding(form) and form not in given
        }
        for secret in secrets:
            needles.update({form: _Needle(form, _SECRET) for form in _forms(secret.reveal()) if len(form) >= SHORT})
        self._heads = _heads(needles.values())
        self._prefixes = Prefixes(self._heads)
        self._longest = max(map(len, needles), default=0)
        self._public = b"\n".join(sorted(value.lower() for value in public))
        self._harmless: dict[bytes, bool] = {}
        sessions = {secret[:LONG_HEAD].lower() for log in key_logs for secret in _session_secrets(log)}
        self._sessions = Prefixes(sessions) if sessions else None

    def __repr__(self) -> str:
        return f"Gate({sum(map(len, self._heads.values()))} values)"

    def __reduce__(self) -> str | tuple[object, ...]:
        raise TypeError("a Gate cannot be serialised")

    def check(self, output: bytes, name: str) -> None:
        """Raise ``OutputRefused`` when ``output`` holds a value; ``name`` is what the output is called."""
        found = self.find(output)
        if found is not None:
            raise OutputRefused(note("redaction.refused", output=name, kind=found))

    def find(self, output: bytes, *, plainly: bool = False) -> str | None:
        """Kind of the first value found, None when the output is clean. ``plainly``: only as it stands, and without
        one layer of escapes."""
        if not self._heads and self._sessions is None:
            return None
        for stretch, begins, ends in self._stretches(output):
            for view, coded in _plain_views(stretch) if plainly else views(stretch):
                if self._sessions is not None and any(True for _ in self._sessions.places(view)):
                    return _SECRET  # eight random bytes are nowhere by chance
                for needle, at in self._hits(view):
                    if (at == 0 and not begins) or (at + len(needle.value) == len(view) and not ends):
                        continue  # cut off at an edge; whole in the stretch beside it
                    if not self._is_chance(needle, view, at, coded):
                        return needle.kind
        return None

    def _stretches(self, output: bytes) -> Iterator[tuple[bytes, bool, bool]]:
        """The output in stretches that overlap by more than the longest value in its longest disguise, and whether
        the output begins and ends there."""
        overlap = self._longest * _DISGUISE + _MARGIN
        size = max(_STRETCH, 2 * overlap)
        for at in range(0, max(len(output) - overlap, 1), size - overlap):
            yield output[at : at + size], at == 0, at + size >= len(output)

    def _hits(self, view: bytes) -> Iterator[tuple[_Needle, int]]:
        for at in self._prefixes.places(view):
            for size in (LONG_HEAD, SHORT):
                for needle in self._heads.get(view[at : at + size], ()):
                    if view.startswith(needle.value, at):
                        yield needle, at

    def _is_chance(self, needle: _Needle, view: bytes, at: int, coded: bool) -> bool:
        value = needle.value
        if needle.kind == _SECRET and len(value) >= CODED:
            return False
        if coded and len(value) < CODED:
            return True
        if len(value) < LONG:
            end = at + len(value)
            if (at > 0 and view[at - 1] in _ALNUM) or (end < len(view) and view[end] in _ALNUM):
                return True
        return needle.kind != _SECRET and self._is_harmless(needle)

    def _is_harmless(self, needle: _Needle) -> bool:
        value = needle.value
        known = self._harmless.get(value)
        if known is None:
            kept = needle.kind not in _STRICT and value in self._public
            known = self._harmless[value] = kept or value in _own_text()
        return known


def secret_gate(secrets: Iterable[Secret]) -> Gate:
    """The gate of the local view: everything may be shown, except secrets."""
    return Gate({}, secrets=secrets)


def check_secrets(output: bytes, name: str, secrets: Iterable[Secret], key_logs: Iterable[Secret] = ()) -> None:
    """For the local view, which shows everything else: raise ``OutputRefused`` when it holds one of a few secrets,
    plain, escaped, in hex or in base64, or a session secret of a key log. ``Gate`` finds more and takes longer."""
    logs = tuple(key_logs)
    if logs:
        Gate({}, key_logs=logs).check(output, name)
    for secret in secrets:
        value = secret.reveal()
        if len(value.strip()) >= LONG and any(form in output for form in _written(value)):
            raise OutputRefused(note("redaction.refused", output=name, kind=_SECRET))


#: A client random (or what an RSA line has in its place), and the secret behind it.
_ENTRY = re.compile(rb"[0-9A-Fa-f]{16,64}[ \t]+([0-9A-Fa-f]{32,})")


def _session_secrets(log: Secret) -> Iterator[bytes]:
    """The secrets of a key log, whatever their labels; some are written in UTF-16."""
    for found in _ENTRY.finditer(log.reveal().replace(b"\0", b"")):
        digits = found[1]
        yield bytes.fromhex(digits[: len(digits) & ~1].decode("ascii"))


def _written(value: bytes) -> Iterator[bytes]:
    text = value.decode("utf-8", "backslashreplace")
    yield from {value, text.encode(), html.escape(text).encode(), json.dumps(text)[1:-1].encode()}
    yield from {quote_from_bytes(value, "").encode(), quote_from_bytes(value, "/").encode()}
    for digits in (value.hex(), value.hex(" ")):
        yield from (digits.encode(), digits.upper().encode())
    for shift in range(3):
        whole = b64encode(bytes(shift) + value)[4 if shift else 0 : -4]
        yield from {whole, whole.translate(bytes.maketrans(b"+/", b"-_"))}


def _plain_views(output: bytes) -> Iterator[tuple[bytes, bool]]:
    for view in dict.fromkeys((output, plain(output))):
        yield view.lower(), False


def _forms(value: bytes) -> set[bytes]:
    """The value as it stands and without its escapes; ASCII in lower case, other letters in either."""
    forms = {value.strip(), value}
    for _ in range(ROUNDS):
        forms |= {plain(form) for form in forms}
    return {lower for form in forms for lower in _cases(form)}


def _cases(value: bytes) -> Iterator[bytes]:
    yield value.lower()
    if not value.isascii():
        text = value.decode("utf-8", "surrogateescape")
        for other in (text.lower(), text.upper()):
            yield other.encode("utf-8", "surrogateescape").lower()


def _worth_finding(value: bytes) -> bool:
    bare = value.strip()
    if len(bare) < SHORT:
        return False
    return not (len(bare) < _DIGITS and bare.translate(None, b"0123456789 .:-,/_").strip() == b"" and b"." not in bare)


def _heads(needles: Iterable[_Needle]) -> dict[bytes, list[_Needle]]:
    """First eight bytes (four of shorter values) → values."""
    heads: dict[bytes, list[_Needle]] = {}
    for needle in needles:
        size = LONG_HEAD if len(needle.value) >= LONG_HEAD else SHORT
        heads.setdefault(needle.value[:size], []).append(needle)
    return heads


@cache
def _own_text() -> bytes:
    """Everything that this program can say by itself: its own source, catalogues and templates, lower case."""
    return b"\n".join(sorted(_texts(files("analyzer")))).lower()


def _texts(folder: Traversable) -> Iterator[bytes]:
    for entry in folder.iterdir():
        if entry.is_dir():
            yield from _texts(entry)
        elif entry.name.endswith((".py", ".html", ".css", ".js", ".json", ".j2")):
            yield entry.read_bytes()
