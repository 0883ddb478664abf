"""Both sides of a proxy at once, and two runs of one program: the samples that two captures are compared by.

``recorded_hop`` plays a scene through a ``Middlebox`` with a wiretap on either side; each wiretap's packets pretend to
be taken on its own machine, with a clock of its own.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any
from unittest import mock

import oss2

from tests.recorder.middlebox import Edit, Middlebox, Passing, unchanged
from tests.recorder.packets import Place, Segment, frames
from tests.recorder.scenes import PICTURE, SECRETS, TEXT, bucket, refused, user_agent
from tests.recorder.standin import Standin
from tests.recorder.wiretap import Wiretap, redirected
from tests.support.pcapfile import write_pcap

CLIENT_SIDE = Place(client="10.0.0.5", server="10.0.0.9")
SERVER_SIDE = Place(client="10.0.0.9", client_port=40112)
#: How far the proxy's clock is ahead of the client's, nanoseconds.
AHEAD = 2_417_000_000

Packets = list[tuple[int, bytes]]


def recorded_hop(
    play: Callable[[], None],
    asked: Edit = unchanged,
    answered: Edit = unchanged,
    *,
    ahead: int = AHEAD,
    tls: bool = False,
) -> tuple[Packets, Packets]:
    """Packets at the client and behind the proxy; with ``tls`` the client's side is encrypted."""
    with Standin(SECRETS) as server:
        named = mock.patch("oss2.http.USER_AGENT", user_agent())
        with (
            Wiretap(server.address) as behind,
            Middlebox(("127.0.0.1", behind.port), asked, answered, tls=tls) as box,
            Wiretap(box.address) as before,
            redirected(before.port),
            named,
        ):
            play()
        return packets(before.connections, CLIENT_SIDE), packets(behind.connections, SERVER_SIDE, ahead)


def recorded_run(play: Callable[[], None], agent: str) -> Packets:
    """Packets of one run at the client, by a client of that name."""
    with Standin(SECRETS) as server:
        named = mock.patch("oss2.http.USER_AGENT", agent)
        with Wiretap(server.address) as tap, redirected(tap.port), named:
            play()
        return packets(tap.connections, Place())


def packets(connections: list[list[Segment]], place: Place, ahead: int = 0) -> Packets:
    """The packets of all connections in order of time, by a clock that is ahead."""
    found: Packets = []
    for number, segments in enumerate(connections):
        here = replace(place, client_port=place.client_port + 2 * number)
        found += [(when + ahead, data) for when, data in frames(segments, here)]
    return sorted(found)


# The sample of a proxy ------------------------------------------------------------------------------------------------


def company_proxy(message: Passing) -> Passing:
    """Puts a charset on the Content-Type, tells who it is, and has its own idea of where Host belongs."""
    headers = [
        header + b"; charset=utf-8" if header.lower().startswith(b"content-type: text/") else header
        for header in message.headers
    ]
    host = [header for header in headers if header.lower().startswith(b"host:")]
    rest = [header for header in headers if not header.lower().startswith(b"host:")]
    return replace(message, headers=(*rest, *host, b"Via: 1.1 proxy.example (squid/5.7)"))


def uploads_through_a_proxy() -> None:
    """Two texts are refused, a picture and a download pass."""
    box = bucket()
    box.put_object("photos/cat.png", PICTURE, headers={"Content-Type": "image/png"})
    for name in ("docs/readme.txt", "docs/plan.txt"):
        kind = {"Content-Type": "text/plain", "x-oss-meta-author": "ossig"}
        refused(partial(box.put_object, name, TEXT, headers=kind))
    assert box.get_object("photos/cat.png").read() == PICTURE


# The sample of two runs -----------------------------------------------------------------------------------------------

CENTOS = "aliyun-sdk-python/2.6.0(Linux/3.10.0-957.el7.x86_64/x86_64;2.7.5)"
UBUNTU = "aliyun-sdk-python/2.6.0(Linux/4.15.0-20-generic/x86_64;3.6.9)"


class _AddsType(oss2.Session):  # type: ignore[misc]
    """As requests does to a body that it takes for a form: a Content-Type that nobody signed."""

    def do_request(self, req: Any, timeout: Any) -> Any:
        if req.method == "POST" and "uploadId" in req.params:
            req.headers["Content-Type"] = "application/x-www-form-urlencoded"
        return super().do_request(req, timeout)


def backup(*, fails: bool) -> None:
    """Three multipart uploads of two parts each; the completion is refused where ``fails``."""
    box = bucket(session=_AddsType() if fails else None)
    for name in ("backup/monday.bin", "backup/tuesday.bin", "backup/wednesday.bin"):
        upload = box.init_multipart_upload(name).upload_id
        parts = []
        for number in (1, 2):
            done = box.upload_part(name, upload, number, TEXT * number)
            parts.append(oss2.models.PartInfo(number, done.etag))
        complete = partial(box.complete_multipart_upload, name, upload, parts)
        if fails:
            refused(complete)
        else:
            complete()


def record_hops(folder: Path) -> None:
    """Writes the samples for comparing."""
    near, far = recorded_hop(uploads_through_a_proxy, company_proxy)
    write_pcap(folder / "proxy-client-side.pcap", near)
    write_pcap(folder / "proxy-server-side.pcap", far)
    write_pcap(folder / "works-on-centos.pcap", recorded_run(partial(backup, fails=False), CENTOS))
    time.sleep(1.01 - time.time() % 1)  # another second, so that no signature of the first run comes again
    write_pcap(folder / "fails-on-ubuntu.pcap", recorded_run(partial(backup, fails=True), UBUNTU))
