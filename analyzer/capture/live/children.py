"""tcpdump and dumpcap as children: they hold the privilege, we read their pipe.

Each runs with a large kernel buffer and hands packets on as they come. It is started in a process group of its own, so
that Ctrl-C in a terminal reaches us alone and the child is asked to end in an orderly way: then it hands over what the
kernel still holds and says what was lost. A thread collects its words. Over ssh the same tcpdump runs on the other
machine inside a small shell script that takes orders on standard input: a line asks for counts, the end of input (also
when the connection breaks) ends the capture.
"""

from __future__ import annotations

import contextlib
import os
import shlex
import shutil
import signal
import subprocess
import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from analyzer.capture.live.feeds import Drops, InterfaceLosses
from analyzer.capture.live.words import Refusal, Why, drops_in, is_ready, refusal_in

__all__ = ["Child", "Wanted", "dumpcap_command", "find_program", "remote_command", "start", "tcpdump_command"]

#: Looked at behind the PATH: programs for administrators are often not in it.
_MORE_PATHS = ("/usr/sbin", "/sbin", "/usr/local/sbin", "/usr/local/bin", "/usr/bin", "/bin")
_START = 15.0  #: seconds to get ready; over ssh somebody may have to type a password first
_START_REMOTE = 120.0
_END = 3.0  #: seconds to end when asked
_PIPE = 1 << 20  #: bytes; Linux lets everybody have that much (fs.pipe-max-size)
_WORDS = 64 << 10  #: bytes of a child's words that are kept

