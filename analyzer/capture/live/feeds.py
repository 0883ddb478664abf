"""What the pump reads: one source of capture bytes, whatever makes them.

A feed gives a pcap or pcapng stream of its own, knows how late its packets may come, and what was lost on the way to
it. Children (``children``), sockets (``sockets``) and a pipe that somebody else fills (here) are feeds.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import dataclass
from typing import BinaryIO, Protocol

__all__ = ["Drops", "Feed", "PipeFeed"]


@dataclass(frozen=True, slots=True)
class Drops:
    """Packets lost before they came to us; None where nobody says."""

    kernel: int | None = None  #: the kernel's buffer was full
    interface: int | None = None  #: the network card or its driver

    def __add__(self, other: Drops) -> Drops:
        return Drops(_sum(self.kernel, other.kernel), _sum(self.interface, other.interface))

    @property
    def total(self) -> int | None:
        """Both together."""
        return _sum(self.kernel, self.interface)


def _sum(one: int | None, other: int | None) -> int | None:
    return one if other is None else other if one is None else one + other


class InterfaceLosses:
    """What interfaces have lost since this was made, as libpcap counts it (pcap-linux.c, linux_if_drops); None where
    the system does not tell."""

    def __init__(self, names: Iterable[str]) -> None:
        self._names = tuple(name for name in names if "/" not in name)
        self._before = self._counted()

    def now(self) -> int | None:
        """The count by now."""
        counted = self._counted()
        return None if counted is None or self._before is None else max(0, counted - self._before)

    def _counted(self) -> int | None:
        total = None
        for name in self._names:
            for count in ("rx_missed_errors", "rx_fifo_errors"):
                try:
                    with open(f"/sys/class/net/{name}/statistics/{count}", encoding="ascii") as file:
                        total = (total or 0) + int(file.read())
                except (OSError, ValueError):
                    continue
        return total


class Feed(Protocol):
    """One source of capture bytes."""

    @property
    def name(self) -> str:
        """Of the interface, or of what stands for it."""
        ...

    @property
    def lag(self) -> float:
        """Seconds that a packet may be held back on its way to us."""
        ...

    def fileno(self) -> int:
        """Readable when ``read`` has something."""
        ...

    def read(self) -> bytes:
        """What has come; nothing at the end. Raises ``BlockingIOError`` where nothing has come after all."""
        ...

    def ask(self) -> None:
        """Have ``drops`` brought up to date, now or soon."""
        ...

    @property
    def drops(self) -> Drops:
        """As far as known."""
        ...

    def stop(self) -> bool:
        """No more packets; what waits is still given. True where the end then comes by itself, as an empty ``read``;
        False where the end is when nothing is left."""
        ...

    def ended(self) -> None:
        """``read`` has given nothing: wait a moment for closing words."""
        ...

    def close(self) -> None:
        """Give everything back, whatever still waits."""
        ...


class PipeFeed:
    """Standard input, or any pipe: somebody else captures."""

    name = "-"
    lag = 1.0
    drops = Drops()

    def __init__(self, pipe: BinaryIO, size: int = 1 << 20) -> None:
        self._descriptor = pipe.fileno()
        self._size = size

    def fileno(self) -> int:
        return self._descriptor

    def read(self) -> bytes:
        return os.read(self._descriptor, self._size)

    def ask(self) -> None:
        """Whoever captures does not talk to us."""

    def stop(self) -> bool:
        return False

    def ended(self) -> None:
        """Nothing more is said."""

    def close(self) -> None:
        """The pipe is not ours."""
