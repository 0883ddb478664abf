"""English: what the segments of a connection tell."""

MESSAGES = {
    "tcp.conflicting-retransmission": (
        "Frame {frame} repeats {length} bytes with a different content; the bytes that came first are the ones shown."
    ),
}
