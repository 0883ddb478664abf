"""Requests that failed for another reason than their signature: counted by what the server said.

They are no findings, but who looks for the reason of a failure must be told that it is another one. What is kept does
not grow with the capture: a few different answers, a count and the first request id of each.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from analyzer.model.notes import Note, Wire, note
from analyzer.model.signing import ServerError, SignedExchange
from analyzer.oss import codes

__all__ = ["OtherFailures"]

#: Different answers that are told apart.
MAX_ANSWERS = 6
#: Bytes of a code or request id that are kept.
_MAX_VALUE = 64

#: Status, error code, EC, and whether the request carried a signature.
_Key = tuple[int, bytes, bytes, bool]


@dataclass(slots=True)
class _Answer:
    request_id: bytes
    known: tuple[Note, ...]  #: what the answer means and what to do
    count: int = 0


class OtherFailures:
    """See the module."""

    def __init__(self) -> None:
        self._answers: dict[_Key, _Answer] = {}
        self._more = 0

    def add(self, signed: SignedExchange) -> None:
        """Take note of an exchange that is no finding; answers that say nothing, or nothing of OSS, do not count."""
        error = signed.error
        if error is None or not (error.code or error.ec) or codes.is_signature_family(error):
            return
        unsigned = signed.exchange.request is not None and not signed.is_signed
        key = (error.status, _short(error.code), _short(error.ec), unsigned)
        answer = self._answers.get(key)
        if answer is None:
            if len(self._answers) >= MAX_ANSWERS:
                self._more += 1
                return
            answer = self._answers[key] = _Answer(_short(error.request_id), () if unsigned else _known(error))
        answer.count += 1

    def notes(self) -> Iterator[Note]:
        """A sentence for each answer, the most frequent first, each with what is known of it."""
        for key, answer in sorted(self._answers.items(), key=lambda item: (-item[1].count, item[0])):
            said = Wire(_written(key, answer))
            if key[3]:
                yield note("diagnosis.otherwise.unsigned", count=answer.count, answer=said)
            else:
                yield note("diagnosis.otherwise.signed", count=answer.count, answer=said)
            yield from answer.known
        if self._more:
            yield note("diagnosis.otherwise.more", count=self._more)


def _known(error: ServerError) -> tuple[Note, ...]:
    row = codes.lookup(error)
    return (row.meaning, row.remedy) if row is not None else ()


def _written(key: _Key, answer: _Answer) -> bytes:
    """``403 AccessDenied (EC 0003-00000001, RequestId 65F0A1B2C3D4E5F607182930)``, words that need no translation."""
    status, code, ec, _ = key
    named = ((b"EC ", ec), (b"RequestId ", answer.request_id))
    inside = b", ".join(name + value for name, value in named if value)
    if answer.count > 1 and answer.request_id:
        inside += ", …".encode()
    title = b" ".join(filter(None, (b"%d" % status if status else b"", code)))
    return title + b" (" + inside + b")" if inside else title


def _short(value: bytes | None) -> bytes:
    return (value or b"").strip()[:_MAX_VALUE]
