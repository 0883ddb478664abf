"""One pair: what changed between its two sightings, what that did to the signature, and the verdict.

Everything is made from the two exchanges alone, so the same function tells a redacted pair. A verdict is proven only
by bytes: the client's side differs from the server's own string in exactly the fields that changed, and the server's
side equals it; or the secret given signs the one side and not the other.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from analyzer.compare.edits import answer_changes, body_same, request_changes
from analyzer.compare.signing import CARRIERS, is_anew, judged, part_of, strings_of
from analyzer.compare.verdicts import AT_FAULT, Known, verdict_of
from analyzer.http.head import head_end
from analyzer.model.comparison import Change, Evidence, How, Pair, Sighting, Strings, Verdict
from analyzer.model.findings import Certainty
from analyzer.model.http import Message, Response
from analyzer.model.secrets import SecretBook
from analyzer.model.signing import ServerRules, SignedExchange
from analyzer.oss import read
from analyzer.oss.codes import lookup

__all__ = ["Plain", "Seen", "grouped", "pair_of", "run_pair"]

MAX_CHANGES = 256
NO_SECRETS = SecretBook()

#: Digests of the bodies of request and answer without their content coding, where they came packed.
Plain = tuple[bytes | None, bytes | None]


@dataclass(frozen=True, slots=True)
class Seen:
    """One sighting and what was kept of its bodies."""

    sighting: Sighting
    plain: Plain = (None, None)


def pair_of(
    name: str,
    near: Seen,
    far: Seen,
    evidence: tuple[Evidence, ...],
    rivals: int = 0,
    secrets: SecretBook = NO_SECRETS,
    known: Pair | None = None,
) -> Pair:
    """The whole pair. ``known``: the same pair as it was told before, for what the exchanges alone do not hold: whether
    packed bodies have the same content, and what a secret signs."""
    ours, theirs = read(near.sighting.exchange), read(far.sighting.exchange)
    same = known.content_same if known is not None else _contents(near, far)
    strings = strings_of(ours, theirs, secrets)
    if strings is not None and known is not None and known.strings is not None:
        strings = replace(strings, signs_near=known.strings.signs_near, signs_far=known.strings.signs_far)
    rules = strings.rules if strings is not None else ServerRules()
    changes = [*judged(_request(near, far, same[0]), ours, theirs, rules), *_answer(near, far, same[1])]
    verdict = _verdict(changes, strings, ours, theirs, same[0] is not None)
    return Pair(
        name,
        evidence,
        near.sighting,
        far.sighting,
        tuple(changes[:MAX_CHANGES]),
        strings,
        verdict,
        rivals,
        same,
        max(0, len(changes) - MAX_CHANGES),
    )


def run_pair(
    name: str, near: Seen, far: Seen, evidence: tuple[Evidence, ...], rivals: int = 0, known: Pair | None = None
) -> Pair:
    """Two requests of different runs: what is other, apart from what is other in every request."""
    ours, theirs = read(near.sighting.exchange), read(far.sighting.exchange)
    same = known.content_same if known is not None else _contents(near, far)
    changes = judged(_request(near, far, same[0]), ours, theirs, ServerRules())
    told = [replace(c, breaks=None, matters=c.field not in _ALWAYS_OTHER) for c in changes]
    outcomes = _answered(ours, ours), _answered(theirs, theirs)
    verdict = verdict_of(_RUN_VERDICTS[outcomes], Certainty.PROVEN, Known(told, (), None, False, True))
    more = max(0, len(told) - MAX_CHANGES)
    pair = Pair(name, evidence, near.sighting, far.sighting, tuple(told[:MAX_CHANGES]), None, verdict, rivals, same)
    return replace(pair, more_changes=more)


_RUN_VERDICTS = {
    (True, True): "both-work",
    (False, False): "both-fail",
    (True, False): "second-fails",
    (False, True): "first-fails",
}
#: What is other in every request.
_ALWAYS_OTHER = CARRIERS | {
    "header:date",
    "header:x-oss-date",
    "header:x-amz-date",
    "header:x-oss-security-token",
    "header:x-amz-security-token",
    "query:Expires",
    "query:x-oss-expires",
    "query:x-oss-date",
    "query:X-Amz-Date",
    "query:security-token",
    "query:x-oss-security-token",
    "query:uploadId",
    "header:content-length",
    "header:content-md5",
    "body",
}


def _request(near: Seen, far: Seen, same: bool | None) -> list[Change]:
    mine, other = near.sighting.exchange.request, far.sighting.exchange.request
    if mine is None or other is None or _is_cut(mine) or _is_cut(other):
        return []
    return _packed_otherwise(request_changes(mine, other), same)


def _answer(near: Seen, far: Seen, same: bool | None) -> list[Change]:
    mine, other = near.sighting.exchange.response, far.sighting.exchange.response
    if mine is None or other is None or _is_cut(mine) or _is_cut(other):
        return []
    return _packed_otherwise(answer_changes(other, mine), same)


def _is_cut(message: Message | None) -> bool:
    """The head is not whole in the capture: whatever is missing of it would look as if it had been taken away."""
    if message is None:
        return False
    return head_end(message.head.raw) is None or (isinstance(message, Response) and message.status == 0)


def _packed_otherwise(changes: list[Change], same: bool | None) -> list[Change]:
    """A body whose content is the same was only packed otherwise."""
    how = {How.CONTENT: How.CODING}
    return [
        replace(change, how=tuple(how.get(one, one) for one in change.how))
        if same and change.field == "body"
        else change
        for change in changes
    ]


def _contents(near: Seen, far: Seen) -> tuple[bool | None, bool | None]:
    mine, other = near.sighting.exchange, far.sighting.exchange
    return (
        _content(mine.request, other.request, near.plain[0], far.plain[0]),
        _content(mine.response, other.response, near.plain[1], far.plain[1]),
    )


def _content(one: Message | None, other: Message | None, plain: bytes | None, plain2: bytes | None) -> bool | None:
    if one is None or other is None:
        return None
    same = body_same(one.body, other.body)
    if same is not False:
        return same
    digests = [
        packed or (message.body.digests.sha256 if message.body.digests is not None else None)
        for message, packed in ((one, plain), (other, plain2))
    ]
    return digests[0] is not None and digests[0] == digests[1]


# The verdict ----------------------------------------------------------------------------------------------------------


def _verdict(
    changes: Sequence[Change], strings: Strings | None, near: SignedExchange, far: SignedExchange, whole: bool
) -> Verdict:
    """``whole``: the bodies of the request could be compared."""
    if _is_cut(near.exchange.request) or _is_cut(far.exchange.request):
        return verdict_of("not-whole", Certainty.PROVEN, Known((), (), None, False, False))
    asked = [change for change in changes if not change.answer]
    facts = Known(asked, [c for c in changes if c.answer], strings, _refused(near, far), _answered(near, far))
    if is_anew(near, far):
        return verdict_of("signed-anew", Certainty.PROVEN, facts)
    if any(change.breaks for change in asked):
        return verdict_of("signed-changed", _certainty(asked, strings, facts, near, far), facts)
    if any(change.field == "body" and How.CODING not in change.how for change in asked):
        return verdict_of("body-changed", Certainty.PROVEN, facts)
    if any(change.breaks is None and change.signed for change in asked) and not facts.answered:
        return verdict_of("signed-changed", Certainty.POSSIBLE, facts)
    if asked:
        known = all(change.breaks is not None or not change.signed for change in asked)
        return verdict_of("unsigned-changed", Certainty.PROVEN if known else Certainty.LIKELY, facts)
    if any(change.matters for change in changes):
        return verdict_of("answer-changed", Certainty.PROVEN, facts)
    return verdict_of("unchanged" if whole else "unchanged-so-far", Certainty.PROVEN, facts)


def _certainty(
    asked: Sequence[Change], strings: Strings | None, facts: Known, near: SignedExchange, far: SignedExchange
) -> Certainty:
    """That the change is why the request was refused."""
    if strings is None or not facts.refused:
        return Certainty.POSSIBLE if facts.answered else Certainty.LIKELY
    if strings.signs_near is True and strings.signs_far is False:
        return Certainty.PROVEN
    if strings.signs_near is False:
        return Certainty.POSSIBLE  # the client did not sign what it sent, whatever happened later
    exact = strings.server_source in ("bytes", "hash")
    if exact and strings.far_is_server and strings.near_is_server is False and _explained(asked, strings, near, far):
        return Certainty.PROVEN
    return Certainty.LIKELY if strings.far_is_server is not False else Certainty.POSSIBLE


def _explained(asked: Sequence[Change], strings: Strings, near: SignedExchange, far: SignedExchange) -> bool:
    """The strings differ in the changed fields and in no other."""
    fields = {field for change in asked if change.breaks for field in part_of(change, near, far)}
    return bool(strings.differences) and all(difference.field in fields for difference in strings.differences)


def _refused(near: SignedExchange, far: SignedExchange) -> bool:
    """The answer says that the signature does not match."""
    for side in (far, near):
        if side.error is not None:
            row = lookup(side.error)
            return side.error.code in AT_FAULT or (row is not None and row.group == "mismatch")
    return False


def _answered(near: SignedExchange, far: SignedExchange) -> bool:
    """The server took the request."""
    answer = far.exchange.response or near.exchange.response
    return answer is not None and 200 <= answer.status < 400


# Groups --------------------------------------------------------------------------------------------------------------


def grouped(pairs: Sequence[Pair]) -> Iterator[Pair]:
    """Pairs that read the same share a group: the same verdict on the same fields, between the same captures."""
    names: dict[tuple[object, ...], str] = {}
    for pair in pairs:
        changes = tuple((c.field, c.kind, c.how, c.answer) for c in pair.changes if c.matters or c.answer)
        key = (pair.verdict.id, pair.verdict.certainty, pair.near.side, pair.far.side, changes, _outcome(pair))
        yield replace(pair, group=names.setdefault(key, f"G{len(names) + 1}"))


def _outcome(pair: Pair) -> tuple[int, tuple[str, ...]]:
    answer = pair.far.exchange.response or pair.near.exchange.response
    return (answer.status if answer is not None else 0), tuple(told.key for told in pair.verdict.evidence)
