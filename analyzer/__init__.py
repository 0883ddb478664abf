"""ossig: from a packet capture to the reason why object storage refused a signature.

The main job as a function::

    from analyzer import analyze

    report = analyze(["faild.pcap"])
    for finding in report.findings:
        print(finding.causes[0].id, finding.causes[0].certainty.value)

``Options`` carries secrets and limits; ``list_exchanges`` gives every HTTP exchange, refused or not; ``explain`` takes
the bytes of a pasted text instead of captures; ``compare_captures`` holds two captures against each other;
``analyze_transfers`` tells of uploads and speed. The types
of everything inside a report are in ``analyzer.model``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from analyzer.pipeline import (
        Options,
        Progress,
        analyze,
        analyze_transfers,
        compare_captures,
        explain,
        list_exchanges,
    )

__all__ = [
    "Options",
    "Progress",
    "analyze",
    "analyze_transfers",
    "compare_captures",
    "explain",
    "list_exchanges",
]


def __getattr__(name: str) -> Any:
    """Import the engine when it is first asked for: ``ossig --help`` does not need it."""
    if name in __all__:
        from analyzer import pipeline

        return getattr(pipeline, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
