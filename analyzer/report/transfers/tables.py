"""Which rows are said about transfers, for every presenter the same: label keys, and cells as finished text.

Cells are tamed here, so presenters only set them. Tables are bounded; ``more`` counts what was left out.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from ipaddress import ip_address

from analyzer.model.notes import Note, Wire, note
from analyzer.model.transfers import Check, Line, Part, Slow, State, Transfer, Upload
from analyzer.report.frames import ranges
from analyzer.report.messages import Catalogue
from analyzer.report.speech import duration
from analyzer.report.transfers.plot import Drawn, spark
from analyzer.report.transfers.view import TransferView
from analyzer.report.values import address, clock, shown, tame
from analyzer.transfers.speeds import rtt_of, shares

__all__ = [
    "SLOW",
    "STATE",
    "Table",
    "clients",
    "drawn",
    "ip_text",
    "lines",
    "lookups",
    "moving",
    "operation",
    "parts",
    "request_ids",
    "size",
    "text_of",
    "transfers",
    "unchecked",
    "upload_pairs",
    "verdict",
]

STATE = {
    State.COMPLETED: "transfers.state.completed",
    State.ABORTED: "transfers.state.aborted",
    State.FRAGMENTS: "transfers.state.fragments",
    State.UNCERTAIN: "transfers.state.uncertain",
    State.GONE: "transfers.state.gone",
    State.EMPTY: "transfers.state.empty",
    State.UNSEEN: "transfers.state.unseen",
}
SLOW = {
    Slow.CLIENT: "transfers.slow.client",
    Slow.SERVER: "transfers.slow.server",
    Slow.WINDOW: "transfers.slow.window",
    Slow.NETWORK: "transfers.slow.network",
    Slow.LOSS: "transfers.slow.loss",
    Slow.NOBODY: "transfers.slow.nobody",
    Slow.UNKNOWN: "transfers.slow.unknown",
}
CHECK = {
    Check.EQUAL: "transfers.check.equal",
    Check.DIFFERS: "transfers.check.differs",
    Check.NOT_SENT: "transfers.check.not-sent",
    Check.NOT_MADE: "transfers.check.not-made",
}
#: Operations that carry the bytes of an object, the rows of the speed table → what they are called.
_MOVING = {
    "put": "transfers.operation.put",
    "part": "transfers.operation.part",
    "append": "transfers.operation.append",
    "post": "transfers.operation.post",
    "get": "transfers.operation.get",
}
#: What a narrow terminal does without, table by table.
_SPARE_OF_PARTS = ("transfers.label.attempts", "transfers.label.listed")
_SPARE_OF_PROGRAMS = (
    "transfers.label.parallel", "transfers.label.rtt", "transfers.label.count", "transfers.label.again",
    "transfers.label.size",
)  # fmt: skip
_SPARE_OF_TRANSFERS = ("transfers.label.over-time", "report.label.time", "transfers.label.size")
_SPARE_OF_LINES = (
    "transfers.label.near", "transfers.label.window", "transfers.label.shut", "transfers.label.rtt",
    "transfers.label.again",
)  # fmt: skip
_SPARE_OF_LOOKUPS = ("transfers.label.asked", "transfers.label.answered")
#: Bytes from which an encrypted connection is worth a lane of the plot.
_MUCH = 64 << 10


@dataclass(frozen=True, slots=True)
class Table:
    """``columns`` are label keys; those in ``right`` hold numbers, those in ``spare`` are the first that a narrow
    terminal does without, in this order."""

    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    right: frozenset[int] = frozenset()
    more: int = 0
    spark: str | None = None  #: the column that holds bars, in which blanks count
    spare: tuple[str, ...] = ()


def verdict(view: TransferView) -> Note:
    """The first line."""
    report = view.report
    if not report.uploads and not report.transfers and not report.troubles:
        if report.run.errors and not view.run.packets:
            return note("report.verdict.nothing-read")
        return note("transfers.verdict.nothing", exchanges=view.run.exchanges)
    if report.wrong:
        return note(
            "transfers.verdict.wrong",
            count=len(report.wrong),
            transfers=len(report.transfers),
            uploads=len(report.uploads),
        )
    if view.run.incomplete:
        return note("transfers.verdict.incomplete", transfers=len(report.transfers), uploads=len(report.uploads))
    return note("transfers.verdict.fine", transfers=len(report.transfers), uploads=len(report.uploads))


def size(count: float) -> str:
    """``312 B``, ``20.5 kB``, ``1.2 GB``: powers of ten, as rates are given."""
    for limit, unit, name in ((1e3, 1, "B"), (1e6, 1e3, "kB"), (1e9, 1e6, "MB"), (1e12, 1e9, "GB")):
        if count < limit:
            return f"{count / unit:.0f} {name}" if unit == 1 or count / unit >= 100 else f"{count / unit:.1f} {name}"
    return f"{count / 1e12:.1f} TB"


def _rate(bytes_a_second: float | None) -> str:
    return "-" if bytes_a_second is None else f"{size(bytes_a_second)}/s"


def _time(nanoseconds: int | None, words: Catalogue) -> str:
    return "-" if nanoseconds is None else duration(nanoseconds, words)


def text_of(wire: Wire | None) -> str:
    """A captured value for a cell."""
    return tame(shown(wire)) if wire is not None else "-"


# Uploads -------------------------------------------------------------------------------------------------------------


def upload_pairs(upload: Upload, view: TransferView, words: Catalogue) -> list[tuple[str, str]]:
    """Label and text: what the upload is, and what became of it."""
    sent = len(upload.parts)
    answered = sum(1 for part in upload.parts if part.answered)
    frames = view.frames.local(upload.frames)
    comma = words.say("report.list-comma")
    pairs = [
        (words.say("transfers.label.object"), f"{text_of(upload.bucket)} / {text_of(upload.key)}"),
        (words.say("transfers.label.state"), words.say(STATE[upload.state])),
        (
            words.say("transfers.label.parts"),
            words.say(
                "transfers.parts",
                sent=sent,
                answered=answered,
                bytes=size(upload.bytes_answered),
                retries=upload.retries,
            ),
        ),
        (words.say("transfers.label.checks"), _checks(upload, words)),
        (words.say("transfers.label.program"), words.name(upload.tool)),
        (
            words.say("report.label.time"),
            comma.join((clock(upload.begin) or "-", duration(upload.end - upload.begin, words))),
        ),
        (words.say("report.label.frames"), ranges(frames, 6)),
        (
            words.say("transfers.label.request-ids"),
            request_ids(upload.request_ids),
        ),
    ]
    return [(label, text) for label, text in pairs if text]


def _checks(upload: Upload, words: Catalogue) -> str:
    """``ETag: 3 equal; CRC-64: 3 equal, 1 not made; whole object: equal``."""
    comma = words.say("report.list-comma")
    found = []
    for name, checks in (("ETag", [p.etag for p in upload.parts]), ("CRC-64", [p.crc for p in upload.parts])):
        counts = [(check, checks.count(check)) for check in CHECK if checks.count(check)]
        told = (
            words.say("transfers.check.count", count=count, verdict=words.say(CHECK[check])) for check, count in counts
        )
        found.append(words.say("report.labelled", label=name, text=comma.join(told)))
    whole = words.say("transfers.check.whole", verdict=words.say(CHECK[upload.crc]))
    return words.say("report.list-semicolon").join([*found, whole]) if upload.parts else whole


def parts(upload: Upload, words: Catalogue, limit: int) -> Table:
    """The parts; where there are many, those that went wrong first, and only as many as ``limit``."""
    every = sorted(upload.parts, key=lambda part: (_is_fine(part), part.number))[:limit]
    rows = tuple(
        (
            str(part.number),
            size(part.size),
            str(part.attempts),
            words.say("report.no-answer") if part.status is None else str(part.status),
            words.say(CHECK[part.etag]),
            words.say(CHECK[part.crc]),
            words.say(_LISTED[part.listed]),
        )
        for part in sorted(every, key=lambda part: part.number)
    )
    columns = (
        "transfers.label.part", "transfers.label.size", "transfers.label.attempts", "transfers.label.status",
        "transfers.label.etag", "transfers.label.crc", "transfers.label.listed",
    )  # fmt: skip
    return Table(columns, rows, frozenset({0, 1, 2}), len(upload.parts) - len(rows), spare=_SPARE_OF_PARTS)


_LISTED = {True: "transfers.listed.yes", False: "transfers.listed.no", None: "transfers.listed.unknown"}


def _is_fine(part: Part) -> bool:
    bad = Check.DIFFERS in (part.etag, part.crc) or part.listed is False
    return bool(part.answered) and part.attempts == 1 and not bad


def unchecked(upload: Upload) -> tuple[Note, ...]:
    """Why checks of this upload were not made, each reason once."""
    return tuple(dict.fromkeys(part.unchecked for part in upload.parts if part.unchecked is not None))


# Speed ---------------------------------------------------------------------------------------------------------------


def clients(view: TransferView, words: Catalogue) -> Table:
    """A row a program: the SDK beside ossutil, where both are in the capture."""
    rows = tuple(
        (
            words.name(row.tool) if row.tool != "?" else words.say("report.unknown"),
            str(row.transfers),
            size(row.sent + row.received),
            _rate(row.throughput),
            f"{row.mean_parallel:.1f} / {row.most_parallel}",
            _time(row.rtt, words),
            f"{100 * row.again / row.segments:.1f} %" if row.segments else "-",
            waits(row.shares, words),
        )
        for row in view.report.clients
    )
    columns = (
        "transfers.label.program", "transfers.label.count", "transfers.label.size", "transfers.label.rate",
        "transfers.label.parallel", "transfers.label.rtt", "transfers.label.again", "transfers.label.waited",
    )  # fmt: skip
    return Table(columns, rows, frozenset({1, 2, 3, 4, 5, 6}), spare=_SPARE_OF_PROGRAMS)


def waits(parts: Iterable[tuple[Slow, float]], words: Catalogue, most: int = 3) -> str:
    """``client 68 %, network 20 %``: parts of a tenth and more."""
    found = [(who, share) for who, share in parts if share >= 0.1][:most]
    text = words.say("report.list-comma").join(f"{words.say(SLOW[who])} {100 * share:.0f} %" for who, share in found)
    return text or words.say(SLOW[Slow.NOBODY])


def transfers(view: TransferView, words: Catalogue, limit: int, width: int) -> Table:
    """Transfers that moved an object's bytes, the largest first; ``width`` columns for the spark line."""
    every = moving(view)
    largest = sorted(every, key=lambda one: -one.size)[:limit]
    rows = tuple(
        (
            str(one.number),
            operation(one, words),
            size(one.size),
            duration(one.end - one.begin, words),
            _rate(one.throughput),
            _held_up(one, words),
            spark(one, width),
        )
        for one in sorted(largest, key=lambda one: (one.begin, one.number))
    )
    columns = (
        "transfers.label.number", "transfers.label.operation", "transfers.label.size", "report.label.time",
        "transfers.label.rate", "transfers.label.waited", "transfers.label.over-time",
    )  # fmt: skip
    return Table(columns, rows, frozenset({0, 2, 3, 4}), len(every) - len(rows), columns[-1], _SPARE_OF_TRANSFERS)


