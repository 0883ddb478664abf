"""Addresses: numbered within their kind, so that private stays private and equal stays equal.

Public addresses become those that are set aside for documentation, so that no pseudonym is somebody's address.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network

__all__ = ["AddressBook"]

_Network = IPv4Network | IPv6Network


@dataclass(frozen=True, slots=True)
class _Kind:
    """Addresses of ``within`` are replaced by the addresses of ``becomes``, one after the other."""

    within: _Network
    becomes: tuple[_Network, ...]
    source: str


def _row(within: str, source: str, *becomes: str) -> _Kind:
    return _Kind(ip_network(within), tuple(map(ip_network, becomes or (within,))), source)


#: The first row that holds the address counts.
_KINDS: tuple[_Kind, ...] = (
    _row("127.0.0.0/8", "RFC 1122, loopback"),
    _row("10.0.0.0/8", "RFC 1918"),
    _row("172.16.0.0/12", "RFC 1918"),
    _row("192.168.0.0/16", "RFC 1918"),
    _row("169.254.0.0/16", "RFC 3927, link-local"),
    _row("100.64.0.0/10", "RFC 6598; inside Alibaba Cloud also the addresses of its services"),
    _row("224.0.0.0/4", "RFC 5771, multicast"),
    _row(
        "0.0.0.0/0",
        "RFC 5737, RFC 2544: documentation and benchmarks",
        "203.0.113.0/24",
        "198.51.100.0/24",
        "192.0.2.0/24",
        "198.18.0.0/15",
        "240.0.0.0/4",
    ),
    _row("fe80::/10", "RFC 4291, link-local"),
    _row("fc00::/7", "RFC 4193, unique local", "fd00::/8"),
    _row("ff00::/8", "RFC 4291, multicast"),
    _row("::/0", "RFC 3849, documentation", "2001:db8::/32"),
)
#: Addresses that are the same everywhere.
_SPECIAL = frozenset({bytes(4), b"\x7f\0\0\1", b"\xff" * 4, bytes(16), bytes(15) + b"\1"})
_MAPPED = bytes(10) + b"\xff\xff"


class AddressBook:
    """Address → pseudonym, by order of appearance. ``seen`` is told every address that was replaced,
    and by what, as text."""

    def __init__(self, seen: Callable[[bytes, bytes], None]) -> None:
        self._known: dict[bytes, bytes] = {}
        self._counts: dict[_Network, int] = {}
        self._seen = seen

    def packed(self, address: bytes) -> bytes:
        """For 4 or 16 bytes in network order; anything else comes back as it was."""
        if len(address) not in (4, 16) or address in _SPECIAL:
            return address
        if address.startswith(_MAPPED):
            return _MAPPED + self.packed(address[12:])
        known = self._known.get(address)
        if known is None:
            known = self._known[address] = self._new(address)
            self._seen(str(ip_address(address)).encode(), str(ip_address(known)).encode())
        return known

    def text(self, text: bytes) -> bytes | None:
        """For an address as written in a header, brackets allowed; None when it is none."""
        bare = text[1:-1] if text[:1] == b"[" and text[-1:] == b"]" else text
        try:
            packed = ip_address(bare.decode("ascii")).packed
        except ValueError:
            return None
        written = str(ip_address(self.packed(packed))).encode()
        return b"[" + written + b"]" if bare is not text else written

    def _new(self, address: bytes) -> bytes:
        ip = ip_address(address)
        kind = next(kind for kind in _KINDS if kind.within.version == ip.version and ip in kind.within)
        for network in kind.becomes:
            number = self._counts.get(network, 0) + 1
            if number < network.num_addresses - 1:
                self._counts[network] = number
                return network[number].packed
        return kind.becomes[-1][-1].packed
