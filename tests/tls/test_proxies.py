"""Real clients behind proxies: TLS inside CONNECT, and proxies that end TLS with a certificate of their own."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import oss2
import pytest
import requests

from analyzer import Options, analyze, list_exchanges
from analyzer.model.notes import Kind, Note, Wire
from analyzer.model.report import Report
from analyzer.model.secrets import Secret
from tests.recorder.packets import Place, Segment
from tests.recorder.record import placed
from tests.recorder.scenes import BUCKET, HOST, KEY_ID, SECRETS
from tests.recorder.standin import Standin
from tests.recorder.verify import REGION
from tests.recorder.wiretap import Wiretap
from tests.support.pcapfile import write_pcap
from tests.support.proxies import Proxy

pytestmark = pytest.mark.filterwarnings("ignore::urllib3.exceptions.InsecureRequestWarning")

#: A client: gets the proxy's address as a URL; sends a request that is refused.
Client = Callable[[str], None]


def curl(*options: str) -> Client:
    def run(proxy: str) -> None:
        if shutil.which("curl") is None:
            pytest.skip("no curl program")
        url = f"https://{HOST}/docs/a.txt"
        sign = ("-H", "Date: Thu, 01 Jan 2026 00:00:00 GMT", "-H", f"Authorization: OSS {KEY_ID}:bm90IHRoZSBvbmUK")
        subprocess.run(["curl", "-s", "-o", os.devnull, "-x", proxy, *sign, *options, url], check=False, timeout=20)

    return run


def with_requests(proxy: str) -> None:
    url = f"https://{HOST}/docs/a.txt?OSSAccessKeyId={KEY_ID}&Expires=4102444800&Signature=bm90IHRoZSBvbmUK"
    answer = requests.get(url, proxies={"https": proxy}, verify=False, timeout=20)
    assert answer.status_code == 403


def with_oss2(proxy: str) -> None:
    session: Any = oss2.Session()
    session.session.verify = False
    auth = oss2.Auth(KEY_ID, "not the secret")
    box = oss2.Bucket(auth, f"https://{HOST[len(BUCKET) + 1 :]}", BUCKET, session=session, proxies={"https": proxy})
    with pytest.raises(oss2.exceptions.SignatureDoesNotMatch):
        box.put_object("docs/a.txt", b"some data")


def with_oss2_v4(proxy: str) -> None:
    session: Any = oss2.Session()
    session.session.verify = False
    auth = oss2.AuthV4(KEY_ID, "not the secret")
    endpoint = f"https://{HOST[len(BUCKET) + 1 :]}"
    box = oss2.Bucket(auth, endpoint, BUCKET, session=session, proxies={"https": proxy}, region=REGION)
    with pytest.raises(oss2.exceptions.SignatureDoesNotMatch):
        box.put_object("docs/a.txt", b"some data")


@dataclass(frozen=True)
class Scene:
    """What was recorded: the client's side of the proxy, the server's side, and the client's key log."""

    near: Path
    far: Path
    keylog: tuple[Secret, ...]
    connections: list[list[Segment]]  #: on the server's side


def play(client: Client, folder: Path, monkeypatch: pytest.MonkeyPatch, *, ends_tls: bool = False) -> Scene:
    monkeypatch.setenv("SSLKEYLOGFILE", str(folder / "keys"))
    for name in [name for name in os.environ if name.lower().endswith(("_proxy", "_ca_bundle"))]:
        monkeypatch.delenv(name)
    with (
        Standin(SECRETS, tls=True) as server,
        Wiretap(server.address) as far,
        Proxy(("127.0.0.1", far.port), ends_tls=ends_tls) as proxy,
        Wiretap(proxy.address) as near,
    ):
        client(f"http://127.0.0.1:{near.port}")
    write_pcap(folder / "near.pcap", placed(near.connections, Place(server_port=8080)))
    write_pcap(folder / "far.pcap", placed(far.connections, Place(server_port=443)))
    keys = folder / "keys"
    return Scene(
        folder / "near.pcap",
        folder / "far.pcap",
        (Secret(keys.read_bytes()),) if keys.exists() else (),
        far.connections,
    )


def keys_of(notes: tuple[Note, ...]) -> list[str]:
    return [one.key for one in notes]


CLIENTS = {
    "curl": curl("-k"),
    "curl 1.2": curl("-k", "--tls-max", "1.2"),
    "requests": with_requests,
    "oss2": with_oss2,
    "oss2 v4": with_oss2_v4,
}


