"""The machine's interfaces with their addresses, as scapy knows them."""

from __future__ import annotations

from dataclasses import dataclass

from analyzer.capture.live.library import scapy_conf

__all__ = ["Interface", "interfaces"]


@dataclass(frozen=True, slots=True)
class Interface:
    """One interface."""

    name: str
    description: str  #: empty where it is the name again
    addresses: tuple[str, ...]
    up: bool


def interfaces() -> tuple[Interface, ...]:
    """All that can be captured on, by number."""
    conf = scapy_conf()
    conf.ifaces.reload()
    found = []
    for one in sorted(conf.ifaces.values(), key=lambda i: i.index):
        addresses = tuple(str(a) for family in (4, 6) for a in one.ips.get(family, ()) if a)
        described = "" if one.description in (None, one.name) else str(one.description)
        found.append(Interface(str(one.name), described, addresses, _is_up(one.flags)))
    return tuple(found)


def _is_up(flags: object) -> bool:
    """``IFF_UP`` (net/if.h); where scapy knows no flags the interface counts as up."""
    try:
        return bool(int(flags) & 1) if flags else True  # type: ignore[call-overload]
    except (TypeError, ValueError):
        return True
