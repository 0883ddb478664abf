"""Texts made of values: strings to sign, canonical requests, policies, and their bytes written as numbers.

A signed text is never masked. It is read line by line, as every variant lays its lines, each value in it is replaced
as it is replaced elsewhere, and the text is put together again. So what was equal on both sides stays equal, what
differed still differs at the same field, and the hex of the text is the hex of the new text. A line that has no form
known here is replaced word by word.
"""

from __future__ import annotations

import binascii
import json
import re
from base64 import b64decode, b64encode
from bisect import bisect_left, insort
from collections.abc import Callable
from itertools import groupby

from analyzer.model.notes import Kind
from analyzer.oss.errors import utf8
from analyzer.oss.numbers import read_numbers
from analyzer.oss.subresources import table
from analyzer.report.gate import CREDENTIALS
from analyzer.report.redaction.authorization import Authorizations
from analyzer.report.redaction.tables import HEADERS, Row, Rule, is_known_parameter, looks_like, policy_row
from analyzer.report.redaction.values import Values
from analyzer.report.redaction.vocabulary import METHODS, POLICY_WORDS

__all__ = ["Texts", "unpacked"]

_NAME_LINE = re.compile(rb"([!#$&'*+.^_`|~0-9A-Za-z-]{1,128}):")
_NAME = re.compile(rb"[^;\s]+")
_RESOURCE = re.compile(rb"/|%2F|https?://", re.IGNORECASE)
_ALGORITHM = re.compile(rb"(?:OSS4|AWS4)-HMAC-SHA256|UNSIGNED-PAYLOAD|STREAMING-[A-Z0-9-]{1,60}")
_NUMBER = re.compile(rb"\d{1,13}")
_QUERY = re.compile(rb"[^\s=&]+(?:=[^\s]*|&[^\s]*)")
_SIGNED_NAME = (b"x-oss-", b"x-amz-")
#: Strings of JSON, names of members with their colon; brackets; numbers.
_JSON_PIECE = re.compile(r'"((?:[^"\\]|\\.)*)"(\s*:)?|[\[\]{}]|-?\d[\d.eE+-]*')
#: Digits of a number that may be a size.
_SIZE = 14
#: So many bytes of a policy in base64 are nothing else.
_TELLING = 16
_HEX_PAIRS = re.compile(rb"[0-9A-Fa-f]{2}")


