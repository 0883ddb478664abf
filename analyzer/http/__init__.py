"""The two directions of a stream become exchanges: request and answer, raw bytes kept."""
