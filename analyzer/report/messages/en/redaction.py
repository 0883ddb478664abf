"""What redaction, the last gate and the evidence bundle say."""

from __future__ import annotations

MESSAGES: dict[str, str] = {
    "redaction.refused": (
        "Nothing was written: {output} still holds a value that had to be removed ({kind}). "
        "Please report this; until it is fixed, do not share this report."
    ),
    "redaction.failed": (
        "Nothing was written: a value that had to be removed ({kind}) could not be kept out of the report. "
        "Please report this."
    ),
    "redaction.off": "Not redacted: this report shows names, signatures and tokens as they were sent. Do not share it.",
    "redaction.on": (
        "Redacted: names, ids, signatures, tokens, addresses and bodies are replaced by others of the same shape. "
        "Strings to sign and their bytes are rebuilt from the replacements."
    ),
    "redaction.decrypted": (
        "The requests were sent over HTTPS and opened with the client's session keys. Neither the keys nor the "
        "encrypted packets are passed on: the redacted capture of a bundle holds the same requests as plain HTTP."
    ),
    "redaction.names-kept": "Bucket, key and host names are shown as they are.",
    "redaction.ticket.ids": "**Please look at these requests (request ids):** ",
    "redaction.ticket.failure": "{method} was answered {status} {code} (EC {ec}) at {time}.",
    "redaction.ticket.failure-without-ec": "{method} was answered {status} {code} at {time}.",
    "redaction.ticket.cause-id": " (`{id}`)",
    "redaction.ticket.none": "No refused signature was found in this capture.",
    "redaction.certainty.proven": "Cause, proven: ",
    "redaction.certainty.likely": "Cause, likely: ",
    "redaction.certainty.possible": "Cause, possible: ",
    "redaction.frame.request": "{finding}: request, frame {number} of the original capture",
    "redaction.frame.response": "{finding}: answer, frame {number} of the original capture",
    "redaction.frame.guilty": "; carries the evidence for {cause} (fields that differ: {fields})",
    "redaction.unknown-form": (
        "{path}: the form is told by the ending (.html, .md, .json, .txt or .zip), or by --format."
    ),
}
