"""`afterword review --tty`: the drafts one by one at a terminal, each made the user's in their own editor."""

from __future__ import annotations

import os
import re
import signal
import stat
import sys
from typing import TYPE_CHECKING

import pytest

from daemon.ledger import Ledger
from daemon.not_again import marked
from tests.build import at
from tests.daemon.terminal import Terminal, script
from tests.house import event

if TYPE_CHECKING:
    from pathlib import Path

    from tests.daemon.cli.conftest import Home

LATER = "2026-03-03 19:00"
FILL = r"""sed -i 's/\[\[what stayed with me\]\]/Your garden!/' "$1" """
NASTY = "Coffee [red]x[/] [[gap]] a\u202eb\x1b[31mc\x07 春の会議"


def review(home: Home, editor: str | Path = "", *, columns: int = 100, **environment: str) -> Terminal:
    """The command at a terminal, at this hour, with this editor."""
    root = home.household.root
    folders = ("--config", str(root / "config"), "--state", str(root / "state"))
    told = {"EDITOR": str(editor)} if editor else {}
    when = at(LATER).isoformat()
    return Terminal(*folders, "review", "--tty", "--at", when, columns=columns, **told, **environment)


def text(home: Home, name: str = "Dana") -> str:
    """The draft to this person as it lies there."""
    (draft,) = (one for one in home.household.drafts() if f"<{name.casefold()}@" in str(one["To"]))
    return draft.get_payload(decode=True).decode().replace("\r\n", "\n")  # type: ignore[union-attr]


def left_over(home: Home) -> list[Path]:
    return sorted(home.household.state.glob("afterword-edit-*/*"))


@pytest.fixture
def several(drafted: Home) -> Home:
    """The same, and drafts to Ana (whose deadline is nearer), Kim and Lou."""
    drafted.household.put("ana", event("u5", "2026-03-03 13:00", "ana@x.example", title=NASTY))
    drafted.household.put("kim", event("u6", "2026-03-03 15:30", "kim@x.example", title="Coffee with Kim"))
    drafted.household.put("lou", event("u7", "2026-03-03 15:40", "lou@x.example", title="Coffee with Lou"))
    drafted.once("2026-03-03 18:50")
    assert len(drafted.household.drafts()) == 4
    return drafted


def test_a_whole_session(several: Home, tmp_path: Path) -> None:
    with review(several, script(tmp_path / "ed", FILL)) as session:
        ana = session.expect()
        for part in ("1 of 4", "Thank you, Ana", "on its way by Wed 14:00, in 19 h", "rules/rules.yaml:5", "Dear Ana,"):
            assert part in ana
        assert "[[what stayed with me]]" in ana
        assert "There is no key that sends" in session.press("?")
        assert "e edit  s skip  z snooze" in ana
        edited = session.press("e")
        assert ("Saved in Drafts." in edited, "e edit  x not this person again" in edited) == (True, True)
        assert "You have edited its draft, so it is yours" in session.press("s")
        assert "yours and stays where it is" in session.press("z")  # told before a time is asked for
        dana = session.press("n")
        assert ("2 of 4" in dana, "Coffee with Dana" in dana) == (True, True)
        assert "Skipped: 'Thank you, Dana' to Dana." in session.press("s")
        assert "Taken back: 'Thank you, Dana' to Dana." in session.press("u")
        assert "There is nothing to take back." in session.press("u")
        assert "2 of 4" in session.press("p")
        assert "3 of 4" in session.press("\x1b[C")
        assert "Skipped" in session.press("s")
        assert "tomorrow, Wed 4 March 09:00" in session.press("z\n", "leaves it): ")  # an Enter before the question
        assert "Snoozed until Thu 5 March 19:00: 'Thank you, Lou'" in session.press(
            "2 days\n", "That was the last one."
        )
        session.expect()
        assert "4 of 4" in session.press("p")
        assert session.end("q") == 0
        assert session.is_as_before()
    states = {one["to"][0]["name"]: one["state"] for one in several.run(LATER, "drafts", "--all", "--json").follow_ups}
    assert [states[name] for name in ("Ana", "Dana", "Kim", "Lou")] == ["edited", "placed", "skipped", "snoozed"]
    assert text(several, "Ana") == "Dear Ana,\n\nThank you for your time on Tuesday. Your garden!\n\nRobin\n"
    assert left_over(several) == []
    shown = re.sub(r"\x1b\[[0-9;]*m", "", session.raw)
    assert re.findall("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202e]", shown) == []
    assert "Coffee [red]x[/] [[gap]] ab[31mc 春の会議" in shown


