"""A comparison for others: every exchange of both captures written anew with one set of pseudonyms, and compared again.

What is told of a redacted pair is made from the redacted exchanges by the same function that told the original, so
strings to sign, differences and evidence hold for the values that stand there now, and a value has the same pseudonym
on both sides. Where a pair would come out otherwise than the original did (a value and its changed form can fall
together), the original is carried over with its values replaced. The last gate searches all of it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from functools import partial

from analyzer.compare.classes import AS_IT_STANDS
from analyzer.compare.pairs import Seen, pair_of, run_pair
from analyzer.model.comparison import (
    Agent,
    Change,
    ChangeKind,
    CompareReport,
    Pair,
    SideSummary,
    Sighting,
    Strings,
    Trait,
    Way,
)
from analyzer.model.http import Exchange, Request, Response
from analyzer.model.notes import note
from analyzer.model.secrets import Secret
from analyzer.oss import read
from analyzer.report.gate import Gate
from analyzer.report.redaction.bodies import Bodies
from analyzer.report.redaction.documents import Documents
from analyzer.report.redaction.exchanges import Exchanges
from analyzer.report.redaction.findings import Findings
from analyzer.report.redaction.policy import REDACT
from analyzer.report.redaction.redact import (
    decrypted,
    host_prefixes,
    redacted_capture,
    until_clean,
)
from analyzer.report.redaction.texts import Texts
from analyzer.report.redaction.values import Values

__all__ = ["redact_comparison"]


def redact_comparison(
    report: CompareReport, secrets: Iterable[Secret] = (), key_logs: Iterable[Secret] = ()
) -> tuple[CompareReport, Gate]:
    """The comparison for others, and the gate that knows what must not be in any output made from it: nothing of what
    was replaced, of the ``secrets`` and ``key_logs`` that the user gave, and of the key logs inside the captures.

    Raises ``OutputRefused`` when a value that was to be removed is still found in the result.
    """
    hidden, logs = tuple(secrets), (*key_logs, *report.key_logs)
    prefixes = host_prefixes(_exchanges(report))
    result, gate, _ = until_clean(lambda values: _Redaction(values).report(report), REDACT, prefixes, hidden, logs)
    return result, gate


def _exchanges(report: CompareReport) -> Iterator[Exchange]:
    for pair in report.pairs:
        yield from (pair.far.exchange, pair.near.exchange)
    yield from (one.sighting.exchange for one in report.unmatched)


class _Redaction:
    """One turn: what one set of pseudonyms makes of a comparison."""

    def __init__(self, values: Values) -> None:
        self.values = values
        self.texts = Texts(values)
        self.exchanges = Exchanges(values, Bodies(Documents(self.texts)))
        self.findings = Findings(values, self.texts, self.exchanges)

    def report(self, report: CompareReport) -> CompareReport:
        """All exchanges first, so that all values are known; then what is told about them."""
        sightings = [(self.sighting(pair.far), self.sighting(pair.near)) for pair in report.pairs]
        alone = [self.sighting(one.sighting) for one in report.unmatched]
        pairs = [
            self.pair(pair, self.told(near), self.told(far), report.way)
            for pair, (far, near) in zip(report.pairs, sightings, strict=True)
        ]
        return replace(
            report,
            sides=(self.side(report.sides[0]), self.side(report.sides[1])),
            pairs=tuple(pairs),
            unmatched=tuple(
                replace(one, sighting=self.told(sighting))
                for one, sighting in zip(report.unmatched, alone, strict=True)
            ),
            traits=tuple(map(self.trait, report.traits)),
            agents=tuple(map(self.agent, report.agents)),
            notes=(note("redaction.on"), *decrypted(_exchanges(report)), *self.findings.notes(report.notes)),
        )

    def sighting(self, sighting: Sighting) -> Sighting:
        """The exchange rewritten; filler for bodies is not kept."""
        new = self.findings.reread(read(sighting.exchange)).exchange
        old = sighting.exchange
        request, response = new.request, new.response
        if request is not None and old.request is not None and old.request.body.data is None:
            request = _bare_request(request)
        if response is not None and old.response is not None and old.response.body.data is None:
            response = _bare_response(response)
        return replace(sighting, exchange=replace(new, request=request, response=response))

    def told(self, sighting: Sighting) -> Sighting:
        """With the notes on its messages replaced."""
        return replace(sighting, exchange=self.findings.exchange_notes(sighting.exchange))

    def pair(self, pair: Pair, near: Sighting, far: Sighting, way: Way) -> Pair:
        """The pair told again; the original with its values replaced where that would tell something else."""
        tell = run_pair if way is Way.RUNS else pair_of
        new = tell(pair.id, Seen(near), Seen(far), pair.evidence, pair.rivals, known=pair)
        if _outline(new) == _outline(replace(pair, changes=tuple(map(self.named, pair.changes)))):
            return replace(new, group=pair.group)
        return replace(
            pair,
            near=near,
            far=far,
            changes=tuple(map(self.change, pair.changes)),
            strings=self.strings(pair.strings) if pair.strings is not None else None,
            verdict=replace(
                pair.verdict,
                title=self.findings.note(pair.verdict.title),
                evidence=self.findings.notes(pair.verdict.evidence),
                remedy=self.findings.note(pair.verdict.remedy) if pair.verdict.remedy is not None else None,
            ),
        )

    def named(self, change: Change) -> Change:
        """The change, its field called as it is called now."""
        return replace(change, field=self.findings.field(change.field))

    def change(self, change: Change) -> Change:
        if change.kind is ChangeKind.REORDERED and change.names:
            return self.reordered(change)
        return replace(
            self.named(change),
            before=self.text(change.before),
            after=self.text(change.after),
        )

    def reordered(self, change: Change) -> Change:
        """Names of headers and parameters are replaced as they are where they stand."""
        renamed = self.values.parameter if change.field == "query-order" else self.values.name
        before, after = (_listed(renamed, raw or b"") for raw in (change.before, change.after))
        return replace(change, before=before, after=after, names=tuple(map(renamed, change.names)))

    def strings(self, strings: Strings) -> Strings:
        return replace(
            strings,
            near=self.text(strings.near),
            far=self.text(strings.far),
            server=self.text(strings.server),
            differences=tuple(
                replace(
                    one,
                    field=self.findings.field(one.field),
                    rebuilt=self.text(one.rebuilt),
                    server=self.text(one.server),
                )
                for one in strings.differences
            ),
        )

    def text(self, raw: bytes | None) -> bytes | None:
        return None if raw is None else self.texts.signed(raw)

    def side(self, side: SideSummary) -> SideSummary:
        return replace(
            side,
            captures=tuple(redacted_capture(capture, self.values, self.findings) for capture in side.captures),
            errors=self.findings.notes(side.errors),
            notes=self.findings.notes(side.notes),
        )

    def trait(self, trait: Trait) -> Trait:
        """Classes are words of ours; values that stand as they were are replaced as they are where they stand."""
        kind, _, name = trait.field.partition(":")
        raw = name.encode("utf-8", "backslashreplace")
        if trait.aspect == "spelling":
            trait = self.renamed(trait, self.values.name)
        if trait.field == "header-order":
            trait = self.renamed(trait, partial(_listed, self.values.name))
        if kind == "header" and raw in AS_IT_STANDS and trait.aspect in ("presence", "value"):
            value = self.values.header(raw, trait.value) if trait.value else trait.value
            other = self.values.header(raw, trait.kept_value) if trait.kept_value else trait.kept_value
            trait = replace(trait, value=value, kept_value=other)
        return replace(trait, field=self.findings.field(trait.field))

    def renamed(self, trait: Trait, rename: Callable[[bytes], bytes]) -> Trait:
        """A trait whose values are names."""
        value, other = (one and rename(one) for one in (trait.value, trait.kept_value))
        return replace(trait, value=value, kept_value=other)

    def agent(self, agent: Agent) -> Agent:
        return replace(agent, value=self.values.header(b"user-agent", agent.value) if agent.value else agent.value)


def _listed(rename: Callable[[bytes], bytes], names: bytes) -> bytes:
    return b", ".join(map(rename, names.split(b", ")))


def _bare_request(message: Request) -> Request:
    return replace(message, body=replace(message.body, data=None))


def _bare_response(message: Response) -> Response:
    return replace(message, body=replace(message.body, data=None))


def _outline(pair: Pair) -> tuple[object, ...]:
    """What must not change: which fields changed how, what that does to the signature, and the verdict."""
    changes = tuple(
        (c.field.lower() if not c.field.startswith("query:") else "query:", c.kind, c.how, c.signed, c.breaks, c.answer)
        for c in pair.changes
    )
    strings = pair.strings
    sides = None if strings is None else (strings.near_is_server, strings.far_is_server, len(strings.differences))
    return changes, sides, pair.verdict.id, pair.verdict.certainty, pair.content_same
