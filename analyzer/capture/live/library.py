"""scapy, imported when it is needed and no more of it than needed: no dissectors, and quiet."""

from __future__ import annotations

from typing import Any

__all__ = ["scapy_conf"]


def scapy_conf() -> Any:
    """scapy's configuration with the system's interfaces and sockets in it."""
    import logging

    logging.getLogger("scapy").setLevel(logging.ERROR)
    import scapy.arch  # noqa: F401 - registers this system's sockets and interfaces
    from scapy.config import conf

    return conf