def test_not_this_person_again_and_the_way_back_and_where_it_opens(drafted: Home) -> None:
    addresses = ["dana@acme.example", "dana@home.example"]
    drafted.household.write("people.yaml", f"people: [{{name: Dana, emails: [{', '.join(addresses)}]}}]\n")
    with review(drafted) as session:
        session.expect()
        assert f"mid:{str(drafted.household.drafts()[0]['Message-ID']).strip('<>')}" in session.press("o")
        assert "to Dana again, by any rule?" in session.press("x")
        session.press("n")
        session.press("x")
        assert "Nothing is written to Dana again." in session.press("y", "That was the last one.")
        session.expect()
        session.press("p")
        assert "notes to Dana are written again" in session.press("u")
        session.press("x")
        session.press("y")
        assert session.end("q") == 0
    with Ledger.open(drafted.household.state, write=False) as ledger:
        assert list(marked(ledger)) == addresses
    drafted.once("2026-03-03 19:30")
    assert drafted.household.subjects() == []


def test_who_changes_the_draft_meanwhile_is_not_written_over_unasked(drafted: Home, tmp_path: Path) -> None:
    """The editor is open, and the mail program saves the same draft."""
    drafts = drafted.household.mail / ".Drafts"
    log = tmp_path / "seen"
    editor = script(
        tmp_path / "ed",
        f"""cat "$1" >> {log}
        echo >> {tmp_path}/times
        n=$(wc -l < {tmp_path}/times)
        if [ "$n" -le 3 ]; then sed -i "s/^Robin.*/Robin $n/" {drafts}/cur/*; fi
        sed -i 's/on Tuesday/yesterday/' "$1" """,
    )
    with review(drafted, editor) as session:
        session.expect()
        conflict = session.press("e")
        assert "has been changed since you opened it here: nothing was written" in conflict
        assert "- Robin 1\n" in conflict.replace("-Robin", "- Robin")
        assert "+Thank you for your time yesterday." in conflict
        assert "Your words are kept: e goes on with them." in session.press("k")
        assert "yesterday" not in text(drafted)
        assert "that you typed Tue 3 March 19:00 are not in it yet" in session.press("r")
        session.press("e")  # it goes on with what was kept, and the mail program saves again
        session.press("e")  # both are in the file, and once more
        assert "This lies in Drafts now, and is another:" in log.read_text("utf-8")
        assert "Robin 2\n" in log.read_text("utf-8")
        assert "Saved in Drafts. 1 gap to fill." in session.press("m")
        assert "yesterday" in text(drafted)
        assert "Robin 3" not in text(drafted)
        assert "are not in it yet" not in session.press("r")
        assert session.end("q") == 0
    assert left_over(drafted) == []


def test_theirs_can_be_taken_and_mine_is_shown_once_more(drafted: Home, tmp_path: Path) -> None:
    drafts = drafted.household.mail / ".Drafts"
    editor = script(tmp_path / "ed", f"""{FILL}\nsed -i "s/Robin$/R./" {drafts}/cur/*""")
    with review(drafted, editor) as session:
        session.expect()
        session.press("e")
        assert "Your garden!" in session.press("t")
        assert "\nR.\n" in text(drafted)
        assert "Your garden!" not in text(drafted)
        assert "are not in it yet" not in session.press("r")
        assert session.end("q") == 0


