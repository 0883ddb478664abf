"""Facts that hold without any secret.

Each is computed once per failure; some become fields of the ``Case`` that causes reason with, all become ``Fact``
rows that the reader sees, with the frames that show them.
"""

from __future__ import annotations

import re
from base64 import b64decode, b64encode
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import lru_cache

from analyzer.diagnosis.case import Case, Claims
from analyzer.model.findings import Clocks, Fact
from analyzer.model.http import Head, Request
from analyzer.model.notes import Kind, Wire, note
from analyzer.model.signing import ServerError, SignedExchange

__all__ = [
    "SKEW_LIMIT",
    "belongs_together",
    "claims_of",
    "clocks_of",
    "echoed_same",
    "facts_of",
    "form_cut",
    "head_cut_by_loss",
    "parse_time",
    "proxies_of",
    "skew_seconds",
    "text_contradicts",
]

#: Seconds that client and server may differ (error 0002-00000504: MaxAllowedSkewMilliseconds 900000).
SKEW_LIMIT = 900

_ISO = re.compile(rb"(\d{4})-?(\d\d)-?(\d\d)T(\d\d):?(\d\d):?(\d\d)(?:\.\d{1,9})?Z?\Z")
#: An HTTP date as nearly all are written (RFC 9110 section 5.6.7, IMF-fixdate).
_HTTP_DATE = re.compile(rb"[A-Z][a-z]{2}, (\d\d) ([A-Z][a-z]{2}) ([1-9]\d{3}) (\d\d):(\d\d):(\d\d) GMT\Z")
_MONTHS = b"Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split()
_BASE64_MD5 = re.compile(rb"[A-Za-z0-9+/]{22}==")


@lru_cache(maxsize=1024)
def parse_time(value: bytes | None) -> int | None:
    """An HTTP date or an ISO 8601 time in UTC, nanoseconds since 1970; None for anything else."""
    if value is None or len(value) > 64:
        return None
    try:
        return int(_moment(value).timestamp()) * 1_000_000_000
    except (ValueError, TypeError, IndexError, OverflowError):
        return None


def _moment(value: bytes) -> datetime:
    found = _ISO.match(value.strip())
    if found is not None:
        return datetime(*(int(group) for group in found.groups()), tzinfo=UTC)  # type: ignore[arg-type, misc]
    found = _HTTP_DATE.match(value)
    if found is not None and found[2] in _MONTHS:
        day, year, hour, minute, second = map(int, found.group(1, 3, 4, 5, 6))
        return datetime(year, _MONTHS.index(found[2]) + 1, day, hour, minute, second, tzinfo=UTC)
    from email.utils import parsedate_to_datetime  # late: a large package for the few dates in other forms

    moment = parsedate_to_datetime(value.decode("ascii"))
    return moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)


def clocks_of(signed: SignedExchange) -> Clocks:
    """Client, server and capture clock. A signed URL says when it ends or began, not what the client's clock shows
    now, so it gives no client clock."""
    request, response = signed.exchange.request, signed.exchange.response
    client = None
    if request is not None and not signed.credentials.variant.in_query:
        names = (b"x-oss-date", b"x-amz-date", b"date")
        client = next((t for name in names if (t := parse_time(request.head.first(name))) is not None), None)
    server = parse_time(response.head.first(b"date")) if response is not None else None
    capture = request.first_time if request is not None and request.first_time > 0 else None
    return Clocks(client, server, capture)


def skew_seconds(clocks: Clocks) -> int | None:
    """Server minus client, whole seconds; None where one is unknown."""
    if clocks.client is None or clocks.server is None:
        return None
    return (clocks.server - clocks.client) // 1_000_000_000


def echoed_same(signed: SignedExchange) -> bool | None:
    """Is the signature in the answer the one sent? None where either is unknown: without the request it is only known
    from the answer. Blanks around it do not count, and neither does a value that the author of a pasted text masked
    with asterisks."""
    echoed = signed.error.signature_provided if signed.error is not None else None
    sent = signed.credentials.signature
    if echoed is None or sent is None or signed.exchange.request is None:
        return None
    echoed = echoed.strip()
    if b"*" in echoed:
        return None
    return echoed == sent.strip()


def belongs_together(signed: SignedExchange) -> bool:
    """The answer is the request's: nothing was lost that could tell otherwise, or the answer repeats the signature."""
    return signed.exchange.certain or echoed_same(signed) is True


