"""The machine as it is: the interpreter asked about itself, the environment, netrc, rights, and a clock if wanted.

Everything that the checks of ``analyzer.doctor`` judge is gathered here, once. No connection is opened unless a clock
to compare with is named. Of the environment only the variables that matter are taken along; of a netrc file only the
names of hosts.
"""

from __future__ import annotations

import json
import os
import platform
import re
import shutil
import struct
import subprocess
import sys
import time
from collections.abc import Iterator
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from analyzer.cli.output import path_value
from analyzer.model.doctor import Clock, Crc, Interpreter, Machine, Rights
from analyzer.model.errors import Fault
from analyzer.model.notes import note

__all__ = ["machine", "netrc_hosts"]

_VARIABLES = re.compile(
    r"(?:http|https|all|no)_proxy|REQUEST_METHOD|OBJC_DISABLE_INITIALIZE_FORK_SAFETY", re.IGNORECASE
)
_PROBE_SECONDS, _CLOCK_SECONDS = 60, 10
_MAX_NETRC = 1 << 20
_CAP_NET_RAW = 13


def machine(python: str | None, host: str, clock: str | None) -> Machine:
    """This machine. ``python``: the interpreter to examine instead of ours; ``clock``: a URL whose Date to ask for."""
    return Machine(
        platform.system(),
        host,
        {name: value for name, value in os.environ.items() if _VARIABLES.fullmatch(name)},
        _interpreter(python),
        _netrc_hosts(),
        _rights(),
        _clock(clock) if clock is not None else None,
    )


def _interpreter(chosen: str | None) -> Interpreter | None:
    probe = Path(__file__).with_name("probe.py")
    command = [chosen or sys.executable, "-B", str(probe)]
    try:
        # The program is the user's own Python, named by the user; the script is ours.
        done = subprocess.run(command, capture_output=True, timeout=_PROBE_SECONDS, check=False)  # noqa: S603
        told = json.loads(done.stdout)
    except OSError as fault:
        if chosen is not None:
            raise Fault(note("doctor.python.not-run", path=path_value(chosen), reason=_words(fault))) from None
        return None
    except (ValueError, subprocess.SubprocessError):
        if chosen is not None:
            raise Fault(note("doctor.python.no-python", path=path_value(chosen))) from None
        return None
    return _read(told)


def _words(fault: OSError) -> str:
    """Why, in the system's words where it has some."""
    return (fault.strerror or str(fault) or type(fault).__name__).lower()


def _read(told: dict[str, Any]) -> Interpreter:
    crc = told["crc"]
    return Interpreter(
        told["executable"],
        told["version"],
        tuple((str(name), str(version)) for name, version in told["packages"]),
        Crc(
            tuple(crc["claimed_by"]),
            tuple(crc["files_of"]),
            crc["works"],
            crc["extension"],
            crc.get("with_extension"),
            crc.get("without"),
            crc.get("problem"),
        )
        if crc is not None
        else None,
        tuple(told["added"]) if told["added"] is not None else None,
        told["rewritten"],
    )


def _netrc_hosts() -> tuple[str, ...]:
    """Hosts that the netrc file has credentials for, as requests looks for it. The credentials are not kept."""
    named = os.environ.get("NETRC")
    home = Path(os.path.expanduser("~"))
    for place in [Path(named)] if named else [home / name for name in (".netrc", "_netrc")]:
        try:
            with place.open("rb") as file:
                return tuple(netrc_hosts(file.read(_MAX_NETRC).decode("utf-8", "replace")))
        except OSError:
            continue
    return ()


def netrc_hosts(text: str) -> Iterator[str]:
    """Names behind ``machine``, and ``default``; what stands behind the other words is skipped unseen."""
    words = iter(text.split())
    for word in words:
        if word == "machine":
            yield next(words, "")
        elif word in ("login", "password", "account"):
            next(words, "")
        elif word == "default":
            yield word


# Right to capture ----------------------------------------------------------------------------------------------------


def _rights() -> Rights:
    tool = next((found for name in ("dumpcap", "tcpdump") if (found := _tool(name)) is not None), None)
    if os.name == "nt":
        return Rights(tool, None)
    if platform.system() == "Darwin":
        return Rights(tool, any(os.access(f"/dev/bpf{n}", os.R_OK | os.W_OK) for n in range(4)))
    return Rights(tool, os.geteuid() == 0 or _has_raw_sockets() or (tool is not None and _file_may_capture(tool)))


def _tool(name: str) -> str | None:
    places = os.pathsep.join((os.environ.get("PATH", os.defpath), "/usr/sbin", "/sbin"))
    return shutil.which(name, path=places)


def _has_raw_sockets() -> bool:
    """CAP_NET_RAW among our own effective capabilities."""
    try:
        with open("/proc/self/status", encoding="ascii", errors="replace") as status:
            line = next((line for line in status if line.startswith("CapEff:")), "CapEff: 0")
        return bool(int(line.split()[1], 16) >> _CAP_NET_RAW & 1)
    except (OSError, ValueError, IndexError):
        return False


def _file_may_capture(path: str) -> bool:
    """The tool carries CAP_NET_RAW itself, or runs as root, and we may run it (capabilities(7), vfs_cap_data)."""
    try:
        real = os.path.realpath(path)
        if not os.access(real, os.X_OK):
            return False
        status = os.stat(real)
        if status.st_mode & 0o4000 and status.st_uid == 0:
            return True
        _, permitted = struct.unpack_from("<II", os.getxattr(real, "security.capability"))
        return bool(permitted >> _CAP_NET_RAW & 1)
    except (OSError, struct.error, AttributeError):
        return False


# Clock ---------------------------------------------------------------------------------------------------------------


def _clock(url: str) -> Clock:
    """The Date of an answer to HEAD, beside ours in the middle of the exchange. The one place that opens a
    connection, and only when asked to. Proxies are not used: their clock is not the server's."""
    import http.client
    import ssl

    parts = urlsplit(url if "://" in url else f"http://{url}")
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise Fault(note("doctor.clock.no-url"))
    name = parts.hostname
    try:
        kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
        connection = kind(name, parts.port, timeout=_CLOCK_SECONDS)
        before = time.time_ns()
        connection.request("HEAD", "/", headers={"User-Agent": "ossig"})
        date = connection.getresponse().getheader("Date")
        after = time.time_ns()
        connection.close()
        # A Date is cut to whole seconds: on the average it stands for half a second later.
        server = int(parsedate_to_datetime(date).timestamp()) * 1_000_000_000 + 500_000_000 if date else None
    except ssl.SSLError:
        return Clock(name, None, None, "TLS")
    except OSError as fault:
        return Clock(name, None, None, _words(fault))
    except http.client.HTTPException:
        return Clock(name, None, None, "HTTP")
    except ValueError:
        return Clock(name, None, None, "Date")
    return Clock(name, server, (before + after) // 2, None if server is not None else "Date")
