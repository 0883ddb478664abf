"""Values off the wire, made fit for human eyes.

Two readings of the same bytes. ``exact`` is for programs: UTF-8 where it decodes, ``\\xNN`` where it does not, nothing
else touched. ``visible`` is for people: every character that a terminal, a browser or a reader could obey or overlook
(control characters, bidirectional and zero-width marks, blanks at the ends) is written out, so that no value can move
a cursor, turn the direction of a line or hide a trailing blank. ``shown`` also cuts what must not stand whole in the
local text: signatures and security tokens, wherever they stand in a longer string.
"""

from __future__ import annotations

import re
import unicodedata
from datetime import UTC, datetime
from ipaddress import ip_address

from analyzer.model.notes import Kind, Wire
from analyzer.model.streams import Endpoint

__all__ = [
    "address",
    "clock",
    "exact",
    "exact_value",
    "instant",
    "opaque",
    "shown",
    "tame",
    "visible",
    "without_opaque",
]

#: Characters of one value that a reader is shown before it is cut in the middle.
LONG = 480

#: Unicode categories that are written out: controls, formats (bidi, zero width), surrogates, private, unassigned,
#: line and paragraph separators.
_UNSEEN = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
_NAMED = {"\n": "\\n", "\r": "\\r", "\t": "\\t", "\x1b": "\\x1b"}
#: Blanks other than U+0020 look like it and are not.
_BLANK = "␠"

#: Where a signature or token stands inside a URL, a header line or a signed text: (what comes before)(the value).
_OPAQUE_INSIDE = re.compile(
    r"(?P<before>(?:^|[?&\s,;])"
    r"(?:(?:x-oss-|x-amz-)?signature|(?:x-oss-|x-amz-)?security-token|x-oss-security-token)\s*[=:]\s*"
    r"|\bauthorization:\s*(?:OSS|AWS)\s+[^\s:]+:"
    r"|(?:^|\s)(?:OSS|AWS)\s+[^\s:,=]+:)"
    r"(?P<value>[^\s&,;\"<>]{12,})",
    re.IGNORECASE,
)
_INSIDE_KINDS = frozenset(
    {Kind.RESOURCE, Kind.SIGNED_TEXT, Kind.HEADER_VALUE, Kind.QUERY_VALUE, Kind.BODY, Kind.OBJECT_KEY, Kind.PUBLIC}
)


def exact(raw: bytes) -> str:
    """UTF-8 with ``backslashreplace``: how the JSON report writes text values."""
    return raw.decode("utf-8", "backslashreplace")


def exact_value(wire: Wire) -> str:
    """``exact`` of a value in a note."""
    return exact(wire.raw)


def _character(char: str) -> str:
    if char in _NAMED:
        return _NAMED[char]
    category = unicodedata.category(char)
    if category in _UNSEEN or (category == "Zs" and char != " "):
        code = ord(char)
        return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"
    return char


def tame(text: str) -> str:
    """Text whose every character is printed rather than obeyed."""
    if text.isascii() and text.isprintable():
        return text
    return "".join(map(_character, text))


def visible(raw: bytes, limit: int = LONG) -> str:
    """The value for a reader: nothing hidden, nothing obeyed, cut in the middle beyond ``limit`` bytes."""
    if len(raw) > limit:
        half = limit // 2
        return f"{visible(raw[:half])} … {visible(raw[-half:])}"
    text = tame(exact(raw))
    if text[:1] == " " or text[-1:] == " ":
        inner = text.strip(" ")
        lead = len(text) - len(text.lstrip(" ")) if inner else len(text)
        trail = len(text) - lead - len(inner)
        text = _BLANK * lead + inner + _BLANK * trail
    return text


def opaque(text: str) -> str:
    """A signature or token, recognisable and of no use: first and last characters."""
    return f"{text[:6]}…{text[-4:]}" if len(text) > 16 else text


def _cut_inside(match: re.Match[str]) -> str:
    return match["before"] + opaque(match["value"])


def without_opaque(text: str) -> str:
    """The text with every signature and token inside it shortened."""
    return _OPAQUE_INSIDE.sub(_cut_inside, text)


def shown(wire: Wire, limit: int = LONG) -> str:
    """A value for the local text: ``visible``, signatures and tokens shortened."""
    if wire.kind is Kind.SIGNATURE or wire.kind is Kind.TOKEN:
        return opaque(visible(wire.raw, limit))
    if wire.kind in _INSIDE_KINDS and len(wire.raw) > 16:
        return visible(without_opaque(exact(wire.raw)).encode("utf-8", "surrogatepass"), limit)
    return visible(wire.raw, limit)


def instant(nanoseconds: int | None) -> str | None:
    """``2018-12-29T07:32:34.120000Z`` (nine digits where the capture has them); None stays None, as does a time that
    no calendar holds."""
    if nanoseconds is None:
        return None
    seconds, rest = divmod(nanoseconds, 10**9)
    try:
        whole = datetime.fromtimestamp(seconds, UTC)
    except (OverflowError, ValueError, OSError):
        return None
    fraction = f"{rest:09d}" if rest % 1000 else f"{rest // 1000:06d}"
    return f"{whole:%Y-%m-%dT%H:%M:%S}.{fraction}Z"


def clock(nanoseconds: int | None, *, fraction: bool = True) -> str | None:
    """``2018-12-29 07:32:34.120 UTC`` for readers."""
    text = instant(nanoseconds)
    if text is None:
        return None
    return f"{text[:10]} {text[11:23] if fraction else text[11:19]} UTC"


def address(end: Endpoint) -> str:
    """``10.0.0.5:51822``, ``[2001:db8::1]:80``."""
    if len(end.address) not in (4, 16):
        return f"{end.address.hex()}:{end.port}"
    ip = ip_address(end.address)
    return f"[{ip}]:{end.port}" if ip.version == 6 else f"{ip}:{end.port}"