def _held_up(one: Transfer, words: Catalogue) -> str:
    """Whom one transfer waited for most, and for what part of its time."""
    return waits(((who, time / max(1, one.end - one.begin)) for who, time in shares(one)), words, 1)


def moving(view: TransferView) -> list[Transfer]:
    """Transfers that carry bytes of an object, in order of time."""
    found = [one for one in view.report.transfers if one.operation in _MOVING and one.size]
    return sorted(found, key=lambda one: (one.begin, one.number))


def operation(one: Transfer, words: Catalogue) -> str:
    """``part 3``, ``get``."""
    return words.say(_MOVING[one.operation], part=one.part if one.part is not None else "?")


def drawn(view: TransferView, words: Catalogue) -> list[Drawn]:
    """Transfers, and the busier direction of connections that stayed encrypted, in order of time."""
    found = [
        Drawn(
            f"{one.number}  {_drawn_name(one, words)}",
            one.begin,
            one.end,
            one.speed.series,
            _wait(one),
            one.status is None or one.status >= 400,
        )
        for one in moving(view)
        if one.speed is not None
    ]
    read = {one.stream for one in view.report.transfers}
    for line in view.report.lines:
        busier = max((line.up, line.down), key=lambda half: half.new)
        if line.facts.stream not in read and busier.series is not None and busier.new >= _MUCH:
            label = words.say("transfers.plot.connection", stream=line.facts.stream)
            found.append(Drawn(label, line.facts.first_time, line.facts.last_time, busier.series))
    return sorted(found, key=lambda one: (one.begin, one.label))


