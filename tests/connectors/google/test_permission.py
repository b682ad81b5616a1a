"""The file of the permission, and what it means that Google does not take it."""

from __future__ import annotations

import json
import os
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from google.auth.exceptions import RefreshError, TransportError

from connectors.base import ConnectorError, PermissionNeededError, TransientError
from connectors.google.account import Account
from connectors.google.errors import COMMAND
from connectors.google.permission import FILE, Consent, Token, load, save
from connectors.google.scopes import Service, lacking, scopes
from connectors.retry import AgainError
from tests.google.permitted import EVERYTHING, NOW, consented, permitted
from tests.google.standin import Google

if TYPE_CHECKING:
    from collections.abc import Iterator

GOOGLE = "https://oauth2.googleapis.com/token"
SCOPES = tuple(scope.address for scope in scopes(EVERYTHING))
TOKEN = Token("1//refresh", "client", "secret", GOOGLE, SCOPES, NOW, NOW, "ya29.access", NOW + timedelta(hours=1))


@pytest.fixture
def google() -> Iterator[Google]:
    with Google() as running:
        yield running


def looked(account: Account) -> dict[str, Any]:
    return account.ask(account.calendar.events().list(calendarId="primary"), "the calendar primary")


# --- the file ---


def test_what_was_saved_is_loaded(tmp_path: Path) -> None:
    save(tmp_path / "state", TOKEN)
    assert load(tmp_path / "state") == TOKEN


def test_where_nobody_consented_there_is_none(tmp_path: Path) -> None:
    assert load(tmp_path) is None


def test_nobody_else_can_read_it_whatever_the_umask_is(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        save(tmp_path / "state", TOKEN)
    finally:
        os.umask(before)
    assert (tmp_path / "state" / FILE).stat().st_mode & 0o777 == 0o600
    assert (tmp_path / "state").stat().st_mode & 0o777 == 0o700


def test_a_file_that_others_could_read_is_made_anew_and_not_opened(tmp_path: Path) -> None:
    save(tmp_path, TOKEN)
    (tmp_path / FILE).chmod(0o644)
    save(tmp_path, TOKEN)
    assert (tmp_path / FILE).stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("mode", [0o604, 0o640, 0o620, 0o644, 0o660])
def test_one_that_others_can_read_or_write_is_not_used(tmp_path: Path, mode: int) -> None:
    save(tmp_path, TOKEN)
    (tmp_path / FILE).chmod(mode)
    with pytest.raises(PermissionNeededError, match=f"mode is {mode:o}") as caught:
        load(tmp_path)
    assert f"chmod 600 {tmp_path / FILE}" in (caught.value.hint or "")
    assert caught.value.file == str(tmp_path / FILE)


def changed(**fields: object) -> str:
    return json.dumps({**json.loads(TOKEN.to_json()), **fields})


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "[]",
        "null",
        TOKEN.to_json()[:-20],
        "[" * 50_000,
        " " * 100_000 + TOKEN.to_json(),
        changed(granted="yesterday"),
        changed(granted="0001-01-01T00:00:00+14:00"),
        changed(granted="2026-03-02T09:00:00"),
        changed(granted=5),
        changed(refresh_token=None),
        changed(scopes=5),
        changed(scopes=[5]),
        changed(expires=5),
        changed(more="than is known"),
        "{}",
    ],
)
def test_a_damaged_one_names_the_command_that_makes_a_new_one(tmp_path: Path, text: str) -> None:
    save(tmp_path, TOKEN)
    (tmp_path / FILE).write_text(text)
    with pytest.raises(PermissionNeededError, match="is damaged") as caught:
        load(tmp_path)
    assert COMMAND in (caught.value.hint or "")


def test_one_that_is_no_text_or_no_file_cannot_be_read(tmp_path: Path) -> None:
    save(tmp_path, TOKEN)
    (tmp_path / FILE).write_bytes(b"\xff\xfe")
    with pytest.raises(PermissionNeededError, match="cannot be read"):
        load(tmp_path)
    (tmp_path / FILE).unlink()
    (tmp_path / FILE).mkdir(mode=0o700)
    with pytest.raises(PermissionNeededError, match="cannot be read"):
        load(tmp_path)


def test_a_save_that_fails_leaves_the_old_one_and_no_other_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    save(tmp_path, TOKEN)

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    for step in ("os.fsync", "pathlib.Path.replace"):
        with monkeypatch.context() as broken:
            broken.setattr(step, full)
            with pytest.raises(OSError, match="No space"):
                save(tmp_path, Token("1//other", "client", "secret", GOOGLE, SCOPES, NOW, NOW))
        assert load(tmp_path) == TOKEN
        assert [one.name for one in tmp_path.iterdir()] == [FILE]


