"""TLS 1.3 beyond what the ssl module can be made to do: key updates, early data, padding, every suite.

The records are sealed here, by code that shares nothing with the floor but the primitives' package.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESCCM, AESGCM, ChaCha20Poly1305
from cryptography.hazmat.primitives.kdf.hkdf import HKDFExpand

from analyzer.model.streams import Data, Direction, Gap
from analyzer.model.tls import TlsOutcome
from analyzer.tls import KeyLog, TlsStream
from tests.support.tlsfeed import connection, from_pieces
from tests.tls.test_sessions import holed

CLIENT, SERVER = Direction.CLIENT_TO_SERVER, Direction.SERVER_TO_CLIENT
RANDOM = b"R" * 32
SUITES: dict[int, tuple[Any, Any, int]] = {
    0x1301: (AESGCM, hashes.SHA256(), 16),
    0x1302: (AESGCM, hashes.SHA384(), 32),
    0x1303: (ChaCha20Poly1305, hashes.SHA256(), 32),
    0x1304: (AESCCM, hashes.SHA256(), 16),
    0x1305: (lambda key: AESCCM(key, tag_length=8), hashes.SHA256(), 16),
}
EE, EE_EARLY = b"\x08\0\0\x02\0\0", b"\x08\0\0\x06\0\x04\0\x2a\0\0"
FINISHED, END_OF_EARLY, KEY_UPDATE = b"\x14\0\0\x20" + b"f" * 32, b"\x05\0\0\0", b"\x18\0\0\x01\0"
CCS = b"\x14\x03\x03\0\x01\x01"


def vector(prefix: int, data: bytes) -> bytes:
    return len(data).to_bytes(prefix, "big") + data


def extension(kind: int, data: bytes) -> bytes:
    return kind.to_bytes(2, "big") + vector(2, data)


def hello(kind: int, body: bytes) -> bytes:
    return b"\x16\x03\x01" + vector(2, bytes([kind]) + vector(3, body))


def client_hello(early: bool = False) -> bytes:
    name = vector(2, b"\0" + vector(2, b"b.example"))
    listed = extension(0, name) + extension(43, b"\x02\x03\x04") + (extension(42, b"") if early else b"")
    return hello(
        1, b"\x03\x03" + RANDOM + vector(1, b"s" * 32) + vector(2, b"\x13\x01") + b"\x01\0" + vector(2, listed)
    )


def server_hello(suite: int, psk: bool = False) -> bytes:
    listed = extension(43, b"\x03\x04") + (extension(41, b"\0\0") if psk else b"")
    return hello(
        2, b"\x03\x03" + b"S" * 32 + vector(1, b"s" * 32) + suite.to_bytes(2, "big") + b"\0" + vector(2, listed)
    )


@dataclass
class Sealer:
    """Writes records under one traffic secret."""

    suite: int
    secret: bytes
    number: int = 0

    def expand(self, label: bytes, length: int) -> bytes:
        info = length.to_bytes(2, "big") + vector(1, b"tls13 " + label) + b"\0"
        return HKDFExpand(SUITES[self.suite][1], length, info).derive(self.secret)

    def __call__(self, data: bytes, kind: int = 23, padding: int = 0) -> bytes:
        maker, _, key_length = SUITES[self.suite]
        iv = int.from_bytes(self.expand(b"iv", 12), "big") ^ self.number
        self.number += 1
        inner = data + bytes([kind]) + b"\0" * padding
        header = b"\x17\x03\x03" + (len(inner) + (8 if self.suite == 0x1305 else 16)).to_bytes(2, "big")
        sealed: bytes = maker(self.expand(b"key", key_length)).encrypt(iv.to_bytes(12, "big"), inner, header)
        return header + sealed

    def update(self) -> bytes:
        out = self(KEY_UPDATE, 22)
        self.secret, self.number = self.expand(b"traffic upd", len(self.secret)), 0
        return out


@dataclass
class Scene:
    """All sealers of a connection, and its key log."""

    suite: int = 0x1301
    secrets: dict[str, bytes] = field(default_factory=dict)

    def sealer(self, label: str) -> Sealer:
        size = SUITES[self.suite][1].digest_size
        self.secrets[label] = bytes([len(self.secrets) + 1]) * size
        return Sealer(self.suite, self.secrets[label])

    def keylog(self, *without: str) -> KeyLog:
        lines = [
            f"{k} {RANDOM.hex()} {v.hex()}" for k, v in self.secrets.items() if not k.startswith(without or ("-",))
        ]
        return KeyLog(["\n".join(lines).encode()])


def play(events: Iterable[Any], keylog: KeyLog) -> tuple[dict[Direction, bytes], list[Gap], TlsOutcome]:
    stream = TlsStream(connection(), keylog)
    got, gaps = {CLIENT: b"", SERVER: b""}, []
    for event in events:
        for out in stream.feed(event):
            if isinstance(out, Data):
                got[out.direction] += out.data
            elif isinstance(out, Gap):
                gaps.append(out)
    return got, gaps, stream.outcome


def opening(scene: Scene) -> tuple[list[tuple[Direction, bytes]], Sealer, Sealer]:
    """A handshake without early data; then the sealers of both directions' data."""
    ch, sh = scene.sealer("CLIENT_HANDSHAKE_TRAFFIC_SECRET"), scene.sealer("SERVER_HANDSHAKE_TRAFFIC_SECRET")
    client, server = scene.sealer("CLIENT_TRAFFIC_SECRET_0"), scene.sealer("SERVER_TRAFFIC_SECRET_0")
    certificate = b"\x0b" + vector(3, b"c" * 20_000)
    flight = EE + certificate + FINISHED
    pieces = [
        (CLIENT, client_hello()),
        (SERVER, server_hello(scene.suite) + CCS),
        (SERVER, sh(flight[:16_000], 22) + sh(flight[16_000:], 22)),
        (CLIENT, CCS + ch(FINISHED, 22)),
        (SERVER, server(b"\x04" + vector(3, b"t" * 100), 22)),
    ]
    return pieces, client, server


