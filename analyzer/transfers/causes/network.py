"""Causes on the way: nobody answered, somebody hung up, the receiver took nothing, segments got lost, names or
certificates failed. Each is told from packets alone, so it holds for encrypted connections too."""

from __future__ import annotations

from collections.abc import Iterator
from ipaddress import ip_address

from analyzer.model.notes import Kind, Note, Wire, note
from analyzer.model.tls import TlsOutcome
from analyzer.model.transfers import Ended, Line, Lookup, Transfer, Trouble
from analyzer.transfers.causes.base import LIKELY, POSSIBLE, RESUME_CODE, SECOND, Explained, Row
from analyzer.transfers.dns import CODES
from analyzer.transfers.picture import Picture, is_oss_name

__all__ = ["ROWS"]

#: A wait that a person would call one.
LONG_WAIT = SECOND
#: Unanswered for so long at the end of the capture, a request is suspicious.
OPEN_WAIT = 5 * SECOND
#: A storm: this part of a direction's segments again and at least so many, or one segment so often in a row.
STORM_PART, STORM_LEAST, STORM_ROW = 0.02, 10, 3
#: A closed window counts when it lasted so long and was this part of the transfer.
STALL_PART = 0.3
_SLOW_NAME = SECOND
_WEB_PORTS = (80, 443)

_TIME_OUT = Explained(
    "time-out", note("transfers.time-out.title"), note("transfers.time-out.remedy"), RESUME_CODE, ("RequestTimeout",)
)
_CONNECT = Explained("connect-failed", note("transfers.connect-failed.title"), note("transfers.connect-failed.remedy"))
_RESET = Explained("reset", note("transfers.reset.title"), note("transfers.reset.remedy"), RESUME_CODE)
_EARLY = Explained("closed-early", note("transfers.closed-early.title"), note("transfers.closed-early.remedy"))
_STALLED = Explained("stalled-window", note("transfers.stalled.title"), note("transfers.stalled.remedy"), RESUME_CODE)
_STORM = Explained("retransmission-storm", note("transfers.storm.title"), note("transfers.storm.remedy"), RESUME_CODE)
_DNS = Explained("dns-trouble", note("transfers.dns.title"), note("transfers.dns.remedy"))
_TLS = Explained("tls-trouble", note("transfers.tls.title"), note("transfers.tls.remedy"))


def seconds(nanoseconds: int) -> float:
    """For a sentence."""
    return round(nanoseconds / 1e9, 3)


def _hung_up(line: Line | None, transfer: Transfer) -> Ended | None:
    """Who ended the connection first, after the transfer began."""
    if line is None:
        return None
    return next((end for end in line.facts.ends if end.time >= transfer.begin), None)


def _is_sent(transfer: Transfer) -> bool:
    return transfer.declared is None or transfer.size >= transfer.declared


def _address(line: Line) -> Wire:
    return Wire(str(ip_address(line.server.address)).encode(), Kind.ADDRESS)


def time_out(picture: Picture) -> Trouble | None:
    """A request that was sent whole and waited in vain, or that the server says it did not get in time."""
    told: list[Note] = []
    hit: list[Transfer] = []
    frames: list[int] = []
    sure = False
    for one in picture.transfers:
        if one.status in (408, 504) or (one.code is not None and one.code.raw == b"RequestTimeout"):
            code = one.code if one.code is not None else Wire(str(one.status).encode())
            told.append(note("transfers.time-out.said", code=code, frame=one.frames[-1]))
            sure = True
        elif one.status is None and one.sent is not None and _is_sent(one):
            end = _hung_up(picture.lines.get(one.stream), one)
            until = end.time if end is not None else picture.last_time
            waited = until - one.sent
            if end is None and waited >= OPEN_WAIT:
                told.append(note("transfers.time-out.open", seconds=seconds(waited), frame=one.frames[-1]))
            elif end is not None and waited >= LONG_WAIT and picture.lines[one.stream].by(end) == "client":
                told.append(note("transfers.time-out.gave-up", seconds=seconds(waited), frame=end.frame))
                frames.append(end.frame)
                sure = True
            else:
                continue
        else:
            continue
        hit.append(one)
        frames += one.frames
    return _TIME_OUT.trouble(LIKELY if sure else POSSIBLE, told, transfers=hit, frames=frames) if hit else None


