"""The demo: what it says is what happened, and it is the same every time."""

from __future__ import annotations

import json
import os
import re
import shutil
from email import message_from_bytes
from email.header import decode_header, make_header
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.daemon.command import Told, afterword

if TYPE_CHECKING:
    from email.message import Message

ROOT = Path(__file__).parents[2]
CUT = "[...]"
MOST_SECONDS = 10.0
"""Of CPU time: a busy machine makes the wall clock slower, not the demo."""


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Told]:
    folder = tmp_path_factory.mktemp("demo")
    told = afterword(folder, "demo", str(folder / "demo-spring"))
    assert told.code == 0, told.err
    return folder / "demo-spring", told


@pytest.fixture(scope="module")
def document(tmp_path_factory: pytest.TempPathFactory) -> Any:
    folder = tmp_path_factory.mktemp("demo")
    told = afterword(folder, "demo", str(folder / "spring"), "--json")
    assert (told.code, told.err) == (0, "")
    return told.json


def messages(folder: Path, name: str) -> list[Message]:
    return [message_from_bytes(path.read_bytes()) for path in sorted((folder / "Mail" / name / "cur").iterdir())]


def subjects(folder: Path, name: str) -> list[str]:
    return sorted(str(make_header(decode_header(one["Subject"]))) for one in messages(folder, name))


def told_of(document: Any, kind: str, **wanted: str) -> list[Any]:
    entries = [one for one in document["timeline"] if one["kind"] == kind]
    return [one for one in entries if all(one.get(key) == value for key, value in wanted.items())]


def to(follow_up: Any) -> str:
    return ", ".join(one["email"] for one in follow_up["to"])


def plain(text: str, folder: Path) -> str:
    return text.replace(str(folder), "demo-spring")


def test_two_runs_tell_the_same_within_ten_seconds_of_work(played: tuple[Path, Told], tmp_path: Path) -> None:
    folder, first = played
    before = os.times()
    # By this it is started, and its work counts as that of a child; and texts have other hashes than in the first.
    second = afterword(tmp_path, "demo", str(tmp_path / "again"), PYTHONHASHSEED="1")
    after = os.times()
    assert plain(second.out, tmp_path / "again") == plain(first.out, folder)
    assert first.err == second.err == ""
    worked = after.children_user + after.children_system - before.children_user - before.children_system
    assert 0.1 < worked < MOST_SECONDS


def test_no_line_is_wider_than_a_hundred_columns_and_none_is_coloured_in_a_pipe(played: tuple[Path, Told]) -> None:
    folder, told = played
    assert max(map(len, plain(told.out, folder).splitlines())) <= 100
    assert "\x1b" not in told.out


def test_exactly_the_drafts_that_it_names_lie_in_the_maildir(played: tuple[Path, Told], document: Any) -> None:
    folder, told = played
    assert subjects(folder, ".Drafts") == sorted(one["subject"] for one in document["drafts"])
    assert subjects(folder, ".Drafts") == ["A hello from Robin Vale", "Thank you, Lucas"]
    assert all(subject in told.out for subject in subjects(folder, ".Drafts"))


def test_no_note_is_drafted_twice(document: Any) -> None:
    placed = [one["follow_up"] for one in told_of(document, "placed")]
    again = {one["follow_up"]["id"] for one in told_of(document, "withdrawn")}
    seen: dict[str, int] = {}
    for one in placed:
        seen[one["id"]] = seen.get(one["id"], 0) + 1
    assert {name for name, times in seen.items() if times > 1} <= again
    ids = [one["draft"]["message_id"] for one in placed]
    assert len(ids) == len(set(ids))


def test_the_deleted_draft_stays_deleted(played: tuple[Path, Told], document: Any) -> None:
    folder, _ = played
    kenji = [one for one in told_of(document, "placed") if to(one["follow_up"]) == "kenji@hana.example"]
    assert len(kenji) == 1
    assert subjects(folder, ".Trash") == ["Thank you, Kenji"]
    (stands,) = told_of(document, "stands")
    assert stands["follow_up"]["state"] == "vetoed"


def test_who_answered_gets_no_check_in(document: Any) -> None:
    maja = [one for one in told_of(document, "placed") if to(one["follow_up"]) == "maja@nordlys.example"]
    assert maja == []
    (moved,) = told_of(document, "check_in", person="Lindqvist, Maja")
    assert moved["due_before"] < document["to"] < moved["due"]
    (tiago,) = [one for one in told_of(document, "withdrawn") if to(one["follow_up"]) == "tiago@mare.example"]
    assert tiago["follow_up"]["step"] == "check-in"
    assert "wrote in the meantime" in tiago["why"]


def test_people_are_named_as_one_says_it_and_a_deadline_that_has_passed_is_told_as_passed(
    played: tuple[Path, Told],
) -> None:
    text = " ".join(played[1].out.split())
    assert "thank-you for Maja Lindqvist: you wrote a thank-you of your own" in text
    assert "Lindqvist, Maja" not in text
    assert "belated; 3 gaps to fill; it was to be sent by Fri 3 April 17:00" in text


def test_an_out_of_office_is_no_answer(document: Any) -> None:
    (tiago,) = told_of(document, "check_in", person="Tiago Ferreira")
    assert tiago["due"] == tiago["due_before"]
    answered = [one for one in told_of(document, "changed") if one["follow_up"]["state"] == "answered"]
    assert [one["at"][:10] for one in answered if to(one["follow_up"]) == "tiago@mare.example"] == ["2026-04-22"]


