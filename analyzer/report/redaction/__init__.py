"""A report for others: every captured value replaced by a pseudonym of the same shape.

Redaction works on exchanges, not on finished strings. Each exchange is written anew with its values replaced, OSS's
reading of it (``analyzer.oss.read``) is asked again, and what was found is told with the values that stand there now.
So a redacted report is a report like any other: whatever is derived from values is derived from pseudonyms.
"""

from analyzer.report.redaction.policy import (
    KEEP_NAMES,
    NO_REDACTION,
    REDACT,
    RedactedReport,
    RedactionPolicy,
    Removed,
)
from analyzer.report.redaction.redact import redact, redacted_view

__all__ = [
    "KEEP_NAMES",
    "NO_REDACTION",
    "REDACT",
    "RedactedReport",
    "RedactionPolicy",
    "Removed",
    "redact",
    "redacted_view",
]