def head_cut_by_loss(request: Request | None) -> bool:
    """Part of the request's head is not in the capture."""
    told = {said.key for said in request.notes} if request is not None else ()
    return "http.head-cut" in told and "http.cut-by-gap" in told


def form_cut(signed: SignedExchange) -> bool:
    """A signed form of which not every field could be read: what seems to be missing may have been sent."""
    return signed.credentials.variant.is_form and any(told.key == "oss.form-cut" for told in signed.notes)


def text_contradicts(error: ServerError | None) -> bool:
    """The printed string and its bytes tell different things: more than blanks and line ends, which pasting loses."""
    if error is None or error.string_to_sign is None or error.string_to_sign_bytes is None:
        return False
    printed = error.string_to_sign.replace(b"\\n", b"\n")
    return b"".join(printed.split()) != b"".join(error.string_to_sign_bytes.split())


#: Headers that proxies, CDNs and caches leave on a message (RFC 9110 sections 7.6.3; documentation of the products).
_PROXY_HEADERS = (
    b"via",
    b"x-cache",
    b"x-cache-lookup",
    b"x-forwarded-for",
    b"x-forwarded-host",
    b"x-real-ip",
    b"forwarded",
    b"ali-cdn-real-ip",
    b"eagleid",
    b"x-swift-savetime",
    b"x-swift-cachetime",
    b"cf-ray",
    b"x-amz-cf-id",
    b"proxy-connection",
    b"x-bluecoat-via",
    b"x-squid-error",
)


def proxies_of(signed: SignedExchange) -> tuple[tuple[bytes, bytes], ...]:
    """(header name, value) of every trace of a proxy on request or answer; a foreign ``Server`` counts too."""
    found: list[tuple[bytes, bytes]] = []
    for message in (signed.exchange.request, signed.exchange.response):
        if message is not None:
            found += [(h.name, h.value) for h in message.head.headers if h.lower in _PROXY_HEADERS]
    response = signed.exchange.response
    server = response.head.first(b"server") if response is not None else None
    if server and b"aliyunoss" not in server.lower() and b"amazons3" not in server.lower():
        found.append((b"Server", server))
    return tuple(found[:8])


def claims_of(request: Request | None) -> Claims:
    """Digests of the captured body against the headers that claim them."""
    if request is None:
        return Claims()
    head, digests = request.head, request.body.digests
    body_md5 = b64encode(digests.md5) if digests is not None else None
    claimed = head.first(b"content-md5")
    crc = digests.crc64 if digests is not None else None
    sha256 = digests.sha256.hex().encode() if digests is not None else None
    return Claims(
        _md5_verdict(claimed, body_md5),
        body_md5,
        _verdict(head, b"x-oss-hash-crc64ecma", str(crc).encode() if crc is not None else None),
        _verdict(head, b"x-amz-content-sha256", sha256),
    )


def _md5_verdict(claimed: bytes | None, body_md5: bytes | None) -> str | None:
    if claimed is None:
        return None
    if not _BASE64_MD5.fullmatch(claimed) or len(b64decode(claimed)) != 16:
        return "malformed"
    if body_md5 is None:
        return None
    return "right" if claimed == body_md5 else "wrong"


def _verdict(head: Head, name: bytes, computed: bytes | None) -> str | None:
    claimed = head.first(name)
    if claimed is None or computed is None or not claimed.isalnum():
        return None
    return "right" if claimed.lower() == computed else "wrong"


# Facts for the reader ------------------------------------------------------------------------------------------------


def facts_of(case: Case) -> tuple[Fact, ...]:
    """Every fact worth telling, most telling first."""
    return tuple(fact for rule in _RULES for fact in rule(case))


def _echo(case: Case) -> Iterator[Fact]:
    sent, echoed = case.credentials.signature, case.error.signature_provided
    frames = case.credentials.frames
    if case.echoed_same is True:
        yield Fact(note("diagnosis.echo-same"), frames)
    elif case.echoed_same is False and sent is not None and echoed is not None:
        told = note("diagnosis.echo-differs", sent=Wire(sent, Kind.SIGNATURE), echoed=Wire(echoed, Kind.SIGNATURE))
        yield Fact(told, (*frames, *case.error.frames))


