"""The checks: one row each, a function from ``Machine`` to what it found.

A check that has nothing to say on this machine says nothing. What is only a habit of a library is told as such
(``ok``); what may bite is a warning; ``wrong`` is what makes uploads slow or requests fail.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from analyzer.doctor.known import KNOWN, numbers
from analyzer.doctor.proxies import bypassed, proxies
from analyzer.model.doctor import Checked, Clock, Health, Interpreter, Machine, Verdict
from analyzer.model.notes import Kind, Wire, note

__all__ = ["CHECKS", "PROBE_TARGET", "Check", "examine"]

OK, WARNING, WRONG, UNKNOWN = Verdict.OK, Verdict.WARNING, Verdict.WRONG, Verdict.UNKNOWN

#: A target that a library which rewrites URLs would rewrite: dot segments, escapes of unreserved characters, case.
PROBE_TARGET = "/a/./b/../c%2fd%7Ee"
#: OSS refuses requests whose clock is further off (error 0002-00000504: 900 000 ms); half a minute is worth a look.
_SKEW, _NOTICEABLE = 900, 30
_FORK = "OBJC_DISABLE_INITIALIZE_FORK_SAFETY"
_SECOND = 1_000_000_000

Found = Iterator[Checked]


@dataclass(frozen=True, slots=True)
class Check:
    """A row."""

    id: str
    run: Callable[[Machine], Found]
    source: str


def examine(machine: Machine) -> Health:
    """Every check's outcome, in the order of the table."""
    return Health(machine, tuple(one for check in CHECKS for one in check.run(machine)))


# crcmod --------------------------------------------------------------------------------------------------------------


def _interpreter(machine: Machine) -> Found:
    if machine.interpreter is None:
        yield Checked("python", UNKNOWN, note("doctor.python.unknown"))


def _crcmod(machine: Machine) -> Found:
    """crcmod without its C extension makes every upload and download by the SDK wait for the CPU."""
    crc = machine.interpreter.crc if machine.interpreter is not None else None
    if crc is None:
        if machine.interpreter is not None and _needs_crc(machine.interpreter):
            yield Checked("crcmod", WRONG, note("doctor.crcmod.missing"), note("doctor.crcmod.reinstall"))
        return
    values = (
        ("works", crc.works),
        ("extension", crc.extension),
        ("mb_per_second_with_extension", _megabytes(crc.with_extension)),
        ("mb_per_second_without", _megabytes(crc.without)),
    )
    if not crc.works:
        told = note("doctor.crcmod.broken", problem=crc.problem or "?")
        yield Checked("crcmod", WRONG, told, note("doctor.crcmod.reinstall"), values)
    elif crc.extension:
        told = note("doctor.crcmod.fast", fast=_speed(crc.with_extension), slow=_speed(crc.without))
        yield Checked("crcmod", OK, told, None, values)
    else:
        told = note("doctor.crcmod.slow", slow=_speed(crc.without))
        yield Checked("crcmod", WRONG, told, note("doctor.crcmod.build"), values)


def _needs_crc(python: Interpreter) -> bool:
    return any(name in ("oss2", "alibabacloud-oss-v2") for name, _ in python.packages)


def _megabytes(speed: float | None) -> float | None:
    return None if speed is None else round(speed / 1e6, 1)


def _speed(speed: float | None) -> str:
    return "?" if speed is None else f"{speed / 1e6:,.0f}" if speed >= 1e8 else f"{speed / 1e6:,.1f}"


