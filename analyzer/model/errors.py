"""What stops a run, said as a note instead of a traceback."""

from __future__ import annotations

from analyzer.model.notes import Note

__all__ = ["CannotRead", "Fault", "NotPermitted", "OutputRefused", "reason_of"]


class Fault(Exception):
    """Something the user must be told; ``note`` carries the message in both languages."""

    def __init__(self, note: Note) -> None:
        super().__init__(note.key)
        self.note = note


class CannotRead(Fault):
    """An input is not there, not readable or not a capture (exit code 3)."""


class NotPermitted(Fault):
    """Capturing on an interface is not allowed to this user (exit code 5). ``commands`` are shell lines, any of which
    would change that; ``remarks`` what is to be said about them."""

    def __init__(self, note: Note, commands: tuple[str, ...] = (), remarks: tuple[Note, ...] = ()) -> None:
        super().__init__(note)
        self.commands = commands
        self.remarks = remarks


class OutputRefused(Fault):
    """An output file exists, or the last gate found a secret in it (exit code 2)."""


def reason_of(fault: OSError) -> str:
    """The operating system's words, else the name that Python gives the fault."""
    return (fault.strerror or type(fault).__name__).lower()
