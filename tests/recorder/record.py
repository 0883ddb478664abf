"""``python -m tests.recorder.record [FOLDER]``: records all sample captures, into ``captures/`` when nothing is said.

The two of the FAQ are built from texts and always the same; the others are real exchanges with the stand-in, so their
stamps and signatures differ each time, and the diagnosis may not. One of them is written in four forms, so that the
formats can be tried with the same exchange.
"""

from __future__ import annotations

import os
import sys
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from unittest import mock

from tests.recorder import faq
from tests.recorder.hops import record_hops
from tests.recorder.packets import ETHERNET, SLL2, Place, Segment, frames
from tests.recorder.scenes import SCENES, SECRETS, Scene, user_agent
from tests.recorder.standin import Standin
from tests.recorder.wiretap import Wiretap, redirected
from tests.support.pcapfile import secrets, write_pcap, write_pcapng

IPV6 = Place(client="2001:db8::5", server="2001:db8:118:31::219")
IN_ALL_FORMS = "content-type-after-signing"


def play(scene: Scene) -> tuple[list[list[Segment]], bytes]:
    """The connections of one scene, and the key log that its clients wrote."""
    mood = scene.mood() if scene.mood else None
    server = Standin(SECRETS, ahead=scene.ahead, tls=scene.tls, mood=mood)
    with server, TemporaryDirectory() as folder:
        keys = Path(folder) / "keys"
        named = mock.patch("oss2.http.USER_AGENT", user_agent())
        kept = {name: value for name, value in os.environ.items() if not name.endswith("_CA_BUNDLE")}
        asked = mock.patch.dict(os.environ, kept | {"SSLKEYLOGFILE": str(keys)}, clear=True)
        with Wiretap(server.address) as tap, redirected(tap.port), named, asked:
            scene.play()
        return tap.connections, keys.read_bytes() if keys.exists() else b""


def placed(connections: list[list[Segment]], place: Place, link: int = ETHERNET) -> list[tuple[int, bytes]]:
    """The packets of all connections in order of time; each connection gets a client port of its own."""
    numbered = enumerate(connections)
    ports = ((replace(place, client_port=place.client_port + 2 * number), segments) for number, segments in numbered)
    return sorted(frame for one, segments in ports for frame in frames(segments, one, link))


def record(folder: Path) -> None:
    """Writes every sample."""
    faq.build(folder)
    for scene in SCENES:
        connections, keys = play(scene)
        if scene.tls:
            packets = placed(connections, Place(server_port=443))
            write_pcapng(folder / f"{scene.name}.pcapng", packets, before=[secrets(keys)])
            continue
        write_pcap(folder / f"{scene.name}.pcap", placed(connections, Place()))
        if scene.name == IN_ALL_FORMS:
            write_pcapng(folder / f"{scene.name}.pcapng", placed(connections, Place()))
            write_pcap(folder / f"{scene.name}-sll2.pcap", placed(connections, Place(), SLL2), SLL2)
            write_pcap(folder / f"{scene.name}-ipv6.pcap", placed(connections, IPV6))
    record_hops(folder)


def main(arguments: list[str]) -> None:
    """Entry point."""
    project = Path(__file__).resolve().parents[2]
    folder = Path(arguments[0]) if arguments else project / "captures"
    folder.mkdir(parents=True, exist_ok=True)
    record(folder)
    for path in sorted(folder.glob("*.pcap*")):
        print(f"{path.stat().st_size:>8}  {path.name}")


if __name__ == "__main__":
    main(sys.argv[1:])
