"""Choosing the server rules that no document states, by the server's own words.

The text is rebuilt under the default rules and under each switch that can matter for this request, alone and then in
pairs; the first setting whose text equals the server's wins (V4 without a canonical request: whose hash equals the
last line of the server's string). Where none does, the setting with the fewest differing fields is taken, defaults
first: what differs then is a finding, not a rule.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from itertools import combinations

from analyzer.model.notes import Kind, Note, Value, Wire, note
from analyzer.model.signing import ServerRules, SignedText, SigningInputs, Variant, VerdictOfRules
from analyzer.oss import subresources
from analyzer.oss.canonical import unfold
from analyzer.oss.pieces import label, percent_decode
from analyzer.oss.signers import Signer

__all__ = ["EQUAL", "Deviation", "decide", "deviations", "open_points", "rules_without"]

MAX_SETTINGS = 64

_DOTS = re.compile(rb"/\.{1,2}(?:/|\Z)")

_PROVEN = {"bytes": note("oss.rules-by-bytes"), "hash": note("oss.rules-by-hash")}

#: What a verdict says of a string that equals the server's.
EQUAL = frozenset(told.key for told in _PROVEN.values())

Change = dict[str, object]


@dataclass(frozen=True, slots=True)
class _Switch:
    """One setting that differs from the default, and when it can make a difference."""

    change: Change
    matters: Callable[[SigningInputs], bool]
    told: Note
    source: str
    by_change: bool = True  #: a change of the request on its way would give the same string


@dataclass(frozen=True, slots=True)
class Deviation:
    """One point in which rules differ from the defaults."""

    field: str  #: of ``ServerRules``
    point: str  #: one of ``open_points`` of the request
    rules: ServerRules  #: the defaults with this point alone
    told: Note
    by_change: bool  #: a change of the request on its way would give the same string


def _headers_doubled(inputs: SigningInputs) -> bool:
    names = [header.name.lower() for header in inputs.headers]
    return len(set(names)) < len(names)


def _is_v1(inputs: SigningInputs) -> bool:
    return inputs.variant in (Variant.V1_HEADER, Variant.V1_QUERY)


_SWITCHES: tuple[_Switch, ...] = (
    _Switch(
        {"plus_in_path_is_blank": True},
        lambda inputs: b"+" in inputs.path,
        note("oss.rule.plus-in-path-is-blank"),
        "S3 reads + in a path as a blank (aws ngx_aws_auth, issue 87); for OSS not documented",
    ),
    _Switch(
        {"bucket_trailing_slash": False},
        lambda inputs: not inputs.raw_key,
        note("oss.rule.bucket-without-slash"),
        "answers of 2011 and 2012",
        by_change=False,
    ),
    _Switch(
        {"keep_empty_headers": False},
        lambda inputs: any(not header.value for header in inputs.headers),
        note("oss.rule.empty-headers-dropped"),
        "C++ and Java v2 SDK skip empty headers; the server keeps them in V4",
    ),
    _Switch(
        {"collapse_inner_blanks": True},
        lambda inputs: any(b"  " in (value := unfold(header.value)) or b"\t" in value for header in inputs.headers),
        note("oss.rule.blanks-collapsed"),
        "API document of 2012",
    ),
    _Switch(
        {"duplicate_headers": "first"},
        _headers_doubled,
        note("oss.rule.duplicate-headers-first"),
        "not documented",
    ),
    _Switch({"duplicate_headers": "last"}, _headers_doubled, note("oss.rule.duplicate-headers-last"), "not documented"),
    _Switch(
        {"merge_slashes": True},
        lambda inputs: b"//" in inputs.path or b"%2f" in inputs.path.lower(),
        note("oss.rule.slashes-merged"),
        "not documented",
    ),
    _Switch(
        {"remove_dot_segments": True},
        lambda inputs: _DOTS.search(percent_decode(inputs.path)) is not None,
        note("oss.rule.dot-segments-removed"),
        "not documented",
    ),
    _Switch(
        {"sign_unknown_oss_parameters": True},
        lambda inputs: _is_v1(inputs) and any(pair.name.startswith(b"x-oss-") for pair in inputs.query),
        note("oss.rule.unknown-parameters-signed"),
        "v1 signers of the Go, PHP and C# SDK v2",
        by_change=False,
    ),
)


def deviations(rules: ServerRules) -> tuple[Deviation, ...]:
    """Each point in which ``rules`` differ from the defaults, on its own."""
    default = ServerRules()
    found = [
        Deviation(name, name, _changed(default, switch.change), switch.told, switch.by_change)
        for switch in _SWITCHES
        for name, value in switch.change.items()
        if getattr(rules, name) == value
    ]
    for pair in rules.uncertain_subresources:
        alone = replace(default, uncertain_subresources=(pair,))
        (told,) = _subresource_notes((pair,))
        found.append(Deviation("uncertain_subresources", _parameter_point(pair[0]), alone, told, not pair[1]))
    return tuple(found)


def rules_without(rules: ServerRules, deviation: Deviation) -> ServerRules:
    """The rules with the default in that one point."""
    if deviation.field != "uncertain_subresources":
        return _changed(rules, {deviation.field: getattr(ServerRules(), deviation.field)})
    kept = tuple(p for p in rules.uncertain_subresources if p not in deviation.rules.uncertain_subresources)
    return replace(rules, uncertain_subresources=kept)


def open_points(inputs: SigningInputs) -> tuple[str, ...]:
    """What of this request shows which rules a server has that accepted it."""
    found = [name for switch in _SWITCHES if switch.matters(inputs) for name in switch.change]
    found += map(_parameter_point, _open_parameters(inputs))
    return tuple(dict.fromkeys(found))


def _open_parameters(inputs: SigningInputs) -> list[bytes]:
    """Parameters of a version 1 request of which it is not certain that servers and clients sign them, or do not."""
    if not _is_v1(inputs):
        return []
    certain = subresources.table().certain | subresources.AUTHENTICATION
    return [pair.name for pair in inputs.query if pair.name not in certain]


def _parameter_point(name: bytes) -> str:
    return f"parameter {label(name)}"


def decide(
    row: Signer, inputs: SigningInputs, server: SignedText | None, server_canonical: SignedText | None
) -> VerdictOfRules:
    """The rules under which the rebuilt text comes nearest to the server's, and what decided."""
    judge = _judge(row, inputs, server, server_canonical)
    if judge is None:
        return VerdictOfRules(ServerRules(), "default", (note("oss.rules-not-decided"), *_uncertain_notes(inputs)))
    distance, decided_by = judge
    best: tuple[int, ServerRules, tuple[Note, ...]] | None = None
    for rules, notes in _settings(inputs, server):
        far = distance(rules)
        if best is None or far < best[0]:
            best = (far, rules, notes)
        if far == 0:
            break
    assert best is not None  # the defaults are always among the settings
    far, rules, notes = best
    if far == 0:
        return VerdictOfRules(rules, decided_by, (*notes, _PROVEN[decided_by]))
    return VerdictOfRules(rules, decided_by if notes else "default", (*notes, note("oss.rules-none-fits")))


