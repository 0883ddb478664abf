"""Everything that is made of a redacted report, for tests that look for something in it."""

from __future__ import annotations

import io
import zipfile

from analyzer.http.plain import exchange_from_bytes
from analyzer.report.bundle import write_bundle
from analyzer.report.html import render_html
from analyzer.report.json_ import render_json
from analyzer.report.markdown import render_markdown
from analyzer.report.messages import Catalogue
from analyzer.report.redaction import RedactedReport, RedactionPolicy, redact, redacted_view
from analyzer.report.redaction.redact import every_bytes
from analyzer.report.text import render_text
from tests.report.redaction import cases

__all__ = ["of_exchange", "outputs"]


def outputs(redacted: RedactedReport) -> dict[str, bytes]:
    """Name → what others get to see, and every value in the report itself. The gate has looked at all of it."""
    view = redacted_view(redacted)
    english, chinese = Catalogue("en"), Catalogue("zh")
    documents = {
        "report.json": render_json(view, english, "0"),
        "report.html": render_html(view, english, "0"),
        "report.md": render_markdown(view, chinese, "0"),
        "report.txt": render_text(view, chinese),
    }
    with zipfile.ZipFile(io.BytesIO(write_bundle(redacted, documents, "0"))) as archive:
        packed = {name: archive.read(name) for name in archive.namelist()}
    return {**packed, "values": b"\n".join(every_bytes(redacted.report))}


def of_exchange(request: bytes, answer: bytes, policy: RedactionPolicy) -> tuple[RedactedReport, dict[str, bytes]]:
    """The redacted report on one exchange, and what is made of it."""
    redacted = redact(cases.report(exchange_from_bytes(request, answer)), policy)
    return redacted, outputs(redacted)
