"""A service account that asks in the name of a user, and what only an administrator mends.

https://developers.google.com/identity/protocols/oauth2/service-account
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from connectors.base import ConnectorError, PermissionNeededError
from connectors.google.account import Account
from connectors.google.errors import COMMAND
from connectors.google.permission import ServiceAccount
from connectors.google.scopes import scopes
from tests.google.permitted import EVERYTHING
from tests.google.standin import Google

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

SCOPES = tuple(scope.address for scope in scopes(EVERYTHING))


def looked(account: Account) -> dict[str, Any]:
    return account.ask(account.calendar.events().list(calendarId="primary"), "the calendar primary")


@pytest.fixture(scope="module")
def organisation() -> Iterator[Google]:
    with Google("robin@example.org") as running:
        yield running


def key_of(google: Google, folder: Path, reach: tuple[str, ...] = SCOPES, /, **fields: object) -> Path:
    file = folder / "key.json"
    file.write_text(json.dumps({**google.service_key(reach), **fields}))
    file.chmod(0o600)
    return file


def delegated(google: Google, key: Path, subject: str = "robin@example.org") -> Account:
    return Account(ServiceAccount(key, subject, EVERYTHING), google.url, pause=lambda _: None)


def test_a_service_account_asks_in_the_name_of_the_user(organisation: Google, tmp_path: Path) -> None:
    assert looked(delegated(organisation, key_of(organisation, tmp_path)))["summary"] == "robin@example.org"


@pytest.mark.parametrize(("subject", "reach"), [("dana@example.org", SCOPES), ("robin@example.org", SCOPES[1:])])
def test_one_without_delegation_says_what_the_administrator_is_to_enter(
    organisation: Google, tmp_path: Path, subject: str, reach: tuple[str, ...]
) -> None:
    account = delegated(organisation, key_of(organisation, tmp_path, reach), subject)
    with pytest.raises(PermissionNeededError, match=f"in the name of {subject}") as caught:
        looked(account)
    assert ",".join(SCOPES) in (caught.value.hint or "")


def test_one_whose_delegation_lacks_a_scope_serves_for_the_rest(organisation: Google, tmp_path: Path) -> None:
    account = delegated(organisation, key_of(organisation, tmp_path, SCOPES[:1]))
    assert looked(account)["summary"] == "robin@example.org"
    with pytest.raises(PermissionNeededError, match="in the name of"):
        account.ask(account.gmail.users().getProfile(userId="me"), "the mailbox")


def test_a_key_that_was_deleted_is_to_be_made_anew(organisation: Google, tmp_path: Path) -> None:
    other = organisation.service_key(SCOPES)["private_key"]
    with pytest.raises(PermissionNeededError, match="Invalid JWT Signature") as caught:
        looked(delegated(organisation, key_of(organisation, tmp_path, private_key=other)))
    assert "Download the key" in (caught.value.hint or "")
    assert COMMAND not in (caught.value.hint or "")


@pytest.mark.parametrize(("status", "reason"), [
    (401, "authError"), (403, "insufficientPermissions"), (403, "forbidden"), (404, "notFound"),
    (400, "failedPrecondition"),
])  # fmt: skip
def test_what_a_service_account_may_not_see_is_nothing_that_the_command_mends(
    organisation: Google, tmp_path: Path, status: int, reason: str
) -> None:
    organisation.fail("/calendars/", status, reason, times=3)
    with pytest.raises(ConnectorError) as caught:
        looked(delegated(organisation, key_of(organisation, tmp_path)))
    assert COMMAND not in (caught.value.hint or ""), caught.value.message


@pytest.mark.parametrize(
    "fields",
    [{"private_key": "none"}, {"private_key": 5}, {"client_email": None}, {"token_uri": "https://evil.example/token"}],
)
def test_a_key_that_cannot_be_used_is_named(organisation: Google, tmp_path: Path, fields: dict[str, object]) -> None:
    key = key_of(organisation, tmp_path, **fields)
    if fields.get("client_email", "") is None:
        key.write_text(json.dumps({k: v for k, v in json.loads(key.read_text()).items() if k != "client_email"}))
    with pytest.raises(PermissionNeededError, match="the key of the service account") as caught:
        looked(delegated(organisation, key))
    assert caught.value.file == str(key)


@pytest.mark.parametrize("text", ["", "[]", "{", "[" * 50_000, '"text"'])
def test_a_file_that_is_no_key_is_named(organisation: Google, tmp_path: Path, text: str) -> None:
    (tmp_path / "key.json").write_text(text)
    (tmp_path / "key.json").chmod(0o600)
    with pytest.raises(PermissionNeededError, match=r"key of (a|the) service account") as caught:
        looked(delegated(organisation, tmp_path / "key.json"))
    assert caught.value.file == str(tmp_path / "key.json")


def test_a_key_that_is_not_there_is_named(organisation: Google, tmp_path: Path) -> None:
    with pytest.raises(PermissionNeededError, match="there is no key of a service account"):
        looked(delegated(organisation, tmp_path / "missing.json"))


@pytest.mark.parametrize("mode", [0o604, 0o640, 0o620, 0o644])
def test_a_key_that_others_can_read_or_write_is_not_used(organisation: Google, tmp_path: Path, mode: int) -> None:
    key = key_of(organisation, tmp_path)
    key.chmod(mode)
    with pytest.raises(PermissionNeededError, match=f"key of the service account in .* mode is {mode:o}") as caught:
        looked(delegated(organisation, key))
    assert f"chmod 600 {key}" in (caught.value.hint or "")
