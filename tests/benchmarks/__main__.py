"""ossig against its peers, as whole processes on the same cached file: ``python -m tests.benchmarks``.

Strategy: a capture is generated in a process of its own and read once, so that it lies in the page cache. Then ossig
(A) and a peer (B) run in turns, A B A B, and each pair gives one ratio; the table shows the median of the ratios with
the least and the largest, because single times on a shared machine mean little. CPU time (user and system) and peak
memory come from ``wait4``. What ossig found is compared with the generator's truth, and a difference ends the run with
code 1. Peers that are not installed are skipped and named.

Cost: the default sizes take some minutes, most of it tshark; ``--full`` takes over an hour and 12 GB of disk.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

PYTHON = sys.executable
OSSIG = [PYTHON, "-m", "analyzer"]
TSHARK = ["tshark", "-n", "-o", "tcp.reassemble_out_of_order:TRUE", "-r"]
FIELDS = ["frame.number", "http.response.code", "http.response_for.uri", "ip.src", "tcp.port"]
ROOT = Path(__file__).resolve().parent.parent.parent
MEBI = 1 << 20
#: As a user runs it: with compiled modules and a buffered standard output.
ENVIRONMENT = {
    name: value for name, value in os.environ.items() if name not in ("PYTHONDONTWRITEBYTECODE", "PYTHONUNBUFFERED")
}


@dataclass(frozen=True, slots=True)
class Run:
    """One finished process."""

    wall: float  #: seconds
    cpu: float  #: seconds, user and system
    memory: int  #: bytes resident at the peak
    code: int


@dataclass(frozen=True, slots=True)
class Peer:
    """Something to compare with; ``command`` gets the capture and a scratch folder."""

    name: str
    program: str
    command: Callable[[str, str], list[str]]
    listing: bool = False  #: compared with ``ossig exchanges``, else with the diagnosis
    slow: bool = False


PEERS = (
    Peer("`tcpdump -w /dev/null`", "tcpdump", lambda file, _: ["tcpdump", "-r", file, "-w", "/dev/null"]),
    Peer("`tcpflow`", "tcpflow", lambda file, scratch: ["tcpflow", "-q", "-r", file, "-o", scratch]),
    Peer("dpkt loop", PYTHON, lambda file, _: [PYTHON, "-m", "tests.benchmarks.dpkt_loop", file], slow=True),
    Peer(
        "`tshark -Y http.response.code==403`",
        "tshark",
        lambda file, _: [*TSHARK, file, "-Y", "http.response.code==403"],
        slow=True,
    ),
    Peer(
        "`tshark -T fields`",
        "tshark",
        lambda file, _: [*TSHARK, file, "-Y", "http.response", "-T", "fields", *(x for f in FIELDS for x in ("-e", f))],
        listing=True,
        slow=True,
    ),
)


@dataclass(frozen=True, slots=True)
class Case:
    """A capture, and how many pairs are run with quick and with slow peers."""

    kind: str
    size: str
    connections: int = 64
    pairs: int = 5
    slow_pairs: int = 3

    @property
    def name(self) -> str:
        return f"{self.kind} {self.size}, {self.connections} connections at a time"


DEFAULT = (
    Case("bulk", "300M"), Case("tiny", "20M"), Case("downloads", "300M"), Case("gro", "300M"), Case("short", "20M"),
)  # fmt: skip
FULL = (
    Case("bulk", "1G"),
    Case("tiny", "1G", slow_pairs=1),
    Case("downloads", "1G"),
    Case("gro", "1G"),
    Case("short", "100M"),
    Case("bulk", "10G", connections=1000, pairs=3, slow_pairs=0),
)


def run(command: Sequence[str], output: Path | None = None) -> Run:
    """Run to the end; what the process writes goes to ``output`` or nowhere."""
    with open(output or os.devnull, "wb") as sink:
        begin = time.perf_counter()
        child = subprocess.Popen(command, stdout=sink, stderr=subprocess.DEVNULL, cwd=ROOT, env=ENVIRONMENT)
        _, status, used = os.wait4(child.pid, 0)
        wall = time.perf_counter() - begin
    child.returncode = os.waitstatus_to_exitcode(status)
    return Run(wall, used.ru_utime + used.ru_stime, used.ru_maxrss * 1024, child.returncode)


def cached(path: Path) -> None:
    """Read the file once."""
    with path.open("rb", buffering=0) as file:
        buffer = bytearray(4 * MEBI)
        while file.readinto(buffer):
            pass


def wrong(path: Path, scratch: Path) -> str | None:
    """What ossig says of the capture against the truth; None when all of it agrees."""
    truth = json.loads(path.with_name(path.name + ".json").read_text(encoding="utf-8"))
    told = scratch / "report.json"
    code = run([*OSSIG, str(path), "--format", "json"], told).code
    if code != (1 if truth["mismatches"] else 0):
        return f"exit code {code}"
    report = json.loads(told.read_text(encoding="utf-8"))
    found = sorted(one["response"]["error"]["request_id"] for one in report["findings"])
    exchanges = sum(one["exchanges"] for one in report["captures"])
    if found != truth["mismatches"]:
        return f"{len(found)} failures found, {len(truth['mismatches'])} are in it, or not the same ones"
    return None if exchanges == truth["exchanges"] else f"{exchanges} exchanges found, {truth['exchanges']} are in it"


def spread(values: Sequence[float], form: str = ".2f") -> str:
    """Median, least and largest."""
    middle = format(statistics.median(values), form)
    return middle if len(values) == 1 else f"{middle} ({min(values):{form}}-{max(values):{form}})"


def _pairs(case: Case, peer: Peer, path: Path, scratch: Path) -> list[tuple[Run, Run]]:
    """ossig and the peer in turns."""
    mine = [*OSSIG, *(["exchanges"] if peer.listing else []), str(path)]
    done = []
    for _ in range(case.slow_pairs if peer.slow else case.pairs):
        ours = run(mine)
        folder = tempfile.mkdtemp(dir=scratch)
        done.append((ours, run(peer.command(str(path), folder))))
        shutil.rmtree(folder)
    return done


def _row(case: Case, peer: Peer, pairs: Sequence[tuple[Run, Run]]) -> str:
    """One line: peer's time by ours, so more than 1 means that ossig is faster."""
    ours, theirs = [a for a, _ in pairs], [b for _, b in pairs]
    cells = [
        case.name,
        "`ossig exchanges`" if peer.listing else "`ossig`",
        peer.name,
        f"**{spread([b.wall / a.wall for a, b in pairs])}**",
        spread([b.cpu / a.cpu for a, b in pairs]),
        f"{statistics.median(a.wall for a in ours):.2f} / {statistics.median(b.wall for b in theirs):.2f}",
        f"{max(a.memory for a in ours) // MEBI} / {max(b.memory for b in theirs) // MEBI}",
    ]
    return "| " + " | ".join(cells) + " |"


