"""The report of `afterword doctor`: useful, and with nothing in it that is the user's; and it refuses where it has."""

from __future__ import annotations

import json
import re
import shutil
import socket
import sys
import tempfile
import threading
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from config.problem import Problem
from daemon import locks, mishaps
from daemon.cli import drafts as of_drafts
from daemon.doctor import machine, messages, personal, render, shape, state
from daemon.doctor.leaf import OTHER, Section, Word
from daemon.doctor.vocabulary import EVENTS, own_words, tokens
from daemon.ledger import Ledger, store
from tests.build import at
from tests.cases.home import Home
from tests.house import event

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

ROOT = Path(__file__).parents[2]
WHEN = "2026-03-05 12:00"
FIELDS = """
    me mail work host signature feed folder caldav user command person email tag organisation notes rule step
    title unless template words gap subject guest location description sender letter notify note owed error file
    mishap cause home login machine archive key uid stray typed later
"""
CANARIES = {name: f"zq{name}xk" for name in FIELDS.split()}
"""A word for each field in which somebody may write."""
C = SimpleNamespace(**CANARIES)
HOME = f"""\
version: 1
me:
  name: {CANARIES["me"]} Vale
  emails: [{CANARIES["mail"]}@{CANARIES["host"]}.example, robin@{CANARIES["work"]}.example]
  time_zone: America/Argentina/Ushuaia
  signature: |
    {CANARIES["signature"]}
calendars:
  - {{id: {CANARIES["feed"]}, ics: {CANARIES["folder"]}/}}
  - id: {CANARIES["later"]}
    caldav: "http://127.0.0.1:1/{CANARIES["caldav"]}/"
    user: {CANARIES["user"]}
    password: {{command: echo {CANARIES["command"]}}}
    local: true
contacts:
  - {{people: people.yaml}}
mailbox: {{maildir: ../{CANARIES["archive"]}}}
notify: {{command: ["true", {CANARIES["notify"]}]}}
"""
PEOPLE = f"""\
people:
  - name: {CANARIES["person"]} Okafor
    emails: [{CANARIES["email"]}@one.example]
    tags: [{CANARIES["tag"]}]
    organisation: {CANARIES["organisation"]}
    notes: {CANARIES["notes"]} plays the cello
"""
RULES = f"""\
rules:
  - id: {CANARIES["rule"]}
    when: {{title: ["{CANARIES["title"]}"]}}
    unless: {{title: ["{CANARIES["unless"]}"]}}
    steps:
      - {{id: {CANARIES["step"]}, template: {CANARIES["template"]}, after: 2 hours, by: 24 hours}}
"""
NOTE = f"""\
---
subject: {CANARIES["subject"]} {{{{ person.first_name }}}}
---
Dear {{{{ person.first_name }}}},

{CANARIES["words"]} {{{{ gap("{CANARIES["gap"]}") }}}}

{{{{ me.signature }}}}
"""


def household(root: Path) -> Home:
    """Each field that takes a text has a word that stands nowhere else; it was at work, and not all was well."""
    home = Home.make(root, settings=HOME, rules=RULES, people=PEOPLE)
    (root / "config" / "calendar").rename(root / "config" / C.folder)
    (root / "Mail").rename(root / C.archive)
    home.write(f"templates/{C.template}.md", NOTE)
    mine = f"mailto:{C.mail}@{C.host}.example"
    extra = (
        f"LOCATION:{C.location}\r\nDESCRIPTION:{C.description} #owe: send {C.owed}\r\n"
        f"ATTENDEE;CN={C.guest};PARTSTAT=ACCEPTED:mailto:{C.guest}@two.example\r\n"
    )
    entry = event(C.uid, "2026-03-05 07:00", f"{C.email}@one.example", title=f"{C.title} walk", extra=extra)
    path = root / "config" / C.folder / f"{C.file}.ics"
    text = f"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//test//EN\r\n{entry}END:VCALENDAR\r\n"
    path.write_text(text.replace("mailto:robin@example.org", mine))
    (path.parent / f"{C.stray}.ics").write_text(f"BEGIN:VCALENDAR {C.stray}")
    mail = (
        f"From: {C.sender} <{C.email}@one.example>\nTo: {mine[7:]}\nSubject: {C.letter}\n"
        f"Message-ID: <a@{C.letter}.example>\nDate: Wed, 04 Mar 2026 10:00:00 +0000\n\nWords\n"
    )
    (root / C.archive / "cur" / "1772600000.a.host:2,S").write_text(mail)
    for when in ("2026-03-05 06:00", WHEN):
        assert home.command("once", when=when)[0] == 1
    assert home.command("note", f"{C.email}@one.example", f"{C.note} is well", when=WHEN)[0] == 0
    with Ledger.open(home.state) as ledger:
        (placed, *_) = ledger.records()
        assert placed.placed is not None
        problem = Problem(C.feed, f"{C.file}.ics", 4, 1, f"the server said: {C.error}", None)
        ledger.source_failed(C.feed, at(WHEN), problem)
        ledger.source_failed(C.typed, at(WHEN), problem)
        ledger.keep(C.key, C.key)
        ledger.save([(replace(placed, why=f"since {C.cause}"), C.cause)], at(WHEN))
    error = KeyError(C.mishap)
    error.__cause__ = OSError(C.error)
    mishaps.note(error, home.state, "once", at(WHEN))
    return home


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Home:
    return household(tmp_path_factory.mktemp(C.home) / "home")