def test_nothing_of_it_stands_in_an_error(tmp_path: Path) -> None:
    save(tmp_path, TOKEN)
    (tmp_path / FILE).write_text(TOKEN.to_json()[:-3])
    with pytest.raises(PermissionNeededError) as caught:
        load(tmp_path)
    assert "refresh" not in f"{caught.value.message}{caught.value.hint}"


# --- scopes ---


@pytest.mark.parametrize("service", Service)
def test_each_service_lacks_what_was_granted_for_another(service: Service) -> None:
    used = EVERYTHING - {Service.IMAP} | {service}  # what is granted for IMAP covers mail, too
    others = frozenset(scope.address for scope in scopes(used - {service}))
    assert lacking(used, others) == scopes(frozenset({service}))
    assert lacking(used - {service}, others) == ()


def test_the_permission_for_imap_covers_gmail_and_nothing_else() -> None:
    granted = frozenset(scope.address for scope in scopes(frozenset({Service.IMAP})))
    assert lacking(frozenset({Service.MAIL, Service.IMAP}), granted) == ()
    assert lacking(EVERYTHING, granted) == scopes(frozenset({Service.CALENDAR, Service.CONTACTS}))


def test_a_scope_that_lacks_is_told_before_anything_is_asked_and_stops_its_own_service_alone(
    google: Google, tmp_path: Path
) -> None:
    consented(google, tmp_path, frozenset({Service.CALENDAR}))
    account = Account(Consent(tmp_path, lambda: NOW), google.url)
    for service, reach in (("gmail", "to lay drafts"), ("people", "to know the people in your address book")):
        with pytest.raises(PermissionNeededError, match=f"does not cover this: {reach}") as caught:
            getattr(account, service)
        assert "tick all boxes" in (caught.value.hint or "")
    assert google.requests == []
    assert looked(account)["items"] == []


def test_without_consent_the_command_is_named(google: Google, tmp_path: Path) -> None:
    with pytest.raises(PermissionNeededError) as caught:
        looked(Account(Consent(tmp_path, lambda: NOW), google.url))
    assert COMMAND in (caught.value.hint or "")


def test_a_permission_of_another_server_than_google_is_not_sent_there(google: Google, tmp_path: Path) -> None:
    """An emulator was tried, and is no more in the settings."""
    consented(google, tmp_path)
    with pytest.raises(PermissionNeededError, match="not given by Google but by"):
        looked(Account(Consent(tmp_path, lambda: NOW)))
    assert google.requests == []


# --- access tokens ---


def test_an_access_token_is_kept_for_the_next_cycles(google: Google, tmp_path: Path) -> None:
    looked(permitted(google, tmp_path))
    later = NOW + timedelta(minutes=30)
    looked(Account(Consent(tmp_path, lambda: later), google.url))
    assert [one.path for one in google.requests].count("/token") == 1
    kept = load(tmp_path)
    assert kept is not None
    assert (kept.used, kept.granted) == (NOW, NOW)
    assert kept.expires is not None


def test_where_nothing_may_be_written_nothing_is(google: Google, tmp_path: Path) -> None:
    token = consented(google, tmp_path)
    looked(Account(Consent(tmp_path, lambda: NOW, write=False), google.url))
    assert load(tmp_path) == token


def test_a_state_that_cannot_be_written_does_not_hinder(google: Google, tmp_path: Path) -> None:
    account = permitted(google, tmp_path / "state")
    account.calendar  # noqa: B018 - the token is read here
    (tmp_path / "state" / FILE).unlink()
    (tmp_path / "state").rmdir()
    (tmp_path / "state").write_text("no folder any more")
    assert looked(account)["items"] == []


def test_a_consent_that_was_given_meanwhile_is_not_overwritten(google: Google, tmp_path: Path) -> None:
    account = permitted(google, tmp_path)
    account.calendar  # noqa: B018 - the token is read here
    newer = consented(google, tmp_path)
    looked(account)
    assert load(tmp_path) == newer


