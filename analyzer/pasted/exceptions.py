"""What SDKs print when a request was refused: one row a form, values laid as the document they came from.

SDKs keep different parts of the error answer and print them in their own ways. A row says by which words its form is
known and how its pairs of name and value look; names are the same everywhere once case and punctuation are gone.

Patterns take values greedily, up to what no value can hold, and what stands around a value is cut off afterwards: a
pattern that looks for a value's end at every byte of it costs the square of its length. For the same reason a value
that turns out to be none is stepped over, not searched for names.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import islice, pairwise

from analyzer.oss.errors import ELEMENTS, document_of
from analyzer.pasted.answers import mended
from analyzer.pasted.piece import Answer, Form, Piece, unescaped

__all__ = ["EXCEPTIONS"]

#: Longest value that is taken; StringToSignBytes of a long string are longer than its text.
_MAX_VALUE = 1 << 20
#: Bytes before a mark that may belong to its exception, and exceptions of one form that are read.
_MAX_LEAD, _MAX_EXCEPTIONS = 2048, 100
#: Shorter ones are no sentence.
_MIN_MESSAGE = 3

#: Name without case and punctuation → element, where it is not the element's own name.
_NAMES: dict[bytes, bytes] = {
    **{name.lower(): name for name in ELEMENTS},
    b"errorcode": b"Code",
    b"errormessage": b"Message",
    b"errorinfo": b"Message",
    b"xossrequestid": b"RequestId",
    b"host": b"HostId",
    b"eccode": b"EC",
    b"xossec": b"EC",
}
_STATUS = frozenset({b"status", b"statuscode", b"httpstatus", b"httpstatuscode"})

Pair = tuple[bytes, bytes]


def _at(text: bytes, mark: int) -> int:
    """The form begins with its mark."""
    return mark


def _line_of(text: bytes, mark: int) -> int:
    """What stands before the mark on its line belongs to it."""
    first = max(mark - _MAX_LEAD, 0)
    return max(text.rfind(b"\n", first, mark) + 1, first)


def _line_before(text: bytes, mark: int) -> int:
    """The line before the mark belongs to it."""
    return max(_line_of(text, max(_line_of(text, mark) - 1, 0)), mark - _MAX_LEAD)


def _sample(text: bytes, mark: int) -> int:
    """``Error Message:`` shortly before the mark belongs to it."""
    found = text.rfind(b"Error Message", max(mark - _MAX_LEAD, 0), mark)
    return found if found >= 0 else mark


def _no_lead(text: bytes) -> Iterator[Pair]:
    """All is in the pairs."""
    return iter(())


_RAISED = re.compile(rb"(?:Exception|Error): ")


def _message_before(text: bytes) -> Iterator[Pair]:
    """The line before ``[ErrorCode]``, without the name of the exception."""
    for line, below in pairwise(text.split(b"\n")):
        if below.startswith(b"[ErrorCode]"):
            told = line.removesuffix(b"\r").rpartition(b"\r")[2].rpartition(b"[")[2]
            raised = _RAISED.search(told)
            message = told[raised.end() if raised is not None else 0 :].strip()
            if len(message) >= _MIN_MESSAGE:
                yield b"message", message
                return


_CODE_AND_MESSAGE = re.compile(rb"(?<!\w)(?![A-Za-z]{0,60}Exception: )([A-Z][A-Za-z]{3,60}): (.*)", re.S)


def _before_id(text: bytes) -> Iterator[Pair]:
    """``Code: message`` on the line of the request id."""
    for line in text.splitlines():
        told, mark, _ = line.partition(b" RequestId: ")
        found = _CODE_AND_MESSAGE.search(told) if mark else None
        if found is not None and len(found[2]) >= _MIN_MESSAGE:
            yield from ((b"code", found[1]), (b"message", found[2].strip()))
            return


_ERROR_LINE = re.compile(rb"\[?([A-Z][A-Za-z]{3,60}?)(?:Error)?: ([^\r\n]*)")


def _error_line(text: bytes) -> Iterator[Pair]:
    """``CodeError: message`` up to the end of the line; older versions of Node.js put it into brackets."""
    for found in _ERROR_LINE.finditer(text):
        message = found[2].rstrip().removesuffix(b"]").strip()
        if len(message) >= _MIN_MESSAGE:
            yield from ((b"code", found[1]), (b"message", message))
            return


@dataclass(frozen=True, slots=True)
class _Look:
    """One form. ``mark`` is found in every exception of it, ``begin`` tells where that one begins; ``pair`` matches one
    ``name`` with a ``value`` in quotes or a ``bare`` one, or alone where what follows is no value."""

    name: str
    mark: re.Pattern[bytes]
    pair: re.Pattern[bytes]
    source: str
    begin: Callable[[bytes, int], int] = _at
    lead: Callable[[bytes], Iterator[Pair]] = _no_lead  #: what is told in words around the mark
    ends: tuple[bytes, ...] = ()  #: what may stand between a bare value and the end of its line, outermost first

    def read(self, text: bytes) -> Piece | None:
        """Every exception of this form in the text."""
        marks = [found.start() for found in islice(self.mark.finditer(text), _MAX_EXCEPTIONS)]
        starts = [self.begin(text, mark) for mark in marks]
        ends = [*starts[1:], len(text)]
        found = (self._answer(text[start : max(start, end)]) for start, end in zip(starts, ends, strict=False))
        answers = tuple(answer for answer in found if answer is not None)
        return Piece(self.name, answers=answers) if answers else None

    def _answer(self, text: bytes) -> Answer | None:
        values: dict[bytes, bytes] = {}
        status: int | None = None
        for name, value in (*self.lead(text[: 2 * _MAX_LEAD]), *self._pairs(text)):
            bare = re.sub(rb"[^a-z0-9]", b"", name.lower())
            if bare in _STATUS:
                status = status or _number(value)
            elif bare in _NAMES:
                values.setdefault(_NAMES[bare], value)
        known = {name: value for name, value in values.items() if value}
        if b"Code" not in known and b"EC" not in known:
            return None
        return mended(Answer(self.name, document_of(known.items()), status))

    def _pairs(self, text: bytes) -> Iterator[Pair]:
        for found in self.pair.finditer(text):
            parts = found.groupdict()
            value = parts.get("value")
            if value is not None and parts.get("quote"):
                yield found["name"], unescaped(value[:_MAX_VALUE], raw_bytes=bool(parts.get("bytes")))
            elif value is not None:
                yield found["name"], value[:_MAX_VALUE].strip()
            elif parts.get("bare") is not None:
                yield found["name"], self._trimmed(found["bare"][:_MAX_VALUE])

    def _trimmed(self, value: bytes) -> bytes:
        value = value.rstrip()
        for end in self.ends:
            value = value.removesuffix(end)
        return value.strip()


def _number(value: bytes) -> int | None:
    return int(value) if re.fullmatch(rb"[1-5]\d\d", value) else None


#: A name and a quoted or bare value as Python, JavaScript, PHP and JSON write them. A typographic quote ends a value
#: only where a pair can end. Each escape of a value takes memory until its end is found, so their number is limited.
_QUOTED = re.compile(
    rb"""(?<![\w-])(?P<edge>['"]?)(?P<name>[A-Za-z][\w-]{0,40})(?P=edge)\]?\s{0,8}(?::|=>)\s{0,40}(?:string\(\d+\)\s)?"""
    rb"""(?:(?P<bytes>b?)(?P<quote>['"])(?=(?P<value>(?:[^\\'"\xe2]+|\\.|(?!(?P=quote)|\xe2\x80[\x98-\x9d]\s*[,}\]]).){0,100000}))"""
    rb"""(?P=value)|(?=(?P<bare>[^\s,'"{}\[\]()]+))(?P=bare))""",
    re.S,
)
#: Up to the end of the line or the next of these names in brackets.
_BRACKETS = re.compile(
    rb"\[(?P<name>StatusCode|Code|ErrorCode|Message|ErrorMessage|Requestid|RequestId|HostId|EC|Ec)\]\s?:"
    rb"(?P<bare>[^\r\n\[]*)(?=[\r\n]|\[[A-Z]|\Z)"
)
#: Up to the end of the line, or to blanks with one of these names behind them.
_LABELS = re.compile(
    rb"(?P<name>Http Status Code|Error Code|ErrorCode|Request ?I[Dd]|Error Message|Message|EC|Host ?I[Dd]|Timestamp|"
    rb"Request Endpoint)[ \t]?:[ \t]*(?P<bare>(?:[^\r\n \t,;]+|[ \t,;]+(?![ \t,;]|"
    rb"(?:Error Code|Request ?I[Dd]|Message|EC|Host ?I[Dd]|Timestamp|Request Endpoint)[ \t]?:)){0,2000})"
)
#: A word, or something in quotes.
_ASSIGNED = re.compile(
    rb"(?P<name>StatusCode|ErrorCode|ErrorMessage|RequestId|Ec)="
    rb'(?:"(?P<value>[^"\r\n]*)"(?=,[ ][A-Z]\w+=|\s|\Z)|(?P<bare>[^"\s]*[^"\s,]),?(?=\s|\Z)|[^"\s]*)'
)
_ID = rb"[0-9A-Fa-f]{12,40}"

_LOOKS: tuple[_Look, ...] = (
    _Look(
        "oss2",
        re.compile(rb"\{\s*'status'\s*:\s*-?\d+\s*,"),
        _QUOTED,
        "oss2/exceptions.py, OssError.__str__",
    ),
    _Look(
        "SDK V2",
        re.compile(rb"Error returned by Service\.|(?<!\w)Http Status Code\s?:"),
        _LABELS,
        "ServiceError of the V2 SDKs: alibabacloud_oss_v2/exceptions.py, oss/errors.go, ServiceException of Java, "
        "PHP and .NET",
        ends=(b".",),
    ),
    _Look(
        "Go SDK",
        re.compile(rb"(?:oss: )?service returned error: StatusCode="),
        _ASSIGNED,
        "oss/error.go, ServiceError.Error; ossutil prints the same",
    ),
    _Look(
        "Java SDK",
        re.compile(rb"\[(?:ErrorCode|StatusCode)\]\s?:"),
        _BRACKETS,
        "ServiceException.getMessage of aliyun-sdk-oss and of the Android SDK",
        _line_before,
        _message_before,
        (b",", b";"),
    ),
    _Look(
        "Java SDK",
        re.compile(rb"(?<!\w)Error Code\s?:"),
        _LABELS,
        "samples of aliyun-sdk-oss: getErrorMessage, getErrorCode, getRequestId, getHostId printed one by one",
        _sample,
        ends=(b".",),
    ),
    _Look(
        ".NET SDK",
        re.compile(rb"Failed with error code:"),
        re.compile(rb"(?P<name>error code|Error info|RequestID|HostID)\s?:[ \t]*(?P<bare>[^\r\n\t;]*)"),
        "samples of Aliyun.OSS: OssException printed with its properties",
        ends=(b".",),
    ),
    _Look(
        "PHP SDK",
        re.compile(rb" RequestId: " + _ID),
        re.compile(rb"(?P<name>RequestId): (?P<bare>" + _ID + rb")"),
        "OSS/Core/OssException.php",
        _line_of,
        _before_id,
    ),
    _Look(
        "PHP SDK",
        re.compile(rb"\[\"?status\"?\]\s*=>|'status'\s*=>"),
        re.compile(
            rb"\[?['\"]?(?P<name>status|request-id|code|message|ec)['\"]?\]?\s*=>[ \t]*(?![ \t])"
            rb"(?:\r?\n[ \t]*(?=string\(|int\())?(?:string\(\d+\)\s|int\()?"
            rb"(?:(?:['\"](?P<value>[^\r\n'\"]*)|(?P<bare>[^\r\n'\"]*))(?:['\"],?[ \t]*)?(?=\r?\n|\Z)|"
            rb"['\"]?[^\r\n'\"]*)"
        ),
        "OSS/Core/OssException.php, getDetails printed by print_r, var_dump or var_export",
        ends=(b",", b")"),
    ),
    _Look(
        "ali-oss",
        re.compile(rb"\[?(?:[A-Z][A-Za-z]{3,60}Error|SignatureDoesNotMatch): (?=[^\s{][^\r\n]{2,2000}\s)"),
        _QUOTED,
        "ali-oss lib/client.js, requestError; aliyun-sdk for Node.js",
        lead=_error_line,
    ),
    _Look(
        "ali-oss",
        re.compile(rb"\{[^{}]{0,4000}['\"]?requestId['\"]?\s*:"),
        _QUOTED,
        "ali-oss lib/client.js, requestError: the error printed as JSON",
    ),
)

EXCEPTIONS: tuple[Form, ...] = tuple(Form(look.name, look.read, look.source) for look in _LOOKS)