class Texts:
    """Replaces values inside texts; shares the memory of ``values`` and teaches it its rules."""

    def __init__(self, values: Values) -> None:
        self.values = values
        self._parameters = table().union
        self._policies: list[tuple[bytes, bytes]] = []  #: as they stood → as they stand now, sorted
        self.authorizations = Authorizations(values)
        values.learn(
            {
                Rule.SIGNED: lambda row, data: self.signed(data),
                Rule.NUMBERS: lambda row, data: self.numbers(data, None),
                Rule.POLICY: self._packed_policy,
            }
        )
        self._lines: tuple[tuple[Callable[[bytes], bool], Callable[[bytes], bytes]], ...] = (
            (self._is_kept, values.keep),
            (self._is_header, self._header),
            (lambda line: _RESOURCE.match(line) is not None, self._resource),
            (self._is_names, lambda line: _NAME.sub(lambda found: values.name(found[0]), line)),
            (lambda line: _QUERY.fullmatch(line) is not None, lambda line: values.query(line, in_order=True)),
            (self._is_parameter, lambda line: line),
        )

    def signed(self, text: bytes) -> bytes:
        """A string to sign or canonical request, or lines of one."""
        lines = text.split(b"\n")
        new = [self._line(line) for line in lines]
        return b"\n".join(self._in_order(lines, new) if self.values.renamed else new)

    def numbers(self, raw: bytes, expected: bytes | None) -> bytes:
        """``StringToSignBytes``: the numbers of the text's replacement, written as they were written.
        ``expected`` is the text beside it, which tells decimal from hex."""
        text, _ = read_numbers(raw, expected)
        if text is None:
            return self.values.replaced(Kind.SIGNED_TEXT, raw)
        new = self.signed(text)
        pairs = _HEX_PAIRS.findall(raw)
        if b"".join(pairs).lower() == text.hex().encode() and len(new) == len(text):
            upper = any(b"A" <= digit <= b"F" for digit in map(bytes, zip(raw, strict=True)))
            digits = iter((new.hex().upper() if upper else new.hex()).encode())
            return _HEX_PAIRS.sub(lambda found: bytes((next(digits), next(digits))), raw)
        if b"".join(raw.split()).lower() == text.hex().encode():
            return (new.hex(" ").upper() if raw.upper() == raw else new.hex(" ")).encode()
        return b" ".join([b"%d" % byte for byte in new])

    def policy(self, text: str) -> str:
        """The JSON of a PostObject policy: every string that is no word of policies replaced, by the name of the field
        that it is about: ``{"name": value}`` or ``["eq", "$name", value]``."""
        names = [b""]  # of what is open, the innermost last

        def piece(found: re.Match[str]) -> str:
            if found[0] in "[{":
                names.append(names[-1])
            elif found[0] in "]}":
                names.pop()
            elif found[1] is None:
                return self.values.number(policy_row(names[-1]), found[0].encode(), _SIZE).decode()
            else:
                return self._policy_string(names, found)
            return found[0]

        return _JSON_PIECE.sub(piece, text)

    # Lines of signed texts ------------------------------------------------------------------------------------------

    def _line(self, line: bytes) -> bytes:
        end = b"\r" if line.endswith(b"\r") else b""
        bare = line[: len(line) - len(end)]
        for known in (self.values.digests.get, self.authorizations.scope, self._policy_of):
            new = known(bare)
            if new is not None:
                return new + end
        for fits, replace in self._lines:
            if fits(bare):
                return replace(bare) + end
        return self.values.replaced(Kind.SIGNED_TEXT, bare) + end

    def _in_order(self, lines: list[bytes], new: list[bytes]) -> list[bytes]:
        """Header lines that stood sorted do so afterwards, also where their names were replaced."""
        at = 0
        for is_header, same in groupby(lines, self._is_header):
            block = list(same)
            end = at + len(block)
            if is_header and block == sorted(block) and any(map(_is_renamed, block, new[at:end])):
                new[at:end] = sorted(new[at:end])
            at = end
        return new

    def _is_kept(self, line: bytes) -> bool:
        bare = line.strip()
        return (
            not bare
            or bare.upper() in METHODS
            or any(form.fullmatch(bare) is not None for form in (_ALGORITHM, _NUMBER))
            or looks_like(Rule.DATE, bare)
            or looks_like(Rule.MEDIA, bare)
        )

    def _is_header(self, line: bytes) -> bool:
        found = _NAME_LINE.match(line)
        if found is None:
            return False
        name = found[1].lower()
        return name.startswith(_SIGNED_NAME) or name in HEADERS or name in self.values.names

    def _header(self, line: bytes) -> bytes:
        name, colon, value = line.partition(b":")
        bare = value.strip()
        at = value.find(bare)
        new = self.values.header(name, bare) if bare else b""
        return self.values.name(name) + colon + value[:at] + new + value[at + len(bare) :]

    def _resource(self, line: bytes) -> bytes:
        path, mark, query = line.partition(b"?")
        if not path.lower().startswith(b"http"):
            return self.values.path(path) + mark + self.values.query(query, in_order=True)
        return self.values.target(line)

    def _is_names(self, line: bytes) -> bool:
        names = [name.strip().lower() for name in line.split(b";")]
        return all(name in self.values.names or name in HEADERS for name in names)

    def _is_parameter(self, line: bytes) -> bool:
        return is_known_parameter(line, self._parameters)

    # Policies -------------------------------------------------------------------------------------------------------

    def _packed_policy(self, row: Row, data: bytes) -> bytes:
        new = self._policy_of(data)
        return new if new is not None else self.values.replaced(Kind.SIGNED_TEXT, data)

    def _policy_of(self, data: bytes) -> bytes | None:
        """A policy in base64, or the beginning of one met before, replaced; None when that is none."""
        at = bisect_left(self._policies, (data,))
        if at < len(self._policies) and len(data) >= _TELLING:
            known, replaced = self._policies[at]
            if known.startswith(data):
                return replaced[: len(data)] if known != data else replaced
        new = self._new_policy(data)
        if new is not None:
            insort(self._policies, (data, new))
        return new

    def _new_policy(self, data: bytes) -> bytes | None:
        text = unpacked(data)
        if text is None or text.lstrip()[:1] != b"{":
            return None
        try:
            json.loads(text)
            return b64encode(self.policy(text.decode("utf-8")).encode("utf-8"))
        except (ValueError, RecursionError):
            return None

    def _policy_string(self, names: list[bytes], found: re.Match[str]) -> str:
        """A string in its quotes; ``names`` learns it where it names a field."""
        escaped = "\\" in found[1]
        text = json.loads(f'"{found[1]}"') if escaped else found[1]
        raw = utf8(text)
        if found[2] is None and not raw.startswith(b"$"):
            new = self._policy_value(policy_row(names[-1]), raw)
        else:
            names[-1] = raw.lstrip(b"$")
            new = raw if self._is_policy_name(raw) else self.values.replaced(Kind.QUERY_VALUE, raw)
        told = new.decode("utf-8", "replace")
        return (json.dumps(told) if escaped else f'"{told}"') + (found[2] or "")

    def _is_policy_name(self, raw: bytes) -> bool:
        bare = raw.removeprefix(b"$")
        known = raw.lower() in POLICY_WORDS or looks_like(Rule.TOKENS, bare)
        return known or is_known_parameter(bare, self._parameters)

    def _policy_value(self, row: Row, raw: bytes) -> bytes:
        if b"_request" in raw:
            return self.authorizations.credential(raw)
        if row.kind not in CREDENTIALS and (raw.lower() in POLICY_WORDS or _is_harmless(raw)):
            return raw
        return self.values.by_row(row, raw)


def _is_renamed(line: bytes, new: bytes) -> bool:
    return line.partition(b":")[0] != new.partition(b":")[0]


def _is_harmless(raw: bytes) -> bool:
    return any(looks_like(rule, raw) for rule in (Rule.DATE, Rule.TOKENS, Rule.MEDIA))


def unpacked(data: bytes) -> bytes | None:
    """Base64, standard or URL-safe, decoded; None when it is none."""
    bare = data.strip()
    if len(bare) < 8:
        return None
    try:
        return b64decode(bare.translate(bytes.maketrans(b"-_", b"+/")), validate=True)
    except (binascii.Error, ValueError):
        return None
