"""Sockets of our own, where no capture program is installed: scapy opens them, nothing dissects.

scapy chooses the right kind of socket for the system, compiles the filter with libpcap and attaches it; we take raw
packets and put pcap record headers before them. This needs the privilege in this very process, and each packet costs a
call of Python, so it is good for thousands of packets a second, not for a hundred thousand. On Linux the kernel's
buffer is enlarged and its count of lost packets read; elsewhere nobody tells what was lost.
"""

from __future__ import annotations

import contextlib
import errno
import re
import socket
import struct
import time
from typing import Any

from analyzer.capture.live.feeds import Drops, InterfaceLosses
from analyzer.capture.live.library import scapy_conf
from analyzer.capture.live.words import Refusal, Why

__all__ = ["SocketFeed", "open_socket"]

_SOL_PACKET, _PACKET_STATISTICS, _PACKET_IGNORE_OUTGOING = 263, 6, 23  # linux/if_packet.h
_SO_RCVBUFFORCE = 33  # asm-generic/socket.h
_MOST = 0xFFFF + 64  #: bytes of a packet: the largest IP packet and a link layer header
_BURST = 4096  #: packets taken at a time


class SocketFeed:
    """See ``feeds.Feed``; gives pcap with nanoseconds."""

    lag = 0.1

    def __init__(self, name: str, opened: Any, link: int) -> None:
        self.name = name
        self._socket = opened
        self._header = struct.pack("<IHHiIII", 0xA1B23C4D, 2, 4, 0, 0, 262144, link)
        self._lost: int | None = None
        self._losses = InterfaceLosses((name,))
        self._down = False  #: the interface went away
        self.ask()
        self._lost = None if self._lost is None else 0  # what was lost before the filter was set was not meant
        with contextlib.suppress(AttributeError, OSError):
            opened.ins.setblocking(False)

    def fileno(self) -> int:
        return int(self._socket.fileno())

    def read(self) -> bytes:
        """All packets that wait; the stream's header before the first."""
        parts: list[bytes] = []
        while len(parts) < _BURST and (packet := self._packet()) is not None:
            parts.append(packet)
        if not parts and not self._down:
            raise BlockingIOError
        data = self._header + b"".join(parts) if parts else b""
        self._header = b""
        return data

    def _packet(self) -> bytes | None:
        try:
            _, data, stamp = self._socket.recv_raw(_MOST)
        except OSError as fault:
            if fault.errno in (errno.EAGAIN, errno.EWOULDBLOCK):
                return None
            if fault.errno in (errno.ENETDOWN, errno.EBADF):
                self._down = True
                return None
            raise
        if data is None:
            return None
        nanos = int(float(stamp or time.time()) * 1e9)
        return struct.pack("<IIII", nanos // 10**9, nanos % 10**9, len(data), len(data)) + bytes(data)

    def ask(self) -> None:
        """The kernel counts from one question to the next."""
        with contextlib.suppress(OSError, AttributeError):
            told = self._socket.ins.getsockopt(_SOL_PACKET, _PACKET_STATISTICS, 8)
            self._lost = (self._lost or 0) + int(struct.unpack("=II", told)[1])

    @property
    def drops(self) -> Drops:
        return Drops(self._lost, self._losses.now())

    def stop(self) -> bool:
        self.ask()
        return False

    def ended(self) -> None:
        """There are no closing words."""

    def close(self) -> None:
        with contextlib.suppress(OSError):
            self._socket.close()


def open_socket(interface: str, filter_text: str, buffer: int) -> SocketFeed | Refusal:
    """A socket on one interface, or why there is none. ``buffer`` in MiB."""
    conf = scapy_conf()
    from scapy.error import Scapy_Exception
    from scapy.interfaces import resolve_iface

    try:
        opened = conf.L2listen(iface=interface, filter=filter_text or None, promisc=False)
        link = _link_of(resolve_iface(interface))
    except PermissionError as fault:
        return Refusal(Why.PERMISSION, fault.strerror or "permission denied")
    except Scapy_Exception as fault:
        return Refusal(Why.FILTER, _libpcaps(str(fault)))
    except (OSError, ValueError) as fault:
        number = getattr(fault, "errno", None)
        why = Why.PERMISSION if number in (errno.EPERM, errno.EACCES) else Why.INTERFACE
        return Refusal(why, str(getattr(fault, "strerror", None) or fault))
    _enlarge(opened, buffer)
    return SocketFeed(interface, opened, link)


def _libpcaps(words: str) -> str:
    """libpcap's own message out of scapy's: ``Failed to compile filter expression 'x' (syntax error)``."""
    found = re.search(r"\((.+)\)$", words)
    return found[1] if found is not None else words


def _link_of(interface: Any) -> int:
    """The interface's link type as pcap numbers it."""
    from scapy.data import ARPHRD_TO_DLT

    return int(ARPHRD_TO_DLT.get(interface.type, 1))


def _enlarge(opened: Any, buffer: int) -> None:
    """A larger buffer, and on a loopback each packet once: it goes out and comes in."""
    ins = getattr(opened, "ins", None)
    if not isinstance(ins, socket.socket):
        return
    for name, value in ((_SO_RCVBUFFORCE, buffer << 20), (socket.SO_RCVBUF, buffer << 20)):
        try:
            ins.setsockopt(socket.SOL_SOCKET, name, min(value, 2**30))
            break
        except OSError:
            continue
    if opened.iface in ("lo", "lo0"):
        with contextlib.suppress(OSError):
            ins.setsockopt(_SOL_PACKET, _PACKET_IGNORE_OUTGOING, 1)
