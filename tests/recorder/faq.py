"""Builds the two captures of the exchange that the FAQ of the OSS SDK for Python prints.

The texts beside this file hold request and answer as printed, one line feed a line. On the wire the heads have CRLF.
How the bodies end was settled by counting, because the page states both lengths of its answer: only with a single line
feed between the lines, one blank of indent and no line end after ``</Error>`` has the answer's body 1,078 bytes, 44
short of the 1,122 of its Content-Length (a last line feed makes 1,079, CRLF 1,091). The request's body is one line of
130 bytes, also without a line end: Content-Length says 137, and the ETag, an MD5, has 25 of its 32 digits.

* ``faq-as-printed.pcap``: exactly these bytes, wrong lengths and all.
* ``faild.pcap``: 7 digits put back into the ETag (which ones nobody knows; these are made up), the answer's
  Content-Length set to what is sent.

Source of the texts: OSS SDK for Python, frequently asked questions, "403 SignatureDoesNotMatch".
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from tests.recorder.packets import Connection, Place, frames
from tests.support.pcapfile import write_pcap

TEXTS = Path(__file__).parent / "faq"
MILLISECOND = 1_000_000
ROUND_TRIP = 9 * MILLISECOND
SENT = int(datetime(2018, 12, 29, 7, 32, 34, tzinfo=UTC).timestamp()) * 1_000_000_000 + 281 * MILLISECOND
"""The client's clock is the capture's; the server's runs 69 s ahead, as its Date says."""

SHORT_ETAG = b'<ETag>"3195544E19D99658706D51EF5"</ETag>'
WHOLE_ETAG = b'<ETag>"3195544E19D99658706D51EF5B08A7C2"</ETag>'


@dataclass(frozen=True, slots=True)
class Printed:
    """Head with CRLF line ends up to and including the empty line, and body."""

    head: bytes
    body: bytes

    def with_length(self) -> Printed:
        """The same with a Content-Length that tells the truth."""
        lines = self.head.split(b"\r\n")
        name = b"Content-Length: "
        return Printed(
            b"\r\n".join(name + b"%d" % len(self.body) if x.startswith(name) else x for x in lines), self.body
        )


def printed(name: str) -> Printed:
    """A text of this folder in the form that it had on the wire."""
    head, _, body = (TEXTS / f"{name}.txt").read_bytes().partition(b"\n\n")
    return Printed(head.replace(b"\n", b"\r\n") + b"\r\n\r\n", body.removesuffix(b"\n"))


def as_printed() -> tuple[Printed, Printed]:
    """Request and answer with the lengths as the page has them."""
    return printed("request"), printed("answer")


def restored() -> tuple[Printed, Printed]:
    """Request and answer with true lengths."""
    request, answer = as_printed()
    return Printed(request.head, request.body.replace(SHORT_ETAG, WHOLE_ETAG)), answer.with_length()


def write(path: Path, request: Printed, answer: Printed) -> None:
    """One connection; the request's head and body go in segments of their own, as ``http.client`` sends them."""
    connection = Connection(client_isn=2_864_434_397, server_isn=1_297_110_851, round_trip=ROUND_TRIP)
    connection.open(SENT - ROUND_TRIP - MILLISECOND)
    connection.send(SENT, True, request.head)
    connection.send(SENT + MILLISECOND // 8, True, request.body)
    answered = SENT + ROUND_TRIP + 4 * MILLISECOND
    connection.send(answered, False, answer.head + answer.body)
    connection.finish(answered + 3 * MILLISECOND, True)
    connection.finish(answered + 3 * MILLISECOND + ROUND_TRIP, False)
    connection.close()
    write_pcap(path, frames(connection.segments, Place()))


def build(folder: Path) -> None:
    """Both captures; the same bytes every time."""
    write(folder / "faild.pcap", *restored())
    write(folder / "faq-as-printed.pcap", *as_printed())