Distance = Callable[[ServerRules], int]


def _judge(
    row: Signer, inputs: SigningInputs, server: SignedText | None, server_canonical: SignedText | None
) -> tuple[Distance, str] | None:
    """How far a setting is from the server's words: 0 equal, else the number of differing fields."""
    if inputs.variant.is_v4:
        if server_canonical is not None:
            canonical = server_canonical
            return lambda rules: _far(row.canonical_request(inputs, rules), canonical), "bytes"
        wanted = _hash_line(server)
        if wanted is None:
            return None
        return lambda rules: int(_hash_line(row.string_to_sign(inputs, rules)) != wanted), "hash"
    if server is None or inputs.variant.is_form:
        return None
    text = server
    return lambda rules: _far(row.string_to_sign(inputs, rules), text), "bytes"


def _hash_line(text: SignedText | None) -> bytes | None:
    return next((p.data for p in text.parts if p.field == "request-hash"), None) if text is not None else None


def _far(rebuilt: SignedText | None, server: SignedText) -> int:
    if rebuilt is None:
        return 1
    if rebuilt.data == server.data:
        return 0
    return max(1, len({(p.field, p.data) for p in rebuilt.parts} ^ {(p.field, p.data) for p in server.parts}))


def _settings(inputs: SigningInputs, server: SignedText | None) -> Iterator[tuple[ServerRules, tuple[Note, ...]]]:
    """Defaults, each switch that matters, pairs of them; each also with the sub-resources the server named."""
    base = ServerRules()
    corrected = _server_subresources(inputs, server)
    bases: list[tuple[ServerRules, tuple[Note, ...]]] = [(base, ())]
    if corrected:
        bases.append((replace(base, uncertain_subresources=corrected), _subresource_notes(corrected)))
    switches = [switch for switch in _SWITCHES if switch.matters(inputs)]
    groups = [(), *((s,) for s in switches), *combinations(switches, 2)]
    for count, group in enumerate(groups):
        if count >= MAX_SETTINGS:
            return
        change: Change = {}
        for switch in group:
            change |= switch.change
        if len(change) < len(group):
            continue  # two settings of the same switch
        for rules, notes in bases:
            yield _changed(rules, change), (*notes, *(switch.told for switch in group))


def _changed(rules: ServerRules, change: Change) -> ServerRules:
    return replace(rules, **change)  # type: ignore[arg-type]


def _server_subresources(inputs: SigningInputs, server: SignedText | None) -> tuple[tuple[bytes, bool], ...]:
    """Per parameter of the wire on which clients disagree: does the server's text name it? Only what deviates from
    the default (names of the union are signed, others are not)."""
    if server is None:
        return ()
    union = subresources.table().union
    named = {p.field for p in server.parts if p.field.startswith("query:")}
    found: dict[bytes, bool] = {}
    for name in _open_parameters(inputs):
        signed = f"query:{label(name)}" in named
        if signed != (name in union):
            found[name] = signed
    return tuple(sorted(found.items()))


def _uncertain_notes(inputs: SigningInputs) -> tuple[Note, ...]:
    """Parameters of the wire on which clients disagree, where nothing tells what the server does with them."""
    if not _is_v1(inputs):
        return ()
    table = subresources.table()
    names = sorted(
        {pair.name for pair in inputs.query if pair.name in table.uncertain or table.prefix_family(pair.name)}
    )
    return (note("oss.parameters-uncertain", names=_names(names)),) if names else ()


def _names(names: list[bytes]) -> tuple[Value, ...]:
    return tuple(Wire(name[:128], Kind.QUERY_VALUE) for name in names[:20])


def _subresource_notes(corrected: tuple[tuple[bytes, bool], ...]) -> tuple[Note, ...]:
    def names(signed: bool) -> tuple[Value, ...]:
        return _names([name for name, flag in corrected if flag is signed])

    notes: list[Note] = []
    if added := names(True):
        notes.append(note("oss.rule.parameter-signed", names=added))
    if dropped := names(False):
        notes.append(note("oss.rule.parameter-not-signed", names=dropped))
    return tuple(notes)
