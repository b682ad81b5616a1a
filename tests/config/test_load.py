"""What a right configuration becomes: absolute paths, the nouns of the rules, and everything in its order."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from config.calendars import IcsCalendar
from config.files import read_yaml
from config.settings import Imap, Maildir, Notify, Settings, Vcards
from config.validate import validate
from rules.marks import Writers
from rules.model import Me, Person
from rules.timing import Duration, Window
from tests.config.folders import FOLDER, RULES, SETTINGS, loaded, step

if TYPE_CHECKING:
    from config.load import Configuration


def configuration(changed: dict[str, str] | None = None) -> Configuration:
    found = loaded(changed)
    assert found.problems == ()
    assert found.configuration is not None
    return found.configuration


def changed(old: str, new: str) -> Configuration:
    return configuration({"afterword.yaml": SETTINGS.replace(old, new, 1)})


def test_relative_paths_start_at_the_folder_of_the_configuration(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", "/home/robin")
    extra = "contacts: [{vcards: ../cards}, {vcards: ~/cards}, {vcards: /srv/cards}]\nplan_ics: feeds/plan.ics\n"
    found = configuration({"afterword.yaml": SETTINGS + extra})

    assert isinstance(found.mailbox, Maildir)
    assert found.mailbox.path == FOLDER / "Mail"
    assert [one.path for one in found.calendars if isinstance(one, IcsCalendar)] == [FOLDER / "calendars"]
    assert found.plan_ics == FOLDER / "feeds" / "plan.ics"
    assert [one.path for one in found.contacts if isinstance(one, Vcards)] == [
        Path("/home/robin/.config/cards"),
        Path("/home/robin/cards"),
        Path("/srv/cards"),
    ]


@pytest.mark.parametrize(
    ("written", "url"),
    [
        ("webcal://calendar.example/robin.ics", "https://calendar.example/robin.ics"),
        ("WEBCALS://calendar.example/robin.ics", "https://calendar.example/robin.ics"),
        ("https://calendar.example/a?b=c%20d", "https://calendar.example/a?b=c%20d"),
        ("http://127.0.0.1:8080/robin.ics", "http://127.0.0.1:8080/robin.ics"),
    ],
)
def test_an_address_is_a_feed_and_webcal_is_https(written: str, url: str) -> None:
    (calendar,) = changed("ics: calendars/", f"ics: '{written}', local: true").calendars

    assert isinstance(calendar, IcsCalendar)
    assert (calendar.url, calendar.path, calendar.local) == (url, None, True)


def test_me_is_known_by_all_addresses_and_signs_with_the_name() -> None:
    assert changed("[robin@example.org]", "[Robin@Example.org, robin@work.example]").me == Me(
        "Robin Vale", ("robin@example.org", "robin@work.example"), "Robin Vale"
    )
    assert changed("Lisbon}", "Lisbon, signature: Robin}").me.signature == "Robin"


def test_one_address_needs_no_brackets() -> None:
    assert changed("[robin@example.org]", "robin@example.org").me.emails == ("robin@example.org",)


def test_the_almanac_knows_zone_holidays_and_hours() -> None:
    almanac = changed("Lisbon}", "Lisbon, holidays: PT, working_hours: mon-thu 08:00-16:00}").almanac

    assert (almanac.zone, almanac.country) == ("Europe/Lisbon", "PT")
    assert almanac.working_hours == Window.parse("mon-thu 08:00-16:00")


def test_norway_is_a_country_and_a_language_and_no_truth_value() -> None:
    settings = SETTINGS.replace("Lisbon}", "Lisbon, holidays: NO}") + "contacts: [{people: people.yaml}]\n"
    people = "people: [{name: Kari, emails: kari@fjord.example, language: no}]\n"
    found = configuration({"afterword.yaml": settings, "people.yaml": people})

    assert found.almanac.country == "NO"
    assert [one.language for one in found.people[str(FOLDER / "people.yaml")]] == ["no"]


def test_what_is_left_out_is_as_the_contract_says() -> None:
    found = configuration()

    assert (str(found.poll), str(found.backfill)) == ("5 minutes", "2 days")
    assert (str(found.courtesy.min_gap), found.courtesy.per_day, found.courtesy.one_open_draft) == ("5 days", 8, True)
    assert (found.courtesy.per_organisation.count, found.courtesy.per_organisation.period) == (3, "week")
    assert (found.contacts, found.notify, found.people) == ((), None, {})
    assert found.plan_ics is None
    assert found.almanac.working_hours == Window.parse("weekdays 09:00-18:00")


@pytest.mark.parametrize("written", ["notify-send 'A note'", "[notify-send, A note]"])
def test_a_command_may_be_one_line_or_its_words(written: str) -> None:
    notify = configuration({"afterword.yaml": f"{SETTINGS}notify: {{command: {written}}}\n"}).notify

    assert isinstance(notify, Notify)
    assert notify.command == ("notify-send", "A note")


def test_rules_come_in_the_order_of_the_files_and_in_them() -> None:
    rules = "rules:\n" + "".join(RULES.removeprefix("rules:\n").replace("coffee", name) for name in "cb")
    found = configuration({"rules/a.yaml": rules, "rules/0.yaml": RULES, "rules/b.yaml": "rules: []\n"})

    assert [rule.id for rule in found.rules] == ["coffee", "c", "b"]


def test_a_step_as_it_is_written() -> None:
    (rule,) = configuration({"rules/a.yaml": step("template: thank-you, after: 1d 2h, by: 3 business days")}).rules

    assert rule.steps[0].template == ("thank-you",)
    assert rule.steps[0].after == Duration(days=1, minutes=120)
    assert rule.steps[0].by == Duration(business_days=3)
    assert rule.steps[0].window == Window.any()


def test_people_by_the_path_that_their_entry_has() -> None:
    people = """\
