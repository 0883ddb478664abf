"""Two readings of one string: a rule of the server that no document states, or a change on the way.

The oss floor takes the rules under which the capture's text comes to the server's own. Where the client is known to
have signed by the default rules, that text is no longer the client's: then either the server has that rule and the
client does not, or the server has the default, too, and received another request. Successes of the run may show which.
"""

from __future__ import annotations

from dataclasses import replace

from analyzer.diagnosis.case import OpenRules
from analyzer.diagnosis.witnesses import Witnesses
from analyzer.model.secrets import Secret
from analyzer.model.signing import ServerRules, SignedExchange
from analyzer.oss import under
from analyzer.oss.rules import EQUAL, Deviation, deviations, rules_without

__all__ = ["by_default", "open_rules", "rules_of_cause", "settled"]


def open_rules(signed: SignedExchange) -> OpenRules:
    """The rules that make the capture's text the server's, and that a change on the way would look like."""
    verdict = signed.rules
    if verdict is None or not any(told.key in EQUAL for told in verdict.notes):
        return OpenRules()
    return OpenRules(tuple(found for found in deviations(verdict.rules) if found.by_change))


def by_default(signed: SignedExchange) -> SignedExchange | None:
    """The exchange read without those rules that a change on the way would look like; None where none was taken."""
    verdict = signed.rules
    if verdict is None or verdict.rules == ServerRules():
        return None
    rules = verdict.rules
    for deviation in deviations(rules):
        if deviation.by_change:
            rules = rules_without(rules, deviation)
    return under(signed, rules)


def settled(found: OpenRules, signed: SignedExchange, witnesses: Witnesses | None, secret: Secret | None) -> OpenRules:
    """The client is known to have signed by the default rules; what successes show of the server's."""
    found = replace(found, signed_by_default=True)
    if witnesses is None or secret is None or signed.rules is None or not found.deviations:
        return found
    told = [witnesses.shows(signed, signed.rules.rules, deviation, secret) for deviation in found.deviations]
    said = {answer[0] for answer in told if answer is not None}
    frames = tuple(dict.fromkeys(frame for answer in told if answer is not None for frame in answer[1]))
    if "default" in said:  # without that one rule no other brings the capture's text to the server's
        return replace(found, shown="default", frames=frames)
    return replace(found, shown="deviating", frames=frames) if said and None not in told else found


def rules_of_cause(found: OpenRules, cause: str) -> tuple[Deviation, ...]:
    """Those of the rules whose breach is this cause."""
    return tuple(deviation for deviation in found.deviations if CAUSES[deviation.field] == cause)


#: What a client that does not know the rule is told.
CAUSES = {
    "plus_in_path_is_blank": "key-encoding",
    "merge_slashes": "key-encoding",
    "remove_dot_segments": "key-encoding",
    "keep_empty_headers": "metadata-encoding",
    "collapse_inner_blanks": "metadata-encoding",
    "duplicate_headers": "duplicate-headers",
    "uncertain_subresources": "subresource-list",
}
