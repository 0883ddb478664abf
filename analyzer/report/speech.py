"""Which sentences a report says, for every presenter the same.

Presenters differ in how they set words; the choice of the words is here: the verdict on the run, the rows that name
what failed, the sentence above a table or a byte dump, the verdict of the secret. Everything is a note or a pair of
label key and text, so text, Markdown and HTML read alike in both languages.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from analyzer.model.findings import Cause, Certainty, Clocks, DifferenceKind, SecretCheck
from analyzer.model.notes import Kind, Note, Wire, note
from analyzer.report.differences import DifferenceView
from analyzer.report.fields import FieldTable
from analyzer.report.frames import Frames, ranges
from analyzer.report.messages import Catalogue, Show
from analyzer.report.values import clock, shown
from analyzer.report.view import FindingView, Subject, View

__all__ = [
    "CERTAINTY",
    "CERTAINTY_MARK",
    "TABLE_TITLE",
    "VOICE",
    "SignatureRow",
    "clock_rows",
    "difference_title",
    "duration",
    "joined_voices",
    "links_label",
    "remarks",
    "same_explanation",
    "secret_verdict",
    "seen",
    "short_row",
    "signature_rows",
    "signature_text",
    "subject_rows",
    "table_verdict",
    "value_of_field",
    "verdict",
]

CERTAINTY = {
    Certainty.PROVEN: "report.certainty.proven",
    Certainty.LIKELY: "report.certainty.likely",
    Certainty.POSSIBLE: "report.certainty.possible",
}
CERTAINTY_MARK = {Certainty.PROVEN: "●", Certainty.LIKELY: "◐", Certainty.POSSIBLE: "○"}

VOICE = {
    "client": "report.voice.client",
    "sdk": "report.voice.sdk",
    "wire": "report.voice.wire",
    "server": "report.voice.server",
}

TABLE_TITLE = {
    "string_to_sign": "report.heading.string-to-sign",
    "canonical_request": "report.heading.canonical-request",
}

#: How the server's text was known → the sentence that says so.
_SOURCE = {
    "bytes": note("report.source.bytes"),
    "text": note("report.source.text"),
    "hash": note("report.source.hash"),
}


#: Clocks further apart than this are refused (OSS documentation, EC 0002-00000504: 900 000 ms).
ALLOWED_SKEW = 900


def verdict(view: View) -> Note:
    """The first line: what the run found."""
    if view.paste is not None and not any(finding.error for finding in view.findings):
        return _verdict_on_text(view)
    if view.findings:
        return note("report.verdict.failures", count=len(view.findings), causes=len(view.groups))
    if view.errors and not view.packets:
        return note("report.verdict.nothing-read")
    encrypted = next((one.get("count") for one in view.notes if one.key == "tls.closed"), None)
    if encrypted is not None and not view.exchanges:
        return note("report.verdict.encrypted", count=encrypted)
    if view.incomplete:
        return note("report.verdict.incomplete", exchanges=view.exchanges)
    if not view.exchanges:
        return note("report.verdict.no-exchange")
    return note("report.verdict.clean", exchanges=view.exchanges)


def _verdict_on_text(view: View) -> Note:
    """A pasted text that tells of no refusal."""
    if view.findings:
        return note("paste.verdict.unanswered", count=len(view.findings))
    return note("paste.verdict.no-refusal")


def seen(view: View) -> tuple[Note, ...]:
    """What was looked at, a line a capture; many files are counted only. Of a text: what could be taken from it, and
    what would tell more."""
    if view.paste is not None:
        return (*view.paste.took, *((view.paste.missing,) if view.paste.missing is not None else ()))
    read = [capture for capture in view.captures if capture.facts.format != "unknown"]
    if len(read) > 4:
        return (note("report.seen.many", files=len(read), packets=view.packets, exchanges=view.exchanges),)
    return tuple(
        note(
            "report.seen.one",
            path=_file(capture.facts.path),
            packets=capture.facts.packets,
            exchanges=capture.exchanges,
        )
        for capture in read
    )


def _file(path: str) -> Wire:
    return Wire(path.encode("utf-8", "surrogateescape"), Kind.PATH)


def remarks(view: View) -> tuple[Note, ...]:
    """What must be known to trust the result: damage, loss, limits. What could not be read at all stands elsewhere."""
    found: list[Note] = []
    if view.interrupted:
        found.append(note("report.interrupted"))
    for capture in view.captures:
        path = _file(capture.facts.path)
        said = {n.key for n in capture.facts.notes}
        if capture.facts.truncated and not any("truncated" in key or "cut" in key for key in said):
            found.append(note("report.truncated", path=path))
        if capture.facts.snapped:
            found.append(note("report.snapped", path=path, count=capture.facts.snapped))
        if capture.facts.drops:
            found.append(note("report.drops", path=path, count=capture.facts.drops))
        if capture.gaps:
            found.append(note("report.gaps", path=path, count=capture.gaps))
        found.extend((*capture.facts.notes, *capture.notes))
    found.extend(view.notes)
    return tuple(one for one in dict.fromkeys(found) if one not in view.errors)


def frames_text(frames: Frames, words: Catalogue) -> str:
    """``4-6``, and where the set's later files carry more: ``998-999 + 2 in later files``."""
    text = ranges(frames.numbers)
    if frames.elsewhere:
        text += words.say("report.frames-elsewhere", count=len(frames.elsewhere))
    return text


