"""The two directions of a stream become exchanges: request and answer, raw bytes kept."""

from __future__ import annotations

from analyzer.http.content import decoded
from analyzer.http.plain import exchange_from_bytes

__all__ = ["decoded", "exchange_from_bytes"]