def test_a_thank_you_of_ones_own_is_the_thank_you(document: Any) -> None:
    (maja,) = [one for one in told_of(document, "changed") if to(one["follow_up"]) == "maja@nordlys.example"]
    assert (maja["follow_up"]["state"], maja["why"]) == ("cancelled", "you wrote a thank-you of your own")


def test_what_is_left_alone_says_why(document: Any) -> None:
    why = {one["meeting"]: one["why"] for one in told_of(document, "left_alone")}
    assert why == {
        "Job club stand-up, with coffee": "it is one of a series",
        "Coffee corner, for phone calls": "it has nobody besides you",
        "Coffee and crypto": "you declined it",
        "Coffee with Ewa": "it is cancelled",
        "Lunch with Victor": "Victor Petrov is marked do_not_contact",
    }
    assert len(told_of(document, "left_alone", meeting="Job club stand-up, with coffee")) == 8


def test_each_guest_of_the_lunch_gets_a_note_that_names_nobody_else(played: tuple[Path, Told]) -> None:
    folder, _ = played
    notes = [*messages(folder, ".Sent"), *messages(folder, ".Drafts")]
    guests = {"amara@baobab.example", "lucas@atelier.example", "priya@monsoon.example"}
    found = [one for one in notes if any(guest in one["To"] for guest in guests)]
    assert len(found) == 3
    for note in found:
        assert sum(guest in note.as_string() for guest in guests) == 1


def test_a_note_in_portuguese_is_from_the_portuguese_template(played: tuple[Path, Told]) -> None:
    folder, _ = played
    assert "Um agradecimento, Tiago" in subjects(folder, ".Sent")
    (tiago,) = [one for one in messages(folder, ".Sent") if "tiago@" in one["To"]]
    text = tiago.get_payload(decode=True)
    assert isinstance(text, bytes)
    assert "na sexta-feira" in text.decode()


def test_a_note_written_late_says_so(document: Any) -> None:
    (noor,) = [one for one in told_of(document, "placed") if to(one["follow_up"]) == "noor@cedar.example"]
    assert noor["at"] > noor["follow_up"]["by"]
    assert noor["why"].endswith("belated")


def test_a_folder_with_something_in_it_is_refused_and_left_as_it_is(tmp_path: Path) -> None:
    precious = tmp_path / "mine" / "thesis.txt"
    precious.parent.mkdir()
    precious.write_text("years of work")
    told = afterword(tmp_path, "demo", str(precious.parent))
    assert told.code == 2
    assert "not empty" in told.err
    assert "afterword demo DIR" in told.err
    assert [path.name for path in precious.parent.iterdir()] == ["thesis.txt"]


def test_a_demo_is_made_anew_and_what_else_lies_there_stays(played: tuple[Path, Told], tmp_path: Path) -> None:
    folder = shutil.copytree(played[0], tmp_path / "spring")
    (folder / "Mail" / ".Drafts" / "cur" / "another:2,D").write_text("Subject: x\n\n")
    (folder / "notes.txt").write_text("mine")
    assert afterword(tmp_path, "demo", str(folder)).code == 0
    assert subjects(folder, ".Drafts") == ["A hello from Robin Vale", "Thank you, Lucas"]
    assert (folder / "notes.txt").read_text() == "mine"


def test_a_folder_that_cannot_be_made_is_told_with_the_remedy(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    told = afterword(tmp_path, "demo", str(tmp_path / "file" / "spring"))
    assert told.code == 75
    assert "afterword demo DIR" in told.err


def test_the_commands_work_on_what_it_leaves(played: tuple[Path, Told], document: Any) -> None:
    folder, _ = played
    place = ("--config", str(folder / "config"), "--state", str(folder / "state"))
    checked = afterword(folder, *place, "check", "--json")
    assert json.loads(checked.out) == {"problems": []}
    drafts = afterword(folder, *place, "drafts", "--json", "--at", document["to"])
    lying = [one for one in drafts.json["follow_ups"] if one["state"] == "placed"]
    assert sorted(one["subject"] for one in lying) == ["A hello from Robin Vale", "Thank you, Lucas"]


def test_the_briefs_of_the_ending_are_those_of_the_lines_above_it(played: tuple[Path, Told], document: Any) -> None:
    _, told = played
    drafted = told.out.count("brief to yourself")
    assert f"{drafted} briefs to Robin: {drafted} taken away again" in told.out
    assert document["counts"]["briefs"] == drafted


def test_the_readme_shows_the_real_output(played: tuple[Path, Told]) -> None:
    """Pieces of the output, whole lines, in its order, with a clear mark wherever something is cut out."""
    folder, told = played
    readme = (ROOT / "README.md").read_text("utf-8")
    found = re.search(r"```text\n\$ make demo\n(.*?)```", readme, re.DOTALL)
    assert found is not None
    output = plain(told.out, folder)
    at = 0
    pieces = found[1].replace(".venv/bin/afterword", "afterword").split(f"{CUT}\n")
    assert len(pieces) > 1
    for piece in pieces:
        where = output.find(piece.strip("\n"), at)
        assert where >= 0, f"not in the output, or not in this order:\n{piece}"
        at = where + len(piece.strip("\n"))
