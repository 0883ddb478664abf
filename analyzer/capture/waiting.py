"""Waiting for a file that is still being written to grow."""

from __future__ import annotations

import time

__all__ = ["wait"]

_PAUSE = 0.05  #: seconds


def wait() -> None:
    """A pause short enough to feel live and long enough to cost nothing."""
    time.sleep(_PAUSE)
