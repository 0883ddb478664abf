"""From a capture file to plaintext: MB/s for a large download under each kind of protection.

``python -m tests.benchmarks.tls [MB]`` records a session in memory, writes it as segments of 1448 bytes into a pcap,
and measures twice: the tls floor alone on events that lie ready, and the whole way from the file to exchanges.
"""

from __future__ import annotations

import random
import ssl
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory

from analyzer.capture import open_captures
from analyzer.http import Engine, Want
from analyzer.model.streams import Data, Direction
from analyzer.tls import KeyLog, TlsStream
from tests.support.packets import tcp_packet
from tests.support.pcapfile import write_pcap
from tests.support.tlsfeed import connection, from_pieces
from tests.support.tlspair import Talk, contexts, talk

CLIENT, SERVER = Direction.CLIENT_TO_SERVER, Direction.SERVER_TO_CLIENT
CASES = (
    ("TLS 1.3 AES-256-GCM", ssl.TLSVersion.TLSv1_3, None),
    ("TLS 1.2 AES-128-GCM", ssl.TLSVersion.TLSv1_2, "ECDHE-RSA-AES128-GCM-SHA256"),
    ("TLS 1.2 ChaCha20", ssl.TLSVersion.TLSv1_2, "ECDHE-RSA-CHACHA20-POLY1305"),
    ("TLS 1.2 AES-128-CBC SHA-256", ssl.TLSVersion.TLSv1_2, "ECDHE-RSA-AES128-SHA256"),
)
SEGMENT = 1448


def pieces_of(told: Talk) -> list[tuple[Direction, bytes]]:
    return [(way, data[at : at + SEGMENT]) for way, data in told.flights for at in range(0, len(data), SEGMENT)]


def packets_of(told: Talk, port: int = 50000) -> list[tuple[int, bytes]]:
    """One connection from SYN on; nothing is acknowledged beyond what the other side has sent."""
    seq = {CLIENT: 1000, SERVER: 2000}
    address = {CLIENT: ("192.0.2.1", "192.0.2.2", port, 443), SERVER: ("192.0.2.2", "192.0.2.1", 443, port)}
    packets: list[tuple[int, bytes]] = []

    def put(way: Direction, flags: int, data: bytes = b"") -> None:
        other = SERVER if way is CLIENT else CLIENT
        packets.append((10**18 + len(packets) * 1000, tcp_packet(*address[way], seq[way], seq[other], flags, data)))
        seq[way] += len(data) + (flags & 1) + (flags >> 1 & 1)

    put(CLIENT, 2)
    put(SERVER, 18)
    for way, data in pieces_of(told):
        put(way, 16, data)
    for way in (CLIENT, SERVER):
        put(way, 17)
    return packets


def capture_of(told: Talk, path: Path) -> None:
    write_pcap(path, packets_of(told))


def floor_alone(told: Talk) -> tuple[float, int]:
    ready, keylog = list(from_pieces(pieces_of(told))), KeyLog([told.keylog])
    stream = TlsStream(connection(), keylog)
    begin = time.process_time()
    size = sum(len(out.data) for event in ready for out in stream.feed(event) if isinstance(out, Data))
    return time.process_time() - begin, size


def whole_way(path: Path, keys: bytes) -> tuple[float, int]:
    begin = time.process_time()
    engine = Engine(open_captures([str(path)]), Want(all=True, digests=False), KeyLog([keys]))
    for _ in engine.run():
        pass
    (outcome,) = engine.stats.tls
    return time.process_time() - begin, sum(outcome.decrypted)


def main(megabytes: int = 40) -> None:
    """Print one line for each case: plaintext MB/s of the floor alone, and from the file on."""
    body = random.Random(1).randbytes(1_000_000)
    head = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % (megabytes * len(body))
    script = [(CLIENT, b"GET /object HTTP/1.1\r\nHost: b\r\n\r\n"), (SERVER, head), *[(SERVER, body)] * megabytes]
    for name, version, cipher in CASES:
        told = talk(*contexts(version, cipher), script)
        with TemporaryDirectory() as folder:
            path = Path(folder) / "capture.pcap"
            capture_of(told, path)
            alone = min(floor_alone(told) for _ in range(3))
            whole = min(whole_way(path, told.keylog) for _ in range(3))
        assert alone[1] == whole[1] == sum(len(data) for _, data in script)
        speeds = [size / seconds / 1e6 for seconds, size in (alone, whole)]
        print(f"{name:30} tls alone {speeds[0]:6.0f} MB/s   file to exchanges {speeds[1]:6.0f} MB/s")


if __name__ == "__main__":
    main(*map(int, sys.argv[1:2]))