def _drawn_name(one: Transfer, words: Catalogue) -> str:
    """``part 3: server 11 %``, as the table of transfers says it."""
    return words.say("report.labelled", label=operation(one, words), text=_held_up(one, words))


def _wait(one: Transfer) -> tuple[int, int] | None:
    """The server's time, of an upload."""
    if not one.upward or one.sent is None or one.answered is None or one.answered <= one.sent:
        return None
    return one.sent, one.answered


def lines(view: TransferView, words: Catalogue, limit: int) -> Table:
    """Connections, those that lost most first."""
    chosen = sorted(view.report.lines, key=lambda line: -(line.up.again + line.down.again))[:limit]
    rows = tuple(_line(line, words) for line in sorted(chosen, key=lambda line: line.facts.stream))
    columns = (
        "transfers.label.stream", "transfers.label.server", "transfers.label.rtt", "transfers.label.sent",
        "transfers.label.received", "transfers.label.again", "transfers.label.window", "transfers.label.shut",
        "transfers.label.near",
    )  # fmt: skip
    more = len(view.report.lines) - len(rows)
    return Table(columns, rows, frozenset({0, 2, 3, 4, 5, 6, 7}), more, spare=_SPARE_OF_LINES)


def _line(line: Line, words: Catalogue) -> tuple[str, ...]:
    up, down = line.up, line.down
    window = "-" if down.window is None else size(down.window)
    return (
        str(line.facts.stream),
        address(line.server),
        _time(rtt_of(line.facts), words),
        size(up.new),
        size(down.new),
        f"{up.again} + {down.again}",
        window,
        _time(up.closed_time + down.closed_time or None, words),
        words.say(_NEAR[line.facts.captured_at]),
    )


