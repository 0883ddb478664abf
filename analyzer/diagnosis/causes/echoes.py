"""What the answer repeats of the request's credentials, where that is not what was sent.

The server echoes the signature and the access key id that it read. Where one of them is another than the capture
shows, something between the two exchanged it: a CDN that signs for itself, a proxy that undoes escapes.
"""

from __future__ import annotations

from analyzer.diagnosis.case import Case
from analyzer.diagnosis.causes.base import shown
from analyzer.diagnosis.signature_shape import is_well_formed
from analyzer.model.findings import Certainty
from analyzer.model.notes import Kind, Note, note

__all__ = ["SIGNED_ANEW", "certainty_of_echoes", "differing_echoes", "other_key_id"]

#: What to do about somebody who signs again on the way.
SIGNED_ANEW = note("cause.altered-in-transit.remedy-signed-anew")


def differing_echoes(case: Case) -> tuple[Note, ...]:
    """One sentence for each; none where packets are missing: the answer may be another request's, or a part of what
    was sent is not known; and none where the answer was evidently edited."""
    if case.loss is not None or case.request is None or case.text_contradicts:
        return ()
    return (*_signature(case), *_key_id(case))


def certainty_of_echoes(case: Case) -> Certainty:
    """Who pastes a request and an answer may take them from two attempts."""
    return Certainty.PROVEN if _captured(case) else Certainty.LIKELY


def _captured(case: Case) -> bool:
    return case.exchange.connection.client.port != 0


def other_key_id(case: Case) -> bool:
    """The server read another access key id than was sent."""
    sent, read = case.credentials.access_key_id, case.error.access_key_id
    if sent is None or read is None or b"*" in sent + read or not _captured(case):
        return False  # pasted ids are masked in many ways
    if case.echoed_same is True:
        return False  # who signs for itself does not keep the signature: the id was masked in the answer
    return sent.strip() != read.strip() and not _stands_in_request(case, read.strip())


def _signature(case: Case) -> tuple[Note, ...]:
    sent, read = case.credentials.signature, case.error.signature_provided
    if case.echoed_same is not False or sent is None or read is None or b"*" in sent:
        return ()
    sent, read = sent.strip(), read.strip()
    if _stands_in_request(case, read) or not (sent.isascii() and read.isascii()) or sent.lower() == read.lower():
        return ()
    unescaped = case.presigned and b"+" in sent and sent.replace(b"+", b" ") == read
    whole = all(is_well_formed(one, case.variant) for one in (sent, read))
    if not unescaped and not _captured(case) and not (whole and sent[:4] != read[:4]):
        return ()  # masked in one of the two
    key = "cause.altered-in-transit.plus-unescaped" if unescaped else "cause.altered-in-transit.other-signature"
    return (note(key, sent=shown(sent, Kind.SIGNATURE), read=shown(read, Kind.SIGNATURE)),)


def _stands_in_request(case: Case, value: bytes) -> bool:
    """It was sent as well: in a second header or parameter, or as a part of what is read here as one value."""
    if case.request is None or case.inputs is None:
        return False
    values = (*(pair.value for pair in case.inputs.query), *(field for _, field in case.inputs.form))
    return value in case.request.head.raw or any(value in sent for sent in values)


def _key_id(case: Case) -> tuple[Note, ...]:
    if not other_key_id(case):
        return ()
    sent, read = case.credentials.access_key_id or b"", (case.error.access_key_id or b"").strip()
    values = {"sent": shown(sent, Kind.ACCESS_KEY_ID), "read": shown(read, Kind.ACCESS_KEY_ID)}
    return (note("cause.altered-in-transit.other-key-id", **values),)