@pytest.mark.parametrize("suite", sorted(SUITES))
def test_every_suite_with_padding_and_key_updates(suite: int) -> None:
    scene = Scene(suite)
    pieces, client, server = opening(scene)
    pieces += [
        (CLIENT, client(b"one", padding=300)),
        (SERVER, server(b"eins") + server.update() + server(b"zwei")),
        (CLIENT, client.update() + client(b"two") + client(b"") + client.update() + client(b"three")),
        (SERVER, server(b"\x01\x00", 21)),
    ]
    got, gaps, outcome = play(from_pieces(pieces), scene.keylog())
    assert got == {CLIENT: b"onetwothree", SERVER: b"einszwei"}
    assert not gaps
    assert outcome.lost_records == 0
    assert outcome.version == "TLS 1.3"
    assert outcome.notes == ()


def test_a_key_update_inside_a_hole_is_found() -> None:
    scene = Scene()
    pieces, client, server = opening(scene)
    pieces += [(CLIENT, client(b"a" * 100)), (CLIENT, client(b"b" * 100) + client.update() + client(b"c" * 100))]
    pieces += [(CLIENT, client(b"d" * 100)), (SERVER, server(b"ok"))]
    got, gaps, outcome = play(holed(pieces, {7}), scene.keylog())
    assert got == {CLIENT: b"a" * 100 + b"d" * 100, SERVER: b"ok"}
    assert len(gaps) == 1
    assert outcome.opened


def early_scene(accepted: bool) -> tuple[Scene, list[tuple[Direction, bytes]]]:
    scene = Scene()
    early = scene.sealer("CLIENT_EARLY_TRAFFIC_SECRET")
    ch, sh = scene.sealer("CLIENT_HANDSHAKE_TRAFFIC_SECRET"), scene.sealer("SERVER_HANDSHAKE_TRAFFIC_SECRET")
    client, server = scene.sealer("CLIENT_TRAFFIC_SECRET_0"), scene.sealer("SERVER_TRAFFIC_SECRET_0")
    request = early(b"GET /early ")
    end = early(END_OF_EARLY, 22) if accepted else b""
    pieces = [
        (CLIENT, client_hello(early=True) + CCS),
        (CLIENT, request),
        (SERVER, server_hello(scene.suite, psk=True) + CCS),
        (SERVER, sh((EE_EARLY if accepted else EE) + FINISHED, 22)),
        (CLIENT, end + ch(FINISHED, 22)),
        (CLIENT, client(b"late")),
        (SERVER, server(b"answer")),
    ]
    return scene, pieces


@pytest.mark.parametrize(
    ("accepted", "without", "sent", "missing"),
    [
        (True, (), b"GET /early late", 0),
        (False, (), b"late", 0),
        (True, ("CLIENT_EARLY",), b"late", len(b"GET /early ")),
        (False, ("CLIENT_EARLY",), b"late", 0),
        (True, ("SERVER_HANDSHAKE",), b"GET /early late", 0),
        (True, ("CLIENT_HANDSHAKE",), b"GET /early late", 0),
    ],
)
def test_early_data(accepted: bool, without: tuple[str, ...], sent: bytes, missing: int) -> None:
    scene, pieces = early_scene(accepted)
    got, gaps, outcome = play(from_pieces(pieces), scene.keylog(*without))
    assert got == {CLIENT: sent, SERVER: b"answer"}
    assert sum(gap.length for gap in gaps) == missing
    assert outcome.why_not is None


def test_frames_are_those_that_carried_the_bytes() -> None:
    scene = Scene()
    pieces, client, _ = opening(scene)
    record = client(bytes(range(200)))
    cut = [record[:3], record[3:55], record[55:105], record[105:]]
    pieces += [(CLIENT, piece) for piece in cut]
    stream = TlsStream(connection(), scene.keylog())
    data = [out for event in from_pieces(pieces) for out in stream.feed(event) if isinstance(out, Data)]
    assert [piece.frames for piece in data] == [((0, 7), (50, 8), (100, 9))]


def test_a_refused_certificate_is_told() -> None:
    scene = Scene()
    pieces, _, _ = opening(scene)
    ch = Sealer(scene.suite, scene.secrets["CLIENT_HANDSHAKE_TRAFFIC_SECRET"])
    outcome = play(from_pieces([*pieces[:3], (CLIENT, CCS + ch(b"\x02\x30", 21))]), scene.keylog())[2]
    assert outcome.why_not is not None
    assert outcome.why_not.key == "tls.certificate-refused"
    assert outcome.why_not.get("alert") == "unknown_ca"
    assert outcome.remedy is not None
    assert outcome.notes == ()
