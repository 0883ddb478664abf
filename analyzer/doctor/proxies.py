"""Which proxies of the environment a request would go through, by the rules of requests and urllib.

Lower-case names win over upper-case ones; ``HTTP_PROXY`` in capitals is not obeyed inside a CGI program; ``no_proxy``
lists suffixes of host names, addresses and networks, or is ``*`` (urllib.request, getproxies_environment and
proxy_bypass_environment; requests/utils.py, should_bypass_proxies). A proxy is named by host and port alone.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from ipaddress import ip_address, ip_network
from urllib.parse import urlsplit

__all__ = ["Proxy", "bypassed", "proxies"]

_SCHEMES = ("http", "https", "all")


@dataclass(frozen=True, slots=True)
class Proxy:
    """One variable. ``address`` is host and port; credentials that stood in it are not here."""

    variable: str
    scheme: str  #: ``http``, ``https``, ``all``
    address: str
    credentials: bool


def proxies(environment: Mapping[str, str]) -> Iterator[Proxy]:
    """The proxies that the environment names."""
    for scheme in _SCHEMES:
        name = _chosen(environment, f"{scheme}_proxy")
        if name is None or (name == "HTTP_PROXY" and environment.get("REQUEST_METHOD")):
            continue
        yield Proxy(name, scheme, *_address(environment[name]))


def bypassed(environment: Mapping[str, str], host: str) -> bool:
    """``no_proxy`` takes ``host`` out."""
    name = _chosen(environment, "no_proxy")
    entries = [entry.strip() for entry in environment[name].split(",")] if name is not None else []
    bare = host.partition(":")[0].lower() if host.count(":") < 2 else host
    return any(_covers(entry.lower(), bare, host.lower()) for entry in entries if entry)


def _chosen(environment: Mapping[str, str], lower: str) -> str | None:
    return next((name for name in (lower, lower.upper()) if environment.get(name, "").strip()), None)


def _address(value: str) -> tuple[str, bool]:
    """(host and port, whether credentials stood before them)."""
    text = value.strip() if "://" in value else f"//{value.strip()}"
    try:
        parts = urlsplit(text)
        port = f":{parts.port}" if parts.port else ""
        return f"{parts.hostname or '?'}{port}", "@" in parts.netloc
    except ValueError:
        return "?", "@" in value


def _covers(entry: str, host: str, host_with_port: str) -> bool:
    if entry == "*":
        return True
    try:
        return ip_address(host) in ip_network(entry, strict=False)
    except ValueError:
        pass
    suffix = entry.lstrip(".")
    return any(name == suffix or name.endswith(f".{suffix}") for name in (host, host_with_port))
