"""What presenters of transfers see: the report, and the view of the run that it belongs to.

The run's view is a ``LocalView`` or a ``RedactedView``; whoever may only show the latter asks for that type, as
everywhere in the report.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from analyzer.model.transfers import Transfer, TransferReport, Trouble
from analyzer.report.frames import FrameBook
from analyzer.report.view import LocalView, View, local_view

__all__ = ["TransferView", "local_transfers"]

#: Streams that a display filter names before it becomes too long to read.
_STREAMS = 12


@dataclass(frozen=True)
class TransferView:
    """Ready to present."""

    run: View
    report: TransferReport

    @property
    def frames(self) -> FrameBook:
        """Running frame number → file and local number."""
        return self.run.frames

    @cached_property
    def by_number(self) -> dict[int, Transfer]:
        """Transfers by their numbers."""
        return {one.number: one for one in self.report.transfers}

    def filter_of(self, trouble: Trouble) -> str:
        """A Wireshark display filter for the frames of a cause, within its connections."""
        numbers = self.frames.local(trouble.cause.frames)
        frames = f"frame.number in {{{', '.join(map(str, numbers))}}}" if numbers else ""
        streams = trouble.streams[:_STREAMS]
        within = f"tcp.stream in {{{', '.join(map(str, streams))}}}" if streams else ""
        if not within or len(trouble.streams) > _STREAMS:
            return frames or within
        return f"{within} and {frames}" if frames else within


def local_transfers(report: TransferReport) -> TransferView:
    """The report as it is, for the user's own eyes."""
    run: LocalView = local_view(report.run)
    return TransferView(run, report)
