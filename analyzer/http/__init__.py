"""The two directions of a stream become exchanges: request and answer, raw bytes kept."""

from __future__ import annotations

from analyzer.http.content import decoded
from analyzer.http.engine import Engine, EngineStats, Want
from analyzer.http.plain import exchange_from_bytes

__all__ = ["Engine", "EngineStats", "Want", "decoded", "exchange_from_bytes"]
