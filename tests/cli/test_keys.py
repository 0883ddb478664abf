"""Key logs that grow while they are read."""

from __future__ import annotations

from pathlib import Path

import pytest

from analyzer.cli.keys import ENV_KEY_LOG, GrowingKeyLogs
from analyzer.model.errors import OutputRefused
from analyzer.report.gate import check_secrets


def test_only_whole_new_lines_are_given(tmp_path: Path) -> None:
    path = tmp_path / "keys.log"
    logs = GrowingKeyLogs([str(path)], {})
    assert logs
    assert logs() is None  # not there yet
    path.write_bytes(b"one\ntw")
    added = logs()
    assert added is not None
    assert added.reveal() == b"one\n"
    assert logs() is None
    with path.open("ab") as file:
        file.write(b"o\nthree\n")
    added = logs()
    assert added is not None
    assert added.reveal() == b"two\nthree\n"


def test_the_environment_serves_where_no_log_is_named() -> None:
    assert not GrowingKeyLogs([], {})
    assert GrowingKeyLogs([], {ENV_KEY_LOG: "/nowhere/keys.log"})


def test_what_was_added_last_is_remembered_to_be_looked_for(tmp_path: Path) -> None:
    """A line of a live run that held a session secret would be refused, whenever the client wrote it."""
    path = tmp_path / "keys.log"
    logs = GrowingKeyLogs([str(path)], {})
    path.write_text(f"CLIENT_RANDOM {'ab' * 32} {'cd' * 48}\n")
    logs()
    check_secrets(b"a line without it", "jsonl", (), logs.recent)
    with pytest.raises(OutputRefused):
        check_secrets(b"a line with " + b"cd" * 48, "jsonl", (), logs.recent)
