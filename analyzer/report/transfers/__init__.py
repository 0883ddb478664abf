"""The report on transfers in every form: what is said in which table is decided in ``tables``, once."""

from __future__ import annotations

from analyzer.report.transfers.view import TransferView, local_transfers

__all__ = ["TransferView", "local_transfers"]
