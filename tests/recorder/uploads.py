"""Scenes of uploads: what becomes of them when lines break and programs are slow."""

from __future__ import annotations

import hashlib
import io
import tempfile
import time
from pathlib import Path
from typing import Any

import oss2
import pytest

from tests.recorder.standin import HangUp, Mood
from tests.recorder.verify import Asked

PART = 100 << 10  #: the smallest that oss2 uploads resumably
SLOW_READS, READ, PAUSE = 20, 16 << 10, 0.025


def content(size: int) -> bytes:
    """Bytes that no part shares with another, always the same."""
    blocks = (hashlib.sha256(number.to_bytes(4, "big")).digest() for number in range(-(-size // 32)))
    return b"".join(blocks)[:size]


def resets_once() -> Mood:
    """A server whose side resets the connection in the middle of part 2, the first time."""
    left = [1]

    def mood(asked: Asked) -> None:
        if asked.param("partNumber") == b"2" and asked.method == "PUT" and left:
            left.clear()
            raise HangUp

    return mood


def multipart(box: Any) -> None:
    """A resumable upload whose second part is reset, resumed and completed; an aborted one; one that is forgotten."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "archive.bin"
        file.write_bytes(content(2 * PART + 5_000))
        upload = {"store": oss2.ResumableStore(root=folder), "multipart_threshold": PART, "part_size": PART}
        with pytest.raises(oss2.exceptions.RequestError):
            oss2.resumable_upload(box, "backup/archive.bin", str(file), num_threads=1, **upload)
        oss2.resumable_upload(box, "backup/archive.bin", str(file), num_threads=1, **upload)
    aborted = box.init_multipart_upload("backup/aborted.bin").upload_id
    box.upload_part("backup/aborted.bin", aborted, 1, content(20_000))
    box.abort_multipart_upload("backup/aborted.bin", aborted)
    forgotten = box.init_multipart_upload("backup/forgotten.bin").upload_id
    for number in (1, 2):
        # Part 2 has had its reset; the mood is over.
        box.upload_part("backup/forgotten.bin", forgotten, number, content(16_000 + number))


class SlowFile(io.BytesIO):
    """A source that takes its time, as a busy disk or a checksum in pure Python does."""

    def read(self, size: int | None = -1, /) -> bytes:
        time.sleep(PAUSE)
        return super().read(min(READ, size) if size is not None and size >= 0 else READ)


def slow_client(box: Any) -> None:
    """oss2 uploads from a source that pauses before every block."""
    box.put_object("video/slow.bin", SlowFile(content(SLOW_READS * READ)))
