"""Multipart uploads and speed: what became of them, why a transfer failed, and whom it waited for.

``Observer`` watches the packets beside the engine, ``Resolver`` the name look-ups, ``Collector`` the exchanges;
``told`` makes the report of them.
"""

from __future__ import annotations

from analyzer.transfers.assembly import told
from analyzer.transfers.dns import PORT, Resolver
from analyzer.transfers.observer import Observer
from analyzer.transfers.picture import Collector

__all__ = ["PORT", "Collector", "Observer", "Resolver", "told"]
