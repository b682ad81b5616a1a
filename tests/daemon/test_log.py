"""Records: JSON where nobody sits, a line where somebody does."""

from __future__ import annotations

import ast
import io
import json
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from daemon import log


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_a_record_is_one_line_of_json_with_typed_fields(capsys: pytest.CaptureFixture[str]) -> None:
    log.write(
        "info", "draft.placed", rule="soft", count=2, due=datetime(2026, 3, 3, tzinfo=UTC), took=timedelta(seconds=2)
    )
    record = json.loads(capsys.readouterr().err)
    assert (record["level"], record["event"]) == ("info", "draft.placed")
    assert (record["rule"], record["count"], record["took"]) == ("soft", 2, 2.0)
    assert record["due"] == "2026-03-03T00:00:00+00:00"
    assert datetime.fromisoformat(record["at"]).tzinfo is not None


def test_structlog_writes_the_same_records(capsys: pytest.CaptureFixture[str]) -> None:
    log.logger().warning("calendar.stale", source="feed", title="a\nb\x1b[2J")
    (line,) = capsys.readouterr().err.splitlines()
    record = json.loads(line)
    assert (record["level"], record["event"], record["source"]) == ("warning", "calendar.stale", "feed")
    assert record["title"] == "a\nb\x1b[2J"


def test_a_line_on_a_terminal_obeys_nothing_that_a_field_says(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = Terminal()
    monkeypatch.setattr("sys.stderr", terminal)
    monkeypatch.setenv("NO_COLOR", "1")
    log.write("info", "event.set_aside", title="a\n\x1b[2J\u202eb", missing=None)
    (line,) = terminal.getvalue().splitlines()
    assert "event.set_aside" in line
    assert "\x1b" not in line
    assert "\u202e" not in line
    assert "missing" not in line


@pytest.mark.parametrize("no_color", ["", "1"])
def test_colours_are_for_terminals_whose_owner_wants_them(monkeypatch: pytest.MonkeyPatch, no_color: str) -> None:
    terminal = Terminal()
    monkeypatch.setattr("sys.stderr", terminal)
    monkeypatch.setenv("NO_COLOR", no_color)
    log.write("error", "cycle.failed")
    assert ("\x1b[" in terminal.getvalue()) == (not no_color)


NOUN = (
    "clock|configuration|cycle|deadline|draft|event|files|followup|mailbox|metrics|plan|rule|service|source|state|status"
    "|systemd"
)


def test_every_event_stands_in_the_docs() -> None:
    root = Path(__file__).parents[2]
    docs = "".join((root / "docs" / name).read_text() for name in ("service.md", "edits.md"))
    modules = (ast.parse(path.read_text()) for path in sorted((root / "daemon").glob("*.py")))
    texts = {node.value for tree in modules for node in ast.walk(tree) if isinstance(node, ast.Constant)}
    events = {one for one in texts if isinstance(one, str) and re.fullmatch(rf"({NOUN})\.[a-z]+_?[a-z]+", one)}
    events = {one for one in events if not one.endswith((".json", ".lock", ".sock"))}
    assert len(events) > 40
    assert [one for one in sorted(events) if f"`{one}`" not in docs] == []
