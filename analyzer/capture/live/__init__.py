"""Live captures: interfaces, other machines and pipes as packet sources.

With ``cli`` the only place that touches clock, processes and network interfaces.
"""

from __future__ import annotations

__all__: list[str] = []
