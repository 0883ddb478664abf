"""What presenters see: the report laid out for reading, with nothing left to decide.

``local_view`` is for the eyes of whoever made the capture. A view for anybody else is a ``RedactedView``, which only
redaction makes: an output that leaves the machine takes that type, so the type checker finds the place where it could
leak. Both hold the same parts. Values stay bytes and sentences stay notes, because language, escaping and shortening
belong to the presenters.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from analyzer.diagnosis.facts import echoed_same
from analyzer.model.findings import Cause, Clocks, Comparison, Fact, Finding, SecretCheck
from analyzer.model.http import Exchange
from analyzer.model.notes import Note
from analyzer.model.report import Activity, CaptureSummary, PasteSummary, Report
from analyzer.model.signing import ServerError, SignedExchange, Variant
from analyzer.oss.endpoints import read_host
from analyzer.oss.pieces import percent_decode
from analyzer.report.differences import DifferenceView, difference_views
from analyzer.report.fields import FieldTable, field_tables, voices_table
from analyzer.report.frames import FrameBook, Frames
from analyzer.report.values import address

__all__ = ["FindingView", "GroupView", "LocalView", "RedactedView", "Signature", "Subject", "View", "local_view"]


@dataclass(frozen=True, slots=True)
class Subject:
    """What failed, in the words a ticket asks for. Absent things are None."""

    method: bytes | None
    target: bytes | None
    host: bytes | None
    bucket: bytes | None
    answered_bucket: bytes | None  #: where the request is not known: the one that the answer was sent for
    key: bytes | None  #: percent-decoded once
    access_key_id: bytes | None
    request_id: bytes | None
    status: int | None
    reason: bytes | None
    code: bytes | None
    message: bytes | None
    ec: bytes | None
    time: int | None  #: first segment of the request (of the answer where there is no request), nanoseconds
    waited: int | None  #: from the last segment of the request to the first of the answer, nanoseconds
    request_frames: Frames
    response_frames: Frames
    file: str | None  #: of the capture, where several were read
    answer_file: str | None  #: the answer's, where it begins in a later file of the set
    stream: int | None  #: these three are None where no capture was read
    client: str | None
    server: str | None

    @property
    def home(self) -> int:
        """Index of the capture file that holds the first frame."""
        return (self.request_frames or self.response_frames).capture

    @property
    def numbers(self) -> tuple[int, ...]:
        """Of all frames that lie in that file."""
        answered = self.response_frames
        return (*self.request_frames.numbers, *(answered.numbers if answered.capture == self.home else ()))

    @property
    def wireshark_stream(self) -> int | None:
        """``tcp.stream`` as Wireshark counts it. Ours runs on through a set: only in the first file it is the same."""
        return self.stream if self.home == 0 else None


@dataclass(frozen=True, slots=True)
class Signature:
    """The signature sent and the one the server says it was given."""

    variant: Variant | None  #: None: the request is not known, and the answer does not tell
    sent: bytes | None  #: as the server reads it
    on_wire: bytes | None  #: as it stands on the wire
    echoed: bytes | None
    same: bool | None


@dataclass(frozen=True, slots=True)
class FindingView:
    """One failure."""

    finding: Finding
    subject: Subject
    filter: str | None  #: Wireshark display filter for the connection; None where no capture was read
    frame_filter: str | None  #: the same, only the frames of this exchange
    signature: Signature
    tables: tuple[FieldTable, ...]  #: the strings field by field; the one that was compared first
    differences: tuple[DifferenceView, ...]
    voices: FieldTable | None  #: client, SDK, wire, server side by side, where a secret made more than two

    @property
    def id(self) -> str:
        return self.finding.id

    @property
    def signed(self) -> SignedExchange:
        return self.finding.signed

    @property
    def exchange(self) -> Exchange:
        return self.finding.signed.exchange

    @property
    def error(self) -> ServerError | None:
        return self.finding.signed.error

    @property
    def comparison(self) -> Comparison:
        return self.finding.comparison

    @property
    def causes(self) -> tuple[Cause, ...]:
        return self.finding.causes

    @property
    def facts(self) -> tuple[Fact, ...]:
        return self.finding.facts

    @property
    def clocks(self) -> Clocks:
        return self.finding.clocks

    @property
    def secret_check(self) -> SecretCheck | None:
        return self.finding.secret_check


@dataclass(frozen=True, slots=True)
class GroupView:
    """Failures that one explanation covers: the first in full, the others as a list."""

    leader: FindingView
    others: tuple[FindingView, ...]


@dataclass(frozen=True, slots=True)
class View:
    """A whole run, ready to present. Made only by ``local_view`` and by redaction."""

    redacted: bool
    captures: tuple[CaptureSummary, ...]
    frames: FrameBook
    findings: tuple[FindingView, ...]
    groups: tuple[GroupView, ...]
    errors: tuple[Note, ...]
    notes: tuple[Note, ...]
    incomplete: bool
    interrupted: bool
    activity: tuple[Activity, ...] = ()  #: when all exchanges that are no findings began
    paste: PasteSummary | None = None  #: what was read instead of captures

    @property
    def packets(self) -> int:
        """Packets read from all captures."""
        return sum(c.facts.packets for c in self.captures)

    @property
    def exchanges(self) -> int:
        """HTTP exchanges seen in all captures."""
        return sum(c.exchanges for c in self.captures)


@dataclass(frozen=True, slots=True)
class LocalView(View):
    """For the user's own eyes: values as they stood on the wire."""


