"""What a pasted text lacks, and what could be said with it: one sentence, the most telling one.

A table of questions asked in order of the best-explained case; the first that applies is what to ask for.
"""

from __future__ import annotations

from collections.abc import Callable

from analyzer.model.findings import Certainty, Finding
from analyzer.model.notes import Note, note
from analyzer.model.pasted import Pasted
from analyzer.oss import codes

__all__ = ["missing_from"]

Asks = Callable[[Finding], bool]


def missing_from(findings: tuple[Finding, ...], pasted: Pasted) -> Note | None:
    """What would tell more; None where nothing would, or nothing was refused."""
    if not findings:
        requests = any(case.exchange.request is not None for case in pasted.cases)
        answers = any(case.exchange.response is not None for case in pasted.cases)
        return note("paste.missing.signature") if requests and not answers else None
    finding = findings[0]
    if finding.causes[0].certainty is Certainty.PROVEN:
        return None
    return next((asked for applies, asked in _TABLE if applies(finding)), None)


def _mismatch(finding: Finding) -> bool:
    row = codes.lookup(finding.signed.error) if finding.signed.error is not None else None
    return row is not None and row.group == "mismatch"


def _lacks_request(finding: Finding) -> bool:
    return finding.signed.exchange.request is None


def _lacks_answer(finding: Finding) -> bool:
    return finding.signed.error is None


def _lacks_string(finding: Finding) -> bool:
    return finding.signed.server_string is None


def _logged(finding: Finding) -> bool:
    return finding.signed.client_string is not None or finding.signed.client_canonical is not None


_TABLE: tuple[tuple[Asks, Note], ...] = (
    (lambda f: _lacks_answer(f) and _logged(f), note("paste.missing.answer-to-log")),
    (_lacks_answer, note("paste.missing.answer")),
    (lambda f: _mismatch(f) and _lacks_string(f) and _lacks_request(f), note("paste.missing.string-and-request")),
    (lambda f: _mismatch(f) and _lacks_string(f), note("paste.missing.string")),
    (lambda f: _mismatch(f) and _lacks_request(f) and not _logged(f), note("paste.missing.request")),
    (lambda f: _mismatch(f) and f.secret_check is None, note("paste.missing.secret")),
    (lambda f: not _mismatch(f) and _lacks_request(f), note("paste.missing.request-of-other")),
)