def test_a_consent_that_is_given_while_the_old_one_is_renewed_is_not_overwritten(
    google: Google, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    account = permitted(google, tmp_path)
    account.calendar  # noqa: B018 - the token is read here
    with ThreadPoolExecutor(1) as other:
        newer: list[Future[Token]] = []

        def looked_at(folder: Path) -> Token | None:
            """The user consents when the renewal has looked at what is kept, and not yet written."""
            found = load(folder)
            newer.append(other.submit(consented, google, folder))
            wait(newer, timeout=0.2)
            return found

        monkeypatch.setattr("connectors.google.token.load", looked_at)
        looked(account)
        given = newer[0].result()
        assert load(tmp_path) == given


# --- invalid_grant: https://developers.google.com/identity/protocols/oauth2#expiration ---

DAY = timedelta(days=1)


@pytest.mark.parametrize(
    ("granted", "used", "cause"),
    [
        (7 * DAY, timedelta(minutes=1), "seven days old"),
        (7 * DAY, 6 * DAY, "seven days old"),
        (30 * DAY, 23 * DAY, "seven days old"),  # asleep since
        (7 * DAY - timedelta(minutes=1), timedelta(minutes=5), "you took it back"),
        (timedelta(hours=1), timedelta(hours=1), "you took it back"),
        (30 * DAY, DAY, "you took it back"),  # it served for longer than a testing one could
        (400 * DAY, 180 * DAY, "six months"),
        (180 * DAY, 180 * DAY, "six months"),
        (400 * DAY, 179 * DAY, "you took it back"),
    ],
)
def test_the_dates_tell_which_known_cause_fits(
    google: Google, tmp_path: Path, granted: timedelta, used: timedelta, cause: str
) -> None:
    token = consented(google, tmp_path)
    aged = {"granted": NOW - granted, "used": NOW - used}
    save(tmp_path, Token(**{**{name: getattr(token, name) for name in Token.__slots__}, **aged}))
    google.withdraw(token.refresh_token)
    with pytest.raises(PermissionNeededError, match=cause) as caught:
        looked(Account(Consent(tmp_path, lambda: NOW), google.url))
    assert COMMAND in (caught.value.hint or "")


def refusal(*said: object) -> ConnectorError:
    return Consent(Path("nowhere"), lambda: NOW).refusal(RefreshError(*said))


def test_an_organisation_that_wants_a_new_sign_in_is_named() -> None:
    error = refusal("invalid_grant", {"error": "invalid_grant", "error_subtype": "invalid_rapt"})
    assert isinstance(error, PermissionNeededError)
    assert "new sign-in from time to time" in error.message


@pytest.mark.parametrize("code", ["invalid_client", "unauthorized_client", "deleted_client", "disabled_client"])
def test_a_client_that_is_gone_is_to_be_made_anew(code: str) -> None:
    error = refusal(code, {"error": code})
    assert isinstance(error, PermissionNeededError)
    assert "Download its file again" in (error.hint or "")


@pytest.mark.parametrize("code", ["admin_policy_enforced", "access_denied", "org_internal"])
def test_what_only_an_administrator_can_mend_says_so(code: str) -> None:
    error = refusal(code, {"error": code})
    assert isinstance(error, PermissionNeededError)
    assert "administrator" in (error.hint or "")


@pytest.mark.parametrize("said", [("what",), ("what", "text"), ("what", {}), ("what", {"error": ["x"]}), ()])
def test_anything_else_may_pass(said: tuple[object, ...]) -> None:
    assert type(refusal(*said)) is TransientError


def test_what_kept_google_from_being_asked_is_told_as_it_is() -> None:
    busy = AgainError("busy")
    assert Consent(Path("nowhere"), lambda: NOW).refusal(TransportError(busy)) is busy


def test_the_moments_are_aware(tmp_path: Path) -> None:
    other = timedelta(hours=2)
    save(tmp_path, Token("1//r", "c", "s", GOOGLE, SCOPES, NOW, NOW, "ya29.a", NOW.astimezone(UTC) + other))
    (tmp_path / FILE).write_text((tmp_path / FILE).read_text().replace("+00:00", "+02:00"))
    kept = load(tmp_path)
    assert kept is not None
    assert kept.granted == datetime(2026, 3, 2, 7, tzinfo=UTC)


def test_an_address_for_tokens_that_is_none_is_a_damaged_permission(tmp_path: Path) -> None:
    save(tmp_path, replace(TOKEN, token_uri="http://["))
    with pytest.raises(PermissionNeededError) as caught:
        Consent(tmp_path, lambda: NOW).transport(Service.CALENDAR, "http://127.0.0.1:1")
    assert COMMAND in (caught.value.hint or "")
