"""Causes between: a proxy or CDN that answers in the place of OSS, and a browser that is not allowed to see the answer.

CORS follows the Fetch standard (section 3.3, "HTTP extensions"): the preflight must allow origin, method and headers;
the answer itself must allow the origin, and only exposed headers can be read, ETag among them only where it is named.
"""

from __future__ import annotations

from analyzer.model.findings import Certainty
from analyzer.model.notes import Kind, Note, Wire, note
from analyzer.model.transfers import Transfer, Trouble
from analyzer.transfers.causes.base import LIKELY, POSSIBLE, Explained, Row
from analyzer.transfers.picture import Picture
from analyzer.transfers.reading import Seen

__all__ = ["ROWS"]

_PROXY = Explained(
    "proxy",
    note("transfers.proxy.title"),
    note("transfers.proxy.remedy"),
    (
        ("oss2", "session = oss2.Session()\nsession.session.trust_env = False    # {guide.no-environment}"),
        ("shell", "env | grep -i _proxy; export NO_PROXY=.aliyuncs.com"),
    ),
)
_CORS = Explained(
    "cors",
    note("transfers.cors.title"),
    note("transfers.cors.remedy"),
    (
        (
            "oss2",
            (
                "rule = oss2.models.CorsRule(\n"
                "    allowed_origins=['https://ORIGIN'], allowed_methods=['GET', 'PUT', 'POST', 'DELETE', 'HEAD'],\n"
                "    allowed_headers=['*'], expose_headers=['ETag', 'x-oss-request-id'], max_age_seconds=600)\n"
                "bucket.put_bucket_cors(oss2.models.BucketCors([rule]))"
            ),
        ),
    ),
    ("guide.cors",),
)

#: Headers that a preflight need not allow (Fetch, "CORS-safelisted request-header"); values are not looked at.
_SAFE = frozenset({"accept", "accept-language", "content-language", "content-type", "range"})


def proxy(picture: Picture) -> Trouble | None:
    """Traces of somebody in between. A missing request id alone is weak: some errors come before one is given."""
    told: list[Note] = []
    frames: list[int] = []
    streams: list[int] = []
    certainty: Certainty = POSSIBLE
    for middle in picture.middles:
        if middle.value is None:
            told.append(note("transfers.proxy.no-request-id", count=middle.count, answers=picture.answers))
        else:
            value = Wire(middle.value, Kind.HEADER_VALUE)
            told.append(note("transfers.proxy.header", header=Wire(middle.header), value=value, count=middle.count))
            certainty = LIKELY
        frames += middle.frames
        streams += middle.streams
    return _PROXY.trouble(certainty, told, streams=streams, frames=frames) if told else None


def cors(picture: Picture) -> Trouble | None:
    """What a browser was refused, or could not read."""
    told: list[Note] = []
    hit: list[Transfer] = []
    for one in picture.seen:
        found = _preflight(one) if one.transfer.operation == "preflight" else _answer(one)
        if found:
            told += found
            hit.append(one.transfer)
    frames = [frame for one in hit for frame in one.frames]
    return _CORS.trouble(LIKELY, tuple(dict.fromkeys(told)), transfers=hit, frames=frames) if hit else None


def _preflight(seen: Seen) -> list[Note]:
    """A preflight's answer against what it asked for."""
    status = seen.transfer.status
    if status is None:
        return []
    origin = Wire(seen.asked.get(b"origin", b""), Kind.RESOURCE)
    if not 200 <= status < 300:
        return [note("transfers.cors.refused", origin=origin, status=status, code=seen.transfer.code or Wire(b"-"))]
    found: list[Note] = []
    if not _allows_origin(seen):
        found.append(note("transfers.cors.no-origin", origin=origin))
    method = _words(seen.asked.get(b"access-control-request-method"))
    lacking = [word for word in method if not _allows(word, seen.told.get(b"access-control-allow-methods"))]
    if lacking and lacking[0] not in ("get", "head", "post"):
        found.append(note("transfers.cors.no-method", method=Wire(lacking[0].upper().encode(), Kind.METHOD)))
    wanted = [word for word in _words(seen.asked.get(b"access-control-request-headers")) if word not in _SAFE]
    denied = [word for word in wanted if not _allows(word, seen.told.get(b"access-control-allow-headers"))]
    if denied:
        found.append(note("transfers.cors.no-headers", headers=tuple(Wire(word.encode()) for word in denied[:12])))
    return found


def _answer(seen: Seen) -> list[Note]:
    """A real answer to a browser: may it be read, and can the ETag of a part be?"""
    origin = seen.asked.get(b"origin")
    status = seen.transfer.status
    if origin is None or status is None:
        return []
    found: list[Note] = []
    if not _allows_origin(seen):
        found.append(note("transfers.cors.answer-no-origin", origin=Wire(origin, Kind.RESOURCE), status=status))
    elif seen.transfer.operation == "part" and 200 <= status < 300 and not _exposes_etag(seen):
        found.append(note("transfers.cors.etag-hidden"))
    return found


def _exposes_etag(seen: Seen) -> bool:
    return _allows("etag", seen.told.get(b"access-control-expose-headers"))


def _allows_origin(seen: Seen) -> bool:
    allowed = seen.told.get(b"access-control-allow-origin", b"").strip()
    return allowed == b"*" or (bool(allowed) and allowed.lower() == seen.asked.get(b"origin", b"").strip().lower())


def _allows(word: str, header: bytes | None) -> bool:
    allowed = _words(header)
    return "*" in allowed or word in allowed


def _words(header: bytes | None) -> list[str]:
    if header is None:
        return []
    return [word.strip().lower() for word in header.decode("latin-1").split(",") if word.strip()]


ROWS = (
    Row("cors", cors, 35, "Fetch standard, section 3.3; OSS help page on CORS errors"),
    Row("proxy", proxy, 90, "RFC 9110, section 7.6.3 (Via); OSS API reference, common response headers", remark=True),
)