def test_a_draft_that_is_open_elsewhere_leaves_the_words_kept(drafted: Home, tmp_path: Path) -> None:
    drafts = drafted.household.mail / ".Drafts"
    away = tmp_path / "away"
    away.mkdir()
    editor = script(tmp_path / "ed", f"""{FILL}\nmv {drafts}/cur/* {away}""")
    with review(drafted, editor) as session:
        session.expect()
        told = session.press("e")
        assert "It was not saved. Its draft is not in Drafts just now" in told
        assert "Your words are kept" in told
        assert "This is what was laid down:" in session.press("r")
        for file in away.iterdir():
            file.rename(drafts / "cur" / file.name)
        script(tmp_path / "ed", "true")
        assert "Saved in Drafts." in session.press("e")
        assert session.end("\x04") == 0
    assert "Your garden!" in text(drafted)


def test_an_editor_that_brings_nothing_changes_nothing(drafted: Home, tmp_path: Path) -> None:
    before = text(drafted)
    cases = (
        ("exit 3", "ended with exit code 3. Nothing was saved"),
        ("kill -9 $$", "ended by SIGKILL. Nothing was saved"),
        (': > "$1"', "The note is empty, so nothing was saved"),
        ("true", "Nothing was changed. An editor with a window of its own"),
    )
    with review(drafted, tmp_path / "ed") as session:
        session.expect()
        assert "There is no editor `" in " ".join(session.press("e").split())
        for words, told in cases:
            script(tmp_path / "ed", words)
            assert told in " ".join(session.press("e").split())
        script(tmp_path / "ed", 'rm "$1"')
        assert "The file that you edited cannot be read" in session.press("e")
        assert "is in this file" not in session.press("r")
        script(tmp_path / "ed", "printf 'Subject: x\\n\\n\\377\\n' > \"$1\"")
        assert "did not write UTF-8" in " ".join(session.press("e").split())
        session.press("k")
        assert session.end("q") == 0
    assert text(drafted) == before
    assert [path.read_bytes() for path in left_over(drafted)] == [b"Subject: x\n\n\377\n"]


def test_what_was_typed_into_an_editor_that_broke_is_not_lost(drafted: Home, tmp_path: Path) -> None:
    with review(drafted, script(tmp_path / "ed", f"{FILL}\nkill -9 $$")) as session:
        session.expect()
        assert "What is to become of what you typed?" in session.press("e")
        assert "What you typed is in" in session.press("k")
        (file,) = left_over(drafted)
        assert "Your garden!" in file.read_text("utf-8")
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
        assert stat.S_IMODE(file.parent.stat().st_mode) == 0o700
        session.press("e")
        assert "Saved in Drafts." in session.press("s")
        assert session.end("q") == 0
    assert "Your garden!" in text(drafted)
    with review(drafted) as session:
        assert (
            f"An edit was cut off; what was typed then is in this file, until you delete it:\n{file}"
            in session.expect()
        )
        assert session.end("q") == 0


def test_where_the_ledger_takes_nothing_the_file_has_the_words(drafted: Home, tmp_path: Path) -> None:
    ledger = drafted.household.state / "ledger.sqlite3"
    editor = script(tmp_path / "ed", f"{FILL}\nmv {ledger} {ledger}.away; mkdir {ledger}")
    with review(drafted, editor, columns=200) as session:
        session.expect()
        os.write(session._mine, b"e")
        assert "It was not saved" in session.expect("What you typed is in this file")
        code = session.end()
    (file,) = left_over(drafted)
    assert "Your garden!" in file.read_text("utf-8")
    assert code == 75


def test_an_editor_with_options_and_spaces_that_saves_by_renaming(drafted: Home, tmp_path: Path) -> None:
    folder = tmp_path / "my tools"
    folder.mkdir()
    script(folder / "ed", r"""[ "$1" = -x ] && sed 's/\[\[.*\]\]/Fine./' "$2" > "$2.new" && mv "$2.new" "$2" """)
    runtime = tmp_path / "run"
    runtime.mkdir(mode=0o700)
    with review(drafted, f"'{folder}/ed' -x", XDG_RUNTIME_DIR=str(runtime)) as session:
        session.expect()
        assert "Saved in Drafts." in session.press("e")
        assert session.end("q") == 0
    assert "Fine." in text(drafted)
    assert list(runtime.iterdir()) == []
    script(folder / "ed", "exit 9")
    with review(drafted, folder / "ed") as session:  # a path with a space, and nobody put it in quotes
        session.expect()
        assert "ended with exit code 9" in session.press("e")
        assert session.end("q") == 0


