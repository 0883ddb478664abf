"""The readers that take bytes from strangers. A target gets a damaged input and fails by raising.

``captures``: the whole way from a capture to every form of the report, and the same list of exchanges by the quick and
by the plain way of reading. ``transfers``: from a capture to every form of the report on transfers, whatever the size
of batches. ``messages``: a request and an answer without a capture. ``keylog``: a key log. ``pastes``: the whole way
from a pasted text to every form of the report.
"""

from __future__ import annotations

import contextlib
import io
import json
import random
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from analyzer.cli.rendering import render_transfers
from analyzer.cli.settings import Format
from analyzer.diagnosis import Diagnoser
from analyzer.http import exchange_from_bytes
from analyzer.model.errors import CannotRead, OutputRefused
from analyzer.model.listing import Row
from analyzer.model.report import Report
from analyzer.model.streams import TcpTiming
from analyzer.oss import read
from analyzer.pipeline import Options, analyze, analyze_transfers, explain, list_rows
from analyzer.report.html import render_html
from analyzer.report.json_ import render_json
from analyzer.report.markdown import render_markdown
from analyzer.report.messages import Catalogue
from analyzer.report.redaction import redact, redacted_view
from analyzer.report.redaction.transfers import redact_transfers
from analyzer.report.text import render_text
from analyzer.report.transfers import local_transfers
from analyzer.report.view import local_view
from analyzer.tls import KeyLog
from tests.fuzz.damage import damaged
from tests.pasted import texts

__all__ = ["TARGETS", "Target"]

ROOT = Path(__file__).resolve().parents[2]
GOLDEN = ROOT / "tests" / "golden" / "causes"
PASTES = ROOT / "tests" / "golden" / "pastes"


@dataclass(frozen=True, slots=True)
class Target:
    """``seeds`` are whole inputs; ``run`` takes a damaged one."""

    name: str
    seeds: Callable[[], list[bytes]]
    run: Callable[[random.Random, bytes], None]


def _captures() -> list[bytes]:
    return [path.read_bytes() for path in sorted((ROOT / "captures").glob("*.pcap*"))]


def _capture(rng: random.Random, data: bytes) -> None:
    try:
        report = analyze(["-"], stdin=io.BytesIO(data))
    except CannotRead:
        return
    _show(rng, report)
    size = rng.choice([None, 1, 7])
    ways = [
        sorted(_lasting(row) for row in list_rows(["-"], options, stdin=io.BytesIO(data)))
        for options in (Options(), Options(fast=False, batch_packets=size))
    ]
    assert ways[0] == ways[1], "the way of reading matters"


def _show(rng: random.Random, report: Report) -> None:
    """The report in every form, and redacted."""
    words = Catalogue(rng.choice(["en", "zh"]), pasted=report.paste is not None)
    view = local_view(report)
    json.loads(render_json(view, words, "0"))
    for text in (render_text(view, words), render_markdown(view, words, "0"), render_html(view, words, "0")):
        assert "\x1b" not in text, "a terminal escape got through"
    try:
        redacted = redact(report)
        text = render_json(redacted_view(redacted), words, "0")
        redacted.gate.check(text.encode("utf-8", "backslashreplace"), "json")
    except OutputRefused:
        pass  # damage can make a word of ours look like a value that must go: then nothing is written


def _pastes() -> list[bytes]:
    made = [value for value in vars(texts).values() if isinstance(value, bytes) and len(value) > 100]
    return [*made, *(path.read_bytes() for path in sorted(PASTES.glob("*/paste.txt")))]


def _paste(rng: random.Random, data: bytes) -> None:
    try:
        report = explain(data)
    except CannotRead:
        return
    _show(rng, report)


def _lasting(row: Row) -> str:
    """A line without what its connection gathered until then."""
    return repr(row._replace(connection=replace(row.connection, timing=TcpTiming())))


def _transfers(rng: random.Random, data: bytes) -> None:
    try:
        report = analyze_transfers(["-"], stdin=io.BytesIO(data))
    except CannotRead:
        return
    for form in Format:
        text = render_transfers(local_transfers(report), form, rng.choice(["en", "zh"]))
        assert "\x1b" not in text, "a terminal escape got through"
    with contextlib.suppress(OutputRefused):  # nothing leaves where a value might be found again
        view, gate = redact_transfers(report)
        gate.check(render_transfers(view, Format.JSON, "en").encode("utf-8", "backslashreplace"), "json")
    options = Options(batch_packets=rng.choice([1, 7]))
    again = analyze_transfers(["-"], options, stdin=io.BytesIO(data))
    assert again.transfers == report.transfers, "the size of batches matters"


def _messages() -> list[bytes]:
    cases = sorted(path.parent for path in GOLDEN.glob("*/request.http"))
    return [(case / "request.http").read_bytes() + SPLIT + (case / "response.http").read_bytes() for case in cases]


SPLIT = b"\x00\x00--\x00\x00"


def _message(rng: random.Random, data: bytes) -> None:
    request, _, response = data.partition(SPLIT)
    diagnoser = Diagnoser()
    diagnoser.add(read(exchange_from_bytes(request or None, response or None)))
    for finding in diagnoser.findings():
        assert finding.causes


def _keylogs() -> list[bytes]:
    names = ("CLIENT_RANDOM", "CLIENT_TRAFFIC_SECRET_0", "SERVER_HANDSHAKE_TRAFFIC_SECRET")
    return [("\r\n".join(f"{name} {'ab' * 32} {'cd' * 48}" for name in names) + "\n# said\n").encode()]


def _keylog(rng: random.Random, data: bytes) -> None:
    KeyLog([data])


TARGETS = (
    Target("captures", _captures, _capture),
    Target("transfers", _captures, _transfers),
    Target("messages", _messages, _message),
    Target("keylog", _keylogs, _keylog),
    Target("pastes", _pastes, _paste),
)


def once(target: Target, seeds: list[bytes], number: int) -> bytes:
    """Run the target on its input of this number, and give the input back."""
    rng = random.Random(f"{target.name} {number}")
    data = damaged(rng, rng.choice(seeds))
    target.run(rng, data)
    return data
