"""pasted → diagnosis, report: what a text held that somebody copied from a log, a browser or a terminal."""

from __future__ import annotations

from dataclasses import dataclass

from analyzer.model.http import Exchange
from analyzer.model.notes import Note

__all__ = ["ClientString", "Pasted", "PastedCase"]


@dataclass(frozen=True, slots=True)
class ClientString:
    """What a client's own log says it signed. ``text`` None: only the canonical request was logged."""

    source: str  #: whose log: a name out of the table of log forms
    text: bytes | None
    canonical: bytes | None = None
    exact: bool = True  #: written on one line, so that no line end can have got lost

    @property
    def told(self) -> bytes:
        """The text itself, else the canonical request."""
        return self.text if self.text is not None else self.canonical or b""


@dataclass(frozen=True, slots=True)
class PastedCase:
    """One request as far as the text tells of it; any part may be missing."""

    exchange: Exchange
    client: ClientString | None = None


@dataclass(frozen=True, slots=True)
class Pasted:
    """Everything that could be taken from a text."""

    cases: tuple[PastedCase, ...]
    took: tuple[Note, ...] = ()  #: a sentence for each thing that was recognised
    notes: tuple[Note, ...] = ()  #: what was mended, masked or left out
