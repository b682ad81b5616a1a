"""Tables on a terminal: as broad as it is, hostile text harmless; elsewhere plain columns, as scripts read them."""

from __future__ import annotations

import io
import re
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from daemon.cli.table import Head, drawn
from daemon.cli.wording import sentence, width
from tests.house import event

if TYPE_CHECKING:
    from daemon.cli.desk import Line
    from tests.daemon.cli.conftest import Home

LATER = "2026-03-03 19:00"
NASTY = "Coffee [red]x[/red] [[gap]] [/] :smile: a\u202eb\x1b[31mc\x07 春のデータ会議"
CONTROL = re.compile(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")


def on_a_terminal(monkeypatch: pytest.MonkeyPatch, columns: int, **environment: str) -> None:
    """What the command prints goes to a terminal of so many columns, as far as it can tell."""
    for name in ("NO_COLOR", "FORCE_COLOR"):
        monkeypatch.delenv(name, raising=False)
    for name, value in {"TERM": "xterm", "COLUMNS": str(columns), **environment}.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)


@pytest.mark.parametrize("columns", [200, 130, 100, 72, 40, 25, 5])
def test_every_line_of_the_drafts_fits_the_terminal(
    drafted: Home, monkeypatch: pytest.MonkeyPatch, columns: int
) -> None:
    drafted.household.put("ana", event("u5", "2026-03-03 13:30", "ana@x.example", title=NASTY))
    drafted.once("2026-03-03 18:30")
    on_a_terminal(monkeypatch, columns, NO_COLOR="1")
    for words in (("drafts",), ("drafts", "--all"), ("people",)):
        told = drafted.run(LATER, *words)
        assert told.code == 0
        assert max(map(width, told.out.splitlines())) <= max(columns, 20)
    if columns >= 40:
        shown = " ".join(drafted.run(LATER, "drafts").out.split())
        for part in ("Ana", "Dana", "Thank you, Ana", "Coffee with Dana", "[red]x[/red]", "Wed 16:00", "placed"):
            assert part in shown
        assert shown.index("Ana") < shown.index("Dana")


def test_what_stands_in_a_title_is_neither_markup_nor_an_order_to_the_terminal(
    drafted: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    drafted.household.put("ana", event("u5", "2026-03-03 13:30", "ana@x.example", title=NASTY))
    drafted.once("2026-03-03 18:30")
    on_a_terminal(monkeypatch, 200)
    shown = drafted.run(LATER, "drafts").out
    assert "\x1b[1mThank you, Ana" in shown
    assert "Coffee [red]x[/red] [[gap]] [/] :smile: ab[31mc" in shown
    assert CONTROL.findall(re.sub(r"\x1b\[[0-9;]*m", "", shown)) == []


def test_no_colour_and_a_terminal_that_can_do_nothing_are_respected(
    drafted: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    plain = drafted.run(LATER, "drafts").out
    on_a_terminal(monkeypatch, 100, NO_COLOR="1")
    assert "\x1b" not in drafted.run(LATER, "drafts").out
    on_a_terminal(monkeypatch, 100, TERM="dumb")
    assert drafted.run(LATER, "drafts").out == plain


def test_a_draft_that_is_late_stale_or_gone_says_so_in_words(drafted: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    on_a_terminal(monkeypatch, 100, NO_COLOR="1")
    assert "26 h late, by Wed 16:00" in drafted.run("2026-03-05 18:00", "drafts").out
    (draft,) = drafted.household.files(".Drafts")
    draft.rename(drafted.household.root / "away")
    assert "gone from Drafts" in drafted.run(LATER, "drafts").out


def test_where_the_output_is_not_in_unicode_the_rule_is_of_ascii(monkeypatch: pytest.MonkeyPatch) -> None:
    rows: list[list[list[Line]]] = [[[("one", {})], [("two", {"bold": True}), ("three", {})]]]
    monkeypatch.setattr("sys.stdout", io.TextIOWrapper(io.BytesIO(), "iso-8859-1"))
    lines = ["".join(text for text, _ in line) for line in drawn([Head("A"), Head("B")], rows, 40)]
    assert all(line.isascii() for line in lines)
    assert [re.findall(r"\w+", line) for line in lines] == [["A", "B"], [], ["one", "two"], ["three"]]


def test_rich_is_loaded_for_a_table_alone_and_by_no_cycle() -> None:
    code = (
        "import sys, daemon.cli.drafts, daemon.cli.people, daemon.cli.once, daemon.cli.turn, daemon.cycle_log;"
        "daemon.cycle_log.logger(); daemon.cli.drafts.breadth();"
        "print([name for name in sys.modules if name.startswith('rich')]); import rich.table; print(rich.__name__)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\nrich\n"


@pytest.mark.parametrize(
    ("message", "said"),
    [
        ("there is no note 'x'", "There is no note 'x'."),
        ("nothing, by your word of Tue 3 March", "Nothing, by your word of Tue 3 March."),
        ("mail.example does not answer!", "mail.example does not answer!"),
        ("rules/soft.yaml: no rules", "rules/soft.yaml: no rules."),
        ("dana@acme.example is nobody", "dana@acme.example is nobody."),
        ("eelrnxayovny: it is skipped already", "eelrnxayovny: it is skipped already."),
        ("--origin: 'x' is none", "--origin: 'x' is none."),
        ("`check` tells", "`check` tells."),
        ("", ""),
    ],
)
def test_a_message_begins_with_a_capital_but_where_a_name_stands_first(message: str, said: str) -> None:
    assert sentence(message) == said