@pytest.mark.parametrize(("how", "code"), [("\x04", 0), ("\x03", 130), (signal.SIGTERM, 143)])
def test_however_it_ends_the_terminal_is_as_it_was(drafted: Home, how: str | signal.Signals, code: int) -> None:
    with review(drafted) as session:
        session.expect()
        assert not session.is_as_before()
        if isinstance(how, signal.Signals):
            os.kill(session.running.pid, how)
        assert session.end(how if isinstance(how, str) else "") == code
        assert session.is_as_before()


def test_a_terminal_that_is_gone_ends_it_and_what_was_typed_stays(drafted: Home, tmp_path: Path) -> None:
    with review(drafted, script(tmp_path / "ed", f"{FILL}\necho ready\nsleep 60")) as session:
        session.expect()
        session.press("e", "ready")
        session.hang_up()
        assert session.end() == 129
    (file,) = left_over(drafted)
    assert "Your garden!" in file.read_text("utf-8")


def test_ctrl_c_in_the_editor_is_for_the_editor_and_on_a_line_for_the_line(drafted: Home, tmp_path: Path) -> None:
    # The shell only passes over the signal: dash loses one that comes while it starts a program.
    waits = "from signal import *; pthread_sigmask(SIG_BLOCK, [SIGINT]); print('ready', flush=True); sigwait([SIGINT])"
    editor = script(tmp_path / "ed", f'trap : INT\n{sys.executable} -I -c "{waits}"\n{FILL}')
    with review(drafted, editor) as session:
        session.expect()
        session.press("z", "leaves it): ")
        assert "edit" in session.interrupt()
        session.press("e", "ready")
        assert "Saved in Drafts." in session.press("\x03")
        assert session.end("q") == 0


def test_a_window_of_another_size_is_drawn_anew_and_a_narrow_one_holds_it_all(drafted: Home) -> None:
    with review(drafted) as session:
        session.expect()
        session.resize(40)
        shown = session.expect()
        assert max(map(len, shown.splitlines())) <= 40
        for part in ("Thank you, Dana", "rules/rules.yaml:5", "[[what stayed with me]]", "q quit"):
            assert part in " ".join(shown.split())
        assert "'w' means nothing here." in session.press("w")
        os.kill(session.running.pid, signal.SIGCONT)  # as after Ctrl-Z and `fg`
        assert "1 of 1" in session.expect()
        assert session.end("q") == 0


def test_without_a_terminal_it_says_what_else_there_is(drafted: Home) -> None:
    told = drafted.run(LATER, "review", "--tty")
    assert told.code == 2
    assert "--tty needs a terminal" in told.err
    assert "drafts` lists them anywhere" in " ".join(told.err.split())


def test_a_mailbox_that_cannot_be_read_is_told_and_what_was_laid_down_is_shown(drafted: Home) -> None:
    drafted.household.mail.rename(drafted.household.root / "Elsewhere")
    with review(drafted) as session:
        shown = session.expect()
        assert "This is what was laid down:" in shown
        assert "[[what stayed with me]]" in shown
        assert "Mail" in session.press("e")
        assert session.end("q") == 1


def test_a_draft_that_only_a_mail_program_can_change_says_so_before_it_is_edited(drafted: Home) -> None:
    (path,) = (drafted.household.mail / ".Drafts" / "cur").iterdir()
    path.write_bytes(path.read_bytes().replace(b"Dear", b"B\xc3ste"))
    with review(drafted) as session:
        shown = " ".join(session.expect().split())
        assert "Some of its letters are broken" in shown
        assert "Open it in your mail program, and change it there." in shown
        assert ("[[what stayed with me]]" in shown, "e edit" in shown) == (True, False)
        assert "letters are broken" in session.press("e")
        assert session.end("q") == 0


def test_where_nothing_waits_it_says_so_and_ends(home: Home) -> None:
    home.once("2026-03-03 12:00")
    with review(home) as session:
        assert "No draft waits for you." in session.expect("No draft waits for you.")
        assert session.end() == 0