def subject_rows(subject: Subject, words: Catalogue, show: Show) -> list[tuple[str, str]]:
    """(label key, text) of what failed; rows that say nothing are left out, apart from those a ticket asks for."""
    rows: list[tuple[str, str]] = []
    if subject.method is not None and subject.target is not None:
        line = f"{show(Wire(subject.method, Kind.METHOD))} {show(Wire(subject.target, Kind.RESOURCE))}"
        rows.append(("report.label.request", line))
    else:
        rows.append(("report.label.request", words.say("report.no-request")))
    named = (
        ("report.label.host", subject.host, Kind.HOST, False),
        ("report.label.bucket", subject.bucket, Kind.BUCKET, True),
        ("report.label.key", subject.key, Kind.OBJECT_KEY, False),
        ("report.label.access-key", subject.access_key_id, Kind.ACCESS_KEY_ID, False),
        ("report.label.request-id", subject.request_id, Kind.PUBLIC, True),
        ("report.label.ec", subject.ec, Kind.PUBLIC, False),
    )
    for label, value, kind, always in named:
        if value is not None or always:
            rows.append((label, words.say("report.unknown") if value is None else show(Wire(value, kind))))
    if subject.bucket is None and subject.answered_bucket is not None:
        bucket = words.say("report.answered-bucket", bucket=show(Wire(subject.answered_bucket, Kind.BUCKET)))
        rows = [(label, bucket if label == "report.label.bucket" else text) for label, text in rows]
    if subject.time is not None or subject.client is not None:
        rows.append(("report.label.time", _when(subject, words)))
    if subject.file is not None:
        rows.append(("report.label.file", show(_file(subject.file))))
    if subject.client is not None:
        rows.append(("report.label.frames", _where(subject, words, show)))
        rows.append(("report.label.connection", f"{subject.client} → {subject.server}"))
    return rows


def _when(subject: Subject, words: Catalogue) -> str:
    time = clock(subject.time)
    if time is None:
        return words.say("report.unknown")
    if subject.waited is None:
        return time
    return words.say("report.answered-after", time=time, wait=duration(subject.waited, words))


def _where(subject: Subject, words: Catalogue, show: Show) -> str:
    asked, answered = subject.request_frames, subject.response_frames
    parts = []
    if asked:
        parts.append(words.say("report.frames-request", frames=frames_text(asked, words)))
    if answered and subject.answer_file is not None:
        file = show(_file(subject.answer_file))
        parts.append(words.say("report.frames-answer-in", frames=frames_text(answered, words), file=file))
    elif answered:
        parts.append(words.say("report.frames-answer", frames=frames_text(answered, words)))
    if subject.wireshark_stream is not None:
        parts.append(words.say("report.stream", stream=subject.wireshark_stream))
    return words.say("report.list-comma").join(parts)


def short_row(subject: Subject, words: Catalogue, show: Show) -> tuple[str, str, str, str]:
    """Frames, time, the request with its id, and the file where there are several: one failure of a group."""
    frames = ranges(subject.numbers, 4)
    time = clock(subject.time)
    line = f"{show(Wire(subject.method or b'?', Kind.METHOD))} {show(Wire(subject.target or b'?', Kind.RESOURCE))}"
    if subject.request_id is not None:
        line += f"  {show(Wire(subject.request_id))}"
    file = show(_file(subject.file)) if subject.file is not None else ""
    return f"#{frames}" if frames else "", time[11:23] if time else "?", line, file


