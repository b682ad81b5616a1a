"""Two accounts of one user, one permission at a time: what lies in the one is neither lost nor made again in the other.

The real command at two stand-ins, one for each account.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest

from connectors.google.permission import load
from connectors.google.scopes import scopes
from daemon.configuration import load_configuration
from daemon.ledger import Ledger
from daemon.permit import keep
from tests.cases.home import THANKS
from tests.daemon.command import Told, afterword
from tests.google.consenting import auth_google, client_file
from tests.google.permitted import EVERYTHING, consented
from tests.google.standin import Google

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

ROBIN, WORK = "robin@example.org", "robin@work.example"
DANA, LEE = "dana@acme.example", "lee@beta.example"
SETTINGS = """\
version: 1
me: {{name: Robin Vale, emails: [robin@example.org, robin@work.example], time_zone: Europe/Lisbon, signature: Robin}}
calendars: [{{id: work, google: primary}}]
contacts: [{{google: {{}}}}]
mailbox: {{gmail: {{}}}}
google: {{endpoint: '{url}'}}
"""
TEMPLATE = "---\nsubject: Thank you, {{ person.first_name }}\n---\nDear {{ person.first_name }},\n"


@dataclass
class Home:
    """Robin's configuration and state, and the account that the permission is for."""

    root: Path
    accounts: dict[str, Google]

    def configure(self, account: str) -> None:
        """The configuration, whose Google is the stand-in with this account."""
        google, config = self.accounts[account], self.root / "config"
        texts = {
            "rules/soft.yaml": THANKS,
            "templates/thank-you.md": TEMPLATE,
            "afterword.yaml": SETTINGS.format(url=google.url),
            "google-client.json": client_file(google.url),
        }
        for name, text in texts.items():
            path = config / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)

    def auth(self, account: str) -> None:
        """What `auth google` does when Robin has chosen this account."""
        self.configure(account)
        google, config = self.accounts[account], self.root / "config"
        now = datetime.now(UTC)  # an access token is good by the real clock
        given = consented(google, self.root / f"given-{account}", now=now, account="")
        keep(self.root / "state", given, load_configuration(config), lambda: now)

    def say(self, *words: str) -> Told:
        return afterword(self.root, "--config", str(self.root / "config"), "--state", str(self.root / "state"), *words)

    def once(self, at: str) -> dict[str, list[Any]]:
        """One cycle; the addresses of what was placed and withdrawn, and the states of what has changed."""
        told = self.say("once", "--at", f"2026-03-{at}:00+00:00", "--json")
        assert (told.code, told.json["problems"]) == (0, []), told.err
        document = told.json
        people = {name: [one["to"][0]["email"] for one in document[name]] for name in ("placed", "withdrawn")}
        return {**people, "changed": [one["state"] for one in document["changed"]]}

    def state(self, email: str, at: str = "04T12:00") -> str:
        """The state of the one follow-up to this person."""
        told = self.say("drafts", "--all", "--at", f"2026-03-{at}:00+00:00", "--json").json
        (found,) = [one["state"] for one in told["follow_ups"] if one["to"][0]["email"] == email]
        return str(found)

    def needs(self, at: str = "04T12:00") -> list[str]:
        told = self.say("status", "--at", f"2026-03-{at}:00+00:00", "--json").json
        return [f"{one['message']}. {one['hint']}" for one in told["problems"]]

    def met(self, account: str, email: str, start: str) -> None:
        """A coffee of an hour, in the calendar of this account."""
        begun = datetime.fromisoformat(f"2026-03-{start}:00+00:00")
        moments = {"start": begun, "end": begun.replace(hour=begun.hour + 1)}
        self.accounts[account].calendar("primary").put({
            "id": f"coffee{email.partition('@')[0]}{begun:%d%H}",
            "summary": "Coffee",
            **{edge: {"dateTime": moment.isoformat()} for edge, moment in moments.items()},
            "organizer": {"email": account, "self": True},
            "attendees": [{"email": email, "responseStatus": "accepted"}],
        })  # fmt: skip


NOTHING: dict[str, list[Any]] = {"placed": [], "withdrawn": [], "changed": []}


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Home]:
    """A thank-you to Dana lies in the mailbox of the first account; then the permission is the other one's."""
    with Google(ROBIN) as private, Google(WORK) as work:
        one = Home(tmp_path, {ROBIN: private, WORK: work})
        one.auth(ROBIN)
        one.met(ROBIN, DANA, "03T13:00")
        assert one.once("03T18:30")["placed"] == [DANA]
        one.auth(WORK)
        yield one


