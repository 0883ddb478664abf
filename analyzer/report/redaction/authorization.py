"""Who signed, and with what: the Authorization header, credentials and their scopes."""

from __future__ import annotations

import re
from collections.abc import Callable

from analyzer.model.notes import Kind
from analyzer.report.redaction.tables import Rule, looks_like
from analyzer.report.redaction.values import Values

__all__ = ["Authorizations"]

_SCHEME = re.compile(rb"(\s*(?:OSS4-HMAC-SHA256|AWS4-HMAC-SHA256|OSS2|OSS|AWS|Bearer|Basic)\s+)", re.IGNORECASE)
_NAMED = re.compile(
    rb"((?:^|[,\s])(Credential|AccessKeyId|AdditionalHeaders|SignedHeaders|Signature)\s*[:=]\s*)([^,\s]*)",
    re.IGNORECASE,
)
_PRODUCTS = frozenset((b"oss", b"s3", b"oss-cloudbox", b"ossvector", b"osstables", b""))
_TERMINATORS = frozenset((b"aliyun_v4_request", b"aws4_request", b""))
#: What a part of a scope looks like when it stays: date, region, product, terminator.
_SCOPE: tuple[Callable[[bytes], bool], ...] = (
    lambda part: looks_like(Rule.DATE, part),
    lambda part: looks_like(Rule.REGION, part),
    _PRODUCTS.__contains__,
    _TERMINATORS.__contains__,
)


class Authorizations:
    """Replaces what opens doors, and keeps how it is put together; shares the memory of ``values``."""

    def __init__(self, values: Values) -> None:
        self._values = values
        values.learn(
            {
                Rule.AUTHORIZATION: lambda row, data: self.authorization(data),
                Rule.CREDENTIAL: lambda row, data: self.credential(data),
            }
        )

    def scope(self, line: bytes) -> bytes | None:
        """``<yyyymmdd>/<region>/<product>/<terminator>`` alone; None when it is none."""
        parts = line.split(b"/")
        if len(parts) != len(_SCOPE) or not parts[-1] or parts[-1] not in _TERMINATORS:
            return None
        if not parts[0] and not all(fits(part) for part, fits in zip(parts, _SCOPE, strict=True)):
            return None  # a path
        return b"/".join(self._scope(parts))

    def credential(self, data: bytes) -> bytes:
        """``<id>/<yyyymmdd>/<region>/<product>/<terminator>``, cut from the right, as OSS does; with fewer parts the
        first is the id."""
        parts = data.split(b"/")
        cut = max(len(parts) - len(_SCOPE), 1)
        new = self._values.worded(Kind.ACCESS_KEY_ID, b"/".join(parts[:cut]))
        return b"/".join([new, *self._scope(parts[cut:])])

    def _scope(self, parts: list[bytes]) -> list[bytes]:
        pairs = zip(parts, _SCOPE, strict=False)
        return [part if fits(part) else self._values.worded(Kind.QUERY_VALUE, part) for part, fits in pairs]

    def authorization(self, data: bytes) -> bytes:
        """``<scheme> <id>:<signature>``, or the named parts of the newer schemes; else all words are replaced."""
        scheme = _SCHEME.match(data)
        if scheme is None:
            return self._values.worded(Kind.SIGNATURE, data)
        rest = data[scheme.end() :]
        if _NAMED.search(rest) is None:
            key_id, colon, signature = rest.rpartition(b":")
            key_id = self._values.worded(Kind.ACCESS_KEY_ID, key_id)
            return scheme[0] + key_id + colon + self._values.worded(Kind.SIGNATURE, signature)
        out = [scheme[0]]
        at = 0
        for found in _NAMED.finditer(rest):
            out += [self._values.worded(Kind.SIGNATURE, rest[at : found.start()]), found[1]]
            out.append(self._authorization_part(found[2].lower(), found[3]))
            at = found.end()
        out.append(self._values.worded(Kind.SIGNATURE, rest[at:]))
        return b"".join(out)

    def _authorization_part(self, name: bytes, value: bytes) -> bytes:
        if name in (b"credential", b"accesskeyid"):
            return self.credential(value)
        if name == b"signature":
            return self._values.worded(Kind.SIGNATURE, value)
        return self._values.name_list(Kind.HEADER_VALUE, value)
