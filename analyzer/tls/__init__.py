"""Encrypted streams and a key log become plain streams, or the reason why not."""

from analyzer.tls.detect import is_tls, looks_like_record
from analyzer.tls.keylog import KeyLog
from analyzer.tls.stream import TlsStream
from analyzer.tls.telling import told

__all__ = ["KeyLog", "TlsStream", "is_tls", "looks_like_record", "told"]