def _rebuilt(case: Case) -> Iterator[Fact]:
    source, match = case.comparison.server_source, case.comparison.match
    if match is None:
        return
    if match and case.rules.deviations:
        for deviation in case.rules.deviations:
            yield Fact(deviation.told)
    elif match:
        yield Fact(note("diagnosis.nothing-changed-by-hash" if source == "hash" else "diagnosis.nothing-changed"))
    else:
        yield Fact(note("diagnosis.texts-differ", fields=len(case.comparison.differences)))


def _contradiction(case: Case) -> Iterator[Fact]:
    if case.text_contradicts:
        yield Fact(note("diagnosis.text-contradicts-bytes"), case.error.frames)


#: (only a comment says so, only other clients succeeded) → sentence
_ACQUITTALS = {
    (False, False): "diagnosis.key-works",
    (False, True): "diagnosis.key-works-elsewhere",
    (True, False): "diagnosis.key-works-stated",
    (True, True): "diagnosis.key-works-stated-elsewhere",
}


def _acquittal(case: Case) -> Iterator[Fact]:
    near = case.neighbours
    if near.success is not None:
        key = _ACQUITTALS[near.success.stated, case.others_succeed]
        yield Fact(note(key, successes=near.successes, failures=near.failures), near.success.frames)
        apart = tuple(Wire(trait.encode()) for trait in near.failures_apart[:8])
        if apart and case.is_mismatch:
            yield Fact(note("diagnosis.apart-from-success", traits=apart), near.success.frames)
    if near.secret_verified is True:
        yield Fact(note("diagnosis.secret-verified"))
    elif near.secret_verified is False:
        yield Fact(note("diagnosis.secret-does-not-verify"))


def _same_signature(case: Case) -> Iterator[Fact]:
    for other in case.neighbours.same_signature[:2]:
        told = note("diagnosis.same-signature", method=Wire(other.method, Kind.METHOD), status=other.status)
        yield Fact(told, other.frames)


_CLAIM_KEYS = {
    ("md5", "wrong"): note("diagnosis.md5-wrong"),
    ("md5", "right"): note("diagnosis.md5-right"),
    ("md5", "malformed"): note("diagnosis.md5-malformed"),
    ("crc64", "wrong"): note("diagnosis.crc64-wrong"),
    ("crc64", "right"): note("diagnosis.crc64-right"),
    ("sha256", "wrong"): note("diagnosis.sha256-wrong"),
    ("sha256", "right"): note("diagnosis.sha256-right"),
}


def _claims(case: Case) -> Iterator[Fact]:
    for name in ("md5", "crc64", "sha256"):
        told = _CLAIM_KEYS.get((name, getattr(case.claims, name)))
        if told is not None:
            yield Fact(told, case.frames)


def _clock(case: Case) -> Iterator[Fact]:
    skew = skew_seconds(case.clocks)
    if skew is None:
        return
    if abs(skew) <= SKEW_LIMIT:
        yield Fact(note("diagnosis.clocks-agree", seconds=abs(skew)))
    else:
        yield Fact(note("diagnosis.clocks-apart", minutes=abs(skew) // 60))


def _proxies(case: Case) -> Iterator[Fact]:
    for name, value in case.proxies[:4]:
        yield Fact(note("diagnosis.proxy-trace", header=Wire(name), value=Wire(value[:120], Kind.HEADER_VALUE)))


def _host(case: Case) -> Iterator[Fact]:
    sent = case.inputs.host if case.inputs is not None else None
    echoed = case.error.host_id
    if sent and echoed and sent.strip().lower().partition(b":")[0] != echoed.strip().lower().partition(b":")[0]:
        told = note("diagnosis.host-id-differs", host=Wire(sent, Kind.HOST), host_id=Wire(echoed.strip(), Kind.HOST))
        yield Fact(told, case.error.frames)


def _client(case: Case) -> Iterator[Fact]:
    if case.client is not None:
        agent = case.header(b"user-agent") or b""
        told = note("diagnosis.client", client=case.client.name, agent=Wire(agent[:120]))
        yield Fact(told, case.header_frames(b"user-agent"))


def _lengths(case: Case) -> Iterator[Fact]:
    for message in (case.request, case.response):
        if message is not None:
            for told in message.notes:
                if told.key in ("http.content-length-lies", "http.several-content-lengths"):
                    yield Fact(told, message.frames)


_RULES = (
    _rebuilt,
    _contradiction,
    _echo,
    _acquittal,
    _same_signature,
    _claims,
    _host,
    _proxies,
    _clock,
    _client,
    _lengths,
)
