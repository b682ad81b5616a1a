"""A permission that is kept, and what is known of the account that gave it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from connectors.base import PermissionNeededError
from connectors.google.permission import load
from daemon.configuration import load_configuration
from daemon.connect import KEPT, Connect
from daemon.permit import foreign, keep
from tests.google.permitted import NOW, consented
from tests.google.standin import Google

if TYPE_CHECKING:
    from pathlib import Path

SETTINGS = """\
version: 1
me: {{name: Robin Vale, emails: [robin@example.org], time_zone: Europe/Lisbon}}
calendars: [{{id: work, google: primary}}]
mailbox: {mailbox}
google: {{endpoint: '{url}'}}
"""


def kept(tmp_path: Path, google: Google, mailbox: str = "{gmail: {}}") -> str:
    """The account of a permission that was given just now; then its connectors remember something."""
    config, state = tmp_path / "config", tmp_path / "state"
    config.mkdir(exist_ok=True)
    (config / "rules").mkdir(exist_ok=True)
    (config / "rules" / "none.yaml").write_text("rules: []\n")
    (config / "afterword.yaml").write_text(SETTINGS.format(mailbox=mailbox, url=google.url))
    token = consented(google, tmp_path / "given", account="")
    return keep(state, token, load_configuration(config), lambda: NOW)


def remembered(tmp_path: Path) -> set[str]:
    return {name for name in KEPT if (tmp_path / "state" / name).exists()}


def remember(tmp_path: Path) -> None:
    for name in KEPT:
        (tmp_path / "state" / name).write_text("{}")


def test_the_account_is_told_and_kept_beside_its_token(tmp_path: Path) -> None:
    with Google("robin@example.org") as google:
        assert kept(tmp_path, google) == "robin@example.org"
    token = load(tmp_path / "state")
    assert token is not None
    assert (token.account, token.granted) == ("robin@example.org", NOW)


def test_what_is_known_of_the_same_account_stays(tmp_path: Path) -> None:
    with Google("robin@example.org") as google:
        kept(tmp_path, google)
        remember(tmp_path)
        kept(tmp_path, google)
    assert remembered(tmp_path) == set(KEPT)


def test_what_is_known_of_another_account_is_forgotten(tmp_path: Path) -> None:
    with Google("robin@example.org") as google:
        kept(tmp_path, google)
    remember(tmp_path)
    with Google("other@example.org") as google:
        assert kept(tmp_path, google) == "other@example.org"
    assert remembered(tmp_path) == set()


@pytest.mark.parametrize("mailbox", ["{gmail: {}}", "{maildir: Mail}"])
def test_where_the_account_cannot_be_known_the_permission_is_kept(tmp_path: Path, mailbox: str) -> None:
    with Google("robin@example.org") as google:
        google.fail("/profile$", 403, "forbidden")
        assert kept(tmp_path, google, mailbox) == ""
    assert load(tmp_path / "state") is not None


@pytest.mark.parametrize(("account", "told"), [
    ("robin@example.org", False), ("Robin@Example.org", False), ("", False), ("robin@gmail.com", True),
])  # fmt: skip
def test_an_account_that_is_none_of_the_users_addresses_is_told(account: str, told: bool) -> None:
    problem = foreign(account, ["robin@example.org"])
    assert (problem is not None and problem.message.startswith(f"{account} is not among your addresses")) is told


@pytest.mark.parametrize("emails", ["[robin@example.org]", "[robin@example.org, other@example.org]"])
def test_an_account_that_is_none_of_mine_is_not_asked(tmp_path: Path, emails: str) -> None:
    """Its mailbox is another: drafts that lie in mine would count as deleted."""
    with Google("other@example.org") as google:
        kept(tmp_path, google)
        settings = SETTINGS.format(mailbox="{gmail: {}}", url=google.url).replace("[robin@example.org]", emails)
        (tmp_path / "config" / "afterword.yaml").write_text(settings)
        google.requests.clear()
        mailbox = Connect(load_configuration(tmp_path / "config"), tmp_path / "state", now=lambda: NOW).mailbox()
        if "other" in emails:
            mailbox.look("", frozenset())
            return
        with pytest.raises(PermissionNeededError, match=r"that of other@example\.org") as caught:
            mailbox.look("", frozenset())
        assert "afterword auth google" in (caught.value.hint or "")
        assert google.requests == []