def _crcmod_owner(machine: Machine) -> Found:
    """crcmod and crcmod-plus write into one folder: the later one stands there, and removing either breaks both."""
    crc = machine.interpreter.crc if machine.interpreter is not None else None
    if crc is None or not crc.claimed_by:
        return
    values = (("installed", ", ".join(crc.claimed_by)), ("files_of", ", ".join(crc.files_of) or None))
    if len(crc.claimed_by) == 1:
        if not crc.files_of:
            yield Checked(
                "crcmod-owner", WARNING, note("doctor.owner.foreign", package=crc.claimed_by[0]), _AGAIN, values
            )
        return
    standing = crc.files_of[0] if len(crc.files_of) == 1 else None
    if standing is None:
        yield Checked("crcmod-owner", WRONG, note("doctor.owner.mixed"), _AGAIN, values)
    else:
        yield Checked("crcmod-owner", WARNING, note("doctor.owner.clobbered", standing=standing), _KEEP, values)


_AGAIN = note("doctor.crcmod.reinstall")
_KEEP = note("doctor.owner.keep")


# Packages ------------------------------------------------------------------------------------------------------------


def _packages(machine: Machine) -> Found:
    """Versions, and what they are known to do."""
    if machine.interpreter is None:
        return
    installed = dict(machine.interpreter.packages)
    if not installed:
        yield Checked("packages", OK, note("doctor.packages.none"))
        return
    named = tuple(f"{name} {version}" for name, version in machine.interpreter.packages)
    yield Checked("packages", OK, note("doctor.packages.versions", packages=named), None, machine.interpreter.packages)
    for known in KNOWN:
        version = installed.get(known.package)
        if version is not None and known.applies(numbers(version)):
            remedy = note("doctor.packages.upgrade", package=known.package) if known.verdict is not OK else None
            yield Checked(known.package, known.verdict, known.statement, remedy, (), known.source)


def _added(machine: Machine) -> Found:
    """A Content-Type that the HTTP library puts on a body behind the signer's back is the FAQ's own case."""
    python = machine.interpreter
    if python is None or python.added is None:
        return
    unasked = tuple(name for name in python.added if name.lower() in ("content-type", "content-md5", "date"))
    values = (("added", ", ".join(python.added)),)
    if unasked:
        told = note("doctor.added.signed", names=unasked)
        yield Checked("added-headers", WRONG, told, note("doctor.packages.upgrade", package="requests"), values)
    else:
        yield Checked("added-headers", OK, note("doctor.added.harmless", names=python.added), None, values)


def _rewritten(machine: Machine) -> Found:
    """The URL that goes out is not the one that was signed."""
    python = machine.interpreter
    if python is None or python.rewritten is None or python.rewritten == PROBE_TARGET:
        return
    told = note("doctor.rewritten", before=PROBE_TARGET, after=python.rewritten)
    yield Checked("rewritten-url", OK, told, None, (("before", PROBE_TARGET), ("after", python.rewritten)))


# The way to OSS ------------------------------------------------------------------------------------------------------


def _proxies(machine: Machine) -> Found:
    """Proxies may add and change headers; plain HTTP through one is theirs to rewrite."""
    host = Wire(machine.host.encode(), Kind.HOST)
    found = tuple(proxies(machine.environment))
    if not found:
        yield Checked("proxy", OK, note("doctor.proxy.none"))
        return
    free = bypassed(machine.environment, machine.host)
    for proxy in found:
        address = Wire(proxy.address.encode("utf-8", "backslashreplace"), Kind.ADDRESS)
        values = (
            ("variable", proxy.variable),
            ("proxy", proxy.address),
            ("credentials", proxy.credentials),
            ("bypassed", free),
        )
        if free:
            told = note("doctor.proxy.bypassed", variable=proxy.variable, proxy=address, host=host)
            yield Checked("proxy", OK, told, None, values)
        else:
            told = note("doctor.proxy.used", variable=proxy.variable, proxy=address, host=host)
            yield Checked("proxy", WARNING, told, note("doctor.proxy.remedy", host=host), values)


def _netrc(machine: Machine) -> Found:
    """requests replaces an Authorization header by what ~/.netrc holds for the host."""
    name = machine.host.partition(":")[0].lower()
    hit = next((host for host in machine.netrc if host == "default" or host.lower() == name), None)
    if hit is not None:
        told = note("doctor.netrc", host=Wire(hit.encode("utf-8", "backslashreplace"), Kind.HOST))
        yield Checked("netrc", WRONG, told, note("doctor.netrc.remedy"), (("host", hit),))


