"""Texts that people paste instead of a capture: what can be read out of them, without being told what they are.

Takes bytes, gives ``Pasted``: exchanges as far as the text tells of them, and what a client's log says it signed. One
small reader a form, in one table (``forms``); readers look for landmarks, so a text may hold several forms, prose
between them, damage and cuts. Nothing is judged here, and nothing is fetched, run or expanded.
"""

from __future__ import annotations

from analyzer.pasted.forms import MAX_PASTE, read_pasted

__all__ = ["MAX_PASTE", "read_pasted"]
