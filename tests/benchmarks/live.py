"""What a live capture loses, and how late and how large it becomes: ``python -m tests.benchmarks.live``.

Everything happens in a network namespace of its own, on its loopback. The flood: a generated capture (uploads and
downloads, about 1,000 bytes a packet) is sent again and again at a given number of packets a second; beside it oss2 is
refused by the stand-in once a second. Then three counts are compared: what was sent, what ossig analysed, and what the
capturing program says it lost; and the findings with the failures that are in the capture. The soak: short connections
with exchanges of all kinds for as long as one likes, while the memory of ossig is watched.

Needs root, unshare (util-linux), ip (iproute2), and tcpdump or dumpcap. Code 1 where packets were lost or memory grew.
"""

from __future__ import annotations

import argparse
import ctypes
import json
import mmap
import os
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path

import numpy as np
import oss2

from analyzer.capture.pcap import PcapReader
from analyzer.capture.records import SLACK
from tests.benchmarks.__main__ import MEBI, ROOT
from tests.recorder.scenes import KEY_ID, OTHER_SECRET, SECRETS, TEXT, bucket
from tests.recorder.standin import Standin
from tests.recorder.wiretap import redirected
from tests.support.capturing import LiveRun

TICK = 0.005  #: seconds between two bursts


def on_the_wire() -> int:
    """Packets that the loopback has passed on."""
    for line in Path("/proc/net/dev").read_text("ascii").splitlines():
        if line.strip().startswith("lo:"):
            return int(line.split(":")[1].split()[9])
    return 0


class Flood(threading.Thread):
    """Sends the packets of a generated capture over the loopback, round after round, each with other client addresses.

    The kernel takes the frames out of the mapped file, a thousand a call (sendmmsg(2)), so sending costs little. Nobody
    is addressed by them: the kernel drops them once whoever captures has seen them.
    """

    def __init__(self, capture: Path, rate: int) -> None:
        super().__init__(daemon=True)
        self.rate = rate
        self.ended = threading.Event()
        self.sent = 0
        self.rounds = 0  #: whole ones
        size = capture.stat().st_size
        with capture.open("rb") as file:
            self._map = mmap.mmap(
                file.fileno(), size, mmap.MAP_PRIVATE | mmap.MAP_POPULATE, mmap.PROT_READ | mmap.PROT_WRITE
            )
        self._bytes = np.frombuffer(self._map, np.uint8)
        reader = PcapReader()
        packets = reader.take(bytearray(self._map[:]) + bytes(SLACK), 0, size, 0).packets
        assert packets is not None
        self._at, self._length = packets.data, packets.captured
        outgoing = self._bytes[self._at + 26] == 10  # clients are 10.x.y.z
        self._clients = np.concatenate((self._at[outgoing] + 27, self._at[~outgoing] + 31))
        self._vectors = np.empty((len(packets), 2), np.uint64)
        self._vectors[:, 0] = self._bytes.ctypes.data + self._at
        self._vectors[:, 1] = self._length
        self._messages = np.zeros((len(packets), 8), np.uint64)  # struct mmsghdr of 64-bit Linux
        self._messages[:, 2] = self._vectors.ctypes.data + 16 * np.arange(len(packets), dtype=np.uint64)
        self._messages[:, 3] = 1
        self._socket = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0)
        self._socket.bind(("lo", 0))
        self._send = ctypes.CDLL(None, use_errno=True).sendmmsg

    def run(self) -> None:
        """Send until told to end."""
        begun, next_one = time.monotonic(), 0
        while not self.ended.is_set():
            owed = int((time.monotonic() - begun) * self.rate) - self.sent
            while owed > 0:
                count = min(owed, 1000, len(self._at) - next_one)
                where = ctypes.c_void_p(self._messages.ctypes.data + 64 * next_one)
                done = self._send(self._socket.fileno(), where, count, 0)
                if done <= 0:
                    break
                self.sent += done
                owed -= done
                next_one += done
                if next_one == len(self._at):
                    next_one = 0
                    self.rounds += 1
                    self._bytes[self._clients] = self.rounds % 256
            time.sleep(TICK)
        self._socket.close()


def refused() -> None:
    """One signed request, refused."""
    with suppress(oss2.exceptions.ServerError):
        bucket(oss2.Auth(KEY_ID, OTHER_SECRET)).put_object("docs/a.txt", TEXT)


@contextmanager
def captured(engine: str, *ports: int, more: tuple[str, ...] = ()) -> Iterator[LiveRun]:
    """A running ``ossig live`` that sees these ports."""
    options = [word for port in ports for word in ("--port", str(port))]
    with LiveRun("-i", "lo", "--with", engine, *options, *more) as run:
        run.captures()
        yield run


def resident(pid: int) -> int:
    """Bytes."""
    return int(Path(f"/proc/{pid}/statm").read_text("ascii").split()[1]) * os.sysconf("SC_PAGE_SIZE")


