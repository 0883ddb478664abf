"""Transfers for programs: schema ``ossig.transfers/1`` (``schema/ossig.transfers.1.json``).

The rules of ``ossig.report/1`` hold: text is UTF-8 with ``backslashreplace``, unknown is null, ids and enumerations
never change with the language. Lengths of time are seconds, sizes bytes, rates bytes a second.
"""

from __future__ import annotations

from typing import Any

from analyzer.model.notes import Wire
from analyzer.model.transfers import (
    WAITS,
    ClientSpeed,
    HalfFacts,
    Line,
    Lookup,
    Part,
    Series,
    Speed,
    Transfer,
    Trouble,
    Upload,
)
from analyzer.report.frames import FrameBook
from analyzer.report.json_ import capture_object, cause_object, dumps, sentences
from analyzer.report.messages import Catalogue
from analyzer.report.transfers.tables import ip_text
from analyzer.report.transfers.view import TransferView
from analyzer.report.values import address, exact, instant
from analyzer.transfers.speeds import shares

__all__ = ["SCHEMA", "render_json", "render_jsonl"]

SCHEMA = "ossig.transfers/1"

Object = dict[str, Any]


def render_json(view: TransferView, words: Catalogue, version: str) -> str:
    """The whole report as one JSON text, indented, with a line end."""
    return dumps(_report(view, words, version), indent=2) + "\n"


def render_jsonl(view: TransferView, words: Catalogue, version: str) -> str:
    """One line for the run, then one line a trouble, upload and transfer, each with its ``kind``."""
    whole = _report(view, words, version)
    rows = [{"kind": name[:-1], **row} for name in ("troubles", "uploads", "transfers") for row in whole.pop(name)]
    return "".join(dumps(line) + "\n" for line in (whole, *rows))


def _report(view: TransferView, words: Catalogue, version: str) -> Object:
    report = view.report
    return {
        "schema": SCHEMA,
        "tool": {"name": "ossig", "version": version},
        "redacted": view.run.redacted,
        "captures": [capture_object(capture, words) for capture in view.run.captures],
        "troubles": [_trouble(trouble, view, words) for trouble in report.troubles],
        "uploads": [_upload(upload, view.frames, words) for upload in report.uploads],
        "transfers": [_transfer(transfer, view.frames, words) for transfer in report.transfers],
        "clients": [_client(row) for row in report.clients],
        "connections": [_line(line, view.frames) for line in report.lines],
        "names": [_lookup(lookup, view.frames) for lookup in report.lookups],
        "others": report.others,
        "checked": report.checked,
        "incomplete": view.run.incomplete,
        "interrupted": view.run.interrupted,
        "errors": sentences(view.run.errors, words),
        "notes": sentences(view.run.notes, words),
    }


def _text(wire: Wire | None) -> str | None:
    return None if wire is None else exact(wire.raw)


def _seconds(nanoseconds: int | None) -> float | None:
    return None if nanoseconds is None else nanoseconds / 1e9


def _trouble(trouble: Trouble, view: TransferView, words: Catalogue) -> Object:
    return {
        **cause_object(trouble.cause, view.frames, words),
        "remark": trouble.remark,
        "filter": view.filter_of(trouble) or None,
        "transfers": list(trouble.transfers),
        "streams": list(trouble.streams),
        "request_ids": [exact(one.raw) for one in trouble.request_ids],
    }


def _upload(upload: Upload, frames: FrameBook, words: Catalogue) -> Object:
    return {
        "upload_id": exact(upload.upload_id.raw),
        "host": _text(upload.host),
        "bucket": _text(upload.bucket),
        "key": _text(upload.key),
        "client": upload.tool,
        "begun_in_capture": upload.begun,
        "state": upload.state.value,
        "bytes_answered": upload.bytes_answered,
        "fragment_bytes": upload.fragment_bytes,
        "retries": upload.retries,
        "crc64": upload.crc.value,
        "begin": instant(upload.begin),
        "end": instant(upload.end),
        "last_status": upload.last_status,
        "parts": [_part(part, words) for part in upload.parts],
        "transfers": list(upload.transfers),
        "request_ids": [exact(one.raw) for one in upload.request_ids],
        "frames": list(frames.local(upload.frames)),
    }


def _part(part: Part, words: Catalogue) -> Object:
    return {
        "number": part.number,
        "size": part.size,
        "attempts": part.attempts,
        "answered": part.answered,
        "status": part.status,
        "etag": part.etag.value,
        "crc64": part.crc.value,
        "unchecked": sentences((part.unchecked,), words)[0] if part.unchecked is not None else None,
        "listed": part.listed,
        "transfers": list(part.transfers),
    }


