"""One exchange as OSS reads it: endpoint, credentials, signing inputs, error answer, and the rebuilt texts.

Takes an ``Exchange`` of the http floor, gives a ``SignedExchange``. Knows the specification of every signature
variant as pure functions; knows nothing of why a signature failed.
"""

from __future__ import annotations

from analyzer.oss.reading import read, under
from analyzer.oss.signers import Signer, signer

__all__ = ["Signer", "read", "signer", "under"]