def links_label(cause: Cause) -> str:
    """Key of what stands above a cause's links: most are titles of pages, and addresses of pages change."""
    titles = any(not link.startswith("https://") for link in cause.links)
    return "report.titles" if titles else "report.links"


def duration(nanoseconds: int, words: Catalogue) -> str:
    """``31 ms``, ``1.2 s``, ``69 s``, ``16 min``, ``2.5 h`` and ``3 days``."""
    seconds = abs(nanoseconds) / 1e9
    for limit, unit, key in (
        (1, 1e-3, "report.unit.ms"),
        (120, 1, "report.unit.s"),
        (7200, 60, "report.unit.min"),
        (172_800, 3600, "report.unit.h"),
    ):
        if seconds < limit:
            return words.say(key, n=_short(seconds / unit))
    return words.say("report.unit.d", n=_short(seconds / 86400))


def _short(number: float) -> str:
    return f"{number:,.0f}" if number >= 10 or number == int(number) else f"{number:.1f}"


def same_explanation(count: int) -> Note:
    """Above the list of a group's other failures."""
    return note("report.same-explanation", count=count)


def table_verdict(table: FieldTable, view: FindingView) -> Note:
    """Beside a string's title: does it match, and how the server's is known."""
    if table.voices == ("client",):
        return note("report.table.log-alone")
    if "server" not in table.voices:
        return note("report.table.no-server")
    if "wire" not in table.voices:
        return _table_of_log(table) if "client" in table.voices else note("report.table.no-wire")
    if not table.differs:
        compared = table.subject == view.comparison.subject
        if compared and view.comparison.match is False:
            return note("report.table.layout")
        return note("report.table.same")
    count = sum(row.same is False for row in table.rows)
    if "client" in table.voices:
        return note("report.table.three-differ", count=count)
    return note("report.table.differs", count=count)


def _table_of_log(table: FieldTable) -> Note:
    """The client's log beside the server's string."""
    if not table.differs:
        return note("report.table.log-same")
    return note("report.table.log-differs", count=sum(row.same is False for row in table.rows))


def table_source(view: FindingView) -> Note | None:
    """How the server's text is known; None where there is none."""
    return _SOURCE.get(view.comparison.server_source or "")


def difference_title(view: DifferenceView) -> Note:
    """Above the bytes of one difference: the field, what happened to it, and where."""
    difference = view.difference
    at = view.rebuilt_at if view.rebuilt_at is not None else view.server_at
    frames = ranges(view.frames) or "-"
    field = Wire(difference.field.encode("utf-8", "surrogateescape"))
    if not view.frames:
        return _unframed_title(view, field, at)
    if difference.kind is DifferenceKind.ADDED:
        return note("report.difference.added", field=field, offset=_number(view.server_at))
    if difference.kind is DifferenceKind.REMOVED:
        return note("report.difference.removed", field=field, offset=_number(view.rebuilt_at), frames=frames)
    return note("report.difference.changed", field=field, offset=_number(at), frames=frames)


def _unframed_title(view: DifferenceView, field: Wire, at: int | None) -> Note:
    """The same where no frame carried the bytes: without a capture, or in the server's string only."""
    kind = view.difference.kind
    if kind is DifferenceKind.ADDED:
        return note("report.difference.added", field=field, offset=_number(view.server_at))
    if kind is DifferenceKind.REMOVED:
        return note("report.difference.missing", field=field, offset=_number(view.rebuilt_at))
    return note("report.difference.differs", field=field, offset=_number(at))


def _number(offset: int | None) -> int | str:
    return "?" if offset is None else offset


def value_of_field(field: str, value: bytes | None) -> bytes | None:
    """A header line or a parameter without its name; everything else as it is."""
    if value is None:
        return None
    prefix, _, name = field.partition(":")
    if prefix == "header" and b":" in value and name:
        head, _, rest = value.partition(b":")
        return rest if head.lower() == name.encode("utf-8", "backslashreplace") else value
    if prefix == "query" and b"=" in value and name:
        head, _, rest = value.partition(b"=")
        return rest if head == name.encode("utf-8", "backslashreplace") else value
    return value


