"""What `status` tells of the Google account: which it is, what is permitted, when it answered, and the way on."""

from __future__ import annotations

import json
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any

from connectors.google.permission import load, save
from connectors.google.scopes import Service, scopes
from tests.daemon.command import SETTINGS, afterword, configure
from tests.google.permitted import EVERYTHING, consented
from tests.google.standin import Google

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from connectors.google.permission import Token
    from tests.daemon.command import Told

ROBIN = "robin@example.org"
FIRST, LATER = "2026-03-03T18:30:00+00:00", "2026-03-03T19:00:00+00:00"


@dataclass(frozen=True)
class Home:
    """A configuration of which something is Google's, and the account."""

    root: Path
    google: Google

    @property
    def places(self) -> tuple[str, ...]:
        return "--config", str(self.root / "c"), "--state", str(self.root / "s")

    def run(self, *words: str, when: str = LATER) -> Told:
        return afterword(self.root, *self.places, *words, "--at", when)

    def consent(self, services: frozenset[Service] = EVERYTHING, when: str = FIRST) -> Token:
        """As `auth google` keeps it: with the account."""
        consented(self.google, self.root / "s", services, now=datetime.fromisoformat(when))
        token = load(self.root / "s")
        assert token is not None
        save(self.root / "s", replace(token, account=ROBIN))
        return token

    @property
    def line(self) -> str:
        return next(line for line in self.run("status").out.splitlines() if line.startswith("google ")).split(None, 1)[
            1
        ]

    @property
    def told(self) -> dict[str, Any]:
        (one,) = self.run("status", "--json").json["google"]
        return dict(one)

    @property
    def command(self) -> str:
        return f"`afterword {' '.join(self.places)} auth google`"


@contextmanager
def home(
    tmp_path: Path, *, mailbox: str = "gmail: {}", contacts: str = "[google: {}]", more: str = ""
) -> Iterator[Home]:
    with Google(ROBIN) as google:
        settings = SETTINGS.replace("ics: calendars/", "google: primary").replace("maildir: Mail", mailbox)
        configure(tmp_path / "c", settings + f"contacts: {contacts}\ngoogle: {{endpoint: '{google.url}'{more}}}\n")
        yield Home(tmp_path, google)


def test_before_the_permission_it_is_paused_and_the_command_is_named(tmp_path: Path) -> None:
    with home(tmp_path) as robin:
        why = "Google was not yet asked for its permission"
        assert robin.line == f"paused: {why}; {robin.command} mends that; has not answered yet"
        told = robin.told
        assert f"Nothing has run yet. Next: {robin.command}." in robin.run("status").out
    assert (told["account"], told["paused"], told["last_ok"], told["problem"]["message"]) == (None, True, None, why)
    assert told["services"] == {"calendar": False, "mail": False, "contacts": False}


def test_the_account_its_services_and_its_last_answer_are_told(tmp_path: Path) -> None:
    with home(tmp_path) as robin:
        robin.consent()
        assert robin.run("once", when=FIRST).code == 0
        assert robin.line == f"{ROBIN}: calendar, mail, contacts permitted; last answered Tue 3 March 19:00"
        assert robin.told == {
            "account": ROBIN,
            "service_account": False,
            "services": {"calendar": True, "mail": True, "contacts": True},
            "last_ok": LATER,  # the mailbox was asked just now
            "paused": False,
            "problem": None,
        }


def test_a_calendar_alone_answered_with_the_last_cycle_and_no_address_is_known_of_it(tmp_path: Path) -> None:
    with home(tmp_path, mailbox="maildir: Mail", contacts="[]") as robin:
        consented(robin.google, tmp_path / "s", frozenset({Service.CALENDAR}))
        assert robin.run("once", when=FIRST).code == 0
        said = "an account whose address is not known: calendar permitted; last answered Tue 3 March 18:30"
        assert robin.line == said
        assert robin.told["last_ok"] == FIRST


def test_what_of_it_is_not_permitted_is_told_apart(tmp_path: Path) -> None:
    with home(tmp_path) as robin:
        robin.consent(frozenset({Service.CALENDAR, Service.MAIL}))
        robin.run("once", when=FIRST)
        assert f"calendar, mail permitted, contacts not: {robin.command} asks again; " in robin.line
        told = robin.told
        assert (told["services"]["contacts"], told["paused"]) == (False, False)


