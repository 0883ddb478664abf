"""Encrypted streams and a key log become plain streams, or the reason why not."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from analyzer.tls.detect import is_tls, looks_like_record
from analyzer.tls.keylog import KeyLog
from analyzer.tls.telling import told

if TYPE_CHECKING:
    from analyzer.tls.stream import TlsStream

__all__ = ["KeyLog", "TlsStream", "is_tls", "looks_like_record", "told"]


def __getattr__(name: str) -> Any:
    """Import the session's machinery when it is first asked for: captures without TLS do not need it."""
    if name == "TlsStream":
        from analyzer.tls.stream import TlsStream

        return TlsStream
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
