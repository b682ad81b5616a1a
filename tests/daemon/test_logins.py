"""Refused passwords: how long each rests, that the file gives none away, and what damage or a wrong clock can do."""

from __future__ import annotations

import json
import stat
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from connectors.base import PermissionNeededError
from connectors.logins import Login
from daemon.logins import FILE, FIRST, LONGEST, Logins
from rules.almanac import Almanac
from tests.build import ZONE, at

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path

NOW = at("2026-03-03 14:00")
SECOND = timedelta(seconds=1)
WRONG = PermissionNeededError("the server does not take it", "Correct it.")


def login(password: str = "correct horse", server: str = "https://cloud.example", user: str = "robin") -> Login:
    return Login(server, user, lambda: password)


def logins(state: Path, now: datetime = NOW, *, insists: bool = False) -> Logins:
    return Logins(state, Almanac(ZONE), now, insists=insists)


def rests(state: Path, now: datetime, one: Login | None = None) -> bool:
    """Whether a cycle of the service at this time does not say it."""
    try:
        logins(state, now).check(one or login())
    except PermissionNeededError:
        return True
    return False


def refuse(state: Path, now: datetime, one: Login | None = None, *, insists: bool = False) -> PermissionNeededError:
    """It is said, and refused."""
    minding = logins(state, now, insists=insists)
    minding.check(one or login())
    return minding.refused(one or login(), WRONG)


def test_the_pause_is_an_hour_and_doubles_up_to_a_day(tmp_path: Path) -> None:
    now, pauses = NOW, []
    for _ in range(8):
        refuse(tmp_path, now)
        pause = next(step for hours in range(30) if not rests(tmp_path, now + (step := timedelta(hours=hours))))
        assert rests(tmp_path, now + pause - SECOND)
        now += pause
        pauses.append(pause)
    assert pauses == [FIRST, 2 * FIRST, 4 * FIRST, 8 * FIRST, 16 * FIRST, LONGEST, LONGEST, LONGEST]


def test_it_is_told_since_when_and_when_it_is_tried_again(tmp_path: Path) -> None:
    refuse(tmp_path, NOW)
    told = refuse(tmp_path, NOW + FIRST)
    assert told.message == "the server does not take it (since Tue 3 March 14:00)"
    assert str(told.hint).startswith("Correct it. The service tries this one again on Tue 3 March 17:00, another in")
    with pytest.raises(PermissionNeededError) as raised:
        logins(tmp_path, NOW + 2 * FIRST).check(login())
    assert (raised.value.message, raised.value.hint) == (told.message, told.hint)


@pytest.mark.parametrize(
    "other", [login("another"), login(user="dana"), login(server="https://other.example"), login("correct horse ")]
)
def test_another_password_user_or_server_is_asked_at_once(tmp_path: Path, other: Login) -> None:
    refuse(tmp_path, NOW)
    assert rests(tmp_path, NOW + SECOND)
    assert not rests(tmp_path, NOW + SECOND, other)


def test_two_passwords_of_one_user_rest_each_for_itself(tmp_path: Path) -> None:
    refuse(tmp_path, NOW, login("old"))
    refuse(tmp_path, NOW + SECOND, login("new"))
    assert rests(tmp_path, NOW + 2 * SECOND, login("old"))
    assert rests(tmp_path, NOW + 2 * SECOND, login("new"))


def test_by_hand_it_is_said_at_once_and_the_pause_begins_anew_but_does_not_grow(tmp_path: Path) -> None:
    refuse(tmp_path, NOW)
    for minutes in (10, 20, 30):
        refuse(tmp_path, NOW + timedelta(minutes=minutes), insists=True)
    again = NOW + timedelta(minutes=30) + FIRST
    assert rests(tmp_path, again - SECOND)
    assert not rests(tmp_path, again)


