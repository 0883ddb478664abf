"""Causes at the ends: bytes that arrived changed, fragments left behind, refusals, and who was slow."""

from __future__ import annotations

from analyzer.model.findings import Certainty
from analyzer.model.notes import Kind, Note, Wire, note
from analyzer.model.transfers import Check, Slow, State, Transfer, Trouble, Upload
from analyzer.oss.codes import ERROR_CODES, SIGNATURE_GROUPS
from analyzer.transfers.causes.base import ABORT_CODE, LIKELY, POSSIBLE, PROVEN, SECOND, Explained, Row
from analyzer.transfers.causes.network import seconds
from analyzer.transfers.picture import Picture
from analyzer.transfers.reading import DATA, PYTHON_SDK

__all__ = ["ROWS"]

#: A program counts as slow where it held up so much of a transfer, for so long, of so many bytes.
_IDLE_PART, _IDLE_TIME, _IDLE_BYTES = 0.5, SECOND // 4, 256 << 10
#: Bytes a second that a checksum in pure Python gets to, roughly: 5 to 20 MB/s on machines of these years.
_PURE_PYTHON = (2e6, 2.5e7)
_THINK_TIME, _THINK_PART = 2 * SECOND, 0.5

_CHECKSUM = Explained("checksum", note("transfers.checksum.title"), note("transfers.checksum.remedy"))
_FRAGMENTS = Explained(
    "fragments-left", note("transfers.fragments.title"), note("transfers.fragments.remedy"), ABORT_CODE
)
_REFUSED = Explained("refused", note("transfers.refused.title"), note("transfers.refused.remedy"))
_CLIENT = Explained("client-idle", note("transfers.client.title"), note("transfers.client.remedy"))
_CRCMOD = Explained(
    "client-idle",
    note("transfers.crcmod.title"),
    note("transfers.crcmod.remedy"),
    (
        (
            "shell",
            (
                "python -c 'import crcmod.crcmod as c; print(c._usingExtension)'\n"
                "apt-get install gcc python3-dev    # yum: python3-devel\n"
                "pip install --force-reinstall --no-cache-dir crcmod"
            ),
        ),
        ("oss2", "bucket = oss2.Bucket(auth, ENDPOINT, 'BUCKET', enable_crc=False)"),
    ),
    ("guide.crcmod",),
)
_SERVER = Explained("server-slow", note("transfers.server.title"), note("transfers.server.remedy"))


def checksum(picture: Picture) -> Trouble | None:
    """The server's checksum is not that of the captured bytes: proven, they changed behind the capture point."""
    told: list[Note] = []
    hit: list[Transfer] = []
    for seen in picture.seen:
        one = seen.transfer
        if Check.DIFFERS not in (one.etag, one.crc):
            continue
        hit.append(one)
        frame = one.frames[-1] if one.frames else 0
        if one.etag is Check.DIFFERS and seen.md5 is not None:
            etag = Wire(seen.told.get(b"etag", b"").strip(b'"').lower(), Kind.BODY)
            told.append(
                note("transfers.checksum.etag", frame=frame, sent=Wire(seen.md5.hex().encode(), Kind.BODY), told=etag)
            )
        if one.crc is Check.DIFFERS and seen.crc64 is not None:
            told.append(
                note("transfers.checksum.crc", frame=frame, sent=_decimal(seen.crc64), told=_decimal(seen.crc_told))
            )
    whole = [upload for upload in picture.uploads if upload.crc is Check.DIFFERS]
    told += [note("transfers.checksum.whole", upload=upload.upload_id) for upload in whole]
    if not told:
        return None
    frames = [frame for one in hit for frame in one.frames] + [f for upload in whole for f in upload.frames[-2:]]
    return _CHECKSUM.trouble(PROVEN, told, transfers=hit, frames=frames)


def _decimal(crc: int | None) -> Wire:
    return Wire(b"%d" % (crc or 0), Kind.BODY)


def fragments(picture: Picture) -> Trouble | None:
    """Parts that are stored and belong to nothing."""
    left = [upload for upload in picture.uploads if upload.state is State.FRAGMENTS]
    if not left:
        return None
    told: list[Note] = [_fragment(upload) for upload in left]
    numbers = {number for upload in left for number in upload.transfers}
    hit = [one for one in picture.transfers if one.number in numbers]
    frames = [frame for upload in left for frame in upload.frames]
    against = (note("transfers.fragments.later"),)
    return _FRAGMENTS.trouble(LIKELY, told, transfers=hit, frames=frames, against=against)