def test_drafts_of_the_other_account_are_neither_vetoed_nor_made_again(home: Home) -> None:
    home.met(WORK, DANA, "03T13:00")  # the same coffee stands in both calendars
    for at in ("03T18:35", "03T18:40", "03T20:30"):
        assert home.once(at) == NOTHING
    assert home.state(DANA) == "placed"
    assert len(home.accounts[ROBIN].mail.drafts) == 1
    assert not home.accounts[WORK].mail.drafts
    (told,) = [one for one in home.needs() if "open draft" in one]
    assert f"1 open draft lies in the mailbox of {ROBIN}" in told
    assert f"the permission is that of {WORK}" in told
    assert f"Run `afterword auth google` and choose {ROBIN}" in told


def test_auth_google_tells_at_once_in_which_account_drafts_lie(home: Home) -> None:
    wanted = [scope.address for scope in scopes(EVERYTHING)]
    home.configure(ROBIN)
    code, said, _ = auth_google(home.root, home.accounts[ROBIN].oauth.code(wanted))
    assert (code, "open draft" in said) == (0, False), said
    home.configure(WORK)
    code, said, out = auth_google(home.root, home.accounts[WORK].oauth.code(wanted), "--json")
    assert code == 0, said
    (told,) = json.loads(out)["problems"]
    assert told["message"].startswith(
        f"1 open draft lies in the mailbox of {ROBIN}, and the permission is that of {WORK}"
    )
    assert told["hint"].startswith(f"Run `afterword auth google` and choose {ROBIN}")
    assert told["message"] in said
    assert home.once("03T18:45") == NOTHING


def test_auth_google_tells_at_once_of_an_account_that_is_none_of_the_users(home: Home) -> None:
    home.configure(WORK)
    settings = home.root / "config" / "afterword.yaml"
    settings.write_text(settings.read_text().replace(f", {WORK}]", "]"))
    code_given = home.accounts[WORK].oauth.code([scope.address for scope in scopes(EVERYTHING)])
    code, said, out = auth_google(home.root, code_given, "--json")
    assert code == 0, said
    strange, apart = json.loads(out)["problems"]
    assert strange["message"] == f"{WORK} is not among your addresses, and so it is not asked"
    assert "write it under `me:`" in strange["hint"].casefold()
    assert "1 open draft lies" in apart["message"]
    assert strange["message"] in said


def test_the_new_account_is_looked_at_and_served(home: Home) -> None:
    home.met(WORK, LEE, "03T14:00")
    assert home.once("03T18:45") == {**NOTHING, "placed": [LEE]}
    assert len(home.accounts[WORK].mail.drafts) == 1
    (draft,) = home.accounts[WORK].mail.drafts
    home.accounts[WORK].mail.send_draft(draft)
    assert home.once("03T18:50") == {**NOTHING, "changed": ["sent"]}
    assert home.once("03T21:00") == NOTHING
    assert (home.state(DANA), home.state(LEE)) == ("placed", "sent")


def test_back_at_the_first_account_it_goes_on_where_it_was(home: Home) -> None:
    home.met(WORK, LEE, "03T14:00")
    home.once("03T18:45")
    home.once("03T20:45")
    (draft,) = home.accounts[ROBIN].mail.drafts
    home.accounts[ROBIN].mail.send_draft(draft)
    home.auth(ROBIN)
    assert home.once("03T20:50") == {**NOTHING, "changed": ["sent"]}
    assert home.once("03T23:00") == NOTHING
    assert (home.state(DANA), home.state(LEE)) == ("sent", "placed")
    (told,) = [one for one in home.needs() if "open draft" in one]
    assert f"lies in the mailbox of {WORK}" in told
    assert len(home.accounts[ROBIN].mail.drafts) == 0
    assert len(home.accounts[WORK].mail.drafts) == 1


def test_a_draft_that_is_deleted_in_its_own_account_is_vetoed_there(home: Home) -> None:
    home.once("03T18:45")
    (draft,) = home.accounts[ROBIN].mail.drafts
    home.accounts[ROBIN].mail.drop_draft(draft)
    home.auth(ROBIN)
    home.once("03T19:00")
    assert home.once("03T20:30")["changed"] == ["vetoed"]


def test_a_meeting_that_the_other_calendar_does_not_know_withdraws_nothing(home: Home) -> None:
    home.met(WORK, LEE, "02T09:00")
    home.met(WORK, LEE, "12T09:00")
    for at in ("03T18:45", "04T19:00", "05T19:00"):
        assert home.once(at)["withdrawn"] == []
    home.auth(ROBIN)
    assert home.once("05T19:05") == NOTHING
    assert home.state(DANA, "05T19:05") == "placed"


