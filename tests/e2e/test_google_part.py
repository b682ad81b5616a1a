"""What of Google's lacks its permission stops nothing else of Google's: the real command at the stand-in."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from connectors.google.scopes import Service
from tests.cases.home import THANKS
from tests.daemon.command import Told, afterword
from tests.e2e.test_google_cost import DANA, FAMILY, SETTINGS, TEMPLATE, Home
from tests.google.permitted import consented
from tests.google.standin import Google

if TYPE_CHECKING:
    from pathlib import Path


def once(home: Home, services: frozenset[Service]) -> Told:
    """One cycle, two hours after a coffee with Dana, with a consent to these services."""
    home.google.calendar(FAMILY)
    texts = {
        "rules/soft.yaml": THANKS,
        "templates/thank-you.md": TEMPLATE,
        "afterword.yaml": SETTINGS.format(url=home.google.url, family=FAMILY),
    }
    for name, text in texts.items():
        path = home.root / "config" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    consented(home.google, home.root / "state", services, now=datetime.now(UTC))
    home.met("Dana Okafor", DANA, 13)
    places = ("--config", str(home.root / "config"), "--state", str(home.root / "state"))
    return afterword(home.root, *places, "once", "--at", "2026-03-03T18:30:00+00:00", "--json")


def test_without_the_box_for_contacts_the_note_is_placed_and_the_command_is_named(tmp_path: Path) -> None:
    with Google() as google:
        told = once(Home(tmp_path, google), frozenset({Service.CALENDAR, Service.MAIL}))
        assert [one["to"][0]["email"] for one in told.json["placed"]] == [DANA]
        assert len(google.mail.drafts) == 1
    ((source, message, hint),) = [(one["source"], one["message"], one["hint"]) for one in told.json["problems"]]
    assert (source, told.code) == ("google contacts", 1)
    assert "does not cover this: to know the people in your address book" in message
    assert "`afterword auth google`" in hint
