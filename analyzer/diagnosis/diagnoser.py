"""Signed exchanges in, findings out.

``add`` remembers every exchange and keeps the failures; ``findings`` explains them at the end, when everything that
one exchange can say about another is known. ``finding_now`` explains one at once, from what was seen so far. A run that
does both (``watched``) keeps two accounts, so that the findings at the end are those of a run that did not.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from analyzer.diagnosis.budget import Budget
from analyzer.diagnosis.case import Case, Hit
from analyzer.diagnosis.causes import explain
from analyzer.diagnosis.clients import client_of
from analyzer.diagnosis.compare import compare
from analyzer.diagnosis.facts import (
    belongs_together,
    claims_of,
    clocks_of,
    echoed_same,
    facts_of,
    form_cut,
    head_cut_by_loss,
    proxies_of,
    text_contradicts,
)
from analyzer.diagnosis.memory import Memory
from analyzer.diagnosis.open_rules import open_rules, settled
from analyzer.diagnosis.others import OtherFailures
from analyzer.diagnosis.witnesses import Witnesses
from analyzer.model.findings import Cause, Certainty, Finding
from analyzer.model.notes import Note, note
from analyzer.model.secrets import Secret, SecretBook
from analyzer.model.signing import SignedExchange
from analyzer.oss import codes

if TYPE_CHECKING:
    from analyzer.diagnosis.secret_check import SecretChecker

__all__ = ["Diagnoser"]


#: Groups told apart while findings come.
MAX_GROUPS = 10_000
#: Explanation → name of the group.
_Groups = dict[tuple[object, ...], str]


@dataclass(frozen=True, slots=True)
class _Account:
    """What is known of the run, and the work that was spent on it."""

    memory: Memory
    checker: SecretChecker | None  #: None where there is nothing to check with
    witnesses: Witnesses | None  #: the same


class Diagnoser:
    """One run. ``skipped`` counts failures beyond ``budget.failures``, which are not explained; ``silent`` are signed
    requests that were refused without a word and that nothing else explains; ``others`` failed for another reason."""

    def __init__(
        self, secrets: SecretBook | None = None, *, budget: Budget | None = None, watched: bool = False
    ) -> None:
        self._secrets = secrets if secrets is not None else SecretBook()
        self._budget = budget if budget is not None else Budget()
        self._account = _account(self._secrets, self._budget)
        self._now = self._account
        if watched:
            self._now = _account(self._secrets, self._budget.at_once())
        self._failures: list[SignedExchange] = []
        self._shown = 0
        self._groups: _Groups = {}  #: of findings explained at once
        self.skipped = 0
        self.silent: list[SignedExchange] = []
        self.others = OtherFailures()

    def add(self, signed: SignedExchange) -> bool:
        """Take note of an exchange; failures are kept for ``findings``. True for a success that they may cite."""
        told = self._account.memory.remember(signed)
        if self._now is not self._account:
            self._now.memory.remember(signed)
        if not may_be_finding(signed):
            self.others.add(signed)
            return told
        if len(self._failures) < self._budget.failures:
            self._failures.append(signed)
        else:
            self.skipped += 1
        return told

    def learn(self, comments: Sequence[bytes]) -> int:
        """Take note of what a redacted capture tells of exchanges that it does not hold. How many of its comments mean
        to and cannot be read."""
        if not comments:
            return 0
        from analyzer.diagnosis.statements import is_statement, read_statement  # late: most captures have no comments

        unread = 0
        for comment in filter(is_statement, comments):
            try:
                said = read_statement(comment)
            except ValueError:
                unread += 1
            else:
                self._account.memory.learn(said.access_key_id, said.success)
        return unread

    def hear(self, signed: SignedExchange) -> None:
        """Take note of an exchange that is to be added later, for ``finding_now`` alone."""
        if self._now is not self._account:
            self._now.memory.remember(signed)

    def findings(self) -> tuple[Finding, ...]:
        """Every failure explained, in order of capture, alike ones under one group."""
        return tuple(_grouped(self._explained()))

    def finding_now(self, signed: SignedExchange) -> Finding | None:
        """One exchange (already added) explained from what is known so far; None when it is no failure of the
        family. Numbers run through the calls."""
        if not may_be_finding(signed):
            return None
        finding = self._explain(signed, self._shown + 1, self._now)
        if finding is None:
            return None
        self._shown += 1
        if self._now is self._account or len(self._groups) >= MAX_GROUPS:
            return finding
        return _in_group(finding, self._groups)

    def examined(self, signed: SignedExchange, number: int) -> Finding:
        """A signed request of whose answer nothing is known, looked at as if it had been refused."""
        case = self._case(signed, self._account, search=True)
        return _told(case, explain(case), number)

    def _explained(self) -> Iterator[Finding]:
        number = 1
        for signed in self._failures:
            finding = self._explain(signed, number, self._account)
            if finding is not None:
                number += 1
                yield finding
            elif _silent(signed) and signed.is_signed:
                self.silent.append(signed)
            else:
                self.others.add(signed)

    def _explain(self, signed: SignedExchange, number: int, account: _Account) -> Finding | None:
        case = self._case(signed, account)
        causes = explain(case)
        if not _belongs(case) and not any(
            cause.id != "unknown" and cause.certainty is not Certainty.POSSIBLE for cause in causes
        ):
            return None
        return _told(case, causes, number)

    def _case(self, signed: SignedExchange, account: _Account, search: bool = False) -> Case:
        request = signed.exchange.request
        row = codes.lookup(signed.error) if signed.error is not None else None
        searched = search or (row is not None and row.group == "mismatch")
        rules = open_rules(signed)
        check, hit, read = None, None, signed
        if account.checker is not None and (searched or _silent(signed)):
            check, hit, read = account.checker.check(signed)
        if hit is None and searched and read is signed:
            hit, read = _logged(signed)
        if read is not signed:
            rules = settled(rules, signed, account.witnesses, self._secret(signed))
            signed = read
        return Case(
            signed,
            compare(signed),
            clocks_of(signed),
            account.memory.neighbours(signed, self._secrets),
            claims_of(request),
            client_of(request.head.first(b"user-agent")) if request is not None else None,
            check,
            hit,
            proxies_of(signed),
            echoed_same(signed),
            text_contradicts(signed.error),
            row,
            rules,
            _loss(signed),
        )

    def _secret(self, signed: SignedExchange) -> Secret | None:
        key_id = signed.credentials.access_key_id
        return self._secrets.get(key_id) if key_id is not None else None


def _account(secrets: SecretBook, budget: Budget) -> _Account:
    if not secrets:
        return _Account(Memory(), None, None)
    from analyzer.diagnosis.secret_check import SecretChecker  # late: without a secret nothing is searched

    witnesses = Witnesses()
    return _Account(Memory(witnesses), SecretChecker(secrets, budget), witnesses)


def _logged(signed: SignedExchange) -> tuple[Hit | None, SignedExchange]:
    if signed.client_string is None and signed.client_canonical is None:
        return None, signed
    from analyzer.diagnosis.logged import hit_of_log  # late: no capture holds a client's log

    return hit_of_log(signed)


def _told(case: Case, causes: tuple[Cause, ...], number: int) -> Finding:
    return Finding(f"F{number}", case.signed, case.comparison, causes, facts_of(case), case.clocks, case.check, None)


def may_be_finding(signed: SignedExchange) -> bool:
    """An error answer to a signed request, or one that speaks of signatures itself."""
    if signed.error is None:
        return False
    pasted = signed.exchange.request is None and signed.credentials.access_key_id is not None
    return signed.is_signed or pasted or codes.is_signature_family(signed.error)


def _loss(signed: SignedExchange) -> Note | None:
    """Why missing packets leave nothing to be proven."""
    if head_cut_by_loss(signed.exchange.request):
        return note("cause.head-cut-by-loss")
    if form_cut(signed):
        return note("cause.form-cut")
    if signed.exchange.request is None or belongs_together(signed):
        return None
    return note("cause.pairing-uncertain")


def _silent(signed: SignedExchange) -> bool:
    """Refused without a word, as servers answer HEAD. (A 404 says all by its number.)"""
    error = signed.error
    return error is not None and error.status in (400, 403) and error.form == "none" and error.ec is None


def _belongs(case: Case) -> bool:
    """The answer is of the signature family: a finding whatever explains it. Other errors need a cause that does."""
    if not codes.is_signature_family(case.error):
        return False
    return case.signed.is_signed or case.request is None


def _grouped(findings: Iterator[Finding]) -> Iterator[Finding]:
    names: _Groups = {}
    for finding in findings:
        yield _in_group(finding, names)


def _in_group(finding: Finding, names: _Groups) -> Finding:
    return replace(finding, group=names.setdefault(_explanation(finding), f"G{len(names) + 1}"))


def _explanation(finding: Finding) -> tuple[object, ...]:
    """What makes two findings read as one: the same first cause on the same evidence, the same fields differing."""
    top, check = finding.causes[0], finding.secret_check
    error = finding.signed.error
    return (
        top.id,
        top.certainty,
        tuple(told.key for told in top.evidence),
        tuple((d.field, d.kind) for d in finding.comparison.differences),
        tuple(change.id for change in check.changes) if check is not None else None,
        finding.signed.credentials.variant,
        (error.code, error.ec) if error is not None else None,
    )
