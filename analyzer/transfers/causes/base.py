"""What the causes share: how one is put together, the code that resumes, lists and aborts, and the thresholds.

Code lines name things by placeholders (``BUCKET``, ``KEY``); nothing off the wire ever enters them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from analyzer.model.findings import Cause, Certainty
from analyzer.model.notes import Note, note
from analyzer.model.transfers import Transfer, Trouble
from analyzer.transfers.picture import Picture

__all__ = [
    "ABORT_CODE",
    "LIKELY",
    "POSSIBLE",
    "PROVEN",
    "RESUME_CODE",
    "SECOND",
    "Explained",
    "Row",
    "several",
]

PROVEN, LIKELY, POSSIBLE = Certainty.PROVEN, Certainty.LIKELY, Certainty.POSSIBLE
SECOND = 1_000_000_000

#: Evidence lines of one cause; what is more is counted.
MAX_EVIDENCE = 8
_MAX_FRAMES = 64
_MAX_IDS = 50

Code = tuple[tuple[str, str], ...]

#: Sources: oss2/resumable.py; help page "Use ossutil to perform resumable file transfer".
RESUME_CODE: Code = (
    (
        "oss2",
        (
            "oss2.resumable_upload(\n"
            "    bucket, 'KEY', 'FILE', store=oss2.ResumableStore(root='/tmp'),\n"
            "    multipart_threshold=1 << 20, part_size=1 << 20, num_threads=4)"
        ),
    ),
    ("ossutil", "ossutil cp FILE oss://BUCKET/KEY --checkpoint-dir DIR"),
)
DOWNLOAD_CODE: Code = (
    ("oss2", "oss2.resumable_download(bucket, 'KEY', 'FILE', part_size=1 << 20, num_threads=4)"),
    ("ossutil", "ossutil cp oss://BUCKET/KEY FILE --checkpoint-dir DIR"),
)
#: Sources: oss2/iterators.py and oss2/api.py; ossutil help pages "list-multipart-uploads", "abort-multipart-upload".
ABORT_CODE: Code = (
    (
        "oss2",
        (
            "for upload in oss2.MultipartUploadIterator(bucket):\n"
            "    print(upload.key, upload.upload_id)\n"
            "bucket.abort_multipart_upload('KEY', 'UPLOAD_ID')"
        ),
    ),
    (
        "ossutil",
        (
            "ossutil api list-multipart-uploads --bucket BUCKET\n"
            "ossutil api abort-multipart-upload --bucket BUCKET --key KEY \\\n"
            "    --upload-id UPLOAD_ID"
        ),
    ),
)

CauseFunction = Callable[[Picture], Trouble | None]


@dataclass(frozen=True, slots=True)
class Row:
    """A cause of the table; ``order``: what is told first among equals. ``source``: where the rule comes from."""

    id: str
    function: CauseFunction
    order: int
    source: str
    remark: bool = False  #: see ``Trouble.remark``


@dataclass(frozen=True, slots=True)
class Explained:
    """What does not change from case to case."""

    id: str
    title: Note
    remedy: Note
    code: Code = ()
    links: tuple[str, ...] = ()

    def trouble(
        self,
        certainty: Certainty,
        evidence: Sequence[Note],
        *,
        transfers: Iterable[Transfer] = (),
        streams: Iterable[int] = (),
        frames: Iterable[int] = (),
        against: tuple[Note, ...] = (),
        title: Note | None = None,
        remedy: Note | None = None,
    ) -> Trouble:
        """The cause with this evidence, and whom it hit."""
        hit = tuple(transfers)
        only_down = hit and not any(one.upward for one in hit)
        cause = Cause(
            self.id,
            certainty,
            title or self.title,
            several(evidence),
            against,
            remedy or self.remedy,
            DOWNLOAD_CODE if self.code is RESUME_CODE and only_down else self.code,
            self.links,
            tuple(sorted(set(frames)))[:_MAX_FRAMES],
        )
        ids = dict.fromkeys(one.request_id for one in hit if one.request_id is not None)
        return Trouble(
            cause,
            tuple(one.number for one in hit),
            tuple(sorted({*streams, *(one.stream for one in hit)})),
            tuple(ids)[:_MAX_IDS],
        )


def several(evidence: Sequence[Note]) -> tuple[Note, ...]:
    """The first of many, and how many more there are."""
    found = tuple(evidence)
    if len(found) <= MAX_EVIDENCE:
        return found
    return (*found[: MAX_EVIDENCE - 1], note("transfers.more-like-this", count=len(found) - MAX_EVIDENCE + 1))
