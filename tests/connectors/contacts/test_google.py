"""The contacts of a Google account: the suite of all address books, and what is Google's own."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from connectors.base import PermissionNeededError, TransientError
from connectors.contacts.cards import Cards, read_cards
from connectors.contacts.google import GoogleContacts
from connectors.google.account import Account
from connectors.google.permission import Consent, Token, load, save
from connectors.google.scopes import Service, scopes
from tests.conformance.contacts import DANA, AddressBookSuite, Backend, read
from tests.connectors.google.raw import listening
from tests.connectors.google.test_transport import answering, says
from tests.google.oauth import CLIENT_ID, CLIENT_SECRET
from tests.google.standin import Google

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

NOW = datetime(2026, 3, 3, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
CONTACTS = frozenset({Service.CONTACTS})


@dataclass
class Kept:
    """A memory that is a text."""

    text: str | None = None

    def recall(self) -> str | None:
        return self.text

    def keep(self, text: str) -> None:
        self.text = text


@pytest.fixture
def google() -> Iterator[Google]:
    with Google() as running:
        yield running


@pytest.fixture
def account(google: Google, tmp_path: Path) -> Account:
    asked = tuple(scope.address for scope in scopes(CONTACTS))
    save(tmp_path, Token(google.token(asked), CLIENT_ID, CLIENT_SECRET, f"{google.url}/token", asked, NOW, NOW))
    return Account(Consent(tmp_path, lambda: NOW), google.url, pause=lambda _: None)


def person(name: str = "Dana Okafor", *emails: str, **fields: Any) -> dict[str, Any]:
    return {
        "names": [{"displayName": name}],
        "emailAddresses": [{"value": email} for email in emails or ("dana@acme.example",)],
        **fields,
    }


def load_token(folder: Path) -> str:
    token = load(folder)
    assert token is not None
    return token.refresh_token


def paths(google: Google) -> list[str]:
    return [asked.path.rpartition("/")[2] for asked in google.requests if asked.method == "GET"]


@dataclass
class Hand:
    """Cards, put into the account as Google would import them."""

    google: Google
    account: Account
    names: dict[str, list[str]] = field(default_factory=dict)
    memory: Kept = field(default_factory=Kept)

    @property
    def book(self) -> GoogleContacts:
        return GoogleContacts(self.account, self.memory, NOW, timedelta())

    def put(self, name: str, cards: bytes) -> None:
        if name in self.names:
            self.take(name)
        read_in = Cards()
        read_cards(cards, name, read_in)
        self.names[name] = [self.google.people.put(person(one.name, *one.emails)) for one in read_in.tagged()]

    def take(self, name: str) -> None:
        for one in self.names.pop(name):
            self.google.people.delete(one)


class TestGoogleContacts(AddressBookSuite):
    @pytest.fixture
    def fresh(self, google: Google, account: Account) -> Callable[[], Backend]:
        return lambda: Hand(google, account)


def test_all_that_a_rule_or_a_template_can_use_is_read(google: Google, account: Account) -> None:
    label = google.people.group("network")
    google.people.put(
        person(
            "Dana Okafor", "dana@home.example", "Dana@ACME.example",
            emailAddresses=[{"value": "dana@home.example"},
                            {"value": "Dana@ACME.example", "metadata": {"primary": True}}],
            organizations=[{"name": "Acme"}], biographies=[{"value": "Hiring\na data lead"}],
            locales=[{"value": "pt-BR"}],
            memberships=[{"contactGroupMembership": {"contactGroupResourceName": group}}
                         for group in (label, "contactGroups/myContacts")],
        )
    )  # fmt: skip
    (dana,), flaws = read(GoogleContacts(account, Kept(), NOW))
    assert flaws == []
    assert (dana.name, dana.emails) == ("Dana Okafor", ("dana@acme.example", "dana@home.example"))
    assert (dana.organisation, dana.language, dana.notes) == ("Acme", "pt-BR", "Hiring\na data lead")
    assert (dana.tags, dana.known) == (("network",), True)


def test_what_is_hardly_an_hour_old_is_not_asked_for_again(google: Google, account: Account) -> None:
    google.people.put(person())
    memory = Kept()
    tag = GoogleContacts(account, memory, NOW).tag()
    before = len(google.requests)
    book = GoogleContacts(account, memory, NOW + timedelta(minutes=59))
    assert (book.tag(), len(read(book)[0]), len(google.requests)) == (tag, 1, before)


def test_after_an_hour_only_what_changed_is_asked_for(google: Google, account: Account) -> None:
    gone, kept = google.people.put(person("Lee", "lee@beta.example")), google.people.put(person())
    memory = Kept()
    GoogleContacts(account, memory, NOW).people()
    google.people.delete(gone)
    google.people.put({**person("Dana Adler"), "resourceName": kept})
    google.people.put(person("Kim", "kim@beta.example"))
    people, _ = read(GoogleContacts(account, memory, NOW + HOUR))
    assert sorted(one.name for one in people) == ["Dana Adler", "Kim"]
    assert google.requests[-2].query["syncToken"]
    assert paths(google).count("connections") == 2


def test_a_token_that_has_run_out_means_a_full_look(google: Google, account: Account) -> None:
    google.people.put(person())
    memory = Kept()
    tag = GoogleContacts(account, memory, NOW).tag()
    google.people.expire_sync_tokens()
    assert GoogleContacts(account, memory, NOW + HOUR).tag() == tag


def test_a_token_that_is_none_of_this_account_means_a_full_look(google: Google, account: Account) -> None:
    google.people.put(person())
    memory = Kept()
    tag = GoogleContacts(account, memory, NOW).tag()
    memory.keep(json.dumps({**json.loads(memory.recall() or ""), "token": "of somebody else"}))
    assert GoogleContacts(account, memory, NOW + HOUR).tag() == tag


def test_thousands_come_by_pages(google: Google, account: Account) -> None:
    google.people.page_size = 100
    for number in range(1050):
        google.people.put(person(f"Number {number}", f"n{number}@beta.example"))
    assert len(read(GoogleContacts(account, Kept(), NOW))[0]) == 1050


def test_a_renamed_label_is_another_tag(google: Google, account: Account) -> None:
    label = google.people.group("network")
    member = [{"contactGroupMembership": {"contactGroupResourceName": label}}]
    google.people.put(person(memberships=member))
    memory = Kept()
    GoogleContacts(account, memory, NOW).tag()
    google.people.rename_group(label, "circle")
    assert read(GoogleContacts(account, memory, NOW + HOUR))[0][0].tags == ("circle",)


def test_a_contact_with_a_broken_address_is_told_and_hinders_no_other(google: Google, account: Account) -> None:
    google.people.put(person("Cut", "no address"))
    google.people.put(person())
    people, (flaw,) = read(GoogleContacts(account, Kept(), NOW))
    assert [one.name for one in people] == ["Dana Okafor"]
    assert flaw.message == "'no address' of Cut is not an email address"


def test_hostile_texts_become_no_lines(google: Google, account: Account) -> None:
    google.people.put(person("Dana\r\nBcc: evil@x.example\0", "dana@acme.example", organizations=[{"name": "A\nB"}]))
    google.people.put({"names": "none", "emailAddresses": [None, {"value": 7}], "memberships": [{}]})
    (dana,), _ = read(GoogleContacts(account, Kept(), NOW))
    assert (dana.name, dana.organisation) == ("Dana Bcc: evil@x.example", "A B")


def test_a_contact_whose_name_at_google_changed_is_there_once(google: Google, account: Account) -> None:
    """PersonMetadata.previousResourceNames: so it is when a contact is linked with a profile."""
    old = google.people.put(person("Dana Okafor", "dana@old.example"))
    memory = Kept()
    GoogleContacts(account, memory, NOW).people()
    google.people.rename(old, "people/c900")
    google.people.rename("people/c900", "people/103")
    google.people.put(google.people.persons["people/103"] | person("Dana Adler"))
    (dana,), _ = read(GoogleContacts(account, memory, NOW + HOUR))
    assert (dana.name, dana.emails) == ("Dana Adler", ("dana@acme.example",))
    assert paths(google).count("connections") == 2


CONTACT = {"name": "Lee", "emails": ["lee@beta.example"], "organisation": "", "language": "", "notes": "", "labels": []}
KEPT = {
    "version": 1,
    "of": NOW.isoformat(),
    "at": NOW.isoformat(),
    "token": "",
    "labels": {},
    "people": {"people/c1": CONTACT},
}


def test_a_memory_in_form_is_trusted(google: Google, account: Account) -> None:
    (lee,), _ = read(GoogleContacts(account, Kept(json.dumps(KEPT)), NOW))
    assert (lee.name, google.requests) == ("Lee", [])


@pytest.mark.parametrize(
    "damage",
    [
        {"at": "2026-03-03T12:00:00"},
        {"of": "somebody@example.org"},
        {"at": 5},
        {"token": None},
        {"labels": []},
        {"labels": {"contactGroups/g1": 5}},
        {"people": []},
        {"people": {"people/c1": {"name": "Lee"}}},
        {"people": {"people/c1": "Lee"}},
        {"people": {"people/c1": CONTACT | {"emails": "lee@beta.example"}}},
        {"people": {"people/c1": CONTACT | {"emails": [5]}}},
        {"people": {"people/c1": CONTACT | {"labels": [["a"]]}}},
        {"people": {"people/c1": CONTACT | {"notes": None}}},
    ],
)
def test_a_damaged_memory_means_a_full_look(google: Google, account: Account, damage: dict[str, Any]) -> None:
    google.people.put(person())
    people, _ = read(GoogleContacts(account, Kept(json.dumps(KEPT | damage)), NOW))
    assert [one.name for one in people] == ["Dana Okafor"]


@pytest.mark.parametrize(
    "answer",
    [
        {"connections": ["x"]},
        {"connections": {"a": 1}},
        {"connections": 5},
        {"connections": [{"names": []}]},
        {"connections": [{"resourceName": 5}]},
        {"connections": [{"resourceName": "people/c1", "metadata": "x"}]},
        {"connections": [{"resourceName": "people/c1", "memberships": ["x"]}]},
        {"connections": [{"resourceName": "people/c1", "emailAddresses": [{"metadata": "x"}]}]},
        {"nextSyncToken": ["x"]},
        {"nextPageToken": 5},
        {"nextPageToken": "the same again"},
        {"contactGroups": ["x"]},
        {"contactGroups": [{"name": "network"}]},
    ],
)
def test_an_answer_in_another_form_is_none_and_what_was_known_is_kept(tmp_path: Path, answer: dict[str, Any]) -> None:
    data = json.dumps(answer).encode()
    memory = Kept(json.dumps(KEPT))
    with listening(answering(says(data, length=len(data)))) as raw:
        asked = tuple(scope.address for scope in scopes(CONTACTS))
        far = datetime(9000, 1, 1, tzinfo=UTC)
        save(tmp_path, Token("1//r", CLIENT_ID, CLIENT_SECRET, f"{raw.url}/token", asked, NOW, NOW, "ya29.good", far))
        account = Account(Consent(tmp_path, lambda: NOW), raw.url, pause=lambda _: None)
        with pytest.raises(TransientError, match="your Google contacts cannot be read"):
            GoogleContacts(account, memory, NOW + HOUR).people()
    assert memory == Kept(json.dumps(KEPT))


@pytest.mark.parametrize("text", ["", "null", "{}", "[1]", '{"version": 1}', '{"version": 99}', "[" * 100_000])
def test_a_memory_of_no_use_means_a_full_look(google: Google, account: Account, text: str) -> None:
    google.people.put(person())
    assert len(read(GoogleContacts(account, Kept(text), NOW))[0]) == 1


def test_a_permission_that_was_taken_back_is_told_with_the_command(
    google: Google, account: Account, tmp_path: Path
) -> None:
    google.people.put(person())
    GoogleContacts(account, Kept(), NOW).tag()
    google.forget_access_tokens()
    google.withdraw(load_token(tmp_path))
    with pytest.raises(PermissionNeededError, match="no longer accepts") as refused:
        GoogleContacts(account, Kept(), NOW).tag()
    assert "afterword auth google" in (refused.value.hint or "")


def test_the_cards_of_the_suite_are_those_that_google_would_import() -> None:
    read_in = Cards()
    read_cards(DANA, "a.vcf", read_in)
    assert [one.emails for one in read_in.tagged()] == [("dana@acme.example",)]