def connect_failed(picture: Picture) -> Trouble | None:
    """A SYN that nobody answered, or that was refused."""
    told: list[Note] = []
    streams: list[int] = []
    frames: list[int] = []
    sure = False
    for line in picture.lines.values():
        facts = line.facts
        if facts.syn_time is None or facts.syn_ack_time is not None or facts.halves[0].new + facts.halves[1].new:
            continue
        known = picture.is_oss(line)
        if not known and (picture.oss_addresses or line.server.port not in _WEB_PORTS):
            continue
        refused = next((end for end in facts.ends if end.how == "rst" and line.by(end) == "server"), None)
        server = _address(line)
        if refused is not None:
            told.append(note("transfers.connect-failed.refused", server=server, port=line.server.port))
            frames.append(refused.frame)
        elif facts.syns > 1 or picture.last_time - facts.syn_time >= LONG_WAIT:
            waited = seconds(max(facts.last_time, facts.syn_time) - facts.syn_time)
            values = {"port": line.server.port, "count": facts.syns, "seconds": waited}
            told.append(note("transfers.connect-failed.silent", server=server, **values))
        else:
            continue
        sure |= known
        streams.append(facts.stream)
        frames += facts.syn_frames
    return _CONNECT.trouble(LIKELY if sure else POSSIBLE, told, streams=streams, frames=frames) if streams else None


def reset(picture: Picture) -> Trouble | None:
    """A RST in the middle of a transfer. One that a client sends after waiting is a time-out, not this."""
    told: list[Note] = []
    hit: list[Transfer] = []
    frames: list[int] = []
    for one in picture.transfers:
        line = picture.lines.get(one.stream)
        end = _hung_up(line, one)
        if line is None or end is None or end.how != "rst" or end.time > one.end + LONG_WAIT:
            continue
        if one.status is not None and (one.upward or _is_sent(one)):
            continue  # it had been answered
        by = line.by(end)
        if by == "client" and one.status is None and _is_sent(one) and end.time - (one.sent or 0) >= LONG_WAIT:
            continue
        key = "transfers.reset.by-client" if by == "client" else "transfers.reset.by-server"
        told.append(_reset_note(key, one, end))
        hit.append(one)
        frames += [end.frame, *one.frames[:2]]
    return _RESET.trouble(LIKELY, told, transfers=hit, frames=frames) if hit else None


def _reset_note(key: str, one: Transfer, end: Ended) -> Note:
    declared = one.declared if one.declared is not None else one.size
    after = seconds(max(0, end.time - one.begin))
    if key.endswith("client"):
        return note("transfers.reset.by-client", frame=end.frame, size=one.size, declared=declared, seconds=after)
    return note("transfers.reset.by-server", frame=end.frame, size=one.size, declared=declared, seconds=after)


def closed_early(picture: Picture) -> Trouble | None:
    """A FIN before the body's end: one side thought that it was done."""
    told: list[Note] = []
    hit: list[Transfer] = []
    frames: list[int] = []
    for one in picture.transfers:
        line = picture.lines.get(one.stream)
        end = _hung_up(line, one)
        if line is None or end is None or end.how != "fin" or one.declared is None or one.size >= one.declared:
            continue
        values = {"frame": end.frame, "size": one.size, "declared": one.declared}
        if line.by(end) == "client":
            told.append(note("transfers.closed-early.client", **values))
        else:
            told.append(note("transfers.closed-early.server", **values))
        hit.append(one)
        frames += [end.frame, *one.frames[:2]]
    return _EARLY.trouble(LIKELY, told, transfers=hit, frames=frames) if hit else None


def stalled_window(picture: Picture) -> Trouble | None:
    """The receiver offered no room for long."""
    told: list[Note] = []
    hit: list[Transfer] = []
    streams: list[int] = []
    for one in picture.transfers:
        speed = one.speed
        stalled = speed.waits[1] if speed is not None else 0
        if stalled >= LONG_WAIT and stalled >= STALL_PART * max(1, one.end - one.begin):
            values = {"seconds": seconds(stalled), "window": speed.least_window or 0} if speed is not None else {}
            if one.upward:
                told.append(note("transfers.stalled.server", **values))
            else:
                told.append(note("transfers.stalled.client", **values))
            hit.append(one)
    for line in _sealed(picture):
        for half, key in ((line.up, "client"), (line.down, "server")):
            if half.closed_time >= LONG_WAIT:
                shut = seconds(half.closed_time)
                if key == "client":
                    told.append(note("transfers.stalled.client-closed", seconds=shut, count=half.zero_windows))
                else:
                    told.append(note("transfers.stalled.server-closed", seconds=shut, count=half.zero_windows))
                streams.append(line.facts.stream)
    frames = [frame for one in hit for frame in one.frames]
    return _STALLED.trouble(LIKELY, told, transfers=hit, streams=streams, frames=frames) if told else None


def _sealed(picture: Picture) -> Iterator[Line]:
    """Connections with OSS that stayed encrypted."""
    for outcome in picture.tls:
        line = picture.lines.get(outcome.stream)
        if line is not None and not outcome.opened and picture.is_oss(line):
            yield line


