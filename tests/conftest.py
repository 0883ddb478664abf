"""Settings of the property tests: where ``CI`` is set, the same examples every time, no clock; elsewhere new."""

from __future__ import annotations

import os

from hypothesis import settings

settings.register_profile("ci", derandomize=True, deadline=None)
if os.environ.get("CI"):
    settings.load_profile("ci")
