"""What SDKs print when a request was refused: one row a form, values laid as the document they came from.

SDKs keep different parts of the error answer and print them in their own ways. A row says by which words its form is
known and how its pairs of name and value look; names are the same everywhere once case and punctuation are gone.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from analyzer.oss.errors import ELEMENTS, document_of
from analyzer.pasted.answers import mended
from analyzer.pasted.piece import MAX_PIECES, Answer, Form, Piece, unescaped

__all__ = ["EXCEPTIONS"]

#: Longest value that is taken; StringToSignBytes of a long string are longer than its text.
_MAX_VALUE = 1 << 20

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


@dataclass(frozen=True, slots=True)
class _Look:
    """One form. ``mark`` begins an exception of it; ``pair`` matches one ``name`` and ``value``."""

    name: str
    mark: re.Pattern[bytes]
    pair: re.Pattern[bytes]
    source: str
    lead: re.Pattern[bytes] | None = None  #: message, and code, that stand in front of the pairs or instead of them

    def read(self, text: bytes) -> Piece | None:
        """Every exception of this form in the text."""
        starts = [found.start() for found in self.mark.finditer(text)][:MAX_PIECES]
        if not starts:
            return None
        answers = []
        for start, end in zip(starts, [*starts[1:], len(text)], strict=True):
            answer = self._answer(text[start:end])
            if answer is not None:
                answers.append(answer)
        return Piece(self.name, answers=tuple(answers)) if answers else None

    def _answer(self, text: bytes) -> Answer | None:
        values: dict[bytes, bytes] = {}
        status: int | None = None
        for name, value in (*self._leading(text), *self._pairs(text)):
            bare = re.sub(rb"[^a-z0-9]", b"", name.lower())
            if bare in _STATUS:
                status = status or _number(value)
            elif bare in _NAMES:
                values.setdefault(_NAMES[bare], value)
        known = {name: value for name, value in values.items() if value}
        if b"Code" not in known and b"EC" not in known:
            return None
        return mended(Answer(self.name, document_of(known.items()), status))

    def _leading(self, text: bytes) -> Iterator[Pair]:
        found = self.lead.match(text) if self.lead is not None else None
        if found is not None:
            for name, value in found.groupdict().items():
                if value:
                    yield name.encode(), value.strip()

    def _pairs(self, text: bytes) -> Iterator[Pair]:
        for found in self.pair.finditer(text):
            parts = found.groupdict()
            value = (found["value"] or parts.get("bare") or b"")[:_MAX_VALUE]
            if parts.get("quote"):
                yield found["name"], unescaped(value, raw_bytes=bool(parts.get("bytes")))
            else:
                yield found["name"], value.strip()


def _number(value: bytes) -> int | None:
    return int(value) if re.fullmatch(rb"[1-5]\d\d", value) else None


#: A name and a quoted or bare value as Python, JavaScript, PHP and JSON write them. A typographic quote ends a value
#: only where a pair can end.
_QUOTED = re.compile(
    rb"""(?<![\w-])(?P<edge>['"]?)(?P<name>[A-Za-z][\w-]{0,40})(?P=edge)\]?\s{0,8}(?::|=>)\s{0,40}(?:string\(\d+\)\s)?"""
    rb"""(?:(?P<bytes>b?)(?P<quote>['"])(?=(?P<value>(?:[^\\'"\xe2]+|\\.|(?!(?P=quote)|\xe2\x80[\x98-\x9d]\s*[,}\]]).)*))"""
    rb"""(?P=value)|(?=(?P<bare>[^\s,'"{}\[\]()]+))(?P=bare))""",
    re.S,
)
_END = rb"[ \t]*(?:\r?\n|\Z)"
_BRACKETS = re.compile(
    rb"\[(?P<name>StatusCode|Code|ErrorCode|Message|ErrorMessage|Requestid|RequestId|HostId|EC|Ec)\]\s?:[ \t]?"
    rb"(?P<value>[^\r\n\[]*?)(?=[,;]?\s*(?:\r?\n|\[[A-Z]|\Z))"
)
_LABELS = re.compile(
    rb"(?P<name>Http Status Code|Error Code|ErrorCode|Request ?I[Dd]|Error Message|Message|EC|Host ?I[Dd]|Timestamp|"
    rb"Request Endpoint)[ \t]?:[ \t]*(?P<value>[^\r\n]*?)"
    rb"(?=\.?\s*(?:[\r\n]|\Z)|\.?[ \t,;]+(?:Error Code|Request ?I[Dd]|Message|EC|Host ?I[Dd]|Timestamp|"
    rb"Request Endpoint)[ \t]?:)"
)
_ASSIGNED = re.compile(
    rb'(?P<name>StatusCode|ErrorCode|ErrorMessage|RequestId|Ec)=(?P<lead>"?)(?P<value>[^"\r\n]*?)(?P=lead)'
    rb"(?=,[ ][A-Z]\w+=|\s|\Z)"
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
    ),
    _Look(
        "Go SDK",
        re.compile(rb"(?:oss: )?service returned error: StatusCode="),
        _ASSIGNED,
        "oss/error.go, ServiceError.Error; ossutil prints the same",
    ),
    _Look(
        "Java SDK",
        re.compile(rb"[^\r\n]*\r?\n?\[(?:ErrorCode|StatusCode)\]\s?:"),
        _BRACKETS,
        "ServiceException.getMessage of aliyun-sdk-oss and of the Android SDK",
        re.compile(rb"(?:[^\r\n]*?(?:Exception|Error): )?(?P<message>[^\r\n\[]{3,2000})\r?\n\[ErrorCode\]"),
    ),
    _Look(
        "Java SDK",
        re.compile(rb"Error Message\s?:[^\r\n]*\s+Error Code\s?:|Error Code\s?:[^\r\n]*\s+Request ID\s?:"),
        _LABELS,
        "samples of aliyun-sdk-oss: getErrorMessage, getErrorCode, getRequestId, getHostId printed one by one",
    ),
    _Look(
        ".NET SDK",
        re.compile(rb"Failed with error code:"),
        re.compile(
            rb"(?P<name>error code|Error info|RequestID|HostID)\s?:[ \t]*(?P<value>[^\r\n\t;]*?)"
            rb"(?=[;\t\r\n]|\.?[ ]*\r?\n|\Z)"
        ),
        "samples of Aliyun.OSS: OssException printed with its properties",
    ),
    _Look(
        "PHP SDK",
        re.compile(rb"(?<!\w)(?![A-Za-z]*Exception: )[A-Z][A-Za-z]{3,60}: [^\r\n]{3,2000}? RequestId: " + _ID),
        re.compile(rb"(?P<name>RequestId): (?P<value>" + _ID + rb")"),
        "OSS/Core/OssException.php",
        re.compile(rb"(?P<code>[A-Z][A-Za-z]{3,60}): (?P<message>[^\r\n]{3,2000}?) RequestId: "),
    ),
    _Look(
        "PHP SDK",
        re.compile(rb"\[\"?status\"?\]\s*=>|'status'\s*=>"),
        re.compile(
            rb"\[?['\"]?(?P<name>status|request-id|code|message|ec)['\"]?\]?\s*=>\s*(?:string\(\d+\)\s|int\()?"
            rb"['\"]?(?P<value>[^\r\n'\"]*?)['\")]?,?" + _END
        ),
        "OSS/Core/OssException.php, getDetails printed by print_r, var_dump or var_export",
    ),
    _Look(
        "ali-oss",
        re.compile(rb"\[?(?:[A-Z][A-Za-z]{3,60}Error|SignatureDoesNotMatch): (?=[^\s{][^\r\n]{2,2000}\s)"),
        _QUOTED,
        "ali-oss lib/client.js, requestError; aliyun-sdk for Node.js",
        re.compile(rb"\[?(?P<code>[A-Z][A-Za-z]{3,60}?)(?:Error)?: (?P<message>[^\r\n]{3,2000}?)\]?\s*(?:\r?\n|\Z)"),
    ),
    _Look(
        "ali-oss",
        re.compile(rb"\{[^{}]{0,4000}['\"]?requestId['\"]?\s*:"),
        _QUOTED,
        "ali-oss lib/client.js, requestError: the error printed as JSON",
    ),
)

EXCEPTIONS: tuple[Form, ...] = tuple(Form(look.name, look.read, look.source) for look in _LOOKS)
