"""English: what a run as a whole has to say."""

MESSAGES = {
    "pipeline.failures-not-explained": (
        "{count} more {count:failure|failures} of the same capture {count:was|were} counted but not explained one by one."
    ),
    "pipeline.encrypted": (
        "{count} {count:connection is|connections are} encrypted (TLS) and could not be read without a key log."
    ),
}