@pytest.fixture
def home(built: Home, monkeypatch: pytest.MonkeyPatch) -> Home:
    for name, value in (("HOME", f"/home/{C.home}"), ("USER", C.login), ("LOGNAME", C.login), ("HOSTNAME", C.machine)):
        monkeypatch.setenv(name, value)
    return built


def reports(home: Home, capsys: pytest.CaptureFixture[str]) -> tuple[str, str]:
    """As text and as JSON."""
    code, _, err = text_of(home, capsys)
    assert (code, err) == (0, "")
    _, text, _ = text_of(home, capsys)
    code, told, err = home.command("doctor", when=WHEN)
    assert code == 0, err
    return text, json.dumps(told, ensure_ascii=False)


def text_of(home: Home, capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, str, str]:
    from daemon.cli import run_command  # noqa: PLC0415 - as a user types it

    capsys.readouterr()
    given_ = ["--config", str(home.root / "config"), "--state", str(home.state), "doctor", *words]
    code = run_command([*given_, "--at", at(WHEN).isoformat()])
    said = capsys.readouterr()
    return code, said.out, said.err


def test_nothing_that_somebody_wrote_anywhere_is_in_it(home: Home, capsys: pytest.CaptureFixture[str]) -> None:
    there = [*home.root.rglob("*")]
    everywhere = " ".join(map(str, there)) + "".join(
        one.read_text("utf-8", "replace") for one in there if one.is_file()
    )
    planted = [one for name, one in CANARIES.items() if name not in {"mishap", "home", "login", "machine"}]
    assert [one for one in planted if one not in everywhere] == []
    for text in reports(home, capsys):
        assert [one for one in CANARIES.values() if one in text.casefold()] == []
        assert not re.search(r"zq|okafor|cello|ushuaia|argentina|example|@|walk|robin", text.casefold())
        assert str(home.root) not in text


def test_it_is_all_that_one_needs_to_begin_with(home: Home, capsys: pytest.CaptureFixture[str]) -> None:
    text, told = reports(home, capsys)
    sections = {one["title"]: one for one in json.loads(told)["report"]}
    assert sections["Ledger"]["tables"]["follow-ups by state"] == [{"state": "placed", "count": 2}]
    assert sections["Ledger"]["facts"]["sound"] is True
    assert {"kind": "ics", "answered, ago": 0, "stale, since": 0, "what is wrong": "other"} in (
        sections["Ledger"]["tables"]["sources"]
    )
    keys = {one["key"]: one["count"] for one in sections["Configuration"]["tables"]["keys used"]}
    assert keys["rules: rules.when.title"] == 1
    assert keys["settings: calendars.caldav"] == 1
    assert sections["Configuration"]["facts"]["mailbox"] == "maildir"
    (mishap,) = sections["Errors that should not have happened"]["tables"]["unexpected"]
    assert (mishap["error"], mishap["command"]) == ("KeyError from OSError", "once")
    for name in ("SQLite", "Python", "kernel"):
        assert re.fullmatch(r"[0-9.]+", sections["Afterword and its machine"]["facts"][name])
    assert "## Ledger" in text
    assert "| placed | 2     |" in text


