"""English: what the segments of a connection tell."""

MESSAGES = {
    "tcp.conflicting-retransmission": (
        "Frame {frame} repeats {length} bytes with a different content; the bytes that came first are the ones shown."
    ),
    "tcp.unfit": (
        "{count:segment|segments} with data could not be read: they come after the end of their connection, or their"
        " numbers are far from its own. Where ports were used again, the capture lacks the beginning (SYN) of the later"
        " connection."
    ),
}
