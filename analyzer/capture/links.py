"""Link types: their names, what stands first in their packets, and how the fast path finds the IP header.

One table, a row a link type. ``first`` names the layer that ``slow`` begins with. ``fast`` is for those where the IP
header stands at a constant distance: the four bytes before it then say which protocol follows, in the way ``tells``
names. A link type without a row is unknown: its packets are counted, nothing is read in them, and the facts name it.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from analyzer.capture.layers import Layer

__all__ = ["LINKS", "Link", "Tells", "link_name"]


class Tells(Enum):
    """How the bytes before the IP header name what follows."""

    ETHERTYPE = "ethertype"  #: the last two bytes before it
    ETHERTYPE_FIRST = "ethertype-first"  #: the first two bytes of the packet (SLL2)
    FAMILY = "family"  #: a 32-bit address family in the byte order of the capturing host
    VERSION = "version"  #: nothing does but the header's own version field


@dataclass(frozen=True, slots=True)
class Link:
    """One link type."""

    number: int
    name: str  #: libpcap's ``LINKTYPE_`` or ``DLT_`` name without that prefix, as tcpdump prints it
    first: Layer
    header: int = 0  #: bytes before the IP header, where ``tells`` is given
    tells: Tells | None = None


#: Numbers and names: https://www.tcpdump.org/linktypes.html. 12 and 14 are BSD DLT values of RAW that old files carry.
_ROWS = (
    Link(0, "NULL", Layer.LOOPBACK, 4, Tells.FAMILY),
    Link(1, "EN10MB", Layer.ETHERNET, 14, Tells.ETHERTYPE),
    Link(9, "PPP", Layer.PPP_HDLC),
    Link(12, "RAW", Layer.IP, 0, Tells.VERSION),
    Link(14, "RAW", Layer.IP, 0, Tells.VERSION),
    Link(50, "PPP_SERIAL", Layer.PPP_HDLC),
    Link(51, "PPP_ETHER", Layer.PPPOE),
    Link(101, "RAW", Layer.IP, 0, Tells.VERSION),
    Link(104, "C_HDLC", Layer.CISCO_HDLC, 4, Tells.ETHERTYPE),
    Link(105, "IEEE802_11", Layer.WLAN),
    Link(108, "LOOP", Layer.LOOPBACK, 4, Tells.FAMILY),
    Link(109, "ENC", Layer.ENC),
    Link(113, "LINUX_SLL", Layer.SLL, 16, Tells.ETHERTYPE),
    Link(117, "PFLOG", Layer.PFLOG),
    Link(127, "IEEE802_11_RADIO", Layer.RADIOTAP),
    Link(129, "ARCNET_LINUX", Layer.ARCNET_LINUX),
    Link(192, "PPI", Layer.PPI),
    Link(228, "IPV4", Layer.IP, 0, Tells.VERSION),
    Link(229, "IPV6", Layer.IP, 0, Tells.VERSION),
    Link(239, "NFLOG", Layer.NFLOG),
    Link(276, "LINUX_SLL2", Layer.SLL2, 20, Tells.ETHERTYPE_FIRST),
)

LINKS: dict[int, Link] = {row.number: row for row in _ROWS}

#: Names only, for the message that a link type is not read; same source.
_OTHERS = {
    6: "IEEE802_5 (Token Ring)",
    7: "ARCNET",
    8: "SLIP",
    10: "FDDI",
    107: "FRELAY (Frame Relay)",
    119: "PRISM_HEADER",
    147: "USER0",
    163: "IEEE802_11_RADIO_AVS",
    166: "PPP_PPPD",
    187: "BLUETOOTH_HCI_H4",
    189: "USB_LINUX",
    195: "IEEE802_15_4_WITHFCS",
    201: "BLUETOOTH_HCI_H4_WITH_PHDR",
    220: "USB_LINUX_MMAPPED",
    226: "IPNET",
    227: "CAN_SOCKETCAN",
    230: "IEEE802_15_4_NOFCS",
    242: "IPOIB (InfiniBand)",
    249: "USBPCAP",
    251: "BLUETOOTH_LE_LL",
    252: "WIRESHARK_UPPER_PDU",
    253: "NETLINK",
    258: "PKTAP",
    260: "IPMI_HPM_2",
    271: "VSOCK",
    272: "NORDIC_BLE",
}


def link_name(number: int) -> str:
    """libpcap's name, or the bare number for one that has none here."""
    row = LINKS.get(number)
    return row.name if row else _OTHERS.get(number, str(number))