@dataclass(frozen=True, slots=True)
class RedactedView(View):
    """For others: made from a report whose captured values have been replaced by pseudonyms."""


def local_view(report: Report) -> LocalView:
    """The report as it is."""
    frames = FrameBook(report.captures, framed=report.paste is None)
    findings = tuple(_finding_view(finding, report, frames) for finding in report.findings)
    return LocalView(
        False,
        report.captures,
        frames,
        findings,
        _groups(findings),
        report.errors,
        report.notes,
        report.incomplete,
        report.interrupted,
        report.activity,
        report.paste,
    )


def _groups(findings: tuple[FindingView, ...]) -> tuple[GroupView, ...]:
    """Findings by group, in order of each group's first; a finding without a group stands alone."""
    members: dict[str, list[FindingView]] = {}
    for view in findings:
        members.setdefault(f"group {view.finding.group}" if view.finding.group else view.id, []).append(view)
    return tuple(GroupView(views[0], tuple(views[1:])) for views in members.values())


def _finding_view(finding: Finding, report: Report, frames: FrameBook) -> FindingView:
    subject = _subject(finding.signed, report.captures, frames)
    stream: str | None = _stream_filter(finding.signed.exchange, subject)
    if report.paste is not None:
        subject, stream = replace(subject, stream=None, client=None, server=None), None
    return FindingView(
        finding,
        subject,
        stream,
        _frame_filter(stream, subject) if stream is not None else None,
        _signature(finding.signed),
        field_tables(finding, frames),
        difference_views(finding.comparison, frames),
        voices_table(finding, frames),
    )


def _subject(signed: SignedExchange, captures: tuple[CaptureSummary, ...], frames: FrameBook) -> Subject:
    exchange, error, inputs = signed.exchange, signed.error, signed.inputs
    request, response = exchange.request, exchange.response
    asked = frames.locate(request.frames if request else ())
    answered = frames.locate(response.frames if response else ())
    waited = None
    if request is not None and response is not None and response.first_time >= request.last_time:
        waited = response.first_time - request.last_time
    subject = Subject(
        method=request.method if request else None,
        target=request.target if request else None,
        host=request.head.first(b"host") if request else None,
        bucket=inputs.bucket if inputs else None,
        answered_bucket=_answered_bucket(error) if request is None and inputs is None else None,
        key=(percent_decode(inputs.raw_key) or None) if inputs else None,
        access_key_id=signed.credentials.access_key_id,
        request_id=_request_id(signed),
        status=response.status if response else None,
        reason=(response.reason or None) if response else None,
        code=error.code if error else None,
        message=error.message if error else None,
        ec=error.ec if error else None,
        time=exchange.began or None,
        waited=waited,
        request_frames=asked,
        response_frames=answered,
        file=None,
        answer_file=None,
        stream=exchange.connection.stream,
        client=address(exchange.connection.client),
        server=address(exchange.connection.server),
    )
    if len(captures) < 2:
        return subject
    apart = answered.capture if answered and answered.capture != subject.home else None
    answer_file = captures[apart].facts.path if apart is not None else None
    return replace(subject, file=captures[subject.home].facts.path, answer_file=answer_file)


def _answered_bucket(error: ServerError | None) -> bytes | None:
    """Of the HostId, where that is the bucket's own host."""
    endpoint = read_host(error.host_id.strip()) if error is not None and error.host_id else None
    return endpoint.bucket if endpoint is not None else None


def _request_id(signed: SignedExchange) -> bytes | None:
    """From the error answer, else from the header that every answer of OSS carries."""
    if signed.error is not None and signed.error.request_id is not None:
        return signed.error.request_id.strip()
    response = signed.exchange.response
    if response is None:
        return None
    return response.head.first(b"x-oss-request-id") or response.head.first(b"x-amz-request-id")


def _signature(signed: SignedExchange) -> Signature:
    sent = signed.credentials.signature if signed.exchange.request is not None else None
    raw = signed.credentials.signature_raw if sent is not None else None
    echoed = signed.error.signature_provided if signed.error else None
    variant: Variant | None = signed.credentials.variant
    if variant is Variant.NONE and signed.exchange.request is None:
        variant = None
    return Signature(variant, sent, raw if raw is not None else sent, echoed, echoed_same(signed))


def _stream_filter(exchange: Exchange, subject: Subject) -> str:
    """Where the number of the stream is not Wireshark's, only addresses and ports are sure."""
    if subject.wireshark_stream is not None:
        return f"tcp.stream eq {subject.wireshark_stream}"
    ends = exchange.connection.client, exchange.connection.server
    family = "ipv6" if len(ends[0].address) == 16 else "ip"
    hosts = [address(end).rpartition(":")[0].strip("[]") for end in ends]
    terms = [f"{family}.addr eq {host} and tcp.port eq {end.port}" for host, end in zip(hosts, ends, strict=True)]
    return " and ".join(terms)


def _frame_filter(stream: str, subject: Subject) -> str:
    numbers = sorted(set(subject.numbers))
    if not numbers:
        return stream
    stretches: list[str] = []
    for number in numbers:
        last = stretches[-1].rpartition("..")[2] if stretches else ""
        if last and int(last) + 1 == number:
            stretches[-1] = f"{stretches[-1].partition('..')[0]}..{number}"
        else:
            stretches.append(str(number))
    if len(stretches) > 40:
        stretches = [f"{numbers[0]}..{numbers[-1]}"]
    return f"{stream} and frame.number in {{{', '.join(stretches)}}}"