def test_back_at_the_first_account_nothing_is_missing_from_a_calendar_that_does_not_answer(home: Home) -> None:
    home.met(WORK, LEE, "02T09:00")
    home.met(WORK, LEE, "12T09:00")
    for at in ("03T18:45", "04T19:00", "05T19:00"):
        home.once(at)
    home.auth(ROBIN)
    home.accounts[ROBIN].fail("/calendars/", 403, "quotaExceeded", times=20)
    told = home.say("once", "--at", "2026-03-05T19:05:00+00:00", "--json")
    assert (told.json["withdrawn"], home.state(DANA, "05T19:05")) == ([], "placed"), told.out
    assert told.json["problems"]


def test_where_the_mailbox_is_a_maildir_from_now_on_the_drafts_at_google_stay_as_they_are(home: Home) -> None:
    home.auth(ROBIN)
    settings = home.root / "config" / "afterword.yaml"
    settings.write_text(settings.read_text().replace("{gmail: {}}", "{maildir: ../mail}"))
    for folder in ("cur", "new", "tmp", ".Drafts/cur", ".Drafts/new", ".Drafts/tmp"):
        (home.root / "mail" / folder).mkdir(parents=True)
    for at in ("03T18:45", "03T20:30", "04T09:00"):
        assert home.once(at) == NOTHING
    assert home.state(DANA) == "placed"
    (told,) = [one for one in home.needs() if "open draft" in one]
    assert told == (
        f"1 open draft lies in the mailbox of {ROBIN}, and `mailbox` is now the Maildir {home.root / 'mail'}: it stays"
        " as it is. Set `mailbox` in afterword.yaml back to it to go on with it; `afterword skip ID` drops one."
    )


def test_a_snoozed_note_is_not_made_anew_while_its_draft_lies_in_the_other_account(home: Home) -> None:
    home.met(WORK, DANA, "03T13:00")
    (draft,) = home.say("drafts", "--json", "--at", "2026-03-03T18:50:00+00:00").json["follow_ups"]
    asleep = home.say("snooze", draft["id"], "2026-03-04T09:00:00+00:00", "--at", "2026-03-03T18:50:00+00:00")
    assert asleep.code == 0, asleep.err
    for at in ("03T19:00", "04T10:00"):
        assert home.once(at) == NOTHING
    home.auth(ROBIN)
    assert home.once("04T18:30") == {**NOTHING, "withdrawn": [DANA], "placed": [DANA]}
    assert len(home.accounts[ROBIN].mail.drafts) == 1


def test_where_the_account_was_not_told_with_the_consent_it_is_asked_for_before_anything_is_concluded(
    home: Home,
) -> None:
    work = home.accounts[WORK]
    work.fail("/profile$", 403, "forbidden", times=2)
    home.auth(WORK)
    token = load(home.root / "state")
    assert token is not None
    assert token.account == ""
    told = home.say("once", "--at", "2026-03-03T18:45:00+00:00", "--json")
    assert told.code == 77, told.out
    assert home.once("03T20:30") == NOTHING
    assert home.state(DANA) == "placed"
    token = load(home.root / "state")
    assert token is not None
    assert token.account == WORK


def test_where_gmail_takes_the_place_of_the_maildir_of_an_earlier_release_its_drafts_are_not_deleted(
    tmp_path: Path,
) -> None:
    """That release did not keep in which mailbox a draft lies."""
    with Google(ROBIN) as google:
        home = Home(tmp_path, {ROBIN: google})
        home.auth(ROBIN)
        settings, drafts = tmp_path / "config" / "afterword.yaml", tmp_path / "mail" / ".Drafts" / "cur"
        gmail = settings.read_text()
        maildir = gmail.replace("{gmail: {}}", "{maildir: ../mail}")
        for part in ("cur", "new", "tmp"):
            (tmp_path / "mail" / part).mkdir(parents=True)
        settings.write_text(maildir)
        home.met(ROBIN, DANA, "03T13:00")
        assert home.once("03T18:30")["placed"] == [DANA]
        with Ledger.open(tmp_path / "state") as ledger:
            ledger.save([(replace(one, account=""), "") for one in ledger.records()], datetime.now(UTC))
        settings.write_text(gmail)
        for at in ("03T18:35", "03T18:40", "03T20:30"):
            assert home.once(at) == NOTHING
        assert (home.state(DANA), google.mail.drafts) == ("placed", {})
        (told,) = [one for one in home.needs() if "open draft" in one]
        assert "1 open draft lies in the Maildir that you had" in told
        assert "Set `mailbox` in afterword.yaml back to it" in told
        settings.write_text(maildir)
        next(drafts.iterdir()).unlink()
        home.once("03T20:35")
        assert home.once("03T21:40")["changed"] == ["vetoed"]