def retransmission_storm(picture: Picture) -> Trouble | None:
    """So many segments sent again that loss is what made it slow or ended it."""
    told: list[Note] = []
    streams: list[int] = []
    hit: dict[int, None] = {}
    frames: list[int] = []
    carrying = {one.stream for one in picture.transfers}
    for stream, line in picture.lines.items():
        if stream not in carrying and not picture.is_oss(line):
            continue
        for half, up in ((line.up, True), (line.down, False)):
            many = half.again >= STORM_LEAST and half.again >= STORM_PART * half.segments
            if not many and half.repeated < STORM_ROW:
                continue
            percent = round(100 * half.again / max(1, half.segments), 1)
            values = {"again": half.again, "segments": half.segments, "percent": percent, "row": half.repeated}
            if up:
                told.append(note("transfers.storm.up", stream=stream, **values))
            else:
                told.append(note("transfers.storm.down", stream=stream, **values))
            streams.append(stream)
            hit[stream] = None
            frames += [line.facts.first_frame, line.facts.last_frame]
    found = [one for one in picture.transfers if one.stream in hit and one.speed is not None and one.speed.again]
    return _STORM.trouble(LIKELY, told, transfers=found, streams=streams, frames=frames) if told else None


def dns_trouble(picture: Picture) -> Trouble | None:
    """A name of OSS that could not be resolved, or took long."""
    told: list[Note] = []
    frames: list[int] = []
    sure = False
    hosts = {one.host.raw.partition(b":")[0].lower() for one in picture.transfers if one.host is not None}
    for lookup in picture.lookups:
        if not is_oss_name(lookup.name.raw) and lookup.name.raw not in hosts:
            continue
        found = _lookup_note(lookup)
        if found is not None:
            told.append(found)
            frames += lookup.frames
            sure |= not lookup.addresses
    return _DNS.trouble(LIKELY if sure else POSSIBLE, told, frames=frames) if told else None


def _lookup_note(lookup: Lookup) -> Note | None:
    if lookup.codes and not lookup.addresses:
        names = tuple(CODES.get(code, str(code)) for code in lookup.codes)
        return note("transfers.dns.failed", name=lookup.name, code=names)
    if lookup.asked and not lookup.answered:
        return note("transfers.dns.silent", name=lookup.name, count=lookup.asked)
    if lookup.slowest is not None and lookup.slowest >= _SLOW_NAME:
        return note("transfers.dns.slow", name=lookup.name, seconds=seconds(lookup.slowest))
    return None


def tls_trouble(picture: Picture) -> Trouble | None:
    """An alert that left something unanswered, or a handshake that the server never answered."""
    unanswered = {one.stream for one in picture.transfers if one.status is None}
    told: list[Note] = []
    streams: list[int] = []
    frames: list[int] = []
    for outcome in picture.tls:
        line = picture.lines.get(outcome.stream)
        if not is_oss_name(outcome.server_name or b"") and not (line is not None and picture.is_oss(line)):
            continue
        said = (outcome.why_not, *outcome.notes)
        alerts = [one for one in said if one is not None and one.key in _TLS_FAULTS]
        if alerts and (not outcome.opened or outcome.stream in unanswered):
            told += alerts
        elif line is not None and line.up.new and not line.down.new:
            told.append(_unanswered(outcome, line))
        else:
            continue
        streams.append(outcome.stream)
        if line is not None:
            frames += [line.facts.first_frame, line.facts.last_frame]
    return _TLS.trouble(LIKELY, told, streams=streams, frames=frames) if told else None


_TLS_FAULTS = frozenset(
    {"tls.alert-from-client", "tls.alert-from-server", "tls.certificate-refused", "tls.certificate-refused-issuer"}
)


def _unanswered(outcome: TlsOutcome, line: Line) -> Note:
    name = Wire(outcome.server_name, Kind.HOST) if outcome.server_name else _address(line)
    return note("transfers.tls.unanswered", server=name, stream=outcome.stream)


ROWS = (
    Row("dns-trouble", dns_trouble, 10, "RFC 1035, section 4.1.1"),
    Row("connect-failed", connect_failed, 20, "RFC 9293, section 3.5"),
    Row("tls-trouble", tls_trouble, 30, "RFC 8446, section 6"),
    Row("time-out", time_out, 40, "help page of the error code RequestTimeout; oss2 defaults.connect_timeout, 60 s"),
    Row("reset", reset, 50, "RFC 9293, section 3.5.2"),
    Row("closed-early", closed_early, 60, "RFC 9112, section 8"),
    Row("stalled-window", stalled_window, 70, "RFC 9293, section 3.8.6"),
    Row("retransmission-storm", retransmission_storm, 80, "RFC 6298"),
)