def _fragment(upload: Upload) -> Note:
    stored = sum(1 for part in upload.parts if part.answered)
    return note("transfers.fragments.left", upload=upload.upload_id, parts=stored, bytes=upload.fragment_bytes)


def refused(picture: Picture) -> Trouble | None:
    """Answers of 400 and above, by code. Preflights have their own cause, time-outs too."""
    by_code: dict[tuple[int, bytes], list[Transfer]] = {}
    for one in picture.transfers:
        status = one.status or 0
        if status >= 400 and status not in (408, 504) and one.operation != "preflight":
            code = one.code.raw if one.code is not None else b""
            if code != b"RequestTimeout" and not (status == 404 and one.operation in ("get", "head")):
                by_code.setdefault((status, code), []).append(one)
    told: list[Note] = []
    signature = False
    for (status, code), found in sorted(by_code.items()):
        told.append(note("transfers.refused.answer", status=status, code=Wire(code or b"-"), count=len(found)))
        row = ERROR_CODES.get(code)
        if row is not None:
            told.append(row.meaning)
            signature |= row.group in SIGNATURE_GROUPS
    hit = [one for found in by_code.values() for one in found]
    remedy = note("transfers.refused.signature") if signature else None
    frames = [one.frames[-1] for one in hit if one.frames]
    return _REFUSED.trouble(LIKELY, told, transfers=hit, frames=frames, remedy=remedy) if hit else None


def client_idle(picture: Picture) -> Trouble | None:
    """The uploading program itself paused between its writes, with room in the window and nothing to wait for."""
    hit = [one for one in picture.transfers if _is_idle(one)]
    if not hit:
        return None
    python = [one for one in hit if one.tool.startswith(PYTHON_SDK)]
    told = [_idle_note(one) for one in hit]
    frames = [frame for one in hit for frame in one.frames[:2]]
    if not python:
        return _CLIENT.trouble(LIKELY, told, transfers=hit, frames=frames)
    fits = all(_PURE_PYTHON[0] <= (one.throughput or 0) <= _PURE_PYTHON[1] for one in python)
    certainty: Certainty = LIKELY if fits else POSSIBLE
    against = () if fits else (note("transfers.crcmod.other-speed"),)
    return _CRCMOD.trouble(certainty, told, transfers=hit, frames=frames, against=against)


def _is_idle(one: Transfer) -> bool:
    if one.speed is None or not one.upward or one.operation not in DATA or one.size < _IDLE_BYTES:
        return False
    idle = one.speed.waits[0]
    return one.slow is Slow.CLIENT and idle >= _IDLE_TIME and idle >= _IDLE_PART * max(1, one.end - one.begin)


def _idle_note(one: Transfer) -> Note:
    assert one.speed is not None
    percent = round(100 * one.speed.waits[0] / max(1, one.end - one.begin))
    rate = round((one.throughput or 0) / 1e6, 1)
    return note(
        "transfers.client.idle",
        number=one.number,
        percent=percent,
        seconds=seconds(one.speed.waits[0]),
        rate=rate,
        client=one.tool,
    )


def server_slow(picture: Picture) -> Trouble | None:
    """The server took long between the request's last byte and the answer's first."""
    hit: list[Transfer] = []
    told: list[Note] = []
    for one in picture.transfers:
        think = one.speed.think if one.speed is not None else None
        if think is not None and think >= max(_THINK_TIME, int(_THINK_PART * (one.end - one.begin))):
            hit.append(one)
            told.append(note("transfers.server.thought", number=one.number, seconds=seconds(think)))
    frames = [frame for one in hit for frame in one.frames]
    return _SERVER.trouble(POSSIBLE, told, transfers=hit, frames=frames) if hit else None


ROWS = (
    Row("checksum", checksum, 0, "OSS documentation, data integrity by CRC-64; API reference, UploadPart"),
    Row("refused", refused, 5, 'help page "OSS error codes"'),
    Row("client-idle", client_idle, 65, "oss2/utils.py: crcmod over every block that is read; FAQ on slow uploads"),
    Row("server-slow", server_slow, 75, "time from request to answer"),
    Row("fragments-left", fragments, 95, "API reference, AbortMultipartUpload: stored parts are charged"),
)
