"""doctor → report: what the local machine is like, and what is wrong with it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum

from analyzer.model.notes import Note

__all__ = ["Checked", "Clock", "Crc", "Health", "Interpreter", "Machine", "Rights", "Verdict"]


class Verdict(Enum):
    """``WARNING`` works today, or concerns only some uses; ``WRONG`` is to be put right."""

    OK = "ok"
    WARNING = "warning"
    WRONG = "wrong"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Crc:
    """The folder ``crcmod`` of an interpreter, which two packages own. Speeds are bytes a second."""

    claimed_by: tuple[str, ...]  #: installed packages whose file lists name files in it
    files_of: tuple[str, ...]  #: of them, those whose file is the one that stands there
    works: bool  #: importable, with all that the SDKs use
    extension: bool | None  #: the C extension is in use; None where that cannot be asked
    with_extension: float | None = None
    without: float | None = None
    problem: str | None = None  #: kind of the exception that importing it raised


@dataclass(frozen=True, slots=True)
class Interpreter:
    """A Python, as it sees itself."""

    executable: str
    version: str
    packages: tuple[tuple[str, str], ...]  #: name, version, of those that matter here
    crc: Crc | None  #: None: no such folder
    added: tuple[str, ...] | None  #: headers that requests put on a bytes body unasked; None: no requests
    rewritten: str | None  #: what urllib3 makes of ``PROBE_TARGET``; None: no urllib3


@dataclass(frozen=True, slots=True)
class Clock:
    """This machine's clock beside a server's, nanoseconds since 1970."""

    host: str
    server: int | None
    local: int | None
    problem: str | None = None  #: why the server's is not known


@dataclass(frozen=True, slots=True)
class Rights:
    """Who may capture here. ``tool`` None: neither tcpdump nor dumpcap was found."""

    tool: str | None
    allowed: bool | None  #: None: cannot be told without trying


@dataclass(frozen=True, slots=True)
class Machine:
    """Everything that the checks look at."""

    system: str  #: ``Linux``, ``Darwin``, ``Windows``
    host: str  #: of the endpoint that requests go to
    environment: Mapping[str, str]
    interpreter: Interpreter | None  #: None: it could not be asked
    netrc: tuple[str, ...]  #: hosts of the netrc file, ``default`` for its default entry
    rights: Rights
    clock: Clock | None = None  #: None: not asked for


@dataclass(frozen=True, slots=True)
class Checked:
    """The outcome of one check. ``values`` are for programs; nothing secret is among them."""

    id: str
    verdict: Verdict
    statement: Note
    remedy: Note | None = None
    values: tuple[tuple[str, str | int | float | bool | None], ...] = ()
    source: str | None = None  #: where the knowledge is from


@dataclass(frozen=True, slots=True)
class Health:
    """The result of ``ossig doctor``."""

    machine: Machine
    checked: tuple[Checked, ...]

    @property
    def wrong(self) -> bool:
        """Something is to be put right."""
        return any(one.verdict is Verdict.WRONG for one in self.checked)
