"""The filter that is set when the user sets none, and how further ports are learned.

A filter for port 80 cannot see HTTP on port 8080. So the default filter lets a little more through: TCP segments on any
port whose payload begins like an HTTP message, which the kernel can test (the payload begins where the data offset of
the TCP header says). ``PortsLearned`` looks at these; when a port was asked in HTTP and has answered in HTTP, it is
learned, and the capture goes on with a filter that has it. A port is never learned from one direction alone, so nobody
can widen the filter by sending something to us.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from analyzer.model.packets import PacketBatch

__all__ = ["MAX_LEARNED", "PortsLearned", "default_filter", "ports_filter"]

#: Ports learned in one run.
MAX_LEARNED = 16
#: Four bytes with which HTTP messages begin that matter here: the methods of OSS, and answers.
_BEGINNINGS = (b"GET ", b"PUT ", b"POST", b"HEAD", b"DELE", b"OPTI", b"HTTP")
_ANSWER = b"HTTP"
#: Ports remembered that were asked and have not answered.
_MAX_ASKED = 4096

_AT4 = "tcp[((tcp[12] & 0xf0) >> 2):4]"
_AT6 = "ip6[(40 + ((ip6[52] & 0xf0) >> 2)):4]"  #: libpcap's ``tcp[...]`` reads IPv4 only


def ports_filter(ports: Iterable[int]) -> str:
    """TCP on these ports."""
    return " or ".join(f"tcp port {port}" for port in ports)


def default_filter(ports: Iterable[int]) -> str:
    """TCP on these ports, and the beginnings of HTTP messages on all others."""
    four = " or ".join(f"{_AT4} = 0x{word.hex()}" for word in _BEGINNINGS)
    six = " or ".join(f"{_AT6} = 0x{word.hex()}" for word in _BEGINNINGS)
    return f"{ports_filter(ports)} or (tcp and ({four})) or (ip6[6] = 6 and ({six}))"


class PortsLearned:
    """Looks at every batch. ``ports`` are all that the filter should have."""

    def __init__(self, ports: Iterable[int]) -> None:
        self.ports = tuple(dict.fromkeys(ports))
        self._first = len(self.ports)
        self._asked: set[int] = set()

    def look(self, batch: PacketBatch) -> None:
        """Learn from these packets."""
        if not len(batch) or len(self.ports) - self._first >= MAX_LEARNED:
            return
        known = np.array(self.ports, np.uint32)
        sent, to = batch.ports >> np.uint32(16), batch.ports & np.uint32(0xFFFF)
        rows = np.flatnonzero((batch.captured >= 4) & ~np.isin(sent, known) & ~np.isin(to, known))
        for row in rows.tolist():
            at = int(batch.offset[row])
            self._message(bytes(batch.buffer[at : at + 4]), int(sent[row]), int(to[row]))

    def _message(self, beginning: bytes, source: int, target: int) -> None:
        if beginning == _ANSWER:
            if source in self._asked and len(self.ports) - self._first < MAX_LEARNED:
                self._asked.remove(source)
                self.ports = (*self.ports, source)
        elif beginning in _BEGINNINGS and target not in self.ports and len(self._asked) < _MAX_ASKED:
            self._asked.add(target)