def joined_voices(voices: Sequence[str], values: Sequence[bytes | None]) -> list[tuple[tuple[str, ...], bytes | None]]:
    """Voices that say the same, joined: one entry for each different value."""
    said: dict[bytes | None, list[str]] = {}
    for voice, value in zip(voices, values, strict=True):
        said.setdefault(value, []).append(voice)
    return [(tuple(names), value) for value, names in said.items()]


@dataclass(frozen=True, slots=True)
class SignatureRow:
    """One signature: where it comes from, and whether it equals the one sent."""

    label: str
    value: bytes | None
    same: bool | None = None
    remark: Note | None = None
    text: str | None = None  #: instead of a value: words of our own
    missing: str = "report.absent"  #: what is said where there is neither


def signature_rows(view: FindingView) -> tuple[SignatureRow, ...]:
    """Sent, echoed, and computed with the secret where one was given."""
    signature = view.signature
    variant = None if signature.variant is None else signature.variant.value
    missing = "report.unknown" if view.exchange.request is None else "report.absent"
    rows = [
        SignatureRow("report.label.variant", None, text=variant, missing=missing),
        SignatureRow("report.label.sent", signature.sent, missing=missing),
    ]
    if signature.echoed is not None:
        remark = note("report.signature.intact") if signature.same else note("report.signature.altered")
        said = remark if signature.same is not None else None
        rows.append(SignatureRow("report.label.echoed", signature.echoed, signature.same, said))
    if view.secret_check is not None:
        for computed in view.secret_check.computed:
            label = "report.label.over-wire" if computed.over == "wire" else "report.label.over-server"
            rows.append(SignatureRow(label, computed.signature, computed.equals_sent))
        sdk = view.secret_check.sdk
        if sdk is not None and sdk.signature is not None:
            same = None if signature.sent is None else sdk.signature == signature.sent
            rows.append(SignatureRow("report.label.sdk", sdk.signature, same))
    return tuple(rows)


def signature_text(value: bytes) -> str:
    """A signature as readers see it: shortened."""
    return shown(Wire(value, Kind.SIGNATURE))


def secret_verdict(view: FindingView) -> tuple[Note, ...]:
    """What the secret proved, in words; nothing where no secret was given."""
    check = view.secret_check
    if check is None:
        return ()
    if check.signs_wire and check.signs_server:
        said = note("report.secret.signs-both")
    elif check.signs_wire and view.error is None:
        said = note("paste.secret.signs-request")
    elif check.signs_wire:
        said = note("report.secret.signs-wire")
    elif check.signs_server:
        said = note("report.secret.signs-server")
    elif check.client_signed is not None:
        said = _client_signed(check)
    else:
        said = note("report.secret.none", count=max(check.tried, len(check.computed)))
    found = [said]
    if check.sdk is not None and check.sdk.reason is not None:
        found.append(check.sdk.reason)
    return (*found, *check.excluded)


def _client_signed(check: SecretCheck) -> Note:
    """What the search found: changes of the string, of the secret, or of both."""
    at_server = check.changed_from == "server"
    variant = check.secret_variant
    if variant is not None and not check.changes:
        key = "report.secret.other-server" if at_server else "report.secret.other-wire"
        return note(key, variant=variant.told)
    changes = *check.changes, *((variant,) if variant is not None else ())
    told = tuple(change.told for change in changes)
    return note("report.secret.explained-server" if at_server else "report.secret.explained", changes=told)


def clock_rows(clocks: Clocks, words: Catalogue) -> list[tuple[str, str]]:
    """(label key, text): the clocks that are known, each against the client's."""
    rows: list[tuple[str, str]] = []
    named = (
        ("report.clock.client", clocks.client),
        ("report.clock.server", clocks.server),
        ("report.clock.capture", clocks.capture),
    )
    for label, time in named:
        text = clock(time, fraction=label == "report.clock.capture")
        if time is None or text is None:
            continue
        if clocks.client is not None and label != "report.clock.client":
            text += "  " + _apart(time - clocks.client, words)
        rows.append((label, text))
    return rows


def _apart(nanoseconds: int, words: Catalogue) -> str:
    seconds = nanoseconds / 1e9
    if abs(seconds) < 1:
        return words.say("report.clock.together")
    gap = duration(nanoseconds, words)
    if abs(seconds) > ALLOWED_SKEW:
        return words.say("report.clock.too-far", gap=gap)
    if seconds > 0:
        return words.say("report.clock.ahead", gap=gap)
    return words.say("report.clock.behind", gap=gap)
