"""Exchanges to findings: from captures, from a source that is still growing, from what somebody pasted.

Exchanges flow one at a time, so memory does not grow with the capture; only what failed, and a bounded sample of
successes to compare with, is kept.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import BinaryIO

from analyzer.capture.inputs import is_capture, path_value
from analyzer.diagnosis import Diagnoser
from analyzer.http import Want
from analyzer.model.errors import CannotRead
from analyzer.model.findings import Finding
from analyzer.model.http import Exchange
from analyzer.model.notes import Kind, Note, Wire, note
from analyzer.model.packets import PacketSource
from analyzer.model.report import PasteSummary, Report
from analyzer.model.secrets import Secret
from analyzer.model.signing import SignedExchange
from analyzer.oss import read
from analyzer.pipeline.gathering import budget_of, is_failure, opened, report_of
from analyzer.pipeline.options import Options, Paths, ProgressListener
from analyzer.pipeline.watched import Watched

__all__ = ["KEPT_BODY", "analyze", "explain", "follow"]

#: Successes beyond the context that are kept for as long as a finding may cite them; request ids that a note lists.
_WITNESSES, _LISTED = 256, 8
#: Connections of which it is told when each of their exchanges began.
_LANES = 64
#: Bytes of a request's body that a finding keeps where nobody makes a capture of it anew.
KEPT_BODY = 16 << 10


def analyze(
    paths: Paths,
    options: Options | None = None,
    *,
    progress: ProgressListener | None = None,
    stdin: BinaryIO | None = None,
) -> Report:
    """Diagnose every refused exchange of the captures.

    ``paths``: capture files (several are one rotated set), directories, or ``-`` for ``stdin``. Raises ``CannotRead``
    when nothing at all can be read; inputs that fail while others work are told in ``Report.errors``. An interrupt
    (Ctrl-C) ends reading and gives the report of what was seen, with ``interrupted`` set.
    """
    chosen = options or Options()
    source = opened(paths, chosen, stdin)
    return _diagnosed(Watched(source, progress, paths), chosen, None)


def follow(
    source: PacketSource,
    options: Options | None = None,
    *,
    found: Callable[[Finding], None],
    progress: ProgressListener | None = None,
    keys: Callable[[], Secret | None] | None = None,
) -> Report:
    """``analyze`` on a source that is still growing.

    ``found`` is told each finding at once, explained by what is known by then and with a short secret search;
    ``progress`` is called after every batch, also when nothing comes, so both may end the source; ``keys`` is asked
    before every batch for what has been added to the key logs. When the source has ended all is explained anew, so the
    report is that of ``analyze`` on the same packets.
    """
    return _diagnosed(Watched(source, progress, (), keys), options or Options(), found)


def _diagnosed(watched: Watched, chosen: Options, found: Callable[[Finding], None] | None) -> Report:
    want = Want(context=chosen.context, body_limit=chosen.body_limit, segments=chosen.segments)
    engine = watched.drive(want, chosen.keylogs, chosen.fast)
    diagnoser = Diagnoser(chosen.secrets, budget=budget_of(chosen), watched=found is not None)
    if found is not None:
        engine.sampled = lambda exchange: diagnoser.hear(read(exchange))
    context: list[Exchange] = []
    witnesses: list[Exchange] = []
    interrupted = False
    kept = chosen.kept_body if found is None else KEPT_BODY
    try:
        for exchange in engine.run():
            watched.failures += is_failure(exchange)
            signed = _lighter(read(exchange), kept)
            told = diagnoser.add(signed)
            if found is not None:
                at_once = diagnoser.finding_now(signed)
                if at_once is not None:
                    found(at_once)
            if not is_failure(exchange):
                if len(context) < chosen.context:
                    context.append(exchange)
                elif told and len(witnesses) < _WITNESSES:
                    witnesses.append(exchange)
    except KeyboardInterrupt:
        interrupted = True
    finally:
        watched.close()
    unread = diagnoser.learn([comment for facts in watched.facts() for comment in facts.comments])
    findings = diagnoser.findings()
    notes = [note("pipeline.failures-not-explained", count=diagnoser.skipped)] if diagnoser.skipped else []
    notes += [note("pipeline.statements-unread", count=unread)] if unread else []
    notes += _unexplained(diagnoser.silent)
    cited = frozenset[int]().union(*(finding.cited for finding in findings))
    context += [one for one in witnesses if one.request is not None and not cited.isdisjoint(one.request.frames)]
    known = [finding.signed.exchange for finding in findings]
    activity = engine.activity.told([(one.connection.stream, one.began) for one in known], _LANES)
    report = report_of(watched, findings, context, tuple(notes), interrupted)
    return replace(report, activity=activity, notes=(*report.notes, *diagnoser.others.notes()))


def explain(data: bytes, options: Options | None = None, *, path: str = "-") -> Report:
    """Diagnose what somebody pasted: an error answer, an exception, a request, a log; see ``analyzer.pasted``.

    ``path`` is only named in the report. Raises ``CannotRead`` when nothing in ``data`` is of a known form.
    """
    # Late: captures need none of it.
    from analyzer.diagnosis import explain_pasted, missing_from
    from analyzer.pasted import read_pasted

    chosen = options or Options()
    if not data.strip():
        raise CannotRead(note("paste.empty"))
    if is_capture(data):
        raise CannotRead(note("paste.is-capture", path=path_value(path)))
    pasted = read_pasted(data)
    if not pasted.cases:
        raise CannotRead(note("paste.nothing-known"))
    findings, others = explain_pasted(pasted, chosen.secrets, budget=budget_of(chosen))
    summary = PasteSummary(path, len(pasted.cases), pasted.took, missing_from(findings, pasted))
    unanswered = bool(findings) and not any(finding.signed.error for finding in findings)
    return Report((), findings, incomplete=unanswered, notes=(*pasted.notes, *others), paste=summary)


def _lighter(signed: SignedExchange, kept: int | None) -> SignedExchange:
    """Without the later bytes of a long request body: they were read and their digests are known, and thousands of them
    do not fit into memory."""
    request = signed.exchange.request
    if kept is None or request is None or request.body.data is None or len(request.body.data) <= kept:
        return signed
    body = replace(request.body, data=request.body.data[:kept])
    return replace(signed, exchange=replace(signed.exchange, request=replace(request, body=body)))


def _unexplained(silent: Sequence[SignedExchange]) -> Iterator[Note]:
    """Refusals without a reason: that there were some, why nothing can be said, and how to learn more. They are no
    findings: whether the signature was at fault is what nobody knows."""
    heads = [one for one in silent if one.exchange.request is not None and one.exchange.request.method == b"HEAD"]
    others = len(silent) - len(heads)
    if heads:
        yield note("pipeline.silent-head", count=len(heads))
    if others:
        yield note("pipeline.silent-answer", count=others)
    ids = dict.fromkeys(one.error.request_id for one in silent if one.error is not None and one.error.request_id)
    if ids:
        yield note("pipeline.silent-ids", ids=tuple(Wire(value, Kind.PUBLIC) for value in list(ids)[:_LISTED]))
