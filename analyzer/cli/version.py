"""The installed version."""

from __future__ import annotations

__all__ = ["version"]


def version() -> str:
    """Version of the installed distribution; ``unknown`` when run from a tree that is not installed."""
    from importlib import metadata

    try:
        return metadata.version("ossig")
    except metadata.PackageNotFoundError:
        return "unknown"
