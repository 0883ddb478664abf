"""English: what a run as a whole has to say."""

MESSAGES = {
    "pipeline.failures-not-explained": (
        "Of the same capture {count:more failure was|more failures were} counted but not explained one by one."
    ),
}