def test_a_source_that_answers_is_not_stale_and_nothing_is_wrong_with_it(tmp_path: Path) -> None:
    with Ledger.open(tmp_path) as ledger:
        ledger.source_ok("feed", at(WHEN))
    tables = dict(state.ledger(tmp_path, shape.Written.of(tmp_path), at(WHEN)).tables)
    assert [list(map(render.words, row[2:])) for row in tables["sources"].rows] == [["no", "none"]]


def test_every_word_in_it_is_one_of_the_programs(home: Home, capsys: pytest.CaptureFixture[str]) -> None:
    """Or else the second line could mistake an honest word for one of the user's."""
    ours = {token for one in messages.templates() for token in tokens(one.shown)}
    known = own_words() | {token for one in machine.requirements() for token in tokens(one)}
    known |= {"keyerror", "oserror"}
    for text in reports(home, capsys):
        unknown = [one for one in dict.fromkeys(tokens(text)) if one not in known and not one.isdigit()]
        assert [one for one in unknown if one not in ours] == []


# --- the second line ---------------------------------------------------------------------------------------


def test_each_word_of_the_users_is_found_wherever_it_would_leak(home: Home) -> None:
    written = shape.Written.of(home.root / "config")
    for name, one in CANARIES.items():
        if name in {"mishap", "sender"}:
            continue  # what an error says is kept nowhere, and no report looks into the mailbox
        found = personal.leaks(f"rules: {one.upper()}", (), written, home.root / "config", home.state)
        assert found, name
    for text in (C.error, "Okafor", "cello", "Ushuaia", f"{C.note} is well", f"<a@{C.letter}.example>"):
        assert personal.leaks(text, (), written, home.root / "config", home.state), text


def test_a_title_of_ordinary_words_is_found_as_a_whole(home: Home) -> None:
    written = shape.Written.of(home.root / "config")
    with Ledger.open(home.state) as ledger:
        ledger.add_person_note("a@one.example", "State of the ledger", at(WHEN))
    found = personal.leaks("follow-ups: state of the ledger, 3", (), written, home.root / "config", home.state)
    assert found == ["the ledger"]
    assert personal.leaks("state of ledger", (), written, home.root / "config", home.state) == []


@pytest.mark.parametrize("as_json", [False, True])
def test_where_a_field_leaks_nothing_is_written_and_the_word_is_not_repeated(
    home: Home, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path, as_json: bool
) -> None:
    honest = shape.shape

    def careless(written: shape.Written) -> Section:
        section = honest(written)
        (rule,) = re.findall(r"id: (zqrule\w+)", written.files["rules/rules.yaml"])
        return replace(section, facts=(*section.facts, ("rules", Word(rule))))

    monkeypatch.setattr(shape, "shape", careless)
    target = tmp_path / "report"
    code, out, err = text_of(home, capsys, str(target), *(["--json"] if as_json else []))
    assert code == 1
    assert not target.exists()
    assert "the configuration" in err
    assert C.rule not in out + err
    assert "## " not in out


def test_a_plain_text_is_nothing_for_a_report() -> None:
    mistaken: Any = "whatever"
    report = [Section("Ledger", (("state", mistaken),))]
    for write in (render.markdown, render.document):
        with pytest.raises(TypeError, match="str is nothing"):
            write(report)


# --- whatever the user's words are -------------------------------------------------------------------------

WORDS = st.from_regex(r"[a-z]{3,12}", fullmatch=True).filter(
    lambda one: one not in {"yes", "null", "true", "off", "any"}
)


CHANGED = [
    "rule", "step", "title", "unless", "person", "tag", "organisation", "notes", "me", "signature", "feed", "later"
]  # fmt: skip


def told_of(folder: Path, change: Mapping[str, str]) -> str:
    """The report on the configuration, in which these words have others in their place; a key is wrong in it."""
    texts = {"afterword.yaml": HOME, "people.yaml": f"{PEOPLE}nonsense: {{a: b}}\n", "rules/rules.yaml": RULES}
    (folder / C.folder).mkdir(parents=True)
    for name, text in {**texts, f"templates/{C.template}.md": NOTE}.items():
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text(re.sub(r"zq\w+xk", lambda found: change.get(found[0], found[0]), text))
    written = shape.Written.of(folder)
    problems = shape.wrong("problems", written.problems, shape.kinds_of_sources(written))
    return render.markdown([shape.shape(written), Section("problems", (), (problems,))])