people:
  - name: Dana Okafor
    emails: [Dana@acme.example, dana.okafor@home.example, dana@acme.example]
    tags: network
    organisation: Acme
    language: en
    time_zone: Europe/Lisbon
    notes: Hiring a data lead in spring
    do_not_contact: true
"""
    settings = f"{SETTINGS}contacts: [{{people: ./people.yaml}}]\n"
    found = configuration({"afterword.yaml": settings, "people.yaml": people})

    assert found.people == {
        str(FOLDER / "people.yaml"): (
            Person(
                "Dana Okafor",
                ("dana@acme.example", "dana.okafor@home.example"),
                ("network",),
                "Acme",
                "en",
                "Europe/Lisbon",
                "Hiring a data lead in spring",
                do_not_contact=True,
            ),
        )
    }
    assert [one.model_dump() for one in found.contacts] == [{"people": str(FOLDER / "people.yaml")}]


def test_a_template_in_the_language_of_the_person_is_taken() -> None:
    portuguese = "---\nsubject: Obrigado\n---\nCara {{ person.first_name }},\n"
    found = configuration({"templates/thank-you.pt.md": portuguese})

    assert found.templates.pick("thank-you", "pt-BR").name == "thank-you.pt"


def test_servers_of_every_kind_are_understood() -> None:
    text = """\
version: 1
me: {name: Robin Vale, emails: [robin@example.org], time_zone: Europe/Lisbon}
calendars:
  - {id: cloud, caldav: "https://cloud.example/dav/", user: robin, password: {command: pass show cloud}}
  - {id: work, google: primary}
contacts:
  - {carddav: "https://cloud.example/dav/", user: robin, password: {credential: cloud}}
  - {google: {}}
mailbox: {imap: mail.example.org, user: robin, password: {keyring: mail}, drafts: Entwürfe}
"""
    document, problems = read_yaml(text, "afterword.yaml")
    assert document is not None
    settings, faults = validate(document, Settings)

    assert (*problems, *faults) == ()
    assert settings is not None
    assert isinstance(settings.mailbox, Imap)
    assert settings.mailbox.drafts == "Entwürfe"
    assert loaded({"afterword.yaml": text}).problems == ()


def test_who_writes_into_a_calendar_is_what_its_entry_says_and_where_it_lies() -> None:
    entries = (
        "{id: file, ics: calendars/}",
        "{id: fetched, ics: 'https://calendar.example/robin.ics'}",
        "{id: mine, ics: 'https://calendar.example/robin.ics', only_mine: true}",
        "{id: cloud, caldav: cloud.example}",
        "{id: google, google: primary, only_mine: true}",
    )
    at = SETTINGS.index("calendars:")
    settings = SETTINGS[:at] + f"calendars: [{', '.join(entries)}]\n" + SETTINGS[at:].split("\n", 1)[1]
    found = configuration({"afterword.yaml": settings})

    assert found.writers == {
        "file": Writers.GUESTS,
        "fetched": Writers.OTHERS,
        "mine": Writers.ME,
        "cloud": Writers.GUESTS,
        "google": Writers.ME,
    }