def used(pid: int) -> float:
    """Seconds of CPU of a process and its children that are still there."""
    total = 0.0
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text("ascii").split()
    for one in (str(pid), *children):
        fields = Path(f"/proc/{one}/stat").read_text("ascii").rpartition(")")[2].split()
        total += (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
    return total


def delays(run: LiveRun) -> list[float]:
    """Seconds from the first segment of an answer to the line about it; a finding counts once."""
    seen: dict[str, float] = {}
    for when, line in run.lines:
        told = json.loads(line)
        if "id" in told:
            moment = datetime.fromisoformat(told["response"]["time"][:26].rstrip("Z") + "+00:00")
            seen.setdefault(told["id"], when - moment.timestamp())
    return list(seen.values())


def flood(engine: str, rate: int, seconds: float, folder: str) -> bool:
    """One run; True where nothing was lost."""
    capture = Path(folder) / "flood.pcap"
    made = [sys.executable, "-m", "tests.benchmarks.generate", "bulk", "300M", str(capture)]
    subprocess.run(made, check=True, cwd=ROOT, stdout=subprocess.DEVNULL)
    truth = json.loads(capture.with_name("flood.pcap.json").read_text("utf-8"))
    with Standin(SECRETS) as server, redirected(server.address[1]):
        flooding = Flood(capture, rate)
        with captured(engine, 80, server.address[1]) as run:
            before, begun = on_the_wire(), time.monotonic()
            flooding.start()
            while time.monotonic() - begun < seconds:
                time.sleep(1)
                refused()
            flooding.ended.set()
            flooding.join()
            passed = time.monotonic() - begun
            time.sleep(0.5)
            sent, cpu, memory = on_the_wire() - before, used(run.pid), resident(run.pid)
            run.signal(signal.SIGINT)
            run.ended()
        whole = json.loads(run.lines[-1][1])["captures"][0]
        late = delays(run)
    failures = flooding.rounds * len(truth["mismatches"])
    print(
        f"{engine}: {sent:,} packets in {passed:.0f} s ({sent / passed:,.0f}/s) on the loopback, "
        f"{whole['packets']:,} analysed ({sent - whole['packets']:,} less), {whole['drops']} lost while capturing; "
        f"{whole['exchanges']:,} exchanges, {len(late)} findings (at least {failures + int(seconds)} are in it) after "
        f"{statistics.median(late):.2f} s (median), {max(late):.2f} s (most); "
        f"CPU {cpu / passed:.2f} of a core with its child, {memory // MEBI} MiB"
    )
    return not whole["drops"] and whole["packets"] >= sent and len(late) >= failures


def soak(engine: str, seconds: float, folder: str) -> bool:
    """Exchanges without end; True where memory does not grow in the second half."""
    with Standin(SECRETS) as server, redirected(server.address[1]):
        more = ("--save", folder, "--save-size", "10", "--save-files", "3")
        with captured(engine, server.address[1], more=more) as run:
            begun, turn = time.monotonic(), 0
            sizes: list[int] = []
            step = seconds / 20
            while (passed := time.monotonic() - begun) < seconds:
                box = bucket()
                box.put_object(f"docs/{turn}", TEXT)
                box.get_object(f"docs/{turn}").read()
                if turn % 10 == 0:
                    refused()
                turn += 1
                if passed >= step * (len(sizes) + 1):
                    sizes.append(resident(run.pid))
                    kept = sum(path.stat().st_size for path in Path(folder).iterdir())
                    print(
                        f"{passed:6.0f} s  {turn:>8,} connections  {len(run.lines):>6,} findings  "
                        f"{sizes[-1] / MEBI:6.1f} MiB  {kept / 1e6:6.1f} MB on disk",
                        flush=True,
                    )
            run.signal(signal.SIGINT)
            run.ended()
    half = len(sizes) // 2
    return max(sizes[half:]) < 1.1 * max(sizes[:half])


def main() -> int:
    """Command line."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.live", description=__doc__.split("\n")[0])
    parser.add_argument("--with", dest="engine", default="auto", choices=["auto", "dumpcap", "tcpdump", "sockets"])
    parser.add_argument("--rate", type=int, default=100_000, help="packets a second")
    parser.add_argument("--seconds", type=float, default=30.0)
    parser.add_argument("--soak", action="store_true", help="memory instead of loss")
    asked = parser.parse_args()
    if "OSSIG_BENCHMARK_INSIDE" not in os.environ:
        inside = ["unshare", "-n", sys.executable, "-m", "tests.benchmarks.live", *sys.argv[1:]]
        environment = {**os.environ, "OSSIG_BENCHMARK_INSIDE": "1"}
        return subprocess.run(inside, cwd=ROOT, env=environment, check=False).returncode
    subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
    with tempfile.TemporaryDirectory() as folder:
        if asked.soak:
            fine = soak(asked.engine, asked.seconds, folder)
        else:
            fine = flood(asked.engine, asked.rate, asked.seconds, folder)
    return 0 if fine else 1


if __name__ == "__main__":
    sys.exit(main())