@settings(max_examples=12, deadline=None)
@given(st.lists(WORDS, min_size=12, max_size=12, unique=True))
def test_the_report_on_a_configuration_does_not_depend_on_any_word_in_it(words: Sequence[str]) -> None:
    """Two people with the same rules in other words have the same report."""
    with tempfile.TemporaryDirectory() as place:
        before = told_of(Path(place) / "before", {})
        after = told_of(Path(place) / "after", dict(zip((CANARIES[name] for name in CHANGED), words, strict=True)))
    assert before == after
    assert "unknown key" in before


# --- where things are broken -------------------------------------------------------------------------------


@pytest.mark.parametrize("what", ["nothing", "settings", "ledger", "newer", "folder"])
def test_it_works_where_little_does(tmp_path: Path, capsys: pytest.CaptureFixture[str], what: str) -> None:
    home = Home.make(tmp_path / "home")
    home.command("once", when="2026-03-05 06:00")
    if what == "nothing":
        shutil.rmtree(home.state)
        shutil.rmtree(home.root / "config")
    elif what == "settings":
        home.write("afterword.yaml", "me: [\n  name: {")
    elif what == "ledger":
        (home.state / store.NAME).write_bytes(b"no ledger" * 2000)
    elif what == "newer":
        import sqlite3  # noqa: PLC0415 - for this alone

        raw = sqlite3.connect(home.state / store.NAME)
        raw.execute("UPDATE alembic_version SET version_num = '0099'")
        raw.commit()
        raw.close()
    else:
        shutil.rmtree(home.state)
        (home.state / store.NAME).mkdir(parents=True)
    before = sorted(home.root.rglob("*"))
    code, out, err = text_of(home, capsys)
    assert (code, err) == (0, "")
    assert "## Ledger" in out
    assert str(tmp_path) not in out
    assert sorted(home.root.rglob("*")) == before