def test_a_permission_that_was_taken_back_pauses_it_until_there_is_another(tmp_path: Path) -> None:
    with home(tmp_path) as robin:
        token = robin.consent()
        robin.run("once", when=FIRST)
        robin.google.oauth.withdraw(token.refresh_token)
        assert robin.run("once", when="2026-03-03T18:45:00+00:00").code == 77
        assert robin.line.startswith(f"{ROBIN}: paused: Google no longer accepts the permission that you gave: ")
        assert f"; {robin.command} mends that; last answered Tue 3 March 18:30" in robin.line
        assert robin.told["paused"] is True
        robin.consent(when="2026-03-03T18:50:00+00:00")
        assert robin.line.startswith(f"{ROBIN}: calendar, mail, contacts permitted; last answered ")


def test_another_account_than_mine_is_paused_by_its_name(tmp_path: Path) -> None:
    with home(tmp_path) as robin:
        save(tmp_path / "s", replace(robin.consent(), account="other@example.org"))
        assert robin.line.startswith("other@example.org: paused: the permission is that of other@example.org, which is")


def test_without_an_answer_it_is_not_called_paused(tmp_path: Path) -> None:
    with home(tmp_path, mailbox="maildir: Mail", contacts="[]") as robin:
        robin.consent()
        robin.run("once", when=FIRST)
    robin.run("once", when=LATER)
    assert robin.line == f"{ROBIN}: does not answer: Google cannot be reached; last answered Tue 3 March 18:30"
    assert robin.told["paused"] is False


def test_a_service_account_is_told_with_the_user_in_whose_name_it_asks(tmp_path: Path) -> None:
    more = f", service_account: key.json, user: {ROBIN}"
    with home(tmp_path, mailbox="maildir: Mail", contacts="[]", more=more) as robin:
        assert f"{ROBIN}, by a service account: paused: there is no key of a service account in" in robin.line
        key = tmp_path / "c" / "key.json"
        key.write_text(json.dumps(robin.google.service_key([scopes(EVERYTHING)[0].address])))
        key.chmod(0o600)
        assert robin.run("once", when=FIRST).code == 0
        assert robin.line == f"{ROBIN}, by a service account: for calendar; last answered Tue 3 March 18:30"
        assert robin.told["services"] == {"calendar": None}


def test_a_service_account_that_is_refused_is_paused_and_no_command_of_the_users_mends_that(tmp_path: Path) -> None:
    with home(tmp_path, contacts="[]", more=f", service_account: key.json, user: {ROBIN}") as robin:
        key = tmp_path / "c" / "key.json"
        key.write_text(json.dumps(robin.google.service_key([])))
        key.chmod(0o600)
        assert robin.run("once", when=FIRST).code == 77
        why = f"Google does not let the service account ask in the name of {ROBIN}"
        assert robin.line == f"{ROBIN}, by a service account: paused: {why}; has not answered yet"
        assert robin.told["paused"] is True
        assert "Next: " not in robin.run("status").out


def test_what_never_answered_is_not_stale_its_problem_is_told_once_and_the_way_on_stays(tmp_path: Path) -> None:
    with home(tmp_path) as robin:
        robin.run("once", when=FIRST)
        told = robin.run("status").out
        assert "calendar feed  has not answered yet, asked since Tue 3 March 18:30 (30 minutes)\n" in told
        assert f"\nNext: {robin.command}.\n" in told
    needs = told.partition("What needs you\n")[2]
    why = "Google was not yet asked for its permission"
    assert " ".join(needs.split()) == f"google contacts, feed, gmail: {why} Run {robin.command}."


def test_where_nothing_is_googles_there_is_no_line(tmp_path: Path) -> None:
    configure(tmp_path / "c")
    told = afterword(tmp_path, "--config", str(tmp_path / "c"), "status")
    assert not [line for line in told.out.splitlines() if line.startswith("google")]
    assert afterword(tmp_path, "--config", str(tmp_path / "c"), "status", "--json").json["google"] == []
