"""Is this machine fit to talk to OSS? Small checks over a ``Machine``, in one table.

Looking at the machine is the command line's work; here a value is judged. Nothing is changed, opened or measured.
"""

from __future__ import annotations

from analyzer.doctor.checks import CHECKS, examine

__all__ = ["CHECKS", "examine"]