def _transfer(one: Transfer, frames: FrameBook, words: Catalogue) -> Object:
    return {
        "number": one.number,
        "stream": one.stream,
        "client": address(one.client),
        "server": address(one.server),
        "operation": one.operation,
        "direction": "up" if one.upward else "down",
        "method": exact(one.method.raw),
        "host": _text(one.host),
        "bucket": _text(one.bucket),
        "key": _text(one.key),
        "upload_id": _text(one.upload_id),
        "part": one.part,
        "client_program": None if one.tool == "?" else one.tool,
        "size": one.size,
        "declared": one.declared,
        "begin": instant(one.begin),
        "end": instant(one.end),
        "seconds": _seconds(one.end - one.begin),
        "bytes_per_second": one.throughput,
        "status": one.status,
        "code": _text(one.code),
        "request_id": _text(one.request_id),
        "etag": one.etag.value,
        "crc64": one.crc.value,
        "unchecked": sentences((one.unchecked,), words)[0] if one.unchecked is not None else None,
        "complete": one.complete,
        "frames": list(frames.local(one.frames)),
        "waited_for": one.slow.value,
        "waits": {who.value: _seconds(time) for who, time in shares(one)},
        "speed": None if one.speed is None else _speed(one.speed),
    }


def _speed(speed: Speed) -> Object:
    return {
        "moving": _seconds(speed.moving),
        "sender_waits": _waits(speed.waits),
        "server_think": _seconds(speed.think),
        "segments": speed.segments,
        "retransmitted": speed.again,
        "least_window": speed.least_window,
        "most_window": speed.most_window,
        "most_in_flight": speed.most_flight,
        "rtt": _seconds(speed.rtt),
        "over_time": _series(speed.series),
    }


def _waits(waits: tuple[int, ...]) -> Object:
    return {name: _seconds(time) for name, time in zip(WAITS, waits, strict=True)}


def _series(series: Series | None) -> Object | None:
    if series is None:
        return None
    return {
        "begin": instant(series.start),
        "slot": _seconds(series.width),
        "bytes": list(series.new),
        "retransmitted_bytes": list(series.again),
    }


def _client(row: ClientSpeed) -> Object:
    return {
        "program": None if row.tool == "?" else row.tool,
        "transfers": row.transfers,
        "sent": row.sent,
        "received": row.received,
        "busy": _seconds(row.busy),
        "bytes_per_second": row.throughput,
        "parallel_most": row.most_parallel,
        "parallel_mean": row.mean_parallel,
        "segments": row.segments,
        "retransmitted": row.again,
        "rtt": _seconds(row.rtt),
        "waited_for": row.slow.value,
        "shares": {who.value: share for who, share in row.shares},
    }


def _line(line: Line, frames: FrameBook) -> Object:
    facts = line.facts
    return {
        "stream": facts.stream,
        "client": address(line.client),
        "server": address(line.server),
        "frames": list(frames.local((facts.first_frame, facts.last_frame))),
        "begin": instant(facts.first_time),
        "end": instant(facts.last_time),
        "syns": facts.syns,
        "handshake_rtt": _seconds(facts.handshake_rtt),
        "captured_near": facts.captured_at,
        "ends": [
            {"how": end.how, "by": line.by(end), "time": instant(end.time), "frame": frames.place(end.frame)[1]}
            for end in facts.ends
        ],
        "up": _half(line.up),
        "down": _half(line.down),
    }


def _half(half: HalfFacts) -> Object:
    return {
        "bytes": half.new,
        "segments": half.segments,
        "retransmitted": half.again,
        "retransmitted_bytes": half.again_bytes,
        "reordered": half.reordered,
        "repeated_in_a_row": half.repeated,
        "rtt_least": _seconds(half.rtt_least),
        "rtt_mean": _seconds(half.rtt_mean),
        "rtt_most": _seconds(half.rtt_most),
        "window_shift": half.shift,
        "window": half.window,
        "zero_windows": half.zero_windows,
        "window_closed": _seconds(half.closed_time),
        "sender_waits": _waits(half.waits),
        "over_time": _series(half.series),
    }


def _lookup(lookup: Lookup, frames: FrameBook) -> Object:
    return {
        "name": exact(lookup.name.raw),
        "asked": lookup.asked,
        "answered": lookup.answered,
        "codes": list(lookup.codes),
        "addresses": [ip_text(packed) for packed in lookup.addresses],
        "slowest": _seconds(lookup.slowest),
        "frames": list(frames.local(lookup.frames)),
    }
