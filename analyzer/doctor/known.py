"""What versions of the Python packages below oss2 are known to do to a request: one row a fact, with its source."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from analyzer.model.doctor import Verdict
from analyzer.model.notes import Note, note

__all__ = ["KNOWN", "Known", "numbers"]

Version = tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Known:
    """A fact about versions of a package."""

    package: str
    applies: Callable[[Version], bool]
    verdict: Verdict
    statement: Note
    source: str


def numbers(version: str) -> Version:
    """``2.9.0`` as (2, 9, 0); what follows the numbers does not count."""
    found = re.match(r"\d+(?:\.\d+)*", version)
    return tuple(int(part) for part in found[0].split(".")[:6]) if found is not None else ()


def _before(*limit: int) -> Callable[[Version], bool]:
    return lambda version: bool(version) and version < limit


def _from(*limit: int) -> Callable[[Version], bool]:
    return lambda version: version >= limit


KNOWN: tuple[Known, ...] = (
    Known("oss2", _before(2, 0, 4), Verdict.WRONG, note("doctor.known.leading-slash"), "oss2 CHANGELOG, 2.0.4"),
    Known("oss2", _before(2, 0, 5), Verdict.WRONG, note("doctor.known.token-unsigned"), "oss2 CHANGELOG, 2.0.5"),
    Known(
        "oss2",
        lambda version: (2, 2) <= version < (2, 2, 1),
        Verdict.WARNING,
        note("doctor.known.crc-always"),
        "oss2 CHANGELOG, 2.2.0 and 2.2.1",
    ),
    Known(
        "oss2",
        _from(2, 0, 3),
        Verdict.OK,
        note("doctor.known.oss2-adds"),
        "oss2/http.py, Request: User-Agent, and no Accept-Encoding",
    ),
    Known(
        "requests",
        lambda version: version[:3] == (2, 9, 0) or version == (2, 9),
        Verdict.WRONG,
        note("doctor.known.requests-utf8"),
        "psf/requests issue 2844; oss2 CHANGELOG, 2.0.4",
    ),
    Known(
        "requests",
        _from(1, 0),
        Verdict.OK,
        note("doctor.known.requests-adds"),
        "requests/utils.py, default_headers; requests/models.py, prepare_content_length",
    ),
    Known(
        "urllib3",
        _from(1, 25),
        Verdict.OK,
        note("doctor.known.urllib3-normalises"),
        "urllib3 CHANGES, 1.25 (parse_url follows RFC 3986) and 1.25.2",
    ),
)
