"""Real TCP: oss2 and the stand-in on this machine, captured by tcpdump; skipped where tcpdump may not capture.

What the kernel does is its own affair (windows grow, segments are large), so only what must hold is asserted: who
stopped, and for about how long.
"""

from __future__ import annotations

import shutil
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from unittest import mock

import crcmod._crcfunpy as pure
import oss2
import pytest
from crcmod import crcmod

from analyzer.model.transfers import Slow, TransferReport
from analyzer.pipeline import analyze_transfers
from tests.recorder.scenes import BUCKET, ENDPOINT, KEY_ID, SECRET, SECRETS
from tests.recorder.standin import Mood, Standin
from tests.recorder.uploads import content
from tests.recorder.verify import Asked
from tests.recorder.wiretap import redirected

SIZE = 12 << 20
PAUSE = 1.5


@contextmanager
def captured(path: Path, port: int) -> Iterator[None]:
    """All that goes over the loopback interface to or from ``port``; skips the test where that is not allowed."""
    if shutil.which("tcpdump") is None:
        pytest.skip("tcpdump is not installed")
    command = ["tcpdump", "-i", "lo", "-s", "0", "-U", "-B", "65536", "-w", str(path), f"tcp port {port}"]
    dump = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    try:
        assert dump.stderr is not None
        if b"listening" not in dump.stderr.readline():
            pytest.skip("no right to capture on the loopback interface")
        yield
        size = -1
        while size != path.stat().st_size:  # what is under way reaches the file
            size = path.stat().st_size
            time.sleep(0.4)
    finally:
        dump.terminate()
        dump.communicate(timeout=10)


def played(tmp_path: Path, play: Callable[[Any], None], mood: Mood | None = None) -> TransferReport:
    """What is said of oss2's doings; the stand-in's checksum in pure Python would be slower than all of it."""
    path = tmp_path / "lo.pcap"
    quick = mock.patch("tests.recorder.standin.crc64", return_value=0)
    with Standin(SECRETS, mood=mood) as server, captured(path, server.address[1]), redirected(server.address[1]), quick:
        play(oss2.Bucket(oss2.Auth(KEY_ID, SECRET), ENDPOINT, BUCKET, enable_crc=False))
    return analyze_transfers([path])


def pauses(asked: Asked) -> None:
    """A server that reads no byte of an upload's body for a while."""
    if asked.method == "PUT":
        time.sleep(PAUSE)


def test_a_server_that_stops_reading_closes_its_window(tmp_path: Path) -> None:
    report = played(tmp_path, lambda box: box.put_object("a.bin", content(SIZE)), pauses)
    [one] = report.transfers
    assert one.speed is not None
    assert one.speed.waits[1] >= 0.5 * PAUSE * 1e9
    assert one.slow is Slow.WINDOW
    assert "stalled-window" in [trouble.cause.id for trouble in report.troubles]
    [line] = report.lines
    assert line.down.shift is not None
    assert line.down.closed_time >= 0.5 * PAUSE * 1e9


def test_a_client_that_stops_reading_closes_its_window(tmp_path: Path) -> None:
    def play(box: Any) -> None:
        box.put_object("a.bin", content(SIZE))
        answer = box.get_object("a.bin")
        answer.read(1000)
        time.sleep(PAUSE)
        while answer.read(1 << 16):
            pass

    report = played(tmp_path, play)
    [one] = [one for one in report.transfers if one.operation == "get"]
    assert one.speed is not None
    assert one.speed.waits[1] >= 0.5 * PAUSE * 1e9
    assert one.slow is Slow.WINDOW


def test_crcmod_in_pure_python_is_told_by_its_pauses(tmp_path: Path) -> None:
    def play(box: Any) -> None:
        box.enable_crc = True
        with (
            mock.patch.dict(crcmod._sizeMap, {64: (pure._crc64, pure._crc64r)}),
            pytest.raises(
                oss2.exceptions.InconsistentError  # the stand-in's checksum is none
            ),
        ):
            box.put_object("a.bin", content(6 << 20))

    for turn in range(8):  # on a busy machine the server may take the larger part
        folder = tmp_path / str(turn)
        folder.mkdir()
        report = played(folder, play)
        [one] = report.transfers
        assert one.speed is not None
        if one.speed.waits[0] >= 0.8 * (one.end - one.begin):
            break
    else:
        pytest.skip("the machine is too busy: the server pauses longer than the client")
    troubles = {trouble.cause.id: trouble.cause for trouble in report.troubles}
    assert troubles["client-idle"].title.key == "transfers.crcmod.title"
    if one.complete:  # tcpdump lost nothing: that lie is noticed
        assert "checksum" in troubles
