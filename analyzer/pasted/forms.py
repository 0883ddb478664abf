"""The table of forms, and how what they found is put together.

Every reader looks at the whole text. What they find falls into requests with their answers, error answers alone, and
strings that a client says it signed; the three are joined into cases: an answer that stands alone belongs to the
request that has none, a client's string to the case whose date it holds. Of two tellings of one answer the one with
more in it counts.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace
from itertools import chain

from analyzer.http.plain import exchange_of_document
from analyzer.model.http import Exchange
from analyzer.model.notes import Note, Wire, note
from analyzer.model.pasted import ClientString, Pasted, PastedCase
from analyzer.model.signing import ServerError
from analyzer.oss.codes import lookup
from analyzer.oss.errors import read_document, read_error
from analyzer.pasted.answers import read_json, read_numbers_alone, read_xml
from analyzer.pasted.debug import read_log
from analyzer.pasted.exceptions import EXCEPTIONS
from analyzer.pasted.exchanges import read_curl, read_http
from analyzer.pasted.har import MAX_HAR, read_har
from analyzer.pasted.piece import Answer, Form, Piece

__all__ = ["ANSWERS", "ARCHIVES", "EXCHANGES", "MAX_PASTE", "STRINGS", "read_pasted"]

#: Bytes of a text that are read at all; forms other than HAR are looked for in the first ``_MAX_TEXT``.
MAX_PASTE = MAX_HAR
_MAX_TEXT = 4 << 20

#: A whole document of exchanges, of any size; it is nothing else besides.
ARCHIVES: tuple[Form, ...] = (Form("HAR", read_har, "HTTP Archive 1.2"),)
#: The first form that finds something counts: the later ones would find parts of it again.
EXCHANGES: tuple[Form, ...] = (
    Form("curl -v", read_curl, "curl manual, --verbose"),
    Form("HTTP", read_http, "RFC 9112"),
)
#: All count; the fullest telling of one answer wins.
ANSWERS: tuple[Form, ...] = (
    Form("XML", read_xml, "error answers of OSS and S3"),
    Form("JSON", read_json, "error answers of newer services of OSS"),
    *EXCEPTIONS,
)
#: Only where nothing else was found.
_LAST: tuple[Form, ...] = (Form("hex", read_numbers_alone, "StringToSignBytes copied alone"),)
STRINGS: tuple[Form, ...] = (Form("log", read_log, "debug logs of SDKs"),)

_MASK = re.compile(rb"\*{3,}|[xX]{6,}")
_DATE = re.compile(rb"[A-Z][a-z]{2}, \d{1,2} [A-Z][a-z]{2} \d{4} [\d:]{8} GMT|\d{8}T\d{6}Z|(?<=\n)\d{9,11}(?=\n)")


def read_pasted(data: bytes) -> Pasted:
    """Everything that can be taken from ``data``. Never raises on it; a text without anything known gives no case."""
    text = _utf8(data[:MAX_PASTE])
    piece = _first(ARCHIVES, text)
    text = text[:_MAX_TEXT]
    archived = piece is not None
    piece = piece or _first(EXCHANGES, text)
    exchanges = piece.exchanges if piece is not None else ()
    strings = tuple(string for found in _all(STRINGS, text) for string in found.strings)
    answers: tuple[Answer, ...] = ()
    if not archived:
        answers = _fullest(found for group in _all(ANSWERS, text) for found in group.answers)
    if not exchanges and not answers and not strings:
        last = _first(_LAST, text)
        answers = last.answers if last is not None else ()
    exchanges, used = _answered(exchanges, answers)
    cases = _with_strings(exchanges, strings)
    took = _took_exchanges(piece, exchanges), map(_took_answer, used), _took_bytes(exchanges), _took_strings(cases)
    notes = [told for answer in used for told in answer.notes]
    if len(data) > (MAX_PASTE if archived else _MAX_TEXT):
        notes.append(note("paste.too-long", limit=_MAX_TEXT >> 20))
    if cases and _MASK.search(text):
        notes.append(note("paste.masked"))
    return Pasted(cases, tuple(chain.from_iterable(took)), tuple(dict.fromkeys(notes)))


def _utf8(data: bytes) -> bytes:
    """Text as UTF-8: some shells write redirected output as UTF-16."""
    for mark, coding in ((b"\xff\xfe", "utf-16-le"), (b"\xfe\xff", "utf-16-be")):
        if data.startswith(mark):
            return data[2:].decode(coding, "replace").encode("utf-8", "replace")
    return data.removeprefix(b"\xef\xbb\xbf")


def _first(forms: Sequence[Form], text: bytes) -> Piece | None:
    return next((piece for form in forms if (piece := form.read(text)) is not None), None)


def _all(forms: Sequence[Form], text: bytes) -> Iterable[Piece]:
    return [piece for form in forms if (piece := form.read(text)) is not None]


# Answers -------------------------------------------------------------------------------------------------------------


def _fullest(answers: Iterable[Answer]) -> tuple[Answer, ...]:
    """One answer a request id, the one with most in it; those without an id count only where none has one."""
    best: dict[bytes | None, tuple[int, Answer]] = {}
    for answer in answers:
        error = read_document(answer.document, ServerError(0, "none"))
        if error is None:
            continue
        name = (error.request_id or b"").strip() or None
        kept = best.get(name)
        if kept is None or _weight(error) > kept[0]:
            status = answer.status or (kept[1].status if kept is not None else None)
            best[name] = (_weight(error), replace(answer, status=status))
    named = [answer for name, (_, answer) in best.items() if name is not None]
    return tuple(named) or tuple(answer for _, answer in best.values())


def _weight(error: ServerError) -> int:
    values = (
        error.code,
        error.message,
        error.ec,
        error.host_id,
        error.access_key_id,
        error.signature_provided,
        error.string_to_sign,
    )
    return sum(value is not None for value in values) + 4 * (error.string_to_sign_bytes is not None)


def _answered(
    exchanges: tuple[Exchange, ...], answers: tuple[Answer, ...]
) -> tuple[tuple[Exchange, ...], tuple[Answer, ...]]:
    """Exchanges with the answers that stood apart from them; answers that no request fits stand alone. Those that
    are part of an exchange already are not told again."""
    told = {error.request_id for one in exchanges if (error := _error(one)) is not None and error.form != "none"}
    left = [answer for answer in answers if not told or _id(answer) not in told]
    if told and not all(_id(answer) for answer in left):
        left = [answer for answer in left if _id(answer)]
    used = tuple(left)
    made: list[Exchange] = []
    for one in exchanges:
        if left and one.request is not None and _lacks_document(one):
            answer = left.pop(0)
            alone = exchange_of_document(answer.document, _status(answer), frame=one.request.frames[0] + 1)
            response = one.response
            if response is not None and alone.response is not None:
                response = replace(response, body=alone.response.body)
            made.append(replace(one, response=response or alone.response))
        else:
            made.append(one)
    frame = 2 * len(made) + 2
    made += [exchange_of_document(a.document, _status(a), frame=frame + 2 * n) for n, a in enumerate(left)]
    return tuple(made), used


def _error(exchange: Exchange) -> ServerError | None:
    return read_error(exchange.request, exchange.response) if exchange.response is not None else None


def _lacks_document(exchange: Exchange) -> bool:
    """No answer, or a refusal of which only the head is there."""
    if exchange.response is None:
        return True
    error = _error(exchange)
    return error is not None and error.form == "none"


def _id(answer: Answer) -> bytes | None:
    error = read_document(answer.document, ServerError(0, "none"))
    return error.request_id if error is not None else None


def _status(answer: Answer) -> int:
    """As printed, else as documented for this code; refusals of signatures are 403 where nothing says otherwise."""
    if answer.status is not None and answer.status >= 400:
        return answer.status
    error = read_document(answer.document, ServerError(0, "none"))
    row = lookup(error) if error is not None else None
    return row.status if row is not None and row.status is not None else 403


# Strings of clients --------------------------------------------------------------------------------------------------


def _with_strings(exchanges: tuple[Exchange, ...], strings: tuple[ClientString, ...]) -> tuple[PastedCase, ...]:
    """Each case with the last string that carries its date; strings without any case are cases of their own."""
    if not exchanges:
        return tuple(PastedCase(exchange_of_nothing(), string) for string in strings[-1:])
    dated = {date: number for number, string in enumerate(strings) for date in _DATE.findall(string.told)}
    cases = [PastedCase(one, _string_of(one, strings, dated)) for one in exchanges]
    if strings and not any(case.client for case in cases):
        cases[-1] = PastedCase(cases[-1].exchange, strings[-1])
    return tuple(cases)


def exchange_of_nothing() -> Exchange:
    """An exchange of which neither side is known."""
    return replace(exchange_of_document(b"", 403), response=None)


def _string_of(exchange: Exchange, strings: tuple[ClientString, ...], dated: dict[bytes, int]) -> ClientString | None:
    """``dated``: date → number of the last string that holds it."""
    numbers = [dated[date] for date in _dates_of(exchange) if date in dated]
    return strings[max(numbers)] if numbers else None


def _dates_of(exchange: Exchange) -> set[bytes]:
    found: set[bytes] = set()
    if exchange.request is not None:
        found.update(_DATE.findall(exchange.request.head.raw))
    error = _error(exchange)
    if error is not None and error.signed_text is not None:
        found.update(_DATE.findall(error.signed_text))
    return found


# What was taken ------------------------------------------------------------------------------------------------------


def _took_exchanges(piece: Piece | None, exchanges: tuple[Exchange, ...]) -> Iterable[Note]:
    if piece is None:
        return
    asked = [one.request for one in exchanges if one.request is not None]
    answered = sum(one.response is not None and bool(one.response.head.raw) for one in exchanges)
    if len(asked) == 1:
        yield note("paste.took.request", form=piece.form, headers=len(asked[0].head.headers))
    elif asked:
        yield note("paste.took.requests", form=piece.form, count=len(asked))
    if answered:
        yield note("paste.took.responses", form=piece.form, count=answered)


def _took_answer(answer: Answer) -> Note:
    error = read_document(answer.document, ServerError(0, "none"))
    code = (error.code or error.ec) if error is not None else None
    if code is None:
        return note("paste.took.fragment", form=answer.form)
    return note("paste.took.answer", form=answer.form, code=Wire(code))


def _took_bytes(exchanges: tuple[Exchange, ...]) -> Iterable[Note]:
    for one in exchanges:
        error = _error(one)
        if error is not None and error.string_to_sign_bytes is not None:
            yield note("paste.took.bytes", bytes=len(error.string_to_sign_bytes))


def _took_strings(cases: tuple[PastedCase, ...]) -> Iterable[Note]:
    for case in cases:
        if case.client is not None:
            yield note("paste.took.string", source=case.client.source, bytes=len(case.client.told))
