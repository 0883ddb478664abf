"""Words about pasted texts. Keys that end in ``.pasted`` take the place of another's sentence there."""

MESSAGES: dict[str, str] = {
    "paste.verdict.unanswered": (
        "{count:signed request|signed requests} without an answer: whether OSS refused it is not in the text."
    ),
    "paste.verdict.no-refusal": "No refused signature in this text.",
    "paste.took.request": "Taken from the text ({form}): a request with {headers:header|headers}.",
    "paste.took.requests": "Taken from the text ({form}): {count} requests.",
    "paste.took.responses": "Taken from the text ({form}): {count:answer|answers} with status and headers.",
    "paste.took.answer": "Taken from the text ({form}): an error answer, {code}.",
    "paste.took.bytes": "Its StringToSignBytes are decoded below: {bytes:byte|bytes}, each line by its name.",
    "paste.took.fragment": "Taken from the text ({form}): a part of an error answer, without its code.",
    "paste.took.string": "Taken from the text ({source}): what the client says it signed, {bytes:byte|bytes}.",
    "paste.secret.signs-request": "The secret gives exactly the signature that was sent: the request is signed right.",
    "paste.code-by-bytes": "Only answers of SignatureDoesNotMatch hold such a byte dump, so it is taken for one.",
    "paste.lines-restored": (
        "The line ends of the server's string were lost; they are put back where its parts say that they were."
    ),
    "paste.log-lines-restored": (
        "The log had lost blank lines of the client's string; nothing else sets it apart from the server's."
    ),
    "paste.masked": "Parts of the text are masked (***); differences in a masked part mean nothing.",
    "paste.too-long": "The text is long; only its first {limit} MiB were searched.",
    "paste.missing.signature": (
        "With a signature on the request (Authorization header or signed URL) and the server's answer I could "
        "compare what was signed."
    ),
    "paste.missing.answer": (
        "With the server's answer (the XML, its StringToSignBytes above all) I could tell whether the server "
        "signed the same string."
    ),
    "paste.missing.answer-to-log": (
        "With the server's answer (the XML, its StringToSignBytes above all) I could compare it with what the "
        "client signed."
    ),
    "paste.missing.string-and-request": (
        "With the whole error answer (the XML with StringToSignBytes) I could tell what the server signed, and "
        "with the request's headers (`curl -v`, or a capture) whether they say the same."
    ),
    "paste.missing.string": (
        "With the whole error answer (the XML with StringToSignBytes) I could compare what the server signed "
        "with this request."
    ),
    "paste.missing.request": (
        "With the request's headers (`curl -v`, or a capture), or the SDK's debug log with the string to sign, I "
        "could tell whether anything that is signed was added or changed on the way."
    ),
    "paste.missing.request-of-other": (
        "With the request's headers (`curl -v`, or a capture) I could tell which part of them the server objects to."
    ),
    "paste.missing.secret": (
        "With the access key secret (`--secret-file`; it stays on this machine) I could tell what the client "
        "really signed."
    ),
    "paste.empty": "the text is empty.",
    "paste.is-capture": "{path} is a packet capture: `ossig {path}` reads it.",
    "paste.nothing-known": (
        "nothing in this text is of a known form. Known are: the error XML of OSS, exceptions of its SDKs, `curl "
        "-v` output, raw HTTP requests and answers, HAR files, debug logs with a string to sign."
    ),
    # in place of sentences about captures
    "report.heading.facts.pasted": "What else the text shows",
    "report.no-request.pasted": "(the request is not in the text)",
    "report.no-answer.pasted": "no answer in the text",
    "report.table.no-wire.pasted": "As the server states it; there is no request in the text to compare it with.",
    "report.table.no-server.pasted": "Rebuilt from the request; there is no answer to compare with.",
    "report.table.same.pasted": "Rebuilt from the request it equals the server's, byte for byte.",
    "report.table.differs.pasted": "The request and the server differ in {count:field|fields}.",
    "report.voice.wire.pasted": "request",
    "report.difference.missing.pasted": "{field} is not in the server's string (byte {offset} of the other)",
    "report.label.over-wire.pasted": "over request's",
    "report.clock.capture.pasted": "browser",
    "diagnosis.nothing-changed.pasted": (
        "The string rebuilt from the request equals the server's, byte for byte: nothing that is signed was "
        "changed behind the point where this was printed."
    ),
    "diagnosis.nothing-changed-by-hash.pasted": (
        "The hash of the rebuilt canonical request equals the server's: nothing that is signed was changed "
        "behind the point where this was printed."
    ),
    "diagnosis.texts-differ.pasted": (
        "What the text tells of the client's side and the server's string differ in {fields:field|fields}."
    ),
    "diagnosis.md5-wrong.pasted": "`Content-MD5` is not the MD5 of the body in the text.",
    "cause.wrong-secret.not-excluded.pasted": "Nothing in the text shows that the secret is right.",
    "cause.wrong-secret.same-text.pasted": (
        "The request and the server give the same string, so the client signed another string or used another secret."
    ),
    "cause.altered-in-transit.title.pasted": "The request was changed on its way to OSS, or is not whole in the text",
    "cause.altered-in-transit.added.pasted": "{field}: the server has {server}, the request has nothing.",
    "cause.altered-in-transit.removed.pasted": "{field}: the request has {wire}, the server has nothing.",
    "cause.altered-in-transit.changed.pasted": "{field}: the request has {wire}, the server has {server}.",
    "cause.unknown.nothing-altered.pasted": (
        "Ruled out: a change on the way. The server signs exactly what the request holds."
    ),
    "cause.unknown.too-little.pasted": "There is too little in this text to rule anything out.",
    "html.local.pasted": (
        "Not redacted: names and values stand here as they were pasted. Run it with `--redact` before you hand it to "
        "others."
    ),
    "html.request-head.pasted": "The request, as far as the text tells it",
    "html.answer-head.pasted": "The answer, as far as the text tells it",
    "html.footer.pasted": "Made by ossig {version} from a pasted text.",
    "html.body-size.pasted": "{length:byte|bytes}, {captured} in the text",
}
