"""What the tests of live captures need of the machine, and skip without."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path
from types import TracebackType

import pytest

__all__ = ["OSSIG", "ROOT", "LiveRun", "may_capture", "needs", "unprivileged"]

ROOT = Path(__file__).resolve().parent.parent.parent
OSSIG = [sys.executable, "-m", "analyzer"]
_PATIENCE = 30.0  #: seconds for what should take one


@cache
def may_capture(program: str) -> bool:
    """The program is there and captures on the loopback interface."""
    if shutil.which(program) is None:
        return False
    quiet = ["-q"] if program == "dumpcap" else []
    stop = ["-a", "duration:1"] if program == "dumpcap" else ["-c", "1"]
    child = subprocess.Popen(
        [program, *quiet, "-i", "lo", *stop, "-w", "/dev/null"], stderr=subprocess.PIPE, stdout=subprocess.DEVNULL
    )
    assert child.stderr is not None
    said = b""
    while line := child.stderr.readline():
        said += line
        if b"listening on" in line or line.startswith(b"File: "):
            child.terminate()
    child.stderr.close()
    child.wait()
    return b"listening on" in said or b"File: " in said


def needs(*programs: str) -> pytest.MarkDecorator:
    """A mark: skipped where one of the programs is not there or may not capture."""
    capturing = [name for name in programs if name in ("tcpdump", "dumpcap")]
    missing = [name for name in programs if shutil.which(name) is None]
    denied = [] if missing else [name for name in capturing if not may_capture(name)]
    reason = f"not installed: {missing}" if missing else f"may not capture here: {denied}"
    return pytest.mark.skipif(bool(missing or denied), reason=reason)


def unprivileged() -> list[str]:
    """Words before a command that take the right to capture away from it and its children."""
    setpriv = shutil.which("setpriv")
    if os.geteuid() != 0:
        return []
    if setpriv is None:
        pytest.skip("setpriv, which takes privileges away, is not installed")
    lost = "-net_raw,-net_admin"
    return [setpriv, f"--bounding-set={lost}", f"--inh-caps={lost}"]


class LiveRun:
    """``ossig live`` as a process; a context manager that leaves nothing running. Lines are read as they come."""

    def __init__(self, *arguments: str, before: Sequence[str] = (), environment: dict[str, str] | None = None) -> None:
        self.lines: list[tuple[float, str]] = []  #: when each came (time.time), and what
        self.said = ""
        self._process = subprocess.Popen(
            [*before, *OSSIG, "live", *arguments],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            cwd=ROOT,
            env={**os.environ, "PYTHONPATH": str(ROOT), "LC_ALL": "C.UTF-8", **(environment or {})},
            text=True,
        )
        self._threads = [threading.Thread(target=f, daemon=True) for f in (self._read, self._listen)]

    def __enter__(self) -> LiveRun:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._process.poll() is None:
            self._process.kill()
        self._process.wait()
        for thread in self._threads:
            thread.join(_PATIENCE)
        for pipe in (self._process.stdin, self._process.stdout, self._process.stderr):
            assert pipe is not None
            pipe.close()

    @property
    def pid(self) -> int:
        return self._process.pid

    def captures(self) -> None:
        """Wait until it says that it captures."""
        self.until(lambda: "capturing on" in self.said)

    def until(self, holds: Callable[[], bool]) -> None:
        """Wait for something."""
        limit = time.monotonic() + _PATIENCE
        while not holds():
            assert self._process.poll() is None or holds(), f"ended: {self.said}"
            assert time.monotonic() < limit, f"not in time: {self.said}"
            time.sleep(0.02)

    def signal(self, number: int) -> None:
        """Send a signal."""
        self._process.send_signal(number)

    def ended(self) -> int:
        """Wait for the end; the exit code."""
        code = self._process.wait(_PATIENCE)
        for thread in self._threads:
            thread.join(_PATIENCE)
        return code

    def _read(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            self.lines.append((time.time(), line))

    def _listen(self) -> None:
        assert self._process.stderr is not None
        for line in self._process.stderr:
            self.said += line