def test_one_that_was_taken_is_forgotten_whoever_said_it(tmp_path: Path) -> None:
    refuse(tmp_path, NOW)
    refuse(tmp_path, NOW, login("another"))
    logins(tmp_path, NOW + SECOND, insists=True).taken(login())
    assert not rests(tmp_path, NOW + 2 * SECOND)
    assert rests(tmp_path, NOW + 2 * SECOND, login("another"))
    refuse(tmp_path, NOW + 3 * SECOND)
    assert not rests(tmp_path, NOW + 3 * SECOND + FIRST)  # it begins with an hour again


def test_within_one_process_it_is_said_once_even_by_hand(tmp_path: Path) -> None:
    by_hand = logins(tmp_path / "no folder", insists=True)
    told = by_hand.refused(login(), WRONG)
    with pytest.raises(PermissionNeededError) as raised:
        by_hand.check(login())
    assert raised.value.message == told.message
    by_hand.check(login("another"))


def test_one_that_was_taken_just_before_is_not_what_is_wrong(tmp_path: Path) -> None:
    minding = logins(tmp_path)
    minding.taken(login())
    assert minding.refused(login(), WRONG) is WRONG
    minding.check(login())
    assert not rests(tmp_path, NOW + SECOND)


def test_the_file_is_its_owners_and_holds_no_password(tmp_path: Path) -> None:
    refuse(tmp_path, NOW, login("correct horse"))
    refuse(tmp_path, NOW, login("correct horse", user="dana"))
    (path,) = tmp_path.iterdir()
    assert (path.name, stat.S_IMODE(path.stat().st_mode)) == (FILE, 0o600)
    text = path.read_text()
    assert "horse" not in text
    digests = [part.partition('"')[0] for part in text.split('"digest": "')[1:]]
    assert len(set(digests)) == 2  # salted: the same password cannot be seen to be the same


def test_the_password_is_not_got_where_nothing_was_refused(tmp_path: Path) -> None:
    def ask() -> str:
        raise AssertionError("the password was asked for")

    refuse(tmp_path, NOW)
    logins(tmp_path).check(Login("https://cloud.example", "dana", ask))


@pytest.mark.parametrize("text", ["", "{", "[1]", "null", '[{"server": 1}]', "[" * 100_000, "\ud800"])
def test_a_damaged_file_costs_one_login(tmp_path: Path, text: str) -> None:
    (tmp_path / FILE).write_text(text, "utf-8", "surrogatepass")
    assert not rests(tmp_path, NOW)
    refuse(tmp_path, NOW)
    assert rests(tmp_path, NOW + SECOND)


@pytest.mark.parametrize(
    ("key", "value"),
    [("times", float("inf")), ("times", "many"), ("salt", "\ud800"), ("digest", "é"), ("at", "soon"), ("since", 7)],
)
def test_so_does_a_row_that_nobody_wrote(tmp_path: Path, key: str, value: object) -> None:
    refuse(tmp_path, NOW)
    rows = json.loads((tmp_path / FILE).read_text())
    (tmp_path / FILE).write_text(json.dumps([{**rows[0], key: value}]))
    assert not rests(tmp_path, NOW)
    logins(tmp_path).taken(login())
    refuse(tmp_path, NOW)
    assert rests(tmp_path, NOW + SECOND)


def test_a_clock_that_was_far_ahead_holds_nobody_back(tmp_path: Path) -> None:
    refuse(tmp_path, NOW + timedelta(days=400))
    assert not rests(tmp_path, NOW)
    refuse(tmp_path, NOW)
    assert rests(tmp_path, NOW + FIRST - SECOND)
    assert not rests(tmp_path, NOW + FIRST)


def test_no_more_than_so_many_are_kept_the_newest(tmp_path: Path) -> None:
    for number in range(40):
        refuse(tmp_path, NOW, login(user=f"robin{number}"))
    assert [rests(tmp_path, NOW, login(user=f"robin{number}")) for number in (0, 39)] == [False, True]
