"""What somebody without the right to capture can type, to the letter.

Three ways, the least privilege first: the group that Debian and others give dumpcap to, file capabilities on the
capture program, and sudo. The analyser itself never needs the right, so the sudo line runs tcpdump alone and pipes; the
last line runs ossig itself by its full path, because sudo has a PATH of its own.
"""

from __future__ import annotations

import os
import shlex
import shutil
import sys
from collections.abc import Iterator

from analyzer.capture.live.children import Wanted, find_program, tcpdump_command

__all__ = ["commands_that_work", "own_command"]

_CAPABILITIES = "cap_net_raw,cap_net_admin=eip"


def commands_that_work(wanted: Wanted, arguments: list[str]) -> Iterator[str]:
    """Shell lines, any one of which is enough. ``arguments`` are those of ossig."""
    if wanted.remote is not None:
        yield from _on_the_other_machine(wanted)
        return
    dumpcap = find_program("dumpcap", executable=False)
    group = _group_of(dumpcap) if dumpcap is not None else None
    if dumpcap is not None and group is not None:
        yield f'sudo usermod -a -G {shlex.quote(group)} "$USER"'
    tcpdump = find_program("tcpdump", executable=False)
    program = tcpdump if dumpcap is None or group is not None else dumpcap
    if program is not None:
        yield f"sudo setcap {_CAPABILITIES} {shlex.quote(os.path.realpath(program))}"
    if tcpdump is not None and len(wanted.interfaces) == 1:
        command = tcpdump_command(tcpdump, wanted.interfaces[0], wanted)
        yield f"sudo {shlex.join(command)} | {shlex.join([*own_command(), 'live', '-'])}"
    yield shlex.join(["sudo", *own_command(), *arguments])


def _on_the_other_machine(wanted: Wanted) -> Iterator[str]:
    """There the right can be given once, or sudo asked each time (which needs a sudo that asks for no password)."""
    remote = wanted.remote or ""
    set_once = f'sudo setcap {_CAPABILITIES} "$(realpath "$(command -v tcpdump)")"'
    yield shlex.join(["ssh", "-t", remote, set_once])
    if len(wanted.interfaces) == 1:
        captured = shlex.join(["sudo", *tcpdump_command("tcpdump", wanted.interfaces[0], wanted)])
        yield f"{shlex.join(['ssh', remote, captured])} | {shlex.join([*own_command(), 'live', '-'])}"


def own_command() -> list[str]:
    """How this program was started, by full paths."""
    script = sys.argv[0] if sys.argv else ""
    if os.path.basename(script) == "__main__.py" or not os.path.exists(script):
        return [sys.executable, "-m", "analyzer"]
    return [os.path.abspath(shutil.which(script) or script)]


def _group_of(program: str) -> str | None:
    """The group that may run a program which others may not; None where everybody may."""
    try:
        import grp

        status = os.stat(program)
        return None if status.st_mode & 0o001 else grp.getgrgid(status.st_gid).gr_name
    except (ImportError, KeyError, OSError):
        return None
