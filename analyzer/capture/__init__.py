"""Captures to columns: files, pipes and sets of files in, batches of TCP segments out.

``open_captures`` gives a ``PacketSource``; everything else here serves it. Formats are ``pcap`` and ``pcapng``, read
through ``compressed`` where need be; ``records`` finds where packets begin; ``decode`` reads their headers as columns,
``slow`` those that are not regular; ``source`` joins them. ``secrets`` looks ahead for key logs.
"""

from __future__ import annotations

from analyzer.capture.secrets import secrets_inside
from analyzer.capture.source import Captures, open_captures

__all__ = ["Captures", "open_captures", "secrets_inside"]
