"""English: what is odd about HTTP messages, and what the capture lacks of them."""

MESSAGES = {
    # heads
    "http.body-not-sent": (
        "The client asked whether the body is wanted (Expect: 100-continue), got a final answer and did not send it."
    ),
    "http.bare-line-feed": "Some header lines end with LF alone instead of CRLF.",
    "http.head-cut": "The header section stops after {seen} bytes, before its empty line.",
    "http.repeated-header": "The header `{header}` comes {times} times.",
    "http.folded-header": "The header `{header}` is folded over several lines.",
    "http.blank-before-colon": "There is a blank between the header name `{header}` and its colon.",
    "http.line-without-colon": "Header lines without a colon: {lines}. The first one: {first}",
    "http.raw-bytes-in-target": "The request target holds bytes that must be percent-encoded: {target}",
    "http.blank-in-target": "The request target holds a blank: {target}",
    # bodies
    "http.several-content-lengths": "Content-Length is given several times, with different values: {values}",
    "http.content-length-unreadable": "Content-Length is not a number: {value}",
    "http.length-and-chunked": (
        "Both Content-Length ({declared}) and chunked transfer coding are given; the chunks count."
    ),
    "http.content-length-lies": "Content-Length says {declared} bytes, but only {seen} were sent.",
    "http.chunked-broken": "The chunked body breaks its own format; what follows could not be read.",
    "http.chunked-cut": "The chunked body ends before its last chunk.",
    # what the capture lacks
    "http.bytes-missing": "The capture lacks {missing} bytes of this message.",
    "http.cut-by-gap": "The capture lacks a part of this message.",
    "http.status-line-lost": "The status line of this answer is not in the capture.",
    "http.interim-many": "{count:further interim answer (1xx)|further interim answers (1xx)} came before this answer.",
    "http.no-answer": "No answer to this request is in the capture.",
    "http.no-request": "The request that this answers is not in the capture.",
    "http.pairing-uncertain": "Packets are missing here; the answer may belong to another request.",
    "http.version-2": (
        "{count:connection speaks|connections speak} HTTP/2 without encryption (h2c), which ossig does not read."
    ),
}