#: Seconds that a packet may wait in the kernel's buffer before the program sees it: the time-out that the program gives
#: libpcap (tcpdump.c: 1000 ms; dumpcap.c: CAP_READ_TIMEOUT, 250 ms) and what the program itself holds back.
TCPDUMP_LAG, DUMPCAP_LAG = 1.1, 0.5


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is to be captured."""

    interfaces: tuple[str, ...]
    filter: str = ""
    buffer: int = 64  #: MiB of kernel buffer
    remote: str | None = None  #: user@host


def find_program(name: str, executable: bool = True) -> str | None:
    """Full path of a program; also one that we may not run, where ``executable`` is False."""
    mode = os.F_OK | (os.X_OK if executable else 0)
    path = os.pathsep.join((os.environ.get("PATH", os.defpath), *_MORE_PATHS))
    return shutil.which(name, mode, path)


def tcpdump_command(program: str, interface: str, wanted: Wanted) -> list[str]:
    """Whole packets, a buffer of so many KiB, each packet written when it comes, no names looked up."""
    command = [program, "-i", interface, "-n", "-s", "0", "-B", str(wanted.buffer * 1024), "-U", "-w", "-"]
    return [*command, "--", wanted.filter] if wanted.filter else command


def dumpcap_command(program: str, wanted: Wanted) -> list[str]:
    """All interfaces in one pcapng stream. The filter stands first: so it serves every interface."""
    command = [program, "-q", "-n", "-B", str(wanted.buffer), "-w", "-"]
    command += ["-f", wanted.filter] if wanted.filter else []
    return [*command, *(part for name in wanted.interfaces for part in ("-i", name))]


#: $SSH_CONNECTION is "client port, server port" of this very connection, which must not capture itself.
_SCRIPT = """\
set -- $SSH_CONNECTION
f={filter}
own="host $1 and tcp port $2 and tcp port $4"
if [ $# -eq 4 ]; then if [ -n "$f" ]; then f="($f) and not ($own)"; else f="not ($own)"; fi; fi
t=$(command -v tcpdump || PATH=$PATH:/usr/sbin:/sbin command -v tcpdump || echo tcpdump)
exec 3<&0
LC_ALL=C "$t" -i {interface} -n -s 0 -B {buffer} -U -w - -- "$f" </dev/null &
p=$!
{{ while read -r order; do kill -USR1 $p; done; kill -INT $p; }} <&3 >/dev/null 2>&1 &
exec 3<&- >/dev/null
wait $p"""


#: csh takes no line ends inside quotes.
_IN_ONE_LINE = " ".join(line if line.endswith("&") else f"{line};" for line in _SCRIPT.split("\n"))


def remote_command(ssh: str, interface: str, wanted: Wanted) -> list[str]:
    """tcpdump on the other machine. The script is one word for whatever shell the user has there."""
    script = _IN_ONE_LINE.format(
        filter=shlex.quote(wanted.filter), interface=shlex.quote(interface), buffer=wanted.buffer * 1024
    )
    return [ssh, "-T", "--", wanted.remote or "", f"exec sh -c {shlex.quote(script)}"]


class Child:
    """A running capture program; see ``feeds.Feed``."""

    def __init__(self, command: Sequence[str], name: str, lag: float, *, remote: bool = False) -> None:
        self.name = name
        self.lag = lag
        self.remote = remote
        self._said = b""
        self._drops = Drops()
        self._losses = InterfaceLosses(() if remote else name.split(","))
        self._changed = threading.Condition()
        self._silent = False  #: it has closed its standard error
        with _without_interrupt(remote):
            self._process = subprocess.Popen(  # noqa: S603 - a list of words, no shell
                command,
                stdin=subprocess.PIPE if remote else subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                env={**os.environ, "LC_ALL": "C"},
                # ssh has to stay in the terminal's own group to ask for a password
                process_group=None if remote else 0,
            )
        assert self._process.stdout is not None
        self._out = self._process.stdout.fileno()
        _widen(self._out)
        threading.Thread(target=self._listen, name=f"words of {name}", daemon=True).start()

    def fileno(self) -> int:
        return self._out

    def read(self) -> bytes:
        return os.read(self._out, _PIPE)

    @property
    def drops(self) -> Drops:
        told = self._drops
        return told if told.interface is not None else Drops(told.kernel, self._losses.now())

    @property
    def said(self) -> bytes:
        """The child's words so far."""
        return self._said

    def ready(self) -> bool:
        """Wait until the child captures; False when it ended instead."""
        with self._changed:
            limit = _START_REMOTE if self.remote else _START
            self._changed.wait_for(lambda: self._silent or is_ready(self._said), limit)
            return is_ready(self._said)

    def ask(self) -> None:
        """tcpdump tells its counts on SIGUSR1, dumpcap only at the end."""
        with contextlib.suppress(OSError, ValueError):
            if self._process.stdin is not None:
                self._process.stdin.write(b"\n")
                self._process.stdin.flush()
            elif self._process.poll() is None and _is_tcpdump(self._process.args):
                self._process.send_signal(signal.SIGUSR1)

    def stop(self) -> bool:
        with contextlib.suppress(OSError):
            if self._process.stdin is not None:
                self._process.stdin.close()
            else:
                self._process.send_signal(signal.SIGINT)
        return True

    def close(self) -> None:
        """The end, also of a child that does not want to; waits for its last words."""
        self.stop()
        assert self._process.stdout is not None
        self._process.stdout.close()
        try:
            self._process.wait(_END)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        with self._changed:
            self._changed.wait_for(lambda: self._silent, _END)

    def ended(self) -> None:
        """The pipe is at its end: wait for the closing words."""
        with self._changed:
            self._changed.wait_for(lambda: self._silent, _END)

    def _listen(self) -> None:
        assert self._process.stderr is not None
        with self._process.stderr as words:
            while line := words.readline(_WORDS):
                with self._changed:
                    self._said = (self._said + line)[-_WORDS:]
                    self._drops = drops_in(self._said) or self._drops
                    self._changed.notify_all()
        with self._changed:
            self._silent = True
            self._changed.notify_all()


def start(command: Sequence[str], name: str, lag: float, *, remote: bool = False) -> Child | Refusal:
    """A child that captures, or why there is none."""
    try:
        child = Child(command, name, lag, remote=remote)
    except OSError as fault:
        why = Why.PERMISSION if isinstance(fault, PermissionError) else Why.OTHER
        return Refusal(why, (fault.strerror or type(fault).__name__).lower())
    try:
        if child.ready():
            return child
    except BaseException:
        child.close()
        raise
    child.close()
    return refusal_in(child.said)


def _is_tcpdump(command: object) -> bool:
    return isinstance(command, list) and os.path.basename(str(command[0])).startswith("tcpdump")


@contextlib.contextmanager
def _without_interrupt(wanted: bool) -> Iterator[None]:
    """A program started here ignores Ctrl-C, as it inherits our ignoring it."""
    if not wanted or threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


def _widen(descriptor: int) -> None:
    """A larger pipe, where the system has such."""
    try:
        import fcntl

        fcntl.fcntl(descriptor, fcntl.F_SETPIPE_SZ, _PIPE)
    except (ImportError, AttributeError, OSError):
        pass