def test_a_report_is_written_over_nothing_but_by_force(
    home: Home, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    target = tmp_path / "report.md"
    assert text_of(home, capsys, str(target))[0] == 0
    assert "## Ledger" in target.read_text()
    target.write_text("of yesterday\n")
    code, _, err = text_of(home, capsys, str(target))
    assert (code, target.read_text()) == (2, "of yesterday\n")
    assert "--force" in err
    assert text_of(home, capsys, str(target), "--force")[0] == 0
    assert "## Ledger" in target.read_text()
    assert text_of(home, capsys, "--force")[0] == 2


def test_no_report_takes_the_place_of_what_afterword_keeps(home: Home, capsys: pytest.CaptureFixture[str]) -> None:
    ledger = home.state / "ledger.sqlite3"
    before = ledger.read_bytes()
    code, _, err = text_of(home, capsys, str(ledger), "--force")
    assert (code, ledger.read_bytes()) == (2, before)
    assert "lies among the files of Afterword" in err


def test_an_error_that_should_not_have_happened_is_kept_by_its_kind_and_place(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    home = Home.make(tmp_path / "home")
    home.command("once", when="2026-03-05 06:00")

    def wrong(*_: object) -> None:
        raise LookupError(C.mishap)

    monkeypatch.setattr(of_drafts, "finish", wrong)
    with pytest.raises(LookupError):
        home.command("drafts", when=WHEN)
    monkeypatch.undo()
    assert C.mishap not in (home.state / mishaps.FILE).read_text()
    _, out, _ = text_of(home, capsys)
    assert re.search(r"\| drafts +\| LookupError \| .*daemon/cli/drafts\.py:\d+", out)


def test_what_a_file_of_errors_says_is_believed_only_where_it_is_the_programs(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    home = Home.make(tmp_path / "home")
    home.state.mkdir()
    told = [
        {"at": C.key, "version": C.key, "command": C.key, "errors": [[C.key, C.key], ["os", "getcwd"], ["os", C.key]],
         "frames": [["daemon/../../etc/passwd", 1], [f"daemon/{C.key}.py", 2], ["daemon/cycle.py", C.key]]},
        {"errors": C.key, "frames": [[1], C.key]}, C.key,
    ]  # fmt: skip
    (home.state / mishaps.FILE).write_text(json.dumps(told))
    _, out, err = text_of(home, capsys)
    assert err == ""
    assert C.key not in out
    assert "other from other from other" in out


def test_nothing_that_a_file_of_errors_names_is_imported(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    home = Home.make(tmp_path / "home")
    home.state.mkdir()
    named = [["this", "s"], ["venv.__main__", "rc"], ["daemon.demo.play", C.key]]
    known = [["connectors.base", "TransientError"], ["googleapiclient.errors", "HttpError"], ["builtins", "KeyError"]]
    for one in ("this", "venv.__main__"):
        sys.modules.pop(one, None)
    (home.state / mishaps.FILE).write_text(json.dumps([{"errors": named}, {"errors": known}]))
    _, out, _ = text_of(home, capsys)
    assert {"this", "venv.__main__"} & sys.modules.keys() == set()
    assert "other from other from other" in out
    assert "TransientError from HttpError from KeyError" in out


# --- its parts ---------------------------------------------------------------------------------------------


def test_the_events_are_those_of_the_log() -> None:
    sources = "".join(path.read_text() for path in (ROOT / "daemon").rglob("*.py") if "doctor" not in path.parts)
    named = set(
        re.findall(
            r"(?:\"(?:debug|info|warning|error)\", |log\.\w+\(|yield |return |else |: )\"([a-z]+\.[a-z_]+)\"", sources
        )
    )
    named -= {"rules.match", "daemon.listener", "websocket.close"}
    assert {
        one for one in named if not one.endswith((".md", ".yaml", ".json", ".lock", ".py", ".sock", ".html"))
    } - EVENTS == set()
    assert {one for one in EVENTS if f'"{one}"' not in sources} == set()


def test_of_systemd_only_known_words_and_numbers_are_taken() -> None:
    printed = f"LoadState=loaded\nActiveState={C.key}\nNRestarts=3\nTasksCurrent={C.key}\nDescription={C.key}\n\n\n"
    (unit,) = machine.unit_facts(printed)
    assert dict(unit) == {"LoadState": "loaded", "ActiveState": OTHER, "NRestarts": 3, "TasksCurrent": None}
    assert list(machine.unit_facts("")) == []


def test_of_what_a_service_answers_only_numbers_and_events_are_taken(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    home = Home.make(tmp_path / "home")
    home.state.mkdir()
    with locks.take(home.state, locks.SERVICE, "run", at("2026-03-05 11:00")), socket.socket(socket.AF_UNIX) as server:
        server.bind(str(home.state / "service.sock"))
        server.listen()
        told = {
            "version": C.key, "pid": 1, "since": C.key, "cycle": {"outcome": C.key, "ended": C.key}, "failures": C.key,
            "problems": [{"message": C.key}], "status": C.key, "cycles": 7, "wakeups": 9, C.key: C.key,
        }  # fmt: skip

        def answer() -> None:
            peer, _ = server.accept()
            with peer:
                peer.sendall(json.dumps(told).encode())

        thread = threading.Thread(target=answer)
        thread.start()
        code, out, err = text_of(home, capsys)
        thread.join()
    assert (code, err) == (0, "")
    assert C.key not in out
    assert "- service runs: yes" in out
    assert "- cycles: 7" in out
    assert "- last cycle: other" in out


def test_of_the_journal_only_names_of_events_are_counted() -> None:
    lines = [
        json.dumps({"AFTERWORD_EVENT": "draft.placed", "PRIORITY": "6", "MESSAGE": C.key}),
        json.dumps({"MESSAGE": json.dumps({"event": "cycle.done", "level": "warning", "seconds": 2, "why": C.key})}),
        json.dumps({"AFTERWORD_EVENT": C.key, "PRIORITY": "9"}),
        json.dumps({"MESSAGE": [1, 2]}),
        "[]",
        C.key,
    ]
    rows = machine.events(lines).rows
    assert rows == (
        ("cycle.done", "warning", 1, 2.0),
        ("draft.placed", "info", 1, OTHER),
        ("other", "other", 4, OTHER),
    )


def test_a_message_is_found_again_without_what_was_put_into_it() -> None:
    found, place = messages.ours(f"the daily backup of the ledger could not be made: {C.key}")
    assert found == "the daily backup of the ledger could not be made: …"
    assert place.startswith("daemon/backups.py:")
    assert messages.ours(C.key) == (OTHER, OTHER)
    assert messages.ours("x" * 5000) == (OTHER, OTHER)