def measure(case: Case, folder: Path, peers: Sequence[Peer], path: Path) -> bool:
    """Check and measure one capture; False where ossig was wrong about it."""
    cached(path)
    fault = wrong(path, folder)
    if fault is not None:
        print(f"\n{case.name}: WRONG: {fault}\n", flush=True)
    for peer in peers:
        pairs = _pairs(case, peer, path, folder)
        if pairs:
            print(_row(case, peer, pairs), flush=True)
    return fault is None


def generated(case: Case, folder: Path, peers: Sequence[Peer]) -> bool:
    """Generate a capture, measure it and delete it."""
    path = folder / f"{case.kind}.pcap"
    made = [PYTHON, "-m", "tests.benchmarks.generate", case.kind, case.size, str(path)]
    subprocess.run([*made, "--connections", str(case.connections)], check=True, cwd=ROOT, stdout=subprocess.DEVNULL)
    try:
        return measure(case, folder, peers, path)
    finally:
        path.unlink()


def chosen(asked: argparse.Namespace) -> tuple[Case, ...]:
    """The cases that the options name."""
    cases = FULL if asked.full else DEFAULT
    kinds = asked.kind or [case.kind for case in cases]
    named = [case for case in cases if case.kind in kinds]
    if asked.size is None:
        return tuple(named)
    return tuple(
        Case(kind, asked.size, asked.connections, asked.pairs, asked.slow_pairs) for kind in dict.fromkeys(kinds)
    )


def main() -> int:
    """Command line; 1 where ossig was wrong about a capture."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks", description="ossig against its peers.")
    parser.add_argument("--full", action="store_true", help="1 GB of each kind, and 10 GB with 1,000 connections")
    parser.add_argument("--kind", action="append", choices=sorted({case.kind for case in FULL}), help="only this one")
    parser.add_argument("--size", help="instead of the usual sizes: 300M, 10G")
    parser.add_argument("--connections", type=int, default=64, help="open at a time; with --size or --capture")
    parser.add_argument("--pairs", type=int, default=5, help="with --size")
    parser.add_argument("--slow-pairs", type=int, default=3, help="with --size; of tshark and dpkt")
    parser.add_argument(
        "--folder", type=Path, help="where the captures are made; else the system's for temporary files"
    )
    parser.add_argument("--capture", type=Path, help="measure this capture, which the generator has made before")
    parser.add_argument("--peer", default="", help="only peers with this in their names: tshark")
    asked = parser.parse_args()
    named = [peer for peer in PEERS if asked.peer in peer.name]
    peers = [peer for peer in named if shutil.which(peer.program)]
    for program in sorted({peer.program for peer in named if peer not in peers}):
        print(f"{program} is not installed; what is measured against it is left out.")
    print(f"{os.cpu_count()} CPUs, Python {sys.version.split()[0]}. Ratios: the peer's time by ossig's.\n")
    print("| capture | A | B | B/A wall: median (range) | B/A CPU | seconds A / B | peak MiB A / B |")
    print("| --- | --- | --- | --- | --- | --- | --- |", flush=True)
    with tempfile.TemporaryDirectory(dir=asked.folder) as folder:
        if asked.capture is not None:
            truth = json.loads(asked.capture.with_name(asked.capture.name + ".json").read_text(encoding="utf-8"))
            size = f"{truth['bytes'] // 1_000_000} MB"
            case = Case(truth["kind"], size, asked.connections, asked.pairs, asked.slow_pairs)
            right = [measure(case, Path(folder), peers, asked.capture.resolve())]
        else:
            right = [generated(case, Path(folder), peers) for case in chosen(asked)]
    return 0 if all(right) else 1


if __name__ == "__main__":
    sys.exit(main())