def _clock(machine: Machine) -> Found:
    """Requests are refused when the clock is a quarter of an hour off."""
    clock = machine.clock
    if clock is None:
        return
    host = Wire(clock.host.encode("utf-8", "backslashreplace"), Kind.HOST)
    apart = _apart(clock)
    if apart is None:
        yield Checked("clock", UNKNOWN, note("doctor.clock.unknown", host=host, reason=clock.problem or "?"))
        return
    values = (("seconds", apart),)
    if abs(apart) > _SKEW:
        yield Checked(
            "clock", WRONG, note("doctor.clock.far", seconds=apart, host=host), note("doctor.clock.remedy"), values
        )
    elif abs(apart) > _NOTICEABLE:
        told = note("doctor.clock.off", seconds=apart, host=host)
        yield Checked("clock", WARNING, told, note("doctor.clock.remedy"), values)
    else:
        yield Checked("clock", OK, note("doctor.clock.right", seconds=abs(apart), host=host), None, values)


def _apart(clock: Clock) -> int | None:
    """This machine minus the server, whole seconds."""
    if clock.server is None or clock.local is None:
        return None
    return round((clock.local - clock.server) / _SECOND)


# This machine --------------------------------------------------------------------------------------------------------


def _capture(machine: Machine) -> Found:
    """Needed only for capturing, not for reading captures."""
    rights = machine.rights
    values = (("tool", rights.tool), ("allowed", rights.allowed))
    if rights.allowed:
        yield Checked("capture", OK, note("doctor.capture.allowed", tool=rights.tool or "scapy"), None, values)
        return
    remedy = note(_CAPTURE_REMEDIES.get(machine.system, "doctor.capture.remedy-linux"))
    if rights.allowed is None:
        yield Checked("capture", UNKNOWN, note("doctor.capture.unknown"), remedy, values)
    else:
        yield Checked("capture", WARNING, note("doctor.capture.denied"), remedy, values)


_CAPTURE_REMEDIES = {
    "Linux": "doctor.capture.remedy-linux",
    "Darwin": "doctor.capture.remedy-macos",
    "Windows": "doctor.capture.remedy-windows",
}


def _fork(machine: Machine) -> Found:
    """A process that forks while threads run dies on macOS, in Objective-C's runtime."""
    if machine.system != "Darwin":
        return
    value = machine.environment.get(_FORK)
    values = (("value", value),)
    if value == "YES":
        yield Checked("fork-safety", OK, note("doctor.fork.set"), None, values)
    else:
        yield Checked("fork-safety", WARNING, note("doctor.fork.unset"), note("doctor.fork.remedy"), values)


CHECKS: tuple[Check, ...] = (
    Check("python", _interpreter, "the interpreter itself"),
    Check("crcmod", _crcmod, "FAQ on slow uploads; aliyun/aliyun-oss-python-sdk issue 76"),
    Check(
        "crcmod-owner", _crcmod_owner, "aliyun/alibabacloud-oss-python-sdk-v2 issue 167; RECORD files of both wheels"
    ),
    Check("packages", _packages, "analyzer/doctor/known.py"),
    Check("added-headers", _added, "FAQ of the Python SDK; requests/models.py, prepare_body"),
    Check("rewritten-url", _rewritten, "urllib3 CHANGES, 1.25"),
    Check("proxy", _proxies, "requests/utils.py, get_environ_proxies"),
    Check("netrc", _netrc, 'requests documentation, "Custom Headers"'),
    Check("clock", _clock, "error 0002-00000504"),
    Check("capture", _capture, "tcpdump(1), capabilities(7)"),
    Check("fork-safety", _fork, "FAQ of the Python SDK; Python bug 33725"),
)
