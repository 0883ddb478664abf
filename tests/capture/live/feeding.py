"""Feeds that tests fill by hand, and captures to fill them with."""

from __future__ import annotations

import os
import threading
from pathlib import Path

from analyzer.capture.live.feeds import Drops
from analyzer.capture.live.pump import Limits, Pump
from analyzer.capture.live.ring import Ring
from analyzer.capture.live.source import LiveSource
from tests.support.pcapfile import pcap_bytes, pcapng_bytes

__all__ = ["Fed", "capture", "drained", "source_of"]

SECOND = 10**9
ROOT = Path(__file__).resolve().parents[3]


def capture(count: int, *, ng: bool = False, first: int = 0, size: int = 60) -> bytes:
    """A capture of so many packets, each with its number in it."""
    packets = [((1000 + n) * SECOND, n.to_bytes(4, "big") * (size // 4)) for n in range(first, first + count)]
    return pcapng_bytes(packets, nanos=False) if ng else pcap_bytes(packets)


class Fed:
    """A feed over a pipe; ``give`` and ``end`` are the other side's."""

    def __init__(self, name: str = "lo", lag: float = 0.0, drops: Drops | None = None) -> None:
        self.name = name
        self.lag = lag
        self.drops = drops or Drops()
        self.asked = 0
        self.closed = False
        self._out, self._in = os.pipe()

    def give(self, data: bytes) -> None:
        os.write(self._in, data)

    def end(self) -> None:
        if self._in >= 0:
            os.close(self._in)
            self._in = -1

    def give_all(self, data: bytes) -> None:
        """In pieces that do not fit the records, from a thread, then the end."""

        def run() -> None:
            for at in range(0, len(data), 777):
                self.give(data[at : at + 777])
            self.end()

        threading.Thread(target=run, daemon=True).start()

    def fileno(self) -> int:
        return self._out

    def read(self) -> bytes:
        return os.read(self._out, 5000)

    def ask(self) -> None:
        self.asked += 1

    def stop(self) -> bool:
        self.end()
        return True

    def ended(self) -> None:
        """Nothing to say."""

    def close(self) -> None:
        if not self.closed:
            self.closed = True
            self.end()
            os.close(self._out)


def drained(pump: Pump) -> bytes:
    """All that a pump gives."""
    out = b""
    while (data := pump.take(10)) != b"":
        assert data is not None, "nothing came for ten seconds"
        out += data
    pump.close()
    return out


def source_of(*feeds: Fed, ring: Ring | None = None, limits: Limits | None = None) -> LiveSource:
    """A live source over feeds."""
    return LiveSource(",".join(feed.name for feed in feeds), "test", Pump(feeds, ring, limits or Limits()), ring)