@pytest.mark.parametrize("name", CLIENTS)
def test_tls_inside_connect_is_opened(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    scene = play(CLIENTS[name], tmp_path, monkeypatch)
    for options in (Options(keylogs=scene.keylog), Options(keylogs=scene.keylog, batch_packets=1)):
        listing = list_exchanges([scene.near], options)
        found = [(x.request and x.request.method, x.response and x.response.status) for x in listing]
        assert found == [(b"CONNECT", 200), (b"PUT" if "oss2" in name else b"GET", 403)]
        report = analyze([scene.near], options)
        assert len(report.findings) == 1
        assert report.findings[0].signed.exchange.request is not None
        assert report.findings[0].signed.exchange.request.head.first(b"host") == HOST.encode()
        assert not report.incomplete
        assert not report.notes


def test_without_a_key_log_the_tunnel_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    report = analyze([play(with_requests, tmp_path, monkeypatch).near])
    assert report.incomplete
    assert not report.findings
    assert keys_of(report.notes)[:3] == ["tls.closed", "tls.keylog-missing", "tls.remedy-write-keylog"]
    assert report.notes[1].get("server") == Wire(HOST.encode(), Kind.HOST)


#: What a client and a SOCKS proxy say before the client's TLS session begins (RFC 1928): outgoing or not, bytes.
SOCKS = [
    (True, b"\x05\x01\x00"), (False, b"\x05\x00"),
    (True, b"\x05\x01\x00\x01\x76\x1f\xdb\xd9\x01\xbb"), (False, b"\x05\x00\x00\x01" + bytes(6)),
]  # fmt: skip
#: A load balancer's word on who the client is, in front of its first bytes.
PROXY = [(True, b"PROXY TCP4 10.0.0.5 10.0.0.6 40000 443\r\n")]


def preceded(segments: list[Segment], talk: list[tuple[bool, bytes]]) -> list[Segment]:
    """The connection with such a talk behind its handshake."""
    first = next(at for at, one in enumerate(segments) if one.payload)
    out, sent = segments[:first], {True: 0, False: 0}
    seq = {True: segments[first].seq, False: segments[first].ack}
    for outgoing, data in talk:
        numbers = (seq[outgoing] + sent[outgoing], seq[not outgoing] + sent[not outgoing])
        out.append(Segment(segments[first].time, outgoing, *numbers, 24, b"", data))
        sent[outgoing] += len(data)
    for one in segments[first:]:
        out.append(replace(one, seq=one.seq + sent[one.outgoing], ack=one.ack + sent[not one.outgoing]))
    return out


def joined(segments: list[Segment]) -> list[Segment]:
    """The client's first two segments with bytes as one."""
    one, other = [at for at, segment in enumerate(segments) if segment.payload][:2]
    both = replace(segments[one], payload=segments[one].payload + segments[other].payload)
    return [*segments[:one], both, *segments[one + 1 : other], *segments[other + 1 :]]


@pytest.mark.parametrize("how", ["socks", "proxy", "proxy in the same segment"])
def test_tls_behind_what_was_said_to_a_proxy_is_opened(
    how: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    scene = play(with_requests, tmp_path, monkeypatch)
    connections = [preceded(segments, SOCKS if how == "socks" else PROXY) for segments in scene.connections]
    if "same" in how:
        connections = [joined(segments) for segments in connections]
    write_pcap(tmp_path / "before.pcap", placed(connections, Place(server_port=443)))
    for size in (None, 1, 7):
        options = Options(keylogs=scene.keylog, batch_packets=size)
        report = analyze([tmp_path / "before.pcap"], options)
        assert len(report.findings) == 1
        assert not report.incomplete
        closed = analyze([tmp_path / "before.pcap"], Options(batch_packets=size))
        assert keys_of(closed.notes)[:2] == ["tls.closed", "tls.keylog-missing"]


def told(report: Report) -> Note:
    """The reason for the one connection that stayed closed."""
    assert report.incomplete
    assert keys_of(report.notes)[0] == "tls.closed"
    assert report.notes[0].get("count") == 1
    return report.notes[1]


@pytest.mark.parametrize("version", ["1.2", "1.3"])
def test_a_proxy_with_another_certificate_that_the_client_refuses(
    version: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    scene = play(curl("--tls-max", version), tmp_path, monkeypatch, ends_tls=True)
    report = analyze([scene.near], Options(keylogs=scene.keylog))
    reason = told(report)
    assert reason.key == "tls.certificate-refused-issuer"
    assert reason.get("issuer") == Wire(b"CN=bucket.example", Kind.HEADER_VALUE)
    assert reason.get("server") == Wire(HOST.encode(), Kind.HOST)
    assert keys_of(report.notes)[2] == "tls.remedy-certificate"
    if version == "1.2":  # the alert is in the clear: no key log is needed to know
        assert told(analyze([scene.near])).key == "tls.certificate-refused-issuer"


def test_a_proxy_with_another_certificate_that_the_client_takes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On the client's side of the proxy its key log opens the connection, on the server's side it does not."""
    scene = play(with_requests, tmp_path, monkeypatch, ends_tls=True)
    options = Options(keylogs=scene.keylog)
    assert len(analyze([scene.near], options).findings) == 1
    assert told(analyze([scene.far], options)).key == "tls.no-key"
