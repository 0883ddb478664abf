"""What tcpdump and dumpcap say on standard error: ready, refused and why, how many packets were lost.

Tables of patterns with an example beside each. Both programs run with ``LC_ALL=C``. Sources: tcpdump.c and
libpcap's pcap-linux.c (tcpdump 4.99, libpcap 1.10), dumpcap.c (Wireshark 4).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum

from analyzer.capture.live.feeds import Drops

__all__ = ["Refusal", "Why", "drops_in", "is_ready", "refusal_in"]


class Why(Enum):
    """Why a capturing program ended before it began."""

    PERMISSION = "permission"
    FILTER = "filter"
    INTERFACE = "interface"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Refusal:
    """A reason, and the program's words for it."""

    why: Why
    words: str


#: Lines that a program writes once it captures.
_READY = (
    re.compile(rb"^tcpdump: listening on |^listening on ", re.M),  # tcpdump: listening on lo, link-type EN10MB ...
    re.compile(rb"^File: ", re.M),  # dumpcap: File: -
)

#: (why, pattern); group 1 is libpcap's own message where there is one. The first that fits counts.
_REFUSALS: tuple[tuple[Why, re.Pattern[bytes]], ...] = (
    (Why.FILTER, re.compile(rb"That string isn't a valid capture filter \((.+)\)")),  # dumpcap 4
    (
        Why.FILTER,
        re.compile(rb"^tcpdump: ((?:can't parse|syntax error|illegal |unknown |invalid |.* filter).*)$", re.M),
    ),
    (Why.OTHER, re.compile(rb"(.*Permission denied \(.*)")),  # ssh: user@host: Permission denied (publickey,password).
    (Why.PERMISSION, re.compile(rb"(.*[Pp]ermission.*)")),  # You don't have permission to perform this capture ...
    (Why.PERMISSION, re.compile(rb"(.*Operation not permitted.*)")),
    (Why.INTERFACE, re.compile(rb"(.*(?:No such device|no device named|isn't up|is not up|is down|no interface).*)")),
)

_NUMBER = rb"(\d+) packets? "
#: tcpdump: ``3 packets dropped by kernel`` and, where it is not zero, ``1 packet dropped by interface``.
_KERNEL = re.compile(_NUMBER + rb"dropped by kernel")
_INTERFACE = re.compile(_NUMBER + rb"dropped by interface")
#: dumpcap: ``Packets received/dropped on interface 'lo': 12/3 (pcap:3/dumpcap:0/flushed:0/ps_ifdrop:0) (80.0%)``.
_DUMPCAP = re.compile(rb"\(pcap:(\d+)/dumpcap:(\d+)/flushed:(\d+)/ps_ifdrop:(\d+)\)")


def is_ready(said: bytes) -> bool:
    """The program captures."""
    return any(pattern.search(said) for pattern in _READY)


def refusal_in(said: bytes) -> Refusal:
    """Why it did not."""
    for why, pattern in _REFUSALS:
        found = pattern.search(said)
        if found is not None:
            return Refusal(why, _tidy(found[1]))
    lines = [line for line in said.splitlines() if line.strip() and not line.startswith(b"Capturing on ")]
    return Refusal(Why.OTHER, _tidy(lines[0]) if lines else "?")


def drops_in(said: bytes) -> Drops | None:
    """The counts said last, None where none were; dumpcap's interfaces are added up."""
    several = _DUMPCAP.findall(said)
    if several:
        lost = [tuple(map(int, one)) for one in several]
        return Drops(sum(one[0] + one[1] + one[2] for one in lost), sum(one[3] for one in lost))
    kernel = _KERNEL.findall(said)
    if not kernel:
        return None
    interface = _INTERFACE.findall(said, said.rfind(b"dropped by kernel"))
    return Drops(int(kernel[-1]), int(interface[-1]) if interface else 0)


def _tidy(line: bytes) -> str:
    text = line.strip().decode("utf-8", "backslashreplace")
    return re.sub(r"^\w+: ", "", text)[:400]