_NEAR = {
    "client": "transfers.near.client",
    "server": "transfers.near.server",
    "between": "transfers.near.between",
    "unknown": "transfers.near.unknown",
}


def lookups(view: TransferView, words: Catalogue) -> Table:
    """Names that were asked for."""
    rows: Sequence[tuple[str, ...]] = [
        (
            tame(shown(one.name)),
            str(one.asked),
            str(one.answered),
            _time(one.slowest, words),
            words.say("report.list-comma").join(ip_text(packed) for packed in one.addresses[:3]) or "-",
        )
        for one in view.report.lookups[:20]
    ]
    columns = (
        "transfers.label.name", "transfers.label.asked", "transfers.label.answered", "transfers.label.slowest",
        "transfers.label.addresses",
    )  # fmt: skip
    return Table(
        columns, tuple(rows), frozenset({1, 2, 3}), max(0, len(view.report.lookups) - 20), spare=_SPARE_OF_LOOKUPS
    )


def ip_text(packed: bytes) -> str:
    """An address of 4 or 16 bytes; anything else in hex."""
    return str(ip_address(packed)) if len(packed) in (4, 16) else packed.hex()


def request_ids(wires: Iterable[Wire], limit: int = 6) -> str:
    """The first of them, for the ticket."""
    return ", ".join(text_of(wire) for wire in list(wires)[:limit])
