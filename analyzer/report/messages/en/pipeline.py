"""English: what a run as a whole has to say."""

MESSAGES = {
    "pipeline.failures-not-explained": (
        "Of the same capture {count:more failure was|more failures were} counted but not explained one by one."
    ),
    "pipeline.statements-unread": (
        "{count:comment|comments} of the capture should tell of successful requests that are not in it, and cannot be "
        "read."
    ),
    "pipeline.silent-head": (
        "{count:signed HEAD request was|signed HEAD requests were} refused and nothing says why: an answer to HEAD has "
        "no body, and neither `x-oss-err` nor `x-oss-ec` came with it. Sign and send the same as GET with "
        "`Range: bytes=0-0` to get the error document."
    ),
    "pipeline.silent-answer": (
        "{count:signed request was|signed requests were} refused, and no error document of OSS can be read in the "
        "answer: it has none, somebody between client and OSS answered, or the capture lacks it (`tcpdump -s0`)."
    ),
    "pipeline.silent-ids": "Request ids, by which the support desk finds the reason: {ids}.",
}
